"""All SQL about video patrols. Times: seconds since 1970."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.video_patrols.model import OPEN, Outcome, Plan, Round, RoundState, Stop, StopResult
from fengsui.features.video_patrols.tables import on_foot, plans, rounds, snapshots, stops
from fengsui.store import upsert

Row = sa.Row[Any]
RESULT = tuple(column.name for column in stops.columns if not column.primary_key)


def _plan(row: Row) -> Plan:
    listed = tuple(Stop(*one) for one in json.loads(row.stops))
    when = tuple(json.loads(row.times)), tuple(json.loads(row.weekdays))
    by = row.set_by, row.set_by_name, row.set_at
    return Plan(row.id, row.version, row.centre, row.name, listed, *when, row.tolerance_s, *by, ended=row.ended)


async def newest_plans(tx: AsyncConnection) -> list[Plan]:
    """Each in its newest version, given up or not."""
    newest = sa.select(plans.c.id, sa.func.max(plans.c.version).label("version")).group_by(plans.c.id).subquery()
    same = (plans.c.id == newest.c.id) & (plans.c.version == newest.c.version)
    return [_plan(row) for row in (await tx.execute(sa.select(plans).join(newest, same).order_by(plans.c.id))).all()]


async def plan_versions(tx: AsyncConnection, number: int, limit: int) -> list[Plan]:
    """The newest first."""
    query = sa.select(plans).where(plans.c.id == number).order_by(plans.c.version.desc()).limit(limit)
    return [_plan(row) for row in (await tx.execute(query)).all()]


async def plan_at(tx: AsyncConnection, number: int, version: int) -> Plan | None:
    """That very version."""
    row = (await tx.execute(sa.select(plans).where((plans.c.id == number) & (plans.c.version == version)))).first()
    return None if row is None else _plan(row)


async def add_plan(tx: AsyncConnection, one: Plan) -> None:
    """Another version."""
    lists = {name: json.dumps(getattr(one, name), ensure_ascii=False) for name in ("stops", "times", "weekdays")}
    await tx.execute(sa.insert(plans).values(**{**asdict(one), **lists}))


def _round(row: Row) -> Round:
    return Round(**{**row._mapping, "state": RoundState(row.state)})


async def add_round(tx: AsyncConnection, one: Round) -> int:
    """Its number."""
    facts = {name: value for name, value in asdict(one).items() if name != "id"}
    done = await tx.execute(sa.insert(rounds).values(**facts).returning(rounds.c.id))
    return int(done.scalar_one())


async def keep_round(tx: AsyncConnection, one: Round) -> None:
    """Its present state."""
    facts = {name: value for name, value in asdict(one).items() if name != "id"}
    await tx.execute(sa.update(rounds).where(rounds.c.id == one.id).values(**facts))


async def open_rounds(tx: AsyncConnection) -> list[Round]:
    """Due or under way, by the time they are due."""
    query = sa.select(rounds).where(rounds.c.state.in_([one.value for one in OPEN])).order_by(rounds.c.due_from, rounds.c.id)
    return [_round(row) for row in (await tx.execute(query)).all()]


async def round_of(tx: AsyncConnection, number: int) -> Round | None:
    """By its number."""
    row = (await tx.execute(sa.select(rounds).where(rounds.c.id == number))).first()
    return None if row is None else _round(row)


async def last_due(tx: AsyncConnection) -> dict[int, float]:
    """By plan: when the newest round was due that was not begun by hand."""
    query = sa.select(rounds.c.plan, sa.func.max(rounds.c.due_from)).where(rounds.c.by_hand.is_(False)).group_by(rounds.c.plan)
    return {row[0]: row[1] for row in (await tx.execute(query)).all()}


async def rounds_of(tx: AsyncConnection, centre: int, before: int, limit: int) -> list[Round]:
    """The newest first; those before number `before`, 0: from the newest on."""
    where = rounds.c.centre == centre
    if before:
        where &= rounds.c.id < before
    query = sa.select(rounds).where(where).order_by(rounds.c.id.desc()).limit(limit)
    return [_round(row) for row in (await tx.execute(query)).all()]


async def unnoted(tx: AsyncConnection, centres: Sequence[int], since: float) -> list[Round]:
    """Missed, or broken off, since then, of which no supervisor has taken note."""
    states = [RoundState.MISSED.value, RoundState.BROKEN_OFF.value]
    where = rounds.c.state.in_(states) & (rounds.c.noted_at == 0) & rounds.c.centre.in_(centres) & (rounds.c.ended_at >= since)
    return [_round(row) for row in (await tx.execute(sa.select(rounds).where(where).order_by(rounds.c.id).limit(200))).all()]


async def missed_between(tx: AsyncConnection, centre: int, since: float, until: float) -> list[Round]:
    """For the joint log."""
    ended = (rounds.c.ended_at >= since) & (rounds.c.ended_at < until)
    where = (rounds.c.centre == centre) & (rounds.c.state == RoundState.MISSED.value) & ended
    return [_round(row) for row in (await tx.execute(sa.select(rounds).where(where))).all()]


@dataclass(frozen=True, slots=True)
class Tally:
    """Rounds of one state at one centre within a span. `in_time`: those done in time among them."""

    centre: int
    state: RoundState
    count: int
    in_time: int


async def tallies(tx: AsyncConnection, centres: Sequence[int], since: float, until: float) -> list[Tally]:
    """Of rounds that the plan was due for; those begun by hand are not planned."""
    punctual = sa.case((rounds.c.ended_at <= rounds.c.due_until, 1), else_=0)
    span = (rounds.c.due_from >= since) & (rounds.c.due_from < until) & rounds.c.by_hand.is_(False)
    query = (
        sa.select(rounds.c.centre, rounds.c.state, sa.func.count(), sa.func.sum(punctual))
        .where(span & rounds.c.centre.in_(centres))
        .group_by(rounds.c.centre, rounds.c.state)
    )
    return [Tally(row[0], RoundState(row[1]), row[2], int(row[3] or 0)) for row in (await tx.execute(query)).all()]


def _result(row: Row) -> StopResult:
    facts = {name: value for name, value in row._mapping.items() if name != "round"}
    return StopResult(**{**facts, "outcome": Outcome(row.outcome)})


async def results(tx: AsyncConnection, numbers: Iterable[int]) -> dict[int, list[StopResult]]:
    """By round, in the order of the stops."""
    found: dict[int, list[StopResult]] = {}
    query = sa.select(stops).where(stops.c.round.in_(list(numbers))).order_by(stops.c.round, stops.c.stop)
    for row in (await tx.execute(query)).all():
        found.setdefault(row.round, []).append(_result(row))
    return found


async def keep_results(tx: AsyncConnection, number: int, these: Iterable[StopResult]) -> None:
    """What is known of stops of a round."""
    await tx.execute(upsert(tx, stops, ["round", "stop"], RESULT), [{"round": number, **asdict(one)} for one in these])


async def of_entries(tx: AsyncConnection, centre: int, entries: Sequence[int]) -> dict[int, tuple[int, StopResult]]:
    """By entry of the shift's log: the round and the stop that it tells of."""
    query = (
        sa.select(stops)
        .join(rounds, rounds.c.id == stops.c.round)
        .where((rounds.c.centre == centre) & stops.c.entry.in_(list(entries)))
    )
    return {row.entry: (row.round, _result(row)) for row in (await tx.execute(query)).all()}


