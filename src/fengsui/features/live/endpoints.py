"""Live pictures over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query, Request, Response

from fengsui.features.access import (
    Function,
    Principal,
    foreign_recorded,
    recorded,
    require,
    require_camera,
    require_camera_shown,
    scope_for,
)
from fengsui.features.audit import Act
from fengsui.features.live.actions import Live
from fengsui.features.live.model import STATE_TEXTS, ForeignSession, LiveState
from fengsui.features.live.schemas import LiveOrder, LiveSessionShape, LiveStateShape, SnapshotShape, StreamList, StreamShape
from fengsui.features.live.session import Decodes, LiveSession
from fengsui.features.live.stream import LiveStream
from fengsui.late_routes import LateRoutes
from fengsui.media import Engine

Viewer = Annotated[Principal, Depends(require(Function.VIEW_LIVE))]
SessionViewer = Annotated[Principal, Depends(require(Function.VIEW_LIVE, Function.GO_ON_PATROL))]
"""Of one's own session: whoever is on patrol may have one of a camera that their task shows them."""
CameraViewer = Annotated[Principal, Depends(require_camera(Function.VIEW_LIVE))]
CameraWatcher = Annotated[Principal, Depends(require_camera_shown(Function.VIEW_LIVE))]
StreamsLooker = Annotated[Principal, Depends(require(Function.LOOK_AROUND))]
CameraLooker = Annotated[Principal, Depends(require_camera_shown(Function.LOOK_AROUND))]


def router(live: Live, engine: Engine, media_port: int, ticket_s: int) -> LateRoutes:
    """The routes of live pictures. `ticket_s`: how long a media ticket is good for."""
    routes = LateRoutes(tags=["live"])

    def shape(request: Request, session: LiveSession) -> LiveSessionShape:
        host = request.url.hostname or "127.0.0.1"
        secure = "s" if request.url.scheme == "https" else ""
        base = f"{f'[{host}]' if ':' in host else host}:{media_port}"
        query = f"{session.source}?ticket={session.ticket}"
        return LiveSessionShape(
            session=session.id,
            ws_fmp4=f"ws{secure}://{base}/ws/{query}",
            webrtc=f"http{secure}://{base}/whep/{query}",
            hls=f"http{secure}://{base}/hls/{session.source}/index.m3u8?ticket={session.ticket}",
            still=f"{request.url.path.partition('/cameras/')[0]}/cameras/{session.camera}/picture",
            codec="h264" if session.transcoded or session.masked else session.codec,
            codec_string="" if session.transcoded or session.masked else session.codec_string,
            transcoded=session.transcoded,
            masked=session.masked,
            expires_at=session.expires_at,
            expires_in_s=ticket_s,
            state=session.state.value,
        )

    def stream_shape(running: LiveStream) -> StreamShape:
        counters = engine.source_counters(running.source) if running.source else None
        packets, lost = (counters.packets, counters.lost) if counters else (0, 0)
        zh, en = running.texts
        return StreamShape(
            camera=running.camera.code,
            name=running.camera.name,
            stream="sub" if running.stream == "sub" else "main",
            state=running.state.value,
            text_zh=zh,
            text_en=en,
            since=running.since,
            codec=counters.codec if counters else "",
            width=counters.width if counters else 0,
            height=counters.height if counters else 0,
            transport=running.transport,
            readers=counters.readers if counters else 0,
            packets=packets,
            bytes=counters.bytes if counters else 0,
            frames=counters.frames if counters else 0,
            lost=lost,
            loss=lost / (packets + lost) if packets else 0.0,
        )

    @routes.post("/cameras/{code}/live", status_code=201, operation_id="openLive")
    async def open_live(request: Request, who: CameraWatcher, code: str, body: LiveOrder | None = None) -> LiveSessionShape:
        """Ask for a picture. A camera that cannot send is no error: the state tells, and it is tried again."""
        order = body or LiveOrder()
        decodes = Decodes(frozenset(order.codecs), frozenset(order.undecodable))
        return shape(request, await live.open(who, code, order.stream, decodes))

    @routes.get("/cameras/{code}/live", operation_id="getLiveState")
    async def get_state(who: CameraLooker, code: str, stream: str = "main") -> LiveStateShape:
        """Where a camera's stream is, and its figures."""
        running = live.stream(code, stream)
        counters = engine.source_counters(running.source) if running is not None and running.source else None
        zh, en = running.texts if running is not None else STATE_TEXTS[LiveState.IDLE]
        return LiveStateShape(
            state=running.state.value if running is not None else "idle",
            failure=running.failure if running is not None else "",
            text_zh=zh,
            text_en=en,
            since=running.since if running is not None else None,
            retry_in_s=running.retry_in_s if running is not None else 0.0,
            codec=counters.codec if counters else "",
            width=counters.width if counters else 0,
            height=counters.height if counters else 0,
            packets=counters.packets if counters else 0,
            bytes=counters.bytes if counters else 0,
            lost=counters.lost if counters else 0,
            frames=counters.frames if counters else 0,
            jitter_us=counters.jitter_us if counters else 0,
            transport=running.transport if running is not None else "",
            readers=counters.readers if counters else 0,
        )

    @routes.get("/live", operation_id="listStreams")
    async def list_streams(
        request: Request, who: StreamsLooker, camera: Annotated[list[str] | None, Query(max_length=64)] = None
    ) -> StreamList:
        """Every stream of one's own cameras that somebody watches, or those of the given ones among them."""
        holds = scope_for(request, who, Function.LOOK_AROUND).holds
        return StreamList(
            items=[
                stream_shape(running)
                for running in live.streams()
                if (camera is None or running.camera.code in camera)
                and holds(running.camera.shown_area, running.camera.camera_class)
            ]
        )

    @routes.post("/live/{session}/renew", operation_id="renewLive")
    async def renew(request: Request, who: SessionViewer, session: str) -> LiveSessionShape:
        """A new ticket before the old one expires."""
        async with foreign_recorded(request, who, Act.LIVE_RENEW, session, ForeignSession):
            return shape(request, await live.renew(session, who))

    @routes.delete("/live/{session}", status_code=204, operation_id="closeLive")
    async def close(request: Request, who: SessionViewer, session: str) -> None:
        """Close the picture."""
        async with foreign_recorded(request, who, Act.LIVE_STOP, session, ForeignSession):
            live.close(session, who)

    @routes.post("/live/{session}/snapshot", status_code=201, operation_id="takeSnapshot")
    async def take_snapshot(request: Request, who: Viewer, session: str) -> SnapshotShape:
        """Keep a still of what one sees live: what the console writes on it. Never of a picture seen clear under a lift."""
        async with foreign_recorded(request, who, Act.SNAPSHOT, session, ForeignSession):
            running = live.session(session, who)
        async with recorded(request, who, Act.SNAPSHOT, running.camera):
            return SnapshotShape(**(await live.snapshots.take(who, running))._asdict())

    @routes.get("/cameras/{code}/picture", operation_id="getPicture", response_class=Response)
    async def picture(who: CameraViewer, code: str) -> Response:
        """A still as JPEG."""
        return Response(await live.picture(who, code), media_type="image/jpeg")

    return routes
