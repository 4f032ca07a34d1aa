"""An upper platform of the test's own, on a UDP socket: challenges, grants, forgets, asks."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from fengsui.wire.errors import WireError
from fengsui.wire.gb28181.catalog import CatalogueQuery
from fengsui.wire.gb28181.manscdp import CONTENT_TYPE, Keepalive, Manscdp, encode, parse
from fengsui.wire.sip.digest import Challenge, Credentials
from fengsui.wire.sip.headers import branch_of, expires_of, response_to
from fengsui.wire.sip.message import Headers, SipRequest, SipResponse, parse_message
from tests.node.conftest import SERVER, RunningNode, until
from tests.ports import free_port

CITY = "52010000002000000001"
PASSWORD = "upper-secret-1"


class UpperPeer(asyncio.DatagramProtocol):
    """`granted_s` 0: as asked; `beats`: statuses of the next answers to keep-alives, 0: none; then 200 for ever."""

    def __init__(self, code: str, *, qop: str = "", granted_s: int = 0) -> None:
        self.code = code
        self.qop = qop
        self.granted_s = granted_s
        self.beats: list[int] = []
        self.is_deaf = False
        self.registers: list[SipRequest] = []
        """That were proved, in their order."""
        self.refused = 0
        self.heard: list[Manscdp] = []
        """Bodies of MESSAGEs but keep-alives."""
        self.keepalives = 0
        self.notified: list[tuple[SipRequest, Any]] = []
        self.takes = 200
        """What it answers to a NOTIFY."""
        self.answers: dict[str, asyncio.Future[SipResponse]] = {}
        self.port = 0
        self._peer = ("", 0)
        self._nonce = secrets.token_hex(8)
        self._transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if self.is_deaf:
            return
        message = parse_message(data)
        if isinstance(message, SipResponse):
            waiting = self.answers.get(branch_of(message.headers))
            if waiting is not None and not waiting.done():
                waiting.set_result(message)
            return
        self._peer = addr
        if message.method == "REGISTER":
            self._register(message, addr)
        elif message.method == "NOTIFY":
            self.notified.append((message, parse(message.body)))
            self._say(message, self.takes, addr)
        elif message.method == "MESSAGE":
            body = parse(message.body)
            if isinstance(body, Keepalive):
                self.keepalives += 1
                status = self.beats.pop(0) if self.beats else 200
                if status:
                    self._say(message, status, addr)
                return
            self.heard.append(body)
            self._say(message, 200, addr)

    def _register(self, request: SipRequest, addr: tuple[str, int]) -> None:
        try:
            credentials = Credentials.parse(request.headers.get("authorization"))
        except WireError:
            challenge = Challenge(self.code[:10], self._nonce, qop=self.qop)
            self._say(request, 401, addr, ("www-authenticate", challenge.to_text()))
            return
        if not credentials.verify(PASSWORD, "REGISTER") or bool(self.qop) != bool(credentials.qop):
            self.refused += 1
            self._say(request, 403, addr)
            return
        self.registers.append(request)
        asked = expires_of(request.headers) or 0
        granted = str(self.granted_s) if self.granted_s and asked else str(asked)
        self._say(request, 200, addr, ("expires", granted), ("x-gb-ver", "3.0"))

    def _say(self, request: SipRequest, status: int, addr: tuple[str, int], *extra: tuple[str, str]) -> None:
        self._transport.sendto(response_to(request, status, source=addr, to_tag="up", extra=extra).to_bytes(), addr)

    @property
    def expiries(self) -> list[str]:
        """What the registrations asked for."""
        return [one.headers.get("expires") for one in self.registers]

    def request(self, method: str, body: bytes = b"", *, code: str = "", to: str = SERVER) -> SipRequest:
        """A request of this platform's."""
        lines = [
            ("via", f"SIP/2.0/UDP 127.0.0.1:{self.port};rport;branch=z9hG4bK{secrets.token_hex(8)}"),
            ("from", f"<sip:{code or self.code}@{self.code[:10]}>;tag={secrets.token_hex(4)}"),
            ("to", f"<sip:{to}@{to[:10]}>"),
            ("call-id", secrets.token_hex(8)),
            ("cseq", f"1 {method}"),
            ("contact", f"<sip:{self.code}@127.0.0.1:{self.port}>"),
            ("max-forwards", "70"),
            *([("content-type", CONTENT_TYPE)] if body else []),
        ]
        return SipRequest(method, f"sip:{to}@{to[:10]}", Headers.of_lowered(lines), body)

    async def send(self, request: SipRequest) -> SipResponse:
        """The node's answer; sent again until it comes, as by UDP."""
        branch = branch_of(request.headers)
        answer: asyncio.Future[SipResponse] = asyncio.get_running_loop().create_future()
        self.answers[branch] = answer
        for _ in range(20):
            self._transport.sendto(request.to_bytes(), self._peer)
            done, _ = await asyncio.wait((answer,), timeout=1)
            if done:
                return answer.result()
        raise AssertionError(f"no answer to {request.method}")

    def subscribe(self, root: str, expires_s: int, *, within: SipResponse | None = None, number: int = 1) -> SipRequest:
        """To the catalogue below `root`; `within`: the dialog of that answer."""
        request = self.request("SUBSCRIBE", encode(CatalogueQuery(77, root)))
        lines = {name: value for name, value in request.headers} | {"event": "Catalog;id=7", "expires": str(expires_s)}
        if within is not None:
            lines |= {name: within.headers.get(name) for name in ("from", "to", "call-id")}
        lines["cseq"] = f"{number} SUBSCRIBE"
        return SipRequest("SUBSCRIBE", request.uri, Headers.of_lowered(list(lines.items())), request.body)

    @property
    def events(self) -> list[tuple[str, str]]:
        """What it was told of changes: event and code."""
        return [(item.event, item.device_id) for _, body in self.notified for item in body.items]

    def throw(self, octets: bytes) -> None:
        """Whatever."""
        self._transport.sendto(octets, self._peer)

    async def ask(self, body: Manscdp) -> int:
        """The status of the SIP answer."""
        return (await self.send(self.request("MESSAGE", encode(body)))).status

    async def told(self, fits: Callable[[Any], bool], *, what: str) -> Any:
        """The first body that fits."""
        await until(lambda: any(fits(one) for one in self.heard), what=what)
        return next(one for one in self.heard if fits(one))


