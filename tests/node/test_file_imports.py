"""Tables of device files: looked through before anything is written, all or nothing or the right rows, mended and sent again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from fengsui.features.audit import Act
from fengsui.features.device_files import imports
from fengsui.features.device_files.columns import RESULT
from fengsui.features.device_files.sheets import read_sheet
from tests.device_files.many import WAYS, row_of, rows, table
from tests.node.conftest import RunningNode, running_node, settings_for, until
from tests.node.test_audit import records
from tests.node.test_device_files import keeper


async def looked_through(node: RunningNode, octets: bytes, client: httpx.AsyncClient | None = None) -> dict[str, Any]:
    """As it is when nothing is written yet, or why it cannot be read."""
    client, headers = (client, {}) if client is not None else (node.client, keeper(node))
    begun = await client.post("/device-file-imports?name=一季度.xlsx", content=octets, headers=headers)
    assert begun.status_code == 202, begun.text
    path = f"/device-file-imports/{begun.json()['number']}"
    found: dict[str, Any] = {}

    async def judged() -> bool:
        found.update((await client.get(path, headers=headers)).json())
        return found["phase"] in ("ready", "failed")

    await until(judged, what="the table is judged")
    return found


async def commit(node: RunningNode, number: int, mode: str) -> httpx.Response:
    return await node.client.post(f"/device-file-imports/{number}/commit", json={"mode": mode}, headers=keeper(node))


@pytest.mark.parametrize("form", ["xlsx", "csv"])
async def test_faulty_rows_come_back_mended(store_url: str, tmp_path: Path, form: str) -> None:
    async with running_node(tmp_path, settings_for(store_url)) as node:
        found = await looked_through(node, table(rows(120, len(WAYS)), form))
        assert found["counts"] == {"new": 120 - len(WAYS), "changed": 0, "same": 0, "faulty": len(WAYS)}, found["faulty"]
        assert (await node.get("/device-files"))["total"] == 0, "nothing is written yet"
        first = found["faulty"][0]
        assert (first["number"], first["issues"][0]["check"], first["issues"][0]["value"]) == (2, "value.scientific", "5.20102E+19")
        assert first["issues"][0]["column_zh"] == "设备编码" and first["issues"][0]["do_zh"]
        refused = await commit(node, found["number"], "all")
        assert (refused.status_code, refused.json()["code"]) == (409, "file.import_faulty")
        assert (await node.get("/device-files"))["total"] == 0
        done = await commit(node, found["number"], "right")
        assert (done.status_code, done.json()["phase"], done.json()["written"]) == (200, "done", 120 - len(WAYS)), done.text
        page: Any = await node.get("/device-files")
        assert (page["total"], page["failing"]) == (120 - len(WAYS), {})
        assert (await commit(node, found["number"], "right")).json()["code"] == "file.import_not_ready"

        back = await node.client.get(f"/device-file-imports/{found['number']}/result", headers=keeper(node))
        sheet = read_sheet(back.content)
        assert sheet.form == form and len(sheet.rows) == 1 + len(WAYS) and sheet.rows[0][1][0].text == RESULT
        assert "第 2 行" in sheet.rows[1][1][0].text and "科学计数法" in sheet.rows[1][1][0].text
        again = await looked_through(node, back.content)
        assert again["counts"]["faulty"] == len(WAYS), "as they were"
        mended = [row_of(1 + at * 120 // len(WAYS)) for at in range(len(WAYS))]
        found = await looked_through(node, table([*mended, row_of(2)], form))
        assert found["counts"] == {"new": len(WAYS), "changed": 0, "same": 1, "faulty": 0}, found["faulty"]
        assert (await commit(node, found["number"], "all")).json()["written"] == len(WAYS)
        assert (await node.get("/device-files"))["total"] == 120
        history = (await node.get(f"/device-files/{mended[0]['device_code']}/versions"))["items"]
        assert history[0]["act"] == "import" and "一季度.xlsx" in history[0]["note"]  # type: ignore[index]
        said = [one.detail for one in records(node) if one.act == Act.FILE_IMPORT and one.result == "allowed"]
        assert len(said) == 5 and all("sha256" in one for one in said) and any("right: new 108" in one for one in said)


async def test_an_export_is_a_table_that_can_be_brought_in_again(node: RunningNode) -> None:
    found = await looked_through(node, table(rows(30, 0)))
    await commit(node, found["number"], "all")
    for form in ("xlsx", "csv"):
        out = await node.client.get(f"/device-file-export?form={form}&q=5201", headers=keeper(node))
        again = await looked_through(node, out.content)
        assert again["counts"] == {"new": 0, "changed": 0, "same": 30, "faulty": 0}
    there = await node.client_of("there", {"post": "operator", "area": "5201"})
    withheld = (await there.get("/device-file-export?form=csv")).text
    assert "南明区解放路" in withheld and "3C-EF-8C" not in withheld and "0851-8555" not in withheld
    assert (await there.get("/device-file-export?area=5203")).status_code == 403
    exports = [one.detail for one in records(node) if one.act == Act.FILE_EXPORT and one.result == "allowed"]
    assert exports == ["30 files as xlsx; q=5201", "30 files as csv; q=5201", "30 files as csv; all"]
    changed = {**row_of(3), "model": "DS-9", "lat": "26.561111"}
    found = await looked_through(node, table([changed, {**row_of(4), "device_code": row_of(3)["device_code"]}]))
    assert found["counts"] == {"new": 0, "changed": 1, "same": 0, "faulty": 1}
    assert {one["check"] for one in found["faulty"][0]["issues"]} >= {"code.twice"}
    assert (await commit(node, found["number"], "right")).json()["written"] == 1
    await there.aclose()


async def test_nobody_brings_files_into_another_area_or_takes_up_anothers_table(node: RunningNode) -> None:
    elsewhere = await node.client_of("elsewhere", {"post": "system-administrator", "area": "5203"})
    found = await looked_through(node, table(rows(2, 0)), elsewhere)
    assert [one["issues"][0]["check"] for one in found["faulty"]] == ["row.scope", "row.scope"]
    path = f"/device-file-imports/{found['number']}"
    for answer in (
        await node.client.get(path, headers=keeper(node)),
        await commit(node, found["number"], "right"),
        await node.client.get(f"{path}/result", headers=keeper(node)),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "file.import_unknown")
    await elsewhere.aclose()


async def test_what_changed_meanwhile_is_not_overwritten(node: RunningNode) -> None:
    found = await looked_through(node, table(rows(3, 0)))
    code = row_of(2)["device_code"]
    assert (await node.client.post("/device-files", json={"code": code, "values": row_of(2)})).status_code == 201
    stale = await commit(node, found["number"], "all")
    assert (stale.status_code, stale.json()["code"]) == (409, "file.import_stale") and code in stale.json()["zh"]
    assert (await node.get("/device-files"))["total"] == 1, "nothing of the table"


async def test_what_is_no_table_fails_by_name(node: RunningNode) -> None:
    for octets, code in ((b"", "file.sheet"), (b"PK\x03\x04x", "file.sheet"), ("设备编码,密码\n1,2".encode(), "file.headings")):
        found = await looked_through(node, octets)
        assert (found["phase"], found["problem"]["code"]) == ("failed", code)
        assert (await commit(node, found["number"], "right")).json()["code"] == "file.import_not_ready"


async def test_the_rows_of_all_imports_are_bounded_once_they_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "MOST_ROWS", 50)
    async with running_node(tmp_path, settings_for()) as node:
        first = await looked_through(node, table(rows(40, 0)))
        assert first["phase"] == "ready"
        too_many = await looked_through(node, table(rows(51, 0)))
        assert (too_many["phase"], too_many["problem"]["code"]) == ("failed", "file.import_busy"), too_many
        assert (await looked_through(node, table(rows(50, 0))))["phase"] == "ready", "what failed holds nothing"
