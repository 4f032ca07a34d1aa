"""Whether hosts are armed, as their openings and closings told. Pure. Times: seconds since 1970.

Only what a host itself reported counts (SIA DC-09): a device of GB/T 28181 tells no state that could be relied on.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from fengsui.features.alarms.model import Alarm

CLOSINGS: Final = frozenset(["CL", "CA", "CG", "CP", "CQ", "CS", "CF", "CR", "CK", "CJ"])
OPENINGS: Final = frozenset(["OP", "OA", "OG", "OQ", "OS", "OR", "OK", "OJ"])
"""Of SIA (DC-03): of an account or one of its areas. Of a single zone (CZ, OZ), and those that did not come about (CI, OI), are
none."""
CONTACT_ID: Final = frozenset(["400", "401", "402", "403", "407", "408", "409", "441", "442"])
"""Of Contact ID (DC-05): an event is an opening, a restoral a closing."""
CODES: Final = (*sorted(CLOSINGS), *sorted(OPENINGS), *sorted(CONTACT_ID))


def told(code_table: str, code: str, change: str) -> bool | None:
    """Whether an event says that the host is armed from here on; None: it says nothing of that."""
    if code_table == "sia":
        return True if code in CLOSINGS else False if code in OPENINGS else None
    if code_table == "cid" and code in CONTACT_ID:
        return change == "restored"
    return None


class State(NamedTuple):
    """Armed, or not, since then."""

    armed: bool
    since: float


class Armed:
    """As of the last event that was told. Events are told in their order."""

    def __init__(self, before: Iterable[Alarm] = ()) -> None:
        self._of: dict[str, dict[str, State]] = {}
        """By account and partition; no partition: all of it. What stands there is replaced, and never changed."""
        for alarm in before:
            self.note(alarm)

    def copy(self) -> Armed:
        """For a page that may have to begin again."""
        made = Armed()
        made._of = dict(self._of)
        return made

    def note(self, alarm: Alarm) -> None:
        """What it says holds for it too."""
        state = told(alarm.code_table, alarm.code, alarm.change)
        if state is not None:
            self.set(alarm.account, alarm.section, armed=state, at=alarm.first_at)

    def set(self, account: str, section: str, *, armed: bool, at: float) -> None:
        """What a whole account says ends what its partitions said."""
        section = section.lstrip("0")
        all_of_it = self._of.get(account, {})
        was = all_of_it.get(section, all_of_it.get(""))
        state = was if was is not None and was.armed == armed else State(armed, at)
        self._of[account] = {section: state} if section == "" else {**all_of_it, section: state}

    def of(self, account: str, section: str) -> bool | None:
        """Of a partition; None: the host told nothing of it."""
        all_of_it = self._of.get(account, {})
        found = all_of_it.get(section.lstrip("0"), all_of_it.get(""))
        return None if found is None else found.armed

    def whole(self, account: str) -> State | None:
        """Armed where all of it is that was told of; else since the first of it was not. None: nothing was told."""
        states = self._of.get(account, {}).values()
        if not states:
            return None
        since = [one.since for one in states if not one.armed]
        return State(False, min(since)) if since else State(True, max(one.since for one in states))

    def forget(self, account: str) -> None:
        """It is gone."""
        self._of.pop(account, None)
