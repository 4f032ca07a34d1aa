"""What the room tells others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class AlarmShelfChanged:
    """Something was shelved, a shelf was lifted by somebody, or ended at its time.

    `alarms`: so many left the queue, or came back to it together; `priority`: of the most urgent of them, 0: there is none.
    """

    id: int
    area: str
    camera_class: str
    change: Literal["shelved", "lifted", "ended"]
    alarms: int
    priority: int
