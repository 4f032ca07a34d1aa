"""All SQL about catalogues and cameras."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.access import EVERY_CLASS, CameraClass, Scope, classes_of
from fengsui.features.cameras.access_units import COUNTY, UNIT
from fengsui.features.cameras.point_queries import PLACED
from fengsui.features.cameras.tables import camera_notes, catalogue_items
from fengsui.store import changed, insert_many_sealed, insert_sealed, is_row_whole, update_sealed, upsert

ITEM_COLUMNS = tuple(column.name for column in catalogue_items.columns if column.name not in ("device", "code"))
WRITTEN_COLUMNS = ("device", "code", *ITEM_COLUMNS)
NOTED = tuple(camera_notes.c[name].label(f"note_{name}") for name in ("code", "own_area", "audio_basis", "camera_class", "seal"))
"""Of a note, what its seal is about."""
_JOINED = catalogue_items.outerjoin(camera_notes, camera_notes.c.code == catalogue_items.c.code)
_CAMERA = sa.select(
    catalogue_items,
    camera_notes.c.own_name,
    camera_notes.c.own_area,
    camera_notes.c.longitude.label("own_longitude"),
    camera_notes.c.latitude.label("own_latitude"),
    camera_notes.c.tags,
    camera_notes.c.audio_basis,
    *NOTED,
).select_from(_JOINED)
_SHORT = (
    *(catalogue_items.c[name] for name in ("code", "device", "status", "ptz_type")),
    sa.func.coalesce(sa.func.nullif(camera_notes.c.own_name, ""), catalogue_items.c.name).label("name"),
)
Row = sa.Row[Any]


def _from_arrays() -> postgresql.Insert:
    """PostgreSQL's upsert of rows whose columns come as one array each."""
    written = [catalogue_items.c[name] for name in WRITTEN_COLUMNS]
    arrays = [sa.bindparam(column.name, type_=postgresql.ARRAY(column.type)) for column in written]
    given = sa.func.unnest(*arrays).table_valued(*(sa.column(column.name, column.type) for column in written)).render_derived()
    insert = postgresql.insert(catalogue_items).from_select(WRITTEN_COLUMNS, sa.select(given))
    return insert.on_conflict_do_update(
        index_elements=["device", "code"], set_={name: insert.excluded[name] for name in ITEM_COLUMNS}
    )


_FROM_ARRAYS = _from_arrays()
CHANGED = "cameras"
"""Subject of what transactions change of cameras: their codes, and `@` with the code of a device that was removed."""
FEW_AREAS = 8
"""So many ranges of the index are counted one by one."""


async def fingerprints(tx: AsyncConnection, device: str, codes: Sequence[str] | None = None) -> dict[str, str]:
    """What is stored of a device's items: of all, or of those with `codes`."""
    statement = sa.select(catalogue_items.c.code, catalogue_items.c.fingerprint).where(catalogue_items.c.device == device)
    if codes is None:
        return {row.code: row.fingerprint for row in await tx.execute(statement)}
    found: dict[str, str] = {}
    for at in range(0, len(codes), 500):
        rows = await tx.execute(statement.where(catalogue_items.c.code.in_(codes[at : at + 500])))
        found.update((row.code, row.fingerprint) for row in rows)
    return found


async def write_items(tx: AsyncConnection, rows: list[dict[str, Any]]) -> None:
    """New and changed items; of two with one key the last."""
    changed(tx, CHANGED, (row["code"] for row in rows))
    if tx.dialect.name == "postgresql":
        # One statement a batch, its columns as arrays: 2,000 single inserts cost the server a plan's start and end each.
        # In the order of codes, as whoever edits many takes them: two that held what the other wants would wait for ever.
        distinct = sorted({(row["device"], row["code"]): row for row in rows}.values(), key=lambda row: str(row["code"]))
        await tx.execute(_FROM_ARRAYS, {name: [row[name] for row in distinct] for name in WRITTEN_COLUMNS})
    else:
        # As the driver takes them: the values of a hundred thousand rows need no look at their types.
        written = upsert(tx, catalogue_items, ["device", "code"], ITEM_COLUMNS).compile(dialect=tx.dialect)
        places = tuple(written.positiontup or ())
        await tx.exec_driver_sql(str(written), [tuple([row[name] for name in places]) for row in rows])


