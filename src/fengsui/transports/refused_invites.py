"""INVITEs of devices that we refused: our answer is repeated until its ACK, a CANCEL finds its INVITE (RFC 3261 §9.2, §17.2.1)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from fengsui.features.devices import Peer
from fengsui.wire.sip.headers import branch_of
from fengsui.wire.sip.message import SipRequest, SipResponse
from fengsui.wire.sip.transactions import UnacknowledgedAnswer, cancelled_by

MAX_UNACKNOWLEDGED = 1_000
"""Beyond that a device has to send its INVITE again to hear our answer again."""


@dataclass(slots=True)
class _Refused:
    invite: SipRequest
    answer: UnacknowledgedAnswer
    peer: Peer
    timer: asyncio.TimerHandle | None = field(default=None)


def _key(request: SipRequest) -> str:
    """What an INVITE, the ACK of its refusal and its CANCEL have in common; old devices send no branch."""
    return branch_of(request.headers) or request.headers.get("call-id")


class RefusedInvites:
    """`send_again` is called with the octets of an answer whose ACK is missing."""

    def __init__(self, send_again: Callable[[bytes, Peer], None]) -> None:
        self._send_again = send_again
        self._refused: dict[str, _Refused] = {}

    def __len__(self) -> int:
        return len(self._refused)

    def note(self, invite: SipRequest, answer: SipResponse, peer: Peer) -> None:
        """The answer was sent now."""
        if len(self._refused) < MAX_UNACKNOWLEDGED:
            now_s = asyncio.get_running_loop().time()
            kept = _Refused(invite, UnacknowledgedAnswer(answer, reliable=peer.transport != "UDP", now_s=now_s), peer)
            self._refused[_key(invite)] = kept
            self._look_again(kept)

    def acknowledge(self, acknowledgement: SipRequest) -> None:
        """An ACK came."""
        kept = self._refused.pop(_key(acknowledgement), None)
        if kept is not None:
            kept.answer.acknowledge()
            if kept.timer is not None:
                kept.timer.cancel()

    def has_cancelled(self, cancel: SipRequest) -> bool:
        """Whether a CANCEL is of one of these INVITEs; it has its answer already. Raises MalformedSip."""
        kept = self._refused.get(_key(cancel))
        return kept is not None and cancelled_by(cancel, kept.invite)

    def stop(self) -> None:
        """Repeats nothing any more."""
        for kept in self._refused.values():
            if kept.timer is not None:
                kept.timer.cancel()
        self._refused.clear()

    def _look_again(self, kept: _Refused) -> None:
        due_s = kept.answer.due_s
        if due_s is not None:
            kept.timer = asyncio.get_running_loop().call_at(due_s, self._handle_timeout, kept)

    def _handle_timeout(self, kept: _Refused) -> None:
        now_s = asyncio.get_running_loop().time()
        octets = kept.answer.handle_timeout(now_s)
        if octets is not None:
            self._send_again(octets, kept.peer)
        if kept.answer.given_up(now_s):
            self._refused.pop(_key(kept.invite), None)
        else:
            self._look_again(kept)
