"""Rows written past the node (A36): each opens nothing, or counts as the stricter, is found by the look at seals and told."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from fengsui.features.access import CameraClass, CameraFacts
from fengsui.features.access.credentials import cookie_of
from fengsui.features.audit import Act
from fengsui.features.duty import queries as duty_queries
from fengsui.features.masks import queries as mask_queries
from fengsui.features.tickets import queries as ticket_queries
from fengsui.features.tickets.model import Match
from fengsui.store import Store, forget_seals, insert_sealed, is_row_whole, sealed, sealed_tables, update_sealed
from tests.node.conftest import RunningNode, powered, running_node, settings_for, simulated_camera, until
from tests.node.test_audit import records
from tests.node.test_live import listed
from tests.node.test_masks import BOX, two_offices


async def past(node: RunningNode, statement: str, **values: Any) -> int:
    """Writes the database as somebody who has its file does; how many rows."""
    async with node.node.store.transaction() as tx:
        return (await tx.execute(sa.text(statement), values)).rowcount


async def row(node: RunningNode, statement: str, **values: Any) -> Any:
    async with node.node.store.reading() as tx:
        return (await tx.execute(sa.text(statement), values)).one()


@pytest.fixture
async def ruled(tmp_path: Path) -> AsyncIterator[RunningNode]:
    async with two_offices(tmp_path) as (node, _, _):
        yield node


async def me(node: RunningNode, token: str) -> int:
    transport = httpx.AsyncHTTPTransport()
    async with httpx.AsyncClient(base_url=node.client.base_url, transport=transport) as client:
        return (await client.get("/cameras", headers={"Authorization": f"Bearer {token}"})).status_code


async def sign_in(node: RunningNode, name: str, password: str) -> int:
    async with httpx.AsyncClient(base_url=node.client.base_url) as client:
        return (await client.post("/session", json={"name": name, "password": password})).status_code


async def test_sessions_tokens_and_passwords_of_ones_own_making_open_nothing(node: RunningNode) -> None:
    wang, password = await node.appoint("wang", {"post": "operator"})
    client = await node.sign_in("wang", password)
    said = {"name": "t", "functions": ["look-around"], "days": 1, "proof": "own-password-1"}
    made = await client.post("/account/tokens", json=said)
    assert made.status_code == 201, made.text
    token, own = made.json()["text"], client.headers["Authorization"].removeprefix("Bearer ")
    assert (await me(node, own), await me(node, token)) == (200, 200)

    one = (await row(node, "SELECT * FROM sessions WHERE user_id = :user LIMIT 1", user=wang["id"]))._mapping
    forged = {**one, "token_hash": hashlib.sha256(cookie_of("forged").encode()).hexdigest(), "id": "0" * 24}
    columns = ", ".join(forged)
    await past(node, f"INSERT INTO sessions ({columns}) VALUES ({', '.join(f':{name}' for name in forged)})", **forged)
    assert await me(node, "forged") == 401

    widened = "UPDATE api_tokens SET functions = functions || ' view-live' WHERE user_id = :user"
    assert await past(node, widened, user=wang["id"]) == 1
    assert await me(node, token) == 401

    duty = (await row(node, "SELECT password_hash FROM users WHERE name = 'duty'")).password_hash
    assert await sign_in(node, "audit", "first-password") == 201
    await past(node, "UPDATE users SET password_hash = :hash, must_change_password = false WHERE name = 'wang'", hash=duty)
    assert await sign_in(node, "wang", "first-password") == 401, "the password of another one, but not by the node"
    node.node.access.persons.forget(wang["id"])
    assert await me(node, own) == 401, "nor does what was begun before go on"
    await client.aclose()

    await node.node.seal_watch.look()
    await node.node.seal_watch.look()
    told = sorted((one.object, one.detail.split()[3]) for one in records(node) if one.act == Act.DATABASE_CHANGED)
    user = f"user {wang['id']}"
    assert told == [(user, "api_tokens"), (user, "sessions"), ("wang", "users")], "each once"
    (fault,) = (await node.get("/node"))["faults"]
    assert fault["code"] == "store.changed_past_node" and "users wang" in fault["en"]

    assert await sign_in(node, "wang", await node.reset(wang["id"])) == 201, "two persons who reset the account put it right"


async def test_a_camera_that_was_opened_past_the_node_is_the_stricter_one(node: RunningNode) -> None:
    camera = simulated_camera(node.registrar)
    code = camera.identity.code
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        body = {"camera_class": "police-internal", "audio_basis": "市局通知 12 号", "own_area": "520102"}
        assert (await node.client.patch(f"/cameras/{code}", json=body)).status_code == 200

        async def facts() -> CameraFacts:
            return (await node.node.cameras.facts([code]))[code]

        whole = CameraFacts(code, "520102", CameraClass.POLICE_INTERNAL)
        assert await facts() == whole and await node.node.cameras.with_sound([code]) == {code}
        await past(
            node, "UPDATE catalogue_items SET camera_class = 'government', shown_area = '520103' WHERE code = :code", code=code
        )
        assert await facts() == CameraFacts(code, "", CameraClass.POLICE_INTERNAL), "the catalogue alone decides nothing"
        await past(node, "UPDATE camera_notes SET camera_class = 'government' WHERE code = :code", code=code)
        assert await facts() == CameraFacts(code, "", CameraClass.RESTRICTED)
        found = await node.node.cameras.get(code)
        assert (found.camera_class, found.audio_basis) == (CameraClass.RESTRICTED, "")
        assert await node.node.cameras.with_sound([code]) == set(), "nor is the basis of its sound believed"
        await node.node.seal_watch.look()
        assert [one.object for one in records(node) if one.act == Act.DATABASE_CHANGED] == [code]


async def test_duty_papers_and_masks_are_believed_as_the_node_wrote_them_alone(ruled: RunningNode) -> None:
    node, store = ruled, ruled.node.store
    made = await node.client.post("/duty/centres", json={"name": "值班室", "area": "520102", "seats": 2})
    assert made.status_code == 201, made.text
    assert (await node.client.post("/duty/shift", json={"centre": made.json()["id"], "seat": 1})).status_code == 201
    danger = {"area": "520102", "danger": "life", "said": "somebody drowns", "proof": "first-password"}
    assert (await node.client.post("/emergencies", json=danger)).status_code == 201
    who = (await row(node, "SELECT id FROM users WHERE name = 'duty'")).id
    async with store.transaction() as tx:
        await mask_queries.add_mask(tx, "c", 0, "", BOX, made_by=who, now=1.0)
        await ticket_queries.add_review(tx, who, 2, "said", 5.0)

    await past(node, "UPDATE duty_centres SET removed_at = 5")
    await past(node, "UPDATE duty_shifts SET user_id = user_id + 1")
    now = time.time()
    await past(node, "UPDATE emergencies SET reported_at = :now, judged_at = :now, verdict = 'justified'", now=now)
    await past(node, "INSERT INTO ticket_reviews (user_id, reviewer, at, note) VALUES (:who, 3, :now, '')", who=who, now=now)
    await past(node, "UPDATE masks SET points = '[[0,0],[1000,0],[1000,1000]]'")
    async with store.reading() as tx:
        assert [one.name for one in await duty_queries.all_centres(tx)] == ["值班室"], "not given up"
        assert await duty_queries.shifts_on(tx) == [], "nobody's"
        assert await ticket_queries.reviews(tx) == {who: 5.0}
        assert [one.valid for one in await mask_queries.all_masks(tx)] == [False], "black, until it is drawn again"
    await node.node.seal_watch.look()
    assert node.node.tickets.closed_to(who), "a verdict that nobody gave closes pictures until it is cleared up"
    told = {one.detail.split()[3] for one in records(node) if one.act == Act.DATABASE_CHANGED}
    assert told >= {"duty_centres", "duty_shifts", "emergencies", "ticket_reviews", "masks"}
    number = (await row(node, "SELECT id FROM emergencies")).id
    restored = await node.client.post(f"/emergencies/{number}/restoration", json={"note": "数据库被改动,已查明"})
    assert restored.status_code == 204, restored.text
    assert not node.node.tickets.closed_to(who)


async def test_a_case_number_that_the_database_calls_known_is_as_good_as_unknown(ruled: RunningNode) -> None:
    node = ruled
    rules = (await node.client.get("/ticket-purposes")).json()["items"]
    crime = next(one for one in rules if one["code"] == "crime-investigation")
    bounds = {"cameras": ["52010200001320000001"], "since": "2026-01-01T00:00:00Z", "until": "2099-01-01T00:00:00Z"}
    case = {"purpose": crime["code"], "case_number": "A5201022026110001", "legal_basis": crime["basis"][0], "bounds": bounds}
    made = await node.client.post("/tickets", json=case)
    assert made.status_code == 201, made.text
    assert await past(node, "UPDATE use_tickets SET matched = 'matched'") == 1
    await node.node.seal_watch.look()
    async with node.node.store.reading() as tx:
        found = await ticket_queries.ticket(tx, made.json()["number"])
    assert found is not None and found.match is Match.UNMATCHED
    await node.node.seal_watch.look()
    assert node.node.seal_watch.broken == (), "and is shown to supervisors as such"
    assert [one.object for one in records(node) if one.act == Act.DATABASE_CHANGED] == [found.number]


async def test_rows_of_a_version_without_seals_are_sealed_once_on_record(tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for()) as node:
        (first,) = [one for one in records(node) if one.act == Act.DATABASE_SEALED and one.detail.startswith("sealed")]
        assert first.detail == "sealed as they stood: no rows"

    def unsealed() -> None:
        with sqlite3.connect(tmp_path / "node.db") as database:
            for how in sealed_tables():
                database.execute(f"UPDATE {how.table.name} SET {how.seal} = ''")

    unsealed()
    shutil.rmtree(tmp_path / "audit")  # as if no such start had been
    async with running_node(tmp_path, settings_for()) as node:  # everybody signs in
        told = [one.detail for one in records(node) if one.act == Act.DATABASE_SEALED]
        assert len(told) == 2 and told[0].startswith("will be sealed: ") and "users 5" in told[1]
    unsealed()
    with pytest.raises(AssertionError, match="access"):
        async with running_node(tmp_path, settings_for()):
            pass


async def test_what_was_changed_stays_broken_when_the_node_writes_it_but_where_it_is_decided_anew(store_url: str) -> None:
    store = await Store.open(store_url, seal_key=b"key")
    try:
        table = sa.Table("kept", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True), sa.Column("open", sa.Boolean))
        table.append_column(sa.Column("at", sa.Float))
        table.append_column(sa.Column("seal", sa.String(64)))
        sealed(table, "open", "at")
        async with store.transaction() as tx:
            await tx.run_sync(table.create)
            await insert_sealed(tx, table, {"open": False, "at": 1795758903.123456})
            await update_sealed(tx, table, table.c.id == 1, {"at": 2})
            (one,) = (await tx.execute(sa.select(table))).all()
            assert is_row_whole(tx, table, one) and one.at == 2.0
            await tx.execute(sa.update(table).values(open=True))
            await update_sealed(tx, table, table.c.id == 1, {"at": 3.5})
            (one,) = (await tx.execute(sa.select(table))).all()
            assert one.open and not is_row_whole(tx, table, one), "the node's own change does not make it whole"
            await update_sealed(tx, table, table.c.id == 1, {"open": False}, take_over=True)
            (one,) = (await tx.execute(sa.select(table))).all()
            assert is_row_whole(tx, table, one)
            await tx.run_sync(table.drop)
    finally:
        forget_seals(table)
        await store.close()
