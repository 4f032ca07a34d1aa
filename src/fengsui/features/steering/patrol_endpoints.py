"""Patrols over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path

from fengsui.features.access import Function, Principal, require_camera
from fengsui.features.steering.actions import Steering
from fengsui.features.steering.model import Patrol, Stop
from fengsui.features.steering.schemas import PatrolList, PatrolOrder, PatrolShape, StopShape
from fengsui.late_routes import LateRoutes

CameraLooker = Annotated[Principal, Depends(require_camera(Function.LOOK_AROUND))]
Driver = Annotated[Principal, Depends(require_camera(Function.CONTROL))]
Number = Annotated[int, Path(ge=0, le=255)]


def _shape(one: Patrol, *, made_here: bool) -> PatrolShape:
    stops = [StopShape.model_construct(preset=stop.preset, stay_s=stop.stay_s) for stop in one.stops]
    return PatrolShape.model_construct(
        number=one.number,
        name=one.name,
        stops=stops,
        speed=one.speed,
        by_device=one.by_device,
        running=one.running,
        begun_by=one.begun_by,
        made_here=made_here,
    )


def add_patrols(routes: LateRoutes, steering: Steering) -> None:
    """The routes of patrols."""

    @routes.get("/cameras/{code}/patrols", operation_id="listPatrols")
    async def list_patrols(who: CameraLooker, code: str) -> PatrolList:
        """Those made here, and those that the camera tells of (2022)."""
        theirs = await steering.patrols.of_device(code)
        ours = [_shape(one, made_here=True) for one in steering.patrols.of(code)]
        return PatrolList.model_construct(items=ours + [_shape(one, made_here=False) for one in theirs])

    @routes.put("/cameras/{code}/patrols/{number}", status_code=204, operation_id="setPatrol")
    async def set_patrol(who: Driver, code: str, number: Number, body: PatrolOrder) -> None:
        """Keep a patrol: in the camera (GB/T 28181 A.3.5), or on this node for a camera that has none."""
        stops = tuple(Stop(one.preset, one.stay_s) for one in body.stops)
        await steering.set_patrol(who, Patrol(code, number, body.name.strip(), stops, body.speed, body.by_device))

    @routes.delete("/cameras/{code}/patrols/{number}", status_code=204, operation_id="removePatrol")
    async def remove_patrol(who: Driver, code: str, number: Number) -> None:
        """Forget a patrol, in the camera too."""
        await steering.remove_patrol(who, code, number)

    @routes.post("/cameras/{code}/patrols/{number}/start", status_code=204, operation_id="beginPatrol")
    async def begin_patrol(who: Driver, code: str, number: Number) -> None:
        """Begin; it goes on when nobody steers any more, until somebody does."""
        await steering.begin_patrol(who, code, number)

    @routes.post("/cameras/{code}/patrols/stop", status_code=204, operation_id="endPatrol")
    async def end_patrol(who: Driver, code: str) -> None:
        """End whichever runs."""
        await steering.end_patrol(who, code)
