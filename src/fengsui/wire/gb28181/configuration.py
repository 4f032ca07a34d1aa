"""What a device is set to: DeviceConfig writes, ConfigDownload reads. Source: GB/T 28181-2022 A.2.3.2, A.2.4.7, A.2.6.8.

A part that an answer lacks is unsupported. Writing `BasicParam` can restart a device; read back what was written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from fengsui.wire.gb28181.edition import Edition
from fengsui.wire.gb28181.shape import Row, decimal, flag, head, many, number, one, read_rows, repeated, text, write_rows
from fengsui.wire.gb28181.svac import SvacDecoding, SvacEncoding
from fengsui.wire.gb28181.xml_text import Fields, element


@dataclass(frozen=True, slots=True)
class BasicParam:
    """What the device believes of its registration. Times in seconds. Its `Password` (2014) is neither read nor written."""

    name: str = ""
    expiration_s: int | None = None
    heartbeat_interval_s: int | None = None
    heartbeat_count: int | None = None
    position_capability: int | None = None
    longitude: float | None = None
    latitude: float | None = None
    device_id: str = ""
    server_id: str = ""
    server_host: str = ""
    server_port: int | None = None
    domain: str = ""

    ROWS: ClassVar[tuple[Row, ...]] = (
        text("name", "Name"),
        text("device_id", "DeviceID", until=Edition.V2014),
        text("server_id", "SIPServerID", until=Edition.V2014),
        text("server_host", "SIPServerIP", until=Edition.V2014),
        number("server_port", "SIPServerPort", until=Edition.V2014),
        text("domain", "DomainName", until=Edition.V2014),
        number("expiration_s", "Expiration"),
        number("heartbeat_interval_s", "HeartBeatInterval"),
        number("heartbeat_count", "HeartBeatCount"),
        number("position_capability", "PositionCapability", until=Edition.V2016),
        decimal("longitude", "Longitude", until=Edition.V2016),
        decimal("latitude", "Latitude", until=Edition.V2016),
    )


@dataclass(frozen=True, slots=True)
class VideoParamOpt:
    """What the device can, each joined by `/`: download speeds `1/2/4`, the others in f-field codes (annex G)."""

    download_speeds: str = ""
    resolutions: str = ""
    video_formats: str = ""
    frame_rates: str = ""
    bit_rate_kinds: str = ""
    bit_rates: str = ""

    ROWS: ClassVar[tuple[Row, ...]] = (
        text("download_speeds", "DownloadSpeed|DownloadSpeedOpt", since=Edition.V2016),
        text("video_formats", "VideoFormatOpt", until=Edition.V2014),
        text("resolutions", "Resolution|ResolutionOpt", since=Edition.V2016),
        text("resolutions", "ResolutionOpt|Resolution", until=Edition.V2014),
        text("frame_rates", "FrameRateOpt", until=Edition.V2014),
        text("bit_rate_kinds", "BitRateTypeOpt", until=Edition.V2014),
        text("bit_rates", "VideoBitRateOpt", until=Edition.V2014),
        text("download_speeds", "DownloadSpeedOpt|DownloadSpeed", until=Edition.V2014),
    )


@dataclass(frozen=True, slots=True)
class NamedStream:
    """One stream's encoding as the 2014 edition has it: `Stream1`, `Stream2`; the rest in f-field codes."""

    name: str = ""
    video_format: str = ""
    resolution: str = ""
    frame_rate: str = ""
    bit_rate_kind: str = ""
    bit_rate: str = ""

    ROWS: ClassVar[tuple[Row, ...]] = (
        text("name", "StreamName"),
        text("video_format", "VideoFormat"),
        text("resolution", "Resolution"),
        text("frame_rate", "FrameRate"),
        text("bit_rate_kind", "BitRateType"),
        text("bit_rate", "VideoBitRate"),
    )


@dataclass(frozen=True, slots=True)
class AudioParamOpt:
    """What the device's sound can be, each joined by `/` (2014)."""

    formats: str = ""
    bit_rates: str = ""
    sampling_rates: str = ""

    ROWS: ClassVar[tuple[Row, ...]] = (
        text("formats", "AudioFormatOpt"),
        text("bit_rates", "AudioBitRateOpt"),
        text("sampling_rates", "SamplingRateOpt"),
    )


@dataclass(frozen=True, slots=True)
class NamedSound:
    """The sound of one stream (2014)."""

    name: str = ""
    audio_format: str = ""
    bit_rate: str = ""
    sampling_rate: str = ""

    ROWS: ClassVar[tuple[Row, ...]] = (
        text("name", "StreamName"),
        text("audio_format", "AudioFormat"),
        text("bit_rate", "AudioBitRate"),
        text("sampling_rate", "SamplingRate"),
    )


