"""Which alarms are open, by source: the next one of the same source counts with it instead of standing in the queue again.

An alarm enters the queue in the transaction that stores it. One that is being closed takes no more: both hold one lock.
"""

from __future__ import annotations

import asyncio
from collections import Counter as Counted
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from operator import itemgetter
from typing import Any, Final, NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.alarms import arrival_queries, cause_queries, queries, shelf_queries
from fengsui.features.alarms.causes import CATEGORIES, MANY, WINDOW_S, Causes, Member, Place, member_of, parent_of
from fengsui.features.alarms.model import is_work
from fengsui.features.alarms.ports import AlarmReceived, AlarmSilenceChanged
from fengsui.features.alarms.queries import Source, Zone
from fengsui.features.alarms.shelf_model import Key, Shelf, shelf_of


class Limits(NamedTuple):
    """How long an alarm may wait, s, by priority from 1 to 3."""

    claimed: tuple[float, float, float]
    """For somebody to take it; then its supervisor is told."""
    claimed_at_most: tuple[float, float, float]
    verified: tuple[float, float, float]
    """From there on, until somebody says what is the matter."""
    closed: tuple[float, float, float]
    """From there on, until it is closed."""


_SOURCE: Final = itemgetter(*Source._fields)
_ZONE: Final = itemgetter(*Zone._fields)
_QUEUED: Final[Mapping[str, Any]] = {"state": "", "folded_into": None, "due_at": None, "shelf_id": None}
"""Of what is for the record alone."""


class _Gathered(NamedTuple):
    """Of one place in one transaction: what is to be noted and told once it is on disk."""

    key: str
    alone: Mapping[Member, int]
    now: float
    news: list[AlarmReceived | AlarmSilenceChanged]


def source_of(row: Mapping[str, Any]) -> Source:
    """Of an alarm as it is stored."""
    return Source._make(_SOURCE(row))


