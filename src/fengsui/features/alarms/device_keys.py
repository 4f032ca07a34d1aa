"""By what an alarm of a device is known again: sent anew, or told both ways. Source: GB/T 28181-2022 A.2.5.3, §9.11."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from fengsui.features.alarms.device_meanings import event_of, type_of
from fengsui.wire.gb28181.alarm import AlarmNotification
from fengsui.wire.sip.headers import BEIJING

MOST: Final = 20_000
"""Alarms whose numbers are remembered, the latest."""
MOST_NUMBERS: Final = 64
"""Of one content; after them the clock of the device stands still, and its number alone tells its alarms apart."""


def time_of(said: str) -> float | None:
    """Seconds since 1970 of a device's time, which is that of China (§9.10); None where it cannot be read."""
    try:
        return datetime.fromisoformat(said[:19]).replace(tzinfo=BEIJING).timestamp()
    except (ValueError, OverflowError):
        return None


def _digest(*said: object) -> str:
    whole = json.dumps(["gb28181", *said], ensure_ascii=False)
    return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(slots=True)
class _Known:
    """One alarm: the numbers under which it was told, by MESSAGE and by NOTIFY."""

    key: str
    numbers: list[int | None]


class DeviceKeys:
    """A device that reports both ways numbers its MESSAGE and its NOTIFY apart: the first of the one is the first of the other,
    the second the second. So what is told twice joins, and two of one second told by one way stay two.

    An alarm's key is of its content, and of the way and the number by which it came first. What is remembered may be forgotten,
    by a start as well: then what is told the other way stands as an alarm of its own; never is one taken for another of its way.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[str, list[_Known]] = OrderedDict()
        """By content, in the order of their coming."""

    def key(self, device: str, alarm: AlarmNotification, *, notified: bool) -> str:
        """64 hexadecimal digits; the same for the same alarm. Its priority and position may differ between the ways."""
        at = time_of(alarm.time)
        said = [device, alarm.device_id, alarm.method, type_of(alarm), event_of(alarm), alarm.description]
        own = _digest(*said, alarm.time if at is None else at, alarm.sn, notified)
        if at is None:
            return own
        content = _digest(*said, at)
        known = self._known.setdefault(content, [])
        self._known.move_to_end(content)
        if len(self._known) > MOST:
            self._known.popitem(last=False)
        for one in known:
            if alarm.sn in one.numbers and one.numbers[notified] in (None, alarm.sn):
                one.numbers[notified] = alarm.sn
                return one.key
        for one in known:
            if one.numbers[notified] is None:  # it came the other way
                one.numbers[notified] = alarm.sn
                return one.key
        if len(known) < MOST_NUMBERS:
            known.append(_Known(own, [None, alarm.sn] if notified else [alarm.sn, None]))
        return own
