"""Catalogues as devices really send them: in any order, twice, with a wrong number, with a stall; and dirty trees."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from fengsui.clock import ManualClock
from fengsui.features.cameras import doubts, reading
from fengsui.features.devices import DeviceState
from fengsui.simulators.device import SimulatedDevice
from fengsui.simulators.faults import Faults
from fengsui.simulators.identity import DeviceIdentity, Registrar
from fengsui.wire.gb28181.catalog import CatalogueAnswer, CatalogueItem, CatalogueQuery
from fengsui.wire.gb28181.manscdp import Manscdp
from tests.node.conftest import SERVER, RunningNode, powered, running_node, settings_for, simulated_camera, until

PLATFORM = f"{SERVER[:10]}2000000009"
Script = Callable[[int, int], list[Manscdp]]
"""(number of the query from 1, SN) → what the platform sends."""


@pytest.fixture
async def node(store_url: str, tmp_path: Path) -> AsyncIterator[RunningNode]:
    """A node on each database: an empty one for each test."""
    async with running_node(tmp_path, settings_for(store_url)) as running:
        yield running


class ScriptedPlatform(SimulatedDevice):
    """A lower platform that answers catalogue queries by a script."""

    def __init__(self, registrar: Registrar, script: Script) -> None:
        super().__init__(DeviceIdentity(PLATFORM, "下级平台", keepalive_s=1.0), registrar, [], [])
        self._script = script
        self.queries = 0

    def _answers_to(self, body: Manscdp) -> list[Manscdp]:
        if isinstance(body, CatalogueQuery):
            self.queries += 1
            return self._script(self.queries, body.sn)
        return super()._answers_to(body)


def item(number: int, **changes: object) -> CatalogueItem:
    values: dict[str, object] = {"name": f"通道{number}", "civil_code": "520102", "status": "ON", "parents": (PLATFORM,), **changes}
    return CatalogueItem(f"{SERVER[:10]}1310000{number:03d}", **values)  # type: ignore[arg-type]


def parts(sn: int, total: int, *groups: tuple[int, ...]) -> list[Manscdp]:
    """One answer for each group of item numbers."""
    return [CatalogueAnswer(sn, PLATFORM, total, tuple(item(number) for number in group)) for group in groups]


async def total_of(node: RunningNode) -> int:
    return int(str((await node.get("/cameras?limit=1"))["total"]))


@pytest.mark.parametrize(
    ("script", "wanted"),
    [
        (lambda _, sn: parts(sn, 6, (5, 6), (1, 2), (3, 4)), 6),
        (lambda _, sn: parts(sn, 4, (1, 2), (1, 2), (3, 4), (3,)), 4),
        (lambda _, sn: parts(sn, 2, (1, 2)) + parts(sn, 3, (3, 4, 5)), 5),
        (lambda _, sn: parts(sn, 4, (1, 2), (3, 4), (5, 6)), 6),
        (lambda _, sn: parts(sn, 9, (1, 2, 3)), 3),
        (lambda _, sn: parts(0, 3, (1, 2, 3)), 3),
    ],
    ids=["any order", "repeated", "number of the part", "number too low", "number too high", "another SN"],
)
async def test_a_catalogue_is_read_however_it_comes(
    node: RunningNode, monkeypatch: pytest.MonkeyPatch, script: Script, wanted: int
) -> None:
    monkeypatch.setattr(reading, "NEXT_PART_S", 0.5)
    async with powered(ScriptedPlatform(node.registrar, script)):

        async def read() -> bool:
            return await total_of(node) >= wanted

        await until(read, what=f"{wanted} cameras are listed")


@pytest.mark.parametrize(
    ("groups", "total"),
    [
        ((tuple(range(1, 5)), tuple(range(5, 9)), (9, 10)), None),
        (tuple((number,) for number in range(1, 13)), 1),
        (((1, 2), (3, 4), (5, 6), (7, 8)), 5),
    ],
    ids=["each part its own", "one item a message", "too low"],
)
async def test_a_number_that_counts_too_few_costs_no_camera(
    node: RunningNode, monkeypatch: pytest.MonkeyPatch, groups: tuple[tuple[int, ...], ...], total: int | None
) -> None:
    monkeypatch.setattr(reading, "NEXT_PART_S", 1.5)
    monkeypatch.setattr(reading, "QUIET_S", 1.5)  # a busy machine sends slower than a recorder
    forgotten: list[str] = []
    forget = node.node.cameras.reading._forget

    async def watched(device: DeviceState, gone: list[str]) -> None:
        forgotten.extend(gone)
        await forget(device, gone)

    monkeypatch.setattr(node.node.cameras.reading, "_forget", watched)
    platform = ScriptedPlatform(
        node.registrar, lambda _, sn: [one for group in groups for one in parts(sn, total or len(group), group)]
    )
    wanted = {item(number).device_id for group in groups for number in group}
    async with powered(platform):

        async def read(times: int) -> bool:
            progress = node.node.cameras.reading.catalogue_progress(PLATFORM)
            return platform.queries == times and progress is not None and progress.done and progress.received == len(wanted)

        for times in (1, 2):
            await until(lambda times=times: read(times), what="one reading has heard all of them")
            listed = (await node.get("/cameras?limit=50"))["items"]
            assert {camera["code"] for camera in listed} == wanted  # type: ignore[attr-defined]
            if times == 1:
                assert (await node.client.post(f"/devices/{PLATFORM}/catalogue")).status_code == 202
        assert forgotten == []


async def test_a_catalogue_that_lacks_most_of_what_was_known_is_asked_for_again_before_it_is_believed(
    node: RunningNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doubts, "DOUBT_S", 0.5)
    monkeypatch.setattr(reading, "OWED_EVERY_S", 0.1)
    lacked: list[int] = []
    arise = node.node.cameras.reading._doubts.arise

    def watched(code: str, known: int, gone: int) -> bool:
        lacked.append(gone)
        return arise(code, known, gone)

    monkeypatch.setattr(node.node.cameras.reading._doubts, "arise", watched)
    whole, few = tuple(range(1, 7)), (1,)
    scripts = {1: whole, 2: few, 3: whole}
    platform = ScriptedPlatform(node.registrar, lambda query, sn: parts(sn, len(scripts.get(query, few)), scripts.get(query, few)))
    async with powered(platform):

        async def listed(count: int) -> bool:
            return await total_of(node) == count

        await until(lambda: listed(6), what="all six are listed")
        await until(lambda: lacked == [0], what="the first reading is believed")
        assert (await node.client.post(f"/devices/{PLATFORM}/catalogue")).status_code == 202
        await until(lambda: len(lacked) == 3, what="it was asked for once more by the node itself")
        assert lacked == [0, 5, 0] and await listed(6), "nothing was forgotten"
        assert (await node.client.post(f"/devices/{PLATFORM}/catalogue")).status_code == 202
        await until(lambda: listed(1), what="what it says twice is believed")
        assert lacked == [0, 5, 0, 5, 5]


async def test_after_a_stall_the_rest_is_asked_for_and_what_came_is_kept(
    node: RunningNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "NEXT_PART_S", 0.5)
    platform = ScriptedPlatform(
        node.registrar, lambda query, sn: parts(sn, 6, (1, 2)) if query == 1 else parts(sn, 6, (3, 4), (5, 6))
    )
    async with powered(platform):

        async def whole() -> bool:
            return await total_of(node) == 6

        await until(whole, what="all six are listed, the first two from the first answer")
        assert platform.queries == 2


class DrippingPlatform(ScriptedPlatform):
    """From its second query on it sends two of its items again and again, until it is asked once more."""

    dripping: asyncio.Task[None] | None = None

    def _answers_to(self, body: Manscdp) -> list[Manscdp]:
        answers = super()._answers_to(body)
        if isinstance(body, CatalogueQuery):
            if self.dripping is not None:
                self.dripping.cancel()
            if self.queries == 2:
                self.dripping = asyncio.create_task(self._drip(body.sn))
        return answers

    async def _drip(self, sn: int) -> None:
        while True:
            for answer in parts(sn, 2, (1,), (4,)):
                await self.send(answer)
                await asyncio.sleep(0.02)


async def test_a_device_that_drips_for_ever_is_cut_short_and_nothing_is_forgotten(
    node: RunningNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, reader = ManualClock(), node.node.cameras.reading
    monkeypatch.setattr(reader, "_clock", clock)
    groups = {1: (1, 2, 3), 2: (1, 4), 3: (1, 2, 4)}
    platform = DrippingPlatform(node.registrar, lambda query, sn: parts(sn, len(groups[query]), groups[query]))

    async def state() -> dict[str, object]:
        return await node.get(f"/devices/{PLATFORM}/catalogue")

    async def read(times: int, received: int) -> bool:
        found = await state()
        return platform.queries == times and found["received"] == received and bool(found["done"])

    async with powered(platform):
        await until(lambda: read(1, 3), what="the first catalogue is read")
        assert (await node.client.post(f"/devices/{PLATFORM}/catalogue")).status_code == 202

        async def drips() -> bool:
            return platform.queries == 2 and (await state())["received"] == 2

        await until(drips, what="it drips")
        clock.advance(reader._limit_s - 1)
        assert not (await state())["done"], "a device has its time"
        clock.advance(1)
        await until(lambda: read(2, 2), what="the reading is cut short")
        assert (await state())["cut_after_s"] == node.node.settings.signalling.catalogue_limit_s
        assert await total_of(node) == 4, "what came is kept, and what did not come is not forgotten"
        assert (await node.client.post(f"/devices/{PLATFORM}/catalogue")).status_code == 202
        await until(lambda: read(3, 3), what="a whole catalogue is read again")
        assert (await state())["cut_after_s"] == 0, "that one was not cut short"


async def test_a_device_that_falls_silent_or_never_answers_is_not_awaited_for_ever(
    node: RunningNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "NEXT_PART_S", 0.3)
    monkeypatch.setattr(reading, "FIRST_PART_S", 0.6)
    platform = ScriptedPlatform(node.registrar, lambda query, sn: parts(sn, 6, (1, 2)) if query == 1 else [])
    async with powered(platform):

        async def read(received: int, queries: int) -> bool:
            found = await node.get(f"/devices/{PLATFORM}/catalogue")
            return bool(found["done"]) and (found["received"], platform.queries) == (received, queries)

        await until(lambda: read(2, 2), what="the rest was asked for in vain, and the reading is over")
        subscriptions = node.node.cameras.reading.subscriptions
        await until(lambda: subscriptions.is_subscribed(PLATFORM), what="what changes is told all the same")
        assert (await node.client.post(f"/devices/{PLATFORM}/catalogue")).status_code == 202
        await until(lambda: read(0, 3), what="no answer at all ends it too")
        assert await total_of(node) == 2


async def test_an_item_that_comes_twice_in_one_answer_is_what_its_last_words_say(node: RunningNode) -> None:
    said = (item(1, name="旧名", longitude=106.7, latitude=26.5), item(2, status=""), item(1, name='新名\'s \\ "{1,2}"'))
    platform = ScriptedPlatform(node.registrar, lambda _, sn: [CatalogueAnswer(sn, PLATFORM, 2, said)])
    async with powered(platform):

        async def read() -> bool:
            return await total_of(node) == 2

        await until(read, what="both are listed")
        first = await node.get(f"/cameras/{item(1).device_id}")
        assert (first["name"], first["longitude"], first["status"]) == ('新名\'s \\ "{1,2}"', None, "online")


async def test_what_a_whole_catalogue_no_longer_has_is_gone_and_own_words_stay(node: RunningNode) -> None:
    platform = ScriptedPlatform(node.registrar, lambda query, sn: parts(sn, 3, (1, 2, 3)) if query == 1 else parts(sn, 2, (1, 3)))
    code = item(1).device_id
    async with powered(platform):

        async def listed(count: int) -> bool:
            return await total_of(node) == count

        await until(lambda: listed(3), what="three cameras")
        own = {"own_name": "校门口", "tags": ["学校"], "longitude": 106.7, "latitude": 26.6}
        assert (await node.client.patch(f"/cameras/{code}", json=own)).status_code == 200
        assert (await node.client.post(f"/devices/{PLATFORM}/catalogue")).status_code == 202
        await until(lambda: listed(2), what="the second one is gone")
        kept = await node.get(f"/cameras/{code}")
        assert (kept["name"], kept["tags"], kept["longitude"]) == ("校门口", ["学校"], 106.7)


async def test_a_catalogue_asked_for_while_it_is_read_is_read_again(node: RunningNode, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "NEXT_PART_S", 0.5)
    asking = node.node.cameras.reading.ask_catalogue

    def script(query: int, sn: int) -> list[Manscdp]:
        if query == 1:
            asking(PLATFORM)
            asking(PLATFORM)
        return parts(sn, query, tuple(range(1, query + 1)))

    platform = ScriptedPlatform(node.registrar, script)
    async with powered(platform):

        async def read_twice() -> bool:
            return await total_of(node) == 2

        await until(read_twice, what="what the second answer lists is there")
        await until(lambda: PLATFORM not in node.node.cameras.reading._asked, what="the reading is over")
        assert platform.queries == 2, "however often it was asked for meanwhile"


async def test_dirty_parents_never_cost_a_camera_nor_hang_the_tree(node: RunningNode) -> None:
    group, one, two = (f"{SERVER[:10]}{ending}" for ending in ("2150000001", "2160000001", "2160000002"))
    dirty = (
        CatalogueItem(group, "业务分组", civil_code="520102", parents=(PLATFORM,)),
        CatalogueItem(one, "组织一", parents=(two,), business_group=group),
        CatalogueItem(two, "组织二", parents=(one,), business_group=group),
        replace_parents(item(1), "null"),
        replace_parents(item(2), item(2).device_id),
        replace_parents(item(3), SERVER[:10]),
        replace_parents(item(4), f"{PLATFORM}/{one}"),
        CatalogueItem("520102", "南明区"),
    )
    platform = ScriptedPlatform(node.registrar, lambda _, sn: [CatalogueAnswer(sn, PLATFORM, len(dirty), dirty)])
    async with powered(platform):

        async def read() -> bool:
            return await total_of(node) == 4

        await until(read, what="four cameras, and neither groups nor areas among them")
        nodes = {one["code"]: one for one in (await node.get(f"/devices/{PLATFORM}/tree"))["items"]}  # type: ignore[attr-defined]
        assert len(nodes) == len(dirty)
        assert nodes[item(4).device_id]["parents"] == [PLATFORM, one]


def replace_parents(camera: CatalogueItem, *parents: str) -> CatalogueItem:
    """The item below other parents."""
    return camera._replace(parents=parents)


async def test_a_device_tells_how_it_is_and_what_it_believes(node: RunningNode) -> None:
    platform = ScriptedPlatform(node.registrar, lambda _, sn: parts(sn, 1, (1,)))
    platform.identity = replace(platform.identity, keepalive_s=900.0)
    async with powered(platform):

        async def told() -> bool:
            answer = await node.client.get(f"/devices/{PLATFORM}")
            return answer.status_code == 200 and answer.json()["believed"] is not None

        await until(told, what="its beliefs are read")
        believed = (await node.get(f"/devices/{PLATFORM}"))["believed"]
        assert believed["keepalive_interval_s"] == 900 and "900" in believed["warning_zh"]  # type: ignore[index]
        state = await node.get(f"/devices/{PLATFORM}/status")
        assert state["online"] is True and abs(float(str(state["clock_error_s"]))) < 60


async def test_the_clock_of_a_device_is_told_by_how_far_it_is_off(node: RunningNode) -> None:
    cameras = [simulated_camera(node.registrar, n, faults=Faults(clock_skew_s=skew)) for n, skew in ((1, 86_400.0), (2, -90.0))]
    async with powered(*cameras):
        for camera in cameras:
            await until(camera.registered.is_set, what="the camera is registered")
            told = (await node.get(f"/devices/{camera.identity.code}/status"))["clock_error_s"]
            assert abs(float(str(told)) - camera.identity.faults.clock_skew_s) < 60
            assert (await node.get(f"/devices/{camera.identity.code}"))["status"] == "online", "a wrong clock keeps nobody out"
