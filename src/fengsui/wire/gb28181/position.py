"""Positions of moving devices. Source: GB/T 28181-2022 A.2.5.8, A.2.4.8; the flat form is of 2016. WGS-84."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from fengsui.wire.gb28181.edition import Edition
from fengsui.wire.gb28181.shape import Row, decimal, head, many, number, read_rows, text, write_rows
from fengsui.wire.gb28181.xml_text import Fields, element


@dataclass(frozen=True, slots=True)
class Position:
    """Of one device at one time. `direction_deg` clockwise from north; `altitude_m` above the sea, `height_m` above ground."""

    device_id: str
    time: str = ""
    longitude: float | None = None
    latitude: float | None = None
    speed_kmh: float | None = None
    direction_deg: float | None = None
    altitude_m: float | None = None
    height_m: float | None = None

    ROWS: ClassVar[tuple[Row, ...]] = (
        text("device_id", "DeviceID|TargetID"),
        text("time", "CaptureTime|Time"),
        decimal("longitude", "Longitude"),
        decimal("latitude", "Latitude"),
        decimal("speed_kmh", "Speed"),
        decimal("direction_deg", "Direction"),
        decimal("altitude_m", "Altitude"),
        decimal("height_m", "Height"),
    )


@dataclass(frozen=True, slots=True)
class _PositionList:
    time: str = ""
    positions: tuple[Position, ...] = ()

    ROWS: ClassVar[tuple[Row, ...]] = (text("time", "Time"), many("positions", "DeviceList", Position))


@dataclass(frozen=True, slots=True)
class PositionNotification:
    """`device_id`: what was subscribed to; `time`: of the report. An empty list is "no position", never 0/0."""

    sn: int
    device_id: str
    time: str = ""
    positions: tuple[Position, ...] = ()

    @classmethod
    def read(cls, sn: int, device_id: str, fields: Fields) -> PositionNotification:
        """Either form: where there is a list, only the list counts."""
        found = read_rows(_PositionList, fields)
        if fields.child("DeviceList") is not None:
            return cls(sn, device_id, found.time, found.positions)
        flat = read_rows(Position, fields)
        placed = flat.longitude is not None and flat.latitude is not None
        return cls(sn, device_id, found.time, (flat,) if placed else ())

    def parts(self, edition: Edition) -> list[str]:
        """The elements of the body; before 2022 only the first position fits."""
        parts = head("MobilePosition", self.sn, self.device_id)
        if edition >= Edition.V2022:
            listed = write_rows(_PositionList("", self.positions), edition)
            return [*parts, element("Time", self.time or None), element("SumNum", len(self.positions)), listed]
        for position in self.positions[:1]:
            flat = write_rows(Position("", "", *_figures(position)), edition)
            return [*parts, element("Time", position.time or self.time or None), flat]
        return [*parts, element("Time", self.time or None)]


def _figures(position: Position) -> tuple[float | None, ...]:
    return (position.longitude, position.latitude, position.speed_kmh, position.direction_deg, position.altitude_m)


@dataclass(frozen=True, slots=True)
class PositionQuery:
    """The body of a subscription; positions are wanted each `interval_s`."""

    sn: int
    device_id: str
    interval_s: int | None = 5

    ROWS: ClassVar[tuple[Row, ...]] = (number("interval_s", "Interval"),)

    def parts(self, edition: Edition) -> list[str]:
        """The elements of the body."""
        return [*head("MobilePosition", self.sn, self.device_id), write_rows(self, edition)]
