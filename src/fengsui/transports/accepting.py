"""Connections of a listening socket, one by one. Out of descriptors they wait in the kernel's queue, and the log says so.

uvloop's own servers close their listener for good when `accept` fails: these go on by themselves once descriptors are there again.
"""

from __future__ import annotations

import asyncio
import errno
import resource
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

import structlog
from prometheus_client import Counter

from fengsui.clock import Clock, SystemClock
from fengsui.errors import OutOfFiles
from fengsui.loops import keep

log = structlog.get_logger(__name__)
PAUSE_S, OVER_S, SAY_EVERY_S = 0.05, 5.0, 60.0
BACKLOG = 4_096
NO_DESCRIPTORS = (errno.EMFILE, errno.ENFILE)


class Shortage:
    """When a connection last had to wait because no descriptor was left: one for the process, as descriptors are."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._at_s: float | None = None

    def note(self) -> None:
        """It is so now."""
        self._at_s = self._clock.monotonic_s()

    def ago_s(self) -> float | None:
        """How long ago; None: never."""
        return None if self._at_s is None else self._clock.monotonic_s() - self._at_s


SHORTAGE = Shortage(SystemClock())
NOT_ACCEPTED = Counter("fengsui_accept_failures_total", "Connections that could not be accepted yet", ["port"])
for _port in ("http", "https", "sip", "alarm-hosts"):
    NOT_ACCEPTED.labels(_port)


def listening_socket(host: str, port: int) -> socket.socket:
    """Bound, not yet listening. Raises OSError."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener


async def accepted(listener: socket.socket, name: str) -> AsyncIterator[tuple[socket.socket, str]]:
    """Each connection with its peer's address, until cancelled. `name`: the port's, for log and metric."""
    loop = asyncio.get_running_loop()
    say_again_s, failed_s = 0.0, None
    while True:
        try:
            stream, address = await loop.sock_accept(listener)
        except OSError as error:
            NOT_ACCEPTED.labels(name).inc()
            failed_s = loop.time()
            if error.errno in NO_DESCRIPTORS:
                SHORTAGE.note()
            if failed_s >= say_again_s:
                say_again_s = failed_s + SAY_EVERY_S
                _say(name, error)
            await asyncio.sleep(PAUSE_S)  # some will end
            continue
        if failed_s is not None and loop.time() >= failed_s + OVER_S:
            failed_s = None
            log.info("connections are accepted again", port=name)
        yield stream, str(address[0])


def _say(name: str, error: OSError) -> None:
    if error.errno not in NO_DESCRIPTORS:
        log.warning("a connection could not be accepted", port=name, what=str(error))
        return
    fault = OutOfFiles(limit=resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    log.error(fault.text_en, code=fault.code, port=name, zh=fault.text_zh, remedy=fault.remedy_en, remedy_zh=fault.remedy_zh)


class PlainDoor:
    """A listening socket whose connections are handed on as they are. `protocol` makes who is handed one, and bounds them."""

    def __init__(self, listener: socket.socket, *, name: str, protocol: Callable[[], asyncio.BaseProtocol]) -> None:
        self._listener = listener
        self._name = name
        self._protocol = protocol
        self._accepting: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins to take connections from the bound socket."""
        self._listener.setblocking(False)
        self._listener.listen(BACKLOG)
        self._accepting = keep(f"{self._name}-door", self._accept)

    async def stop(self) -> None:
        """Takes no more; those that were handed on go on."""
        try:
            if self._accepting is not None:
                self._accepting.cancel()
                await asyncio.gather(self._accepting, return_exceptions=True)
        finally:  # the port is free, whatever becomes of the wait
            self._listener.close()

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        async for stream, _ in accepted(self._listener, self._name):
            with suppress(OSError):  # it is gone already
                stream.setblocking(False)
                stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                await loop.connect_accepted_socket(self._protocol, stream)
