"""A simulated camera or recorder: registers, keeps alive, answers queries and control, sends real footage.

Source: GB/T 28181-2022 §9.1 to §9.6; the same `wire` as the node, over real sockets.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import replace
from math import inf
from typing import Any

from fengsui.simulators.alarm_line import WANTED, AlarmLine
from fengsui.simulators.behaviour import MISSED_LIMIT, Behaviour
from fengsui.simulators.faults import AnswerFault, Faults, other_ssrc
from fengsui.simulators.footage import PictureSource
from fengsui.simulators.identity import Channel, DeviceIdentity, Registrar
from fengsui.simulators.links import DatagramLink, Link, StreamLink
from fengsui.simulators.media_sender import MediaSender, MediaTarget
from fengsui.simulators.positions import POSITIONS_WANTED, PositionLine
from fengsui.simulators.recordings import PlayedFilm, download_speed
from fengsui.wire.errors import WireError
from fengsui.wire.gb28181.catalog import CatalogueItem, CatalogueNotification
from fengsui.wire.gb28181.edition import Edition
from fengsui.wire.gb28181.manscdp import CONTENT_TYPE, Keepalive, Manscdp, MediaStatus, encode, parse
from fengsui.wire.mansrtsp import CONTENT_TYPE as CONTROL_TYPE
from fengsui.wire.mansrtsp import MansrtspResponse
from fengsui.wire.sdp import DOWNLOAD, PLAYBACK, SessionDescription, live_answer
from fengsui.wire.sip.dialogs import Dialog
from fengsui.wire.sip.digest import Challenge
from fengsui.wire.sip.headers import branch_of, response_to, user_of
from fengsui.wire.sip.message import Headers, SipRequest, SipResponse, parse_message

RETRY_S, ANSWER_S = 5.0, 4.0
CATALOGUE_EVENT = re.compile(r"Catalog;id=\d{1,10}", re.IGNORECASE)
"""Since 2014; before, it was `presence`."""
PRESENCE = re.compile(r"presence(;id=\d{1,10})?", re.IGNORECASE)


class SimulatedDevice(Behaviour):
    """On a socket of its own."""

    def __init__(self, identity: DeviceIdentity, registrar: Registrar, channels: list[Channel], tree: list[CatalogueItem]) -> None:
        super().__init__(identity, channels, tree)
        self.registrar = registrar
        self.registered = asyncio.Event()
        self._socket: Link | None = None
        self._cut = asyncio.Event()
        self._answers: dict[str, asyncio.Future[SipResponse]] = {}
        self._senders: dict[str, MediaSender] = {}
        self._call_id = secrets.token_hex(8)
        self._cseq = 0
        self._sn = 0
        self._calls: dict[str, Dialog] = {}
        self.played: dict[str, PlayedFilm] = {}
        """By Call-ID, what of its recordings it plays."""
        self.orders: list[bytes] = []
        """Bodies of the INFOs that came."""
        self.invited = 0
        """INVITEs that came."""
        self.downloads: list[tuple[int, int, float]] = []
        """From when, to when, how many times as fast: each that it was asked for."""
        self.film_faults: Faults | None = None
        """Of calls for what it recorded; None: as of all others."""
        self.byes = 0
        """BYEs that came."""
        self.cancelled = 0
        """CANCELs that came."""
        self._ringing: dict[str, SipRequest] = {}
        self.acknowledged_refusals = 0
        """ACKs of INVITEs that were refused."""
        self._subscription: Dialog | None = None
        self._event = ""
        self.subscribed = 0
        """SUBSCRIBE requests accepted."""
        self.alarm_line, self.position_line = AlarmLine(), PositionLine()
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Until cancelled: registers, keeps alive, and begins anew when the node forgets it."""
        try:
            while True:
                try:
                    await self._connect()
                    if await self._register():
                        self.registered.set()
                        await self._keep_alive()
                except (OSError, TimeoutError):
                    pass  # the node is away: tried again below
                self.registered.clear()
                self._close_link()
                await asyncio.sleep(RETRY_S)
        finally:
            self._close_link()
            await asyncio.gather(*(sender.stop() for sender in self._senders.values()))

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        self._cut.clear()
        if self.identity.transport == "UDP":
            _, link = await loop.create_datagram_endpoint(
                lambda: DatagramLink(self._take), local_addr=(self.identity.local_host, 0), remote_addr=self._address()
            )
            self._socket = link
        else:
            _, stream = await loop.create_connection(
                lambda: StreamLink(self._take, self._lost),
                *self._address(),
                local_addr=(self.identity.local_host, 0),
                ssl=self.registrar.tls if self.identity.transport == "TLS" else None,
            )
            self._socket = stream

    def _lost(self, link: Link) -> None:
        if link is self._socket:
            self._cut.set()

    async def move(self, *, transport: str = "", local_host: str = "") -> bool:
        """Goes on under another address or by another transport: registers there, then leaves the old way. False: refused."""
        left = self._socket
        self.identity.transport = transport or self.identity.transport
        self.identity.local_host = local_host or self.identity.local_host
        await self._connect()
        registered = await self._register()
        if left is not None:
            left.close()
        return registered

    def _told(self) -> tuple[str, int]:
        """What it says of where it is."""
        if self.identity.claimed is not None:
            return self.identity.claimed
        return self._socket.local if self._socket is not None else ("", 0)

    def _address(self) -> tuple[str, int]:
        return (self.registrar.host, self.registrar.port)

    def _close_link(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    async def _register(self) -> bool:
        answer = await self._send_register("")
        if answer.status == 401:
            challenge = Challenge.parse(answer.headers.get("www-authenticate"))
            uri = f"sip:{self.registrar.server_code}@{self.registrar.domain}"
            credentials = challenge.answer(
                username=self.identity.code, password=self.registrar.password, method="REGISTER", uri=uri
            )
            answer = await self._send_register(credentials.to_text())
        return answer.status == 200

    async def _send_register(self, authorization: str) -> SipResponse:
        self._cseq += 1
        uri = f"sip:{self.registrar.server_code}@{self.registrar.domain}"
        me = f"<sip:{self.identity.code}@{self.registrar.domain}>"
        extra: tuple[tuple[str, str], ...] = (
            ("expires", str(self.identity.expires_s)),
            ("x-gb-ver", self.identity.edition.header),
        )
        if authorization:
            extra = (*extra, ("authorization", authorization))
        return await self._request("REGISTER", uri, me, me, f"{self._cseq} REGISTER", self._call_id, extra, b"")

    async def _keep_alive(self) -> None:
        missed = 0
        while missed < MISSED_LIMIT:
            try:
                answer = await self.report()
                if answer.status == 403:
                    return
                missed = 0
            except TimeoutError:
                missed += 1
            with suppress(TimeoutError):
                async with asyncio.timeout(self.identity.keepalive_s):
                    await self._cut.wait()
                return  # a broken connection is seen at once: register again

    async def report(self) -> SipResponse:
        """A keep-alive, as `faulty` says. Raises TimeoutError, OSError."""
        status = "ERROR" if self.identity.faults.faulty else "OK"
        return await self.send(Keepalive(self._next_sn(), self.identity.code, status))

    def _next_sn(self) -> int:
        self._sn += 1
        return self._sn

    async def send(self, body: Manscdp) -> SipResponse:
        """A MESSAGE to the node. Raises TimeoutError, OSError."""
        return await self.send_octets(encode(body, edition=self.identity.edition))

    async def send_octets(self, octets: bytes) -> SipResponse:
        """A MESSAGE with this body. Raises TimeoutError, OSError."""
        server = f"sip:{self.registrar.server_code}@{self.registrar.domain}"
        me = f"<sip:{self.identity.code}@{self.registrar.domain}>"
        call_id = secrets.token_hex(8)
        return await self._request(
            "MESSAGE", server, me, f"<{server}>", "20 MESSAGE", call_id, (("content-type", CONTENT_TYPE),), octets
        )

    async def _request(
        self, method: str, uri: str, sender: str, to: str, cseq: str, call_id: str, extra: tuple[tuple[str, str], ...], body: bytes
    ) -> SipResponse:
        link = self._socket
        if link is None:
            raise OSError("not connected")
        host, port = self._told()
        branch = f"z9hG4bK{secrets.token_hex(8)}"
        lines = [
            ("via", f"SIP/2.0/{self.identity.transport} {host}:{port};rport;branch={branch}"),
            ("from", f"{sender};tag={secrets.token_hex(4)}"),
            ("to", to),
            ("call-id", call_id),
            ("cseq", cseq),
            ("contact", f"<sip:{self.identity.code}@{host}:{port}>"),
            ("max-forwards", "70"),
            ("user-agent", f"{self.identity.maker} {self.identity.model}"),
            *extra,
        ]
        return await self._sent(SipRequest(method, uri, Headers.of_lowered(lines), body))

    async def _sent(self, request: SipRequest) -> SipResponse:
        link = self._socket
        if link is None:
            raise OSError("not connected")
        octets, branch = request.to_bytes(), branch_of(request.headers)
        answer: asyncio.Future[SipResponse] = asyncio.get_running_loop().create_future()
        self._answers[branch] = answer
        try:
            pause_s = 0.5
            async with asyncio.timeout(ANSWER_S):
                while True:
                    link.write(octets)
                    done, _ = await asyncio.wait((answer,), timeout=pause_s if self.identity.transport == "UDP" else ANSWER_S)
                    if done:
                        return answer.result()
                    pause_s *= 2
        finally:
            self._answers.pop(branch, None)

    def _take(self, octets: bytes) -> None:
        try:
            message = parse_message(octets)
        except WireError:
            return
        if isinstance(message, SipResponse):
            waiting = self._answers.get(branch_of(message.headers))
            if waiting is not None and not waiting.done() and message.status >= 200:
                waiting.set_result(message)
            return
        self._spawn(self._serve(message))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _hang_up_later(self, call_id: str) -> None:
        await asyncio.sleep(self.identity.faults.bye_after_s)
        dialog, sender = self._calls.pop(call_id, None), self._senders.pop(call_id, None)
        if dialog is None or sender is None or self._socket is None:
            return
        await sender.stop()
        with suppress(TimeoutError, OSError):
            await self._sent(dialog.request("BYE", self._via()))

    def _via(self) -> str:
        host, port = self._told()
        return f"SIP/2.0/{self.identity.transport} {host}:{port};rport;branch=z9hG4bK{secrets.token_hex(8)}"

    async def _say_sent(self, call_id: str) -> None:
        """A recording was sent to its end (§9.8): within its call, where the device keeps to that."""
        dialog, faults = self._calls.get(call_id), self.identity.faults
        if dialog is None or faults.no_media_status:
            return
        status = MediaStatus(self._next_sn(), self.identity.code, "121")
        with suppress(TimeoutError, OSError):
            if faults.status_outside:
                await self.send(status)
            else:
                body = encode(status, edition=self.identity.edition)
                await self._sent(dialog.request("MESSAGE", self._via(), (("content-type", CONTENT_TYPE),), body))

    def _reply(self, request: SipRequest, status: int, extra: tuple[tuple[str, str], ...] = (), body: bytes = b"") -> SipResponse:
        answer = response_to(request, status, source=self._address(), to_tag="sim", extra=extra, body=body)
        if self._socket is not None:
            self._socket.write(answer.to_bytes())
        return answer

    async def _serve(self, request: SipRequest) -> None:
        match request.method:
            case "MESSAGE":
                self._reply(request, 200)
                await self._serve_body(request)
            case "SUBSCRIBE" if WANTED in request.body:
                self.alarm_line.serve(request, self._reply, f"{self.identity.code}@127.0.0.1")
            case "SUBSCRIBE" if POSITIONS_WANTED in request.body:
                self.position_line.serve(request, self._reply, f"{self.identity.code}@127.0.0.1")
            case "SUBSCRIBE":
                self._serve_subscription(request)
            case "INVITE":
                await self._serve_invite(request)
            case "ACK" if request.headers.get("call-id") in self._ringing:
                del self._ringing[request.headers.get("call-id")]
                self.acknowledged_refusals += 1
            case "ACK":
                sender = self._senders.get(request.headers.get("call-id"))
                if sender is not None:
                    sender.start()
                    if self.identity.faults.bye_after_s:
                        self._spawn(self._hang_up_later(request.headers.get("call-id")))
            case "INFO":
                self._serve_order(request)
            case "BYE":
                self._reply(request, 200)
                self.byes += 1
                if self.byes <= self.identity.faults.deaf_byes:
                    return
                self._calls.pop(request.headers.get("call-id"), None)
                self.played.pop(request.headers.get("call-id"), None)
                sender = self._senders.pop(request.headers.get("call-id"), None)
                if sender is not None:
                    await sender.stop()
            case "CANCEL":
                self.cancelled += 1
                self._reply(request, 200)
                invite = self._ringing.get(request.headers.get("call-id"))
                if invite is not None:
                    self._reply(invite, 487)

    def _serve_order(self, request: SipRequest) -> None:
        """Of a playback (annex B): the answer is the body of the 200."""
        call_id = request.headers.get("call-id")
        played, sender = self.played.get(call_id), self._senders.get(call_id)
        if played is None or sender is None:
            self._reply(request, 481)
            return
        self.orders.append(request.body)
        answer = MansrtspResponse(200, "OK", 0) if self.identity.faults.deaf_control else played.obey(request.body, sender.first)
        self._reply(request, 200, (("content-type", CONTROL_TYPE),), answer.to_bytes())

    def _serve_subscription(self, request: SipRequest) -> None:
        """Takes the catalogue's subscription; a renewal must be of the dialog that we know."""
        known = self._subscription is not None and self._subscription.takes(request)
        if ";tag=" in request.headers.get("to") and not known:
            self._reply(request, 481)
            return
        event = request.headers.get("event")
        form = PRESENCE if self.identity.edition == Edition.V2011 else CATALOGUE_EVENT
        if event != self._event if known else form.fullmatch(event) is None:
            self._reply(request, 489)
            return
        self._event = event
        granted_s = self.identity.faults.grants_s
        lines = [
            ("Expires", request.headers.get("expires") if granted_s < 0 else str(granted_s)),
            ("Contact", f"<sip:{self.identity.code}@127.0.0.1>"),
        ]
        answer = response_to(request, 200, source=self._address(), to_tag="sim", extra=tuple(lines))
        if not known:
            self._subscription = Dialog.as_callee(request, answer)
        self.subscribed += 1
        if self._socket is not None:
            self._socket.write(answer.to_bytes())

    async def notify(self, *items: CatalogueItem, octets: bytes = b"") -> SipResponse:
        """Reports changes of the catalogue (each item says its event), or this body. Raises TimeoutError, OSError."""
        if self._subscription is None or self._socket is None:
            raise OSError("nobody subscribed")
        news = CatalogueNotification(self._next_sn(), self.identity.code, len(items), items)
        body = octets or encode(news, edition=self.identity.edition)
        extra = (("event", self._event), ("subscription-state", "active"), ("content-type", CONTENT_TYPE))
        return await self._sent(self._subscription.request("NOTIFY", self._via(), extra, body))

    async def report_by(self, line: AlarmLine, body: Manscdp) -> SipResponse:
        """By that subscription. Raises as `notify`."""
        return await self._sent(line.notification(self._via(), encode(body, edition=self.identity.edition)))

    async def end_subscription(self, *, reason: str = "", call_id: str = "") -> SipResponse:
        """Ends the subscription by a NOTIFY without a body, in another dialog if a `call_id` is given. Raises as `notify`."""
        if self._subscription is None or self._socket is None:
            raise OSError("nobody subscribed")
        ended, self._subscription = self._subscription, None
        state = f"terminated;reason={reason}" if reason else "terminated"
        ended.call_id = call_id or ended.call_id
        return await self._sent(ended.request("NOTIFY", self._via(), (("event", self._event), ("subscription-state", state))))

    async def _serve_body(self, request: SipRequest) -> None:
        try:
            body = parse(request.body)
        except WireError:
            return
        for answer in self._answers_to(body):
            await self.send(answer)

    def _show_key_frame(self) -> None:
        for sender in self._senders.values():
            sender.source.ask_key_frame()

    def ring(self) -> None:
        """Says of every INVITE left without an answer that it is at work on it."""
        for invite in self._ringing.values():
            self._reply(invite, 180)

    async def _serve_invite(self, request: SipRequest) -> None:
        faults = self.identity.faults
        self.invited += 1
        if faults.no_answer or faults.rings:
            self._ringing[request.headers.get("call-id")] = request
            if faults.rings:
                self.ring()
            return
        self._ringing.pop(request.headers.get("call-id"), None)  # it is answered now, and its ACK is no refusal's
        channel = self.channels.get(user_of(request.headers.get("to")) or user_of(request.uri))
        try:
            offer = SessionDescription.parse(request.body)
        except WireError:
            self._reply(request, 488)
            return
        if self.film_faults is not None and offer.name in (PLAYBACK, DOWNLOAD):
            faults = self.film_faults
        if faults.invite_status:
            self._reply(request, faults.invite_status)
            return
        asked = offer.video
        if channel is None or asked is None:
            self._reply(request, 404)
            return
        if faults.takes and (faults.takes == "tcp") != asked.over_tcp:
            self._reply(request, 488)
            return
        stream = "sub" if asked.attribute("streamnumber") == "1" and "sub" in channel.sources else "main"
        transport = "udp" if not asked.over_tcp else "tcp-listen" if asked.setup == "active" else "tcp-connect"
        ssrc = offer.ssrc if faults.answer is not AnswerFault.OTHER_SSRC else other_ssrc(offer.ssrc)
        target = MediaTarget(offer.media_address, asked.port, int(ssrc or 0), transport)
        call_id = request.headers.get("call-id")
        source: PictureSource = channel.sources[stream]()
        pace, attributes = None, tuple[str, ...]()
        if offer.name in (PLAYBACK, DOWNLOAD):
            disk = channel.disk
            film = disk.film(offer.start_unix, inf if faults.plays_on else offer.stop_unix) if disk is not None else None
            if film is not None and disk is not None and offer.name == DOWNLOAD:
                attributes = (f"filesize:{disk.file_bytes(offer.start_unix, offer.stop_unix)}",)
                self.downloads.append((offer.start_unix, offer.stop_unix, download_speed(asked)))
            if film is None:
                self._reply(request, 404)
                return
            played = self.played[call_id] = PlayedFilm(film, offer.start_unix, download_speed(asked))
            source, pace = film, played.pace

        def end() -> None:
            self._spawn(self._say_sent(call_id))

        sender = MediaSender(source, target, faults, seed=secrets.randbits(32), pace=pace, on_end=end)
        await sender.open(self.identity.media_host or self.identity.local_host)
        self._senders[call_id] = sender
        own_port = {AnswerFault.PORT_ZERO: 0, AnswerFault.CLOSED_PORT: 9}.get(faults.answer, sender.local_port or 9)
        host, port = self._told()
        address = host or self.identity.local_host
        if self.identity.tells_media_host:
            address = self.identity.media_host
        answer = live_answer(offer, owner=self.identity.code, address=address, port=own_port, ssrc=ssrc, attributes=attributes)
        if faults.other_time and offer.start_unix:
            answer = replace(answer, start_unix=offer.start_unix - 86_400, stop_unix=offer.stop_unix - 86_400)
        extra = (("content-type", "application/sdp"), ("contact", f"<sip:{self.identity.code}@{host}:{port}>"))
        body = b"" if faults.answer is AnswerFault.EMPTY else answer.to_bytes()
        accepted = self._reply(request, 200, extra, body)
        self._calls[call_id] = Dialog.as_callee(request, accepted)


def wall_clock_ms() -> int:
    """Milliseconds since 1970, for the burnt-in clock."""
    return time.time_ns() // 1_000_000
