"""Recorders with factory channel codes: one of two keeps a code, the other is refused and told, whoever comes first."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from fengsui.features.cameras import clash_queries, queries
from fengsui.simulators.device import SimulatedDevice
from fengsui.simulators.footage import FOOTAGE_FOLDER, Clip, LoopingClip
from fengsui.simulators.identity import DeviceIdentity
from fengsui.simulators.street import recorder
from fengsui.store import Store
from fengsui.store.engine import engine_for
from fengsui.wire.gb28181.catalog import CatalogueItem
from tests.node.conftest import SERVER, RunningNode, powered, running_node, settings_for, until
from tests.node.test_camera_names import stored_item
from tests.node.test_check import checked
from tests.node.test_database import to_revision
from tests.node.test_live import open_live, read_pictures
from tests.node.test_masks import BOX
from tests.node.test_metrics import scraped
from tests.node.test_storage_faults import write_config

FIRST, SECOND = f"{SERVER[:10]}1180000009", f"{SERVER[:10]}1180000002"
"""The first to come has the higher code: an order of codes would choose the other."""
CODES = [f"{SERVER[:10]}1320000{number}" for number in (701, 702, 703, 704)]
OWN = {"own_name": "东门", "tags": ["学校"], "longitude": 106.7, "latitude": 26.6, "audio_basis": "校园安防条例"}


def nvr(node: RunningNode, code: str, site: str, footage: str) -> SimulatedDevice:
    """A recorder whose channels have the codes that its maker gave them all."""
    clip = Clip.load(FOOTAGE_FOLDER / footage)
    identity = DeviceIdentity(code, site, keepalive_s=1.0)
    return recorder(node.registrar, identity, "520102", 7, site, lambda _: {"main": lambda: LoopingClip(clip)})


def first_nvr(node: RunningNode) -> SimulatedDevice:
    return nvr(node, FIRST, "甲校", "street.10fps.h264")


def second_nvr(node: RunningNode) -> SimulatedDevice:
    return nvr(node, SECOND, "乙校", "street.10fps.h265")


async def holder(node: RunningNode, code: str) -> str:
    answer = await node.client.get(f"/cameras/{code}")
    return str(answer.json()["device"]) if answer.status_code == 200 else ""


async def refused(node: RunningNode, device: str) -> list[dict[str, Any]]:
    """Clashes as a device's page tells them."""
    answer = await node.client.get(f"/devices/{device}/tree")
    return list(answer.json()["refused"]) if answer.status_code == 200 else []


async def read_again(node: RunningNode, device: str) -> None:
    """Awaits that a device's catalogue was read since it came."""

    async def done() -> bool:
        progress = await node.client.get(f"/devices/{device}/catalogue")
        return progress.status_code == 200 and progress.json()["done"] and progress.json()["received"] == 6

    await until(done, what=f"the catalogue of {device} is read")


async def all_have(node: RunningNode, device: str) -> bool:
    return [await holder(node, code) for code in CODES] == [device] * 4


async def listed_by_pages(node: RunningNode) -> list[tuple[str, str]]:
    found, cursor = [], ""
    while True:
        page = (await node.client.get("/cameras", params={"limit": 1, "cursor": cursor})).json()
        found += [(one["code"], one["device"]) for one in page["items"]]
        if page["next"] is None:
            return found
        cursor = page["next"]


async def said_in_the_log(node: RunningNode, code: str, device: str) -> bool:
    page = await node.get(f"/audit?object={code}&act=camera.change&limit=100")
    return any(device in one["detail"] for one in page["items"])


async def plays_of(node: RunningNode, shows: SimulatedDevice, never: SimulatedDevice, codec: str) -> None:
    """The first camera's picture is the one device's, and the other is not even asked."""
    before = never.invited
    opened = await open_live(node, CODES[0])
    assert len(await read_pictures(opened, 3)) >= 3
    live = await node.get(f"/cameras/{CODES[0]}/live")
    assert (live["state"], live["codec"]) == ("playing", codec)
    assert shows.invited > 0 and never.invited == before
    assert (await node.client.get(f"/cameras/{CODES[0]}/picture")).status_code == 200
    assert never.invited == before


