"""Bookmarks over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import Depends, Path, Query, Request
from pydantic import AwareDatetime

from fengsui.features.access import Function, Principal, recorded, require
from fengsui.features.audit import Act
from fengsui.features.bookmarks.actions import Bookmarks
from fengsui.features.bookmarks.model import Bookmark, moment_of
from fengsui.features.bookmarks.schemas import (
    BookmarkChange,
    BookmarkList,
    BookmarkOrder,
    BookmarkShape,
    BookmarkWithdrawal,
    WithdrawnShape,
)
from fengsui.late_routes import LateRoutes

Investigator = Annotated[Principal, Depends(require(Function.VIEW_RECORDED))]
BookmarkId = Annotated[int, Path(ge=1, le=2**31 - 1)]

LAST = timedelta(hours=1)
"""Asked for when nobody says a time."""
FIRST = datetime(1, 1, 1, tzinfo=UTC)


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def router(bookmarks: Bookmarks) -> LateRoutes:
    """The routes of bookmarks."""
    routes = LateRoutes(tags=["playback"])

    def shape(who: Principal, one: Bookmark) -> BookmarkShape:
        gone = one.withdrawn
        return BookmarkShape(
            id=one.id,
            camera=one.camera,
            since=moment_of(one.span.since_us),
            until=moment_of(one.span.until_us),
            text=one.text,
            author=one.author,
            unit=one.unit,
            own=one.author_id == who.user_id,
            use_ticket=one.ground.ticket,
            case_number=one.ground.case,
            made_at=_at(one.made_at),
            edited_at=_at(one.edited_at) if one.edited_at else None,
            withdrawn=None if gone is None else WithdrawnShape(at=_at(gone.at), by=gone.by, reason=gone.why),
        )

    @routes.get("/cameras/{code}/bookmarks", operation_id="listBookmarks")
    async def list_bookmarks(
        who: Investigator,
        code: str,
        since: Annotated[AwareDatetime | None, Query(alias="from")] = None,
        until: Annotated[AwareDatetime | None, Query(alias="to")] = None,
        withdrawn: bool = False,
    ) -> BookmarkList:
        """What was noted about a camera's footage, under a use ticket that covers all of the time asked for: else the last hour."""
        end = bookmarks.now() if until is None else until
        begin = (end - LAST if end - FIRST > LAST else FIRST) if since is None else since
        found, whole, beyond = await bookmarks.within(who, code, begin, end, withdrawn=withdrawn)
        return BookmarkList(camera=code, items=[shape(who, one) for one in found], whole=whole, beyond=beyond)

    @routes.post("/cameras/{code}/bookmarks", status_code=201, operation_id="addBookmark")
    async def add_bookmark(request: Request, who: Investigator, code: str, body: BookmarkOrder) -> BookmarkShape:
        """Note something about footage, under a use ticket that covers it."""
        async with recorded(request, who, Act.BOOKMARK_ADD, code):
            return shape(who, await bookmarks.add(who, code, body.since, body.until, body.text))

    @routes.patch("/cameras/{code}/bookmarks/{bookmark_id}", operation_id="changeBookmark")
    async def change_bookmark(
        request: Request, who: Investigator, code: str, bookmark_id: BookmarkId, body: BookmarkChange
    ) -> BookmarkShape:
        """Other words of one's own; those of before stand in the audit log."""
        async with recorded(request, who, Act.BOOKMARK_CHANGE, code):
            return shape(who, await bookmarks.change(who, code, bookmark_id, body.text))

    @routes.post("/cameras/{code}/bookmarks/{bookmark_id}/withdrawal", operation_id="withdrawBookmark")
    async def withdraw_bookmark(
        request: Request, who: Investigator, code: str, bookmark_id: BookmarkId, body: BookmarkWithdrawal
    ) -> BookmarkShape:
        """Take back one's own: it is told as withdrawn to whoever asks for those, with who, when and why."""
        async with recorded(request, who, Act.BOOKMARK_WITHDRAW, code):
            return shape(who, await bookmarks.withdraw(who, code, bookmark_id, body.reason))

    return routes
