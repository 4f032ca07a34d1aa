"""What a device has recorded itself: listed and played under a use ticket, as devices really answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import websockets

from fengsui.features.live import recorders
from fengsui.features.live.playhead import GROUP_S
from fengsui.simulators.device import SimulatedDevice
from fengsui.simulators.faults import Faults
from fengsui.simulators.footage import FOOTAGE_FOLDER, Clip
from fengsui.simulators.recordings import DeviceDisk, RecordedFile
from tests.node.conftest import RunningNode, powered, simulated_camera, until
from tests.node.duty_room import HERE, centre_of
from tests.node.test_audit import records
from tests.node.test_footage import order, ruled
from tests.node.test_live import listed

__all__ = ["ruled"]
CHEN: dict[str, object] = {"post": "investigator", "area": HERE}
CLIP = Clip.load(FOOTAGE_FOLDER / "street.10fps.h264")
START = float(int(time.time()) // 3600 * 3600 - 4 * 3600)
"""An hour of today, or of last night."""


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(START + seconds, UTC)


def keeper(
    node: RunningNode, files: Sequence[RecordedFile], faults: Faults | None = None, *, transport: str = "UDP"
) -> SimulatedDevice:
    """A camera with a card in it."""
    camera = simulated_camera(node.registrar, faults=faults, transport=transport)
    [channel] = camera.channels.values()
    channel.disk = DeviceDisk(CLIP, lambda: files)
    return camera


def minutes(*spans: tuple[float, float]) -> list[RecordedFile]:
    return [RecordedFile(START + since * 60, START + until_ * 60) for since, until_ in spans]


async def investigator(node: RunningNode, code: str, since: datetime, until_: datetime) -> Any:
    """Chen Qi with a use ticket for that time."""
    chen = await node.client_of("chen-qi", CHEN)
    answer = await order(chen, code, since, until_)
    assert answer.status_code == 201, answer.text
    return chen


async def listing(client: Any, code: str, since: datetime, until_: datetime) -> Any:
    return await client.get(f"/cameras/{code}/device-recordings", params={"from": since.isoformat(), "to": until_.isoformat()})


def spans(answer: Any) -> list[tuple[float, float]]:
    """In minutes from START."""
    assert answer.status_code == 200, answer.text
    times = [[datetime.fromisoformat(one[end]).timestamp() - START for end in ("from", "to")] for one in answer.json()["items"]]
    return [(since / 60, until_ / 60) for since, until_ in times]


async def test_a_devices_recordings_are_listed_under_a_ticket_that_covers_the_time(ruled: RunningNode) -> None:
    node = ruled
    await centre_of(node)
    camera = keeper(node, minutes((0, 30), (30, 60), (70, 75), (80, 81), (90, 120)))
    code = camera.identity.code
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        chen = await node.client_of("chen-qi", CHEN)
        without = await listing(chen, code, at(0), at(7200))
        assert (without.status_code, without.json()["rule"]) == (403, "A1"), without.text
        assert (await order(chen, code, at(0), at(7200))).status_code == 201
        beyond = await listing(chen, code, at(-60), at(7200))
        assert (beyond.status_code, beyond.json()["rule"]) == (403, "A2")
        backwards = await listing(chen, code, at(60), at(0))
        assert (backwards.status_code, backwards.json()["code"]) == (422, "playback.period")

        answer = await listing(chen, code, at(0), at(7200))
        assert spans(answer) == [(0, 30), (30, 60), (70, 75), (80, 81), (90, 120)], "in three messages"
        assert {key: answer.json()[key] for key in ("told", "came", "unreadable", "whole")} == {
            "told": 5, "came": 5, "unreadable": 0, "whole": True
        }  # fmt: skip
        assert {one["kind"] for one in answer.json()["items"]} == {"time"}
        part = await listing(chen, code, at(600), at(1200))
        assert spans(part) == [(10, 20)], "no more of a file than the ticket was asked about"
        nothing = await listing(chen, code, at(61 * 60), at(69 * 60))
        assert (spans(nothing), nothing.json()["whole"]) == ([], True)
        told = [one for one in records(node) if one.act == "footage.device"]
        assert {one.result for one in told} == {"allowed", "refused"}
        assert all(one.object == code and one.ticket for one in told if one.result == "allowed")


async def test_what_of_a_list_did_not_come_is_told(ruled: RunningNode, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorders, "NEXT_S", 1.0)
    monkeypatch.setattr(recorders, "FIRST_S", 2.0)
    node = ruled
    await centre_of(node)
    camera = keeper(node, minutes((0, 5), (10, 15), (20, 25), (30, 35), (40, 45)), Faults(records_lost=1))
    code = camera.identity.code
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        chen = await investigator(node, code, at(0), at(7200))
        lost = await listing(chen, code, at(0), at(7200))
        assert spans(lost) == [(0, 5), (10, 15), (20, 25), (30, 35)]
        assert (lost.json()["told"], lost.json()["came"], lost.json()["whole"]) == (5, 4, False)
        camera.identity.faults = Faults(records_claimed=3)
        claimed = await listing(chen, code, at(0), at(7200))
        assert (len(spans(claimed)), claimed.json()["told"], claimed.json()["whole"]) == (5, 8, False)
        camera.identity.faults = Faults(records_lost=9)
        silent = await listing(chen, code, at(0), at(7200))
        assert (silent.status_code, silent.json()["code"]) == (504, "signalling.no_answer")
        camera.identity.faults = Faults()
        assert len(spans(await listing(chen, code, at(0), at(7200)))) == 5, "what went wrong before harms nothing"


async def test_a_time_of_two_days_is_asked_for_in_parts(ruled: RunningNode) -> None:
    node = ruled
    await centre_of(node)
    day = timedelta(days=1)
    camera = keeper(node, [RecordedFile(START - 86_400 * 2 + 60, START - 60)])
    code = camera.identity.code
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        chen = await investigator(node, code, at(0) - 2 * day, at(0))
        answer = await listing(chen, code, at(0) - 2 * day, at(0))
        assert answer.status_code == 200, answer.text
        [one] = answer.json()["items"]
        assert (datetime.fromisoformat(one["from"]), datetime.fromisoformat(one["to"])) == (
            at(60) - 2 * day, at(-60)
        ), "what the parts cut is one again"  # fmt: skip
        assert (answer.json()["told"], answer.json()["whole"]) == (2, True)


SHOWN = {picture.annex_b[-64:]: at_ for at_, picture in enumerate(CLIP.pictures)}
"""Each picture of the clip by its end."""


TICKET_REVOKED = 4403


class Viewer:
    """Reads what the console's player does, and knows which pictures of the clip are in it."""

    def __init__(self, opened: dict[str, Any]) -> None:
        self.url = opened["url"]
        self.seen: list[int] = []

    async def watch(self) -> None:
        """Until its ticket ends, which the node says as it closes the socket; whatever else closes it is a fault."""
        async with websockets.connect(self.url, max_size=None) as socket:
            try:
                async for piece in socket:
                    if isinstance(piece, str):
                        continue  # what kind of film it is
                    found = ((piece.find(end), at_) for end, at_ in SHOWN.items())
                    self.seen.extend(at_ for place, at_ in sorted(found) if place >= 0)
            except websockets.ConnectionClosedError as closed:
                if closed.rcvd is None or closed.rcvd.code != TICKET_REVOKED:
                    raise


