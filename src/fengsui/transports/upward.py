"""SIP towards upper platforms, and what they ask. Implements `features.upper_platforms.ports.Upward`.

Sources: GB/T 28181-2022 §9.1 (registration), §9.5 (queries), §9.6 (keep-alive); RFC 3261 §10, RFC 2617.
"""

from __future__ import annotations

import asyncio
import itertools
import secrets
import socket
from typing import Final

from fengsui.features.devices import NoAnswer, Peer
from fengsui.features.upper_platforms import (
    Address,
    Answering,
    Granted,
    KnownUpper,
    NotTaken,
    Subscribing,
    Upper,
    UpperPlatforms,
    is_answered,
)
from fengsui.settings import NodeSettings
from fengsui.transports.sip_endpoint import SipEndpoint
from fengsui.wire.errors import WireError
from fengsui.wire.gb28181.catalog import CatalogueQuery
from fengsui.wire.gb28181.control import ResultAnswer
from fengsui.wire.gb28181.edition import Edition
from fengsui.wire.gb28181.manscdp import CONTENT_TYPE, Manscdp, encode, parse
from fengsui.wire.sip.dialogs import Dialog
from fengsui.wire.sip.digest import Challenge
from fengsui.wire.sip.headers import CSeq, expires_of, response_to, tag_of, user_of, without_controls
from fengsui.wire.sip.message import Headers, SipRequest, SipResponse
from fengsui.wire.sip.transactions import GIVE_UP_S

CONNECT_S: Final = 5.0
SHORTEST_S: Final = 2
"""A platform that grants less is asked again so soon."""
SUBSCRIBED_S: Final = 600
"""Where a SUBSCRIBE says nothing (§9.11)."""
CHALLENGED: Final = {401: ("www-authenticate", "authorization"), 407: ("proxy-authenticate", "proxy-authorization")}


