"""A camera's class decides who sees it. To protect it more takes one person; anything else is a loosening (rules A14, A37)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.errors import OperatorFault
from fengsui.features.access import CLASS_TEXTS, PROTECTION, CameraClass, CameraFacts, Function, Place, Refusal, mask_of
from fengsui.features.approvals import Asked, Description, Difference, Direction, UnfitContent
from fengsui.features.audit import Act, Audit, told_changes
from fengsui.features.cameras.actions import Cameras
from fengsui.features.policy import Loosening, Notice, Policy, Told

NAME: Final = "camera.class"


class ClassLoosened(Refusal):
    """The new class keeps the camera from fewer eyes, or from other ones."""

    code = "camera.class_needs_two"
    rule = "A37"
    status = 409
    zh = "由“{old_zh}”改为“{new_zh}”将放宽查看范围,须两人办理"
    en = "From {old_en} to {new_en} opens the camera to others: that takes two persons"
    remedy_zh = "请写明理由提交申请,由安全管理员审批;批准后按策略包等待生效"
    remedy_en = "Ask for it with a reason; a security administrator approves, and it waits as the policy pack says"


class SameClass(OperatorFault):
    """Nothing would change."""

    code = "camera.class_same"
    status = 409
    zh = "摄像机已是该类别"
    en = "The camera is of that class already"
    remedy_zh = "无需变更"
    remedy_en = "There is nothing to change"


def loosens(old: CameraClass, new: CameraClass) -> bool:
    """Whether somebody might see the camera who could not before."""
    return new is not old and PROTECTION[new] <= PROTECTION[old]


def refuse_loosening(old: CameraClass, new: CameraClass) -> None:
    """Raises ClassLoosened."""
    if loosens(old, new):
        (old_zh, old_en), (new_zh, new_en) = CLASS_TEXTS[old], CLASS_TEXTS[new]
        raise ClassLoosened(old_zh=old_zh, old_en=old_en, new_zh=new_zh, new_en=new_en)


def class_notice(camera: CameraFacts, new: CameraClass, *, due_at: float = 0.0, request: str = "") -> tuple[Notice, int] | None:
    """For the owner whose camera it was or becomes, with both classes as bits; None: nothing changes."""
    old = camera.camera_class
    if new is old:
        return None
    (old_zh, old_en), (new_zh, new_en) = CLASS_TEXTS[old], CLASS_TEXTS[new]
    zh = f"摄像机 {camera.code} 的类别由“{old_zh}”改为“{new_zh}”"
    notice = Notice(Told.CLASS, zh, f"camera {camera.code}: class {old_en} becomes {new_en}", due_at, request)
    return notice, mask_of((old, new))


class ClassChange(Loosening):
    """`{"camera", "class"}`; the system administrator asks, the security administrator approves."""

    name = NAME
    zh, en = "摄像机类别变更", "Change of a camera's class"
    asks, approves = Function.MANAGE_DEVICES, Function.MANAGE_POLICY

    def __init__(self, cameras: Cameras, policy: Policy, audit: Audit) -> None:
        super().__init__(policy, audit)
        self._cameras = cameras

    @staticmethod
    def _content(content: Any) -> tuple[str, CameraClass]:
        try:
            return str(content["camera"]), CameraClass(content["class"])
        except (TypeError, KeyError, ValueError) as error:
            raise UnfitContent(what="camera, class") from error

    async def places(self, content: Any) -> Sequence[CameraFacts | Place]:
        """Where it lies, whatever its class: offices have none."""
        facts = await self._cameras.place_of(self._content(content)[0])
        return [Place(str(content["camera"]), facts.area)]

    async def base(self, tx: AsyncConnection, content: Any) -> str:
        """Class and area of now."""
        camera = await self._cameras.get(self._content(content)[0])
        return f"{camera.camera_class} {camera.area}"

    async def describe(self, tx: AsyncConnection, content: Any) -> Description:
        """Raises UnknownCamera, SameClass."""
        code, new = self._content(content)
        camera = await self._cameras.get(code)
        old = camera.camera_class
        if old is new:
            raise SameClass()
        (old_zh, old_en), (new_zh, new_en) = CLASS_TEXTS[old], CLASS_TEXTS[new]
        direction = Direction.LOOSENING if loosens(old, new) else Direction.TIGHTENING
        change = Difference("camera_class", "摄像机类别", "class of camera", old_zh, old_en, new_zh, new_en, direction)
        name = f"{camera.own_name or camera.name} {code}"
        return Description(code, f"{name} 改为“{new_zh}”", f"{name} becomes: {new_en}", (change,))

    async def delay_s(self, tx: AsyncConnection, content: Any) -> float:
        """A loosening waits as long as the pack in force says, a day at least."""
        code, new = self._content(content)
        if not loosens((await self._cameras.get(code)).camera_class, new):
            return 0.0
        return self.wait_s

    async def said(self, content: Any) -> tuple[str, str]:
        """Raises UnknownCamera."""
        code, new = self._content(content)
        old = (await self._cameras.get(code)).camera_class
        return code, told_changes({"camera_class": old}, {"camera_class": new})

    async def apply(self, tx: AsyncConnection, asked: Asked) -> None:
        """The new class, with both names. Raises UnknownCamera."""
        await self.note(tx, asked, Act.CAMERA_CHANGE)
        await self._cameras.set_class(tx, *self._content(asked.content))

    async def tell_owners(self, tx: AsyncConnection, asked: Asked, due_at: float) -> None:
        """Whose it was or becomes."""
        code, new = self._content(asked.content)
        facts = (await self._cameras.facts([code])).get(code)
        if facts is not None and (told := class_notice(facts, new, due_at=due_at, request=asked.id)) is not None:
            await self._policy.owners.give(tx, facts, *told)
