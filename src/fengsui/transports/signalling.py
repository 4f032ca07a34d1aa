"""SIP towards devices: queries, calls, and where their requests go. Implements `features.devices.Signalling`."""

from __future__ import annotations

import asyncio
import itertools
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

import structlog

from fengsui._engine import SipFront
from fengsui.features.devices import Devices, DeviceState, NoAnswer, Peer, Refused, SignallingFault
from fengsui.features.devices.ports import DeviceOffline
from fengsui.settings import NodeSettings
from fengsui.transports.front_door import FrontDoor
from fengsui.transports.sip_endpoint import SipEndpoint
from fengsui.transports.trace import Trace
from fengsui.wire.errors import WireError
from fengsui.wire.gb28181.control import ResultAnswer
from fengsui.wire.gb28181.edition import Edition
from fengsui.wire.gb28181.manscdp import CONTENT_TYPE, Keepalive, Manscdp, OtherCommand, encode, parse
from fengsui.wire.sdp import SessionDescription
from fengsui.wire.sip.headers import response_to, tag_of, user_of
from fengsui.wire.sip.message import Headers, SipMessage, SipRequest, SipResponse

log = structlog.get_logger(__name__)
MAX_PENDING_ANSWERS = 20_000
Unasked = Callable[[DeviceState, Manscdp], None]


class Dialog:
    """One answered INVITE. Source: RFC 3261 §12; devices that forget the To tag get an empty one."""

    def __init__(self, signalling: SipSignalling, device: DeviceState, invite: SipRequest, peer: Peer, answer: SipResponse) -> None:
        self._signalling = signalling
        self._device = device
        self._invite = invite
        self._peer = peer
        self._to = answer.headers.get("to") or invite.headers.get("to")
        self._cseq = int(invite.headers.get("cseq").split()[0])
        self.call_id = invite.headers.get("call-id")
        self.ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.answer: SessionDescription | None = None
        with suppress(WireError):
            self.answer = SessionDescription.parse(answer.body) if answer.body else None

    def acknowledge(self) -> None:
        """ACK of the 200 (a new transaction, §13.2.2.4)."""
        self._signalling.endpoint.send(self._request("ACK", self._cseq), self._peer)

    async def hang_up(self) -> None:
        """BYE; never raises, idempotent."""
        if self.ended.done():
            return
        self.ended.set_result("hung up")
        self._signalling.forget(self)
        self._cseq += 1
        with suppress(SignallingFault):
            await self._signalling.endpoint.request(self._request("BYE", self._cseq), self._peer, timeout_s=4.0)

    def hung_up_by_device(self) -> None:
        """A BYE came."""
        if not self.ended.done():
            self.ended.set_result("device hung up")
        self._signalling.forget(self)

    def _request(self, method: str, cseq: int) -> SipRequest:
        invite = self._invite.headers
        lines = [
            ("via", self._signalling.endpoint.via(self._peer)),
            ("from", invite.get("from")),
            ("to", self._to),
            ("call-id", self.call_id),
            ("cseq", f"{cseq} {method}"),
            ("contact", invite.get("contact")),
            ("max-forwards", "70"),
        ]
        return SipRequest(method, self._invite.uri, Headers.of_lowered(lines))


