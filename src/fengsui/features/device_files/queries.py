"""All SQL about device files. Times: seconds since 1970."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.access import CameraClass, Scope
from fengsui.features.cameras import CAMERA_PLACES, cameras_within
from fengsui.features.device_files.checks import Others
from fengsui.features.device_files.model import Values
from fengsui.features.device_files.tables import device_file_failings as failings
from fengsui.features.device_files.tables import device_file_versions as versions
from fengsui.features.device_files.tables import device_files as files
from fengsui.store import changed, insert_many_sealed, insert_sealed, is_row_whole, update_sealed

Row = sa.Row[Any]
A_QUERY: Final = 400
CHANGED: Final = "device files"
"""Subject of what transactions change of files: their codes."""
_cameras = CAMERA_PLACES.subquery()
_AREA = sa.func.coalesce(_cameras.c.shown_area, files.c.area)
_CLASS = sa.func.coalesce(_cameras.c.camera_class, "")
_PLACED = files.outerjoin(_cameras, _cameras.c.code == files.c.code)
SHOWN = (
    "code",
    "name",
    "state",
    "version",
    "completeness",
    "correctness",
    "errors",
    "warnings",
    "photo",
    "changed_by",
    "changed_at",
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which files are asked for. `failing`: the code of a check. No field of the file itself is a filter (rule A66)."""

    scope: Scope
    default_class: CameraClass
    area: str = ""
    state: str = ""
    failing: str = ""
    text: str = ""
    change_waits: bool = False

    def where(self, *, but: str = "") -> list[sa.ColumnElement[bool]]:
        """The conditions, but the one of that name."""
        found: list[sa.ColumnElement[bool]] = []
        inside = cameras_within(self.scope, self.default_class, _AREA, _CLASS)
        if inside is not None:
            found.append(inside)
        if self.area:
            found.append((self.area <= _AREA) & (f"{self.area}:" > _AREA))
        if self.state and but != "state":
            found.append(files.c.state == self.state)
        if self.change_waits and but != "state":
            found.append(files.c.change != "{}")
        if self.failing and but != "failing":
            found.append(files.c.code.in_(sa.select(failings.c.code).where(failings.c.failing == self.failing)))
        if self.text:
            found.append(files.c.code.startswith(self.text, autoescape=True) | files.c.name.contains(self.text, autoescape=True))
        return found


async def page(tx: AsyncConnection, wanted: Wanted, *, after: str, limit: int) -> Sequence[Row]:
    """Files by code after `after`, with the area where each is shown."""
    columns = [*(files.c[name] for name in SHOWN), (files.c.change != "{}").label("change_waits"), _AREA.label("shown_area")]
    query = sa.select(*columns).select_from(_PLACED).where(files.c.code > after, *wanted.where())
    return (await tx.execute(query.order_by(files.c.code).limit(limit))).all()


async def counts(tx: AsyncConnection, wanted: Wanted) -> tuple[int, dict[str, int], dict[str, int], int, int]:
    """How many fit; how many of each state and of each failing check; sums of completeness and correctness, in thousandths."""
    sums = sa.select(sa.func.count(), sa.func.sum(files.c.completeness), sa.func.sum(files.c.correctness))
    total, complete, correct = (await tx.execute(sums.select_from(_PLACED).where(*wanted.where()))).one()
    states = sa.select(files.c.state, sa.func.count()).select_from(_PLACED).where(*wanted.where(but="state"))
    by_state = {row[0]: row[1] for row in await tx.execute(states.group_by(files.c.state))}
    joined = _PLACED.join(failings, failings.c.code == files.c.code)
    found = sa.select(failings.c.failing, sa.func.count()).select_from(joined).where(*wanted.where(but="failing"))
    by_check = {row[0]: row[1] for row in await tx.execute(found.group_by(failings.c.failing))}
    return total, by_state, by_check, int(complete or 0), int(correct or 0)


async def waiting(tx: AsyncConnection, wanted: Wanted) -> int:
    """Files of which a change waits for a reviewer."""
    query = sa.select(sa.func.count()).select_from(_PLACED).where(files.c.change != "{}", *wanted.where(but="state"))
    return int((await tx.execute(query)).scalar_one())


async def each(tx: AsyncConnection, wanted: Wanted) -> AsyncIterator[Sequence[Row]]:
    """All that fit, some at a time, whole, with area and class."""
    after = ""
    while True:
        columns = [*files.c, _AREA.label("shown_area"), _CLASS.label("shown_class")]
        query = sa.select(*columns).select_from(_PLACED).where(files.c.code > after, *wanted.where())
        rows = (await tx.execute(query.order_by(files.c.code).limit(A_QUERY))).all()
        if rows:
            yield rows
        if len(rows) < A_QUERY:
            return
        after = rows[-1].code


async def one(tx: AsyncConnection, code: str, *, to_write: bool = False) -> Row | None:
    """A file as it is stored."""
    query = sa.select(files).where(files.c.code == code)
    return (await tx.execute(query.with_for_update() if to_write else query)).one_or_none()


async def several(tx: AsyncConnection, codes: Sequence[str], *, to_write: bool = False) -> dict[str, Row]:
    """Files by code."""
    found: dict[str, Row] = {}
    for at in range(0, len(codes), A_QUERY):
        query = sa.select(files).where(files.c.code.in_(codes[at : at + A_QUERY]))
        for row in await tx.execute(query.with_for_update() if to_write else query):
            found[row.code] = row
    return found