async def remove_items(tx: AsyncConnection, device: str, codes: Sequence[str]) -> None:
    """Items that a complete catalogue no longer has."""
    changed(tx, CHANGED, codes)
    statement = sa.delete(catalogue_items).where(catalogue_items.c.device == device, catalogue_items.c.code == sa.bindparam("gone"))
    await tx.execute(statement, [{"gone": code} for code in sorted(codes)])


async def set_status(tx: AsyncConnection, device: str, statuses: list[tuple[str, str]]) -> None:
    """Statuses that a notification reports: (code, status). Without a fingerprint, the next catalogue says something new."""
    changed(tx, CHANGED, (code for code, _ in statuses))
    statement = (
        sa.update(catalogue_items)
        .where(catalogue_items.c.device == device, catalogue_items.c.code == sa.bindparam("b_code"))
        .values(status=sa.bindparam("b_status"), fingerprint="")
    )
    told = sorted(statuses, key=lambda one: one[0])  # of one code told twice the last counts
    await tx.execute(statement, [{"b_code": code, "b_status": status} for code, status in told])


_HELD = _CAMERA.with_for_update(of=catalogue_items)
"""As their transaction finds them, so they stay until it ends, whatever devices say meanwhile. SQLite has one writer anyway."""


async def camera(tx: AsyncConnection, code: str, *, to_write: bool = False) -> Row | None:
    """One camera; where two devices claim a code, the first by device code."""
    where = (catalogue_items.c.code == code) & (catalogue_items.c.kind == "camera")
    statement = _HELD if to_write else _CAMERA
    return (await tx.execute(statement.where(where).order_by(catalogue_items.c.device).limit(1))).first()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is narrowed to; empty: anything. `within`: whom the caller may see (`within()`)."""

    area: str = ""
    device: str = ""
    within: sa.ColumnElement[bool] | None = None


def within(
    scope: Scope,
    default_class: CameraClass,
    shown: sa.ColumnElement[str] = catalogue_items.c.shown_area,
    kept: sa.ColumnElement[str] = catalogue_items.c.camera_class,
) -> sa.ColumnElement[bool] | None:
    """What every camera inside a scope fulfils; None where that is every camera. Ranges, so that the index serves.

    `shown`, `kept`: where area and class stand, in a query that has them elsewhere.
    """
    if scope.everything:
        return None
    by_classes: dict[int, list[sa.ColumnElement[bool]]] = {}
    counties: dict[int, list[str]] = {}
    for prefix, classes in scope.areas:
        if len(prefix) >= COUNTY:
            counties.setdefault(classes, []).append(prefix)
        else:
            by_classes.setdefault(classes, []).append((shown >= prefix) & (shown < f"{prefix}:") if prefix else sa.true())
    for classes, codes in counties.items():
        by_classes.setdefault(classes, []).append(shown.in_(codes))
    found = []
    for classes, areas in by_classes.items():
        names = [one.value for one in classes_of(classes)]
        stored = [*names, ""] if default_class.value in names else names
        somewhere = sa.or_(*areas)
        found.append(somewhere if classes == EVERY_CLASS else somewhere & kept.in_(stored))
    return sa.or_(*found) if found else sa.false()


async def cameras(tx: AsyncConnection, wanted: Wanted, *, after: str = "", limit: int = 100) -> Sequence[Row]:
    """Cameras by code after `after`."""
    statement = _filtered(_CAMERA.where(catalogue_items.c.kind == "camera", catalogue_items.c.code > after), wanted)
    return (await tx.execute(statement.order_by(catalogue_items.c.code).limit(limit))).all()


async def cameras_of(tx: AsyncConnection, codes: Sequence[str], *, to_write: bool = False) -> dict[str, Row]:
    """Cameras by code; where two devices claim one, the first by device code."""
    statement, ordered = (_HELD, sorted(codes)) if to_write else (_CAMERA, codes)  # who holds many takes them in one order
    found: dict[str, Row] = {}
    for at in range(0, len(ordered), 500):
        where = (catalogue_items.c.kind == "camera") & catalogue_items.c.code.in_(ordered[at : at + 500])
        by = catalogue_items.c.code, catalogue_items.c.device.desc()
        for row in await tx.execute(statement.where(where).order_by(*by)):
            found[row.code] = row
    return found


def _named(keys: Sequence[tuple[str, str]]) -> sa.ColumnElement[bool]:
    """By code and device; by code besides, since SQLite looks through the whole table for pairs."""
    code, device = catalogue_items.c.code, catalogue_items.c.device
    return code.in_([one[0] for one in keys]) & sa.tuple_(code, device).in_(keys)


async def cameras_by_key(tx: AsyncConnection, wanted: Sequence[tuple[str, str]]) -> Sequence[Row]:
    """Cameras by (code, device), in that order; as many as one page has."""
    found: list[Row] = []
    for at in range(0, len(wanted), 500):
        named = _named(wanted[at : at + 500])
        found += (await tx.execute(_CAMERA.where(named).order_by(catalogue_items.c.code, catalogue_items.c.device))).all()
    return found


async def count_items(tx: AsyncConnection, device: str) -> int:
    """How many items are stored of a device."""
    return int((await tx.execute(sa.select(sa.func.count()).where(catalogue_items.c.device == device))).scalar_one())


async def stored_items(tx: AsyncConnection, device: str, codes: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """Those of a device's items that are stored, by code; as many as one notification has."""
    found: dict[str, Mapping[str, Any]] = {}
    for at in range(0, len(codes), 500):
        named = catalogue_items.c.code.in_(codes[at : at + 500])
        rows = await tx.execute(sa.select(catalogue_items).where(catalogue_items.c.device == device, named))
        found.update((str(row.code), dict(row._mapping)) for row in rows)
    return found


