"""The bus between nodes as the rooms see it: what one node tells another. `transports.nats_bus` carries it over NATS JetStream.

`fengsui.bus` is for events within one node; what crosses to another node goes through this door. Subjects are
`fengsui.<room>.<what>.<code of the node that speaks>…`, so that the server's accounts can let each node speak for itself alone.
A message may come twice and may come late, never in a wrong order on one subject: whoever follows makes its own effect once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

Take = Callable[[Sequence[bytes]], Awaitable[None]]
"""Takes some messages in their order, the oldest first: acknowledged when it returns; they come again after an OSError."""
Reply = Callable[[bytes], Awaitable[bytes | None]]
"""Answers a question; None: no answer at all."""


class BusAway(OSError):
    """There is no connection to the bus now, or nobody answers on it."""


@dataclass(frozen=True, slots=True)
class Channel:
    """One kind of message that waits on the bus's disk until it was taken. `subjects`: a pattern; the oldest go at the limits."""

    stream: str
    subjects: str
    keep_s: float
    keep_bytes: int


@dataclass(frozen=True, slots=True)
class BusState:
    """Whether there is a connection, and else why not. Never holds a credential."""

    connected: bool
    what: str = ""


class NodeBus(Protocol):
    """One connection of the whole node."""

    @property
    def state(self) -> BusState:
        """Now."""
        ...

    async def publish(self, channel: Channel, subject: str, messages: Sequence[tuple[str, bytes]]) -> None:
        """Each message with its id, in order; all are on the bus's disk when it returns. Raises OSError."""
        ...

    async def newest(self, channel: Channel, subject: str) -> bytes | None:
        """The last message of a subject that the bus still keeps. Raises OSError."""
        ...

    async def follow(self, channel: Channel, subject: str, name: str, take: Take) -> None:
        """Every message of a subject from the oldest on, until cancelled. `name`: under which the bus remembers how far it came."""
        ...

    async def ask(self, subject: str, body: bytes, *, within_s: float) -> bytes:
        """A question to whoever listens now. Raises BusAway."""
        ...

    async def answer(self, subject: str, reply: Reply) -> None:
        """Answers what is asked on a subject, from now on and after each new connection."""
        ...
