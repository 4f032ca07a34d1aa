"""Answers to devices' alarms: 200 and Response/Alarm say that the alarm was taken over, so they leave when it is on disk.

A device that gets neither sends again. Source: GB/T 28181-2022 §9.4 (flow), A.2.5.3, A.2.6.2. By NOTIFY (§9.11) the 200 is all.
"""

from __future__ import annotations

import asyncio
from collections import Counter as Counted
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, Protocol

import structlog
from prometheus_client import Counter

from fengsui.features.alarms import MALFORMED_DEVICE_ALARMS
from fengsui.features.devices import DeviceState, Peer, SignallingFault
from fengsui.transports.alarm_resets import AlarmResets
from fengsui.transports.sip_endpoint import SipEndpoint
from fengsui.wire.gb28181.alarm import AlarmMethod, AlarmNotification
from fengsui.wire.gb28181.control import ResultAnswer
from fengsui.wire.gb28181.manscdp import Manscdp, OtherCommand
from fengsui.wire.sip.headers import response_to
from fengsui.wire.sip.message import SipRequest, SipResponse

log = structlog.get_logger(__name__)
MOST: Final = 2_000
MOST_OF_ONE: Final = 32
"""Under way: to a device that answers none of them no more are sent; its 200 has said it already."""
UNSAID = Counter("fengsui_device_alarm_responses_dropped_total", "Response/Alarm not sent because too many were under way")


class TakeOver(Protocol):
    """Where alarms go."""

    def __call__(self, device: DeviceState, alarm: AlarmNotification, done: Callable[[bool], None], *, notified: bool) -> None:
        """`done` is called once, with whether it is on disk."""


def is_broken_alarm(body: Manscdp) -> bool:
    """An alarm of which only the head can be read."""
    return isinstance(body, OtherCommand) and (body.root, body.command) == ("Notify", "Alarm")


class AlarmAnswers:
    """`message` sends a body to a device."""

    def __init__(
        self, endpoint: SipEndpoint, message: Callable[[DeviceState, Manscdp], Awaitable[None]], next_sn: Callable[[], int]
    ) -> None:
        self._endpoint = endpoint
        self.resets = AlarmResets(message, next_sn)
        self._message = message
        self.take_over: TakeOver = lambda device, alarm, done, notified: done(False)
        self.on_stored: Callable[[DeviceState, AlarmNotification], None] = lambda *_: None
        """Told of an alarm that is on disk, and anew when it comes again."""
        self._saying: set[asyncio.Task[None]] = set()
        self._of: Counted[str] = Counted()

    def take(
        self, device: DeviceState, alarm: AlarmNotification, request: SipRequest, peer: Peer, answer: SipResponse, *, notified: bool
    ) -> None:
        """`answer` leaves when the alarm is on disk. Where it cannot be, over UDP nothing does and the device repeats its request;
        over a connection it would not, and is told to try later.
        """

        def done(stored: bool) -> None:
            if not stored and peer.transport == "UDP":
                self._endpoint.forget(request, peer)
                return
            source = (peer.host, peer.port)
            self._endpoint.reply(request, answer if stored else response_to(request, 503, source=source, to_tag="x"), peer)
            if stored:
                if not notified:
                    self.tell(device, ResultAnswer("Alarm", alarm.sn, alarm.device_id, accepted=True))
                if alarm.method == AlarmMethod.DEVICE:
                    self.resets.owe(device)
                self.on_stored(device, alarm)

        self.take_over(device, alarm, done, notified=notified)

    def refuse(self, device: DeviceState, body: OtherCommand, *, notified: bool) -> None:
        """It cannot be read, and is no better when it comes again: it is answered and not stored."""
        MALFORMED_DEVICE_ALARMS.inc()
        log.warning("an alarm of a device cannot be read", device=device.code)
        if not notified:
            self.tell(device, ResultAnswer("Alarm", body.sn, body.device_id or device.code, accepted=False))

    def tell(self, device: DeviceState, body: Manscdp) -> None:
        """In a message of its own."""
        if len(self._saying) >= MOST or self._of[device.code] >= MOST_OF_ONE:
            UNSAID.inc()
            return
        self._of[device.code] += 1
        task = asyncio.create_task(self._say(device, body))
        self._saying.add(task)
        task.add_done_callback(self._saying.discard)

    async def _say(self, device: DeviceState, body: Manscdp) -> None:
        try:
            with suppress(SignallingFault):  # it has its 200; if it tells the alarm again, it joins
                await self._message(device, body)
        finally:
            self._of[device.code] -= 1
            if not self._of[device.code]:
                del self._of[device.code]
