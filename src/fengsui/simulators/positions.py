"""Where a simulated device is: its subscription, as it was asked for. Source: GB/T 28181-2022 §9.11, A.2.5.8."""

from __future__ import annotations

import re
from typing import Final

from fengsui.simulators.alarm_line import AlarmLine, Reply
from fengsui.wire.sip.message import SipRequest

POSITIONS_WANTED: Final = b"<CmdType>MobilePosition</CmdType>"
_INTERVAL: Final = re.compile(rb"<Interval>\s*(\d{1,5})\s*</Interval>")


class PositionLine(AlarmLine):
    """One subscription at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.interval_s = 5
        """So often it says where it is: as it was asked, or as the standard has it."""

    def serve(self, request: SipRequest, reply: Reply, contact: str) -> None:
        """As for alarms."""
        if (asked := _INTERVAL.search(request.body)) is not None:
            self.interval_s = max(1, int(asked[1]))
        super().serve(request, reply, contact)
