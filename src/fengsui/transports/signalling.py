"""SIP towards devices: queries, calls, and where their requests go. Implements `features.devices.Signalling`."""

from __future__ import annotations

import asyncio
import itertools
import secrets
from collections import OrderedDict
from collections.abc import AsyncGenerator, Callable

import structlog
from prometheus_client import Counter

from fengsui._engine import SipFront
from fengsui.features.access import Platform, PlatformFunction, Platforms, PlatformUnproven, Refusal
from fengsui.features.devices import DeviceOffline, Devices, DeviceState, NoAnswer, Peer, Refused
from fengsui.features.refusals import Identification, Refusals
from fengsui.settings import NodeSettings
from fengsui.transports.alarm_answers import AlarmAnswers, is_broken_alarm
from fengsui.transports.answers import Gatherings, Offered
from fengsui.transports.calls import Call, GivenUp
from fengsui.transports.front_door import FrontDoor
from fengsui.transports.sip_endpoint import SipEndpoint, refusal_of
from fengsui.transports.sip_subscriptions import SipSubscriptions, Subscription
from fengsui.transports.trace import Trace
from fengsui.transports.upward import UpwardSip
from fengsui.wire.errors import WireError
from fengsui.wire.gb28181.alarm import AlarmNotification
from fengsui.wire.gb28181.catalog import CatalogueAnswer, CatalogueQuery, CatalogueText
from fengsui.wire.gb28181.control import ResultAnswer
from fengsui.wire.gb28181.edition import Edition
from fengsui.wire.gb28181.manscdp import (
    CONTENT_TYPE,
    Keepalive,
    Manscdp,
    MediaStatus,
    OtherCommand,
    acknowledgement_of,
    encode,
    is_answer,
    is_request,
    parse,
)
from fengsui.wire.gb28181.position import PositionNotification
from fengsui.wire.gb28181.subscription import SubscriptionState, event_of
from fengsui.wire.sdp import PLAY, SessionDescription
from fengsui.wire.sip.dialogs import Dialog
from fengsui.wire.sip.headers import expires_of, response_to, tag_of, user_of
from fengsui.wire.sip.message import Headers, SipMessage, SipRequest, SipResponse
from fengsui.wire.sip.transactions import ClientTransaction, acknowledgement, cancellation

log = structlog.get_logger(__name__)
UNREADABLE = Counter("fengsui_unreadable_bodies_total", "Bodies of messages that could not be read")
MAX_GIVEN_UP = 1_000
LONGEST_CODE = 20
MAX_EVENT_ID = 1_000_000
Unasked = Callable[[DeviceState, Manscdp], None]
SubscriptionEnded = Callable[[DeviceState, SubscriptionState], None]


