"""The list of cameras over HTTP: any part, in any order, within rights, by every filter; tags."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import httpx
import pytest

from fengsui.features.cameras import queries
from fengsui.features.cameras.spelling import sorted_by
from fengsui.store import Store
from tests.node.conftest import RunningNode, running_node, settings_for
from tests.node.test_camera_names import stored_item
from tests.node.test_device_files import opened

WORDS = ["南门", "重庆路", "学校", "Gate", "9号", "10号", "路口", "东", "西", "2号"]
AREAS = ["520102", "520103", "520302"]
CLASSES = ["", "government", "private", "restricted"]


def cameras(count: int) -> list[dict[str, Any]]:
    """The same each time, as varied as a city's."""
    chance = random.Random(7)
    made = []
    for number in range(count):
        area = chance.choice(AREAS)
        one = stored_item(f"{area}0000132{number:07d}", "".join(chance.choices(WORDS, k=3)), area)
        placed = {"longitude": 106.7, "latitude": 26.5} if chance.random() < 0.5 else {}
        made.append(
            {**one, **placed, "camera_class": chance.choice(CLASSES), "device": chance.choice(["1", "2"]) + one["device"][1:]}
        )
    return made


async def seeded(url: str, rows: list[dict[str, Any]]) -> None:
    store = await Store.open(url)
    async with store.transaction() as tx:
        await queries.write_items(tx, rows)
    await store.close()


