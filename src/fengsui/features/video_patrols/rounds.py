"""Rounds: due by their plans, begun by who is on duty, handed on with the shift, missed on record."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

import structlog
from prometheus_client import Counter

from fengsui.bus import Bus
from fengsui.errors import StorageFault
from fengsui.features.access import Access, Function, Place, Principal
from fengsui.features.audit import NODE, Act, Audit
from fengsui.features.duty import Centre, Duty, EntryKind, Matter, Shift, ShiftChanged, ShiftLog
from fengsui.features.video_patrols import queries, words
from fengsui.features.video_patrols.errors import (
    AlreadyGoingRound,
    NotOnDutyThere,
    OthersRound,
    RoundOver,
    UnknownRound,
)
from fengsui.features.video_patrols.model import (
    LOOK_BACK_S,
    NEXT_STATES,
    OPEN,
    Outcome,
    Plan,
    Round,
    RoundState,
    StopResult,
    next_stop,
)
from fengsui.features.video_patrols.plans import Plans
from fengsui.loops import keep
from fengsui.store import Store

log = structlog.get_logger(__name__)
LOOK_EVERY_S = 5.0
AHEAD_S = 12 * 3600.0
"""Rounds of so long to come are shown: a shift sees what waits for it."""
TOLD_S = 3 * 86_400.0
"""What was missed is told to supervisors for so long, or until one of them takes note."""
PAGE = 50
ENDED = Counter("fengsui_video_patrol_rounds_total", "Rounds of video patrols by how they ended", ["state"])


class Whole(NamedTuple):
    """A round with the version of the plan that it goes by, and what was seen: a result a stop once it is begun."""

    round: Round
    plan: Plan
    results: list[StopResult]


class Rounds:
    """Those that are open are kept in memory with their results; `turn`: held by whoever changes one."""

    def __init__(self, store: Store, bus: Bus, access: Access, audit: Audit, duty: Duty, shift_log: ShiftLog, plans: Plans) -> None:
        self._store = store
        self._bus = bus
        self._access = access
        self._audit = audit
        self._duty = duty
        self._log = shift_log
        self._plans = plans
        self._open: dict[int, Round] = {}
        self._results: dict[int, list[StopResult]] = {}
        self._plan_of: dict[int, Plan] = {}
        """By round that is open: the version of the plan that it goes by."""
        self._made_to: dict[int, float] = {}
        """By plan: until when what was due has become a round."""
        self.turn = asyncio.Lock()
        self._watch: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Rounds go on over a restart; what was due meanwhile is looked at."""
        async with self._store.reading() as tx:
            found = await queries.open_rounds(tx)
            self._results = await queries.results(tx, [one.id for one in found])
            self._made_to = await queries.last_due(tx)
            for one in found:
                if (plan := await queries.plan_at(tx, one.plan, one.version)) is not None:
                    self._open[one.id], self._plan_of[one.id] = one, plan
        self._watch = keep("video-patrols", self._follow)

    async def stop(self) -> None:
        """Ends looking."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)

    # What is there

    def open_at(self, centre: Centre) -> list[Matter]:
        """`duty.ports.CentreMatters`: rounds that are due or under way pass with the seat by name."""
        found = []
        for one in self.open_of(centre.id):
            plan, at = self.plan_of(one), self._clock_of(one.due_from)
            left = sum(result.outcome is Outcome.OPEN for result in self.results_of(one)) if one.started_at else len(plan.stops)
            zh = f"视频巡逻“{plan.name}”({at}" + (f",余 {left} 点)" if one.started_at else ",待开始)")
            en = f"video patrol {plan.name} ({at}" + (f", {left} stops left)" if one.started_at else ", not begun)")
            found.append(Matter(f"video-patrol:{one.id}", zh, en, centre.area))
        return found

    def open_of(self, centre: int) -> list[Round]:
        """Due or under way, by the time they are due."""
        return sorted((one for one in self._open.values() if one.centre == centre), key=lambda one: (one.due_from, one.id))

    def plan_of(self, one: Round) -> Plan:
        """The version by which an open round goes."""
        return self._plan_of[one.id]

    def results_of(self, one: Round) -> list[StopResult]:
        """Of an open round, one a stop once it is begun."""
        return self._results.get(one.id, [])

    def coming(self, centre: int) -> list[tuple[float, Plan]]:
        """What is due next, within half a day."""
        now = self._duty.now()
        plans = [one for one in self._plans.all() if one.centre == centre]
        found = [(due, one) for one in plans for due in one.dues(now, now + AHEAD_S, self._duty.zone)]
        return sorted(found, key=lambda one: (one[0], one[1].id))

    async def get(self, who: Principal, number: int) -> Whole:
        """One with the plan it goes by. Raises UnknownRound, UnknownCentre, Refusal."""
        async with self._store.reading() as tx:
            found = await queries.round_of(tx, number)
            plan = None if found is None else await queries.plan_at(tx, found.plan, found.version)
            results = await queries.results(tx, [number])
        if found is None or plan is None:
            raise UnknownRound()
        self._plans.check_reader(who, found.centre)
        live = self._results.get(number)
        return Whole(self._open.get(number, found), plan, live if live is not None else results.get(number, []))

    async def listed(self, who: Principal, centre: int, before: int) -> list[Whole]:
        """A page, the newest first, with plans and results. Raises UnknownCentre, Refusal."""
        self._plans.check_reader(who, centre)
        async with self._store.reading() as tx:
            found = await queries.rounds_of(tx, centre, before, PAGE)
            versions = {(one.plan, one.version) for one in found}
            plans = {version: plan for version in versions if (plan := await queries.plan_at(tx, *version)) is not None}
            results = await queries.results(tx, [one.id for one in found])
        known = (one for one in found if (one.plan, one.version) in plans)
        return [Whole(one, plans[one.plan, one.version], results.get(one.id, [])) for one in known]

    async def untold(self, who: Principal) -> list[Whole]:
        """What was missed or broken off at centres that this person supervises, until somebody takes note."""
        mine = [one.id for one in self._duty.centres() if self._access.may(who, Function.MANAGE_DUTY, Place(str(one.id), one.area))]
        if not mine:
            return []
        async with self._store.reading() as tx:
            found = await queries.unnoted(tx, mine, self._duty.now() - TOLD_S)
            plans = [await queries.plan_at(tx, one.plan, one.version) for one in found]
        return [Whole(one, plan, []) for one, plan in zip(found, plans, strict=True) if plan is not None]

    # Going round

    def on_duty(self, who: Principal, centre: int) -> Shift:
        """Raises NotOnDutyThere, UnknownCentre."""
        shift = self._duty.mine(who.user_id)
        if shift is None or shift.centre != centre:
            raise NotOnDutyThere(centre=self._duty.centre(centre).name)
        return shift

    async def begin_by_hand(self, who: Principal, number: int) -> Round:
        """A round beside the planned ones. Raises UnknownPlan, Refusal, NotOnDutyThere, AlreadyGoingRound, AuditUnavailable."""
        async with self.turn:
            plan = self._plans.get(number)
            self._plans.check_reader(who, plan.centre)
            now = self._duty.now()
            return await self._begin(who, Round(0, plan.id, plan.version, plan.centre, now, now + plan.tolerance_s, True), plan)

    async def begin(self, who: Principal, number: int) -> Round:
        """Begins one that is due, or goes on where another has stopped (hand-over in the middle of it).

        Raises UnknownRound, RoundOver, Refusal, NotOnDutyThere, AlreadyGoingRound, OthersRound, AuditUnavailable.
        """
        async with self.turn:
            one = await self._there(who, number)
            return await self._begin(who, one, self.plan_of(one))

    async def _begin(self, who: Principal, one: Round, plan: Plan) -> Round:
        shift = self.on_duty(who, one.centre)
        mine = self.mine(who.user_id)
        if mine is not None and mine.id != one.id:
            raise AlreadyGoingRound(name=self.plan_of(mine).name)
        if one.user_id not in (0, who.user_id) and self._goes_on(one):
            raise OthersRound(name=one.name)
        now = self._duty.now()
        taken = replace(self._moved(one, RoundState.UNDER_WAY), user_id=who.user_id, name=who.name, shift=shift.id, touched_at=now)
        taken = replace(taken, started_at=one.started_at or now)
        said = f"{plan.name}: taken over from {one.name}" if one.user_id not in (0, who.user_id) else f"{plan.name}: begun"
        place = self._duty.centre(one.centre)
        mark = one.mark if one.id else plan.mark
        await self._audit.record(who, Act.PATROL_START, place.name, range=mark, detail=said, under=self._duty.ground(shift))
        fresh = [] if one.started_at else [StopResult(at, stop.camera) for at, stop in enumerate(plan.stops, 1)]
        async with self._store.transaction() as tx:
            if one.id:
                await queries.keep_round(tx, taken)
            else:
                taken = replace(taken, id=await queries.add_round(tx, taken))
            if fresh:
                await queries.keep_results(tx, taken.id, fresh)
        self._open[taken.id], self._plan_of[taken.id] = taken, plan
        if fresh:
            self._results[taken.id] = fresh
        self.tell(taken)
        return taken

    def _goes_on(self, one: Round) -> bool:
        """Whether whoever does it is on duty at its centre still."""
        shift = self._duty.mine(one.user_id)
        return shift is not None and shift.centre == one.centre

    def mine(self, user_id: int) -> Round | None:
        """The round that this person is on."""
        under_way = (one for one in self._open.values() if one.state is RoundState.UNDER_WAY and one.user_id == user_id)
        return next(under_way, None)

    def own(self, who: Principal, number: int) -> tuple[Round, Shift]:
        """Within `turn`: one that this person does, on duty. Raises UnknownRound, RoundOver, OthersRound, NotOnDutyThere."""
        one = self._open.get(number)
        if one is None or one.state is not RoundState.UNDER_WAY:
            raise RoundOver()
        shift = self.on_duty(who, one.centre)
        if one.user_id != who.user_id:
            raise OthersRound(name=one.name)
        return one, shift

    async def _there(self, who: Principal, number: int) -> Round:
        found, _, _ = await self.get(who, number)
        if found.state not in OPEN:
            raise RoundOver()
        return found

    @staticmethod
    def _moved(one: Round, state: RoundState) -> Round:
        if state not in NEXT_STATES.get(one.state, ()):
            raise RoundOver()
        return replace(one, state=state)

    async def settled(self, who: Principal, one: Round, result: StopResult) -> Round:
        """Within `turn`: keeps a stop's outcome, and ends the round with the last one, in the shift's log too."""
        now = self._duty.now()
        results = [result if old.stop == result.stop else old for old in self.results_of(one)]
        after = replace(one, touched_at=now)
        if not next_stop(results):
            after = replace(self._moved(after, RoundState.DONE), ended_at=now)
            entry = await self._log.write(who, EntryKind.PATROL, self._summary(after, results))
            after = replace(after, entry=entry.number)
        await self._keep(after, [result])
        return after

    async def watched(self, one: Round, result: StopResult) -> None:
        """Within `turn`: keeps how long a stop was looked at."""
        await self._keep(replace(one, touched_at=self._duty.now()), [result], told=not result.watched_s)

    async def break_off(self, who: Principal, number: int, reason: str) -> Round:
        """Raises RoundOver, OthersRound, NotOnDutyThere, AuditUnavailable."""
        async with self.turn:
            one, shift = self.own(who, number)
            ended = replace(self._moved(one, RoundState.BROKEN_OFF), ended_at=self._duty.now(), reason=reason)
            place, plan = self._duty.centre(one.centre), self.plan_of(one)
            said, ground = f"{plan.name}: {reason}", self._duty.ground(shift)
            await self._audit.record(who, Act.PATROL_BREAK_OFF, place.name, range=one.mark, detail=said, under=ground)
            entry = await self._log.write(who, EntryKind.PATROL, self._summary(ended, self.results_of(one)))
            ended = replace(ended, entry=entry.number)
            await self._keep(ended, [])
            return ended

    async def note(self, who: Principal, number: int) -> Round:
        """A supervisor has taken note that it was missed or broken off. Raises UnknownRound, RoundOver, Refusal."""
        async with self.turn:
            one, plan, _ = await self.get(who, number)
            place = self._duty.centre(one.centre)
            self._access.check(who, Function.MANAGE_DUTY, Place(str(place.id), place.area))
            if one.state not in (RoundState.MISSED, RoundState.BROKEN_OFF) or one.noted_at:
                raise RoundOver()
            await self._audit.record(who, Act.PATROL_NOTE, place.name, range=one.mark, detail=f"{plan.name}: {one.state}")
            noted = replace(one, noted_by=who.name, noted_at=self._duty.now())
            async with self._store.transaction() as tx:
                await queries.keep_round(tx, noted)
            self.tell(noted)
            return noted

    async def _keep(self, one: Round, results: list[StopResult], *, told: bool = True) -> None:
        async with self._store.transaction() as tx:
            await queries.keep_round(tx, one)
            if results:
                await queries.keep_results(tx, one.id, results)
        if one.state in OPEN:
            self._open[one.id] = one
            new = {result.stop: result for result in results}
            self._results[one.id] = [new.get(old.stop, old) for old in self.results_of(one)]
        else:
            ENDED.labels(one.state.value).inc()
            for kept in (self._open, self._results, self._plan_of):
                kept.pop(one.id, None)
        if told:
            self.tell(one)

    def tell(self, one: Round) -> None:
        """Consoles that look at duty there ask anew."""
        area = next((centre.area for centre in self._duty.centres() if centre.id == one.centre), "")
        self._bus.publish(ShiftChanged(one.centre, area, 0, one.user_id, "patrol", vacant=False))

    def _summary(self, one: Round, results: list[StopResult]) -> str:
        """As the shift's log has it."""
        return words.of_end(self.plan_of(one).name, one, results).zh

    def _clock_of(self, at: float) -> str:
        return f"{datetime.fromtimestamp(at, self._duty.zone):%H:%M}"

    # What comes by itself

    async def _follow(self) -> None:
        while True:
            try:
                await self.look()
            except StorageFault as error:
                log.warning("video patrols that are due could not be kept", what=str(error))
            await asyncio.sleep(LOOK_EVERY_S)

    async def look(self) -> None:
        """What has become due becomes a round; what nobody did is missed; what nobody goes on with is broken off."""
        now = self._duty.now()
        async with self.turn:
            for plan in self._plans.all():
                since = max(self._made_to.get(plan.id, 0.0), plan.set_at, now - LOOK_BACK_S)
                for due in plan.dues(since, now, self._duty.zone):
                    await self._due(plan, due)
            for one in list(self._open.values()):
                if one.state is RoundState.PLANNED and one.due_until < now:
                    await self._missed(one)
                elif one.state is RoundState.UNDER_WAY and one.left_alone < now:
                    await self._left(one, now)

    async def _due(self, plan: Plan, due: float) -> None:
        made = Round(0, plan.id, plan.version, plan.centre, due, due + plan.tolerance_s, False)
        async with self._store.transaction() as tx:
            made = replace(made, id=await queries.add_round(tx, made))
        self._made_to[plan.id] = due
        self._open[made.id], self._plan_of[made.id] = made, plan
        self.tell(made)

    async def _missed(self, one: Round) -> None:
        plan = self.plan_of(one)
        log.warning("a video patrol was missed", centre=one.centre, plan=plan.name, round=one.id)
        self._on_record(Act.PATROL_MISSED, one, f"{plan.name}: nobody began")
        await self._keep(replace(self._moved(one, RoundState.MISSED), ended_at=one.due_until), [])

    async def _left(self, one: Round, now: float) -> None:
        plan = self.plan_of(one)
        self._on_record(Act.PATROL_BREAK_OFF, one, f"{plan.name}: nobody went on after {one.name}")
        ended = replace(self._moved(one, RoundState.BROKEN_OFF), ended_at=now, reason="无人继续 nobody went on")
        await self._keep(ended, [])

    def _on_record(self, act: Act, one: Round, said: str) -> None:
        name = next((centre.name for centre in self._duty.centres() if centre.id == one.centre), str(one.centre))
        self._audit.record_end(NODE, act, name, range=one.mark, detail=said)
