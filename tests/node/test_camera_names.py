"""A county with 20,000 cameras: small answers, any part of the list, and cameras stay where operators put them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fengsui.features.cameras import queries
from fengsui.store import Store
from tests.node.conftest import RunningNode, powered, running_node, settings_for, simulated_camera, until

COUNT, PAGE = 20_000, 100
LIMIT_BYTES = 24_000
PLATFORM = "52010300002000000009"


def stored_item(code: str, name: str, area: str) -> dict[str, Any]:
    """A row of `catalogue_items`."""
    row = {
        "device": PLATFORM,
        "code": code,
        "kind": "camera",
        "name": name,
        "area": area,
        "shown_area": area,
        "camera_class": "",
        "status": "ON",
    }
    empty = ("maker", "model", "address", "parents", "business_group", "details", "fingerprint", "unit")
    return {**row, **dict.fromkeys(empty, ""), "longitude": None, "latitude": None, "ptz_type": 3, "streams": "main/sub"}


async def write_county(url: str) -> None:
    """20,000 cameras in 520103, and one of which only the city is known."""
    store = await Store.open(url)
    rows = [stored_item(f"5201030000132{number:07d}", f"云岩区中华北路{number:05d}号", "520103") for number in range(COUNT)]
    async with store.transaction() as tx:
        await queries.write_items(tx, [*rows, stored_item("52010000001320000001", "贵阳市制高点", "5201")])
    await store.close()


async def test_any_part_of_a_large_county_is_a_small_answer(tmp_path: Path) -> None:
    settings = settings_for(f"sqlite:///{tmp_path / 'node.db'}")
    await write_county(settings.store.url)
    async with running_node(tmp_path, settings) as node:
        areas = {area["code"]: area for area in (await node.get("/areas"))["items"]}  # type: ignore[attr-defined]
        assert (areas["520103"]["cameras_total"], areas["520103"]["cameras_here"]) == (COUNT, COUNT)
        assert (areas["5201"]["cameras_total"], areas["5201"]["cameras_here"]) == (COUNT + 1, 1)
        seen: set[str] = set()
        for offset in (0, PAGE, COUNT // 2, COUNT - PAGE):
            answer = await node.client.get("/camera-names", params={"area": "520103", "offset": offset, "limit": PAGE})
            assert len(answer.content) < LIMIT_BYTES
            page = answer.json()
            assert (len(page["items"]), page["total"], page["offset"]) == (PAGE, COUNT, offset)
            assert page["items"][0]["code"] == f"5201030000132{offset:07d}"
            seen |= {item["code"] for item in page["items"]}
        assert len(seen) == 4 * PAGE
        high_point = (await node.get("/camera-names?area=5201"))["items"]
        assert [item["name"] for item in high_point] == ["贵阳市制高点"]  # type: ignore[attr-defined]


async def test_search_finds_names_and_codes(store_url: str, tmp_path: Path) -> None:
    await write_county(store_url)
    async with running_node(tmp_path, settings_for(store_url)) as node:
        wanted = {"road01234": 0, "中华北路0123": 10, "0000132001999": 10, "路01234": 1, "_": 0, "%": 0, "\\": 0}
        for text, total in wanted.items():
            answer = await node.client.get("/camera-names", params={"q": text, "limit": PAGE})
            assert answer.json()["total"] == total == len(answer.json()["items"]), text


async def test_a_camera_stays_where_the_operator_put_it(node: RunningNode) -> None:
    camera = simulated_camera(node.registrar)
    code = camera.identity.code

    async def here(area: str) -> bool:
        return code in [item["code"] for item in (await node.get(f"/camera-names?area={area}"))["items"]]  # type: ignore[attr-defined]

    async with powered(camera):
        await until(lambda: here("520102"), what="it stands where its code says")
        answer = await node.client.patch(f"/cameras/{code}", json={"own_area": "52010201", "own_name": "我的摄像机"})
        assert answer.status_code == 200 and await here("52010201"), "a street of the county"
        await node.put(code, "52011501")
        assert await here("52011501") and not await here("520102")
        assert [item["code"] for item in (await node.get("/camera-names?q=我的"))["items"]] == [code]  # type: ignore[attr-defined]
        assert (await node.get("/cameras?area=52"))["total"] == (await node.get("/cameras?area=520115"))["total"] == 1
        await node.put(code, None)
        assert await here("520102")


async def test_a_camera_is_found_by_the_operators_tags_and_its_own_words_come_back(node: RunningNode) -> None:
    camera = simulated_camera(node.registrar)
    code, place = camera.identity.code, {"longitude": 106.713, "latitude": 26.578}

    async def found(text: str) -> list[str]:
        answer = await node.client.get("/camera-names", params={"q": text})
        return [item["code"] for item in answer.json()["items"]]

    async def changed(**words: object) -> dict[str, Any]:
        answer = await node.client.patch(f"/cameras/{code}", json=words)
        assert answer.status_code == 200, answer.text
        return answer.json()  # type: ignore[no-any-return]

    async with powered(camera):
        await until(lambda: found(code), what="it is listed")
        first = (await node.client.get(f"/cameras/{code}")).json()
        told = await changed(own_name="北门", own_area="52010201", tags=["校园周边", "学校"], audio_basis="接警大厅", **place)
        assert (told["name"], told["reported_name"], told["area"]) == ("北门", first["name"], "52010201")
        assert told["own_place"] and {name: told[name] for name in place} == place
        assert await found("园周") == await found("学校") == await found("北门") == [code] and await found("医院") == []
        gone = await changed(own_name=None, own_area=None, tags=None, audio_basis=None, longitude=None, latitude=None)
        # What else the device says is shown whole to whoever keeps devices, as the one who changes it does.
        assert {**gone, "details": first["details"]} == first, "an empty field is the device's word again"
        for wrong in ({"own_area": "云岩区"}, {"own_area": "520"}, {"tags": [""]}, {"tags": ["长" * 65]}):
            assert (await node.client.patch(f"/cameras/{code}", json=wrong)).status_code == 422, wrong
