"""Video patrols over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import Depends, Path, Query, Request, Response

from fengsui.features.access import Access, Function, Place, Principal, recorded, require, require_camera
from fengsui.features.audit import Act
from fengsui.features.duty import DutyRooms
from fengsui.features.video_patrols.doing import Seen
from fengsui.features.video_patrols.errors import UnusableSnapshot
from fengsui.features.video_patrols.joint_log import Line
from fengsui.features.video_patrols.model import FindingKind, Outcome, Plan, Round, RoundState, Stop, StopResult
from fengsui.features.video_patrols.plans import Wanted
from fengsui.features.video_patrols.rooms import VideoPatrols
from fengsui.features.video_patrols.rounds import PAGE, Whole
from fengsui.features.video_patrols.schemas import (
    BreakOff,
    ComingShape,
    DueShape,
    EntryNumber,
    NewPatrolPlan,
    OnFoot,
    PatrolFigures,
    PatrolLine,
    PatrolLog,
    PatrolMonth,
    PatrolPlanChange,
    PatrolPlanList,
    PatrolPlanOrder,
    PatrolPlanShape,
    PatrolStop,
    RoundDetails,
    RoundPage,
    RoundShape,
    Settlement,
    SnapshotShape,
    StopResultShape,
    WatchOrder,
    WatchShape,
)
from fengsui.features.video_patrols.snapshots import MOST_OCTETS
from fengsui.late_routes import LateRoutes

Reader = Annotated[Principal, Depends(require(Function.TAKE_DUTY, Function.MANAGE_DUTY, Function.READ_DUTY_LOG))]
Worker = Annotated[Principal, Depends(require(Function.TAKE_DUTY))]
Supervisor = Annotated[Principal, Depends(require(Function.MANAGE_DUTY))]
CameraViewer = Annotated[Principal, Depends(require_camera(Function.VIEW_LIVE))]
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
Cursor = Annotated[int, Query(ge=0, le=2**31 - 2)]
Digest = Annotated[str, Query(pattern=r"^[0-9a-f]{64}$")]


def _time(at: float) -> datetime | None:
    return datetime.fromtimestamp(at, UTC) if at else None


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def _wanted(body: PatrolPlanOrder) -> Wanted:
    stops = tuple(Stop(one.camera, one.look_for.strip(), one.watch_s, one.preset) for one in body.stops)
    return Wanted(body.name.strip(), stops, tuple(sorted(body.times)), tuple(sorted(set(body.weekdays))), body.tolerance_s)


def _result(one: StopResult) -> StopResultShape:
    return StopResultShape(
        stop=one.stop,
        camera=one.camera,
        opened_at=_time(one.opened_at),
        watched_s=round(one.watched_s, 1),
        outcome=one.outcome,
        kind=FindingKind(one.kind) if one.kind else None,
        text=one.text,
        node_state=one.node_state,
        snapshot=one.snapshot,
        entry=one.entry,
        name=one.name,
        at=_time(one.at),
    )


def _kind(one: Line) -> Literal["finding", "round", "foot", "missed"]:
    if one.entry is None:
        return "missed"
    return "finding" if one.finding else "round" if one.round else "foot"


def _line(one: Line) -> PatrolLine:
    entry, finding = one.entry, one.finding
    return PatrolLine(
        kind=_kind(one),
        at=_moment(one.at),
        entry=entry.number if entry else 0,
        name=entry.name if entry else "",
        text=entry.text if entry else one.plan,
        text_en=one.english,
        place=one.place,
        round=one.round,
        stop=finding.stop if finding else 0,
        camera=finding.camera if finding else "",
        finding=FindingKind(finding.kind) if finding else None,
        snapshot=finding.snapshot if finding else "",
    )


async def bounded_body(request: Request, most: int) -> bytes:
    """Raises UnusableSnapshot as soon as more comes than may be."""
    octets = bytearray()
    async for chunk in request.stream():
        octets += chunk
        if len(octets) > most:
            raise UnusableSnapshot(why_zh=f"超过 {most >> 20} MB", why_en=f"it is larger than {most >> 20} MB")
    return bytes(octets)


class _Shapes:
    """What depends on who asks, and on who is on duty."""

    def __init__(self, rooms: VideoPatrols, duty: DutyRooms, access: Access) -> None:
        self._rooms = rooms
        self._on = duty
        self._access = access

    def plan(self, one: Plan, who: Principal) -> PatrolPlanShape:
        centre = next((found for found in self._on.duty.centres() if found.id == one.centre), None)
        place = None if centre is None else Place(str(centre.id), centre.area)
        due = next((at for at, plan in self._rooms.rounds.coming(one.centre) if plan.id == one.id), 0.0)
        return PatrolPlanShape(
            id=one.id,
            version=one.version,
            centre=one.centre,
            name=one.name,
            stops=[PatrolStop(camera=at.camera, look_for=at.look_for, watch_s=at.watch_s, preset=at.preset) for at in one.stops],
            times=list(one.times),
            weekdays=list(one.weekdays),
            tolerance_s=one.tolerance_s,
            set_by=one.set_by_name,
            set_at=_moment(one.set_at),
            ended=one.ended,
            next_due=_time(due),
            manages=place is not None and self._access.may(who, Function.MANAGE_DUTY, place),
        )

    def round(self, one: Round, plan: Plan, results: Sequence[StopResult], who: Principal) -> RoundShape:
        count = [result.outcome for result in results]
        shift = self._on.duty.mine(one.user_id) if one.user_id else None
        under_way = one.state is RoundState.UNDER_WAY
        return RoundShape(
            id=one.id,
            plan=one.plan,
            version=one.version,
            plan_name=plan.name,
            centre=one.centre,
            centre_name=next((found.name for found in self._on.duty.centres() if found.id == one.centre), ""),
            due_from=_moment(one.due_from),
            due_until=_moment(one.due_until),
            by_hand=one.by_hand,
            state=one.state,
            in_time=one.in_time,
            name=one.name,
            mine=under_way and one.user_id == who.user_id,
            alone=under_way and (shift is None or shift.centre != one.centre),
            started_at=_time(one.started_at),
            ended_at=_time(one.ended_at),
            reason=one.reason,
            noted_by=one.noted_by,
            stops=len(plan.stops),
            seen=sum(outcome is not Outcome.OPEN for outcome in count),
            findings=count.count(Outcome.FINDING),
            impossible=count.count(Outcome.NOT_POSSIBLE),
            watched_s=round(sum(result.watched_s for result in results), 1),
        )

    def whole(self, found: Whole, who: Principal) -> RoundDetails:
        one, plan, results = found
        return RoundDetails(
            round=self.round(one, plan, results, who), plan=self.plan(plan, who), results=[_result(result) for result in results]
        )


def router(rooms: VideoPatrols, duty: DutyRooms, access: Access) -> LateRoutes:
    """The routes of video patrols."""
    routes = LateRoutes(tags=["video patrols"])
    shapes = _Shapes(rooms, duty, access)

    async def details(who: Principal, number: int) -> RoundDetails:
        return shapes.whole(await rooms.rounds.get(who, number), who)

    @routes.get("/video-patrols/plans", operation_id="listPatrolPlans")
    async def list_plans(who: Reader) -> PatrolPlanList:
        """Plans in force of the centres that one may read."""
        read = {one.id for one in rooms.plans.centres_read(who)}
        found = sorted((one for one in rooms.plans.all() if one.centre in read), key=lambda one: (one.centre, one.id))
        return PatrolPlanList(items=[shapes.plan(one, who) for one in found])

    @routes.post("/video-patrols/plans", status_code=201, operation_id="addPatrolPlan")
    async def add_plan(request: Request, who: Supervisor, body: NewPatrolPlan) -> PatrolPlanShape:
        """Plan rounds over cameras of a centre's area, and say what to look for."""
        async with recorded(request, who, Act.PATROL_PLAN, str(body.centre)):
            return shapes.plan(await rooms.plans.add(who, body.centre, _wanted(body)), who)

    @routes.put("/video-patrols/plans/{plan}", operation_id="changePatrolPlan")
    async def change_plan(request: Request, who: Supervisor, plan: Number, body: PatrolPlanChange) -> PatrolPlanShape:
        """Another version; rounds that are due already go by the one before."""
        async with recorded(request, who, Act.PATROL_PLAN, str(plan)):
            return shapes.plan(await rooms.plans.change(who, plan, body.version, _wanted(body)), who)

    @routes.delete("/video-patrols/plans/{plan}", status_code=204, operation_id="removePatrolPlan")
    async def remove_plan(request: Request, who: Supervisor, plan: Number) -> None:
        """Give a plan up; its versions and rounds stay on record."""
        async with recorded(request, who, Act.PATROL_PLAN, str(plan)):
            await rooms.plans.give_up(who, plan)

    @routes.get("/video-patrols/plans/{plan}/versions", operation_id="listPatrolPlanVersions")
    async def list_versions(who: Reader, plan: Number) -> PatrolPlanList:
        """Who set what, and when."""
        return PatrolPlanList(items=[shapes.plan(one, who) for one in await rooms.plans.versions(who, plan)])

    @routes.post("/video-patrols/plans/{plan}/rounds", status_code=201, operation_id="beginPatrolByHand")
    async def begin_by_hand(request: Request, who: Worker, plan: Number) -> RoundDetails:
        """Begin a round beside the planned ones."""
        async with recorded(request, who, Act.PATROL_START, str(plan)):
            made = await rooms.rounds.begin_by_hand(who, plan)
        return await details(who, made.id)

    @routes.get("/video-patrols/due", operation_id="listDuePatrols")
    async def list_due(who: Reader) -> DueShape:
        """What a shift has before it."""
        centres = rooms.plans.centres_read(who)
        under_way = [one for centre in centres for one in rooms.rounds.open_of(centre.id)]
        return DueShape(
            open=[shapes.round(one, rooms.rounds.plan_of(one), rooms.rounds.results_of(one), who) for one in under_way],
            coming=[
                ComingShape(plan=one.id, plan_name=one.name, centre=centre.id, due=_moment(at), stops=len(one.stops))
                for centre in centres
                for at, one in rooms.rounds.coming(centre.id)
            ],
            untold=[shapes.round(*found, who) for found in await rooms.rounds.untold(who)],
        )

    @routes.get("/video-patrols/centres/{centre}/rounds", operation_id="listPatrolRounds")
    async def list_rounds(who: Reader, centre: Number, cursor: Cursor = 0) -> RoundPage:
        """Every round of a centre."""
        found = await rooms.rounds.listed(who, centre, cursor)
        return RoundPage(items=[shapes.round(*one, who) for one in found], next=found[-1].round.id if len(found) == PAGE else None)

    @routes.get("/video-patrols/rounds/{round}", operation_id="getPatrolRound")
    async def get_round(who: Reader, round: Number) -> RoundDetails:
        """A round with its plan and everything that was seen."""
        return await details(who, round)

    @routes.post("/video-patrols/rounds/{round}/begin", operation_id="beginPatrolRound")
    async def begin(request: Request, who: Worker, round: Number) -> RoundDetails:
        """Begin one that is due, or go on where another has stopped."""
        async with recorded(request, who, Act.PATROL_START, str(round)):
            await rooms.rounds.begin(who, round)
        return await details(who, round)

    @routes.post("/video-patrols/rounds/{round}/stops/{stop}/watch", operation_id="watchPatrolStop")
    async def watch(request: Request, who: Worker, round: Number, stop: Number, body: WatchOrder) -> WatchShape:
        """Tell that the picture of a live session of one's own plays; the answer is what the node counts of it."""
        async with recorded(request, who, Act.PATROL_STOP, str(round)):
            result, spot = await rooms.doing.watch(who, round, stop, body.session, body.played_s)
        return WatchShape(watched_s=result.watched_s, needed_s=spot.watch_s, at=_moment(duty.duty.now()))

    @routes.post("/video-patrols/rounds/{round}/stops/{stop}/outcome", operation_id="settlePatrolStop")
    async def settle(request: Request, who: Worker, round: Number, stop: Number, body: Settlement) -> RoundDetails:
        """Confirm a stop, write a finding, or say why it was not possible; the last one ends the round."""
        async with recorded(request, who, Act.PATROL_STOP, str(round)):
            await rooms.doing.settle(who, round, stop, Seen(body.outcome, body.kind, body.text.strip(), body.snapshot))
        return await details(who, round)

    @routes.post(
        "/video-patrols/rounds/{round}/stops/{stop}/snapshot",
        status_code=201,
        operation_id="addPatrolSnapshot",
        openapi_extra={
            "requestBody": {"required": True, "content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}}
        },
    )
    async def add_snapshot(request: Request, who: Worker, round: Number, stop: Number) -> SnapshotShape:
        """Keep the picture on screen with a finding: a JPEG of 3 MB at most, masked as everybody sees it."""
        async with recorded(request, who, Act.PATROL_SNAPSHOT, str(round)):
            return SnapshotShape(digest=await rooms.snapshots.add(who, round, stop, await bounded_body(request, MOST_OCTETS)))

    @routes.get("/cameras/{code}/patrol-snapshot", operation_id="getPatrolSnapshot", response_class=Response)
    async def get_snapshot(request: Request, who: CameraViewer, code: str, digest: Digest) -> Response:
        """A snapshot of a finding, for whoever may look at the camera; each look is on record."""
        async with recorded(request, who, Act.PATROL_SNAPSHOT_VIEW, code):
            return Response(await rooms.snapshots.get(who, code, digest), media_type="image/jpeg")

    @routes.post("/video-patrols/rounds/{round}/break-off", operation_id="breakOffPatrolRound")
    async def break_off(request: Request, who: Worker, round: Number, body: BreakOff) -> RoundDetails:
        """End a round before its last stop, with a reason."""
        async with recorded(request, who, Act.PATROL_BREAK_OFF, str(round)):
            await rooms.rounds.break_off(who, round, body.reason.strip())
        return await details(who, round)

    @routes.post("/video-patrols/rounds/{round}/note", operation_id="notePatrolRound")
    async def note(request: Request, who: Supervisor, round: Number) -> RoundDetails:
        """Take note that a round was missed or broken off."""
        async with recorded(request, who, Act.PATROL_NOTE, str(round)):
            await rooms.rounds.note(who, round)
        return await details(who, round)

    @routes.post("/video-patrols/on-foot", status_code=201, operation_id="addPatrolOnFoot")
    async def add_on_foot(request: Request, who: Worker, body: OnFoot) -> EntryNumber:
        """Write a patrol on foot into the log of one's own shift, with place and time."""
        async with recorded(request, who, Act.DUTY_LOG, ""):
            number = await rooms.log.write_on_foot(who, body.place.strip(), body.at.timestamp(), body.text.strip())
        return EntryNumber(entry=number)

    @routes.get("/video-patrols/centres/{centre}/log", operation_id="listPatrolLog")
    async def list_log(who: Reader, centre: Number, cursor: Cursor = 0) -> PatrolLog:
        """Patrols by video and on foot in one line of time."""
        found, following = await rooms.log.lines(who, centre, cursor)
        return PatrolLog(items=[_line(one) for one in found], next=following or None)

    @routes.get("/video-patrols/figures", operation_id="listPatrolFigures")
    async def figures(who: Reader) -> PatrolFigures:
        """Rounds done in time, of those planned, by centre and month (M25)."""
        months = await rooms.log.figures(who)
        return PatrolFigures(items=[PatrolMonth(**one._asdict(), share=one.in_time / one.planned) for one in months])

    return routes
