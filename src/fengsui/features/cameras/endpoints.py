"""Areas, cameras and their control over HTTP."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, cast

from fastapi import Depends, Query, Request, Response

from fengsui.features.access import (
    Function,
    Place,
    Principal,
    Scope,
    address_of,
    out_of_scope,
    refuse_unless,
    require,
    require_camera,
    require_device,
    scope_for,
)
from fengsui.features.approvals import Approvals, RequestShape, request_shape
from fengsui.features.areas import Divisions
from fengsui.features.audit import Act, Audit, told_changes
from fengsui.features.cameras.actions import Cameras
from fengsui.features.cameras.area_change import NAME as AREA_CHANGE
from fengsui.features.cameras.area_change import refuse_moving
from fengsui.features.cameras.area_finds import areas_found
from fengsui.features.cameras.area_tree import AreaTree
from fengsui.features.cameras.asked import Asked
from fengsui.features.cameras.class_change import NAME as CLASS_CHANGE
from fengsui.features.cameras.class_change import refuse_loosening
from fengsui.features.cameras.control import Control
from fengsui.features.cameras.model import Camera, shown_area
from fengsui.features.cameras.one_person import write_alone
from fengsui.features.cameras.rows import details_of
from fengsui.features.cameras.schemas import (
    AreaList,
    AreaOrder,
    AreaShape,
    CameraChange,
    CameraDetails,
    CameraFile,
    CameraName,
    CameraNames,
    CameraPage,
    CameraPoints,
    CameraShape,
    CameraStates,
    CameraTag,
    CameraTags,
    CatalogueState,
    ClassOrder,
    DeviceStatusShape,
    GuardOrder,
    Status,
    Tag,
    TreeList,
    WithdrawnList,
    WithdrawnShape,
)
from fengsui.features.policy import Policy
from fengsui.late_routes import LateRoutes
from fengsui.long_answers import compressed
from fengsui.wire.gb28181.catalog_details import NOTHING_SAID

Looker = Annotated[Principal, Depends(require(Function.LOOK_AROUND))]
CameraLooker = Annotated[Principal, Depends(require_camera(Function.LOOK_AROUND))]
Driver = Annotated[Principal, Depends(require_camera(Function.CONTROL))]
CameraKeeper = Annotated[Principal, Depends(require_camera(Function.MANAGE_DEVICES))]
DeviceLooker = Annotated[Principal, Depends(require_device(Function.LOOK_AROUND))]
DeviceKeeper = Annotated[Principal, Depends(require_device(Function.MANAGE_DEVICES))]
FOR_KEEPERS = ("ip_address", "port", "mac", "contact")
"""Details that say how to reach a camera, or a person, and serve nobody else."""


def _audit(request: Request) -> Audit:
    audit: Audit = request.app.state.audit
    return audit


def _asked(request: Request, who: Principal, area: str) -> Scope:
    """What one may see. Raises OutOfScope for an area where that is nothing: no silent empty list (rule A65)."""
    scope = scope_for(request, who, Function.LOOK_AROUND)
    if not scope.touches(area):
        raise out_of_scope(area, Function.LOOK_AROUND)
    return scope


def router(
    cameras: Cameras, control: Control, divisions: Divisions, node_area: str, approvals: Approvals, policy: Policy
) -> LateRoutes:
    """The routes of areas and cameras."""
    routes = LateRoutes(tags=["cameras"])
    areas = AreaTree(cameras, divisions, node_area)

    def shape(camera: Camera) -> CameraShape:
        return CameraShape(
            code=camera.code,
            name=camera.name,
            own_name=camera.own_name,
            reported_name=camera.reported_name,
            maker=camera.maker,
            model=camera.model,
            area=camera.area,
            area_name=divisions.name_of(camera.area),
            own_area=camera.own_area,
            device=camera.device,
            parents=list(camera.parents),
            status=cast(Status, cameras.status_of(camera)),
            ptz_type=camera.ptz_type,
            longitude=camera.longitude,
            latitude=camera.latitude,
            own_place=camera.own_place,
            address=camera.address,
            tags=list(camera.tags),
            streams=list(camera.streams),
            audio_basis=camera.audio_basis,
            camera_class=camera.camera_class,
        )

    def file(request: Request, who: Principal, camera: Camera) -> CameraFile:
        details = details_of(camera.stored_details)
        keeper = scope_for(request, who, Function.MANAGE_DEVICES).holds(camera.shown_area, camera.camera_class)
        if not keeper:
            details = details._replace(**{name: getattr(NOTHING_SAID, name) for name in FOR_KEEPERS})
        return CameraFile(**dict(shape(camera)), details=CameraDetails(**details._asdict(), withheld=not keeper))

    @routes.get("/areas", operation_id="listAreas", response_model=AreaList)
    async def list_areas(request: Request, who: Looker, q: Annotated[str, Query(max_length=128)] = "") -> Response:
        """Areas with cameras that one may see, and this node's own; by code.

        `q`: of these the ones that all words fit by name, code, pinyin or its initials, the best first, without those above them.
        """
        scope = scope_for(request, who, Function.LOOK_AROUND)
        tree = await areas.of(scope)
        shown = areas_found(tree, q) if q else tree
        told = AreaList(items=[AreaShape.model_validate(area, from_attributes=True) for area in shown])
        return await compressed(request, told.model_dump_json())

    @routes.get("/cameras", operation_id="listCameras")
    async def list_cameras(
        request: Request,
        who: Looker,
        area: str = "",
        device: str = "",
        status: str = "",
        q: str = "",
        limit: int = 100,
        cursor: str = "",
    ) -> CameraPage:
        """Cameras that one may see, by code."""
        scope = _asked(request, who, area)
        size = max(1, min(limit, 1000))
        asked = Asked.of(q, states=[status] if status else [], area=area, device=device)
        found, total = await cameras.page(scope, asked, after=cursor, limit=size)
        following = found[-1].code if len(found) == size else None
        return CameraPage(items=[shape(camera) for camera in found], next=following, total=total)

    @routes.get("/camera-names", operation_id="listCameraNames")
    async def list_names(
        request: Request,
        who: Looker,
        area: Annotated[str, Query(max_length=8)] = "",
        q: Annotated[str, Query(max_length=128)] = "",
        state: Annotated[list[Status], Query()] = [],  # noqa: B006 - FastAPI copies it
        tag: Annotated[list[Tag], Query(max_length=16)] = [],  # noqa: B006
        offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> CameraNames:
        """For trees of any size: part of the cameras at exactly `area` (empty: anywhere), by code; of a search the best first.

        `q`: words that must all fit a name, code, tag or area, by characters, pinyin or its initials; `state:`, `tag:` and `#`
        narrow, as the parameters do. One of several states or tags is enough.
        """
        asked = Asked.of(q, states=state, tags=tag, area=area, exactly=True)
        found, total = await cameras.names(_asked(request, who, area), asked, offset=offset, limit=limit)
        items = [CameraName.model_validate(one, from_attributes=True) for one in found]
        return CameraNames(items=items, offset=offset, total=total, ignored=list(asked.ignored))

    @routes.get("/camera-tags", operation_id="listCameraTags")
    async def list_tags(request: Request, who: Looker) -> CameraTags:
        """The tags of the cameras that one may see, the most used first."""
        found = await cameras.tags(_asked(request, who, ""))
        return CameraTags(items=[CameraTag(tag=tag, cameras=count) for tag, count in found.items()])

    @routes.get("/withdrawn-cameras", operation_id="listWithdrawnCameras")
    async def list_withdrawn(
        request: Request,
        who: Looker,
        q: Annotated[str, Query(max_length=128)] = "",
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
        cursor: Annotated[str, Query(max_length=64, pattern=r"^(\d{1,12}(\.\d{1,9})?-[0-9A-Za-z]{1,32})?$")] = "",
    ) -> WithdrawnList:
        """Cameras that one could see when they left the catalogue, and of which there is footage or a record of it: also those that
        came back where one does not see them. Area and name are as they left.

        `q`: part of the name, or how the code begins.
        """
        at, _, last = cursor.partition("-")
        behind = (float(at), last) if cursor else None
        found, following, total = await cameras.kept.withdrawn(_asked(request, who, ""), q.strip(), behind, limit)
        items = [
            WithdrawnShape(
                code=one.code,
                name=one.name,
                area=area,
                area_name=divisions.name_of(area) if area else "",
                withdrawn_at=datetime.fromtimestamp(one.left_at, UTC),
            )
            for one in found
            for area in (one.facts_of(0.0, one.left_at).area,)
        ]
        more = None if following is None else f"{following[0]!r}-{following[1]}"
        return WithdrawnList(items=items, next=more, total=total)

    @routes.get("/camera-points", operation_id="listCameraPoints", response_model=CameraPoints)
    async def list_points(request: Request, who: Looker) -> Response:
        """Every camera that one may see and that has a place, for maps, by columns."""
        return await compressed(request, await cameras.points.points(_asked(request, who, "")))

    @routes.get("/camera-states", operation_id="listCameraStates", response_model=CameraStates)
    async def list_states(request: Request, who: Looker) -> Response:
        """How the cameras of `/camera-points` are now."""
        return await compressed(request, await cameras.points.states(_asked(request, who, "")))

    @routes.get("/cameras/{code}", operation_id="getCamera")
    async def get_camera(request: Request, who: CameraLooker, code: str) -> CameraFile:
        """One camera, with all that its device says of it."""
        return file(request, who, await cameras.get(code))

    @routes.patch("/cameras/{code}", operation_id="changeCamera")
    async def change_camera(request: Request, who: CameraKeeper, code: str, body: CameraChange) -> CameraFile:
        """The operator's own words about a camera, and its class. Where it is put, one must keep devices too."""
        if body.own_area:
            await refuse_unless(request, who, Function.MANAGE_DEVICES, Place(body.own_area, shown_area(body.own_area)))
        if "own_area" in body.model_fields_set:
            await refuse_moving(cameras, code, body.own_area or "")
        before = await cameras.get(code)
        if "camera_class" in body.model_fields_set:
            refuse_loosening(before.camera_class, cameras.class_of(body.camera_class))
        change = body.model_dump(exclude_unset=True)
        said = told_changes({name: getattr(before, name) for name in change}, change)
        await _audit(request).record(who, Act.CAMERA_CHANGE, code, detail=said)
        return file(request, who, await write_alone(cameras, policy, code, change))

    @routes.post("/cameras/{code}/class", status_code=202, operation_id="proposeCameraClass")
    async def propose_class(request: Request, who: CameraKeeper, code: str, body: ClassOrder) -> RequestShape:
        """Ask for a class that opens the camera to others; a security administrator approves, and it waits (rule A37)."""
        content = {"camera": code, "class": body.camera_class.value}
        asker = replace(who, address=address_of(request))
        return request_shape(approvals, who, await approvals.ask(asker, CLASS_CHANGE, content, body.reason))

    @routes.post("/cameras/{code}/area", status_code=202, operation_id="proposeCameraArea")
    async def propose_area(request: Request, who: CameraKeeper, code: str, body: AreaOrder) -> RequestShape:
        """Ask for an area whose people see the camera instead; a security administrator approves, and it waits (rule A37)."""
        content = {"camera": code, "area": body.own_area}
        asker = replace(who, address=address_of(request))
        return request_shape(approvals, who, await approvals.ask(asker, AREA_CHANGE, content, body.reason))

    @routes.post("/cameras/{code}/key-frame", status_code=204, operation_id="askKeyFrame")
    async def key_frame(request: Request, who: Driver, code: str) -> None:
        """Ask the camera for a key frame."""
        await _audit(request).record(who, Act.CAMERA_KEY_FRAME, code)
        await control.key_frame(code)

    @routes.post("/devices/{code}/restart", status_code=204, operation_id="restartDevice")
    async def restart(request: Request, who: DeviceKeeper, code: str) -> None:
        """Restart a device."""
        await _audit(request).record(who, Act.DEVICE_RESTART, code)
        await control.restart(code)

    @routes.post("/devices/{code}/guard", status_code=204, operation_id="guardDevice")
    async def guard(request: Request, who: DeviceKeeper, code: str, body: GuardOrder) -> None:
        """Arm a device, or disarm it (GB/T 28181-2022 A.2.3.1.6); done when it says so."""
        await _audit(request).record(who, Act.DEVICE_GUARD, code, detail="armed" if body.armed else "disarmed")
        await control.guard(code, armed=body.armed)

    @routes.post("/devices/{code}/reset-alarm", status_code=204, operation_id="resetDeviceAlarm")
    async def reset_alarm(request: Request, who: DeviceKeeper, code: str) -> None:
        """Reset what is in alarm at a device (GB/T 28181-2022 A.2.3.1.7); alarms that are stored stay as they are."""
        await _audit(request).record(who, Act.DEVICE_RESET_ALARM, code)
        await control.reset_alarm(code)

    @routes.post("/devices/{code}/catalogue", status_code=202, operation_id="askCatalogue")
    async def ask_catalogue(request: Request, who: DeviceKeeper, code: str) -> CatalogueState:
        """Read the device's catalogue again, in the background."""
        cameras.device_by_code(code)
        await _audit(request).record(who, Act.CATALOGUE_ASK, code)
        cameras.reading.ask_catalogue(code)
        return CatalogueState(device=code, received=0, total=0, done=False)

    @routes.get("/devices/{code}/catalogue", operation_id="getCatalogueProgress")
    async def catalogue_progress(who: DeviceLooker, code: str) -> CatalogueState:
        """How far the newest reading is."""
        progress = cameras.reading.catalogue_progress(code)
        if progress is None:
            return CatalogueState(device=code, received=0, total=0, done=True)
        return CatalogueState.model_validate(progress, from_attributes=True)

    @routes.get("/devices/{code}/status", operation_id="askDeviceStatus")
    async def device_status(who: DeviceKeeper, code: str) -> DeviceStatusShape:
        """Ask the device how it is, and how far its clock is off."""
        found = await cameras.device_status(code)
        return DeviceStatusShape(
            online=found.online,
            working=found.working,
            reason=found.reason,
            encoding=found.encoding,
            recording=found.recording,
            device_time=found.device_time,
            clock_error_s=cameras.clock_error_s(found.device_time),
        )

    @routes.get("/devices/{code}/tree", operation_id="getDeviceTree")
    async def tree(request: Request, who: DeviceLooker, code: str) -> TreeList:
        """The device's own groups, organisations and channels."""
        return TreeList.model_validate(
            await cameras.items_of(code, scope_for(request, who, Function.LOOK_AROUND)), from_attributes=True
        )

    return routes
