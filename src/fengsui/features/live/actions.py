"""Who watches: opens and closes live sessions, ends them with the right to them, and hands the engine's events on."""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter as Tally
from collections import OrderedDict
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from prometheus_client import Counter, Gauge

from fengsui.bus import Bus
from fengsui.clock import Clock
from fengsui.features.access import Access, Function, Principal
from fengsui.features.audit import NO_GROUND, NODE, Act, Audit, AuditUnavailable, Result, Stranger
from fengsui.features.cameras import Camera, Cameras, Control
from fengsui.features.devices import (
    Devices,
    Signalling,
)
from fengsui.features.live.deliveries import Deliveries
from fengsui.features.live.endings import Endings, within
from fengsui.features.live.model import ForeignSession, LiveState, NoPicture, TooManySessions, UnknownSession
from fengsui.features.live.renditions import Renditions, stream_name
from fengsui.features.live.rights import RunningRights
from fengsui.features.live.session import ANYTHING, Decodes, LiveSession
from fengsui.features.live.snapshots import Snapshots
from fengsui.features.live.stream import LiveStream
from fengsui.features.live.streams import Streams
from fengsui.features.masks import Masks
from fengsui.loops import keep
from fengsui.media import Engine, Event, EventKind
from fengsui.picture_worker import MaskPlan, StillFailed, StillWorkers, Transcoders
from fengsui.settings import NodeSettings
from fengsui.store import Store

log = structlog.get_logger(__name__)
OPEN_LIMIT_S, CODEC_LIMIT_S, PICTURE_LIMIT_S, READERS_EVERY_S = 3.0, 6.0, 10.0, 1.0
MAX_OWNERS = 10_000
SESSIONS = Gauge("fengsui_live_sessions", "Live sessions")
REFUSED_SESSIONS = Counter("fengsui_live_refused_sessions_total", "Live sessions refused at a limit", ["why"])


