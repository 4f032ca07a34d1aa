"""Who steers which camera: one person at a time, kept while used, taken by a higher rank alone, told to everybody (rule A11)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from prometheus_client import Gauge

from fengsui.bus import Bus
from fengsui.clock import Clock
from fengsui.errors import FengsuiError, StorageFault
from fengsui.features.access import BEIJING, Access, CameraFacts, Function, Principal, height_of, posts_with, rank_in, rank_of
from fengsui.features.audit import NODE, Act, Audit
from fengsui.features.cameras import Cameras, Control, UnknownCamera
from fengsui.features.steering import queries
from fengsui.features.steering.model import (
    ASKING_S,
    TOLD_EVERY_S,
    Asker,
    End,
    HeldByOther,
    Hold,
    NobodyAsks,
    NotHigher,
    NotHolding,
    ReasonMissing,
    SteeringChanged,
)
from fengsui.loops import keep
from fengsui.store import Store
from fengsui.wire.gb28181.control import USUAL_PRIORITY

log = structlog.get_logger(__name__)
HELD = Gauge("fengsui_steered_cameras", "Cameras that somebody steers")
LOOK_EVERY_S, LEFT_AGAIN_S, LEFT_TRIES = 1.0, 10.0, 60
GOODBYE_S = 1.5
STOPPED_AT: frozenset[End] = frozenset(("taken", "given", "session", "right"))
"""Ends at which the camera is stopped whether or not it is known to move: its order may be under way."""


Record = Callable[[str], Awaitable[None]]


def shown(until: datetime) -> str:
    """For sentences."""
    return until.astimezone(BEIJING).strftime("%H:%M:%S")


@dataclass(frozen=True, slots=True)
class _Claim:
    """Whoever wants a camera, with what is shown of them."""

    who: Principal
    name: str
    post: str
    height: int


class Holds:
    """`hold_s`: a camera to which nothing was sent for so long is free again."""

    def __init__(
        self, store: Store, bus: Bus, access: Access, cameras: Cameras, audit: Audit, control: Control, clock: Clock, hold_s: float
    ) -> None:
        self._store = store
        self._bus = bus
        self._access = access
        self._cameras = cameras
        self._audit = audit
        self._control = control
        self._clock = clock
        self._hold_s = hold_s
        self._held: dict[str, Hold] = {}
        self._ended: set[str] = set()
        """Sessions that have ended and whose holds are to end."""
        self._left: dict[str, tuple[int, float]] = {}
        """Cameras of a former run that may still turn: tries, and when the next is due."""
        self._facts: dict[str, CameraFacts] = {}
        self._woken = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None
        access.on_session_end(self._session_ended)
        control.priority_of = self.priority_of

    async def start(self) -> None:
        """Cameras that were steered when the node was killed are stopped as soon as they can be reached."""
        async with self._store.reading() as tx:
            self._left = dict.fromkeys(await queries.holds_left(tx), (0, 0.0))
        self._loop = keep("steering", self._keep)

    async def stop(self) -> None:
        """Nobody steers a node that is away."""
        if self._loop is not None:
            self._loop.cancel()
            await asyncio.gather(self._loop, return_exceptions=True)
        await asyncio.gather(*(self._end(one, "node-stops") for one in list(self._held.values())))

    def of(self, camera: str) -> Hold | None:
        """Who steers it now."""
        return self._held.get(camera)

    def priority_of(self, camera: str) -> int:
        """Of whoever steers it; of the node's own orders, what most platforms send."""
        held = self._held.get(camera)
        return USUAL_PRIORITY if held is None else held.priority

    def is_held_by(self, who: Principal, camera: str) -> bool:
        """Whether this very sign-in steers it."""
        held = self._held.get(camera)
        return held is not None and held.is_of(who)

    def refuse_other(self, who: Principal, camera: str) -> bool:
        """Raises HeldByOther; else whether the camera would be taken by an order."""
        held = self._held.get(camera)
        if held is not None and held.who.user_id != who.user_id:
            raise HeldByOther(name=held.name, until=shown(held.until))
        return held is None or not held.is_of(who)

    async def begin(self, who: Principal, camera: str) -> None:
        """By a first order, or prolonged by any other. Raises HeldByOther, UnknownCamera, StorageFault."""
        if self.is_held_by(who, camera):
            self._prolong(self._held[camera])
            return
        claim, _ = await self._claim(who, camera)
        self.refuse_other(who, camera)  # anew, for somebody may have come first
        await self._take(camera, claim, "", "session")

    async def take(self, who: Principal, camera: str, reason: str, record: Record) -> Hold:
        """Asked for: free, it is had; from somebody else with a reason by a higher rank alone, who else asks is told to the holder.

        `record` puts what is about to happen on record. Raises what it raises, and NotHigher, ReasonMissing, HeldByOther,
        UnknownCamera, StorageFault.
        """
        claim, _ = await self._claim(who, camera)
        held = self._held.get(camera)
        mine = held is None or held.who.user_id == who.user_id
        if held is not None and not mine and claim.height <= held.height:
            held.asker = Asker(who, claim.name, claim.post, claim.height, reason, self._clock.monotonic_s() + ASKING_S)
            self._tell(held)
            raise NotHigher(name=held.name, until=shown(held.until))
        if not mine and not reason:
            raise ReasonMissing()
        await record("nobody held it" if held is None or mine else f"from {held.who.name}: {reason}")
        now = self._held.get(camera)
        if now is not held and now is not None:
            raise HeldByOther(name=now.name, until=shown(now.until))
        if now is not None and now.is_of(who):
            self._prolong(now)
            return now
        return await self._take(camera, claim, "" if mine else reason, "session" if mine else "taken")

    async def give_back(self, who: Principal, camera: str) -> None:
        """Raises NotHolding."""
        await self._end(self._own(who, camera), "given-back")

    def asked_by(self, camera: str) -> str:
        """The account of whoever asks for it; empty for nobody."""
        held = self._held.get(camera)
        return "" if held is None or held.asker is None else held.asker.who.name

    async def give(self, who: Principal, camera: str) -> Hold:
        """To whoever asks, if they still may. Raises NotHolding, NobodyAsks, UnknownCamera, StorageFault."""
        asker = self._own(who, camera).asker
        if asker is None or asker.until_s <= self._clock.monotonic_s():
            raise NobodyAsks()
        claim, facts = await self._claim(asker.who, camera)
        if not await self._access.still_may(asker.who, Function.CONTROL, facts):
            raise NobodyAsks()
        return await self._take(camera, claim, asker.reason, "given")

    def _own(self, who: Principal, camera: str) -> Hold:
        held = self._held.get(camera)
        if held is None or not held.is_of(who):
            raise NotHolding()
        return held

    async def _claim(self, who: Principal, camera: str) -> tuple[_Claim, CameraFacts]:
        facts = (await self._cameras.facts([camera])).get(camera)
        if facts is None:
            raise UnknownCamera(camera=camera)
        self._facts[camera] = facts
        named = (await self._access.persons.named([who.user_id])).get(who.user_id)
        now = self._access.steady.now_s()
        height = height_of(rank_of(who.person, now=now, function=Function.CONTROL, area=facts.area))
        here = [
            one
            for one in who.person.appointments
            if one.since <= now < one.until and one.post in posts_with(Function.CONTROL) and facts.area.startswith(one.area)
        ]
        post = max(here, key=lambda one: height_of(rank_in(one.post, one.rank)), default=None)
        return _Claim(who, (named.full_name if named else "") or who.name, post.post.value if post else "", height), facts

    async def _take(self, camera: str, claim: _Claim, reason: str, loss: End) -> Hold:
        """The camera changes hands: whoever had it has lost it when this begins to wait, and it is stopped when this returns."""
        before = self._held.get(camera)
        now_s = self._clock.monotonic_s()
        until = self._clock.now() + timedelta(seconds=self._hold_s)
        held = Hold(camera, claim.who, claim.name, claim.post, claim.height, reason, now_s + self._hold_s, until)
        self._held[camera] = held
        HELD.set(len(self._held))
        try:
            async with self._store.transaction() as tx:
                await queries.begin_hold(tx, camera, claim.who.user_id, claim.name, self._access.steady.now_s())
        except StorageFault:
            if self._held.get(camera) is held:
                self._held.pop(camera)
                HELD.set(len(self._held))
            raise
        finally:
            if before is not None:
                self._note_loss(before, loss)
                await self._halt(camera)
        self._tell(held, lost_by=before.who.user_id if before is not None else 0)
        return held

    def _prolong(self, held: Hold) -> None:
        now_s = self._clock.monotonic_s()
        held.until_s, held.until = now_s + self._hold_s, self._clock.now() + timedelta(seconds=self._hold_s)
        if now_s >= held.told_s + TOLD_EVERY_S:
            self._tell(held)

    async def _end(self, held: Hold, why: End) -> None:
        if self._held.get(held.camera) is not held:
            return
        del self._held[held.camera]
        HELD.set(len(self._held))
        if why != "given-back":  # whoever gives back is on record by that act
            self._note_loss(held, why)
        stopped = True
        if why in STOPPED_AT or self._control.is_moving(held.camera):
            stopped = await self._halt(held.camera, GOODBYE_S if why == "node-stops" else None)
        lost = 0 if why == "given-back" else held.who.user_id
        self._bus.publish(SteeringChanged(held.camera, ended=why, lost_by=lost))
        if not stopped and why == "node-stops":
            return  # the next start does it
        with suppress(StorageFault):  # left behind, it costs one stop at the next start
            async with self._store.transaction() as tx:
                if held.camera not in self._held:
                    await queries.end_hold(tx, held.camera)

    def _note_loss(self, held: Hold, why: End) -> None:
        self._audit.record_end(NODE, Act.CONTROL_END, held.camera, detail=f"{held.who.name}: {why}", recipient=held.who.name)

    async def _halt(self, camera: str, within_s: float | None = None) -> bool:
        """Whether it has heard it. Never raises: a camera that cannot be reached does not hear whoever steered it either."""
        with suppress(FengsuiError, TimeoutError):
            async with asyncio.timeout(within_s):
                await self._control.stop(camera)
                return True
        return False

    def _tell(self, held: Hold, lost_by: int = 0) -> None:
        held.told_s = self._clock.monotonic_s()
        asker = held.asker
        asked: dict[str, Any] = {} if asker is None else {"asked_by": asker.name, "asked_why": asker.reason}
        self._bus.publish(
            SteeringChanged(
                held.camera,
                held.who.user_id,
                held.name,
                held.post,
                held.until.isoformat(),
                held.reason,
                "",
                lost_by,
                **asked,
            )
        )

    def _session_ended(self, session: str) -> None:
        if any(one.who.session == session for one in self._held.values()):
            self._ended.add(session)
            self._woken.set()

    async def _keep(self) -> None:
        """Ends what ran out, and what the right to has gone: with the session, the post, or the shift."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_S):
                    await self._woken.wait()
            self._woken.clear()
            ended, self._ended = self._ended, set()
            for held in list(self._held.values()):
                if held.who.session in ended:
                    await self._end(held, "session")
            now_s = self._clock.monotonic_s()
            for held in list(self._held.values()):
                if held.until_s <= now_s:
                    await self._end(held, "idle")
                elif held.asker is not None and held.asker.until_s <= now_s:
                    held.asker = None
                    self._tell(held)
            await self._end_rights()
            await self._stop_left(now_s)

    async def _end_rights(self) -> None:
        if not self._held:
            return
        with suppress(StorageFault):  # meanwhile the door lets nobody's next order in without it
            self._facts = await self._cameras.facts(sorted(self._held))
            for held in list(self._held.values()):
                facts = self._facts.get(held.camera)
                if facts is None or not await self._access.still_may(held.who, Function.CONTROL, facts):
                    await self._end(held, "right")

    async def _stop_left(self, now_s: float) -> None:
        for camera, (tries, due_s) in list(self._left.items()):
            if due_s > now_s or camera in self._held:
                continue
            self._left[camera] = tries + 1, now_s + LEFT_AGAIN_S
            try:
                await self._control.stop(camera)
            except FengsuiError as error:
                if tries < LEFT_TRIES:
                    continue
                log.warning("a camera that was steered before the start could not be told to stop", camera=camera, what=str(error))
            del self._left[camera]
            with suppress(StorageFault):
                async with self._store.transaction() as tx:
                    await queries.end_hold(tx, camera)
