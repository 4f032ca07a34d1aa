"""Where a dome stands, its tours, and the cards of a device: small queries of 2022.

Source: GB/T 28181-2022 A.2.4.9 to A.2.4.13, A.2.6.11 to A.2.6.15.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from fengsui.wire.gb28181.edition import Edition
from fengsui.wire.gb28181.shape import Row, decimal, head, many, number, one, text, write_rows


@dataclass(frozen=True, slots=True)
class HomePositionFacts:
    """Where the camera returns to when idle."""

    enabled: int | None = None
    reset_time_s: int | None = None
    preset: int | None = None

    ROWS: ClassVar[tuple[Row, ...]] = (
        number("enabled", "Enabled"),
        number("reset_time_s", "ResetTime"),
        number("preset", "PresetIndex"),
    )


@dataclass(frozen=True, slots=True)
class HomePositionAnswer:
    """None: the camera has no home position."""

    sn: int
    device_id: str
    home: HomePositionFacts | None = None

    ROWS: ClassVar[tuple[Row, ...]] = (one("home", "HomePosition", HomePositionFacts),)

    def parts(self, edition: Edition) -> list[str]:
        """The elements of the body."""
        return [*head("HomePositionQuery", self.sn, self.device_id), write_rows(self, edition)]


@dataclass(frozen=True, slots=True)
class CruiseTrack:
    """One tour; the first is number 0."""

    track: int | None = None
    name: str = ""

    ROWS: ClassVar[tuple[Row, ...]] = (number("track", "Number"), text("name", "Name"))


@dataclass(frozen=True, slots=True)
class CruiseListAnswer:
    """The tours of a camera."""

    sn: int
    device_id: str
    total: int | None = 0
    tracks: tuple[CruiseTrack, ...] = ()

    ROWS: ClassVar[tuple[Row, ...]] = (
        number("total", "SumNum"),
        many("tracks", "CruiseTrackList", CruiseTrack, item="CruiseTrack"),
    )

    def parts(self, edition: Edition) -> list[str]:
        """The elements of the body."""
        return [*head("CruiseTrackListQuery", self.sn, self.device_id), write_rows(self, edition)]


@dataclass(frozen=True, slots=True)
class CruiseQuery:
    """Asks for the points of one tour."""

    sn: int
    device_id: str
    track: int | None = 0

    ROWS: ClassVar[tuple[Row, ...]] = (number("track", "Number"),)

    def parts(self, edition: Edition) -> list[str]:
        """The elements of the body."""
        return [*head("CruiseTrackQuery", self.sn, self.device_id), write_rows(self, edition)]


@dataclass(frozen=True, slots=True)
class CruisePoint:
    """A preset, how long the camera stays, and how fast it goes there (1 to 15)."""

    preset: int | None = None
    stay_s: int | None = None
    speed: int | None = None

    ROWS: ClassVar[tuple[Row, ...]] = (
        number("preset", "PresetIndex"),
        number("stay_s", "StayTime"),
        number("speed", "Speed"),
    )


@dataclass(frozen=True, slots=True)
class CruiseAnswer:
    """The points of one tour, in order."""

    sn: int
    device_id: str
    track: int | None = None
    name: str = ""
    total: int | None = 0
    points: tuple[CruisePoint, ...] = ()

    ROWS: ClassVar[tuple[Row, ...]] = (
        number("track", "Number"),
        text("name", "Name"),
        number("total", "SumNum"),
        many("points", "CruisePointList", CruisePoint, item="CruisePoint"),
    )

    def parts(self, edition: Edition) -> list[str]:
        """The elements of the body."""
        return [*head("CruiseTrackQuery", self.sn, self.device_id), write_rows(self, edition)]


@dataclass(frozen=True, slots=True)
class DomePositionAnswer:
    """Where a dome looks: pan and tilt and field of view in degrees, view distance in metres. A fixed camera says ERROR."""

    sn: int
    device_id: str
    pan_deg: float | None = None
    tilt_deg: float | None = None
    zoom: float | None = None
    horizontal_field_deg: float | None = None
    vertical_field_deg: float | None = None
    max_view_distance_m: float | None = None
    result: str = ""
    reason: str = ""

    ROWS: ClassVar[tuple[Row, ...]] = (
        decimal("pan_deg", "Pan"),
        decimal("tilt_deg", "Tilt"),
        decimal("zoom", "Zoom"),
        decimal("horizontal_field_deg", "HorizontalFieldAngle"),
        decimal("vertical_field_deg", "VerticalFieldAngle"),
        decimal("max_view_distance_m", "MaxViewDistance"),
        text("result", "Result"),
        text("reason", "Reason"),
    )

    def parts(self, edition: Edition) -> list[str]:
        """The elements of the body."""
        return [*head("PTZPosition", self.sn, self.device_id), write_rows(self, edition)]


@dataclass(frozen=True, slots=True)
class DomePositionNotification:
    """What a subscription to PTZPosition reports: the answer's figures, without result and reason."""

    sn: int
    device_id: str
    pan_deg: float | None = None
    tilt_deg: float | None = None
    zoom: float | None = None
    horizontal_field_deg: float | None = None
    vertical_field_deg: float | None = None
    max_view_distance_m: float | None = None

    ROWS: ClassVar[tuple[Row, ...]] = DomePositionAnswer.ROWS[:6]

    def parts(self, edition: Edition) -> list[str]:
        """The elements of the body."""
        return [*head("PTZPosition", self.sn, self.device_id), write_rows(self, edition)]


@dataclass(frozen=True, slots=True)
class StorageCard:
    """One card. `status` ok, formatting, unformatted, idle or error; sizes in MB, progress in percent."""

    card: int | None = None
    name: str = ""
    status: str = ""
    format_progress: int | None = None
    capacity_mb: int | None = None
    free_mb: int | None = None

    ROWS: ClassVar[tuple[Row, ...]] = (
        number("card", "ID"),
        text("name", "HddName"),
        text("status", "Status"),
        number("format_progress", "FormatProgress"),
        number("capacity_mb", "Capacity"),
        number("free_mb", "FreeSpace"),
    )


@dataclass(frozen=True, slots=True)
class StorageCardsAnswer:
    """At most eight cards."""

    sn: int
    device_id: str
    total: int | None = 0
    cards: tuple[StorageCard, ...] = ()

    ROWS: ClassVar[tuple[Row, ...]] = (number("total", "SumNum"), many("cards", "SDCardStatusInfo", StorageCard))

    def parts(self, edition: Edition) -> list[str]:
        """The elements of the body."""
        return [*head("SDCardStatus", self.sn, self.device_id), write_rows(self, edition)]
