"""Alarms, shelves, hands and restarts in any order: what stands before the desk is always what it must be, to the last signal.

Which alarms a shelf holds is said here a second time, in the words of the guide; the node's own answer is read from the database.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from fengsui.errors import OperatorFault
from fengsui.features.access import CLASS_BIT, EVERYWHERE, CameraClass
from fengsui.features.alarm_shelves.model import MOST_SHELVES, Longest, Order, check
from fengsui.features.alarm_work import queries as work_queries
from fengsui.features.alarm_work.model import Wish, change
from fengsui.features.alarms import WIDE, Alarms, Limits, OpenAlarms, ShelfBook, ShelfScope
from fengsui.features.alarms.host_rows import OF_A_HOST
from fengsui.features.alarms.tables import alarm_shelves, alarms
from fengsui.store.engine import Store, engine_for

T = TypeVar("T")
START = 1_800_000_000.0
HOUR_S = 3_600.0
LONGEST = Longest(24 * HOUR_S, 4 * HOUR_S)
LIMITS = Limits((30, 90, 600), (60, 180, 1_800), (60, 300, 1_800), (600, 900, 14_400))
AREA_OF = {1: "520102", 2: "520102", 3: "520103"}
CLASS_OF = {"001": "", "002": CameraClass.RESTRICTED.value}
"""By zone: the second has a camera that not everybody sees."""
KINDS = {"BA": ("intrusion", 2), "PA": ("panic", 1), "AT": ("power", 3), "YT": ("fault", 3)}
EVERY = sum(CLASS_BIT.values())
MASKS = (EVERY, EVERY & ~CLASS_BIT[CameraClass.RESTRICTED])
ME, OTHER = 1, 2


class Source(NamedTuple):
    """Whose signals count with each other."""

    host: int
    zone: str
    code: str

    @property
    def priority(self) -> int:
        return KINDS[self.code][1]

    def row(self, key: int, now: float) -> dict[str, Any]:
        """As it is stored."""
        said = {"account": f"{4_320 + self.host}", "site": f"场所{self.host}", "area": AREA_OF[self.host], "code": self.code}
        said |= {"number": self.zone, "category": KINDS[self.code][0], "priority": self.priority, "host_id": self.host}
        facts = {"section": "1", "is_user": False, "point_id": None, "point": "", "point_kind": "", "code_table": "SIA"}
        facts |= {"camera": "", "known": True, "change": "new", "text": "", "sequence": "0001", "encrypted": False}
        times = {"held_back": False, "sent_at": None, "first_at": now, "last_at": now, "repeats": 0, "ordinal": 0}
        return {**OF_A_HOST, **facts, **said, **times, "camera_class": CLASS_OF[self.zone], "body_key": f"{key}"}


class Held(NamedTuple):
    """A shelf as the guide tells it: what is chosen, and what it takes with it."""

    scope: ShelfScope
    of: Source
    priority: int
    until: float
    mask: int

    def same(self, scope: ShelfScope, of: Source) -> bool:
        """Whether another order would shelve the same."""
        mine = (self.of.host, KINDS[self.of.code][0], CLASS_OF[self.of.zone])
        return (
            self.scope == scope
            and {
                "point": self.of == of,
                "site": mine == (of.host, KINDS[of.code][0], CLASS_OF[of.zone]),
                "premises": self.of.host == of.host,
                "area": AREA_OF[self.of.host] == AREA_OF[of.host],
            }[scope]
        )

    def holds(self, source: Source, now: float) -> bool:
        """Nothing more urgent, nothing after its time; of a wide one, nothing of a class that whoever made it may not see."""
        of_class = CLASS_OF[source.zone]
        seen = self.scope not in WIDE or not of_class or bool(self.mask & CLASS_BIT[CameraClass(of_class)])
        return now < self.until and source.priority >= self.priority and seen and self.same(self.scope, source)


@dataclass
class Entry:
    """The open alarm of a source. `owner`: whoever sees to it."""

    signals: int
    shelved: bool
    owner: int | None = None


SOURCES = st.builds(Source, st.sampled_from([*AREA_OF]), st.sampled_from([*CLASS_OF]), st.sampled_from([*KINDS]))
HOURS = st.sampled_from([0.5, 2.0, 4.0, 20.0])
SCOPES = st.sampled_from(["point", "site", "premises", "area"])


class Desk(RuleBasedStateMachine):
    """The node's queue and its shelves beside what they must be."""

    url = ""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.now = START
        self.sent, self.decided = 0, 0
        self.open: dict[Source, Entry] = {}
        self.shelves: dict[int, Held] = {}

    def wait(self, what: Awaitable[T]) -> T:
        async def all_of_it() -> T:
            return await what

        return self.runner.run(all_of_it())

    @initialize(came=st.lists(SOURCES, min_size=4, max_size=12))
    def begin(self, came: list[Source]) -> None:
        self.wait(self._begin())
        self.they_report(came)

    async def _begin(self) -> None:
        self.store = Store(engine_for(self.url))
        async with self.store.transaction() as tx:
            for table in (alarms, alarm_shelves):
                await tx.execute(sa.delete(table))
        self.opened = OpenAlarms(LIMITS)

    @rule()
    def the_node_starts_anew(self) -> None:
        async def anew() -> None:
            await self.store.close()
            self.store, self.opened = Store(engine_for(self.url)), OpenAlarms(LIMITS)

        self.wait(anew())

    @rule(came=st.lists(SOURCES, min_size=1, max_size=8))
    def they_report(self, came: list[Source]) -> None:
        self.wait(self._report(came))
        for source in came:
            entry = self.open.setdefault(source, Entry(0, any(one.holds(source, self.now) for one in self.shelves.values())))
            entry.signals += 1

    async def _report(self, came: list[Source]) -> None:
        rows = [one.row(self.sent + place, self.now) for place, one in enumerate(came)]
        self.sent += len(came)
        async with self.opened.adding(), self.store.transaction(act=False) as tx:
            await self.opened.add(tx, rows)

    def _standing(self, data: st.DataObject, *, shelved: bool = False) -> Source:
        return data.draw(st.sampled_from(sorted(source for source, one in self.open.items() if one.shelved == shelved)))

    def _any_in_queue(self) -> bool:
        return any(not one.shelved for one in self.open.values())

    @precondition(lambda self: any(not one.shelved and of.priority == 3 for of, one in self.open.items()))
    @rule(data=st.data(), scope=st.sampled_from(WIDE), came=st.lists(SOURCES, min_size=1, max_size=8))
    def the_mains_fail(self, data: st.DataObject, scope: ShelfScope, came: list[Source]) -> None:
        waiting = sorted(of for of, one in self.open.items() if not one.shelved and of.priority == 3)
        self._shelve_one(data.draw(st.sampled_from(waiting)), scope, 2.0, EVERY)
        self.they_report(came)

    @precondition(_any_in_queue)
    @rule(data=st.data(), scope=SCOPES, hours=HOURS, mask=st.sampled_from(MASKS), came=st.lists(SOURCES, min_size=1, max_size=8))
    def somebody_shelves(self, data: st.DataObject, scope: ShelfScope, hours: float, mask: int, came: list[Source]) -> None:
        self._shelve_one(self._standing(data), scope, hours, mask)
        self.they_report(came)

    def _shelve_one(self, of: Source, scope: ShelfScope, hours: float, mask: int) -> None:
        order = Held(scope, of, of.priority, self.now + hours * HOUR_S, mask)
        made = self.wait(self._shelve(order))
        may = of.priority > 1 and self.open[of].owner in (None, ME) and (scope != "area" or of.priority == 3)
        may = may and (scope not in WIDE or hours <= 4) and not any(one.same(scope, of) for one in self.shelves.values())
        assert (made is not None) == may
        if made is not None:
            self.shelves[made] = order
            for source, entry in self.open.items():
                if not entry.shelved and entry.owner in (None, ME) and order.holds(source, self.now):
                    entry.shelved, entry.owner = True, None

    async def _shelve(self, of: Held) -> int | None:
        alarm = await Alarms(self.store).get([EVERYWHERE], await self._number(of.of))
        order = Order(alarm.id, of.scope, of.until, "works", "")
        try:
            check(alarm, order, ME, self.now, LONGEST)
        except OperatorFault:
            return None
        facts = {"named": "", "reason": "works", "note": "", "until_at": of.until, "by_id": ME, "by_name": "me", "classes": of.mask}
        if of.scope in WIDE:
            facts |= {"camera_class": "", "category": ""}
        async with self.opened.shelving(), self.store.transaction() as tx:
            made = await ShelfBook(self.opened).make(tx, alarm, of.scope, facts, ME, self.now, MOST_SHELVES)
        return None if made.row is None else made.row.id

    async def _number(self, of: Source) -> int:
        """Of its alarm that is not closed."""
        (found,) = [row["id"] for row in await self._rows() if _source(row) == of and row["state"] not in ("folded", "closed")]
        return int(found)

    @precondition(lambda self: self.shelves)
    @rule(data=st.data())
    def somebody_lifts_one(self, data: st.DataObject) -> None:
        self._end(data.draw(st.sampled_from(sorted(self.shelves))))

    @rule(hours=st.sampled_from([0.1, 1.0, 5.0]))
    def time_passes(self, hours: float) -> None:
        self.now += hours * HOUR_S

    @rule()
    def the_node_ends_what_is_over(self) -> None:
        for id in sorted(self.shelves):
            if self.shelves[id].until <= self.now:
                self._end(id)

    def _end(self, id: int) -> None:
        async def end() -> None:
            async with self.opened.shelving(), self.store.transaction() as tx:
                assert await ShelfBook(self.opened).end(tx, id, self.now, "", "") is not None

        self.wait(end())
        del self.shelves[id]
        for source, entry in self.open.items():
            if entry.shelved and id == self._stands_on[source]:
                entry.shelved = any(one.holds(source, self.now) for one in self.shelves.values())

    @precondition(_any_in_queue)
    @rule(data=st.data(), who=st.sampled_from([ME, OTHER]))
    def somebody_takes_one(self, data: st.DataObject, who: int) -> None:
        of = self._standing(data)
        if self.open[of].owner is None:
            self.wait(self._do(of, Wish("claim", who, f"{who}")))
            self.open[of].owner = who

    @precondition(lambda self: any(one.owner for one in self.open.values()))
    @rule(data=st.data())
    def whoever_has_one_closes_it(self, data: st.DataObject) -> None:
        of = data.draw(st.sampled_from(sorted(source for source, one in self.open.items() if one.owner)))
        owner = self.open[of].owner or 0
        self.wait(self._do(of, Wish("verify", owner, f"{owner}", result="real")))
        self.wait(self._do(of, Wish("close", owner, f"{owner}", outcome="handled")))
        self.decided += self.open.pop(of).signals

    async def _do(self, of: Source, wish: Wish) -> None:
        alarm = await Alarms(self.store).get([EVERYWHERE], await self._number(of))
        values = change(alarm, wish, self.now, LIMITS)
        async with self.opened.closing(alarm.id if wish.verb != "claim" else 0), self.store.transaction() as tx:
            assert await work_queries.change(tx, alarm, values)

    async def _rows(self) -> list[Mapping[str, Any]]:
        async with self.store.reading() as tx:
            return [dict(row) for row in (await tx.execute(sa.select(alarms).order_by(alarms.c.id))).mappings()]

    @invariant()
    def each_signal_stands_where_it_must(self) -> None:
        if not hasattr(self, "store"):
            return
        rows = self.wait(self._rows())
        assert len(rows) == self.sent, "each is on disk"
        parents = {row["id"]: row for row in rows if row["state"] != "folded"}
        assert all(row["folded_into"] in parents for row in rows if row["state"] == "folded")
        assert sum(row["folded"] + 1 for row in parents.values()) == self.sent, "each counts once"
        closed = sum(row["folded"] + 1 for row in parents.values() if row["state"] == "closed")
        assert closed == self.decided
        standing = {_source(row): row for row in parents.values() if row["state"] != "closed"}
        found = {of: Entry(row["folded"] + 1, row["state"] == "shelved", row["owner_id"]) for of, row in standing.items()}
        assert found == self.open
        self._stands_on = {of: row["shelf_id"] for of, row in standing.items() if row["state"] == "shelved"}
        for of, row in standing.items():
            assert (row["due_at"] is None) == (row["state"] == "shelved"), "the clock of what somebody must see to runs"
            if row["state"] == "shelved":
                shelf = self.shelves[row["shelf_id"]]
                assert of.priority > 1 and of.priority >= shelf.priority and (shelf.scope != "area" or of.priority == 3)

    def teardown(self) -> None:
        try:
            if hasattr(self, "store"):
                for id in sorted(self.shelves):
                    self._end(id)
                    self.each_signal_stands_where_it_must()
                assert not any(one.shelved for one in self.open.values()), "all that is open shows again"
                self.wait(self.store.close())
        finally:
            self.runner.close()


async def _made(url: str) -> None:
    """Its tables."""
    await (await Store.open(url)).close()


def _source(row: Mapping[str, Any]) -> Source:
    return Source(row["host_id"], row["number"], row["code"])


def test_nothing_that_matters_is_lost_whatever_is_shelved(store_url: str) -> None:
    class Here(Desk):
        url = store_url

    asyncio.run(_made(store_url))

    health = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(
        Here, settings=settings(max_examples=25, stateful_step_count=30, deadline=None, suppress_health_check=health)
    )
