"""How long people are on duty at a stretch, and how long they rest. Pure. Figures: the policy pack's `[duty]`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final, NamedTuple

from fengsui.errors import OperatorFault
from fengsui.features.policy import DutyRules, SignOnHours

HOUR_S: Final = 3600.0
HAND_OVER_S: Final = 30 * 60.0
"""Coming early and handing over make a shift longer, and a rest shorter, by so much at most: neither counts against anybody."""


class Span(NamedTuple):
    """Time on duty, in seconds since 1970."""

    since: float
    until: float


class NoRest(OperatorFault):
    """Whoever has been on duty as long as may be goes home first."""

    code = "duty.no_rest"
    rule = "5.4"
    status = 409
    zh = "您自 {since} 起未休满 {rest} 小时:连续值班不得超过 {longest} 小时"
    en = "You have not rested for {rest} hours since {since}, and nobody is on duty for more than {longest} hours at a stretch"
    remedy_zh = "可于 {again} 后签到;确需上岗的,由值班长按姓名准许延时并写明理由"
    remedy_en = "You may sign on after {again}; where it cannot wait, a duty supervisor permits it by name and with a reason"


class BeyondOvertime(OperatorFault):
    """Nobody extends a shift for ever."""

    code = "duty.beyond_overtime"
    rule = "5.4"
    status = 409
    zh = "{name} 至多可延至 {latest}:连续值班 {longest} 小时,延时合计不超过 {overtime} 小时"
    en = "{name} may go on until {latest} at the latest: {longest} hours at a stretch, extended by {overtime} hours in all"
    remedy_zh = "请安排他人接班"
    remedy_en = "Have somebody else take the seat over"


@dataclass(frozen=True, slots=True)
class Hours:
    """The policy's figures. `checked`: at signing on as well, not in rosters alone."""

    longest_s: float
    rest_s: float
    overtime_s: float
    checked: bool

    @classmethod
    def of(cls, rules: DutyRules) -> Hours:
        """As the pack in force says."""
        checked = rules.sign_on_hours is SignOnHours.CHECKED
        return cls(rules.shift_hours * HOUR_S, rules.rest_hours * HOUR_S, rules.overtime_hours * HOUR_S, checked)

    @property
    def looks_back_s(self) -> float:
        """No stretch that still counts began longer ago than this before the last shift in it ended."""
        return 2 * (self.longest_s + self.overtime_s + self.rest_s)

    def rest_too_short(self, one: Span, other: Span) -> bool:
        """Between two shifts of one person, unless both together last no longer than one."""
        together = max(one.until, other.until) - min(one.since, other.since)
        gap = max(one.since, other.since) - min(one.until, other.until)
        return gap < self.rest_s and together > self.longest_s

    def stretch(self, worked: Iterable[Span], at: float) -> list[Span]:
        """What lies before `at` without a rest between, the newest first."""
        found: list[Span] = []
        edge = at
        for one in sorted(worked, key=lambda span: span.until, reverse=True):
            if edge - one.until >= self.rest_s - HAND_OVER_S:
                break
            found.append(one)
            edge = min(edge, one.since)
        return found

    def last_moment(self, worked: Iterable[Span], at: float) -> float:
        """Until when somebody may be on duty who begins at `at`; before `at` when they may not begin."""
        stretch = self.stretch(worked, at)
        return (stretch[-1].since if stretch else at) + self.longest_s

    def rested_at(self, worked: Iterable[Span], at: float) -> float:
        """When a whole rest will be over."""
        return max((one.until for one in self.stretch(worked, at)), default=at) + self.rest_s - HAND_OVER_S

    def overtime_until(self, worked: Iterable[Span], at: float) -> float:
        """Until when a supervisor may have somebody stay, or come back, at `at`."""
        done = sum(max(0.0, min(one.until, at) - one.since) for one in self.stretch(worked, at))
        return at + self.longest_s + self.overtime_s - done

    def no_rest(self, worked: Iterable[Span], at: float, zone: tzinfo) -> NoRest:
        """The refusal of who begins too early."""
        stretch = self.stretch(worked, at)
        since = stretch[-1].since if stretch else at
        said = {"since": said_at(since, zone), "again": said_at(self.rested_at(stretch, at), zone)}
        return NoRest(**said, **self._figures())

    def beyond(self, name: str, latest: float, zone: tzinfo) -> BeyondOvertime:
        """The refusal of an extension that goes too far."""
        return BeyondOvertime(name=name, latest=said_at(latest, zone), **self._figures())

    def _figures(self) -> dict[str, str]:
        names = {"longest": self.longest_s, "rest": self.rest_s, "overtime": self.overtime_s}
        return {name: f"{seconds / HOUR_S:g}" for name, seconds in names.items()}


def said_at(at: float, zone: tzinfo) -> str:
    """A moment as people of the node read it, to the minute."""
    return f"{datetime.fromtimestamp(at, zone):%m-%d %H:%M}"