async def codes_of(tx: AsyncConnection, device: str) -> list[str]:
    """Codes of the cameras that a device lists and nobody claimed before."""
    where = (catalogue_items.c.device == device) & (catalogue_items.c.kind == "camera")
    return [str(code) for code in (await tx.execute(sa.select(catalogue_items.c.code).where(where))).scalars()]


async def remove_device(tx: AsyncConnection, device: str) -> None:
    """A removed device's items; what operators said of its cameras stays for its return."""
    changed(tx, CHANGED, [f"@{device}"])
    await tx.execute(sa.delete(catalogue_items).where(catalogue_items.c.device == device))


async def names(tx: AsyncConnection, wanted: Wanted, *, offset: int, limit: int) -> tuple[Sequence[Row], int]:
    """Code, name, status, device and PTZ type of cameras shown at exactly `wanted.area` (empty: anywhere), and how many fit.

    A county's own are those of no access unit of it.
    """
    item = catalogue_items.c
    fits = [item.kind == "camera"]
    if wanted.area:
        fits.append(item.shown_area == wanted.area[:COUNTY])
    if len(wanted.area) == UNIT:
        fits.append(item.unit == wanted.area)
    elif len(wanted.area) == COUNTY:
        fits.append(sa.func.substr(item.unit, 1, COUNTY) != wanted.area)
    rest = replace(wanted, area="")
    statement = _filtered(sa.select(*_SHORT).select_from(_JOINED).where(*fits), rest)
    rows = (
        await tx.execute(statement.order_by(catalogue_items.c.code, catalogue_items.c.device).offset(offset).limit(limit))
    ).all()
    counted = sa.select(sa.func.count()).select_from(catalogue_items).where(*fits)
    return rows, int((await tx.execute(_filtered(counted, rest))).scalar_one())


