"""Lists of footage come in pages, and what is alive is found by an index."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from fengsui.features.cameras import queries_withdrawn as past
from fengsui.features.clips.kind import HANDOVER
from fengsui.features.clips.model import FootageFacts, Taken
from tests.node.clip_room import clip_node, clip_of, filmed
from tests.node.conftest import RunningNode, until
from tests.node.duty_room import HERE
from tests.node.moved_room import ELSEWHERE
from tests.node.test_alarm_work import statements


async def pages_of(client: httpx.AsyncClient, path: str, limit: int) -> list[dict[str, Any]]:
    """Every page, one after another."""
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        answer = await client.get(path, params={"limit": limit, **({"cursor": cursor} if cursor else {})})
        assert answer.status_code == 200, answer.text
        found.append(answer.json())
        if found[-1]["next"] is None:
            return found
        cursor = str(found[-1]["next"])


def plan_of(node: RunningNode, statement: str) -> str:
    with sqlite3.connect(node.node.data / "node.db") as database:
        rows = database.execute(f"EXPLAIN QUERY PLAN {statement}", [1] * statement.count("?"))
        return " ".join(row[3] for row in rows)


async def test_live_requests_of_a_kind_are_found_by_an_index(tmp_path: Path) -> None:
    async with clip_node(tmp_path / "node") as node:
        with statements(node) as seen:
            await node.node.approvals.alive(HANDOVER, 0.0)
            assert (await node.client.get("/clips")).status_code == 200
            assert (await node.client.get("/withdrawn-cameras")).status_code == 200
        plans = [plan_of(node, one) for one in seen if "FROM approval_requests" in one and "kind =" in one]
        assert "approval_requests_by_kind (kind=? AND state=? AND asked_at>?)" in plans[0], plans
        assert all("approval_requests_of_person" in one and "TEMP B-TREE" not in one for one in plans[1:]), plans
        [left] = [plan_of(node, one) for one in seen if "FROM withdrawn_cameras" in one and "ORDER BY" in one]
        assert "withdrawn_cameras_by_time" in left and "TEMP B-TREE" not in left, left


async def test_cameras_that_left_come_in_pages(tmp_path: Path) -> None:
    async with clip_node(tmp_path / "node") as node:
        await until(lambda: not node.node.engine.footage_counters().looking, what="the index has all footage")
        codes = [f"52010200001320000{number:03d}" for number in range(7)]
        place = {"device": "52010200001180000009", "name": "旧", "camera_class": "government", "longitude": None, "latitude": None}
        rows = [
            {**place, "code": code, "area": ELSEWHERE if at == 3 else HERE, "withdrawn_at": 1.8e9 + at // 2 + 0.25}
            for at, code in enumerate(codes)
        ]
        async with node.node.store.transaction() as tx:
            await past.write(tx, rows)
        node.node.cameras.kept._any = True
        chen = await node.client_of("chen-qi", {"post": "investigator", "area": HERE})
        pages = await pages_of(chen, "/withdrawn-cameras", 2)
        assert [len(one["items"]) for one in pages] == [2, 2, 2] and {one["total"] for one in pages} == {6}
        seen = [one["code"] for page in pages for one in page["items"]]
        assert sorted(seen) == [code for code in codes if code != codes[3]] and seen[0] == codes[6]
        for unusable in ("x", "1-", "1e9-5", "1.5-;"):
            assert (await chen.get("/withdrawn-cameras", params={"cursor": unusable})).status_code == 422, unusable


async def test_clips_and_their_files_come_in_pages(tmp_path: Path) -> None:
    async with clip_node(tmp_path / "node") as node, filmed(node, 3) as film:
        asked = [await film.ask() for _ in range(3)]
        pages = await pages_of(film.chen, "/clips", 2)
        assert [[one["id"] for one in page["items"]] for page in pages] == [asked[:0:-1], asked[:1]]
        assert {one["total"] for one in pages} == {3}

        footage, at = FootageFacts(), datetime.now(UTC)
        for number in range(25):
            manifest = {"sha256": f"{number:064x}"}
            taken = Taken(f"{number}.mp4", number, number + 1, 9, 1, 0, f"{number:064x}", "whole", at, footage, number)
            node.node.footage.clips._files.add(asked[0], taken, manifest)
        await node.node.footage.clips._files.write()
        clip = await clip_of(film.chen, asked[0])
        assert (len(clip["taken"]), clip["taken_total"]) == (20, 25)
        assert clip["taken"][-1]["file"] == "24.mp4", "the last stand in the list"
        files = await pages_of(film.chen, f"/clips/{asked[0]}/files", 10)
        assert [len(one["items"]) for one in files] == [10, 10, 5] and files[0]["total"] == 25
        assert [one["file"] for page in files for one in page["items"]] == [f"{number}.mp4" for number in range(24, -1, -1)]
        for other in (film.zhou, node.client):
            assert (await other.get(f"/clips/{asked[0]}/files")).json()["code"] == "clips.unknown"
        for unbounded in ({"limit": 0}, {"limit": 201}, {"cursor": -1}):
            assert (await film.chen.get("/clips", params=unbounded)).status_code == 422
