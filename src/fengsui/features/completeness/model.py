"""Seconds due, recorded and missing, and what is known of why. Pure. Source: measure M5: gaps of more than 30 s count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from fengsui.errors import OperatorFault
from fengsui.features.recording import Calendar, Hours, Period, Piece

COUNTS_S: Final = 30.0
"""A shorter gap is none: a device that is called anew, a stream that changes its codec."""
SLIVER_S: Final = 12.0
"""What is known is looked at so often: a rest of a gap that is no longer belongs to what stands beside it."""
MINUTE_S: Final = 60.0

LEAP_S: Final = 3 * 86_400.0
"""A longer time that no run of the node saw: it was down, or the clock was set."""
SEEN_S: Final = 7 * 86_400.0
"""Behind a leap the node lives so long until its clock is believed: somebody would have seen it on the wall."""

Cause = Literal["device", "node", "disk", "line", "unknown"]
CAUSES: Final[tuple[Cause, ...]] = ("device", "node", "disk", "line", "unknown")


class Span(NamedTuple):
    """Seconds since 1970."""

    since: float
    until: float


class Reason(NamedTuple):
    """Why there may be nothing in this time."""

    cause: Cause
    since: float
    until: float


class Day(NamedTuple):
    """A day of the node's zone: 23 or 25 hours where the clocks change. Seconds since 1970."""

    name: str
    since: float
    until: float


class Gap(NamedTuple):
    """Due and not recorded, in parts by cause, ascending."""

    since: float
    until: float
    parts: tuple[Reason, ...]
    stream: str = ""
    """As the footage calls it."""


@dataclass(frozen=True, slots=True)
class DayFacts:
    """One camera's day. `missing`: seconds by cause, of gaps that count; `filled_s`: seconds due that its device recorded and the
    node did not.
    """

    day: str
    due_s: float
    gaps: int
    missing: Mapping[Cause, float]
    filled_s: float = 0.0

    @property
    def missing_s(self) -> float:
        """In all."""
        return sum(self.missing.values())


class UnusableDay(OperatorFault):
    """No day that can be asked about."""

    code = "completeness.day"
    status = 422
    zh = "日期无效:{day}"
    en = "This day cannot be asked about: {day}"
    remedy_zh = "请选择近 {kept} 天内的日期,格式为 年-月-日"
    remedy_en = "Give one of the last {kept} days as year-month-day"


@lru_cache(maxsize=4_096)
def day_of(zone: tzinfo, day: date) -> Day:
    """From midnight to midnight by the clock on the wall."""
    begin, end = (datetime(one.year, one.month, one.day, tzinfo=zone).timestamp() for one in (day, day + timedelta(days=1)))
    return Day(day.isoformat(), begin, end)


def days_between(zone: tzinfo, since: float, until: float) -> list[Day]:
    """Every day that has a moment of it, ascending."""
    day, found = datetime.fromtimestamp(since, zone).date(), list[Day]()
    while (one := day_of(zone, day)).since < until:
        found.append(one)
        day += timedelta(days=1)
    return found


def has_leapt(runs: Sequence[Span], now: float) -> bool:
    """Whether the clock may be wrong, by when the node is known to have lived (ascending): it was set forward, or the node was down
    for long, and it has not lived long since. What begins after now is of a clock that was ahead before. A34."""
    seen_s, later = 0.0, now
    for run in reversed([run for run in runs if run.since <= now]):
        if later - run.until > LEAP_S:
            return seen_s < SEEN_S
        seen_s += max(0.0, min(later, run.until) - run.since)
        later = min(later, run.since)
    return False


class DueHours:
    """When schedules record, minute by minute as the recorder asks the calendar; kept, for many cameras share few schedules."""

    MOST: Final = 20_000

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._kept: dict[tuple[tuple[Hours, ...], str], list[Span]] = {}

    def of(self, pieces: Iterable[Piece], day: Day, until: float, periods: Sequence[Period] = ()) -> dict[str, list[Span]]:
        """Stream → due spans of a day, up to `until`. `periods`: when something happened; on event nothing else is due."""
        found: dict[str, list[Span]] = {}
        for piece in pieces:
            plan = piece.plan
            begin, end = max(day.since, plan.set_at), min(day.until, piece.until, until)
            if begin >= end or plan.mode == "off":
                continue
            if plan.mode == "always":
                found.setdefault(plan.name, []).append(Span(begin, end))
                continue
            if plan.mode == "event":
                whole = _merged(Span(one.since, one.until) for one in periods if one.name == plan.name)
            else:
                whole = self._scheduled(plan.hours, day)
            found.setdefault(plan.name, []).extend(clipped(whole, begin, end))
        return found

    def _scheduled(self, hours: tuple[Hours, ...], day: Day) -> list[Span]:
        known = self._kept.get((hours, day.name))
        if known is not None:
            return known
        spans: list[Span] = []
        at = day.since
        while at < day.until:
            if self._calendar.moment(at).within(hours):
                if spans and spans[-1].until == at:
                    spans[-1] = Span(spans[-1].since, at + MINUTE_S)
                else:
                    spans.append(Span(at, at + MINUTE_S))
            at += MINUTE_S
        if len(self._kept) >= self.MOST:
            self._kept.clear()
        self._kept[hours, day.name] = spans
        return spans


