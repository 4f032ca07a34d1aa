"""Completeness over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import groupby
from typing import Annotated

from fastapi import Depends, Query, Request

from fengsui.features.access import (
    Function,
    Principal,
    Scope,
    out_of_scope,
    refuse_unless,
    require,
    require_where_it_was,
    scope_for,
)
from fengsui.features.areas import Divisions
from fengsui.features.cameras import Cameras
from fengsui.features.completeness.actions import REACH_DAYS, Completeness
from fengsui.features.completeness.model import Cause, DayFacts, Gap
from fengsui.features.completeness.queries import missing_in
from fengsui.features.completeness.schemas import (
    AreaDay,
    GapList,
    GapPart,
    GapShape,
    LackingCamera,
    LackingCameras,
    MissingShape,
    RecordedArea,
    RecordedAreas,
    RecordedDay,
    RecordedDays,
)
from fengsui.late_routes import LateRoutes

PastLooker = Annotated[Principal, Depends(require_where_it_was(Function.LOOK_AROUND))]
Looker = Annotated[Principal, Depends(require(Function.LOOK_AROUND))]
Days = Annotated[int, Query(ge=1, le=REACH_DAYS)]
Area = Annotated[str, Query(max_length=6, pattern=r"^([0-9]{2}){0,3}$")]


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _missing(by: Mapping[Cause, float]) -> MissingShape:
    return MissingShape.model_validate({cause: round(seconds, 1) for cause, seconds in by.items()})


def _day(one: DayFacts) -> RecordedDay:
    recorded = max(0.0, one.due_s - one.missing_s)
    return RecordedDay(
        day=one.day,
        due_s=round(one.due_s, 1),
        recorded_s=round(recorded, 1),
        filled_s=round(one.filled_s, 1),
        gaps=one.gaps,
        missing=_missing(one.missing),
    )


def _gap(one: Gap) -> GapShape:
    parts = [GapPart(cause=part.cause, since=_at(part.since), until=_at(part.until)) for part in one.parts]
    return GapShape(since=_at(one.since), until=_at(one.until), parts=parts)


def _asked(request: Request, who: Principal, area: str) -> Scope:
    """What one may see. Raises OutOfScope for an area where that is nothing (rule A65)."""
    scope = scope_for(request, who, Function.LOOK_AROUND)
    if not scope.touches(area):
        raise out_of_scope(area, Function.LOOK_AROUND)
    return scope


def router(completeness: Completeness, cameras: Cameras, divisions: Divisions) -> LateRoutes:
    """The routes of completeness."""
    routes = LateRoutes(tags=["recording"])

    @routes.get("/cameras/{code}/recorded-days", operation_id="listRecordedDays")
    async def list_days(request: Request, who: PastLooker, code: str, days: Days = 30) -> RecordedDays:
        """What of each of a camera's last days was due and is recorded, and why the rest is missing.

        Where the camera came back elsewhere, each day is told to those whose it was then.
        """
        camera, scope = await cameras.kept.get(code), scope_for(request, who, Function.LOOK_AROUND)
        told = [(completeness.day(one.day), one) for one in await completeness.days_of(code, days)]
        found = [one for day, one in told if camera.is_within(scope, day.since, day.until)]
        since, today = completeness.first_day(days).name, completeness.first_day(1).name
        return RecordedDays(camera=code, since=since, today=today, items=[_day(one) for one in found])

    @routes.get("/cameras/{code}/recording-gaps", operation_id="listRecordingGaps")
    async def list_gaps(request: Request, who: PastLooker, code: str, day: Annotated[str, Query(max_length=32)]) -> GapList:
        """When on this day a camera was due and is not recorded, each with its cause."""
        camera, asked = await cameras.kept.get(code), completeness.asked_day(day)
        for place in camera.places_of(asked.since, asked.until):
            await refuse_unless(request, who, Function.LOOK_AROUND, place)
        found = await completeness.gaps_of(code, asked)
        return GapList(camera=code, day=asked.name, footage_gone=found is None, items=[_gap(one) for one in found or ()])

    @routes.get("/recorded-areas", operation_id="listRecordedAreas")
    async def list_areas(request: Request, who: Looker, area: Area = "", days: Days = 30) -> RecordedAreas:
        """The same by area: of the cameras that one may see, below `area` and by its next level."""
        _, rows = await completeness.by_area(_asked(request, who, area), area, days)
        items: list[RecordedArea] = []
        for part, some in groupby(rows, key=lambda row: row.part):
            told: list[AreaDay] = []
            for row in some:
                missing = missing_in(row)
                recorded = max(0.0, row.due_s - sum(missing.values()))
                told.append(
                    AreaDay(
                        day=row.day,
                        cameras=row.cameras,
                        whole=row.whole,
                        due_s=round(row.due_s, 1),
                        recorded_s=round(recorded, 1),
                        filled_s=round(row.filled_s, 1),
                        missing=_missing(missing),
                    )
                )
            items.append(RecordedArea(area=part, name=divisions.name_of(part) if part else "", days=told))
        since, today = completeness.first_day(days).name, completeness.first_day(1).name
        return RecordedAreas(area=area, since=since, today=today, items=items)

    @routes.get("/recorded-areas/lacking", operation_id="listLackingCameras")
    async def list_lacking(
        request: Request,
        who: Looker,
        day: Annotated[str, Query(max_length=32)],
        area: Area = "",
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> LackingCameras:
        """The cameras that lack the most of this day."""
        scope, asked = _asked(request, who, area), completeness.asked_day(day)
        items = [
            LackingCamera(
                camera=facts.code, name=name, area=facts.area, area_name=divisions.name_of(facts.area), day=_day(facts_of_day)
            )
            for name, facts, facts_of_day in await completeness.worst(scope, area, asked, limit)
        ]
        return LackingCameras(area=area, day=asked.name, items=items)

    return routes
