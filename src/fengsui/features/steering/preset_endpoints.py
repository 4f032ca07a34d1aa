"""Presets with their pictures, and the home position, over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request, Response
from pydantic import Field

from fengsui.features.access import Function, Principal, require_camera
from fengsui.features.audit import Act, Audit
from fengsui.features.steering.actions import Steering
from fengsui.features.steering.homes import Home
from fengsui.features.steering.schemas import HomeOrder, HomeShape, PresetList, PresetName, PresetShape
from fengsui.late_routes import LateRoutes

CameraLooker = Annotated[Principal, Depends(require_camera(Function.LOOK_AROUND))]
CameraViewer = Annotated[Principal, Depends(require_camera(Function.VIEW_LIVE))]
Driver = Annotated[Principal, Depends(require_camera(Function.CONTROL))]
Number = Annotated[int, Field(ge=1, le=255)]


def add_presets(routes: LateRoutes, steering: Steering) -> None:
    """The routes of presets."""

    @routes.get("/cameras/{code}/presets", operation_id="listPresets")
    async def list_presets(who: CameraLooker, code: str) -> PresetList:
        """Presets as the camera lists them."""
        presets, pictures = await steering.presets(code), set(await steering.pictures.of(code))
        sector = steering.sectors.of(code)
        return PresetList(
            items=[
                PresetShape(
                    number=one.number,
                    name=one.name,
                    has_picture=one.number in pictures,
                    allowed=sector is None or one.number in sector.presets,
                )
                for one in presets
            ]
        )

    @routes.get("/cameras/{code}/presets/{number}/picture", operation_id="getPresetPicture", response_class=Response)
    async def picture(request: Request, who: CameraViewer, code: str, number: Number) -> Response:
        """What the camera shows there: a small JPEG, taken when the preset was set or first reached, with all masks of then."""
        audit: Audit = request.app.state.audit
        await audit.record(who, Act.PICTURE, code, range=f"preset {number}", detail="kept", recipient=who.name)
        jpeg = await steering.pictures.get(code, number)
        return Response(jpeg, media_type="image/jpeg", headers={"cache-control": "no-store"})

    @routes.put("/cameras/{code}/presets/{number}", status_code=204, operation_id="setPreset")
    async def set_preset(who: Driver, code: str, number: Number, body: PresetName) -> None:
        """Keep the present view as a preset."""
        await steering.set_preset(who, code, number, body.name)

    @routes.delete("/cameras/{code}/presets/{number}", status_code=204, operation_id="deletePreset")
    async def delete_preset(who: Driver, code: str, number: Number) -> None:
        """Delete a preset."""
        await steering.delete_preset(who, code, number)

    @routes.post("/cameras/{code}/presets/{number}/go", status_code=204, operation_id="goToPreset")
    async def go_to_preset(who: Driver, code: str, number: Number) -> None:
        """Turn to a preset."""
        await steering.go_to_preset(who, code, number)

    @routes.get("/cameras/{code}/home-position", operation_id="getHomePosition")
    async def get_home(who: CameraLooker, code: str) -> HomeShape:
        """Where the camera returns to when idle, as it says itself, else as it was last set here."""
        home = await steering.homes.of(code)
        known = home is not None
        return HomeShape(known=known, **(home or Home(False, 0, 0, False))._asdict())

    @routes.put("/cameras/{code}/home-position", status_code=204, operation_id="setHomePosition")
    async def set_home(who: Driver, code: str, body: HomeOrder) -> None:
        """Where the camera returns to when idle."""
        await steering.set_home(who, code, Home(body.enabled, body.preset, body.reset_time_s, body.by_node))
