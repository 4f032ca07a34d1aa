"""Acts on masks that two persons do together: taking one away, and lifting a camera's for one person and a time (A14, A41)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.clock import SteadyTime
from fengsui.features.access import OWNERS_CLASSES, CameraFacts, Function, Place, Rank
from fengsui.features.approvals import ApprovalKind, Asked, Description, Difference, Direction
from fengsui.features.audit import NODE, Act, Audit
from fengsui.features.masks import queries
from fengsui.features.masks.actions import Masks
from fengsui.features.masks.model import Mask, UnknownMask, UnusableMask
from fengsui.features.policy import Notice, Policy, Told, TwoPersonAct
from fengsui.features.tickets import TicketOver, Tickets

REMOVAL, LIFT = "mask.remove", "mask.lift"
LONGEST_MINUTES: Final = 12 * 60
HOUR_S, SHORTEST_WAIT_H = 3600.0, 24


def _facts(content: Any, *names: str) -> list[Any]:
    if not isinstance(content, dict) or content.keys() != set(names):
        raise UnusableMask(why_zh="内容不完整", why_en="the content is not whole")
    return [content[name] for name in names]


async def _masks_of(tx: AsyncConnection, camera: str) -> list[Mask]:
    return [mask for mask in await queries.all_masks(tx) if mask.camera == camera]


def _digest(masks: list[Mask]) -> str:
    return hashlib.sha256(repr(masks).encode()).hexdigest()


class MaskRemoval(ApprovalKind):
    """`{"camera", "mask"}`: something that was hidden can be seen again."""

    name = REMOVAL
    zh, en = "移除隐私遮挡", "Removal of a privacy mask"
    asks, approves = Function.MANAGE_MASKS, Function.APPROVE

    def __init__(self, masks: Masks, policy: Policy, audit: Audit) -> None:
        self._masks = masks
        self._policy = policy
        self._audit = audit

    @property
    def rank(self) -> Rank | None:  # type: ignore[override]
        """As the pack in force asks for."""
        return self._policy.rank_for(TwoPersonAct.UNMASK)

    async def places(self, content: Any) -> Sequence[CameraFacts | Place]:
        """The camera."""
        return [await self._masks.place_of(_facts(content, "camera", "mask")[0])]

    async def base(self, tx: AsyncConnection, content: Any) -> str:
        """The camera's masks: any change of them voids the request."""
        camera, _ = _facts(content, "camera", "mask")
        return _digest(await _masks_of(tx, camera))

    async def describe(self, tx: AsyncConnection, content: Any) -> Description:
        """Raises UnknownMask."""
        camera, number = _facts(content, "camera", "mask")
        mask = next((one for one in await _masks_of(tx, camera) if one.id == number), None)
        if mask is None:
            raise UnknownMask()
        shown = " ".join(f"{x},{y}" for x, y in mask.points)
        name = mask.name or str(mask.id)
        change = Difference("mask", f"遮挡 {name}", f"mask {name}", shown, shown, "", "", Direction.LOOSENING)
        return Description(camera, f"移除摄像机 {camera} 的遮挡“{name}”", f"Remove mask “{name}” of camera {camera}", (change,))

    async def apply(self, tx: AsyncConnection, asked: Asked) -> None:
        """Gone."""
        camera, number = _facts(asked.content, "camera", "mask")
        said = f"mask {number}; asked {asked.asked_by}, approved {asked.approved_by}"
        await self._audit.record(NODE, Act.MASK_REMOVE, camera, range=asked.id, detail=said)
        await self._tell_owners(
            tx, camera, f"摄像机 {camera} 的一处隐私遮挡已移除", f"a privacy mask of camera {camera} is gone", 0.0, asked
        )
        await queries.remove_masks(tx, [asked.content["mask"]])

    async def delay_s(self, tx: AsyncConnection, content: Any) -> float:
        """At an owner's camera it waits as every loosening does, and the owner is told meanwhile (rule A37)."""
        place = await self._masks.place_of(_facts(content, "camera", "mask")[0])
        if not isinstance(place, CameraFacts) or place.camera_class not in OWNERS_CLASSES:
            return 0.0
        pack = self._policy.effective
        return (SHORTEST_WAIT_H if pack is None else pack.loosening.wait_hours) * HOUR_S

    async def begin(self, tx: AsyncConnection, asked: Asked) -> None:
        """Nothing before its time; audit office and owner are told."""
        camera, number = _facts(asked.content, "camera", "mask")
        said = f"mask {number}; asked {asked.asked_by}, approved {asked.approved_by}; due {int(asked.due_at)}"
        await self._audit.record(NODE, Act.POLICY_NOTICE, camera, range=asked.id, detail=said)
        zh, en = f"摄像机 {camera} 的一处隐私遮挡将移除", f"a privacy mask of camera {camera} will be removed"
        await self._tell_owners(tx, camera, zh, en, asked.due_at, asked)

    async def _tell_owners(self, tx: AsyncConnection, camera: str, zh: str, en: str, due_at: float, asked: Asked) -> None:
        place = await self._masks.place_of(camera)
        if isinstance(place, CameraFacts):
            await self._policy.owners.give(tx, place, Notice(Told.MASK, zh, en, due_at, asked.id))

    async def drop(self, tx: AsyncConnection, asked: Asked) -> None:
        """Nothing was done yet."""
        return

    async def settled(self, asked: Asked) -> None:
        """Those who watch see it."""
        await self._masks.removed(asked.content["camera"], asked.content["mask"])


