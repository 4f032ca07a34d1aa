"""What higher floors implement for the features, the faults of signalling, and the news about devices."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from typing import Protocol

from fengsui.errors import OperatorFault, PeerFault
from fengsui.features.devices.model import DeviceState
from fengsui.wire.gb28181.manscdp import Manscdp
from fengsui.wire.mansrtsp import MansrtspRequest, MansrtspResponse
from fengsui.wire.sdp import SessionDescription
from fengsui.wire.sip.dialogs import Dialog


class SignallingFault(PeerFault):
    """A device did not do what it was asked over SIP."""

    code = "signalling.fault"


class AnswerTooLarge(SignallingFault):
    """More came than one query may gather."""

    code = "signalling.answer_too_large"
    status = 502
    zh = "设备对 {command} 的应答超出限额,已停止接收"
    en = "The device answers {command} with more than is taken"
    remedy_zh = "检查设备;确需更多时调大 signalling.max_answer_mb"
    remedy_en = "Look at the device; where it is needed, raise signalling.max_answer_mb"


class NoAnswer(SignallingFault):
    """Nothing came back in time."""

    code = "signalling.no_answer"
    status = 504
    zh = "设备无应答({peer})"
    en = "The device does not answer ({peer})"
    remedy_zh = "检查设备电源和网络,确认设备能访问本节点的 SIP 端口"
    remedy_en = "Check the device's power and network, and that it reaches this node's SIP port"


class Refused(SignallingFault):
    """A final answer of 300 or more."""

    code = "signalling.refused"
    zh = "设备拒绝请求:{sip_status} {reason}"
    en = "The device refused: {sip_status} {reason}"
    remedy_zh = "查看该设备的信令记录;486 表示并发路数已满,404 表示通道编码不存在"
    remedy_en = "Look at the device's trace; 486 means no more streams, 404 an unknown channel code"


class DeviceOffline(SignallingFault):
    """There is no way to the device now."""

    code = "device.offline"
    status = 409
    zh = "设备不在线"
    en = "The device is offline"
    remedy_zh = "等待设备重新注册,或检查设备网络"
    remedy_en = "Wait until it registers again, or check its network"


class UnknownDevice(OperatorFault):
    """No device of this code is known."""

    code = "device.unknown"
    status = 404
    zh = "没有编码为 {device} 的设备"
    en = "No device has the code {device}"
    remedy_zh = "检查编码;新设备在“待接入设备”中"
    remedy_en = "Check the code; a new device stands in the waiting list"


class Call(Protocol):
    """One INVITE dialog that was answered."""

    @property
    def answer(self) -> SessionDescription | None:
        """What the device will send; None when its 200 had no description."""
        ...

    @property
    def ended(self) -> asyncio.Future[str]:
        """Resolved with the reason when the device hangs up."""
        ...

    @property
    def dialog(self) -> Dialog:
        """What its BYE needs."""
        ...

    @property
    def sent(self) -> asyncio.Event:
        """Set when the device says that a recording was sent to its end."""
        ...

    async def order(self, order: MansrtspRequest) -> MansrtspResponse | None:
        """Steers a playback; None where the device says no more than that it has heard. Raises SignallingFault."""
        ...

    async def hang_up(self) -> bool:
        """BYE; never raises, idempotent. Whether the device knows that the call is over."""
        ...

    async def hang_up_again(self) -> bool:
        """BYE once more, for a device that sends on all the same; never raises. Whether it was answered."""
        ...


class Signalling(Protocol):
    """SIP towards devices. Each method raises SignallingFault."""

    async def message(self, device: DeviceState, body: Manscdp) -> None:
        """A MESSAGE whose SIP answer is all that comes."""
        ...

    async def query(self, device: DeviceState, body: Manscdp, *, timeout_s: float = 10.0) -> Manscdp:
        """A MESSAGE and its one business answer, found by SN."""
        ...

    def collect(
        self, device: DeviceState, body: Manscdp, *, first_s: float, next_s: Callable[[], float]
    ) -> AsyncGenerator[Manscdp, None]:
        """A MESSAGE and its many answers; ends by silence alone: `first_s` to the first, then as long as `next_s` says each
        time that nothing lies there (0: what came is all)."""
        ...

    async def invite(self, device: DeviceState, channel: str, offer: SessionDescription, *, timeout_s: float = 10.0) -> Call:
        """Asks for a stream."""
        ...

    def recall(self, device: DeviceState, dialog: Dialog) -> Call:
        """A call that was answered before the node was started; all that can be done with it is to end it."""
        ...

    async def subscribe(self, device: DeviceState, body: Manscdp, *, package: str, expires_s: int) -> int:
        """Asks for notifications (`Catalog`), or renews what was asked for; seconds granted, 0: none."""
        ...

    def forget_subscriptions(self, code: str, package: str) -> None:
        """What this device granted is void; the next one begins anew."""
        ...

    def local_address(self, device: DeviceState) -> str:
        """Our address as this device is told it."""
        ...

    def next_sn(self) -> int:
        """A new SN for a body."""
        ...


@dataclass(frozen=True, slots=True)
class DeviceCameOnline:
    """Registered, or came back. `restarted`: it had been known and began a new registration dialog."""

    code: str
    restarted: bool


@dataclass(frozen=True, slots=True)
class DeviceWentOffline:
    """`reason`: silent, expired, unregistered, disconnected."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class DeviceChanged:
    """Facts about the device changed."""

    code: str


@dataclass(frozen=True, slots=True)
class WaitingChanged:
    """The waiting list changed."""

    code: str
