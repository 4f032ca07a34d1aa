"""Device files over HTTP."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import Depends, Query, Request, Response

from fengsui.features.access import (
    Access,
    CameraFacts,
    Function,
    Place,
    Principal,
    nearest_of,
    out_of_scope,
    recorded,
    refuse_unless,
    require,
    scope_for,
)
from fengsui.features.audit import Act
from fengsui.features.device_files import queries
from fengsui.features.device_files.actions import DeviceFile, Files
from fengsui.features.device_files.model import FileState
from fengsui.features.device_files.offers import differing
from fengsui.features.device_files.schemas import (
    ActOrder,
    CheckAnswer,
    CheckOrder,
    FieldList,
    FileOrder,
    FilePage,
    FileShape,
    NewFile,
    VersionList,
)
from fengsui.features.device_files.shapes import (
    REVIEWING,
    field_list,
    file_shape,
    issue_shape,
    may_act,
    row_shape,
    version_shapes,
)
from fengsui.late_routes import LateRoutes

Looker = Annotated[Principal, Depends(require(Function.LOOK_AROUND))]
Keeper = Annotated[Principal, Depends(require(Function.MANAGE_DEVICES))]
Reviewer = Annotated[Principal, Depends(require(*REVIEWING))]
OCTETS: Final[dict[str, Any]] = {
    "requestBody": {"required": True, "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
}
PICTURE: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {"image/jpeg": {}}}}


def router(files: Files) -> LateRoutes:
    """The routes of device files."""
    routes = LateRoutes(tags=["device files"])

    async def looker_of(request: Request, who: Looker) -> Principal:
        return await refuse_unless(request, who, Function.LOOK_AROUND, await files.judging.place_of(request.path_params["code"]))

    async def keeper_of(request: Request, who: Keeper) -> Principal:
        return await refuse_unless(request, who, Function.MANAGE_DEVICES, await files.judging.place_of(request.path_params["code"]))

    async def reviewer_of(request: Request, who: Reviewer) -> Principal:
        access: Access = request.app.state.access
        place = await files.judging.place_of(request.path_params["code"])
        held = [one for one in REVIEWING if access.may(who, one, place)]
        return await refuse_unless(request, who, held[0] if held else nearest_of(access, who, REVIEWING), place)

    async def shown(request: Request, who: Principal, file: DeviceFile) -> FileShape:
        place = await files.judging.place_of(file.code)
        words = await files.judging.words(file.code)
        return file_shape(file, request.app.state.access, who, place, files.judging.name_of(place.area), words)

    async def refuse_elsewhere(request: Request, who: Principal, code: str, values: dict[str, str]) -> CameraFacts | Place:
        """What is written must lie where one keeps devices, before and after."""
        place = await files.judging.place_of(code, values)
        await refuse_unless(request, who, Function.MANAGE_DEVICES, place)
        area = files.judging.area_of(code, values)
        await refuse_unless(request, who, Function.MANAGE_DEVICES, Place(code, area))
        return place

    @routes.get("/device-file-fields", operation_id="listFileFields")
    async def list_fields(_: Looker) -> FieldList:
        """The table of fields, groups, checks, states and acts."""
        return field_list()

    @routes.get("/device-files", operation_id="listFiles")
    async def list_files(
        request: Request,
        who: Looker,
        area: Annotated[str, Query(max_length=6)] = "",
        state: FileState | None = None,
        failing: Annotated[str, Query(max_length=32)] = "",
        waiting: bool = False,
        q: Annotated[str, Query(max_length=128)] = "",
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
        cursor: Annotated[str, Query(max_length=20)] = "",
    ) -> FilePage:
        """Files that one may see, by code. `q`: in name or at the beginning of the code; `failing`: the code of a check."""
        scope = scope_for(request, who, Function.LOOK_AROUND)
        if not scope.touches(area):
            raise out_of_scope(area, Function.LOOK_AROUND)
        default_class = files.judging.cameras.class_of(None)
        wanted = queries.Wanted(scope, default_class, area, state or "", failing, q.strip(), waiting)
        async with files.store.reading() as tx:
            rows = await queries.page(tx, wanted, after=cursor, limit=limit)
            total, states, checks, complete, correct = await queries.counts(tx, wanted)
            asked = await queries.waiting(tx, wanted)
        return FilePage(
            items=[row_shape(row, files.judging.name_of(row.shown_area)) for row in rows],
            next=rows[-1].code if len(rows) == limit else None,
            total=total,
            waiting=asked,
            states=states,
            failing=checks,
            completeness=complete // total if total else 0,
            correctness=correct // total if total else 0,
        )

    @routes.post("/device-file-checks", operation_id="checkFile")
    async def check(request: Request, who: Keeper, body: CheckOrder) -> CheckAnswer:
        """What the checks say of values as they are typed, and what the device says; nothing is kept."""
        await refuse_elsewhere(request, who, body.code, body.values)
        checked = await files.judging.check(body.code, body.values)
        words = await files.judging.words(body.code)
        async with files.store.reading() as tx:
            exists = await queries.one(tx, body.code) is not None
        return CheckAnswer(
            issues=[issue_shape(one) for one in checked.issues],
            completeness=checked.completeness,
            correctness=checked.correctness,
            exists=exists,
            words=words,
            differing=differing(body.values, words),
        )

    @routes.post("/device-files", status_code=201, operation_id="addFile")
    async def add(request: Request, who: Keeper, body: NewFile) -> FileShape:
        """A draft; errors in it are told, and keep it from being submitted."""
        await refuse_elsewhere(request, who, body.code, body.values)
        async with recorded(request, who, Act.FILE_WRITE, body.code):
            return await shown(request, who, await files.add(who, body.code, body.values, body.note))

    @routes.get("/device-files/{code}", operation_id="getFile")
    async def get(request: Request, code: str, who: Principal = Depends(looker_of)) -> FileShape:
        """One file, with what is wrong in it and what its device says."""
        return await shown(request, who, await files.get(code))

    @routes.put("/device-files/{code}", operation_id="changeFile")
    async def change(request: Request, code: str, body: FileOrder, who: Principal = Depends(keeper_of)) -> FileShape:
        """Every field anew. After approval a change of place, angle, owner, retention or class waits for a reviewer."""
        await refuse_elsewhere(request, who, code, body.values)
        async with recorded(request, who, Act.FILE_WRITE, code):
            return await shown(request, who, await files.write(who, code, body.values, seen=body.version, note=body.note))

    @routes.post("/device-files/{code}/acts", operation_id="actOnFile")
    async def act(request: Request, code: str, body: ActOrder, who: Principal = Depends(reviewer_of)) -> FileShape:
        """Moves a file on in its life, or decides about the change that waits: by somebody who did not write it."""
        place = await files.judging.place_of(code)
        if not may_act(request.app.state.access, who, body.act, place):
            await refuse_unless(request, who, Function.LOOK_AROUND, place)
            await refuse_unless(request, who, Function.MANAGE_DEVICES, place)
        async with recorded(request, who, Act.FILE_STATE, code):
            return await shown(request, who, await files.act(who, code, body.act, seen=body.version, reason=body.reason))

    @routes.get("/device-files/{code}/versions", operation_id="listFileVersions")
    async def versions(request: Request, code: str, who: Principal = Depends(looker_of)) -> VersionList:
        """Who changed what when, the newest first."""
        access: Access = request.app.state.access
        keeper = access.may(who, Function.MANAGE_DEVICES, await files.judging.place_of(code))
        return VersionList(items=version_shapes(await files.history(code), keeper=keeper))

    @routes.get("/device-files/{code}/photo", operation_id="getFilePhoto", response_class=Response, responses=PICTURE)
    async def photo(code: str, who: Principal = Depends(looker_of)) -> Response:
        """The point as it looks, as JPEG: a picture of the equipment, not of what it sees."""
        return Response(await files.photo(code), media_type="image/jpeg", headers={"cache-control": "no-store"})

    @routes.put("/device-files/{code}/photo", operation_id="setFilePhoto", openapi_extra=OCTETS)
    async def set_photo(request: Request, code: str, who: Principal = Depends(keeper_of)) -> FileShape:
        """A JPEG, PNG or WebP, written anew: turned upright, made smaller, without where and by what it was taken."""
        async with recorded(request, who, Act.FILE_PHOTO, code):
            return await shown(request, who, await files.set_photo(who, code, await request.body() or b" "))

    @routes.delete("/device-files/{code}/photo", operation_id="removeFilePhoto")
    async def remove_photo(request: Request, code: str, who: Principal = Depends(keeper_of)) -> FileShape:
        """The history keeps it."""
        async with recorded(request, who, Act.FILE_PHOTO, code):
            return await shown(request, who, await files.set_photo(who, code, b""))

    return routes
