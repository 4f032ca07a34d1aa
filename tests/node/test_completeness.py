"""What was due and is not recorded, on a whole node: a camera without power, a node that was down, and who may read of it."""

from __future__ import annotations

import shutil
from collections import defaultdict
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from fengsui.features.completeness import actions, lapses, model
from fengsui.media import rebuild_footage_index
from fengsui.simulators.identity import Registrar
from tests.node.conftest import SERVER, RunningNode, powered, running_node, settings_for, simulated_camera, until, with_media
from tests.node.test_footage import safe_for
from tests.node.test_lifts import MovedClock
from tests.node.test_live import listed

CHINA = timezone(timedelta(hours=8))


@pytest.fixture(autouse=True)
def hasty_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the node does it, only sooner: a gap of two seconds is one."""
    monkeypatch.setattr(model, "COUNTS_S", 2.0)
    monkeypatch.setattr(model, "SLIVER_S", 1.0)
    monkeypatch.setattr(lapses, "LOOK_S", 0.25)
    monkeypatch.setattr(lapses, "LATE_S", 4.0)
    monkeypatch.setattr(actions, "FRESH_S", 3.0)


def today() -> str:
    return f"{datetime.now(CHINA):%Y-%m-%d}"


async def gaps(node: RunningNode, code: str) -> list[dict[str, Any]]:
    answer = await node.client.get(f"/cameras/{code}/recording-gaps", params={"day": today()})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def seconds(found: list[dict[str, Any]]) -> dict[str, float]:
    """Missing by cause."""
    sums: dict[str, float] = defaultdict(float)
    for part in (part for gap in found for part in gap["parts"]):
        sums[part["cause"]] += (datetime.fromisoformat(part["to"]) - datetime.fromisoformat(part["from"])).total_seconds()
    return sums


async def is_safe_after(node: RunningNode, code: str, at: datetime) -> None:
    async def later() -> bool:
        told = (await node.client.get(f"/cameras/{code}/recording-plan")).json()["safe_until"]
        return told is not None and datetime.fromisoformat(told) > at

    await until(later, seconds=90, what="it is recorded again")


@pytest.mark.timeout(300)
async def test_what_is_missing_is_told_with_the_cause_that_the_node_saw(tmp_path: Path) -> None:
    settings = with_media(settings_for(keepalive_interval_s=1, keepalive_missed_limit=3), grace_s=5)
    registrar = Registrar("127.0.0.1", settings.signalling.port, SERVER, SERVER[:10], "node-password")
    camera = simulated_camera(registrar)
    code = camera.identity.code
    async with running_node(tmp_path / "node", settings) as node:
        async with powered(camera):
            await until(lambda: listed(node, code), what="the camera is listed")
            assert (await node.client.get(f"/cameras/{code}/recorded-days")).json()["items"] == [], "no plan, nothing due"
            assert (await node.client.put(f"/cameras/{code}/recording-plan", json={"mode": "always"})).status_code == 200
            await safe_for(node, code, 3)
        cut = datetime.now(CHINA)
        await until(lambda: node.node.devices.is_online(code) is False, what="it is offline")
        await until(lambda: datetime.now(CHINA) - cut > timedelta(seconds=12), what="a gap that counts")
        async with powered(simulated_camera(registrar)):
            await is_safe_after(node, code, datetime.now(CHINA))
            sums = seconds(await gaps(node, code))
            assert sums["device"] > 4 and sums.keys() <= {"device", "line"}, sums
    stopped = datetime.now(CHINA)
    await until(lambda: datetime.now(CHINA) - stopped > timedelta(seconds=6), what="the node is down for a while")
    async with running_node(tmp_path / "node", settings) as node, powered(simulated_camera(registrar)):
        await is_safe_after(node, code, datetime.now(CHINA))
        later = seconds(await gaps(node, code))
        assert later["node"] > 5 and later["device"] == pytest.approx(sums["device"], abs=5), later
        (day,) = (await node.client.get(f"/cameras/{code}/recorded-days")).json()["items"]
        assert day["day"] == today() and day["gaps"] >= 2
        assert day["missing"]["node"] == pytest.approx(later["node"], abs=5)
        assert 0 < day["recorded_s"] == pytest.approx(day["due_s"] - sum(day["missing"].values()), abs=0.5)

        await node.node.completeness.reckon()
        (area,) = (await node.client.get("/recorded-areas")).json()["items"]
        assert (area["area"], area["days"][0]["cameras"], area["days"][0]["whole"]) == (code[:6], 1, 0), area
        (lacking,) = (await node.client.get("/recorded-areas/lacking", params={"day": today()})).json()["items"]
        assert lacking["camera"] == code and lacking["day"]["missing"]["node"] > 5
        here = await node.client_of("chen-qi", {"post": "operator", "area": code[:6]})
        assert (await here.get(f"/cameras/{code}/recorded-days")).json()["items"]
        elsewhere = await node.client_of("bai-qi", {"post": "operator", "area": "5203"})
        refused = await elsewhere.get(f"/cameras/{code}/recorded-days")
        assert (refused.status_code, refused.json()["rule"]) == (403, "A7"), refused.text
        assert (await elsewhere.get("/recorded-areas")).json()["items"] == []
        assert (await elsewhere.get("/recorded-areas", params={"area": "5201"})).status_code == 403
        for wrong in ("yesterday", "2026-13-01", "1999-01-01", "9999-12-31"):
            answer = await node.client.get(f"/cameras/{code}/recording-gaps", params={"day": wrong})
            assert (answer.status_code, answer.json()["code"]) == (422, "completeness.day"), answer.text
        await here.aclose()
        await elsewhere.aclose()


async def test_a_disk_that_is_gone_is_the_cause_of_what_is_missing_then(tmp_path: Path, store_url: str) -> None:
    settings = with_media(settings_for(store_url), grace_s=5)
    async with running_node(tmp_path / "node", settings) as node:
        camera = simulated_camera(node.registrar)
        code = camera.identity.code
        async with powered(camera):
            await until(lambda: listed(node, code), what="the camera is listed")
            assert (await node.client.put(f"/cameras/{code}/recording-plan", json={"mode": "always"})).status_code == 200
            await safe_for(node, code, 3)
            folder, away = tmp_path / "node" / "footage", tmp_path / "footage-away"
            folder.rename(away)
            await until(lambda: node.node.engine.footage_counters().folders_failed == 1, what="the folder is missed")
            gone = datetime.now(CHINA)
            await until(lambda: datetime.now(CHINA) - gone > timedelta(seconds=10), what="a gap that counts")
            away.rename(folder)
            await is_safe_after(node, code, datetime.now(CHINA))
            sums = seconds(await gaps(node, code))
            assert sums["disk"] > 4 and sums.keys() == {"disk"}, sums
            await node.node.completeness.reckon()
            await node.node.completeness.reckon()
            (area,) = (await node.client.get("/recorded-areas", params={"area": code[:2], "days": 2})).json()["items"]
            assert (area["area"], area["days"][-1]["cameras"]) == (code[:6], 1) and area["days"][-1]["missing"]["disk"] > 4
            elsewhere = await node.client_of("bai-qi", {"post": "operator", "area": "5203"})
            for path in ("/recorded-areas", f"/recorded-areas/lacking?day={today()}"):
                assert (await elsewhere.get(path)).json()["items"] == [], path
            (lacking,) = (await node.client.get("/recorded-areas/lacking", params={"day": today()})).json()["items"]
            assert lacking["camera"] == code and lacking["day"]["missing"]["disk"] > 4
            await elsewhere.aclose()


async def test_a_day_that_was_reckoned_stays_as_it_was_when_its_footage_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "COUNTS_S", 2.0)
    data, settings = tmp_path / "node", with_media(settings_for(), grace_s=5)
    day = today()
    async with running_node(data, settings) as node:
        camera = simulated_camera(node.registrar)
        code = camera.identity.code
        async with powered(camera):
            await until(lambda: listed(node, code), what="the camera is listed")
            assert (await node.client.put(f"/cameras/{code}/recording-plan", json={"mode": "always"})).status_code == 200
            await safe_for(node, code, 8)

    async def told(node: RunningNode) -> tuple[dict[str, Any], dict[str, Any]]:
        gaps_told = (await node.client.get(f"/cameras/{code}/recording-gaps", params={"day": day})).json()
        (first, *_) = (await node.client.get(f"/cameras/{code}/recorded-days")).json()["items"]
        return gaps_told, first

    tomorrow = MovedClock()
    tomorrow.later = timedelta(days=1)
    async with running_node(data, settings, tomorrow) as node:
        await node.node.completeness.reckon()
        listed_then, before = await told(node)
        assert not listed_then["footage_gone"] and seconds(listed_then["items"])["node"] > 0 and before["recorded_s"] > 5
    shutil.rmtree(data / "footage" / code)
    rebuild_footage_index(data / "footage-index.db", [data / "footage"])
    async with running_node(data, settings, tomorrow) as node:
        listed_now, after = await told(node)
        assert (listed_now["footage_gone"], listed_now["items"]) == (True, []), listed_now
        assert after == before
