"""Alarm points on the map: where each stands, how it is and which alarm rings there, as columns for ten thousands of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import Any, Final

import msgspec

from fengsui.clock import Clock
from fengsui.features.access import Scope
from fengsui.features.alarms.actions import Alarms
from fengsui.features.alarms.hosts import AlarmHosts, Known
from fengsui.features.alarms.model import AlarmPoint

ARMED, DISARMED, TESTED, SILENT, ALWAYS = "01234"
"""A point's digit in `states`. `SILENT`: its host is not heard; `ALWAYS`: a button, or nobody said when it is to be armed."""
COLUMNS: Final = ("ids", "accounts", "zones", "names", "sites", "kinds", "longitudes", "latitudes")
MOST_RINGING: Final = 20_000
"""Open alarms that are looked at, the most urgent first."""
POINTS_A_TURN: Final = 2_000
"""So many before others of this process have their turn."""

PlaceOf = Callable[[str], tuple[float, float] | None]
"""By the account of a host: longitude and latitude of the protected place in which it stands."""


class PointMarks:
    """Of one node."""

    def __init__(self, hosts: AlarmHosts, alarms: Alarms, clock: Clock, place_of: PlaceOf) -> None:
        self._hosts = hosts
        self._alarms = alarms
        self._clock = clock
        self._place_of = place_of

    async def told(self, hosts: Sequence[Known], desks: Sequence[Scope], known: str) -> str:
        """The points of these hosts, of the shape `AlarmPointMarks`. `desks`: where whoever asks sees alarms; `known`: the print of
        what they have, of which only what changes is told. Raises StorageFault.
        """
        columns: dict[str, list[Any]] = {name: [] for name in COLUMNS}
        states, unplaced, looked = list[str](), 0, 0
        for one in hosts:
            unplaced += self._add(one, columns, states)
            if (turn := len(states) // POINTS_A_TURN) != looked:
                looked = turn
                await asyncio.sleep(0)
        body = msgspec.json.encode(columns)
        print_ = blake2b(body, digest_size=9).hexdigest()
        at = {id: place for place, id in enumerate(columns["ids"])}
        ringing = [
            {"at": at[one.point_id], "alarm": one.id, "priority": one.priority, "taken": one.taken}
            for one in await self._alarms.ringing(desks, MOST_RINGING)
            if one.point_id in at
        ]
        moving = {"points": print_, "states": "".join(states), "unplaced": unplaced, "ringing": ringing}
        if known == print_:
            body = msgspec.json.encode(dict.fromkeys(COLUMNS, ()))
        return f"{msgspec.json.encode(moving).decode()[:-1]},{body.decode()[1:]}"

    def _add(self, known: Known, columns: dict[str, list[Any]], states: list[str]) -> int:
        """How many of its points have no place."""
        host, now, unplaced = known.host, self._clock.now().timestamp(), 0
        of_site, of_host = self._place_of(host.account), ""
        for one in host.points.values():
            place = of_site if one.longitude is None or one.latitude is None else (one.longitude, one.latitude)
            if place is None:
                unplaced += 1
                continue
            if one.arming is None and one.kind != "button":
                of_host = state = of_host or self._armed(known, one, now)
            else:
                state = ALWAYS if one.kind == "button" else self._armed(known, one, now)
            states.append(SILENT if known.silent else TESTED if self._hosts.is_tested(one) else state)
            row = (one.id, host.account, one.zone, one.name, host.site, one.kind, *place)
            for name, value in zip(COLUMNS, row, strict=True):
                columns[name].append(value)
        return unplaced

    def _armed(self, known: Known, one: AlarmPoint, now: float) -> str:
        found = self._hosts.schedules.stands(known.host, one, now)
        return ALWAYS if found is None else ARMED if found else DISARMED
