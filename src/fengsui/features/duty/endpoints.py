"""Duty and emergency access over HTTP."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Request

from fengsui.features.access import Access, FactorProof, Function, Named, Principal, address_of, origin_of, recorded, require
from fengsui.features.approvals import Approvals, RequestShape, request_shape
from fengsui.features.audit import Act
from fengsui.features.duty.centre_removal import NAME as REMOVAL
from fengsui.features.duty.centre_removal import CentreRemoval
from fengsui.features.duty.emergency_endpoints import router as emergency_router
from fengsui.features.duty.handover import Acknowledged
from fengsui.features.duty.log_endpoints import matter_shape
from fengsui.features.duty.log_endpoints import router as log_router
from fengsui.features.duty.model import Centre, Extension, Permit, Shift, ShiftState
from fengsui.features.duty.rooms import DutyRooms
from fengsui.features.duty.roster_endpoints import router as roster_router
from fengsui.features.duty.schemas import (
    AbsentShape,
    Accept,
    CentreOrder,
    CentreShape,
    DutyProof,
    DutyShape,
    EndedShape,
    EndOrder,
    ExtensionOrder,
    ExtensionShape,
    HandOver,
    NextCentreOrder,
    NextCentreShape,
    PermitOrder,
    PermitShape,
    RemovalOrder,
    ShiftShape,
    SignOff,
    SignOn,
)
from fengsui.features.duty.vacancies import Absence
from fengsui.late_routes import LateRoutes

DutyLooker = Annotated[Principal, Depends(require(Function.LOOK_AROUND, Function.READ_DUTY_LOG))]
Worker = Annotated[Principal, Depends(require(Function.TAKE_DUTY))]
Supervisor = Annotated[Principal, Depends(require(Function.MANAGE_DUTY))]


def _time(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def _extension(word: Extension) -> ExtensionShape:
    by, late = (word.name, "") if word.by else ("", word.name)
    return ExtensionShape(by=by, late=late, until=_time(word.until), reason=word.reason)


def _shift(one: Shift, successor: str, people: Mapping[int, Named]) -> ShiftShape:
    def full_name(user: int) -> str:
        found = people.get(user)
        return "" if found is None else found.full_name

    return ShiftShape(
        id=one.id,
        centre=one.centre,
        seat=one.seat,
        user_id=one.user_id,
        name=one.name,
        full_name=full_name(one.user_id),
        since=_time(one.since),
        until=_time(one.until),
        state=one.state,
        successor=one.successor,
        successor_name=successor,
        successor_full_name=full_name(one.successor),
        remarks=one.remarks,
        due=_time(one.due),
        extensions=[_extension(word) for word in one.extensions],
    )


def _absent(one: Absence) -> AbsentShape:
    name, full_name, since = one.person.name, one.person.full_name, _time(one.slot.since)
    return AbsentShape(seat=one.slot.seat, name=name, full_name=full_name, since=since, taken_away=one.taken_away)


def proof_of(request: Request, body: DutyProof) -> FactorProof:
    """What is shown anew, on the pages that the request came by."""
    return FactorProof(body.code.strip(), body.credential, origin_of(request))


def _permit(one: Permit) -> PermitShape:
    return PermitShape(
        user_id=one.user_id, person=one.person, by=one.word.name, until=_time(one.word.until), reason=one.word.reason
    )


def router(rooms: DutyRooms, access: Access, approvals: Approvals) -> LateRoutes:
    """The routes of duty."""
    routes = LateRoutes(tags=["duty"])

    async def people_of(shifts: Iterable[Shift]) -> Mapping[int, Named]:
        """Who sits there and who is to follow, in one look at the people."""
        return await access.persons.named(user for one in shifts for user in (one.user_id, one.successor) if user)

    async def shift_shape(one: Shift) -> ShiftShape:
        return _shift(one, rooms.duty.successor_of(one), await people_of([one]))

    async def centre_shape(one: Centre, who: Principal, people: Mapping[int, Named]) -> CentreShape:
        """A centre may answer for more than the reader may look at: who sits there answers for all of it."""
        shifts, mine, scope = rooms.duty.shifts_at(one.id), rooms.duty.mine(who.user_id), access.scope(who, Function.LOOK_AROUND)
        sits = mine is not None and mine.centre == one.id
        # To whom a seat is offered there: as whoever leaves it hands it on.
        offered = next((shift.user_id for shift in shifts if shift.successor == who.user_id), None)
        matters = await rooms.duty.open_matters(one, mine.user_id if offered is None and mine and sits else offered)
        sits = sits or offered is not None  # who is to accept each by name is told each
        return CentreShape(
            id=one.id,
            name=one.name,
            area=one.area,
            seats=one.seats,
            min_staff=one.min_staff,
            short=len(shifts) < one.min_staff,
            last=rooms.duty.is_free(one.area, but=one.id),
            shifts=[_shift(shift, rooms.duty.successor_of(shift), people) for shift in shifts],
            permits=[_permit(permit) for permit in rooms.permits.at(one.id)],
            absent=[_absent(absence) for absence in rooms.vacancies.at(one.id)],
            matters=[matter_shape(matter) for matter in matters if sits or scope.holds(matter.area)],
            following=following_shape(one),
        )

    def following_shape(one: Centre) -> NextCentreShape | None:
        next_one = None if one.following is None else rooms.duty.known(one.following.centre)
        if one.following is None or next_one is None:
            return None
        return NextCentreShape(centre=next_one.id, name=next_one.name, minutes=round(one.following.after_s / 60))

    def ended_shape(who: Principal) -> EndedShape | None:
        found = rooms.duty.ended_of(who.user_id)
        if found is None:
            return None
        centre = next((one.name for one in rooms.duty.centres() if one.id == found.centre), "")
        reason = found.remarks if found.ended_by else ""
        return EndedShape(
            shift=found.id, centre=centre, seat=found.seat, by=found.ended_by, reason=reason, at=_time(found.ended_at)
        )

    @routes.get("/duty", operation_id="getDuty")
    async def look(who: DutyLooker) -> DutyShape:
        """Centres of one's own area, who sits there, and one's own shift."""
        scopes = [access.scope(who, one) for one in (Function.LOOK_AROUND, Function.READ_DUTY_LOG)]
        mine = rooms.duty.mine(who.user_id)
        everybody = [shift for centre in rooms.duty.centres() for shift in rooms.duty.shifts_at(centre.id)]
        offered = next((one for one in everybody if one.state is ShiftState.HANDING_OVER and one.successor == who.user_id), None)
        people = await people_of(everybody)
        around = [one for one in rooms.duty.centres() if any(scope.touches(one.area) for scope in scopes)]
        return DutyShape(
            kept=bool(rooms.duty.centres()),
            free=rooms.duty.free_without_centre,
            at_sign_in=rooms.duty.at_sign_in,
            factor=rooms.duty.factor_needed,
            swaps=rooms.swaps.waiting_for(who),
            mine=None if mine is None else await shift_shape(mine),
            ended=ended_shape(who),
            uses=[] if mine is None else [matter_shape(one) for one in rooms.hand_overs.left_by(who.user_id)],
            offered=None if offered is None else await shift_shape(offered),
            centres=[await centre_shape(one, who, people) for one in around],
        )

    @routes.post("/duty/centres", status_code=201, operation_id="addCentre")
    async def add_centre(request: Request, who: Supervisor, body: CentreOrder) -> CentreShape:
        """Set up a centre; from then on live pictures of its area need a shift or a use ticket."""
        async with recorded(request, who, Act.DUTY_CENTRE_ADD, body.name):
            added = await rooms.duty.add_centre(who, body.name.strip(), body.area, body.seats, body.min_staff)
            return await centre_shape(added, who, {})

    @routes.delete("/duty/centres/{centre}", status_code=204, operation_id="removeCentre")
    async def remove_centre(request: Request, who: Supervisor, centre: int) -> None:
        """Give a centre up whose area another one answers for as well; the last one takes two persons."""
        async with recorded(request, who, Act.DUTY_CENTRE_REMOVE, str(centre)):
            await rooms.duty.remove_centre(who, centre)

    @routes.put("/duty/centres/{centre}/next", operation_id="setNextCentre")
    async def set_next(request: Request, who: Supervisor, centre: int, body: NextCentreOrder) -> CentreShape:
        """Say where alarms of a centre go that nobody takes there: by whoever manages duty at both."""
        async with recorded(request, who, Act.DUTY_CENTRE_NEXT, str(centre)):
            changed = await rooms.following.set(who, centre, body.centre, body.minutes * 60.0)
            return await centre_shape(changed, who, await people_of(rooms.duty.shifts_at(centre)))

    @routes.post("/duty/centres/{centre}/removal", status_code=202, operation_id="proposeCentreRemoval")
    async def propose_removal(request: Request, who: Supervisor, centre: int, body: RemovalOrder) -> RequestShape:
        """Ask to give the last centre of an area up; a security administrator approves, and it waits (rules A5, A37)."""
        asker = replace(who, address=address_of(request))
        async with recorded(request, who, Act.APPROVAL_ASK, str(centre)):
            content = CentreRemoval.content_of(rooms.duty.centre(centre))
        return request_shape(approvals, who, await approvals.ask(asker, REMOVAL, content, body.reason))

    @routes.post("/duty/shift", status_code=201, operation_id="signOn")
    async def sign_on(request: Request, who: Worker, body: SignOn) -> ShiftShape:
        """Sit down: the duty ticket for live viewing opens."""
        async with recorded(request, who, Act.DUTY_SIGN_ON, str(body.centre)):
            return await shift_shape(await rooms.duty.sign_on(who, body.centre, body.seat, proof_of(request, body)))

    @routes.post("/duty/shift/hand-over", operation_id="handOver")
    async def hand_over(request: Request, who: Worker, body: HandOver) -> ShiftShape:
        """Offer the seat to a successor, who accepts each open matter by name."""
        async with recorded(request, who, Act.DUTY_HAND_OVER, str(body.successor)):
            return await shift_shape(await rooms.hand_overs.hand_over(who, body.successor, body.remarks.strip()))

    @routes.post("/duty/shifts/{shift}/accept", status_code=201, operation_id="acceptShift")
    async def accept(request: Request, who: Worker, shift: int, body: Accept) -> ShiftShape:
        """Take a seat over."""
        known = Acknowledged(body.orders, body.entry, frozenset(body.down))
        async with recorded(request, who, Act.DUTY_ACCEPT, str(shift)):
            return await shift_shape(await rooms.hand_overs.accept(who, shift, body.matters, known, proof_of(request, body)))

    @routes.post("/duty/shift/sign-off", status_code=204, operation_id="signOff")
    async def sign_off(request: Request, who: Worker, body: SignOff) -> None:
        """Leave a seat to nobody; every stream that was opened on duty ends."""
        async with recorded(request, who, Act.DUTY_SIGN_OFF, ""):
            await rooms.duty.sign_off(who, body.reason.strip())

    @routes.post("/duty/shifts/{shift}/end", status_code=204, operation_id="endShift")
    async def end(request: Request, who: Supervisor, shift: int, body: EndOrder) -> None:
        """End somebody else's shift at once, with a reason that they are told; the seat is vacant."""
        async with recorded(request, who, Act.DUTY_END, str(shift)):
            await rooms.duty.end_for(who, shift, body.reason.strip())

    @routes.post("/duty/shifts/{shift}/extension", operation_id="extendShift")
    async def extend(request: Request, who: Supervisor, shift: int, body: ExtensionOrder) -> ShiftShape:
        """Have somebody stay behind the end of the shift, by name and with a reason, as long as the policy lets them."""
        async with recorded(request, who, Act.DUTY_EXTEND, str(shift)):
            return await shift_shape(await rooms.permits.extend(who, shift, body.until.timestamp(), body.reason.strip()))

    @routes.post("/duty/centres/{centre}/permits", status_code=201, operation_id="permitDuty")
    async def permit(request: Request, who: Supervisor, centre: int, body: PermitOrder) -> PermitShape:
        """Let somebody sign on before their rest is over, by name and with a reason."""
        async with recorded(request, who, Act.DUTY_PERMIT, str(centre)):
            return _permit(await rooms.permits.permit(who, centre, body.user_id, body.until.timestamp(), body.reason.strip()))

    routes.include_router(roster_router(rooms))
    routes.include_router(log_router(rooms))
    routes.include_router(emergency_router(rooms, access))
    return routes