class Live:
    """Every stream that somebody watches."""

    def __init__(
        self,
        settings: NodeSettings,
        *,
        engine: Engine,
        access: Access,
        audit: Audit,
        devices: Devices,
        cameras: Cameras,
        control: Control,
        signalling: Signalling,
        bus: Bus,
        clock: Clock,
        masks: Masks,
        transcoders: Transcoders,
        stills: StillWorkers,
        store: Store,
    ) -> None:
        self._media = settings.media
        self._engine = engine
        self._access = access
        self._audit = audit
        self._cameras = cameras
        self._clock = clock
        self._masks = masks
        self._renditions = Renditions(transcoders, access, settings.media.transcode_limit)
        transcoders.on_shift = lambda name, _: masks.shifted(name.partition("/")[0])
        masks.shown_by(self)
        self._stills = stills
        self._streams = Streams(
            settings, engine=engine, devices=devices, control=control, signalling=signalling, bus=bus, clock=clock, store=store
        )
        self.ssrcs = self._streams.ssrcs
        self.begin = self._streams.begin
        self.recorders = self._streams.recorders
        self._rights = RunningRights(access, cameras, masks, clock)
        self._sessions: dict[str, LiveSession] = {}
        self._deliveries = Deliveries()
        self._opening: Tally[int] = Tally()
        """By person: sessions that are being opened."""
        self._owners: OrderedDict[str, str] = OrderedDict()
        self._side_tasks: set[asyncio.Task[None]] = set()
        self._loops: list[asyncio.Task[None]] = []
        self.snapshots = Snapshots(access, audit, cameras, masks, clock)
        access.on_session_end(self._end_sessions_of)
        self._endings = Endings(
            self._sessions, self._end, streams=self._streams, rights=self._rights, access=access, cameras=cameras, bus=bus
        )

    async def start(self) -> None:
        """Follows devices coming and going, and rights that end."""
        await self._streams.start()
        self._loops = [
            keep("rights", self._endings.follow_rights),
            keep("live-codes", self._endings.follow_codes),
            keep("live-readers", self._follow_readers),
        ]

    async def stop(self) -> None:
        """Ends every stream with a BYE."""
        await self._renditions.stop()
        await self._stills.stop()
        await self._streams.stop()
        for task in (*self._loops, *self._side_tasks):
            task.cancel()

    async def _follow_readers(self) -> None:
        """Between two attempts to call a camera there is no source, and with each one the engine's grace begins anew."""
        while True:
            await asyncio.sleep(READERS_EVERY_S)
            for stream in self._streams.all():
                self._let_go(stream)
            self._deliveries.look(self._sessions, self._frames_of, self._clock.monotonic_s())

    def _frames_of(self, session: str) -> int | None:
        """Pictures that the source of a session has brought so far; None while it has no source."""
        found = self._sessions[session]
        stream = self._streams.named(stream_name(found.source))
        source = None if stream is None else self._renditions.source_of(found.source) or stream.source
        counters = self._engine.source_counters(source) if source else None
        return None if counters is None else counters.frames

    def follow(self, session: str) -> None:
        """From now on it is known how long this session's picture is delivered."""
        self._deliveries.follow(session, self._clock.monotonic_s())

    def delivered_s(self, session: str) -> float:
        """Seconds, since it is followed, in which a reader held its picture and new frames came; 0 for one that is not followed."""
        return self._deliveries.delivered_s(session)

    def take(self, event: Event) -> None:
        """An event of the engine."""
        self._deliveries.take(event)
        if event.kind is EventKind.TICKET_REFUSED:
            self._spawn(self._record_refused(event))
            return
        if event.kind is EventKind.STILL_SENDING:
            self._streams.end_again(event)
            return
        stream = self._streams.named(stream_name(event.name))
        if stream is None:
            return
        if event.name != stream.name:
            self._renditions.take(event)
            return
        if event.source != stream.source:
            return
        if event.kind is EventKind.NO_READERS:
            self._let_go(stream)
        elif event.kind is EventKind.KEY_FRAME_WANTED:
            self._streams.ask_key_frame(stream.camera)
        else:
            stream.take(event)

    async def _record_refused(self, event: Event) -> None:
        """Somebody shows a ticket that opens nothing: whose it was is known while the session is, and some time after."""
        session = self._sessions.get(event.session)
        owner = session.principal.name if session is not None else self._owners.get(event.session, "")
        ground = session.principal.ground if session is not None else NO_GROUND
        who = Stranger(owner, event.remote_host, session=event.session, ground=ground)
        detail = f"media.{event.reason} ({event.protocol})"
        with suppress(AuditUnavailable):  # nothing was shown; the engine's counter knows of it
            await self._audit.record_stranger(
                who, Act.MEDIA_REFUSED, result=Result.REFUSED, detail=detail, target=event.name.partition("/")[0]
            )

    def _let_go(self, stream: LiveStream) -> None:
        """Ends it when nobody has read it, nor was let in, for the grace time: playing, or called in vain."""
        now_s = self._clock.monotonic_s()
        counters = self._engine.source_counters(stream.source) if stream.source else None
        if stream.recorded or stream.openings > 0 or (counters is not None and counters.readers > 0):
            stream.read_s = now_s
        since_s = now_s - self._media.grace_s
        mine = [self._sessions[one] for one in stream.sessions if one in self._sessions]
        if stream.read_s > since_s or any(one.alive_s > since_s for one in mine):
            return
        for session in list(stream.sessions):
            gone = self._sessions.pop(session, None)
            SESSIONS.set(len(self._sessions))
            self._engine.revoke_session(session)  # its ticket must not open what somebody else opens next
            if gone is not None:
                self._audit.record_end(gone.principal, Act.LIVE_STOP, gone.camera, range=gone.stream, detail="nobody reads")
        stream.sessions.clear()
        stream.unwant()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._side_tasks.add(task)
        task.add_done_callback(self._side_tasks.discard)

    def _let_in(self, principal: Principal, camera: Camera) -> Principal:
        """The same with what the door opens by; what is seen clear is seen under the ticket of the lift. Raises Refusal."""
        ground = self._access.check_live(principal, camera.facts)
        clear = self._masks.has(camera.code) and not self._masks.hides(camera.facts, principal)
        lift = self._masks.lifts.lift_of(camera.code, principal.user_id) if clear else None
        return replace(principal, ground=lift.ground if lift is not None and lift.ground.ticket else ground)

    async def open(self, principal: Principal, code: str, stream: str, decodes: Decodes, act: Act = Act.LIVE_VIEW) -> LiveSession:
        """A session for one viewer. Raises TooManySessions, UnknownCamera, Refusal, TooManyTranscodes; others are states."""
        with self._place_for(principal.user_id):
            return await self._opened(principal, code, stream, decodes, act)

    @contextmanager
    def _place_for(self, person: int) -> Iterator[None]:
        """One of the sessions that a person, and all, may have; those being opened count. Raises TooManySessions."""
        mine = sum(one.principal.user_id == person for one in self._sessions.values()) + self._opening[person]
        for why, count, limit in (
            ("person", mine, self._media.max_sessions_per_person),
            ("total", len(self._sessions) + self._opening.total(), self._media.max_sessions),
        ):
            if count >= limit:
                REFUSED_SESSIONS.labels(why).inc()
                raise TooManySessions(limit=limit)
        self._opening[person] += 1
        try:
            yield
        finally:
            self._opening[person] -= 1
            if not self._opening[person]:
                del self._opening[person]
            SESSIONS.set(len(self._sessions))

    async def _opened(
        self, principal: Principal, code: str, stream: str, decodes: Decodes, act: Act, kept: str = ""
    ) -> LiveSession:
        """`kept`: why the node keeps a picture of it, which hides what is hidden from anybody."""
        camera = await self._cameras.get(code)
        principal = self._let_in(principal, camera)
        masked = self._masks.has(code) if kept else self._masks.hides(camera.facts, principal)
        listens = not masked and bool(camera.audio_basis) and self._access.may(principal, Function.LISTEN, camera.facts)
        how = ["masked" if masked else "unmasked by a lift"] if self._masks.has(code) else []
        if act is Act.LIVE_VIEW:
            how.append("with sound" if listens else "without sound")
        recipient, how = ("", [*how, kept]) if kept else (principal.name, how)
        await self._audit.record(NODE if kept else principal, act, code, range=stream, detail=", ".join(how), recipient=recipient)
        running = self._streams.of(camera, stream)
        running.want()
        running.openings += 1
        try:
            return await self._made(running, camera, principal, decodes, masked=masked, listens=listens)
        except BaseException:
            if not running.sessions and running.openings == 1 and not running.recorded:
                running.unwant()  # it was opened for nobody else
            raise
        finally:
            running.openings -= 1

    async def _made(
        self, running: LiveStream, camera: Camera, principal: Principal, decodes: Decodes, *, masked: bool, listens: bool
    ) -> LiveSession:
        """The session of one who was let in, on a stream that is wanted. Raises TooManyTranscodes, NotHidden, EngineError."""
        code = camera.code
        await within(running.opened, OPEN_LIMIT_S)
        source, transcoded = running.name, False
        if masked:
            source = await self._renditions.masked(running, lambda: self._masks.plan(code))
        elif camera.audio_basis and not listens:
            await within(running.ready, CODEC_LIMIT_S)
            source, transcoded = await self._renditions.h264(running), True  # a rendition has no sound
        elif decodes.is_choosy:
            await within(running.ready, CODEC_LIMIT_S)
            if not decodes.takes(running.codec, self._codec_string(running)):
                source, transcoded = await self._renditions.h264(running), True
        if not masked and self._masks.hides(camera.facts, principal):  # masks were laid on while the stream opened
            source, masked = await self._renditions.masked(running, lambda: self._masks.plan(code)), True
        session = secrets.token_hex(8)
        expires_at, expires_unix = self._ticket_ends()
        ticket = self._access.media_ticket(source, session, expires_unix, principal)
        made = LiveSession(
            session,
            code,
            camera.device,
            running.stream,
            source,
            principal,
            expires_at,
            ticket,
            running.codec,
            self._codec_string(running),
            transcoded,
            masked,
            running.state,
            self._clock.monotonic_s(),
        )
        self._sessions[session] = made
        self._rights.opened(made, camera.facts)
        self._owners[session] = principal.name
        while len(self._owners) > MAX_OWNERS:
            self._owners.popitem(last=False)
        running.sessions.add(session)
        return made

    def _codec_string(self, running: LiveStream) -> str:
        counters = self._engine.source_counters(running.source) if running.source else None
        return counters.codec_string if counters is not None else ""

    async def hide(self, camera: str, plan: MaskPlan) -> None:
        """Every masked picture of this camera keeps `plan` when this returns, or has ended."""
        await self._renditions.hide(camera, plan)

    async def begin_with(self, camera: str, plan: MaskPlan) -> None:
        """After `hide`: whoever comes to a masked picture of this camera, or takes a still, gets what `plan` hides."""
        await self._renditions.begin_with(camera, plan)

    def cut_clear(self, camera: str, allowed: frozenset[int]) -> None:
        """Ends every unmasked viewing of this camera but of these users; the players open it again, masked."""
        for session in list(self._sessions.values()):
            if session.camera == camera and not session.masked and session.principal.user_id not in allowed:
                self._end(session)

    def cut_masked(self, camera: str) -> None:
        """Nothing is to be hidden any more: the players open it again."""
        for session in list(self._sessions.values()):
            if session.camera == camera and session.masked:
                self._end(session)

    def _ticket_ends(self) -> tuple[datetime, int]:
        """As the browser is told it by the wall clock, and as the engine counts it, whose time never goes back."""
        life_s = self._media.ticket_s
        return self._clock.now() + timedelta(seconds=life_s), int(self._access.steady.process_s() + life_s)

    def session(self, session: str, principal: Principal) -> LiveSession:
        """Raises UnknownSession for one of one's own that has ended, ForeignSession for any other."""
        found = self._sessions.get(session)
        if found is not None and found.principal.user_id == principal.user_id:
            return found
        raise UnknownSession() if self._owners.get(session) == principal.name else ForeignSession()

    async def renew(self, session: str, principal: Principal) -> LiveSession:
        """A new ticket for a running session. Raises UnknownSession, UnknownCamera, Refusal."""
        old = self.session(session, principal)
        principal = self._let_in(principal, await self._cameras.get(old.camera))
        await self._audit.record(principal, Act.LIVE_RENEW, old.camera, range=old.stream)
        expires_at, expires_unix = self._ticket_ends()
        ticket = self._access.media_ticket(old.source, old.id, expires_unix, principal)
        made = replace(old, principal=principal, expires_at=expires_at, ticket=ticket, alive_s=self._clock.monotonic_s())
        if session not in self._sessions:  # it was ended while the renewal went on record
            raise UnknownSession()
        self._sessions[session] = made
        return made

    def close(self, session: str, principal: Principal) -> None:
        """Ends a session: its readers are cut; the stream goes on for others, or ends after the grace time."""
        self._end(self.session(session, principal))

    def _end(self, session: LiveSession, *, recorded: bool = True, detail: str = "") -> None:
        """`recorded` false: for a still, whose ticket nobody was given."""
        if self._sessions.pop(session.id, None) is not None and recorded:
            self._audit.record_end(session.principal, Act.LIVE_STOP, session.camera, range=session.stream, detail=detail)
        SESSIONS.set(len(self._sessions))
        if recorded:
            self._engine.revoke_session(session.id)
        stream = self._streams.named(f"{session.camera}/{session.stream}")
        if stream is not None:
            stream.sessions.discard(session.id)
            if not stream.sessions and not stream.recorded and stream.state is LiveState.RETRYING:
                stream.unwant()  # no source, so the engine's grace time does not run

    def _end_sessions_of(self, sign_in: str) -> None:
        for session in [one for one in self._sessions.values() if one.principal.session == sign_in]:
            self._end(session)

    def record(self, camera: Camera, stream: str, held_s: float | None = None) -> None:
        """Keeps a camera's stream on disk from now on; it is called again and again until `end_recording`.

        `held_s`: only holds so much of it in memory, until `record_event`.
        """
        self._streams.of(camera, stream).record(held_s)

    def record_event(self, name: str, lasting_s: float) -> None:
        """Something happened: what is held of the stream of that name is kept, and what comes for so long."""
        if (found := self._streams.named(name)) is not None:
            found.record_event(lasting_s)

    def end_recording(self, name: str) -> None:
        """Of the stream of that name."""
        if (found := self._streams.named(name)) is not None:
            found.end_recording()

    def is_recorded(self, name: str) -> bool:
        """Whether the stream of that name is held for recording, with a picture or without one yet."""
        found = self._streams.named(name)
        return found is not None and found.recorded

    def stream(self, code: str, stream: str) -> LiveStream | None:
        """The running stream, None when nobody watches."""
        return self._streams.named(f"{code}/{stream}")

    async def picture(self, principal: Principal, code: str) -> bytes:
        """A JPEG of the newest key frame. Raises UnknownCamera, NoPicture."""
        return await self._still(principal, code, await self.open(principal, code, "main", ANYTHING, Act.PICTURE))

    async def small_picture(self, who: Principal, code: str, why: str) -> bytes:
        """A small JPEG with every mask, whatever `who` may see, for it is kept. Raises UnknownCamera, NoPicture, Refusal."""
        with self._place_for(who.user_id):
            session = await self._opened(who, code, "main", ANYTHING, Act.PICTURE, kept=why)
        return await self._still(who, code, session, small=True)

    async def _still(self, principal: Principal, code: str, session: LiveSession, *, small: bool = False) -> bytes:
        try:
            stream = self._streams.named(f"{code}/main")
            if stream is None or not await within(stream.ready, PICTURE_LIMIT_S):
                zh, en = stream.texts if stream is not None else ("", "")
                raise NoPicture(why_zh=zh, why_en=en)
            source: int | None = stream.source
            if session.masked:
                source = await self._masked_source(session.source)
            hidden = self._hidden(session)
            key_frame = self._engine.latest_key_frame(source) if source else None
            if key_frame is None:
                raise NoPicture(why_zh="没有关键帧", why_en="no key frame")
            still = await self._stills.jpeg(key_frame.annex_b, key_frame.codec, small=small)
            camera = await self._cameras.get(code)
            if self._hidden(session) != hidden:
                raise NoPicture(why_zh="隐私遮挡已变更,请重试", why_en="the masks have changed; ask again")
            self._refuse_ended(session, camera)
            return still
        except StillFailed as error:
            raise NoPicture(why_zh="解码失败", why_en=str(error)) from error
        finally:
            self._end(session, recorded=False)

    def _hidden(self, session: LiveSession) -> MaskPlan | None:
        """What its picture hides, to be compared; None for a clear one."""
        return replace(self._masks.plan(session.camera), number=0) if session.masked else None

    def _refuse_ended(self, session: LiveSession, camera: Camera) -> None:
        """A still waits for its picture: meanwhile the right may have ended, or masks been laid on. Raises NoPicture, Refusal."""
        if session.id not in self._sessions:
            raise NoPicture(why_zh="查看已被结束,请重试", why_en="the viewing was ended; ask again")
        principal = self._let_in(session.principal, camera)
        if not session.masked and self._masks.hides(camera.facts, principal):
            raise NoPicture(why_zh="已设置隐私遮挡,请重试", why_en="masks were laid on; ask again")

    async def _masked_source(self, name: str) -> int | None:
        with suppress(TimeoutError):
            async with asyncio.timeout(PICTURE_LIMIT_S):
                return await self._renditions.first_picture(name)
        return None

    def streams(self) -> list[LiveStream]:
        """Every stream that is not idle, the oldest first."""
        return self._streams.all()

    @property
    def running(self) -> int:
        """Streams that are not idle."""
        return self._streams.running