@asynccontextmanager
async def watching(opened: dict[str, Any]) -> AsyncIterator[Viewer]:
    viewer = Viewer(opened)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(viewer.watch())
        yield viewer
        task.cancel()


async def play(client: Any, code: str, since: datetime, until_: datetime) -> Any:
    return await client.post(f"/cameras/{code}/device-playback", json={"from": since.isoformat(), "to": until_.isoformat()})


async def steer(client: Any, opened: dict[str, Any], act: str, **facts: Any) -> dict[str, Any]:
    answer = await client.post(f"/playback/{opened['session']}/control", json={"act": act, **facts})
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def told(client: Any, opened: dict[str, Any]) -> dict[str, Any]:
    answer = await client.get(f"/playback/{opened['session']}/device")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def seconds_in(told_: dict[str, Any]) -> float:
    return datetime.fromisoformat(told_["at"]).timestamp() - START


@pytest.mark.parametrize("transport", ["udp", "tcp-passive", "tcp-active"])
async def test_a_devices_recording_is_played_and_steered(ruled: RunningNode, transport: str) -> None:
    node = ruled
    await centre_of(node)
    camera = keeper(node, minutes((0, 30)))
    code = camera.identity.code
    fps = float(CLIP.fps)
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        await node.node.devices.update(code, media_transport=transport)
        chen = await node.client_of("chen-qi", CHEN)
        without = await play(chen, code, at(60), at(600))
        assert (without.status_code, without.json()["rule"]) == (403, "A1"), without.text
        assert camera.invited == 0
        ticket = await order(chen, code, at(0), at(1800))
        answer = await play(chen, code, at(60), at(600))
        assert answer.status_code == 201, answer.text
        opened = answer.json()
        assert opened["use_ticket"] == ticket.json()["number"] and opened["over"] == ""
        async with watching(opened) as viewer:
            await until(lambda: len(viewer.seen) > 20, what="two seconds are shown")
            first = int(60 * fps) % len(CLIP.pictures)
            assert viewer.seen[0] <= first and first - viewer.seen[0] < 40, "from the key frame before"
            assert viewer.seen == [(viewer.seen[0] + at_) % len(CLIP.pictures) for at_ in range(len(viewer.seen))], "each of them"
            assert 61 < seconds_in(await told(chen, opened)) < 70

            paused = await steer(chen, opened, "pause")
            assert paused["paused"]
            await asyncio.sleep(0)
            stood = seconds_in(paused)

            async def stands() -> bool:
                count = len(viewer.seen)
                await asyncio.sleep(1)
                return len(viewer.seen) == count

            await until(stands, what="no more pictures come")
            assert seconds_in(await told(chen, opened)) == stood
            count = len(viewer.seen)
            await steer(chen, opened, "play")
            await until(lambda: len(viewer.seen) > count + 5, what="it goes on")
            assert viewer.seen[count] == (viewer.seen[count - 1] + 1) % len(CLIP.pictures), "where it stood"

            sought = await steer(chen, opened, "seek", at=at(300).isoformat())
            assert 295 < seconds_in(sought) <= 301
            there = int((seconds_in(sought)) * fps) % len(CLIP.pictures)
            await until(lambda: any(abs(one - there) < 30 for one in viewer.seen[-5:]), what="it is there")
            back = await steer(chen, opened, "seek", at=at(90).isoformat())
            assert 85 < seconds_in(back) <= 91, "and back"

            fast = await steer(chen, opened, "speed", speed=4)
            assert fast["speed"] == 4
            begun, begun_s = len(viewer.seen), time.monotonic()
            await until(lambda: len(viewer.seen) > begun + 60, what="it is faster")
            assert (len(viewer.seen) - begun) / (time.monotonic() - begun_s) > 2 * fps
            assert [one.partition(b"\r\n")[0] for one in camera.orders] == [
                b"PAUSE RTSP/1.0",
                b"PLAY RTSP/1.0",
                b"PLAY RTSP/1.0",
                b"PLAY RTSP/1.0",
                b"PLAY RTSP/1.0",
            ]
            assert b"Range: npt=240-" in camera.orders[2] and b"Scale: 4.0" in camera.orders[4]
            outside = await chen.post(f"/playback/{opened['session']}/control", json={"act": "seek", "at": at(700).isoformat()})
            assert (outside.status_code, outside.json()["code"]) == (422, "playback.order")
            assert (await chen.delete(f"/playback/{opened['session']}")).status_code == 204
            await until(lambda: camera.byes == 1, what="the device is told to stop")
        await until(lambda: node.node.engine.counters().sources == 0, what="nothing is left of it")
    assert node.node.live.ssrcs.taken == 0

    def shown() -> list[str]:
        return [one.detail for one in records(node) if one.act == "playback.show"]

    await until(lambda: any("device 4x" in one for one in shown()), what="what was shown is on record")
    assert "device 1x" in shown()[0] and "device 4x" in shown()[-1], shown()
    acts = [one.detail.split()[0] for one in records(node) if one.act == "playback.control" and one.result == "allowed"]
    assert acts == ["pause", "play", "seek", "seek", "speed"]


