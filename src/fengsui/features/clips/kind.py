"""The act of two persons: footage leaves the house as a file (rules A14 to A16)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.access import Access, CameraFacts, FootageHeld, FootageTooOld, Function, Place, Refused
from fengsui.features.approvals import Asked, Description, Difference, Direction
from fengsui.features.audit import NODE, Act, Audit
from fengsui.features.cameras import Cameras
from fengsui.features.clips.model import MaskedClip, SameCase, UnknownClip, Wanted, moment
from fengsui.features.masks import Masks
from fengsui.features.policy import ByPolicy, Policy, TwoPersonAct, both_names
from fengsui.features.tickets import TicketOver, Tickets

HANDOVER = "footage.clip"


class ClipHandover(ByPolicy):
    """`Wanted.content`: one person may take one stretch of one camera's footage, within a day of the approval."""

    name = HANDOVER
    zh, en = "导出录像片段", "Export of a clip"
    # Export itself is bound to footage and ticket, which a place does not say: `Clips.ask` and `apply` decide it.
    asks, approves = Function.LOOK_AROUND, Function.APPROVE
    act = TwoPersonAct.EXPORT

    def __init__(self, policy: Policy, audit: Audit, access: Access, cameras: Cameras, masks: Masks, tickets: Tickets) -> None:
        super().__init__(policy, audit)
        self._access = access
        self._cameras = cameras
        self._masks = masks
        self._tickets = tickets

    @property
    def document(self) -> bool:  # type: ignore[override]
        """As the pack in force asks for."""
        return self._policy.document_for(self.act)

    async def places(self, content: Any) -> Sequence[CameraFacts | Place]:
        """The camera."""
        wanted = Wanted.of(content)
        return [await self._cameras.kept.place_of(wanted.camera, *wanted.footage[:2])]

    async def base(self, tx: AsyncConnection, content: Any) -> str:
        """Whether the camera has masks: with the first one every request is void. Raises MaskedClip; FootageTooOld, FootageHeld
        once the footage has passed the gate while it waits: nobody is to approve what could not be taken then.
        """
        wanted = Wanted.of(content)
        if self._masks.has(wanted.camera):
            raise MaskedClip(camera=wanted.camera)
        await self._refuse_passed(wanted)
        return hashlib.sha256(b"masks False").hexdigest()

    async def _refuse_passed(self, wanted: Wanted) -> None:
        """What time alone takes. The other rights may come back before anybody approves, and are looked at then."""
        place = await self._cameras.kept.place_of(wanted.camera, *wanted.footage[:2])
        person = await self._access.persons.get(wanted.user)
        if person is None or not isinstance(place, CameraFacts):
            return
        decision = self._access.decide(person, Function.EXPORT, place, wanted.footage)
        if isinstance(decision, Refused) and isinstance(decision.error, FootageTooOld | FootageHeld):
            raise decision.error

    async def describe(self, tx: AsyncConnection, content: Any) -> Description:
        """Raises UnusableClip."""
        wanted = Wanted.of(content)
        span = f"{moment(wanted.from_us)} – {moment(wanted.to_us)}"
        seconds = (wanted.to_us - wanted.from_us) / 1e6
        facts: tuple[Difference, ...] = (
            Difference("camera", "摄像机", "camera", "", "", *(2 * (f"{wanted.name} {wanted.camera}",)), Direction.LOOSENING),
            Difference("recording", "录像", "recording", "", "", *wanted.chosen, Direction.LOOSENING),
            Difference("span", "时段", "time", "", "", *(2 * (span,)), Direction.LOOSENING),
            Difference("length", "时长", "length", "", "", f"{seconds:.0f} 秒", f"{seconds:.0f} s"),
            Difference("ticket", "使用单", "use ticket", "", "", wanted.ticket, wanted.ticket),
            Difference("form", "形式", "form", "", "", "MP4,原始画面,无声音", "MP4, original pictures, no sound"),
        )
        if (origin := wanted.origin) is not None:
            case = (await self._tickets.ground_of(wanted.ticket)).case
            facts += (
                Difference("case", "案(事)件", "case", origin.case, origin.case, case, case, Direction.LOOSENING),
                Difference("origin", "原片段", "clip it is", "", "", *(2 * (f"{origin.clip} ({origin.ticket})",))),
            )
            title = f"将案(事)件 {origin.case} 的录像片段用于案(事)件 {case}", f"Use a clip of case {origin.case} for case {case}"
            return Description(wanted.camera, *title, facts)
        title_zh = f"凭使用单 {wanted.ticket} 导出摄像机 {wanted.name} 的录像片段"
        return Description(wanted.camera, title_zh, f"Export a clip of camera {wanted.name} under ticket {wanted.ticket}", facts)

    async def apply(self, tx: AsyncConnection, asked: Asked) -> None:
        """May be taken from now on. Raises TicketOver, UnknownClip, MaskedClip, and other refusals."""
        wanted = Wanted.of(asked.content)
        place = await self._cameras.kept.place_of(wanted.camera, *wanted.footage[:2])
        person = await self._access.persons.get(wanted.user)
        if not isinstance(place, CameraFacts) or person is None:
            raise UnknownClip()
        ticket = self._tickets.in_force(wanted.user, wanted.ticket)
        if ticket is None:
            raise TicketOver(number=wanted.ticket)
        if self._masks.has(wanted.camera):
            raise MaskedClip(camera=wanted.camera)
        decision = self._access.decide(person, Function.EXPORT, place, wanted.footage)
        if isinstance(decision, Refused):
            raise decision.error
        origin, act = wanted.origin, Act.CLIP_ALLOW
        said = f"{wanted.range}; {both_names(asked)}"
        if origin is not None:
            if ticket.case_number == origin.case:
                raise SameCase()
            act, said = Act.CLIP_LINK, f"{said}; clip {origin.clip} of {origin.ticket} {origin.case}"
        await self._audit.record(NODE, act, wanted.camera, range=asked.id, detail=said, recipient=person.name, under=ticket.ground)
