"""Who may play what: the right to a time of a camera's footage before it is opened, and while it is shown."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from fengsui.errors import FengsuiError
from fengsui.features.access import Access, CameraFacts, Footage, FootageTooOld, Function, NotSignedIn, Principal, TicketNeeded
from fengsui.features.audit import Audit
from fengsui.features.cameras import Cameras, KeptCamera
from fengsui.features.masks import Masks
from fengsui.features.playback.model import (
    DEVICE_SPEEDS,
    LONGEST_S,
    MaskedFootage,
    NoFootageHere,
    NotUnderThatTicket,
    PlaybackSession,
    UnusableOrder,
    UnusablePeriod,
)
from fengsui.media import Engine, EngineError


class Rights:
    """`removed`: of a camera, stream and time what refuses it by the record of its removal."""

    def __init__(
        self,
        access: Access,
        audit: Audit,
        cameras: Cameras,
        masks: Masks,
        engine: Engine,
        removed: Callable[[str, str, float, float], Awaitable[FengsuiError | None]],
    ) -> None:
        self._access = access
        self._audit = audit
        self._cameras = cameras
        self._masks = masks
        self._engine = engine
        self._removed = removed

    async def of(self, who: Principal, camera: str, footage: Footage, longest_s: float = LONGEST_S) -> Principal:
        """Whoever may play this, with the ticket that opens it, also where the camera left. Raises UnknownCamera, UnusablePeriod,
        Refusal.
        """
        refuse_unusable(footage, longest_s)
        return self.let_in(who, (await self._cameras.kept.get(camera)).facts_of(*footage[:2]), footage)

    async def to_kept(self, who: Principal, camera: str, stream: str, footage: Footage, longest_s: float = LONGEST_S) -> Principal:
        """As `of`, and something of it may still be there. Raises what `of` raises, what tells of its removal (rule A53),
        and NoFootageHere.
        """
        try:
            who = await self.of(who, camera, footage, longest_s)
        except FootageTooOld:  # nobody could open what is gone
            await self._refuse_removed(camera, stream, footage)
            raise
        await self._refuse_removed(camera, stream, footage)
        return who

    async def _refuse_removed(self, camera: str, stream: str, footage: Footage) -> None:
        try:
            spans = await asyncio.to_thread(
                self._engine.footage, f"{camera}/{stream}", int(footage.since * 1e6), int(footage.until * 1e6)
            )
        except EngineError as error:
            raise NoFootageHere() from error
        if not spans and (gone := await self._removed(camera, stream, footage.since, footage.until)) is not None:
            raise gone

    def let_in(self, who: Principal, facts: CameraFacts, footage: Footage) -> Principal:
        """The same with the ticket that opens it, which is the one that was named. Raises Refusal."""
        try:
            ground = self._access.check(who, Function.VIEW_RECORDED, facts, footage)
        except TicketNeeded as none:
            if footage.ticket:
                raise NotUnderThatTicket(ticket=footage.ticket) from none
            raise
        if footage.ticket and ground.ticket != footage.ticket:
            raise NotUnderThatTicket(ticket=footage.ticket)
        if self._masks.hides(facts, who):
            raise MaskedFootage(camera=facts.code)
        return replace(who, ground=ground)

    async def why_over(self, session: PlaybackSession, places: Mapping[str, KeptCamera] | None) -> str:
        """Why it is to end; empty: it goes on. Raises StorageFault."""
        if self._audit.fails:
            return "what is shown cannot be recorded"
        found = await self._cameras.kept.many([session.camera]) if places is None else places
        try:
            who = await self._access.renewed(session.principal)
        except NotSignedIn:
            return "the right has ended"
        if (camera := found.get(session.camera)) is None or (session.film is not None and camera.now is None):
            return "the camera is gone"
        facts_of = camera.facts_of if session.film is None else camera.facts_of_device
        facts = facts_of(*session.footage[:2])
        # Another ticket that would open it is another purpose: what is shown stands on record under this one (rule A28).
        footage = session.footage._replace(ticket=session.principal.ground.ticket)
        if not self._access.may(who, Function.VIEW_RECORDED, facts, footage):
            return "the right has ended"
        return "masks were laid on" if self._masks.hides(facts, who) else ""


def refuse_speed(speed: float) -> None:
    """Raises UnusableOrder: no device takes it."""
    slowest, fastest = DEVICE_SPEEDS
    if not slowest <= speed <= fastest:
        raise UnusableOrder(why_zh="设备只接受 1/4 至 8 倍速", why_en="a device takes speeds of 1/4 to 8")


def refuse_unusable(footage: Footage, longest_s: float = LONGEST_S) -> None:
    """Raises UnusablePeriod."""
    if not footage.since < footage.until:
        raise UnusablePeriod(why_zh="起始不早于结束", why_en="it does not begin before it ends")
    if footage.until - footage.since > longest_s:
        raise UnusablePeriod(why_zh="时段过长", why_en="it is too long")
