"""For whom masks are lifted, until when, and under which ticket."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.bus import Bus
from fengsui.errors import StorageFault
from fengsui.features.access import Access, CameraFacts, Function, LiftThen, Place, Refused
from fengsui.features.audit import NODE, Act, Audit
from fengsui.features.cameras import Cameras
from fengsui.features.masks import queries
from fengsui.features.masks.lift_rows import LiftRows
from fengsui.features.masks.model import MaskedCamera, MaskLift, UnknownMask
from fengsui.features.masks.ports import MasksChanged, Renditions
from fengsui.features.tickets import Tickets
from fengsui.store import Store

log = structlog.get_logger(__name__)
LOOK_EVERY_S = 1.0
"""While a lift lasts: also when the clock was set it ends in time."""


class Lifts:
    """`masked`: every camera with masks, which the masks' own room keeps."""

    def __init__(
        self,
        store: Store,
        bus: Bus,
        access: Access,
        cameras: Cameras,
        audit: Audit,
        tickets: Tickets,
        masked: Mapping[str, MaskedCamera],
        *,
        key: bytes,
    ) -> None:
        """`key`: seals the lifts in the database."""
        self._bus = bus
        self._access = access
        self._steady = access.steady
        self._rows = LiftRows(store, audit, access.steady, key)
        self._cameras = cameras
        self._audit = audit
        self._tickets = tickets
        self._masked = masked
        self._ends_moved = asyncio.Event()
        self.renditions: Renditions | None = None
        self.on_lift: Callable[[int], None] = lambda _: None
        """Called with the user whose lift begins or ends; set at composition."""

    def now(self) -> datetime:
        """By which lifts end: never back."""
        return datetime.fromtimestamp(self._steady.now_s(), UTC)

    async def read(self) -> None:
        """Those of the database that last, when every camera with masks is known."""
        for row in await self._rows.whole():
            if (lifted := self._masked.get(row.camera)) is not None:
                lifted.lifts.append(await self._lift(row))

    async def lifted(self, code: str) -> None:
        """A lift of this camera may be on disk that was not: what is not whole, or under no ticket that opens it, lifts nothing."""
        rows, place = [row for row in await self._rows.whole() if row.camera == code], await self._cameras.place_of(code)
        lifts = [lift for lift in [await self._lift(row) for row in rows] if self._held_until(lift, place) > self.now()]
        masked = self._masked.get(code)
        if masked is None:
            return
        before = masked.clear_for(self.now())
        masked.lifts = lifts
        for lift in masked.lifts:
            self.on_lift(lift.user_id)
        if self.renditions is not None and masked.clear_for(self.now()) - before:
            self.renditions.cut_masked(code)  # whoever may see clear now opens it again
        self._ends_moved.set()
        self._bus.publish(MasksChanged(code))

    async def end_lifts(self, code: str, user_id: int) -> None:
        """Gives a lift back before its time. Idempotent."""
        masked = self._masked.get(code)
        mine = [lift for lift in masked.lifts if lift.user_id == user_id] if masked is not None else []
        if masked is not None and mine:
            await self.end(masked, mine, "")

    async def end(self, masked: MaskedCamera, lifts: Sequence[MaskLift], why: str) -> None:
        """In memory first, so that it ends in any case; `why` empty: it is on record already."""
        self._drop(masked, lifts, why)
        await self._rows.end(lifts, self.now())

    def _drop(self, masked: MaskedCamera, lifts: Sequence[MaskLift], why: str) -> None:
        masked.lifts = [lift for lift in masked.lifts if lift not in lifts]
        for lift in lifts:
            self.on_lift(lift.user_id)
        for lift in lifts if why else ():
            self._audit.record_end(NODE, Act.MASK_LIFT_END, masked.code, detail=why, recipient=lift.name, under=lift.ground)
        self.cut(masked)
        self._bus.publish(MasksChanged(masked.code))

    async def refuse_clear(self, user_id: int, camera: CameraFacts) -> None:
        """Whoever's posts do not give it gets no lift. Raises Refusal, UnknownMask for an account that is gone."""
        person = await self._access.persons.get(user_id)
        if person is None:
            raise UnknownMask()
        decision = self._access.decide(person, Function.VIEW_UNMASKED, camera)
        if isinstance(decision, Refused):
            raise decision.error

    async def keep_lift(self, tx: AsyncConnection, **facts: object) -> None:
        """Writes a lift, under the node's seal."""
        await self._rows.add(tx, **facts)

    async def _lift(self, row: queries.Row) -> MaskLift:
        ground = await self._tickets.ground_of(row.ticket)
        return MaskLift(row.id, row.camera, row.user_id, datetime.fromtimestamp(row.until, UTC), row.reason, row.name, ground)

    def cut(self, masked: MaskedCamera) -> None:
        """Ends what is seen clear by whoever may not."""
        if self.renditions is not None:
            self.renditions.cut_clear(masked.code, masked.clear_for(self.now()))

    async def end_in_time(self) -> None:
        """Each when its time is over; one timer for whichever is the next."""
        while True:
            self._ends_moved.clear()
            now = self.now()
            for masked in list(self._masked.values()):
                ended = [lift for lift in masked.lifts if lift.until <= now]
                if ended:
                    self._drop(masked, ended, "its time is over")
            ends = [lift.until for masked in self._masked.values() for lift in masked.lifts]
            wait_s = min(LOOK_EVERY_S, max(0.001, (min(ends) - self.now()).total_seconds())) if ends else None
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ends_moved.wait(), wait_s)

    async def surely_keep_to_tickets(self, changed: Collection[str] | None) -> None:
        """As `keep_to_tickets`, again and again while the database is away."""
        while True:
            try:
                return await self.keep_to_tickets(changed)
            except StorageFault as error:
                log.warning("lifts could not be compared with their tickets; it is tried again", what=str(error))
                await asyncio.sleep(LOOK_EVERY_S)

    async def keep_to_tickets(self, changed: Collection[str] | None = None) -> None:
        """A lift ends no later than the ticket under which it was given (`changed` None: any), and with what that holds."""
        for masked in list(self._masked.values()):
            for lift in list(masked.lifts):
                if changed is not None and lift.ground.ticket not in changed:
                    continue
                until = self._held_until(lift, await self._cameras.place_of(masked.code))
                if until <= self.now():
                    await self.end(masked, [lift], "its ticket has ended")
                elif until < lift.until:
                    masked.lifts[masked.lifts.index(lift)] = replace(lift, until=until)
                    await self._rows.end([lift], until)
                    self._ends_moved.set()

    def _held_until(self, lift: MaskLift, place: CameraFacts | Place) -> datetime:
        """Until when its ticket opens the unmasked picture; a time that is over when it does not."""
        ticket = self._tickets.in_force(lift.user_id, lift.ground.ticket)
        over = datetime.fromtimestamp(0, UTC)
        if ticket is None or not isinstance(place, CameraFacts):
            return over
        beyond = ticket.refusal(Function.VIEW_UNMASKED, place, self._steady.now_s())
        return over if beyond is not None else datetime.fromtimestamp(ticket.expires_at, UTC)

    def lifts_then(self, user_id: int) -> tuple[LiftThen, ...]:
        """Of this person, for the record of what somebody could see."""
        mine = (one for masked in self._masked.values() for one in masked.lifts if one.user_id == user_id)
        found = (LiftThen(one.camera, one.ground.ticket, one.until.timestamp()) for one in mine)
        return tuple(sorted(found, key=lambda one: (one.camera, one.until)))

    def lift_of(self, camera: str, user_id: int) -> MaskLift | None:
        """By which this person sees the camera clear now."""
        masked, now = self._masked.get(camera), self.now()
        return next((one for one in (masked.lifts if masked else ()) if one.user_id == user_id and one.until > now), None)
