"""Who plays recorded footage: opens playbacks, records what was shown, and ends them with the right to them."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import ceil, floor
from typing import Any

import structlog
from prometheus_client import Gauge

from fengsui.clock import Clock
from fengsui.errors import FengsuiError, StorageFault
from fengsui.features.access import Access, Footage, Function, Principal
from fengsui.features.audit import Act, Audit
from fengsui.features.cameras import Cameras, KeptCamera
from fengsui.features.live import DeviceFiles, DeviceFilm, Recorders
from fengsui.features.masks import Masks
from fengsui.features.playback.model import (
    LONGEST_S,
    ForeignPlayback,
    KeptStill,
    NoFootageHere,
    NoPicture,
    Order,
    Pace,
    Piece,
    PlaybackSession,
    SnapshotUnmasked,
    TooManyPlaybacks,
    UnknownPlayback,
    UnusableOrder,
    UnusablePeriod,
    said,
)
from fengsui.features.playback.rights import Rights, refuse_speed, refuse_unusable
from fengsui.features.playback.still import Tag, place_in
from fengsui.loops import keep, surprises
from fengsui.media import Engine, EngineError, Event, EventKind
from fengsui.settings import MediaSection

log = structlog.get_logger(__name__)
MAX_OWNERS = 10_000
LOOK_S, UNDECIDED_S, COMES_WITHIN_S, TELL_S = 1.0, 10.0, 60.0, 60.0
KNOWN_S = 60.0
"""So long after its end a playback is known at least: that a player was let in may be told later than that it is to go."""
TOLD_OF_PLAYERS = (EventKind.FOOTAGE_SHOWN, EventKind.PLAYER_JOINED, EventKind.PLAYER_LEFT)
OPEN = Gauge("fengsui_playbacks", "Playbacks of recorded footage")


class Playback:
    """Every playback that is open. The right to each is looked at once a second (rules A1, A2). `removed`: of a camera, stream and
    time what refuses it by the record of its removal; `lasts_until`: of a person and the number of their ticket when that ends,
    seconds since 1970, or TicketOver.
    """

    def __init__(
        self,
        settings: MediaSection,
        clock: Clock,
        access: Access,
        audit: Audit,
        cameras: Cameras,
        masks: Masks,
        engine: Engine,
        recorders: Recorders,
        removed: Callable[[str, str, float, float], Awaitable[FengsuiError | None]],
        lasts_until: Callable[[int, str], float],
        node: str = "",
    ) -> None:
        self._node = node
        self._lasts_until = lasts_until
        self._recorders = recorders
        self._settings = settings
        self._clock = clock
        self._access = access
        self._audit = audit
        self._rights = Rights(access, audit, cameras, masks, engine, removed)
        self._cameras = cameras
        self._masks = masks
        self._engine = engine
        self._open: dict[str, PlaybackSession] = {}
        self._ended: dict[str, PlaybackSession] = {}
        """What a player was shown last is told after the end of its right."""
        self._owners: OrderedDict[str, int] = OrderedDict()
        self._goodbyes: set[asyncio.Task[None]] = set()
        self._loop: asyncio.Task[None] | None = None
        access.on_session_end(self._end_sessions_of)

    async def start(self) -> None:
        """Follows rights."""
        self._loop = keep("playback", self._follow)

    async def stop(self) -> None:
        """Ends every playback; what was shown is on record."""
        if self._loop is not None:
            self._loop.cancel()
            await asyncio.gather(self._loop, return_exceptions=True)
        for session in list(self._open.values()):
            self._end(session, "the node stops")
        await asyncio.gather(*self._goodbyes, return_exceptions=True)

    def now(self) -> datetime:
        """Of the node."""
        return self._clock.now()

    def pace_of(self, session: PlaybackSession) -> Pace:
        """Where the node's footage is that passes by itself."""
        told = self._engine.paced_playback(session.id)
        at_us, speed, paused = (None, 1.0, False) if told is None else told
        return Pace(session.footage.since if at_us is None else at_us / 1e6, speed, paused)

    async def open(
        self, who: Principal, camera: str, stream: str, footage: Footage, recording: int = 1, speed: float = 1.0
    ) -> PlaybackSession:
        """`recording`: of moments that were recorded more than once, counted as they were.

        Raises UnknownCamera, UnusablePeriod, Refusal, TooManyPlaybacks, NoFootageHere, AuditUnavailable."""
        who = await self.right_to_kept(who, camera, stream, footage)
        self._refuse_too_many(who)
        micros = int(footage.since * 1e6), int(footage.until * 1e6)
        session, name = secrets.token_hex(8), f"playback/{camera}/{stream}/{micros[0]}-{micros[1]}"
        if recording > 1:
            name += f"/turn-{recording - 1}"
        made = self._session(who, session, camera, stream, footage, name)
        made.recording = recording
        made.codec = await self._codec_of(f"{camera}/{stream}", *micros)
        await self._audit.record(who, Act.PLAYBACK_OPEN, camera, range=made.range, recipient=who.name)
        self._engine.steer_playback(session, speed=speed)
        self._keep(made)
        return made

    async def open_device(self, who: Principal, camera: str, footage: Footage, speed: float = 1.0) -> PlaybackSession:
        """What the camera's device has recorded, by a call for this viewer alone, once its first picture has come.

        Raises UnknownCamera, UnusablePeriod, Refusal, TooManyPlaybacks, NotPlayed, DeviceOffline, UnknownPlayback (the right to it
        has ended meanwhile), AuditUnavailable.
        """
        refuse_unusable(footage)
        refuse_speed(speed)
        if ceil(footage.since) >= floor(footage.until):
            raise UnusablePeriod(why_zh="设备按整秒回放,时段不足一整秒", why_en="a device plays whole seconds, and it holds none")
        found = await self._cameras.get(camera)
        who = self._rights.let_in(who, (await self._cameras.kept.get(camera)).facts_of_device(*footage[:2]), footage)
        self._refuse_too_many(who)
        session = secrets.token_hex(8)
        name = f"{camera}/device-{session}"
        made = self._session(who, session, camera, "device", footage, name)
        film = made.film = self._recorders.film(found, name, footage.since, footage.until)
        await self._audit.record(who, Act.PLAYBACK_OPEN, camera, range=made.range, detail=found.device, recipient=who.name)
        made.told_s = self._clock.monotonic_s()
        self._keep(made)
        try:
            await film.open()
            if speed != 1:
                await film.play_at(speed)
        except BaseException as error:
            self._end(made, getattr(error, "code", "not opened"))
            raise
        if session not in self._open:
            await film.end()
            raise UnknownPlayback()
        counters = self._engine.source_counters(film.source)
        made.codec = "" if counters is None else counters.codec_string
        return made

    async def control(self, who: Principal, session: str, order: Order) -> PlaybackSession:
        """Steers what a device plays to oneself, or what the node sends at its own pace.

        Raises UnknownPlayback, ForeignPlayback, UnusableOrder, FilmOver, SignallingFault, AuditUnavailable.
        """
        found = self._mine(who, session)
        if not order.whole:
            raise UnusableOrder(why_zh="时间只用于定位,速度只用于变速", why_en="a time goes with a seek, a speed with its change")
        if order.at is not None and not found.footage.since <= order.at < found.footage.until:
            raise UnusableOrder(why_zh="不在打开的时段内", why_en="it is not within the time that was opened")
        if (film := found.film) is not None and order.speed is not None:
            refuse_speed(order.speed)
        await self._audit.record(found.principal, Act.PLAYBACK_CONTROL, found.camera, range=found.range, detail=order.text)
        if film is None:
            if session in self._open:  # it may have ended meanwhile, and is forgotten then
                paused = {"play": False, "pause": True}.get(order.act)
                leap_us = None if order.at is None else int(order.at * 1e6)
                self._engine.steer_playback(session, speed=order.speed, paused=paused, leap_us=leap_us)
            return found
        match order:
            case Order("pause"):
                await film.pause()
            case Order("play"):
                await film.go_on()
            case Order("seek", at=float(at)):
                await film.seek(at)
            case Order("speed", speed=float(speed)):
                await film.play_at(speed)
        return found

    async def right(self, who: Principal, camera: str, footage: Footage, longest_s: float = LONGEST_S) -> Principal:
        """As `Rights.of`."""
        return await self._rights.of(who, camera, footage, longest_s)

    async def right_to_kept(
        self, who: Principal, camera: str, stream: str, footage: Footage, longest_s: float = LONGEST_S
    ) -> Principal:
        """As `Rights.to_kept`."""
        return await self._rights.to_kept(who, camera, stream, footage, longest_s)

    async def _codec_of(self, stream: str, from_us: int, to_us: int) -> str:
        try:
            return await asyncio.to_thread(self._engine.footage_codec, stream, from_us, to_us) or ""
        except EngineError as error:
            raise NoFootageHere() from error

    def mine(self, who: Principal, session: str) -> PlaybackSession:
        """What one plays. Raises UnknownPlayback, ForeignPlayback."""
        return self._mine(who, session)

    def _session(self, who: Principal, session: str, camera: str, stream: str, footage: Footage, name: str) -> PlaybackSession:
        life_s = self._settings.ticket_s
        ticket = self._access.media_ticket(name, session, int(self._access.steady.process_s() + life_s), who)
        expires_at = self._clock.now() + timedelta(seconds=life_s)
        return PlaybackSession(session, camera, stream, footage, who, name, ticket, expires_at, self._clock.monotonic_s())

    def _keep(self, made: PlaybackSession) -> None:
        self._open[made.id] = made
        self._owners[made.id] = made.principal.user_id
        while len(self._owners) > MAX_OWNERS:
            self._owners.popitem(last=False)
        OPEN.set(len(self._open))

    async def device_files(self, who: Principal, camera: str, footage: Footage) -> DeviceFiles:
        """What the camera's device says that it has recorded of it then, under a use ticket for this time (rules A1, A2).

        Raises UnknownCamera, UnusablePeriod, Refusal, AuditUnavailable, TooManyQuestions, UnknownDevice, SignallingFault.
        """
        refuse_unusable(footage)
        found = await self._cameras.get(camera)
        facts = (await self._cameras.kept.get(camera)).facts_of_device(*footage[:2])
        ground = self._access.check(who, Function.VIEW_RECORDED, facts, footage)
        span = f"{footage.since:.0f}–{footage.until:.0f}"
        await self._audit.record(replace(who, ground=ground), Act.FOOTAGE_DEVICE, camera, range=span, detail=found.device)
        return await self._recorders.files(found, *footage[:2])

    def _refuse_too_many(self, who: Principal) -> None:
        """One for which no player came makes room. Raises TooManyPlaybacks."""
        limit = self._settings.max_sessions_per_person
        mine = [one for one in self._open.values() if one.principal.user_id == who.user_id]
        if len(mine) < limit:
            return
        forgotten = self._clock.monotonic_s() - COMES_WITHIN_S
        idle = next((one for one in mine if not one.came and one.opened_s < forgotten), None)
        if idle is None:
            raise TooManyPlaybacks(limit=limit)
        self._end(idle, "nothing was shown")

    def close(self, who: Principal, session: str) -> None:
        """Raises UnknownPlayback for one of one's own that has ended, ForeignPlayback for any other."""
        self._end(self._mine(who, session), "closed")

    async def keep_snapshot(self, who: Principal, session: str, at: float, file: bytes) -> KeptStill:
        """A still of what one plays with the tag that it carries from now on, once it is on record with ticket, purpose and the
        ticket's end (rule A6). `at`: the picture's own time.

        Raises NoPicture, UnknownPlayback, ForeignPlayback, Refusal, UnusablePeriod, SnapshotUnmasked, AuditUnavailable.
        """
        place = place_in(file)
        if place is None:
            raise NoPicture()
        found = self._mine(who, session)
        camera = await self._cameras.kept.get(found.camera)
        # Another ticket that would open it is another purpose than the one that it is shown under (rule A28).
        footage = found.footage._replace(ticket=found.principal.ground.ticket)
        ground = self._access.check(who, Function.VIEW_RECORDED, camera.facts_of(*footage[:2]), footage)
        ticket_until = self._lasts_until(who.user_id, ground.ticket)
        if self._masks.has(found.camera):
            raise SnapshotUnmasked()
        if not found.footage.since <= at < found.footage.until:
            raise UnusablePeriod(why_zh="不在回放的时段内", why_en="it is not within what is played")
        whose = who.name, who.unit, ground, ticket_until, self._node
        tag = Tag(found.camera, camera.name, f"{found.stream}{found.which}", at, *whose).segment()
        tagged = b"".join((file[:place], tag, file[place:]))
        digest = await asyncio.to_thread(lambda: hashlib.sha256(tagged).hexdigest())
        range_ = f"{found.stream}{found.which} {at:.3f}"
        until = datetime.fromtimestamp(int(ticket_until), UTC).isoformat().replace("+00:00", "Z")
        detail = f"sha256 {digest}, {len(tagged)} bytes; ticket until {until}"
        await self._audit.record(
            who, Act.PLAYBACK_SNAPSHOT, found.camera, range=range_, detail=detail, recipient=who.name, under=ground
        )
        return KeptStill(digest, place, tag)

    def _mine(self, who: Principal, session: str) -> PlaybackSession:
        found = self._open.get(session)
        if found is None or found.principal.user_id != who.user_id:
            raise UnknownPlayback() if self._owners.get(session) == who.user_id else ForeignPlayback()
        return found

    def take(self, event: Event, other: Callable[[Event], None]) -> None:
        """An event of the engine; what is not about playback goes to `other`."""
        if self._take_of_film(event):
            return
        if event.kind not in TOLD_OF_PLAYERS:
            other(event)
            return
        session = self._open.get(event.session) or self._ended.get(event.session)
        if session is None:
            log.error("the media core tells of a playback that is not known (any more)", what=event.kind, name=event.name)
        elif event.kind is EventKind.FOOTAGE_SHOWN:
            session.shown.append(Piece(event.reason, event.from_us / 1e6, event.to_us / 1e6, event.pictures))
            if session.ended_s is not None:
                self._record_shown(session)
        elif event.kind is EventKind.PLAYER_JOINED:
            session.came, session.players = True, session.players + 1
        else:
            session.players -= 1
            if session.players <= 0:
                self._end(session, "the player left")
                self._ended.pop(session.id, None)

    def _take_of_film(self, event: Event) -> bool:
        """Whether it is about pictures that a device plays."""
        _, film, id_ = event.name.partition("/device-")
        session = self._open.get(id_) if film else None
        if session is None or session.film is None:
            return False
        if event.kind is EventKind.READER_JOINED:
            session.came, session.players = True, session.players + 1
        elif event.kind is EventKind.READER_LEFT:
            session.players -= 1
            if session.players <= 0:
                self._end(session, "the device played on beyond its end" if session.film.played_on else "the player left")
        elif event.kind is EventKind.NO_READERS:
            if session.came:  # until then the device may still be called, one way after the other
                self._end(session, "nobody watches")
        elif event.kind is EventKind.TICKET_REFUSED:
            return False
        else:
            session.film.take(event)
        return True

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            await self._look()

    async def _look(self) -> None:
        """Records what was shown, and ends what may not go on. Whatever fails about one is no other's fault, and a database that is
        away is asked once for all.
        """
        now_s = self._clock.monotonic_s()
        self._ended = {
            one.id: one for one in self._ended.values() if one.players > 0 or one.ended_s is None or one.ended_s + KNOWN_S > now_s
        }
        sessions = list(self._open.values())
        for session in sessions:
            with surprises("playback"):
                self._look_at_film(session)
            self._record_shown(session)
        places, away = await self._places({one.camera for one in sessions})
        for session in sessions:
            why: str | None = None
            if not away:
                with surprises("playback"):
                    try:
                        why = await self._rights.why_over(session, places)
                    except StorageFault:
                        away = True
            if why is None:
                session.undecided_s = now_s if session.undecided_s is None else session.undecided_s
                overdue = self._clock.monotonic_s() - session.undecided_s >= UNDECIDED_S
                why = "the right to it could not be decided" if overdue else ""
            else:
                session.undecided_s = None
            if why and session.id in self._open:
                log.info("a playback ends", camera=session.camera, person=session.principal.name, why=why)
                self._end(session, why)

    async def _places(self, cameras: Collection[str]) -> tuple[Mapping[str, KeptCamera] | None, bool]:
        """What is known of all, None where they cannot be had together; and whether the database is away."""
        with surprises("playback"):
            try:
                return await self._cameras.kept.many(sorted(cameras)) if cameras else {}, False
            except StorageFault:
                return None, True
        return None, False

    def _look_at_film(self, session: PlaybackSession) -> None:
        film = session.film
        if film is None:
            return
        film.look()
        if not session.came and self._clock.monotonic_s() - session.opened_s > COMES_WITHIN_S:
            self._end(session, "nobody watches")
            return
        if film.over is not None:
            self._spawn(film.hang_up())
        if self._clock.monotonic_s() - session.told_s >= TELL_S:
            self._take_shown(session, film)

    def _take_shown(self, session: PlaybackSession, film: DeviceFilm) -> None:
        session.told_s = self._clock.monotonic_s()
        for one in film.take_shown():
            if session.came:
                session.shown.append(Piece(f"device {one.speed:g}x", one.since, one.until, one.pictures))

    def _spawn(self, goodbye: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(goodbye)
        self._goodbyes.add(task)
        task.add_done_callback(self._goodbyes.discard)

    def _record_shown(self, session: PlaybackSession) -> None:
        shown, session.shown = session.shown, []
        for spans, detail in said(shown):
            range_ = f"{session.stream}{session.which} {spans}"
            self._audit.record_end(session.principal, Act.PLAYBACK_SHOW, session.camera, range=range_, detail=detail)

    def _end(self, session: PlaybackSession, why: str) -> None:
        if self._open.pop(session.id, None) is None:
            return
        OPEN.set(len(self._open))
        session.ended_s = self._clock.monotonic_s()
        self._ended[session.id] = session
        self._engine.revoke_session(session.id)
        if session.film is not None:
            session.film.look()
            self._take_shown(session, session.film)
            self._spawn(session.film.end())
        self._record_shown(session)
        self._audit.record_end(session.principal, Act.PLAYBACK_STOP, session.camera, range=session.range, detail=why)

    def _end_sessions_of(self, sign_in: str) -> None:
        for session in [one for one in self._open.values() if one.principal.session == sign_in]:
            self._end(session, "signed out")
