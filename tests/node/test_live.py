"""Live pictures over real sockets: every failure has its name, and nothing is left behind."""

from __future__ import annotations

import asyncio
import re
import struct
from pathlib import Path

import httpx
import pytest

from fengsui.simulators.device import SimulatedDevice
from fengsui.simulators.faults import AnswerFault, Faults, PsmFault, SsrcFault
from tests.node.conftest import RunningNode, powered, running_node, settings_for, simulated_camera, until, with_media


async def state_of(node: RunningNode, code: str) -> dict[str, object]:
    return await node.get(f"/cameras/{code}/live")


async def listed(node: RunningNode, code: str) -> bool:
    return (await node.client.get(f"/cameras/{code}")).status_code == 200


async def open_live(node: RunningNode, code: str) -> dict[str, str]:
    await until(lambda: listed(node, code), what="the camera is listed")
    answer = await node.client.post(f"/cameras/{code}/live", json={"codecs": ["h264", "h265"]})
    assert answer.status_code == 201, answer.text
    opened: dict[str, str] = answer.json()
    return opened


async def read_pictures(opened: dict[str, str], count: int) -> list[tuple[bool, int]]:
    """(key, size) of the first pictures, from the raw access units."""
    url = opened["ws_fmp4"].replace("ws://", "http://").replace("/ws/", "/es/")
    found: list[tuple[bool, int]] = []
    buffered = b""
    async with httpx.AsyncClient(timeout=20) as client, client.stream("GET", url) as answer:
        assert answer.status_code == 200
        async for chunk in answer.aiter_bytes():
            buffered += chunk
            while len(buffered) >= 16:
                length, flags = struct.unpack(">IB", buffered[:5])
                if len(buffered) < 16 + length:
                    break
                found.append((bool(flags & 1), length))
                buffered = buffered[16 + length :]
            if len(found) >= count:
                return found
    return found


@pytest.mark.parametrize(
    ("transport", "faults"),
    [
        ("UDP", Faults()),
        ("TCP", Faults()),
        ("UDP", Faults(psm=PsmFault.MISSING)),
        ("UDP", Faults(psm=PsmFault.LATE)),
        ("UDP", Faults(ssrc=SsrcFault.ZERO)),
        ("UDP", Faults(ssrc=SsrcFault.WRONG)),
        ("UDP", Faults(loss=0.02, reorder=0.1)),
    ],
    ids=["udp", "tcp", "no map", "late map", "ssrc 0", "ssrc wrong", "bad network"],
)
async def test_a_camera_plays_with_its_faults(node: RunningNode, transport: str, faults: Faults) -> None:
    camera = simulated_camera(node.registrar, transport=transport, faults=faults)
    async with powered(camera):
        opened = await open_live(node, camera.identity.code)
        pictures = await read_pictures(opened, 12)
        assert len(pictures) >= 12
        assert pictures[0][0], "the first picture is a key frame"
        assert (await state_of(node, camera.identity.code))["state"] == "playing"


@pytest.mark.parametrize("way", ["udp", "tcp-passive", "tcp-active"])
async def test_a_camera_plays_by_the_way_its_profile_says(hasty: RunningNode, way: str) -> None:
    node = hasty
    camera = simulated_camera(node.registrar)
    code = camera.identity.code
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        assert (await node.client.patch(f"/devices/{code}", json={"media_transport": way})).status_code == 200
        opened = await open_live(node, code)
        assert len(await read_pictures(opened, 5)) >= 5
        assert (await state_of(node, code))["transport"] == way
        assert camera.invited == 1, "at the first try"
        assert (await node.client.delete(f"/live/{opened['session']}")).status_code == 204
        await until(lambda: not camera._senders and node.node.engine.counters().sources == 0, what="nothing is left")


async def test_a_device_may_choose_another_ssrc_in_its_answer_and_send_from_elsewhere(node: RunningNode) -> None:
    camera = simulated_camera(node.registrar, faults=Faults(answer=AnswerFault.OTHER_SSRC))
    camera.identity.media_host = "127.0.0.77"  # so that only the SSRC of the answer tells whose packets they are
    code = camera.identity.code
    async with powered(camera):
        assert len(await read_pictures(await open_live(node, code), 5)) >= 5
        assert camera.invited == 1
        assert await ssrc_of(node, code, "out") != await ssrc_of(node, code, "in")


async def test_a_camera_that_sends_on_is_told_again_to_stop(tmp_path: Path) -> None:
    settings = settings_for()
    media = settings.media.model_copy(update={"grace_s": 0.2})
    async with running_node(tmp_path, settings.model_copy(update={"media": media})) as node:
        camera = simulated_camera(node.registrar, faults=Faults(deaf_byes=1))
        code = camera.identity.code
        async with powered(camera):
            opened = await open_live(node, code)
            assert len(await read_pictures(opened, 3)) >= 3
            ended = await node.client.delete(f"/live/{opened['session']}")
            assert ended.status_code in (204, 404), "by us, or because nobody reads it any more"
            await until(lambda: camera.byes >= 1, what="the first goodbye, which it only answers")
            assert camera._senders or camera.byes > 1
            await until(lambda: not camera._senders, what="it is told again")
            assert camera.byes == 2
            assert len(await read_pictures(await open_live(node, code), 3)) >= 3, "and plays when it is asked anew"
            assert node.node.engine.counters().unknown_packets > 0, "what it sent on reached nobody"