async def states(tx: AsyncConnection, codes: Sequence[str]) -> dict[str, tuple[str, bool]]:
    """Code → state, and whether a change waits for a reviewer."""
    columns = files.c.code, files.c.state, (files.c.change != "{}").label("waits")
    found: dict[str, tuple[str, bool]] = {}
    for at in range(0, len(codes), A_QUERY):
        for row in await tx.execute(sa.select(*columns).where(files.c.code.in_(codes[at : at + A_QUERY]))):
            found[row.code] = row.state, bool(row.waits)
    return found


async def every_state(tx: AsyncConnection) -> dict[str, str]:
    """Code → state of all files."""
    return {row.code: row.state for row in await tx.execute(sa.select(files.c.code, files.c.state))}


async def write_whole(tx: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Files that are there, each with all of its columns: in two statements a few hundred."""
    changed(tx, CHANGED, (row["code"] for row in rows))
    for at in range(0, len(rows), A_QUERY):
        part = rows[at : at + A_QUERY]
        await tx.execute(sa.delete(files).where(files.c.code.in_([row["code"] for row in part])))
        await insert_many_sealed(tx, files, part)


def is_whole(tx: AsyncConnection, row: Row) -> bool:
    """Whether the node wrote the file so."""
    return is_row_whole(tx, files, row)


async def add(tx: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> None:
    """New files."""
    changed(tx, CHANGED, (row["code"] for row in rows))
    for at in range(0, len(rows), A_QUERY):
        await insert_many_sealed(tx, files, rows[at : at + A_QUERY])


async def write(tx: AsyncConnection, code: str, values: Mapping[str, Any], *, take_over: bool = False) -> None:
    """Changes a file."""
    changed(tx, CHANGED, [code])
    await update_sealed(tx, files, files.c.code == code, values, take_over=take_over)


async def score(tx: AsyncConnection, code: str, values: Mapping[str, int]) -> None:
    """What the checks say of a file, which no seal is about."""
    await tx.execute(
        sa.update(files)
        .where(files.c.code == code)
        .values(
            completeness=values["completeness"],
            correctness=values["correctness"],
            errors=values["errors"],
            warnings=values["warnings"],
        )
    )


async def add_versions(tx: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Versions of files."""
    if len(rows) == 1:
        await insert_sealed(tx, versions, rows[0])
        return
    for at in range(0, len(rows), A_QUERY):
        await insert_many_sealed(tx, versions, rows[at : at + A_QUERY])


async def versions_of(tx: AsyncConnection, code: str, limit: int) -> list[tuple[Row, bool]]:
    """The newest first, each with whether the node wrote it so."""
    query = sa.select(versions).where(versions.c.code == code).order_by(versions.c.version.desc()).limit(limit)
    return [(row, is_row_whole(tx, versions, row)) for row in (await tx.execute(query)).all()]


async def set_failings(tx: AsyncConnection, found: Mapping[str, Collection[str]]) -> None:
    """File → codes of checks that fail."""
    codes = list(found)
    for at in range(0, len(codes), A_QUERY):
        await tx.execute(sa.delete(failings).where(failings.c.code.in_(codes[at : at + A_QUERY])))
    rows = [{"code": code, "failing": check} for code, checks in found.items() for check in sorted(checks)]
    for at in range(0, len(rows), A_QUERY * 4):
        await tx.execute(sa.insert(failings), rows[at : at + A_QUERY * 4])


def keys_of(values: Values) -> dict[str, str]:
    """What other files are compared by: columns of their own."""
    address = values.get("ipv4") or values.get("ipv6", "")
    both = values.get("lon", "") and values.get("lat", "")
    return {
        "name": values.get("name", "")[:256],
        "mac": values.get("mac", "")[:32],
        "address": f"{address} {values.get('channel', '')}"[:64] if address else "",
        "place": f"{values.get('lon', '')},{values.get('lat', '')}"[:48] if both else "",
    }


async def alike(tx: AsyncConnection, wanted: Iterable[Mapping[str, str]]) -> dict[str, dict[str, list[str]]]:
    """Column → value → codes of the files that have it, of the values in `wanted`; empty values are nobody's."""
    found: dict[str, dict[str, list[str]]] = {}
    rows = list(wanted)
    for name in ("name", "mac", "address", "place"):
        by_value: dict[str, list[str]] = {}
        asked = sorted({one[name] for one in rows if one[name]})
        for at in range(0, len(asked), A_QUERY):
            part = files.c[name].in_(asked[at : at + A_QUERY])
            for value, code in await tx.execute(sa.select(files.c[name], files.c.code).where(part).order_by(files.c.code)):
                by_value.setdefault(value, []).append(code)
        found[name] = by_value
    return found


def others_of(code: str, keys: Mapping[str, str], found: Mapping[str, Mapping[str, Sequence[str]]]) -> Others:
    """What the other files among `found` say to this one."""

    def other(name: str) -> str:
        return next((one for one in found[name].get(keys[name], ()) if one != code), "")

    same = found["place"].get(keys["place"], ())
    return Others(other("name"), other("mac"), other("address"), len(same) - (code in same))


def fields_of(row: Row) -> dict[str, str]:
    """The values of a stored file or version."""
    read: dict[str, str] = json.loads(row.fields)
    return read


def stored(values: Values) -> str:
    """As `fields_of` reads it; empty values are not kept."""
    return json.dumps({key: value for key, value in values.items() if value}, ensure_ascii=False, separators=(",", ":"))
