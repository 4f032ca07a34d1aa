"""What goes on a shelf and comes off it, each in one transaction, while nothing enters the queue (`OpenAlarms.shelving`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.alarms import shelf_queries as queries
from fengsui.features.alarms.model import Alarm, UnknownAlarm
from fengsui.features.alarms.opened import OpenAlarms
from fengsui.features.alarms.shelf_model import Shelf, ShelfScope, key_of, shelf_of
from fengsui.features.alarms.shelf_queries import Held, ShelfRow


class Made(NamedTuple):
    """A shelf. `put`: alarms that left the queue for it, with their priorities; `before`: the number of one that holds the same."""

    row: ShelfRow | None
    put: Mapping[int, int]
    before: int | None


class ShelfBook:
    """One for the node."""

    def __init__(self, opened: OpenAlarms) -> None:
        self._open = opened

    async def make(
        self, tx: AsyncConnection, alarm: Alarm, scope: ShelfScope, facts: Mapping[str, Any], by: int, now: float, most: int
    ) -> Made:
        """`facts`: columns beside those of the source, or in their place; none is made where `most` hold. Raises UnknownAlarm."""
        source = await queries.facts_of(tx, alarm.id)
        if source is None:
            raise UnknownAlarm()
        holding, key = await self._open.shelves(tx), key_of(scope, source)
        if key in holding or len(holding) >= most:
            before = holding[key].id if key in holding else None
            return Made(None, {}, before)
        of = {name: value for name, value in source.items() if name not in ("camera", "priority")}
        made = {"scope": scope, "alarm_id": alarm.id, "priority": alarm.priority, "from_at": now, **facts}
        id = await queries.add(tx, of | made)
        shelf = Shelf(id, scope, alarm.priority, facts["until_at"], alarm.area, alarm.camera_class, facts["classes"])
        free = await queries.free_of(tx, by, scope, source)
        fitting = {one["id"]: one["now"] for one in free if shelf_of({key: shelf}, one, one["now"], now) is not None}
        put = await queries.put(tx, fitting, by, id)
        return Made(await queries.one(tx, id), {one: fitting[one] for one in put}, None)

    async def end(self, tx: AsyncConnection, id: int, now: float, by: str, why: str) -> dict[int, int] | None:
        """What came back to the queue, with their priorities; None: the shelf was over already."""
        if not await queries.end(tx, id, now, by, why):
            return None
        others = {key: one for key, one in (await self._open.shelves(tx)).items() if one.id != id}
        back: dict[int, int] = {}
        moved: dict[int, list[int]] = {}
        for one in await queries.on_shelf(tx, id):
            other = shelf_of(others, one, one["now"], now)
            if other is None:
                back[one["id"]] = one["now"]
            else:  # its site is shelved as well, or its point
                moved.setdefault(other.id, []).append(one["id"])
        for to, ids in moved.items():
            await queries.move(tx, ids, to)
        await queries.give_back(tx, back, now, self._open.limits.claimed)
        return back

    async def one(self, tx: AsyncConnection, id: int) -> ShelfRow | None:
        """Over or not; there may be none."""
        return await queries.one(tx, id)

    async def listed(self, tx: AsyncConnection) -> list[ShelfRow]:
        """What is not over, whatever ends first being first."""
        return await queries.listed(tx)

    async def held(self, tx: AsyncConnection) -> dict[int, Held]:
        """What stands on each; of one that holds nothing, nothing."""
        return await queries.held(tx)
