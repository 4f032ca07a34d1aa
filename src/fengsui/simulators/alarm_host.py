"""An alarm host that reports by SIA DC-09 as the standard has it: it sends until it is acknowledged, one event after the other."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from fengsui.account_cipher import AesCbc
from fengsui.wire.dc09.content import TIME
from fengsui.wire.dc09.envelope import Envelope
from fengsui.wire.dc09.framing import Framer
from fengsui.wire.dc09.sending import Sender, request
from fengsui.wire.errors import WireError

HIGHEST = 9_999
RETRY_S = 2.0


class NotHandled(Exception):
    """The receiver answers DUH: it does not know the account, or cannot read what it sends."""


@dataclass(frozen=True, slots=True)
class AlarmTarget:
    """Where it reports. `transport`: UDP or TCP; `retry_s`: so long it waits for an answer before it sends again."""

    host: str = "127.0.0.1"
    port: int = 12300
    transport: str = "UDP"
    retry_s: float = RETRY_S


@dataclass(slots=True)
class SimulatedAlarmHost:
    """It reports one event after the other. `sequence`: of the last."""

    account: str
    target: AlarmTarget
    key: bytes | None = None
    clock_skew: timedelta = field(default_factory=timedelta)
    """Of its own clock; a NAK puts it right."""
    drift_s_per_hour: float = 0.0
    """So much faster than right its clock goes."""
    sequence: int = 0
    sent: int = 0
    """Frames, those that were sent again with them."""
    corrected: int = 0
    """Times that a NAK set its clock."""
    beats: int = 0
    """Frames without an event that were acknowledged."""
    _looked_s: float | None = None
    _one_by_one: asyncio.Lock = field(default_factory=asyncio.Lock)
    _line: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
    _framer: Framer = field(default_factory=Framer)
    _answers: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue)
    _datagrams: asyncio.DatagramTransport | None = None

    async def report(self, data: str, token: str = "SIA-DCS") -> None:
        """Until it is acknowledged. `data` without the account, such as `Nri1/BA005`, or `1130 00 005` with `ADM-CID`; empty with
        `NULL`. Raises NotHandled."""
        async with self._one_by_one:
            await self._report(data, token)

    async def beat(self) -> None:
        """That it is there. Raises NotHandled."""
        await self.report("", "NULL")
        self.beats += 1

    def _now(self) -> datetime:
        now_s = asyncio.get_running_loop().time()
        gone_s, self._looked_s = now_s - (now_s if self._looked_s is None else self._looked_s), now_s
        self.clock_skew += timedelta(seconds=gone_s * self.drift_s_per_hour / 3_600)
        return datetime.now(UTC) + self.clock_skew

    async def _report(self, data: str, token: str) -> None:
        self.sequence = self.sequence % HIGHEST + 1
        cipher = None if self.key is None else AesCbc(self.key)
        sender = Sender(self.account, "0", None, cipher)
        while True:
            said = f"#{self.account}|{data}" if data else ""
            frame = request(sender, token, self.sequence, said, sent_at=self._now())
            try:
                answer = await self._asked(frame)
            except (OSError, TimeoutError, WireError):
                await self.close()
                await asyncio.sleep(self.target.retry_s / 10)
                continue
            if answer.token == "ACK":
                return
            if answer.token == "DUH":
                raise NotHandled(self.account)
            if answer.token == "NAK":
                self._set_clock(answer)

    async def _asked(self, frame: bytes) -> Envelope:
        """The answer to this frame. Raises OSError, TimeoutError, WireError."""
        async with asyncio.timeout(self.target.retry_s):
            await self._send(frame)
            while True:
                answer = Envelope.read(await self._next())
                if answer.token == "NAK" or int(answer.sequence) == self.sequence:  # else of one that was sent again before
                    return answer

    async def _send(self, frame: bytes) -> None:
        self.sent += 1
        target = self.target
        if target.transport == "UDP":
            if self._datagrams is None:
                loop = asyncio.get_running_loop()
                made, _ = await loop.create_datagram_endpoint(
                    lambda: _Answers(self._answers), remote_addr=(target.host, target.port)
                )
                self._datagrams = made
            self._datagrams.sendto(frame)
            return
        if self._line is None:
            self._line = await asyncio.open_connection(target.host, target.port)
        self._line[1].write(frame)
        await self._line[1].drain()

    async def _next(self) -> bytes:
        if self.target.transport == "UDP":
            return await self._answers.get()
        assert self._line is not None, "opened by `_send`"
        while True:
            octets = await self._line[0].read(4_096)
            if not octets:
                raise ConnectionResetError("the receiver has closed")
            if frames := self._framer.feed(octets):
                return frames[0]

    def _set_clock(self, nak: Envelope) -> None:
        _, _, told = nak.content.partition(b"]_")
        with suppress(ValueError):
            self.clock_skew = datetime.strptime(told.decode("ascii"), TIME).replace(tzinfo=UTC) - datetime.now(UTC)
            self.corrected += 1

    async def close(self) -> None:
        """Its connection ends; the next event opens another."""
        if self._line is not None:
            self._line[1].close()
            self._line, self._framer = None, Framer()
        if self._datagrams is not None:
            self._datagrams.close()
            self._datagrams = None


class _Answers(asyncio.DatagramProtocol):
    def __init__(self, found: asyncio.Queue[bytes]) -> None:
        self._found = found

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        for frame in Framer().feed(data):
            self._found.put_nowait(frame)
