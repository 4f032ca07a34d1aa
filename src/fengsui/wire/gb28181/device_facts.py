"""DeviceInfo and DeviceStatus. Source: GB/T 28181-2022 A.2.4.2, A.2.4.4, A.2.6.5, A.2.6.6."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from fengsui.wire.gb28181.edition import Edition
from fengsui.wire.gb28181.shape import Row, many, read_rows, text
from fengsui.wire.gb28181.xml_text import Fields, element


@dataclass(frozen=True, slots=True)
class SimpleQuery:
    """A query with nothing but its command: DeviceInfo, DeviceStatus, PresetQuery, HomePositionQuery, …"""

    command: str
    sn: int
    device_id: str

    def parts(self, edition: Edition) -> list[str]:
        """The elements of the body; the preset query was misspelt in the 2014 edition."""
        command = "PersetQuery" if self.command == "PresetQuery" and edition == Edition.V2014 else self.command
        return [element("CmdType", command), element("SN", self.sn), element("DeviceID", self.device_id)]


@dataclass(frozen=True, slots=True)
class DeviceInfo:
    """Answer to the DeviceInfo query."""

    sn: int
    device_id: str
    result: str = "OK"
    name: str = ""
    manufacturer: str = ""
    model: str = ""
    firmware: str = ""
    channels: int = 0

    @classmethod
    def read(cls, sn: int, device_id: str, fields: Fields) -> DeviceInfo:
        """Lenient."""
        return cls(
            sn,
            device_id,
            fields.text("Result").upper() or "OK",
            fields.text("DeviceName"),
            fields.text("Manufacturer"),
            fields.text("Model"),
            fields.text("Firmware"),
            fields.number("Channel") or fields.number("MaxCamera"),
        )

    def parts(self, edition: Edition) -> list[str]:
        """The elements of the body."""
        return [
            element("CmdType", "DeviceInfo"),
            element("SN", self.sn),
            element("DeviceID", self.device_id),
            element("DeviceName", self.name or None),
            element("Result", self.result),
            element("Manufacturer", self.manufacturer or None),
            element("Model", self.model or None),
            element("Firmware", self.firmware or None),
            element("Channel", self.channels),
        ]


@dataclass(frozen=True, slots=True)
class AlarmInputStatus:
    """One alarm input: ONDUTY, OFFDUTY or ALARM."""

    device_id: str
    duty: str = ""

    ROWS: ClassVar[tuple[Row, ...]] = (text("device_id", "DeviceID"), text("duty", "DutyStatus"))


@dataclass(frozen=True, slots=True)
class DeviceStatus:
    """Answer to the DeviceStatus query. `online` and `working` are independent statements."""

    sn: int
    device_id: str
    online: bool
    working: bool = True
    reason: str = ""
    encoding: bool | None = None
    recording: bool | None = None
    device_time: str = ""
    alarm_inputs: tuple[AlarmInputStatus, ...] = ()

    @classmethod
    def read(cls, sn: int, device_id: str, fields: Fields) -> DeviceStatus:
        """Lenient: OFFLINE is also met as OFFILE."""
        switches = {"ON": True, "OFF": False}
        return cls(
            sn,
            device_id,
            not fields.text("Online").upper().startswith("OFF"),
            fields.text("Status").upper() != "ERROR",
            fields.text("Reason"),
            switches.get(fields.text("Encode").upper()),
            switches.get(fields.text("Record").upper()),
            fields.text("DeviceTime"),
            tuple(read_rows(AlarmInputStatus, found) for found in fields.items("Alarmstatus")),
        )

    def parts(self, edition: Edition) -> list[str]:
        """The elements of the body."""
        words = {True: "ON", False: "OFF", None: None}
        return [
            element("CmdType", "DeviceStatus"),
            element("SN", self.sn),
            element("DeviceID", self.device_id),
            element("Result", "OK"),
            element("Online", "ONLINE" if self.online else "OFFLINE"),
            element("Status", "OK" if self.working else "ERROR"),
            element("Reason", self.reason or None),
            element("Encode", words[self.encoding]),
            element("Record", words[self.recording]),
            element("DeviceTime", self.device_time or None),
            _ALARM_INPUTS.write("Alarmstatus", self.alarm_inputs, edition) if self.alarm_inputs else "",
        ]


_ALARM_INPUTS: Final = many("alarm_inputs", "Alarmstatus", AlarmInputStatus)
