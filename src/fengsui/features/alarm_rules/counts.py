"""How often alarms of one source came within the time of a rule. Pure."""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import Final

from fengsui.features.alarm_rules.model import Rule
from fengsui.features.alarms import Alarm

MOST_SOURCES: Final = 20_000


class Counts:
    """How often each source of alarms came within a rule's time. Alarms are told in the order of their numbers; one that is told
    again counts once."""

    def __init__(self) -> None:
        self._seen: OrderedDict[tuple[object, ...], deque[tuple[int, float]]] = OrderedDict()

    def reached(self, rule: Rule, alarm: Alarm) -> bool:
        """Whether there are as many as the rule wants, with this one."""
        wanted = rule.definition.when.repeats
        if wanted is None:
            return True
        source = (rule.id, rule.version, alarm.account, alarm.device, alarm.section, alarm.number, alarm.code, alarm.alarm_type)
        seen = self._seen.setdefault(source, deque(maxlen=wanted.count))
        self._seen.move_to_end(source)
        if len(self._seen) > MOST_SOURCES:
            self._seen.popitem(last=False)
        if not seen or seen[-1][0] < alarm.id:
            seen.append((alarm.id, alarm.first_at))
        return len(seen) == wanted.count and alarm.first_at - seen[0][1] <= wanted.within_s
