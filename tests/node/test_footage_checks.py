"""Whether footage is kept as long as it must be and no longer (M6, A51), and whether what is recorded plays (M7)."""

from __future__ import annotations

import asyncio
import contextlib
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from fengsui.features.audit import AuditUnavailable
from fengsui.features.completeness.model import DayFacts
from fengsui.features.completeness.queries import keep_days
from fengsui.features.completeness.queries import row_of as day_row_of
from fengsui.features.footage_checks import actions
from fengsui.features.footage_checks.model import Try
from fengsui.features.live.model import NoSsrcLeft, SsrcPool
from fengsui.features.retention import actions as retention_actions
from fengsui.simulators.faults import Faults
from fengsui.simulators.recordings import RecordedFile
from tests.node.conftest import RunningNode, powered, running_node, simulated_camera, until
from tests.node.duty_room import HERE, centre_of
from tests.node.test_audit import records
from tests.node.test_filling import with_card
from tests.node.test_footage import footage_files
from tests.node.test_live import listed
from tests.node.test_retention import LaterClock, files_of, recorded, ruled


@pytest.fixture(autouse=True)
def by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests look themselves; what came just now counts as recorded."""
    monkeypatch.setattr(actions, "FIRST_S", 3600.0)
    monkeypatch.setattr(actions, "FRESH_S", 0.0)
    monkeypatch.setattr(retention_actions, "FIRST_S", 3600.0)


async def figures(node: RunningNode, area: str = "") -> dict[str, Any]:
    return await node.get(f"/footage-figures?area={area}")


async def short(node: RunningNode, figure: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await node.get(f"/footage-figures/shortfalls?figure={figure}"))["items"]
    return items


async def tried(node: RunningNode, times: int) -> list[Try]:
    found = [await node.node.footage.checks.try_one() for _ in range(times)]
    return [one for one in found if one is not None]


async def settled(node: RunningNode) -> None:
    """The index has all of the footage."""
    await until(lambda: not node.node.engine.footage_counters().looking, what="all footage is in the index")


def noted(node: RunningNode) -> list[str]:
    return [one.detail for one in records(node) if one.act == "footage.check"]


@pytest.mark.timeout(300)
async def test_days_that_are_kept_are_told_against_the_policys_by_area(tmp_path: Path, store_url: str) -> None:
    settings = ruled(tmp_path)
    settings = settings.model_copy(update={"store": settings.store.model_copy(update={"url": store_url})})
    async with recorded(tmp_path, settings) as (node, plain, key):
        await node.node.footage.checks.reckon()
        told = await figures(node)
        assert told["all"]["kept"] == {"met": 0, "short": 0, "young": 2, "over": 0, "percent": None, "over_percent": 0.0}
        assert (told["kept_target"], told["over_target"], told["playable_target"]) == (100, 0, 98)
        assert await short(node, "kept") == []
        elsewhere = await node.client_of("wu-jiu", {"post": "duty-supervisor", "area": "520103"})
        async with contextlib.aclosing(elsewhere):
            assert (await elsewhere.get("/footage-figures")).json()["items"] == []
            assert (await elsewhere.get("/footage-figures?area=520102")).status_code == 403

    async with running_node(tmp_path / "node", settings, LaterClock(40)) as node:
        await settled(node)
        await node.node.footage.checks.reckon()
        kept = (await figures(node))["all"]["kept"]
        assert (kept["met"], kept["young"], kept["short"], kept["percent"]) == (1, 1, 0, 100.0), "plain video is kept for 30 days"
        [row] = (await figures(node, HERE[:4]))["items"]
        assert row["area"] == HERE and row["name"]

    async with running_node(tmp_path / "node", settings, LaterClock(95)) as node:
        await settled(node)
        await node.node.footage.checks.reckon()
        kept = (await figures(node))["all"]["kept"]
        assert (kept["met"], kept["short"]) == (2, 0), "a key target's is kept for 90 days"
        await node.node.footage.retention.look()
        await node.node.footage.checks.reckon()
        assert not files_of(tmp_path, plain), "its ceiling is 90 days"
        [lacking] = await short(node, "kept")
        assert (lacking["camera"], lacking["kept_days"], lacking["duty_days"]) == (plain, 0, 30)
        metrics = await node.client.get(f"{node.client.base_url}".replace("/api/v1", "") + "metrics")
        assert 'fengsui_footage_kept_cameras{state="short"} 1.0' in metrics.text
        told = await figures(node)

    async with running_node(tmp_path / "node", settings, LaterClock(96)) as node:
        await settled(node)
        again = await figures(node)
        assert (again["today"], again["all"]["kept"]) == (told["today"], told["all"]["kept"]), "the new day is not reckoned yet"
        assert [one["camera"] for one in await short(node, "kept")] == [plain]
        await node.node.footage.checks.reckon()
        assert (await figures(node))["today"] > told["today"]

    async with running_node(tmp_path / "node", settings, LaterClock(200)) as node:
        await settled(node)
        await node.node.footage.checks.reckon()
        [surplus] = await short(node, "over")
        assert (surplus["camera"], surplus["ceiling_days"]) == (key, 180) and surplus["kept_days"] >= 199
        assert (await figures(node))["all"]["kept"]["over_percent"] == 50.0
        await node.node.footage.retention.look()
        await node.node.footage.checks.reckon()
        assert await short(node, "over") == [], "what reached its ceiling was removed"


@pytest.mark.timeout(300)
async def test_each_camera_that_is_kept_too_long_is_named_whatever_another_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = ruled(tmp_path)
    async with recorded(tmp_path, settings) as (_, plain, key):
        pass
    monkeypatch.setattr(retention_actions, "AT_ONCE", 1)
    async with running_node(tmp_path / "node", settings, LaterClock(200)) as node:
        await settled(node)
        await node.node.footage.checks.reckon()
        assert {one["camera"] for one in await short(node, "over")} == {plain, key}


async def test_what_is_recorded_on_event_is_short_only_where_some_of_it_went_early(tmp_path: Path, store_url: str) -> None:
    settings = ruled(tmp_path)
    settings = settings.model_copy(update={"store": settings.store.model_copy(update={"url": store_url})})
    codes = dict[str, str]()
    async with running_node(tmp_path / "node", settings, LaterClock(0)) as node:
        await centre_of(node)
        for number, mode in enumerate(("event", "always"), 1):
            camera = simulated_camera(node.registrar, number=number)
            code = codes[mode] = camera.identity.code
            async with powered(camera):
                await until(partial(listed, node, code), what="the camera is listed")
            assert (await node.client.put(f"/cameras/{code}/recording-plan", json={"mode": mode})).status_code == 200

    async with running_node(tmp_path / "node", settings, LaterClock(40)) as node:
        await settled(node)
        footage, completeness = node.node.footage, node.node.footage.checks._completeness
        await completeness.reckon()
        await footage.checks.reckon()
        assert [one["camera"] for one in await short(node, "kept")] == [codes["always"]], "nothing happened at the other"

        async def happened(days: int) -> None:
            """So many days ago 40 s were recorded, as it was reckoned then."""
            placed = (await footage.checks._cameras.facts([codes["event"]]))[codes["event"]]
            facts = DayFacts(completeness.first_day(days + 1).name, 40.0, 0, {})
            async with node.node.store.transaction(act=False) as tx:
                await keep_days(tx, [day_row_of(placed, facts)])
            await footage.checks.reckon()

        await happened(30)
        assert [one["camera"] for one in await short(node, "kept")] == [codes["always"]], "what went had been kept for 30 days"
        await happened(20)
        assert {one["camera"] for one in await short(node, "kept")} == set(codes.values())


@pytest.mark.timeout(300)
async def test_random_moments_are_decoded_and_what_does_not_play_is_told_with_why(tmp_path: Path) -> None:
    settings = ruled(tmp_path)
    async with recorded(tmp_path, settings) as (node, plain, key):
        found = await tried(node, 4)
        assert len(found) == 4 and {one.outcome for one in found} == {"played"}, found
        for one in found:
            spans = node.node.engine.footage(f"{one.camera}/main", 0, 2**62)
            assert any(start / 1e6 <= one.moment <= end / 1e6 for start, end in spans)
        playable = (await figures(node))["all"]["playable"]
        assert playable == {"tries": 4, "played": 4, "percent": 100.0}
        assert len(noted(node)) == 1 and noted(node)[0].startswith("equipment check"), "an hour's tries are one record"

    for path in files_of(tmp_path, plain):  # its pictures are other bytes than were written
        octets = bytearray(path.read_bytes())
        middle = octets.find(b"mdat") + 200
        while middle < len(octets) - 4_000:
            octets[middle] ^= 0xFF
            following = octets.find(b"mdat", middle)
            middle = len(octets) if following < 0 else following + 200
        path.write_bytes(octets)
    async with running_node(tmp_path / "node", settings) as node:
        await settled(node)
        assert "4 moments tried, 4 played" in noted(node)[1]
        found = []
        while not any(one.camera == plain for one in found):
            found += await tried(node, 1)
        assert {one.outcome for one in found if one.camera == plain} == {"damaged"}
        assert {one.outcome for one in found if one.camera == key} <= {"played"}
        [failed] = await short(node, "playable")
        assert (failed["camera"], failed["failed_why"]) == (plain, "damaged") and failed["failed_moment"]
        playable = (await figures(node))["all"]["playable"]
        assert playable["tries"] == 4 + len(found) and playable["percent"] < 98
    async with running_node(tmp_path / "node", settings) as node:
        assert f"{plain} " in noted(node)[-1] and "damaged" in noted(node)[-1]


async def test_what_the_index_has_and_the_files_have_not_does_not_play(tmp_path: Path) -> None:
    settings = ruled(tmp_path)
    async with recorded(tmp_path, settings):
        pass
    async with running_node(tmp_path / "node", settings) as node:
        await settled(node)
        for path in footage_files(tmp_path / "node"):
            path.write_bytes(path.read_bytes()[:2_000])
        assert {one.outcome for one in await tried(node, 3)} == {"nothing"}
        assert {one["failed_why"] for one in await short(node, "playable")} == {"nothing"}


async def test_both_kinds_of_tries_begin_one_round(tmp_path: Path) -> None:
    async with running_node(tmp_path / "node", ruled(tmp_path)) as node:
        checks = node.node.footage.checks
        await asyncio.gather(checks._begin_round(), checks._begin_round())
        assert len(noted(node)) == 1


async def test_nothing_is_tried_that_cannot_be_put_on_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with recorded(tmp_path, ruled(tmp_path)) as (node, _, _):

        async def refuse(*_: object, **__: object) -> None:
            raise AuditUnavailable(what="the disk is full")

        monkeypatch.setattr(node.node.audit, "record", refuse)
        with pytest.raises(AuditUnavailable):
            await node.node.footage.checks.try_one()
        monkeypatch.undo()
        assert (await figures(node))["all"]["playable"]["tries"] == 0


@pytest.mark.parametrize("faults", [Faults(), Faults(unknown_codec=True)])
async def test_what_a_device_recorded_itself_is_called_and_hung_up_with_its_first_picture(tmp_path: Path, faults: Faults) -> None:
    settings = ruled(tmp_path)
    async with running_node(tmp_path / "node", settings) as node:
        await centre_of(node)
        now = time.time()
        device = with_card(node.registrar, [RecordedFile(now - 8 * 86_400, now)])
        device.film_faults = faults
        code = device.identity.code
        async with powered(device):
            await until(lambda: listed(node, code), what="the camera is listed")
            assert (await node.client.put(f"/cameras/{code}/recording-plan", json={"mode": "always"})).status_code == 200
            found = await node.node.footage.checks.try_device()
            assert found is not None and (found.camera, found.outcome) == (code, "device" if faults.unknown_codec else "played")
            assert now - 8 * 86_400 < found.moment < now
            assert not node.node.footage.checks.devices._films
            await until(lambda: device.byes > 0, what="the call is over")
        playable = (await figures(node))["all"]["playable"]
        assert (playable["tries"], playable["played"]) == (1, int(not faults.unknown_codec))
        assert "devices recorded" in noted(node)[0]


@pytest.mark.parametrize("why", ["busy", "node"])
async def test_that_a_device_plays_for_another_or_the_node_cannot_ask_is_not_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    async with running_node(tmp_path / "node", ruled(tmp_path)) as node:
        await centre_of(node)
        now = time.time()
        device = with_card(node.registrar, [RecordedFile(now - 8 * 86_400, now)])
        device.film_faults = Faults(invite_status=486 if why == "busy" else 0)
        code = device.identity.code
        async with powered(device):
            await until(lambda: listed(node, code), what="the camera is listed")
            assert (await node.client.put(f"/cameras/{code}/recording-plan", json={"mode": "always"})).status_code == 200
            asked = device.invited
            if why == "node":

                def none_left(_: SsrcPool) -> int:
                    raise NoSsrcLeft

                monkeypatch.setattr(SsrcPool, "take", none_left)
            assert await node.node.footage.checks.try_device() is None
            assert (device.invited > asked) == (why == "busy")
        assert len(noted(node)) == 1, "it was tried"
        assert (await figures(node))["all"]["playable"]["tries"] == 0
