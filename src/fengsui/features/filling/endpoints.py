"""Filling over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import Depends, Query, Request

from fengsui.features.access import Footage, Function, Principal, recorded, require, require_where_it_was, scope_for
from fengsui.features.audit import Act
from fengsui.features.cameras import Cameras
from fengsui.features.completeness import Completeness
from fengsui.features.filling.actions import Filling
from fengsui.features.filling.model import Fill
from fengsui.features.filling.schemas import FetchOrder, FillList, FillShape
from fengsui.late_routes import LateRoutes

PastLooker = Annotated[Principal, Depends(require_where_it_was(Function.LOOK_AROUND))]

Investigator = Annotated[Principal, Depends(require(Function.VIEW_RECORDED))]


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def router(filling: Filling, completeness: Completeness, cameras: Cameras) -> LateRoutes:
    """The routes of filling."""
    routes = LateRoutes(tags=["recording"])

    def shape(one: Fill) -> FillShape:
        running = filling.is_running(one)
        stream: Literal["main", "sub"] = "sub" if one.stream.endswith("/sub") else "main"
        return FillShape(
            since=_at(one.since),
            until=_at(one.until),
            stream=stream,
            state="running" if running else one.state,
            attempts=one.attempts,
            next_at=_at(one.next_at) if one.state == "due" and one.next_at > 0 and not running else None,
            filled_s=round(one.filled_s, 1),
            bytes=one.bytes,
            why=one.why,
            mine=one.asked_by != "",
        )

    @routes.get("/cameras/{code}/recording-fills", operation_id="listRecordingFills")
    async def list_fills(request: Request, who: PastLooker, code: str, day: Annotated[str, Query(max_length=32)]) -> FillList:
        """What of this day the node fetches, or has fetched, from the camera's device, and how far that is."""
        camera, scope = await cameras.kept.get(code), scope_for(request, who, Function.LOOK_AROUND)
        asked = completeness.asked_day(day)
        found = await filling.fills(who, code, asked.since, asked.until)
        items = [shape(one) for one in found if camera.is_within(scope, one.since, one.until)]
        return FillList(camera=code, day=asked.name, items=items)

    @routes.post("/cameras/{code}/device-recordings/fetch", status_code=202, operation_id="fetchDeviceRecording")
    async def fetch(request: Request, who: Investigator, code: str, body: FetchOrder) -> FillShape:
        """Fetch what the camera's device recorded of a time into this node's footage, under a use ticket that covers it.

        It is marked as from the device, and then played and taken out as any footage is; `listRecordingFills` says how far it is.
        """
        footage = Footage(body.since.timestamp(), body.until.timestamp())
        async with recorded(request, who, Act.FOOTAGE_FETCH, code):
            return shape(await filling.ask(who, code, body.stream, footage))

    return routes
