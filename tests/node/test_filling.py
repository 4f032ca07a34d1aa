"""What the node did not record and its device did: fetched after the device is back, marked, once, bounded, over real sockets."""

from __future__ import annotations

import hashlib
import time
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest

from fengsui.features.completeness import actions as days
from fengsui.features.completeness import lapses
from fengsui.features.completeness import model as gaps_model
from fengsui.features.filling import actions, model
from fengsui.features.live import device_download
from fengsui.settings import NodeSettings
from fengsui.simulators import street
from fengsui.simulators.device import SimulatedDevice
from fengsui.simulators.faults import Faults
from fengsui.simulators.footage import FOOTAGE_FOLDER, Clip, LoopingClip
from fengsui.simulators.identity import Channel, DeviceIdentity, Registrar
from fengsui.simulators.recordings import DeviceDisk, RecordedFile
from fengsui.wire.gb28181.catalog_details import ItemDetails
from tests.node.clip_room import asked, clip_node
from tests.node.conftest import SERVER, RunningNode, powered, running_node, settings_for, simulated_camera, until, with_media
from tests.node.duty_room import HERE, centre_of, with_pack
from tests.node.test_audit import records
from tests.node.test_completeness import CHINA
from tests.node.test_device_recordings import CLIP
from tests.node.test_footage import footage_files, order, pictures_of, safe_for
from tests.node.test_live import listed
from tests.node.test_masks import approve
from tests.node.test_playback import decoded, fragments, opened, player_of

GAP_S = 14.0
FAST = ItemDetails(download_speeds="1/2/4/8")


