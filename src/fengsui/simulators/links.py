"""What a simulated device speaks SIP over: a UDP socket or a TCP connection."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import cast

from fengsui.wire.sip.framing import StreamFramer


class Link(ABC):
    """What a device writes to."""

    local: tuple[str, int] = ("", 0)

    @abstractmethod
    def write(self, octets: bytes) -> None:
        """Sends; what cannot be sent is lost."""

    @abstractmethod
    def close(self) -> None:
        """Ends the link."""


class DatagramLink(Link, asyncio.DatagramProtocol):
    """By UDP."""

    def __init__(self, take: Callable[[bytes], None]) -> None:
        self._take = take
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)
        self.local = transport.get_extra_info("sockname")[:2]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._take(data)

    def write(self, octets: bytes) -> None:
        if self._transport is not None:
            self._transport.sendto(octets)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


class StreamLink(Link, asyncio.Protocol):
    """By TCP; `lost` is called when the connection ends."""

    def __init__(self, take: Callable[[bytes], None], lost: Callable[[Link], None]) -> None:
        self._take = take
        self._lost = lost
        self._framer = StreamFramer()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self.local = transport.get_extra_info("sockname")[:2]

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None  # what is still to be said is lost with the connection
        self._lost(self)

    def data_received(self, data: bytes) -> None:
        self._framer.push(data)
        while (message := self._framer.pull()) is not None:
            self._take(message)

    def write(self, octets: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(octets)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
