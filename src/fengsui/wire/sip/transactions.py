"""Transactions of SIP over UDP and TCP: what to send again and when, what was answered already. No sockets, no clock:
`now_s` comes in, messages and the next deadline come out. Source: RFC 3261 §17; GB/T 28181-2022 §6.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from enum import Enum
from typing import Final

from fengsui.wire.sip.headers import CSeq, branch_of
from fengsui.wire.sip.message import Headers, SipRequest, SipResponse

T1_S: Final = 0.5
T2_S: Final = 4.0
UNACKNOWLEDGED_S: Final = 64 * T1_S
"""Timers H and D: how long a final answer is repeated without ACK, and how long the other side may repeat it."""
GIVE_UP_S: Final = 16.0
"""Devices answer in a second or never: half of RFC 3261's 64*T1, so that an operator is told sooner."""
REPLAY_S: Final = 32.0
MAX_REPLAYS: Final = 50_000
MAX_REPLAY_OCTETS: Final = 64 * 1024 * 1024
REPLAY_COST: Final = 400
"""What an entry takes beside its texts, roughly."""
MAX_ACKNOWLEDGEMENTS: Final = 5_000

TransactionKey = tuple[str, str]


class State(Enum):
    """RFC 3261 §17.1, figures 5 and 6; CALLING stands for TRYING as well."""

    CALLING = "calling"
    PROCEEDING = "proceeding"
    COMPLETED = "completed"
    TIMED_OUT = "timed out"


_AFTER: Final[Mapping[tuple[State, bool], State]] = {
    (State.CALLING, False): State.PROCEEDING,
    (State.CALLING, True): State.COMPLETED,
    (State.PROCEEDING, False): State.PROCEEDING,
    (State.PROCEEDING, True): State.COMPLETED,
    (State.COMPLETED, False): State.COMPLETED,
    (State.COMPLETED, True): State.COMPLETED,
    (State.TIMED_OUT, False): State.TIMED_OUT,
    (State.TIMED_OUT, True): State.TIMED_OUT,
}
"""(state, whether the answer is final) → state."""


def key_of_request(request: SipRequest) -> TransactionKey:
    """Branch and method: what an answer repeats (§17.1.3)."""
    return branch_of(request.headers), request.method


def key_of_response(response: SipResponse) -> TransactionKey:
    """Raises MalformedSip when the answer has no CSeq."""
    return branch_of(response.headers), CSeq.parse(response.headers.get("cseq")).method


class ClientTransaction:
    """One request of ours until its final answer. `reliable`: over TCP nothing is sent again. `ringing_s`: the limit of time, from
    the beginning, once a provisional answer said that it is being dealt with; a lower platform has to ask its own lower ones."""

    __slots__ = (
        "_gives_up_s",
        "_interval_s",
        "_next_s",
        "_rang",
        "_ringing_s",
        "answer",
        "key",
        "octets",
        "request",
        "state",
    )

    def __init__(
        self, request: SipRequest, *, reliable: bool, now_s: float, timeout_s: float = GIVE_UP_S, ringing_s: float = 0.0
    ) -> None:
        self.request = request
        self.octets = request.to_bytes()
        self.key = key_of_request(request)
        self.state = State.CALLING
        self.answer: SipResponse | None = None
        self._rang = False
        self._interval_s = T1_S
        self._next_s: float | None = None if reliable else now_s + T1_S
        self._gives_up_s = now_s + timeout_s
        self._ringing_s = now_s + max(timeout_s, ringing_s)

    @property
    def over(self) -> bool:
        """Answered or given up."""
        return self.state in (State.COMPLETED, State.TIMED_OUT)

    @property
    def may_be_cancelled(self) -> bool:
        """Only an INVITE that is being dealt with: a CANCEL before any answer could overtake it (§9.1)."""
        return self.request.method == "INVITE" and self._rang and self.answer is None

    @property
    def due_s(self) -> float | None:
        """When `handle_timeout` is to be called next; None when it is over."""
        if self.over:
            return None
        return self._gives_up_s if self._next_s is None else min(self._next_s, self._gives_up_s)

    def receive(self, response: SipResponse) -> bool:
        """Takes an answer with this transaction's key; True when it is the final one, which counts once."""
        fresh = not self.over
        self._rang |= response.status < 200
        if response.status < 200:
            self._gives_up_s = self._ringing_s
        self.state = _AFTER[self.state, response.status >= 200]
        if self.state is State.PROCEEDING and self.request.method == "INVITE":
            self._next_s = None  # it is being dealt with: nothing is sent again (§17.1.1.2)
        elif self.state is State.PROCEEDING:
            self._interval_s = T2_S  # the provisional answer says that it arrived: more seldom (§17.1.2.2, timer E)
        if fresh and self.state is State.COMPLETED:
            self.answer = response
            return True
        return False

    def handle_timeout(self, now_s: float) -> bytes | None:
        """What is to be sent again now, if anything."""
        if self.over:
            return None
        if now_s >= self._gives_up_s:
            self.state = State.TIMED_OUT
            return None
        if self._next_s is None or now_s < self._next_s:
            return None
        doubled = self._interval_s * 2
        self._interval_s = doubled if self.request.method == "INVITE" else min(T2_S, doubled)
        self._next_s = now_s + self._interval_s
        return self.octets


ReplayKey = tuple[str, str, str, str, int]


def replay_key(request: SipRequest, host: str, port: int) -> ReplayKey:
    """By what a retransmission is known. The Call-ID as well: some devices send no branch, or always the same one and number."""
    headers = request.headers
    return branch_of(headers), headers.get("call-id"), headers.get("cseq"), host, port