async def page(client: httpx.AsyncClient, **asked: Any) -> dict[str, Any]:
    answer = await client.get("/camera-rows", params=asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def codes(client: httpx.AsyncClient, **asked: Any) -> list[str]:
    """Of all that fit, put together from small parts."""
    found: list[str] = []
    while True:
        part = await page(client, **asked, offset=len(found), limit=7)
        found += [one["code"] for one in part["items"]]
        if not part["items"] or len(found) == part["total"]:
            assert len(found) == part["total"]
            return found


async def test_any_order_and_any_filter(store_url: str, tmp_path: Path) -> None:
    settings = settings_for(store_url)
    rows = cameras(60)
    await seeded(settings.store.url, rows)
    async with running_node(tmp_path, settings) as node:
        by_code = sorted(rows, key=lambda one: one["code"])
        order = {
            "code": lambda one: "",
            "name": lambda one: sorted_by(one["name"]),
            "area": lambda one: one["shown_area"],
            "class": lambda one: {"private": 1, "restricted": 3}.get(one["camera_class"], 0),
            "device": lambda one: one["device"],
            "place": lambda one: one["longitude"] is None,
            "state": lambda one: 0,
        }
        for by, key in order.items():
            wanted = [one["code"] for one in sorted(by_code, key=key)]  # type: ignore[arg-type]
            assert await codes(node.client, by=by) == wanted, by
            down = sorted(by_code, key=key, reverse=True) if by != "code" else by_code[::-1]  # type: ignore[arg-type]
            assert await codes(node.client, by=by, down=True) == [one["code"] for one in down], by
        unsaid = [one["code"] for one in by_code if one["camera_class"] == ""]
        plain = [one["code"] for one in by_code if one["camera_class"] in ("", "government")]
        assert await codes(node.client, **{"class": "unsaid"}) == unsaid
        assert await codes(node.client, **{"class": "government"}) == plain, "by the node's setting, too"
        assert await codes(node.client, placed=False) == [one["code"] for one in by_code if one["longitude"] is None]
        assert await codes(node.client, area="5201", placed=True, q="nm") == [
            one["code"]
            for one in by_code
            if one["shown_area"] < "5202"
            and one["longitude"] is not None
            and ("南门" in one["name"] or one["shown_area"] == "520102")
        ]
        assert await codes(node.client, device=rows[0]["device"]) == [
            one["code"] for one in by_code if one["device"] == rows[0]["device"]
        ]
        assert await codes(node.client, q="离线") == [one["code"] for one in by_code], "the state by itself"
        assert await codes(node.client, q="在线") == []
        there = await node.client_of("there", {"post": "operator", "area": "5203"})
        mine = [one["code"] for one in by_code if one["shown_area"] == "520302"]
        assert await codes(there, by="code") == mine and mine
        refused = await there.get("/camera-rows", params={"area": "5201"})
        assert (refused.status_code, refused.json()["code"]) == (403, "access.out_of_scope")
        for wrong in ({"by": "colour"}, {"limit": 501}, {"offset": -1}, {"class": "secret"}, {"state": "lost"}, {"tag": ""}):
            assert (await node.client.get("/camera-rows", params=wrong)).status_code == 422, wrong  # type: ignore[arg-type]
        await there.aclose()


async def test_a_row_says_what_the_list_shows(node: RunningNode) -> None:
    code = "52010200001320000777"
    row = {**stored_item(code, "南门", "520102"), "longitude": 106.7, "latitude": 26.5}
    async with node.node.store.transaction() as tx:
        await queries.write_items(tx, [row, stored_item("52010200001320000778", "北门", "520102")])
    await opened(node, code)
    change = {"tags": ["学校", "护学岗"], "own_name": "实验小学"}
    assert (await node.client.patch(f"/cameras/{code}", json=change)).status_code == 200
    first, second = (await page(node.client))["items"]
    assert first == {
        "code": code,
        "name": "实验小学",
        "area": "520102",
        "area_name": "南明区",
        "camera_class": "government",
        "class_said": False,
        "status": "offline",
        "ptz_type": 3,
        "device": row["device"],
        "device_name": "",
        "tags": ["学校", "护学岗"],
        "longitude": 106.7,
        "latitude": 26.5,
        "file": "draft",
        "file_waits": False,
    }
    assert (second["file"], second["longitude"], second["tags"]) == (None, None, [])


@pytest.mark.parametrize("asked", ["#护学", "tag:hxg", "标签:护学岗 实验"])
async def test_tags_are_found_listed_and_counted(store_url: str, tmp_path: Path, asked: str) -> None:
    settings = settings_for(store_url)
    rows = [stored_item(f"52010200001320000{number:03d}", f"实验小学{number}", "520102") for number in range(3)]
    await seeded(settings.store.url, [*rows, stored_item("52030200001320000009", "遵义实验", "520302")])
    async with running_node(tmp_path, settings) as node:
        for row, tags in zip(rows, (["学校", "护学岗"], ["学校"], []), strict=True):
            assert (await node.client.patch(f"/cameras/{row['code']}", json={"tags": tags})).status_code == 200
        change = {"tags": ["学校", "遵义"]}
        assert (await node.client.patch("/cameras/52030200001320000009", json=change)).status_code == 200
        assert (await node.get("/camera-tags"))["items"] == [
            {"tag": "学校", "cameras": 3},
            {"tag": "护学岗", "cameras": 1},
            {"tag": "遵义", "cameras": 1},
        ]
        assert await codes(node.client, q=asked) == [rows[0]["code"]]
        found = (await node.client.get("/camera-names", params={"q": asked})).json()["items"]
        assert [one["code"] for one in found] == [rows[0]["code"]], "in the tree as well"
        there = await node.client_of("there", {"post": "operator", "area": "5201"})
        theirs = (await there.get("/camera-tags")).json()["items"]
        assert theirs == [{"tag": "学校", "cameras": 2}, {"tag": "护学岗", "cameras": 1}], "of what one may see"
        await there.aclose()


async def test_by_tags_and_by_the_state_of_the_file(node: RunningNode) -> None:
    made = [f"5201020000132{number:07d}" for number in range(1, 7)]
    async with node.node.store.transaction() as tx:
        await queries.write_items(tx, [stored_item(code, f"号{code[-1]}", "520102") for code in made])
    one, two, three, four, *_ = made
    for code, tags in ((one, ["学校"]), (three, ["出口", "学校"]), (four, ["Bus"])):
        assert (await node.client.patch(f"/cameras/{code}", json={"tags": tags})).status_code == 200
    bare = [code for code in made if code not in (one, three, four)]
    assert await codes(node.client, by="tags") == [four, three, one, *bare], "by pinyin; without tags last"
    assert await codes(node.client, by="tags", down=True) == [one, three, four, *bare]
    assert await codes(node.client, file="none") == made and await codes(node.client, by="file") == made
    for code in (two, four):
        await opened(node, code)
    others = [code for code in made if code not in (two, four)]
    assert await codes(node.client, file="draft") == [two, four], "what was read before follows what is written"
    assert await codes(node.client, file="none") == others
    assert await codes(node.client, file=["none", "draft"], by="name", down=True) == made[::-1]
    assert await codes(node.client, by="file") == [*others, two, four]
    assert await codes(node.client, by="file", down=True) == [two, four, *others]
    chosen = {"matching": {"files": ["draft"]}}
    begun = await node.client.post("/camera-edits", json={"chosen": chosen, "change": {"tags_add": ["已建档"]}})
    assert begun.json()["total"] == 2, begun.text
    assert (await node.client.get("/camera-rows", params={"file": "lost"})).status_code == 422
