"""SIP over UDP and TCP on one port, over TLS on another: sockets and timers around `wire.sip`. It decides nothing about devices.

Source: RFC 3261 §17 (transactions), §18 (transport); GB/T 28181-2022 §6. Nothing that a peer sends raises out of here.
"""

from __future__ import annotations

import asyncio
import secrets
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import structlog
from prometheus_client import Counter, Gauge

from fengsui._engine import PortInUse, SipDatagram, SipFront, SipRegistration
from fengsui.clock import Clock
from fengsui.errors import PortTaken, port_fault
from fengsui.features.devices import NoAnswer, Peer
from fengsui.features.refusals import Identification
from fengsui.loops import surprises
from fengsui.settings import SignallingSection
from fengsui.transports.accepting import PlainDoor, listening_socket
from fengsui.transports.addresses import LocalAddresses
from fengsui.transports.places import Places
from fengsui.transports.refused_invites import RefusedInvites
from fengsui.transports.sip_connections import MALFORMED, SipConnection, SipConnections
from fengsui.transports.tls_door import TlsDoor
from fengsui.wire.errors import WireError
from fengsui.wire.gb28181.person_content import screen
from fengsui.wire.sip.headers import response_to, user_of
from fengsui.wire.sip.message import SipMessage, SipRequest, SipResponse, parse_message
from fengsui.wire.sip.transactions import (
    GIVE_UP_S,
    ClientTransaction,
    SentAcknowledgements,
    ServerTransactions,
    State,
    TransactionKey,
    key_of_response,
    replay_key,
)

log = structlog.get_logger(__name__)
MAX_DATAGRAM = 65_535
BATCH = 256  # datagrams taken before the loop does something else
KEEPALIVE = b"<CmdType>Keepalive<"
DROPPED = "[人员或人脸内容,未保存即丢弃 content about persons, dropped before it was kept: R1 REF-BIO]".encode()
"""Stands in the trace for a body of which nothing is kept."""
METHODS = frozenset(("REGISTER", "MESSAGE", "NOTIFY", "BYE", "ACK", "OPTIONS", "INVITE", "INFO", "CANCEL", "SUBSCRIBE"))

MESSAGES = Counter("fengsui_sip_messages_total", "SIP messages by direction and transport", ["direction", "transport"])
IN = {transport: MESSAGES.labels("in", transport) for transport in ("UDP", "TCP", "TLS")}
OUT = {transport: MESSAGES.labels("out", transport) for transport in ("UDP", "TCP", "TLS")}
REPLAY_BYTES = Gauge("fengsui_sip_replay_bytes", "Memory of requests taken lately and of our answers")
RETRANSMITTED = Counter("fengsui_sip_retransmissions_total", "Requests and answers of ours sent again by their timers")

Receive = Callable[[SipRequest, Peer], SipResponse | None]
OpenFront = Callable[[], SipFront]
TlsContext = Callable[[], ssl.SSLContext]


def refusal_of(request: SipRequest, peer: Peer, code: str, sentence: str, way: str) -> SipResponse:
    """403 with the reason, a sentence and the lawful way (rules A65, A66)."""
    said = f'399 fengsui "{code} {sentence}. {way}"'
    return response_to(request, 403, source=(peer.host, peer.port), to_tag="r", extra=(("warning", said),))


@dataclass(slots=True)
class _Waiting:
    """A transaction of ours with its timer and whoever waits."""

    transaction: ClientTransaction
    peer: Peer
    answer: asyncio.Future[SipResponse]
    timer: asyncio.TimerHandle | None = field(default=None)


