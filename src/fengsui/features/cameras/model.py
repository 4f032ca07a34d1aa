"""What a catalogue item is, and what an operator sees of a camera. Pure. Source: GB/T 28181-2022 annex E, J; A.2.6.4."""

from __future__ import annotations

from dataclasses import dataclass

from fengsui.errors import OperatorFault, PeerFault
from fengsui.features.access import PROTECTION, CameraClass, CameraFacts, Scope
from fengsui.features.areas import Divisions
from fengsui.wire.gb28181.catalog import CatalogueItem
from fengsui.wire.gb_code import CodeKind, kind_of

AREA_LENGTHS = (6, 4, 2)
DUPLICATE = "duplicate"
"""Kind of a channel whose code is another device's camera already: stored and told, never shown (decision 0028)."""


class UnknownCamera(OperatorFault):
    """No camera of this code."""

    code = "camera.unknown"
    status = 404
    zh = "没有编码为 {camera} 的摄像机"
    en = "No camera has the code {camera}"
    remedy_zh = "检查编码,或重新获取所属设备的目录"
    remedy_en = "Check the code, or ask its device for the catalogue again"


class WithdrawnCamera(UnknownCamera):
    """It left the catalogue; what was recorded of it can still be opened."""

    code = "camera.withdrawn"
    zh = "摄像机 {camera} 已撤出目录,只能查看其录像"
    en = "Camera {camera} has left the catalogue: only what was recorded of it can be opened"
    remedy_zh = "如应仍在使用,请重新获取所属设备的目录"
    remedy_en = "If it should be in use, ask its device for the catalogue again"


class UnusableAnswer(PeerFault):
    """The device answered, but not what was asked."""

    code = "device.unusable_answer"
    zh = "设备的应答与查询({command})不符"
    en = "The device's answer does not fit the query ({command})"
    remedy_zh = "在信令记录中查看该应答;必要时升级设备固件"
    remedy_en = "Look at the answer in the signalling trace; a newer firmware may help"


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera as operators see it: the device's words, and their own where they have set any."""

    code: str
    device: str
    name: str
    own_name: str
    reported_name: str
    maker: str
    model: str
    area: str
    own_area: str
    parents: tuple[str, ...]
    item_status: str
    longitude: float | None
    latitude: float | None
    own_place: bool
    """Longitude and latitude are the operator's own."""
    address: str
    ptz_type: int
    streams: tuple[str, ...]
    tags: tuple[str, ...]
    audio_basis: str
    camera_class: CameraClass
    shown_area: str
    stored_details: str
    """What else its device says of it (`rows.details_of`)."""
    class_said: bool
    """Somebody has said its class; else it is by the node's setting."""

    @property
    def facts(self) -> CameraFacts:
        """For the door."""
        return CameraFacts(self.code, self.shown_area, self.camera_class)


@dataclass(frozen=True, slots=True)
class KeptCamera:
    """What rooms of footage need of a camera that is there, or that left while there was footage of it."""

    code: str
    device: str
    name: str
    place: tuple[float, float] | None
    """Longitude and latitude."""
    now: CameraFacts | None
    """None: it is not there."""
    then: CameraFacts | None
    """As it left; None: it never did, or came back as it was."""
    left_at: float
    """When it left last; seconds since 1970."""
    device_then: str
    """Whose channel it was when it left; empty: it never did."""

    @property
    def facts(self) -> CameraFacts:
        """For the door."""
        found = self.now or self.then
        assert found is not None, "it is there, or left"
        return found

    def facts_of(self, since: float, until: float) -> CameraFacts:
        """By which the right to this footage is decided: what it became after it left opens nothing from before. Of both, where
        they differ, only whoever holds everything sees the whole. Seconds since 1970.
        """
        first, *other = self.places_of(since, until)
        return stricter(first, *other) if other else first

    def facts_of_device(self, since: float, until: float) -> CameraFacts:
        """The same of what its device recorded: another device's than then recorded it where that was, or where it is."""
        if self.now is not None and self.then is not None and not self.device_was_there(since):
            return stricter(self.now, self.then)
        return self.facts_of(since, until)

    def device_was_there(self, since: float) -> bool:
        """Whether what its device recorded then is of this camera where it was: another device's channel was elsewhere."""
        return self.now is None or self.then is None or since >= self.left_at or self.device == self.device_then

    def places_of(self, since: float, until: float) -> tuple[CameraFacts, ...]:
        """Where it was in this time: what is done about all of it takes the right in each. Seconds since 1970."""
        if self.now is None or self.then is None or since >= self.left_at:
            return (self.facts,)
        return (self.then,) if until <= self.left_at else (self.now, self.then)

    def is_within(self, scope: Scope, since: float, until: float) -> bool:
        """Whether a list of what was in this time shows it to whom `scope` is."""
        return all(scope.holds(one.area, one.camera_class) for one in self.places_of(since, until))

    @property
    def places(self) -> tuple[CameraFacts, ...]:
        """Where it is, and where it was before it left if that is elsewhere."""
        return tuple(one for one in (self.now, self.then) if one is not None)