@pytest.mark.parametrize(
    "faults", [Faults(), Faults(status_outside=True), Faults(no_media_status=True)], ids=["121", "121 outside", "no 121"]
)
async def test_a_recording_that_was_sent_to_its_end_is_over_and_the_device_is_hung_up(ruled: RunningNode, faults: Faults) -> None:
    node = ruled
    await centre_of(node)
    camera = keeper(node, minutes((0, 30)), faults)
    code = camera.identity.code
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        chen = await investigator(node, code, at(0), at(1800))
        opened = (await play(chen, code, at(60), at(66))).json()
        async with watching(opened) as viewer:

            async def over() -> bool:
                return (await told(chen, opened))["over"] == "sent"

            await until(over, what="it is over")
            await until(lambda: camera.byes == 1, what="the device is hung up")
            last = int(66 * CLIP.fps) % len(CLIP.pictures) - 1
            assert viewer.seen[-1] == last, "each picture of it came"
            late = await chen.post(f"/playback/{opened['session']}/control", json={"act": "pause"})
            assert (late.status_code, late.json()["code"]) == (409, "device_recordings.over")
            at_end = await told(chen, opened)
            assert 65 < seconds_in(at_end) <= 66 and at_end["over_zh"]
        await until(lambda: node.node.engine.counters().sources == 0, what="nothing is left of it")
        await until(lambda: any(one.act == "playback.stop" for one in records(node)), what="its end is on record")
    [shown] = [one for one in records(node) if one.act == "playback.show"]
    assert shown.detail.startswith("6") and "device 1x" in shown.detail and shown.ticket, shown


