"""Which of a camera's recordings a clip is of: main or sub-stream, and of moments that were recorded twice which one."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import av
import httpx
import pytest

from fengsui.features.audit import Act
from fengsui.features.clips.model import UnusableClip, Wanted
from tests.node.clip_room import asked, clip_node, clip_of
from tests.node.conftest import OWN_PASSWORD, RunningNode, powered, simulated_camera, until
from tests.node.duty_room import HERE, centre_of
from tests.node.test_audit import records
from tests.node.test_clips import decoded, packets
from tests.node.test_footage import footage_files, order, safe_for, state_of
from tests.node.test_live import listed
from tests.node.test_masks import approve
from tests.node.test_recorded_twice import LATER_US, recorded_again
from tests.node.test_two_streams import CODE, grows, plan, spans, two_stream_camera

CHEN = {"post": "investigator", "area": HERE}
ZHOU = {"post": "commander", "area": HERE, "rank": "unit-head"}


async def probed(octets: bytes) -> dict[str, Any]:
    """What ffprobe says of a file."""
    show = ("-v", "error", "-show_entries", "stream=width,height,codec_name:format_tags=title", "-of", "json", "-")
    pipes = {"stdin": asyncio.subprocess.PIPE, "stdout": asyncio.subprocess.PIPE}
    probe = await asyncio.create_subprocess_exec("ffprobe", *show, **pipes)
    told, _ = await probe.communicate(octets)
    assert probe.returncode == 0
    found: dict[str, Any] = json.loads(told)
    return found


async def handed_over(chen: httpx.AsyncClient, zhou: httpx.AsyncClient, request: str) -> tuple[str, bytes, dict[str, Any]]:
    """Name, bytes and manifest, once it is approved and taken."""
    await approve(zhou, request)
    address = await chen.post(f"/clips/{request}/download", json={})
    assert address.status_code == 201, address.text
    async with httpx.AsyncClient() as browser:
        file = await browser.get(address.json()["url"])
    assert file.status_code == 200, file.text

    async def told() -> bool:
        return bool((await clip_of(chen, request))["taken"])

    await until(told, what="it is told")
    return address.json()["file"], file.content, (await chen.get(f"/clips/{request}/manifest")).json()


def details(node: RunningNode, act: Act) -> list[str]:
    return [f"{one.range}; {one.detail}" for one in records(node) if one.act == act and one.result == "allowed"]


async def test_a_clip_is_of_the_stream_that_was_asked_for_and_says_so(tmp_path: Path) -> None:
    async with clip_node(tmp_path / "node") as node:
        await centre_of(node)
        async with powered(two_stream_camera(node.registrar)):
            await until(lambda: listed(node, CODE), what="the camera is listed")
            await plan(node, mode="always", other={"mode": "always"})
            await grows(node, "main", by_s=1)
            await grows(node, "sub", by_s=5)
        since, end = spans(node, "sub")[0][0], spans(node, "sub")[0][1]
        async with (
            contextlib.aclosing(await node.client_of("chen-qi", CHEN)) as chen,
            contextlib.aclosing(await node.client_of("zhou-ba", ZHOU)) as zhou,
        ):
            assert (await order(chen, CODE, since, datetime.now(UTC) + timedelta(hours=1))).status_code == 201
            answers = [await asked(chen, CODE, since, end, **which) for which in ({}, {"stream": "sub"})]
            assert [one.status_code for one in answers] == [202, 202], [one.text for one in answers]
            told = [(one.json()["stream"], one.json()["recording"]) for one in answers]
            assert told == [("main", 1), ("sub", 1)], "the main stream is taken where nobody chooses"
            requests = [one.json()["id"] for one in answers]
            signed = [(await zhou.get(f"/approvals/{one}")).json()["differences"] for one in requests]
            shown = [next((one["new_zh"], one["new_en"]) for one in some if one["field"] == "recording") for some in signed]
            assert shown == [("主码流", "main stream"), ("子码流", "sub-stream")]
            (main, large, beside), (sub, small, other) = [await handed_over(chen, zhou, one) for one in requests]
        assert main.startswith(f"{CODE}_2") and sub.startswith(f"{CODE}_sub_2"), (main, sub)
        facts = [await probed(one) for one in (large, small)]
        sizes = [one["streams"][0]["width"] for one in facts]
        with av.open(io.BytesIO(small)) as opened:
            assert opened.streams.video[0].codec_context.width == sizes[1]
        assert sizes[0] > sizes[1] > 0 and decoded(large) > 30 and decoded(small) > 30, sizes
        titles = [one["format"]["tags"]["title"] for one in facts]
        assert "主码流 main stream" in titles[0] and "子码流 sub-stream" in titles[1], titles
        assert (beside["stream"], other["stream"]) == ("main", "sub")
        kept = [one for path in footage_files(tmp_path / "node") if "/sub" in str(path) for one in packets(path)]
        assert set(packets(small)) <= set(kept), "the pictures of the sub-stream as they were recorded"
        for act in (Act.CLIP_TAKE, Act.CLIP_TAKEN):
            assert [one.partition(" ")[0] for one in details(node, act)] == ["main", "sub"]
        assert ["; sub " in one for one in details(node, Act.CLIP_ALLOW)] == [False, True]


async def test_a_clip_of_the_second_recording_holds_that_one_and_none_is_given_for_one_that_is_not(tmp_path: Path) -> None:
    async with clip_node(tmp_path / "node") as node:
        camera = simulated_camera(node.registrar)
        code = camera.identity.code
        await centre_of(node)
        async with powered(camera):
            await until(lambda: listed(node, code), what="the camera is listed")
            assert (await node.client.put(f"/cameras/{code}/recording-plan", json={"mode": "always"})).status_code == 200
            await safe_for(node, code, 14)
            since = datetime.fromisoformat((await state_of(node, code))["since"])
        for name, rights in (("chen-qi", CHEN), ("zhou-ba", ZHOU)):
            await (await node.client_of(name, rights)).aclose()
    [file] = footage_files(tmp_path / "node")
    recorded_again(file, LATER_US)
    async with clip_node(tmp_path / "node") as node:
        await until(lambda: not node.node.engine.footage_counters().looking, what="the index has all footage")
        [(from_us, to_us, _)] = node.node.engine.footage_twice(f"{code}/main", 0, 2**62)
        at = lambda us: datetime.fromtimestamp(us / 1e6, UTC)  # noqa: E731
        begin, end = at(from_us + 1_000_000), at(to_us)
        async with (
            contextlib.aclosing(await node.sign_in("chen-qi", OWN_PASSWORD)) as chen,
            contextlib.aclosing(await node.sign_in("zhou-ba", OWN_PASSWORD)) as zhou,
        ):
            assert (await order(chen, code, since, datetime.now(UTC) + timedelta(hours=1))).status_code == 201
            third = await asked(chen, code, begin, end, recording=3)
            assert (third.status_code, third.json()["code"]) == (404, "clips.no_recording"), third.text
            early = await asked(chen, code, at(from_us - 2_000_000), at(from_us), recording=2)
            assert (early.status_code, early.json()["code"]) == (404, "clips.no_recording"), early.text
            for wrong in (0, 10):
                assert (await asked(chen, code, begin, end, recording=wrong)).status_code == 422
            answers = [await asked(chen, code, begin, end, recording=which) for which in (1, 2)]
            assert [one.status_code for one in answers] == [202, 202], [one.text for one in answers]
            requests = [one.json()["id"] for one in answers]
            (first, one, beside), (second, two, other) = [await handed_over(chen, zhou, one) for one in requests]
        assert "_recording-2_" in second and "recording" not in first
        assert (beside["recording"], other["recording"]) == (1, 2)
        assert other["overlapping_footage_left_out"], "it says that it is not all that there is of this time"
        assert decoded(one) > 20 and decoded(two) > 20
        own = packets(file)
        places = [own.index(packets(octets)[0]) for octets in (one, two)]
        assert places[0] != places[1], "other pictures stand under the same time"
        title = (await probed(two))["format"]["tags"]["title"]
        assert "recording 2" in title and "第 2 份" in title, title
        for act in (Act.CLIP_TAKE, Act.CLIP_TAKEN, Act.CLIP_ALLOW):
            assert ["main recording 2 " in one for one in details(node, act)] == [False, True], details(node, act)


def test_what_two_persons_sign_is_read_again_and_nothing_else() -> None:
    wanted = Wanted("c", "东门", "sub", 10, 100, 1, "T")
    assert Wanted.of(wanted.content) == wanted and "recording" not in wanted.content
    second = Wanted("c", "东门", "sub", 10, 100, 1, "T", recording=2)
    assert Wanted.of(second.content) == second and second.range.startswith("sub recording 2 ")
    for wrong in ({"recording": 0}, {"recording": 10}, {"recording": "2"}, {"recording": 1.0}, {"stream": "third"}, {"other": 1}):
        with pytest.raises(UnusableClip):
            Wanted.of({**wanted.content, **wrong})
