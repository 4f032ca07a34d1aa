"""Rosters over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Query, Request
from pydantic import AwareDatetime

from fengsui.features.access import Function, Named, Principal, recorded, require
from fengsui.features.audit import Act
from fengsui.features.duty.model import MAX_SEATS
from fengsui.features.duty.rooms import DutyRooms
from fengsui.features.duty.roster_model import Swap, Version
from fengsui.features.duty.roster_schemas import (
    CopyOrder,
    CopyResult,
    PublishOrder,
    RosterLine,
    RosterVersion,
    RosterVersions,
    SeatCandidate,
    SeatCandidateList,
    SlotList,
    SlotOrder,
    SlotShape,
    SwapAnswer,
    SwapDecision,
    SwapList,
    SwapOrder,
    SwapShape,
)
from fengsui.features.duty.rosters import Candidate, Line
from fengsui.late_routes import LateRoutes

Looker = Annotated[Principal, Depends(require(Function.LOOK_AROUND))]
Supervisor = Annotated[Principal, Depends(require(Function.MANAGE_DUTY))]
Worker = Annotated[Principal, Depends(require(Function.TAKE_DUTY))]
Sitter = Annotated[Principal, Depends(require(Function.TAKE_DUTY, Function.MANAGE_DUTY))]
ROSTER_DAYS_S = 32 * 86_400.0


def _time(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


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
        confirmed=slot.confirmed,
        trouble_zh=one.trouble[0],
        trouble_en=one.trouble[1],
    )


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


def _version(one: Version) -> RosterVersion:
    lines = [RosterLine(seat=line.seat, name=line.name, since=_time(line.since), until=_time(line.until)) for line in one.lines]
    return RosterVersion(version=one.version, name=one.name, at=_time(one.at), change=one.change, lines=lines)


def _swap(one: Swap, named: Mapping[int, Named]) -> SwapShape:
    def name(user: int) -> str:
        found = named.get(user)
        return "" if found is None else found.full_name or found.name

    return SwapShape(
        id=one.id,
        slot=one.slot,
        other_slot=one.other_slot,
        asked_by=one.asked_by,
        asked_of=one.asked_of,
        asker=name(one.asked_by),
        asked=name(one.asked_of),
        state=one.state,
        asked_at=_time(one.asked_at),
        reason=one.reason,
        decider=name(one.decided_by),
        note=one.note,
    )


def router(rooms: DutyRooms) -> LateRoutes:
    """The routes of rosters."""
    routes = LateRoutes()

    def line_shape(one: Line) -> SlotShape:
        return _line(one, rooms.on.clock.now().timestamp())

    @routes.get("/duty/centres/{centre}/slots", operation_id="listSlots")
    async def list_slots(who: Looker, centre: int, since: Annotated[AwareDatetime, Query()]) -> SlotList:
        """The roster of a month from `since` on, with what speaks against a line by now."""
        start = since.timestamp()
        return SlotList(items=[line_shape(one) for one in await rooms.rosters.lines(who, centre, start, start + ROSTER_DAYS_S)])

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
        return SeatCandidateList(items=[_candidate(one) for one in await rooms.rosters.candidates(who, centre, begin, end, seat)])

    @routes.post("/duty/centres/{centre}/slots", status_code=201, operation_id="addSlot")
    async def add_slot(request: Request, who: Supervisor, centre: int, body: SlotOrder) -> SlotShape:
        """Put somebody on the roster."""
        async with recorded(request, who, Act.DUTY_ROSTER, str(centre)):
            return line_shape(await rooms.rosters.add(who, centre, *_times(body)))

    @routes.post("/duty/centres/{centre}/slots/copy", status_code=201, operation_id="copySlots")
    async def copy_slots(request: Request, who: Supervisor, centre: int, body: CopyOrder) -> CopyResult:
        """A week of the roster once more; what cannot be is told with its reason."""
        async with recorded(request, who, Act.DUTY_ROSTER, str(centre)):
            made, left = await rooms.rosters.copy(who, centre, body.since.timestamp(), body.to.timestamp())
            return CopyResult(made=made, left=[line_shape(one) for one in left])

    @routes.put("/duty/centres/{centre}/slots/{slot}", operation_id="changeSlot")
    async def change_slot(request: Request, who: Supervisor, centre: int, slot: int, body: SlotOrder) -> SlotShape:
        """Another person, seat or time for one line of the roster."""
        async with recorded(request, who, Act.DUTY_ROSTER, str(centre)):
            return line_shape(await rooms.rosters.change(who, centre, slot, *_times(body)))

    @routes.delete("/duty/centres/{centre}/slots/{slot}", status_code=204, operation_id="removeSlot")
    async def remove_slot(request: Request, who: Supervisor, centre: int, slot: int) -> None:
        """Take somebody off the roster."""
        async with recorded(request, who, Act.DUTY_ROSTER, str(centre)):
            await rooms.rosters.remove(who, centre, slot)

    @routes.get("/duty/centres/{centre}/roster-versions", operation_id="listRosterVersions")
    async def list_versions(who: Looker, centre: int, at: Annotated[AwareDatetime, Query()]) -> RosterVersions:
        """Of the week in which `at` lies: who published or changed its roster, and what it was; how many lines are drafts."""
        week, found, drafts = await rooms.rosters.versions(who, centre, at.timestamp())
        return RosterVersions(since=_time(week.since), drafts=drafts, items=[_version(one) for one in found])

    @routes.post("/duty/centres/{centre}/roster-versions", status_code=201, operation_id="publishRoster")
    async def publish(request: Request, who: Supervisor, centre: int, body: PublishOrder) -> RosterVersion:
        """The week's roster binds from now on; every change behind that is another version."""
        async with recorded(request, who, Act.DUTY_PUBLISH, str(centre)):
            return _version(await rooms.rosters.publish(who, centre, body.at.timestamp()))

    @routes.get("/duty/centres/{centre}/swaps", operation_id="listSwaps")
    async def list_swaps(who: Looker, centre: int) -> SwapList:
        """The newest first: a supervisor's all, others' own and those that are approved."""
        found, named = await rooms.swaps.listed(who, centre)
        return SwapList(items=[_swap(one, named) for one in found])

    async def one_swap(who: Principal, swap: Swap) -> SwapShape:
        _, named = await rooms.swaps.listed(who, swap.centre)
        return _swap(swap, named)

    @routes.post("/duty/centres/{centre}/swaps", status_code=201, operation_id="askSwap")
    async def ask(request: Request, who: Worker, centre: int, body: SwapOrder) -> SwapShape:
        """Ask somebody for their line of the roster in exchange for one's own."""
        async with recorded(request, who, Act.DUTY_SWAP, str(centre)):
            return await one_swap(who, await rooms.swaps.ask(who, centre, body.slot, body.other_slot, body.reason.strip()))

    @routes.post("/duty/swaps/{swap}/answer", operation_id="answerSwap")
    async def answer(request: Request, who: Worker, swap: int, body: SwapAnswer) -> SwapShape:
        """Accept or decline what somebody asked of the caller; then the supervisor approves."""
        async with recorded(request, who, Act.DUTY_SWAP, str(swap)):
            return await one_swap(who, await rooms.swaps.answer(who, swap, accept=body.accept))

    @routes.post("/duty/swaps/{swap}/withdrawal", operation_id="withdrawSwap")
    async def withdraw(request: Request, who: Worker, swap: int) -> SwapShape:
        """Take back what one asked for."""
        async with recorded(request, who, Act.DUTY_SWAP, str(swap)):
            return await one_swap(who, await rooms.swaps.withdraw(who, swap))

    @routes.post("/duty/swaps/{swap}/decision", operation_id="decideSwap")
    async def decide(request: Request, who: Supervisor, swap: int, body: SwapDecision) -> SwapShape:
        """Approve or refuse a swap that both want; approved, the roster is changed, in a version of its own."""
        async with recorded(request, who, Act.DUTY_SWAP, str(swap)):
            return await one_swap(who, await rooms.swaps.decide(who, swap, body.note.strip(), approve=body.approve))

    return routes
