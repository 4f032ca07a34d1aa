"""What the room tells others."""

from __future__ import annotations

from dataclasses import dataclass


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
