"""uvicorn's connections with bounds: so many in all and of an address, and a time limit for whoever does not finish a request.

uvicorn itself waits for ever for the head of a first request, for a body, and for whoever does not read its answer.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from prometheus_client import Counter, Gauge
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from fengsui.settings import HttpSection
from fengsui.transports.places import Places

log = structlog.get_logger(__name__)
CONNECTIONS = Gauge("fengsui_http_connections", "Open connections to console and API")
REFUSED = Counter("fengsui_http_refused_connections_total", "Connections to console and API above a limit, or too slow", ["why"])
for _why in ("total", "address", "slow request", "slow reader"):
    REFUSED.labels(_why)


def is_proxy_of(trusted: Sequence[str]) -> Callable[[str], bool]:
    """Whether an address is one of the proxies, which are given as addresses or networks."""
    networks = [ipaddress.ip_network(one, strict=False) for one in trusted]

    def is_proxy(host: str) -> bool:
        address = ipaddress.ip_address(host.partition("%")[0])  # an IPv6 address may name its link
        return any(address in network for network in networks)

    return is_proxy if networks else lambda _: False


def host_of(transport: asyncio.BaseTransport) -> str:
    """Who is connected."""
    return str((transport.get_extra_info("peername") or ("unknown",))[0])


def bounded_protocols(settings: HttpSection) -> tuple[type[asyncio.Protocol], type[asyncio.Protocol]]:
    """What uvicorn makes for each connection, and for one that becomes a WebSocket; they share the places."""
    places = Places(settings.max_connections, settings.max_connections_per_address, is_proxy_of(settings.trusted_proxies))

    def leave(host: str) -> None:
        places.leave(host)
        CONNECTIONS.set(len(places))

    class Http(H11Protocol):
        """A connection with a place. Its timer runs while a request is not whole, or an answer is not taken."""

        _host = ""
        _timer: asyncio.TimerHandle | None = None
        _timed = ""

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            host = host_of(transport)
            why = places.refusal(host)
            if why:
                REFUSED.labels(why).inc()
                transport.abort()
                return
            places.enter(host)
            CONNECTIONS.set(len(places))
            self._host = host
            super().connection_made(transport)
            self._limit("head", settings.head_s)

        def data_received(self, data: bytes) -> None:
            if not self._host:
                return
            super().data_received(data)
            if self._host:
                self._look()

        def _look(self) -> None:
            cycle = self.cycle
            if self._timed == "answer":
                return
            if cycle is None or cycle.response_complete:
                self._limit("head", settings.head_s)
            elif cycle.more_body:
                self._limit("body", settings.body_s)
            else:
                self._limit("")

        def handle_websocket_upgrade(self, event: Any) -> None:
            super().handle_websocket_upgrade(event)
            self._limit("")
            self._host = ""  # the place is the WebSocket's now

        def on_response_complete(self) -> None:
            super().on_response_complete()
            if self._timed == "answer":
                self._limit("")

        def pause_writing(self) -> None:
            super().pause_writing()
            self._limit("answer", settings.body_s)

        def resume_writing(self) -> None:
            super().resume_writing()
            self._limit("")

        def _limit(self, what: str, seconds: float = 0.0) -> None:
            """Begins a time limit; one of the same kind that runs goes on, so that a drip of octets wins no time."""
            if what and what == self._timed:
                return
            if self._timer is not None:
                self._timer.cancel()
            self._timer, self._timed = None, what
            if what:
                self._timer = self.loop.call_later(seconds, self._too_slow)

        def _too_slow(self) -> None:
            REFUSED.labels("slow reader" if self._timed == "answer" else "slow request").inc()
            log.debug("a connection took too long", peer=self._host, what=self._timed)
            self.transport.abort()

        def connection_lost(self, exc: Exception | None) -> None:
            if self._host:
                self._limit("")
                leave(self._host)
                self._host = ""
                super().connection_lost(exc)

    class Socket(WebSocketsSansIOProtocol):
        """A WebSocket that has the place of the connection it was."""

        def connection_lost(self, exc: Exception | None) -> None:
            leave(host_of(self.transport))
            super().connection_lost(exc)

        async def send(self, message: Any) -> None:
            await super().send(message)
            if message["type"] == "websocket.http.response.body" and not message.get("more_body", False):
                self.handshake_complete = True  # uvicorn forgets it, and would log a fault of ours for each refusal

    return Http, Socket