@pytest.fixture
async def ruled(tmp_path: Path) -> AsyncIterator[RunningNode]:
    """With the demonstration's policy pack, that soon sees who is gone."""
    settings = with_pack(tmp_path / "node", register=tmp_path / "cases.txt")
    signalling = settings.signalling.model_copy(update={"keepalive_interval_s": 1, "keepalive_missed_limit": 3})
    async with running_node(
        tmp_path / "node", with_media(settings.model_copy(update={"signalling": signalling}), grace_s=5)
    ) as node:
        yield node


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the node does it, only sooner: gaps of two seconds count, and are looked for at once."""
    monkeypatch.setattr(gaps_model, "COUNTS_S", 2.0)
    monkeypatch.setattr(gaps_model, "SLIVER_S", 1.0)
    monkeypatch.setattr(lapses, "LOOK_S", 0.25)
    monkeypatch.setattr(lapses, "LATE_S", 4.0)
    monkeypatch.setattr(days, "FRESH_S", 3.0)
    monkeypatch.setattr(days, "FIRST_S", 1.0)
    monkeypatch.setattr(days, "AGAIN_S", 1.0)
    monkeypatch.setattr(actions, "ENDED_S", 5.0)
    monkeypatch.setattr(actions, "LOOK_S", 0.5)
    monkeypatch.setattr(model, "FIRST_AGAIN_S", 2.0)
    monkeypatch.setattr(device_download, "SILENT_S", 5.0)


def bounded(settings: NodeSettings, **filling: Any) -> NodeSettings:
    return settings.model_copy(update={"recording": settings.recording.model_copy(update=filling)})


def quick(store_url: str = "") -> NodeSettings:
    return with_media(settings_for(store_url, keepalive_interval_s=1, keepalive_missed_limit=3), grace_s=5)


def with_card(registrar: Registrar, files: Sequence[RecordedFile], faults: Faults | None = None) -> SimulatedDevice:
    """A camera that recorded on its own card, and sends that faster than it recorded."""
    camera = simulated_camera(registrar, faults=faults)
    [channel] = camera.channels.values()
    card = DeviceDisk(CLIP, lambda: files)
    fast = Channel(channel.item._replace(details=FAST), channel.sources, disk=card)
    return SimulatedDevice(camera.identity, registrar, [fast], [])


async def fills(node: RunningNode, code: str) -> list[dict[str, Any]]:
    """Of today, and of the day that a test began on: midnight may pass while it runs."""
    now, found = datetime.now(CHINA), dict[str, dict[str, Any]]()
    for day in sorted({f"{now - timedelta(minutes=10):%Y-%m-%d}", f"{now:%Y-%m-%d}"}):
        answer = await node.client.get(f"/cameras/{code}/recording-fills", params={"day": day})
        assert answer.status_code == 200, answer.text
        found |= {one["from"]: one for one in answer.json()["items"]}
    return list(found.values())


async def has_ended(node: RunningNode, code: str, why: str) -> dict[str, Any]:
    """The fill that the node tells of, once it stands so."""

    async def ended() -> dict[str, Any] | None:
        found = await fills(node, code)
        return next((one for one in found if one["why"] == why and one["state"] != "running"), None)

    found = await until(ended, seconds=120, what=f"a fill that ends as {why}")
    assert isinstance(found, dict)
    return found


async def recorded_then_cut(node: RunningNode, camera: SimulatedDevice, lasting_s: float = GAP_S) -> tuple[float, float]:
    """From when to when the camera was without power, after it was recorded for a while."""
    code = camera.identity.code
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        assert (await node.client.put(f"/cameras/{code}/recording-plan", json={"mode": "always"})).status_code == 200
        await safe_for(node, code, 4)
    cut = time.time()
    await until(lambda: node.node.devices.is_online(code) is False, what="it is offline")
    await until(lambda: time.time() - cut > lasting_s, what="a gap that counts")
    return cut, time.time()


def footage(node: RunningNode, code: str, stream: str = "main") -> list[tuple[float, float]]:
    return [(start / 1e6, end / 1e6) for start, end in node.node.engine.footage(f"{code}/{stream}", 0, 2**62)]


def fetched(node: RunningNode, code: str) -> list[tuple[float, float]]:
    return [(start / 1e6, end / 1e6) for start, end in node.node.engine.fetched_footage(f"{code}/main", 0, 2**62)]


@pytest.mark.timeout(300)
async def test_a_recorder_that_is_back_fills_the_gap_of_each_of_its_channels(tmp_path: Path) -> None:
    async with running_node(tmp_path / "node", quick()) as node:
        identity = DeviceIdentity(f"{SERVER[:10]}1180000001", "录像机", keepalive_s=1.0)
        clip = Clip.load(FOOTAGE_FOLDER / "street.10fps.h264")
        device = street.recorder(node.registrar, identity, "520102", 1, "实验小学", lambda _: {"main": partial(LoopingClip, clip)})
        codes = list(device.channels)[:2]
        async with powered(device):
            for code in codes:
                await until(partial(listed, node, code), what="its channels are listed")
                assert (await node.client.put(f"/cameras/{code}/recording-plan", json={"mode": "always"})).status_code == 200
            for code in codes:
                await safe_for(node, code, 4)
        cut = time.time()
        await until(lambda: node.node.devices.is_online(identity.code) is False, what="it is offline")
        await until(lambda: time.time() - cut > GAP_S, what="a gap that counts")
        back = time.time()
        disk = DeviceDisk(CLIP, lambda: [RecordedFile(float(int(cut)) - 60, back + 600)])
        again = street.recorder(node.registrar, identity, "520102", 1, "实验小学", lambda _: {"main": partial(LoopingClip, clip)})
        for code in codes:
            channel = again.channels[code]
            again.channels[code] = Channel(channel.item._replace(details=FAST), channel.sources, disk=disk)
        async with powered(again):
            for code in codes:
                done = await has_ended(node, code, "filled")
                assert done["state"] == "done" and done["filled_s"] > GAP_S - 6, done
                [(since, until_)] = fetched(node, code)
                assert since < cut + 3 and until_ >= back - 1
                [whole] = footage(node, code)
                assert whole[1] > back
        assert len(again.downloads) == 2, "one for each, and nothing twice"


@pytest.mark.timeout(300)
@pytest.mark.parametrize("transport", ["udp", "tcp-passive", "tcp-active"])
async def test_a_gap_is_filled_when_the_device_is_back_marked_and_played_over_its_borders(
    ruled: RunningNode, transport: str, tmp_path: Path
) -> None:
    node = ruled
    await centre_of(node)
    camera = simulated_camera(node.registrar)
    code = camera.identity.code
    cut, back = await recorded_then_cut(node, camera)
    [before] = footage(node, code)
    device = with_card(node.registrar, [RecordedFile(float(int(cut)) - 60, back + 600)])
    async with powered(device):
        await node.node.devices.update(code, media_transport=transport)
        done = await has_ended(node, code, "filled")
        assert done["state"] == "done" and done["filled_s"] > GAP_S - 4 and done["bytes"] > 0, done
        [(since, until_)] = fetched(node, code)
        assert abs(since - before[1]) < 1 and until_ >= back - 1
        [whole] = footage(node, code)
        assert whole[0] == before[0] and whole[1] > back
        assert device.downloads and max(speed for _, _, speed in device.downloads) > 1, "faster than it was recorded"

        await until(lambda: time.time() > until_ + 3, what="what came after it is on disk")
        [day] = (await node.client.get(f"/cameras/{code}/recorded-days", params={"days": 1})).json()["items"]
        assert day["filled_s"] == pytest.approx(until_ - since, abs=1.5), day
        assert day["filled_s"] <= day["recorded_s"]

        chen = await node.client_of("chen-qi", {"post": "investigator", "area": HERE})
        begin, end = (datetime.fromtimestamp(at, UTC) for at in (since - 3, until_ + 3))
        assert (await order(chen, code, begin, end)).status_code == 201
        playback = (await opened(chen, code, begin, end)).json()
        async with player_of(playback["url"]) as player:
            pieces: list[dict[str, Any]] = []
            at, how = int(begin.timestamp() * 1e6), "seek"
            while True:
                answer, _ = await player.ask("all", at, how, 16)
                pieces += fragments(answer)
                holes = [one for one in answer["pieces"] if one["kind"] in ("gap", "damage") and one["to_us"] > since * 1e6]
                assert not holes, "over the borders nothing is missing"
                if answer["ended"] or not answer["bytes"]:
                    break
                at, how = answer["next_us"], "on"
        marks = [one["from_device"] for one in pieces]
        first, last = marks.index(True), len(marks) - 1 - marks[::-1].index(True)
        assert first > 0 and last < len(marks) - 1 and all(marks[first : last + 1]), marks
        assert all(one["camera_us"] == one["from_us"] and one["clock_error_us"] is None for one in pieces[first : last + 1])
        for one, after in pairwise(pieces):
            assert after["from_us"] >= one["to_us"], "no moment is there twice"
    device_files = [one for one in footage_files(tmp_path / "node") if "-device" in one.name]
    assert device_files and all(pictures_of(one) > 0 for one in device_files)


@pytest.mark.timeout(300)
async def test_a_device_that_has_nothing_is_asked_again_later_and_not_for_ever(store_url: str, tmp_path: Path) -> None:
    async with running_node(tmp_path / "node", quick(store_url)) as node:
        camera = simulated_camera(node.registrar)
        code = camera.identity.code
        cut, _ = await recorded_then_cut(node, camera, 8)
        files: list[RecordedFile] = []
        device = with_card(node.registrar, files)
        async with powered(device):
            nothing = await has_ended(node, code, "nothing")
            assert (nothing["state"], nothing["filled_s"], device.downloads) == ("due", 0, [])
            assert nothing["attempts"] >= 1 and nothing["next_at"]
            files.append(RecordedFile(cut - 30, cut + 600))  # a recorder copies late what its camera kept
            done = await has_ended(node, code, "filled")
            assert done["attempts"] > nothing["attempts"] or done["filled_s"] > 0
            assert len(footage(node, code)) == 1


@pytest.mark.timeout(300)
async def test_less_than_was_said_another_time_and_times_that_say_nothing(tmp_path: Path) -> None:
    async with running_node(tmp_path / "node", quick()) as node:
        camera = simulated_camera(node.registrar)
        code = camera.identity.code
        cut, back = await recorded_then_cut(node, camera)
        before = footage(node, code)
        device = with_card(node.registrar, [RecordedFile(cut - 60, back + 600)], Faults(other_time=True))
        async with powered(device):
            other = await has_ended(node, code, "other_time")
            assert other["filled_s"] == 0 and footage(node, code)[0] == before[0] and not fetched(node, code)
            device.identity.faults = Faults(scaled_times=True)

            async def slowed() -> bool:
                return any(speed == 1 for _, _, speed in device.downloads)

            await until(slowed, seconds=60, what="it is asked at the speed at which it recorded")
            done = await has_ended(node, code, "filled")
            assert done["filled_s"] == pytest.approx(back - cut, abs=6)
            [(since, until_)] = fetched(node, code)
            assert abs(since - before[0][1]) < 1 and until_ > back - 1


@pytest.mark.timeout(300)
async def test_a_device_that_stops_early_is_asked_for_the_rest_and_no_moment_is_there_twice(tmp_path: Path) -> None:
    async with running_node(tmp_path / "node", quick()) as node:
        camera = simulated_camera(node.registrar)
        code = camera.identity.code
        cut, back = await recorded_then_cut(node, camera)
        device = with_card(node.registrar, [RecordedFile(cut - 60, back + 600)])
        device.film_faults = Faults(stops_after=40)  # four seconds
        async with powered(device):
            done = await has_ended(node, code, "filled")
            assert len(device.downloads) >= 3, device.downloads
            assert done["filled_s"] == pytest.approx(back - cut, abs=6)
            spans = footage(node, code)
            assert sum(max(0.0, after[0] - one[1]) for one, after in pairwise(spans)) < model.LEAST_S, spans
        files = sorted(one for one in footage_files(tmp_path / "node") if "-device" in one.name)
        assert sum(map(pictures_of, files)) <= (done["filled_s"] + 1) * float(CLIP.fps)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("faults", [Faults(unknown_codec=True), Faults(silent_media=True), Faults(invite_status=486)])
async def test_a_device_that_sends_what_nobody_can_use_costs_nothing_but_its_gap(faults: Faults, tmp_path: Path) -> None:
    settings = with_media(quick(), first_packet_s=2)
    async with running_node(tmp_path / "node", settings) as node:
        camera = simulated_camera(node.registrar)
        code = camera.identity.code
        cut, back = await recorded_then_cut(node, camera, 8)
        device = with_card(node.registrar, [RecordedFile(cut - 60, back + 600)])
        device.film_faults = faults
        async with powered(device):
            refused = await has_ended(node, code, "refused")
            assert refused["state"] == "due" and not fetched(node, code)
            assert not list((tmp_path / "node" / "footage").rglob("*.part")), "nothing is left of it"
            await until(lambda: footage(node, code)[-1][1] > back + 1, seconds=60, what="what comes now is recorded all the same")


@pytest.mark.timeout(300)
@pytest.mark.parametrize("transport", ["udp", "tcp-passive"])
async def test_no_more_is_fetched_than_may_be(transport: str, tmp_path: Path) -> None:
    mbit = 0.6
    settings = bounded(quick(), fill_mbit=mbit, fill_at_once=1)
    async with running_node(tmp_path / "node", settings) as node:
        camera = simulated_camera(node.registrar)
        code = camera.identity.code
        cut, back = await recorded_then_cut(node, camera)
        device = with_card(node.registrar, [RecordedFile(cut - 60, back + 600)], Faults())
        device.film_faults = Faults(stops_after=35)  # many pieces: what is rested between them counts
        async with powered(device):
            await node.node.devices.update(code, media_transport=transport)
            received = actions.RECEIVED._value
            begun, before = time.monotonic(), received.get()
            await until(lambda: len(device.downloads) >= 4, seconds=120, what="some pieces were fetched")
            took_s = time.monotonic() - begun
            bytes_ = received.get() - before
            assert bytes_ > 0
            piece = bytes_ / 3  # the one that was just begun has not been counted
            assert (bytes_ - piece) * 8 / took_s <= mbit * 1e6, (bytes_, took_s)


@pytest.mark.timeout(300)
async def test_a_node_that_stops_in_the_midst_fills_the_rest_after_its_next_start(tmp_path: Path) -> None:
    settings = bounded(quick(), fill_mbit=1.0, fill_at_once=1)
    registrar = Registrar("127.0.0.1", settings.signalling.port, SERVER, SERVER[:10], "node-password")
    camera = simulated_camera(registrar)
    code = camera.identity.code
    async with running_node(tmp_path / "node", settings) as node:
        cut, back = await recorded_then_cut(node, camera)
        device = with_card(registrar, [RecordedFile(cut - 60, back + 600)])
        async with powered(device):
            await until(
                lambda: list((tmp_path / "node" / "footage").rglob("*.part")), seconds=90, what="something is being fetched"
            )
    async with running_node(tmp_path / "node", settings) as node:
        device = with_card(registrar, [RecordedFile(cut - 60, back + 6_000)])
        async with powered(device):
            await has_ended(node, code, "filled")
            [(since, until_), *_] = fetched(node, code)
            assert since < cut + 2 and until_ > back - 2
            assert not list((tmp_path / "node" / "footage").rglob("*.part"))


@pytest.mark.timeout(300)
async def test_whoever_investigates_fetches_a_time_and_takes_it_out_as_a_clip_that_says_where_it_is_from(tmp_path: Path) -> None:
    async with clip_node(tmp_path / "node") as node:
        await centre_of(node)
        hour_ago = float(int(time.time()) - 3_600)
        device = with_card(node.registrar, [RecordedFile(hour_ago, hour_ago + 600)])
        code = device.identity.code
        since, end = datetime.fromtimestamp(hour_ago + 60, UTC), datetime.fromtimestamp(hour_ago + 72, UTC)
        path, body = f"/cameras/{code}/device-recordings/fetch", {"from": since.isoformat(), "to": end.isoformat()}
        async with powered(device):
            await until(lambda: listed(node, code), what="the camera is listed")
            chen = await node.client_of("chen-qi", {"post": "investigator", "area": HERE})
            zhou = await node.client_of("zhou-ba", {"post": "commander", "area": HERE, "rank": "unit-head"})
            without = await chen.post(path, json=body)
            assert (without.status_code, without.json()["rule"]) == (403, "A1"), without.text
            assert (await order(chen, code, since, end)).status_code == 201
            beyond = await chen.post(path, json={**body, "from": (since - timedelta(seconds=5)).isoformat()})
            assert (beyond.status_code, beyond.json()["rule"]) == (403, "A2"), beyond.text
            for wrong in (
                {"from": body["to"], "to": body["from"]},
                {**body, "to": (since + timedelta(hours=5)).isoformat()},
                {**body, "to": datetime.now(UTC).isoformat()},
            ):
                answer = await chen.post(path, json=wrong)
                assert (answer.status_code, answer.json()["code"]) == (422, "filling.period"), answer.text
            assert device.downloads == []

            answer = await chen.post(path, json=body)
            assert answer.status_code == 202, answer.text
            assert answer.json()["mine"] and answer.json()["state"] in ("due", "running")
            day = {"day": f"{since.astimezone(CHINA):%Y-%m-%d}"}

            async def done() -> bool:
                items = (await chen.get(f"/cameras/{code}/recording-fills", params=day)).json()["items"]
                return [one["why"] for one in items] == ["filled"]

            await until(done, seconds=90, what="it is there")
            assert fetched(node, code) == footage(node, code) == [pytest.approx((hour_ago + 60, hour_ago + 72), abs=0.3)]
            listing = await chen.get(f"/cameras/{code}/recordings", params={"from": body["from"], "to": body["to"]})
            assert listing.json()["from_device"] == listing.json()["items"] != [], listing.text
            others = (await node.client.get(f"/cameras/{code}/recording-fills", params=day)).json()["items"]
            assert others == [], "what one investigates is not told to others"
            told = [one for one in records(node) if one.act == "footage.fetch"]
            assert {one.result for one in told} == {"allowed", "refused"} and any(one.ticket for one in told)
            assert "became footage" in told[-1].detail

            apart = await chen.post(path, json={**body, "stream": "sub"})
            assert (apart.status_code, apart.json()["stream"]) == (202, "sub"), apart.text

            async def also() -> bool:
                items = (await chen.get(f"/cameras/{code}/recording-fills", params=day)).json()["items"]
                return sorted((one["stream"], one["why"]) for one in items) == [("main", "filled"), ("sub", "filled")]

            await until(also, seconds=90, what="it is the sub-stream's footage as well")
            assert footage(node, code, "sub") == footage(node, code)

            asked_for = await asked(chen, code, since, end)
            assert asked_for.status_code == 202, asked_for.text
            request = asked_for.json()["id"]
            await approve(zhou, request)
            address = (await chen.post(f"/clips/{request}/download", json={})).json()
            async with httpx.AsyncClient() as browser:
                file = (await browser.get(address["url"])).content
            assert len(decoded(file)) == pytest.approx(12 * float(CLIP.fps), abs=2)

            async def manifest() -> dict[str, Any] | None:
                answer = await chen.get(f"/clips/{request}/manifest")
                return answer.json() if answer.status_code == 200 else None

            found = await until(manifest, what="it was taken")
            assert isinstance(found, dict)
            assert found["from_device"] == [{"from": found["holds"]["from"], "to": found["holds"]["to"]}], found
            assert found["sha256"] == hashlib.sha256(file).hexdigest()


async def test_a_node_that_fetches_nothing_says_so(tmp_path: Path) -> None:
    settings = with_pack(tmp_path / "node", register=tmp_path / "cases.txt")
    async with running_node(tmp_path / "node", bounded(settings, fill_mbit=0)) as node:
        await centre_of(node)
        device = with_card(node.registrar, [])
        code = device.identity.code
        async with powered(device):
            await until(lambda: listed(node, code), what="the camera is listed")
            chen = await node.client_of("chen-qi", {"post": "investigator", "area": HERE})
            body = {
                "from": datetime.fromtimestamp(time.time() - 600, UTC).isoformat(),
                "to": datetime.fromtimestamp(time.time() - 500, UTC).isoformat(),
            }
            assert (await order(chen, code, datetime.fromisoformat(body["from"]), datetime.now(UTC))).status_code == 201
            answer = await chen.post(f"/cameras/{code}/device-recordings/fetch", json=body)
            assert (answer.status_code, answer.json()["code"]) == (409, "filling.off"), answer.text
