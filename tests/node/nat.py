"""An address translator on loopback: what devices send to it arrives at the node from another address and port."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import cast

from fengsui.simulators.identity import Registrar
from tests.ports import free_port

PRIVATE = ("192.168.1.64", 5060)
"""What devices behind it believe of themselves."""
OUTSIDE = "127.0.0.51"


class _Outside(asyncio.DatagramProtocol):
    """The outer socket of one device."""

    def __init__(self, nat: Nat, inside: tuple[str, int]) -> None:
        self._nat = nat
        self._inside = inside
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._nat.to_device(data, self._inside)


class Nat(asyncio.DatagramProtocol):
    """For UDP and TCP; the mapping of a device lasts until `forget`."""

    def __init__(self, registrar: Registrar) -> None:
        self._node = (registrar.host, registrar.port)
        self._port = free_port()
        self.registrar = replace(registrar, port=self._port)
        """Where devices behind it find the node."""
        self._mappings: dict[tuple[str, int], asyncio.Task[_Outside]] = {}
        self._inside: asyncio.DatagramTransport | None = None
        self._pumps: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._inside = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        mapping = self._mappings.get(addr)
        if mapping is None:
            mapping = self._mappings[addr] = asyncio.create_task(self._open(addr))
        mapping.add_done_callback(lambda opened: opened.result().transport.sendto(data))  # type: ignore[union-attr]

    async def _open(self, inside: tuple[str, int]) -> _Outside:
        loop = asyncio.get_running_loop()
        _, opened = await loop.create_datagram_endpoint(
            lambda: _Outside(self, inside), local_addr=(OUTSIDE, 0), remote_addr=self._node
        )
        return opened

    def to_device(self, data: bytes, inside: tuple[str, int]) -> None:
        """A datagram from the node."""
        if self._inside is not None:
            self._inside.sendto(data, inside)

    def forget(self) -> None:
        """Every mapping ends, as after a quiet while: what the node sends to the old ports is lost, new ones are given."""
        for mapping in self._mappings.values():
            transport = mapping.result().transport
            assert transport is not None
            transport.close()
        self._mappings.clear()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(*self._node, local_addr=(OUTSIDE, 0))
        for source, target in ((reader, back), (there, writer)):
            task = asyncio.create_task(_pump(source, target))
            self._pumps.add(task)
            task.add_done_callback(self._pumps.discard)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Nat]:
        """Until the end of the block."""
        loop = asyncio.get_running_loop()
        address = (self.registrar.host, self._port)
        transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=address)
        server = await asyncio.start_server(self._carry, *address)
        try:
            yield self
        finally:
            transport.close()
            server.close()
            self.forget()
            for pump in list(self._pumps):
                pump.cancel()
            await asyncio.gather(*self._pumps, return_exceptions=True)


async def _pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while octets := await source.read(65_536):
            target.write(octets)
            await target.drain()
    target.close()
