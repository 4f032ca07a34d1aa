"""Whether a host was armed when an alarm came, as its openings and closings told. Pure.

Only what a host itself reported counts (SIA DC-09): a device of GB/T 28181 tells no state that could be relied on.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from fengsui.features.alarm_rules.model import Rule
from fengsui.features.alarms import Alarm

CLOSINGS: Final = frozenset(["CL", "CA", "CG", "CP", "CQ", "CS", "CF", "CR", "CK", "CJ"])
OPENINGS: Final = frozenset(["OP", "OA", "OG", "OQ", "OS", "OR", "OK", "OJ"])
"""Of SIA (DC-03): of an account or one of its areas. Of a single zone (CZ, OZ), and those that did not come about (CI, OI), are
none."""
CONTACT_ID: Final = frozenset(["400", "401", "402", "403", "407", "408", "409", "441", "442"])
"""Of Contact ID (DC-05): an event is an opening, a restoral a closing."""
CODES: Final = (*sorted(CLOSINGS), *sorted(OPENINGS), *sorted(CONTACT_ID))
Place = tuple[str, str]
"""Account and partition; no partition: all of it."""


def told(alarm: Alarm) -> bool | None:
    """Whether it says that the host is armed from here on; None: it says nothing of that."""
    if alarm.code_table == "sia":
        return True if alarm.code in CLOSINGS else False if alarm.code in OPENINGS else None
    if alarm.code_table == "cid" and alarm.code in CONTACT_ID:
        return alarm.change == "restored"
    return None


def _place(alarm: Alarm) -> Place:
    return alarm.account, alarm.section.lstrip("0")


class Armed:
    """As of the last alarm that was told. Alarms are told in the order of their numbers."""

    def __init__(self, before: Iterable[Alarm] = ()) -> None:
        self._states: dict[Place, bool] = {}
        for alarm in before:
            self.note(alarm)

    def copy(self) -> Armed:
        """For a page that may have to begin again."""
        made = Armed()
        made._states = dict(self._states)
        return made

    def note(self, alarm: Alarm) -> None:
        """What it says holds for it too. That of a whole account ends what its partitions said."""
        state = told(alarm)
        if state is None:
            return
        account, section = _place(alarm)
        if section == "":
            for place in [one for one in self._states if one[0] == account]:
                del self._states[place]
        self._states[account, section] = state

    def holds(self, rule: Rule, alarm: Alarm) -> bool:
        """Whether the host is as the rule wants it; one that told of neither is not."""
        wanted = rule.definition.when.armed
        if wanted is None:
            return True
        account, section = _place(alarm)
        state = self._states.get((account, section), self._states.get((account, "")))
        return state is not None and state == (wanted == "armed")
