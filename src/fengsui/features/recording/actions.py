"""What is recorded: plans, the streams that are held open for them, and what is known of their footage."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from math import inf

import structlog
from prometheus_client import Counter, Gauge
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.clock import Clock
from fengsui.errors import FootageIndexFailed, NodeFault
from fengsui.features.access import Access, Footage, Function, Principal
from fengsui.features.audit import NODE, Act, Audit, told_changes
from fengsui.features.cameras import Camera, Cameras, UnknownCamera
from fengsui.features.live import Live
from fengsui.features.recording import queries
from fengsui.features.recording.calendar import Calendar, Hours, text_of
from fengsui.features.recording.model import (
    AFTER_S,
    BEFORE_S,
    MOST_BEFORE_S,
    ON_ITS_WAY_S,
    Cause,
    FootageAway,
    FootageSpan,
    Mode,
    Period,
    Piece,
    Plan,
    State,
    StreamKind,
    UnusableHours,
    refuse_span,
)
from fengsui.features.recording.periods import Periods
from fengsui.loops import keep
from fengsui.media import Engine, EngineError, Event, EventKind, RecordingStatus
from fengsui.store import Store

log = structlog.get_logger(__name__)
LOOK_S, AHEAD_S, AT_ONCE, PAUSE_S = 5.0, 10.0, 50, 0.2
"""A camera is called `AHEAD_S` before its hours begin, for it takes a while until a key frame comes."""
"""Streams that are begun together, and the pause before the next ones: a node that starts calls thousands of cameras."""
PLANNED = Gauge("fengsui_recording_plans", "Cameras with a recording plan")
TOLD = Counter("fengsui_footage_events_total", "What the recorder told: failing and recovered folders, moves, losses", ["kind"])
HAPPENED = Counter("fengsui_recording_events_total", "What happened at cameras that are recorded on event, or by hand", ["cause"])
KINDS = {
    EventKind.FOLDER_FAILED: "folder_failed",
    EventKind.FOLDER_RECOVERED: "folder_recovered",
    EventKind.STREAM_MOVED: "stream_moved",
    EventKind.FOOTAGE_LOST: "footage_lost",
    EventKind.HELD_SHORT: "held_short",
    EventKind.INDEX_FAILED: "index_failed",
    EventKind.INDEX_RECOVERED: "index_recovered",
}


class Recording:
    """Plans stand in the database and in memory; whoever has one is called, and called again, without anybody watching."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        access: Access,
        audit: Audit,
        cameras: Cameras,
        live: Live,
        engine: Engine,
        calendar: Calendar,
    ) -> None:
        self._store = store
        self._clock = clock
        self._access = access
        self._audit = audit
        self._cameras = cameras
        self._live = live
        self._engine = engine
        self._calendar = calendar
        self._plans: dict[str, Plan] = {}
        self._periods = Periods(store)
        self._by_hand: set[str] = set()
        """Streams that are recorded, or were a moment ago, because somebody said so, whatever their plan."""
        self._losses: dict[str, tuple[float, str]] = {}
        """By stream: when its last loss was told, and why it was one."""
        self._index_failed: tuple[NodeFault, datetime] | None = None
        self._due = asyncio.Event()
        self._changing = asyncio.Lock()
        self._loop: asyncio.Task[None] | None = None
        cameras.on_remove(self._forget)

    async def start(self) -> None:
        """Reads the plans."""
        async with self._store.reading() as tx:
            self._plans = {plan.camera: plan for plan in await queries.plans(tx)}
        PLANNED.set(len(self._plans))
        await self._periods.start(self._clock.now().timestamp())

    def begin(self) -> None:
        """Devices can be spoken to."""
        self._loop = keep("recording", self._hold)

    async def stop(self) -> None:
        """Before live streams end."""
        if self._loop is not None:
            self._loop.cancel()
            await asyncio.gather(self._loop, return_exceptions=True)
            await self._periods.write()

    async def _hold(self) -> None:
        while True:
            self._due.clear()
            await self._follow_plans()
            await self._follow_periods()
            await self._periods.write()
            try:
                async with asyncio.timeout(LOOK_S):
                    await self._due.wait()
            except TimeoutError:
                continue

    async def _follow_plans(self) -> None:
        """Begins what is wanted and does not come, ends what comes and is no longer wanted."""
        now = self._clock.now().timestamp()
        moments = self._calendar.moment(now), self._calendar.moment(now + AHEAD_S)
        begun, asked = 0, {one.name for one in self._periods.still_open(now)}
        for plan in list(self._plans.values()):
            wanted, recorded = plan.wants(*moments), self._live.is_recorded(plan.name)
            by_hand = plan.name in self._by_hand
            if recorded and not wanted and not by_hand and plan.name not in asked and self._plans.get(plan.camera) is plan:
                self._live.end_recording(plan.name)
            if (recorded and not by_hand) or not wanted:
                continue
            try:
                camera = await self._cameras.get(plan.camera)
            except UnknownCamera:  # its device does not list it now, or has not told it yet
                continue
            if self._plans.get(plan.camera) is plan:
                self._live.record(camera, plan.stream, plan.held_s)
                begun += 1
            if begun % AT_ONCE == AT_ONCE - 1:
                await asyncio.sleep(PAUSE_S)

    async def _follow_periods(self) -> None:
        """Goes on with what happened: also where no plan wants the stream, and where it comes again."""
        now = self._clock.now().timestamp()
        moment, still_open = self._calendar.moment(now), self._periods.still_open(now)
        for name in self._by_hand - {one.name for one in still_open}:
            self._by_hand.discard(name)
            plan = self._plans.get(name.partition("/")[0])
            if plan is None or plan.name != name or not plan.wants(moment):
                self._live.end_recording(name)
        for period in still_open:
            try:
                camera = await self._cameras.get(period.camera)
            except UnknownCamera:
                continue
            if self._periods.open_of(period.camera, now) is not None:
                self._go_on(camera, period)

    def _go_on(self, camera: Camera, period: Period) -> None:
        now = self._clock.now().timestamp()
        plan = self._plans.get(period.camera)
        if plan is None or plan.name != period.name or not plan.wants(self._calendar.moment(now)):
            self._by_hand.add(period.name)
            self._live.record(camera, period.stream, 0.0)
        self._live.record_event(period.name, period.until - now)

    def trigger(self, code: str, cause: Cause, at: float) -> Period | None:
        """Something happened at a camera: what its plan says of the time before and after is kept, for longer with each event.

        `at`: when, seconds since 1970. None: it is not recorded on event. Neither the database nor the device is waited for.
        """
        plan = self._plans.get(code)
        if plan is None or plan.mode != "event":
            return None
        return self._happened(code, plan.stream, cause, at, plan.before_s, plan.after_s)

    async def record_now(self, who: Principal, code: str, seconds: int | None, reason: str) -> Period:
        """Keeps a camera's pictures from now on for so long, whatever its plan; what is held of the time before is kept too.

        Raises UnknownCamera, Refusal, AuditUnavailable.
        """
        camera = await self._cameras.get(code)
        ground = self._access.check(who, Function.VIEW_LIVE, camera.facts)
        plan = self._plans.get(code)
        stream: StreamKind = "main" if plan is None else plan.stream
        lasting_s = seconds or (AFTER_S if plan is None else plan.after_s)
        await self._audit.record(who, Act.RECORDING_NOW, code, range=stream, detail=f"{lasting_s} s: {reason}", under=ground)
        held_s = plan.before_s if plan is not None and plan.mode == "event" else 0
        period = self._happened(code, stream, "person", self._clock.now().timestamp(), held_s, lasting_s)
        self._go_on(camera, period)
        return period

    def _happened(self, camera: str, stream: StreamKind, cause: Cause, at: float, before_s: int, lasting_s: int) -> Period:
        now = self._clock.now().timestamp()
        told_at = at if now - MOST_BEFORE_S <= at <= now else now  # a device's clock may be wrong
        since = max(told_at, now - ON_ITS_WAY_S) - before_s
        period = self._periods.note(camera, stream, cause, told_at, since, now + lasting_s)
        self._live.record_event(period.name, period.until - now)
        HAPPENED.labels(cause).inc()
        self._due.set()
        return period

    def period(self, code: str) -> Period | None:
        """What happened at a camera, while it is recorded for it."""
        return self._periods.open_of(code, self._clock.now().timestamp())

    async def periods(self, cameras: Sequence[str], since: float) -> dict[str, list[Period]]:
        """Camera → when something happened that lasted beyond this time, ascending. Raises StorageFault."""
        return await self._periods.since(cameras, since)

    async def events(self, camera: str, since: float, until: float) -> list[Period]:
        """What happened at a camera and was recorded for it within this time, ascending.

        Raises UnknownCamera, UnusableSpan, StorageFault.
        """
        refuse_span(since, until)
        await self._cameras.get(camera)
        found = await self._periods.since([camera], since)
        return [one for one in found.get(camera, []) if one.since < until]

    def now(self) -> datetime:
        """By the node's clock."""
        return self._clock.now()

    def plan(self, camera: str) -> Plan | None:
        """None: it is not recorded."""
        return self._plans.get(camera)

    def plans(self) -> list[Plan]:
        """All that hold."""
        return list(self._plans.values())

    async def pieces(self, since: float) -> dict[str, list[Piece]]:
        """Camera → its plans that held after this time, each as long as it did, ascending. Raises StorageFault."""
        found: dict[str, list[Piece]] = {}
        async with self._store.reading() as tx:
            for piece in await queries.past_since(tx, since):
                found.setdefault(piece.plan.camera, []).append(piece)
        for plan in self._plans.values():
            found.setdefault(plan.camera, []).append(Piece(plan, inf))
        return found

    async def pieces_of(self, camera: str, since: float) -> list[Piece]:
        """The same of one camera. Raises StorageFault."""
        async with self._store.reading() as tx:
            found = await queries.past_since(tx, since, camera)
        plan = self._plans.get(camera)
        return found if plan is None else [*found, Piece(plan, inf)]

    async def forget(self, before: float) -> None:
        """Plans that held no longer by then. Raises StorageFault."""
        async with self._store.transaction(act=False) as tx:
            await queries.forget_past(tx, before)

    def loss_of(self, plan: Plan, since: float) -> str | None:
        """Why the recorder has kept nothing of what came of this stream since then: no_folder, too_slow, refused, overrun."""
        told_at, why = self._losses.get(plan.name, (0.0, ""))
        return why if told_at >= since else None

    def is_due(self, plan: Plan) -> bool:
        """Whether it is to be on disk what comes now: at this hour, or because something happened."""
        if plan.mode == "event":
            period = self.period(plan.camera)
            return period is not None and period.stream == plan.stream
        return self.is_wanted(plan)

    def is_wanted(self, plan: Plan) -> bool:
        """Whether its stream is to come at this hour, to be recorded or held."""
        return plan.wants(self._calendar.moment(self._clock.now().timestamp()))

    def state(self, code: str) -> State:
        """Of a camera, now."""
        plan, period = self._plans.get(code), self.period(code)
        if plan is not None and plan.mode != "event" and self.is_wanted(plan):
            return "recording" if self._is_kept(plan) else "waiting"
        if period is not None:
            return "event" if self._is_kept(period) else "waiting"
        if plan is None:
            return "off"
        if plan.mode != "event":
            return "outside"
        status = self.status(plan)
        return "armed" if status is not None and status.armed else "waiting"

    def _is_kept(self, what: Plan | Period) -> bool:
        status = self.status(what)
        return status is not None and status.recording

    async def set_plan(
        self,
        who: Principal,
        camera: str,
        mode: Mode,
        stream: StreamKind,
        hours: tuple[Hours, ...] = (),
        *,
        before_s: int = BEFORE_S,
        after_s: int = AFTER_S,
    ) -> None:
        """Raises UnknownCamera, UnusableHours, AuditUnavailable, StorageFault."""
        if mode == "schedule" and not hours:
            raise UnusableHours(why_zh="没有时段", why_en="there are none")
        if mode != "schedule" and hours:
            raise UnusableHours(why_zh="只有按时段录像才有时段", why_en="only a schedule has hours")
        found = await self._cameras.get(camera)
        async with self._changing:
            before = self._plans.get(camera)
            after = Plan(camera, mode, stream, self._clock.now().timestamp(), who.name, hours, before_s, after_s)
            await self._audit.record(who, Act.RECORDING_PLAN, camera, detail=told_changes(_facts(before), _facts(after)))
            async with self._store.transaction() as tx:
                await self._cameras.hold(tx, camera)  # it may have been removed while the record was written
                if mode == "off":
                    await queries.remove(tx, camera)
                else:
                    await queries.keep(tx, after)
                if before is not None:
                    await queries.keep_past(tx, before, after.set_at)
            if mode == "off":
                self._plans.pop(camera, None)
            else:
                self._plans[camera] = after
            PLANNED.set(len(self._plans))
            if before is not None and (mode == "off" or before.name != after.name):
                self._periods.cut(camera, after.set_at)
                self._live.end_recording(before.name)
            elif self._live.is_recorded(after.name) and self.is_wanted(after):  # it goes on, only otherwise
                self._live.record(found, stream, after.held_s)
            self._due.set()

    async def _forget(self, tx: AsyncConnection, cameras: Sequence[str]) -> Callable[[], None]:
        """Removed cameras are no longer to be recorded: one that comes back is planned by somebody. Its footage stays."""
        now = self._clock.now().timestamp()
        for plan in [self._plans[code] for code in cameras if code in self._plans]:
            await queries.keep_past(tx, plan, now)
        await queries.remove_all(tx, cameras)

        def forgotten() -> None:
            for code in cameras:
                self._periods.cut(code, now)
            ended = [plan for code in cameras if (plan := self._plans.pop(code, None)) is not None]
            for plan in ended:
                self._live.end_recording(plan.name)
                told = told_changes(_facts(plan), _facts(None))
                self._audit.record_end(NODE, Act.RECORDING_PLAN, plan.camera, detail=f"its device was removed: {told}")
            PLANNED.set(len(self._plans))

        return forgotten

    def status(self, of: Plan | Period) -> RecordingStatus | None:
        """None while nothing has come since the start of the node, or no footage folder is at work."""
        try:
            return self._engine.recording_status(of.name)
        except EngineError:
            return None

    async def footage(
        self, who: Principal, camera: str, since: float, until: float, stream: StreamKind
    ) -> tuple[list[FootageSpan], list[FootageSpan], int | None]:
        """Where there is footage of a camera, and what of it was fetched from its device, under a use ticket for this time; and how
        far the index is filled, percent, None where it has all. Times: seconds since 1970.

        Raises UnknownCamera, UnusableSpan, Refusal, FootageAway, AuditUnavailable. Rules A1, A2.
        """
        refuse_span(since, until)
        facts = (await self._cameras.get(camera)).facts
        ground = self._access.check(who, Function.VIEW_RECORDED, facts, Footage(since, until))
        span = f"{stream} {since:.0f}–{until:.0f}"
        micros = int(since * 1e6), int(until * 1e6)
        async with self._audit.looking(replace(who, ground=ground), Act.FOOTAGE_LIST, camera, range=span):
            counters = self._engine.footage_counters()
            try:
                told = [
                    await asyncio.to_thread(ask, f"{camera}/{stream}", *micros)
                    for ask in (self._engine.footage, self._engine.fetched_footage)
                ]
            except EngineError as error:
                raise FootageAway() from error
        found, fetched = ([FootageSpan(start / 1e6, end / 1e6) for start, end in spans] for spans in told)
        return found, fetched, counters.looked_percent if counters.looking else None

    def faults(self) -> list[tuple[NodeFault, datetime]]:
        """For the node's page, each with when it was first seen."""
        return [] if self._index_failed is None else [self._index_failed]

    def take(self, event: Event) -> None:
        """An event of the engine; what is not about footage is handed on to the live streams."""
        kind = KINDS.get(event.kind)
        if kind is None:
            self._live.take(event)
            return
        TOLD.labels(kind).inc()
        if event.kind is EventKind.FOOTAGE_LOST:
            self._losses[event.name] = self._clock.now().timestamp(), event.reason
        if event.kind is EventKind.INDEX_FAILED:
            self._index_failed = FootageIndexFailed(why=event.reason), self._clock.now()
        elif event.kind is EventKind.INDEX_RECOVERED:
            self._index_failed = None
        tell = log.info if kind.endswith("recovered") else log.error
        tell("footage", what=kind, of=event.name, why=event.reason)


def _facts(plan: Plan | None) -> dict[str, object]:
    """For the record."""
    if plan is None:
        return {"mode": "off", "stream": "", "hours": "", "event": ""}
    told = (f"{''.join(map(str, one.days))} {text_of(one.begin)}–{text_of(one.end)}" for one in plan.hours)
    times = f"{plan.before_s} s before, {plan.after_s} s after" if plan.mode == "event" else ""
    return {"mode": plan.mode, "stream": plan.stream, "hours": ", ".join(told), "event": times}
