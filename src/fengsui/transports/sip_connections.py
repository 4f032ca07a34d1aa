"""SIP over TCP and TLS: connections, their bounds, and what they may hold of messages that are not whole. Source: RFC 3261 §18.3.

A connection over which no device has registered is a stranger's: small messages, a fixed time for each, memory of its own kind.
No connection holds the others up: each has its turn, and who speaks faster than its devices may is read more slowly.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

import structlog
from prometheus_client import Counter, Gauge

from fengsui.features.devices import Peer
from fengsui.loops import surprises
from fengsui.settings import SignallingSection
from fengsui.transports.client_certificate import codes_of
from fengsui.transports.paces import AHEAD_S, Pace, Paces
from fengsui.transports.places import Octets, Places
from fengsui.wire.errors import WireError
from fengsui.wire.sip.framing import StreamFramer

log = structlog.get_logger(__name__)
UNSENT_BYTES, UNSENT_BYTES_OF_STRANGERS = 4 << 20, 64 << 10
A_TURN = 64
"""Messages of one connection before others have their turn."""
REST_S = 0.05
"""Who is above the rate is left alone for so long at least: to look is not for nothing then."""
MALFORMED = Counter("fengsui_sip_malformed_total", "Datagrams and streams that are no SIP")
CONNECTIONS = Gauge("fengsui_sip_connections", "Open SIP connections over TCP and TLS")
REFUSED_CONNECTIONS = Counter("fengsui_sip_refused_connections_total", "SIP connections above the limits")
UNFINISHED = Gauge("fengsui_sip_unfinished_bytes", "Memory of messages by TCP and TLS that are not whole", ["of"])
ENDED = Counter("fengsui_sip_ended_connections_total", "SIP connections that we ended", ["why"])
SLOWED = Counter(
    "fengsui_sip_slowed_total", "Times that a connection was not read for a while: its devices, or strangers, send above their rate"
)
TOO_SLOW, NO_MEMORY, NOT_READ, FRAMING, FAILED = (ENDED.labels(why) for why in ("slow", "memory", "not read", "framing", "failed"))


class SipConnections:
    """`take` is called for each whole message, `on_lost` for each connection that is gone."""

    def __init__(self, settings: SignallingSection, take: Callable[[bytes, Peer], None]) -> None:
        self.settings = settings
        self.take = take
        self.on_lost: Callable[[int], None] = lambda _: None
        self._places = Places(settings.max_connections, settings.max_connections_per_address)
        # As many of each as there may be connections: whoever is forgotten has none.
        limit = 2 * settings.max_connections
        self._devices = Paces(settings.max_requests_per_device_per_s, ahead_s=AHEAD_S, limit=limit)
        self._strangers = Paces(settings.max_requests_per_address_per_s, ahead_s=1.0, limit=limit)
        self._registered_over: dict[str, SipConnection] = {}
        self._open: dict[int, SipConnection] = {}
        self._next = 1
        memory = settings.max_unfinished_mb << 20
        self._unfinished = {"devices": Octets(memory), "strangers": Octets(memory)}

    def get(self, number: int) -> SipConnection | None:
        """None when it is gone."""
        return self._open.get(number)

    def write(self, number: int, octets: bytes) -> None:
        """Sends over a connection, if it is still there."""
        connection = self._open.get(number)
        if connection is not None:
            connection.write(octets)

    def end(self, number: int) -> None:
        """Closes a connection, if it is still there; what was written goes out before."""
        connection = self._open.get(number)
        if connection is not None:
            connection.finish()

    def believe(self, number: int, code: str) -> None:
        """The device `code` has registered over it."""
        connection = self._open.get(number)
        if connection is None:
            return
        if (before := self._registered_over.get(code)) is not connection:
            if before is not None:
                self._unregister(before, code)
            self._registered_over[code] = connection
            connection.paces[code] = self._devices.of(code)
        connection.believe()

    def _unregister(self, connection: SipConnection, code: str) -> None:
        """What the device says counts where it is now: no device has as much to say again for each of its connections."""
        connection.paces.pop(code, None)
        self._registered_over.pop(code, None)

    def close(self) -> None:
        """Ends all of them."""
        for connection in list(self._open.values()):
            connection.close()

    def opened(self, connection: SipConnection, host: str) -> int:
        """A new connection; 0 when it is above the limits."""
        if self._places.refusal(host):
            REFUSED_CONNECTIONS.inc()
            return 0
        number = self._next
        self._next += 1
        self._open[number] = connection
        self._places.enter(host)
        connection.stranger = self._strangers.of(host)
        CONNECTIONS.set(len(self._places))
        return number

    def closed(self, number: int, host: str) -> None:
        """A connection is gone."""
        connection = self._open.pop(number, None)
        if connection is None:
            return
        self._places.leave(host)
        for code in list(connection.paces):
            self._unregister(connection, code)
        CONNECTIONS.set(len(self._places))
        self.on_lost(number)

    def hold(self, of: str, host: str, count: int) -> bool:
        """Memory for so many more octets (or fewer) of a message that is not whole. False when there is none."""
        room = self._unfinished[of].take(host, count)
        UNFINISHED.labels(of).set(self._unfinished[of].taken)
        return room


class SipConnection(asyncio.Protocol):
    """One peer: it must finish a message within `message_s` and say something every `idle_s`."""

    def __init__(self, connections: SipConnections, kind: str) -> None:
        self._all = connections
        self._settings = connections.settings
        self._kind = kind
        self.codes: frozenset[str] = frozenset()
        """Devices that its certificate names; empty where there is none, or it names none."""
        self.speaks_sips = False
        self.paces: dict[str, Pace] = {}
        """Of the devices that are registered over it."""
        self.stranger: Pace | None = None
        """Of its address, where no device is."""
        self._of = "strangers"
        self._framer = StreamFramer(max_body_bytes=self._settings.max_stranger_message_kb << 10)
        self._held = 0
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._next_turn: asyncio.TimerHandle | None = None
        """While it is not read."""
        self._line: Pace | None = None
        """In whose line it stands meanwhile."""
        self._slowed = False
        self._in_message = False
        self._peer = Peer(kind, "", 0)

    @property
    def peer(self) -> Peer:
        """Who is at the other end; its connection 0: above the limits, and closed."""
        return self._peer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        stream = cast(asyncio.Transport, transport)
        name = stream.get_extra_info("peername") or ("", 0)
        number = self._all.opened(self, name[0])
        self._transport = stream
        self._peer = Peer(self._kind, name[0], name[1], number)
        self.codes = codes_of(stream.get_extra_info("peercert"))
        if number == 0:
            stream.abort()
            return
        self._in_message = True
        self._wait(self._settings.message_s)

    def believe(self) -> None:
        """A device has registered over it: it may send long messages."""
        if self._of == "devices":
            return
        self._hold(0)
        self._of = "devices"
        self._framer.max_body_bytes = self._settings.max_message_mb << 20

    def data_received(self, data: bytes) -> None:
        if self._peer.connection == 0:
            return
        self._framer.push(data)
        if self._next_turn is None:
            self._take()

    def _take(self) -> None:
        """Takes the whole messages that are there; those above one turn, or the rate, in a while: until then it is not read."""
        finished, rest_s = False, None
        try:
            for _ in range(A_TURN):
                pace, wait_s = self._pace(asyncio.get_running_loop().time())
                if wait_s and self._framer.waiting_bytes:
                    rest_s = self._stand_in_line(pace, wait_s)
                    break
                message = self._framer.pull()
                if message is None:
                    break
                pace.spend()
                finished = True
                with surprises("sip-messages"):  # as with datagrams: the next one may be of another device
                    self._all.take(message, self._peer)
            else:
                rest_s = 0.0
        except WireError as error:
            MALFORMED.inc()
            FRAMING.inc()
            log.debug("SIP stream lost its framing", peer=self._peer.host, why=str(error))
            self.close()
            return
        if not self._hold(self._framer.waiting_bytes):
            NO_MEMORY.inc()
            log.warning("no memory for unfinished SIP messages: connection ended", peer=self._peer.host, of=self._of)
            self.close()
            return
        self._look_at_time(finished=finished)
        if rest_s is not None:
            self._rest(rest_s)

    def _pace(self, now_s: float) -> tuple[Pace, float]:
        """Against whom the next message counts, and how long it must wait for that."""
        assert self.stranger is not None  # set with its number
        shortest = self.stranger, self.stranger.wait_s(now_s)
        for at, pace in enumerate(self.paces.values()):
            wait_s = pace.wait_s(now_s)
            if at == 0 or wait_s < shortest[1]:
                shortest = pace, wait_s
            if wait_s == 0.0:
                break
        return shortest

    def _stand_in_line(self, pace: Pace, wait_s: float) -> float:
        """How long until its turn, behind all that wait for the same: woken together, all but one would find nothing."""
        self._line = pace
        rest_s = max(REST_S, wait_s + pace.line_s)
        pace.waiting += 1
        if not self._slowed:
            SLOWED.inc()
            self._slowed = True
        return rest_s

    def _leave_line(self) -> None:
        if self._line is not None:
            self._line.waiting -= 1
            self._line = None

    def _rest(self, seconds: float) -> None:
        """Does not read on for so long. That is not the peer's fault, nor to its advantage: it has so much longer, and no more."""
        if self._transport is None or self._transport.is_closing() or self._timer is None:
            return
        loop = asyncio.get_running_loop()
        self._wait(self._timer.when() - loop.time() + seconds)
        self._transport.pause_reading()
        self._next_turn = loop.call_later(seconds, self._go_on)

    def _go_on(self) -> None:
        """Its turn. Whatever happens in it, the connection is read on or ended."""
        self._next_turn = None
        self._leave_line()
        if self._transport is None or self._transport.is_closing():
            return
        with surprises("sip-connections"):
            self._take()
            if self._next_turn is None and not self._transport.is_closing():
                self._slowed = False
                self._transport.resume_reading()
            return
        FAILED.inc()
        self.close()

    def _hold(self, count: int) -> bool:
        if count != self._held:
            if not self._all.hold(self._of, self._peer.host, count - self._held):
                return False
            self._held = count
        return True

    def _look_at_time(self, *, finished: bool) -> None:
        """A stranger's time for a message is not prolonged by a drip of octets; a device on a thin line has it from each."""
        within = self._framer.waiting_bytes > 0
        if within and self._in_message and not finished and self._of == "strangers":
            return
        self._in_message = within
        self._wait(self._settings.message_s if within else self._settings.idle_s)

    def connection_lost(self, exc: Exception | None) -> None:
        self._leave_line()
        for timer in (self._timer, self._next_turn):
            if timer is not None:
                timer.cancel()
        self._hold(0)
        self._all.closed(self._peer.connection, self._peer.host)

    def write(self, octets: bytes) -> None:
        """Sends; a peer that takes nothing for long is cut off."""
        if self._transport is None or self._transport.is_closing():
            return
        if self._transport.get_write_buffer_size() > (UNSENT_BYTES if self._of == "devices" else UNSENT_BYTES_OF_STRANGERS):
            NOT_READ.inc()
            self._transport.abort()
            return
        self._transport.write(octets)

    def finish(self) -> None:
        """Ends the connection once everything is written."""
        if self._transport is not None:
            self._transport.close()

    def close(self) -> None:
        """Ends the connection."""
        if self._transport is not None:
            self._transport.abort()

    def _wait(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, self._too_slow)

    def _too_slow(self) -> None:
        TOO_SLOW.inc()
        self.close()