async def test_the_first_known_keeps_a_code_until_it_is_removed(store_url: str, tmp_path: Path) -> None:
    settings = settings_for(store_url)
    async with running_node(tmp_path, settings) as node, AsyncExitStack() as power:
        first, second = first_nvr(node), second_nvr(node)
        await power.enter_async_context(powered(first))
        await until(lambda: all_have(node, FIRST), what="the first recorder's cameras are listed")
        assert (await node.client.patch(f"/cameras/{CODES[0]}", json=OWN)).status_code == 200
        assert (await node.get("/node"))["refused_channels"] == 0
        await power.enter_async_context(powered(second))
        await read_again(node, SECOND)
        clashes = [{"code": code, "device": SECOND, "holder": FIRST} for code in CODES]
        assert await refused(node, SECOND) == clashes and await refused(node, FIRST) == clashes
        tree = (await node.get(f"/devices/{SECOND}/tree"))["items"]
        told = {one["code"]: (one["kind"], one["held_by"], one["name"]) for one in tree if one["code"] in CODES}
        assert told[CODES[0]] == ("duplicate", FIRST, "乙校校门 H.265"), "not the name that was given to the other's"
        assert {kind for kind, _, _ in told.values()} == {"duplicate"} and len(told) == 4
        assert await all_have(node, FIRST)
        assert await listed_by_pages(node) == [(code, FIRST) for code in CODES]
        assert (await node.get("/node"))["refused_channels"] == 4
        doubled = await node.get("/devices?refused_channels=true")
        assert [one["code"] for one in doubled["items"]] == [SECOND]
        assert (await scraped(node))["fengsui_refused_channels", ()] == 4
        await plays_of(node, first, second, "h264")
        assert (
            await node.client.post(f"/cameras/{CODES[1]}/masks", json={"preset": 0, "name": "窗", "points": BOX})
        ).status_code == 201

    async with running_node(tmp_path, settings) as node, AsyncExitStack() as power:
        first, second = first_nvr(node), second_nvr(node)
        assert (await node.get("/node"))["refused_channels"] == 4
        await power.enter_async_context(powered(second))
        await read_again(node, SECOND)
        assert await all_have(node, FIRST), "who registers first after a restart changes nothing"
        assert (await node.client.post(f"/cameras/{CODES[0]}/live", json={"codecs": ["h264"]})).status_code == 201
        await power.enter_async_context(powered(first))
        await read_again(node, FIRST)
        assert await all_have(node, FIRST) and second.invited == 0
        await plays_of(node, first, second, "h264")
        kept = await node.get(f"/cameras/{CODES[0]}")
        assert {name: kept[name] for name in OWN} == OWN

        assert (await node.client.delete(f"/devices/{FIRST}")).status_code == 204
        await until(lambda: all_have(node, SECOND), what="the codes pass to the second recorder")
        passed = await node.get(f"/cameras/{CODES[0]}")
        assert (passed["name"], passed["tags"], passed["audio_basis"]) == ("乙校校门 H.265", [], "")
        assert all(one["device"] == FIRST for one in await refused(node, SECOND)), "the first one may knock again at once"
        masks = await node.get(f"/cameras/{CODES[1]}/masks")
        assert len(masks["items"]) == 1 and masks["position"] is None, "drawn on another picture: all is hidden"
        assert await said_in_the_log(node, CODES[0], SECOND)
        asked_before = first.invited
        await plays_of(node, second, first, "h265")
        await until(lambda: _count(node, FIRST, 4), what="the former holder comes back as the duplicate")
        assert await all_have(node, SECOND)
        assert first.invited == asked_before


