"""A line between browser and node that can be cut: a SOCKS 5 proxy (RFC 1928) on loopback, through which all TCP goes."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import threading
from collections.abc import Iterator

STOP_S = 5


class CutLine:
    """While it is cut nothing passes and nothing is closed, as when a cable is pulled: old connections stand, new ones hang."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._whole = asyncio.Event()
        self._begun = threading.Event()
        self._ends: set[asyncio.StreamWriter] = set()
        self.port = 0
        self.carried = 0
        """Octets that have passed."""

    def cut(self) -> None:
        self._loop.call_soon_threadsafe(self._whole.clear)

    def mend(self) -> None:
        self._loop.call_soon_threadsafe(self._whole.set)

    def run(self) -> None:
        """Serves until `stop`; in a thread of its own."""
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._whole.set()
        self._begun.set()
        self._loop.run_forever()
        server.close()
        for end in self._ends:
            end.transport.abort()
        left = asyncio.all_tasks(self._loop)
        if left:
            self._loop.run_until_complete(asyncio.wait(left, timeout=STOP_S))
        self._loop.close()

    def wait_begun(self) -> None:
        assert self._begun.wait(10), "the line does not begin"

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)

    async def _serve(self, near: asyncio.StreamReader, near_end: asyncio.StreamWriter) -> None:
        self._ends.add(near_end)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await near.readexactly((await near.readexactly(2))[1])
            near_end.write(b"\x05\x00")
            kind = (await near.readexactly(4))[3]
            if kind == 3:
                host = (await near.readexactly((await near.readexactly(1))[0])).decode()
            else:
                host = str(ipaddress.ip_address(await near.readexactly(4 if kind == 1 else 16)))
            port = int.from_bytes(await near.readexactly(2))
            await self._whole.wait()
            far, far_end = await asyncio.open_connection(host, port)
            self._ends.add(far_end)
            near_end.write(b"\x05\x00\x00\x01" + bytes(6))
            await asyncio.gather(self._carry(near, far_end), self._carry(far, near_end))
        near_end.close()

    async def _carry(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while octets := await source.read(1 << 16):
                await self._whole.wait()
                self.carried += len(octets)
                target.write(octets)
                await target.drain()
        target.close()


@contextlib.contextmanager
def line() -> Iterator[CutLine]:
    """A line that is whole until somebody cuts it."""
    made = CutLine()
    thread = threading.Thread(target=made.run, daemon=True)
    thread.start()
    made.wait_begun()
    try:
        yield made
    finally:
        made.mend()
        made.stop()
        thread.join(10)
