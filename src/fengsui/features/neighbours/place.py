"""Another node as the place of a copy: what is new goes on the bus, and what the node confirms to hold counts as there.

Called from threads, as every place; the bus lives on the node's loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import CancelledError as Cancelled
from concurrent.futures import TimeoutError as TooLate
from contextlib import contextmanager
from itertools import islice, takewhile
from math import inf
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from fengsui.audit_settings import NODE_SCHEME
from fengsui.clock import Clock
from fengsui.features.audit import DIGITS, NO_HASH, Checkpoint, CopyDiffers, Signer, checkpoint_of, stamp
from fengsui.features.neighbours.checkpoint_lines import lines_after
from fengsui.features.neighbours.findings import TEXTS
from fengsui.features.neighbours.held_chain import line_hash
from fengsui.features.neighbours.standing import (
    CHANNEL,
    LINE_BYTES,
    STANDING,
    Receipt,
    Standing,
    checkpoints_of,
    copy_of,
    receipt_in,
    signed,
    standing_of,
    wanted_bytes,
)
from fengsui.node_bus import BusAway, NodeBus

Returned = TypeVar("Returned")
STANDING_S, RESEND_S = 30.0, 120.0
ANSWER_S, CALL_S = 3.0, 60.0
PAUSES_S = (0.05, 0.1, 0.3, 0.5, 1.0)
"""Between questions whether what was just published is kept already."""
AT_ONCE = 200


def own_lines(folder: Path, key: Ed25519PublicKey, after: int) -> Iterator[tuple[Checkpoint, bytes]]:
    """The log's valid checkpoints that speak for records after `after`, in order. Raises OSError."""
    for line in lines_after(folder, after):
        found = checkpoint_of(line, key)
        if found is not None:
            yield found, line


