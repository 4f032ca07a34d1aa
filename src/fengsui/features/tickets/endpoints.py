"""Use tickets over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Path, Request

from fengsui.clock import Clock
from fengsui.features.access import Function, Principal, recorded, require
from fengsui.features.audit import Act
from fengsui.features.policy import POLICY_TEXTS, Policy
from fengsui.features.tickets.actions import Tickets
from fengsui.features.tickets.case_numbers import CaseNumbers, Unmatched
from fengsui.features.tickets.model import Bounds, UseTicket
from fengsui.features.tickets.schemas import (
    NoteShape,
    PurposeList,
    PurposeShape,
    Review,
    Said,
    TicketBounds,
    TicketChange,
    TicketList,
    TicketOrder,
    TicketShape,
    UnmatchedList,
    UnmatchedShape,
    UseTicketOrder,
    UseTicketShape,
)
from fengsui.late_routes import LateRoutes

Asker = Annotated[Principal, Depends(require(Function.OPEN_TICKET))]
Supervisor = Annotated[Principal, Depends(require(Function.MANAGE_DUTY))]
Number = Annotated[str, Path(pattern=r"^UT\d{8}-\d{4,8}$")]


def bounds_of(shape: TicketBounds) -> Bounds:
    """From the wire."""
    return Bounds(frozenset(shape.cameras), shape.area, shape.since.timestamp(), shape.until.timestamp())


def _time(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def state_of(one: UseTicket, now: float) -> str:
    """`open`, `expired`, `closed`."""
    return "open" if one.is_open(now) else "closed" if one.closed_at else "expired"


def ticket_shape(one: UseTicket, now: float, answer: str = "") -> TicketShape:
    """As its holder sees it."""
    return TicketShape(
        number=one.number,
        version=one.version,
        purpose=one.purpose,
        case_number=one.case_number,
        case_match=one.match,
        answer=answer,
        legal_basis=one.legal_basis,
        reason=one.reason,
        opens=sorted(one.opens),
        cameras=sorted(one.bounds.cameras),
        area=one.bounds.area,
        since=_time(one.bounds.since),
        until=_time(one.bounds.until),
        opened_at=_time(one.opened_at),
        expires_at=_time(one.expires_at),
        state=state_of(one, now),
    )


def _unmatched(one: Unmatched, who: Principal, now: float) -> UnmatchedShape:
    ticket, holder = one.ticket, one.holder
    return UnmatchedShape(
        ticket=ticket.number,
        state=state_of(ticket, now),
        purpose_zh=POLICY_TEXTS[f"purpose.{ticket.purpose}"][0],
        purpose_en=POLICY_TEXTS[f"purpose.{ticket.purpose}"][1],
        user_id=ticket.user_id,
        name=holder.name,
        full_name=holder.full_name,
        unit=holder.unit,
        mine=ticket.user_id == who.user_id,
        case_number=ticket.case_number,
        opened_at=_time(ticket.opened_at),
        suspended=one.suspended,
        notes=[NoteShape(kind=note.kind, by=note.by, text=note.text, at=_time(note.at)) for note in one.notes],
    )


def router(tickets: Tickets, numbers: CaseNumbers, policy: Policy, clock: Clock) -> LateRoutes:
    """The routes of use tickets."""
    routes = LateRoutes(tags=["tickets"])

    @routes.get("/ticket-purposes", operation_id="listPurposes")
    async def purposes(who: Asker) -> PurposeList:
        """The closed list of purposes by the policy pack in force."""
        pack = policy.effective
        if pack is None:
            return PurposeList(items=[], default_hours=0, longest_hours=0, without_case_hours=0)
        items = [
            PurposeShape(
                code=purpose,
                zh=POLICY_TEXTS[f"purpose.{purpose}"][0],
                en=POLICY_TEXTS[f"purpose.{purpose}"][1],
                functions=sorted(one.value for one in rule.functions),
                case_number=rule.case_number.value,
                basis=list(rule.basis),
            )
            for purpose, rule in pack.purposes.items()
        ]
        return PurposeList(items=items, **pack.tickets.model_dump())

    @routes.get("/tickets", operation_id="listTickets")
    async def mine(who: Asker) -> TicketList:
        """One's own tickets."""
        now = clock.now().timestamp()
        answers = await numbers.answers(who.user_id)
        mine = await tickets.mine(who)
        return TicketList(items=[ticket_shape(one, now, answers.get(one.number, "")) for one in mine])

    async def opened(request: Request, who: Principal, body: TicketOrder) -> UseTicket:
        async with recorded(request, who, Act.TICKET_OPEN, ""):
            return await tickets.open(
                who,
                body.purpose,
                body.case_number.strip(),
                body.legal_basis,
                bounds_of(body.bounds),
                hours=body.hours,
                reason=body.reason.strip(),
            )

    @routes.post("/tickets", status_code=201, operation_id="openTicket")
    async def open_ticket(request: Request, who: Asker, body: TicketOrder) -> TicketShape:
        """Say why, on what ground, which cameras and which time."""
        return ticket_shape(await opened(request, who, body), clock.now().timestamp())

    @routes.post("/use-tickets", status_code=201, operation_id="openUseTicket")
    async def open_use_ticket(request: Request, who: Asker, body: UseTicketOrder) -> UseTicketShape:
        """The same as `openTicket`, by cameras alone and in fewer words."""
        bounds = TicketBounds(cameras=body.cameras, since=body.since, until=body.until)
        order = TicketOrder(
            purpose=body.purpose,
            case_number=body.case,
            legal_basis=body.legal_basis,
            bounds=bounds,
            hours=body.hours,
            reason=body.reason,
        )
        made = await opened(request, who, order)
        return UseTicketShape(id=made.number, expires_at=_time(made.expires_at))

    @routes.post("/tickets/{number}/versions", status_code=201, operation_id="changeTicket")
    async def change(request: Request, who: Asker, number: Number, body: TicketChange) -> TicketShape:
        """Renew, narrow or widen: another version with its reason."""
        async with recorded(request, who, Act.TICKET_CHANGE, number):
            made = await tickets.change(who, number, bounds_of(body.bounds), body.hours, body.reason.strip())
            return ticket_shape(made, clock.now().timestamp())

    @routes.delete("/tickets/{number}", status_code=204, operation_id="closeTicket")
    async def close(request: Request, who: Asker, number: Number) -> None:
        """What it opened ends."""
        async with recorded(request, who, Act.TICKET_CLOSE, number):
            await tickets.close(who, number)

    @routes.post("/tickets/{number}/answer", status_code=204, operation_id="answerForNumber")
    async def answer(request: Request, who: Asker, number: Number, body: Said) -> None:
        """Why no register knows the case number."""
        async with recorded(request, who, Act.TICKET_ANSWER, number):
            await numbers.answer(who, number, body.text.strip())

    @routes.get("/unmatched-tickets", operation_id="listUnmatchedTickets")
    async def unmatched(who: Supervisor) -> UnmatchedList:
        """Tickets, of people in one's area, with a case number that no register knows: open ones, and until a review."""
        now, last = clock.now().timestamp(), numbers.last_for(who)
        return UnmatchedList(
            items=[_unmatched(one, who, now) for one in await numbers.unmatched(who)],
            connected=numbers.connected,
            asked_at=None if last is None else last.at,
            next_at=numbers.next_night(),
            trouble_zh="" if last is None else last.trouble[0],
            trouble_en="" if last is None else last.trouble[1],
        )

    @routes.post("/unmatched-tickets/reconcile", operation_id="reconcileTickets")
    async def reconcile(who: Supervisor) -> UnmatchedList:
        """Ask the register now; it is asked each night at three as well."""
        await numbers.reconcile(who)
        return await unmatched(who)

    @routes.post("/unmatched-tickets/reviews/{user_id}", status_code=204, operation_id="reviewTickets")
    async def review(request: Request, who: Supervisor, user_id: int, body: Review) -> None:
        """Open somebody's recorded access again."""
        async with recorded(request, who, Act.TICKET_REVIEW, str(user_id)):
            await numbers.review(who, user_id, body.note.strip())

    @routes.post("/unmatched-tickets/{number}/accept", status_code=204, operation_id="acceptAnswer")
    async def accept(request: Request, who: Supervisor, number: Number, body: Said) -> None:
        """The holder's answer explains the number: it counts no more."""
        async with recorded(request, who, Act.TICKET_SETTLE, number):
            await numbers.accept(who, number, body.text.strip())

    @routes.post("/unmatched-tickets/{number}/close", status_code=204, operation_id="closeUnmatched")
    async def close_unmatched(request: Request, who: Supervisor, number: Number, body: Said) -> None:
        """End somebody's ticket: what it opened ends, and the number goes on to count."""
        async with recorded(request, who, Act.TICKET_SETTLE, number):
            await numbers.close(who, number, body.text.strip())

    return routes
