"""DeviceControl and the small answers. Source: GB/T 28181-2022 A.2.3.1, A.2.6.1, A.2.6.10."""

from __future__ import annotations

from dataclasses import dataclass

from fengsui.wire.gb28181.edition import Edition
from fengsui.wire.gb28181.xml_text import Fields, element


@dataclass(frozen=True, slots=True)
class Zoom:
    """A box dragged on a picture. All in pixels of the window; origin top left."""

    inward: bool
    window_length: int
    window_width: int
    middle_x: int
    middle_y: int
    box_length: int
    box_width: int

    def to_xml(self) -> str:
        """`DragZoomIn` or `DragZoomOut`."""
        name = "DragZoomIn" if self.inward else "DragZoomOut"
        inside = (
            element("Length", self.window_length)
            + element("Width", self.window_width)
            + element("MidPointX", self.middle_x)
            + element("MidPointY", self.middle_y)
            + element("LengthX", self.box_length)
            + element("LengthY", self.box_width)
        )
        return f"<{name}>\r\n{inside}</{name}>\r\n"

    @classmethod
    def read(cls, inward: bool, found: Fields) -> Zoom:
        """Lenient."""
        names = ("Length", "Width", "MidPointX", "MidPointY", "LengthX", "LengthY")
        return cls(inward, *(found.number(name) for name in names))


@dataclass(frozen=True, slots=True)
class HomePosition:
    """Where the camera returns to when idle. `reset_time_s` idle seconds; `preset` 0 to 255."""

    enabled: bool
    reset_time_s: int = 0
    preset: int = 0


@dataclass(frozen=True, slots=True)
class DeviceControl:
    """One sub-command a message; the others stay at their defaults."""

    sn: int
    device_id: str
    ptz: str = ""
    """PTZCmd, 16 hexadecimal digits."""
    preset_name: str = ""
    restart: bool = False
    key_frame: bool = False
    zoom: Zoom | None = None
    home: HomePosition | None = None
    guard: str = ""
    """`SetGuard` or `ResetGuard`."""
    record: str = ""
    """`Record` or `StopRecord`."""
    reset_alarm: bool = False

    @property
    def answered(self) -> bool:
        """Whether a Response follows (table 3.3 of the fact sheet)."""
        return self.home is not None or bool(self.guard or self.record) or self.reset_alarm

    @classmethod
    def read(cls, sn: int, device_id: str, fields: Fields) -> DeviceControl:
        """Lenient; both spellings of the key frame command."""
        inward, outward, home = fields.child("DragZoomIn"), fields.child("DragZoomOut"), fields.child("HomePosition")
        zoom = Zoom.read(True, inward) if inward else Zoom.read(False, outward) if outward else None
        names = fields.child("PTZCmdParams")
        return cls(
            sn,
            device_id,
            fields.text("PTZCmd"),
            names.text("PresetName") if names else "",
            fields.text("TeleBoot").lower() == "boot",
            bool(fields.text("IFameCmd") or fields.text("IFrameCmd")),
            zoom,
            HomePosition(home.text("Enabled") == "1", home.number("ResetTime"), home.number("PresetIndex")) if home else None,
            fields.text("GuardCmd"),
            fields.text("RecordCmd"),
            fields.text("AlarmCmd") == "ResetAlarm",
        )

    def parts(self, edition: Edition) -> list[str]:
        """The elements of the body in the order of the schema."""
        parts = [element("CmdType", "DeviceControl"), element("SN", self.sn), element("DeviceID", self.device_id)]
        if self.ptz:
            parts.append(element("PTZCmd", self.ptz))
            if self.preset_name and edition >= Edition.V2022:
                parts.append(f"<PTZCmdParams>\r\n{element('PresetName', self.preset_name)}</PTZCmdParams>\r\n")
            if edition < Edition.V2022:
                parts.append("<Info>\r\n<ControlPriority>5</ControlPriority>\r\n</Info>\r\n")
        parts.append(element("TeleBoot", "Boot" if self.restart else None))
        parts.append(element("RecordCmd", self.record or None))
        parts.append(element("GuardCmd", self.guard or None))
        parts.append(element("AlarmCmd", "ResetAlarm" if self.reset_alarm else None))
        if self.key_frame:
            parts.append(element("IFrameCmd" if edition >= Edition.V2022 else "IFameCmd", "Send"))
        if self.zoom is not None:
            parts.append(self.zoom.to_xml())
        if self.home is not None:
            inside = element("Enabled", int(self.home.enabled))
            if self.home.enabled:
                inside += element("ResetTime", self.home.reset_time_s) + element("PresetIndex", self.home.preset)
            parts.append(f"<HomePosition>\r\n{inside}</HomePosition>\r\n")
        return parts


@dataclass(frozen=True, slots=True)
class ResultAnswer:
    """`Response` with a Result: to DeviceControl, DeviceConfig, Alarm, Broadcast, or to a subscription."""

    command: str
    sn: int
    device_id: str
    accepted: bool

    def parts(self, edition: Edition) -> list[str]:
        """The elements of the body."""
        return [
            element("CmdType", self.command),
            element("SN", self.sn),
            element("DeviceID", self.device_id),
            element("Result", "OK" if self.accepted else "ERROR"),
        ]


@dataclass(frozen=True, slots=True)
class Preset:
    """One preset as the camera lists it."""

    number: int
    name: str


@dataclass(frozen=True, slots=True)
class PresetAnswer:
    """Answer to the preset query; several may come."""

    sn: int
    device_id: str
    total: int
    presets: tuple[Preset, ...]

    @classmethod
    def read(cls, sn: int, device_id: str, fields: Fields) -> PresetAnswer:
        """Items without a number are skipped."""
        found = [(item.number("PresetID", -1), item.text("PresetName")) for item in fields.items("PresetList")]
        presets = tuple(Preset(number, name) for number, name in found if number > 0)
        return cls(sn, device_id, fields.number("SumNum", len(presets)), presets)

    def parts(self, edition: Edition) -> list[str]:
        """The elements of the body."""
        items = "".join(
            f"<Item>\r\n{element('PresetID', preset.number)}{element('PresetName', preset.name)}</Item>\r\n"
            for preset in self.presets
        )
        parts = [element("CmdType", "PresetQuery"), element("SN", self.sn), element("DeviceID", self.device_id)]
        if edition >= Edition.V2022:
            parts.append(element("SumNum", self.total))
        parts.append(f'<PresetList Num="{len(self.presets)}">\r\n{items}</PresetList>\r\n')
        return parts
