"""What was handed over of clips, on disk: a file that leaves the house outlasts the node's memory of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, NamedTuple

import structlog
from prometheus_client import Gauge

from fengsui.errors import StorageFault
from fengsui.features.clips import queries
from fengsui.features.clips.model import FootageFacts, Taken
from fengsui.store import Store

log = structlog.get_logger(__name__)
UNWRITTEN = Gauge("fengsui_clip_files_unwritten", "Manifests of clips that are not in the database yet")


class Kept(NamedTuple):
    """One file of a request, or a try; `manifest` empty: it is no file."""

    request: str
    taken: Taken
    manifest: Mapping[str, Any]


class ClipFiles:
    """Those that are not written yet are told as well; the media core tells of them where nobody can wait for a database."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._unwritten: list[Kept] = []

    def add(self, request: str, taken: Taken, manifest: Mapping[str, Any]) -> None:
        """It is written by the next `write`."""
        self._unwritten.append(Kept(request, taken, manifest))
        UNWRITTEN.set(len(self._unwritten))

    async def write(self) -> None:
        """What waits. A database that is away is tried again."""
        some = list(self._unwritten)
        if not some:
            return
        try:
            async with self._store.transaction(act=False) as tx:
                for one in some:
                    manifest = json.dumps(one.manifest, ensure_ascii=False) if one.manifest else ""
                    await queries.add(tx, one.request, one.taken.from_us, written(one.taken), manifest)
        except StorageFault as fault:
            log.error("manifests of clips could not be stored", files=len(some), why=str(fault))
            return
        del self._unwritten[: len(some)]
        UNWRITTEN.set(len(self._unwritten))

    async def of(self, requests: Sequence[str]) -> dict[str, list[Kept]]:
        """By request and where they begin. Of several that begin there the last that became a file: whoever has one keeps its hash.

        Raises StorageFault.
        """
        wanted = set(requests)
        waiting = [one for one in self._unwritten if one.request in wanted]
        async with self._store.reading() as tx:
            rows = await queries.of_requests(tx, list(requests))
        stored = [Kept(request, read(facts), json.loads(manifest) if manifest else {}) for request, facts, manifest in rows]
        found: dict[str, dict[int, Kept]] = {}
        for one in [*stored, *(one for one in waiting if one not in stored)]:
            parts = found.setdefault(one.request, {})
            known = parts.get(one.taken.from_us)
            if known is None or one.taken.is_file or not known.taken.is_file:
                parts[one.taken.from_us] = one
        return {request: [one for _, one in sorted(parts.items())] for request, parts in found.items()}


def written(taken: Taken) -> str:
    """As JSON."""
    return json.dumps(asdict(taken) | {"at": taken.at.isoformat()}, ensure_ascii=False)


def read(text: str) -> Taken:
    """The contrary."""
    told = json.loads(text)
    facts = told["footage"]
    pairs = {name: tuple((since, until) for since, until in facts[name]) for name in ("fetched", "missing")}
    ahead = facts["camera_ahead_us"]
    footage = FootageFacts(**{**facts, **pairs, "camera_ahead_us": None if ahead is None else tuple(ahead)})
    return Taken(**{**told, "at": datetime.fromisoformat(told["at"]), "footage": footage})
