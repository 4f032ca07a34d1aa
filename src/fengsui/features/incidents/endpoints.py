"""Incidents over HTTP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Annotated, Any

from fastapi import Depends, Header, Path, Query, Request, Response
from pydantic import AwareDatetime

from fengsui.features.access import Function, Place, Principal, Scope, recorded, refuse_unless, require, scope_for
from fengsui.features.alarms import WATCHED_BY
from fengsui.features.areas import Divisions
from fengsui.features.audit import Act
from fengsui.features.cameras import Cameras, UnknownCamera
from fengsui.features.incidents.actions import Incidents
from fengsui.features.incidents.cap_messages import cap_of
from fengsui.features.incidents.errors import UnusableIncident
from fengsui.features.incidents.model import Incident, Line, LineKind, Outcome, Step, Wanted, moved, refuted, remind_at, taken
from fengsui.features.incidents.queries import Asked, Order
from fengsui.features.incidents.schemas import (
    AlarmLink,
    AlarmUnlink,
    AreaCode,
    IncidentClosing,
    IncidentCorrection,
    IncidentDetails,
    IncidentHandover,
    IncidentLine,
    IncidentLists,
    IncidentMerge,
    IncidentNote,
    IncidentOrder,
    IncidentPage,
    IncidentReason,
    IncidentShape,
    IncidentStep,
    OtherIncident,
    PictureLink,
    WhoLeads,
    Worded,
)
from fengsui.features.incidents.words import CAUSE_TEXTS, DISPOSITION_TEXTS, KIND_TEXTS, STATE_TEXTS, IncidentKind, IncidentState
from fengsui.late_routes import LateRoutes
from fengsui.wire.cap.message import write as write_cap

Reader = Annotated[Principal, Depends(require(*WATCHED_BY))]
WordsReader = Annotated[Principal, Depends(require(*WATCHED_BY, Function.GO_ON_PATROL))]
Worker = Annotated[Principal, Depends(require(Function.TAKE_DUTY))]
IncidentId = Annotated[int, Path(ge=1, le=2**31 - 1)]
AlarmId = Annotated[int, Path(ge=1, le=2**63 - 1)]
Cursor = Annotated[str, Query(pattern=r"^([01]\.[0-9]{1,9})?$")]
Key = Annotated[
    str | None,
    Header(
        alias="idempotency-key",
        pattern=r"^[\x21-\x7e]{1,128}$",
        description="The same order under the same key is opened once; the answer is that incident as it stands",
    ),
]
"""Of the order: whoever had no answer sends it again."""


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _seconds(at: datetime | None) -> float | None:
    return None if at is None else at.timestamp()


def _worded(texts: Mapping[Any, tuple[str, str]]) -> list[Worded]:
    return [Worded(code=str(code), zh=zh, en=en) for code, (zh, en) in texts.items()]


def shape_of(one: Incident, alarms: Sequence[int], numbers: Mapping[int, str], area_name: str) -> IncidentShape:
    """`numbers`: of the one that it was merged into."""
    outcome = one.outcome
    remind = remind_at(one)
    return IncidentShape(
        id=one.id,
        number=one.number,
        type=one.kind,
        state=one.state,
        desk_state=one.desk,
        area=one.area,
        area_name=area_name,
        place=one.place,
        longitude=one.longitude,
        latitude=one.latitude,
        text=one.text,
        priority=one.priority,
        opened_at=_at(one.stamps[IncidentState.NEW]),
        opened_by=one.opened_by,
        owner=WhoLeads(id=one.owner_id, name=one.owner) if one.owner_id else None,
        times={IncidentState(state): _at(at) for state, at in one.stamps.items()},
        disposition=outcome.main if outcome else None,
        also=list(outcome.also) if outcome else [],
        cause=outcome.cause if outcome else one.cause,
        merged_into=OtherIncident(id=one.into, number=numbers.get(one.into, "")) if one.into else None,
        alarms=list(alarms),
        units_out=one.out,
        last_at=_at(one.last_at),
        remind_at=None if remind is None else _at(remind),
        version=one.version,
    )


def router(incidents: Incidents, cameras: Cameras, divisions: Divisions, own_area: str, node: str, zone: tzinfo) -> LateRoutes:
    """The routes of incidents. `own_area`: the node's own; `node`: its code."""
    routes = LateRoutes(tags=["incidents"])

    def watched(request: Request, who: Principal) -> list[Scope]:
        return [scope_for(request, who, function) for function in WATCHED_BY]

    def worked(request: Request, who: Principal) -> list[Scope]:
        return [scope_for(request, who, Function.TAKE_DUTY)]

    async def shapes(found: Sequence[Incident]) -> list[IncidentShape]:
        alarms = await incidents.alarms_of([one.id for one in found])
        numbers = await incidents.numbers(sorted({one.into for one in found} - {0}))
        return [shape_of(one, alarms[one.id], numbers, divisions.name_of(one.area)) for one in found]

    async def seen_by(request: Request, who: Principal, lines: Sequence[Line]) -> set[str]:
        """The cameras that the lines name and the caller's lists show."""
        scope = scope_for(request, who, Function.LOOK_AROUND)
        facts = await cameras.facts(sorted({str(line.facts["camera"]) for line in lines if "camera" in line.facts}))
        return {code for code, one in facts.items() if scope.holds(one.area, one.camera_class)}

    def line_shape(line: Line, seen: set[str]) -> IncidentLine:
        facts: dict[str, Any] = dict(line.facts)
        if "camera" in facts and facts["camera"] not in seen:
            facts = {"what": facts.get("what", "")}
        return IncidentLine(
            ordinal=line.ordinal,
            kind=line.kind,
            at=_at(line.at),
            by=WhoLeads(id=line.user_id, name=line.name),
            before=line.before,
            after=line.after,
            text=line.text,
            facts=facts,
        )

    async def details(request: Request, who: Principal, id: int, before: int | None = None) -> IncidentDetails:
        one, lines, parts = await incidents.with_lines(watched(request, who), id, before)
        [shape] = await shapes([one])
        seen = await seen_by(request, who, lines)
        return IncidentDetails(
            **shape.model_dump(),
            lines=[line_shape(line, seen) for line in lines],
            parts=[OtherIncident(id=id, number=number) for id, number in parts],
        )

    @routes.get("/incident-lists", operation_id="getIncidentLists")
    async def get_lists(who: WordsReader) -> IncidentLists:
        """What an incident may be, where it may stand, and how it may end: the closed lists with their words."""
        return IncidentLists(
            types=_worded(KIND_TEXTS),
            states=_worded(STATE_TEXTS),
            dispositions=_worded(DISPOSITION_TEXTS),
            causes=_worded(CAUSE_TEXTS),
        )

    @routes.get("/incidents", operation_id="listIncidents")
    async def list_incidents(
        request: Request,
        who: Reader,
        area: Annotated[AreaCode, Query()] = "",
        state: IncidentState | None = None,
        kind: Annotated[IncidentKind | None, Query(alias="type")] = None,
        priority: Annotated[int | None, Query(ge=1, le=4)] = None,
        is_open: Annotated[bool | None, Query(alias="open")] = None,
        mine: bool = False,
        alarm: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None,
        number: Annotated[str, Query(max_length=24, pattern=r"^[0-9A-Za-z-]*$")] = "",
        since: Annotated[AwareDatetime | None, Query(alias="from")] = None,
        until: Annotated[AwareDatetime | None, Query(alias="to")] = None,
        order: Order = "open-first",
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
        cursor: Cursor = "",
    ) -> IncidentPage:
        """Incidents of one's own areas: those that are open first, or the newest first. `from`, `to`: when they were opened."""
        asked = Asked(
            area=area,
            state=state or "",
            kind=kind or "",
            priority=priority,
            is_open=is_open,
            owner=who.user_id if mine else 0,
            alarm=alarm,
            number=number.upper(),
            since=_seconds(since),
            until=_seconds(until),
            order=order,
            after=(cursor[0] == "1", int(cursor[2:])) if cursor else None,
        )
        found, more, total = await incidents.listed(watched(request, who), asked, limit)
        last = f"{int(not found[-1].is_open)}.{found[-1].id}" if more else None
        return IncidentPage(items=await shapes(found), next=last, total=total)

    @routes.post("/incidents", status_code=201, operation_id="openIncident")
    async def open_incident(request: Request, who: Worker, body: IncidentOrder, idempotency_key: Key = None) -> IncidentDetails:
        """Open an incident: whoever does leads it; what a program opens waits for a person."""
        area = divisions.current(body.area or own_area)
        async with recorded(request, who, Act.INCIDENT_OPEN, area):
            if body.area and divisions.name_of(area) == area:
                raise UnusableIncident(why_zh=f"没有行政区划 {area}", why_en=f"there is no area {area}")
            who = await refuse_unless(request, who, Function.TAKE_DUTY, Place(area, area))
            where = body.place, body.longitude, body.latitude
            wanted = Wanted(body.type, area, *where, body.text, body.priority, tuple(sorted(body.alarms)))
            made = await incidents.open(who, watched(request, who), wanted, idempotency_key)
        return await details(request, who, made.id)

    @routes.get(
        "/incidents/{incident_id}/cap",
        operation_id="getIncidentCap",
        response_class=Response,
        responses={200: {"content": {"application/cap+xml": {"schema": {"type": "string"}}}}},
    )
    async def get_cap(request: Request, who: Reader, incident_id: IncidentId) -> Response:
        """One incident as a CAP 1.2 message, as it stands: an Alert, then Updates of it, or a Cancel."""
        one, _, _ = await incidents.with_lines(watched(request, who), incident_id)
        found = cap_of(one, f"fengsui-{node}", divisions.name_of(one.area), zone)
        return Response(write_cap(found), media_type="application/cap+xml")

    @routes.get("/incidents/{incident_id}", operation_id="getIncident")
    async def get_incident(
        request: Request, who: Reader, incident_id: IncidentId, before: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None
    ) -> IncidentDetails:
        """One incident with the newest 1,000 lines of its time line; `before`: an ordinal, for the lines before that one."""
        return await details(request, who, incident_id, before)

    @routes.patch("/incidents/{incident_id}", operation_id="correctIncident")
    async def correct_incident(request: Request, who: Worker, incident_id: IncidentId, body: IncidentCorrection) -> IncidentDetails:
        """Correct what it says: what stood before stays in its time line."""
        given = body.model_dump(exclude_none=True, exclude={"reason", "version"})
        changes = {"kind" if name == "type" else name: value for name, value in given.items()}
        async with recorded(request, who, Act.INCIDENT_CHANGE, str(incident_id)):
            await incidents.correct(who, worked(request, who), incident_id, body.version, changes, body.reason)
        return await details(request, who, incident_id)

    @routes.post("/incidents/{incident_id}/notes", status_code=201, operation_id="noteOnIncident")
    async def note(request: Request, who: Worker, incident_id: IncidentId, body: IncidentNote) -> IncidentDetails:
        """Write a line into its time line; none is changed or removed."""
        async with recorded(request, who, Act.INCIDENT_NOTE, str(incident_id)):
            await incidents.note(who, worked(request, who), incident_id, body.text)
        return await details(request, who, incident_id)

    @routes.post("/incidents/{incident_id}/alarms", status_code=201, operation_id="linkIncidentAlarm")
    async def link_alarm(request: Request, who: Worker, incident_id: IncidentId, body: AlarmLink) -> IncidentDetails:
        """Add an alarm that is about the same."""
        async with recorded(request, who, Act.INCIDENT_LINK, str(incident_id)):
            scopes = worked(request, who), watched(request, who)
            await incidents.link_alarm(who, *scopes, incident_id, body.alarm, body.text)
        return await details(request, who, incident_id)

    @routes.post("/incidents/{incident_id}/alarms/{alarm_id}/removal", operation_id="unlinkIncidentAlarm")
    async def unlink_alarm(
        request: Request, who: Worker, incident_id: IncidentId, alarm_id: AlarmId, body: AlarmUnlink
    ) -> IncidentDetails:
        """Take an alarm out that is not about the same; the time line keeps both."""
        async with recorded(request, who, Act.INCIDENT_LINK, str(incident_id)):
            await incidents.unlink_alarm(who, worked(request, who), incident_id, alarm_id, body.reason)
        return await details(request, who, incident_id)

    @routes.post("/incidents/{incident_id}/pictures", status_code=201, operation_id="linkIncidentPicture")
    async def link_picture(request: Request, who: Worker, incident_id: IncidentId, body: PictureLink) -> IncidentDetails:
        """Name footage that shows it: nothing is copied, and whoever looks at it needs their own right."""
        async with recorded(request, who, Act.INCIDENT_LINK, str(incident_id)):
            camera = (await cameras.facts([body.camera])).get(body.camera)
            if camera is None or not scope_for(request, who, Function.LOOK_AROUND).holds(camera.area, camera.camera_class):
                raise UnknownCamera(camera=body.camera)
            facts: dict[str, object] = {"what": body.what, "camera": body.camera, "from": body.since.isoformat()}
            facts |= {"to": body.until.isoformat()} if body.until else {}
            facts |= {"reference": body.reference} if body.reference else {}
            await incidents.link_picture(who, worked(request, who), incident_id, facts, body.text)
        return await details(request, who, incident_id)

    @routes.post("/incidents/{incident_id}/state", operation_id="moveIncident")
    async def move(request: Request, who: Worker, incident_id: IncidentId, body: IncidentStep) -> IncidentDetails:
        """Take it, verify it, say that it is true or false, that the place is under control, or archive it."""
        step, cause = Step(body.step), body.cause

        def change(one: Incident, at: float) -> Incident:
            if step is Step.TAKE:
                return taken(one, who.user_id, who.name, body.text, at)
            return moved(one, step, at) if cause is None else refuted(one, cause, at)

        facts = {"step": body.step} | ({"cause": cause.value} if cause else {})
        async with recorded(request, who, Act.INCIDENT_STATE, str(incident_id)):
            told: dict[str, Any] = {"seen": body.version, "text": body.text, "facts": facts}
            where = worked(request, who)
            await incidents.act(who, where, incident_id, Act.INCIDENT_STATE, LineKind.STATE, change, **told)
        return await details(request, who, incident_id)

    @routes.post("/incidents/{incident_id}/hand-over", operation_id="handOverIncident")
    async def hand_over(request: Request, who: Worker, incident_id: IncidentId, body: IncidentHandover) -> IncidentDetails:
        """Let somebody else lead it, who may take duty in its area."""
        async with recorded(request, who, Act.INCIDENT_HAND_OVER, str(incident_id)):
            await incidents.hand_over(who, worked(request, who), incident_id, body.version, body.to, body.note)
        return await details(request, who, incident_id)

    @routes.post("/incidents/{incident_id}/merge", operation_id="mergeIncident")
    async def merge(request: Request, who: Worker, incident_id: IncidentId, body: IncidentMerge) -> IncidentDetails:
        """It is a part of another one from now on; that can be undone."""
        async with recorded(request, who, Act.INCIDENT_MERGE, str(incident_id)):
            await incidents.merge(who, worked(request, who), incident_id, body.version, body.into, body.reason)
        return await details(request, who, incident_id)

    @routes.post("/incidents/{incident_id}/unmerge", operation_id="unmergeIncident")
    async def unmerge(request: Request, who: Worker, incident_id: IncidentId, body: IncidentReason) -> IncidentDetails:
        """It is no part of another one any more, and stands as it did before."""
        async with recorded(request, who, Act.INCIDENT_UNMERGE, str(incident_id)):
            await incidents.unmerge(who, worked(request, who), incident_id, body.version, body.reason)
        return await details(request, who, incident_id)

    @routes.post("/incidents/{incident_id}/close", operation_id="closeIncident")
    async def close(request: Request, who: Worker, incident_id: IncidentId, body: IncidentClosing) -> IncidentDetails:
        """End it with an outcome: nothing else does, and no alarm that restores."""
        async with recorded(request, who, Act.INCIDENT_CLOSE, str(incident_id)):
            outcome = Outcome(body.disposition, tuple(body.also), body.cause)
            await incidents.close(who, worked(request, who), incident_id, body.version, outcome, body.text)
        return await details(request, who, incident_id)

    @routes.post("/incidents/{incident_id}/reopen", operation_id="reopenIncident")
    async def reopen(request: Request, who: Worker, incident_id: IncidentId, body: IncidentReason) -> IncidentDetails:
        """Go on with one that was closed; it needs an outcome anew."""
        async with recorded(request, who, Act.INCIDENT_REOPEN, str(incident_id)):
            await incidents.reopen(who, worked(request, who), incident_id, body.version, body.reason)
        return await details(request, who, incident_id)

    return routes
