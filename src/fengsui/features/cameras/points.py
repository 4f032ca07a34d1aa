"""Cameras on the map: where each stands and how it is, as columns for 110,000 of them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from hashlib import blake2b

from fengsui.features.access import CameraClass, Scope
from fengsui.features.cameras import point_queries
from fengsui.features.cameras.model import status_of
from fengsui.features.cameras.queries import within
from fengsui.features.devices import Devices
from fengsui.store import Store
from fengsui.wire.gb_code import CodeKind, kind_of

STATES = ("online", "offline", "fault", "unknown")
"""A camera's digit in `states` is its place here."""
DIGITS_A_TURN = 5_000
"""So many states are looked up before others of this process have their turn."""
INSIDE = ("devices", "statuses")
"""What the database knows of a state; who asks is told the state itself."""


def status_at(devices: Devices, device: str, item_status: str) -> str:
    """online, offline, fault or unknown: what the catalogue says, as far as its device is there to say it."""
    away = kind_of(device) is CodeKind.PLATFORM
    return status_of(item_status, devices.is_online(device), behind_platform=away, faulty=devices.shows_fault(device))


class CameraPoints:
    """Where cameras stand. Both texts are JSON objects; who may see what is up to the scope."""

    def __init__(self, store: Store, devices: Devices, default_class: CameraClass) -> None:
        self._store = store
        self._devices = devices
        self._default_class = default_class

    async def points(self, scope: Scope) -> str:
        """Everything the map shows, of the shape `CameraPoints`."""
        async with self._store.reading() as tx:
            found, unplaced = await point_queries.columns(tx, within(scope, self._default_class), self._default_class)
        shown = ",".join(f'"{name}":{column}' for name, column in found.items() if name not in INSIDE)
        return f'{{"cameras":"{_print(found)}","states":"{await self._states(found)}","unplaced":{unplaced},{shown}}}'

    async def states(self, scope: Scope) -> str:
        """How the same cameras are now, of the shape `CameraStates`."""
        async with self._store.reading() as tx:
            found = await point_queries.statuses(tx, within(scope, self._default_class))
        return f'{{"cameras":"{_print(found)}","states":"{await self._states(found)}"}}'

    async def _states(self, found: Mapping[str, str]) -> str:
        devices, statuses = [await asyncio.to_thread(json.loads, found[name]) for name in INSIDE]
        digits: dict[tuple[str, str], str] = {}
        written: list[str] = []
        for at in range(0, len(devices), DIGITS_A_TURN):
            for key in zip(devices[at : at + DIGITS_A_TURN], statuses[at : at + DIGITS_A_TURN], strict=True):
                digit = digits.get(key)
                if digit is None:
                    digit = digits[key] = str(STATES.index(status_at(self._devices, key[0], key[1] or "")))
                written.append(digit)
            await asyncio.sleep(0)
        return "".join(written)


def _print(found: Mapping[str, str]) -> str:
    """Of which cameras it is: whoever has other ones must ask for them anew."""
    return blake2b(found["codes"].encode(), digest_size=9).hexdigest()
