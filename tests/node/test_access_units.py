"""Access units, digits 7 and 8 of codes: the level of the tree below the county, named by catalogues; areas found by typing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from fengsui.features.cameras import queries
from fengsui.features.cameras.access_units import names_of, place_in_tree, reported_unit
from fengsui.simulators.device import SimulatedDevice
from fengsui.simulators.footage import FOOTAGE_FOLDER, Clip, LoopingClip
from fengsui.simulators.identity import Channel, DeviceIdentity
from fengsui.store import Store
from fengsui.store.engine import engine_for
from fengsui.wire.gb28181.catalog import CatalogueItem
from tests.node.conftest import SERVER, RunningNode, powered, running_node, settings_for, simulated_camera, until
from tests.node.test_camera_names import stored_item
from tests.node.test_database import to_revision

COUNTY = "520103"


@pytest.mark.parametrize(
    ("item", "unit"),
    [
        (CatalogueItem("52010300001320000001", "a", civil_code="520103"), ""),
        (CatalogueItem("52010303001320000001", "a", civil_code="520103"), "52010303"),
        (CatalogueItem("52010300001320000001", "a", civil_code="52010305"), "52010305"),
        (CatalogueItem("52010303001320000001", "a", civil_code="5201030501"), "52010305"),
        (CatalogueItem("52010300001320000001", "a", parents=("52010300002000000009", "52010304")), "52010304"),
        (CatalogueItem("52052203001320000001", "a"), "52058103"),
        (CatalogueItem("serial-number-0001", "a"), ""),
        (CatalogueItem("5201030313200001", "a"), ""),
    ],
)
def test_a_cameras_unit_is_what_says_it_most_closely(item: CatalogueItem, unit: str) -> None:
    assert reported_unit(item) == unit


def test_a_unit_is_shown_in_its_own_county_alone() -> None:
    assert place_in_tree("520103", "52010303") == "52010303"
    assert place_in_tree("520102", "52010303") == "520102"
    assert place_in_tree("5201", "52010303") == "5201"
    assert place_in_tree("520103", "") == "520103"


def test_a_division_names_its_unit_before_a_business_group_does_and_no_device_names_what_lies_elsewhere() -> None:
    rows = [
        ("a", "52010303", "中华路派出所", "area", "5201"),
        ("a", "52010304002150000001", "北京路片区", "business_group", "5201"),
        ("a", "52010303002150000001", "另一名称", "business_group", "5201"),
        ("a", "52010305002150000001", "甲", "business_group", "5201"),
        ("a", "52010305002150000002", "乙", "business_group", "5201"),
        ("b", "52010303", "后来者", "area", "5201"),
        ("b", "52030203", "别处", "area", "5201"),
        ("b", "520103", "云岩区", "area", "5201"),
        ("b", "52010306", "52010306", "area", "5201"),
    ]
    assert names_of(rows) == {"52010303": "中华路派出所", "52010304": "北京路片区"}


def row(code: str, name: str, kind: str = "camera", unit: str = "") -> dict[str, Any]:
    return stored_item(code, name, COUNTY) | {"kind": kind, "unit": unit}


async def town(url: str) -> None:
    store = await Store.open(url)
    async with store.transaction() as tx:
        await queries.write_items(
            tx,
            [
                row("52010303", "中华路街道", "area"),
                *(row(f"5201030300132000000{number}", f"中华北路{number}号", unit="52010303") for number in range(3)),
                row("52010304001320000001", "延安东路1号", unit="52010304"),
                row("52010300001320000001", "瑞金路1号"),
                row("52010309001320000001", "移来的", unit="52010209"),
            ],
        )
    await store.close()


async def codes(node: RunningNode, **asked: str) -> list[str]:
    answer = await node.client.get("/camera-names", params=asked)
    assert answer.status_code == 200, answer.text
    assert answer.json()["total"] == len(answer.json()["items"])
    return [one["name"] for one in answer.json()["items"]]


async def test_the_tree_has_units_below_the_county_with_their_sums(tmp_path: Path, store_url: str) -> None:
    settings = settings_for(store_url)
    await town(settings.store.url)
    async with running_node(tmp_path, settings) as node:
        areas: dict[str, Any] = {area["code"]: area for area in (await node.get("/areas"))["items"]}
        county, unit = areas[COUNTY], areas["52010303"]
        assert (county["cameras_total"], county["cameras_here"]) == (6, 2)
        assert (unit["name"], unit["level"], unit["parent"], unit["cameras_total"]) == ("中华路街道", "unit", COUNTY, 3)
        assert areas["52010304"]["name"] == "", "nobody names it: its number does, in the reader's language"
        assert "52010209" not in areas and "52010309" not in areas
        assert await codes(node, area="52010303") == ["中华北路0号", "中华北路1号", "中华北路2号"]
        assert await codes(node, area=COUNTY) == ["瑞金路1号", "移来的"]
        assert len((await node.get(f"/cameras?area={COUNTY}"))["items"]) == 6
        assert len((await node.get("/cameras?area=52010303"))["items"]) == 3
        assert await codes(node, q="zhljd") == ["中华北路0号", "中华北路1号", "中华北路2号"], "by the name of their unit"


async def test_areas_are_found_by_name_code_and_pinyin_within_ones_rights(tmp_path: Path, store_url: str) -> None:
    settings = settings_for(store_url)
    await town(settings.store.url)
    async with running_node(tmp_path, settings) as node:

        async def found(text: str) -> list[tuple[str, int]]:
            answer = await node.client.get("/areas", params={"q": text})
            assert answer.status_code == 200, answer.text
            return [(one["code"], one["cameras_total"]) for one in answer.json()["items"]]

        assert await found("zhl") == await found("中华") == await found("52010303") == [("52010303", 3)]
        assert await found("yunyan zhl") == [("52010303", 3)], "one word is of an area above"
        assert (await found("yyq"))[0] == (COUNTY, 6)
        assert [code for code, _ in await found("jcdw")] == ["52010304"], "基层单位 04"
        assert await found("没有这个地方") == [] and await found("  ") == []
        elsewhere = await node.client_of("zunyi", {"post": "operator", "area": "5203"})
        assert (await elsewhere.get("/areas", params={"q": "zhl"})).json()["items"] == []
        await elsewhere.aclose()


async def test_a_recorders_own_catalogue_makes_and_names_a_unit(node: RunningNode) -> None:
    clip = Clip.load(FOOTAGE_FOLDER / "street.10fps.h264")
    unit = "52010206"
    by_civil_code = CatalogueItem(f"{SERVER[:10]}1320000801", "大十字东", "F", "S", civil_code=unit, status="ON")
    by_own_code = CatalogueItem(f"{unit}001320000802", "大十字西", "F", "S", civil_code="520102", status="ON")
    channels = [Channel(item, {"main": lambda: LoopingClip(clip)}) for item in (by_civil_code, by_own_code)]
    identity = DeviceIdentity(f"{SERVER[:10]}1180000019", "派出所录像机", keepalive_s=1.0)
    recorder = SimulatedDevice(identity, node.registrar, channels, [CatalogueItem(unit, "大十字街道")])
    async with powered(recorder):

        async def named() -> bool:
            areas = {one["code"]: one for one in (await node.get("/areas"))["items"]}  # type: ignore[attr-defined]
            return unit in areas and (areas[unit]["name"], areas[unit]["cameras_total"]) == ("大十字街道", 2)

        await until(named, what="the unit stands in the tree with its name")
        assert await codes(node, area=unit) == ["大十字东", "大十字西"]
        assert await codes(node, q="dszjd") == ["大十字东", "大十字西"]
        subscriptions = node.node.cameras.reading.subscriptions
        await until(lambda: subscriptions.is_subscribed(identity.code), what="it reports its changes")
        await recorder.notify(CatalogueItem(by_civil_code.device_id, "大十字东", civil_code="520102", status="ON", event="UPDATE"))
        await until(lambda: _stands_in(node, "大十字东", "520102"), what="it is told to stand in the county itself")


async def _stands_in(node: RunningNode, name: str, area: str) -> bool:
    return name in await codes(node, area=area)


async def test_an_operators_area_goes_before_what_the_device_says(node: RunningNode) -> None:
    camera = simulated_camera(node.registrar)
    code = camera.identity.code
    async with powered(camera):

        async def is_in(area: str) -> bool:
            answer = await node.client.get("/camera-names", params={"area": area})
            return code in [one["code"] for one in answer.json()["items"]]

        await until(lambda: is_in("520102"), what="the catalogue is read")
        assert (await node.client.patch(f"/cameras/{code}", json={"own_area": "52010207"})).status_code == 200
        assert await is_in("52010207") and not await is_in("520102")
        assert (await node.client.post(f"/devices/{code}/catalogue")).status_code == 202
        await until(lambda: _is_read(node, code), what="the catalogue is read again")
        assert await is_in("52010207"), "the operator's word outlives a new catalogue"
        assert (await node.client.patch(f"/cameras/{code}", json={"own_area": ""})).status_code == 200
        assert await is_in("520102")


async def _is_read(node: RunningNode, code: str) -> bool:
    state = (await node.client.get(f"/devices/{code}/catalogue")).json()
    return bool(state["done"]) and state["received"] > 0


async def test_words_beyond_those_that_are_looked_for_are_named(tmp_path: Path, store_url: str) -> None:
    settings = settings_for(store_url)
    await town(settings.store.url)
    async with running_node(tmp_path, settings) as node:
        answer = await node.get("/camera-names?q=" + "+".join(["中华"] * 8 + ["九", "十"]))
        assert (answer["total"], answer["ignored"]) == (3, ["九", "十"])
        assert (await node.get("/camera-names?q=中华"))["ignored"] == []


async def test_cameras_that_were_there_before_stand_in_their_units_and_are_read_anew(bare_store_url: str) -> None:
    engine = engine_for(bare_store_url)
    codes = ["52010303001320000001", "52010300001320000001", "52052203001320000001"]
    rows = [{**stored_item(code, "旧", "520103"), "fingerprint": "known"} for code in codes]
    columns = [name for name in rows[0] if name != "unit"]
    written = f"INSERT INTO catalogue_items ({', '.join(columns)}) VALUES ({', '.join(f':{name}' for name in columns)})"
    async with engine.begin() as connection:
        await connection.run_sync(to_revision, "0046")
        await connection.execute(sa.text(written), rows)
    await engine.dispose()
    store = await Store.open(bare_store_url)
    async with store.reading() as tx:
        stored = (await tx.execute(sa.text("SELECT code, unit, fingerprint FROM catalogue_items ORDER BY code"))).all()
    await store.close()
    assert [tuple(row) for row in stored] == [(codes[1], "", ""), (codes[0], "52010303", ""), (codes[2], "52058103", "")]