class MaskLifting(ApprovalKind):
    """`{"camera", "user", "name", "ticket", "minutes"}`: one person sees one camera unmasked for a time."""

    name = LIFT
    zh, en = "解除隐私遮挡", "Lifting of privacy masks"
    asks, approves = Function.VIEW_UNMASKED, Function.APPROVE

    def __init__(self, masks: Masks, policy: Policy, audit: Audit, tickets: Tickets, steady: SteadyTime) -> None:
        self._masks = masks
        self._policy = policy
        self._audit = audit
        self._tickets = tickets
        self._steady = steady

    @property
    def document(self) -> bool:  # type: ignore[override]
        """As the pack in force asks for."""
        return self._policy.document_for(TwoPersonAct.UNMASK)

    @property
    def rank(self) -> Rank | None:  # type: ignore[override]
        """As the pack in force asks for."""
        return self._policy.rank_for(TwoPersonAct.UNMASK)

    async def places(self, content: Any) -> Sequence[CameraFacts | Place]:
        """The camera."""
        return [await self._masks.place_of(_facts(content, "camera", "user", "name", "ticket", "minutes")[0])]

    def about(self, content: Any) -> frozenset[int]:
        """Who would see it."""
        return frozenset((_facts(content, "camera", "user", "name", "ticket", "minutes")[1],))

    async def base(self, tx: AsyncConnection, content: Any) -> str:
        """The camera's masks: who approves knows what will be seen."""
        return _digest(await _masks_of(tx, _facts(content, "camera", "user", "name", "ticket", "minutes")[0]))

    async def describe(self, tx: AsyncConnection, content: Any) -> Description:
        """Raises UnknownMask, UnusableMask."""
        camera, _, name, ticket, minutes = _facts(content, "camera", "user", "name", "ticket", "minutes")
        if not await _masks_of(tx, camera):
            raise UnknownMask()
        if not isinstance(minutes, int) or not 1 <= minutes <= LONGEST_MINUTES:
            raise UnusableMask(why_zh="时长 1 至 720 分钟", why_en="1 to 720 minutes")
        change = Difference(
            "lift", "遮挡", "masks", "遮挡", "masked", f"{minutes} 分钟不遮挡", f"unmasked for {minutes} min", Direction.LOOSENING
        )
        zh = f"{name} 凭使用单 {ticket} 查看摄像机 {camera} 的未遮挡画面"
        return Description(camera, zh, f"{name} sees camera {camera} unmasked by ticket {ticket}", (change,))

    async def apply(self, tx: AsyncConnection, asked: Asked) -> None:
        """From now on, for so long, and no longer than the ticket lasts. Raises TicketOver, UnknownMask, and other refusals."""
        camera, user, name, number, minutes = _facts(asked.content, "camera", "user", "name", "ticket", "minutes")
        now, place = self._steady.now_s(), await self._masks.place_of(camera)
        ticket = self._tickets.in_force(user, number)
        if ticket is None:
            raise TicketOver(number=number)
        if not isinstance(place, CameraFacts):
            raise UnknownMask()
        await self._masks.refuse_clear(user, place)
        if (beyond := ticket.refusal(Function.VIEW_UNMASKED, place, now)) is not None:
            raise beyond
        until = min(now + minutes * 60, ticket.expires_at)
        ends = datetime.fromtimestamp(until, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        said = f"until {ends}; asked {asked.asked_by}, approved {asked.approved_by}"
        await self._audit.record(NODE, Act.MASK_LIFT, camera, range=asked.id, detail=said, recipient=name, under=ticket.ground)
        await self._masks.keep_lift(
            tx,
            camera=camera,
            user_id=user,
            until=until,
            reason=asked.reason[:256],
            approved_by=asked.approved_by,
            name=name,
            ticket=number,
        )

    async def begin(self, tx: AsyncConnection, asked: Asked) -> None:
        """It does not wait."""
        return

    async def drop(self, tx: AsyncConnection, asked: Asked) -> None:
        """Nothing was done yet."""
        return

    async def settled(self, asked: Asked) -> None:
        """The players may open the clear picture."""
        await self._masks.lifted(asked.content["camera"])
