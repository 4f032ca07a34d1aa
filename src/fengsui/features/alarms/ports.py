"""What the room tells others."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AlarmReceived:
    """A new alarm is on disk; sent again, it is not told again. `priority`: 1 is the most urgent."""

    id: int
    area: str
    priority: int
    category: str
    change: str
    camera_class: str = ""
    """Of the camera that looks there, as it was then; empty: the area alone says who sees it."""
    shelved: bool = False
    """Its source is shelved: it is on disk, and no desk rings or opens its picture."""


@dataclass(frozen=True, slots=True)
class AlarmSilenceChanged:
    """More hosts count with an alarm about silence, or fewer."""

    id: int
    area: str


@dataclass(frozen=True, slots=True)
class WaitingAlarmHostsChanged:
    """An account that nobody has entered reports; told no more than every two seconds. `area`: the node's own."""

    area: str
