"""The queue's summary over HTTP: for whoever works at a desk, or reads what was done there."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends, Query, Request

from fengsui.features.access import Principal, desk_scopes_for, require
from fengsui.features.alarm_work.load import AlarmLoad, Span
from fengsui.features.alarm_work.load_model import HOUR_MINUTES
from fengsui.features.alarm_work.load_schemas import (
    AlarmQueueSummary,
    AlarmsOfCategory,
    AlarmsOfPriority,
    AlarmSpan,
    FrequentPoint,
)
from fengsui.features.alarms import LEAST_URGENT, WATCHED_BY, AlarmShapes, Waiting
from fengsui.late_routes import LateRoutes

Watcher = Annotated[Principal, Depends(require(*WATCHED_BY))]
AreaCode = Annotated[str, Query(max_length=6, pattern=r"^([0-9]{2}){0,3}$")]


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _counted(some: Iterable[Waiting]) -> dict[str, Any]:
    kinds = list(some)
    free = [one for one in kinds if one.unclaimed]
    return {
        "open": sum(one.number for one in kinds),
        "unclaimed": sum(one.number for one in free),
        "overdue": sum(one.number for one in kinds if one.overdue),
        "stale": sum(one.stale for one in kinds),
        "oldest_unclaimed_at": _at(min(one.oldest for one in free)) if free else None,
    }


def router(load: AlarmLoad, shapes: AlarmShapes) -> LateRoutes:
    """The route of the queue's summary."""
    routes = LateRoutes(tags=["alarms"])

    @routes.get("/alarm-queue/summary", operation_id="getAlarmQueueSummary")
    async def summary(
        request: Request, who: Watcher, area: AreaCode = "", top: Annotated[int, Query(ge=0, le=50)] = 10
    ) -> AlarmQueueSummary:
        """The queue of one's own areas counted by priority and kind, and what came in the last hour and day against what a desk can
        bear: alarms in ten minutes by desk, floods, stale alarms, points that report too often. `top`: so many points.
        """
        found = await load.summary(desk_scopes_for(request, who, WATCHED_BY), area, top)
        points = [alarm for span in found.spans for some in (span.frequent, span.chattering) for _, alarm in some]
        named = await shapes.named_to(request, who, points)

        def span_shape(one: Span) -> AlarmSpan:
            frequent, chattering = (
                [
                    FrequentPoint(times=often.times, chattered_minutes=often.chattered, alarm=shapes.shape(alarm, named))
                    for often, alarm in some
                ]
                for some in (one.frequent, one.chattering)
            )
            desks, rates = max(1, found.desks), one.rates
            return AlarmSpan(
                span="hour" if one.minutes == HOUR_MINUTES else "day",
                alarms=rates.alarms,
                per_ten_minutes=rates.alarms / rates.spans / desks,
                peak_per_ten_minutes=rates.peak / desks,
                last_ten_minutes=rates.now / desks,
                flood_share=rates.flooded / rates.spans,
                in_flood=rates.in_flood,
                frequent=frequent,
                chattering=chattering,
            )

        priorities = range(1, LEAST_URGENT + 1)
        categories = sorted({one.category for one in found.waiting})
        return AlarmQueueSummary(
            at=_at(found.at),
            area=area,
            desks=found.desks,
            **_counted(found.waiting),
            by_priority=[
                AlarmsOfPriority(priority=of, **_counted(one for one in found.waiting if one.priority == of)) for of in priorities
            ],
            by_category=[
                AlarmsOfCategory(category=of, **_counted(one for one in found.waiting if one.category == of)) for of in categories
            ],
            spans=[span_shape(one) for one in found.spans],
            points_from=_at(found.counted_from),
            shelves=found.shelves,
            shelved=found.shelved,
        )

    return routes
