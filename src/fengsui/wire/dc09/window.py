"""How far the time of an encrypted frame may be from ours (ANSI/SIA DC-09): there is no other guard against replays."""

from __future__ import annotations

from datetime import datetime
from typing import Final

OLD_S: Final = 40.0
AHEAD_S: Final = 20.0


def in_window(sent_at: datetime, now: datetime) -> bool:
    """Not older than 40 s, not more than 20 s ahead."""
    return -AHEAD_S <= (now - sent_at).total_seconds() <= OLD_S