async def ends_of(tx: AsyncConnection, centre: int, entries: Sequence[int]) -> dict[int, Round]:
    """By entry of the shift's log: the round of whose end it tells."""
    query = sa.select(rounds).where((rounds.c.centre == centre) & rounds.c.entry.in_(list(entries)))
    return {row.entry: _round(row) for row in (await tx.execute(query)).all()}


async def add_on_foot(tx: AsyncConnection, centre: int, entry: int, place: str, at: float) -> None:
    """Where and when somebody went, beside the entry of the log."""
    await tx.execute(sa.insert(on_foot).values(centre=centre, entry=entry, place=place, at=at))


async def on_foot_of(tx: AsyncConnection, centre: int, entries: Sequence[int]) -> dict[int, Row]:
    """By entry."""
    where = (on_foot.c.centre == centre) & on_foot.c.entry.in_(list(entries))
    return {row.entry: row for row in (await tx.execute(sa.select(on_foot).where(where))).all()}


async def snapshot_of(tx: AsyncConnection, digest: str) -> Row | None:
    """One that is kept still."""
    return (await tx.execute(sa.select(snapshots).where((snapshots.c.digest == digest) & (snapshots.c.removed_at == 0)))).first()


async def add_snapshot(tx: AsyncConnection, **facts: object) -> None:
    """The same picture again is the same row."""
    columns = [column.name for column in snapshots.columns if not column.primary_key]
    await tx.execute(upsert(tx, snapshots, ["digest"], columns), [{**facts, "removed_at": 0.0}])


async def snapshot_octets(tx: AsyncConnection) -> int:
    """Of all that are kept."""
    query = sa.select(sa.func.sum(snapshots.c.octets)).where(snapshots.c.removed_at == 0)
    return int((await tx.execute(query)).scalar_one() or 0)


async def snapshots_before(tx: AsyncConnection, at: float, limit: int) -> list[Row]:
    """The oldest first."""
    where = (snapshots.c.at < at) & (snapshots.c.removed_at == 0)
    return list((await tx.execute(sa.select(snapshots).where(where).order_by(snapshots.c.at).limit(limit))).all())


async def remove_snapshots(tx: AsyncConnection, digests: Sequence[str], at: float) -> None:
    """Their files are gone; that there was one, and whose, stays."""
    await tx.execute(sa.update(snapshots).where(snapshots.c.digest.in_(list(digests))).values(removed_at=at))


async def cameras_watched(tx: AsyncConnection, centre: int, back: float, since: float, until: float) -> int:
    """Each once, however often it was looked at from `since` until `until`."""
    of = (rounds.c.centre == centre) & (rounds.c.started_at >= back)
    then = (stops.c.opened_at >= since) & (stops.c.opened_at < until) & (stops.c.watched_s > 0)
    query = sa.select(sa.func.count(sa.distinct(stops.c.camera))).join_from(stops, rounds, stops.c.round == rounds.c.id)
    return int((await tx.execute(query.where(of & then))).scalar_one())
