"""Sightings are noted by who works cases there, seen by who has rights over the area, and withdrawn by who noted them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from fengsui.clock import Clock
from fengsui.features.access import Access, CameraClass, CameraFacts, Footage, Function, Principal, Refusal, Scope
from fengsui.features.areas import Divisions
from fengsui.features.audit import Act, Audit, Ground
from fengsui.features.bookmarks import Withdrawn, micros_of, moment_of, words_of
from fengsui.features.cameras import Cameras, KeptCamera
from fengsui.features.masks import Masks
from fengsui.features.sightings import queries
from fengsui.features.sightings.model import (
    ASKED,
    MOST_A_DAY,
    MOST_LISTED,
    Correction,
    ForeignSighting,
    MaskedSighting,
    Sighting,
    Spot,
    TooManySightings,
    UnknownSighting,
    UnusableSighting,
    Wanted,
)
from fengsui.store import Store

DAY_S = 86_400.0
Asked = tuple[datetime, datetime, str, str]
"""From when to when, the area's code, the case number; an empty one is any."""


class Sightings:
    """`Function.OPEN_TICKET` is what who works cases holds: a sighting is seen, and noted, with it; what is said of footage only as
    `_opened` has it. `grounds_of`: what a person's use tickets that open recordings now stand on."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        access: Access,
        audit: Audit,
        cameras: Cameras,
        masks: Masks,
        grounds_of: Callable[[int], Sequence[Ground]],
    ) -> None:
        self._store = store
        self._clock = clock
        self._access = access
        self._audit = audit
        self._cameras = cameras
        self._masks = masks
        self._grounds_of = grounds_of

    def now(self) -> datetime:
        """By the node's clock."""
        return self._clock.now()

    async def within(self, who: Principal, scope: Scope, asked: Asked, *, withdrawn: bool) -> tuple[list[Sighting], bool, int]:
        """The newest first, and whether these are all. Then how many say what footage shows that no ticket of theirs opens: those
        are not told (rules A1, A2, A6), nor whose case they are of: they are counted for whatever case number is asked for.

        Raises UnusableSighting, AuditUnavailable, StorageFault.
        """
        since, until, area, case_number = asked
        if not since < until:
            raise UnusableSighting(why_zh="起始不早于结束", why_en="it does not begin before it ends")
        if until - since > ASKED:
            raise UnusableSighting(why_zh="一次最多查询 31 天", why_en="31 days at most are looked through at once")
        parts = {"case " + case_number: case_number != "", "with those withdrawn": withdrawn}
        span = f"{since.isoformat(timespec='seconds')}/{until.isoformat(timespec='seconds')}"
        micros = micros_of(since), micros_of(until)
        async with self._store.reading() as tx:
            found = await queries.within(
                tx, scope, micros, area=area, case_number=case_number, withdrawn=withdrawn, limit=MOST_LISTED + 1
            )
            any_case = found
            if case_number:
                any_case = await queries.within(
                    tx, scope, micros, area=area, case_number="", withdrawn=withdrawn, limit=MOST_LISTED + 1
                )
        opened = await self._opened(who, {one.id: one for one in [*found, *any_case]}.values())
        told = [one for one in found if one.id in opened][:MOST_LISTED]
        under = sorted({opened[one.id].ticket for one in told} - {""})
        parts["footage under " + ", ".join(under)] = under != []
        said = "; ".join(part for part, there in parts.items() if there)
        await self._audit.record(who, Act.SIGHTING_LIST, area, range=span, detail=said)
        return told, len(found) <= MOST_LISTED, sum(one.id not in opened for one in any_case)

    async def _opened(self, who: Principal, found: Collection[Sighting]) -> dict[int, Ground]:
        """Those of them that are told to this person, by number, with what opens each; `Ground()`: nothing need.

        What footage shows is told to its author; where no mask hides it, to whom a use ticket opens that camera at that moment; and
        to whom one is open for the same case, where they have the right to recordings.
        """
        known = await self._cameras.kept.many(list({one.spot.camera for one in found if one.kind == "footage"}))
        cases = {one.case: one for one in self._grounds_of(who.user_id) if one.case}
        scope = self._access.scope(who, Function.VIEW_RECORDED)
        grounds = {one.id: self._ground(who, one, known.get(one.spot.camera), scope, cases.get(one.case_number)) for one in found}
        return {id: ground for id, ground in grounds.items() if ground is not None}

    def _ground(
        self, who: Principal, one: Sighting, camera: KeptCamera | None, scope: Scope, same_case: Ground | None
    ) -> Ground | None:
        """None: it is not told. `camera`: its; None: nothing is known of it any more."""
        if one.kind != "footage" or one.author_id == who.user_id:
            return Ground()
        at = moment_of(one.at_us).timestamp()
        facts = None if camera is None else camera.facts_of(at, at)
        if facts is not None:
            if self._masks.hides(facts, who):
                return None
            with suppress(Refusal):
                return self._access.check(who, Function.VIEW_RECORDED, facts, Footage(at, at))
        spot = one.spot
        place = (spot.area, CameraClass(spot.camera_class)) if facts is None else (facts.area, facts.camera_class)
        return same_case if scope.holds(*place) else None

    async def add(self, who: Principal, wanted: Wanted, divisions: Divisions) -> Sighting:
        """A new one.

        Raises UnknownCamera, UnusableSighting, UnusableWords, Refusal, TooManySightings, AuditUnavailable, StorageFault.
        """
        who, made = await self._made(who, wanted, divisions)
        await self._audit.record(who, Act.SIGHTING_ADD, made.place, range=made.when, detail=made.said)
        async with self._store.transaction() as tx:
            return await queries.add(tx, made)

    async def _made(self, who: Principal, wanted: Wanted, divisions: Divisions) -> tuple[Principal, Sighting]:
        """A new one that nobody has yet, and its author with what opened it."""
        now = self._clock.now()
        at_us, words = wanted.at_us(now), words_of(wanted.text)
        spot, facts = await self._spot(wanted, divisions)
        who = self._let_in(who, wanted, spot, facts)
        case_number, made_at = wanted.case(who.ground), now.timestamp()
        async with self._store.reading() as tx:
            count = await queries.count_of(tx, who.user_id, made_at - DAY_S)
        if count >= MOST_A_DAY:
            raise TooManySightings(limit=MOST_A_DAY)
        people = who.user_id, who.name, who.unit
        return who, Sighting(0, wanted.kind, spot, at_us, words, case_number, *people, who.ground, made_at, None)

    async def _spot(self, wanted: Wanted, divisions: Divisions) -> tuple[Spot, CameraFacts | None]:
        """Raises UnknownCamera, UnusableSighting."""
        if not wanted.camera:
            spot = wanted.spot(None, None)
            if divisions.name_of(spot.area) == spot.area:
                raise UnusableSighting(why_zh=f"没有行政区划 {spot.area}", why_en=f"there is no area {spot.area}")
            return replace(spot, area=divisions.current(spot.area)), None
        camera, at = await self._cameras.kept.get(wanted.camera), wanted.at.timestamp()
        facts = camera.facts_of(at, at)
        return wanted.spot(facts, camera.place), facts

    def _let_in(self, who: Principal, wanted: Wanted, spot: Spot, facts: CameraFacts | None) -> Principal:
        """The same with what opened it. Raises Refusal. Rules A1, A2, A7, A40."""
        self._access.check(who, Function.OPEN_TICKET, facts or spot.what)
        if wanted.kind != "footage" or facts is None:
            return who
        at = wanted.at.timestamp()
        ground = self._access.check(who, Function.VIEW_RECORDED, facts, Footage(at, at))
        if self._masks.hides(facts, who):
            raise MaskedSighting(camera=facts.code)
        return replace(who, ground=ground)

    async def withdraw(self, who: Principal, scope: Scope, id: int, why: str) -> Sighting:
        """One's own; it stays readable as withdrawn.

        Raises UnknownSighting, ForeignSighting, UnusableWords, AuditUnavailable, StorageFault.
        """
        words, found = words_of(why), await self._own(who, scope, id)
        how = Withdrawn(self._clock.now().timestamp(), who.name, words)
        said = f"{found.id}: {words}; it said: {found.text}"
        await self._audit.record(who, Act.SIGHTING_WITHDRAW, found.place, detail=said, under=found.ground)
        async with self._store.transaction() as tx:
            if await queries.one(tx, scope, id) is None:
                raise UnknownSighting()
            await queries.withdraw(tx, id, how)
        return replace(found, withdrawn=how)

    async def correct(self, who: Principal, scope: Scope, id: int, correction: Correction, divisions: Divisions) -> Sighting:
        """One's own noted anew, as `add` has it; what stood before stays readable as withdrawn, with what it became.

        Raises UnknownSighting, ForeignSighting, and what `add` raises.
        """
        found = await self._own(who, scope, id)
        who, made = await self._made(who, correction.of(found), divisions)
        said = f"{found.id} of {found.when} said: {found.said} → {made.said}"
        await self._audit.record(who, Act.SIGHTING_CORRECT, made.place, range=made.when, detail=said)
        async with self._store.transaction() as tx:
            if await queries.one(tx, scope, id) is None:
                raise UnknownSighting()
            await queries.withdraw(tx, id, Withdrawn(made.made_at, who.name, f"→ {made.text}"))
            return await queries.add(tx, made)

    async def _own(self, who: Principal, scope: Scope, id: int) -> Sighting:
        """Raises UnknownSighting, ForeignSighting."""
        async with self._store.reading() as tx:
            found = await queries.one(tx, scope, id)
        if found is None:
            raise UnknownSighting()
        if found.author_id != who.user_id:
            if not await self._opened(who, [found]):
                raise UnknownSighting()
            raise ForeignSighting(author=found.author)
        return found
