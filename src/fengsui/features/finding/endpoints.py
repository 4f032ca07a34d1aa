"""Finding a moment over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Query, Request
from pydantic import AwareDatetime

from fengsui.features.access import Footage, Function, Principal, foreign_recorded, recorded, require
from fengsui.features.audit import Act
from fengsui.features.finding.actions import Finding
from fengsui.features.finding.model import MOST_PARTS, ForeignSearch, SearchRun, StreamKind
from fengsui.features.finding.schemas import (
    ActivityShape,
    BusyShape,
    ChangeShape,
    ChangesOrder,
    ChangesShape,
    CornerShape,
)
from fengsui.features.finding.searches import Searches
from fengsui.late_routes import LateRoutes

Investigator = Annotated[Principal, Depends(require(Function.VIEW_RECORDED))]

LAST_S = 3600.0
"""Asked for when nobody says a time."""


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def router(finding: Finding, searches: Searches) -> LateRoutes:
    """The routes of finding."""
    routes = LateRoutes(tags=["finding"])

    def shape(run: SearchRun) -> ChangesShape:
        return ChangesShape(
            search=run.id,
            camera=run.camera,
            stream=run.stream,
            since=_at(run.footage.since),
            until=_at(run.footage.until),
            region=[CornerShape(x=x, y=y) for x, y in run.region],
            use_ticket=run.principal.ground.ticket,
            state=run.state,
            step_s=run.step_s,
            done=run.share_done,
            left_s=searches.left_s(run),
            looked=run.looked,
            away=run.away,
            items=[
                ChangeShape(
                    kind=one.kind, before=_at(one.before), after=_at(one.after), until=_at(one.until), share=round(one.share, 2)
                )
                for one in run.found
            ],
        )

    @routes.get("/cameras/{code}/activity", operation_id="getActivity")
    async def get_activity(
        who: Investigator,
        code: str,
        since: Annotated[AwareDatetime | None, Query(alias="from")] = None,
        until: Annotated[AwareDatetime | None, Query(alias="to")] = None,
        parts: Annotated[int, Query(ge=1, le=MOST_PARTS)] = 360,
        stream: StreamKind = "main",
    ) -> ActivityShape:
        """How much moves in a camera's footage, under a use ticket that covers all of the time asked for: else the last hour.

        Eight days at most. It comes from sizes and kinds of pictures, nothing is decoded: it tells that something changes, neither
        what nor who.
        """
        end = (finding.now() if until is None else until).timestamp()
        begin = end - LAST_S if since is None else since.timestamp()
        found = await finding.curve(who, code, stream, Footage(begin, end), parts)
        return ActivityShape(
            camera=code,
            stream=stream,
            since=_at(begin),
            until=_at(end),
            levels=list(found.levels),
            busy=[BusyShape(since=_at(one.since), until=_at(one.until), peak=one.peak) for one in found.busy],
        )

    @routes.post("/cameras/{code}/changes", status_code=202, operation_id="findChanges")
    async def find_changes(request: Request, who: Investigator, code: str, body: ChangesOrder) -> ChangesShape:
        """Look for changes of a place in a camera's footage, under a use ticket that covers all of the time.

        It compares a region of key frames with itself, and looks at nothing else: neither what changed nor who was there. One's
        search before ends.
        """
        footage = Footage(body.since.timestamp(), body.until.timestamp())
        async with recorded(request, who, Act.FOOTAGE_CHANGES, code):
            region = [(one.x, one.y) for one in body.region]
            return shape(await searches.begin(who, code, body.stream, footage, region))

    @routes.get("/changes/{search}", operation_id="getChanges")
    async def get_changes(request: Request, who: Investigator, search: str) -> ChangesShape:
        """What one's search has found so far: kept for ten minutes after it was asked for, and as long as the right to it."""
        async with foreign_recorded(request, who, Act.FOOTAGE_CHANGES, search, ForeignSearch):
            return shape(searches.mine(who, search))

    @routes.delete("/changes/{search}", status_code=204, operation_id="endChanges")
    async def end_changes(request: Request, who: Investigator, search: str) -> None:
        """End it and forget what it found."""
        async with foreign_recorded(request, who, Act.FOOTAGE_CHANGES_END, search, ForeignSearch):
            searches.end(who, search)

    return routes
