"""Emergency access over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Request

from fengsui.features.access import Access, Function, Principal, classes_of, recorded, require
from fengsui.features.audit import Act
from fengsui.features.duty.emergency import Dues, Verdict
from fengsui.features.duty.queries import Row
from fengsui.features.duty.rooms import DutyRooms
from fengsui.features.duty.schemas import (
    EmergencyList,
    EmergencyOrder,
    EmergencyReport,
    EmergencyShape,
    EmergencyVerdict,
    Restoration,
)
from fengsui.late_routes import LateRoutes

Judge = Annotated[Principal, Depends(require(Function.JUDGE_EMERGENCY))]
EVERY_READER = (Function.OPEN_TICKET, Function.JUDGE_EMERGENCY, Function.MANAGE_PEOPLE)
Reader = Annotated[Principal, Depends(require(*EVERY_READER))]
Keeper = Annotated[Principal, Depends(require(Function.MANAGE_PEOPLE))]
Asker = Annotated[Principal, Depends(require(Function.OPEN_TICKET))]


def _time(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


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


def router(rooms: DutyRooms, access: Access) -> LateRoutes:
    """The routes of emergency access."""
    routes = LateRoutes()

    async def emergency_shapes(who: Principal, rows: Sequence[Row]) -> list[EmergencyShape]:
        now = rooms.on.clock.now().timestamp()
        others = await access.persons.named(one for row in rows for one in (row.judge, row.restored_by) if one)
        name = {number: one.name for number, one in others.items()}
        return [
            _emergency(
                row,
                who,
                now,
                rooms.emergencies.dues(row),
                suspends=rooms.emergencies.suspends(row.id),
                judge=name.get(row.judge, ""),
                restorer=name.get(row.restored_by, ""),
            )
            for row in rows
        ]

    @routes.get("/emergencies", operation_id="listEmergencies")
    async def list_emergencies(who: Reader) -> EmergencyList:
        """One's own, and those of one's area for supervisors, commanders and the audit office (rule A58).

        Security administrators have those that hold the access of people of theirs closed, to enter what followed (A57).
        """
        judges = access.scope(who, Function.JUDGE_EMERGENCY)
        keeps = access.scope(who, Function.MANAGE_PEOPLE)
        unjustified = await rooms.emergencies.listed(lambda row: row.verdict == Verdict.NOT_JUSTIFIED.value) if keeps.areas else []
        people = (await access.persons.named(row.user_id for row in unjustified)).values()
        kept = {row.id for row in unjustified for one in people if one.user_id == row.user_id and keeps.holds(one.area)}

        def shown(row: Row) -> bool:
            return row.user_id == who.user_id or row.id in kept or judges.holds(row.area)

        rows = await rooms.emergencies.listed(shown)
        return EmergencyList(items=await emergency_shapes(who, rows))

    @routes.post("/emergencies", status_code=201, operation_id="openEmergency")
    async def open_emergency(request: Request, who: Asker, body: EmergencyOrder) -> EmergencyShape:
        """Danger to life: an area's pictures at once, for minutes; report within a day, verdict by somebody else."""
        async with recorded(request, who, Act.EMERGENCY_OPEN, body.area):
            number = await rooms.emergencies.begin(who, body.area, body.danger, body.said.strip(), body.proof)
            rows = await rooms.emergencies.listed(lambda row: row.id == number)
            return (await emergency_shapes(who, rows))[0]

    @routes.post("/emergencies/{number}/report", status_code=204, operation_id="reportEmergency")
    async def report(request: Request, who: Asker, number: int, body: EmergencyReport) -> None:
        """What happened."""
        async with recorded(request, who, Act.EMERGENCY_REPORT, str(number)):
            await rooms.emergencies.report(who, number, body.report.strip())

    @routes.post("/emergencies/{number}/verdict", status_code=204, operation_id="judgeEmergency")
    async def judge(request: Request, who: Judge, number: int, body: EmergencyVerdict) -> None:
        """Whether it was justified."""
        async with recorded(request, who, Act.EMERGENCY_JUDGE, str(number)):
            await rooms.emergencies.judge(who, number, body.verdict, body.note.strip())

    @routes.post("/emergencies/{number}/restoration", status_code=204, operation_id="restoreAfterEmergency")
    async def restore(request: Request, who: Keeper, number: int, body: Restoration) -> None:
        """What followed from an access that was not justified; pictures open to the person again."""
        async with recorded(request, who, Act.EMERGENCY_RESTORE, str(number)):
            await rooms.emergencies.restore(who, number, body.note.strip())

    return routes
