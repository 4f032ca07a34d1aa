"""Whose life and whose state a heartbeat tells. Pure. Source: GB/T 28181-2022 §9.6.1, annex A (notification `Keepalive`)."""

from __future__ import annotations

from enum import StrEnum

from prometheus_client import Counter

from fengsui.features.devices.model import DeviceState
from fengsui.wire.gb_code import CodeKind, kind_of

KEEPALIVES = Counter("fengsui_keepalives_total", "Keep-alives by outcome", ["outcome"])
OK, UNKNOWN, CONFLICT, OF_ANOTHER = (KEEPALIVES.labels(outcome) for outcome in ("ok", "unknown", "conflict", "of another"))


class Meaning(StrEnum):
    """What a heartbeat says of its sender."""

    OWN = "own"
    """Its life and its state."""
    LIFE = "life"
    """Its life alone; the state is of another."""
    NOTHING = "nothing"


def names_itself(named: str, sender: str) -> bool:
    """Whether a heartbeat is of its sender by its own words."""
    return named in ("", sender)


def meaning_of(named: str, sender: DeviceState, other: DeviceState | None) -> Meaning:
    """Of a heartbeat with this `DeviceID`. `other`: the device that has this code, if one has.

    Each device tells of itself: the device to its server, the lower platform to its upper one (§9.6.1). Who names another is

    - a camera that names its channel, or nothing that there is, in each heartbeat: there is no other sign that it is alive;
    - a recorder that does so with a channel which is a device here as well, or has a platform's code: none either. What it reports
      is its own, unless the named device is here by itself; of what has a platform's code, we do not know;
    - a lower platform that passes on those of its devices beside its own. They are not its state, and must not keep it online
      when its own have ceased: its link upwards may be all that still works.

    Which of them it is, its own heartbeats tell, since it has started: who sends them means another where it names one. A platform
    that never sends one is kept online by what it passes on, for it is heard; it were offline for ever otherwise.
    """
    platform = kind_of(sender.code) is CodeKind.PLATFORM
    if names_itself(named, sender.code) or (other is None and not platform):
        return Meaning.OWN
    if sender.names_itself:
        return Meaning.NOTHING
    return Meaning.LIFE if platform or (other is not None and other.online) else Meaning.OWN