class UpwardSip:
    """`serve` hands over the rooms that decide; before it nobody is known."""

    def __init__(self, settings: NodeSettings, endpoint: SipEndpoint) -> None:
        self._own = settings.node.code
        self._domain = settings.node.sip_domain
        self._family = socket.AF_INET6 if ":" in settings.signalling.host else socket.AF_INET
        self._endpoint = endpoint
        self._uppers: UpperPlatforms | None = None
        self._answering: Answering | None = None
        self._subscribing: Subscribing | None = None
        self._notifiers: dict[str, UpwardNotifier] = {}
        self._sn = itertools.count(secrets.randbelow(10_000) + 1)

    def serve(self, uppers: UpperPlatforms, answering: Answering, subscribing: Subscribing) -> None:
        """From now on what comes from them is theirs to answer."""
        self._uppers, self._answering, self._subscribing = uppers, answering, subscribing

    def next_sn(self) -> int:
        """A new SN for a body."""
        return next(self._sn)

    # ── towards them ─────────────────────────────────────────────────

    async def reach(self, upper: Upper, address: Address) -> Peer:
        """Raises OSError, TimeoutError."""
        async with asyncio.timeout(CONNECT_S):
            if upper.transport == "TCP":
                return await self._endpoint.connect(address.host, address.port)
            try:
                found = await asyncio.get_running_loop().getaddrinfo(
                    address.host, address.port, family=self._family, type=socket.SOCK_DGRAM
                )
            except UnicodeError as error:  # a label that no name may have
                raise OSError(f"{address.host} is no name") from error
        return Peer("UDP", str(found[0][4][0]), address.port)

    def leave(self, peer: Peer) -> None:
        """A connection of ours is closed."""
        self._endpoint.connections.end(peer.connection)

    def registration(self, upper: Upper, peer: Peer) -> UpwardRegistration:
        """A new one."""
        return UpwardRegistration(self, upper, peer)

    async def tell(self, upper: Upper, peer: Peer, body: Manscdp, edition: Edition, *, timeout_s: float = GIVE_UP_S) -> int:
        """Raises NoAnswer."""
        octets = encode(body, edition=edition)
        to, extra = f"<sip:{upper.code}@{upper.domain}>", (("content-type", CONTENT_TYPE),)
        request = self.request("MESSAGE", upper, peer, to, self.new_call_id(peer), 1, secrets.token_hex(5), extra, octets)
        answer = await self._endpoint.request(request, peer, timeout_s=timeout_s)
        return answer.status

    def request(
        self,
        method: str,
        upper: Upper,
        peer: Peer,
        to: str,
        call_id: str,
        number: int,
        tag: str,
        extra: tuple[tuple[str, str], ...],
        body: bytes = b"",
    ) -> SipRequest:
        """With a Via of its own."""
        lines = [
            ("via", self._endpoint.via(peer)),
            ("from", f"<sip:{self._own}@{self._domain}>;tag={tag}"),
            ("to", to or f"<sip:{self._own}@{self._domain}>"),
            ("call-id", call_id),
            ("cseq", f"{number} {method}"),
            ("contact", f"<{self._endpoint.uri(self._own, peer, ours=True)}>"),
            ("max-forwards", "70"),
            ("user-agent", "Fengsui"),
            *extra,
        ]
        return SipRequest(method, f"sip:{upper.code}@{upper.domain}", Headers.of_lowered(lines), body)

    async def register_once(self, request: SipRequest, upper: Upper, peer: Peer, timeout_s: float) -> SipResponse:
        """Raises NoAnswer."""
        answer = await self._endpoint.request(request, peer, timeout_s=timeout_s)
        if answer.status == 200:
            self._endpoint.connections.believe(peer.connection, f"upper {upper.code}")
        return answer

    @property
    def own(self) -> str:
        """The node's code."""
        return self._own

    def new_call_id(self, peer: Peer) -> str:
        """That nobody else has."""
        return f"{secrets.token_hex(10)}@{self._endpoint.local_host(peer)}"

    # ── from them ────────────────────────────────────────────────────

    def knows(self, code: str, peer: Peer) -> bool:
        """Whether an upper platform of this code has us, and this may be it."""
        return self._uppers is not None and self._uppers.linked(code, peer) is not None

    def take(self, request: SipRequest, peer: Peer) -> bool:
        """Whether it is answered here, now or later; all else that a platform asks is refused like anybody's."""
        if self._uppers is None or self._answering is None or self._subscribing is None:
            return False
        known = self._uppers.linked(user_of(request.headers.get("from")), peer)
        if known is None:
            return False

        def reply(status: int) -> None:
            self._endpoint.reply(request, response_to(request, status, source=(peer.host, peer.port), to_tag="u"), peer)

        match request.method:
            case "MESSAGE" | "SUBSCRIBE":
                try:
                    body = parse(request.body, as_text=True)
                except WireError:
                    reply(400)
                    return True
                if request.method == "SUBSCRIBE":
                    if not isinstance(body, CatalogueQuery):
                        return False
                    self._subscribe(known, body, request, peer, self._subscribing)
                    return True
                if not is_answered(body):
                    return False
                self._answering.ask(known, body, peer, reply)
            case "OPTIONS":
                reply(200)
            case "CANCEL":
                reply(481)
            case _:
                return False
        return True

    def _subscribe(
        self, known: KnownUpper, body: CatalogueQuery, request: SipRequest, peer: Peer, subscribing: Subscribing
    ) -> None:
        running = self._notifiers.get(known.upper.code)
        if running is not None and not running.dialog.takes(request):
            running = None
        asked = expires_of(request.headers)
        expires_s = SUBSCRIBED_S if asked is None else asked
        source = peer.host, peer.port
        try:
            CSeq.parse(request.headers.get("cseq"))
        except WireError:
            self._endpoint.reply(request, response_to(request, 400, source=source, to_tag="u"), peer)
            return
        if running is None and (tag_of(request.headers.get("to")) or not expires_s):
            self._endpoint.reply(request, response_to(request, 481, source=source, to_tag="u"), peer)
            return

        def accept(status: int, granted_s: int) -> UpwardNotifier | None:
            extra: list[tuple[str, str]] = []
            octets = b""
            if status == 200:
                extra = [("expires", str(granted_s)), ("contact", f"<{self._endpoint.uri(self._own, peer, ours=True)}>")]
                if known.edition <= Edition.V2016:  # from 2022 on it is empty
                    result = ResultAnswer("Catalog", body.sn, body.device_id, accepted=True)
                    octets = encode(result, edition=known.edition)
                    extra.append(("content-type", CONTENT_TYPE))
            tag = secrets.token_hex(5)
            answer = response_to(request, status, source=source, to_tag=tag, extra=tuple(extra), body=octets)
            self._endpoint.reply(request, answer, peer)
            if status != 200 or not granted_s:
                self._notifiers.pop(known.upper.code, None)
                return None
            notifier = running
            if notifier is None:
                dialog = Dialog.as_callee(request, answer)
                notifier = UpwardNotifier(self._endpoint, known, dialog, request.headers.get("event") or "Catalog")
            self._notifiers[known.upper.code] = notifier
            return notifier

        subscribing.ask(known, body, peer, expires_s, accept)


