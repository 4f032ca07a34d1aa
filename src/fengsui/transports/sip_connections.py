"""SIP over TCP and TLS: connections, their bounds, and what they may hold of messages that are not whole. Source: RFC 3261 §18.3.

A connection over which no device has registered is a stranger's: small messages, a fixed time for each, memory of its own kind.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

import structlog
from prometheus_client import Counter, Gauge

from fengsui.features.devices import Peer
from fengsui.settings import SignallingSection
from fengsui.transports.client_certificate import codes_of
from fengsui.transports.places import Octets, Places
from fengsui.wire.errors import WireError
from fengsui.wire.sip.framing import StreamFramer

log = structlog.get_logger(__name__)
UNSENT_BYTES, UNSENT_BYTES_OF_STRANGERS = 4 << 20, 64 << 10
MALFORMED = Counter("fengsui_sip_malformed_total", "Datagrams and streams that are no SIP")
CONNECTIONS = Gauge("fengsui_sip_connections", "Open SIP connections over TCP and TLS")
REFUSED_CONNECTIONS = Counter("fengsui_sip_refused_connections_total", "SIP connections above the limits")
UNFINISHED = Gauge("fengsui_sip_unfinished_bytes", "Memory of messages by TCP and TLS that are not whole", ["of"])
ENDED = Counter("fengsui_sip_ended_connections_total", "SIP connections that we ended", ["why"])
TOO_SLOW, NO_MEMORY, NOT_READ, FRAMING = (ENDED.labels(why) for why in ("slow", "memory", "not read", "framing"))


class SipConnections:
    """`take` is called for each whole message, `on_lost` for each connection that is gone."""

    def __init__(self, settings: SignallingSection, take: Callable[[bytes, Peer], None]) -> None:
        self.settings = settings
        self.take = take
        self.on_lost: Callable[[int], None] = lambda _: None
        self._places = Places(settings.max_connections, settings.max_connections_per_address)
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

    def believe(self, number: int) -> None:
        """A device has registered over it."""
        connection = self._open.get(number)
        if connection is not None:
            connection.believe()

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
        CONNECTIONS.set(len(self._places))
        return number

    def closed(self, number: int, host: str) -> None:
        """A connection is gone."""
        if self._open.pop(number, None) is None:
            return
        self._places.leave(host)
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
        self._of = "strangers"
        self._framer = StreamFramer(max_body_bytes=self._settings.max_stranger_message_kb << 10)
        self._held = 0
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._in_message = False
        self._peer = Peer(kind, "", 0)

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
        finished = False
        try:
            while (message := self._framer.pull()) is not None:
                finished = True
                self._all.take(message, self._peer)
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
        if self._timer is not None:
            self._timer.cancel()
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
