"""Work on alarms over HTTP: for whoever takes duty where the alarm is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Path, Request

from fengsui.features.access import Function, Principal, desk_scopes_for, recorded, require
from fengsui.features.alarm_work.actions import ACTS, AlarmWork
from fengsui.features.alarm_work.model import Verb, Wish
from fengsui.features.alarm_work.schemas import (
    AlarmEnd,
    AlarmHandOver,
    AlarmRelease,
    AlarmStepPage,
    AlarmStepShape,
    AlarmVerdict,
    Seen,
)
from fengsui.features.alarms import WATCHED_BY, AlarmShape, AlarmShapes
from fengsui.late_routes import LateRoutes

Operator = Annotated[Principal, Depends(require(Function.TAKE_DUTY))]
Supervisor = Annotated[Principal, Depends(require(Function.MANAGE_DUTY))]
Watcher = Annotated[Principal, Depends(require(*WATCHED_BY))]
AlarmId = Annotated[int, Path(ge=1, le=2**63 - 1)]


def router(work: AlarmWork, shapes: AlarmShapes) -> LateRoutes:
    """The routes of work on alarms."""
    routes = LateRoutes(tags=["alarms"])

    async def do(
        request: Request, who: Principal, id: int, verb: Verb, wish: Wish, under: Function = Function.TAKE_DUTY
    ) -> AlarmShape:
        async with recorded(request, who, ACTS[verb], str(id)):
            return await shapes.of(request, who, await work.act(who, desk_scopes_for(request, who, [under]), id, wish))

    @routes.post("/alarms/{alarm_id}/acknowledge", operation_id="claimAlarm")
    async def claim(request: Request, who: Operator, alarm_id: AlarmId, body: Seen) -> AlarmShape:
        """Take an alarm: it is one's own to see to, and nobody else's, until one lets it wait too long."""
        return await do(request, who, alarm_id, "claim", Wish("claim", who.user_id, who.name, version=body.version))

    @routes.post("/alarms/{alarm_id}/release", operation_id="releaseAlarm")
    async def release(request: Request, who: Operator, alarm_id: AlarmId, body: AlarmRelease) -> AlarmShape:
        """Give one's alarm back to the queue."""
        wish = Wish("release", who.user_id, who.name, note=body.note, version=body.version)
        return await do(request, who, alarm_id, "release", wish)

    @routes.post("/alarms/{alarm_id}/hand-over", operation_id="handOverAlarm")
    async def hand_over(request: Request, who: Operator, alarm_id: AlarmId, body: AlarmHandOver) -> AlarmShape:
        """Give one's alarm to somebody who takes duty there."""
        wish = Wish("hand-over", who.user_id, who.name, note=body.note, version=body.version, to=body.to)
        return await do(request, who, alarm_id, "hand-over", wish)

    @routes.post("/alarms/{alarm_id}/verify", operation_id="verifyAlarm")
    async def verify(request: Request, who: Operator, alarm_id: AlarmId, body: AlarmVerdict) -> AlarmShape:
        """Say what is the matter with one's alarm."""
        wish = Wish("verify", who.user_id, who.name, result=body.result, reason=body.reason)
        wish = replace(wish, note=body.note, version=body.version, folded=body.folded)
        return await do(request, who, alarm_id, "verify", wish)

    @routes.post("/alarms/{alarm_id}/close", operation_id="closeAlarm")
    async def close(request: Request, who: Operator, alarm_id: AlarmId, body: AlarmEnd) -> AlarmShape:
        """End one's alarm, with what was done about it; it must be verified."""
        wish = Wish("close", who.user_id, who.name, outcome=body.outcome)
        wish = replace(wish, note=body.note, version=body.version, folded=body.folded)
        return await do(request, who, alarm_id, "close", wish)

    @routes.post("/alarms/{alarm_id}/note", operation_id="noteAlarmEscalation")
    async def note(request: Request, who: Supervisor, alarm_id: AlarmId, body: Seen) -> AlarmShape:
        """Say as a supervisor that one knows that an alarm waits too long; when its clock runs out again, they are told again."""
        wish = Wish("note", who.user_id, who.name, version=body.version)
        return await do(request, who, alarm_id, "note", wish, Function.MANAGE_DUTY)

    @routes.get("/alarms/{alarm_id}/steps", operation_id="listAlarmSteps")
    async def list_steps(request: Request, who: Watcher, alarm_id: AlarmId) -> AlarmStepPage:
        """What was done about an alarm, and what waited too long."""
        found = await work.steps(desk_scopes_for(request, who, WATCHED_BY), alarm_id)
        return AlarmStepPage(
            items=[
                AlarmStepShape(
                    at=datetime.fromtimestamp(one.at, UTC),
                    who=one.who,
                    act=one.act,
                    was=one.was,
                    became=one.became,
                    detail=one.detail,
                )
                for one in found
            ]
        )

    return routes
