"""Methods over HTTP: written by those who lead, read by everybody on duty, linked to closed incidents by who worked on them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends, Path, Query, Request

from fengsui.features.access import Function, Place, Principal, Scope, recorded, refuse_unless, require, scope_for
from fengsui.features.alarms import WATCHED_BY
from fengsui.features.areas import Divisions
from fengsui.features.audit import Act
from fengsui.features.incidents import IncidentKind
from fengsui.features.methods.actions import Methods, Reader
from fengsui.features.methods.errors import UnusableMethod
from fengsui.features.methods.model import Method, State
from fengsui.features.methods.schemas import (
    IncidentMethods,
    IncidentServed,
    MethodChange,
    MethodDetails,
    MethodEntry,
    MethodLink,
    MethodList,
    MethodOffered,
    MethodOrder,
    MethodUnlink,
    MethodUsed,
    MethodVersion,
    MethodVersionList,
    MonthServed,
)
from fengsui.late_routes import LateRoutes

READ_BY = (Function.TAKE_DUTY, Function.READ_DUTY_LOG)
OnDuty = Annotated[Principal, Depends(require(*READ_BY, Function.WRITE_METHODS))]
Author = Annotated[Principal, Depends(require(Function.WRITE_METHODS))]
Worker = Annotated[Principal, Depends(require(Function.TAKE_DUTY))]
Watcher = Annotated[Principal, Depends(require(*WATCHED_BY))]
MethodId = Annotated[int, Path(ge=1, le=2**31 - 1)]
IncidentId = Annotated[int, Path(ge=1, le=2**31 - 1)]


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def router(methods: Methods, divisions: Divisions, own_area: str) -> LateRoutes:
    """The routes of methods. `own_area`: the node's own."""
    routes = LateRoutes(tags=["methods"])

    def scopes(request: Request, who: Principal, *functions: Function) -> list[Scope]:
        return [scope_for(request, who, one) for one in functions]

    def reader(request: Request, who: Principal) -> Reader:
        return Reader(scopes(request, who, *READ_BY), scopes(request, who, Function.WRITE_METHODS))

    def facts(one: Method) -> dict[str, Any]:
        return {
            **{"title": one.title, "area": one.area, "area_name": divisions.name_of(one.area), "state": one.state},
            **{"kinds": list(one.words.kinds), "tags": list(one.words.tags), "version": one.version},
            **{"changed_at": _at(one.changed_at), "changed_by": one.changed_by},
        }

    def said(one: Method) -> dict[str, Any]:
        return {"steps": one.words.steps, "places": one.words.places, "cameras": one.words.cameras}

    def entry(request: Request, who: Principal, one: Method, served: int) -> dict[str, Any]:
        editable = scope_for(request, who, Function.WRITE_METHODS).holds(one.area)
        return {"id": one.id, **facts(one), "served": served, "editable": editable}

    async def details(request: Request, who: Principal, one: Method) -> MethodDetails:
        watched = scopes(request, who, *WATCHED_BY)
        count = (await methods.counts(watched)).get(one.id, 0)
        months, uses = await methods.served(watched, one.id)
        return MethodDetails(
            **entry(request, who, one, count),
            **said(one),
            months=[MonthServed(month=month, count=count) for month, count in months],
            incidents=[
                IncidentServed(
                    incident=use.incident,
                    number=use.number,
                    type=IncidentKind(use.kind),
                    opened_at=_at(use.opened_at),
                    version=use.version,
                    note=use.note,
                    at=_at(use.at),
                    by=use.name,
                )
                for use in uses
            ],
        )

    async def drafted(request: Request, who: Principal, body: MethodOrder) -> tuple[Principal, Method]:
        """Raises UnusableMethod, Refusal."""
        area = divisions.current(body.area or own_area)
        if body.area and divisions.name_of(area) == area:
            raise UnusableMethod(why_zh=f"没有行政区划 {area}", why_en=f"there is no area {area}")
        who = await refuse_unless(request, who, Function.WRITE_METHODS, Place(body.title, area))
        return who, Method(0, body.title, area, body.state, body.words)

    async def at_incident(request: Request, who: Principal, incident: int) -> IncidentMethods:
        one, used = await methods.at(scopes(request, who, *WATCHED_BY), incident)
        known = {use.method for use, _, _ in used}
        return IncidentMethods(
            used=[
                MethodUsed(
                    method=use.method,
                    title=title,
                    version=use.version,
                    state=state,
                    note=use.note,
                    at=_at(use.at),
                    by=use.name,
                )
                for use, title, state in used
            ],
            offered=[MethodOffered(method=each.id, title=each.title) for each in methods.fitting(one) if each.id not in known],
        )

    @routes.get("/methods", operation_id="listMethods")
    async def list_methods(
        request: Request,
        who: OnDuty,
        state: State | None = None,
        kind: IncidentKind | None = None,
        words: Annotated[str, Query(max_length=100)] = "",
    ) -> MethodList:
        """Methods for where one works, by title. `words`: each is in its title, tags or text; drafts are for those who write."""
        found = methods.found(reader(request, who), state, kind, words.split())
        counts = await methods.counts(scopes(request, who, *WATCHED_BY))
        return MethodList(items=[MethodEntry(**entry(request, who, one, counts.get(one.id, 0))) for one in found])

    @routes.post("/methods", status_code=201, operation_id="addMethod")
    async def add_method(request: Request, who: Author, body: MethodOrder) -> MethodDetails:
        """Write down what works for a kind of matter, as a draft or for everybody on duty."""
        async with recorded(request, who, Act.METHOD_ADD, body.title):
            who, draft = await drafted(request, who, body)
            made = await methods.add(who, draft)
        return await details(request, who, made)

    @routes.get("/methods/{method_id}", operation_id="getMethod")
    async def get_method(request: Request, who: OnDuty, method_id: MethodId) -> MethodDetails:
        """What it says, and the incidents that it served."""
        return await details(request, who, methods.get(reader(request, who), method_id))

    @routes.put("/methods/{method_id}", operation_id="changeMethod")
    async def change_method(request: Request, who: Author, method_id: MethodId, body: MethodChange) -> MethodDetails:
        """Write it anew, publish it or withdraw it; what it said before stays among its versions."""
        async with recorded(request, who, Act.METHOD_CHANGE, str(method_id)):
            writes = scopes(request, who, Function.WRITE_METHODS)
            methods.written(writes, method_id)
            who, draft = await drafted(request, who, body)
            made = await methods.change(who, writes, method_id, body.version, draft)
        return await details(request, who, made)

    @routes.get("/methods/{method_id}/versions", operation_id="listMethodVersions")
    async def list_versions(request: Request, who: OnDuty, method_id: MethodId) -> MethodVersionList:
        """What it said, version by version."""
        found = await methods.versions(reader(request, who), method_id)
        return MethodVersionList(items=[MethodVersion(**facts(one), **said(one)) for one in found])

    @routes.get("/incidents/{incident_id}/methods", operation_id="getIncidentMethods")
    async def of_incident(request: Request, who: Watcher, incident_id: IncidentId) -> IncidentMethods:
        """Which methods served it, and which others are for that kind of matter there."""
        return await at_incident(request, who, incident_id)

    @routes.post("/incidents/{incident_id}/methods", status_code=201, operation_id="linkIncidentMethod")
    async def link(request: Request, who: Worker, incident_id: IncidentId, body: MethodLink) -> IncidentMethods:
        """Say that a published method served an incident that is closed."""
        async with recorded(request, who, Act.METHOD_LINK, str(incident_id)):
            where = scopes(request, who, Function.TAKE_DUTY)
            await methods.link(who, where, reader(request, who), incident_id, body.method, body.note)
        return await at_incident(request, who, incident_id)

    @routes.post("/incidents/{incident_id}/methods/{method_id}/removal", operation_id="unlinkIncidentMethod")
    async def unlink(
        request: Request, who: Worker, incident_id: IncidentId, method_id: MethodId, body: MethodUnlink
    ) -> IncidentMethods:
        """Say that it did not serve; the time line keeps both."""
        async with recorded(request, who, Act.METHOD_LINK, str(incident_id)):
            await methods.unlink(who, scopes(request, who, Function.TAKE_DUTY), incident_id, method_id, body.reason)
        return await at_incident(request, who, incident_id)

    return routes
