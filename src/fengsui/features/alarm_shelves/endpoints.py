"""What is shelved, over HTTP.

A point is shelved by whoever takes duty there; a category at a site, whole premises or a whole area by whoever leads it
(`MANAGE_DUTY`).
Both may lift either.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Annotated

from fastapi import Depends, Path, Query, Request

from fengsui.clock import Clock
from fengsui.features.access import Function, Place, Principal, Scope, recorded, refuse_unless, require, scope_for
from fengsui.features.alarm_shelves.actions import AlarmShelves
from fengsui.features.alarm_shelves.model import Order
from fengsui.features.alarm_shelves.schemas import AlarmShelfLift, AlarmShelfList, AlarmShelfOrder, AlarmShelfShape
from fengsui.features.alarms import WATCHED_BY, Alarm, Alarms, AlarmShapes, Held, ShelfRow, moment
from fengsui.features.areas import Divisions
from fengsui.features.audit import Act
from fengsui.late_routes import LateRoutes

SHELVED_BY = (Function.TAKE_DUTY, Function.MANAGE_DUTY)
Shelver = Annotated[Principal, Depends(require(*SHELVED_BY))]
Watcher = Annotated[Principal, Depends(require(*WATCHED_BY))]
ShelfId = Annotated[int, Path(ge=1, le=2**31 - 1)]
AreaCode = Annotated[str, Query(max_length=6, pattern=r"^([0-9]{2}){0,3}$")]


def router(shelves: AlarmShelves, alarms: Alarms, shapes: AlarmShapes, divisions: Divisions, clock: Clock) -> LateRoutes:
    """The routes of what is shelved."""
    routes = LateRoutes(tags=["alarms"])

    def scopes_of(request: Request, who: Principal, functions: Collection[Function]) -> list[Scope]:
        return [scope_for(request, who, one) for one in functions]

    def shape(one: ShelfRow, held: Held, known: Mapping[int, Alarm], named: Collection[int]) -> AlarmShelfShape:
        alarm = known.get(one.alarm_id)
        facts = {name: getattr(one, name) for name in ("id", "scope", "area", "category", "priority", "reason", "note")}
        facts |= {"area_name": divisions.name_of(one.area), "since": moment(one.from_at), "until": moment(one.until_at)}
        facts |= {"by": one.by_name, "ended_at": None if one.ended_at is None else moment(one.ended_at), **held._asdict()}
        return AlarmShelfShape.model_validate({**facts, "alarm": None if alarm is None else shapes.shape(alarm, named)})

    async def shown(request: Request, who: Principal, some: Collection[tuple[ShelfRow, Held]]) -> list[AlarmShelfShape]:
        functions = {*WATCHED_BY, *SHELVED_BY}
        known = await alarms.many(scopes_of(request, who, sorted(functions)), {one.alarm_id for one, _ in some})
        named = await shapes.named_to(request, who, list(known.values()))
        return [shape(one, held, known, named) for one, held in some]

    @routes.get("/alarm-shelves", operation_id="listAlarmShelves")
    async def list_shelves(request: Request, who: Watcher, area: AreaCode = "") -> AlarmShelfList:
        """What is shelved in one's own areas, by whom, why and until when, and how much stands on it."""
        found = await shelves.within(scopes_of(request, who, WATCHED_BY), area)
        return AlarmShelfList(
            at=clock.now(),
            most_s=shelves.longest.narrow,
            most_wide_s=shelves.longest.of("area"),
            items=await shown(request, who, found),
        )

    @routes.post("/alarm-shelves", status_code=201, operation_id="shelveAlarms")
    async def shelve(request: Request, who: Shelver, body: AlarmShelfOrder) -> AlarmShelfShape:
        """Shelve what a point, a site or an area reports, for a time and with a reason: it is stored and listed as ever, and waits
        for nobody until then. What is more urgent passes; alarms of the first priority are shelved by nobody, and of an area only
        those of the third.
        """
        async with recorded(request, who, Act.ALARM_SHELVE, str(body.alarm)):
            function = Function.TAKE_DUTY if body.scope == "point" else Function.MANAGE_DUTY
            alarm = await alarms.get(scopes_of(request, who, SHELVED_BY), body.alarm)
            who = await refuse_unless(request, who, function, Place(str(alarm.id), alarm.area))
            order = Order(body.alarm, body.scope, body.until.timestamp(), body.reason, body.note)
            made = await shelves.shelve(who, scopes_of(request, who, (function,)), order)
        found = {one.id: held for one, held in await shelves.within(scopes_of(request, who, SHELVED_BY))}
        (answer,) = await shown(request, who, [(made, found.get(made.id, Held(0, 0)))])
        return answer

    @routes.post("/alarm-shelves/{shelf_id}/lift", operation_id="liftAlarmShelf")
    async def lift(request: Request, who: Shelver, shelf_id: ShelfId, body: AlarmShelfLift) -> AlarmShelfShape:
        """End a shelf before its time: what stands on it returns to the queue at once."""
        async with recorded(request, who, Act.ALARM_UNSHELVE, str(shelf_id)):
            over = await shelves.lift(who, scopes_of(request, who, SHELVED_BY), shelf_id, body.note)
        (answer,) = await shown(request, who, [(over, Held(0, 0))])
        return answer

    return routes
