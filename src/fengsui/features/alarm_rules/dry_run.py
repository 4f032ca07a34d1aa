"""What a rule would have met and done, had it been there: by alarms that are kept. Nothing is done, and the work is bounded."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from functools import partial
from typing import Final

from fengsui.clock import Clock
from fengsui.features.access import CameraClass, Scope
from fengsui.features.alarm_rules import queries
from fengsui.features.alarm_rules.armed import Scheduled, is_as_wanted
from fengsui.features.alarm_rules.counts import Counts
from fengsui.features.alarm_rules.model import Rule, UnusableRule, do_of
from fengsui.features.alarm_rules.ports import Forwarding, Switching
from fengsui.features.alarm_rules.said import Said, would
from fengsui.features.alarms import Alarm, Armed, last_armings
from fengsui.features.procedures import Procedures
from fengsui.store import Store

DAY_S: Final = 86_400.0
LONGEST_DAYS: Final = 7
MOST_LOOKED: Final = 50_000
MOST_S: Final = 5.0
"""So long one takes; then it says how far it came."""
MOST_SHOWN: Final = 100
PAGE: Final = 1_000


@dataclass(slots=True)
class Tried:
    """`looked`, `met`: how many alarms; `shown`: the first of those that it met, each with what would be done. `upto`: when
    the last one came that was looked at, where that is not all; seconds since 1970."""

    looked: int = 0
    met: int = 0
    shown: list[tuple[Alarm, list[Said]]] = field(default_factory=list)
    upto: float | None = None


class DryRun:
    """One at a time."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        zone: tzinfo,
        procedures: Procedures,
        forwarding: Forwarding,
        switching: Switching,
        scheduled: Scheduled,
    ) -> None:
        self._store = store
        self._clock = clock
        self._zone = zone
        self._procedures = procedures
        self._forwarding = forwarding
        self._switching = switching
        self._scheduled = scheduled
        self._turn = asyncio.Lock()

    async def tried(self, scopes: Sequence[Scope], rule: Rule, since: float, until: float | None) -> Tried:
        """By alarms that somebody has within these scopes; `until` None: until now. Raises UnusableRule, StorageFault."""
        now = self._clock.now().timestamp()
        until = now if until is None else until
        if not since < until or since < now - LONGEST_DAYS * DAY_S - 60:
            raise UnusableRule(why_zh=f"试运行时段须在最近 {LONGEST_DAYS} 天之内", why_en=f"try it on the last {LONGEST_DAYS} days")
        found, counts, done = Tried(), Counts(), set[tuple[int, str]]()
        asked, loop = replace(rule, is_on=True), asyncio.get_running_loop()
        async with self._turn:
            until_s = loop.time() + MOST_S
            async with self._store.reading() as tx:
                upto = await queries.first_since(tx, since) - 1
                armed = Armed(await last_armings(tx, upto))
            while upto >= 0:
                async with self._store.reading() as tx:
                    page = await queries.alarms_in(tx, upto, rule.area, PAGE)
                for alarm in (one for one in page if since <= one.first_at < until):
                    armed.note(alarm)
                    self._try(asked, alarm, scopes, counts, armed, done, found)
                if len(page) < PAGE or page[-1].first_at >= until:
                    break
                upto = page[-1].id
                if found.looked >= MOST_LOOKED or loop.time() > until_s:
                    found.upto = page[-1].first_at
                    break
                await asyncio.sleep(0)  # others have their turn
        return found

    def _try(
        self,
        rule: Rule,
        alarm: Alarm,
        scopes: Sequence[Scope],
        counts: Counts,
        armed: Armed,
        done: set[tuple[int, str]],
        found: Tried,
    ) -> None:
        of = CameraClass(alarm.camera_class) if alarm.camera_class else None
        if not any(scope.holds(alarm.area, of) for scope in scopes):
            return
        found.looked += 1
        if not (rule.meets(alarm, self._zone) and is_as_wanted(rule, alarm, armed, self._scheduled)):
            return
        if not counts.reached(rule, alarm):
            return
        found.met += 1
        subject = alarm.folded_into or alarm.id
        due = [one for one in rule.definition.then if (subject, do_of(one)) not in done]
        done.update((subject, do_of(one)) for one in due)
        if len(found.shown) < MOST_SHOWN:
            names = self._procedures.name_in, self._forwarding.title_of, partial(self._switching.name_of, area=rule.area)
            found.shown.append((alarm, [what for one in due if (what := would(one, alarm, *names)) is not None]))
