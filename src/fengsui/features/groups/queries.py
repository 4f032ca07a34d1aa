"""All SQL about favourites and groups."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.groups.model import Group
from fengsui.features.groups.tables import camera_groups, favourites, group_cameras

FEW = 500
"""So many codes are named in a query."""


async def favourites_of(tx: AsyncConnection, user: int) -> list[str]:
    """Codes, in the order in which they were marked."""
    where = favourites.c.user_id == user
    return list((await tx.execute(sa.select(favourites.c.camera).where(where).order_by(favourites.c.place))).scalars())


async def _change(tx: AsyncConnection, of: sa.Column[int], number: int, before: Sequence[str], after: Sequence[str]) -> None:
    """What is written is what differs; places only grow, so that what stays keeps its own, unless the order is another one."""
    table = of.table
    assert isinstance(table, sa.Table)
    stays = set(before) & set(after)
    if [code for code in before if code in stays] != [code for code in after if code in stays]:
        await tx.execute(sa.delete(table).where(of == number))
        before = ()
    gone = sorted(set(before) - set(after))
    for at in range(0, len(gone), FEW):
        await tx.execute(sa.delete(table).where(of == number, table.c.camera.in_(gone[at : at + FEW])))
    known = set(before)
    fresh = [code for code in after if code not in known]
    if fresh:
        last = (await tx.execute(sa.select(sa.func.max(table.c.place)).where(of == number))).scalar_one() or 0
        rows = [{of.name: number, "camera": code, "place": last + 1 + at} for at, code in enumerate(fresh)]
        await tx.execute(sa.insert(table), rows)


async def change_favourites(tx: AsyncConnection, user: int, before: Sequence[str], after: Sequence[str]) -> None:
    """From one list to the other."""
    await _change(tx, favourites.c.user_id, user, before, after)


async def change_cameras(tx: AsyncConnection, group: int, before: Sequence[str], after: Sequence[str]) -> None:
    """From one list to the other."""
    await _change(tx, group_cameras.c.group_id, group, before, after)


async def groups_for(tx: AsyncConnection, user: int, posts: Collection[str], centres: Collection[int]) -> list[Group]:
    """One's own and those shared with these posts and centres, by name."""
    mine = camera_groups.c.owner == user
    shared = camera_groups.c.post.in_(list(posts)) | camera_groups.c.centre.in_(list(centres))
    return await _read(tx, mine | shared)


async def group(tx: AsyncConnection, number: int) -> Group | None:
    """Whoever asks."""
    return next(iter(await _read(tx, camera_groups.c.id == number)), None)


async def _read(tx: AsyncConnection, where: sa.ColumnElement[bool]) -> list[Group]:
    rows = (await tx.execute(sa.select(camera_groups).where(where).order_by(camera_groups.c.name, camera_groups.c.id))).all()
    held: dict[int, list[str]] = defaultdict(list)
    ids = [row.id for row in rows]
    for at in range(0, len(ids), FEW):
        named = group_cameras.c.group_id.in_(ids[at : at + FEW])
        for item in await tx.execute(sa.select(group_cameras).where(named).order_by(group_cameras.c.place)):
            held[item.group_id].append(item.camera)
    return [Group(row.id, row.owner, row.owner_name, row.name, row.post, row.centre, tuple(held[row.id])) for row in rows]


async def add(tx: AsyncConnection, one: Group) -> int:
    """Its number; its cameras are put in after it."""
    facts = {"owner": one.owner, "owner_name": one.owner_name, "name": one.name, "post": one.post, "centre": one.centre}
    made = (await tx.execute(sa.insert(camera_groups).values(**facts))).inserted_primary_key
    assert made is not None
    return int(made[0])


async def change(tx: AsyncConnection, one: Group) -> None:
    """Its name and with whom it is shared."""
    facts = {"name": one.name, "post": one.post, "centre": one.centre}
    await tx.execute(sa.update(camera_groups).where(camera_groups.c.id == one.id).values(**facts))


async def remove(tx: AsyncConnection, number: int) -> None:
    """With what is in it."""
    await tx.execute(sa.delete(group_cameras).where(group_cameras.c.group_id == number))
    await tx.execute(sa.delete(camera_groups).where(camera_groups.c.id == number))
