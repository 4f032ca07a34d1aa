"""What a device says that it has recorded, gathered from many messages as devices really send them. Pure. GB/T 28181-2022 §9.7."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from fengsui.wire.errors import WireError
from fengsui.wire.gb28181.manscdp import Manscdp
from fengsui.wire.gb28181.records import RecordAnswer, RecordItem, RecordQuery
from fengsui.wire.sip.headers import BEIJING, parse_gb_date

PART_S = 86_400.0
"""Longer times break the lists of some recorders (fact sheet, quirk 13): they are asked for in parts."""
MOST_FILES = 10_000
Kind = Literal["time", "alarm", "manual", ""]
KINDS: dict[str, Kind] = {"time": "time", "alarm": "alarm", "manual": "manual"}


@dataclass(frozen=True, slots=True, order=True)
class DeviceFile:
    """One recording, as far as it lies in the time asked for, seconds since 1970. `kind`: time, alarm, manual; empty: not said."""

    since: float
    until: float
    kind: Kind = ""


@dataclass(frozen=True, slots=True)
class DeviceFiles:
    """A device's answer. `told`: how many it says there are; `came`: how many of them came; `unreadable`: of those, without a time
    that can be read; `whole`: everything came, of every part of the time.
    """

    files: tuple[DeviceFile, ...]
    told: int
    came: int
    unreadable: int
    whole: bool


def parts_of(since: float, until: float) -> Iterator[tuple[float, float]]:
    """The times that are asked for one after another."""
    while since < until:
        end = min(until, since + PART_S)
        yield since, end
        since = end


def query_of(sn: int, channel: str, since: float, until: float) -> RecordQuery:
    """Whole seconds around that time, of every kind: some makers answer that alone (quirk 15)."""
    start, end = (datetime.fromtimestamp(at, BEIJING).strftime("%Y-%m-%dT%H:%M:%S") for at in (math.floor(since), math.ceil(until)))
    return RecordQuery(sn, channel, start, end)


@dataclass(slots=True)
class Listing:
    """The answer to one query while it comes: in any order, with items that come twice, and with more or fewer than was said."""

    since: float
    until: float
    told: int | None = None
    came: int = 0
    unreadable: int = 0
    broken: bool = False
    """A message could not be read, or there were too many."""
    files: set[DeviceFile] = field(default_factory=set)

    def add(self, answer: Manscdp) -> None:
        """One message. Never raises."""
        if not isinstance(answer, RecordAnswer):
            self.broken = True
            return
        if answer.total is not None and answer.total >= 0:
            self.told = max(self.told or 0, answer.total)
        for item in answer.items:
            self.came += 1
            if len(self.files) >= MOST_FILES:
                self.broken = True
                return
            self._take(item)

    def _take(self, item: RecordItem) -> None:
        try:
            since, until = parse_gb_date(item.start).timestamp(), parse_gb_date(item.end).timestamp()
        except (WireError, OverflowError):
            self.unreadable += 1
            return
        if until <= since:
            self.unreadable += 1
            return
        since, until = max(since, self.since), min(until, self.until)
        if since < until:
            self.files.add(DeviceFile(since, until, KINDS.get(item.kind.lower(), "")))

    @property
    def whole(self) -> bool:
        """Everything came that was said to be there."""
        return not self.broken and self.told is not None and self.came >= self.told


def joined(listings: list[Listing]) -> DeviceFiles:
    """Of all parts of the time: what touches at a border of two parts is one."""
    found: list[DeviceFile] = []
    for one in sorted(file for listing in listings for file in listing.files):
        before = found[-1] if found else None
        at_border = before is not None and before.until == one.since and any(one.since == part.since for part in listings[1:])
        if before is not None and at_border and before.kind == one.kind:
            found[-1] = DeviceFile(before.since, one.until, one.kind)
        else:
            found.append(one)
    return DeviceFiles(
        tuple(found),
        told=sum(one.told or 0 for one in listings),
        came=sum(one.came for one in listings),
        unreadable=sum(one.unreadable for one in listings),
        whole=all(one.whole for one in listings),
    )
