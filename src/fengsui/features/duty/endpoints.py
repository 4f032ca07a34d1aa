"""Duty and emergency access over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import AwareDatetime

from fengsui.clock import Clock
from fengsui.features.access import (
    Access,
    FactorProof,
    Function,
    Principal,
    address_of,
    classes_of,
    origin_of,
    recorded,
    require,
)
from fengsui.features.approvals import Approvals, RequestShape, request_shape
from fengsui.features.audit import Act
from fengsui.features.duty.actions import Duty
from fengsui.features.duty.centre_removal import NAME as REMOVAL
from fengsui.features.duty.centre_removal import CentreRemoval
from fengsui.features.duty.emergency import Dues, Emergencies, Verdict
from fengsui.features.duty.model import MAX_SEATS, Centre, Shift, ShiftState
from fengsui.features.duty.queries import Row
from fengsui.features.duty.rosters import Candidate, Line, Rosters
from fengsui.features.duty.schemas import (
    AbsentShape,
    Accept,
    CentreOrder,
    CentreShape,
    CopyOrder,
    CopyResult,
    DutyProof,
    DutyShape,
    EmergencyList,
    EmergencyOrder,
    EmergencyReport,
    EmergencyShape,
    EmergencyVerdict,
    HandOver,
    MatterShape,
    RemovalOrder,
    Restoration,
    SeatCandidate,
    SeatCandidateList,
    ShiftShape,
    SignOff,
    SignOn,
    SlotList,
    SlotOrder,
    SlotShape,
)
from fengsui.features.duty.vacancies import Absence, Vacancies

Looker = Annotated[Principal, Depends(require(Function.LOOK_AROUND))]
Worker = Annotated[Principal, Depends(require(Function.TAKE_DUTY))]
Supervisor = Annotated[Principal, Depends(require(Function.MANAGE_DUTY))]
Sitter = Annotated[Principal, Depends(require(Function.TAKE_DUTY, Function.MANAGE_DUTY))]
EVERY_READER = (Function.OPEN_TICKET, Function.MANAGE_DUTY, Function.READ_AUDIT, Function.MANAGE_PEOPLE)
Reader = Annotated[Principal, Depends(require(*EVERY_READER))]
Keeper = Annotated[Principal, Depends(require(Function.MANAGE_PEOPLE))]
Asker = Annotated[Principal, Depends(require(Function.OPEN_TICKET))]
ROSTER_DAYS_S = 32 * 86_400.0


def _time(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def _shift(one: Shift, successor: str) -> ShiftShape:
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
        successor_name=successor,
        remarks=one.remarks,
    )


def _line(one: Line, now: float) -> SlotShape:
    slot = one.slot
    return SlotShape(
        id=slot.id,
        seat=slot.seat,
        user_id=slot.user_id,
        name=one.person.name,
        full_name=one.person.full_name,
        since=_time(slot.since),
        until=_time(slot.until),
        over=slot.until <= now,
        trouble_zh=one.trouble[0],
        trouble_en=one.trouble[1],
    )


def _absent(one: Absence) -> AbsentShape:
    return AbsentShape(seat=one.slot.seat, name=one.person.name, full_name=one.person.full_name, since=_time(one.slot.since))


def proof_of(request: Request, body: DutyProof) -> FactorProof:
    """What is shown anew, on the pages that the request came by."""
    return FactorProof(body.code.strip(), body.credential, origin_of(request))


def _times(body: SlotOrder) -> tuple[int, int, float, float]:
    return body.seat, body.user_id, body.since.timestamp(), body.until.timestamp()


def _candidate(one: Candidate) -> SeatCandidate:
    return SeatCandidate(
        user_id=one.person.user_id,
        name=one.person.name,
        full_name=one.person.full_name,
        unit=one.person.unit,
        posts=one.posts,
        on_duty=one.on_duty,
        seat=one.seat,
        since=_time(one.since) if one.seat else None,
    )


def _emergency(row: Row, who: Principal, now: float, dues: Dues, *, suspends: bool, judge: str, restorer: str) -> EmergencyShape:
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
        judge=judge,
        report_due=_time(dues.report),
        verdict_due=_time(dues.verdict),
        late=dues.late(row, now),
        state="judged" if row.judged_at else waits,
        mine=row.user_id == who.user_id,
        suspends=suspends,
        restored_by=restorer,
        restored_at=_time(row.restored_at) if row.restored_at else None,
        restored_note=row.restored_note,
    )


def router(
    duty: Duty,
    rosters: Rosters,
    vacancies: Vacancies,
    emergencies: Emergencies,
    access: Access,
    approvals: Approvals,
    clock: Clock,
) -> APIRouter:
    """The routes of duty."""
    routes = APIRouter(tags=["duty"])

    def shift_shape(one: Shift) -> ShiftShape:
        return _shift(one, duty.successor_of(one))

    async def emergency_shapes(who: Principal, rows: Sequence[Row]) -> list[EmergencyShape]:
        now = clock.now().timestamp()
        others = await access.persons.named(one for row in rows for one in (row.judge, row.restored_by) if one)
        name = {number: one.name for number, one in others.items()}
        return [
            _emergency(
                row,
                who,
                now,
                emergencies.dues(row),
                suspends=emergencies.suspends(row.id),
                judge=name.get(row.judge, ""),
                restorer=name.get(row.restored_by, ""),
            )
            for row in rows
        ]

    def line_shape(one: Line) -> SlotShape:
        return _line(one, clock.now().timestamp())

    def centre_shape(one: Centre, who: Principal) -> CentreShape:
        """A centre may answer for more than the reader may look at: who sits there answers for all of it."""
        shifts, mine, scope = duty.shifts_at(one.id), duty.mine(who.user_id), access.scope(who, Function.LOOK_AROUND)
        sits = mine is not None and mine.centre == one.id
        return CentreShape(
            id=one.id,
            name=one.name,
            area=one.area,
            seats=one.seats,
            min_staff=one.min_staff,
            short=len(shifts) < one.min_staff,
            last=duty.is_free(one.area, but=one.id),
            shifts=[shift_shape(shift) for shift in shifts],
            absent=[_absent(absence) for absence in vacancies.at(one.id)],
            matters=[
                MatterShape(id=matter.id, zh=matter.zh, en=matter.en)
                for matter in duty.open_matters(one)
                if sits or scope.holds(matter.area)
            ],
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
            free=duty.free_without_centre,
            at_sign_in=duty.at_sign_in,
            factor=duty.factor_needed,
            mine=None if mine is None else shift_shape(mine),
            offered=None if offered is None else shift_shape(offered),
            centres=[centre_shape(one, who) for one in duty.centres() if scope.touches(one.area)],
        )

    @routes.post("/duty/centres", status_code=201, operation_id="addCentre")
    async def add_centre(request: Request, who: Supervisor, body: CentreOrder) -> CentreShape:
        """Set up a centre; from then on live pictures of its area need a shift or a use ticket."""
        async with recorded(request, who, Act.DUTY_CENTRE_ADD, body.name):
            return centre_shape(await duty.add_centre(who, body.name.strip(), body.area, body.seats, body.min_staff), who)

    @routes.delete("/duty/centres/{centre}", status_code=204, operation_id="removeCentre")
    async def remove_centre(request: Request, who: Supervisor, centre: int) -> None:
        """Give a centre up whose area another one answers for as well; the last one takes two persons."""
        async with recorded(request, who, Act.DUTY_CENTRE_REMOVE, str(centre)):
            await duty.remove_centre(who, centre)

    @routes.post("/duty/centres/{centre}/removal", status_code=202, operation_id="proposeCentreRemoval")
    async def propose_removal(request: Request, who: Supervisor, centre: int, body: RemovalOrder) -> RequestShape:
        """Ask to give the last centre of an area up; a security administrator approves, and it waits (rules A5, A37)."""
        asker = replace(who, address=address_of(request))
        async with recorded(request, who, Act.APPROVAL_ASK, str(centre)):
            content = CentreRemoval.content_of(duty.centre(centre))
        return request_shape(approvals, who, await approvals.ask(asker, REMOVAL, content, body.reason))

    @routes.get("/duty/centres/{centre}/slots", operation_id="listSlots")
    async def list_slots(who: Looker, centre: int, since: Annotated[AwareDatetime, Query()]) -> SlotList:
        """The roster of a month from `since` on, with what speaks against a line by now."""
        start = since.timestamp()
        return SlotList(items=[line_shape(one) for one in await rosters.lines(who, centre, start, start + ROSTER_DAYS_S)])

    @routes.get("/duty/centres/{centre}/candidates", operation_id="listSeatCandidates")
    async def list_candidates(
        who: Sitter,
        centre: int,
        since: Annotated[AwareDatetime | None, Query()] = None,
        until: Annotated[AwareDatetime | None, Query()] = None,
        seat: Annotated[int | None, Query(ge=1, le=MAX_SEATS)] = None,
    ) -> SeatCandidateList:
        """Who may take a seat there now, or from `since` to `until`; `seat`: only whom the roster lets sit at this one now."""
        begin, end = (None if one is None else one.timestamp() for one in (since, until))
        return SeatCandidateList(items=[_candidate(one) for one in await rosters.candidates(who, centre, begin, end, seat)])

    @routes.post("/duty/centres/{centre}/slots", status_code=201, operation_id="addSlot")
    async def add_slot(request: Request, who: Supervisor, centre: int, body: SlotOrder) -> SlotShape:
        """Put somebody on the roster."""
        async with recorded(request, who, Act.DUTY_ROSTER, str(centre)):
            return line_shape(await rosters.add(who, centre, *_times(body)))

    @routes.post("/duty/centres/{centre}/slots/copy", status_code=201, operation_id="copySlots")
    async def copy_slots(request: Request, who: Supervisor, centre: int, body: CopyOrder) -> CopyResult:
        """A week of the roster once more; what cannot be is told with its reason."""
        async with recorded(request, who, Act.DUTY_ROSTER, str(centre)):
            made, left = await rosters.copy(who, centre, body.since.timestamp(), body.to.timestamp())
            return CopyResult(made=made, left=[line_shape(one) for one in left])

    @routes.put("/duty/centres/{centre}/slots/{slot}", operation_id="changeSlot")
    async def change_slot(request: Request, who: Supervisor, centre: int, slot: int, body: SlotOrder) -> SlotShape:
        """Another person, seat or time for one line of the roster."""
        async with recorded(request, who, Act.DUTY_ROSTER, str(centre)):
            return line_shape(await rosters.change(who, centre, slot, *_times(body)))

    @routes.delete("/duty/centres/{centre}/slots/{slot}", status_code=204, operation_id="removeSlot")
    async def remove_slot(request: Request, who: Supervisor, centre: int, slot: int) -> None:
        """Take somebody off the roster."""
        async with recorded(request, who, Act.DUTY_ROSTER, str(centre)):
            await rosters.remove(who, centre, slot)

    @routes.post("/duty/shift", status_code=201, operation_id="signOn")
    async def sign_on(request: Request, who: Worker, body: SignOn) -> ShiftShape:
        """Sit down: the duty ticket for live viewing opens."""
        async with recorded(request, who, Act.DUTY_SIGN_ON, str(body.centre)):
            return shift_shape(await duty.sign_on(who, body.centre, body.seat, proof_of(request, body)))

    @routes.post("/duty/shift/hand-over", operation_id="handOver")
    async def hand_over(request: Request, who: Worker, body: HandOver) -> ShiftShape:
        """Offer the seat to a successor, who accepts each open matter by name."""
        async with recorded(request, who, Act.DUTY_HAND_OVER, str(body.successor)):
            return shift_shape(await duty.hand_over(who, body.successor, body.remarks.strip()))

    @routes.post("/duty/shifts/{shift}/accept", status_code=201, operation_id="acceptShift")
    async def accept(request: Request, who: Worker, shift: int, body: Accept) -> ShiftShape:
        """Take a seat over."""
        async with recorded(request, who, Act.DUTY_ACCEPT, str(shift)):
            return shift_shape(await duty.accept(who, shift, body.matters, proof_of(request, body)))

    @routes.post("/duty/shift/sign-off", status_code=204, operation_id="signOff")
    async def sign_off(request: Request, who: Worker, body: SignOff) -> None:
        """Leave a seat to nobody; every stream that was opened on duty ends."""
        async with recorded(request, who, Act.DUTY_SIGN_OFF, ""):
            await duty.sign_off(who, body.reason.strip())

    @routes.get("/emergencies", operation_id="listEmergencies")
    async def list_emergencies(who: Reader) -> EmergencyList:
        """One's own, and those of one's area for supervisors and the audit office (rule A58).

        Security administrators have those that hold the access of people of theirs closed, to enter what followed (A57).
        """
        scopes = [access.scope(who, function) for function in (Function.MANAGE_DUTY, Function.READ_AUDIT)]
        keeps = access.scope(who, Function.MANAGE_PEOPLE)
        unjustified = await emergencies.listed(lambda row: row.verdict == Verdict.NOT_JUSTIFIED.value) if keeps.areas else []
        people = (await access.persons.named(row.user_id for row in unjustified)).values()
        kept = {row.id for row in unjustified for one in people if one.user_id == row.user_id and keeps.holds(one.area)}

        def shown(row: Row) -> bool:
            return row.user_id == who.user_id or row.id in kept or any(one.holds(row.area) for one in scopes)

        rows = await emergencies.listed(shown)
        return EmergencyList(items=await emergency_shapes(who, rows))

    @routes.post("/emergencies", status_code=201, operation_id="openEmergency")
    async def open_emergency(request: Request, who: Asker, body: EmergencyOrder) -> EmergencyShape:
        """Danger to life: an area's pictures at once, for minutes; report within a day, verdict by somebody else."""
        async with recorded(request, who, Act.EMERGENCY_OPEN, body.area):
            number = await emergencies.begin(who, body.area, body.danger, body.said.strip(), body.proof)
            rows = await emergencies.listed(lambda row: row.id == number)
            return (await emergency_shapes(who, rows))[0]

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

    @routes.post("/emergencies/{number}/restoration", status_code=204, operation_id="restoreAfterEmergency")
    async def restore(request: Request, who: Keeper, number: int, body: Restoration) -> None:
        """What followed from an access that was not justified; pictures open to the person again."""
        async with recorded(request, who, Act.EMERGENCY_RESTORE, str(number)):
            await emergencies.restore(who, number, body.note.strip())

    return routes
