"""Units and tasks over HTTP."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import Depends, Header, Path, Query, Request, Response
from pydantic import AwareDatetime

from fengsui.features.access import EVERYWHERE, Function, Place, Principal, Scope, recorded, refuse_unless, require, scope_for
from fengsui.features.alarms import WATCHED_BY
from fengsui.features.areas import Divisions
from fengsui.features.audit import Act
from fengsui.features.dispatch.actions import Dispatch, Sent
from fengsui.features.dispatch.crews import Crews
from fengsui.features.dispatch.errors import PhotoTooLarge, UnusableUnit
from fengsui.features.dispatch.locators import Locators
from fengsui.features.dispatch.model import Locator, Status, TaskStep, Unit
from fengsui.features.dispatch.photos import MOST_OCTETS, TaskPhotos
from fengsui.features.dispatch.schemas import (
    AreaCode,
    CrewCandidates,
    CrewOrder,
    HelpOrder,
    OwnPatrol,
    PatrolDuty,
    PatrolUnitChange,
    PatrolUnitList,
    PatrolUnitOrder,
    PatrolUnitPlace,
    PatrolUnitShape,
    ProposalList,
    TaskList,
    TaskOrder,
    TaskReason,
    TaskShape,
    TaskWords,
    Words,
)
from fengsui.features.dispatch.shapes import DispatchShapes, member
from fengsui.late_routes import LateRoutes

Reader = Annotated[Principal, Depends(require(*WATCHED_BY))]
Worker = Annotated[Principal, Depends(require(Function.TAKE_DUTY))]
UnitOrDesk = Annotated[Principal, Depends(require(Function.TAKE_DUTY, Function.GO_ON_PATROL))]
"""The unit's own crew, or a desk that enters what it reports by radio."""
Patrol = Annotated[Principal, Depends(require(Function.GO_ON_PATROL))]
Id = Annotated[int, Path(ge=1, le=2**31 - 1)]
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=64,
        description="The same step under the same key is done once; the answer is the task as it stands",
    ),
]
NeededKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=64,
        description="The same call under the same key is one alarm: send it again until it is answered",
    ),
]


OCTETS: Final[dict[str, Any]] = {
    "requestBody": {"required": True, "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
}
PICTURE: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {"image/jpeg": {}}}}


