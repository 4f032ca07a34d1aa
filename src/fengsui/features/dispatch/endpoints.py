"""Units and tasks over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request

from fengsui.features.access import Function, Place, Principal, Scope, recorded, refuse_unless, require, scope_for
from fengsui.features.alarms import WATCHED_BY
from fengsui.features.areas import Divisions
from fengsui.features.audit import Act
from fengsui.features.dispatch.actions import Dispatch
from fengsui.features.dispatch.errors import UnusableUnit
from fengsui.features.dispatch.model import Proposal, Status, Task, TaskState, TaskStep, Unit
from fengsui.features.dispatch.schemas import (
    AreaCode,
    PatrolUnitChange,
    PatrolUnitList,
    PatrolUnitOrder,
    PatrolUnitPlace,
    PatrolUnitShape,
    ProposalList,
    ProposalShape,
    ReasonShape,
    TaskList,
    TaskOrder,
    TaskReason,
    TaskShape,
    TaskWords,
)

Reader = Annotated[Principal, Depends(require(*WATCHED_BY))]
Worker = Annotated[Principal, Depends(require(Function.TAKE_DUTY))]
Id = Annotated[int, Path(ge=1, le=2**31 - 1)]


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def router(dispatch: Dispatch, divisions: Divisions, own_area: str) -> APIRouter:
    """The routes of units and tasks. `own_area`: the node's own."""
    routes = APIRouter(tags=["dispatch"])

    def watched(request: Request, who: Principal) -> list[Scope]:
        return [scope_for(request, who, function) for function in WATCHED_BY]

    def worked(request: Request, who: Principal) -> list[Scope]:
        return [scope_for(request, who, Function.TAKE_DUTY)]

    def unit_shape(one: Unit) -> PatrolUnitShape:
        return PatrolUnitShape(
            id=one.id,
            call_sign=one.call_sign,
            kind=one.kind,
            members=list(one.members),
            area=one.area,
            area_name=divisions.name_of(one.area),
            status=one.status,
            longitude=one.longitude,
            latitude=one.latitude,
            position_at=_at(one.position_at) if one.longitude is not None else None,
            task=one.task or None,
        )

    def proposal_shape(one: Proposal) -> ProposalShape:
        reasons = [ReasonShape(code=reason.code, zh=reason.zh, en=reason.en) for reason in one.reasons]
        way = {"distance_m": one.distance_m, "time_s": one.time_s}
        return ProposalShape(unit=unit_shape(one.unit), fits=one.fits, reasons=reasons, **way)

    async def task_shapes(found: Sequence[Task]) -> list[TaskShape]:
        names, now = await dispatch.call_signs(found), dispatch.now()
        return [
            TaskShape(
                id=one.id,
                incident=one.incident,
                unit=one.unit,
                call_sign=names.get(one.unit, ""),
                order=one.order,
                need_feedback=one.need_feedback,
                state=one.state,
                times={TaskState(state): _at(at) for state, at in one.stamps.items()},
                due_at=None if one.due_at is None else _at(one.due_at),
                overdue=one.due_at is not None and now >= one.due_at,
                sent_by=one.sent_by,
                reason=one.reason,
                feedback=one.feedback,
            )
            for one in found
        ]

    @routes.get("/patrol-units", operation_id="listPatrolUnits")
    async def list_units(
        request: Request, who: Reader, area: Annotated[AreaCode, Query()] = "", status: Status | None = None
    ) -> PatrolUnitList:
        """Units of one's own areas, by call sign, with status and last position."""
        found = await dispatch.units(watched(request, who), area, status or "")
        return PatrolUnitList(items=[unit_shape(one) for one in found])

    @routes.post("/patrol-units", status_code=201, operation_id="addPatrolUnit")
    async def add_unit(request: Request, who: Worker, body: PatrolUnitOrder) -> PatrolUnitShape:
        """Make a unit known that can be sent."""
        area = divisions.current(body.area or own_area)
        async with recorded(request, who, Act.PATROL_UNIT_ADD, body.call_sign):
            if body.area and divisions.name_of(area) == area:
                raise UnusableUnit(why_zh=f"没有行政区划 {area}", why_en=f"there is no area {area}")
            who = await refuse_unless(request, who, Function.TAKE_DUTY, Place(body.call_sign, area))
            unit = Unit(0, body.call_sign, body.kind, tuple(body.members), area, body.status, None, None, 0.0)
            return unit_shape(await dispatch.add_unit(who, unit))

    @routes.patch("/patrol-units/{unit_id}", operation_id="changePatrolUnit")
    async def change_unit(request: Request, who: Worker, unit_id: Id, body: PatrolUnitChange) -> PatrolUnitShape:
        """Other members, another name; free, or out of service."""
        changes: dict[str, Any] = body.model_dump(exclude_none=True)
        changes |= {"members": tuple(changes["members"])} if "members" in changes else {}
        async with recorded(request, who, Act.PATROL_UNIT_CHANGE, str(unit_id)):
            return unit_shape(await dispatch.change_unit(who, worked(request, who), unit_id, changes))

    @routes.post("/patrol-units/{unit_id}/position", status_code=204, operation_id="placePatrolUnit")
    async def place_unit(request: Request, who: Worker, unit_id: Id, body: PatrolUnitPlace) -> None:
        """Tell where a unit is: by a desk, or by a radio gateway with a token that takes duty there."""
        at = None if body.at is None else body.at.timestamp()
        await dispatch.place(worked(request, who), unit_id, body.longitude, body.latitude, at)

    @routes.get("/incidents/{incident_id}/unit-proposals", operation_id="listUnitProposals")
    async def list_proposals(request: Request, who: Worker, incident_id: Id) -> ProposalList:
        """Free units that could go, those that are fit and near first, each with its reasons. Nobody is sent by asking."""
        _, found = await dispatch.proposals(watched(request, who), worked(request, who), incident_id)
        return ProposalList(items=[proposal_shape(one) for one in found])

    @routes.get("/incidents/{incident_id}/tasks", operation_id="listIncidentTasks")
    async def list_tasks(request: Request, who: Reader, incident_id: Id) -> TaskList:
        """Who was sent, and how far they are."""
        return TaskList(items=await task_shapes(await dispatch.tasks_of(watched(request, who), incident_id)))

    @routes.post("/incidents/{incident_id}/tasks", status_code=201, operation_id="sendTask")
    async def send_task(request: Request, who: Worker, incident_id: Id, body: TaskOrder) -> TaskShape:
        """Send a unit."""
        async with recorded(request, who, Act.TASK_SEND, str(incident_id)):
            where = worked(request, who)
            made = await dispatch.send(who, where, incident_id, body.unit, body.order, need_feedback=body.need_feedback)
        return (await task_shapes([made]))[0]

    @routes.get("/tasks/{task_id}", operation_id="getTask")
    async def get_task(request: Request, who: Reader, task_id: Id) -> TaskShape:
        """One task."""
        return (await task_shapes([await dispatch.task(watched(request, who), task_id)]))[0]

    async def stepped(request: Request, who: Principal, task_id: int, step: TaskStep, text: str) -> TaskShape:
        async with recorded(request, who, Act.TASK_STEP, str(task_id)):
            made = await dispatch.step(who, worked(request, who), task_id, step, text)
        return (await task_shapes([made]))[0]

    @routes.post("/tasks/{task_id}/accept", operation_id="acceptTask")
    async def accept(request: Request, who: Worker, task_id: Id, body: TaskWords) -> TaskShape:
        """The unit has its order."""
        return await stepped(request, who, task_id, TaskStep.ACCEPT, body.text)

    @routes.post("/tasks/{task_id}/on-the-way", operation_id="setOffForTask")
    async def set_off(request: Request, who: Worker, task_id: Id, body: TaskWords) -> TaskShape:
        """The unit is on its way."""
        return await stepped(request, who, task_id, TaskStep.SET_OFF, body.text)

    @routes.post("/tasks/{task_id}/arrive", operation_id="arriveForTask")
    async def arrive(request: Request, who: Worker, task_id: Id, body: TaskWords) -> TaskShape:
        """The unit is there."""
        return await stepped(request, who, task_id, TaskStep.ARRIVE, body.text)

    @routes.post("/tasks/{task_id}/done", operation_id="finishTask")
    async def finish(request: Request, who: Worker, task_id: Id, body: TaskWords) -> TaskShape:
        """The unit is free again, and says what it found."""
        return await stepped(request, who, task_id, TaskStep.FINISH, body.text)

    @routes.post("/tasks/{task_id}/refuse", operation_id="refuseTask")
    async def refuse(request: Request, who: Worker, task_id: Id, body: TaskReason) -> TaskShape:
        """The unit gives the order back."""
        return await stepped(request, who, task_id, TaskStep.REFUSE, body.reason)

    @routes.post("/tasks/{task_id}/cancel", operation_id="cancelTask")
    async def cancel(request: Request, who: Worker, task_id: Id, body: TaskReason) -> TaskShape:
        """Call the unit off."""
        return await stepped(request, who, task_id, TaskStep.CANCEL, body.reason)

    return routes
