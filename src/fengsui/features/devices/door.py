"""The SIP port's fast door as the registrar sees it: it is told who is known and bound, and brings what it took.

The door answers heartbeats of bound devices and challenges registrations by this table; every decision stays with `Devices`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from prometheus_client import Counter

from fengsui.features.devices.model import Peer
from fengsui.features.devices.strangers import REQUESTS as STRANGERS_FORGOTTEN
from fengsui.wire.sip.headers import expires_of, without_controls
from fengsui.wire.sip.message import SipRequest

Lines = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """A REGISTER whose sender has proved itself, or need not. `token` 0: it came as `request`, not through the door."""

    code: str
    peer: Peer
    call_id: str
    contact: str
    expires_s: int | None
    version: str
    user_agent: str
    token: int = 0
    request: SipRequest | None = None

    @classmethod
    def of(cls, request: SipRequest, code: str, peer: Peer) -> Claim:
        """What a request says."""
        headers = request.headers
        return cls(
            code,
            peer,
            without_controls(headers.get("call-id")),
            headers.get("contact"),
            expires_of(headers),
            headers.get("x-gb-ver"),
            without_controls(headers.get("user-agent")),
            request=request,
        )


@dataclass(frozen=True, slots=True)
class Word:
    """Our word on a claim that came through the door: status and header lines of the answer."""

    claim: Claim
    status: int
    lines: Lines


CROWDED = Counter(
    "fengsui_sip_crowded_total",
    "Requests dropped: of devices above their rate, or because too much waits for the node",
    ["why"],
)
OVER_RATE, OVER_QUEUE = CROWDED.labels("rate"), CROWDED.labels("queue")
FAILURES = Counter("fengsui_sip_thread_failures_total", "Unexpected errors of the thread of the UDP port")


class DoorCounters(Protocol):
    """Totals since the start."""

    @property
    def heartbeats(self) -> int: ...
    @property
    def challenged(self) -> int: ...
    @property
    def dropped(self) -> int: ...
    @property
    def overflows(self) -> int: ...
    @property
    def over_rate(self) -> int: ...
    @property
    def over_queue(self) -> int: ...
    @property
    def failures(self) -> int: ...


class Door(Protocol):
    """What `Devices` tells the door."""

    def know(self, code: str, password: str) -> None: ...
    def defer(self, code: str, deferred: bool) -> None: ...
    def bind(self, code: str, host: str, port: int, expires_at: float) -> None: ...
    def unbind(self, code: str) -> None: ...
    def remove(self, code: str) -> None: ...
    def take_heard(self) -> Iterable[str]: ...
    def answer(self, words: Sequence[Word]) -> None: ...
    def forget(self, claims: Sequence[Claim]) -> None: ...
    def counters(self) -> DoorCounters: ...


@dataclass(frozen=True, slots=True)
class _NoCounters:
    heartbeats: int = 0
    challenged: int = 0
    dropped: int = 0
    overflows: int = 0
    over_rate: int = 0
    over_queue: int = 0
    failures: int = 0


class NoDoor:
    """Before the port is open, and where everything comes as a request."""

    def know(self, code: str, password: str) -> None: ...
    def defer(self, code: str, deferred: bool) -> None: ...
    def bind(self, code: str, host: str, port: int, expires_at: float) -> None: ...
    def unbind(self, code: str) -> None: ...
    def remove(self, code: str) -> None: ...
    def answer(self, words: Sequence[Word]) -> None: ...
    def forget(self, claims: Sequence[Claim]) -> None: ...

    def take_heard(self) -> Iterable[str]:
        """Nobody."""
        return ()

    def counters(self) -> DoorCounters:
        """Nothing."""
        return _NoCounters()


def count_growth(counted: DoorCounters, before: DoorCounters) -> None:
    """What the door dropped and forgot since the last look, for the metrics."""
    STRANGERS_FORGOTTEN.inc(counted.overflows - before.overflows)
    OVER_RATE.inc(counted.over_rate - before.over_rate)
    OVER_QUEUE.inc(counted.over_queue - before.over_queue)
    FAILURES.inc(counted.failures - before.failures)
