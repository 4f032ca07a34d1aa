"""By what an alarm of a device is known again: sent anew, or told both ways. Source: GB/T 28181-2022 A.2.5.3, §9.11."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from datetime import datetime
from typing import Final

from fengsui.features.alarms.device_meanings import event_of, type_of
from fengsui.wire.gb28181.alarm import AlarmNotification
from fengsui.wire.sip.headers import BEIJING

MOST: Final = 20_000
"""Alarms whose numbers are remembered, the latest."""
MOST_NUMBERS: Final = 64
"""Of one content and one way; after them the clock of the device stands still, and its number alone tells its alarms apart."""


def time_of(said: str) -> float | None:
    """Seconds since 1970 of a device's time, which is that of China (§9.10); None where it cannot be read."""
    try:
        return datetime.fromisoformat(said[:19]).replace(tzinfo=BEIJING).timestamp()
    except (ValueError, OverflowError):
        return None


def _digest(*said: object) -> str:
    whole = json.dumps(["gb28181", *said], ensure_ascii=False)
    return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()


class DeviceKeys:
    """A device that reports both ways numbers its MESSAGE and its NOTIFY apart: the first of the one is the first of the other,
    the second the second. So what is told twice joins, and two of one second told by one way stay two.
    """

    def __init__(self) -> None:
        self._numbers: OrderedDict[str, tuple[list[int], list[int]]] = OrderedDict()
        """By content: the numbers that came by MESSAGE, and by NOTIFY."""

    def key(self, device: str, alarm: AlarmNotification, *, notified: bool) -> str:
        """64 hexadecimal digits; the same for the same alarm. Its priority and position may differ between the ways."""
        at = time_of(alarm.time)
        said = [device, alarm.device_id, alarm.method, type_of(alarm), event_of(alarm), alarm.description]
        if at is None:
            return _digest(*said, alarm.time, alarm.sn)
        content = _digest(*said, at)
        both = self._numbers.setdefault(content, ([], []))
        self._numbers.move_to_end(content)
        if len(self._numbers) > MOST:
            self._numbers.popitem(last=False)
        numbers = both[notified]
        if alarm.sn not in numbers:
            if len(numbers) >= MOST_NUMBERS:
                return _digest(content, "number", alarm.sn)
            numbers.append(alarm.sn)
        ordinal = numbers.index(alarm.sn)
        return _digest(content, ordinal) if ordinal else content
