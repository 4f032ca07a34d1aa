"""A listening socket whose connections speak TLS. Handshakes are bounded in number and time before anything else sees them."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress

import structlog
from prometheus_client import Counter, Gauge

from fengsui.loops import keep
from fengsui.transports.accepting import accepted
from fengsui.transports.places import Places

log = structlog.get_logger(__name__)
HANDSHAKE = 22
"""The first octet of a TLS record that carries a handshake. RFC 8446 §5.1."""
HANDSHAKE_LIMIT_S, FIRST_OCTET_LIMIT_S, PLAIN_LIMIT_S = 10.0, 10.0, 5.0
MAX_PLAIN = 4_096
REFUSED = Counter("fengsui_tls_refused_total", "Connections that shook no hands", ["port", "why"])
WAITING = Gauge("fengsui_tls_handshakes_waiting", "Handshakes that are not finished", ["port"])


class TlsDoor:
    """`context` is asked for each connection, so that a new certificate is in force at once. `protocol` makes who is handed it.

    `places`: for handshakes under way.
    `plain`: the answer to whoever does not speak TLS, from the first octets; None: they are hung up on.
    """

    def __init__(
        self,
        listener: socket.socket,
        *,
        name: str,
        context: Callable[[], ssl.SSLContext],
        protocol: Callable[[], asyncio.Protocol],
        places: Places,
        plain: Callable[[bytes], bytes] | None = None,
    ) -> None:
        self._listener = listener
        self._name = name
        self._context = context
        self._protocol = protocol
        self._plain = plain
        self._places = places
        self._tasks: set[asyncio.Task[None]] = set()
        self._accepting: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins to take connections from the bound socket."""
        self._listener.setblocking(False)
        self._listener.listen(4096)
        self._accepting = keep(f"{self._name}-door", self._accept)

    async def stop(self) -> None:
        """Takes no more; those that were handed on go on."""
        tasks = [*self._tasks, *((self._accepting,) if self._accepting is not None else ())]
        for task in tasks:
            task.cancel()
        try:
            await asyncio.gather(*tasks, return_exceptions=True)
        finally:  # the port is free, whatever becomes of the wait
            self._listener.close()

    async def _accept(self) -> None:
        async for stream, host in accepted(self._listener, self._name):
            if self._places.refusal(host):
                REFUSED.labels(self._name, "too_many").inc()
                stream.close()
                continue
            self._places.enter(host)
            task = asyncio.create_task(self._let_in(stream, host))
            self._tasks.add(task)
            WAITING.labels(self._name).set(len(self._places))

    async def _let_in(self, stream: socket.socket, host: str) -> None:
        try:
            stream.setblocking(False)
            if await self._speaks_tls(stream):
                await self._shake_hands(stream)
            else:
                await self._answer_plain(stream)
        except (OSError, TimeoutError) as error:  # ssl.SSLError is an OSError
            REFUSED.labels(self._name, "handshake").inc()
            log.debug("no handshake", port=self._name, peer=host, why=str(error))
            stream.close()
        except asyncio.CancelledError:
            stream.close()
            raise
        finally:
            self._leave(host)

    def _leave(self, host: str) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.discard(task)
        self._places.leave(host)
        WAITING.labels(self._name).set(len(self._places))

    @staticmethod
    async def _speaks_tls(stream: socket.socket) -> bool:
        loop = asyncio.get_running_loop()
        readable: asyncio.Future[None] = loop.create_future()

        def seen() -> None:
            if not readable.done():
                readable.set_result(None)

        loop.add_reader(stream, seen)
        try:
            async with asyncio.timeout(FIRST_OCTET_LIMIT_S):
                await readable
        finally:
            loop.remove_reader(stream)
        return stream.recv(1, socket.MSG_PEEK)[:1] == bytes((HANDSHAKE,))

    async def _shake_hands(self, stream: socket.socket) -> None:
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        loop = asyncio.get_running_loop()
        await loop.connect_accepted_socket(
            self._protocol, stream, ssl=self._context(), ssl_handshake_timeout=HANDSHAKE_LIMIT_S, ssl_shutdown_timeout=5.0
        )

    async def _answer_plain(self, stream: socket.socket) -> None:
        REFUSED.labels(self._name, "plain").inc()
        if self._plain is not None:
            loop = asyncio.get_running_loop()
            async with asyncio.timeout(PLAIN_LIMIT_S):
                # Read before it is answered: a close with unread octets is a reset, which would take the answer away.
                request = await loop.sock_recv(stream, MAX_PLAIN)
                await loop.sock_sendall(stream, self._plain(request))
                stream.shutdown(socket.SHUT_WR)
                with suppress(ConnectionError):
                    await loop.sock_recv(stream, MAX_PLAIN)
        stream.close()
