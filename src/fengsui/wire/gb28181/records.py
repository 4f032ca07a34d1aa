"""What a device has recorded: query and answer. Source: GB/T 28181-2022 A.2.4.5, A.2.6.7, §9.7."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from fengsui.wire.gb28181.edition import Edition
from fengsui.wire.gb28181.shape import Row, head, many, number, text, write_rows


@dataclass(frozen=True, slots=True)
class RecordQuery:
    """`start`, `end`: Beijing local `YYYY-MM-DDThh:mm:ss`. `kind` time, alarm, manual or all: some makers answer `all` only."""

    sn: int
    device_id: str
    start: str
    end: str
    file_path: str = ""
    address: str = ""
    secrecy: int | None = None
    kind: str = "all"
    recorder_id: str = ""
    everywhere: int | None = None
    """IndistinctQuery: 1 searches device and centre and joins both."""
    stream_number: int | None = None
    alarm_method: str = ""
    alarm_type: str = ""

    ROWS: ClassVar[tuple[Row, ...]] = (
        text("start", "StartTime"),
        text("end", "EndTime"),
        text("file_path", "FilePath"),
        text("address", "Address"),
        number("secrecy", "Secrecy"),
        text("kind", "Type"),
        text("recorder_id", "RecorderID"),
        number("everywhere", "IndistinctQuery"),
        number("stream_number", "StreamNumber", since=Edition.V2022),
        text("alarm_method", "AlarmMethod", since=Edition.V2022),
        text("alarm_type", "AlarmType", since=Edition.V2022),
    )

    def parts(self, edition: Edition) -> list[str]:
        """The elements of the body."""
        return [*head("RecordInfo", self.sn, self.device_id), write_rows(self, edition)]


@dataclass(frozen=True, slots=True)
class RecordItem:
    """One recording. `file_size` in bytes; `location` the system or device that keeps it."""

    device_id: str
    name: str = ""
    file_path: str = ""
    address: str = ""
    start: str = ""
    end: str = ""
    secrecy: int | None = None
    kind: str = ""
    recorder_id: str = ""
    file_size: int | None = None
    location: str = ""
    stream_number: int | None = None

    ROWS: ClassVar[tuple[Row, ...]] = (
        text("device_id", "DeviceID"),
        text("name", "Name"),
        text("file_path", "FilePath"),
        text("address", "Address"),
        text("start", "StartTime"),
        text("end", "EndTime"),
        number("secrecy", "Secrecy"),
        text("kind", "Type"),
        text("recorder_id", "RecorderID"),
        number("file_size", "FileSize", since=Edition.V2016),
        text("location", "RecordLocation", since=Edition.V2022),
        number("stream_number", "StreamNumber", since=Edition.V2022),
    )


@dataclass(frozen=True, slots=True)
class RecordAnswer:
    """One of perhaps many messages. `total` is SumNum: a claim of the sender; 0 without items means: nothing."""

    sn: int
    device_id: str
    name: str = ""
    total: int | None = 0
    items: tuple[RecordItem, ...] = ()

    ROWS: ClassVar[tuple[Row, ...]] = (
        text("name", "Name"),
        number("total", "SumNum"),
        many("items", "RecordList", RecordItem),
    )

    def parts(self, edition: Edition) -> list[str]:
        """The elements of the body."""
        return [*head("RecordInfo", self.sn, self.device_id), write_rows(self, edition)]