class SipSignalling:
    """The node's SIP side."""

    def __init__(
        self,
        settings: NodeSettings,
        endpoint_for: Callable[..., SipEndpoint],
        devices: Devices,
        trace: Trace,
        refusals: Refusals,
        platforms: Platforms,
    ) -> None:
        self._code = settings.node.code
        self._domain = settings.node.sip_domain
        self._ringing_s = settings.signalling.ringing_s
        self._devices = devices
        self._trace = trace
        self._refusals = refusals
        self._platforms = platforms
        self.endpoint = endpoint_for(self.receive)
        self.connection_lost: list[Callable[[int], None]] = [devices.connection_lost]
        self.endpoint.connections.on_lost = self._lose
        self.endpoint.on_traffic = self._traced
        self.endpoint.on_open = self._use_front
        self.endpoint.on_refused = self._refused
        self.endpoint.on_forged = self._forged
        devices.use_reply(self.endpoint.reply, self.endpoint.forget)
        self._answers = Gatherings(settings.signalling.max_answer_mb << 20)
        self._calls: dict[str, Call] = {}
        self._subscriptions = SipSubscriptions()
        self.alarms = AlarmAnswers(self.endpoint, self.message, self.next_sn)
        self._given_up: OrderedDict[str, GivenUp] = OrderedDict()
        self._goodbyes: set[asyncio.Task[None]] = set()
        self.endpoint.on_late = self._take_late_answer
        self._sn = itertools.count(secrets.randbelow(10_000) + 1)
        self.on_unasked: Unasked = lambda *_: None
        self.on_position: Callable[[DeviceState, PositionNotification], None] = lambda *_: None
        self.alarms.on_stored = lambda device, alarm: self.on_unasked(device, alarm)
        self.on_subscription_ended: dict[str, SubscriptionEnded] = {}
        """By package."""
        self._upward: UpwardSip | None = None

    def use_upward(self, upward: UpwardSip) -> None:
        """Upper platforms are theirs to know and to answer."""
        self._upward = upward

    def _lose(self, number: int) -> None:
        for lost in self.connection_lost:
            lost(number)

    def _use_front(self, front: SipFront) -> None:
        door = FrontDoor(front, self._trace)
        self.endpoint.on_observed = door.observed
        self.endpoint.on_registrations = lambda found: self._devices.registrations(door.claims(found))
        self._devices.use_door(door)

    @property
    def open_calls(self) -> int:
        """Calls that neither side has ended."""
        return len(self._calls)

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
        octets = encode(body, edition=Edition(device.spoken_edition))
        target = getattr(body, "device_id", "") or device.code
        request = self._new_request("MESSAGE", target, peer, (("content-type", CONTENT_TYPE),), octets)
        answer = await self.endpoint.request(request, peer)
        if answer.status >= 300:
            raise Refused(sip_status=answer.status, reason=answer.reason)

    async def query(self, device: DeviceState, body: Manscdp, *, timeout_s: float = 10.0) -> Manscdp:
        """Raises NoAnswer, Refused, DeviceOffline."""
        async for answer in self.collect(device, body, first_s=timeout_s, next_s=lambda: 0.0):
            return answer
        raise NoAnswer(code=device.code, peer=device.code)

    async def collect(
        self, device: DeviceState, body: Manscdp, *, first_s: float, next_s: Callable[[], float]
    ) -> AsyncGenerator[Manscdp, None]:
        """Raises NoAnswer (also when nothing came), Refused, DeviceOffline, AnswerTooLarge."""
        command = str(getattr(body, "command", type(body).__name__))
        # A catalogue is bounded by its items, wherever they are kept; here only what waits.
        gathering = self._answers.begin(device.code, body.sn, command, bounded_in_all=command != CatalogueQuery.__name__)
        try:
            await self.message(device, body)
            try:
                async with asyncio.timeout(first_s):
                    answer = await gathering.next()
            except TimeoutError:
                raise NoAnswer(code=device.code, peer=device.code) from None
            yield answer
            while True:
                if gathering.is_empty:
                    try:
                        async with asyncio.timeout(next_s()):
                            answer = await gathering.next()
                    except TimeoutError:
                        return
                else:
                    answer = await gathering.next()
                yield answer
        finally:
            self._answers.end(device.code, body.sn)

    async def invite(self, device: DeviceState, channel: str, offer: SessionDescription, *, timeout_s: float = 10.0) -> Call:
        """Raises NoAnswer, Refused, DeviceOffline. Cancelled while it waits, it calls the device off."""
        peer = self._peer_of(device)
        extra = (("subject", f"{channel}:{offer.ssrc},{self._code}:0"), ("content-type", "application/sdp"))
        request = self._new_request("INVITE", channel, peer, extra, offer.to_bytes())

        def given_up(transaction: ClientTransaction) -> None:
            kept = self._given_up[request.headers.get("call-id")] = GivenUp(device, request, transaction.may_be_cancelled)
            while len(self._given_up) > MAX_GIVEN_UP:
                self._given_up.popitem(last=False)
            if kept.cancelled:
                self.endpoint.send(cancellation(request), peer)

        answer = await self.endpoint.request(request, peer, timeout_s=timeout_s, ringing_s=self._ringing_s, given_up=given_up)
        if answer.status >= 300:
            self.endpoint.send(acknowledgement(request, answer), peer)
            raise Refused(sip_status=answer.status, reason=answer.reason)
        call = Call(self.endpoint, self.forget, device, Dialog.as_caller(request, answer), peer, answer)
        call.of_recordings = offer.name != PLAY
        self._calls[call.call_id] = call
        call.acknowledge()
        return call

    def recall(self, device: DeviceState, dialog: Dialog) -> Call:
        """A call that was answered before the node was started: only its BYE is still to be said."""
        return Call(self.endpoint, self.forget, device, dialog, None, None)

    async def subscribe(self, device: DeviceState, body: Manscdp, *, package: str, expires_s: int) -> int:
        """GB/T 28181-2022 §9.11; seconds granted, 0: none. Raises NoAnswer, Refused, DeviceOffline."""
        peer, edition = self._peer_of(device), Edition(device.spoken_edition)
        octets = encode(body, edition=edition)
        running = self._subscriptions.of(device.code, package)
        event = running.event if running is not None else event_of(package, edition, secrets.randbelow(MAX_EVENT_ID) + 1)
        extra = (("event", event), ("expires", str(expires_s)), ("content-type", CONTENT_TYPE))
        if running is not None and running.dialog is not None:
            request = running.dialog.request("SUBSCRIBE", self.endpoint.via(peer), extra, octets)
            asked = running
        else:
            request = self._new_request("SUBSCRIBE", device.code, peer, extra, octets)
            asked = Subscription(device.code, package, event, request.headers.get("call-id"))
            self._subscriptions.await_answer(asked)
        granted_s = None
        try:
            answer = await self.endpoint.request(request, peer)
            if answer.status < 300:
                granted_s = expires_of(answer.headers)
                granted_s = expires_s if granted_s is None else min(expires_s, granted_s)
        finally:
            if not granted_s:
                self._subscriptions.end(asked)
        if answer.status >= 300:
            if asked is running:  # it forgot, as after a restart: the next one begins anew
                return await self.subscribe(device, body, package=package, expires_s=expires_s)
            raise Refused(sip_status=answer.status, reason=answer.reason)
        if not granted_s or asked.ended:
            return 0
        asked.dialog = asked.dialog or Dialog.as_caller(request, answer)
        self._subscriptions.keep(asked)
        return granted_s

    def forget_subscriptions(self, code: str, package: str) -> None:
        """What this device granted is void."""
        self._subscriptions.forget(code, package)

    def _take_late_answer(self, answer: SipResponse, peer: Peer) -> None:
        """What comes again, or after we had given up: the device must not wait for us, nor send for nobody.

        CANCEL goes only to who has said that it is at work: before, it could overtake the INVITE (RFC 3261 §9.1).
        """
        call_id = answer.headers.get("call-id")
        call, kept = self._calls.get(call_id), self._given_up.get(call_id)
        if call is not None:
            if 200 <= answer.status < 300:
                call.acknowledge()
        elif kept is not None and answer.status < 200:
            if not kept.cancelled:
                kept.cancelled = True
                self.endpoint.send(cancellation(kept.invite), peer)
        elif kept is not None:
            del self._given_up[call_id]
            if answer.status >= 300:
                self.endpoint.send(acknowledgement(kept.invite, answer), peer)
                return
            late = Call(self.endpoint, self.forget, kept.device, Dialog.as_caller(kept.invite, answer), peer, answer)
            late.acknowledge()
            task = asyncio.create_task(late.say_goodbye())
            self._goodbyes.add(task)
            task.add_done_callback(self._goodbyes.discard)

    def forget(self, call: Call) -> None:
        """The call is over."""
        self._calls.pop(call.call_id, None)

    def _peer_of(self, device: DeviceState) -> Peer:
        if device.peer is None or not device.online:
            raise DeviceOffline()
        return device.peer

    def _new_request(self, method: str, target: str, peer: Peer, extra: tuple[tuple[str, str], ...], body: bytes) -> SipRequest:
        ours, place = self.endpoint.local_host(peer), self.endpoint.uri(target, peer)
        lines = [
            ("via", self.endpoint.via(peer)),
            ("from", f"<sip:{self._code}@{self._domain}>;tag={secrets.token_hex(5)}"),
            ("to", f"<{place.partition(';')[0]}>"),
            ("call-id", f"{secrets.token_hex(10)}@{ours}"),
            ("cseq", f"1 {method}"),
            ("contact", f"<{self.endpoint.uri(self._code, peer, ours=True)}>"),
            ("max-forwards", "70"),
            *extra,
        ]
        return SipRequest(method, place, Headers.of_lowered(lines), body)

    # ── from devices ─────────────────────────────────────────────────

    def receive(self, request: SipRequest, peer: Peer) -> SipResponse | None:
        """The answer to a device's request; None when it comes later or never."""
        if self._upward is not None and self._upward.take(request, peer):
            return None
        match request.method:
            case "REGISTER":
                return self._devices.register(request, peer)
            case "MESSAGE":
                return self._take_message(request, peer)
            case "NOTIFY":
                return self._take_notification(request, peer)
            case "BYE":
                return self._take_bye(request, peer)
            case "ACK":
                return None
            case "INVITE" | "SUBSCRIBE" | "INFO":
                return self._turn_away(request, peer, self._known(request, peer))
            case "CANCEL":
                return response_to(request, 481, source=(peer.host, peer.port), to_tag="c") if self._known(request, peer) else None
            case "OPTIONS":
                return response_to(request, 200, source=(peer.host, peer.port), to_tag="o") if self._known(request, peer) else None
            case _:
                return response_to(request, 405, source=(peer.host, peer.port), to_tag="m") if self._known(request, peer) else None

    def _known(self, request: SipRequest, peer: Peer) -> DeviceState | None:
        return self._devices.known_sender(user_of(request.headers.get("from")), peer)

    def _take_message(self, request: SipRequest, peer: Peer, *, notified: bool = False) -> SipResponse | None:
        sender = user_of(request.headers.get("from"))
        source = (peer.host, peer.port)
        within = self._calls.get(request.headers.get("call-id"))  # whoever knows it is whom we called, whatever it calls itself
        device = self._devices.known_sender(sender, peer)
        if within is None and device is None and not self._devices.stranger_may_speak(peer):
            return None
        try:
            body = parse(request.body, charset=(device.charset or None) if device is not None else None, as_text=True)
        except WireError as error:
            UNREADABLE.inc()
            log.info("unreadable body from device", device=sender, why=str(error))
            # A device that gets a 4xx for a body sends it again for ever: it is told that we have it.
            return response_to(request, 200 if device is not None else 403, source=source, to_tag="x")
        if isinstance(body, MediaStatus) and self._recording_sent(body, within, device):
            return response_to(request, 200, source=source, to_tag="x")
        if isinstance(body, Keepalive):
            return self._devices.keepalive(request, peer, sender, body.status, body.device_id)
        forged = device is None and self._devices.is_online(sender) is True
        if is_request(body) or forged:
            return self._turn_away(request, peer, device)
        if device is None:
            return response_to(request, 403, source=source, to_tag="x")
        if isinstance(body, AlarmNotification):
            answer = self._accepted(request, peer, device, body, notified=notified)
            self.alarms.take(device, body, request, peer, answer, notified=notified)
            return None
        if isinstance(body, OtherCommand) and is_broken_alarm(body):
            self.alarms.refuse(device, body, notified=notified)
        answer = response_to(request, 200, source=source, to_tag="x")
        offered = self._hand_on(device, body, len(request.body), lambda: self.endpoint.reply(request, answer, peer))
        if offered is not Offered.TAKEN:
            return None if offered is Offered.HELD else response_to(request, 503, source=source, to_tag="x")
        return self._accepted(request, peer, device, body, notified=notified)

    def _accepted(self, request: SipRequest, peer: Peer, device: DeviceState, body: Manscdp, *, notified: bool) -> SipResponse:
        """Up to 2016 the 200 to a NOTIFY says the result; from 2022 on it is empty (§9.11). That to a MESSAGE always is."""
        source, edition = (peer.host, peer.port), Edition(device.spoken_edition)
        result = acknowledgement_of(body) if notified and edition <= Edition.V2016 else None
        if result is None:
            return response_to(request, 200, source=source, to_tag="x")
        octets = encode(result, edition=edition)
        return response_to(request, 200, source=source, to_tag="x", extra=(("content-type", CONTENT_TYPE),), body=octets)

    def _recording_sent(self, body: MediaStatus, within: Call | None, device: DeviceState | None) -> bool:
        """§9.8; some devices say it outside of the call: believed where only one of theirs can be meant."""
        if within is None and device is not None:
            theirs = [one for one in self._calls.values() if one.of_recordings and one.device == device.code]
            named = [one for one in theirs if user_of(one.dialog.remote) == body.device_id] or theirs
            within = named[0] if len(named) == 1 else None
        if within is not None:
            within.sent.set()
        return within is not None

    def _take_notification(self, request: SipRequest, peer: Peer) -> SipResponse | None:
        """Of a subscription of ours; or of none: what such a one reports is taken all the same, if it reports anything."""
        device = self._known(request, peer)
        if device is None:
            return self._take_message(request, peer)
        subscription = self._subscriptions.notified(request, device.code)
        if request.body.strip():
            answer = self._take_message(request, peer, notified=True)
        else:  # the end of a subscription, or its beginning, needs no body
            status = 200 if subscription is not None else 481
            answer = response_to(request, status, source=(peer.host, peer.port), to_tag="x")
        state = SubscriptionState.parse(request.headers.get("subscription-state"))
        if subscription is not None and state.terminated:
            self._subscriptions.end(subscription)
            if (told := self.on_subscription_ended.get(subscription.package)) is not None:
                told(device, state)
        return answer

    def _hand_on(self, device: DeviceState, body: Manscdp, octets: int, acknowledge: Callable[[], None]) -> Offered:
        found = self._answers.get(device.code, body.sn)
        if found is None and isinstance(body, OtherCommand | ResultAnswer):
            return Offered.TAKEN
        if not is_answer(body):  # a notification may bear the number of a query of ours
            found = None
        elif found is None:
            # Some devices answer with their own SN: believe it when only one request of the kind is open.
            of_catalogue = isinstance(body, CatalogueAnswer | CatalogueText)
            same = [one for one in self._answers.of(device.code) if (one.command == CatalogueQuery.__name__) == of_catalogue]
            found = same[0] if len(same) == 1 else None
        if found is not None:
            return found.offer(body, octets, acknowledge)
        if isinstance(body, PositionNotification):
            self.on_position(device, body)
        else:
            self.on_unasked(device, body)
        return Offered.TAKEN

    def _turn_away(self, request: SipRequest, peer: Peer, device: DeviceState | None) -> SipResponse | None:
        """Who asks for pictures, lists, news or control is another platform: the door decides, what is refused is on record (A7).

        Whoever has proved nothing gets one answer: an address may be forged, and its owner must not be flooded by us.
        """
        claimed = _code_named(request)
        proven = device is not None or (self._upward is not None and self._upward.knows(claimed, peer))
        try:
            self._platforms.check(Platform(claimed, address=peer.host, proven=proven), PlatformFunction.ASK_BY_SIP, claimed)
        except Refusal as refusal:
            self._refusals.turned_away(refusal, "gb28181", peer.host, claimed)
            way = refusal.remedy_en.format(**refusal.facts)
            answer = refusal_of(request, peer, refusal.code, refusal.text_en, way)
            if proven:
                return answer
            if self._devices.stranger_may_speak(peer):
                self.endpoint.send(answer, peer)
            return None
        return response_to(request, 405, source=(peer.host, peer.port), to_tag="m")

    def _forged(self, request: SipRequest, peer: Peer) -> None:
        claimed = _code_named(request)
        self._refusals.turned_away(PlatformUnproven(platform=claimed or "?"), "gb28181", peer.host, claimed)

    def _take_bye(self, request: SipRequest, peer: Peer) -> SipResponse:
        call = self._calls.get(request.headers.get("call-id"))
        if call is None:
            return response_to(request, 481, source=(peer.host, peer.port), to_tag=tag_of(request.headers.get("to")) or "b")
        call.hung_up_by_device()
        return response_to(request, 200, source=(peer.host, peer.port))

    def _refused(self, message: SipMessage, peer: Peer) -> None:
        """Who proves to be no device of ours is told of by the address alone."""
        sender = user_of(message.headers.get("from" if isinstance(message, SipRequest) else "to"))
        known = self._devices.known_sender(sender, peer) is not None
        self._refusals.dropped(Identification, "gb28181", sender if known else "", peer.host)

    def _traced(self, direction: str, message: SipMessage, peer: Peer, octets: bytes) -> None:
        ours = user_of(message.headers.get("from")) == self._code
        code = user_of(message.headers.get("to" if ours else "from"))
        self._trace.add(code, direction, peer.transport, f"{peer.host}:{peer.port}", octets)


def _code_named(request: SipRequest) -> str:
    """Who it says it is, if that is a code at all: nothing else of a stranger's is repeated or kept."""
    named = user_of(request.headers.get("from"))
    return named if named.isascii() and named.isdigit() and len(named) <= LONGEST_CODE else ""
