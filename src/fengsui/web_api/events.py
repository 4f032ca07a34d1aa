"""News to the console: typed events over WebSocket and SSE; `?since=` resumes without a gap while the ring reaches back."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, closing, suppress
from dataclasses import dataclass, fields
from itertools import islice
from typing import Annotated, Any, NamedTuple

import msgspec
from fastapi import Depends, Request, WebSocket, WebSocketDisconnect
from fastapi.responses import StreamingResponse

from fengsui.bus import Bus
from fengsui.clock import Clock
from fengsui.errors import FengsuiError, StorageFault
from fengsui.features.access import (
    EVERYBODY,
    Access,
    CameraClass,
    CameraFacts,
    Directory,
    ForeignSite,
    Function,
    NotSignedIn,
    OtherWorkstation,
    Place,
    Principal,
    Refusal,
    RightsChanged,
    Scope,
    ScreenLocked,
    address_of,
    cookie_name,
    credential_of,
    credential_of_token,
    nearest_of,
    refused_person,
    refused_stranger,
    require,
    turned_away,
)
from fengsui.features.alarm_shelves import AlarmShelfChanged
from fengsui.features.alarm_work import AlarmPassed, AlarmWorkChanged
from fengsui.features.alarms import WATCHED_BY, AlarmReceived, AlarmSilenceChanged, WaitingAlarmHostsChanged
from fengsui.features.approvals import ApprovalsChanged
from fengsui.features.audit import Result
from fengsui.features.cameras import CameraPassed, Cameras, CameraStatusChanged, CatalogueProgress
from fengsui.features.devices import DeviceCameOnline, DeviceChanged, DeviceWentOffline, WaitingChanged
from fengsui.features.dispatch import TaskChanged, UnitChanged
from fengsui.features.duty import EmergencyChanged, ShiftChanged
from fengsui.features.incidents import IncidentChanged
from fengsui.features.live import LiveStateChanged
from fengsui.features.notices import NoticesChanged
from fengsui.features.policy import PolicyChanged
from fengsui.features.procedures import ProcedureRunChanged
from fengsui.features.steering import SteeringChanged
from fengsui.features.tickets import TicketChanged
from fengsui.features.views import ScreenOrdered
from fengsui.late_routes import LateRoutes
from fengsui.loops import keep
from fengsui.web_api.app import answer_to

KEPT, BATCH = 5_000, 200
ALIVE_S = 3.0
"""So often a silent feed says that it lives, and whether its reader may still follow is looked at."""
SIGNED_OUT, NOT_ALLOWED = 4401, 4403
"""Close codes of a WebSocket: the sign-in has ended, or the right."""
LONGEST_REASON = 123
TYPES: dict[type, str] = {
    DeviceCameOnline: "device.status",
    DeviceWentOffline: "device.status",
    DeviceChanged: "device.changed",
    WaitingChanged: "waiting.changed",
    CatalogueProgress: "catalogue.progress",
    CameraStatusChanged: "camera.status",
    CameraPassed: "camera.passed",
    LiveStateChanged: "live.state",
    SteeringChanged: "steering.changed",
    ApprovalsChanged: "approvals.changed",
    ShiftChanged: "duty.changed",
    TicketChanged: "ticket.changed",
    EmergencyChanged: "emergency.changed",
    PolicyChanged: "policy.changed",
    RightsChanged: "rights.changed",
    ScreenOrdered: "screen.ordered",
    AlarmReceived: "alarm.received",
    AlarmSilenceChanged: "alarm.silence",
    AlarmWorkChanged: "alarm.work",
    AlarmPassed: "alarm.passed",
    AlarmShelfChanged: "alarm.shelf",
    WaitingAlarmHostsChanged: "waiting-alarm-hosts.changed",
    IncidentChanged: "incident.changed",
    TaskChanged: "task.changed",
    UnitChanged: "unit.changed",
    ProcedureRunChanged: "procedure.run",
    NoticesChanged: "notice.changed",
}

FACTS = {kind: tuple(one.name for one in fields(kind)) for kind in TYPES}
"""What is told of each."""
OF_NO_PLACE = (
    *(ApprovalsChanged, PolicyChanged, ShiftChanged, TicketChanged, EmergencyChanged, RightsChanged, ScreenOrdered),
    *(AlarmReceived, AlarmSilenceChanged, AlarmWorkChanged, AlarmPassed, AlarmShelfChanged, WaitingAlarmHostsChanged),
    *(IncidentChanged, TaskChanged, UnitChanged, ProcedureRunChanged, NoticesChanged),
)
"""About no camera and no device: each says itself who may see it."""
OF_ALARMS = (AlarmReceived, AlarmWorkChanged, AlarmShelfChanged, ProcedureRunChanged, NoticesChanged)
"""Seen by area and class of camera."""


class Line(NamedTuple):
    """What a reader is told of an event; `text` is JSON of its number, time, type and facts."""

    sequence: int
    type: str
    text: str


@dataclass(slots=True)
class _Kept:
    """An event, its number, and what it is about, by which it is shown to some; its line is written once, for all who read it."""

    sequence: int
    at: str
    event: Any
    about: CameraFacts | Place | None
    written: Line | None = None

    def line(self) -> Line:
        if self.written is None:
            kind = type(self.event)
            facts = {name: getattr(self.event, name) for name in FACTS[kind]}
            if isinstance(self.event, DeviceCameOnline | DeviceWentOffline):
                facts["status"] = "online" if isinstance(self.event, DeviceCameOnline) else "offline"
            self.written = _line(self.sequence, self.at, TYPES[kind], facts)
        return self.written


def _line(sequence: int, at: str, kind: str, facts: dict[str, Any]) -> Line:
    told = {"seq": sequence, "at": at, "type": kind, **facts}
    return Line(sequence, kind, msgspec.json.encode(told).decode())


class EventLog:
    """The last events with their numbers; readers wait for newer ones."""

    def __init__(self, bus: Bus, clock: Clock, cameras: Cameras, directory: Directory) -> None:
        self._bus = bus
        self._cameras = cameras
        self._directory = directory
        self._clock = clock
        self._kept: deque[_Kept] = deque(maxlen=KEPT)
        self._grown = asyncio.Condition()
        self._sequence = int(clock.now().timestamp() * 1000)  # goes on over a restart, so that an old `since` is seen as a gap
        self._feeds: dict[str, set[asyncio.Event]] = {}
        self._following = False
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begins to follow the bus."""
        self._task = keep("console-events", self._follow)

    async def stop(self) -> None:
        """Ends following."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _follow(self) -> None:
        with closing(self._bus.subscribe(*TYPES, name="console")) as news:
            if self._following:  # it failed and begins anew
                await self._keep_batch([], lost=True)
            self._following = True
            while True:
                await self._keep_batch(await news.batch(), lost=news.has_lost())

    async def _keep_batch(self, events: list[Any], *, lost: bool) -> None:
        at = self._clock.now().isoformat()
        places = await self._places(events)
        async with self._grown:
            if lost:  # every reader has missed something: to all of them it is a gap
                self._kept.clear()
                self._sequence += 1
            for event in events:
                self._sequence += 1
                self._kept.append(_Kept(self._sequence, at, event, self._about(event, places)))
            self._grown.notify_all()

    async def _places(self, events: list[Any]) -> dict[str, CameraFacts]:
        """Once for a batch, whoever reads it. Nothing when the store cannot: then only those see it who see everything."""
        codes = {_camera_of(event) for event in events} - {""}
        with suppress(StorageFault):
            return await self._cameras.facts(sorted(codes)) if codes else {}
        return {}

    def _about(self, event: Any, places: dict[str, CameraFacts]) -> CameraFacts | Place | None:
        if isinstance(event, OF_NO_PLACE):
            return None
        if code := _camera_of(event):
            return places.get(code, Place(code, ""))
        device = event.device if isinstance(event, CatalogueProgress) else event.code
        return self._directory.device(device)

    async def after(self, since: int | None, may_see: MaySee) -> AsyncGenerator[list[Line], None]:
        """Batches newer than `since` (None: from now) of what the reader may see. A gap is told by an event of type `gap`."""
        seen = self._sequence if since is None or since > self._sequence else since
        oldest = self._kept[0].sequence if self._kept else self._sequence + 1
        if since is not None and (since > self._sequence or since + 1 < oldest):
            seen = max(seen, oldest - 1)
            yield [self._line("gap", seen)]
        while True:
            async with self._grown:
                await self._grown.wait_for(lambda: self._sequence > seen)  # noqa: B023 - evaluated before seen changes
                behind = self._sequence - seen
                first = max(0, len(self._kept) - behind)
                batch = list(islice(self._kept, first, first + BATCH))
            if not batch:
                seen = self._sequence
                continue
            if batch[0].sequence > seen + 1:
                yield [self._line("gap", batch[0].sequence - 1)]
            seen = batch[-1].sequence
            shown = await may_see(batch)
            if shown:
                yield [kept.line() for kept in shown]

    async def feed(self, session: str, since: int | None, may_see: MaySee) -> AsyncGenerator[list[Line], None]:
        """`after` for one sign-in: an event of type `alive` where nothing happens. Raises NotSignedIn as soon as the sign-in
        ends, Refusal when nothing may be seen any more.
        """
        ended = asyncio.Event()
        self._feeds.setdefault(session, set()).add(ended)
        over = asyncio.create_task(ended.wait())
        look = asyncio.create_task(asyncio.sleep(ALIVE_S))
        async with aclosing(self.after(since, may_see)) as batches:
            next_batch = asyncio.ensure_future(anext(batches))
            try:
                while True:
                    await asyncio.wait((over, look, next_batch), return_when=asyncio.FIRST_COMPLETED)
                    if over.done():
                        raise NotSignedIn()
                    silent = not next_batch.done()
                    if look.done():
                        await may_see([])
                        look = asyncio.create_task(asyncio.sleep(ALIVE_S))
                        if silent:
                            yield [self._line("alive", self._sequence)]
                    if not silent:
                        yield next_batch.result()
                        next_batch = asyncio.ensure_future(anext(batches))
            finally:
                waiting = (over, look, next_batch)
                for one in waiting:
                    one.cancel()
                await asyncio.gather(*waiting, return_exceptions=True)
                self._feeds[session].discard(ended)
                if not self._feeds[session]:
                    del self._feeds[session]

    def end_session(self, session: str) -> None:
        """Ends every feed that this sign-in opened."""
        for ended in self._feeds.get(session, ()):
            ended.set()

    def _line(self, kind: str, sequence: int) -> Line:
        return _line(sequence, self._clock.now().isoformat(), kind, {})


def _camera_of(event: Any) -> str:
    if isinstance(event, OF_NO_PLACE):
        return ""
    if isinstance(event, CameraStatusChanged | CameraPassed):
        return event.code
    return event.camera if isinstance(event, LiveStateChanged | SteeringChanged) else ""


AlarmEvent = AlarmReceived | AlarmWorkChanged | AlarmPassed | AlarmShelfChanged | ProcedureRunChanged | NoticesChanged
FOLLOWERS = (Function.LOOK_AROUND, Function.APPROVE, Function.READ_AUDIT)
"""Whoever holds one of these follows events; which, depends on it."""


def check_follows(access: Access, principal: Principal) -> None:
    """Raises Refusal, MustChangePassword, MustEnrol."""
    access.check(principal, nearest_of(access, principal, FOLLOWERS))


def _class_of(event: AlarmEvent) -> CameraClass | None:
    return CameraClass(event.camera_class) if event.camera_class else None


MaySee = Callable[[list[_Kept]], Awaitable[list[_Kept]]]


def visible_to(access: Access, principal: Principal) -> MaySee:
    """What this reader may see, by the rights of the moment. Raises Refusal when nothing is left: the subscription ends."""

    async def may_see(batch: list[_Kept]) -> list[_Kept]:
        now = await access.renewed(principal)
        check_follows(access, now)
        held = access.functions(now)
        scope, keeps = access.scope(now, Function.LOOK_AROUND), access.scope(now, Function.MANAGE_DEVICES)
        watched = [access.scope(now, function) for function in WATCHED_BY]
        passed = Scope((), access.passed_to(now.person))
        watches: dict[tuple[str, str], bool] = {}
        """By area and class of camera: alarms of a storm have few of them."""

        def watches_there(area: str, camera_class: str) -> bool:
            found = watches.get((area, camera_class))
            if found is None:
                of = CameraClass(camera_class) if camera_class else None
                found = watches[area, camera_class] = any(one.holds(area, of) for one in watched)
            return found

        def shown(kept: _Kept) -> bool:
            if isinstance(kept.event, OF_ALARMS):
                if watches_there(kept.event.area, kept.event.camera_class):
                    return True
                if not isinstance(kept.event, AlarmWorkChanged):
                    return False
                return passed.holds_passed(kept.event.passed_to, _class_of(kept.event))
            if isinstance(kept.event, PolicyChanged):
                return True
            if isinstance(kept.event, RightsChanged):
                return kept.event.user_id in (now.user_id, EVERYBODY)
            if isinstance(kept.event, ScreenOrdered):
                return kept.event.session == now.session
            if isinstance(kept.event, TicketChanged):
                return kept.event.user_id == now.user_id
            if isinstance(kept.event, EmergencyChanged):
                judged = kept.event.state in ("judged", "restored")
                if judged and access.scope(now, Function.MANAGE_PEOPLE).holds(kept.event.unit_area):
                    return True
                judges = access.scope(now, Function.JUDGE_EMERGENCY)
                return kept.event.user_id == now.user_id or judges.holds(kept.event.area)
            if isinstance(kept.event, ShiftChanged):
                return kept.event.user_id == now.user_id or scope.touches(kept.event.area)
            if isinstance(kept.event, AlarmPassed):
                return passed.holds_passed([kept.event.centre], _class_of(kept.event))
            if isinstance(kept.event, AlarmSilenceChanged | IncidentChanged | TaskChanged | UnitChanged):
                return any(one.holds(kept.event.area) for one in watched)
            if isinstance(kept.event, ApprovalsChanged):
                return Function.APPROVE in held or Function.READ_AUDIT in held
            if isinstance(kept.event, WaitingAlarmHostsChanged):
                return keeps.holds(kept.event.area)
            wanted = keeps if isinstance(kept.event, WaitingChanged) else scope
            about = kept.about
            if isinstance(about, CameraFacts):
                return wanted.holds(about.area, about.camera_class)
            return wanted.holds(about.area if about is not None else "")

        return [kept for kept in batch if shown(kept)]

    return may_see


def router(log: EventLog) -> LateRoutes:
    """`GET /events` as SSE, and as WebSocket."""
    routes = LateRoutes(tags=["events"])

    @routes.get("/events", operation_id="followEvents")
    async def stream(
        request: Request, who: Annotated[Principal, Depends(require(*FOLLOWERS))], since: int | None = None
    ) -> StreamingResponse:
        """Server-sent events about one's own cameras and devices; they end with the right to them."""
        may_see = visible_to(request.app.state.access, who)

        async def lines() -> AsyncIterator[str]:
            yield ": begin\n\n"
            with suppress(Refusal, NotSignedIn):
                async with aclosing(log.feed(who.session, since, may_see)) as batches:
                    async for batch in batches:
                        for line in batch:
                            yield f"id: {line.sequence}\nevent: {line.type}\ndata: {line.text}\n\n"

        return StreamingResponse(lines(), media_type="text/event-stream", headers={"cache-control": "no-store"})

    @routes.websocket("/events")
    async def websocket(socket: WebSocket, since: int | None = None, joined: bool = False) -> None:
        """The same over a WebSocket; the cookie or `?token=` is the right. Closed with 4401 when the sign-in ends. `joined`: each
        message is an array of what there is to tell, for a storm costs both sides by messages; else each event is one.
        """
        access: Access = socket.app.state.access
        try:
            principal = await _let_in(socket)
        except FengsuiError as error:
            await socket.send_denial_response(answer_to(error, access.rules.audit_office))
            return
        await socket.accept()
        closed = asyncio.create_task(_until_closed(socket))
        batches = log.feed(principal.session, since, visible_to(access, principal))
        sending = asyncio.create_task(_send(socket, batches, joined=joined))
        await asyncio.wait((closed, sending), return_when=asyncio.FIRST_COMPLETED)
        for task in (closed, sending):
            task.cancel()
        await asyncio.gather(closed, sending, return_exceptions=True)

    return routes