class OpenAlarms:
    """One for the node."""

    def __init__(self, limits: Limits, causes: Causes | None = None) -> None:
        self.limits = limits
        self.causes = causes or Causes(MANY, WINDOW_S)
        self.news: list[AlarmReceived | AlarmSilenceChanged] = []
        """Of alarms that stand for many points, and of those that count with them from now on: whoever adds alarms tells it."""
        self._gathered: list[_Gathered] = []
        """In this transaction."""
        self._by_source: dict[Source, int] | None = None
        """None: to be read again, for the answer to a commit was lost, or none was read yet."""
        self._fresh: dict[Source, int] = {}
        self._shelves: dict[Key, Shelf] | None = None
        """None: to be read again."""
        self._lock = asyncio.Lock()

    @asynccontextmanager
    async def adding(self) -> AsyncIterator[None]:
        """Around the transaction in which alarms are added."""
        async with self._lock:
            self._fresh, self._gathered = {}, []
            try:
                yield
            except BaseException:
                self._by_source = None
                raise
            if self._by_source is not None:
                self._by_source |= self._fresh
            for one in self._gathered:
                self.causes.note(one.key, one.alone, one.now)
                self.news += one.news

    @asynccontextmanager
    async def closing(self, id: int) -> AsyncIterator[None]:
        """Around the transaction after which one takes no more: somebody has said what it is, or closed it."""
        async with self._lock:
            try:
                yield
            except BaseException:
                self._by_source = None
                raise
            if self._by_source is not None:
                self._by_source = {source: one for source, one in self._by_source.items() if one != id}

    @asynccontextmanager
    async def shelving(self) -> AsyncIterator[None]:
        """Around the transaction in which something is shelved, or a shelf ends: nothing comes in between."""
        async with self._lock:
            try:
                yield
            finally:
                self._shelves = None

    async def shelves(self, tx: AsyncConnection) -> dict[Key, Shelf]:
        """Those that hold. Within `adding` or `shelving`."""
        if self._shelves is None:
            self._shelves = await shelf_queries.holding(tx)
        return self._shelves

    async def holds(self, tx: AsyncConnection, shelf_id: int | None, priority: int) -> bool:
        """Whether the shelf on which an alarm stands holds one of this priority. Within `adding`."""
        found = next((one for one in (await self.shelves(tx)).values() if one.id == shelf_id), None)
        return found is not None and found.priority <= priority

    async def _sources(self, tx: AsyncConnection) -> dict[Source, int]:
        if self._by_source is None:
            self._by_source = await shelf_queries.sources_shelved(tx) | await queries.sources_in_work(tx)
        return self._by_source

    async def takes(self, tx: AsyncConnection, source: Source) -> int | None:
        """The alarm with which the next of this source would count. Within `adding`."""
        return (await self._sources(tx)).get(source)

    def read_again(self) -> None:
        """Within `adding`, some that were open were made others than they were."""
        self._by_source = None

    async def add(self, tx: AsyncConnection, rows: Sequence[dict[str, Any]]) -> list[int]:
        """Stores them within `adding`: their numbers, in the order given."""
        by_source, shelves = await self._sources(tx), await self.shelves(tx)
        first: dict[Source, int] = {}
        """Places in `rows` of what opens a source in this transaction."""
        behind: list[tuple[int, int]] = []
        folded: Counted[int] = Counted()
        folded_at: dict[int, float] = {}
        for place, row in enumerate(rows):
            row |= _QUEUED
            if not is_work(row["change"], row["priority"]):
                continue
            row["state"] = "folded"
            shelf = shelf_of(shelves, row, row["priority"], row["first_at"]) if shelves else None
            if shelf is not None:
                row["shelf_id"] = shelf.id
            source = source_of(row)
            if row["code"] and (parent := by_source.get(source)) is not None:
                row["folded_into"] = parent
                folded[parent] += 1
                folded_at[parent] = row["first_at"]
            elif row["code"] and source in first:
                behind.append((place, first[source]))
            else:
                first[source] = place  # what could not be read counts with nothing: it may be anything
                if shelf is not None:
                    row["state"] = "shelved"
                    continue
                row["state"], row["due_at"] = "open", row["first_at"] + self.limits.claimed[row["priority"] - 1]
        together, parents = self._together(rows, first)
        ids = await arrival_queries.add_alarms(tx, [*rows, *parents] if parents else rows)
        for place, parent in behind:
            folded[ids[parent]] += 1
            folded_at[ids[parent]] = rows[place]["first_at"]
        if behind:
            await queries.fold(tx, [{"b_id": ids[place], "into": ids[parent]} for place, parent in behind])
        if folded:
            await queries.add_folded(tx, [{"b_id": id, "more": more, "at": folded_at[id]} for id, more in folded.items()])
        if over := _ended(rows):
            await queries.end_active(tx, over)
            caused = [one for one in over if one["b_category"] in CATEGORIES]
            if caused and (of_places := await cause_queries.of_places(tx)):
                await cause_queries.end_counted(tx, caused, of_places)
            if shelves:
                await shelf_queries.end_active(tx, over)
        self._fresh = {source: ids[place] for source, place in first.items()}
        if together:
            await self._gather(tx, rows, together, ids)
        return ids[: len(rows)]

    def _together(
        self, rows: Sequence[dict[str, Any]], first: Mapping[Source, int]
    ) -> tuple[list[tuple[Place, list[int], int | None]], list[dict[str, Any]]]:
        """What points of one place tell in this transaction: places in `rows`, and in the rows behind it that of the alarm of the
        place where it is new; and those rows."""
        by_place = dict[Place, list[int]]()
        for place in first.values():
            if rows[place]["state"] == "open" and (where := self.causes.of(rows[place])) is not None:
                by_place.setdefault(where, []).append(place)
        found, parents = list[tuple[Place, list[int], int | None]](), list[dict[str, Any]]()
        for where, places in by_place.items():
            one = rows[places[0]]
            parent = parent_of(where, one)
            points = {member_of(rows[place]) for place in places} | self.causes.alone(where.key, one["first_at"]).keys()
            at = None
            if (self._by_source or {}).get(source_of(parent)) is None and self.causes.is_one(points):
                due_at = one["first_at"] + self.limits.claimed[parent["priority"] - 1]
                at = len(rows) + len(parents)
                parents.append({**parent, **_QUEUED, "state": "open", "due_at": due_at})
            found.append((where, places, at))
        return found, parents

    async def _gather(
        self,
        tx: AsyncConnection,
        rows: Sequence[dict[str, Any]],
        together: Sequence[tuple[Place, list[int], int | None]],
        ids: Sequence[int],
    ) -> None:
        """Points count with the alarm of their place, where it has one by now; else they may with one that is still to come."""
        known = self._by_source or {}
        for where, places, at in together:
            one = rows[places[0]]
            source, now = source_of(parent_of(where, one)), one["first_at"]
            parent = known.get(source) if at is None else ids[at]
            before = self.causes.alone(where.key, now)
            fresh = {member_of(rows[place]): ids[place] for place in places}
            if parent is None:
                self._gathered.append(_Gathered(where.key, before | fresh, now, []))
                continue
            counted = await cause_queries.count_with(tx, {*before.values(), *fresh.values()}, parent)
            more = len(counted) - (at is not None)  # shown is how many there are, as of what came again
            await queries.add_folded(tx, [{"b_id": parent, "more": more, "at": now}])
            self._fresh |= {source_of(rows[place]): parent for place in places} | {source: parent}
            if not set(counted) <= set(fresh.values()):
                self.read_again()  # some were open before
            news: list[AlarmReceived | AlarmSilenceChanged] = [AlarmSilenceChanged(id, one["area"]) for id in counted]
            if at is None:
                news.append(AlarmSilenceChanged(parent, one["area"]))
            else:
                news.append(AlarmReceived(parent, one["area"], one["priority"], one["category"], "new", ""))
            self._gathered.append(_Gathered(where.key, {}, now, news))

    async def take_up(self, tx: AsyncConnection, id: int, priority: int, at: float) -> int | None:
        """Makes one that was for the record somebody's work, within `adding`; or counts it with the one of its source that is open,
        whose number that is. `at`: when it came."""
        source = await queries.source_of(tx, id)
        parent = (await self._sources(tx)).get(source)
        if parent is not None:
            await queries.begin_work(tx, id, {"state": "folded", "folded_into": parent})
            await queries.add_folded(tx, [{"b_id": parent, "more": 1, "at": at}])
            return parent
        due_at = at + self.limits.claimed[priority - 1]
        raised = {"priority": priority, "raised_from": source.priority, "state": "open", "due_at": due_at}
        await queries.begin_work(tx, id, raised)
        self._fresh[source] = id
        return None


def _ended(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Of what hosts told to be over, and not to be anew after that."""
    if all(row["change"] != "restored" for row in rows):
        return []
    last = {Zone._make(_ZONE(row)): row["change"] for row in rows if row["account"]}
    over = sorted(zone for zone, change in last.items() if change == "restored")
    return [{f"b_{name}": value for name, value in zone._asdict().items()} for zone in over]
