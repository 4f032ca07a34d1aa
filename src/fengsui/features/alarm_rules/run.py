"""Every alarm through the rules, behind its acknowledgement: from where a mark on disk stands, in their order, each once.

The mark moves when all of a page was dealt with; whatever the node dies in is tried again, and each act of a rule upon an alarm is
done once (`queries.done`). What waits is on disk already: nothing is queued in memory.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import tzinfo
from typing import Final

import structlog
from prometheus_client import Counter

from fengsui.bus import Bus
from fengsui.errors import StorageFault
from fengsui.features.alarm_rules import queries
from fengsui.features.alarm_rules.actions import AlarmRules
from fengsui.features.alarm_rules.armed import Scheduled, is_as_wanted
from fengsui.features.alarm_rules.counts import Counts
from fengsui.features.alarm_rules.deeds import Deeds
from fengsui.features.alarm_rules.model import Rule, do_of
from fengsui.features.alarm_rules.said import why_of
from fengsui.features.alarms import Alarm, AlarmReceived, Armed, last_armings
from fengsui.features.audit import AuditUnavailable
from fengsui.loops import keep
from fengsui.store import Store

log = structlog.get_logger(__name__)
NAME: Final = "alarm-rules"
GATHER_S: Final = 0.02
AGAIN_S: Final = 1.0
GIVES_WAY_S: Final = 2.0
"""So long a page waits for alarms that are not on disk yet."""
PAGE: Final = 200
MOST_PRIMED: Final = 20_000
DONE = Counter("fengsui_alarm_rules_total", "What rules did about alarms", ["outcome"])


class RuleRuns:
    """One for the node. `settled`: returns once no alarm waits to be on disk."""

    def __init__(
        self,
        store: Store,
        bus: Bus,
        rules: AlarmRules,
        deeds: Deeds,
        zone: tzinfo,
        settled: Callable[[], Awaitable[None]],
        scheduled: Scheduled,
    ) -> None:
        self._store = store
        self._news = bus.subscribe(AlarmReceived, name=NAME)
        self._rules = rules
        self._deeds = deeds
        self._zone = zone
        self._settled = settled
        self._scheduled = scheduled
        self._counts = Counts()
        self._armed = Armed()
        self._upto: int | None = None
        self._begun = -1
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """What came before the node died has its turn first."""
        self._task = keep(NAME, self._follow)

    async def stop(self) -> None:
        """The rest has its turn when the node is back."""
        self._news.close()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _follow(self) -> None:
        while True:
            try:
                while await self._page():
                    pass
            except (StorageFault, AuditUnavailable) as fault:  # nothing is passed over: the page begins again
                log.error("rules wait, for nothing can be written", why=str(fault))
                await asyncio.sleep(AGAIN_S)
                continue
            await self._news.batch()
            await asyncio.sleep(GATHER_S)

    async def _give_way(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(GIVES_WAY_S):
                await self._settled()

    async def _page(self) -> bool:
        """Whether more may follow. Raises StorageFault, AuditUnavailable."""
        rules = [one for one in self._rules.all() if one.is_on]
        if not rules:
            return False
        await self._give_way()
        upto = await self._mark(rules)
        async with self._store.reading() as tx:
            alarms = await queries.alarms_after(tx, upto, PAGE)
        if not alarms:
            return False
        armed, due = self._armed.copy(), list[tuple[Rule, Alarm]]()
        for alarm in alarms:
            armed.note(alarm)
            due += [(rule, alarm) for rule in rules if self._meets(rule, alarm, armed)]
        await self._do(due)
        async with self._store.transaction(act=False) as tx:
            await queries.move_mark(tx, alarms[-1].id)
        self._upto, self._armed = alarms[-1].id, armed
        return len(alarms) == PAGE

    def _meets(self, rule: Rule, alarm: Alarm, armed: Armed) -> bool:
        state = is_as_wanted(rule, alarm, armed, self._scheduled)
        return rule.meets(alarm, self._zone) and state and self._counts.reached(rule, alarm)

    async def _mark(self, rules: Sequence[Rule]) -> int:
        """Where the next page begins. After a pause in which no rule was on, it is what was written when one was turned on."""
        if self._upto is None or self._begun != self._rules.begun:
            begun = self._rules.begun
            async with self._store.reading() as tx:
                upto = await queries.mark(tx)
                longest = max((one.definition.when.repeats.within_s for one in rules if one.definition.when.repeats), default=0)
                before = await queries.alarms_before(tx, upto, longest, MOST_PRIMED) if longest else []
                first = before[0].id - 1 if before else upto
                armed = Armed(await last_armings(tx, first))
            self._begun, self._upto, self._armed = begun, upto, armed  # together: what was not read is read the next time
            for alarm in before:
                self._armed.note(alarm)
                for rule in rules:
                    self._meets(rule, alarm, self._armed)
        return self._upto

    async def _do(self, due: Sequence[tuple[Rule, Alarm]]) -> None:
        subjects = {alarm.folded_into or alarm.id for _, alarm in due}
        if not subjects:
            return
        async with self._store.reading() as tx:
            done = await queries.done(tx, subjects)
        for rule, alarm in due:
            # One that counts with another is nobody's work alone: what is to be done is done about that one, once.
            subject = replace(alarm, id=alarm.folded_into or alarm.id)
            for action in rule.definition.then:
                key = (subject.id, rule.id, do_of(action))
                if key in done:
                    continue
                done.add(key)
                try:
                    what = await self._deeds.do(rule, subject, action)
                    DONE.labels("done" if what else "nothing").inc()
                except (StorageFault, AuditUnavailable):
                    raise
                except Exception as error:  # a rule's own: it is shown there, and the others have their turn
                    said = why_of(error)
                    log.exception("a rule failed", rule=rule.id, alarm=subject.id, why=said.en)
                    DONE.labels("failed").inc()
                    await self._deeds.failed(rule, subject, action, said)
                    await self._rules.note_failure(rule, str(said))