@dataclass(frozen=True, slots=True)
class StreamAttributes:
    """One stream's encoding, all in f-field codes (annex G); `bit_rate` kbit/s, of constant rate only."""

    stream_number: int | None = None
    video_format: str = ""
    resolution: str = ""
    frame_rate: str = ""
    bit_rate_kind: str = ""
    bit_rate: str = ""

    ROWS: ClassVar[tuple[Row, ...]] = (
        number("stream_number", "StreamNumber"),
        text("video_format", "VideoFormat"),
        text("resolution", "Resolution"),
        text("frame_rate", "FrameRate"),
        text("bit_rate_kind", "BitRateType"),
        text("bit_rate", "VideoBitRate"),
    )


@dataclass(frozen=True, slots=True)
class TimeSegment:
    """From a time of day to another."""

    start_hour: int | None = None
    start_minute: int | None = None
    start_second: int | None = None
    stop_hour: int | None = None
    stop_minute: int | None = None
    stop_second: int | None = None

    ROWS: ClassVar[tuple[Row, ...]] = (
        number("start_hour", "StartHour"),
        number("start_minute", "StartMin"),
        number("start_second", "StartSec"),
        number("stop_hour", "StopHour"),
        number("stop_minute", "StopMin"),
        number("stop_second", "StopSec"),
    )


@dataclass(frozen=True, slots=True)
class DayPlan:
    """`weekday` 1 Monday to 7 Sunday; at most eight segments."""

    weekday: int | None = None
    segment_count: int | None = None
    segments: tuple[TimeSegment, ...] = ()

    ROWS: ClassVar[tuple[Row, ...]] = (
        number("weekday", "WeekDayNum"),
        number("segment_count", "TimeSegmentSumNum"),
        repeated("segments", "TimeSegment", TimeSegment),
    )


@dataclass(frozen=True, slots=True)
class VideoRecordPlan:
    """When the device records by itself."""

    enabled: bool | None = None
    day_count: int | None = None
    days: tuple[DayPlan, ...] = ()
    stream_number: int | None = None

    ROWS: ClassVar[tuple[Row, ...]] = (
        flag("enabled", "RecordEnable"),
        number("day_count", "RecordScheduleSumNum"),
        repeated("days", "RecordSchedule", DayPlan),
        number("stream_number", "StreamNumber"),
    )


@dataclass(frozen=True, slots=True)
class VideoAlarmRecord:
    """Recording on an alarm: seconds after and before it."""

    enabled: bool | None = None
    after_s: int | None = None
    before_s: int | None = None
    stream_number: int | None = None

    ROWS: ClassVar[tuple[Row, ...]] = (
        flag("enabled", "RecordEnable"),
        number("after_s", "RecordTime"),
        number("before_s", "PreRecordTime"),
        number("stream_number", "StreamNumber"),
    )


@dataclass(frozen=True, slots=True)
class MaskRegion:
    """`corners` in pixels: left, top, right, bottom, joined by commas."""

    sequence: int | None = None
    corners: str = ""

    ROWS: ClassVar[tuple[Row, ...]] = (number("sequence", "Seq"), text("corners", "Point"))


@dataclass(frozen=True, slots=True)
class PictureMask:
    """At most four covered regions."""

    enabled: bool | None = None
    region_count: int | None = None
    regions: tuple[MaskRegion, ...] = ()

    ROWS: ClassVar[tuple[Row, ...]] = (
        flag("enabled", "On"),
        number("region_count", "SumNum"),
        many("regions", "RegionList", MaskRegion),
    )


@dataclass(frozen=True, slots=True)
class AlarmReport:
    """Which picture alarms the device tells."""

    motion: bool | None = None
    field: bool | None = None

    ROWS: ClassVar[tuple[Row, ...]] = (flag("motion", "MotionDetection"), flag("field", "FieldDetection"))


@dataclass(frozen=True, slots=True)
class OsdText:
    """A line of at most 32 characters at a place in the reference window."""

    line: str = ""
    x: int | None = None
    y: int | None = None

    ROWS: ClassVar[tuple[Row, ...]] = (text("line", "Text"), number("x", "X"), number("y", "Y"))


@dataclass(frozen=True, slots=True)
class OsdConfig:
    """What is written on the picture; pixels of a window `width` × `height`, origin top left."""

    width: int | None = None
    height: int | None = None
    time_x: int | None = None
    time_y: int | None = None
    time_shown: bool | None = None
    time_kind: int | None = None
    text_shown: bool | None = None
    text_count: int | None = None
    texts: tuple[OsdText, ...] = ()

    ROWS: ClassVar[tuple[Row, ...]] = (
        number("width", "Length"),
        number("height", "Width"),
        number("time_x", "TimeX"),
        number("time_y", "TimeY"),
        flag("time_shown", "TimeEnable"),
        number("time_kind", "TimeType"),
        flag("text_shown", "TextEnable"),
        number("text_count", "SumNum"),
        repeated("texts", "Item", OsdText),
    )


