"""Use tickets over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request

from fengsui.clock import Clock
from fengsui.features.access import Function, Principal, require
from fengsui.features.audit import Act
from fengsui.features.policy import Policy
from fengsui.features.policy.model import TEXTS
from fengsui.features.tickets.actions import Tickets
from fengsui.features.tickets.model import Bounds, UseTicket
from fengsui.features.tickets.recorded import recorded
from fengsui.features.tickets.schemas import (
    PurposeList,
    PurposeShape,
    Review,
    TicketBounds,
    TicketChange,
    TicketList,
    TicketOrder,
    TicketShape,
    UnmatchedList,
    UnmatchedShape,
)

Asker = Annotated[Principal, Depends(require(Function.OPEN_TICKET))]
Supervisor = Annotated[Principal, Depends(require(Function.MANAGE_DUTY))]
Number = Annotated[str, Path(pattern=r"^UT\d{8}-\d{4,8}$")]


def bounds_of(shape: TicketBounds) -> Bounds:
    """From the wire."""
    return Bounds(frozenset(shape.cameras), shape.area, shape.since.timestamp(), shape.until.timestamp())


def _time(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def ticket_shape(one: UseTicket, reason: str, now: float) -> TicketShape:
    """As its holder sees it."""
    return TicketShape(
        number=one.number,
        version=one.version,
        purpose=one.purpose,
        case_number=one.case_number,
        case_match=one.match,
        legal_basis=one.legal_basis,
        reason=reason,
        opens=sorted(one.opens),
        cameras=sorted(one.bounds.cameras),
        area=one.bounds.area,
        since=_time(one.bounds.since),
        until=_time(one.bounds.until),
        opened_at=_time(one.opened_at),
        expires_at=_time(one.expires_at),
        state="open" if one.is_open(now) else "closed" if one.closed_at else "expired",
    )


def router(tickets: Tickets, policy: Policy, clock: Clock) -> APIRouter:
    """The routes of use tickets."""
    routes = APIRouter(tags=["tickets"])

    @routes.get("/ticket-purposes", operation_id="listPurposes")
    async def purposes(who: Asker) -> PurposeList:
        """The closed list of purposes by the policy pack in force."""
        pack = policy.effective
        if pack is None:
            return PurposeList(items=[], default_hours=0, longest_hours=0)
        items = [
            PurposeShape(
                code=purpose,
                zh=TEXTS[f"purpose.{purpose}"][0],
                en=TEXTS[f"purpose.{purpose}"][1],
                functions=sorted(one.value for one in rule.functions),
                case_number=rule.case_number.value,
                basis=list(rule.basis),
            )
            for purpose, rule in pack.purposes.items()
        ]
        return PurposeList(items=items, default_hours=pack.tickets.default_hours, longest_hours=pack.tickets.longest_hours)

    @routes.get("/tickets", operation_id="listTickets")
    async def mine(who: Asker) -> TicketList:
        """One's own tickets."""
        now = clock.now().timestamp()
        return TicketList(items=[ticket_shape(one, reason, now) for one, reason in await tickets.mine(who)])

    @routes.post("/tickets", status_code=201, operation_id="openTicket")
    async def open_ticket(request: Request, who: Asker, body: TicketOrder) -> TicketShape:
        """Say why, on what ground, which cameras and which time."""
        async with recorded(request, who, Act.TICKET_OPEN, ""):
            made = await tickets.open(
                who,
                body.purpose,
                body.case_number.strip(),
                body.legal_basis,
                bounds_of(body.bounds),
                hours=body.hours,
                reason=body.reason.strip(),
            )
            return ticket_shape(made, body.reason, clock.now().timestamp())

    @routes.post("/tickets/{number}/versions", status_code=201, operation_id="changeTicket")
    async def change(request: Request, who: Asker, number: Number, body: TicketChange) -> TicketShape:
        """Renew, narrow or widen: another version with its reason."""
        async with recorded(request, who, Act.TICKET_CHANGE, number):
            made = await tickets.change(who, number, bounds_of(body.bounds), body.hours, body.reason.strip())
            return ticket_shape(made, body.reason, clock.now().timestamp())

    @routes.delete("/tickets/{number}", status_code=204, operation_id="closeTicket")
    async def close(request: Request, who: Asker, number: Number) -> None:
        """What it opened ends."""
        async with recorded(request, who, Act.TICKET_CLOSE, number):
            await tickets.close(who, number)

    @routes.get("/unmatched-tickets", operation_id="listUnmatchedTickets")
    async def unmatched(who: Supervisor) -> UnmatchedList:
        """Tickets of the last thirty days whose case number the register does not know."""
        items = [
            UnmatchedShape(ticket=ticket, user_id=user, case_number=case, opened_at=opened, suspended=suspended)
            for ticket, user, case, opened, suspended in await tickets.unmatched()
        ]
        return UnmatchedList(items=items)

    @routes.post("/unmatched-tickets/reconcile", operation_id="reconcileTickets")
    async def reconcile(who: Supervisor) -> UnmatchedList:
        """Ask the register now; it is asked each night at three as well."""
        await tickets.reconcile(who)
        return await unmatched(who)

    @routes.post("/unmatched-tickets/reviews/{user_id}", status_code=204, operation_id="reviewTickets")
    async def review(request: Request, who: Supervisor, user_id: int, body: Review) -> None:
        """Open somebody's recorded access again."""
        async with recorded(request, who, Act.TICKET_REVIEW, str(user_id)):
            await tickets.review(who, user_id, body.note.strip())

    return routes
