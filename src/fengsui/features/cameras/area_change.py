"""The area under which a camera is shown decides who sees it and whether duty is kept for it: another one takes two (A7, A37)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.errors import OperatorFault
from fengsui.features.access import CameraFacts, Function, Place, Refusal
from fengsui.features.approvals import Asked, Description, Difference, Direction, UnfitContent
from fengsui.features.audit import Act, Audit
from fengsui.features.cameras.actions import Cameras
from fengsui.features.policy import Loosening, Notice, Policy, Told

NAME: Final = "camera.area"


class AreaMoved(Refusal):
    """Other people would see the camera, or a shift would not answer for it any more."""

    code = "camera.area_needs_two"
    rule = "A37"
    status = 409
    zh = "由 {old} 改列到 {new},将由其他人员查看,须两人办理"
    en = "From {old} to {new} other people see the camera: that takes two persons"
    remedy_zh = "请写明理由提交申请,由安全管理员审批;批准后按策略包等待生效"
    remedy_en = "Ask for it with a reason; a security administrator approves, and it waits as the policy pack says"


class SameArea(OperatorFault):
    """Nothing would change."""

    code = "camera.area_same"
    status = 409
    zh = "摄像机已在该区划"
    en = "The camera is shown there already"
    remedy_zh = "无需变更"
    remedy_en = "There is nothing to change"


async def refuse_moving(cameras: Cameras, code: str, own_area: str) -> None:
    """Within the county under which it is shown, one person says where it stands. Raises AreaMoved, UnknownCamera."""
    old, new = await cameras.shown_with(code, own_area)
    if old != new:
        raise AreaMoved(old=old or "*", new=new or "*")


class AreaChange(Loosening):
    """`{"camera", "area"}`, empty for the device's word; the system administrator asks, the security administrator approves."""

    name = NAME
    zh, en = "摄像机改列区划", "Another area for a camera"
    asks, approves = Function.MANAGE_DEVICES, Function.MANAGE_POLICY

    def __init__(self, cameras: Cameras, policy: Policy, audit: Audit) -> None:
        super().__init__(policy, audit)
        self._cameras = cameras

    @staticmethod
    def _content(content: Any) -> tuple[str, str]:
        try:
            return str(content["camera"]), str(content["area"])
        except (TypeError, KeyError) as error:
            raise UnfitContent(what="camera, area") from error

    async def places(self, content: Any) -> Sequence[CameraFacts | Place]:
        """Where it is and where it goes, whatever its class: offices have none."""
        return [Place(str(content["camera"]), area) for area in await self._cameras.shown_with(*self._content(content))]

    async def base(self, tx: AsyncConnection, content: Any) -> str:
        """Class and area of now; of the device's word, where that leads: it may say something else before it takes effect."""
        code, area = self._content(content)
        camera = await self._cameras.get(code)
        now = f"{camera.camera_class} {camera.area} {camera.shown_area}"
        return now if area else f"{now} {(await self._cameras.shown_with(code, area))[1]}"

    async def describe(self, tx: AsyncConnection, content: Any) -> Description:
        """Raises UnknownCamera, SameArea."""
        code, area = self._content(content)
        camera = await self._cameras.get(code)
        if area == camera.own_area:
            raise SameArea()
        old, new = await self._cameras.shown_with(code, area)
        change = Difference("own_area", "所列区划", "area", old, old, new, new, Direction.LOOSENING)
        name = f"{camera.own_name or camera.name} {code}"
        return Description(code, f"{name} 改列到 {new}", f"{name} goes to {new}", (change,))

    async def delay_s(self, tx: AsyncConnection, content: Any) -> float:
        """As long as the pack in force says, a day at least."""
        return self.wait_s

    async def said(self, content: Any) -> tuple[str, str]:
        """Raises UnknownCamera."""
        code, area = self._content(content)
        return code, "shown_area: {}→{}".format(*await self._cameras.shown_with(code, area))

    async def apply(self, tx: AsyncConnection, asked: Asked) -> None:
        """The new area, with both names. Raises UnknownCamera."""
        await self.note(tx, asked, Act.CAMERA_CHANGE)
        code, area = self._content(asked.content)
        await self._cameras.write(tx, code, own_area=area)

    async def tell_owners(self, tx: AsyncConnection, asked: Asked, due_at: float) -> None:
        """Of the area that loses it, and of the one that gets it."""
        code, area = self._content(asked.content)
        facts = (await self._cameras.facts([code])).get(code)
        old, new = await self._cameras.shown_with(code, area)
        if facts is None:
            return
        zh = f"摄像机 {code} 由区划 {old or '全域'} 改列到 {new or '全域'}"
        notice = Notice(Told.AREA, zh, f"camera {code} is moved from area {old or '*'} to {new or '*'}", due_at, asked.id)
        for where in dict.fromkeys((old, new)):
            await self._policy.owners.give(tx, facts._replace(area=where), notice)
