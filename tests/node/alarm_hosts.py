"""Alarm hosts that report to a node of the tests over real sockets, and read what it answers."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime
from typing import Any

from fengsui.account_cipher import AesCbc
from fengsui.wire.dc09.content import Content, opened
from fengsui.wire.dc09.envelope import Envelope
from fengsui.wire.dc09.framing import Framer
from fengsui.wire.dc09.sending import Sender, request
from tests.node.conftest import RunningNode

KEY = bytes(range(16))
LIMIT_S = 30.0
SILENT_S = 0.6
"""Longer than a commit takes here, by far."""


def order(account: str, *, key: bytes | None = None, **more: Any) -> dict[str, Any]:
    """What is posted to `/alarm-hosts`."""
    points = [{"zone": "5", "name": "金库门", "kind": "detector"}]
    return {"account": account, "site": "南明银行", "points": points, **({"key": key.hex()} if key else {})} | more


async def entered(node: RunningNode, account: str, *, key: bytes | None = None, **more: Any) -> dict[str, Any]:
    """A host that is known."""
    answer = await node.client.post("/alarm-hosts", json=order(account, key=key, **more))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def burglary(sender: Sender, sequence: int, *, zone: str = "005", sent_at: datetime | None = None, text: str = "") -> bytes:
    """One frame of a SIA block. An encrypted one tells the time of now."""
    when = sent_at or (datetime.now(UTC) if sender.key else None)
    said = f"^{text}^" if text else ""
    return request(sender, "SIA-DCS", sequence, f"#{sender.account}|Nri2/BA{zone}{said}", sent_at=when)


def sender_of(account: str, key: bytes | None = None) -> Sender:
    """As the host writes itself."""
    return Sender(account, "1", "1", None if key is None else AesCbc(key))


class Line:
    """A TCP connection to the node's alarm port."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self.writer, self._framer, self._waiting = reader, writer, Framer(), list[bytes]()

    async def answer(self) -> bytes:
        """The next frame, without LF and CR; empty: the node has closed."""
        async with asyncio.timeout(LIMIT_S):
            while not self._waiting:
                octets = await self._reader.read(4_096)
                if not octets:
                    return b""
                self._waiting += self._framer.feed(octets)
            return self._waiting.pop(0)

    async def ask(self, frame: bytes) -> bytes:
        """Sends it; the answer."""
        self.writer.write(frame)
        return await self.answer()

    async def is_silent(self, host: Sender) -> bool:
        """No answer comes, though for as long as that the node answers every heartbeat of this host at once."""
        loop = asyncio.get_running_loop()
        until_s = loop.time() + SILENT_S
        while loop.time() < until_s:
            now = datetime.now(UTC) if host.key else None
            if told(await self.ask(request(host, "NULL", 0, sent_at=now)), KEY if host.key else None)[1] != "0000":
                return False
        return True


@asynccontextmanager
async def line_to(port: int, host: str = "127.0.0.1") -> AsyncIterator[Line]:
    """Open until the end."""
    reader, writer = await asyncio.open_connection(host, port)
    try:
        yield Line(reader, writer)
    finally:
        writer.close()


async def datagram(port: int, frame: bytes, *, limit_s: float = LIMIT_S) -> bytes:
    """Sent by UDP; the answer without LF and CR, empty where none comes."""
    loop = asyncio.get_running_loop()
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as line:
        line.setblocking(False)
        line.connect(("127.0.0.1", port))
        await loop.sock_sendall(line, frame)
        try:
            async with asyncio.timeout(limit_s):
                return (await loop.sock_recv(line, 4_096)).strip(b"\n\r")
        except TimeoutError:
            return b""


def told(answer: bytes, key: bytes | None = None) -> tuple[str, str, str | None]:
    """Token, sequence and account of an answer; an encrypted one must open with the key."""
    envelope = Envelope.read(answer)
    if envelope.encrypted:
        found = Content("") if key is None else opened(_as_null(envelope), AesCbc(key))
        assert key is not None and found.data == "" and found.sent_at is not None
    return ("*" if envelope.encrypted else "") + envelope.token, envelope.sequence, envelope.account


def _as_null(envelope: Envelope) -> Envelope:
    """`opened` reads what hosts send; an answer is padded and encrypted as a heartbeat is."""
    return Envelope("NULL", True, envelope.sequence, envelope.receiver, envelope.line, envelope.account, envelope.content)
