"""What registers with the node: registration, liveness, the waiting list."""

from fengsui.features.devices.actions import Devices
from fengsui.features.devices.door import Claim, Door, Word
from fengsui.features.devices.model import DeviceState, Peer, Told, stream_attribute
from fengsui.features.devices.ports import (
    Call,
    DeviceCameOnline,
    DeviceChanged,
    DeviceWentOffline,
    NoAnswer,
    Refused,
    Signalling,
    SignallingFault,
    UnknownDevice,
    WaitingChanged,
)

__all__ = [
    "Call",
    "Claim",
    "DeviceCameOnline",
    "DeviceChanged",
    "DeviceState",
    "DeviceWentOffline",
    "Devices",
    "Door",
    "NoAnswer",
    "Peer",
    "Refused",
    "Signalling",
    "SignallingFault",
    "Told",
    "UnknownDevice",
    "WaitingChanged",
    "Word",
    "stream_attribute",
]
