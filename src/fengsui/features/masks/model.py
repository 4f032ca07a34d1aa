"""What is hidden at which position of a camera. Pure. Rules A40, A41 of the accountability sheet."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from fengsui.errors import NodeFault, OperatorFault
from fengsui.features.access import Refusal
from fengsui.features.audit import Ground
from fengsui.picture_worker import UNITS, MaskPlan, Point

EVERYWHERE = 0
"""The position of a camera that cannot turn; presets count from 1."""
MASKS_A_CAMERA, CORNERS = 64, 64
TURNING, FIXED = frozenset((1, 4, 5)), frozenset((2, 3, 6, 7))
"""PTZ types of GB/T 28181-2022 A.2.1.9: dome, remote gun, remote half-dome; half-dome, fixed gun, panorama, part of a panorama."""


@dataclass(frozen=True, slots=True)
class Mask:
    """One polygon (ten-thousandths of width and height); without corners it says that nothing is to be hidden at this preset."""

    id: int
    camera: str
    preset: int
    name: str
    points: tuple[Point, ...]
    valid: bool = True
    """Not so once its preset was set anew or deleted, or a camera without presets was turned: it was drawn on another view."""


@dataclass(frozen=True, slots=True)
class MaskLift:
    """A time in which one person sees a camera unmasked, granted by another (A41)."""

    id: int
    camera: str
    user_id: int
    until: datetime
    reason: str
    name: str
    """Of that person."""
    ground: Ground
    """The use ticket under which it was given, and which it does not outlive."""


@dataclass(slots=True)
class MaskedCamera:
    """A camera with masks and where it is known to look. `position` None: not known."""

    code: str
    device: str
    ptz_type: int
    masks: tuple[Mask, ...] = ()
    position: int | None = None
    lifts: list[MaskLift] = field(default_factory=list)
    arrivals: int = 0
    """How often its device had come when it was last known where it looks."""

    @property
    def turns(self) -> bool:
        """Whether it can turn by itself or by order."""
        return self.ptz_type in TURNING

    def rest(self) -> int | None:
        """Where it looks while nobody has turned it since the node knows it."""
        return None if self.turns else EVERYWHERE

    def plan(self, number: int) -> MaskPlan:
        """What is hidden now: the polygons of this position, or all where none are known (A40)."""
        here = [mask for mask in self.masks if mask.valid and mask.preset == self.position]
        if self.position is None or not here:
            return MaskPlan(number, blank=True)
        polygons = tuple(mask.points for mask in here if mask.points)
        return MaskPlan(number, blank=False, polygons=polygons, guarded=self.ptz_type not in FIXED)

    def void(self, old: Collection[Mask]) -> None:
        """These hide nothing any more: what the camera shows is another view."""
        self.masks = tuple(replace(mask, valid=False) if mask in old else mask for mask in self.masks)

    def is_black_at(self, preset: int) -> bool:
        """Whether the picture there is hidden whole since nobody has drawn on that view: a first mask there lets it be seen."""
        return bool(self.masks) and not any(mask.valid and mask.preset == preset for mask in self.masks)

    def clear_for(self, now: datetime) -> frozenset[int]:
        """Users for whom the masks are lifted now."""
        return frozenset(lift.user_id for lift in self.lifts if lift.until > now)


class UnusableMask(OperatorFault):
    """A polygon that hides nothing, or one for a position that the camera cannot have."""

    code = "mask.unusable"
    zh = "遮挡区域无效:{why_zh}"
    en = "The mask cannot be used: {why_en}"
    remedy_zh = "请在画面上重新绘制"
    remedy_en = "Draw it again on the picture"


class UnknownMask(OperatorFault):
    """No such mask of this camera."""

    code = "mask.unknown"
    status = 404
    zh = "没有这个遮挡区域"
    en = "There is no such mask"
    remedy_zh = "请刷新页面"
    remedy_en = "Load the page again"


class ViewNeedsTwo(Refusal):
    """The view is black, and with a mask of its own, or none that is needed there, it would be seen."""

    code = "mask.view_needs_two"
    rule = "A14"
    status = 409
    zh = "该摄像机设有遮挡,此处画面现为全黑;开放这一画面须两人办理"
    en = "The camera has masks and this view is black: to let it be seen takes two persons"
    remedy_zh = "请写明理由提交申请,由他人审批后生效"
    remedy_en = "Ask for it with a reason; it holds when another person has approved"


class NothingToOpen(OperatorFault):
    """The view is seen already."""

    code = "mask.view_open"
    status = 409
    zh = "此处画面并非全黑"
    en = "This view is not black"
    remedy_zh = "直接绘制遮挡即可,立即生效"
    remedy_en = "Draw the mask; it holds at once"


class NotHidden(NodeFault):
    """The picture cannot be hidden now, so it is not shown."""

    code = "mask.not_hidden"
    status = 503
    zh = "隐私遮挡处理路数已达上限({limit}),暂不能显示该画面"
    en = "No more masked pictures can be made at once ({limit}); this one cannot be shown now"
    remedy_zh = "关闭其他带遮挡的画面后重试,或请管理员调高 media.transcode_limit"
    remedy_en = "Close other masked pictures and try again, or ask for a higher media.transcode_limit"


def check(camera: MaskedCamera, preset: int, points: Sequence[Point]) -> tuple[Point, ...]:
    """The polygon to keep. Raises UnusableMask."""
    if len(camera.masks) >= MASKS_A_CAMERA:
        raise UnusableMask(why_zh=f"每路最多 {MASKS_A_CAMERA} 个", why_en=f"{MASKS_A_CAMERA} a camera at most")
    if camera.turns and preset == EVERYWHERE:
        raise UnusableMask(why_zh="可转动的摄像机须按预置位设置", why_en="a camera that turns has masks by preset")
    if not camera.turns and preset != EVERYWHERE:
        raise UnusableMask(why_zh="固定摄像机没有预置位", why_en="a fixed camera has no presets")
    if not points and camera.turns:
        return ()
    if not 3 <= len(points) <= CORNERS:
        raise UnusableMask(why_zh=f"需要 3 至 {CORNERS} 个顶点", why_en=f"it needs 3 to {CORNERS} corners")
    if any(not 0 <= one <= UNITS for point in points for one in point):
        raise UnusableMask(why_zh="顶点在画面之外", why_en="a corner lies outside the picture")
    area = sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in zip(points, (*points[1:], points[0]), strict=True))
    if abs(area) < 2 * (UNITS // 100) ** 2:
        raise UnusableMask(why_zh="面积太小", why_en="it is too small")
    return tuple(points)
