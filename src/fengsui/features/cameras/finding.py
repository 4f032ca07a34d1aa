"""Finds cameras by what somebody types, among those that they may see, and keeps the index in step with what is stored."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, Literal, NamedTuple

from fengsui.features.access import PROTECTION, CameraClass, Scope
from fengsui.features.areas import Divisions
from fengsui.features.cameras import queries
from fengsui.features.cameras.access_units import UNIT, place_in_tree
from fengsui.features.cameras.asked import Asked
from fengsui.features.cameras.points import STATES
from fengsui.features.cameras.search_index import (
    Entry,
    Group,
    Key,
    SearchIndex,
    Word,
    arranged,
    search,
    tag_pattern,
    word_of,
)
from fengsui.features.cameras.spelling import spelled
from fengsui.loops import keep
from fengsui.store import Store

SETTLE_S, LOOK_EVERY_S = 0.5, 10.0
"""Changes of so long are taken together; a search takes them at once. So often it is looked whether the index has them all."""
AT_ONCE, KEPT = 2_000, 16
BUSINESS_GROUP = "215"
DEVICE = "@"
"""Before a device's code, where all of its cameras changed."""

By = Literal["code", "name", "area", "class", "state", "device", "tags", "place"]


class Sorting(NamedTuple):
    """What a list is put in order by, then by code; `down`: the last first."""

    by: By = "code"
    down: bool = False


StatusOf = Callable[[str, str], str]
"""A camera's state by its device and by what its device says of it."""


