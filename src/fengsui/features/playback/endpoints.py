"""Playback over HTTP: the right to it. Footage itself comes from the media port."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import Depends, Query, Request
from pydantic import AwareDatetime

from fengsui.features.access import Footage, Function, Principal, foreign_recorded, recorded, require
from fengsui.features.audit import Act
from fengsui.features.playback.actions import Playback
from fengsui.features.playback.model import ForeignPlayback, Order, PlaybackSession
from fengsui.features.playback.schemas import (
    DeviceControlOrder,
    DeviceFileList,
    DeviceFileShape,
    DevicePlaybackOrder,
    DevicePlaybackShape,
    PlaybackOrder,
    PlaybackShape,
    SnapshotShape,
)
from fengsui.late_routes import LateRoutes
from fengsui.settings import NodeSettings

Investigator = Annotated[Principal, Depends(require(Function.VIEW_RECORDED))]

LAST_S = 3600.0
"""Asked for when nobody says a time."""


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _codec_of(codec_string: str) -> Literal["h264", "h265", ""]:
    if not codec_string:
        return ""
    return "h265" if codec_string[:4] in ("hvc1", "hev1") else "h264"


def router(playback: Playback, settings: NodeSettings) -> LateRoutes:
    """The routes of playback."""
    routes = LateRoutes(tags=["playback"])
    media_port = settings.media.http_port

    def base_of(request: Request) -> str:
        host = request.url.hostname or "127.0.0.1"
        secure = "s" if request.url.scheme == "https" else ""
        return f"ws{secure}://{f'[{host}]' if ':' in host else host}:{media_port}"

    def shape(request: Request, session: PlaybackSession) -> PlaybackShape:
        base, query = base_of(request), f"ticket={session.ticket}"
        paced = f"{base}/ws/{session.name}?{query}"
        own = session.film is None
        here = f"{request.url.scheme}://{request.url.netloc}{request.url.path.partition('/cameras/')[0]}"
        return PlaybackShape(
            session=session.id,
            camera=session.camera,
            stream=session.stream,
            source="node" if own else "device",
            url=f"{base}/{session.name}?{query}" if own else paced,
            ws_fmp4=paced,
            webrtc=None,
            hls=None if not own else f"http{base[2:]}/hls/{session.name}/index.m3u8?{query}",
            codec=_codec_of(session.codec),
            codec_string=session.codec,
            expires_at=session.expires_at,
            control=f"{here}/playback/{session.id}/control",
            since=_at(session.footage.since),
            until=_at(session.footage.until),
            use_ticket=session.principal.ground.ticket,
            clock_error_limit_s=settings.audit.clock_error_limit_s,
            camera_clock_limit_s=settings.recording.camera_clock_limit_s,
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

    def film_shape(request: Request, session: PlaybackSession) -> DevicePlaybackShape:
        film = session.film or playback.pace_of(session)
        over = None if session.film is None else session.film.over
        return DevicePlaybackShape(
            session=session.id,
            camera=session.camera,
            url=f"{base_of(request)}/ws/{session.name}?ticket={session.ticket}",
            since=_at(session.footage.since),
            until=_at(session.footage.until),
            use_ticket=session.principal.ground.ticket,
            at=_at(film.at),
            speed=film.speed,
            paused=film.paused,
            deaf=session.film is not None and session.film.deaf,
            over="" if over is None else over.code,
            over_zh="" if over is None else over.zh,
            over_en="" if over is None else over.en,
        )

    @routes.post("/cameras/{code}/device-playback", status_code=201, operation_id="openDevicePlayback")
    async def open_device_playback(
        request: Request, who: Investigator, code: str, body: DevicePlaybackOrder
    ) -> DevicePlaybackShape:
        """Play what the camera's device has recorded, under a use ticket that covers the time.

        Answered when the first picture has come. It ends with the ticket, with the viewer, and by `closePlayback`.
        """
        footage = Footage(body.since.timestamp(), body.until.timestamp())
        async with recorded(request, who, Act.PLAYBACK_OPEN, code):
            return film_shape(request, await playback.open_device(who, code, footage))

    @routes.post("/playback/{session}/control", operation_id="controlDevicePlayback")
    async def control_device_playback(
        request: Request, who: Investigator, session: str, body: DeviceControlOrder
    ) -> DevicePlaybackShape:
        """Pause, go on, seek or change the speed of what a device plays, or of what the node sends at its own pace.

        A device is told, and may not do it.
        """
        order = Order(body.act, None if body.at is None else body.at.timestamp(), body.speed and float(body.speed))
        async with recorded(request, who, Act.PLAYBACK_CONTROL, session):
            return film_shape(request, await playback.control(who, session, order))

    @routes.get("/playback/{session}/device", operation_id="getDevicePlayback")
    async def get_device_playback(request: Request, who: Investigator, session: str) -> DevicePlaybackShape:
        """Where one's playback of a device's recording is, or what the node sends at its own pace."""
        async with foreign_recorded(request, who, Act.PLAYBACK_CONTROL, session, ForeignPlayback):
            return film_shape(request, playback.mine(who, session))

    @routes.post("/cameras/{code}/playback", status_code=201, operation_id="openPlayback")
    async def open_playback(request: Request, who: Investigator, code: str, body: PlaybackOrder) -> PlaybackShape:
        """Play a camera's footage of a time, under a use ticket that covers it.

        A device's own recording is answered when the first picture has come.
        """
        footage = Footage(body.since.timestamp(), body.until.timestamp(), body.ticket)
        async with recorded(request, who, Act.PLAYBACK_OPEN, code):
            if body.source == "device":
                return shape(request, await playback.open_device(who, code, footage, body.speed))
            return shape(request, await playback.open(who, code, body.stream, footage, body.recording, body.speed))

    @routes.delete("/playback/{session}", status_code=204, operation_id="closePlayback")
    async def close_playback(request: Request, who: Investigator, session: str) -> None:
        """End it; what was shown is on record."""
        async with foreign_recorded(request, who, Act.PLAYBACK_STOP, session, ForeignPlayback):
            playback.close(who, session)

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

        The answer has the tag that goes into the file: camera, instant, ticket, purpose and the ticket's end as XMP (rule A6). The
        hash is of the file with it. The file is hashed and forgotten: it is the browser's.
        """
        async with recorded(request, who, Act.PLAYBACK_SNAPSHOT, session):
            kept = await playback.keep_snapshot(who, session, at.timestamp(), await request.body())
            return SnapshotShape(sha256=kept.sha256, tag_at=kept.at, tag=b64encode(kept.tag).decode())

    return routes
