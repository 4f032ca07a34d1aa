"""The last centre of an area goes: live pictures there need no shift any more. An act of two persons that waits (A5, A14, A37)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.clock import Clock
from fengsui.features.access import CameraFacts, Function, Place, Rank
from fengsui.features.approvals import ApprovalKind, Asked, Description, Difference, Direction, UnfitContent
from fengsui.features.audit import NODE, Act, Audit
from fengsui.features.duty import queries
from fengsui.features.duty.actions import Duty
from fengsui.features.duty.model import Centre
from fengsui.features.policy import Notice, Policy, Told, TwoPersonAct

NAME: Final = "duty.centre-removal"
HOUR_S, SHORTEST_WAIT_H = 3600.0, 24


class CentreRemoval(ApprovalKind):
    """`{"centre", "name", "area"}`: a supervisor asks, a security administrator approves."""

    name = NAME
    zh, en = "撤销值班中心", "Removal of a duty centre"
    asks, approves = Function.MANAGE_DUTY, Function.MANAGE_POLICY

    def __init__(self, duty: Duty, policy: Policy, audit: Audit, clock: Clock) -> None:
        self._duty = duty
        self._policy = policy
        self._audit = audit
        self._clock = clock

    @property
    def rank(self) -> Rank | None:  # type: ignore[override]
        """As the pack in force asks for."""
        return self._policy.rank_for(TwoPersonAct.POLICY)

    @staticmethod
    def content_of(centre: Centre) -> dict[str, Any]:
        """What is asked for."""
        return {"centre": centre.id, "name": centre.name, "area": centre.area}

    def _centre(self, content: Any) -> Centre:
        """Raises UnfitContent, UnknownCentre."""
        if not isinstance(content, dict) or not isinstance(content.get("centre"), int):
            raise UnfitContent(what="centre")
        centre = self._duty.centre(content["centre"])
        if content != self.content_of(centre):
            raise UnfitContent(what="centre")
        return centre

    async def places(self, content: Any) -> Sequence[CameraFacts | Place]:
        """The area that it answers for."""
        return (Place(str(content["name"]), str(content["area"])),)

    async def base(self, tx: AsyncConnection, content: Any) -> str:
        """The centres of now: who approves knows what is left."""
        return " ".join(f"{one.id}:{one.area}" for one in await queries.all_centres(tx))

    async def describe(self, tx: AsyncConnection, content: Any) -> Description:
        """Raises UnknownCentre, UnfitContent."""
        centre = self._centre(content)
        old, way = ("须签到或有使用单", "a shift or a use ticket"), Direction.NEUTRAL
        new = old
        if self._duty.is_free(centre.area, but=centre.id):
            new, way = ("仅凭岗位", "the post alone"), Direction.LOOSENING
        elif not self._duty.is_kept(centre.area, but=centre.id):
            new, way = ("须有使用单", "a use ticket"), Direction.TIGHTENING
        change = Difference(
            "live", f"区域 {centre.area or '全域'} 看实时画面", f"live pictures of {centre.area or 'everywhere'}", *old, *new, way
        )
        return Description(centre.name, f"撤销值班中心“{centre.name}”", f"Remove the duty centre {centre.name}", (change,))

    async def delay_s(self, tx: AsyncConnection, content: Any) -> float:
        """A loosening waits as long as the pack in force says, a day at least."""
        centre = self._centre(content)
        if not self._duty.is_free(centre.area, but=centre.id):
            return 0.0
        pack = self._policy.effective
        return (SHORTEST_WAIT_H if pack is None else pack.loosening.wait_hours) * HOUR_S

    async def begin(self, tx: AsyncConnection, asked: Asked) -> None:
        """Nothing before its time; the audit office is told."""
        said = f"centre given up; asked {asked.asked_by}, approved {asked.approved_by}; due {int(asked.due_at)}"
        centre = self._centre(asked.content)
        await self._audit.record(NODE, Act.POLICY_NOTICE, centre.name, range=asked.id, detail=said)
        if self._duty.is_free(centre.area, but=centre.id):
            zh = f"值班中心“{centre.name}”将撤销,届时区域 {centre.area or '全域'} 的实时画面不再需要签到"
            en = f"the duty centre {centre.name} is given up: live pictures of {centre.area or 'everywhere'} need no shift then"
            notice = Notice(Told.DUTY, zh, en, asked.due_at, asked.id)
            await self._policy.owners.give(tx, Place(centre.name, centre.area), notice)

    async def apply(self, tx: AsyncConnection, asked: Asked) -> None:
        """Gone, with both names. Raises UnknownCentre, UnusablePlan."""
        centre = self._centre(asked.content)
        self._duty.refuse_seated(centre)
        said = f"asked {asked.asked_by}, approved {asked.approved_by}: {asked.id}"
        await self._audit.record(NODE, Act.DUTY_CENTRE_REMOVE, centre.name, range=centre.area, detail=said)
        await queries.remove_centre(tx, centre.id, self._clock.now().timestamp())

    async def drop(self, tx: AsyncConnection, asked: Asked) -> None:
        """Nothing was done yet."""
        return

    async def settled(self, asked: Asked) -> None:
        """Whoever sits elsewhere sees it."""
        if asked.content is not None:
            await self._duty.read_centres(int(asked.content["centre"]), str(asked.content["area"]))
