"""Steering a camera over HTTP: orders, who holds it, its sector."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query, Request

from fengsui.features.access import Function, Principal, require, require_camera, scope_for
from fengsui.features.audit import Act, Audit
from fengsui.features.cameras import Cameras, command_of, steering_of
from fengsui.features.steering.actions import Steering
from fengsui.features.steering.hands import Place
from fengsui.features.steering.model import Hold, Sector, UnusableSector
from fengsui.features.steering.patrol_endpoints import add_patrols
from fengsui.features.steering.preset_endpoints import add_presets
from fengsui.features.steering.schemas import (
    CentreOrder,
    HolderShape,
    PositionShape,
    PtzOrder,
    SectorShape,
    SteeringList,
    SteeringShape,
    TakeOrder,
    ZoomOrder,
)
from fengsui.late_routes import LateRoutes
from fengsui.wire.gb28181.control import Zoom

Looker = Annotated[Principal, Depends(require(Function.LOOK_AROUND))]
CameraLooker = Annotated[Principal, Depends(require_camera(Function.LOOK_AROUND))]
Driver = Annotated[Principal, Depends(require_camera(Function.CONTROL))]
Masker = Annotated[Principal, Depends(require_camera(Function.MANAGE_MASKS))]


def _audit(request: Request) -> Audit:
    audit: Audit = request.app.state.audit
    return audit


def _holder(held: Hold | None, who: Principal) -> HolderShape | None:
    if held is None:
        return None
    asker = held.asker
    return HolderShape(
        user_id=held.who.user_id,
        name=held.name,
        post=held.post,
        until=held.until,
        reason=held.reason,
        mine=held.is_of(who),
        asked_by=asker.name if asker is not None else "",
        asked_why=asker.reason if asker is not None else "",
    )


def _sector(order: SectorShape) -> Sector:
    """Raises UnusableSector."""
    if order.tilt_from_deg > order.tilt_to_deg:
        raise UnusableSector(why_zh="俯仰下限大于上限", why_en="the tilt begins below its end")
    return Sector(**{**order.model_dump(), "presets": tuple(sorted(set(order.presets)))})


def router(steering: Steering, cameras: Cameras) -> LateRoutes:
    """The routes of steering, presets and patrols."""
    routes = LateRoutes(tags=["steering"])

    def shape(code: str, who: Principal) -> SteeringShape:
        sector, patrol = steering.sectors.of(code), steering.patrols.running(code)
        return SteeringShape(
            camera=code,
            holder=_holder(steering.holds.of(code), who),
            sector=None if sector is None else SectorShape.model_validate(sector, from_attributes=True),
            patrol=None if patrol is None else patrol.number,
        )

    @routes.post("/cameras/{code}/ptz", status_code=204, operation_id="movePtz")
    async def move(who: Driver, code: str, body: PtzOrder) -> None:
        """Move, zoom, focus, iris; `stop` ends it, and so does silence: repeat the same order each second for as long as it holds.

        The first order takes the camera; while somebody else steers it, every one is refused (`ptz.held`).
        """
        place = Place(body.line, body.number)
        if body.action == "stop" or (body.action == "steer" and not (body.pan or body.tilt or body.zoom)):
            await steering.halt(who, code, place)
        elif body.action == "steer":
            command = steering_of(body.pan, body.tilt, body.zoom)
            await steering.move(who, code, command, f"steer, pan {body.pan}, tilt {body.tilt}, zoom {body.zoom}", place)
        else:
            await steering.move(who, code, command_of(body.action, body.speed), f"{body.action}, speed {body.speed}", place)

    @routes.post("/cameras/{code}/drag-zoom", status_code=204, operation_id="dragZoom")
    async def drag_zoom(who: Driver, code: str, body: ZoomOrder) -> None:
        """Zoom on a box drawn on the picture."""
        await steering.zoom_on(who, code, Zoom(inward=body.direction == "in", **body.model_dump(exclude={"direction"})))

    @routes.post("/cameras/{code}/centre", status_code=204, operation_id="centrePtz")
    async def centre(who: Driver, code: str, body: CentreOrder) -> None:
        """Turn to a point of the picture: by angles or by a box, else by a movement of computed length."""
        await steering.centre(who, code, body.x, body.y)

    @routes.get("/steering", operation_id="listSteering")
    async def list_steering(
        request: Request, who: Looker, camera: Annotated[list[str] | None, Query(max_length=64)] = None
    ) -> SteeringList:
        """Who steers these cameras, for a wall."""
        holds = scope_for(request, who, Function.LOOK_AROUND).holds
        facts = await cameras.facts(sorted(set(camera or ())))
        return SteeringList(items=[shape(code, who) for code, one in facts.items() if holds(one.area, one.camera_class)])

    @routes.get("/cameras/{code}/steering", operation_id="getSteering")
    async def get_steering(who: CameraLooker, code: str) -> SteeringShape:
        """Who steers this camera, and within which sector."""
        await cameras.get(code)
        return shape(code, who)

    @routes.post("/cameras/{code}/steering", operation_id="takeControl")
    async def take(request: Request, who: Driver, code: str, body: TakeOrder) -> SteeringShape:
        """Take the camera: from somebody else with a reason, by a higher rank alone. Whoever else asks is told to them."""

        async def record(what: str) -> None:
            await _audit(request).record(who, Act.CONTROL_TAKE, code, detail=what)

        await steering.holds.take(who, code, body.reason.strip(), record)
        return shape(code, who)

    @routes.delete("/cameras/{code}/steering", status_code=204, operation_id="giveBackControl")
    async def give_back(request: Request, who: Driver, code: str) -> None:
        """Let others have it."""
        await _audit(request).record(who, Act.CONTROL_END, code, detail="given back")
        await steering.holds.give_back(who, code)

    @routes.post("/cameras/{code}/steering/pass", operation_id="passControl")
    async def pass_on(request: Request, who: Driver, code: str) -> SteeringShape:
        """Give it to whoever asks for it."""
        to = steering.holds.asked_by(code)
        await _audit(request).record(who, Act.CONTROL_PASS, code, detail=f"to {to}", recipient=to)
        await steering.holds.give(who, code)
        return shape(code, who)

    @routes.get("/cameras/{code}/position", operation_id="getPtzPosition")
    async def position(who: Driver, code: str) -> PositionShape:
        """Where the camera says that it looks (2022)."""
        told = await steering.sectors.position(code)
        if told is None:
            return PositionShape(pan_deg=None, tilt_deg=None, zoom=None, field_deg=None)
        return PositionShape(pan_deg=told.pan_deg, tilt_deg=told.tilt_deg, zoom=told.zoom, field_deg=told.horizontal_field_deg)

    @routes.put("/cameras/{code}/sector", operation_id="setSector")
    async def set_sector(request: Request, who: Masker, code: str, body: SectorShape) -> SteeringShape:
        """Where this camera may look; one that looks elsewhere now is turned back, if it tells its position."""
        sector = _sector(body)
        await _audit(request).record(who, Act.SECTOR_SET, code, detail=body.model_dump_json())
        await steering.set_sector(code, sector)
        return shape(code, who)

    @routes.delete("/cameras/{code}/sector", status_code=204, operation_id="removeSector")
    async def remove_sector(request: Request, who: Masker, code: str) -> None:
        """This camera may look anywhere."""
        await _audit(request).record(who, Act.SECTOR_REMOVE, code)
        await steering.set_sector(code, None)

    add_presets(routes, steering)
    add_patrols(routes, steering)
    return routes
