"""Fetches what devices recorded while the node did not: the oldest first, for that is what they overwrite first."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

import structlog
from prometheus_client import Counter, Gauge

from fengsui.clock import Clock
from fengsui.errors import FengsuiError, StorageFault
from fengsui.features.access import Access, Footage, Function, Principal
from fengsui.features.audit import NODE, Act, Audit
from fengsui.features.cameras import Camera, Cameras, UnknownCamera, details_of
from fengsui.features.completeness import Completeness, Gap
from fengsui.features.devices import DeviceOffline, NoAnswer
from fengsui.features.filling import queries
from fengsui.features.filling.model import (
    LEAST_S,
    LONGEST_S,
    MOST_ATTEMPTS,
    RATE,
    Fill,
    FillingOff,
    Span,
    UnusableFill,
    Why,
    again_at,
    is_covered,
    missing_in,
    pieces_of,
    rest_s,
    speed_for,
)
from fengsui.features.live import Came, DeviceDownload, FetchFailed, NotPlayed, Recorders
from fengsui.features.recording import FootageAway
from fengsui.loops import keep, surprises
from fengsui.media import Engine, EngineError, Event
from fengsui.recording_settings import RecordingSection
from fengsui.store import Store

log = structlog.get_logger(__name__)
LOOK_S: Final = 15.0
SHARE: Final = 10.0
"""However often it is woken, it rests so many times as long as it looked: of a province that is away much is due, and nothing can
be done about it."""
AWAY: Final = ("offline", "unknown")
ENDED_S: Final = 60.0
"""A gap that reaches so near to now may still last: it is filled when the camera is recorded again."""
KEPT_S: Final = 92 * 86_400.0
UNUSABLE: Final[Mapping[str, Why]] = {
    "nothing": "not_sent",
    "part": "not_sent",
    "scaled": "scaled",
    "other_time": "other_time",
    "leap": "leap",
    "overrun": "node",
    "disk": "disk",
}
FILLED = Counter("fengsui_filled_seconds_total", "Seconds of footage fetched from devices")
RECEIVED = Counter("fengsui_filled_received_bytes_total", "Bytes that devices sent to fill footage")
PIECES = Counter("fengsui_filled_pieces_total", "Calls that fetch recordings, by how they ended", ["outcome"])
DUE = Gauge("fengsui_fills_due", "Gaps that are to be filled from devices")
RUNNING = Gauge("fengsui_fills_running", "Gaps that are being filled from devices")


class Filling:
    """What is to be filled stands in the database: a stop costs the piece that was under way."""

    def __init__(
        self,
        settings: RecordingSection,
        store: Store,
        clock: Clock,
        cameras: Cameras,
        completeness: Completeness,
        recorders: Recorders,
        engine: Engine,
        access: Access,
        audit: Audit,
        kept_since: Callable[[float], float],
    ) -> None:
        """`kept_since`: what began before that time would be removed at once."""
        self._kept_since = kept_since
        self._access = access
        self._audit = audit
        self._at_once = settings.fill_at_once if settings.fill_mbit > 0 else 0
        self._bytes_a_second = settings.fill_mbit * 125_000 / max(1, settings.fill_at_once)
        """Of one call."""
        self._reach_s = settings.fill_days * 86_400.0
        self._store = store
        self._clock = clock
        self._cameras = cameras
        self._completeness = completeness
        self._recorders = recorders
        self._engine = engine
        self._due: dict[tuple[str, str, float], Fill] = {}
        self._running: dict[str, asyncio.Task[None]] = {}
        """By device: each is asked for one recording at a time."""
        self._calls: dict[str, DeviceDownload] = {}
        """By the engine's name."""
        self._rates: dict[str, float] = {}
        """By camera: bytes of a recorded second, as they came last."""
        self._slow: set[str] = set()
        """Cameras whose time stamps can be used only at the speed at which they recorded."""
        self._listed: dict[str, Camera | None] = {}
        """Cameras that something is due of, as they were listed since `_listed_s`; None: they were not."""
        self._listed_s = 0.0
        self._woken = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Reads what is to be filled. Raises StorageFault."""
        async with self._store.reading() as tx:
            self._due = {_key(one): one for one in await queries.due(tx)}
        DUE.set(len(self._due))
        self._completeness.on_gaps(self.note)

    def begin(self) -> None:
        """Devices can be spoken to."""
        if self._at_once:
            self._loop = keep("filling", self._run)

    async def stop(self) -> None:
        """What is under way is let go, with its calls."""
        running = list(self._running.values())
        for task in (self._loop, *running):
            if task is not None:
                task.cancel()
        await asyncio.gather(*(task for task in (self._loop, *running) if task is not None), return_exceptions=True)

    def take(self, event: Event, other: Callable[[Event], None]) -> None:
        """An event of the engine; what is not about a recording that is fetched goes to `other`."""
        call = self._calls.get(event.name)
        if call is None:
            other(event)
        else:
            call.take(event)

    async def note(self, gaps: Mapping[str, Sequence[Gap]]) -> None:
        """Gaps as they are reckoned: those that have ended are to be filled. Raises StorageFault."""
        if not self._at_once:
            return
        now = self._clock.now().timestamp()
        oldest, newest = max(now - self._reach_s, self._kept_since(now)), now - ENDED_S
        ended = {
            code: found
            for code, some in gaps.items()
            if (found := [one for one in some if oldest < one.since and one.until < newest])
        }
        if not ended:
            return
        fresh: list[Fill] = []
        async with self._store.transaction(act=False) as tx:
            known: dict[str, list[Fill]] = {}
            for one in await queries.of_cameras(tx, list(ended), oldest - 86_400, now):
                known.setdefault(one.camera, []).append(one)
            for code, some in ended.items():
                mine = known.get(code, [])
                fresh += [
                    Fill(code, one.stream, one.since, one.until)
                    for one in some
                    if not is_covered(Span(one.since, one.until), [fill for fill in mine if fill.stream == one.stream])
                ]
            await queries.keep(tx, fresh)
        self._due |= {_key(one): one for one in fresh}
        DUE.set(len(self._due))
        if fresh:
            log.info("footage is missing that devices may have", gaps=len(fresh))
            self._woken.set()

    async def fills(self, who: Principal, camera: str, since: float, until: float) -> list[Fill]:
        """What of a camera is to be filled or was, by the node or by oneself, ascending: what others investigate is not told.

        Raises StorageFault.
        """
        async with self._store.reading() as tx:
            found = await queries.of_cameras(tx, [camera], since, until)
        return [one for one in found if one.asked_by in ("", str(who.user_id))]

    async def ask(self, who: Principal, code: str, stream: str, footage: Footage) -> Fill:
        """Fetches what the camera's device recorded of a time, and the node did not of this stream, before all that is due.

        Raises UnknownCamera, UnusableFill, FillingOff, Refusal, AuditUnavailable, StorageFault. Rules A1, A2.
        """
        now, (since, until) = self._clock.now().timestamp(), footage[:2]
        if not since < until or until - since > LONGEST_S or until > now - ENDED_S:
            long = until - since > LONGEST_S
            why = (
                ("时段过长", "it is too long")
                if long
                else ("尚未过去或起止颠倒", "it is not past, or does not begin before it ends")
            )
            raise UnusableFill(why_zh=why[0], why_en=why[1], hours=int(LONGEST_S / 3_600))
        if not self._at_once:
            raise FillingOff()
        camera = await self._cameras.get(code)
        kept = await self._cameras.kept.get(code)
        ground = self._access.check(who, Function.VIEW_RECORDED, kept.facts_of_device(since, until), footage)
        if not kept.device_was_there(since):
            why = ("当时该编码属于另一台设备", "its code was another device's then")
            raise UnusableFill(why_zh=why[0], why_en=why[1], hours=int(LONGEST_S / 3_600))
        span = f"{stream} {since:.0f}–{until:.0f}"
        await self._audit.record(who, Act.FOOTAGE_FETCH, code, range=span, detail=camera.device, recipient=who.name, under=ground)
        fill = Fill(code, f"{code}/{stream}", since, until, asked_by=str(who.user_id))
        async with self._store.transaction() as tx:
            await queries.keep(tx, [fill])
        self._due[_key(fill)] = fill
        self._listed.pop(code, None)
        DUE.set(len(self._due))
        self._woken.set()
        return fill

    def is_running(self, fill: Fill) -> bool:
        """It is being fetched now."""
        return any(call.stream == fill.stream and fill.since <= call.since < fill.until for call in self._calls.values())

    async def _run(self) -> None:
        forgotten_s = self._clock.monotonic_s()
        while True:
            self._woken.clear()
            looked_s = self._clock.monotonic_s()
            with surprises("filling"):
                await self._begin_what_is_due()
            looked_s = self._clock.monotonic_s() - looked_s
            if self._clock.monotonic_s() - forgotten_s > 3_600:
                forgotten_s = self._clock.monotonic_s()
                with surprises("filling"):
                    await self._forget()
            await asyncio.sleep(min(SHARE * looked_s, LOOK_S))
            try:
                async with asyncio.timeout(LOOK_S):
                    await self._woken.wait()
            except TimeoutError:
                continue

    async def _forget(self) -> None:
        try:
            async with self._store.transaction(act=False) as tx:
                await queries.forget(tx, self._clock.now().timestamp() - KEPT_S)
        except StorageFault as fault:
            log.warning("what was filled long ago is not forgotten now", why=str(fault))

    async def _begin_what_is_due(self) -> None:
        """Of each device that is there the oldest, as many together as may be."""
        now, counters = self._clock.now().timestamp(), self._engine.footage_counters()
        if counters.looking or not counters.folders_working:
            return
        able = await self._able()
        due = [one for one in self._due.values() if one.camera in able and one.next_at <= now]
        for fill in sorted(due, key=lambda one: (not one.asked_by, one.since)):
            if len(self._running) >= self._at_once:
                return
            try:
                camera = await self._cameras.get(fill.camera)
            except UnknownCamera:  # its device does not list it now; one that never does again is forgotten with its footage
                continue
            if not (await self._cameras.kept.get(fill.camera)).device_was_there(fill.since):
                # Another device's channel has the code now: what that recorded meanwhile, it recorded elsewhere.
                await self._conclude(replace(fill, attempts=MOST_ATTEMPTS), "nothing")
                continue
            if camera.device in self._running or self._cameras.status_of(camera) in AWAY:
                continue
            self._running[camera.device] = asyncio.create_task(self._fill(camera, fill), name=f"fill-{fill.camera}")
            RUNNING.set(len(self._running))

    async def _able(self) -> set[str]:
        """Cameras of what is due whose devices are there, as they were listed a short while ago. Where a province's line was cut,
        most are away, and to look each of them up at each turn would leave no time for anything else.
        """
        now_s = self._clock.monotonic_s()
        if now_s - self._listed_s > 2 * LOOK_S:
            self._listed.clear()
            self._listed_s = now_s
        if unknown := {one.camera for one in self._due.values()} - self._listed.keys():
            found = await self._cameras.many(sorted(unknown))
            self._listed |= {code: found[code][0] if code in found else None for code in unknown}
        listed = ((code, camera) for code, camera in self._listed.items() if camera is not None)
        return {code for code, camera in listed if self._cameras.status_of(camera) not in AWAY}

    async def _fill(self, camera: Camera, fill: Fill) -> None:
        """One attempt. Never raises."""
        log.info(
            "footage is filled from the device", camera=camera.code, since=fill.since, until=fill.until, attempt=fill.attempts + 1
        )
        why: Why = "node"
        try:
            with surprises("filling"):
                try:
                    fill, why = await self._attempt(camera, fill)
                except (FootageAway, StorageFault) as fault:
                    log.warning("a gap is not filled now", camera=camera.code, why=str(fault))
        finally:
            self._running.pop(camera.device, None)
            RUNNING.set(len(self._running))
            self._woken.set()
        with surprises("filling"):
            await self._conclude(fill, why)

    async def _conclude(self, fill: Fill, why: Why) -> None:
        attempts = fill.attempts + (why != "offline")
        ended = why == "filled" or attempts >= MOST_ATTEMPTS
        again = again_at(self._clock.now().timestamp(), attempts)
        fill = replace(fill, state="done" if ended else "due", attempts=attempts, next_at=0.0 if ended else again, why=why)
        said = f"{fill.filled_s:.0f} s became footage, {fill.bytes} bytes; {why}"
        log.info("footage was filled from the device", camera=fill.camera, state=fill.state, said=said)
        if fill.state == "done":
            span = f"{fill.stream.rpartition('/')[2]} {fill.since:.0f}–{fill.until:.0f}"
            self._audit.record_end(NODE, Act.FOOTAGE_FETCH, fill.camera, range=span, detail=said)
        await self._keep(fill)

    async def _keep(self, fill: Fill) -> None:
        if fill.state == "due":
            self._due[_key(fill)] = fill
        else:
            self._due.pop(_key(fill), None)
        DUE.set(len(self._due))
        try:
            async with self._store.transaction(act=False) as tx:
                await queries.keep(tx, [fill])
        except StorageFault as fault:  # it is tried again after the next start, and finds nothing missing
            log.warning("what was filled is not written down", camera=fill.camera, why=str(fault))

    async def _attempt(self, camera: Camera, fill: Fill) -> tuple[Fill, Why]:
        """The fill as it is then, and why it ends so."""
        try:
            listed = await self._recorders.files(camera, fill.since, fill.until)
        except DeviceOffline:
            return fill, "offline"
        except NoAnswer:
            return fill, "unanswered"
        except FengsuiError as fault:
            log.info("a device does not say what it recorded", camera=camera.code, why=str(fault))
            return fill, "refused"
        files, vain = [Span(one.since, one.until) for one in listed.files], set[Span]()
        why: Why = "nothing"
        while True:
            missing = await self._missing(fill)
            if not missing:
                return fill, "filled"
            piece = next((one for one in pieces_of(missing, files) if one not in vain), None)
            if piece is None:
                return fill, why
            begun_s = self._clock.monotonic_s()
            came, failed = await self._fetch(camera, fill.stream, piece)
            if failed:
                why = failed
            if failed in ("offline", "unanswered", "disk", "node"):
                return fill, failed
            if came is not None and came.until - came.since >= LEAST_S:
                gained_s = came.until - came.since
                fill = replace(fill, filled_s=fill.filled_s + gained_s, bytes=fill.bytes + came.bytes)
                FILLED.inc(gained_s)
                await self._keep(fill)
                await self._completeness.reckon_again(camera.code, came.since)
            elif failed == "scaled":
                self._slow.add(camera.code)
            else:
                vain.add(piece)
            if came is not None:
                took_s = self._clock.monotonic_s() - begun_s
                await asyncio.sleep(rest_s(came.received, took_s, self._bytes_a_second))

    async def _missing(self, fill: Fill) -> list[Span]:
        """What of it is not in the footage now. Raises FootageAway."""
        micros = int(fill.since * 1e6), int(fill.until * 1e6)
        try:
            found = await asyncio.to_thread(self._engine.footage, fill.stream, *micros)
        except EngineError as error:
            raise FootageAway() from error
        return missing_in(fill.since, fill.until, (Span(start / 1e6, end / 1e6) for start, end in found))

    async def _fetch(self, camera: Camera, stream: str, piece: Span) -> tuple[Came | None, Why]:
        """What came of it, and what was wrong."""
        rate = self._rates.get(camera.code, RATE)
        speed = (
            1
            if camera.code in self._slow
            else speed_for(details_of(camera.stored_details).download_speeds, rate, self._bytes_a_second)
        )
        name = f"{camera.code}/fill-{secrets.token_hex(8)}"
        bound = int(self._bytes_a_second)
        call = self._recorders.download(camera, name, stream, *piece, speed=speed, bytes_a_second=bound)
        self._calls[name] = call
        outcome: str = "failed"
        try:
            came = await call.fetch()
            outcome = came.outcome
        except DeviceOffline:
            return None, "offline"
        except NotPlayed as fault:
            log.info("a device does not send what it recorded", camera=camera.code, why=str(fault))
            return None, "refused"
        except FetchFailed:
            return None, "disk"
        finally:
            del self._calls[name]
            PIECES.labels(outcome).inc()
        RECEIVED.inc(came.received)
        if came.until - came.since > LEAST_S:
            self._rates[camera.code] = came.received / (came.until - came.since)
        if outcome != "whole":
            log.info("a recording did not come as it was asked for", camera=camera.code, outcome=outcome, since=piece.since)
        return came, "" if outcome == "whole" else UNUSABLE[outcome]


def _key(fill: Fill) -> tuple[str, str, float]:
    return fill.camera, fill.stream, fill.since