async def named(tx: AsyncConnection, codes: Sequence[str], inside: sa.ColumnElement[bool] | None) -> Sequence[Row]:
    """As `names`, of those of these cameras that are inside; of two devices that claim a code, the first by code comes last."""
    found: list[Row] = []
    for at in range(0, len(codes), 500):
        where = (catalogue_items.c.kind == "camera") & catalogue_items.c.code.in_(codes[at : at + 500])
        statement = sa.select(*_SHORT).select_from(_JOINED).where(where, sa.true() if inside is None else inside)
        found += (await tx.execute(statement.order_by(catalogue_items.c.device.desc()))).all()
    return found


_SEARCHABLE: sa.Select[Any] = sa.select(
    *(catalogue_items.c[name] for name in ("code", "device", "kind", "name", "status", "shown_area", "unit", "camera_class")),
    camera_notes.c.own_name,
    camera_notes.c.tags,
    PLACED.label("placed"),
).select_from(_JOINED)


async def searchable(tx: AsyncConnection, *, after: tuple[str, str], limit: int) -> Sequence[Row]:
    """What items are found by, by code and device after the key `after`. What is no camera is left out by whoever reads: an
    index by kind would have the database sort everything for each part.
    """
    code, device = catalogue_items.c.code, catalogue_items.c.device
    following = sa.tuple_(code, device) > sa.tuple_(sa.literal(after[0]), sa.literal(after[1]))
    rows: Sequence[Row] = (
        await tx.execute(_SEARCHABLE.where(code >= after[0], following).order_by(code, device).limit(limit))
    ).all()
    return rows


async def searchable_of(tx: AsyncConnection, codes: Sequence[str]) -> Sequence[Row]:
    """What is there now of these items, by code and device; also of what is no camera."""
    found: list[Row] = []
    for at in range(0, len(codes), 500):
        where = catalogue_items.c.code.in_(codes[at : at + 500])
        found += (await tx.execute(_SEARCHABLE.where(where).order_by(catalogue_items.c.code, catalogue_items.c.device))).all()
    return found


async def count_cameras(tx: AsyncConnection) -> int:
    """Of all devices."""
    statement = sa.select(sa.func.count()).select_from(catalogue_items).where(catalogue_items.c.kind == "camera")
    return int((await tx.execute(statement)).scalar_one())


async def named_by_key(tx: AsyncConnection, wanted: Sequence[tuple[str, str]]) -> Sequence[Row]:
    """As `names`, by (code, device), in no order; as many as one page has."""
    found: list[Row] = []
    for at in range(0, len(wanted), 500):
        named = _named(wanted[at : at + 500])
        found += (await tx.execute(sa.select(*_SHORT).select_from(_JOINED).where(named))).all()
    return found


