"""Recording plans and footage over HTTP."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import Depends, Query, Request
from pydantic import AwareDatetime

from fengsui.features.access import Footage, Function, Principal, recorded, require, require_camera, require_where_it_was, scope_for
from fengsui.features.audit import Act
from fengsui.features.cameras import Cameras
from fengsui.features.live import DeviceFiles
from fengsui.features.recording.actions import Recording
from fengsui.features.recording.calendar import Hours, minutes_of, text_of
from fengsui.features.recording.model import AFTER_S, BEFORE_S, MOST_EVENTS, Period, Plan, StreamKind, Wish
from fengsui.features.recording.schemas import (
    EventShape,
    FootageList,
    FootageSpanShape,
    HoursShape,
    PastEventList,
    PastEventShape,
    RecordingPlan,
    RecordingShape,
    RecordNow,
    StreamPlan,
    StreamRecordingShape,
    TwiceShape,
)
from fengsui.late_routes import LateRoutes

CameraLooker = Annotated[Principal, Depends(require_camera(Function.LOOK_AROUND))]
PastLooker = Annotated[Principal, Depends(require_where_it_was(Function.LOOK_AROUND))]
CameraKeeper = Annotated[Principal, Depends(require_camera(Function.MANAGE_DEVICES))]
CameraViewer = Annotated[Principal, Depends(require_camera(Function.VIEW_LIVE))]
Investigator = Annotated[Principal, Depends(require(Function.VIEW_RECORDED))]

LAST_S = 3600.0
"""Asked for when nobody says a time."""
DAY_S = 86_400.0


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _told(one: Hours) -> HoursShape:
    return HoursShape.model_validate({"days": list(one.days), "from": text_of(one.begin), "to": text_of(one.end)})


def _wish(body: StreamPlan) -> Wish:
    hours = (Hours(tuple(sorted(set(one.days))), minutes_of(one.since), minutes_of(one.until)) for one in body.hours)
    return Wish(body.mode, tuple(hours), body.before_s, body.after_s)


def router(
    recording: Recording, cameras: Cameras, device_files: Callable[[Principal, str, Footage], Awaitable[DeviceFiles]]
) -> LateRoutes:
    """The routes of recording. `device_files`: what a camera's device says that it has, by the right to it."""
    routes = LateRoutes(tags=["recording"])

    def shape(code: str) -> RecordingShape:
        other = recording.other(code)
        beside = None if other is None else of_stream(other, recording.period_of(other))
        own = of_stream(recording.plan(code), recording.period(code))
        return RecordingShape(camera=code, other=beside, **dict(own))

    def of_stream(plan: Plan | None, period: Period | None) -> StreamRecordingShape:
        of = plan or period
        status = None if of is None else recording.status(of)
        safe = None if status is None else status.safe_until_us
        held = None if status is None or plan is None or plan.mode != "event" else status.held_since_us
        return StreamRecordingShape(
            mode="off" if plan is None else plan.mode,
            stream="main" if plan is None else plan.stream,
            hours=[] if plan is None else [_told(one) for one in plan.hours],
            before_s=BEFORE_S if plan is None else plan.before_s,
            after_s=AFTER_S if plan is None else plan.after_s,
            state=recording.state(plan, period),
            event=None if period is None else EventShape(cause=period.cause, at=_at(period.at), until=_at(period.until)),
            held_since=None if held is None else _at(held / 1e6),
            held_short=status is not None and status.held_short,
            due=plan is not None and recording.is_due(plan),
            since=None if plan is None else _at(plan.set_at),
            recording=status is not None and status.recording,
            safe_until=None if safe is None else _at(safe / 1e6),
            lost_fragments=0 if status is None else status.lost_fragments,
        )

    @routes.get("/cameras/{code}/recording-plan", operation_id="getRecordingPlan")
    async def get_plan(who: CameraLooker, code: str) -> RecordingShape:
        """What of this camera is recorded, and how far it is on disk."""
        await cameras.get(code)
        return shape(code)

    @routes.put("/cameras/{code}/recording-plan", operation_id="setRecordingPlan")
    async def set_plan(request: Request, who: CameraKeeper, code: str, body: RecordingPlan) -> RecordingShape:
        """Record this camera always, by hours, on event, or not at all; both its streams if need be; what is on disk stays."""
        async with recorded(request, who, Act.RECORDING_PLAN, code):
            other = None if body.other is None else _wish(body.other)
            await recording.set_plan(who, code, body.stream, _wish(body), other)
        return shape(code)

    @routes.post("/cameras/{code}/record-now", status_code=201, operation_id="recordNow")
    async def record_now(request: Request, who: CameraViewer, code: str, body: RecordNow) -> RecordingShape:
        """Record this camera from now on, whatever its plan; it ends by itself. On event the time before is kept too."""
        async with recorded(request, who, Act.RECORDING_NOW, code):
            await recording.record_now(who, code, body.seconds, body.reason)
        return shape(code)

    @routes.get("/cameras/{code}/recordings", operation_id="listFootage")
    async def list_footage(
        who: Investigator,
        code: str,
        since: Annotated[AwareDatetime | None, Query(alias="from")] = None,
        until: Annotated[AwareDatetime | None, Query(alias="to")] = None,
        stream: StreamKind = "main",
        source: Literal["node", "device"] = "node",
    ) -> FootageList:
        """Where this node has footage of a camera, under a use ticket that covers all of the time asked for: else the last hour.

        `source` `device`: what the camera's device has recorded itself; it is asked anew each time, which takes seconds.
        """
        end = (recording.now() if until is None else until).timestamp()
        begin = end - LAST_S if since is None else since.timestamp()
        if source == "device":
            has = await device_files(who, code, Footage(begin, end))
            items = [FootageSpanShape(since=_at(one.since), until=_at(one.until)) for one in has.files]
            parts: dict[str, Any] = {"from_device": [], "twice": [], "filled_percent": None, "whole": has.whole}
            return FootageList(camera=code, stream=stream, items=items, source=source, **parts)
        *told, often, filled = await recording.footage(who, code, begin, end, stream)
        items, fetched = ([FootageSpanShape(since=_at(one.since), until=_at(one.until)) for one in spans] for spans in told)
        twice = [TwiceShape(since=_at(one.since), until=_at(one.until), times=one.times) for one in often]
        return FootageList(camera=code, stream=stream, items=items, from_device=fetched, twice=twice, filled_percent=filled)

    @routes.get("/cameras/{code}/recording-events", operation_id="listRecordingEvents")
    async def list_events(
        request: Request,
        who: PastLooker,
        code: str,
        since: Annotated[AwareDatetime | None, Query(alias="from")] = None,
        until: Annotated[AwareDatetime | None, Query(alias="to")] = None,
    ) -> PastEventList:
        """What happened at a camera that is recorded on event, or by hand, within this time: else the last day."""
        end = (recording.now() if until is None else until).timestamp()
        begin = end - DAY_S if since is None else since.timestamp()
        camera, scope = await cameras.kept.get(code), scope_for(request, who, Function.LOOK_AROUND)
        found = [one for one in await recording.events(code, begin, end) if camera.is_within(scope, one.since, one.until)]
        items = [
            PastEventShape(cause=one.cause, at=_at(one.at), since=_at(one.since), until=_at(one.until))
            for one in found[-MOST_EVENTS:]
        ]
        return PastEventList(camera=code, items=items, whole=len(found) <= MOST_EVENTS)

    return routes