class NeighbourPlace:
    """`signed_to`: the record up to which checkpoints of the log are certainly on disk; younger ones wait. `loop`: the bus's."""

    def __init__(
        self,
        keeper: str,
        node: str,
        bus: NodeBus,
        signer: Signer,
        clock: Clock,
        signed_to: Callable[[], int],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self.name = f"{NODE_SCHEME}{keeper}"
        self._keeper, self._node = keeper, node
        self._bus, self._signer, self._clock, self._signed_to, self._loop = bus, signer, clock, signed_to, loop
        self._lock = Lock()
        self._published: int | None = None
        """The record up to which checkpoints were put on the bus; None: not known yet."""
        self._own_last, self._own_line = 0, NO_HASH
        self._compared = (0, NO_HASH)
        self._confirmed = -1
        self._stood_s = self._moved_s = -inf
        self._round = 0
        self._complete = False

    def _call(self, act: Coroutine[Any, Any, Returned]) -> Returned:
        """Raises OSError."""
        asked = asyncio.run_coroutine_threadsafe(act, self._loop)
        try:
            return asked.result(CALL_S)
        except TooLate as error:
            asked.cancel()
            raise BusAway("the bus did not answer in time") from error
        except Cancelled as error:
            raise BusAway("the node stops") from error

    def push(self, folder: Path) -> None:
        """Raises OSError while the node has not confirmed everything; CopyDiffers when it holds something else than the log."""
        with self._lock:
            due = self._clock.monotonic_s() >= self._stood_s + STANDING_S
            if self._complete and not due and self._signed_to() <= self._own_last:
                return
            self._complete = False
            self._call(self._push(folder))
            self._complete = True

    async def _push(self, folder: Path) -> None:
        until = self._signed_to()
        if self._published is None:
            self._published = await self._position(until)
            self._moved_s = self._clock.monotonic_s()
        while fresh := await asyncio.to_thread(self._own, folder, self._published, until):
            await self._publish([line for _, line in fresh])
            self._published, self._moved_s = fresh[-1][0].last, self._clock.monotonic_s()
        if until > self._own_last or self._own_line == NO_HASH:
            for found, line in await asyncio.to_thread(self._own, folder, until - 1, until):
                self._own_last, self._own_line = found.last, line_hash(line)
        try:
            receipt = await self._state()
        except BusAway as error:
            raise BusAway(f"{error}; up to record {self._published} everything waits on the bus") from error
        other = await asyncio.to_thread(self._other, folder, receipt)
        if other is not None:
            if other:
                await self._publish([other])
            raise CopyDiffers(f"{self.name} holds the copy up to record {receipt.last}, and this log does not fit to it")
        if receipt.findings:
            raise CopyDiffers(f"{self.name}: {'; '.join(TEXTS[one][1] for one in receipt.findings)}")
        if receipt.last < self._own_last:
            self._look_at_progress(receipt.last)
            raise BusAway(f"the node confirms the copy up to record {receipt.last} of {self._own_last}; the rest waits on the bus")

    def _own(self, folder: Path, after: int, until: int) -> list[tuple[Checkpoint, bytes]]:
        found = takewhile(lambda one: one[0].last <= until, own_lines(folder, self._signer.public, after))
        return list(islice(found, AT_ONCE))

    async def _publish(self, lines: list[bytes]) -> None:
        """One id a checkpoint, so that the bus itself drops what is sent twice. Raises OSError."""
        messages = []
        for line in lines:
            if len(line) > LINE_BYTES:
                raise OSError(f"a checkpoint of {len(line)} octets is too long for the bus")
            messages.append((f"{line_hash(line)[:32]}-{self._round}", line))
        await self._bus.publish(CHANNEL, checkpoints_of(self._node), messages)

    async def _position(self, until: int) -> int:
        """From where to go on after a start: behind what the node holds and what waits on the bus. Raises OSError."""
        away: OSError | None = None
        known = []
        try:
            known.append((await self._ask(b"")).last)
        except BusAway as error:
            away = error
        try:
            line = await self._bus.newest(CHANNEL, checkpoints_of(self._node))
            found = checkpoint_of(line, self._signer.public) if line else None
            if found is not None and found.last <= until:
                known.append(found.last)
        except BusAway as error:
            away = away or error
        if not known:
            raise away or BusAway("the node does not answer")
        return max(known)

    async def _ask(self, message: bytes) -> Receipt:
        """Raises BusAway."""
        answer = await self._bus.ask(standing_of(self._node, self._keeper), message, within_s=ANSWER_S)
        receipt = receipt_in(answer, keeper=self._keeper, node=self._node)
        if receipt is None:
            raise BusAway("the answer is no receipt of the copy")
        return receipt

    async def _state(self) -> Receipt:
        """What the node confirms, once it had a moment; every half minute it is told where our log stands. Raises BusAway."""
        receipt = await self._ask(b"")
        for pause_s in PAUSES_S:
            if receipt.last >= self._own_last:
                break
            await asyncio.sleep(pause_s)
            receipt = await self._ask(b"")
        if self._clock.monotonic_s() >= self._stood_s + STANDING_S:
            at = stamp(self._clock)
            mine = Standing(STANDING, self._node, self._keeper, receipt.nonce, at, self._own_last, self._own_line)
            receipt = await self._ask(signed(self._signer, mine))
            self._stood_s = self._clock.monotonic_s()
        return receipt

    def _other(self, folder: Path, receipt: Receipt) -> bytes | None:
        """Our checkpoint where the node holds another one (empty: we have none there any more); None when they agree."""
        held = receipt.last, receipt.line
        if receipt.last == 0 or held == self._compared:
            return None
        found = next(own_lines(folder, self._signer.public, receipt.last - 1), None)
        if found is None:
            return b""
        if (found[0].last, line_hash(found[1])) == held:
            self._compared = held
            return None
        return found[1]

    def _look_at_progress(self, confirmed: int) -> None:
        """When the node comes no further, something was lost on the way: it is sent again from where the node stands."""
        now_s = self._clock.monotonic_s()
        if confirmed > self._confirmed:
            self._confirmed, self._moved_s = confirmed, now_s
        elif now_s >= self._moved_s + RESEND_S:
            self._published, self._moved_s = confirmed, now_s
            self._round += 1

    def lacking(self, folder: Path) -> int:
        """Raises OSError; CopyDiffers."""
        receipt = self._call(self._ask(b""))
        if self._other(folder, receipt) is not None or receipt.findings:
            raise CopyDiffers(f"{self.name} holds the copy up to record {receipt.last}, and this log does not fit to it")
        return sum(len(line) + 1 for _, line in own_lines(folder, self._signer.public, receipt.last))

    @contextmanager
    def as_folder(self) -> Iterator[Path]:
        """Fetched from the node into a temporary folder."""
        with TemporaryDirectory() as temporary:
            path = Path(temporary) / f"{1:0{DIGITS}d}.checkpoints"
            after = 0
            with path.open("wb") as stream:
                while part := self._call(self._bus.ask(copy_of(self._node, self._keeper), wanted_bytes(after), within_s=ANSWER_S)):
                    stream.write(part)
                    last = checkpoint_of(part.rstrip(b"\n").rsplit(b"\n", 1)[-1], self._signer.public)
                    if last is None or last.last <= after:
                        break  # what is wrong with it is for the verifier to say
                    after = last.last
            yield Path(temporary)
