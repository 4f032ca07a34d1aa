"""Which points are armed now: as their host told, and where it told nothing as they are to be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fengsui.features.alarms.armed import Armed, told
from fengsui.features.alarms.arming import MINUTE_S, follows_arming
from fengsui.features.alarms.model import Alarm, AlarmHost, AlarmPoint
from fengsui.features.recording import Calendar, Hours
from fengsui.wire.dc09.events import Report


class Schedules:
    """Of one node."""

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self.armed = Armed()
        self._keys: dict[str, tuple[str, str]] = {}
        """By account: of its last two frames that told of arming. One that comes again over a bad line says nothing new."""
        self._touched: set[str] = set()
        self._minute, self._moment = 0, calendar.moment(0)

    def take_in(self, before: Sequence[Alarm], hosts: Mapping[str, AlarmHost]) -> None:
        """What hosts told before the node began; nothing of another that had the account."""
        for one in before:
            host = hosts.get(one.account)
            if host is not None and one.first_at >= host.made_at:
                self.armed.note(one)

    def hear(self, host: AlarmHost, report: Report, at: float) -> None:
        """What it tells from here on."""
        state = told(report.table, report.code, report.change.value)
        if state is not None:
            self.armed.set(host.account, report.area, armed=state, at=at)
            self._touched.add(host.account)

    def is_new(self, account: str, key: str, reports: Sequence[Report]) -> bool:
        """Whether this frame tells of arming, and is none of the last two of its account that did."""
        last = self._keys.get(account, ("", ""))
        if key in last or all(told(one.table, one.code, one.change.value) is None for one in reports):
            return False
        self._keys[account] = (last[1], key)
        return True

    def touch(self, account: str) -> None:
        """When it is to be armed is another."""
        self._touched.add(account)

    def take_touched(self) -> set[str]:
        """Accounts that told something of their arming since the last time."""
        touched, self._touched = self._touched, set()
        return touched

    def forget(self, account: str) -> None:
        """It is gone."""
        self._touched.add(account)
        self.armed.forget(account)
        self._keys.pop(account, None)

    @staticmethod
    def of(host: AlarmHost, point: AlarmPoint | None) -> Sequence[Hours] | None:
        """When a point is to be armed: by its own hours, else by its host's; None: nobody said."""
        if point is not None and point.arming is not None:
            return point.arming
        return None if host.arming is None else host.arming.hours

    def is_due(self, hours: Sequence[Hours], at: float) -> bool:
        """Whether something is to be armed then."""
        minute = int(at // MINUTE_S)
        if minute != self._minute:
            self._minute, self._moment = minute, self.calendar.moment(at)
        return self._moment.within(hours)

    def is_armed(self, host: AlarmHost, section: str, point: AlarmPoint | None, at: float) -> bool | None:
        """As the host told of its partition; where it told nothing, as it is to be. In hours of its own a point is armed, whatever
        the host told: a vault in a bank that is open. None: nobody said when.
        """
        return self._stands(host, self.armed.of(host.account, section), point, at)

    def stands(self, host: AlarmHost, point: AlarmPoint, at: float) -> bool | None:
        """As `is_armed`, where nobody can say in which partition it is before it tells something: of all of them together."""
        state = self.armed.whole(host.account)
        return self._stands(host, None if state is None else state.armed, point, at)

    def _stands(self, host: AlarmHost, told: bool | None, point: AlarmPoint | None, at: float) -> bool | None:
        hours = self.of(host, point)
        is_own = point is not None and point.arming is not None
        if hours is None or (told is not None and not is_own):
            return told
        return told is True or self.is_due(hours, at)

    def scheduled(self, host: AlarmHost, alarm: Alarm) -> bool | None:
        """Whether what it tells of was to be armed when it came; None: nobody said."""
        hours = self.of(host, next((one for one in host.points.values() if one.id == alarm.point_id), None))
        return None if hours is None else self.calendar.moment(alarm.first_at).within(hours)

    def rings(self, host: AlarmHost, point: AlarmPoint | None, report: Report, at: float) -> bool:
        """Whether an event of it is taken as it is. Where nobody said when it is to be armed, it always is."""
        if not follows_arming(report, point) or self.of(host, point) is None:
            return True
        return self.is_armed(host, report.area, point, at) is not False
