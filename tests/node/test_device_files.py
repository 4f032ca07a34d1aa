"""Device files over HTTP: written, checked, reviewed by another person, kept in versions; what is withheld, and what is refused."""

from __future__ import annotations

import sqlite3
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from fengsui.features.audit import Act
from tests.device_files.right import RIGHT
from tests.node.conftest import RunningNode, powered, running_node, settings_for, simulated_camera, until
from tests.node.test_audit import CODE, records
from tests.node.test_live import listed

POINT = "52010200001320000777"


async def opened(node: RunningNode, code: str = POINT, **changed: str) -> dict[str, Any]:
    """A draft."""
    answer = await node.client.post("/device-files", json={"code": code, "values": {**RIGHT, "device_code": code, **changed}})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def keeper(node: RunningNode) -> dict[str, str]:
    """Who keeps devices, for reading too."""
    return {"Authorization": f"Bearer {node.tokens['system']}"}


async def act(client: httpx.AsyncClient, file: dict[str, Any], what: str, reason: str = "") -> httpx.Response:
    """One act on what was seen."""
    body = {"act": what, "version": file["version"], "reason": reason}
    return await client.post(f"/device-files/{file['code']}/acts", json=body)


async def done(client: httpx.AsyncClient, file: dict[str, Any], what: str, reason: str = "") -> dict[str, Any]:
    answer = await act(client, file, what, reason)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_the_life_of_a_file_takes_two_persons(store_url: str, tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for(store_url)) as node:
        reviewer = await node.client_of("reviewer", {"post": "commander", "area": "5201"})
        file = await opened(node, mac="wrong")
        assert file["state"] == "draft" and [one["check"] for one in file["issues"]] == ["mac.form"]
        refused = await act(node.client, file, "submit")
        assert (refused.status_code, refused.json()["code"]) == (409, "file.faulty") and "MAC" in refused.json()["zh"]
        body = {"version": file["version"], "values": {**file["values"], "mac": RIGHT["mac"]}}
        file = (await node.client.put(f"/device-files/{POINT}", json=body)).json()
        assert (file["issues"], file["version"], file["correctness"]) == ([], 2, 1000)
        stale = await node.client.put(f"/device-files/{POINT}", json={**body, "version": 1})
        assert stale.json()["code"] == "file.changed"
        file = await done(node.client, file, "submit")
        locked = await node.client.put(f"/device-files/{POINT}", json={**body, "version": file["version"]})
        assert locked.json()["code"] == "file.locked"
        own = await act(node.client, file, "take")
        assert (own.status_code, own.json()["code"]) == (403, "file.own")
        file = await done(reviewer, file, "take")
        assert (await act(reviewer, file, "return")).json()["code"] == "file.reason"
        file = await done(reviewer, file, "return", "地址写到门牌号")
        assert file["state"] == "returned"
        file = await done(node.client, {**file, "version": file["version"]}, "submit")
        file = await done(reviewer, file, "take")
        file = await done(reviewer, file, "approve")
        for what, state, status in (("use", "in-use", "1"), ("repair", "repair", "2"), ("repaired", "in-use", "1")):
            file = await done(node.client, file, what)
            assert (file["state"], file["values"]["status"]) == (state, status)
        file = await done(node.client, file, "remove", "道路改造")
        file = await done(node.client, file, "archive")
        assert (file["state"], file["acts"], file["may_write"]) == ("archived", [], False)
        history = (await node.client.get(f"/device-files/{POINT}/versions", headers=keeper(node))).json()["items"]
        assert [one["act"] for one in reversed(history)] == [
            *("write", "write", "submit", "take", "return", "submit", "take", "approve"),
            *("use", "repair", "repaired", "remove", "archive"),
        ]
        second = history[-2]
        assert (second["by"], second["changes"]) == ("system", [{"field": "mac", "old": "wrong", "new": RIGHT["mac"]}])
        said = [one for one in records(node) if one.object == POINT and one.act in (Act.FILE_WRITE, Act.FILE_STATE)]
        assert not any(RIGHT["mac"] in one.detail or RIGHT["managing_contact"] in one.detail for one in said)
        assert any("地址写到门牌号" in one.detail for one in said)
        await reviewer.aclose()


async def test_after_approval_place_and_owner_wait_for_a_reviewer(node: RunningNode) -> None:
    reviewer = await node.client_of("reviewer", {"post": "commander", "area": "5201"})
    file = await done(node.client, await opened(node), "submit")
    file = await done(reviewer, await done(reviewer, file, "take"), "approve")
    moved = {**RIGHT, "device_code": POINT, "lon": "106.722999", "model": "DS-2"}
    file = (await node.client.put(f"/device-files/{POINT}", json={"version": file["version"], "values": moved})).json()
    assert (file["values"]["model"], file["values"]["lon"]) == ("DS-2", RIGHT["lon"]), "only the place waits"
    assert (file["change"], file["state"], file["acts"]) == ({"lon": "106.722999"}, "approved", [])
    again = await node.client.put(f"/device-files/{POINT}", json={"version": file["version"], "values": moved})
    assert again.json()["code"] == "file.change_waits"
    assert (await act(node.client, file, "approve")).json()["code"] == "file.own"
    waiting = await node.get("/device-files?waiting=true")
    assert ([one["code"] for one in waiting["items"]], waiting["waiting"]) == ([POINT], 1)  # type: ignore[attr-defined]
    file = await done(reviewer, file, "approve")
    assert (file["values"]["lon"], file["change"], file["state"]) == ("106.722999", {}, "approved")
    newest = (await node.get(f"/device-files/{POINT}/versions"))["items"][0]  # type: ignore[index]
    assert (newest["act"], newest["by"]) == ("approve-change", "reviewer")
    status = {**moved, "status": "3"}
    body = {"version": file["version"], "values": status}
    assert (await node.client.put(f"/device-files/{POINT}", json=body)).json()["code"] == "file.status_by_act"
    await reviewer.aclose()