class UpwardNotifier:
    """A subscription of a platform's: `event` as it asked, the same in the whole dialog."""

    def __init__(self, endpoint: SipEndpoint, known: KnownUpper, dialog: Dialog, event: str) -> None:
        self._endpoint = endpoint
        self._known = known
        self._event = event
        self.dialog = dialog

    async def notify(self, body: Manscdp, edition: Edition, left_s: int) -> int:
        """Raises NoAnswer."""
        peer = self._known.peer
        if peer is None:
            raise NoAnswer(code="NOTIFY", peer=self._known.upper.code)
        extra = (("event", self._event), ("subscription-state", f"active;expires={left_s}"), ("content-type", CONTENT_TYPE))
        request = self.dialog.request("NOTIFY", self._endpoint.via(peer), extra, encode(body, edition=edition))
        answer = await self._endpoint.request(request, peer)
        return answer.status


class UpwardRegistration:
    """One registration with its Call-ID."""

    def __init__(self, sip: UpwardSip, upper: Upper, peer: Peer) -> None:
        self._sip = sip
        self._upper = upper
        self._peer = peer
        self._call_id = sip.new_call_id(peer)
        self._tag = secrets.token_hex(5)
        self._number = 0

    async def register(self, password: str, expires_s: int, *, timeout_s: float = GIVE_UP_S) -> Granted:
        """Raises NotTaken, NoAnswer."""
        answer = await self._send(expires_s, timeout_s)
        if answer.status == 423 and (least_s := _number_in(answer.headers.get("min-expires"))) > expires_s > 0:
            expires_s = least_s
            answer = await self._send(expires_s, timeout_s)
        for attempt in range(2):
            if answer.status not in CHALLENGED:
                break
            asked, given = CHALLENGED[answer.status]
            challenge = _challenge_in(answer, asked)
            if attempt and not challenge.stale:
                break
            uri, cnonce = f"sip:{self._upper.code}@{self._upper.domain}", secrets.token_hex(8)
            credentials = challenge.answer(
                username=self._sip.own, password=password, method="REGISTER", uri=uri, cnonce=cnonce if challenge.qop else ""
            )
            answer = await self._send(expires_s, timeout_s, (given, credentials.to_text()))
        if not 200 <= answer.status < 300:
            raise NotTaken(sip_status=answer.status, reason=without_controls(answer.reason)[:80])
        granted_s = expires_of(answer.headers) or expires_s
        return Granted(max(SHORTEST_S, granted_s), Edition.announced(answer.headers.get("x-gb-ver")))

    async def _send(self, expires_s: int, timeout_s: float, *more: tuple[str, str]) -> SipResponse:
        self._number += 1
        extra = (("expires", str(expires_s)), ("x-gb-ver", Edition.V2022.header), *more)
        request = self._sip.request("REGISTER", self._upper, self._peer, "", self._call_id, self._number, self._tag, extra)
        return await self._sip.register_once(request, self._upper, self._peer, timeout_s)


def _challenge_in(answer: SipResponse, name: str) -> Challenge:
    """The first that can be met. Raises NotTaken."""
    why = "no challenge"
    for value in answer.headers.get_all(name):
        try:
            return Challenge.parse(value)
        except WireError as error:
            why = str(error)
    raise NotTaken(sip_status=answer.status, reason=why[:80])


def _number_in(text: str) -> int:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else 0
