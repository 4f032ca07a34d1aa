"""All SQL about figures of alarms: counts alone, by what somebody may see. Times: seconds since 1970."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.access import Scope
from fengsui.features.alarm_figures.model import RISES_FROM, SLOT_S, USUAL_SPANS, Period, Place, Step
from fengsui.features.alarms import CALLS_FOR_HELP, alarms_table, held_alarms

_alarm = alarms_table.c
_SOURCE: Final = (_alarm.host_id, _alarm.site, _alarm.device, _alarm.section, _alarm.number, _alarm.is_user)
MOST_PLACES: Final = 2_000


@dataclass(frozen=True, slots=True)
class Of:
    """Whose figures: alarms that somebody has to see to, of areas within `area`."""

    scopes: Sequence[Scope]
    area: str

    def between(self, since: float, until: float) -> sa.ColumnElement[bool]:
        """What counts with another one is counted there."""
        where = held_alarms(self.scopes) & _alarm.area.startswith(self.area, autoescape=True)
        return where & (_alarm.first_at >= since) & (_alarm.first_at < until) & ~_alarm.state.in_(["", "folded"])


def _whole(seconds: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Rounded down, in both databases: a cast alone rounds in one of them."""
    return sa.cast(sa.func.floor(seconds), sa.BigInteger)


def _sum(what: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((what, 1), else_=0)), 0)


class Counted(NamedTuple):
    """Alarms of one slot and priority, with how often their sources told."""

    slot: int
    priority: int
    state: str
    result: str
    number: int
    signals: int


async def by_slot(tx: AsyncConnection, of: Of, period: Period) -> list[Counted]:
    """Slots of SLOT_S, counted since 1970."""
    what = [_whole(_alarm.first_at / float(SLOT_S)), _alarm.priority, _alarm.state, _alarm.result]
    signals = sa.func.sum(_alarm.folded + 1)
    query = sa.select(*what, sa.func.count(), signals).where(of.between(period.since, period.until)).group_by(*what)
    return [Counted(int(row[0]), row[1], row[2], row[3], int(row[4]), int(row[5])) for row in (await tx.execute(query)).all()]


async def by_area_and_kind(tx: AsyncConnection, of: Of, period: Period) -> list[tuple[str, str, int, int]]:
    """Area, category, how many now, and how many in a span of the same length before."""
    what, now = [_alarm.area, _alarm.category], _alarm.first_at >= period.since
    query = sa.select(*what, _sum(now), _sum(~now)).where(of.between(period.before, period.until)).group_by(*what)
    return [(row[0], row[1], int(row[2]), int(row[3])) for row in (await tx.execute(query)).all()]


async def places(tx: AsyncConnection, of: Of, period: Period) -> list[Place]:
    """Sources with some in this span that are many or were none, in this and in each of the spans before."""
    since, length = period.since, period.length_s
    spans = [
        _sum((_alarm.first_at >= since - back * length) & (_alarm.first_at < period.until - back * length))
        for back in range(USUAL_SPANS + 1)
    ]
    now = _alarm.first_at >= since
    real, false = (_sum(now & (_alarm.result == result)) for result in ("real", "false"))
    where = of.between(since - USUAL_SPANS * length, period.until) & (_alarm.protocol != CALLS_FOR_HELP)  # a person is no place
    query = sa.select(sa.func.max(_alarm.id), *spans, real, false).where(where).group_by(*_SOURCE)
    query = query.having((spans[0] >= RISES_FROM) | (false > 0)).order_by(spans[0].desc()).limit(MOST_PLACES)
    rows = (await tx.execute(query)).all()
    return [Place(int(row[0]), tuple(int(one) for one in row[1 : USUAL_SPANS + 2]), int(row[-2]), int(row[-1])) for row in rows]


class Verdicts(NamedTuple):
    """Of one device, or of all that came by one protocol without one."""

    protocol: str
    device: str
    real: int
    false: int


async def verdicts(tx: AsyncConnection, of: Of, period: Period) -> list[Verdicts]:
    """Those that somebody has verified."""
    what = [_alarm.protocol, _alarm.device]
    real, false = (_sum(_alarm.result == result) for result in ("real", "false"))
    where = of.between(period.since, period.until) & (_alarm.result != "")
    query = sa.select(*what, real, false).where(where).group_by(*what)
    return [Verdicts(row[0], row[1], int(row[2]), int(row[3])) for row in (await tx.execute(query)).all()]


_WAITS: Final[tuple[tuple[Step, sa.ColumnElement[Any], sa.ColumnElement[Any]], ...]] = (
    ("seen", sa.func.coalesce(_alarm.queued_at, _alarm.first_at), _alarm.claimed_at),
    ("verified", _alarm.claimed_at, _alarm.verified_at),
    ("closed", _alarm.verified_at, _alarm.closed_at),
)


async def waits(tx: AsyncConnection, of: Of, period: Period) -> dict[tuple[Step, int], Counter[int]]:
    """By step and priority, how often each wait (s) was."""
    found: dict[tuple[Step, int], Counter[int]] = defaultdict(Counter)
    for step, begun, ended in _WAITS:
        took = _whole(ended - begun)
        where = of.between(period.since, period.until) & ended.is_not(None) & (ended >= begun)
        query = sa.select(_alarm.priority, took, sa.func.count()).where(where).group_by(_alarm.priority, took)
        for priority, wait, number in (await tx.execute(query)).all():
            found[step, priority][int(wait)] += number
    return found


class OfShift(NamedTuple):
    """Alarms of one shift. `claims`, `verdicts`: how often each wait (s) was, until somebody took it and until it was verified;
    `results`: of those that were verified."""

    came: int
    claims: Counter[int]
    verdicts: Counter[int]
    results: Counter[str]


async def of_shift(tx: AsyncConnection, of: Of, back: float, since: float, until: float) -> OfShift:
    """Of alarms that came from `back` on: how many came, were taken and were verified from `since` until `until`; one reading."""

    def then(at: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
        return sa.func.coalesce((at >= since) & (at < until), sa.false())

    begun = sa.func.coalesce(_alarm.queued_at, _alarm.first_at)
    came, claimed, verified = (then(one) for one in (_alarm.first_at, _alarm.claimed_at, _alarm.verified_at))
    claim = sa.case((claimed, _whole(_alarm.claimed_at - begun)))
    verdict = sa.case((verified, _whole(_alarm.verified_at - _alarm.claimed_at)))
    result = sa.case((verified, _alarm.result), else_="")
    what = [claim, verdict, result]
    query = sa.select(*what, _sum(came), sa.func.count()).where(of.between(back, until)).group_by(*what)
    found = OfShift(0, Counter(), Counter(), Counter())
    rows: Any = (await tx.execute(query)).all()
    for row in rows:
        wait, judged, became, new, number = row
        found = found._replace(came=found.came + int(new))
        if wait is not None:
            found.claims[max(0, int(wait))] += number
        if judged is not None:
            found.verdicts[max(0, int(judged))] += number
        if became:
            found.results[became] += number
    return found