@dataclass(frozen=True, slots=True)
class SnapshotOrder:
    """`count` pictures, one each `interval_s`, sent by HTTP to `upload_url`. `session_id`: 32 to 128 letters, digits, hyphens."""

    count: int | None = None
    interval_s: int | None = None
    upload_url: str = ""
    session_id: str = ""

    ROWS: ClassVar[tuple[Row, ...]] = (
        number("count", "SnapNum"),
        number("interval_s", "Interval"),
        text("upload_url", "UploadURL"),
        text("session_id", "SessionID"),
    )


@dataclass(frozen=True, slots=True)
class Configuration:
    """The parts of a reading or a writing; None or empty: not there. `mirror` 0 none, 1 horizontal, 2 vertical, 3 both."""

    basic: BasicParam | None = None
    video_options: VideoParamOpt | None = None
    svac_encoding: SvacEncoding | None = None
    svac_decoding: SvacDecoding | None = None
    streams: tuple[StreamAttributes, ...] = ()
    record_plan: VideoRecordPlan | None = None
    alarm_record: VideoAlarmRecord | None = None
    mask: PictureMask | None = None
    mirror: int | None = None
    alarm_report: AlarmReport | None = None
    osd: OsdConfig | None = None
    snapshots: SnapshotOrder | None = None
    named_streams: tuple[NamedStream, ...] = ()
    audio_options: AudioParamOpt | None = None
    named_sounds: tuple[NamedSound, ...] = ()

    ROWS: ClassVar[tuple[Row, ...]] = (
        one("basic", "BasicParam", BasicParam),
        one("video_options", "VideoParamOpt", VideoParamOpt),
        many("named_streams", "VideoParamConfig", NamedStream, until=Edition.V2014),
        one("audio_options", "AudioParamOpt", AudioParamOpt, until=Edition.V2014),
        many("named_sounds", "AudioParamConfig", NamedSound, until=Edition.V2014),
        one("svac_encoding", "SVACEncodeConfig", SvacEncoding),
        one("svac_decoding", "SVACDecodeConfig", SvacDecoding),
        many("streams", "VideoParamAttribute", StreamAttributes, since=Edition.V2022),
        one("record_plan", "VideoRecordPlan", VideoRecordPlan, since=Edition.V2022),
        one("alarm_record", "VideoAlarmRecord", VideoAlarmRecord, since=Edition.V2022),
        one("mask", "PictureMask", PictureMask, since=Edition.V2022),
        number("mirror", "FrameMirror", since=Edition.V2022),
        one("alarm_report", "AlarmReport", AlarmReport, since=Edition.V2022),
        one("osd", "OSDConfig", OsdConfig, since=Edition.V2022),
        one("snapshots", "SnapShotConfig|SnapShot", SnapshotOrder, since=Edition.V2022),
    )


KINDS: Final = tuple(row.names[0] for row in Configuration.ROWS)
"""What can be asked for by ConfigType."""


@dataclass(frozen=True, slots=True)
class ConfigQuery:
    """ConfigDownload: `config_types` such as ("BasicParam",)."""

    sn: int
    device_id: str
    config_types: tuple[str, ...]

    def parts(self, edition: Edition) -> list[str]:
        """The elements of the body."""
        return [*head("ConfigDownload", self.sn, self.device_id), element("ConfigType", "/".join(self.config_types))]


@dataclass(frozen=True, slots=True)
class ConfigAnswer:
    """To ConfigDownload; several may come, one a type. OK without a part means that the part is unsupported."""

    sn: int
    device_id: str
    result: str = "OK"
    configuration: Configuration = Configuration()

    @classmethod
    def read(cls, sn: int, device_id: str, fields: Fields) -> ConfigAnswer:
        """Lenient."""
        return cls(sn, device_id, fields.text("Result").upper() or "OK", read_rows(Configuration, fields))

    def parts(self, edition: Edition) -> list[str]:
        """The elements of the body."""
        written = write_rows(self.configuration, edition)
        return [*head("ConfigDownload", self.sn, self.device_id), element("Result", self.result), written]


@dataclass(frozen=True, slots=True)
class DeviceConfig:
    """Writes the parts that are there; a Result follows."""

    sn: int
    device_id: str
    configuration: Configuration

    @classmethod
    def read(cls, sn: int, device_id: str, fields: Fields) -> DeviceConfig:
        """Lenient."""
        return cls(sn, device_id, read_rows(Configuration, fields))

    def parts(self, edition: Edition) -> list[str]:
        """The elements of the body."""
        return [*head("DeviceConfig", self.sn, self.device_id), write_rows(self.configuration, edition)]
