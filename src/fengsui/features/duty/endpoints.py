"""Duty and emergency access over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import AwareDatetime

from fengsui.clock import Clock
from fengsui.features.access import Access, Function, Principal, require
from fengsui.features.access.posts import classes_of
from fengsui.features.audit import Act
from fengsui.features.duty.actions import Duty
from fengsui.features.duty.emergency import Emergencies
from fengsui.features.duty.model import Centre, Shift, ShiftState, Slot
from fengsui.features.duty.queries import Row
from fengsui.features.duty.schemas import (
    Accept,
    CentreOrder,
    CentreShape,
    DutyShape,
    EmergencyList,
    EmergencyOrder,
    EmergencyReport,
    EmergencyShape,
    EmergencyVerdict,
    HandOver,
    MatterShape,
    ShiftShape,
    SignOff,
    SignOn,
    SlotList,
    SlotOrder,
    SlotShape,
)
from fengsui.features.tickets.recorded import recorded

Looker = Annotated[Principal, Depends(require(Function.LOOK_AROUND))]
Worker = Annotated[Principal, Depends(require(Function.TAKE_DUTY))]
Supervisor = Annotated[Principal, Depends(require(Function.MANAGE_DUTY))]
Asker = Annotated[Principal, Depends(require(Function.OPEN_TICKET))]
ROSTER_DAYS_S = 32 * 86_400.0


def _time(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def _shift(one: Shift) -> ShiftShape:
    return ShiftShape(
        id=one.id,
        centre=one.centre,
        seat=one.seat,
        user_id=one.user_id,
        name=one.name,
        since=_time(one.since),
        until=_time(one.until),
        state=one.state,
        successor=one.successor,
        remarks=one.remarks,
    )


def _slot(one: Slot) -> SlotShape:
    return SlotShape(id=one.id, seat=one.seat, user_id=one.user_id, since=_time(one.since), until=_time(one.until))


def _emergency(row: Row, who: Principal, now: float) -> EmergencyShape:
    waits = "verdict-due" if row.reported_at else "report-due" if now >= row.ends_at else "open"
    return EmergencyShape(
        id=row.id,
        name=row.name,
        area=row.area,
        classes=classes_of(row.classes),
        danger=row.danger,
        said=row.said,
        ticket=row.ticket,
        opened_at=_time(row.opened_at),
        ends_at=_time(row.ends_at),
        report=row.report,
        verdict=row.verdict,
        note=row.note,
        state="judged" if row.judged_at else waits,
        mine=row.user_id == who.user_id,
    )


def router(duty: Duty, emergencies: Emergencies, access: Access, clock: Clock) -> APIRouter:
    """The routes of duty."""
    routes = APIRouter(tags=["duty"])

    def centre_shape(one: Centre) -> CentreShape:
        shifts = duty.shifts_at(one.id)
        return CentreShape(
            id=one.id,
            name=one.name,
            area=one.area,
            seats=one.seats,
            min_staff=one.min_staff,
            short=len(shifts) < one.min_staff,
            shifts=[_shift(shift) for shift in shifts],
            matters=[MatterShape(id=matter.id, zh=matter.zh, en=matter.en) for matter in duty.open_matters(one)],
        )

    @routes.get("/duty", operation_id="getDuty")
    async def look(who: Looker) -> DutyShape:
        """Centres of one's own area, who sits there, and one's own shift."""
        scope = access.scope(who, Function.LOOK_AROUND)
        mine = duty.mine(who.user_id)
        everybody = [shift for centre in duty.centres() for shift in duty.shifts_at(centre.id)]
        offered = next((one for one in everybody if one.state is ShiftState.HANDING_OVER and one.successor == who.user_id), None)
        return DutyShape(
            kept=bool(duty.centres()),
            mine=None if mine is None else _shift(mine),
            offered=None if offered is None else _shift(offered),
            centres=[centre_shape(one) for one in duty.centres() if scope.touches(one.area)],
        )

    @routes.post("/duty/centres", status_code=201, operation_id="addCentre")
    async def add_centre(request: Request, who: Supervisor, body: CentreOrder) -> CentreShape:
        """Set up a centre; from the first one on live pictures need a shift or a use ticket."""
        async with recorded(request, who, Act.DUTY_CENTRE_ADD, body.name):
            return centre_shape(await duty.add_centre(who, body.name.strip(), body.area, body.seats, body.min_staff))

    @routes.delete("/duty/centres/{centre}", status_code=204, operation_id="removeCentre")
    async def remove_centre(request: Request, who: Supervisor, centre: int) -> None:
        """Give a centre up."""
        async with recorded(request, who, Act.DUTY_CENTRE_REMOVE, str(centre)):
            await duty.remove_centre(who, centre)

    @routes.get("/duty/centres/{centre}/slots", operation_id="listSlots")
    async def list_slots(who: Looker, centre: int, since: Annotated[AwareDatetime, Query()]) -> SlotList:
        """The roster of a month from `since` on."""
        start = since.timestamp()
        return SlotList(items=[_slot(one) for one in await duty.roster(centre, start, start + ROSTER_DAYS_S)])

    @routes.post("/duty/centres/{centre}/slots", status_code=201, operation_id="addSlot")
    async def add_slot(request: Request, who: Supervisor, centre: int, body: SlotOrder) -> SlotShape:
        """Put somebody on the roster."""
        async with recorded(request, who, Act.DUTY_ROSTER, str(centre)):
            return _slot(await duty.add_slot(who, centre, body.seat, body.user_id, body.since.timestamp(), body.until.timestamp()))

    @routes.delete("/duty/centres/{centre}/slots/{slot}", status_code=204, operation_id="removeSlot")
    async def remove_slot(request: Request, who: Supervisor, centre: int, slot: int) -> None:
        """Take somebody off the roster."""
        async with recorded(request, who, Act.DUTY_ROSTER, str(centre)):
            await duty.remove_slot(who, centre, slot)

    @routes.post("/duty/shift", status_code=201, operation_id="signOn")
    async def sign_on(request: Request, who: Worker, body: SignOn) -> ShiftShape:
        """Sit down: the duty ticket for live viewing opens."""
        async with recorded(request, who, Act.DUTY_SIGN_ON, str(body.centre)):
            return _shift(await duty.sign_on(who, body.centre, body.seat))

    @routes.post("/duty/shift/hand-over", operation_id="handOver")
    async def hand_over(request: Request, who: Worker, body: HandOver) -> ShiftShape:
        """Offer the seat to a successor, who accepts each open matter by name."""
        async with recorded(request, who, Act.DUTY_HAND_OVER, str(body.successor)):
            return _shift(await duty.hand_over(who, body.successor, body.remarks.strip()))

    @routes.post("/duty/shifts/{shift}/accept", status_code=201, operation_id="acceptShift")
    async def accept(request: Request, who: Worker, shift: int, body: Accept) -> ShiftShape:
        """Take a seat over."""
        async with recorded(request, who, Act.DUTY_ACCEPT, str(shift)):
            return _shift(await duty.accept(who, shift, body.matters))

    @routes.post("/duty/shift/sign-off", status_code=204, operation_id="signOff")
    async def sign_off(request: Request, who: Worker, body: SignOff) -> None:
        """Leave a seat to nobody; every stream that was opened on duty ends."""
        async with recorded(request, who, Act.DUTY_SIGN_OFF, ""):
            await duty.sign_off(who, body.reason.strip())

    @routes.get("/emergencies", operation_id="listEmergencies")
    async def list_emergencies(who: Asker) -> EmergencyList:
        """One's own, and those of one's area for supervisors."""
        now = clock.now().timestamp()
        scope = access.scope(who, Function.MANAGE_DUTY)
        rows = [row for row in await emergencies.all() if row.user_id == who.user_id or scope.holds(row.area)]
        return EmergencyList(items=[_emergency(row, who, now) for row in rows])

    @routes.post("/emergencies", status_code=201, operation_id="openEmergency")
    async def open_emergency(request: Request, who: Asker, body: EmergencyOrder) -> EmergencyShape:
        """Danger to life: an area's pictures at once, for minutes; report within a day, verdict by somebody else."""
        async with recorded(request, who, Act.EMERGENCY_OPEN, body.area):
            number = await emergencies.begin(who, body.area, body.danger, body.said.strip(), body.proof)
            row = next(one for one in await emergencies.all() if one.id == number)
            return _emergency(row, who, clock.now().timestamp())

    @routes.post("/emergencies/{number}/report", status_code=204, operation_id="reportEmergency")
    async def report(request: Request, who: Asker, number: int, body: EmergencyReport) -> None:
        """What happened."""
        async with recorded(request, who, Act.EMERGENCY_REPORT, str(number)):
            await emergencies.report(who, number, body.report.strip())

    @routes.post("/emergencies/{number}/verdict", status_code=204, operation_id="judgeEmergency")
    async def judge(request: Request, who: Supervisor, number: int, body: EmergencyVerdict) -> None:
        """Whether it was justified."""
        async with recorded(request, who, Act.EMERGENCY_JUDGE, str(number)):
            await emergencies.judge(who, number, body.verdict, body.note.strip())

    return routes
