"""What is recorded: plans, the streams that are held open for them, and what is known of their footage."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from math import inf

import structlog
from prometheus_client import Counter
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.clock import Clock
from fengsui.errors import FootageIndexFailed, NodeFault
from fengsui.features.access import Access, Footage, Function, Principal
from fengsui.features.audit import NODE, Act, Audit, told_changes
from fengsui.features.cameras import Camera, Cameras, UnknownCamera
from fengsui.features.live import Live
from fengsui.features.recording import queries
from fengsui.features.recording.calendar import Calendar
from fengsui.features.recording.model import (
    AFTER_S,
    MOST_BEFORE_S,
    ON_ITS_WAY_S,
    Cause,
    FootageAway,
    FootageSpan,
    Period,
    Piece,
    Plan,
    State,
    StreamKind,
    Twice,
    UnusableOther,
    Wish,
    other_stream,
    refuse_span,
)
from fengsui.features.recording.periods import Periods
from fengsui.features.recording.plans import Plans, facts_of, without
from fengsui.loops import keep
from fengsui.media import Engine, EngineError, Event, EventKind, RecordingStatus
from fengsui.store import Store

log = structlog.get_logger(__name__)
LOOK_S, AHEAD_S, AT_ONCE, PAUSE_S = 5.0, 10.0, 50, 0.2
"""A camera is called `AHEAD_S` before its hours begin, for it takes a while until a key frame comes."""
"""Streams that are begun together, and the pause before the next ones: a node that starts calls thousands of cameras."""
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
        self._plans = Plans()
        self._periods = Periods(store, clock)
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
            await self._plans.read(tx)
        await self._periods.start()

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
        begun, asked = 0, {one.name for one in self._periods.still_open()}
        for plan in self._plans.all():
            wanted, recorded = plan.wants(*moments), self._live.is_recorded(plan.name)
            by_hand = plan.name in self._by_hand
            if recorded and not wanted and not by_hand and plan.name not in asked and self._plans.holds(plan):
                self._live.end_recording(plan.name)
            if (recorded and not by_hand) or not wanted:
                continue
            try:
                camera = await self._cameras.get(plan.camera)
            except UnknownCamera:  # its device does not list it now, or has not told it yet
                continue
            if self._plans.holds(plan):
                self._live.record(camera, plan.stream, plan.held_s)
                begun += 1
            if begun % AT_ONCE == AT_ONCE - 1:
                await asyncio.sleep(PAUSE_S)

    async def _follow_periods(self) -> None:
        """Goes on with what happened: also where no plan wants the stream, and where it comes again."""
        moment, still_open = self._calendar.moment(self._clock.now().timestamp()), self._periods.still_open()
        for name in self._by_hand - {one.name for one in still_open}:
            self._by_hand.discard(name)
            plan = self._plans.of_stream(name)
            if plan is None or not plan.wants(moment):
                self._live.end_recording(name)
        for period in still_open:
            try:
                camera = await self._cameras.get(period.camera)
            except UnknownCamera:
                continue
            if self._periods.open_of(period.name) is not None:
                self._go_on(camera, period)

    def _go_on(self, camera: Camera, period: Period) -> None:
        plan = self._plans.of_stream(period.name)
        if plan is None or not self.is_wanted(plan):
            self._by_hand.add(period.name)
            self._live.record(camera, period.stream, 0.0)
        self._live.record_event(period.name, self._periods.left_s(period.name))

    def trigger(self, code: str, cause: Cause, at: float) -> Period | None:
        """Something happened at a camera: what its plan says of the time before and after is kept, for longer with each event.

        `at`: when, seconds since 1970. None: it is not recorded on event. Neither the database nor the device is waited for.
        """
        plans = [plan for plan in self._plans.both_of(code) if plan.mode == "event"]
        told_at = self._believed(at)
        begun = [self._happened(code, plan.stream, cause, told_at, plan.before_s, plan.after_s) for plan in plans]
        return begun[0] if begun else None

    async def record_now(self, who: Principal, code: str, seconds: int | None, reason: str) -> Period:
        """Keeps a camera's pictures from now on for so long, whatever its plan; what is held of the time before is kept too.

        Raises UnknownCamera, Refusal, AuditUnavailable.
        """
        camera = await self._cameras.get(code)
        ground = self._access.check(who, Function.VIEW_LIVE, camera.facts)
        plan = self._by_hand_as(code)
        stream: StreamKind = "main" if plan is None else plan.stream
        lasting_s = seconds or (AFTER_S if plan is None else plan.after_s)
        await self._audit.record(who, Act.RECORDING_NOW, code, range=stream, detail=f"{lasting_s} s: {reason}", under=ground)
        held_s = plan.before_s if plan is not None and plan.mode == "event" else 0
        period = self._happened(code, stream, "person", self._clock.now().timestamp(), held_s, lasting_s)
        self._go_on(camera, period)
        return period

    def _by_hand_as(self, code: str) -> Plan | None:
        """Of a camera's plans the first whose stream is not recorded anyway; else its own."""
        plans = self._plans.both_of(code)
        resting = (plan for plan in plans if plan.mode == "event" or not self.is_wanted(plan))
        return next(resting, plans[0] if plans else None)

    def _believed(self, at: float) -> float:
        """When something happened, as it is told by a device, whose clock may be wrong."""
        now = self._clock.now().timestamp()
        return at if now - MOST_BEFORE_S <= at <= now else now

    def _happened(self, camera: str, stream: StreamKind, cause: Cause, at: float, before_s: int, lasting_s: int) -> Period:
        since = max(at, self._clock.now().timestamp() - ON_ITS_WAY_S) - before_s
        period = self._periods.note(camera, stream, cause, at, since, lasting_s)
        self._live.record_event(period.name, self._periods.left_s(period.name))
        HAPPENED.labels(cause).inc()
        self._due.set()
        return period

    def period(self, code: str) -> Period | None:
        """What happened at a camera, while it is recorded for it; not what its other stream alone is recorded for."""
        plan, other = self._plans.of(code), self._plans.other_of(code)
        streams = [plan.stream] if other is not None and plan is not None else ["main", "sub"]
        found = [one for stream in streams if (one := self._periods.open_of(f"{code}/{stream}")) is not None]
        return next((one for one in found if plan is not None and one.name == plan.name), found[0] if found else None)

    def period_of(self, plan: Plan) -> Period | None:
        """What happened, while a plan's stream is recorded for it."""
        return self._periods.open_of(plan.name)

    async def periods(self, cameras: Sequence[str], since: float) -> dict[str, list[Period]]:
        """Camera → when something happened that lasted beyond this time, ascending. Raises StorageFault."""
        return await self._periods.since(cameras, since)

    async def events(self, camera: str, since: float, until: float) -> list[Period]:
        """What happened at a camera and was recorded for it within this time, ascending; once, whether one stream was or both.

        Raises UnknownCamera, UnusableSpan, StorageFault.
        """
        refuse_span(since, until)
        await self._cameras.kept.get(camera)
        found = await self._periods.since([camera], since)
        whole: dict[float, Period] = {}
        for one in (one for one in found.get(camera, []) if one.since < until):
            known = whole.setdefault(one.at, one)
            whole[one.at] = replace(known, since=min(known.since, one.since), until=max(known.until, one.until))
        return list(whole.values())

    def now(self) -> datetime:
        """By the node's clock."""
        return self._clock.now()

    def plan(self, camera: str) -> Plan | None:
        """None: it is not recorded."""
        return self._plans.of(camera)

    def other(self, camera: str) -> Plan | None:
        """The plan of its other stream. None: that one is not recorded."""
        return self._plans.other_of(camera)

    def plans(self) -> list[Plan]:
        """Of each camera that is recorded the one by which its days are reckoned: not those of other streams."""
        return self._plans.first()

    async def pieces(self, since: float) -> dict[str, list[Piece]]:
        """Camera → its plans that held after this time, each as long as it did, ascending; not those of other streams.

        Raises StorageFault.
        """
        found: dict[str, list[Piece]] = {}
        async with self._store.reading() as tx:
            for piece in await queries.past_since(tx, since):
                found.setdefault(piece.plan.camera, []).append(piece)
        for plan in self._plans.first():
            found.setdefault(plan.camera, []).append(Piece(plan, inf))
        return found

    async def pieces_of(self, camera: str, since: float) -> list[Piece]:
        """The same of one camera. Raises StorageFault."""
        async with self._store.reading() as tx:
            found = await queries.past_since(tx, since, camera)
        plan = self._plans.of(camera)
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
            return self.period_of(plan) is not None
        return self.is_wanted(plan)

    def is_wanted(self, plan: Plan) -> bool:
        """Whether its stream is to come at this hour, to be recorded or held."""
        return plan.wants(self._calendar.moment(self._clock.now().timestamp()))

    def state(self, plan: Plan | None, period: Period | None) -> State:
        """Of a stream now, by its plan and what happened."""
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

    async def set_plan(self, who: Principal, camera: str, stream: StreamKind, wish: Wish, other: Wish | None = None) -> None:
        """How a camera is recorded. `other`: its other stream; None: that plan stays, unless this one takes its stream or is off.

        Raises UnknownCamera, UnusableHours, UnusableOther, AuditUnavailable, StorageFault.
        """
        wish.refuse()
        wants_other = other is not None and other.mode != "off"
        if other is not None:
            other.refuse()
        if wants_other and wish.mode == "off":
            raise UnusableOther(why_zh="摄像机没有录像计划", why_en="the camera itself is not recorded")
        found = await self._cameras.get(camera)
        if wants_other and other_stream(stream) not in found.streams:
            raise UnusableOther(why_zh="设备只有一路码流", why_en="its device has one stream only")
        async with self._changing:
            before = self._plans.of(camera), self._plans.other_of(camera)
            after = self._planned(who, camera, stream, wish, other, before[1])
            await self._audit.record(who, Act.RECORDING_PLAN, camera, detail=told_changes(facts_of(*before), facts_of(*after)))
            async with self._store.transaction() as tx:
                await self._cameras.hold(tx, camera)  # it may have been removed while the record was written
                await queries.keep(tx, camera, after[0])
                await queries.keep(tx, camera, after[1], other=True)
                if before[0] is not None:
                    await queries.keep_past(tx, before[0], self._clock.now().timestamp() if after[0] is None else after[0].set_at)
            self._plans.put(camera, *after)
            held = self._plans.both_of(camera)
            for gone in without((one for one in before if one is not None), held):
                self._periods.cut(gone.name)
                self._live.end_recording(gone.name)
            for plan in held:
                if self._live.is_recorded(plan.name) and self.is_wanted(plan):  # it goes on, only otherwise
                    self._live.record(found, plan.stream, plan.held_s)
            self._due.set()

    def _planned(
        self, who: Principal, camera: str, stream: StreamKind, wish: Wish, other: Wish | None, before: Plan | None
    ) -> tuple[Plan | None, Plan | None]:
        """Of both streams, from now on. `before`: what held for the other one."""
        now = self._clock.now().timestamp()

        def plan(of: StreamKind, by: Wish) -> Plan:
            return Plan(camera, by.mode, of, now, who.name, by.hours, by.before_s, by.after_s)

        if wish.mode == "off":
            return None, None
        if other is None:
            return plan(stream, wish), before if before is not None and before.stream != stream else None
        return plan(stream, wish), plan(other_stream(stream), other) if other.mode != "off" else None

    async def _forget(self, tx: AsyncConnection, cameras: Sequence[str]) -> Callable[[], None]:
        """Removed cameras are no longer to be recorded: one that comes back is planned by somebody. Its footage stays."""
        now = self._clock.now().timestamp()
        for plan in [plan for code in cameras if (plan := self._plans.of(code)) is not None]:
            await queries.keep_past(tx, plan, now)
        await queries.remove_all(tx, cameras)

        def forgotten() -> None:
            for code in cameras:
                for stream in ("main", "sub"):
                    self._periods.cut(f"{code}/{stream}")
                plans = self._plans.both_of(code)
                if not plans:
                    continue
                told = told_changes(facts_of(self._plans.of(code), self._plans.other_of(code)), facts_of(None, None))
                self._plans.put(code, None, None)
                for plan in plans:
                    self._live.end_recording(plan.name)
                self._audit.record_end(NODE, Act.RECORDING_PLAN, code, detail=f"its device was removed: {told}")

        return forgotten

    def status(self, of: Plan | Period) -> RecordingStatus | None:
        """None while nothing has come since the start of the node, or no footage folder is at work."""
        try:
            return self._engine.recording_status(of.name)
        except EngineError:
            return None

    async def footage(
        self, who: Principal, camera: str, since: float, until: float, stream: StreamKind
    ) -> tuple[list[FootageSpan], list[FootageSpan], list[Twice], int | None]:
        """Where there is footage of a camera, what of it was fetched from its device, and what was recorded more than once, under a
        use ticket for this time; and how far the index is filled, percent, None where it has all. Times: seconds since 1970.

        Raises UnknownCamera, UnusableSpan, Refusal, FootageAway, AuditUnavailable. Rules A1, A2.
        """
        refuse_span(since, until)
        facts = (await self._cameras.kept.get(camera)).facts_of(since, until)
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
                often = await asyncio.to_thread(self._engine.footage_twice, f"{camera}/{stream}", *micros)
            except EngineError as error:
                raise FootageAway() from error
        found, fetched = ([FootageSpan(start / 1e6, end / 1e6) for start, end in spans] for spans in told)
        twice = [Twice(start / 1e6, end / 1e6, times) for start, end, times in often]
        return found, fetched, twice, counters.looked_percent if counters.looking else None

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
