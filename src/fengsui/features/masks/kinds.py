"""Acts on masks that two persons do together: taking one away, letting a view be seen that is black, and lifting a camera's masks
for one person and a time (A14, A41).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.clock import SteadyTime
from fengsui.features.access import OWNERS_CLASSES, CameraFacts, Function, Place
from fengsui.features.approvals import Asked, Description, Difference, Direction
from fengsui.features.audit import NODE, Act, Audit
from fengsui.features.masks import queries
from fengsui.features.masks.actions import Masks
from fengsui.features.masks.model import Mask, UnknownMask, UnusableMask
from fengsui.features.policy import ByPolicy, Loosening, Notice, Policy, Told, TwoPersonAct, both_names
from fengsui.features.tickets import TicketOver, Tickets
from fengsui.picture_worker import Point

REMOVAL, LIFT, VIEW = "mask.remove", "mask.lift", "mask.view"
LONGEST_MINUTES: Final = 12 * 60


def _facts(content: Any, *names: str) -> list[Any]:
    if not isinstance(content, dict) or content.keys() != set(names):
        raise UnusableMask(why_zh="内容不完整", why_en="the content is not whole")
    return [content[name] for name in names]


async def _masks_of(tx: AsyncConnection, camera: str) -> list[Mask]:
    return [mask for mask in await queries.all_masks(tx) if mask.camera == camera]


def _corners(points: Sequence[Point]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)


def _digest(masks: list[Mask]) -> str:
    return hashlib.sha256(repr(masks).encode()).hexdigest()


class _MaskAct(Loosening):
    """On one camera's masks; at an owner's camera it waits as every loosening does, and the owner is told meanwhile (rule A37)."""

    asks, approves = Function.MANAGE_MASKS, Function.APPROVE
    act = TwoPersonAct.UNMASK

    def __init__(self, masks: Masks, policy: Policy, audit: Audit) -> None:
        super().__init__(policy, audit)
        self._masks = masks

    def camera_of(self, content: Any) -> str:
        """Raises UnusableMask."""
        raise NotImplementedError

    def notice(self, camera: str, due_at: float) -> tuple[str, str]:
        """For the owner, in both languages."""
        raise NotImplementedError

    async def places(self, content: Any) -> Sequence[CameraFacts | Place]:
        """The camera."""
        return [await self._masks.place_of(self.camera_of(content))]

    async def base(self, tx: AsyncConnection, content: Any) -> str:
        """The camera's masks: any change of them voids the request."""
        return _digest(await _masks_of(tx, self.camera_of(content)))

    async def delay_s(self, tx: AsyncConnection, content: Any) -> float:
        """At once, but at an owner's camera."""
        place = await self._masks.place_of(self.camera_of(content))
        return self.wait_s if isinstance(place, CameraFacts) and place.camera_class in OWNERS_CLASSES else 0.0

    async def tell_owners(self, tx: AsyncConnection, asked: Asked, due_at: float) -> None:
        """Of this camera."""
        camera = self.camera_of(asked.content)
        place = await self._masks.place_of(camera)
        if isinstance(place, CameraFacts):
            await self._policy.owners.give(tx, place, Notice(Told.MASK, *self.notice(camera, due_at), due_at, asked.id))


class MaskRemoval(_MaskAct):
    """`{"camera", "mask"}`: something that was hidden can be seen again."""

    name = REMOVAL
    zh, en = "移除隐私遮挡", "Removal of a privacy mask"

    def camera_of(self, content: Any) -> str:
        """Raises UnusableMask."""
        return str(_facts(content, "camera", "mask")[0])

    def notice(self, camera: str, due_at: float) -> tuple[str, str]:
        """For the owner."""
        if due_at:
            return f"摄像机 {camera} 的一处隐私遮挡将移除", f"a privacy mask of camera {camera} will be removed"
        return f"摄像机 {camera} 的一处隐私遮挡已移除", f"a privacy mask of camera {camera} is gone"

    async def describe(self, tx: AsyncConnection, content: Any) -> Description:
        """Raises UnknownMask."""
        camera, number = _facts(content, "camera", "mask")
        mask = next((one for one in await _masks_of(tx, camera) if one.id == number), None)
        if mask is None:
            raise UnknownMask()
        shown = _corners(mask.points)
        name = mask.name or str(mask.id)
        change = Difference("mask", f"遮挡 {name}", f"mask {name}", shown, shown, "", "", Direction.LOOSENING)
        return Description(camera, f"移除摄像机 {camera} 的遮挡“{name}”", f"Remove mask “{name}” of camera {camera}", (change,))

    async def said(self, content: Any) -> tuple[str, str]:
        """For the record."""
        camera, number = _facts(content, "camera", "mask")
        return camera, f"mask {number}"

    async def apply(self, tx: AsyncConnection, asked: Asked) -> None:
        """Gone."""
        await self.note(tx, asked, Act.MASK_REMOVE)
        await queries.remove_masks(tx, [asked.content["mask"]])

    async def settled(self, asked: Asked) -> None:
        """Those who watch see it."""
        await self._masks.removed(asked.content["camera"], asked.content["mask"])


