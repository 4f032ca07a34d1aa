"""Who steers a camera, and within which sector. Pure. Rule A11 of the accountability sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from fengsui.errors import OperatorFault
from fengsui.features.access import Principal, Refusal
from fengsui.wire.gb28181.control import USUAL_PRIORITY

ASKING_S: Final = 60.0
"""A request for a camera that somebody else steers waits for so long."""
TOLD_EVERY_S: Final = 5.0
"""Consoles hear of a hold that is only prolonged no more often."""
End = Literal["given-back", "idle", "taken", "given", "session", "right", "node-stops"]
"""Why somebody does not steer a camera any more."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Somebody who asks the holder for a camera. `until`: seconds of the monotonic clock."""

    who: Principal
    name: str
    post: str
    height: int
    reason: str
    until_s: float


@dataclass(slots=True)
class Hold:
    """One person steers one camera. `height`: of the rank where the camera lies, -1 for none; times in seconds, monotonic."""

    camera: str
    who: Principal
    name: str
    """The full name, else the account's."""
    post: str
    height: int
    reason: str
    """Why it was taken from somebody else; empty where nobody held it."""
    until_s: float
    until: datetime
    told_s: float = 0.0
    asker: Asker | None = field(default=None)

    @property
    def priority(self) -> int:
        """As `ControlPriority` tells it to devices before 2022: an operator's is what most platforms send, and ranks count up."""
        return USUAL_PRIORITY + 1 + self.height

    def is_of(self, who: Principal) -> bool:
        """Whether this very sign-in steers."""
        return self.who.user_id == who.user_id and self.who.session == who.session


@dataclass(frozen=True, slots=True)
class SteeringChanged:
    """Somebody steers a camera, prolongs that, is asked for it, or (`user_id` 0) does not any more: `ended` says why."""

    camera: str
    user_id: int = 0
    name: str = ""
    post: str = ""
    until: str = ""
    reason: str = ""
    ended: str = ""
    lost_by: int = 0
    """The user who has just lost it."""
    asked_by: str = ""
    asked_why: str = ""


@dataclass(frozen=True, slots=True)
class Sector:
    """Where a camera may look: pan clockwise from `pan_from_deg` to `pan_to_deg` (over north where the first is larger), tilt down
    positive, zoom from 1. `presets`: those that may be gone to; for a camera that does not tell its position they are all there is.
    """

    pan_from_deg: float
    pan_to_deg: float
    tilt_from_deg: float
    tilt_to_deg: float
    zoom_max: float
    presets: tuple[int, ...]

    def holds(self, pan_deg: float, tilt_deg: float, zoom: float | None) -> bool:
        """Whether a view's middle lies inside; half a degree is what domes repeat to."""
        return self.beyond(pan_deg, tilt_deg, zoom) == (0.0, 0.0, 0.0)

    def beyond(self, pan_deg: float, tilt_deg: float, zoom: float | None) -> tuple[float, float, float]:
        """How far it lies outside: pan right of the sector is positive, tilt below it, zoom above; 0 inside."""
        pan = _beyond_arc(pan_deg, self.pan_from_deg, self.pan_to_deg)
        tilt = max(0.0, tilt_deg - self.tilt_to_deg) or min(0.0, tilt_deg - self.tilt_from_deg)
        near = 0.0 if zoom is None else max(0.0, zoom - self.zoom_max)
        return tuple(0.0 if abs(one) <= slack else one for one, slack in ((pan, 0.5), (tilt, 0.5), (near, 0.05)))  # type: ignore[return-value]

    def nearest(self, pan_deg: float, tilt_deg: float, zoom: float | None) -> tuple[float, float, float | None]:
        """The place inside that is nearest."""
        over = _beyond_arc(pan_deg, self.pan_from_deg, self.pan_to_deg)
        pan = (pan_deg - over) % 360
        return pan, min(self.tilt_to_deg, max(self.tilt_from_deg, tilt_deg)), None if zoom is None else min(zoom, self.zoom_max)

    def leads_out(self, here: tuple[float, float, float | None], pan: int, tilt: int, zoom: int) -> bool:
        """Whether a movement from `here` (pan, tilt, zoom) goes over a border that is reached. Up is positive `tilt`."""
        margin = 1.0
        right = _beyond_arc(here[0] + margin, self.pan_from_deg, self.pan_to_deg) > 0
        left = _beyond_arc(here[0] - margin, self.pan_from_deg, self.pan_to_deg) < 0
        low, high = here[1] + margin > self.tilt_to_deg, here[1] - margin < self.tilt_from_deg
        near = here[2] is not None and here[2] >= self.zoom_max - 0.05
        return (pan > 0 and right) or (pan < 0 and left) or (tilt < 0 and low) or (tilt > 0 and high) or (zoom > 0 and near)


def _beyond_arc(angle: float, first: float, last: float) -> float:
    """Degrees outside the arc from `first` clockwise to `last`, the nearer way; positive beyond `last`."""
    width = (last - first) % 360
    if width == 0:  # the whole circle
        return 0.0
    at = (angle - first) % 360
    if at <= width:
        return 0.0
    after, before = at - width, 360 - at
    return after if after <= before else -before


@dataclass(frozen=True, slots=True)
class Stop:
    """One point of a patrol."""

    preset: int
    stay_s: int


