"""Playback over HTTP: the right to it. Footage itself comes from the media port."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import AwareDatetime

from fengsui.features.access import Footage, Function, Principal, recorded, require
from fengsui.features.audit import Act, Audit, Result
from fengsui.features.playback.actions import Playback
from fengsui.features.playback.model import ForeignPlayback, NoPicture, PlaybackSession
from fengsui.features.playback.schemas import PlaybackOrder, PlaybackShape, SnapshotShape

Investigator = Annotated[Principal, Depends(require(Function.VIEW_RECORDED))]

JPEG = b"\xff\xd8\xff"


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
            since=datetime.fromtimestamp(session.footage.since, UTC),
            until=datetime.fromtimestamp(session.footage.until, UTC),
            use_ticket=session.principal.ground.ticket,
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
