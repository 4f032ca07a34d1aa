"""Rules as they are kept: each change on record before it is made, each version there afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.clock import Clock
from fengsui.features.access import Principal, Scope
from fengsui.features.alarm_rules import queries
from fengsui.features.alarm_rules.model import MOST_RULES, Rule, RuleChanged, RuleNameTaken, UnknownRule, UnusableRule
from fengsui.features.alarm_rules.queries import LONGEST_SAID, Failures, LinkedCamera, Version
from fengsui.features.audit import Act, Audit
from fengsui.store import Store, written

MOST_VERSIONS: Final = 200
"""Of those that are shown."""


class AlarmRules:
    """All in memory, in the order in which they have their turn."""

    def __init__(self, store: Store, clock: Clock, audit: Audit) -> None:
        self._store = store
        self._clock = clock
        self._audit = audit
        self._rules: dict[int, Rule] = {}
        self.failures: dict[int, Failures] = {}
        """By rule, of its present version."""
        self.begun = 0
        """How often a rule was turned on while none was."""
        self._changing = asyncio.Lock()

    async def start(self) -> None:
        """Raises StorageFault."""
        await self._read()

    async def _read(self) -> None:
        async with self._store.reading() as tx:
            self._rules = {one.id: one for one in await queries.rules(tx)}
            self.failures = await queries.failures(tx)

    def all(self) -> list[Rule]:
        """By position; of these the older first."""
        return sorted(self._rules.values(), key=lambda one: (one.position, one.id))

    def within(self, scopes: Sequence[Scope]) -> list[Rule]:
        """Those whose whole area somebody has."""
        return [one for one in self.all() if any(scope.holds(one.area) for scope in scopes)]

    def get(self, scopes: Sequence[Scope], id: int) -> Rule:
        """Raises UnknownRule."""
        found = self._rules.get(id)
        if found is None or not any(scope.holds(found.area) for scope in scopes):
            raise UnknownRule()
        return found

    async def versions(self, scopes: Sequence[Scope], id: int) -> list[Version]:
        """The newest first, also of a rule that was removed; those alone of areas that somebody has.

        Raises UnknownRule, StorageFault."""
        async with self._store.reading() as tx:
            found = await queries.versions(tx, id, MOST_VERSIONS)
        seen = [one for one in found if any(scope.holds(one.rule.area) for scope in scopes)]
        if not seen:
            raise UnknownRule()
        return seen

    def _refuse_name(self, name: str, id: int) -> None:
        if any(one.name == name and one.id != id for one in self._rules.values()):
            raise RuleNameTaken(name=name)

    async def add(self, who: Principal, draft: Rule) -> Rule:
        """It meets alarms from now on, if it is on. Raises RuleNameTaken, UnusableRule, AuditUnavailable, StorageFault."""
        async with self._changing:
            self._refuse_name(draft.name, 0)
            if len(self._rules) >= MOST_RULES:
                raise UnusableRule(why_zh=f"本节点最多 {MOST_RULES} 条", why_en=f"{MOST_RULES} rules a node at most")
            one = replace(draft, version=1, changed_at=self._clock.now().timestamp(), changed_by=who.name)
            await self._audit.record(who, Act.ALARM_RULE_ADD, one.name, range=one.area, detail=one.said)
            async with self._written() as tx:
                made = await queries.add(tx, one)
                await self._begin_first(tx, one)
            return self._rules[made.id]

    async def change(self, who: Principal, scopes: Sequence[Scope], id: int, seen: int, draft: Rule) -> Rule:
        """`seen`: the version that whoever asks has before them.

        Raises UnknownRule, RuleChanged, RuleNameTaken, AuditUnavailable, StorageFault.
        """
        async with self._changing:
            before = self.get(scopes, id)
            self._refuse_seen(before, seen)
            self._refuse_name(draft.name, id)
            one = before.changed(draft, self._clock.now().timestamp(), who.name)
            await self._audit.record(who, Act.ALARM_RULE_CHANGE, str(id), range=one.area, detail=one.said)
            async with self._written() as tx:
                await queries.change(tx, one)
                await queries.keep_failures(tx, id, None)
                await self._begin_first(tx, one)
            return self._rules[id]

    async def remove(self, who: Principal, scopes: Sequence[Scope], id: int, seen: int | None) -> None:
        """Nothing more is done by it; what it did stays. Raises UnknownRule, RuleChanged, AuditUnavailable, StorageFault."""
        async with self._changing:
            before = self.get(scopes, id)
            self._refuse_seen(before, before.version if seen is None else seen)
            gone = before.changed(replace(before, is_on=False), self._clock.now().timestamp(), who.name)
            await self._audit.record(who, Act.ALARM_RULE_REMOVE, str(id), range=before.area, detail=before.said)
            async with self._written() as tx:
                await queries.remove(tx, gone)
                await queries.keep_failures(tx, id, None)

    def _written(self) -> AbstractAsyncContextManager[AsyncConnection]:
        return written(self._store, self._changing, self._read)

    async def _begin_first(self, tx: AsyncConnection, one: Rule) -> None:
        """Alarms that came while no rule was on stay as they are."""
        if one.is_on and not any(other.is_on for other in self._rules.values()):
            await queries.mark_here(tx)
            self.begun += 1

    async def note_failure(self, rule: Rule, why: str) -> None:
        """Shown at the rule until it is changed. Raises StorageFault."""
        if self._rules.get(rule.id, rule).version != rule.version or rule.id not in self._rules:
            return
        before = self.failures.get(rule.id)
        now = Failures(1 if before is None else before.times + 1, why[:LONGEST_SAID], self._clock.now().timestamp())
        async with self._store.transaction(act=False) as tx:
            await queries.keep_failures(tx, rule.id, now)
        self.failures[rule.id] = now

    async def cameras_of(self, alarm: int) -> list[LinkedCamera]:
        """That rules show with an alarm. Raises StorageFault."""
        async with self._store.reading() as tx:
            return await queries.linked_cameras(tx, alarm)

    async def cameras_of_alarms(self, alarms: Sequence[int]) -> dict[int, list[LinkedCamera]]:
        """As `cameras_of`, by alarm; those that rules show nothing with are left out. Raises StorageFault."""
        async with self._store.reading() as tx:
            return await queries.linked_to(tx, alarms)

    @staticmethod
    def _refuse_seen(one: Rule, seen: int) -> None:
        if seen != one.version:
            raise RuleChanged(name=one.name)