@dataclass(frozen=True, slots=True)
class Patrol:
    """A round over presets. `by_device`: the camera keeps and goes it itself (GB/T 28181-2022 A.3.5), else this node does."""

    camera: str
    number: int
    name: str
    stops: tuple[Stop, ...]
    speed: int
    by_device: bool
    running: bool = False
    begun_by: str = ""


class HeldByOther(Refusal):
    """Somebody else steers the camera."""

    code = "ptz.held"
    rule = "A11"
    status = 409
    zh = "{name}正在操控该摄像机,至 {until}"
    en = "{name} is steering this camera, until {until}"
    remedy_zh = "级别更高的可写明理由接管;其他人请先请求对方让出,或等其结束"
    remedy_en = "Whoever ranks higher may take it over with a reason; others ask for it, or wait until it ends"


class NotHigher(Refusal):
    """Taking over needs a higher rank than the holder's."""

    code = "ptz.not_higher"
    rule = "A11"
    status = 409
    zh = "{name}正在操控该摄像机,您的级别不高于对方,不能接管;已把您的请求告知对方"
    en = "{name} is steering this camera and you do not rank higher: they have been told that you ask for it"
    remedy_zh = "等待对方让出或结束操控"
    remedy_en = "Wait until they give it to you, or end"


class ReasonMissing(OperatorFault):
    """Whoever takes a camera from another says why."""

    code = "ptz.reason_missing"
    rule = "A11"
    status = 422
    zh = "接管他人正在操控的摄像机须写明理由"
    en = "To take a camera from somebody who steers it, say why"
    remedy_zh = "请填写理由后重试"
    remedy_en = "Give a reason and try again"


class NotHolding(OperatorFault):
    """Only whoever steers gives back or passes on."""

    code = "ptz.not_holding"
    status = 409
    zh = "您没有在操控该摄像机"
    en = "You are not steering this camera"
    remedy_zh = "操控可能已超时或被接管,请刷新"
    remedy_en = "It may have run out or been taken over; load the page again"


class NobodyAsks(OperatorFault):
    """There is nobody to pass it on to."""

    code = "ptz.nobody_asks"
    status = 409
    zh = "没有人在请求操控该摄像机"
    en = "Nobody asks for this camera"
    remedy_zh = "对方的请求可能已过期,请对方重新请求"
    remedy_en = "The request may have run out; let them ask again"


class OutOfSector(Refusal):
    """The movement leads out of where this camera may look."""

    code = "ptz.out_of_sector"
    rule = "A11"
    status = 409
    zh = "超出该摄像机的允许范围,未执行"
    en = "That leads out of the sector in which this camera may look: it was not done"
    remedy_zh = "请向范围内转动,或选用范围内的预置位;需要调整范围的,请有权设置遮挡的人员修改"
    remedy_en = "Turn the other way, or use a preset inside; whoever draws masks may change the sector"


class IntoMask(Refusal):
    """The box reaches over the border of a mask."""

    code = "ptz.into_mask"
    rule = "A11"
    status = 409
    zh = "所选区域触及隐私遮挡,不能放大"
    en = "The box reaches into a privacy mask: no zoom there"
    remedy_zh = "请避开遮挡区域"
    remedy_en = "Keep clear of the mask"


class UnusableSector(OperatorFault):
    """A sector that holds nothing."""

    code = "ptz.unusable_sector"
    status = 422
    zh = "允许范围无效:{why_zh}"
    en = "The sector cannot be used: {why_en}"
    remedy_zh = "请修改数值"
    remedy_en = "Mend the figures"


class UnknownPatrol(OperatorFault):
    """No such patrol of this camera."""

    code = "ptz.unknown_patrol"
    status = 404
    zh = "该摄像机没有 {number} 号巡航"
    en = "This camera has no patrol {number}"
    remedy_zh = "请刷新页面"
    remedy_en = "Load the page again"


class NoPresetPicture(OperatorFault):
    """None was taken yet, or what it showed holds no more."""

    code = "ptz.no_preset_picture"
    status = 404
    zh = "该预置位还没有缩略图"
    en = "There is no picture of this preset yet"
    remedy_zh = "转到该预置位后会自动拍摄"
    remedy_en = "It is taken when the camera next goes there"


def box_meets(polygon: Sequence[tuple[int, int]], left: float, top: float, right: float, bottom: float) -> bool:
    """Whether a polygon reaches into a box; all in the same units."""
    corners = ((left, top), (right, top), (right, bottom), (left, bottom))
    if any(left <= x <= right and top <= y <= bottom for x, y in polygon):
        return True
    if any(_inside(polygon, corner) for corner in corners):
        return True
    sides = list(zip(corners, (*corners[1:], corners[0]), strict=True))
    edges = zip(polygon, (*polygon[1:], polygon[0]), strict=True)
    return any(_cross(one, two, *side) for one, two in edges for side in sides)


def _inside(polygon: Sequence[tuple[int, int]], point: tuple[float, float]) -> bool:
    x, y = point
    found = False
    for (x1, y1), (x2, y2) in zip(polygon, (*polygon[1:], polygon[0]), strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            found = not found
    return found


def _cross(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float], d: tuple[float, float]) -> bool:
    def side(p: tuple[float, float], q: tuple[float, float], r: tuple[float, float]) -> float:
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])

    return side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0