async def test_a_clash_by_notification_is_found_and_ends_with_one(store_url: str, tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for(store_url)) as node:
        first = first_nvr(node)
        second = second_nvr(node)
        del second.channels[CODES[0]]
        subscriptions = node.node.cameras.reading.subscriptions
        async with powered(first):
            await until(lambda: all_have(node, FIRST), what="the first recorder's cameras are listed")
            await until(lambda: subscriptions.is_subscribed(FIRST), what="the first recorder reports its changes")
            async with powered(second):
                await until(lambda: subscriptions.is_subscribed(SECOND), what="the second recorder reports its changes")
                assert len(await refused(node, SECOND)) == 3
                await second.notify(CatalogueItem(CODES[0], "乙校校门", civil_code="520102", status="ON", event="ADD"))
                await until(lambda: _count(node, SECOND, 4), what="the added channel is refused")
                await second.notify(CatalogueItem(CODES[0], event="OFF"))
                await second.notify(CatalogueItem(CODES[1], event="DEL"))
                await until(lambda: _count(node, SECOND, 3), what="a channel that is taken away is refused no longer")
                assert (await node.get(f"/cameras/{CODES[0]}"))["status"] == "online", (
                    "the refused one's status is not the camera's"
                )
                await first.notify(CatalogueItem(CODES[0], event="DEL"))

                async def passed() -> bool:
                    return await holder(node, CODES[0]) == SECOND

                await until(passed, what="the code passes when its camera is taken away")
                assert (await node.get(f"/cameras/{CODES[0]}"))["status"] == "offline"
                await first.notify(CatalogueItem(CODES[0], "甲校校门", civil_code="520102", status="ON", event="ADD"))
                await until(lambda: _holds_one_of(node, FIRST), what="who comes back is refused")


async def _count(node: RunningNode, device: str, count: int) -> bool:
    return len([one for one in await refused(node, device) if one["device"] == device]) == count


async def _holds_one_of(node: RunningNode, device: str) -> bool:
    return await _count(node, device, 1)


async def test_who_watches_when_a_code_passes_sees_the_former_picture_no_more(tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for()) as node:
        first, second = first_nvr(node), second_nvr(node)
        async with powered(first):
            await until(lambda: all_have(node, FIRST), what="the first recorder's cameras are listed")
            async with powered(second):
                await until(lambda: _count(node, SECOND, 4), what="the second one's channels are refused")
                await until(lambda: node.node.cameras.reading.subscriptions.is_subscribed(FIRST), what="it reports its changes")
                opened = await open_live(node, CODES[0])
                await read_pictures(opened, 3)
                await first.notify(CatalogueItem(CODES[0], event="DEL"))

                async def ended() -> bool:
                    answer = await node.client.post(f"/live/{opened['session']}/renew")
                    return answer.status_code == 404 or answer.status_code == 410

                await until(ended, what="the viewing has ended")
                await until(lambda: first.byes > 0, what="the former device is hung up")
                await plays_of(node, second, first, "h265")


async def both_stored(url: str, *kinds: str) -> None:
    """One code of two devices, as rows of these kinds, the device with the lower code first."""
    devices = zip((SECOND, FIRST), kinds, strict=True)
    rows = [{**stored_item(CODES[0], "校门", "520102"), "device": device, "kind": kind} for device, kind in devices]
    store = await Store.open(url)
    async with store.transaction() as tx:
        await queries.write_items(tx, rows)
    await store.close()


async def test_codes_that_were_doubled_before_stay_what_was_shown(bare_store_url: str) -> None:
    engine = engine_for(bare_store_url)
    rows = [{**stored_item(CODES[0], "校门", "520102"), "device": device} for device in (SECOND, FIRST)]
    columns = [name for name in rows[0] if name not in ("details", "unit")]  # they came later
    written = f"INSERT INTO catalogue_items ({', '.join(columns)}) VALUES ({', '.join(f':{name}' for name in columns)})"
    async with engine.begin() as connection:
        await connection.run_sync(to_revision, "0023")
        await connection.execute(sa.text(written), rows)
    await engine.dispose()
    store = await Store.open(bare_store_url)
    async with store.reading() as tx:
        assert [(row.code, row.device) for row in await queries.cameras(tx, queries.Wanted())] == [(CODES[0], SECOND)]
        assert await clash_queries.devices(tx) == {FIRST}
    await store.close()


async def test_the_check_names_devices_with_refused_channels(tmp_path: Path) -> None:
    config, _ = write_config(tmp_path)
    (tmp_path / "data").mkdir(mode=0o700, exist_ok=True)
    await both_stored(f"sqlite:///{tmp_path / 'data' / 'node.db'}", "camera", "duplicate")
    found = await asyncio.to_thread(checked, config, tmp_path / "data")
    assert f"! 设备 {FIRST} 有 1 个通道未接入:编码已被其他设备使用,如 {CODES[0]}(设备 {SECOND})" in found.stdout, found.stdout