def stricter(one: CameraFacts, other: CameraFacts) -> CameraFacts:
    """The class that protects more, and the area only where both have it."""
    area = one.area if one.area == other.area else ""
    return CameraFacts(one.code, area, max(one.camera_class, other.camera_class, key=PROTECTION.__getitem__))


@dataclass(frozen=True, slots=True)
class NamedCamera:
    """What a tree shows of a camera."""

    code: str
    name: str
    status: str
    ptz_type: int


@dataclass(frozen=True, slots=True)
class TreeItem:
    """One item of a device's own tree. `status`: of a camera; empty of others. `parents`, `business_group`: as reported."""

    code: str
    name: str
    kind: str
    area: str
    parents: tuple[str, ...]
    business_group: str
    status: str
    held_by: str = ""
    """Of a refused duplicate: the device whose camera has this code."""


@dataclass(frozen=True, slots=True)
class RefusedChannel:
    """A channel of `device` that is refused because its code is that of a camera of `holder`."""

    code: str
    device: str
    holder: str


@dataclass(frozen=True, slots=True)
class DeviceTree:
    """What a device lists; not `complete` where it has more. `refused`: clashes in which it is either side, all or so many."""

    items: tuple[TreeItem, ...]
    complete: bool
    refused: tuple[RefusedChannel, ...]


def status_of(item_status: str, device_online: bool | None, *, behind_platform: bool, faulty: bool = False) -> str:
    """`online`, `offline`, `fault`, or `unknown` when its platform is away. `device_online` None: no such device.

    `faulty`: the device, whose only camera it is, reports a fault of itself.
    """
    if not device_online:
        return "unknown" if behind_platform and device_online is not None else "offline"
    return {"OFF": "offline", "DEFECT": "fault", "VLOST": "fault"}.get(item_status, "fault" if faulty else "online")


def item_kind(item: CatalogueItem, device: str) -> str:
    """`camera` for whatever may carry pictures; groups, areas, alarm points, audio and sub-devices never do (annex E)."""
    kind = kind_of(item.device_id)
    if item.device_id == device:
        return "camera" if kind in (CodeKind.CAMERA, CodeKind.OTHER) else "device"
    if kind in (CodeKind.CAMERA, CodeKind.OTHER):
        return "camera"
    if kind is CodeKind.RECORDER:
        return "device" if item.parental == 1 else "camera"
    return kind.value


def area_of(item: CatalogueItem, device: str) -> str:
    """The county (or city, province) where it is shown: CivilCode, else the code's own area, else the device's."""
    for text in (item.civil_code, item.device_id, device):
        digits = text[:6]
        if len(digits) >= 2 and digits.isascii() and digits.isdigit():
            return digits[: len(digits) // 2 * 2]
    return ""


def shown_area(area: str) -> str:
    """Where the tree shows an area's cameras: at most a county, by the code in force."""
    return Divisions.current(area[:6])


def home_of(device: str) -> str:
    """The area of a device by its own code, as a prefix: all that it can say of its cameras' areas by itself."""
    digits = device[:6]
    if len(digits) < 6 or not (digits.isascii() and digits.isdigit()):
        return ""
    return Divisions.current(digits.removesuffix("0000") if digits.endswith("0000") else digits.removesuffix("00"))


def counted_area(reported: str, device: str, before: str = "") -> str:
    """Where the tree shows what a device reports: an area outside the device's own does not count until a keeper has put it there.

    Areas decide who sees a camera and whether duty is kept for it (rules A7, A37). `before`: where it is shown now.
    """
    shown, home = shown_area(reported), home_of(device)
    return shown if shown.startswith(home) else before or home


def streams_of(item: CatalogueItem) -> tuple[str, ...]:
    """Streams that can be asked for; most devices have a sub-stream even where they do not list it (2016)."""
    if not item.stream_numbers:
        return ("main", "sub")
    return ("main", "sub")[: max(1, min(2, len(item.stream_numbers)))]
