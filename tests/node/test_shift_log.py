"""What is written down on duty, and what passes with a seat: the duty objects of the appraisal sheet, 5.4."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from fengsui.features.duty import missing_rows
from fengsui.features.duty.log_model import Entry, EntryKind
from fengsui.features.duty.tables import log_entries
from tests.node.conftest import RunningNode, running_node
from tests.node.duty_room import CAMERA, CASE, HERE, centre_of, operator, order, people_of, with_pack
from tests.node.test_audit import records

DEVICE = "52010200001320000777"


@pytest.fixture
async def ruled(tmp_path: Path) -> AsyncIterator[RunningNode]:
    async with running_node(tmp_path / "node", with_pack(tmp_path / "node")) as node:
        yield node


def test_a_digest_names_everything_that_an_entry_says() -> None:
    one = Entry(3, 17, 5, 2, "li-si", 1000.0, EntryKind.VISITOR, "督察组到访")
    changed = {"number": 18, "user_id": 3, "at": 1001.0, "kind": EntryKind.FAULT, "text": "督察组离开", "corrects": 1}
    assert len({one.digest, *(one._replace(**{name: value}).digest for name, value in changed.items())}) == 7


async def test_the_log_is_written_on_duty_and_never_changed(ruled: RunningNode, monkeypatch: pytest.MonkeyPatch) -> None:
    node = ruled
    monkeypatch.setattr(missing_rows, "CONFIRM_S", 0.1)
    centre = await centre_of(node)
    path = f"/duty/centres/{centre}/log"
    li = await node.client_of("li-si", operator())
    off_duty = await li.post("/duty/log", json={"kind": "visitor", "text": "督察组到访"})
    assert (off_duty.status_code, off_duty.json()["code"]) == (404, "duty.unknown_shift")
    closed = await li.get(path)
    assert (closed.status_code, closed.json()["code"], closed.json()["rule"]) == (403, "duty.not_here", "5.4")
    assert (await li.post("/duty/shift", json={"centre": centre, "seat": 1})).status_code == 201
    first = await li.post("/duty/log", json={"kind": "visitor", "text": "督察组 3 人到访"})
    assert (first.status_code, first.json()["number"], first.json()["name"]) == (201, 1, "li-si"), first.text
    nothing = await li.post("/duty/log", json={"kind": "other", "text": "更正", "corrects": 9})
    assert (nothing.status_code, nothing.json()["code"]) == (404, "duty.unknown_entry")
    right = await li.post("/duty/log", json={"kind": "visitor", "text": "到访者为 2 人", "corrects": 1})
    assert (right.json()["number"], right.json()["corrects"]) == (2, 1)
    shown = (await li.get(path)).json()
    assert [(one["number"], one["text"]) for one in shown["items"]] == [(2, "到访者为 2 人"), (1, "督察组 3 人到访")]
    assert shown["next"] is None
    assert [(await li.request(one, f"{path}/1")).status_code for one in ("PUT", "PATCH", "DELETE")] == [405] * 3

    told = [one for one in records(node) if (one.act, one.result) == ("duty.log", "allowed")]
    assert [one.range for one in told] == [f"L{centre}-1", f"L{centre}-2"] and told[0].ticket.startswith("DT")
    async with node.node.store.reading() as tx:
        row = (await tx.execute(sa.select(log_entries).where(log_entries.c.number == 1))).one()
    kept = Entry(row.centre, row.number, row.shift, row.user_id, row.name, row.at, EntryKind(row.kind), row.text)
    assert kept.digest in told[0].detail, "whoever changes the row is found out"
    assert "督察组" not in told[0].detail, "the record holds no words of it"

    inspector = await node.client_of("chen-qi", {"post": "inspector", "area": HERE})
    auditor = await node.client_of("zhou-jiu", {"post": "audit-administrator", "area": "5201"})
    elsewhere = await node.client_of("sun-ba", {"post": "inspector", "area": "5203"})
    investigator = await node.client_of("wu-shi", {"post": "investigator", "area": HERE})
    for reader in (inspector, auditor, node.client):
        assert len((await reader.get(path)).json()["items"]) == 2
    assert (await elsewhere.get(path)).json()["code"] == "access.out_of_scope"
    assert (await investigator.get(path)).json()["code"] == "access.not_allowed"
    assert (await inspector.post("/duty/log", json={"kind": "other", "text": "督察"})).status_code == 403
    async with node.node.store.transaction() as tx:
        await tx.execute(sa.update(log_entries).where(log_entries.c.number == 2).values(text="到访者为 1 人"))
    await node.node.missing_rows.look()
    (found,) = [one for one in records(node) if one.act == "database.changed"]
    assert found.object == f"entry L{centre}-2" and found.result == "refused"
    for client in (li, inspector, auditor, elsewhere, investigator):
        await client.aclose()


async def test_a_successor_acknowledges_log_orders_and_equipment_by_name(ruled: RunningNode) -> None:
    node = ruled
    assert (await node.client.post("/devices", json={"code": DEVICE, "name": "东门"})).status_code == 201
    centre = await centre_of(node)
    li, wang = await node.client_of("li-si", operator()), await node.client_of("wang-wu", operator())
    people = people_of(await node.get("/users"))
    orders = f"/duty/centres/{centre}/orders"
    assert (await li.post(orders, json={"text": "一切如常"})).status_code == 403
    assert (await node.client.post(orders, json={"text": "整点巡查河岸"})).json()["version"] == 1
    assert (await node.client.post(orders, json={"text": "整点巡查河岸"})).status_code == 400, "nothing new"
    assert [one["version"] for one in (await wang.get(orders)).json()["items"]] == [1]
    shift = (await li.post("/duty/shift", json={"centre": centre, "seat": 1})).json()["id"]
    assert (await li.post("/duty/log", json={"kind": "fault", "text": "东门摄像机掉线,已报修"})).status_code == 201
    assert (await wang.get(f"/duty/shifts/{shift}/handover")).json()["code"] == "duty.unknown_shift", "nothing is offered"
    offered = await li.post("/duty/shift/hand-over", json={"successor": people["wang-wu"], "remarks": "留意东门"})
    assert offered.status_code == 200, offered.text
    passing = (await wang.get(f"/duty/shifts/{shift}/handover")).json()
    assert [(one["code"], one["state"]) for one in passing["handover"]["down"]] == [(DEVICE, "offline")]
    assert (passing["orders"]["text"], passing["log"][0]["number"]) == ("整点巡查河岸", 1)
    assert (await wang.get(f"/duty/centres/{centre}/log")).status_code == 200, "whoever is offered the seat reads on"
    stranger = await node.client.get(f"/duty/shifts/{shift}/handover")
    assert stranger.json()["code"] == "duty.unknown_shift"

    accept = f"/duty/shifts/{shift}/accept"
    bare = await wang.post(accept, json={"matters": []})
    said = bare.json()
    assert (bare.status_code, said["code"], said["rule"]) == (409, "duty.not_acknowledged", "5.4")
    assert all(word in said["zh"] for word in ("值班须知第 1 版", "第 1 条", "东门"))
    assert (await node.client.post(orders, json={"text": "每半小时巡查河岸"})).json()["version"] == 2
    known = {"matters": [], "orders": 1, "entry": 1, "down": [DEVICE]}
    late = (await wang.post(accept, json=known)).json()
    assert late["code"] == "duty.not_acknowledged" and "第 2 版" in late["zh"] and "东门" not in late["zh"]
    assert (await li.post("/duty/log", json={"kind": "order", "text": "县局要求加强巡查"})).status_code == 201
    behind = (await wang.post(accept, json={**known, "orders": 2})).json()
    assert "第 2 条" in behind["zh"], "what was written behind the offer is read too"
    taken = await wang.post(accept, json={**known, "orders": 2, "entry": 2})
    assert taken.status_code == 201, taken.text
    (told,) = [one for one in records(node) if (one.act, one.result) == ("duty.accept", "allowed")]
    assert (told.person, "standing orders version 2, log up to entry 2, down: " + DEVICE in told.detail) == ("wang-wu", True)
    (kept,) = (await wang.get(f"/duty/centres/{centre}/handovers")).json()["items"]
    assert (kept["from_name"], kept["to_name"], kept["entry"], kept["remarks"]) == ("li-si", "wang-wu", 2, "留意东门")
    assert kept["accepted_at"] is not None
    assert (await li.get(f"/duty/centres/{centre}/log")).status_code == 403, "gone home"
    await li.aclose()
    await wang.aclose()


async def test_open_use_tickets_pass_by_name_and_stay_their_holders(ruled: RunningNode) -> None:
    node = ruled
    centre = await centre_of(node)
    senior = {"post": "duty-supervisor", "area": HERE}
    li, wang = await node.client_of("li-si", senior), await node.client_of("wang-wu", operator())
    people = people_of(await node.get("/users"))
    shift = (await li.post("/duty/shift", json={"centre": centre, "seat": 1})).json()["id"]
    assert (await li.get("/duty")).json()["uses"] == []
    first = (await order(li, [CAMERA])).json()["number"]
    (mine,) = (await li.get("/duty")).json()["uses"]
    assert (mine["id"], first in mine["zh"], CASE in mine["zh"] + mine["en"]) == (f"ticket:{first}", True, False)
    offered = await li.post("/duty/shift/hand-over", json={"successor": people["wang-wu"]})
    assert offered.status_code == 200, offered.text
    accept = f"/duty/shifts/{shift}/accept"
    bare = await wang.post(accept, json={"matters": []})
    assert (bare.status_code, bare.json()["code"]) == (409, "duty.not_accepted") and first in bare.json()["zh"]
    later = (await order(li, [CAMERA])).json()["number"]
    passing = (await wang.get(f"/duty/shifts/{shift}/handover")).json()
    assert passing["handover"]["matters"] == [f"ticket:{first}"]
    names = [one["id"] for one in passing["uses"]]
    assert names == sorted((f"ticket:{first}", f"ticket:{later}")), "what was opened behind the offer passes too"
    short = await wang.post(accept, json={"matters": [f"ticket:{first}"]})
    assert later in short.json()["zh"] and first not in short.json()["zh"]
    assert (await wang.post(accept, json={"matters": names})).status_code == 201
    (told,) = [one for one in records(node) if (one.act, one.result) == ("duty.accept", "allowed")]
    assert all(name in told.detail for name in names)
    assert [one["number"] for one in (await wang.get("/tickets")).json()["items"]] == [], "none is the successor's"
    assert (await li.delete(f"/tickets/{first}")).status_code == 204, "they stay the holder's"
    assert (await wang.get("/duty")).json()["uses"] == []
    await li.aclose()
    await wang.aclose()