def clipped(spans: Iterable[Span], since: float, until: float) -> list[Span]:
    """What of them lies between two times."""
    cut = (Span(max(one.since, since), min(one.until, until)) for one in spans)
    return [one for one in cut if one.since < one.until]


def within(spans: Sequence[Span], bounds: Sequence[Span]) -> list[Span]:
    """What of spans lies in bounds."""
    return [part for bound in bounds for part in clipped(spans, *bound)]


def without(spans: Iterable[Span], taken: Iterable[Span]) -> list[Span]:
    """What of ascending spans is in none of `taken`, which may lie over each other."""
    holes, left, first = _merged(taken), list[Span](), 0
    for one in spans:
        while first < len(holes) and holes[first].until <= one.since:
            first += 1
        since, at = one.since, first
        while at < len(holes) and holes[at].since < one.until:
            if since < holes[at].since:
                left.append(Span(since, holes[at].since))
            since = holes[at].until
            at += 1
        if since < one.until:
            left.append(Span(since, one.until))
    return left


def _merged(spans: Iterable[Span]) -> list[Span]:
    """Ascending, and none touches another."""
    merged: list[Span] = []
    for one in sorted(spans):
        if merged and one.since <= merged[-1].until:
            merged[-1] = Span(merged[-1].since, max(merged[-1].until, one.until))
        else:
            merged.append(one)
    return merged


def gaps_of(due: Sequence[Span], recorded: Iterable[Span], reasons: Sequence[Reason], beside: Sequence[Span] = ()) -> list[Gap]:
    """Where nothing is that was due, for longer than `COUNTS_S`. `reasons`: what is known, the surest first; for what none of them
    explains the cause is not known. `beside`: what is due shortly before and after; a gap may go on there, and is told as far as it
    lies in `due`."""
    whole = without(_merged([*due, *beside]), recorded)
    found = [part for one in whole if one.until - one.since > COUNTS_S for part in _in_all(one, due)]
    return [Gap(one.since, one.until, _parts(one, reasons)) for one in found]


def _in_all(one: Span, due: Sequence[Span]) -> list[Span]:
    """What of it was due, ascending and none touching another."""
    return _merged(clipped(due, *one))


def _parts(gap: Span, reasons: Sequence[Reason]) -> tuple[Reason, ...]:
    left, parts = [gap], list[Reason]()
    for reason in (one for one in reasons if one.since < gap.until and one.until > gap.since):
        explained = [part for one in left for part in clipped([one], reason.since, reason.until)]
        if explained:
            parts += [Reason(reason.cause, *one) for one in explained]
            left = without(left, explained)
    parts += [Reason("unknown", *one) for one in left]
    return _joined(sorted(parts, key=lambda one: one.since))


def _joined(parts: Sequence[Reason]) -> tuple[Reason, ...]:
    """Neighbours of one cause are one part; a rest that nobody saw, no longer than one look, belongs to its neighbour."""
    joined: list[Reason] = []
    for part in parts:
        short = part.cause == "unknown" and part.until - part.since <= SLIVER_S
        if joined and (short or joined[-1].cause == part.cause):
            joined[-1] = Reason(joined[-1].cause, joined[-1].since, part.until)
        elif joined and joined[-1].cause == "unknown" and joined[-1].until - joined[-1].since <= SLIVER_S:
            joined[-1] = Reason(part.cause, joined[-1].since, part.until)
        else:
            joined.append(part)
    return tuple(joined)


def facts_of(day: str, due: Mapping[str, Sequence[Span]], gaps: Sequence[Gap], filled: Iterable[Span] = ()) -> DayFacts:
    """The sums of a day. `filled`: due, and recorded by the device alone."""
    missing: dict[Cause, float] = {}
    for part in (part for gap in gaps for part in gap.parts):
        missing[part.cause] = missing.get(part.cause, 0.0) + part.until - part.since
    due_s = sum(one.until - one.since for spans in due.values() for one in spans)
    return DayFacts(day, due_s, len(gaps), missing, sum(one.until - one.since for one in filled))


def parts_of(
    day: Day, at: float, due: Mapping[str, Sequence[Span]], gaps: Sequence[Gap], filled: Sequence[Span]
) -> tuple[DayFacts, DayFacts]:
    """The sums of a day before and from `at`: a gap that goes over it counts in both, each with its seconds."""

    def sums(since: float, until: float) -> DayFacts:
        there = {stream: clipped(spans, since, until) for stream, spans in due.items()}
        return facts_of(day.name, there, [one for gap in gaps for one in _cut(gap, since, until)], clipped(filled, since, until))

    return sums(day.since, at), sums(at, day.until)


def _cut(gap: Gap, since: float, until: float) -> list[Gap]:
    parts = [(part, clipped([Span(part.since, part.until)], since, until)) for part in gap.parts]
    left = tuple(Reason(part.cause, *span) for part, spans in parts for span in spans)
    return [gap._replace(since=left[0].since, until=left[-1].until, parts=left)] if left else []
