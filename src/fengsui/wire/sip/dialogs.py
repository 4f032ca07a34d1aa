"""Dialogs: what an INVITE or SUBSCRIBE and its 2xx agreed on, and requests within. No sockets. Source: RFC 3261 §12."""

from __future__ import annotations

from dataclasses import dataclass, field

from fengsui.wire.errors import WireError
from fengsui.wire.sip.headers import CSeq, tag_of
from fengsui.wire.sip.message import Headers, SipRequest, SipResponse


@dataclass(slots=True)
class Dialog:
    """Both sides of one dialog. `local` and `remote` are From/To values with their tags; devices that forget their To tag
    get an empty one. `target`: where requests go (the INVITE's own URI: contacts of devices behind NAT lead nowhere)."""

    call_id: str
    local: str
    remote: str
    target: str
    contact: str
    local_number: int
    remote_number: int = -1
    route: tuple[str, ...] = field(default=())

    @classmethod
    def as_caller(cls, request: SipRequest, answer: SipResponse) -> Dialog:
        """Of a request of ours and its 2xx (§12.1.2). Raises MalformedSip when our own CSeq is odd."""
        return cls(
            call_id=request.headers.get("call-id"),
            local=request.headers.get("from"),
            remote=answer.headers.get("to") or request.headers.get("to"),
            target=request.uri,
            contact=request.headers.get("contact"),
            local_number=CSeq.parse(request.headers.get("cseq")).number,
            route=tuple(reversed(answer.headers.get_all("record-route"))),
        )

    @classmethod
    def as_callee(cls, request: SipRequest, answer: SipResponse) -> Dialog:
        """Of a request of the other side and our 2xx (§12.1.1). Raises MalformedSip for an odd CSeq."""
        return cls(
            call_id=request.headers.get("call-id"),
            local=answer.headers.get("to"),
            remote=request.headers.get("from"),
            target=request.headers.get("contact").partition("<")[2].partition(">")[0] or request.uri,
            contact=answer.headers.get("contact"),
            local_number=0,
            remote_number=CSeq.parse(request.headers.get("cseq")).number,
            route=tuple(request.headers.get_all("record-route")),
        )

    @property
    def key(self) -> tuple[str, str, str]:
        """Call-ID, our tag, their tag (§12)."""
        return self.call_id, tag_of(self.local), tag_of(self.remote)

    def acknowledgement(self, via: str) -> SipRequest:
        """ACK of the 2xx: a transaction of its own with the INVITE's number (§13.2.2.4)."""
        return self._request("ACK", via, self.local_number, (), b"")

    def request(self, method: str, via: str, extra: tuple[tuple[str, str], ...] = (), body: bytes = b"") -> SipRequest:
        """The next request of ours within the dialog; counts its CSeq."""
        self.local_number += 1
        return self._request(method, via, self.local_number, extra, body)

    def takes(self, request: SipRequest) -> bool:
        """Whether a request of the other side is of this dialog and not older than one taken before (§12.2.2)."""
        if request.headers.get("call-id") != self.call_id:
            return False
        ours, theirs = tag_of(request.headers.get("to")), tag_of(request.headers.get("from"))
        # A side that forgot its tag in the answer may leave it out, or make one up, ever after.
        if (ours and ours != tag_of(self.local)) or (theirs and tag_of(self.remote) and theirs != tag_of(self.remote)):
            return False
        try:
            number = CSeq.parse(request.headers.get("cseq")).number
        except WireError:
            return False
        if number < self.remote_number:
            return False
        self.remote_number = number
        return True

    def _request(self, method: str, via: str, number: int, extra: tuple[tuple[str, str], ...], body: bytes) -> SipRequest:
        lines = [
            ("via", via),
            *(("route", value) for value in self.route),
            ("from", self.local),
            ("to", self.remote),
            ("call-id", self.call_id),
            ("cseq", f"{number} {method}"),
            ("contact", self.contact),
            ("max-forwards", "70"),
            *extra,
        ]
        return SipRequest(method, self.target, Headers.of_lowered(lines), body)