class SipSignalling:
    """The node's SIP side."""

    def __init__(self, settings: NodeSettings, endpoint_for: Callable[..., SipEndpoint], devices: Devices, trace: Trace) -> None:
        self._code = settings.node.code
        self._domain = settings.node.sip_domain
        self._port = settings.signalling.port
        self._devices = devices
        self._trace = trace
        self.endpoint = endpoint_for(self.receive)
        self.endpoint.on_disconnect = devices.connection_lost
        self.endpoint.on_traffic = self._traced
        self.endpoint.on_open = self._use_front
        devices.reply = self.endpoint.reply
        self._answers: dict[tuple[str, int], tuple[str, asyncio.Queue[Manscdp]]] = {}
        self._dialogs: dict[str, Dialog] = {}
        self._sn = itertools.count(secrets.randbelow(10_000) + 1)
        self.on_unasked: Unasked = lambda *_: None

    def _use_front(self, front: SipFront) -> None:
        door = FrontDoor(front, self._trace)
        self.endpoint.on_observed = door.observed
        self.endpoint.on_registrations = lambda found: self._devices.registrations(door.claims(found))
        self._devices.use_door(door)

    def next_sn(self) -> int:
        """A new SN for a body."""
        return next(self._sn)

    def local_address(self, device: DeviceState) -> str:
        """Our address as this device is told it. Raises DeviceOffline."""
        return self.endpoint.local_host(self._peer_of(device))

    # ── towards devices ──────────────────────────────────────────────

    async def message(self, device: DeviceState, body: Manscdp) -> None:
        """Raises NoAnswer, Refused, DeviceOffline."""
        peer = self._peer_of(device)
        octets = encode(body, edition=Edition(device.edition))
        target = getattr(body, "device_id", "") or device.code
        request = self._new_request("MESSAGE", target, peer, (("content-type", CONTENT_TYPE),), octets)
        answer = await self.endpoint.request(request, peer)
        if answer.status >= 300:
            raise Refused(sip_status=answer.status, reason=answer.reason)

    async def query(self, device: DeviceState, body: Manscdp, *, timeout_s: float = 10.0) -> Manscdp:
        """Raises NoAnswer, Refused, DeviceOffline."""
        async for answer in self.collect(device, body, first_s=timeout_s, next_s=0.0):
            return answer
        raise NoAnswer(code=device.code, peer=device.code)

    async def collect(self, device: DeviceState, body: Manscdp, *, first_s: float, next_s: float) -> AsyncIterator[Manscdp]:
        """Raises NoAnswer (also when nothing came), Refused, DeviceOffline."""
        if len(self._answers) >= MAX_PENDING_ANSWERS:
            raise NoAnswer(code=device.code, peer="busy")
        key = (device.code, body.sn)
        queue: asyncio.Queue[Manscdp] = asyncio.Queue(10_000)
        command = getattr(body, "command", type(body).__name__)
        self._answers[key] = (str(command), queue)
        try:
            await self.message(device, body)
            limit_s = first_s
            while True:
                try:
                    async with asyncio.timeout(limit_s):
                        answer = await queue.get()
                except TimeoutError:
                    if limit_s is first_s:
                        raise NoAnswer(code=device.code, peer=device.code) from None
                    return
                yield answer
                limit_s = next_s
        finally:
            self._answers.pop(key, None)

    async def invite(self, device: DeviceState, channel: str, offer: SessionDescription, *, timeout_s: float = 10.0) -> Dialog:
        """Raises NoAnswer, Refused, DeviceOffline."""
        peer = self._peer_of(device)
        extra = (("subject", f"{channel}:{offer.ssrc},{self._code}:0"), ("content-type", "application/sdp"))
        request = self._new_request("INVITE", channel, peer, extra, offer.to_bytes())
        try:
            answer = await self.endpoint.request(request, peer, timeout_s=timeout_s)
        except NoAnswer:
            self._cancel(request, peer)
            raise
        if answer.status >= 300:
            self._acknowledge_refusal(request, answer, peer)
            raise Refused(sip_status=answer.status, reason=answer.reason)
        dialog = Dialog(self, device, request, peer, answer)
        self._dialogs[dialog.call_id] = dialog
        dialog.acknowledge()
        return dialog

    def forget(self, dialog: Dialog) -> None:
        """The dialog is over."""
        self._dialogs.pop(dialog.call_id, None)

    def _cancel(self, invite: SipRequest, peer: Peer) -> None:
        lines = [(name, value) for name, value in invite.headers if name in ("via", "from", "to", "call-id", "max-forwards")]
        number = invite.headers.get("cseq").split()[0]
        self.endpoint.send(SipRequest("CANCEL", invite.uri, Headers.of_lowered([*lines, ("cseq", f"{number} CANCEL")])), peer)

    def _acknowledge_refusal(self, invite: SipRequest, answer: SipResponse, peer: Peer) -> None:
        """Same branch as the INVITE (RFC 3261 §17.1.1.3)."""
        lines = [(name, value) for name, value in invite.headers if name in ("via", "from", "call-id", "max-forwards")]
        number = invite.headers.get("cseq").split()[0]
        lines += [("to", answer.headers.get("to")), ("cseq", f"{number} ACK")]
        self.endpoint.send(SipRequest("ACK", invite.uri, Headers.of_lowered(lines)), peer)

    def _peer_of(self, device: DeviceState) -> Peer:
        if device.peer is None or not device.online:
            raise DeviceOffline()
        return device.peer

    def _new_request(self, method: str, target: str, peer: Peer, extra: tuple[tuple[str, str], ...], body: bytes) -> SipRequest:
        ours = self.endpoint.local_host(peer)
        lines = [
            ("via", self.endpoint.via(peer)),
            ("from", f"<sip:{self._code}@{self._domain}>;tag={secrets.token_hex(5)}"),
            ("to", f"<sip:{target}@{peer.host}:{peer.port}>"),
            ("call-id", f"{secrets.token_hex(10)}@{ours}"),
            ("cseq", f"1 {method}"),
            ("contact", f"<sip:{self._code}@{ours}:{self._port}>"),
            ("max-forwards", "70"),
            *extra,
        ]
        return SipRequest(method, f"sip:{target}@{peer.host}:{peer.port}", Headers.of_lowered(lines), body)

    # ── from devices ─────────────────────────────────────────────────

    def receive(self, request: SipRequest, peer: Peer) -> SipResponse | None:
        """The answer to a device's request; None when it comes later or never."""
        match request.method:
            case "REGISTER":
                return self._devices.register(request, peer)
            case "MESSAGE" | "NOTIFY":
                return self._take_message(request, peer)
            case "BYE":
                return self._take_bye(request, peer)
            case "ACK":
                return None
            case "OPTIONS":
                return response_to(request, 200, source=(peer.host, peer.port), to_tag="o") if self._known(request, peer) else None
            case _:
                return response_to(request, 405, source=(peer.host, peer.port), to_tag="m") if self._known(request, peer) else None

    def _known(self, request: SipRequest, peer: Peer) -> DeviceState | None:
        return self._devices.known_sender(user_of(request.headers.get("from")), peer)

    def _take_message(self, request: SipRequest, peer: Peer) -> SipResponse | None:
        sender = user_of(request.headers.get("from"))
        source = (peer.host, peer.port)
        device = self._devices.known_sender(sender, peer)
        if device is None and not self._devices.stranger_may_speak(peer):
            return None
        try:
            body = parse(request.body)
        except WireError as error:
            log.info("unreadable body from device", device=sender, why=str(error))
            # A device that gets a 4xx for a body sends it again for ever: it is told that we have it.
            return response_to(request, 200 if device is not None else 403, source=source, to_tag="x")
        if isinstance(body, Keepalive):
            return self._devices.keepalive(request, peer, sender)
        if device is None:
            return response_to(request, 403, source=source, to_tag="x")
        self._hand_on(device, body)
        return response_to(request, 200, source=source, to_tag="x")

    def _hand_on(self, device: DeviceState, body: Manscdp) -> None:
        found = self._answers.get((device.code, body.sn))
        if found is None and isinstance(body, OtherCommand | ResultAnswer):
            return
        if found is None:
            # Some devices answer with their own SN: believe it when only one request of the kind is open.
            same = [entry for (code, _), entry in self._answers.items() if code == device.code]
            found = same[0] if len(same) == 1 else None
        if found is not None and not found[1].full():
            found[1].put_nowait(body)
            return
        self.on_unasked(device, body)

    def _take_bye(self, request: SipRequest, peer: Peer) -> SipResponse:
        dialog = self._dialogs.get(request.headers.get("call-id"))
        if dialog is None:
            return response_to(request, 481, source=(peer.host, peer.port), to_tag=tag_of(request.headers.get("to")) or "b")
        dialog.hung_up_by_device()
        return response_to(request, 200, source=(peer.host, peer.port))

    def _traced(self, direction: str, message: SipMessage, peer: Peer, octets: bytes) -> None:
        ours = user_of(message.headers.get("from")) == self._code
        code = user_of(message.headers.get("to" if ours else "from"))
        self._trace.add(code, direction, peer.transport, f"{peer.host}:{peer.port}", octets)
