"""What this node has to do with other nodes, put together: the bus, copies of our audit log there, and copies of theirs here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from fengsui.audit_settings import NODE_SCHEME
from fengsui.clock import Clock
from fengsui.features.access import Access, PlatformFunction
from fengsui.features.audit import Audit, AuditLog, Copies, Index, Place, Signer, place_of
from fengsui.features.neighbours import NeighbourPlace, Neighbours, pinned_keys
from fengsui.node_bus import NodeBus
from fengsui.settings import NodeSettings
from fengsui.store import Store


def places_of(settings: NodeSettings, bus: NodeBus, signer: Signer, clock: Clock, signed_to: Callable[[], int]) -> list[Place]:
    """Where the checkpoints of our log are pushed. Called on the bus's loop. Raises WrongSettings."""
    code, loop = settings.node.code, asyncio.get_running_loop()

    def place(where: str) -> Place:
        if where.startswith(NODE_SCHEME):
            return NeighbourPlace(where.removeprefix(NODE_SCHEME), code, bus, signer, clock, signed_to, loop)
        return place_of(where, code, settings.audit.bucket)

    return [place(where) for where in settings.audit.copies]


def audit_of(settings: NodeSettings, data: Path, bus: NodeBus, store: Store, clock: Clock, key: bytes) -> Audit:
    """Our log, with its copies; not yet started. `key` signs its checkpoints. Raises WrongSettings."""
    section = settings.audit
    folder = section.folder_in(data)
    files = AuditLog(folder, Signer(key), settings.node.code, clock, section.segment_mb << 20)
    places = places_of(settings, bus, files.signer, clock, lambda: files.signed_to)
    return Audit(files, Index(store, files), Copies(folder, places, clock), clock, section)


def neighbours_of(settings: NodeSettings, data: Path, bus: NodeBus, access: Access, audit: Audit, clock: Clock) -> Neighbours:
    """Whose checkpoints are kept here: exactly those may hand them in. Raises WrongSettings."""
    keys = pinned_keys(settings.audit)
    access.platforms.agreed = {code: (PlatformFunction.HAND_IN_CHECKPOINTS,) for code in keys}
    silent_s = settings.audit.neighbour_silent_s
    return Neighbours(data, keys, settings.node.code, bus, access, audit, clock, silent_s=silent_s)