async def own_places(tx: AsyncConnection, codes: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Areas and classes that operators set, empty where they did not."""
    area, class_ = camera_notes.c.own_area, camera_notes.c.camera_class
    statement = sa.select(camera_notes.c.code, area, class_).where(
        camera_notes.c.code.in_(codes), area.is_not(None) | class_.is_not(None)
    )
    return {row.code: (row.own_area or "", row.camera_class or "") for row in await tx.execute(statement)}


async def shown_of(tx: AsyncConnection, device: str, codes: Sequence[str]) -> dict[str, str]:
    """Where cameras of a device are shown now."""
    item = catalogue_items.c
    where = (item.device == device) & (item.kind == "camera") & item.code.in_(codes)
    return {row.code: row.shown_area or "" for row in await tx.execute(sa.select(item.code, item.shown_area).where(where))}


async def unit_namers(tx: AsyncConnection) -> Sequence[Row]:
    """(device, code, name, kind) of what may name access units, by device and code."""
    item = catalogue_items.c
    where = item.kind.in_(("area", "business_group"))
    columns = item.device, item.code, item.name, item.kind
    statement: sa.Select[Any] = sa.select(*columns).where(where).order_by(item.device, item.code)
    rows: Sequence[Row] = (await tx.execute(statement)).all()
    return rows


async def place(tx: AsyncConnection, code: str, **facts: str) -> None:
    """Shows a camera in another area, or as one of another class."""
    changed(tx, CHANGED, [code])
    await tx.execute(sa.update(catalogue_items).where(catalogue_items.c.code == code).values(**facts))


async def places(tx: AsyncConnection, codes: Sequence[str]) -> Sequence[Any]:
    """(code, shown_area, camera_class, note) of cameras; where two devices claim a code, the first by device code comes last."""
    columns = catalogue_items.c.code, catalogue_items.c.shown_area, catalogue_items.c.camera_class
    where = catalogue_items.c.code.in_(codes) & (catalogue_items.c.kind == "camera")
    query = sa.select(*columns, *NOTED).select_from(_JOINED).where(where)
    return (await tx.execute(query.order_by(catalogue_items.c.device.desc()))).all()


async def with_sound(tx: AsyncConnection, codes: Collection[str]) -> set[str]:
    """Those of these cameras that have a legal basis for their sound."""
    where = camera_notes.c.code.in_(codes) & (camera_notes.c.audio_basis != "")
    rows = (await tx.execute(sa.select(camera_notes).where(where))).all()
    return {row.code for row in rows if is_row_whole(tx, camera_notes, row)}


async def count(tx: AsyncConnection, wanted: Wanted, scope: Scope, default_class: CameraClass) -> int:
    """How many cameras fit. Inside many areas the sums of each area are added up here: that is faster than many ranges."""
    if wanted.within is not None and len(scope.areas) > FEW_AREAS and not wanted.device:
        shown, kept = catalogue_items.c.shown_area, catalogue_items.c.camera_class
        sums = sa.select(shown, kept, sa.func.count().label("cameras")).where(catalogue_items.c.kind == "camera")
        rows = (await tx.execute(_filtered(sums, replace(wanted, within=None)).group_by(shown, kept))).all()
        inside = (row for row in rows if scope.holds(row.shown_area, CameraClass(row.camera_class or default_class)))
        return sum(int(row.cameras) for row in inside)
    statement = sa.select(sa.func.count()).select_from(catalogue_items).where(catalogue_items.c.kind == "camera")
    return int((await tx.execute(_filtered(statement, wanted))).scalar_one())


def _filtered(statement: Any, wanted: Wanted) -> Any:
    if wanted.within is not None:
        statement = statement.where(wanted.within)
    if area := wanted.area:
        shown = catalogue_items.c.shown_area
        statement = statement.where(shown == area[:COUNTY] if len(area) >= COUNTY else shown.startswith(area, autoescape=True))
        if len(area) == UNIT:
            statement = statement.where(catalogue_items.c.unit == area)
    if wanted.device:
        statement = statement.where(catalogue_items.c.device == wanted.device)
    return statement


CAMERA_AREAS = sa.select(catalogue_items.c.shown_area).where(catalogue_items.c.kind == "camera").distinct()
"""Where cameras are shown."""
CAMERA_PLACES = sa.select(*(catalogue_items.c[name] for name in ("code", "shown_area", "camera_class"))).where(
    catalogue_items.c.kind == "camera"
)
"""Each camera with its area and class, for what other rooms keep about cameras."""


async def areas_with_devices(tx: AsyncConnection, scope: Scope, default_class: CameraClass) -> Sequence[Row]:
    """(area, class, device, status, unit, cameras) of cameras inside a scope; an area's device can come once for each class.

    In the order of the index `catalogue_items_sums`: so nothing is sorted. Inside many areas the sums are chosen here.
    """
    columns = [catalogue_items.c[name] for name in ("shown_area", "camera_class", "device", "status", "unit")]
    many = len(scope.areas) > FEW_AREAS
    inside = None if many else within(scope, default_class)
    statement = (
        sa.select(*columns, sa.func.count().label("cameras"))
        .where(catalogue_items.c.kind == "camera", sa.true() if inside is None else inside)
        .group_by(*columns)
    )
    rows: Sequence[Any] = (await tx.execute(statement)).all()
    if not many:
        return rows
    return [row for row in rows if scope.holds(row.shown_area, CameraClass(row.camera_class or default_class))]


async def items_of(tx: AsyncConnection, device: str, limit: int) -> Sequence[Row]:
    """A device's items, for its own tree: what others hang in before the cameras."""
    statement = sa.select(catalogue_items, camera_notes.c.own_name).select_from(_JOINED).where(catalogue_items.c.device == device)
    return (await tx.execute(statement.order_by(catalogue_items.c.kind == "camera", catalogue_items.c.code).limit(limit))).all()


async def write_note(tx: AsyncConnection, code: str, *, take_over: bool = False, **notes: Any) -> None:
    """What an operator says of a camera; the columns given replace the old ones. `take_over`: as `update_sealed`."""
    changed(tx, CHANGED, [code])
    if not await update_sealed(tx, camera_notes, camera_notes.c.code == code, notes, take_over=take_over):
        await insert_sealed(tx, camera_notes, {"code": code, "tags": "[]", **notes})


async def write_notes(tx: AsyncConnection, notes: Mapping[str, Mapping[str, Any]]) -> None:
    """As `write_note`, of many cameras, some hundreds at once. Notes that are not whole must not be among them."""
    codes = list(notes)
    changed(tx, CHANGED, codes)
    names = [column.name for column in camera_notes.columns if column.name != "seal"]
    nothing = {**dict.fromkeys(names), "tags": "[]"}
    for at in range(0, len(codes), 500):
        part = codes[at : at + 500]
        stored = sa.select(*(camera_notes.c[name] for name in names)).where(camera_notes.c.code.in_(part)).with_for_update()
        before = {row.code: dict(row._mapping) for row in await tx.execute(stored)}
        await tx.execute(sa.delete(camera_notes).where(camera_notes.c.code.in_(list(before))))
        rows = [{**before.get(code, nothing), "code": code, **notes[code]} for code in part]
        await insert_many_sealed(tx, camera_notes, rows)


async def place_many(tx: AsyncConnection, column: str, values: Mapping[str, str]) -> None:
    """As `place`, of many cameras: `column` is one of text."""
    changed(tx, CHANGED, values)
    statement = sa.update(catalogue_items).where(catalogue_items.c.code == sa.bindparam("at")).values({column: sa.bindparam("to")})
    await tx.execute(statement, [{"at": code, "to": value} for code, value in values.items()])


async def tags_within(tx: AsyncConnection, inside: sa.ColumnElement[bool] | None) -> Sequence[Row]:
    """(tags, cameras): each list of tags as it is stored, and how many cameras inside have it."""
    where = (catalogue_items.c.kind == "camera") & camera_notes.c.tags.not_in(("", "[]"))
    statement = sa.select(camera_notes.c.tags, sa.func.count().label("cameras")).select_from(_JOINED)
    rows: Sequence[Row] = (
        await tx.execute(statement.where(where, sa.true() if inside is None else inside).group_by(camera_notes.c.tags))
    ).all()
    return rows


def note_is_whole(tx: AsyncConnection, row: Any) -> bool:
    """Whether what operators said of the camera, if anything, is as the node wrote it. `row` with the columns of `NOTED`."""
    return row.note_code is None or is_row_whole(tx, camera_notes, row, "note_")
