"""The list of cameras, and edits of many, over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Literal, cast

from fastapi import Depends, Path, Query, Request

from fengsui.features.access import (
    Function,
    Place,
    Principal,
    Scope,
    address_of,
    out_of_scope,
    recorded,
    refuse_unless,
    require,
    scope_for,
)
from fengsui.features.areas import Divisions
from fengsui.features.audit import Act
from fengsui.features.camera_list.by_file import ByFile, FileFilter, Keys
from fengsui.features.camera_list.edits import CameraEdits
from fengsui.features.camera_list.model import (
    MOST_NAMED,
    Edit,
    NothingToDo,
    Outcome,
    Result,
    TooManyNamed,
    UnfitText,
    UnknownArea,
)
from fengsui.features.camera_list.schemas import (
    ApplyOrder,
    CameraRow,
    CameraRows,
    Chosen,
    ClassFilter,
    EditList,
    EditShape,
    Filter,
    NewEdit,
)
from fengsui.features.camera_list.shapes import edit_of, edit_shape
from fengsui.features.cameras import Asked, By, Camera, Cameras, Sorting, Status, Tag
from fengsui.features.device_files import Files, FileState, file_states, refuse_unfit_for_many
from fengsui.features.devices import UnknownDevice
from fengsui.late_routes import LateRoutes

Looker = Annotated[Principal, Depends(require(Function.LOOK_AROUND))]
Keeper = Annotated[Principal, Depends(require(Function.MANAGE_DEVICES))]
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]


def router(cameras: Cameras, files: Files, edits: CameraEdits, divisions: Divisions) -> LateRoutes:
    """The routes of the list."""
    routes = LateRoutes(tags=["cameras"])
    by_file = ByFile()

    def seen(request: Request, who: Principal, area: str) -> Scope:
        scope = scope_for(request, who, Function.LOOK_AROUND)
        if not scope.touches(area):
            raise out_of_scope(area, Function.LOOK_AROUND)
        return scope

    def row(camera: Camera, states: Mapping[str, tuple[FileState, bool]]) -> CameraRow:
        state, waits = states.get(camera.code) or (None, False)
        return CameraRow(
            code=camera.code,
            name=camera.name,
            area=camera.shown_area,
            area_name=divisions.name_of(camera.shown_area),
            camera_class=camera.camera_class,
            class_said=camera.class_said,
            status=cast(Status, cameras.status_of(camera)),
            ptz_type=camera.ptz_type,
            device=camera.device,
            device_name=_device_name(cameras, camera.device),
            tags=list(camera.tags),
            longitude=camera.longitude,
            latitude=camera.latitude,
            file=state,
            file_waits=waits,
        )

    @routes.get("/camera-rows", operation_id="listCameraRows")
    async def list_rows(
        request: Request,
        who: Looker,
        q: Annotated[str, Query(max_length=128)] = "",
        area: Annotated[str, Query(max_length=6)] = "",
        device: Annotated[str, Query(max_length=32)] = "",
        state: Annotated[list[Status], Query(max_length=4)] = [],  # noqa: B006 - FastAPI copies it
        tag: Annotated[list[Tag], Query(max_length=16)] = [],  # noqa: B006
        kind: Annotated[list[ClassFilter], Query(alias="class", max_length=6)] = [],  # noqa: B006
        placed: bool | None = None,
        file: Annotated[list[FileFilter], Query(max_length=10)] = [],  # noqa: B006
        by: By | Literal["file"] = "code",
        down: bool = False,
        offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> CameraRows:
        """Any part of the cameras that one may see and that fit, in any order. `q`: as for `/camera-names`; of several states, tags
        or classes one is enough; `class=unsaid`: of which nobody said the class; `placed`: with a place on the map, or without;
        `file`: of several states of the device file one is enough, `none`: there is no file.
        """
        wanted = Filter(q=q, area=area, device=device, states=state, tags=tag, classes=kind, placed=placed, files=file)
        keys = await keys_of(request, who, wanted, by, down=down)
        found = await cameras.listed(keys[offset : offset + limit])
        states = await file_states(files, [camera.code for camera in found])
        return CameraRows(items=[row(camera, states) for camera in found], offset=offset, total=len(keys))

    async def keys_of(
        request: Request, who: Principal, wanted: Filter, by: By | Literal["file"] = "code", *, down: bool = False
    ) -> Keys:
        sorting = Sorting() if by == "file" else Sorting(by, down)
        keys = await cameras.keys(seen(request, who, wanted.area), _asked(wanted), sorting)
        if by != "file" and not wanted.files:
            return keys
        return by_file.of(keys, await files.states.of_all(), wanted.files, sort=by == "file", down=down)

    async def codes_of(request: Request, who: Principal, chosen: Chosen) -> list[str]:
        """Every camera once; of those that match, what the person may see."""
        for named in (chosen.codes, chosen.but):
            if len(named) > MOST_NAMED:
                raise TooManyNamed(count=len(named), most=MOST_NAMED)
        codes = list(chosen.codes)
        if chosen.matching is not None:
            codes += [code for code, _ in await keys_of(request, who, chosen.matching)]
        but = set(chosen.but)
        return [code for code in dict.fromkeys(codes) if code not in but]

    async def refuse_unfit(request: Request, who: Principal, edit: Edit) -> None:
        """What is wrong with the edit itself, whatever the camera."""
        name = (edit.name.text, edit.name.find) if edit.name is not None else ()
        for text in (*edit.tags_add, *edit.tags_remove):
            if text != text.strip():
                raise UnfitText(text=text)
        for text in (*edit.tags_add, *edit.tags_remove, *name):
            if not text.isprintable():
                raise UnfitText(text=text)
        if edit.name is not None and not edit.name.says_something:
            raise NothingToDo()
        refuse_unfit_for_many(edit.file)
        if edit.own_area:
            if divisions.name_of(edit.own_area[:6]) == edit.own_area[:6]:
                raise UnknownArea(area=edit.own_area)
            place = Place(edit.own_area, divisions.current(edit.own_area[:6]))
            await refuse_unless(request, who, Function.MANAGE_DEVICES, place)

    @routes.post("/camera-edits", status_code=202, operation_id="beginCameraEdit")
    async def begin(request: Request, who: Keeper, body: NewEdit) -> EditShape:
        """Look through what an edit would do to each camera, in the background: old and new value, and why some are refused.

        Nothing is changed. Kept for an hour, for whoever began it; a new one takes its place.
        """
        async with recorded(request, who, Act.CAMERA_EDIT):
            edit = edit_of(body.change)
            await refuse_unfit(request, who, edit)
            codes = await codes_of(request, who, body.chosen)
            said = body.change.model_dump_json(exclude_defaults=True, exclude={"file"})
            said += f" and of the device file: {', '.join(edit.file)}" if edit.file else ""
            asker = replace(who, address=address_of(request))
            return edit_shape(await edits.begin(asker, edit, codes, said), None, 0, 0, divisions.name_of)

    @routes.get("/camera-edits", operation_id="listCameraEdits")
    async def mine(who: Keeper) -> EditList:
        """One's own edits of the last hour, the newest first: whoever closed one comes back to it."""
        return EditList(items=[edit_shape(one, None, 0, 0, divisions.name_of) for one in edits.mine(who)])

    @routes.get("/camera-edits/{number}", operation_id="getCameraEdit")
    async def get(
        who: Keeper,
        number: Number,
        show: Outcome | Result | None = None,
        offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
        limit: Annotated[int, Query(ge=0, le=500)] = 100,
    ) -> EditShape:
        """How far it is, and a part of its rows; `show`: those of one outcome or result."""
        return edit_shape(edits.get(who, number), show, offset, limit, divisions.name_of)

    @routes.post("/camera-edits/{number}/apply", status_code=202, operation_id="applyCameraEdit")
    async def apply(request: Request, who: Keeper, number: Number, body: ApplyOrder) -> EditShape:
        """Do what is not refused, in the background. A camera that was changed since the preview is left as it is, by name."""
        async with recorded(request, who, Act.CAMERA_EDIT, str(number)):
            asker = replace(who, address=address_of(request))
            return edit_shape(await edits.apply(asker, number, body.reason), None, 0, 0, divisions.name_of)

    @routes.post("/camera-edits/{number}/stop", operation_id="stopCameraEdit")
    async def stop(request: Request, who: Keeper, number: Number) -> EditShape:
        """Look through no further cameras, or change no further ones; those that were not reached are named."""
        async with recorded(request, who, Act.CAMERA_EDIT, str(number)):
            return edit_shape(await edits.halt(who, number), None, 0, 0, divisions.name_of)

    return routes


def _device_name(cameras: Cameras, code: str) -> str:
    try:
        return cameras.device_by_code(code).name
    except UnknownDevice:
        return ""


def _asked(wanted: Filter) -> Asked:
    classes = ["" if one == "unsaid" else one for one in wanted.classes]
    return Asked.of(
        wanted.q,
        states=wanted.states,
        tags=wanted.tags,
        area=wanted.area,
        device=wanted.device,
        classes=classes,
        placed=wanted.placed,
    )