async def _let_in(socket: WebSocket) -> Principal:
    """The door for a WebSocket; who is refused is on record, as at the door of an endpoint. Raises FengsuiError."""
    access: Access = socket.app.state.access
    token = socket.query_params.get("token", "")
    try:
        shown = credential_of_token(token) if token else credential_of(socket)
        principal = await access.principal_of(shown, address_of(socket))
    except (OtherWorkstation, ScreenLocked) as error:
        await turned_away(socket, error)
        raise NotSignedIn() from error
    except NotSignedIn as error:
        if not token and cookie_name(socket) not in socket.cookies:
            raise  # nothing was shown
        await refused_stranger(socket, "", error, Result.REFUSED)
        raise
    except ForeignSite as error:
        await refused_stranger(socket, "", error, Result.REFUSED)
        raise
    try:
        check_follows(access, principal)
    except FengsuiError as error:
        await refused_person(socket, principal, error)
        raise
    return principal


def reason_of(error: FengsuiError) -> str:
    """Code and sentence for a close, as much as fits into its 123 bytes (RFC 6455 §5.5)."""
    told = f"{error.code} {error.text_zh} / {error.text_en}".encode()
    return told[:LONGEST_REASON].decode(errors="ignore")


async def _until_closed(socket: WebSocket) -> None:
    with suppress(WebSocketDisconnect):
        while True:
            await socket.receive_text()


async def _send(socket: WebSocket, feed: AsyncGenerator[list[Line], None], *, joined: bool) -> None:
    with suppress(WebSocketDisconnect, RuntimeError):
        try:
            async with aclosing(feed) as batches:
                async for batch in batches:
                    lines = [line.text for line in batch]
                    for text in (f"[{','.join(lines)}]",) if joined else lines:
                        await socket.send_text(text)
        except NotSignedIn as error:
            await socket.close(SIGNED_OUT, reason_of(error))
        except Refusal as error:
            await socket.close(NOT_ALLOWED, reason_of(error))
