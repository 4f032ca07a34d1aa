"""Alarm sources, and their reports, over HTTP."""

from __future__ import annotations

import functools
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from fastapi import Depends, Header, Path, Request
from pydantic import BaseModel, ValidationError

from fengsui.features.access import Function, Place, Principal, recorded, refuse_unless, require, scope_for
from fengsui.features.alarm_intake.actions import AlarmIntake
from fengsui.features.alarm_intake.cap_reports import read_cap
from fengsui.features.alarm_intake.model import PING, IntakeMalformed, Said, UnusableSource
from fengsui.features.alarm_intake.queries import Taken
from fengsui.features.alarm_intake.schemas import (
    AlarmReport,
    AlarmSourceMade,
    AlarmSourceOrder,
    AlarmSourcePage,
    AlarmSourceSecret,
    AlarmSourceShape,
    AlarmTaken,
)
from fengsui.features.alarm_intake.sources import AlarmSources, Known
from fengsui.features.areas import Divisions
from fengsui.features.audit import Act
from fengsui.late_routes import LateRoutes

Keeper = Annotated[Principal, Depends(require(Function.MANAGE_DEVICES))]
SourceId = Annotated[int, Path(ge=1, le=2**31 - 1)]
SourceInPath = Annotated[str, Path(max_length=64)]
Timestamp = Annotated[str, Header(alias="X-Fengsui-Timestamp", max_length=64)]
Signature = Annotated[str, Header(alias="X-Fengsui-Signature", max_length=256)]
MOST_SAID: Final = 3


def _body(kind: str, schema: dict[str, Any]) -> dict[str, Any]:
    """For the API document: what is signed is read octet for octet."""
    return {"requestBody": {"required": True, "content": {kind: {"schema": schema}}}}


