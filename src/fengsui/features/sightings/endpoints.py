"""Sightings over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import Depends, Path, Query, Request
from pydantic import AwareDatetime

from fengsui.features.access import Function, Principal, out_of_scope, recorded, require, scope_for
from fengsui.features.areas import Divisions
from fengsui.features.audit import Act
from fengsui.features.bookmarks import moment_of
from fengsui.features.sightings.actions import Sightings
from fengsui.features.sightings.model import Correction, Sighting, Wanted
from fengsui.features.sightings.schemas import (
    AreaCode,
    CaseNumber,
    SightingCorrection,
    SightingEnd,
    SightingList,
    SightingOrder,
    SightingShape,
    SightingWithdrawal,
)
from fengsui.late_routes import LateRoutes

CaseWorker = Annotated[Principal, Depends(require(Function.OPEN_TICKET))]
SightingId = Annotated[int, Path(ge=1, le=2**31 - 1)]

LAST = timedelta(days=7)
"""Asked for when nobody says a time."""
FIRST = datetime(1, 1, 1, tzinfo=UTC)


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def router(sightings: Sightings, divisions: Divisions) -> LateRoutes:
    """The routes of sightings."""
    routes = LateRoutes(tags=["sightings"])

    def shape(who: Principal, one: Sighting) -> SightingShape:
        gone = one.withdrawn
        return SightingShape.model_validate(
            {
                "id": one.id,
                "kind": one.kind,
                "at": moment_of(one.at_us),
                "text": one.text,
                "case_number": one.case_number,
                "camera": one.spot.camera,
                "longitude": one.spot.longitude,
                "latitude": one.spot.latitude,
                "area": one.spot.area,
                "area_name": divisions.name_of(one.spot.area),
                "author": one.author,
                "unit": one.unit,
                "own": one.author_id == who.user_id,
                "use_ticket": one.ground.ticket,
                "made_at": _at(one.made_at),
                "withdrawn": None if gone is None else SightingEnd(at=_at(gone.at), by=gone.by, reason=gone.why),
            }
        )

    @routes.get("/sightings", operation_id="listSightings")
    async def list_sightings(
        request: Request,
        who: CaseWorker,
        since: Annotated[AwareDatetime | None, Query(alias="from")] = None,
        until: Annotated[AwareDatetime | None, Query(alias="to")] = None,
        area: Annotated[AreaCode, Query()] = "",
        case_number: Annotated[CaseNumber, Query()] = "",
        withdrawn: bool = False,
    ) -> SightingList:
        """What people noted within one's areas, of 31 days at most: else of the last seven.

        What somebody saw in footage is told to its author, to whose use ticket opens that camera at that time, and to who works the
        same case under one.
        """
        scope = scope_for(request, who, Function.OPEN_TICKET)
        if not scope.touches(area):
            raise out_of_scope(area, Function.OPEN_TICKET)
        end = sightings.now() if until is None else until
        begin = (end - LAST if end - FIRST > LAST else FIRST) if since is None else since
        found, whole, beyond = await sightings.within(who, scope, (begin, end, area, case_number), withdrawn=withdrawn)
        return SightingList(items=[shape(who, one) for one in found], whole=whole, beyond=beyond)

    @routes.post("/sightings", status_code=201, operation_id="addSighting")
    async def add_sighting(request: Request, who: CaseWorker, body: SightingOrder) -> SightingShape:
        """Note what one saw oneself, where and when."""
        place = None if body.longitude is None or body.latitude is None else (body.longitude, body.latitude)
        wanted = Wanted(body.kind, body.at, body.text, body.case_number, body.camera, place, body.area)
        async with recorded(request, who, Act.SIGHTING_ADD, body.camera or body.area):
            return shape(who, await sightings.add(who, wanted, divisions))

    @routes.post("/sightings/{sighting_id}/correction", status_code=201, operation_id="correctSighting")
    async def correct_sighting(
        request: Request, who: CaseWorker, sighting_id: SightingId, body: SightingCorrection
    ) -> SightingShape:
        """Note one's own anew, corrected: what stood before is told as withdrawn, with what it became."""
        correction = Correction(body.text, body.at, body.case_number)
        async with recorded(request, who, Act.SIGHTING_CORRECT, str(sighting_id)):
            scope = scope_for(request, who, Function.OPEN_TICKET)
            return shape(who, await sightings.correct(who, scope, sighting_id, correction, divisions))

    @routes.post("/sightings/{sighting_id}/withdrawal", operation_id="withdrawSighting")
    async def withdraw_sighting(
        request: Request, who: CaseWorker, sighting_id: SightingId, body: SightingWithdrawal
    ) -> SightingShape:
        """Take back one's own: it is told as withdrawn to whoever asks for those, with who, when and why."""
        async with recorded(request, who, Act.SIGHTING_WITHDRAW, str(sighting_id)):
            scope = scope_for(request, who, Function.OPEN_TICKET)
            return shape(who, await sightings.withdraw(who, scope, sighting_id, body.reason))

    return routes