async def test_the_list_counts_what_fails_and_other_files_are_judged_anew(node: RunningNode) -> None:
    await opened(node)
    twin = "52010200001320000778"
    await opened(node, twin, mac="3C-EF-8C-12-34-57")
    page: Any = await node.get("/device-files?failing=name.twice")
    assert [one["code"] for one in page["items"]] == [POINT, twin], "the first is judged anew"
    assert (page["failing"]["name.twice"], page["failing"]["ip.twice"], page["states"]) == (2, 2, {"draft": 2})
    values = {**RIGHT, "device_code": twin, "mac": "3C-EF-8C-12-34-57", "name": "南明区中华路口西", "ipv4": "10.9.9.9"}
    assert (await node.client.put(f"/device-files/{twin}", json={"version": 1, "values": values})).json()["issues"] == []
    page = await node.get("/device-files")
    assert page["failing"] == {} and page["correctness"] == 1000
    assert (await node.client.get("/device-files?place_type=7")).json() == page, "no field of the file is a filter (A66)"
    assert [one["code"] for one in (await node.get("/device-files?q=中华"))["items"]] == [twin]  # type: ignore[attr-defined]


async def test_contacts_and_addresses_are_for_keepers_and_no_list_leaves_its_area(node: RunningNode) -> None:
    await opened(node)
    there = await node.client_of("there", {"post": "operator", "area": "5201"})
    elsewhere = await node.client_of("elsewhere", {"post": "system-administrator", "area": "5203"})
    file = (await there.get(f"/device-files/{POINT}")).json()
    assert "mac" in file["withheld"] and not {"mac", "ipv4", "managing_contact"} & file["values"].keys()
    history = (await there.get(f"/device-files/{POINT}/versions")).text
    assert RIGHT["mac"] not in history and RIGHT["managing_contact"] not in history
    assert (await elsewhere.get(f"/device-files/{POINT}")).status_code == 403
    assert (await elsewhere.get("/device-files")).json()["items"] == []
    refused = await elsewhere.post("/device-files", json={"code": "52010200001320000779", "values": RIGHT})
    assert refused.json()["code"] == "access.out_of_scope"
    over = {**RIGHT, "device_code": "52030200001320000001", "civil_code": "520102"}
    refused = await elsewhere.post("/device-files", json={"code": "52030200001320000001", "values": over})
    assert refused.json()["code"] == "access.out_of_scope", "nobody writes a file into another area"
    for client in (there, elsewhere):
        await client.aclose()


async def test_the_devices_word_stands_beside_and_is_never_taken(node: RunningNode) -> None:
    camera = simulated_camera(node.registrar)
    async with powered(camera):
        await until(lambda: listed(node, CODE), what="the catalogue is read")
        asked = await node.client.post("/device-file-checks", json={"code": CODE, "values": {"device_code": CODE}})
        assert asked.json()["words"]["name"] == "测试摄像机1" and not asked.json()["exists"]
        file = await opened(node, CODE)
        assert file["values"]["name"] == RIGHT["name"] and "name" in file["differing"] and file["words"]["civil_code"] == "520102"


def picture(size: tuple[int, int] = (3000, 1000), form: str = "JPEG", **how: Any) -> bytes:
    """With EXIF: turned by a quarter, and where it was taken."""
    made, exif = Image.new("RGB", size, "red"), Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "secret-maker"
    octets = BytesIO()
    made.save(octets, form, exif=exif, **how)
    return octets.getvalue()


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
async def test_a_photo_is_written_anew(node: RunningNode, form: str) -> None:
    await opened(node)
    put = await node.client.put(f"/device-files/{POINT}/photo", content=picture(form=form))
    assert put.status_code == 200, put.text
    got = await node.client.get(f"/device-files/{POINT}/photo")
    with Image.open(BytesIO(got.content)) as kept:
        assert (kept.format, kept.size, dict(kept.getexif())) == ("JPEG", (640, 1920), {}) and b"secret-maker" not in got.content
    assert (await node.client.delete(f"/device-files/{POINT}/photo")).json()["photo"] == ""
    assert (await node.client.get(f"/device-files/{POINT}/photo")).status_code == 404


async def test_what_is_no_picture_is_refused(node: RunningNode) -> None:
    await opened(node)
    huge = BytesIO()
    Image.new("1", (60_000, 60_000)).save(huge, "PNG")
    for octets in (b"", b"<svg/>", picture()[:900], b"GIF89a" + b"0" * 90, huge.getvalue()):
        answer = await node.client.put(f"/device-files/{POINT}/photo", content=octets)
        assert (answer.status_code, answer.json()["code"]) == (422, "file.photo"), answer.text
    assert (await node.get(f"/device-files/{POINT}"))["version"] == 1


async def test_a_file_changed_past_the_node_is_not_believed(tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for()) as node:
        await opened(node)
        with sqlite3.connect(tmp_path / "node.db") as database:
            database.execute("UPDATE device_files SET state = 'in-use'")
        file = await node.get(f"/device-files/{POINT}")
        assert (file["whole"], file["acts"], file["may_write"]) == (False, [], False)
        refused = await act(node.client, {"code": POINT, "version": 1}, "remove", "why not")
        assert refused.json()["code"] == "file.not_whole"
