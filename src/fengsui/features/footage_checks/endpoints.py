"""The checks of footage over HTTP."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import Depends, Query, Request

from fengsui.features.access import Function, Principal, Scope, out_of_scope, require, scope_for
from fengsui.features.areas import Divisions
from fengsui.features.footage_checks.actions import FootageChecks
from fengsui.features.footage_checks.model import Figure, share
from fengsui.features.footage_checks.queries import Row
from fengsui.features.footage_checks.schemas import (
    FiguresOfArea,
    FootageFigures,
    FootageShortfall,
    FootageShortfalls,
    KeptFigure,
    PlayableFigure,
)
from fengsui.late_routes import LateRoutes

Looker = Annotated[Principal, Depends(require(Function.LOOK_AROUND))]
Area = Annotated[str, Query(max_length=6, pattern=r"^([0-9]{2}){0,3}$")]
KEPT_TARGET, OVER_TARGET = 100.0, 0.0
"""What the law says is to be kept is kept everywhere (M6), and nothing beyond it (A51)."""


def _asked(request: Request, who: Principal, area: str) -> Scope:
    """What one may see. Raises OutOfScope for an area where that is nothing (rule A65)."""
    scope = scope_for(request, who, Function.LOOK_AROUND)
    if not scope.touches(area):
        raise out_of_scope(area, Function.LOOK_AROUND)
    return scope


def _figures(area: str, name: str, kept: Iterable[Row], tried: Iterable[Row]) -> FiguresOfArea:
    rows, tries = list(kept), list(tried)
    met, short, young, over = (sum(getattr(row, one) for row in rows) for one in ("met", "short", "young", "over"))
    all_tries, played = (sum(getattr(row, one) for row in tries) for one in ("tries", "played"))
    counted = met + short
    surplus = share(over, met + short + young)
    return FiguresOfArea(
        area=area,
        name=name,
        kept=KeptFigure(met=met, short=short, young=young, over=over, percent=share(met, counted), over_percent=surplus),
        playable=PlayableFigure(tries=all_tries, played=played, percent=share(played, all_tries)),
    )


def _at(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def router(checks: FootageChecks, divisions: Divisions) -> LateRoutes:
    """The routes of the checks of footage."""
    routes = LateRoutes(tags=["recording"])

    @routes.get("/footage-figures", operation_id="getFootageFigures")
    async def figures(request: Request, who: Looker, area: Area = "") -> FootageFigures:
        """Whether footage is kept as long as it must be and no longer, and whether it plays, by area."""
        since, day, kept, tried = await checks.by_area(_asked(request, who, area), area)
        items = [
            _figures(
                part,
                divisions.name_of(part) if part else "",
                (row for row in kept if row.part == part),
                (row for row in tried if row.part == part),
            )
            for part in sorted({row.part for row in (*kept, *tried)})
        ]
        return FootageFigures(
            area=area,
            since=since,
            today=day,
            kept_target=KEPT_TARGET,
            over_target=OVER_TARGET,
            playable_target=checks.playable_target,
            all=_figures(area, divisions.name_of(area) if area else "", kept, tried),
            items=items,
        )

    @routes.get("/footage-figures/shortfalls", operation_id="listFootageShortfalls")
    async def shortfalls(
        request: Request, who: Looker, figure: Figure, area: Area = "", limit: Annotated[int, Query(ge=1, le=500)] = 100
    ) -> FootageShortfalls:
        """The cameras that are kept too short (`kept`), too long (`over`), or of which a moment did not play (`playable`)."""
        found = await checks.shortfalls(_asked(request, who, area), area, figure, limit)
        items: list[FootageShortfall] = []
        for name, facts, row in found:
            place: dict[str, Any] = {
                "camera": facts.code,
                "name": name,
                "area": facts.area,
                "area_name": divisions.name_of(facts.area),
            }
            day = date.fromisoformat(row.day)
            if figure == "playable":
                failed: dict[str, Any] = {
                    "failed_at": _at(row.failed_at),
                    "failed_moment": _at(row.failed_moment),
                    "failed_why": row.failed_why,
                }
                items.append(FootageShortfall(**place, day=day, tries=row.tries, played=row.played, **failed))
            else:
                days: dict[str, Any] = {"duty_days": row.duty_days, "ceiling_days": row.ceiling_days, "kept_days": row.kept_days}
                items.append(FootageShortfall(**place, day=day, **days))
        return FootageShortfalls(area=area, figure=figure, items=items)

    return routes