async def test_a_device_that_does_not_stop_where_it_was_told_is_cut_off_there(ruled: RunningNode) -> None:
    node = ruled
    await centre_of(node)
    camera = keeper(node, minutes((0, 30)), Faults(plays_on=True))
    code = camera.identity.code
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        chen = await investigator(node, code, at(60), at(66))
        none = await play(chen, code, at(60.2), at(60.9))
        assert (none.status_code, none.json()["code"]) == (422, "playback.period"), "a device would play a whole second of it"
        opened = (await play(chen, code, at(60.4), at(65.6))).json()
        [call] = camera.played.values()
        assert call.since == START + 61, "whole seconds within the ticket"
        async with watching(opened) as viewer:
            await until(lambda: camera.byes == 1, seconds=30, what="it is hung up")
            await until(lambda: node.node.engine.counters().sources == 0, what="nothing more of it is taken")
        first = next(at_ for at_ in range(len(CLIP.pictures)) if CLIP.pictures[at_].key and at_ == viewer.seen[0])
        behind_s = int(61 * CLIP.fps) % len(CLIP.pictures) - first
        shown_s = (len(viewer.seen) - behind_s) / float(CLIP.fps)
        assert 65 - 61 - 1 < shown_s < 65 - 61 + GROUP_S + 1.5, "no longer than a group of pictures beyond"
        await until(lambda: any(one.act == "playback.stop" for one in records(node)), what="its end is on record")
    [stop] = [one.detail for one in records(node) if one.act == "playback.stop"]
    assert stop == "the device played on beyond its end"


async def test_a_playback_ends_with_its_ticket_and_with_its_viewer(ruled: RunningNode) -> None:
    node = ruled
    await centre_of(node)
    camera = keeper(node, minutes((0, 30)))
    code = camera.identity.code
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        chen = await node.client_of("chen-qi", CHEN)
        ticket = (await order(chen, code, at(0), at(1800))).json()
        opened = (await play(chen, code, at(60), at(600))).json()
        wang = await node.client_of("wang-wu", CHEN)
        assert (await order(wang, code, at(0), at(1800))).status_code == 201
        foreign = await wang.post(f"/playback/{opened['session']}/control", json={"act": "pause"})
        assert (foreign.status_code, foreign.json()["code"]) == (404, "playback.unknown_session")
        assert (await wang.get(f"/playback/{opened['session']}/device")).status_code == 404
        assert camera.orders == []
        seen = [one for one in records(node) if one.person == "wang-wu" and one.act == "playback.control"]
        assert [one.result for one in seen] == ["refused", "refused"]
        async with watching(opened) as viewer:
            await until(lambda: len(viewer.seen) > 5, what="it plays")
        await until(lambda: camera.byes == 1, what="nobody watches any more")

        opened = (await play(chen, code, at(60), at(600))).json()
        async with watching(opened) as viewer:
            await until(lambda: len(viewer.seen) > 5, what="it plays")
            closed = await chen.delete(f"/tickets/{ticket['number']}")
            assert closed.status_code in (200, 204), closed.text
            await until(lambda: camera.byes == 2, what="the ticket is closed")
            count = len(viewer.seen)
        again = await play(chen, code, at(60), at(600))
        assert (again.status_code, again.json()["rule"]) == (403, "A1")
        assert camera.invited == 2 and count > 5
        await until(lambda: node.node.engine.counters().sources == 0, what="nothing is left of it")
    stops = [one.detail for one in records(node) if one.act == "playback.stop"]
    assert stops == ["the player left", "the right has ended"]


