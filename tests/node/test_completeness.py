"""What was due and is not recorded, on a whole node: a camera without power, a node that was down, and who may read of it."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections import defaultdict
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from fengsui.errors import StorageFault
from fengsui.features.completeness import actions, lapses, model, queries
from fengsui.features.retention import queries as retention_queries
from fengsui.features.retention.model import Removal
from fengsui.media import rebuild_footage_index
from fengsui.settings import NodeSettings
from fengsui.simulators import street
from fengsui.simulators.faults import Faults
from fengsui.simulators.footage import FOOTAGE_FOLDER, Clip, LoopingClip
from fengsui.simulators.identity import DeviceIdentity, Registrar
from fengsui.wire.gb28181.catalog import CatalogueItem
from tests.node.conftest import (
    SERVER,
    RunningNode,
    powered,
    running_node,
    settings_for,
    simulated_camera,
    until,
    with_media,
)
from tests.node.test_footage import safe_for
from tests.node.test_lifts import MovedClock
from tests.node.test_live import listed
from tests.node.test_retention import LaterClock

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


class UnvouchedClock(MovedClock):
    """So much later, on a machine whose clock nobody sets."""

    def error(self) -> str:
        return "unsynchronised"


async def gaps(node: RunningNode, code: str, since: datetime, until_: datetime | None = None) -> list[dict[str, Any]]:
    """Of every day since then: midnight may pass while a test runs. `until_`: now, by a node whose clock runs ahead."""
    found: list[dict[str, Any]] = []
    for day in sorted({f"{since:%Y-%m-%d}", today() if until_ is None else f"{until_.astimezone(CHINA):%Y-%m-%d}"}):
        answer = await node.client.get(f"/cameras/{code}/recording-gaps", params={"day": day})
        assert answer.status_code == 200, answer.text
        found += answer.json()["items"]
    return found


async def days_told(node: RunningNode, code: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await node.client.get(f"/cameras/{code}/recorded-days")).json()["items"]
    return found


async def has_looked(node: RunningNode) -> None:
    await until(lambda: not node.node.engine.footage_counters().looking, seconds=60, what="the index has all footage")


async def reckoned(node: RunningNode) -> None:
    await has_looked(node)
    await node.node.footage.completeness.reckon()


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
    begun = datetime.now(CHINA)
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
            sums = seconds(await gaps(node, code, begun))
            assert sums["device"] > 4 and sums.keys() <= {"device", "line"}, sums
    stopped = datetime.now(CHINA)
    await until(lambda: datetime.now(CHINA) - stopped > timedelta(seconds=6), what="the node is down for a while")
    async with running_node(tmp_path / "node", settings) as node, powered(simulated_camera(registrar)):
        await is_safe_after(node, code, datetime.now(CHINA))
        await has_looked(node)
        later = seconds(await gaps(node, code, begun))
        assert later["node"] > 5 and later["device"] == pytest.approx(sums["device"], abs=5), later
        days = await days_told(node, code)
        assert {one["day"] for one in days} <= {f"{begun:%Y-%m-%d}", today()} and sum(one["gaps"] for one in days) >= 2
        assert sum(one["missing"]["node"] for one in days) == pytest.approx(later["node"], abs=5)
        for one in days:
            assert 0 <= one["recorded_s"] == pytest.approx(one["due_s"] - sum(one["missing"].values()), abs=0.5)
        assert sum(one["recorded_s"] for one in days) > 0

        await reckoned(node)
        (area,) = (await node.client.get("/recorded-areas")).json()["items"]
        assert (area["area"], area["days"][0]["cameras"], area["days"][0]["whole"]) == (code[:6], 1, 0), area
        cut_off = f"{stopped:%Y-%m-%d}"
        (lacking,) = (await node.client.get("/recorded-areas/lacking", params={"day": cut_off})).json()["items"]
        assert lacking["camera"] == code and lacking["day"]["missing"]["node"] > 0
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


@pytest.mark.timeout(300)
async def test_what_a_recorder_or_its_channel_lacks_is_no_fault_of_the_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = with_media(settings_for(keepalive_interval_s=1, keepalive_missed_limit=9), grace_s=5)
    registrar = Registrar("127.0.0.1", settings.signalling.port, SERVER, SERVER[:10], "node-password")
    identity = DeviceIdentity(f"{SERVER[:10]}1180000001", "录像机", keepalive_s=1.0)
    clip = Clip.load(FOOTAGE_FOLDER / "street.10fps.h264")
    device = street.recorder(registrar, identity, "520102", 1, "实验小学", lambda _: {"main": partial(LoopingClip, clip)})
    off, cut, *_ = device.channels
    begun = datetime.now(CHINA)
    async with running_node(tmp_path / "node", settings) as node:
        open_lapses = node.node.footage.completeness._lapses._open

        def told_as(code: str, cause: str) -> bool:
            return code in open_lapses and open_lapses[code].cause == cause

        async with powered(device):
            await until(lambda: listed(node, cut), what="its channels are listed")
            await until(lambda: node.node.cameras.reading.subscriptions.is_subscribed(identity.code), what="it tells what changes")
            del device.channels[off]  # whoever calls it is told that it is not there
            for code in (off, cut):
                assert (await node.client.put(f"/cameras/{code}/recording-plan", json={"mode": "always"})).status_code == 200
            await until(lambda: told_as(off, "line"), what="nothing comes, and nobody knows why")
            assert (await device.notify(CatalogueItem(off, event="OFF"))).status == 200
            await until(lambda: told_as(off, "device"), what="the recorder has said why")
            await safe_for(node, cut, 3)
        await until(lambda: told_as(cut, "line"), what="nothing comes, and the recorder may be there")
        await until(lambda: told_as(cut, "device"), what="it is not")
        await until(lambda: bool(open_lapses[cut].since < time.time() - 12), what="a gap that counts")
        for code in (off, cut):
            sums = seconds(await gaps(node, code, begun))
            assert sums.keys() == {"device"} and sums["device"] > 4, (code, sums)


@pytest.mark.timeout(300)
async def test_what_a_camera_that_is_there_does_not_send_is_a_fault_of_the_line(tmp_path: Path) -> None:
    settings = with_media(settings_for(keepalive_interval_s=1, keepalive_missed_limit=9), grace_s=5)
    camera = simulated_camera(Registrar("127.0.0.1", settings.signalling.port, SERVER, SERVER[:10], "node-password"))
    code = camera.identity.code
    plan = f"/cameras/{code}/recording-plan"
    async with running_node(tmp_path / "node", settings) as node, powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        camera.identity.faults = Faults(silent_media=True)
        begun = datetime.now(CHINA)
        assert (await node.client.put(plan, json={"mode": "always"})).status_code == 200
        open_lapses = node.node.footage.completeness._lapses._open
        await until(
            lambda: code in open_lapses and open_lapses[code].since < time.time() - 12, seconds=90, what="a gap that counts"
        )
        camera.identity.faults = Faults()
        await is_safe_after(node, code, datetime.now(CHINA))
        sums = seconds(await gaps(node, code, begun))
        assert sums.keys() == {"line"} and sums["line"] > 8, sums
        await reckoned(node)
        missing = [one["missing"] for one in await days_told(node, code)]
        assert sum(one["line"] for one in missing) > 8 and sum(sum(one.values()) for one in missing) < 2 * sums["line"], missing


async def test_a_clock_that_is_set_forward_makes_no_gap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "SEEN_S", 5.0)
    settings, clock = with_media(settings_for(), grace_s=5), MovedClock()
    begun = datetime.now(CHINA)
    async with running_node(tmp_path / "node", settings, clock) as node:
        camera = simulated_camera(node.registrar)
        code = camera.identity.code
        async with powered(camera):
            await until(lambda: listed(node, code), what="the camera is listed")
            assert (await node.client.put(f"/cameras/{code}/recording-plan", json={"mode": "always"})).status_code == 200
            await safe_for(node, code, 8)
            clock.later = timedelta(hours=1)
            lapses_room = node.node.footage.completeness._lapses
            await until(lambda: lapses_room._began > time.time() + 3000, what="it is seen")
            await until(lambda: clock.now().timestamp() - lapses_room._began > 6, what="some seconds by the new time")
            await has_looked(node)
            sums = seconds(await gaps(node, code, begun, clock.now()))
            assert sums["node"] < 5, sums
            due_s = sum(one["due_s"] for one in await days_told(node, code))
            assert 0 < due_s < 600, due_s
    clock.later += timedelta(minutes=10)
    async with running_node(tmp_path / "node", settings, clock) as node:
        await has_looked(node)
        sums = seconds(await gaps(node, code, begun, clock.now()))
        assert sums["node"] > 500, "a node that was down was down, whatever its clock did before"
        monkeypatch.setattr(queries, "SEEN_S", model.SEEN_S)
        clock.later += timedelta(hours=1)
        lapses_room = node.node.footage.completeness._lapses
        await until(lambda: lapses_room._began > time.time() + 7000, what="it is seen")
        await until(lambda: clock.now().timestamp() - lapses_room._began > 6, what="some seconds by the new time")
        await has_looked(node)
        sums = seconds(await gaps(node, code, begun, clock.now()))
        assert sums["node"] > 7500, "a clock that is set soon after the start may have stood still while the node was down"


async def test_a_day_that_is_over_stays_what_it_was_whatever_the_holidays_are_now(tmp_path: Path) -> None:
    data, settings = tmp_path / "node", with_media(settings_for(), grace_s=5)
    begun = datetime.now(CHINA)

    def with_holidays(*days: date) -> NodeSettings:
        return settings.model_copy(update={"recording": settings.recording.model_copy(update={"holidays": list(days)})})

    hours = [{"days": [1, 2, 3, 4, 5, 6, 7], "from": "00:00", "to": "24:00"}]

    async def due_of(node: RunningNode, day: str) -> float:
        return float(sum(one["due_s"] for one in await days_told(node, code) if one["day"] == day))

    later = MovedClock()
    later.later = timedelta(days=1)
    tomorrow = (begun + timedelta(days=1)).date()
    async with running_node(data, with_holidays(tomorrow), later) as node:
        camera = simulated_camera(node.registrar)
        code = camera.identity.code
        async with powered(camera):
            await until(lambda: listed(node, code), what="the camera is listed")
            body = {"mode": "schedule", "hours": hours}
            assert (await node.client.put(f"/cameras/{code}/recording-plan", json=body)).status_code == 200
            await reckoned(node)
            assert await due_of(node, tomorrow.isoformat()) == 0, "it is a holiday"
    later.later = timedelta(days=2)
    async with running_node(data, with_holidays(), later) as node:
        await reckoned(node)
        assert await due_of(node, tomorrow.isoformat()) == 0, "it was one"
        assert await due_of(node, (tomorrow + timedelta(days=1)).isoformat()) > 0
        await node.node.footage.completeness.reckon_again(code, (begun + timedelta(days=1)).timestamp())
        await reckoned(node)
        assert await due_of(node, tomorrow.isoformat()) == 0, "also when it is reckoned again"


async def test_days_of_which_footage_was_removed_are_not_reckoned_again(tmp_path: Path) -> None:
    data, settings, later = tmp_path / "node", with_media(settings_for(), grace_s=5), LaterClock(0)
    begun = datetime.now(CHINA)
    days = [(begun + timedelta(days=after)).date().isoformat() for after in range(3)]
    async with running_node(data, settings, later) as node:
        camera = simulated_camera(node.registrar)
        code = camera.identity.code
        async with powered(camera):
            await until(lambda: listed(node, code), what="the camera is listed")
            assert (await node.client.put(f"/cameras/{code}/recording-plan", json={"mode": "always"})).status_code == 200
    later.later = timedelta(days=4)
    async with running_node(data, settings, later) as node:

        async def settled() -> list[str]:
            async with node.node.store.reading() as tx:
                query = sa.text("SELECT day FROM footage_days WHERE camera = :code AND settled ORDER BY day")
                return [str(row.day) for row in await tx.execute(query, {"code": code})]

        await reckoned(node)
        assert (await settled())[:3] == days
        end = datetime.fromisoformat(days[1]).replace(tzinfo=CHINA, hour=12).timestamp()
        now = later.now().timestamp()
        gone = Removal(f"{code}/main", days[1], "space", end - 3600, end, 1, (b"\0" * 32,), now)
        # A clock that was wrong: one that ends after now, one that ended after it was removed, one that has not even begun.
        wild = [
            replace(gone, day=days[0], since=end - 90_000, until=now + 9e6),
            replace(gone, day=days[0], since=end - 90_000, until=now - 1, removed_at=now - 100),
            replace(gone, day="2999-01-01", since=now + 8e6, until=now + 9e6),
        ]
        async with node.node.store.transaction(act=False) as tx:
            await retention_queries.add_removals(tx, [gone, *wild[:2]])
        node.node.footage.retention._unwritten += wild[:1] + wild[2:]
        assert await node.node.footage.retention.removed_until(code) == end
        await node.node.footage.completeness.reckon_again(code, begun.timestamp())
        assert await settled() == days[:2], "what was removed lacks from no day that is over"


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
            await has_looked(node)
            sums = seconds(await gaps(node, code, gone))
            assert sums["disk"] > 4 and sums["disk"] > 0.5 * sum(sums.values()), sums
            await reckoned(node)
            await reckoned(node)
            (area,) = (await node.client.get("/recorded-areas", params={"area": code[:2], "days": 2})).json()["items"]
            assert (area["area"], area["days"][-1]["cameras"]) == (code[:6], 1), area
            assert sum(one["missing"]["disk"] for one in area["days"]) > 4
            elsewhere = await node.client_of("bai-qi", {"post": "operator", "area": "5203"})
            day = f"{gone:%Y-%m-%d}"
            for path in ("/recorded-areas", f"/recorded-areas/lacking?day={day}"):
                assert (await elsewhere.get(path)).json()["items"] == [], path
            (lacking,) = (await node.client.get("/recorded-areas/lacking", params={"day": day})).json()["items"]
            assert lacking["camera"] == code and lacking["day"]["missing"]["disk"] > 0
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
        await has_looked(node)

        async def fails(*_: object) -> None:
            raise StorageFault(what="gone", remedy_zh="", remedy_en="")

        with monkeypatch.context() as broken, pytest.raises(StorageFault):
            broken.setattr(queries, "sum_areas", fails)
            await node.node.footage.completeness.reckon()
        await node.node.footage.completeness.reckon()
        (area,) = (await node.client.get("/recorded-areas")).json()["items"]
        assert day in [one["day"] for one in area["days"]], "its sums are made though the first time failed"
        listed_then, before = await told(node)
        assert not listed_then["footage_gone"] and seconds(listed_then["items"])["node"] > 0 and before["recorded_s"] > 5
    shutil.rmtree(data / "footage" / code)
    rebuild_footage_index(data / "footage-index.db", [data / "footage"])
    async with running_node(data, settings, tomorrow) as node:
        await has_looked(node)
        listed_now, after = await told(node)
        assert (listed_now["footage_gone"], listed_now["items"]) == (True, []), listed_now
        assert after == before


async def test_a_clock_that_is_months_ahead_ends_no_day_and_makes_nothing_old(tmp_path: Path) -> None:
    data, settings = tmp_path / "node", with_media(settings_for(), grace_s=5)
    begun = datetime.now(CHINA)

    async def runs(node: RunningNode) -> list[model.Span]:
        async with node.node.store.reading() as tx:
            return await queries.runs(tx)

    async with running_node(data, settings, UnvouchedClock()) as node:
        camera = simulated_camera(node.registrar)
        code = camera.identity.code
        async with powered(camera):
            await until(lambda: listed(node, code), what="the camera is listed")
            assert (await node.client.put(f"/cameras/{code}/recording-plan", json={"mode": "always"})).status_code == 200
            assert (await node.client.put(f"/cameras/{code}/recording-plan", json={"mode": "always"})).status_code == 200
            await safe_for(node, code, 3)
        (first,) = await runs(node)
    ahead = UnvouchedClock()
    ahead.later = timedelta(days=200)
    async with running_node(data, settings, ahead) as node:
        await reckoned(node)
        await days_told(node, code)
        async with node.node.store.reading() as tx:
            assert await queries.settled(tx, [code], "", "9999-12-31") == {}, "no day is over"
        assert next(one.since for one in await runs(node)) == first.since, "nothing is forgotten"
        assert len((await node.node.footage.recording.pieces(0.0))[code]) == 2
    right = UnvouchedClock()
    async with running_node(data, settings, right) as node:
        await reckoned(node)
        assert {one["day"] for one in await days_told(node, code)} <= {f"{begun:%Y-%m-%d}", today()}
        (area,) = (await node.client.get("/recorded-areas")).json()["items"]
        assert {one["day"] for one in area["days"]} <= {f"{begun:%Y-%m-%d}", today()}, "what was said of days to come is not told"
        right.later = timedelta(hours=5)
        before = len(await runs(node))

        async def begun_anew() -> bool:
            return len(await runs(node)) == before + 1

        await until(begun_anew, what="a clock that is set while the node runs begins a run")


async def test_what_was_seen_is_written_though_the_end_comes_while_it_is_being_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_node(tmp_path / "node", with_media(settings_for(), grace_s=5)) as node:
        seen, begun = node.node.footage.completeness._lapses, asyncio.Event()

        async def hangs(*_: object) -> None:
            begun.set()
            await asyncio.Event().wait()

        with monkeypatch.context() as slow:
            slow.setattr(queries, "keep_lapses", hangs)
            seen._note(lapses.Lapse("34020000001320000009", 1.0, "line", 2.0))
            writing = asyncio.create_task(seen._write(3.0))
            await begun.wait()
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)
        await seen._write(3.0)
        async with node.node.store.reading() as tx:
            assert list(await queries.lapses(tx, ["34020000001320000009"], 0.0, 3.0)) == ["34020000001320000009"]
