"""Rows of duty that were written past the node (A36): a line of the roster, a permit to sign on and an extension open nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from fengsui.features.audit import Act
from fengsui.store import Store, broken_rows, forget_seals, insert_sealed, seal_all, sealed, sealed_tables
from tests.node.conftest import RunningNode, running_node
from tests.node.duty_room import MovedClock, centre_of, operator, people_of, publish
from tests.node.test_audit import records
from tests.node.test_duty_hours import CHECKED, sign_off, sign_on
from tests.node.test_duty_policy import ruled_by
from tests.node.test_row_seals import past


@pytest.fixture
async def ruled(tmp_path: Path) -> AsyncIterator[tuple[RunningNode, MovedClock]]:
    """A node whose pack has hours asked at signing on, and the clock of its duty."""
    async with running_node(tmp_path, ruled_by(tmp_path, CHECKED)) as node:
        clock = MovedClock()
        node.node.duty._clock = clock
        yield node, clock


async def test_a_permit_that_no_supervisor_gave_lets_nobody_sign_on(ruled: tuple[RunningNode, MovedClock]) -> None:
    node, clock = ruled
    centre = await centre_of(node)
    li = await node.client_of("li-si", operator())
    number = people_of(await node.get("/users"))["li-si"]
    assert (await sign_on(li, centre)).status_code == 201
    clock.later = timedelta(hours=12, minutes=1)
    await node.node.duty_rooms.ends.look()
    assert (await sign_on(li, centre)).json()["code"] == "duty.no_rest"
    until = datetime.now(UTC) + clock.later + timedelta(hours=3)
    said = "INSERT INTO duty_permits (centre, user_id, given_by, person, name, given_at, until, reason, seal) "
    said += "VALUES (:centre, :user, 1, 'li-si', 'duty', :now, :until, '汛情', '')"
    await past(node, said, centre=centre, user=number, now=clock.now().timestamp(), until=until.timestamp())
    assert (await sign_on(li, centre)).json()["code"] == "duty.no_rest", "written past the node"
    word = {"user_id": number, "until": until.isoformat(), "reason": "汛情,人手不足"}
    assert (await node.client.post(f"/duty/centres/{centre}/permits", json=word)).status_code == 201
    await past(node, "UPDATE duty_permits SET until = until + 3600 WHERE seal <> ''")
    assert (await sign_on(li, centre)).json()["code"] == "duty.no_rest", "lengthened past the node"
    await past(node, "UPDATE duty_permits SET until = until - 3600 WHERE seal <> ''")
    assert (await sign_on(li, centre)).status_code == 201, "as the supervisor gave it"
    await li.aclose()


async def test_a_line_that_no_supervisor_wrote_seats_nobody_and_frees_no_seat(ruled: tuple[RunningNode, MovedClock]) -> None:
    node, _ = ruled
    centre = await centre_of(node)
    li, chen = await node.client_of("li-si", operator()), await node.client_of("chen-qi", operator())
    people = people_of(await node.get("/users"))
    now = datetime.now(UTC)
    slot: dict[str, object] = {"seat": 1, "user_id": people["li-si"], "since": now.isoformat()}
    slot["until"] = (now + timedelta(hours=8)).isoformat()
    made = await node.client.post(f"/duty/centres/{centre}/slots", json=slot)
    assert made.status_code == 201, made.text
    await publish(node, centre)
    await past(node, "UPDATE duty_slots SET user_id = :user", user=people["chen-qi"])
    assert (await sign_on(chen, centre)).json()["code"] == "duty.not_rostered", "the database put them there, not the supervisor"
    assert (await sign_on(li, centre)).json()["code"] == "duty.not_rostered"
    assert (await sign_on(chen, centre, 2)).json()["code"] == "duty.not_rostered", "nor is the centre one without a roster"
    span = {"since": (now - timedelta(hours=1)).isoformat(), "until": (now + timedelta(days=1)).isoformat()}
    (line,) = (await node.client.get(f"/duty/centres/{centre}/slots", params=span)).json()["items"]
    assert (line["user_id"], line["trouble_en"]) == (0, "the line was changed past the node; put somebody there anew"), line
    await node.node.seal_watch.look()
    assert [one.detail.split()[3] for one in records(node) if one.act == Act.DATABASE_CHANGED] == ["duty_slots"]
    again = await node.client.put(f"/duty/centres/{centre}/slots/{made.json()['id']}", json=slot)
    assert again.status_code == 200, again.text
    assert (await sign_on(li, centre)).status_code == 201, "put there anew"
    await node.node.seal_watch.look()
    assert node.node.seal_watch.broken == ()
    await sign_off(li)
    await li.aclose()
    await chen.aclose()


async def test_an_extension_past_the_node_does_not_prolong(tmp_path: Path) -> None:
    settings = ruled_by(tmp_path, CHECKED)
    async with running_node(tmp_path, settings) as node:
        centre = await centre_of(node)
        li = await node.client_of("li-si", operator())
        assert (await sign_on(li, centre)).status_code == 201
        number = people_of(await node.get("/users"))["li-si"]
        assert node.node.duty.mine(number) is not None
        await past(node, "UPDATE duty_shifts SET due = due + 7200, extensions = :said", said='[[1, "duty", 1.0, 9e9, "x"]]')
        await li.aclose()
    async with running_node(tmp_path, settings) as node:
        assert node.node.duty.mine(number) is None, "nobody's shift"


async def test_a_seal_over_more_is_given_to_what_was_whole_alone(store_url: str) -> None:
    store = await Store.open(store_url, seal_key=b"key")
    table = sa.Table("kept", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True), sa.Column("open", sa.Boolean))
    table.append_column(sa.Column("at", sa.Float))
    table.append_column(sa.Column("seal", sa.String(64)))
    try:
        sealed(table, "open")
        async with store.transaction() as tx:
            await tx.run_sync(table.create)
            for _ in range(2):
                await insert_sealed(tx, table, {"open": False, "at": 1.5})
            await tx.execute(sa.update(table).where(table.c.id == 2).values(open=True))
            sealed(table, "open", generation=2, added=("at",))
            (how,) = [one for one in sealed_tables() if one.table is table]
            assert await seal_all(tx, how, had_earlier=True) == 1
            rows = (await tx.execute(sa.select(table).order_by(table.c.id))).all()
            assert [row.id for row in broken_rows(tx, how, rows)] == [2], "what was changed before is not taken over"
            await tx.execute(sa.update(table).values(at=9.5))
            rows = (await tx.execute(sa.select(table).order_by(table.c.id))).all()
            assert [row.id for row in broken_rows(tx, how, rows)] == [1, 2]
            await tx.run_sync(table.drop)
    finally:
        forget_seals(table)
        await store.close()
