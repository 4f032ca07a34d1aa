"""What registers with the node: registration, liveness, the waiting list."""

from fengsui.features.devices.actions import Devices
from fengsui.features.devices.door import Claim, Word
from fengsui.features.devices.endpoints import KeepaliveLimits, router
from fengsui.features.devices.model import DeviceState, Peer, Status, Told, stream_attribute
from fengsui.features.devices.ports import (
    AnswerTooLarge,
    Call,
    DeviceCameOnline,
    DeviceChanged,
    DeviceOffline,
    DeviceWentOffline,
    NoAnswer,
    Refused,
    Signalling,
    SignallingFault,
    UnknownDevice,
    WaitingChanged,
)
from fengsui.features.devices.queries import ADDRESSES as DEVICE_ADDRESSES
from fengsui.features.devices.shares import Shares

__all__ = [
    "DEVICE_ADDRESSES",
    "AnswerTooLarge",
    "Call",
    "Claim",
    "DeviceCameOnline",
    "DeviceChanged",
    "DeviceOffline",
    "DeviceState",
    "DeviceWentOffline",
    "Devices",
    "KeepaliveLimits",
    "NoAnswer",
    "Peer",
    "Refused",
    "Shares",
    "Signalling",
    "SignallingFault",
    "Status",
    "Told",
    "UnknownDevice",
    "WaitingChanged",
    "Word",
    "router",
    "stream_attribute",
]
