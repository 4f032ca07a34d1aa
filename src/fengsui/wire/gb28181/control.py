"""DeviceControl and the small answers. Source: GB/T 28181-2022 A.2.3.1, A.2.6.1, A.2.6.10."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from fengsui.wire.gb28181.edition import Edition
from fengsui.wire.gb28181.shape import Row, decimal, head, read_rows, text, write_rows
from fengsui.wire.gb28181.xml_text import Fields, element

USUAL_PRIORITY: Final = 5
"""What most platforms send."""


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
class PreciseMove:
    """Where a dome is to look (2022): pan clockwise, 0 to 360; tilt down is positive, -30 to 90; zoom from 1. None: as it is."""

    pan_deg: float | None = None
    tilt_deg: float | None = None
    zoom: float | None = None

    ROWS: ClassVar[tuple[Row, ...]] = (decimal("pan_deg", "Pan"), decimal("tilt_deg", "Tilt"), decimal("zoom", "Zoom"))


@dataclass(frozen=True, slots=True)
class Upgrade:
    """Firmware that the device fetches by HTTP; its result comes later as a notification with the same session."""

    firmware: str = ""
    url: str = ""
    manufacturer: str = ""
    session_id: str = ""

    ROWS: ClassVar[tuple[Row, ...]] = (
        text("firmware", "Firmware"),
        text("url", "FileURL"),
        text("manufacturer", "Manufacturer"),
        text("session_id", "SessionID"),
    )


@dataclass(frozen=True, slots=True)
class AlarmReset:
    """Which alarms are reset; both empty: all."""

    method: str = ""
    alarm_type: str = ""

    ROWS: ClassVar[tuple[Row, ...]] = (text("method", "AlarmMethod"), text("alarm_type", "AlarmType"))


@dataclass(frozen=True, slots=True)
class DeviceControl:
    """One sub-command a message; the others stay at their defaults. TargetTrack (a camera that follows what moves by itself) is
    no part of this product and is neither sent nor read."""

    sn: int
    device_id: str
    ptz: str = ""
    """PTZCmd, 16 hexadecimal digits."""
    preset_name: str = ""
    cruise_name: str = ""
    restart: bool = False
    key_frame: bool = False
    zoom: Zoom | None = None
    home: HomePosition | None = None
    guard: str = ""
    """`SetGuard` or `ResetGuard`."""
    record: str = ""
    """`Record` or `StopRecord`."""
    stream_number: int | None = None
    """Of a recording (2022)."""
    reset_alarm: AlarmReset | None = None
    precise: PreciseMove | None = None
    upgrade: Upgrade | None = None
    format_card: int | None = None
    """Number of the card to be formatted, 0 for all of them; None where nothing is to be formatted."""
    priority: int = USUAL_PRIORITY
    """`ControlPriority` of 2011, which went with PTZCmd before 2022; the standard says neither range nor order: ours goes up."""

    @property
    def answered(self) -> bool:
        """Whether a Response follows (table 3.3 of the fact sheet)."""
        resulting = self.home is not None or self.reset_alarm is not None or self.upgrade is not None
        return resulting or bool(self.guard or self.record)

    @classmethod
    def read(cls, sn: int, device_id: str, fields: Fields) -> DeviceControl:
        """Lenient; both spellings of the key frame command."""
        inward, outward, home = fields.child("DragZoomIn"), fields.child("DragZoomOut"), fields.child("HomePosition")
        names, info = fields.child("PTZCmdParams"), fields.child("Info")
        precise, upgrade, card = fields.child("PTZPreciseCtrl"), fields.child("DeviceUpgrade"), fields.number("FormatSDCard", -1)
        reset = fields.text("AlarmCmd") == "ResetAlarm"
        stream = fields.number("StreamNumber", -1)
        return cls(
            sn,
            device_id,
            ptz=fields.text("PTZCmd"),
            preset_name=names.text("PresetName") if names else "",
            cruise_name=names.text("CruiseTrackName") if names else "",
            restart=fields.text("TeleBoot").lower() == "boot",
            key_frame=bool(fields.text("IFameCmd") or fields.text("IFrameCmd")),
            zoom=Zoom.read(True, inward) if inward else Zoom.read(False, outward) if outward else None,
            home=HomePosition(home.text("Enabled") == "1", home.number("ResetTime"), home.number("PresetIndex")) if home else None,
            guard=fields.text("GuardCmd"),
            record=fields.text("RecordCmd"),
            stream_number=stream if stream >= 0 else None,
            reset_alarm=(read_rows(AlarmReset, info) if info else AlarmReset()) if reset else None,
            precise=read_rows(PreciseMove, precise) if precise else None,
            upgrade=read_rows(Upgrade, upgrade) if upgrade else None,
            priority=info.number("ControlPriority", USUAL_PRIORITY) if info else USUAL_PRIORITY,
            format_card=card if card >= 0 else None,  # what cannot be read formats nothing
        )

    def parts(self, edition: Edition) -> list[str]:
        """The elements of the body in the order of the schema."""
        new = edition >= Edition.V2022
        parts = head("DeviceControl", self.sn, self.device_id)
        if self.ptz:
            parts.append(element("PTZCmd", self.ptz))
            named = element("PresetName", self.preset_name or None) + element("CruiseTrackName", self.cruise_name or None)
            if named and new:
                parts.append(f"<PTZCmdParams>\r\n{named}</PTZCmdParams>\r\n")
            if not new:
                parts.append(f"<Info>\r\n<ControlPriority>{self.priority}</ControlPriority>\r\n</Info>\r\n")
        parts.append(element("TeleBoot", "Boot" if self.restart else None))
        parts.append(element("RecordCmd", self.record or None))
        parts.append(element("StreamNumber", self.stream_number if new else None))
        parts.append(element("GuardCmd", self.guard or None))
        if self.reset_alarm is not None:
            parts.append(element("AlarmCmd", "ResetAlarm"))
            which = write_rows(self.reset_alarm, edition)
            parts.append(f"<Info>\r\n{which}</Info>\r\n" if which else "")
        if self.key_frame:
            parts.append(element("IFrameCmd" if new else "IFameCmd", "Send"))
        if self.zoom is not None:
            parts.append(self.zoom.to_xml())
        if self.home is not None:
            parts.append(self._home())
        if new:
            parts += self._of_2022(edition)
        return parts

    def _home(self) -> str:
        assert self.home is not None  # asked only where there is one
        inside = element("Enabled", int(self.home.enabled))
        if self.home.enabled:
            inside += element("ResetTime", self.home.reset_time_s) + element("PresetIndex", self.home.preset)
        return f"<HomePosition>\r\n{inside}</HomePosition>\r\n"

    def _of_2022(self, edition: Edition) -> list[str]:
        parts = []
        if self.precise is not None:
            parts.append(f"<PTZPreciseCtrl>\r\n{write_rows(self.precise, edition)}</PTZPreciseCtrl>\r\n")
        if self.upgrade is not None:
            parts.append(f"<DeviceUpgrade>\r\n{write_rows(self.upgrade, edition)}</DeviceUpgrade>\r\n")
        parts.append(element("FormatSDCard", self.format_card))
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