def router(
    dispatch: Dispatch, crews: Crews, locators: Locators, photos: TaskPhotos, divisions: Divisions, own_area: str
) -> LateRoutes:
    """The routes of units and tasks. `own_area`: the node's own."""
    routes = LateRoutes(tags=["dispatch"])
    shapes = DispatchShapes(dispatch, crews, divisions)

    def watched(request: Request, who: Principal) -> list[Scope]:
        return [scope_for(request, who, function) for function in WATCHED_BY]

    def worked(request: Request, who: Principal) -> list[Scope]:
        return [scope_for(request, who, Function.TAKE_DUTY)]

    async def located(request: Request, who: Principal, code: str) -> Locator | None:
        """By a device that lies where the caller takes duty."""
        if not code:
            return None
        found = await locators.find(code)
        await refuse_unless(request, who, Function.TAKE_DUTY, found.place)
        return found.locator

    @routes.get("/units", operation_id="listPatrolUnits")
    async def list_units(
        request: Request, who: Reader, area: Annotated[AreaCode, Query()] = "", status: Status | None = None
    ) -> PatrolUnitList:
        """Units of one's own areas, by call sign, with status and last position."""
        found = await dispatch.units(watched(request, who), area, status or "")
        return PatrolUnitList(items=await shapes.units(found))

    @routes.post("/units", status_code=201, operation_id="addPatrolUnit")
    async def add_unit(request: Request, who: Worker, body: PatrolUnitOrder) -> PatrolUnitShape:
        """Make a unit known that can be sent."""
        area = divisions.current(body.area or own_area)
        async with recorded(request, who, Act.PATROL_UNIT_ADD, body.call_sign):
            if body.area and divisions.name_of(area) == area:
                raise UnusableUnit(why_zh=f"没有行政区划 {area}", why_en=f"there is no area {area}")
            who = await refuse_unless(request, who, Function.TAKE_DUTY, Place(body.call_sign, area))
            locator = await located(request, who, body.locator)
            unit = Unit(0, body.call_sign, body.kind, tuple(body.members), area, body.status, None, None, 0.0, locator=locator)
            return await shapes.unit(await dispatch.add_unit(who, unit))

    @routes.patch("/units/{unit_id}", operation_id="changePatrolUnit")
    async def change_unit(request: Request, who: Worker, unit_id: Id, body: PatrolUnitChange) -> PatrolUnitShape:
        """Other members, another name; free, or out of service; by which device its place is known."""
        changes: dict[str, Any] = body.model_dump(exclude_none=True)
        changes |= {"members": tuple(changes["members"])} if "members" in changes else {}
        async with recorded(request, who, Act.PATROL_UNIT_CHANGE, str(unit_id)):
            if body.locator is not None:
                await dispatch.unit(worked(request, who), unit_id)
                changes |= {"locator": await located(request, who, body.locator)}
            return await shapes.unit(await dispatch.change_unit(who, worked(request, who), unit_id, changes))

    @routes.post("/units/{unit_id}/position", status_code=204, operation_id="placePatrolUnit")
    async def place_unit(request: Request, who: UnitOrDesk, unit_id: Id, body: PatrolUnitPlace) -> None:
        """Tell where a unit is: by a desk, a radio gateway with a token that takes duty there, or its crew's phone on duty."""
        at = None if body.at is None else body.at.timestamp()
        if await crews.is_in(who, unit_id):
            await crews.place(who, body.longitude, body.latitude, at)
            return
        await dispatch.place(worked(request, who), unit_id, body.longitude, body.latitude, at)

    @routes.get("/units/{unit_id}/crew-candidates", operation_id="listCrewCandidates")
    async def list_candidates(request: Request, who: Worker, unit_id: Id) -> CrewCandidates:
        """Who may go on patrol where the unit belongs."""
        return CrewCandidates(items=[member(one) for one in await crews.candidates(worked(request, who), unit_id)])

    @routes.put("/units/{unit_id}/crew", operation_id="setPatrolCrew")
    async def set_crew(request: Request, who: Worker, unit_id: Id, body: CrewOrder) -> PatrolUnitShape:
        """Who is in it with a phone of their own; whoever was in another unit leaves it."""
        async with recorded(request, who, Act.PATROL_UNIT_CHANGE, str(unit_id)):
            return await shapes.unit(await crews.set(who, worked(request, who), unit_id, frozenset(body.users)))

    @routes.get("/patrol", operation_id="getOwnPatrol")
    async def own_patrol(who: Patrol) -> OwnPatrol:
        """The caller's own unit, its task and where that is: nothing of other units."""
        return await shapes.own(await crews.own(who))

    @routes.post("/patrol/duty", operation_id="setPatrolDuty")
    async def set_duty(request: Request, who: Patrol, body: PatrolDuty) -> OwnPatrol:
        """Put the caller's own unit on duty, or off."""
        async with recorded(request, who, Act.PATROL_UNIT_CHANGE):
            await crews.serve(who, on=body.on)
        return await shapes.own(await crews.own(who))

    @routes.post("/patrol/emergency", status_code=201, operation_id="callForHelp")
    async def call_for_help(who: Patrol, body: HelpOrder, idempotency_key: NeededKey) -> OwnPatrol:
        """An alarm of the highest priority; answered once it is on disk."""
        at = None if body.pressed_at is None else body.pressed_at.timestamp()
        await crews.call_for_help(who, idempotency_key, body.longitude, body.latitude, at)
        return await shapes.own(await crews.own(who))

    @routes.get("/incidents/{incident_id}/unit-proposals", operation_id="listUnitProposals")
    async def list_proposals(request: Request, who: Worker, incident_id: Id) -> ProposalList:
        """Free units that could go, those that are fit and near first, each with its reasons. Nobody is sent by asking."""
        _, found = await dispatch.proposals(watched(request, who), worked(request, who), incident_id)
        return ProposalList(items=await shapes.proposals(found))

    @routes.get("/incidents/{incident_id}/tasks", operation_id="listIncidentTasks")
    async def list_tasks(request: Request, who: Reader, incident_id: Id) -> TaskList:
        """Who was sent, and how far they are."""
        return TaskList(items=await shapes.tasks(await dispatch.tasks_of(watched(request, who), incident_id)))

    @routes.post("/incidents/{incident_id}/tasks", status_code=201, operation_id="sendTask")
    async def send_task(request: Request, who: Worker, incident_id: Id, body: TaskOrder) -> TaskShape:
        """Send a unit."""
        async with recorded(request, who, Act.TASK_SEND, str(incident_id)):
            where = worked(request, who)
            made = await dispatch.send(who, where, incident_id, body.unit, body.order, need_feedback=body.need_feedback)
        return (await shapes.tasks([made]))[0]

    @routes.get("/tasks/{task_id}", operation_id="getTask")
    async def get_task(request: Request, who: Reader, task_id: Id) -> TaskShape:
        """One task."""
        return (await shapes.tasks([await dispatch.task(watched(request, who), task_id)]))[0]

    async def stepped(
        request: Request, who: Principal, task_id: int, step: TaskStep, body: TaskWords | TaskReason, key: str | None = None
    ) -> TaskShape:
        text, pressed_at = (body.reason, None) if isinstance(body, TaskReason) else (body.text, body.pressed_at)
        how = Sent(key, "" if pressed_at is None else pressed_at.isoformat())
        async with recorded(request, who, Act.TASK_STEP, str(task_id)):
            own = step is not TaskStep.CANCEL and await crews.is_in(who, await crews.unit_of_task(task_id))
            made = await dispatch.step(who, [EVERYWHERE] if own else worked(request, who), task_id, step, text, how)
        return (await shapes.tasks([made]))[0]

    @routes.post("/tasks/{task_id}/accept", operation_id="acceptTask")
    async def accept(request: Request, who: UnitOrDesk, task_id: Id, body: TaskWords, idempotency_key: Key = None) -> TaskShape:
        """The unit has its order."""
        return await stepped(request, who, task_id, TaskStep.ACCEPT, body, idempotency_key)

    @routes.post("/tasks/{task_id}/on-the-way", operation_id="setOffForTask")
    async def set_off(request: Request, who: UnitOrDesk, task_id: Id, body: TaskWords, idempotency_key: Key = None) -> TaskShape:
        """The unit is on its way."""
        return await stepped(request, who, task_id, TaskStep.SET_OFF, body, idempotency_key)

    @routes.post("/tasks/{task_id}/arrive", operation_id="arriveForTask")
    async def arrive(request: Request, who: UnitOrDesk, task_id: Id, body: TaskWords, idempotency_key: Key = None) -> TaskShape:
        """The unit is there."""
        return await stepped(request, who, task_id, TaskStep.ARRIVE, body, idempotency_key)

    @routes.post("/tasks/{task_id}/done", operation_id="finishTask")
    async def finish(request: Request, who: UnitOrDesk, task_id: Id, body: TaskWords, idempotency_key: Key = None) -> TaskShape:
        """The unit is free again, and says what it found."""
        return await stepped(request, who, task_id, TaskStep.FINISH, body, idempotency_key)

    @routes.post("/tasks/{task_id}/refuse", operation_id="refuseTask")
    async def refuse(request: Request, who: UnitOrDesk, task_id: Id, body: TaskReason, idempotency_key: Key = None) -> TaskShape:
        """The unit gives the order back."""
        return await stepped(request, who, task_id, TaskStep.REFUSE, body, idempotency_key)

    @routes.post("/tasks/{task_id}/photos", status_code=201, operation_id="addTaskPhoto", openapi_extra=OCTETS)
    async def add_photo(
        request: Request,
        who: UnitOrDesk,
        task_id: Id,
        text: Annotated[Words, Query()] = "",
        pressed_at: AwareDatetime | None = None,
        idempotency_key: Key = None,
    ) -> TaskShape:
        """A JPEG, PNG or WebP of the place: in the incident's time line and on disk before it is answered, turned upright, made
        smaller, without where and by what it was taken."""
        how = Sent(idempotency_key, "" if pressed_at is None else pressed_at.isoformat())
        async with recorded(request, who, Act.TASK_STEP, str(task_id)):
            own = await crews.is_in(who, await crews.unit_of_task(task_id))
            octets = await request.body()
            if len(octets) > MOST_OCTETS:
                raise PhotoTooLarge(most=MOST_OCTETS >> 20)
            made = await photos.add(who, [EVERYWHERE] if own else worked(request, who), task_id, octets, text, how)
        return (await shapes.tasks([made]))[0]

    @routes.get("/tasks/{task_id}/photos/{photo}", operation_id="getTaskPhoto", response_class=Response, responses=PICTURE)
    async def get_photo(
        request: Request, who: Reader, task_id: Id, photo: Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
    ) -> Response:
        """What a unit showed of the place; each look is on record."""
        async with recorded(request, who, Act.TASK_PHOTO, str(task_id)):
            octets = await photos.look(who, watched(request, who), task_id, photo)
        return Response(octets, media_type="image/jpeg", headers={"cache-control": "no-store"})

    @routes.post("/tasks/{task_id}/cancel", operation_id="cancelTask")
    async def cancel(request: Request, who: Worker, task_id: Id, body: TaskReason) -> TaskShape:
        """Call the unit off."""
        return await stepped(request, who, task_id, TaskStep.CANCEL, body)

    return routes
