"""Tables of alarm points: each row is told what it would do, then all of them are written or none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx

from tests.node.alarm_hosts import entered
from tests.node.conftest import RunningNode, running_node, settings_for, until
from tests.node.test_audit import records

HEAD = "主机账号,防区号,名称,类型,摄像机编码,预置位,经度,纬度\n"
PATH = "/alarm-point-imports"


async def looked(client: httpx.AsyncClient, text: str) -> dict[str, Any]:
    """As it is when nothing is written yet, or why it cannot be read."""
    begun = await client.post(PATH, params={"name": "点位.csv"}, content=text.encode("gb18030"))
    assert begun.status_code == 202, begun.text
    found: dict[str, Any] = {}

    async def judged() -> bool:
        found.update((await client.get(f"{PATH}/{begun.json()['number']}")).json())
        return found["phase"] in ("ready", "failed")

    await until(judged, what="the table is looked through")
    return found


async def points(node: RunningNode, account: str) -> list[dict[str, Any]]:
    (host,) = (await node.client.get("/alarm-hosts", params={"q": account})).json()["items"]
    return list(host["points"])


async def test_each_row_says_what_it_would_do_and_all_are_written_or_none(tmp_path: Path, store_url: str) -> None:
    async with running_node(tmp_path, settings_for(store_url)) as node:
        await entered(node, "4321")
        await entered(node, "4322", area="520103", points=[])
        there = await node.client_of("there", {"post": "system-administrator", "area": "520103"})
        table = HEAD + "4321,005,金库内门,,,,106.7,26.5\n4321,6,大厅,按钮,,,,\n4322,1,后门,,,,,\n"
        wrong = "9999,1,无主机,,,,,\n4321,006,重复,,,,,\n4322,2,,,,,,\n4322,3,经度,,,,200,1\n"
        wrong += "4322,4,相机,,52010200001320000009,,,\n4322,0,零,,,,,\n"
        found = await looked(node.client, table + wrong)
        assert found["counts"] == {"new": 2, "changed": 1, "same": 0, "refused": 6}, found["rows"]
        assert [(one["number"], one["outcome"]) for one in found["rows"][:4]] == [
            (2, "changed"),
            (3, "new"),
            (4, "new"),
            (5, "refused"),
        ]
        refused = (await node.client.get(f"{PATH}/{found['number']}", params={"outcome": "refused"})).json()["rows"]
        assert [one["number"] for one in refused] == [5, 6, 7, 8, 9, 10] and all(one["why_zh"] and one["why_en"] for one in refused)
        answer = await node.client.post(f"{PATH}/{found['number']}/commit")
        assert (answer.status_code, answer.json()["code"]) == (409, "alarm_point.import_refused")
        assert len(await points(node, "4321")) == 1 and await points(node, "4322") == []
        own = await looked(there, table)
        assert own["counts"]["refused"] == 2, "a host that somebody does not keep is none"
        assert (await there.get(f"{PATH}/{found['number']}")).status_code == 404, "nor is another's table"
        await there.aclose()
        stale, found = await looked(node.client, table), await looked(node.client, table)
        before = (await points(node, "4321"))[0]
        answer = await node.client.post(f"{PATH}/{found['number']}/commit")
        assert (answer.status_code, answer.json()["phase"]) == (200, "done"), answer.text
        vault, hall = await points(node, "4321")
        assert (vault["id"], vault["name"], vault["kind"], vault["longitude"]) == (before["id"], "金库内门", "detector", 106.7)
        assert (hall["zone"], hall["name"], hall["kind"]) == ("6", "大厅", "button")
        assert [one["name"] for one in await points(node, "4322")] == ["后门"]
        assert (await node.client.post(f"{PATH}/{found['number']}/commit")).json()["code"] == "alarm_point.import_not_ready"
        assert (await node.client.post(f"{PATH}/{stale['number']}/commit")).status_code in (404, 409), "it was compared before"
        assert (await looked(node.client, table))["counts"]["same"] == 3
        assert (await looked(node.client, "名称\n大厅\n"))["problem"]["code"] == "alarm_point.import_columns"
        (record,) = [one for one in records(node) if one.act == "alarm-point.import" and "new 2, changed 1" in one.detail]
        assert record.object == "点位.csv" and "4321 4322" in record.detail


async def test_ten_thousand_points_are_looked_through_and_written_in_one_piece(tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for()) as node:
        accounts = [f"{0x4000 + at:X}" for at in range(10)]
        for account in accounts:
            await entered(node, account, points=[])
        rows = [f"{account},{zone},点 {zone},,,,,\n" for account in accounts for zone in range(1, 1_001)]
        found = await looked(node.client, HEAD + "".join(rows))
        assert found["counts"]["new"] == 10_000 and found["total"] == found["done"] == 10_000
        answer = await node.client.post(f"{PATH}/{found['number']}/commit")
        assert (answer.status_code, answer.json()["done"]) == (200, 10_000), answer.text
        assert (await node.client.get("/alarm-points", params={"limit": 1})).json()["total"] == 10_000
