"""Alarms of devices and what is asked to be told of them. Source: GB/T 28181-2022 A.2.5.3, A.2.4.6, §9.4."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar

from fengsui.wire.gb28181.edition import Edition
from fengsui.wire.gb28181.shape import Row, decimal, head, number, one, text, write_rows


class AlarmMethod(IntEnum):
    """How an alarm arose. ALL stands in filters and resets only."""

    ALL = 0
    TELEPHONE = 1
    DEVICE = 2
    SHORT_MESSAGE = 3
    GPS = 4
    VIDEO = 5
    DEVICE_FAULT = 6
    OTHER = 7


def read_methods(said: str) -> tuple[AlarmMethod, ...]:
    """Of a filter: `1/2` (2022) or `12` (before), in any order; unknown digits are passed over."""
    return tuple(AlarmMethod(int(digit)) for digit in said if digit in "01234567")


def write_methods(methods: tuple[AlarmMethod, ...], edition: Edition) -> str:
    """The peer's way to join them."""
    return ("/" if edition >= Edition.V2022 else "").join(str(int(method)) for method in methods)


@dataclass(frozen=True, slots=True)
class AlarmTypeParam:
    """Of an intrusion: 1 entered the area, 2 left it."""

    event_type: str = ""

    ROWS: ClassVar[tuple[Row, ...]] = (text("event_type", "EventType"),)


@dataclass(frozen=True, slots=True)
class AlarmDetail:
    """The type within the method (table of A.2.5.3)."""

    alarm_type: str = ""
    param: AlarmTypeParam | None = None

    ROWS: ClassVar[tuple[Row, ...]] = (
        text("alarm_type", "AlarmType"),
        one("param", "AlarmTypeParam", AlarmTypeParam, since=Edition.V2016),
    )


@dataclass(frozen=True, slots=True)
class AlarmNotification:
    """`device_id`: the device, its alarm input or the camera. `time`: the sender's own. `priority`: 1 (gravest) to 4."""

    sn: int
    device_id: str
    priority: int | None = None
    method: int | None = None
    time: str = ""
    description: str = ""
    longitude: float | None = None
    latitude: float | None = None
    detail: AlarmDetail | None = None

    ROWS: ClassVar[tuple[Row, ...]] = (
        number("priority", "AlarmPriority"),
        number("method", "AlarmMethod"),
        text("time", "AlarmTime"),
        text("description", "AlarmDescription"),
        decimal("longitude", "Longitude"),
        decimal("latitude", "Latitude"),
        one("detail", "Info", AlarmDetail),
    )

    def parts(self, edition: Edition) -> list[str]:
        """The elements of the body."""
        return [*head("Alarm", self.sn, self.device_id), write_rows(self, edition)]


@dataclass(frozen=True, slots=True)
class AlarmQuery:
    """The filter of a subscription: which alarms are to be told. `methods` as `write_methods` makes it."""

    sn: int
    device_id: str
    first_priority: int | None = None
    last_priority: int | None = None
    methods: str = ""
    alarm_type: str = ""
    start: str = ""
    end: str = ""

    ROWS: ClassVar[tuple[Row, ...]] = (
        number("first_priority", "StartAlarmPriority"),
        number("last_priority", "EndAlarmPriority"),
        text("methods", "AlarmMethod"),
        text("alarm_type", "AlarmType", since=Edition.V2016),
        text("start", "StartAlarmTime|StartTime"),
        text("end", "EndAlarmTime|EndTime"),
    )

    def parts(self, edition: Edition) -> list[str]:
        """The elements of the body."""
        return [*head("Alarm", self.sn, self.device_id), write_rows(self, edition)]
