"""What the room tells others."""

from __future__ import annotations

from dataclasses import dataclass

from fengsui.features.alarms import Alarm


@dataclass(frozen=True, slots=True)
class AlarmWorkChanged:
    """Somebody took an alarm, found what is the matter or closed it, or it waited too long. `owner`: the person's name."""

    id: int
    area: str
    camera_class: str
    state: str
    priority: int
    owner: str
    escalated: int
    raised: bool
    """It was just made more urgent, or work at all: to a desk it is as new."""


def changed(now: Alarm, *, raised: bool = False) -> AlarmWorkChanged:
    """Of an alarm as it is by now."""
    return AlarmWorkChanged(now.id, now.area, now.camera_class, now.state, now.priority, now.owner, now.escalated, raised)