@functools.cache
def whole_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Its schema with what it refers to written out: the document's own definitions are those of FastAPI's bodies."""
    schema = model.model_json_schema()
    known: dict[str, Any] = schema.pop("$defs", {})

    def written_out(value: Any) -> Any:
        if isinstance(value, list):
            return [written_out(one) for one in value]
        if not isinstance(value, dict):
            return value
        named = str(value.get("$ref", "")).rpartition("/")[2]
        return known[named] if named else {name: written_out(one) for name, one in value.items()}

    found: dict[str, Any] = written_out(schema)
    return found


def _moment(at: float) -> datetime | None:
    return datetime.fromtimestamp(at, UTC) if at else None


def reasons_of(error: ValidationError) -> str:
    """What to mend; it repeats nothing of what was sent."""
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    return "; ".join(f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}".strip(": ") for one in faults[:MOST_SAID])


def why_malformed(error: ValidationError) -> IntakeMalformed:
    """For whoever sent it."""
    return IntakeMalformed(why=reasons_of(error))


def read_report(raw: bytes) -> Said:
    """Of JSON. Raises IntakeMalformed, which repeats nothing of what was sent."""
    try:
        found = AlarmReport.model_validate_json(raw)
    except ValidationError as error:
        raise why_malformed(error) from error
    return Said(
        id=found.id,
        kind=found.type,
        change=found.change,
        told_priority=found.priority,
        at=None if found.time is None else found.time.timestamp(),
        area=found.area,
        point=found.point.strip(),
        place=found.place.strip(),
        longitude=found.longitude,
        latitude=found.latitude,
        text=found.text,
        event=found.event.strip(),
        cameras=tuple(found.cameras),
    )


def router(sources: AlarmSources, intake: AlarmIntake, divisions: Divisions, own_area: str) -> LateRoutes:
    """The routes of alarm sources. `own_area`: the node's own."""
    routes = LateRoutes(tags=["alarm intake"])

    def shape(one: Known) -> AlarmSourceShape:
        source, figures = one.source, one.figures
        return AlarmSourceShape(
            id=source.id,
            name=source.name,
            title=source.title,
            area=source.area,
            area_name=divisions.name_of(source.area),
            kinds=list(source.kinds),
            most_urgent=source.most_urgent,
            jobs=source.jobs,
            supervision_s=source.supervision_s,
            made_at=datetime.fromtimestamp(source.made_at, UTC),
            heard_at=_moment(figures.heard_at),
            taken=figures.taken,
            repeated=figures.repeated,
            refused=figures.refused,
            unproven=figures.unproven,
            fault_at=_moment(figures.fault_at),
            fault=figures.fault,
            distrusted=one.secret is None,
        )

    def place_of(one: Known) -> Place:
        """Of one that is distrusted, its area may not be its own: whoever keeps the node's own decides."""
        return Place(one.source.name, own_area if one.secret is None else one.source.area)

    @routes.get("/alarm-sources", operation_id="listAlarmSources")
    async def list_sources(request: Request, who: Keeper) -> AlarmSourcePage:
        """Systems that report alarms in one's own areas, by name; never a secret."""
        scope = scope_for(request, who, Function.MANAGE_DEVICES)
        return AlarmSourcePage(items=[shape(one) for one in sources.all() if scope.holds(place_of(one).area)])

    @routes.post("/alarm-sources", status_code=201, operation_id="addAlarmSource")
    async def add_source(request: Request, who: Keeper, body: AlarmSourceOrder) -> AlarmSourceMade:
        """Let a system report alarms: with the secret by which it signs them, told this once."""
        area = divisions.current(body.area or own_area)
        async with recorded(request, who, Act.ALARM_SOURCE_ADD, body.name):
            if body.area and divisions.name_of(area) == area:
                raise UnusableSource(why_zh=f"没有行政区划 {area}", why_en=f"there is no area {area}")
            who = await refuse_unless(request, who, Function.MANAGE_DEVICES, Place(body.name, area))
            kinds = sorted(set(body.kinds))
            made, secret = await sources.add(
                *(who, body.name, body.title, area, kinds, body.most_urgent), jobs=body.jobs, supervision_s=body.supervision_s
            )
        return AlarmSourceMade(source=shape(made), secret=secret)

    @routes.post("/alarm-sources/{source_id}/secret", operation_id="renewAlarmSourceSecret")
    async def renew_secret(request: Request, who: Keeper, source_id: SourceId) -> AlarmSourceSecret:
        """Another secret: the one of before opens nothing any more."""
        async with recorded(request, who, Act.ALARM_SOURCE_SECRET, str(source_id)):
            found = sources.get(source_id)
            who = await refuse_unless(request, who, Function.MANAGE_DEVICES, place_of(found))
            return AlarmSourceSecret(secret=await sources.renew_secret(who, found))

    @routes.delete("/alarm-sources/{source_id}", status_code=204, operation_id="removeAlarmSource")
    async def remove_source(request: Request, who: Keeper, source_id: SourceId) -> None:
        """Take nothing of a system any more; its alarms stay."""
        async with recorded(request, who, Act.ALARM_SOURCE_REMOVE, str(source_id)):
            found = sources.get(source_id)
            who = await refuse_unless(request, who, Function.MANAGE_DEVICES, place_of(found))
            await sources.remove(who, found)

    async def body_of(request: Request) -> bytes:
        said = request.headers.get("content-length", "0")
        intake.bound(int(said) if said.isascii() and said.isdigit() else 0)  # the server lets nobody send more than that
        return await request.body()

    def answer(found: Taken) -> AlarmTaken:
        at = datetime.fromtimestamp(found.at, UTC)
        return AlarmTaken(alarm=found.alarm_id, received_at=at, left_out=found.left_out.split())

    @routes.post(
        "/alarm-intake/{source}",
        status_code=202,
        operation_id="takeAlarm",
        openapi_extra=_body("application/json", whole_schema(AlarmReport)),
    )
    async def take(request: Request, source: SourceInPath, timestamp: Timestamp = "", signature: Signature = "") -> AlarmTaken:
        """Report an alarm, as a registered source: signed by its secret and not by a session. 202: it is on disk. 503 and 429: send
        it again under the same id, as with no answer at all. `{"ping":true}` is a try, and no alarm (0).
        """
        raw, tls = await body_of(request), request.url.scheme == "https"
        if raw == PING:
            return AlarmTaken(alarm=0, received_at=intake.ping(source, timestamp, signature), left_out=[])
        return answer(await intake.take(source, timestamp, signature, raw, read_report, of="https", tls=tls))

    @routes.post(
        "/alarm-intake/{source}/cap",
        status_code=202,
        operation_id="takeCapAlarm",
        openapi_extra=_body("application/cap+xml", {"type": "string"}),
    )
    async def take_cap(request: Request, source: SourceInPath, timestamp: Timestamp = "", signature: Signature = "") -> AlarmTaken:
        """The same as a CAP 1.2 message: Alert, Update or Cancel. Sender, identifier and time together are its id."""
        raw, tls = await body_of(request), request.url.scheme == "https"
        return answer(await intake.take(source, timestamp, signature, raw, read_cap, of="cap", tls=tls))

    return routes
