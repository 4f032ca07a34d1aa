"""DC-09 over TCP and UDP on one port: sockets, places, time. What a frame means is the room's. Source: ANSI/SIA DC-09.

Nothing that a peer sends raises out of here. No connection holds the others up: each has its turn, and is not read while its frames
wait.
"""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from functools import partial
from typing import cast

import structlog
from prometheus_client import Counter, Gauge

from fengsui.alarm_settings import AlarmHostsSection
from fengsui.errors import port_fault
from fengsui.features.alarms import MALFORMED, Reception
from fengsui.loops import surprises
from fengsui.media import AlarmDatagrams, AlarmPeer
from fengsui.transports.accepting import PlainDoor, listening_socket
from fengsui.transports.paces import Paces
from fengsui.transports.places import Places
from fengsui.wire.dc09.framing import Framer, frames_of

log = structlog.get_logger(__name__)
NAME = "alarm-hosts"
A_TURN = 64
"""Frames of one connection before others have their turn."""
MOST_UNANSWERED = 256
"""Of one connection: above it is read no further."""
UNREAD_BYTES = 64 << 10
"""Answers that a peer does not take, at most."""
READ_BYTES = 16 << 10
"""At once: no more frames than these hold wait for their turn, some hundreds."""
AHEAD_S = 4.0
DATAGRAMS = 64
"""At once; then all else has its turn."""
MOST_ANSWERS = 20_000
"""To datagrams, that wait for the system; whose answer is above that sends again."""
BUFFER_BYTES = 4 << 20
CONNECTIONS = Gauge("fengsui_alarm_connections", "Open connections of alarm hosts over TCP")
REFUSED = Counter("fengsui_alarm_refused_connections_total", "Connections of alarm hosts above the limits")
ENDED = Counter("fengsui_alarm_ended_connections_total", "Connections of alarm hosts that we ended", ["why"])
SLOW, IDLE, NOT_READ = (ENDED.labels(why) for why in ("slow", "idle", "not read"))
UNSENT = Counter("fengsui_alarm_unsent_answers_total", "Answers to datagrams of alarm hosts that the system did not take")
DROPPED = Counter("fengsui_alarm_dropped_datagrams_total", "Datagrams of alarm hosts above the rate of their address")


class AlarmDoor:
    """Opened by `start`; with port 0 there is none."""

    def __init__(self, settings: AlarmHostsSection, reception: Reception) -> None:
        self.settings = settings
        self.reception = reception
        self.places = Places(settings.max_connections, settings.max_connections_per_address)
        self.paces = Paces(settings.max_frames_per_address_per_s, ahead_s=AHEAD_S, limit=2 * settings.max_connections)
        self.open: set[AlarmConnection] = set()
        self.octets = memoryview(bytearray(READ_BYTES))
        """What a connection has just read, of all: each takes it out at once."""
        self._plain: PlainDoor | None = None
        self._datagrams: _Datagrams | None = None

    async def start(self) -> None:
        """Raises PortTaken, PortUnusable."""
        host, port = self.settings.host, self.settings.port
        if not port:
            return
        kind = "alarm hosts udp"
        datagrams = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
        try:
            datagrams.setblocking(False)
            for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
                datagrams.setsockopt(socket.SOL_SOCKET, option, BUFFER_BYTES)
            datagrams.bind((host, port))
            kind = "alarm hosts tcp"
            listener = listening_socket(host, port)
        except OSError as error:
            datagrams.close()
            raise port_fault(error, port, kind) from error
        self._plain = PlainDoor(listener, name=NAME, protocol=lambda: AlarmConnection(self))
        self._plain.start()
        self._datagrams = _Datagrams(self, datagrams)

    async def stop(self) -> None:
        """Takes nothing more; whoever has no acknowledgement sends again."""
        if self._datagrams is not None:
            self._datagrams.close()
        if self._plain is not None:
            await self._plain.stop()
        for connection in list(self.open):
            connection.close()
        self._datagrams = self._plain = None


