"""Whether what an alarm tells of was armed, as a rule wants it: as the host told last, else as it was to be. Pure."""

from __future__ import annotations

from collections.abc import Callable

from fengsui.features.alarm_rules.model import Rule
from fengsui.features.alarms import Alarm, Armed

Scheduled = Callable[[Alarm], bool | None]
"""Whether what an alarm tells of was to be armed when it came; None: nobody said."""


def is_as_wanted(rule: Rule, alarm: Alarm, armed: Armed, scheduled: Scheduled) -> bool:
    """One whose host told of neither, and for which nobody said when it is to be armed, is neither."""
    wanted = rule.definition.when.armed
    if wanted is None:
        return True
    state = armed.of(alarm.account, alarm.section)
    if state is None:
        state = scheduled(alarm)
    return state is not None and state == (wanted == "armed")