async def test_what_a_recorder_sends_on_of_one_channel_is_not_shown_as_another(tmp_path: Path) -> None:
    settings = settings_for()
    media = settings.media.model_copy(update={"grace_s": 2.0})
    async with running_node(tmp_path, settings.model_copy(update={"media": media})) as node:
        recorder = simulated_camera(node.registrar, faults=Faults(deaf_byes=3))
        ended = recorder.identity.code
        other = simulated_camera(node.registrar, 2, footage="street.10fps.h265").channels
        recorder.channels |= other
        (wanted,) = other
        async with powered(recorder):
            await until(lambda: listed(node, wanted), what="both channels are listed")
            opened = await open_live(node, ended)
            assert len(await read_pictures(opened, 1)) >= 1
            assert (await node.client.delete(f"/live/{opened['session']}")).status_code == 204
            await until(lambda: recorder.byes > 0 and recorder._senders, what="it sends on")
            assert len(await read_pictures(await open_live(node, wanted), 5)) >= 5
            assert (await state_of(node, wanted))["codec"] == "h265", "the other channel's pictures and no others"
            assert len(recorder._senders) == 2


async def ssrc_of(node: RunningNode, code: str, direction: str) -> str:
    """The `y=` of the INVITE's offer, or of its answer, from the device's trace."""
    items = (await node.get(f"/devices/{code}/trace"))["items"]
    return next(
        found[1]
        for item in items  # type: ignore[attr-defined]
        if item["direction"] == direction and (found := re.search(r"^y=(\d{10})", item["text"], re.MULTILINE))
    )


@pytest.mark.parametrize(
    ("faults", "failure"),
    [(Faults(invite_status=486), "busy"), (Faults(invite_status=404), "not_found"), (Faults(silent_media=True), "no_packets")],
    ids=["486", "404", "no packets"],
)
async def test_a_failure_is_named_and_tried_again(tmp_path: Path, faults: Faults, failure: str) -> None:
    async with running_node(tmp_path, with_media(settings_for(), first_packet_s=1.5)) as node:
        camera = simulated_camera(node.registrar, faults=faults)
        await _named(node, camera, failure)


async def _named(node: RunningNode, camera: SimulatedDevice, failure: str) -> None:
    async with powered(camera):
        await open_live(node, camera.identity.code)

        async def named() -> bool:
            state = await state_of(node, camera.identity.code)
            return state["failure"] == failure and bool(state["text_zh"]) and bool(state["text_en"])

        await until(named, what=f"the failure {failure}")


async def test_the_picture_comes_back_when_the_camera_does(tmp_path: Path) -> None:
    settings = settings_for(keepalive_interval_s=1, keepalive_missed_limit=2)
    media = settings.media.model_copy(update={"grace_s": 120.0})  # whoever watched is awaited for so long
    async with running_node(tmp_path, settings.model_copy(update={"media": media})) as node:
        camera = simulated_camera(node.registrar)
        code = camera.identity.code
        async with powered(camera):
            opened = await open_live(node, code)
            assert len(await read_pictures(opened, 3)) >= 3
            watching = asyncio.create_task(read_pictures(await open_live(node, code), 10_000))

            async def in_view() -> bool:
                return (await state_of(node, code))["readers"] == 1

            await until(in_view, what="somebody watches")

        async def in_state(*states: str) -> bool:
            return (await state_of(node, code))["state"] in states

        await until(lambda: in_state("retrying"), what="the loss has a name")
        assert len(await watching) > 0, "the viewer's stream ends instead of hanging"
        async with powered(simulated_camera(node.registrar)):
            await until(lambda: in_state("playing", "waiting_media"), seconds=60, what="it is asked for again by itself")


async def test_two_viewers_cost_one_invite_and_closing_leaves_nothing(hasty: RunningNode) -> None:
    node = hasty
    camera = simulated_camera(node.registrar)
    async with powered(camera):
        first = await open_live(node, camera.identity.code)
        second = await open_live(node, camera.identity.code)
        await asyncio.gather(read_pictures(first, 3), read_pictures(second, 3))
        assert len(camera._senders) == 1
        for opened in (first, second):
            assert (await node.client.delete(f"/live/{opened['session']}")).status_code == 204

        async def nothing_left() -> bool:
            return (await node.get("/node"))["streams"] == 0 and not camera._senders

        await until(nothing_left, what="source and dialog are gone after the grace time")


async def test_a_ticket_opens_only_its_own_source_and_dies_with_its_session(node: RunningNode) -> None:
    camera = simulated_camera(node.registrar)
    async with powered(camera):
        opened = await open_live(node, camera.identity.code)
        url = opened["ws_fmp4"].replace("ws://", "http://").replace("/ws/", "/fmp4/")
        async with httpx.AsyncClient(timeout=10) as client:
            assert (await client.get(url.replace("/main?", "/sub?"))).status_code == 403
            assert (await client.get(url[:-2] + "xx")).status_code == 403
            assert (await client.get(url.partition("?")[0])).status_code == 403
            await node.client.delete(f"/live/{opened['session']}")
            assert (await client.get(url)).status_code == 403


async def test_a_still_is_a_jpeg(node: RunningNode) -> None:
    camera = simulated_camera(node.registrar, footage="street.10fps.h265")
    async with powered(camera):
        await until(lambda: listed(node, camera.identity.code), what="the camera is listed")
        answer = await node.client.get(f"/cameras/{camera.identity.code}/picture")
        assert answer.status_code == 200, answer.text
        assert answer.content[:2] == b"\xff\xd8"
