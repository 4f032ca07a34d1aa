"""Figures of alarms over HTTP: for whoever works at a desk, or reads what was done there."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import Depends, Query, Request

from fengsui.features.access import Principal, require, scope_for
from fengsui.features.alarm_figures.actions import AlarmFigures, Figures
from fengsui.features.alarm_figures.model import SLOT_S, Place, Span
from fengsui.features.alarm_figures.schemas import (
    AlarmBucket,
    AlarmFiguresShape,
    AlarmsOfArea,
    AlarmsOfKind,
    AlarmSums,
    MakerFigure,
    PlaceFigure,
    StepTimes,
    UnitsOfStatus,
)
from fengsui.features.alarms import LEAST_URGENT, WATCHED_BY, Alarm, AlarmShapes, moment
from fengsui.features.areas import Divisions
from fengsui.late_routes import LateRoutes

Watcher = Annotated[Principal, Depends(require(*WATCHED_BY))]
AreaCode = Annotated[str, Query(max_length=6, pattern=r"^([0-9]{2}){0,3}$")]


def _by_number(pair: tuple[str, tuple[int, int]]) -> tuple[int, int, str]:
    return -pair[1][0], -pair[1][1], pair[0]


def _buckets(found: Figures) -> list[AlarmBucket]:
    edges = found.period.edges
    buckets = [AlarmBucket(at=moment(edge), by_priority=[0] * LEAST_URGENT, false=0) for edge in edges]
    for one in found.counted:
        bucket = buckets[max(0, bisect_right(edges, one.slot * SLOT_S) - 1)]
        if 1 <= one.priority <= LEAST_URGENT:
            bucket.by_priority[one.priority - 1] += one.number
        bucket.false += one.number if one.result == "false" else 0
    return buckets


def _sums(found: Figures) -> AlarmSums:
    results = {result: sum(one.number for one in found.counted if one.result == result) for result in ("real", "false", "unclear")}
    return AlarmSums(
        alarms=sum(one.number for one in found.counted),
        signals=sum(one.signals for one in found.counted),
        before=sum(before for _, before in found.areas.values()),
        open=sum(one.number for one in found.counted if one.state != "closed"),
        **results,
    )


def router(figures: AlarmFigures, shapes: AlarmShapes, divisions: Divisions) -> LateRoutes:
    """The route of the situation board."""
    routes = LateRoutes(tags=["alarms"])

    @routes.get("/alarm-figures", operation_id="getAlarmFigures")
    async def read(request: Request, who: Watcher, area: AreaCode = "", span: Span = "day") -> AlarmFiguresShape:
        """Alarms of one's own areas by hour, area and kind, against the span before; how long each step took against its time;
        places with rising numbers and with false alarms; units by what they do. `span`: 24 hours, 7 or 30 days, with today.
        """
        found = await figures.of([scope_for(request, who, one) for one in WATCHED_BY], area, span)
        named = await shapes.named_to(request, who, [alarm for _, alarm in (*found.rising, *found.deceptive)])

        def places(some: Sequence[tuple[Place, Alarm]]) -> list[PlaceFigure]:
            return [
                PlaceFigure(alarm=shapes.shape(alarm, named), now=one.by_span[0], usual=one.usual, real=one.real, false=one.false)
                for one, alarm in some
            ]

        def sorted_by_number(some: Mapping[str, tuple[int, int]]) -> list[tuple[str, tuple[int, int]]]:
            return sorted(some.items(), key=_by_number)

        return AlarmFiguresShape(
            at=moment(found.period.until),
            since=moment(found.period.since),
            span=span,
            area=area,
            buckets=_buckets(found),
            sums=_sums(found),
            areas=[
                AlarmsOfArea(area=code, area_name=divisions.name_of(code), alarms=now, before=before)
                for code, (now, before) in sorted_by_number(found.areas)
            ],
            kinds=[
                AlarmsOfKind(category=kind, alarms=now, before=before) for kind, (now, before) in sorted_by_number(found.categories)
            ],
            steps=[StepTimes.model_validate(one._asdict()) for one in found.waits],
            rising=places(found.rising),
            deceptive=places(found.deceptive),
            makers=[MakerFigure(protocol=one.protocol, maker=one.device, real=one.real, false=one.false) for one in found.makers],
            units=[UnitsOfStatus(status=status.value, units=number) for status, number in sorted(found.units.items())],
        )

    return routes
