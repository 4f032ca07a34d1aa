"""Edits of many cameras: previewed by the node, refused row by row, done with a record each, asked for where two must decide."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.errors import StorageFault
from fengsui.features.approvals import queries as requests
from fengsui.features.audit import Act, Audit, AuditUnavailable
from fengsui.features.camera_list import Planning
from fengsui.features.cameras import queries
from fengsui.features.policy import queries as notices
from fengsui.store import Store
from tests.device_files.right import RIGHT
from tests.node.conftest import RunningNode, running_node, settings_for, until
from tests.node.test_audit import records
from tests.node.test_camera_names import stored_item
from tests.node.test_camera_rows import codes, page, seeded
from tests.node.test_device_files import done, keeper, opened

FIRST = "52010200001320000001"
OF_THE_CITY = "52010000002000000009"
"""A platform whose word on the county of its cameras counts."""


def code_of(number: int) -> str:
    return f"52010200001320{number:06d}"


def of_county(count: int, **facts: object) -> list[dict[str, Any]]:
    return [{**stored_item(code_of(number), f"解放路{number}号", "520102"), **facts} for number in range(1, count + 1)]


async def looked(node: RunningNode, chosen: dict[str, Any], change: dict[str, Any], client: httpx.AsyncClient | None = None) -> Any:
    """The preview, once the node has made it."""
    client = client or node.client
    begun = await client.post("/camera-edits", json={"chosen": chosen, "change": change})
    assert begun.status_code == 202, begun.text
    return await at_rest(begun.json()["number"], client)


async def at_rest(number: int, client: httpx.AsyncClient) -> Any:
    found: dict[str, Any] = {}

    async def rests() -> bool:
        found.update((await client.get(f"/camera-edits/{number}", params={"limit": 500})).json())
        return found["phase"] in ("ready", "done", "failed")

    await until(rests, what="the edit is at rest")
    return found


async def applied(node: RunningNode, number: int, reason: str = "", client: httpx.AsyncClient | None = None) -> Any:
    client = client or node.client
    answer = await client.post(f"/camera-edits/{number}/apply", json={"reason": reason})
    assert answer.status_code == 202, answer.text
    return await at_rest(number, client)


def outcomes(found: Any) -> dict[str, Any]:
    return {row["code"][-3:]: row["result"] or row["outcome"] for row in found["rows"]}


def problems(found: Any) -> dict[str, str]:
    return {row["code"][-3:]: row["problem"]["code"] for row in found["rows"] if row["problem"] is not None}


async def test_all_that_match_are_previewed_and_changed_with_a_record_each(store_url: str, tmp_path: Path) -> None:
    settings = settings_for(store_url)
    await seeded(settings.store.url, of_county(450))
    async with running_node(tmp_path, settings) as node:
        assert (await node.client.patch(f"/cameras/{code_of(3)}", json={"tags": ["重点"]})).status_code == 200
        chosen = {"matching": {"q": "jfl", "area": "5201"}, "but": [code_of(2)]}
        change = {"name": {"how": "prefix", "text": "南明-"}, "tags_add": ["重点", "学校"], "tags_remove": ["临时"]}
        found = await looked(node, chosen, change)
        assert (found["phase"], found["total"], found["counts"]["change"]) == ("ready", 449, 449)
        first, third = found["rows"][0], found["rows"][1]
        assert [(one["field"], one["before_zh"], one["after_zh"]) for one in first["changes"]] == [
            ("own_name", "解放路1号", "南明-解放路1号"),
            ("tags", "", "重点、学校"),
        ]
        assert third["changes"][1]["before_en"] == "重点" and third["changes"][1]["after_en"] == "重点, 学校"
        assert (await node.get("/camera-tags"))["items"] == [{"tag": "重点", "cameras": 1}], "nothing is changed yet"
        seen = len(records(node))
        over = await applied(node, found["number"])
        assert (over["phase"], over["results"]["done"], over["results"]["failed"]) == ("done", 449, 0)
        new = [one for one in records(node)[seen:] if one.act == Act.CAMERA_CHANGE]
        assert sorted(one.object for one in new) == sorted(code_of(number) for number in range(1, 451) if number != 2)
        assert {one.result for one in new} == {"allowed"} and {one.person for one in new} == {"system"}
        detail = next(one.detail for one in new if one.object == code_of(1))
        assert detail == "own_name=none→南明-解放路1号; tags=none→重点,学校"
        assert [one.detail.split(":")[0] for one in records(node) if one.act == Act.CAMERA_EDIT] == [
            "looked through, 449 cameras",
            "begun",
        ]
        assert len(await codes(node.client, q="南明-", tag="学校")) == 449
        assert (await node.get(f"/cameras/{code_of(2)}"))["tags"] == []
        for number in (1, 3, 450):  # as the node wrote them: with their seals
            assert (await node.get(f"/cameras/{code_of(number)}"))["own_name"] == f"南明-解放路{number}号"
        again = await node.client.post(f"/camera-edits/{found['number']}/apply", json={})
        assert (again.status_code, again.json()["code"]) == (409, "camera.edit_not_ready")
        back = await looked(node, {"matching": {"tags": ["学校"]}}, {"name": {"how": "device"}, "tags_remove": ["重点", "学校"]})
        assert (await applied(node, back["number"]))["results"]["done"] == 449
        assert (await page(node.client, q="南明-"))["total"] == 0


async def test_what_cannot_be_changed_is_named_and_nothing_of_it_is(node: RunningNode) -> None:
    rows = [*of_county(4), stored_item("52030200001320000900", "遵义路", "520302"), {**of_county(5)[4], "name": "长" * 253}]
    async with node.node.store.transaction() as tx:
        await queries.write_items(tx, rows)
    full = [f"标签{number}" for number in range(32)]
    assert (await node.client.patch(f"/cameras/{code_of(2)}", json={"tags": full})).status_code == 200
    there = await node.client_of("there", {"post": "system-administrator", "area": "5201"})
    chosen = {"codes": [row["code"] for row in rows] + ["52010200001320000404"]}
    found = await looked(node, chosen, {"name": {"how": "suffix", "text": "(南明区)"}, "tags_add": ["新"]}, there)
    assert outcomes(found) == {
        "001": "change",
        "002": "refused",
        "003": "change",
        "004": "change",
        "900": "refused",
        "005": "refused",
        "404": "refused",
    }
    assert problems(found) == {
        "002": "camera.edit_tags",
        "005": "camera.edit_name_long",
        "900": "access.out_of_scope",
        "404": "camera.unknown",
    }
    stranger = next(row for row in found["rows"] if row["code"].endswith("900"))
    assert (stranger["name"], stranger["changes"]) == ("", []), "what one may not see is not told"
    only = (await there.get(f"/camera-edits/{found['number']}", params={"show": "refused", "limit": 2})).json()
    assert (only["found"], len(only["rows"])) == (4, 2)
    # Somebody else is quicker with one camera, and takes the right away to another.
    assert (await node.client.patch(f"/cameras/{code_of(1)}", json={"tags": ["抢先"]})).status_code == 200
    await node.put(code_of(3), "520302")
    over = await applied(node, found["number"], client=there)
    assert (outcomes(over)["001"], outcomes(over)["003"], outcomes(over)["004"]) == ("failed", "failed", "done")
    assert (problems(over)["001"], problems(over)["003"]) == ("camera.edit_stale", "camera.edit_stale")
    assert code_of(1) in next(row["problem"]["zh"] for row in over["rows"] if row["code"] == code_of(1))
    assert (await node.get(f"/cameras/{code_of(1)}"))["tags"] == ["抢先"]
    assert (await node.get(f"/cameras/{code_of(4)}"))["tags"] == ["新"]
    said = [one for one in records(node) if one.act == Act.CAMERA_CHANGE and one.person == "there"]
    assert [one.object for one in said if one.result == "allowed"] == [code_of(4)], "no record of what was not done"
    assert sorted((one.object, one.detail) for one in said if one.result == "refused") == [
        (code_of(1), "camera.edit_stale"),
        (code_of(3), "camera.edit_stale"),
        ("52030200001320000900", "access.out_of_scope"),
    ], "each refusal has its record, in the preview and when it is done"
    mine = await node.client.get(f"/camera-edits/{found['number']}")
    assert (mine.status_code, mine.json()["code"]) == (404, "camera.edit_unknown"), "an edit is its maker's"
    await there.aclose()


async def test_what_takes_two_is_asked_for_camera_by_camera(store_url: str, tmp_path: Path) -> None:
    settings = settings_for(store_url)
    await seeded(settings.store.url, [*of_county(3, camera_class="private"), *of_county(5)[3:]])
    async with running_node(tmp_path, settings) as node:
        chosen = {"codes": [code_of(number) for number in range(1, 6)]}
        change = {"camera_class": "operating-unit", "tags_add": ["商圈"]}
        found = await looked(node, chosen, change)
        assert found["counts"] == {"change": 0, "ask": 5, "same": 0, "refused": 0}, "between two that protect alike it is a move"
        change = {"camera_class": "government", "tags_add": ["商圈"]}
        found = await looked(node, chosen, change)
        assert found["counts"] == {"change": 2, "ask": 3, "same": 0, "refused": 0}
        two = {one["field"]: one["two"] for one in found["rows"][0]["changes"]}
        assert two == {"tags": False, "camera_class": True}
        assert found["rows"][4]["changes"][1]["before_zh"] == "未指定"
        silent = await node.client.post(f"/camera-edits/{found['number']}/apply", json={"reason": " "})
        assert silent.json()["code"] == "approvals.reason_missing"
        over = await applied(node, found["number"], "移交后由政府管理")
        assert over["results"] == {"done": 2, "asked": 3, "partly": 0, "failed": 0}
        first, fifth = await node.get(f"/cameras/{FIRST}"), await node.get(f"/cameras/{code_of(5)}")
        assert (first["camera_class"], first["tags"]) == ("private", ["商圈"]), "the class waits for the second person"
        assert (fifth["camera_class"], fifth["tags"]) == ("government", ["商圈"])
        waits = (await node.client.get("/approvals", params={"box": "waiting"})).json()["items"]
        assert sorted(one["target"] for one in waits) == [code_of(1), code_of(2), code_of(3)]
        assert {one["reason"] for one in waits} == {"移交后由政府管理"} and {one["state"] for one in waits} == {"pending"}
        tighter = await looked(node, {"codes": [code_of(4), code_of(5)]}, {"camera_class": "restricted"})
        assert (await applied(node, tighter["number"]))["results"]["done"] == 2, "to protect more takes one"
        assert (await node.get("/camera-rows?class=restricted"))["total"] == 2
        moved = await looked(node, {"codes": [code_of(4)]}, {"own_area": "520103", "camera_class": "private"})
        assert problems(moved) == {"004": "camera.edit_one_request"}
        street = await looked(node, {"codes": [code_of(4)]}, {"own_area": "52010201"})
        assert street["counts"]["change"] == 1, "within the county one person says where it stands"
        away = await looked(node, {"codes": [code_of(4)]}, {"own_area": "520302"})
        assert away["counts"]["ask"] == 1
        assert (await applied(node, away["number"], "道路改属"))["results"]["asked"] == 1
        assert (await node.get(f"/cameras/{code_of(4)}"))["own_area"] == ""


async def test_what_its_device_has_moved_since_the_preview_takes_a_second_person_anew(store_url: str, tmp_path: Path) -> None:
    settings = settings_for(store_url)
    await seeded(settings.store.url, of_county(2, device=OF_THE_CITY))
    async with running_node(tmp_path, settings) as node:
        for number in (1, 2):
            assert (await node.client.patch(f"/cameras/{code_of(number)}", json={"own_area": "520102"})).status_code == 200
        found = await looked(node, {"codes": [code_of(1), code_of(2)]}, {"own_area": ""})
        assert found["counts"]["change"] == 2, "they stay where they are"
        async with node.node.store.transaction() as tx:  # what the device's next catalogue says of it
            await queries.place(tx, code_of(1), area="520103")
        over = await applied(node, found["number"])
        assert (over["results"]["done"], problems(over)) == (1, {"001": "camera.edit_stale"})
        assert (await node.get(f"/cameras/{code_of(1)}"))["own_area"] == "520102"

        def taken_back() -> bool:
            failed = [one.object for one in records(node) if one.act == Act.CAMERA_CHANGE and one.result == "failed"]
            return failed == [code_of(1)]

        await until(taken_back, what="the record of what was not done is taken back")


async def test_an_access_unit_of_the_operators_own_is_where_the_tree_shows_it(store_url: str, tmp_path: Path) -> None:
    settings = settings_for(store_url)
    await seeded(settings.store.url, of_county(2, device=OF_THE_CITY))
    async with running_node(tmp_path, settings) as node:
        street = await looked(node, {"codes": [code_of(1), code_of(2)]}, {"own_area": "52010207"})
        assert (await applied(node, street["number"]))["results"]["done"] == 2
        counts = {one["code"]: one["cameras_here"] for one in (await node.get("/areas"))["items"]}
        assert counts["52010207"] == 2
        back = await looked(node, {"codes": [code_of(2)]}, {"own_area": ""})
        assert (await applied(node, back["number"]))["results"]["done"] == 1
        counts = {one["code"]: one["cameras_here"] for one in (await node.get("/areas"))["items"]}
        assert counts["52010207"] == 1


async def test_requests_are_as_many_as_one_persons_may_be(node: RunningNode) -> None:
    async with node.node.store.transaction() as tx:
        await queries.write_items(tx, of_county(23, camera_class="private"))
    found = await looked(node, {"matching": {}}, {"camera_class": "government"})
    assert (found["counts"]["ask"], found["counts"]["refused"]) == (20, 3)
    assert set(problems(found).values()) == {"approvals.too_many"}


async def test_fields_of_device_files_are_written_checked_and_reviewed(store_url: str, tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for(store_url)) as node:
        async with node.node.store.transaction() as tx:
            await queries.write_items(tx, of_county(4))
        reviewer = await node.client_of("reviewer", {"post": "commander", "area": "5201"})
        for number in (1, 2, 3):
            where = {
                "lon": f"{106.715 + number * 0.00011:.6f}",
                "mac": f"3C-EF-8C-00-00-0{number}",
                "name": f"南明区解放路{number}号路口东",
            }
            file = await opened(node, code_of(number), **where, ipv4=f"10.52.1.{number}")
            assert file["issues"] == [], file["issues"]
            if number > 1:
                file = await done(node.client, file, "submit")
                file = await done(reviewer, file, "take")
            if number == 3:
                await done(reviewer, file, "approve")
        change = {"file": {"maintainer": "烽燧运维", "retention_days": "60"}}
        found = await looked(node, {"codes": [code_of(number) for number in (1, 2, 3, 4)]}, change)
        assert outcomes(found) == {"001": "change", "002": "refused", "003": "ask", "004": "refused"}
        assert problems(found) == {"002": "file.locked", "004": "file.unknown"}
        words = [(one["zh"], one["before_zh"], one["after_zh"], one["two"]) for one in found["rows"][2]["changes"]]
        assert ("档案·运维单位", "", "烽燧运维", False) in words and (
            "档案·录像保存天数",
            RIGHT["retention_days"],
            "60",
            True,
        ) in words
        over = await applied(node, found["number"], "新的运维合同")
        assert outcomes(over) == {"001": "done", "002": "refused", "003": "asked", "004": "refused"}, problems(over)
        draft, approved = [(await node.client.get(f"/device-files/{code_of(one)}", headers=keeper(node))).json() for one in (1, 3)]
        assert (draft["values"]["maintainer"], draft["values"]["retention_days"], draft["version"]) == ("烽燧运维", "60", 2)
        assert (approved["values"]["maintainer"], approved["values"]["retention_days"]) == ("烽燧运维", RIGHT["retention_days"])
        assert approved["change"] == {"retention_days": "60"} and approved["whole"] and draft["whole"]
        assert approved["completeness"] >= draft["completeness"] > 0 and approved["issues"] == []
        history = (await node.client.get(f"/device-files/{code_of(1)}/versions", headers=keeper(node))).json()["items"]
        assert (history[0]["act"], history[0]["by"], history[0]["note"]) == ("write", "system", "新的运维合同")
        said = [one.object for one in records(node) if one.act == Act.FILE_WRITE and one.result == "allowed"]
        assert said == [code_of(number) for number in (1, 2, 3, 1, 3)], "as they were opened, then the two that were changed"
        wrong = await looked(node, {"codes": [code_of(1)]}, {"file": {"retention_days": "sixty"}})
        assert problems(wrong) == {"001": "file.faulty"}
        stale = await looked(node, {"codes": [code_of(1)]}, {"file": {"maintainer": ""}})
        values = {**draft["values"], "lens": "4 mm"}
        assert (await node.client.put(f"/device-files/{code_of(1)}", json={"version": 2, "values": values})).status_code == 200
        assert problems(await applied(node, stale["number"])) == {"001": "camera.edit_stale"}
        for key in ("mac", "name", "lon", "status", "no_such"):
            answer = await node.client.post("/camera-edits", json={"chosen": {"codes": [FIRST]}, "change": {"file": {key: "x"}}})
            assert (answer.status_code, answer.json()["code"]) == (422, "file.not_for_many")
        await reviewer.aclose()


async def test_without_a_record_a_camera_stays_as_it_is(node: RunningNode, monkeypatch: pytest.MonkeyPatch) -> None:
    async with node.node.store.transaction() as tx:
        await queries.write_items(tx, of_county(3))
    found = await looked(node, {"matching": {}}, {"tags_add": ["新"]})
    record = Audit.record

    async def refuses(self: Audit, who: Any, act: Act, target: str = "", **how: Any) -> None:
        if act is Act.CAMERA_CHANGE and target == code_of(2):
            raise AuditUnavailable(what="the disk is full")
        await record(self, who, act, target, **how)

    monkeypatch.setattr(Audit, "record", refuses)
    over = await applied(node, found["number"])
    assert outcomes(over) == {"001": "done", "002": "failed", "003": "done"} and problems(over) == {"002": "audit.unavailable"}
    assert [(await node.get(f"/cameras/{code_of(one)}"))["tags"] for one in (1, 2, 3)] == [["新"], [], ["新"]]


async def test_what_the_database_does_not_take_is_on_record_as_not_done(node: RunningNode, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the request to a second person nor what an owner is told stands in the log alone, though it came to nothing."""
    async with node.node.store.transaction() as tx:
        await queries.write_items(tx, [*of_county(1, camera_class="private"), *of_county(3)[1:]])

    async def full(*_: object, **__: object) -> None:
        raise StorageFault(what="the disk is full", remedy_zh="", remedy_en="")

    asked = await looked(node, {"codes": [FIRST]}, {"camera_class": "government", "tags_add": ["新"]})
    with monkeypatch.context() as broken:
        broken.setattr(requests, "add", full)
        over = await applied(node, asked["number"], "移交")
    assert (outcomes(over), problems(over)) == ({"001": "partly"}, {"001": "store.unavailable"})
    assert (await node.get(f"/cameras/{FIRST}"))["tags"] == ["新"], "what one person may is done"
    tighter = await looked(node, {"codes": [code_of(2), code_of(3)]}, {"camera_class": "private"})
    with monkeypatch.context() as broken:
        broken.setattr(notices, "add_notice", full)
        over = await applied(node, tighter["number"])
    assert set(outcomes(over).values()) == {"failed"}

    def balance(act: Act, *objects: str) -> list[int]:
        """Of an act: allowed, and taken back."""
        of = [one for one in records(node) if one.act == act and (not objects or one.object in objects)]
        return [sum(one.result == result for one in of) for result in ("allowed", "failed")]

    def taken_back() -> bool:
        changes = balance(Act.CAMERA_CHANGE, code_of(2), code_of(3))
        return (balance(Act.APPROVAL_ASK), balance(Act.OWNER_NOTICE), changes) == ([1, 1], [2, 2], [2, 2])

    await until(taken_back, what="all of it is taken back")
    assert balance(Act.CAMERA_CHANGE, FIRST) == [1, 0]