class MaskedView(_MaskAct):
    """`{"camera", "preset", "name", "points"}`: a view that is black is seen, but for this mask; without corners all of it."""

    name = VIEW
    zh, en = "开放遮挡摄像机的画面", "A further view of a masked camera"

    def camera_of(self, content: Any) -> str:
        """Raises UnusableMask."""
        return self._order(content)[0]

    @staticmethod
    def _order(content: Any) -> tuple[str, int, str, list[Point]]:
        """Raises UnusableMask."""
        camera, preset, name, points = _facts(content, "camera", "preset", "name", "points")
        pairs = isinstance(points, list) and all(isinstance(one, list | tuple) and len(one) == 2 for one in points)
        if not isinstance(preset, int) or not pairs or not all(isinstance(one, int) for point in points for one in point):
            raise UnusableMask(why_zh="内容不完整", why_en="the content is not whole")
        return str(camera), preset, str(name), [(x, y) for x, y in points]

    def notice(self, camera: str, due_at: float) -> tuple[str, str]:
        """For the owner."""
        if due_at:
            return f"设有隐私遮挡的摄像机 {camera} 将开放一处画面", f"a further view of the masked camera {camera} will be seen"
        return f"设有隐私遮挡的摄像机 {camera} 开放了一处画面", f"a further view of the masked camera {camera} is seen"

    async def describe(self, tx: AsyncConnection, content: Any) -> Description:
        """Raises UnknownCamera, UnusableMask, NothingToOpen."""
        camera, preset, name, points = self._order(content)
        shown = _corners(await self._masks.fits_view(camera, preset, points))
        new_zh, new_en = (f"仅遮挡:{shown}", f"but for {shown}") if shown else ("全部可见", "all of it is seen")
        where_zh, where_en = (f"预置位 {preset}", f"preset {preset}") if preset else ("画面", "view")
        change = Difference("view", where_zh, where_en, "全黑", "black", new_zh, new_en, Direction.LOOSENING)
        title_zh = f"开放摄像机 {camera} 的{where_zh}{f'(遮挡“{name}”)' if name else ''}"
        return Description(camera, title_zh, f"Let {where_en} of the masked camera {camera} be seen", (change,))

    async def said(self, content: Any) -> tuple[str, str]:
        """For the record."""
        camera, preset, _, points = self._order(content)
        return camera, f"preset {preset}, {len(points)} corners: a further view is seen"

    async def apply(self, tx: AsyncConnection, asked: Asked) -> None:
        """From now on. Raises UnknownCamera, UnusableMask, NothingToOpen."""
        camera, preset, name, points = self._order(asked.content)
        outline = await self._masks.fits_view(camera, preset, points)
        await self.note(tx, asked, Act.MASK_ADD)
        await self._masks.keep_mask(tx, camera, preset, name, outline, made_by=0)

    async def settled(self, asked: Asked) -> None:
        """Those who watch see it."""
        await self._masks.opened(self.camera_of(asked.content))


class MaskLifting(ByPolicy):
    """`{"camera", "user", "name", "ticket", "minutes"}`: one person sees one camera unmasked for a time."""

    name = LIFT
    zh, en = "解除隐私遮挡", "Lifting of privacy masks"
    asks, approves = Function.VIEW_UNMASKED, Function.APPROVE
    act = TwoPersonAct.UNMASK

    def __init__(self, masks: Masks, policy: Policy, audit: Audit, tickets: Tickets, steady: SteadyTime) -> None:
        super().__init__(policy, audit)
        self._masks = masks
        self._tickets = tickets
        self._steady = steady

    @property
    def document(self) -> bool:  # type: ignore[override]
        """As the pack in force asks for."""
        return self._policy.document_for(self.act)

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
        await self._masks.lifts.refuse_clear(user, place)
        if (beyond := ticket.refusal(Function.VIEW_UNMASKED, place, now)) is not None:
            raise beyond
        until = min(now + minutes * 60, ticket.expires_at)
        ends = datetime.fromtimestamp(until, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        said = f"until {ends}; {both_names(asked)}"
        await self._audit.record(NODE, Act.MASK_LIFT, camera, range=asked.id, detail=said, recipient=name, under=ticket.ground)
        await self._masks.lifts.keep_lift(
            tx,
            camera=camera,
            user_id=user,
            until=until,
            reason=asked.reason[:256],
            approved_by=asked.approved_by,
            name=name,
            ticket=number,
        )

    async def settled(self, asked: Asked) -> None:
        """The players may open the clear picture."""
        await self._masks.lifts.lifted(asked.content["camera"])
