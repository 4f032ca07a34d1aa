"""All SQL about rules."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import fields, replace
from typing import Any, Final, Literal, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.alarm_rules.model import Definition, Rule, Shown
from fengsui.features.alarm_rules.tables import (
    alarm_cameras,
    alarm_rule_failures,
    alarm_rule_mark,
    alarm_rule_runs,
    alarm_rule_versions,
    alarm_rules,
)
from fengsui.features.alarms import Alarm, alarms_table
from fengsui.store import Versioned, upsert

LONGEST_SAID: Final = 1_000
Outcome = Literal["done", "nothing", "failed"]
_alarm = alarms_table.c
_CAME = sa.func.coalesce(_alarm.raised_from, _alarm.priority)
_ALARM = [_CAME if one.name == "priority" else _alarm[one.name] for one in fields(Alarm)]
"""As it came: what one rule made of it is nothing to the next, nor to the same one when a page begins again."""
_kept = Versioned(alarm_rules, alarm_rule_versions, "rule_id")


class Version(NamedTuple):
    """A rule as it was. `is_removed`: nothing more is done by it."""

    rule: Rule
    is_removed: bool


def _row(one: Rule) -> dict[str, Any]:
    names = ("name", "area", "is_on", "position", "version", "changed_at", "changed_by")
    return {name: getattr(one, name) for name in names} | {"definition": msgspec.json.encode(one.definition).decode()}


def _as_rule(id: int, row: sa.Row[Any]) -> Rule:
    definition = msgspec.json.decode(row.definition, type=Definition)
    facts = row.name, row.area, row.is_on, row.position, definition
    return Rule(id, *facts, row.version, row.changed_at, row.changed_by)


async def rules(tx: AsyncConnection) -> list[Rule]:
    """All that there are."""
    return [_as_rule(row.id, row) for row in (await tx.execute(sa.select(alarm_rules))).all()]


async def add(tx: AsyncConnection, one: Rule) -> Rule:
    """With the number that it gets, which no other ever had."""
    return replace(one, id=await _kept.add(tx, _row(one)))


async def change(tx: AsyncConnection, one: Rule) -> None:
    """What stood before stays among its versions."""
    await _kept.change(tx, one.id, _row(one))


async def remove(tx: AsyncConnection, one: Rule) -> None:
    """Its versions stay."""
    await _kept.remove(tx, one.id, _row(one))


async def versions(tx: AsyncConnection, id: int, limit: int) -> list[Version]:
    """Of a rule, the newest first."""
    return [Version(_as_rule(id, row), row.is_removed) for row in await _kept.newest(tx, id, limit)]


class Run(NamedTuple):
    """What an action of a rule came to for one alarm, once for all. `at`: seconds since 1970."""

    alarm_id: int
    rule_id: int
    do: str
    version: int
    at: float
    outcome: Outcome
    detail: str


async def add_run(tx: AsyncConnection, one: Run) -> None:
    """From here on it is not done again."""
    await tx.execute(sa.insert(alarm_rule_runs).values(one._asdict()))


async def done(tx: AsyncConnection, alarms: Collection[int]) -> set[tuple[int, int, str]]:
    """Alarm, rule and action of what is over, whatever it came to."""
    runs = alarm_rule_runs.c
    query = sa.select(runs.alarm_id, runs.rule_id, runs.do).where(runs.alarm_id.in_(list(alarms)))
    return {(row.alarm_id, row.rule_id, row.do) for row in (await tx.execute(query)).all()}


async def mark(tx: AsyncConnection) -> int:
    """The number of the last alarm that went through the rules; 0: none did."""
    return int((await tx.execute(sa.select(alarm_rule_mark.c.upto))).scalar_one_or_none() or 0)


async def move_mark(tx: AsyncConnection, upto: int) -> None:
    """Forwards alone: one that was set meanwhile, when a rule was turned on, stands."""
    where = (alarm_rule_mark.c.id == 1) & (alarm_rule_mark.c.upto < upto)
    await tx.execute(sa.update(alarm_rule_mark).where(where).values(upto=upto))


async def mark_here(tx: AsyncConnection) -> None:
    """Rules are about alarms that come from now on."""
    last = (await tx.execute(sa.select(sa.func.coalesce(sa.func.max(_alarm.id), 0)))).scalar_one()
    await tx.execute(upsert(tx, alarm_rule_mark, ["id"], ["upto"]), {"id": 1, "upto": last})


async def alarms_after(tx: AsyncConnection, upto: int, limit: int) -> list[Alarm]:
    """In their order. They are written one transaction after the other: none comes later with a lower number."""
    query = sa.select(*_ALARM).where(_alarm.id > upto).order_by(_alarm.id).limit(limit)
    return [Alarm(*row) for row in (await tx.execute(query)).all()]


async def alarms_before(tx: AsyncConnection, upto: int, within_s: float, limit: int) -> list[Alarm]:
    """The last ones up to a number, of no more than so many seconds, the oldest first."""
    query = sa.select(*_ALARM).where(_alarm.id <= upto).order_by(_alarm.id.desc()).limit(limit)
    found = [Alarm(*row) for row in (await tx.execute(query)).all()]
    return [one for one in reversed(found) if one.first_at >= found[0].first_at - within_s]


class Failures(NamedTuple):
    """Of one version of a rule. `at`: of the last, seconds since 1970."""

    times: int
    last_error: str
    at: float


async def failures(tx: AsyncConnection) -> dict[int, Failures]:
    """By rule."""
    return {
        row.rule_id: Failures(row.times, row.last_error, row.at) for row in (await tx.execute(sa.select(alarm_rule_failures))).all()
    }


async def keep_failures(tx: AsyncConnection, rule: int, one: Failures | None) -> None:
    """None: it begins anew."""
    if one is None:
        await tx.execute(sa.delete(alarm_rule_failures).where(alarm_rule_failures.c.rule_id == rule))
        return
    columns = ["times", "last_error", "at"]
    await tx.execute(upsert(tx, alarm_rule_failures, ["rule_id"], columns), {"rule_id": rule, **one._asdict()})


class LinkedCamera(NamedTuple):
    """A camera that is to be shown with an alarm, and which rule says so."""

    camera: str
    preset: int | None
    rule: str
    version: int


async def link_cameras(tx: AsyncConnection, alarm: int, rule: Rule, cameras: Sequence[Shown]) -> None:
    """In their order."""
    of = {"alarm_id": alarm, "rule_id": rule.id, "rule": rule.name, "version": rule.version}
    rows = [{**of, "ordinal": at, "camera": one.camera, "preset": one.preset} for at, one in enumerate(cameras)]
    await tx.execute(sa.insert(alarm_cameras), rows)


async def link_told(tx: AsyncConnection, alarm: int, source: str, cameras: Sequence[str]) -> None:
    """Those that the sender of an alarm itself named: before what rules say."""
    of = {"alarm_id": alarm, "rule_id": 0, "rule": source, "version": 0, "preset": None}
    await tx.execute(sa.insert(alarm_cameras), [{**of, "ordinal": at, "camera": one} for at, one in enumerate(cameras)])


async def linked_cameras(tx: AsyncConnection, alarm: int) -> list[LinkedCamera]:
    """In the order in which rules named them."""
    linked = alarm_cameras.c
    query = sa.select(linked.camera, linked.preset, linked.rule, linked.version).where(linked.alarm_id == alarm)
    return [LinkedCamera(*row) for row in (await tx.execute(query.order_by(linked.rule_id, linked.ordinal))).all()]


async def linked_to(tx: AsyncConnection, alarms: Sequence[int]) -> dict[int, list[LinkedCamera]]:
    """As `linked_cameras`, by alarm."""
    linked, found = alarm_cameras.c, dict[int, list[LinkedCamera]]()
    query = sa.select(linked.alarm_id, linked.camera, linked.preset, linked.rule, linked.version)
    query = query.where(linked.alarm_id.in_(list(alarms))).order_by(linked.alarm_id, linked.rule_id, linked.ordinal)
    for row in (await tx.execute(query)).all():
        found.setdefault(row.alarm_id, []).append(LinkedCamera(row.camera, row.preset, row.rule, row.version))
    return found


async def first_since(tx: AsyncConnection, since: float) -> int:
    """The number of the first alarm that came then or later; 0: there is none."""
    query = sa.select(_alarm.id).where(_alarm.first_at >= since).order_by(_alarm.first_at, _alarm.id).limit(1)
    return int((await tx.execute(query)).scalar_one_or_none() or 0)


async def alarms_in(tx: AsyncConnection, upto: int, area: str, limit: int) -> list[Alarm]:
    """Of an area and what lies within, behind a number, in their order. By the number alone: by time, each page would be sorted."""
    where = (_alarm.id > upto) & _alarm.area.startswith(area, autoescape=True)
    return [Alarm(*row) for row in (await tx.execute(sa.select(*_ALARM).where(where).order_by(_alarm.id).limit(limit))).all()]
