"""Settings of SVAC, the coding of GB/T 25724. Source: GB/T 28181-2022 A.2.1.15, A.2.1.16; 2014 and 2016 A.2.1.

Switches for recognition (`AIFlag`, `AIShowFlag`, `AudioParam`) are not modelled: they are neither read nor written (decision 0008).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from fengsui.wire.gb28181.edition import Edition
from fengsui.wire.gb28181.shape import Row, flag, number, one, repeated, text


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle by the raster indices of its first and last block of 32 × 32; `quality` 0 ordinary to 3 best."""

    sequence: int | None = None
    top_left: int | None = None
    bottom_right: int | None = None
    quality: int | None = None

    ROWS: ClassVar[tuple[Row, ...]] = (
        number("sequence", "ROISeq"),
        number("top_left", "TopLeft"),
        number("bottom_right", "BottomRight"),
        number("quality", "ROIQP"),
    )


@dataclass(frozen=True, slots=True)
class Regions:
    """At most sixteen regions of better quality, and how the rest is coded."""

    enabled: bool | None = None
    region_count: int | None = None
    regions: tuple[Region, ...] = ()
    background_quality: int | None = None
    background_skipped: bool | None = None

    ROWS: ClassVar[tuple[Row, ...]] = (
        flag("enabled", "ROIFlag"),
        number("region_count", "ROINumber"),
        repeated("regions", "Item", Region),
        number("background_quality", "BackGroundQP", until=Edition.V2016),
        flag("background_skipped", "BackGroundSkipFlag", until=Edition.V2016),
    )


@dataclass(frozen=True, slots=True)
class ScalableCoding:
    """SVAC's layers, as asked for and as supported. `layers`: what is sent above the base layer, 0 to 3."""

    enabled: bool | None = None
    layers: int | None = None
    space_mode: int | None = None
    time_mode: int | None = None
    ratio: str = ""
    space_support: int | None = None
    time_support: int | None = None
    ratio_support: str = ""

    ROWS: ClassVar[tuple[Row, ...]] = (
        flag("enabled", "SVCFlag", until=Edition.V2016),
        number("layers", "SVCSTMMode"),
        number("space_mode", "SVCSpaceDomainMode"),
        number("time_mode", "SVCTimeDomainMode"),
        text("ratio", "SSVCRatioValue", since=Edition.V2022),
        number("space_support", "SVCSpaceSupportMode"),
        number("time_support", "SVCTimeSupportMode"),
        text("ratio_support", "SSVCRatioSupportList", since=Edition.V2022),
    )


@dataclass(frozen=True, slots=True)
class CodedMarks:
    """What is coded into the stream beside the picture."""

    time: bool | None = None
    event: bool | None = None
    alarm: bool | None = None
    osd: bool | None = None
    place: bool | None = None

    ROWS: ClassVar[tuple[Row, ...]] = (
        flag("time", "TimeFlag"),
        flag("event", "EventFlag", until=Edition.V2016),
        flag("alarm", "AlertFlag", until=Edition.V2016),
        flag("osd", "OSDFlag", since=Edition.V2022),
        flag("place", "GISFlag", since=Edition.V2022),
    )


@dataclass(frozen=True, slots=True)
class ShownMarks:
    """Which of that a decoder shows."""

    time: bool | None = None
    event: bool | None = None
    alarm: bool | None = None
    osd: bool | None = None
    place: bool | None = None

    ROWS: ClassVar[tuple[Row, ...]] = (
        flag("time", "TimeShowFlag"),
        flag("event", "EventShowFlag", until=Edition.V2016),
        flag("alarm", "AlertShowFlag|AlerShowtFlag", until=Edition.V2016),
        flag("osd", "OSDShowFlag", since=Edition.V2022),
        flag("place", "GISShowFlag", since=Edition.V2022),
    )


@dataclass(frozen=True, slots=True)
class Protection:
    """Whether the stream is encrypted, and signed."""

    encrypted: bool | None = None
    signed: bool | None = None

    ROWS: ClassVar[tuple[Row, ...]] = (flag("encrypted", "EncryptionFlag"), flag("signed", "AuthenticationFlag"))


@dataclass(frozen=True, slots=True)
class SvacEncoding:
    """SVACEncodeConfig."""

    regions: Regions | None = None
    scalable: ScalableCoding | None = None
    marks: CodedMarks | None = None
    protection: Protection | None = None

    ROWS: ClassVar[tuple[Row, ...]] = (
        one("regions", "ROIParam", Regions),
        one("scalable", "SVCParam", ScalableCoding),
        one("marks", "SurveillanceParam", CodedMarks),
        one("protection", "EncryptParam", Protection, until=Edition.V2016),
    )


@dataclass(frozen=True, slots=True)
class SvacDecoding:
    """SVACDecodeConfig."""

    scalable: ScalableCoding | None = None
    marks: ShownMarks | None = None

    ROWS: ClassVar[tuple[Row, ...]] = (
        one("scalable", "SVCParam", ScalableCoding),
        one("marks", "SurveillanceParam", ShownMarks),
    )
