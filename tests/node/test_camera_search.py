"""Search over HTTP: by pinyin, state and tag, within rights, and in step with what is stored."""

from __future__ import annotations

from pathlib import Path

import pytest

from fengsui.features.cameras import finding, queries
from fengsui.store import Store
from tests.node.conftest import RunningNode, powered, running_node, settings_for, simulated_camera, until
from tests.node.test_camera_names import stored_item

NAMES = {
    "52010200001320000101": ("南门桥北球机", "520102"),
    "52010300001320000102": ("重庆路口枪机", "520103"),
    "52030200001320000103": ("南门路口", "520302"),
}


async def found(node: RunningNode, **asked: object) -> list[str]:
    answer = await node.client.get("/camera-names", params=asked)  # type: ignore[arg-type]
    assert answer.status_code == 200, answer.text
    assert answer.json()["total"] == len(answer.json()["items"])
    return [one["code"][-3:] for one in answer.json()["items"]]


async def test_cameras_are_found_by_what_operators_type(tmp_path: Path, store_url: str) -> None:
    settings = settings_for(store_url)
    store = await Store.open(settings.store.url)
    async with store.transaction() as tx:
        await queries.write_items(tx, [stored_item(code, name, area) for code, (name, area) in NAMES.items()])
    await store.close()
    async with running_node(tmp_path, settings) as node:
        assert await found(node, q="nmqb") == ["101"] and await found(node, q="cqlk") == await found(node, q="zhongqing") == ["102"]
        assert await found(node, q="nm路") == ["103"] and await found(node, q="nm") == ["101", "103"]
        assert await found(node, q="nmq") == ["101"], "its name and its area: once"
        assert await found(node, q="yunyan") == ["102"] and await found(node, q="路口 zunyi") == ["103"]
        assert await found(node, q="nm", state="online") == [] and await found(node, q="nm 状态:离线") == ["101", "103"]
        assert await found(node, state=["offline", "fault"]) == ["101", "102", "103"]
        guiyang = await node.client_of("guiyang", {"post": "operator", "area": "5201"})
        narrow = (await guiyang.get("/camera-names", params={"q": "nm"})).json()
        assert [one["code"][-3:] for one in narrow["items"]] == ["101"] and narrow["total"] == 1
        page = (await guiyang.get("/cameras", params={"q": "lukou"})).json()
        assert [one["name"] for one in page["items"]] == ["重庆路口枪机"] and page["total"] == 1
        code = "52010200001320000101"
        change = {"own_name": "甲秀楼", "tags": ["景区"]}
        assert (await node.client.patch(f"/cameras/{code}", json=change)).status_code == 200
        assert await found(node, q="jxl") == await found(node, tag="jq") == await found(node, q="nmqbqj") == ["101"]
        assert (await node.client.patch(f"/cameras/{code}", json={"own_name": "", "tags": []})).status_code == 200
        assert await found(node, q="jxl") == await found(node, tag="jq") == []
        await guiyang.aclose()


async def test_the_search_follows_catalogues_states_and_removed_devices(node: RunningNode) -> None:
    camera = simulated_camera(node.registrar)
    code = camera.identity.code

    async def is_found(**asked: str) -> bool:
        return code[-3:] in await found(node, **asked)

    async with powered(camera):
        await until(lambda: is_found(q="cssxj", state="online"), what="it is read and online")  # 测试摄像机
        assert await is_found(q="ceshi") and not await is_found(q="cssxj", state="offline")
    assert (await node.client.delete(f"/devices/{code}")).status_code == 204
    assert not await is_found(q="cssxj")


async def test_nothing_of_a_transaction_that_fails_is_told(tmp_path: Path, store_url: str) -> None:
    store = await Store.open(store_url)
    told: list[set[str]] = []
    store.followers[queries.CHANGED] = told.append
    row = stored_item("52010200001320000101", "南门", "520102")
    try:
        async with store.transaction() as tx:
            await queries.write_items(tx, [row])
            raise ZeroDivisionError
    except ZeroDivisionError:
        pass
    assert told == []
    async with store.transaction() as tx:
        await queries.write_items(tx, [row])
        assert told == [], "not before it is committed"
    assert told == [{row["code"]}]
    await store.close()


async def test_what_was_written_past_the_node_is_found_after_a_while(node: RunningNode, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await found(node, q="nm") == []
    monkeypatch.setattr(finding, "LOOK_EVERY_S", 0.1)
    node.node.cameras.search._news.set()  # the pause that runs is the long one
    store = await Store.open(node.node.settings.store.url or f"sqlite:///{node.node.data / 'node.db'}")
    async with store.transaction() as tx:
        await queries.write_items(tx, [stored_item(code, name, area) for code, (name, area) in NAMES.items()])
    await store.close()
    await until(lambda: found(node, q="nm"), what="it is found")
