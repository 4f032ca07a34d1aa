"""Watches over HTTP. The incident itself, its tasks and units are read as by everybody whose post opens them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Path, Request

from fengsui.features.access import Function, Principal, Scope, recorded, require, scope_for
from fengsui.features.alarms import WATCHED_BY
from fengsui.features.audit import Act
from fengsui.features.cameras import Camera, Cameras
from fengsui.features.incident_watches.actions import IncidentWatches
from fengsui.features.incident_watches.model import Watch
from fengsui.features.incident_watches.schemas import (
    IncidentWatcher,
    IncidentWatchList,
    IncidentWatchOrder,
    IncidentWatchShape,
    OwnIncidentWatch,
    WatchedCamera,
)
from fengsui.features.incidents import Incidents
from fengsui.features.place_pictures import PlacePictures
from fengsui.late_routes import LateRoutes

Reader = Annotated[Principal, Depends(require(*WATCHED_BY))]
Worker = Annotated[Principal, Depends(require(Function.TAKE_DUTY))]
Id = Annotated[int, Path(ge=1, le=2**31 - 1)]


def _shape(one: Watch) -> IncidentWatchShape:
    return IncidentWatchShape(
        id=one.id,
        user_id=one.user_id,
        name=one.name,
        made_by=one.made_by,
        made_at=datetime.fromtimestamp(one.made_at, UTC),
        until=datetime.fromtimestamp(one.until, UTC),
        cameras=list(one.cameras),
    )


def _camera(one: Camera) -> WatchedCamera:
    streams = ["sub" if stream == "sub" else "main" for stream in one.streams]
    return WatchedCamera.model_validate(
        {"camera": one.code, "name": one.name, "longitude": one.longitude, "latitude": one.latitude, "streams": streams}
    )


def router(watches: IncidentWatches, incidents: Incidents, pictures: PlacePictures, cameras: Cameras) -> LateRoutes:
    """The routes of watches."""
    routes = LateRoutes(tags=["incidents"])

    def watched(request: Request, who: Principal) -> list[Scope]:
        return [scope_for(request, who, function) for function in WATCHED_BY]

    def worked(request: Request, who: Principal) -> list[Scope]:
        return [scope_for(request, who, Function.TAKE_DUTY)]

    async def seen_by(who: Principal, codes: Sequence[str]) -> list[WatchedCamera]:
        known = await cameras.many(codes)
        found = [known[code][0] for code in codes if code in known]
        return [_camera(one) for one in found if watches.may_open(who, one.facts)]

    @routes.get("/incidents/{incident_id}/watches", operation_id="listIncidentWatches")
    async def list_watches(request: Request, who: Reader, incident_id: Id) -> IncidentWatchList:
        """Who watches the incident by a link now."""
        one = await incidents.get(watched(request, who), incident_id)
        items = [_shape(watch) for watch in watches.of(incident_id)]
        if one.owner_id != who.user_id or not one.is_open:
            return IncidentWatchList(items=items, candidates=[], cameras=[])
        people = [
            IncidentWatcher(user_id=named.user_id, name=named.name, full_name=named.full_name, unit=named.unit)
            for named in await watches.candidates(one)
        ]
        named = (await pictures.cameras_of([incident_id]))[incident_id]
        return IncidentWatchList(items=items, candidates=people, cameras=await seen_by(who, [each.camera for each in named]))

    @routes.post("/incidents/{incident_id}/watches", status_code=201, operation_id="addIncidentWatch")
    async def add_watch(request: Request, who: Worker, incident_id: Id, body: IncidentWatchOrder) -> IncidentWatchShape:
        """Let somebody watch this incident, by its leader: these pictures, for so long, as long as it is open."""
        async with recorded(request, who, Act.INCIDENT_WATCH, str(incident_id)):
            codes = list(dict.fromkeys(body.cameras))
            return _shape(await watches.give(who, worked(request, who), incident_id, body.user, codes, body.minutes * 60.0))

    @routes.delete("/incidents/{incident_id}/watches/{watch_id}", status_code=204, operation_id="endIncidentWatch")
    async def end_watch(request: Request, who: Worker, incident_id: Id, watch_id: Id) -> None:
        """Take it back: its pictures end now."""
        async with recorded(request, who, Act.INCIDENT_WATCH, str(incident_id)):
            await watches.end(who, worked(request, who), incident_id, watch_id)

    @routes.get("/incidents/{incident_id}/watch", operation_id="getOwnIncidentWatch")
    async def own_watch(request: Request, who: Reader, incident_id: Id) -> OwnIncidentWatch:
        """What the caller was given of this incident, as long as it holds."""
        await incidents.get(watched(request, who), incident_id)
        one = watches.own(who, incident_id)
        seen = await seen_by(who, one.cameras)
        return OwnIncidentWatch(**_shape(one).model_dump(), seen=seen, withheld=len(one.cameras) - len(seen))

    return routes