class AlarmConnection(asyncio.BufferedProtocol):
    """One connection of a host over TCP."""

    def __init__(self, door: AlarmDoor) -> None:
        self._door = door
        self._framer = Framer()
        self._frames: deque[bytes] = deque()
        self._transport: asyncio.Transport | None = None
        self._host = ""
        self._unanswered = 0
        self._reading = True
        self._said_all = False
        self._turn: asyncio.TimerHandle | asyncio.Handle | None = None
        self._running = False
        """Its turn is now: who is answered at once has no second one made."""
        self._look: asyncio.TimerHandle | None = None
        self._began_s: float | None = None
        """When the frame began that is not whole yet, in the loop's time."""
        self._last_s = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Takes a place, if there is one."""
        self._transport = cast("asyncio.Transport", transport)
        peer = transport.get_extra_info("peername")
        host = str(peer[0]) if peer else ""
        if self._door.places.refusal(host):
            REFUSED.inc()
            self._transport.abort()
            return
        self._host = host
        self._door.places.enter(host)
        self._door.open.add(self)
        CONNECTIONS.set(len(self._door.places))
        self._last_s = asyncio.get_running_loop().time()
        self._look_again()

    def connection_lost(self, exc: Exception | None) -> None:
        """Gives its place back. What it sent is taken, as far as it would have had its turn."""
        for handle in (self._turn, self._look):
            if handle is not None:
                handle.cancel()
        self._transport = None
        if self in self._door.open:
            self._door.open.remove(self)
            self._door.places.leave(self._host)
            CONNECTIONS.set(len(self._door.places))
            for raw in list(self._frames)[:A_TURN]:
                self._take(raw)
            self._frames.clear()

    def eof_received(self) -> bool:
        """It says no more: what it said is answered before the connection ends."""
        self._said_all = True
        if self._frames or self._unanswered:
            return True
        self.close()
        return False

    def get_buffer(self, sizehint: int) -> memoryview:
        """Where the next octets go."""
        return self._door.octets

    def buffer_updated(self, nbytes: int) -> None:
        """Half a frame, or several."""
        if self not in self._door.open:
            return
        skipped = self._framer.skipped
        frames = self._framer.feed(bytes(self._door.octets[:nbytes]))
        if self._framer.skipped > skipped:
            MALFORMED.inc()
        self._frames.extend(frames)
        now_s = asyncio.get_running_loop().time()
        if frames:
            self._last_s = now_s
        if not self._framer.is_within:
            self._began_s = None
        elif frames or self._began_s is None:
            self._began_s = now_s
        self._look_again()
        if self._turn is None:
            self._run()

    def _run(self) -> None:
        """As many frames as are its turn."""
        self._turn, self._running = None, True
        loop = asyncio.get_running_loop()
        pace = self._door.paces.of(self._host)
        for _ in range(min(A_TURN, len(self._frames))):
            if self._unanswered >= MOST_UNANSWERED:
                break
            wait_s = pace.wait_s(loop.time())
            if wait_s > 0:
                self._turn = loop.call_later(wait_s, self._run)
                break
            pace.spend()
            self._take(self._frames.popleft())
        self._running = False
        if self._frames and self._turn is None and self._unanswered < MOST_UNANSWERED:
            self._turn = loop.call_soon(self._run)
        self._read_on_or_wait()

    def _take(self, raw: bytes) -> None:
        self._unanswered += 1
        with surprises("alarm-frames"):
            self._door.reception.take(raw, self._host, "TCP", self._answer)

    def _answer(self, octets: bytes | None) -> None:
        self._unanswered -= 1
        transport = self._transport
        if transport is None:
            return
        if octets is not None and not transport.is_closing():
            if transport.get_write_buffer_size() > UNREAD_BYTES:
                NOT_READ.inc()
                transport.abort()
                return
            transport.write(octets)
        if self._said_all and not self._frames and not self._unanswered:
            self.close()
        elif (self._frames or not self._reading) and self._turn is None and not self._running:
            self._turn = asyncio.get_running_loop().call_soon(self._run)

    def _read_on_or_wait(self) -> None:
        read = not self._frames and self._unanswered < MOST_UNANSWERED
        if self._said_all or self._transport is None or self._transport.is_closing() or read == self._reading:
            return
        self._reading = read
        if read:
            self._transport.resume_reading()
            self._last_s = asyncio.get_running_loop().time()  # until now it was we who kept it waiting
            self._began_s = None if self._began_s is None else self._last_s
            self._look_again()
        else:
            self._transport.pause_reading()

    def _look_again(self) -> None:
        """At the time when the frame that began has to be whole, or the connection has been idle for too long."""
        if self._look is not None:
            self._look.cancel()
        due_s = self._last_s + self._door.settings.idle_s
        if self._began_s is not None:
            due_s = min(due_s, self._began_s + self._door.settings.frame_s)
        self._look = asyncio.get_running_loop().call_at(due_s, self._end)

    def _end(self) -> None:
        if self._unanswered or not self._reading:  # it waits for us
            self._look = asyncio.get_running_loop().call_later(self._door.settings.frame_s, self._end)
            return
        (IDLE if self._began_s is None else SLOW).inc()
        self.close()

    def close(self) -> None:
        """What was answered still leaves, if its host takes it in the time of a frame."""
        if self._transport is not None:
            self._transport.close()
            if self._look is not None:
                self._look.cancel()
            self._look = asyncio.get_running_loop().call_later(self._door.settings.frame_s, self._abort)

    def _abort(self) -> None:
        if self._transport is not None:
            NOT_READ.inc()
            self._transport.abort()


class _Datagrams:
    """A datagram is a frame; it is answered to where it came from. Many are taken, and many answered, by one call of the system."""

    def __init__(self, door: AlarmDoor, line: socket.socket) -> None:
        self._door = door
        self._line = line
        self._many = AlarmDatagrams(line.fileno(), DATAGRAMS)
        self._answers: list[tuple[AlarmPeer, bytes]] = []
        self._full = False
        """The system takes no more until it says so."""
        self._open = True
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(line.fileno(), self._take)

    def close(self) -> None:
        """What was answered leaves before."""
        self._open = False
        self._loop.remove_reader(self._line.fileno())
        self._send()
        self._loop.remove_writer(self._line.fileno())
        self._line.close()

    def _take(self) -> None:
        try:
            came = self._many.take()
        except OSError as error:
            log.debug("an answer to an alarm host did not arrive", why=str(error))
            return
        now_s, reception = self._loop.time(), self._door.reception
        for peer, host, read, datagram in came:
            pace = self._door.paces.of(host)
            if pace.wait_s(now_s) > 0:
                DROPPED.inc()
                continue
            pace.spend()
            with surprises("alarm-frames"):
                answer = partial(self._answer, peer)
                if read is not None and reception.take_read(read, answer):
                    continue
                frames = frames_of(datagram)
                if len(frames) == 1:
                    reception.take(frames[0], host, "UDP", answer)
                else:
                    MALFORMED.inc()

    def _answer(self, peer: AlarmPeer, octets: bytes | None) -> None:
        if octets is None or not self._open:
            return
        if len(self._answers) >= MOST_ANSWERS:
            UNSENT.inc()
            return
        if not self._answers:
            self._loop.call_soon(self._send)
        self._answers.append((peer, octets))

    def _send(self) -> None:
        """All of a turn together."""
        if self._line.fileno() < 0 or not self._answers:
            return
        del self._answers[: self._many.send(self._answers)]
        if bool(self._answers) != self._full:
            self._full = not self._full
            if self._full:
                self._loop.add_writer(self._line.fileno(), self._send)
            else:
                self._loop.remove_writer(self._line.fileno())