class ServerTransactions:
    """Requests of others that were taken lately, and what they were answered (§17.2). Bounded: the oldest go first."""

    __slots__ = ("_max_octets", "_taken", "octets")

    def __init__(self, max_octets: int = MAX_REPLAY_OCTETS) -> None:
        self._taken: OrderedDict[ReplayKey, tuple[float, bytes | None]] = OrderedDict()
        self._max_octets = max_octets
        self.octets = 0
        """What keys and answers take."""

    def __len__(self) -> int:
        return len(self._taken)

    def replay(self, key: ReplayKey, now_s: float) -> tuple[bool, bytes | None]:
        """Whether the request was taken already, and the answer to repeat (None: it is still being worked on)."""
        found = self._taken.get(key)
        if found is None or now_s >= found[0]:
            return False, None
        return True, found[1]

    def forget(self, key: ReplayKey) -> None:
        """It could not be dealt with: sent again, it is new."""
        found = self._taken.pop(key, None)
        if found is not None:
            self.octets -= _cost(key, found[1])

    def remember(self, key: ReplayKey, answer: bytes | None, now_s: float) -> None:
        """Taken (`answer` None), or answered with these octets."""
        taken = self._taken
        before = taken.get(key)
        self.octets += _cost(key, answer) - (_cost(key, before[1]) if before is not None else 0)
        taken[key] = (now_s + REPLAY_S, answer)
        while taken and (len(taken) > MAX_REPLAYS or self.octets > self._max_octets or next(iter(taken.values()))[0] < now_s):
            oldest, (_, answered) = taken.popitem(last=False)
            self.octets -= _cost(oldest, answered)


def _cost(key: ReplayKey, answer: bytes | None) -> int:
    return REPLAY_COST + len(key[0]) + len(key[1]) + len(key[2]) + len(answer or b"")


class SentAcknowledgements:
    """ACKs of refused INVITEs: a refusal that comes again has missed its ACK and gets it again (§17.1.1.2, timer D)."""

    __slots__ = ("_sent",)

    def __init__(self) -> None:
        self._sent: OrderedDict[str, tuple[float, bytes]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._sent)

    def remember(self, acknowledgement: SipRequest, octets: bytes, now_s: float) -> None:
        """Sent now. Bounded: the oldest go first."""
        self._sent[branch_of(acknowledgement.headers)] = (now_s + UNACKNOWLEDGED_S, octets)
        while len(self._sent) > MAX_ACKNOWLEDGEMENTS or next(iter(self._sent.values()))[0] < now_s:
            self._sent.popitem(last=False)

    def replay(self, refusal: SipResponse, now_s: float) -> bytes | None:
        """What to send for a refusal that nobody waits for; None when it never was ours, or long ago."""
        found = self._sent.get(branch_of(refusal.headers))
        return None if found is None or now_s >= found[0] else found[1]


class UnacknowledgedAnswer:
    """A final answer of ours to an INVITE, repeated until its ACK comes. `reliable`: over TCP a refusal is sent once,
    while a 2xx is repeated on every transport (§13.3.1.4, §17.2.1 timers G and H)."""

    __slots__ = ("_gives_up_s", "_interval_s", "_next_s", "acknowledged", "octets")

    def __init__(self, answer: SipResponse, *, reliable: bool, now_s: float) -> None:
        self.octets = answer.to_bytes()
        self.acknowledged = False
        repeated = not reliable or 200 <= answer.status < 300
        self._interval_s = T1_S
        self._next_s: float | None = now_s + T1_S if repeated else None
        self._gives_up_s = now_s + UNACKNOWLEDGED_S

    @property
    def due_s(self) -> float | None:
        """When `handle_timeout` is to be called next; None when it is over."""
        if self.acknowledged:
            return None
        return self._gives_up_s if self._next_s is None else min(self._next_s, self._gives_up_s)

    def acknowledge(self) -> None:
        """The ACK came."""
        self.acknowledged = True

    def given_up(self, now_s: float) -> bool:
        """Whether no ACK came in time: the call is to be ended."""
        return not self.acknowledged and now_s >= self._gives_up_s

    def handle_timeout(self, now_s: float) -> bytes | None:
        """What is to be sent again now, if anything."""
        if self.acknowledged or self._next_s is None or now_s < self._next_s or now_s >= self._gives_up_s:
            return None
        self._interval_s = min(T2_S, self._interval_s * 2)
        self._next_s = now_s + self._interval_s
        return self.octets


def acknowledgement(invite: SipRequest, refusal: SipResponse) -> SipRequest:
    """ACK of a final answer that is no 2xx: the INVITE's branch and its CSeq number (§17.1.1.3)."""
    return _derived(invite, "ACK", refusal.headers.get("to"))


def cancelled_by(cancel: SipRequest, invite: SipRequest) -> bool:
    """Whether a CANCEL of the other side is of that INVITE: same branch, Call-ID and number (§9.2). Raises MalformedSip."""
    mine, theirs = invite.headers, cancel.headers
    return (
        cancel.method == "CANCEL"
        and branch_of(mine) == branch_of(theirs)
        and mine.get("call-id") == theirs.get("call-id")
        and CSeq.parse(mine.get("cseq")).number == CSeq.parse(theirs.get("cseq")).number
    )


def cancellation(invite: SipRequest) -> SipRequest:
    """CANCEL of an INVITE without a final answer (§9.1)."""
    return _derived(invite, "CANCEL", invite.headers.get("to"))


def _derived(invite: SipRequest, method: str, to: str) -> SipRequest:
    lines = [(name, value) for name, value in invite.headers if name in ("via", "route", "from", "call-id", "max-forwards")]
    number = CSeq.parse(invite.headers.get("cseq")).number
    return SipRequest(method, invite.uri, Headers.of_lowered([*lines, ("to", to), ("cseq", f"{number} {method}")]))
