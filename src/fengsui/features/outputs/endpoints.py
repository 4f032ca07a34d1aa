"""Outputs over HTTP: entered by whoever keeps devices, switched by whoever may steer the camera."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Path, Request

from fengsui.features.access import Function, Place, Principal, recorded, refuse_unless, require, scope_for
from fengsui.features.alarms import AlarmShapes
from fengsui.features.areas import Divisions
from fengsui.features.audit import Act
from fengsui.features.cameras import Cameras, UnknownCamera
from fengsui.features.outputs.model import Output, UnknownOutput, UnusableOutput
from fengsui.features.outputs.outputs import Outputs, Wanted
from fengsui.features.outputs.pulses import Pulses
from fengsui.features.outputs.schemas import OutputList, OutputOrder, OutputPulse, OutputShape
from fengsui.late_routes import LateRoutes

SEEN_BY = (Function.CONTROL, Function.MANAGE_DEVICES, Function.MANAGE_DUTY)
Keeper = Annotated[Principal, Depends(require(Function.MANAGE_DEVICES))]
Switcher = Annotated[Principal, Depends(require(Function.CONTROL, Function.MANAGE_DEVICES))]
Viewer = Annotated[Principal, Depends(require(*SEEN_BY))]
OutputId = Annotated[int, Path(ge=1, le=2**31 - 1)]


def _moment(at: float) -> datetime | None:
    return datetime.fromtimestamp(at, UTC) if at else None


def router(
    outputs: Outputs, pulses: Pulses, alarm_shapes: AlarmShapes, cameras: Cameras, divisions: Divisions, own_area: str
) -> LateRoutes:
    """The routes of outputs. `own_area`: the node's own."""
    routes = LateRoutes(tags=["outputs"])

    async def shapes(request: Request, who: Principal, found: Sequence[Output]) -> list[OutputShape]:
        seen = await alarm_shapes.seen_by(request, who, [one.camera for one in found])
        standings = await pulses.standings([one.id for one in found])
        return [
            OutputShape(
                id=one.id,
                name=one.name,
                area=one.area,
                area_name=divisions.name_of(one.area),
                camera=one.camera if one.camera in seen else "",
                switch=one.switch,
                state=standings[one.id].state,
                until=_moment(standings[one.id].until),
                by=standings[one.id].by,
                at=_moment(standings[one.id].at),
                fault=standings[one.id].fault,
                distrusted=not one.is_whole,
            )
            for one in found
        ]

    def place_of(one: Output) -> Place:
        """Of one that is distrusted, its area may not be its own: whoever keeps the node's own decides."""
        return Place(one.name, one.area if one.is_whole else own_area)

    async def admitted(request: Request, who: Principal, id: int) -> tuple[Principal, Output]:
        """Whoever keeps devices there, else whoever may steer the camera now. Raises UnknownOutput, Refusal."""
        one = outputs.get(id)
        place = place_of(one)
        if scope_for(request, who, Function.MANAGE_DEVICES).holds(place.area):
            return await refuse_unless(request, who, Function.MANAGE_DEVICES, place), one
        facts = (await cameras.facts([one.camera])).get(one.camera)
        if facts is None:
            raise UnknownOutput()
        return await refuse_unless(request, who, Function.CONTROL, facts), one

    @routes.get("/outputs", operation_id="listOutputs")
    async def list_outputs(request: Request, who: Viewer) -> OutputList:
        """Outputs of one's own areas, by name, each with what the device was told last."""
        scopes = [scope_for(request, who, one) for one in SEEN_BY]
        found = [one for one in outputs.all() if any(scope.holds(place_of(one).area) for scope in scopes)]
        return OutputList(items=await shapes(request, who, found))

    @routes.post("/outputs", status_code=201, operation_id="addOutput")
    async def add_output(request: Request, who: Keeper, body: OutputOrder) -> OutputShape:
        """Enter an output: the auxiliary switch of a camera's channel."""
        area = divisions.current(body.area or own_area)
        async with recorded(request, who, Act.OUTPUT_ADD, body.name):
            if body.area and divisions.name_of(area) == area:
                raise UnusableOutput(why_zh=f"没有行政区划 {area}", why_en=f"there is no area {area}")
            who = await refuse_unless(request, who, Function.MANAGE_DEVICES, Place(body.name, area))
            facts = (await cameras.facts([body.camera])).get(body.camera)
            if facts is None:
                raise UnknownCamera(camera=body.camera)
            await refuse_unless(request, who, Function.MANAGE_DEVICES, facts)
            made = await outputs.add(who, Wanted(body.name, area, body.camera, body.switch))
        return (await shapes(request, who, [made]))[0]

    @routes.delete("/outputs/{output_id}", status_code=204, operation_id="removeOutput")
    async def remove_output(request: Request, who: Keeper, output_id: OutputId) -> None:
        """Nothing more is sent to it, not even that it is to go off."""
        async with recorded(request, who, Act.OUTPUT_REMOVE, str(output_id)):
            who = await refuse_unless(request, who, Function.MANAGE_DEVICES, place_of(outputs.get(output_id)))
            await pulses.remove(who, output_id)

    @routes.post("/outputs/{output_id}/on", status_code=202, operation_id="switchOutputOn")
    async def switch_on(request: Request, who: Switcher, output_id: OutputId, body: OutputPulse) -> OutputShape:
        """Switch it on for some seconds. The order is on disk with the answer; what becomes of it is told in the list."""
        async with recorded(request, who, Act.OUTPUT_ON, str(output_id)):
            who, one = await admitted(request, who, output_id)
            await pulses.switch_on(who, output_id, body.seconds)
        return (await shapes(request, who, [one]))[0]

    @routes.post("/outputs/{output_id}/off", status_code=202, operation_id="switchOutputOff")
    async def switch_off(request: Request, who: Switcher, output_id: OutputId) -> OutputShape:
        """Switch it off now, whoever switched it on."""
        async with recorded(request, who, Act.OUTPUT_OFF, str(output_id)):
            who, one = await admitted(request, who, output_id)
            await pulses.switch_off(who, output_id)
        return (await shapes(request, who, [one]))[0]

    return routes