class SipEndpoint:
    """`receive` is called for each new request; what it returns is sent, None means "answered later by `reply`"."""

    def __init__(
        self,
        settings: SignallingSection,
        addresses: LocalAddresses,
        clock: Clock,
        receive: Receive,
        open_front: OpenFront,
        tls: TlsContext | None = None,
    ) -> None:
        self._settings = settings
        self._addresses = addresses
        self._clock = clock
        self._receive = receive
        self._open_front = open_front
        self._tls = tls
        self._door: TlsDoor | None = None
        self._waiting: dict[TransactionKey, _Waiting] = {}
        self._taken = ServerTransactions(settings.max_replays_mb << 20)
        REPLAY_BYTES.set_function(lambda: self._taken.octets)
        self._acknowledged = SentAcknowledgements()
        self.refused = RefusedInvites(self._repeat)
        self._front: SipFront | None = None
        self._plain: PlainDoor | None = None
        self.connections = SipConnections(settings, self.take)
        self.on_late: Callable[[SipResponse, Peer], None] = lambda *_: None
        """An answer to an INVITE for which nobody waits any more."""
        self.on_open: Callable[[SipFront], None] = lambda _: None
        self.on_registrations: Callable[[list[SipRegistration]], None] = lambda _: None
        self.on_observed: Callable[[SipDatagram], None] = lambda _: None
        self.on_refused: Callable[[SipMessage, Peer], None] = lambda *_: None
        self.on_forged: Callable[[SipRequest, Peer], None] = lambda *_: None
        """Somebody names another than the certificate of the connection does."""
        self.on_traffic: Callable[[str, SipMessage, Peer, bytes], None] = lambda *_: None

    async def start(self) -> None:
        """Opens the port on both transports, and the one for TLS. Raises PortTaken, PortUnusable."""
        loop = asyncio.get_running_loop()
        try:
            self._front = self._open_front()
            loop.add_reader(self._front.event_fd(), self._drain)
            plain = listening_socket(self._settings.host, self._settings.port)
        except PortInUse as error:
            raise PortTaken(port=self._settings.port, kind="SIP") from error
        except OSError as error:
            raise port_fault(error, self._settings.port, "SIP") from error
        self._plain = PlainDoor(plain, name="sip", protocol=lambda: SipConnection(self.connections, "TCP"))
        self._plain.start()
        if self._settings.tls_port and self._tls is not None:
            try:
                listener = listening_socket(self._settings.host, self._settings.tls_port)
            except OSError as error:
                raise port_fault(error, self._settings.tls_port, "SIP TLS") from error
            self._door = TlsDoor(
                listener,
                name="sip",
                context=self._tls,
                protocol=lambda: SipConnection(self.connections, "TLS"),
                places=Places(self._settings.max_handshakes, self._settings.max_handshakes_per_address),
            )
            self._door.start()
        self.on_open(self._front)

    async def stop(self) -> None:
        """Closes the port and every connection."""
        if self._front is not None:
            asyncio.get_running_loop().remove_reader(self._front.event_fd())
            self._front.close()
        self.connections.close()
        for door in (self._plain, self._door):
            if door is not None:
                await door.stop()
        self.refused.stop()
        for waiting in self._waiting.values():
            if waiting.timer is not None:
                waiting.timer.cancel()

    def _repeat(self, octets: bytes, peer: Peer) -> None:
        RETRANSMITTED.inc()
        self._send_octets(octets, peer)

    def local_host(self, peer: Peer) -> str:
        """Our address as told to this peer."""
        return self._addresses.told_to(peer.host).address

    def via(self, peer: Peer) -> str:
        """A Via of ours with a new branch."""
        port = self._settings.tls_port if peer.transport == "TLS" else self._settings.port
        return f"SIP/2.0/{peer.transport} {self.local_host(peer)}:{port};rport;branch=z9hG4bK{secrets.token_hex(8)}"

    def uri(self, user: str, peer: Peer, *, ours: bool = False) -> str:
        """Of `user` at the peer, or here (`ours`). Under TLS the transport is named, or `sips` where the peer speaks it itself."""
        tls = peer.transport == "TLS"
        port = (self._settings.tls_port if tls else self._settings.port) if ours else peer.port
        place = f"{user}@{self.local_host(peer) if ours else peer.host}:{port}"
        connection = self.connections.get(peer.connection) if tls else None
        if connection is not None and connection.speaks_sips:
            return f"sips:{place}"
        return f"sip:{place};transport=tls" if tls else f"sip:{place}"

    async def request(
        self,
        request: SipRequest,
        peer: Peer,
        *,
        timeout_s: float = GIVE_UP_S,
        ringing_s: float = 0.0,
        given_up: Callable[[ClientTransaction], None] = lambda _: None,
    ) -> SipResponse:
        """Sends a request that has its Via; the final answer. `given_up` is called when none is awaited any longer.
        `ringing_s`: the limit, where longer, for a peer that has given a provisional answer.

        Raises NoAnswer.
        """
        loop = asyncio.get_running_loop()
        reliable = peer.transport != "UDP"
        transaction = ClientTransaction(request, reliable=reliable, now_s=loop.time(), timeout_s=timeout_s, ringing_s=ringing_s)
        waiting = _Waiting(transaction, peer, loop.create_future())
        self._waiting[transaction.key] = waiting
        try:
            self.on_traffic("out", request, peer, transaction.octets)
            self._send_octets(transaction.octets, peer)
            self._look_again(waiting)
            return await waiting.answer
        except NoAnswer:
            given_up(transaction)
            raise
        except asyncio.CancelledError:
            given_up(transaction)
            answer = waiting.answer
            answered = answer.done() and not answer.cancelled() and answer.exception() is None
            if answered and request.method == "INVITE":  # the device has begun to send: it must be told to stop
                loop.call_soon(self.on_late, answer.result(), peer)
            raise
        finally:
            if waiting.timer is not None:
                waiting.timer.cancel()
            self._waiting.pop(transaction.key, None)

    def _look_again(self, waiting: _Waiting) -> None:
        due_s = waiting.transaction.due_s
        if due_s is not None:
            waiting.timer = asyncio.get_running_loop().call_at(due_s, self._handle_timeout, waiting)

    def _handle_timeout(self, waiting: _Waiting) -> None:
        transaction = waiting.transaction
        octets = transaction.handle_timeout(asyncio.get_running_loop().time())
        if octets is not None:
            self._repeat(octets, waiting.peer)
        if transaction.state is State.TIMED_OUT and not waiting.answer.done():
            peer = waiting.peer
            waiting.answer.set_exception(NoAnswer(code=transaction.request.method, peer=f"{peer.host}:{peer.port}"))
            return
        self._look_again(waiting)

    async def connect(self, host: str, port: int) -> Peer:
        """A TCP connection of ours: what comes over it is taken as from anybody's. Raises OSError."""
        made = await asyncio.get_running_loop().create_connection(lambda: SipConnection(self.connections, "TCP"), host, port)
        peer = made[1].peer
        if not peer.connection:
            raise OSError("there is no room for another SIP connection")
        return peer

    def send(self, message: SipMessage, peer: Peer) -> None:
        """Sends without waiting: ACK, answers."""
        octets = message.to_bytes()
        if isinstance(message, SipRequest) and message.method == "ACK":
            self._acknowledged.remember(message, octets, self._clock.monotonic_s())
        self.on_traffic("out", message, peer, octets)
        self._send_octets(octets, peer)

    def reply(self, request: SipRequest, response: SipResponse, peer: Peer) -> None:
        """Answers a request for which `receive` had returned None; a retransmission gets the same answer."""
        octets = response.to_bytes()
        self._taken.remember(replay_key(request, peer.host, peer.port), octets, self._clock.monotonic_s())
        self.on_traffic("out", response, peer, octets)
        self._send_octets(octets, peer)
        if request.method == "INVITE" and response.status >= 300:
            self.refused.note(request, response, peer)
        if request.method == "REGISTER" and response.status == 200:
            self.connections.believe(peer.connection, user_of(request.headers.get("from")))

    def forget(self, request: SipRequest, peer: Peer) -> None:
        """A request for which `receive` had returned None is not answered: sent again, it is new."""
        self._taken.forget(replay_key(request, peer.host, peer.port))

    def _send_octets(self, octets: bytes, peer: Peer) -> None:
        OUT[peer.transport].inc()
        if peer.transport == "UDP":
            if self._front is not None:
                self._front.send(peer.host, peer.port, octets)
            return
        self.connections.write(peer.connection, octets)

    def _drain(self) -> None:
        if self._front is None:
            return
        batch = self._front.take(BATCH)
        for seen in batch.observed:
            self.on_observed(seen)
        if batch.registrations:
            IN["UDP"].inc(len(batch.registrations))
            self.on_registrations(batch.registrations)
        for datagram in batch.datagrams:
            with surprises("sip-datagrams"):
                self.take(datagram.octets, Peer("UDP", datagram.host, datagram.port))

    def take(self, octets: bytes, peer: Peer) -> None:
        """One datagram or framed message. Never raises for what the peer sent."""
        if len(octets) < 16:
            return  # keep-alive datagrams and noise
        try:
            message, shown = self._screened(parse_message(octets), octets, peer)
            dropped = shown is not octets and not message.body
            if isinstance(message, SipResponse):
                self._take_response(message, shown, peer)
            else:
                self._take_request(message, shown, peer, dropped=dropped)
        except WireError as error:
            MALFORMED.inc()
            log.debug("malformed SIP", peer=peer.host, why=str(error))

    def _screened(self, message: SipMessage, octets: bytes, peer: Peer) -> tuple[SipMessage, bytes]:
        """Without faces, persons and their features: what is cut out is gone before anybody reads, traces or logs it."""
        found = screen(message.body) if message.body else None
        if found is None:
            return message, octets
        self.on_refused(message, peer)
        kept = replace(message, body=found.kept or b"")
        return kept, replace(kept, body=found.kept or DROPPED).to_bytes()

    def _take_response(self, response: SipResponse, octets: bytes, peer: Peer) -> None:
        IN[peer.transport].inc()
        self.on_traffic("in", response, peer, octets)
        key = key_of_response(response)
        waiting = self._waiting.get(key)
        if waiting is None:
            again = None
            if key[1] == "INVITE" and response.status >= 300:
                again = self._acknowledged.replay(response, self._clock.monotonic_s())
            if again is not None:
                self._send_octets(again, peer)
            elif key[1] == "INVITE":
                self.on_late(response, peer)  # our ACK was lost, or we had given up
            return
        if not waiting.transaction.receive(response):
            return
        if not waiting.answer.done():
            waiting.answer.set_result(response)
        elif waiting.answer.cancelled() and key[1] == "INVITE":  # overtaken by a cancellation that has not had its turn yet
            asyncio.get_running_loop().call_soon(self.on_late, response, peer)

    def _take_request(self, request: SipRequest, octets: bytes, peer: Peer, *, dropped: bool) -> None:
        IN[peer.transport].inc()
        if request.method not in METHODS:
            return  # scanners get no answer
        if peer.transport == "TLS" and not self._is_whom_its_certificate_names(request, peer):
            self.on_forged(request, peer)
            self._send_octets(response_to(request, 403, source=(peer.host, peer.port), to_tag="c").to_bytes(), peer)
            return
        key, now_s = replay_key(request, peer.host, peer.port), self._clock.monotonic_s()
        if request.method != "ACK":
            taken, answer = self._taken.replay(key, now_s)
            if taken:
                if answer is not None:
                    self._send_octets(answer, peer)
                return
            self._taken.remember(key, None, now_s)
        heartbeat = KEEPALIVE in request.body
        if not heartbeat:  # heartbeats would push everything else out of the trace
            self.on_traffic("in", request, peer, octets)
        if request.method == "ACK":
            self.refused.acknowledge(request)
        if request.method == "CANCEL" and self.refused.has_cancelled(request):
            response: SipResponse | None = response_to(request, 200, source=(peer.host, peer.port), to_tag="c")  # it has its answer
        else:
            response = self._receive(request, peer)
        if response is None:
            return
        if dropped and response.status < 300:
            response = refusal_of(request, peer, Identification.code, Identification.en, Identification.remedy_en)
        if heartbeat:
            octets = response.to_bytes()
            self._taken.remember(key, octets, now_s)
            self._send_octets(octets, peer)
        else:
            self.reply(request, response, peer)

    def _is_whom_its_certificate_names(self, request: SipRequest, peer: Peer) -> bool:
        connection = self.connections.get(peer.connection)
        if connection is None:
            return True
        connection.speaks_sips |= request.uri.startswith("sips:")
        return not connection.codes or user_of(request.headers.get("from")) in connection.codes