class CameraSearch:
    """The node alone writes its database (decision 0021): each transaction tells which cameras it changed."""

    def __init__(
        self,
        store: Store,
        status_of: StatusOf,
        class_of: Callable[[str], CameraClass],
        unit_names: Callable[[], Awaitable[dict[str, str]]],
    ) -> None:
        self._store = store
        self._status_of = status_of
        self._class_of = class_of
        self._read_unit_names = unit_names
        self._unit_names: dict[str, str] | None = None
        self._renamed = 0
        self._name_of = Divisions().name_of
        self._index = SearchIndex()
        self._area_names: dict[str, str] = {}
        self._words: dict[str, Word | None] = {}
        self._changed: set[str] = set()
        self.changes = 0
        """How often something was told of."""
        self._whole = False
        self._lock = asyncio.Lock()
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._kept: dict[tuple[object, ...], list[Key]] = {}
        store.followers[queries.CHANGED] = self._take

    def _take(self, codes: set[str]) -> None:
        self._changed |= codes
        self.changes += 1
        self._kept.clear()
        if any(code.startswith(DEVICE) or len(code) == UNIT or code[10:13] == BUSINESS_GROUP for code in codes):
            self._forget_names()
        self._news.set()

    async def start(self) -> None:
        """Reads everything, and what changes from then on."""
        self._news.set()
        self._task = keep("camera-search", self._follow)

    async def stop(self) -> None:
        """Idempotent."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _follow(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_S):
                    await self._news.wait()
                await asyncio.sleep(SETTLE_S)
            self._news.clear()
            await self._refresh()
            await self._compare()

    async def _compare(self) -> None:
        """A database that was changed past the node, by a restored copy for one, is read anew."""
        async with self._store.reading() as tx:
            stored = await queries.count_cameras(tx)
        if stored != len(self._index) and not self._changed:
            self._whole = False
            self.changes += 1
            self._kept.clear()
            self._forget_names()
            self._news.set()

    async def _refresh(self) -> None:
        async with self._lock:
            if not self._whole:
                self._changed.clear()
                await self._read_whole()
                self._whole = True
            changed, self._changed = self._changed, set()
            try:
                await self._read_changed(changed)
            except BaseException:
                self._changed |= changed
                raise

    async def _read_whole(self) -> None:
        index, after = SearchIndex(), ("", "")
        while True:
            async with self._store.reading() as tx:
                rows = await queries.searchable(tx, after=after, limit=AT_ONCE)
            index.fill(_entry(row) for row in rows if row.kind == "camera")
            if len(rows) < AT_ONCE:
                break
            after = (rows[-1].code, rows[-1].device)
        self._index = index

    async def _read_changed(self, changed: set[str]) -> None:
        devices = frozenset(one.removeprefix(DEVICE) for one in changed if one.startswith(DEVICE))
        codes = {one for one in changed if not one.startswith(DEVICE)}
        if devices:
            codes.update(self._index.codes_of(devices))
        every = sorted(codes)
        for at in range(0, len(every), AT_ONCE):
            some = every[at : at + AT_ONCE]
            async with self._store.reading() as tx:
                rows = await queries.searchable_of(tx, some)
            self._index.replace(some, [_entry(row) for row in rows if row.kind == "camera"])

    def _forget_names(self) -> None:
        self._unit_names = None
        self._renamed += 1

    async def find(self, scope: Scope, asked: Asked, sorting: Sorting | None = None) -> list[Key]:
        """All that fit, the best first, or as `sorting` says. Beside the event loop: pictures and alarms do not wait for it."""
        if self._changed or not self._whole or self._lock.locked():  # what is being read has left `_changed` already
            await self._refresh()
        changes, in_step = self.changes, not self._changed
        key = (scope, asked, sorting)
        lasting = not asked.states and (sorting is None or sorting.by != "state")  # of states of devices nothing is told here
        if lasting and (found := self._kept.get(key)) is not None:
            return found
        blocks, groups = self._index.snapshot()
        await self._name_areas(groups)
        words = [self._word(word) for word in asked.words]
        if any(word is None for word in words):
            return []
        told: list[Word] = [word for word in words if word is not None]
        tags: list[re.Pattern[str]] = [tag_pattern(tag) for tag in sorted(asked.tags)]
        fits = {group: self._fits(scope, asked, group) for group in groups}
        if sorting is None:
            found = await asyncio.to_thread(search, blocks, groups, fits.__getitem__, told, tags)
        else:
            ranks = self._ranks(sorting, groups)
            order = None if ranks is None else ranks.__getitem__
            found = await asyncio.to_thread(
                arranged, blocks, groups, fits.__getitem__, told, tags, order, by=sorting.by, down=sorting.down
            )
        if lasting and in_step and changes == self.changes:  # else it would be kept past the change that it does not know
            while len(self._kept) >= KEPT:
                self._kept.pop(next(iter(self._kept)))
            self._kept[key] = found
        return found

    def _word(self, text: str) -> Word | None:
        """With the areas that are called so: who types on has the words before already."""
        if text not in self._words:
            while len(self._words) >= KEPT:
                self._words.pop(next(iter(self._words)))
            self._words[text] = word_of(text, self._area_names)
        return self._words[text]

    def _ranks(self, sorting: Sorting, groups: Sequence[Group]) -> dict[Group, Any] | None:
        """What groups are put in order by; None: nothing of the group."""
        match sorting.by:
            case "area":
                return {group: group.area for group in groups}
            case "class":
                return {group: PROTECTION[self._class_of(group.camera_class)] for group in groups}
            case "device":
                return {group: group.device for group in groups}
            case "place":
                return {group: not group.placed for group in groups}
            case "state":
                return {group: STATES.index(self._status_of(group.device, group.status)) for group in groups}
            case _:
                return None

    def _fits(self, scope: Scope, asked: Asked, group: Group) -> bool:
        area = asked.area
        if area and not (group.area == area if asked.exactly else group.area.startswith(area)):
            return False
        if asked.device and group.device != asked.device:
            return False
        if asked.placed is not None and group.placed is not asked.placed:
            return False
        if asked.classes and not (group.camera_class in asked.classes or self._class_of(group.camera_class) in asked.classes):
            return False
        if not scope.everything and not scope.holds(group.area, self._class_of(group.camera_class)):
            return False
        return not asked.states or self._status_of(group.device, group.status) in asked.states

    async def unit_names(self) -> dict[str, str]:
        """Of access units that some catalogue names, by code."""
        while (named := self._unit_names) is None:
            before = self._renamed
            read = await self._read_unit_names()
            if before == self._renamed:  # otherwise what was read is older than the change
                self._unit_names, self._area_names = read, {}
                self._words.clear()
        return named

    async def _name_areas(self, groups: list[Group]) -> None:
        """Names of each area and of those above it, spelled."""
        named = await self.unit_names()
        for group in groups:
            if group.area and group.area not in self._area_names:
                self._words.clear()
                above = [self._name_of(group.area[:length]) for length in (2, 4, 6) if len(group.area) >= length]
                self._area_names[group.area] = "\n".join(map(spelled, filter(None, (*above, named.get(group.area)))))


def _entry(row: Any) -> Entry:
    tags = json.loads(row.tags) if row.tags and row.tags != "[]" else ()
    area = place_in_tree(row.shown_area or "", row.unit or "")
    group = Group(area, row.camera_class or "", row.device, row.status or "", bool(row.placed))
    return Entry(row.code, group, row.own_name or row.name, row.name, tags)
