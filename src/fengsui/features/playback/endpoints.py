"""Playback over HTTP: the right to it. Footage itself comes from the media port."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import AwareDatetime

from fengsui.features.access import Footage, Function, Principal, recorded, require
from fengsui.features.audit import Act, Audit, Result
from fengsui.features.playback.actions import Playback
from fengsui.features.playback.model import ForeignPlayback, NoPicture, PlaybackSession
from fengsui.features.playback.schemas import DeviceFileList, DeviceFileShape, PlaybackOrder, PlaybackShape, SnapshotShape

Investigator = Annotated[Principal, Depends(require(Function.VIEW_RECORDED))]

LAST_S = 3600.0
"""Asked for when nobody says a time."""
JPEG = b"\xff\xd8\xff"


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def router(playback: Playback, media_port: int) -> APIRouter:
    """The routes of playback."""
    routes = APIRouter(tags=["playback"])

    def shape(request: Request, session: PlaybackSession) -> PlaybackShape:
        host = request.url.hostname or "127.0.0.1"
        secure = "s" if request.url.scheme == "https" else ""
        base = f"ws{secure}://{f'[{host}]' if ':' in host else host}:{media_port}"
        return PlaybackShape(
            session=session.id,
            camera=session.camera,
            stream=session.stream,
            url=f"{base}/{session.name}?ticket={session.ticket}",
            since=_at(session.footage.since),
            until=_at(session.footage.until),
            use_ticket=session.principal.ground.ticket,
        )

    @routes.get("/cameras/{code}/device-recordings", operation_id="listDeviceRecordings")
    async def list_device_recordings(
        who: Investigator,
        code: str,
        since: Annotated[AwareDatetime | None, Query(alias="from")] = None,
        until: Annotated[AwareDatetime | None, Query(alias="to")] = None,
    ) -> DeviceFileList:
        """What the camera's device or recorder has recorded itself, under a use ticket that covers all of the time asked for.

        Without a time: the last hour. The device is asked anew each time, which takes seconds.
        """
        end = (playback.now() if until is None else until).timestamp()
        begin = end - LAST_S if since is None else since.timestamp()
        found = await playback.device_files(who, code, Footage(begin, end))
        return DeviceFileList(
            items=[DeviceFileShape(since=_at(one.since), until=_at(one.until), kind=one.kind) for one in found.files],
            told=found.told,
            came=found.came,
            unreadable=found.unreadable,
            whole=found.whole,
        )

    @routes.post("/cameras/{code}/playback", status_code=201, operation_id="openPlayback")
    async def open_playback(request: Request, who: Investigator, code: str, body: PlaybackOrder) -> PlaybackShape:
        """Play a camera's footage of a time, under a use ticket that covers it."""
        footage = Footage(body.since.timestamp(), body.until.timestamp())
        async with recorded(request, who, Act.PLAYBACK_OPEN, code):
            return shape(request, await playback.open(who, code, body.stream, footage))

    @routes.delete("/playback/{session}", status_code=204, operation_id="closePlayback")
    async def close_playback(request: Request, who: Investigator, session: str) -> None:
        """End it; what was shown is on record."""
        audit: Audit = request.app.state.audit
        try:
            playback.close(who, session)
        except ForeignPlayback as error:
            await audit.record(who, Act.PLAYBACK_STOP, session, detail=f"{error.code}: not one's own", result=Result.REFUSED)
            raise

    @routes.post(
        "/playback/{session}/snapshot",
        status_code=201,
        operation_id="keepPlaybackSnapshot",
        openapi_extra={
            "requestBody": {"required": True, "content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}}
        },
    )
    async def keep_snapshot(request: Request, who: Investigator, session: str, at: AwareDatetime) -> SnapshotShape:
        """Put a marked still of what one plays, a JPEG, on record with its hash before it is kept. `at`: the picture's own time.

        The file is hashed and forgotten: it is the browser's.
        """
        async with recorded(request, who, Act.PLAYBACK_SNAPSHOT, session):
            file = await request.body()
            if not file.startswith(JPEG):
                raise NoPicture()
            return SnapshotShape(sha256=await playback.keep_snapshot(who, session, at.timestamp(), file))

    return routes