async def test_what_a_device_refuses_is_told_and_leaves_nothing(ruled: RunningNode) -> None:
    node = ruled
    await centre_of(node)
    camera = keeper(node, minutes((0, 30)))
    code = camera.identity.code
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        await node.node.devices.update(code, media_transport="udp")
        chen = await investigator(node, code, at(0), at(7200))
        nothing = await play(chen, code, at(3600), at(3660))
        assert (nothing.status_code, nothing.json()["code"]) == (502, "device_recordings.not_played")
        assert "没有该时段" in nothing.json()["zh"]
        camera.identity.faults = Faults(invite_status=486)
        busy = await play(chen, code, at(60), at(600))
        assert (busy.status_code, "486" in busy.json()["en"]) == (502, True)
        camera.identity.faults = Faults(silent_media=True)
        silent = await play(chen, code, at(60), at(600))
        assert (silent.status_code, "no packets" in silent.json()["en"]) == (502, True), silent.text
        await until(lambda: camera.byes == 1, what="who answered is hung up")
        endless = await play(chen, code, at(0), at(3 * 86_400))
        assert (endless.status_code, endless.json()["code"]) == (422, "playback.period")

        camera.identity.faults = Faults(deaf_control=True)
        opened = (await play(chen, code, at(60), at(600))).json()
        async with watching(opened) as viewer:
            await until(lambda: len(viewer.seen) > 5, what="it plays")
            paused = await steer(chen, opened, "pause")
            assert paused["paused"]

            async def is_told() -> bool:
                return bool((await told(chen, opened))["deaf"])

            await until(is_told, what="a device that only says yes is found out")
            assert not (await told(chen, opened))["paused"]
        assert node.node.live.ssrcs.taken <= 1
    await until(lambda: node.node.engine.counters().sources == 0, what="nothing is left of any")
    assert node.node.live.ssrcs.taken == 0
    refused = [one.detail for one in records(node) if one.act == "playback.open" and one.result == "refused"]
    assert refused[:3] == ["device_recordings.not_played"] * 3


@pytest.mark.parametrize("way", ["/fmp4/", "/es/", "/hls/"])
async def test_what_a_device_plays_is_looked_at_and_taken_away_by_no_other_address(ruled: RunningNode, way: str) -> None:
    camera = keeper(ruled, minutes((0, 10)))
    code = camera.identity.code
    async with powered(camera):
        await until(lambda: listed(ruled, code), what="the camera is listed")
        chen = await investigator(ruled, code, at(0), at(600))
        opened = await play(chen, code, at(0), at(600))
        assert opened.status_code == 201, opened.text
        path = opened.json()["url"].replace("ws://", "http://").replace("/ws/", way)
        path = path.replace("?", "/index.m3u8?") if way == "/hls/" else path
        async with httpx.AsyncClient() as client:
            refused = await client.get(path)
        assert (refused.status_code, refused.json()["code"]) == (403, "media.ticket_other_way")
        async with watching(opened.json()) as viewer:
            await until(lambda: len(viewer.seen) > 5, what="it is looked at")


async def test_a_devices_recordings_are_asked_for_by_their_source(ruled: RunningNode) -> None:
    node = ruled
    await centre_of(node)
    camera = keeper(node, minutes((0, 30), (40, 45)))
    code = camera.identity.code
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        chen = await investigator(node, code, at(0), at(7200))
        period = {"from": at(0).isoformat(), "to": at(7200).isoformat()}
        answer = await chen.get(f"/cameras/{code}/recordings", params={**period, "source": "device"})
        assert spans(answer) == [(0, 30), (40, 45)]
        assert (answer.json()["source"], answer.json()["whole"]) == ("device", True)
        own = await chen.get(f"/cameras/{code}/recordings", params=period)
        assert (spans(own), own.json()["source"]) == ([], "node")

        period = {"from": at(60).isoformat(), "to": at(120).isoformat()}
        opened = await chen.post(f"/cameras/{code}/playback", json={**period, "source": "device"})
        assert opened.status_code == 201, opened.text
        film = opened.json()
        assert (film["source"], film["stream"], film["hls"], film["codec"]) == ("device", "device", None, "h264")
        assert film["url"] == film["ws_fmp4"] and film["use_ticket"]
        async with websockets.connect(film["ws_fmp4"], max_size=None) as socket:
            assert "avc1" in str(await socket.recv())
            head, first = await socket.recv(), await socket.recv()
            assert isinstance(head, bytes) and isinstance(first, bytes) and (head[4:8], first[4:8]) == (b"ftyp", b"moof")
        await chen.aclose()