async def test_no_record_is_waited_for_inside_a_transaction(node: RunningNode, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite has one writer: while it waits for the log's disk, nothing of the node can be written."""
    async with node.node.store.transaction() as tx:
        await queries.write_items(tx, of_county(30))
    inside = 0
    record, transaction = Audit.record, Store.transaction

    async def outside(self: Audit, who: Any, act: Act, target: str = "", **how: Any) -> None:
        assert not inside or act not in (Act.CAMERA_CHANGE, Act.OWNER_NOTICE), act
        await record(self, who, act, target, **how)

    @asynccontextmanager
    async def counted(self: Store, **how: Any) -> AsyncIterator[AsyncConnection]:
        nonlocal inside
        async with transaction(self, **how) as tx:
            inside += 1
            try:
                yield tx
            finally:
                inside -= 1

    monkeypatch.setattr(Audit, "record", outside)
    monkeypatch.setattr(Store, "transaction", counted)
    found = await looked(node, {"matching": {}}, {"camera_class": "private"})
    assert (await applied(node, found["number"]))["results"]["done"] == 30
    assert sum(one.act == Act.OWNER_NOTICE and one.result == "allowed" for one in records(node)) == 30


async def test_what_one_person_may_is_decided_where_nobody_else_writes(
    store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its device moves a camera between the look and the write: a single change is refused like an edit of many."""
    settings = settings_for(store_url)
    await seeded(settings.store.url, of_county(2, device=OF_THE_CITY))
    async with running_node(tmp_path, settings) as node:
        for number in (1, 2):
            assert (await node.client.patch(f"/cameras/{code_of(number)}", json={"own_area": "520102"})).status_code == 200
        record = Audit.record

        async def moved_meanwhile(self: Audit, who: Any, act: Act, target: str = "", **how: Any) -> None:
            await record(self, who, act, target, **how)
            if act is Act.CAMERA_CHANGE and target == FIRST and how.get("result", "allowed") == "allowed":
                async with node.node.store.transaction(act=False) as tx:
                    await queries.place(tx, FIRST, area="520103")

        with monkeypatch.context() as between:
            between.setattr(Audit, "record", moved_meanwhile)
            answer = await node.client.patch(f"/cameras/{FIRST}", json={"own_area": ""})
        assert (answer.status_code, answer.json()["code"]) == (409, "camera.area_needs_two")
        assert (await node.get(f"/cameras/{FIRST}"))["own_area"] == "520102"
        # What was approved is where it goes now; a device that says something else makes the request void.
        second = code_of(2)
        await node.note(second, own_area="520103")
        body = {"own_area": "", "reason": "恢复设备上报"}
        asked = (await node.client.post(f"/cameras/{second}/area", json=body, headers=keeper(node))).json()
        async with node.node.store.transaction() as tx:
            await queries.place(tx, second, area="520104")
        opened = (await node.client.get(f"/approvals/{asked['id']}")).json()
        assert opened["request"]["state"] == "void"


async def test_a_camera_is_held_while_it_is_decided_about(store_url: str, tmp_path: Path) -> None:
    """PostgreSQL has many writers: a catalogue that comes meanwhile waits for the end of the edit."""
    settings = settings_for(store_url)
    await seeded(settings.store.url, of_county(2))
    async with running_node(tmp_path, settings) as node:
        store, ended = node.node.store, []

        async def catalogue() -> None:
            async with store.transaction() as tx:
                await queries.write_items(tx, [{**one, "area": "520103"} for one in of_county(2)])
            ended.append("catalogue")

        async def waits() -> bool:
            if store.writes_waiting:
                return True
            if not store_url.startswith("postgresql"):
                return False
            async with store.reading() as other:
                return bool((await other.execute(sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted"))).scalar_one())

        async with store.transaction() as tx:
            held = await node.node.cameras.held(tx, [code_of(2), FIRST])
            assert set(held) == {FIRST, code_of(2)}
            beside = asyncio.create_task(catalogue())
            await until(waits, what="the catalogue waits")
            assert not beside.done()
            ended.append("edit")
        await beside
        assert ended == ["edit", "catalogue"]


async def test_one_comes_back_to_ones_own_edits_and_stops_a_preview(node: RunningNode, monkeypatch: pytest.MonkeyPatch) -> None:
    async with node.node.store.transaction() as tx:
        await queries.write_items(tx, of_county(500))
    looking, go_on = asyncio.Event(), asyncio.Event()
    rows = Planning.rows

    async def slowly(self: Planning, *about: Any) -> Any:
        found = await rows(self, *about)
        looking.set()
        await go_on.wait()
        return found

    monkeypatch.setattr(Planning, "rows", slowly)
    begun = await node.client.post("/camera-edits", json={"chosen": {"matching": {}}, "change": {"tags_add": ["新"]}})
    number = begun.json()["number"]
    await looking.wait()
    mine = (await node.get("/camera-edits"))["items"]
    assert [(one["number"], one["phase"], one["total"]) for one in mine] == [(number, "looking", 500)]
    there = await node.client_of("there", {"post": "system-administrator", "area": "5201"})
    assert (await there.get("/camera-edits")).json()["items"] == [], "an edit is its maker's"
    assert (await there.post(f"/camera-edits/{number}/stop")).json()["code"] == "camera.edit_unknown"
    stopped = await node.client.post(f"/camera-edits/{number}/stop")
    assert stopped.status_code == 200, stopped.text
    go_on.set()
    found = await at_rest(number, node.client)
    assert (found["phase"], found["problem"]["code"], found["rows"]) == ("failed", "camera.edit_look_stopped", [])
    again = await node.client.post(f"/camera-edits/{number}/apply", json={})
    assert (again.status_code, again.json()["code"]) == (409, "camera.edit_not_ready")
    assert (await node.client.post(f"/camera-edits/{number}/stop")).json()["code"] == "camera.edit_not_ready"
    said = [one.detail.split(":")[0] for one in records(node) if one.act == Act.CAMERA_EDIT and one.result == "allowed"]
    assert said == ["looked through, 500 cameras", "stopped after 0 of 500"]
    await there.aclose()


async def test_more_than_can_be_named_are_refused_with_the_way_to_go(node: RunningNode) -> None:
    many = [code_of(number) for number in range(20_001)]
    for chosen in ({"codes": many}, {"matching": {}, "but": many}):
        answer = await node.client.post("/camera-edits", json={"chosen": chosen, "change": {"tags_add": ["a"]}})
        assert (answer.status_code, answer.json()["code"]) == (422, "camera.edit_named")
        assert "Ctrl+A" in answer.json()["remedy_zh"] and "20000" in answer.json()["title"]


async def test_an_edit_that_says_nothing_or_what_nobody_can_read_is_refused(node: RunningNode) -> None:
    async with node.node.store.transaction() as tx:
        await queries.write_items(tx, of_county(1))
    one = {"codes": [FIRST]}
    wrong = (
        (one, {}, "camera.edit_nothing"),
        ({"codes": []}, {"tags_add": ["a"]}, "camera.edit_nothing"),
        ({"matching": {"q": "无此"}}, {"tags_add": ["a"]}, "camera.edit_nothing"),
        (one, {"name": {"how": "replace", "text": "a"}}, "camera.edit_nothing"),
        (one, {"tags_add": [" a"]}, "camera.edit_text"),
        (one, {"tags_add": ["a\u0000b"]}, "camera.edit_text"),
        (one, {"name": {"how": "prefix", "text": "a\nb"}}, "camera.edit_text"),
        (one, {"own_area": "999999"}, "camera.edit_area"),
    )
    for chosen, change, code in wrong:
        answer = await node.client.post("/camera-edits", json={"chosen": chosen, "change": change})
        assert (answer.status_code, answer.json()["code"]) == (422, code), (change, answer.text)
        assert answer.json()["remedy_zh"] and answer.json()["remedy_en"]
    for change in ({"own_area": "52x"}, {"camera_class": "secret"}, {"tags_add": ["长" * 65]}, {"name": {"how": "shout"}}):
        assert (await node.client.post("/camera-edits", json={"chosen": one, "change": change})).status_code == 422, change
    same = await looked(node, one, {"tags_remove": ["none"]})
    assert same["counts"]["same"] == 1
    answer = await node.client.post(f"/camera-edits/{same['number']}/apply", json={})
    assert (answer.status_code, answer.json()["code"]) == (409, "camera.edit_nothing_left")
    there = await node.client_of("there", {"post": "system-administrator", "area": "5203"})
    away = await there.post("/camera-edits", json={"chosen": one, "change": {"own_area": "520103"}})
    assert (away.status_code, away.json()["code"]) == (403, "access.out_of_scope"), "where they would go, one must keep devices too"
    await there.aclose()


async def test_five_thousand_take_seconds(tmp_path: Path) -> None:
    settings = settings_for(f"sqlite:///{tmp_path / 'node.db'}")
    await seeded(settings.store.url, of_county(5_000))
    async with running_node(tmp_path, settings) as node:
        begun = time.perf_counter()
        found = await looked(node, {"matching": {}}, {"tags_add": ["新"], "name": {"how": "prefix", "text": "A"}})
        looked_s = time.perf_counter() - begun
        begun = time.perf_counter()
        over = await applied(node, found["number"])
        print(f"preview {looked_s:.2f} s, apply {time.perf_counter() - begun:.2f} s")
        assert over["results"]["done"] == 5_000
        assert looked_s < 10 and over["took_s"] < 30