@asynccontextmanager
async def upper_peer(code: str = CITY, **how: Any) -> AsyncIterator[UpperPeer]:
    """One on a free port of loopback."""
    transport, peer = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: UpperPeer(code, **how), local_addr=("127.0.0.1", free_port())
    )
    try:
        yield peer
    finally:
        transport.close()


def order(upper: str, port: int, **more: Any) -> dict[str, Any]:
    """The body of POST /neighbours."""
    facts = {"role": "upper", "code": upper, "name": "市级平台", "host": "127.0.0.1", "port": port, "password": PASSWORD}
    return {**facts, "share": {"areas": [SERVER[:6]]}, **more}


async def entered(node: RunningNode, code: str, port: int, **more: Any) -> dict[str, Any]:
    """A neighbour that is entered."""
    answer = await node.client.post("/neighbours", json=order(code, port, **more))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def neighbour(node: RunningNode, code: str = CITY) -> dict[str, Any]:
    """As it is listed."""
    items = (await node.get("/neighbours"))["items"]
    found: dict[str, Any] = next(one for one in items if one["code"] == code)
    return found


async def in_state(node: RunningNode, state: str, code: str = CITY) -> dict[str, Any]:
    """Once it is so."""

    async def there() -> dict[str, Any] | None:
        found = await neighbour(node, code)
        return found if found["state"] == state else None

    found = await until(there, what=f"{code} is {state}")
    assert isinstance(found, dict)
    return found


def no_secret(text: str) -> bool:
    """Whether the password does not stand in it."""
    return re.search(re.escape(PASSWORD), text) is None
