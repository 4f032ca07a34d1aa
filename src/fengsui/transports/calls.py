"""Calls towards devices: answered INVITEs, and those whose answer nobody awaits any longer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from fengsui.features.devices import DeviceOffline, DeviceState, Peer, Refused, SignallingFault
from fengsui.transports.sip_endpoint import SipEndpoint
from fengsui.wire.errors import WireError
from fengsui.wire.mansrtsp import CONTENT_TYPE, MansrtspRequest, MansrtspResponse
from fengsui.wire.sdp import SessionDescription
from fengsui.wire.sip.dialogs import Dialog
from fengsui.wire.sip.message import SipRequest, SipResponse

GOODBYE_S = 4.0


@dataclass(slots=True)
class GivenUp:
    """An INVITE whose answer nobody awaits any longer; the device may still be working on it."""

    device: DeviceState
    invite: SipRequest
    cancelled: bool


class Call:
    """One answered INVITE. `called`: where; None for one of before the node's start, as is `answer`."""

    def __init__(
        self,
        endpoint: SipEndpoint,
        forget: Callable[[Call], None],
        device: DeviceState,
        dialog: Dialog,
        called: Peer | None,
        answer: SipResponse | None,
    ) -> None:
        self._endpoint = endpoint
        self._forget = forget
        self._device = device
        self._called = called
        self.dialog = dialog
        self.call_id = dialog.call_id
        self.ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.sent = asyncio.Event()
        self.of_recordings = False
        """It asks for what was recorded, not for live pictures."""
        self.answer: SessionDescription | None = None
        if answer is not None and answer.body:
            with suppress(WireError):
                self.answer = SessionDescription.parse(answer.body)

    @property
    def device(self) -> str:
        """Its code."""
        return self._device.code

    @property
    def _peer(self) -> Peer | None:
        """Where the device is now: NAT gives it another port, or it has gone over to TCP, since it was called."""
        device = self._device
        return device.peer if device.online and device.peer is not None else self._called

    def acknowledge(self) -> None:
        """ACK of the 200 (a new transaction, §13.2.2.4)."""
        peer = self._peer
        if peer is not None:
            self._endpoint.send(self.dialog.acknowledgement(self._endpoint.via(peer)), peer)

    async def order(self, order: MansrtspRequest) -> MansrtspResponse | None:
        """INFO (annex B); None where the 200 says nothing that can be read. Raises NoAnswer, Refused, DeviceOffline."""
        peer = self._peer
        if peer is None or self.ended.done():
            raise DeviceOffline()
        request = self.dialog.request("INFO", self._endpoint.via(peer), (("content-type", CONTENT_TYPE),), order.to_bytes())
        answer = await self._endpoint.request(request, peer)
        if answer.status >= 300:
            raise Refused(sip_status=answer.status, reason=answer.reason)
        with suppress(WireError):
            found = MansrtspResponse.parse(answer.body)
            if not found.accepted:
                raise Refused(sip_status=found.status, reason=found.reason)
            return found
        return None

    async def hang_up(self) -> bool:
        """BYE; never raises, idempotent. Whether the device knows that the call is over."""
        if self.ended.done():
            return True
        self.ended.set_result("hung up")
        self._forget(self)
        return await self.hang_up_again()

    async def hang_up_again(self) -> bool:
        """Another BYE for a device that sends on; never raises. Whether it was answered, be it that there is no such call."""
        peer = self._peer
        if peer is None:
            return False
        try:
            await self._endpoint.request(self.dialog.request("BYE", self._endpoint.via(peer)), peer, timeout_s=GOODBYE_S)
        except SignallingFault:
            return False
        return True

    async def say_goodbye(self) -> None:
        """As `hang_up`, for whoever does not ask what became of it."""
        await self.hang_up()

    def hung_up_by_device(self) -> None:
        """A BYE came."""
        if not self.ended.done():
            self.ended.set_result("device hung up")
        self._forget(self)
