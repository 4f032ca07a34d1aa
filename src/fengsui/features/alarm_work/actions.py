"""Alarms taken, verified and closed: on record before it is done, by one person at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import structlog
from prometheus_client import Counter
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.bus import Bus
from fengsui.clock import Clock
from fengsui.errors import StorageFault
from fengsui.features.access import EVERYWHERE, Access, CameraClass, Function, Principal, Scope, scope_of
from fengsui.features.alarm_work import pass_queries, queries
from fengsui.features.alarm_work.model import (
    IN_WORK,
    LONGEST_DETAIL,
    AlarmChanged,
    AlarmRepeated,
    UnknownColleague,
    Verb,
    Wish,
    change,
    overdue,
    raised,
    unshelved,
)
from fengsui.features.alarm_work.pass_queries import Hop, Pass
from fengsui.features.alarm_work.passes import AlarmPasses
from fengsui.features.alarm_work.ports import AlarmPassed, Beyond
from fengsui.features.alarm_work.queries import Step
from fengsui.features.alarms import Alarm, Alarms, OpenAlarms
from fengsui.features.audit import NODE, Act, Audit, AuditUnavailable
from fengsui.features.duty import Centre
from fengsui.loops import keep, surprises
from fengsui.store import Store

log = structlog.get_logger(__name__)
NAME: Final = "alarm-clocks"
LOOK_S: Final = 1.0
AT_ONCE: Final = 200
ACTS: Final[Mapping[Verb, Act]] = {
    "claim": Act.ALARM_CLAIM,
    "release": Act.ALARM_RELEASE,
    "hand-over": Act.ALARM_HAND_OVER,
    "verify": Act.ALARM_VERIFY,
    "close": Act.ALARM_CLOSE,
    "note": Act.ALARM_NOTE,
}
Beside = Callable[[AsyncConnection], Awaitable[None]]
BeforeClose = Callable[[Alarm, str], Awaitable[None]]
"""By the alarm and the outcome that it is to have."""
PASS_AT_ONCE: Final = 50
"""Each is on record first, and whoever wants to take one waits meanwhile."""
PASS_SHARE, LONGEST_REST_S = 20.0, 5.0
"""One part in so many of the time goes into looking for alarms that pass on, however many wait; it rests no longer than that."""
PASSED = Counter("fengsui_alarms_passed_on_total", "Alarms that passed from a duty centre to the next one", ["why"])
LATE = Counter("fengsui_alarms_overdue_total", "Alarms that waited longer than their clock lets them", ["step"])


def _is_raisable(alarm: Alarm, to: int) -> bool:
    return alarm.priority > to and (alarm.state in (*IN_WORK, "shelved") or (alarm.state == "" and alarm.change == "new"))


class AlarmWork:
    """What one desk does, all others see."""

    def __init__(
        self,
        store: Store,
        bus: Bus,
        clock: Clock,
        access: Access,
        audit: Audit,
        alarms: Alarms,
        opened: OpenAlarms,
        passes: AlarmPasses,
    ) -> None:
        self._store = store
        self._access = access
        self._bus = bus
        self._clock = clock
        self._audit = audit
        self._alarms = alarms
        self._open = opened
        self.passes = passes
        self.beyond: Beyond | None = None
        """Set at composition: the way to upper nodes."""
        self._looks = 0
        """So often it was looked for alarms that pass on."""
        self._ways: list[tuple[int, int]] | None = None
        """Which centre passes to which, when it was last looked for alarms that go no further; None: never."""
        self._passed_s = 0.0
        """When it is looked again for alarms that pass on (s since the process began)."""
        self.turn = asyncio.Lock()
        """Held by whoever changes an alarm that is work, or what is done about one."""
        self.before_close: list[BeforeClose] = []
        """What else may speak against it; each raises."""
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """What was passed on stays so over a restart. Raises StorageFault."""
        known = await self._alarms.many([EVERYWHERE], await self.passes.ids())
        await self.passes.read(known.values())

    def begin(self) -> None:
        """Whoever is to be told can be: clocks that ran out meanwhile are told of now."""
        self._task = keep(NAME, self._watch)

    async def stop(self) -> None:
        """Clocks go on when the node is back."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def act(self, who: Principal, scopes: Sequence[Scope], id: int, wish: Wish) -> Alarm:
        """As it is then. Raises UnknownAlarm, what `model.change` raises, AuditUnavailable, StorageFault."""
        async with self.turn:
            alarm = await self._alarms.get(scopes, id)
            now = self._clock.now().timestamp()
            if wish.to is not None:
                wish = replace(wish, to_name=await self._colleague(alarm, wish.to))
            values = change(alarm, wish, now, self._open.limits)
            if not values:
                return alarm
            if wish.verb == "close":
                for look in self.before_close:
                    await look(alarm, wish.outcome or "")
            judged = f"×{alarm.folded + 1}" if wish.verb == "verify" and alarm.folded else ""
            said = "; ".join(one for one in (wish.result, wish.reason, wish.outcome, wish.to_name, judged, wish.note) if one)
            await self._audit.record(who, ACTS[wish.verb], str(id), detail=f"{alarm.site} {alarm.point}; {said}".strip("; "))
            step = Step(now, who.user_id, who.name, wish.verb, alarm.state, values.get("state", alarm.state), said)
            if wish.verb in ("verify", "close"):
                async with self._open.closing(id):
                    over = self.passes.of(id) if wish.verb == "close" else ()
                    await self._write(alarm, values, step, wish.folded, over)
            else:
                given_back = self.passes.through(who.person, alarm) if wish.verb == "release" else ()
                await self._write(alarm, values, step, over=given_back)
            return await self._alarms.get([EVERYWHERE], id)  # as it is then to whoever did it, who may see no more of it now

    async def _colleague(self, alarm: Alarm, user_id: int) -> str:
        """The name of somebody who may see to it. Raises UnknownColleague."""
        person = await self._access.persons.get(user_id)
        of = CameraClass(alarm.camera_class) if alarm.camera_class else None
        held = None if person is None else scope_of(person, Function.TAKE_DUTY, now=self._access.steady.now_s())
        if person is None or held is None or not (held.holds(alarm.area, of) or self.passes.may_see_to(person, alarm)):
            raise UnknownColleague()
        return person.name

    async def _write(
        self, alarm: Alarm, values: Mapping[str, Any], step: Step, folded: int | None = None, over: Sequence[Pass] = ()
    ) -> None:
        """`folded`: as many as that must have come, and no more while it was written down. `over`: by these nobody sees to it any
        more."""
        doubted = self.passes.doubted
        self.passes.doubted = doubted or bool(over)
        async with self._store.transaction() as tx:
            if not await queries.change(tx, alarm, values, folded):
                by_now = await self._alarms.within(tx, alarm.id)
                if folded is not None and by_now is not None and by_now.version == alarm.version:
                    raise AlarmRepeated(times=by_now.folded + 1, seen=folded + 1)
                raise AlarmChanged()
            await queries.add_step(tx, alarm.id, step)
            if over:
                await pass_queries.end(tx, [one.id for one in over], step.at, "closed" if step.act == "close" else "given-back")
        self._tell(replace(alarm, **values))
        if over:
            self.passes.ended(over)
            self.passes.doubted = doubted

    # By rules

    async def priority_of(self, id: int) -> int | None:
        """None: there is no such alarm. Raises StorageFault."""
        async with self._store.reading() as tx:
            found = await self._alarms.within(tx, id)
        return None if found is None else found.priority

    async def raisable(self, id: int, to: int) -> int | None:
        """Its priority, where it may be raised; None: it is as urgent, over, counts with another, or tells that something ended."""
        async with self._store.reading() as tx:
            found = await self._alarms.within(tx, id)
        return found.priority if found is not None and _is_raisable(found, to) else None

    async def raise_priority(self, id: int, to: int, said: str, beside: Beside) -> None:
        """To a more urgent one; what was for the record alone becomes work. `beside`: what is written in the same transaction.

        Raises StorageFault, AlarmChanged."""
        now = self._clock.now().timestamp()
        async with self.turn, self._open.adding(), self._store.transaction() as tx:
            await queries.hold(tx, id)  # a seat may change hands at this moment
            alarm = await self._alarms.within(tx, id)
            told, raises = id, alarm is not None and _is_raisable(alarm, to)
            if alarm is not None and raises:
                if alarm.state:
                    values = raised(alarm, to, self._open.limits)
                    if alarm.state == "shelved":  # more urgent than what its shelf holds, it passes
                        raises = not await self._open.holds(tx, alarm.shelf_id, to)
                        values = unshelved(to, now, self._open.limits) if raises else {"priority": to}
                    if not await queries.raise_priority(tx, alarm, values):
                        raise AlarmChanged()
                else:
                    told = await self._open.take_up(tx, id, to, alarm.first_at) or id
                await queries.add_step(tx, id, Step(now, None, "", "rule", alarm.state, alarm.state or "open", said))
            await beside(tx)
        await self.tell(told, raised=raises)

    async def note(self, tx: AsyncConnection, id: int, said: str, *, who: Principal | None = None, act: str = "rule") -> None:
        """What a rule did, or somebody (`who`) in another room, in the time line of an alarm."""
        alarm = await self._alarms.within(tx, id)
        state = "" if alarm is None else alarm.state
        user, name = (None, "") if who is None else (who.user_id, who.name)
        await queries.add_step(tx, id, Step(self._clock.now().timestamp(), user, name, act, state, state, said))

    async def tell(self, id: int, *, raised: bool = False) -> None:
        """Desks look again, and ring for what was raised. Raises StorageFault."""
        async with self._store.reading() as tx:
            found = await self._alarms.within(tx, id)
        if found is not None:
            self._tell(found, raised=raised)

    def _tell(self, now: Alarm, *, raised: bool = False, late: bool = False) -> None:
        self._bus.publish(self.passes.changed(now, raised=raised, late=late))

    async def steps(self, scopes: Sequence[Scope], id: int) -> list[Step]:
        """The oldest first. Raises UnknownAlarm, StorageFault."""
        await self._alarms.get(scopes, id)
        async with self._store.reading() as tx:
            return await queries.steps(tx, id)

    async def _watch(self) -> None:
        while True:
            told = 0
            with surprises(NAME):
                try:
                    if self.passes.doubted:
                        async with self.turn:
                            await self.start()
                    told = await self._tell_what_waits()
                    if self._clock.monotonic_s() >= self._passed_s:
                        told = max(told, await self._pass_on())
                except (StorageFault, AuditUnavailable) as fault:
                    log.error("alarms that wait too long cannot be looked for", why=str(fault))
            if told < AT_ONCE:
                await asyncio.sleep(LOOK_S)

    async def _tell_what_waits(self) -> int:
        """How many waited too long. Raises StorageFault."""
        now = self._clock.now().timestamp()
        late: list[Alarm] = []
        async with self.turn:
            async with self._store.reading() as tx:
                ids = await queries.due(tx, now, AT_ONCE)
            if not ids:
                return 0
            going_up = await self._announce_last(ids, now)
            async with self._store.transaction(act=False) as tx:
                for id in ids:
                    alarm = await self._alarms.within(tx, id)
                    if alarm is None or alarm.due_at is None or alarm.due_at > now:
                        continue
                    values = overdue(alarm, now, self._open.limits) if alarm.state in IN_WORK else {"due_at": None}
                    if await queries.change(tx, alarm, values):
                        step = "claim" if alarm.owner_id is None else "verify" if alarm.state == "claimed" else "close"
                        await queries.add_step(tx, id, Step(now, None, "", "overdue", alarm.state, alarm.state, step))
                        if id in going_up and values.get("escalated") == 2:
                            await self._offer(tx, alarm, now)
                        late.append(replace(alarm, **values))
        if going_up and self.beyond is not None:
            self.beyond.wake()
        for one in late:
            step = "claim" if one.owner_id is None else "verify" if one.state == "claimed" else "close"
            LATE.labels(step).inc()
            self._audit.record_end(NODE, Act.ALARM_OVERDUE, str(one.id), detail=f"{step}; {one.site} {one.point}")
            self._tell(one, late=True)
        return len(ids)

    async def _announce_last(self, ids: Sequence[int], now: float) -> Collection[int]:
        """Of those whose clock has run out, those that reach the last level now and pass to no next centre."""
        if self.beyond is None:
            return ()
        found = (await self._alarms.many([EVERYWHERE], ids)).values()
        last = [
            one
            for one in found
            if one.state in IN_WORK and overdue(one, now, self._open.limits).get("escalated") == 2 and not self.passes.goes_on(one)
        ]
        await self.beyond.announce(last)
        return {one.id for one in last}

    async def _offer(self, tx: AsyncConnection, alarm: Alarm, now: float, centre: Centre | None = None) -> None:
        """`centre`: the last one, to which it passes just now."""
        if self.beyond is None:
            return
        in_charge = await self.in_charge(tx, alarm) if centre is None else centre.name
        for title in await self.beyond.offer(tx, alarm, in_charge):
            await queries.add_step(tx, alarm.id, Step(now, None, "", "upper", alarm.state, alarm.state, title))

    async def in_charge(self, tx: AsyncConnection, alarm: Alarm) -> str:
        """The unit of whoever has it, else the centre where it waits; nobody's name. Raises StorageFault."""
        unit = "" if alarm.owner_id is None else await self._access.persons.unit_of(tx, alarm.owner_id)
        return unit or self.passes.waits_at(alarm)

    async def _pass_on(self) -> int:
        """How many went from a centre to the next one. Raises StorageFault, AuditUnavailable."""
        most, looking_s, ways = 0, 0.0, self.passes.ways()
        if ways != self._ways:
            await self._offer_stranded()
            self._ways = ways
        known = [centre for centre, _ in ways]
        for hop, centre, following in self.passes.hops(self._clock.now().timestamp()):
            async with self.turn:
                begun = self._clock.monotonic_s()
                async with self._store.reading() as tx:
                    ids = await pass_queries.waiting(tx, hop, PASS_AT_ONCE, known)
                looking_s += self._clock.monotonic_s() - begun
                most = max(most, len(ids))
                if ids:
                    await self._pass(hop, centre, following, ids)
        self._looks += 1
        more = most >= PASS_AT_ONCE
        self._passed_s = self._clock.monotonic_s() + (0.0 if more else min(looking_s * PASS_SHARE, LONGEST_REST_S))
        return AT_ONCE if more else most

    async def _offer_stranded(self) -> None:
        """A centre was given up, or passes on to no other any more: what was to go on from there goes to the upper node."""
        beyond = self.beyond
        if beyond is None:
            return
        async with self.turn:
            async with self._store.reading() as tx:
                ids = await pass_queries.stranded(tx)
            for at in range(0, len(ids), AT_ONCE):
                found = (await self._alarms.many([EVERYWHERE], ids[at : at + AT_ONCE])).values()
                last = [one for one in found if self.passes.is_last(one)]
                await beyond.announce(last)
                now = self._clock.now().timestamp()
                async with self._store.transaction(act=False) as tx:
                    for one in last:
                        await self._offer(tx, one, now)
        beyond.wake()

    async def _pass(self, hop: Hop, centre: Centre, following: Centre, ids: Sequence[int]) -> None:
        """On record first: it is a right that others have from then on."""
        now, why, done = self._clock.now().timestamp(), "nobody" if hop.vacant else "untaken", list[tuple[Alarm, Pass]]()
        said = f"{centre.name} → {following.name}"
        found = await self._alarms.many([EVERYWHERE], ids)
        records = [
            self._audit.record(
                *(NODE, Act.ALARM_PASS, str(id)), range=one.area, detail=f"{why}; {said}; {one.site} {one.point}".strip("; ")
            )
            for id, one in found.items()
        ]
        await asyncio.gather(*records)
        beyond = self.beyond if following.following is None else None
        if beyond is not None:
            await beyond.announce(found.values())
        try:
            async with self._store.transaction(act=False) as tx:
                for id in ids:
                    await queries.hold(tx, id)
                    alarm = await self._alarms.within(tx, id)
                    if alarm is None or alarm.owner_id is not None or alarm.state not in IN_WORK:
                        continue
                    if not await queries.change(tx, alarm, {}):
                        continue
                    passed = await pass_queries.add(tx, Pass(0, id, centre.id, following.id, why, now))
                    await queries.add_step(tx, id, Step(now, None, "", "pass", alarm.state, alarm.state, said[:LONGEST_DETAIL]))
                    if beyond is not None:
                        await self._offer(tx, alarm, now, following)
                    done.append((replace(alarm, version=alarm.version + 1), passed))
        except BaseException:
            self.passes.doubted = True
            raise
        for alarm, one in done:
            PASSED.labels(why).inc()
            self.passes.began(one)
            self._tell(alarm)
            self._bus.publish(AlarmPassed(alarm.id, alarm.camera_class, alarm.priority, following.id))
        if beyond is not None:
            beyond.wake()
