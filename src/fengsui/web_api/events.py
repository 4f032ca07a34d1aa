"""News to the console: typed events over WebSocket and SSE; `?since=` resumes without a gap while the ring reaches back."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from itertools import islice
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, WebSocket, WebSocketDisconnect
from fastapi.responses import StreamingResponse

from fengsui.bus import Bus
from fengsui.clock import Clock
from fengsui.errors import FengsuiError
from fengsui.features.access import Access, Function, Principal, require
from fengsui.features.access.permissions import COOKIE
from fengsui.features.cameras import CameraStatusChanged, CatalogueProgress
from fengsui.features.devices import DeviceCameOnline, DeviceChanged, DeviceWentOffline, WaitingChanged
from fengsui.features.live import LiveStateChanged

KEPT, BATCH = 5_000, 200
TYPES: dict[type, str] = {
    DeviceCameOnline: "device.status",
    DeviceWentOffline: "device.status",
    DeviceChanged: "device.changed",
    WaitingChanged: "waiting.changed",
    CatalogueProgress: "catalogue.progress",
    CameraStatusChanged: "camera.status",
    LiveStateChanged: "live.state",
}


class _Kept(NamedTuple):
    """An event and its number; its line is written when somebody reads it."""

    sequence: int
    at: datetime
    event: Any

    def line(self) -> dict[str, Any]:
        facts = asdict(self.event)
        if isinstance(self.event, DeviceCameOnline | DeviceWentOffline):
            facts["status"] = "online" if isinstance(self.event, DeviceCameOnline) else "offline"
        return {"seq": self.sequence, "at": self.at.isoformat(), "type": TYPES[type(self.event)], **facts}


class EventLog:
    """The last events with their numbers; readers wait for newer ones."""

    def __init__(self, bus: Bus, clock: Clock) -> None:
        self._bus = bus
        self._clock = clock
        self._kept: deque[_Kept] = deque(maxlen=KEPT)
        self._grown = asyncio.Condition()
        self._sequence = 0
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begins to follow the bus."""
        self._task = asyncio.create_task(self._follow())

    async def stop(self) -> None:
        """Ends following."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _follow(self) -> None:
        news = self._bus.subscribe(*TYPES, name="console")
        while True:
            events = await news.batch()
            at = self._clock.now()
            async with self._grown:
                for event in events:
                    self._sequence += 1
                    self._kept.append(_Kept(self._sequence, at, event))
                self._grown.notify_all()

    async def after(self, since: int | None) -> AsyncIterator[list[dict[str, Any]]]:
        """Batches of events newer than `since` (None: from now). A gap is told by an event of type `gap`."""
        seen = self._sequence if since is None or since > self._sequence else since
        if self._kept and seen + 1 < self._kept[0].sequence and since is not None:
            yield [{"seq": seen, "at": self._clock.now().isoformat(), "type": "gap"}]
        while True:
            async with self._grown:
                await self._grown.wait_for(lambda: self._sequence > seen)  # noqa: B023 - evaluated before seen changes
                behind = self._sequence - seen
                batch = list(islice(self._kept, max(0, len(self._kept) - behind), None))[:BATCH]
            if not batch:
                seen = self._sequence
                continue
            seen = batch[-1].sequence
            yield [kept.line() for kept in batch]


def router(log: EventLog) -> APIRouter:
    """`GET /events` as SSE, and as WebSocket."""
    routes = APIRouter(tags=["events"])

    @routes.get("/events", operation_id="followEvents")
    async def stream(
        who: Annotated[Principal, Depends(require(Function.LOOK_AROUND))], since: int | None = None
    ) -> StreamingResponse:
        """Server-sent events."""

        async def lines() -> AsyncIterator[str]:
            yield ": begin\n\n"
            async for batch in log.after(since):
                for line in batch:
                    yield f"id: {line['seq']}\nevent: {line['type']}\ndata: {json.dumps(line, ensure_ascii=False)}\n\n"

        return StreamingResponse(lines(), media_type="text/event-stream", headers={"cache-control": "no-store"})

    @routes.websocket("/events")
    async def websocket(socket: WebSocket, since: int | None = None) -> None:
        """The same over a WebSocket; the cookie or `?token=` is the right."""
        access: Access = socket.app.state.access
        token = socket.cookies.get(COOKIE) or socket.query_params.get("token", "")
        try:
            principal = await access.principal_of(token, socket.client.host if socket.client else "")
            access.check(principal, Function.LOOK_AROUND)
        except FengsuiError:
            await socket.close(4401)
            return
        await socket.accept()
        closed = asyncio.create_task(_until_closed(socket))
        sending = asyncio.create_task(_send(socket, log, since))
        await asyncio.wait((closed, sending), return_when=asyncio.FIRST_COMPLETED)
        for task in (closed, sending):
            task.cancel()
        await asyncio.gather(closed, sending, return_exceptions=True)

    return routes


async def _until_closed(socket: WebSocket) -> None:
    with suppress(WebSocketDisconnect):
        while True:
            await socket.receive_text()


async def _send(socket: WebSocket, log: EventLog, since: int | None) -> None:
    with suppress(WebSocketDisconnect, RuntimeError):
        async for batch in log.after(since):
            for line in batch:
                await socket.send_text(json.dumps(line, ensure_ascii=False))
