"""Requests of two persons over HTTP. Asking is at the endpoint of the feature that owns the act."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Path, Query, Request

from fengsui.features.access import RANK_TEXTS, Function, Principal, address_of, require
from fengsui.features.approvals.actions import Approvals, Box
from fengsui.features.approvals.model import State
from fengsui.features.approvals.queries import Row
from fengsui.features.approvals.rows import asked_of
from fengsui.features.approvals.schemas import (
    Approval,
    CandidateShape,
    DifferenceShape,
    DocumentShape,
    OpenedRequest,
    RequestList,
    RequestShape,
    WithReason,
)
from fengsui.late_routes import LateRoutes

MOST_CANDIDATES = 50
RequestId = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$")]


async def _person(
    request: Request, who: Annotated[Principal, Depends(require(Function.APPROVE, Function.READ_AUDIT))]
) -> Principal:
    """Whoever takes part, with the address that this very request came from."""
    return replace(who, address=address_of(request))


Person = Annotated[Principal, Depends(_person)]


def _time(at: float) -> datetime | None:
    return datetime.fromtimestamp(at, UTC) if at else None


def request_shape(approvals: Approvals, who: Principal, row: Row) -> RequestShape:
    """A request as whoever asks sees it."""
    kind = approvals.kind(row.kind)
    return RequestShape(
        number=row.number,
        id=row.id,
        kind=row.kind,
        kind_zh=kind.zh if kind is not None else row.kind,
        kind_en=kind.en if kind is not None else row.kind,
        target=row.target,
        reason=row.reason,
        state=State(row.state),
        asked_by=row.asked_name,
        asked_address=row.asked_address,
        asked_at=datetime.fromtimestamp(row.asked_at, UTC),
        expires_at=datetime.fromtimestamp(row.expires_at, UTC),
        mine=row.asked_by == who.user_id,
        decided_by=row.decided_name,
        decided_at=_time(row.decided_at),
        due_at=_time(approvals.due_at(row)),
        ended_by=row.ended_by,
        ended_at=_time(row.ended_at),
        ended_reason=row.ended_reason,
    )


def router(approvals: Approvals) -> LateRoutes:
    """The routes of requests."""
    routes = LateRoutes(prefix="/approvals", tags=["approvals"])

    @routes.get("", operation_id="listApprovals")
    async def requests(
        who: Person,
        box: Box = "waiting",
        cursor: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> RequestList:
        """What waits for me, what I asked for, what is approved and not due yet, what has ended."""
        rows = await approvals.page(who, box, cursor, limit)
        return RequestList(
            items=[request_shape(approvals, who, row) for row in rows],
            next=rows[-1].number if len(rows) == limit else None,
            waiting=await approvals.waiting(who),
            same_workstation=approvals.same_workstation,
        )

    @routes.get("/{request}", operation_id="openApproval")
    async def read(who: Person, request: RequestId) -> OpenedRequest:
        """The full content. That it was opened is recorded: without it nobody can approve."""
        opened = await approvals.open(who, request)
        asked = asked_of(opened.row)
        return OpenedRequest(
            request=request_shape(approvals, who, opened.row),
            title_zh=opened.description.title_zh,
            title_en=opened.description.title_en,
            differences=[DifferenceShape(**asdict(one)) for one in opened.description.differences],
            content=asked.content,
            document=DocumentShape.model_validate(asdict(asked.document)) if asked.document is not None else None,
            hash=opened.row.hash,
            may_approve=opened.may_approve,
            may_withdraw=opened.may_withdraw,
            rank=opened.rank,
            rank_zh="" if opened.rank is None else RANK_TEXTS[opened.rank][0],
            rank_en="" if opened.rank is None else RANK_TEXTS[opened.rank][1],
            candidates=[CandidateShape(**asdict(one)) for one in opened.candidates[:MOST_CANDIDATES]],
            against_zh="" if opened.against is None else opened.against.text_zh,
            against_en="" if opened.against is None else opened.against.text_en,
        )

    @routes.post("/{request}/approve", operation_id="approveRequest")
    async def approve(who: Person, request: RequestId, body: Approval) -> RequestShape:
        """Approve as the second person; it happens now, or when its wait is over."""
        return request_shape(approvals, who, await approvals.approve(who, request, body.hash))

    @routes.post("/{request}/refuse", operation_id="refuseRequest")
    async def refuse(who: Person, request: RequestId, body: WithReason) -> RequestShape:
        """Refuse, with a reason that the requester reads."""
        return request_shape(approvals, who, await approvals.refuse(who, request, body.reason))

    @routes.post("/{request}/withdraw", operation_id="withdrawRequest")
    async def withdraw(who: Person, request: RequestId, body: WithReason) -> RequestShape:
        """Take it back before it takes effect."""
        return request_shape(approvals, who, await approvals.withdraw(who, request, body.reason))

    return routes
