"""The policies of a device's profile reach the engine: each is set over the API, and heals a camera that needs it."""

from __future__ import annotations

import itertools
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from fengsui.media import SourceCounters
from fengsui.simulators.faults import Faults, SoundFault, SsrcFault
from fengsui.simulators.footage import FOOTAGE_FOLDER, Clip, without_sets
from fengsui.wire.gb28181.catalog import CatalogueAnswer
from fengsui.wire.gb28181.edition import Edition
from fengsui.wire.gb28181.manscdp import encode
from tests.node.conftest import RunningNode, powered, running_node, settings_for, simulated_camera, until
from tests.node.test_live import listed, open_live
from tests.ports import free_range


@dataclass(frozen=True)
class Shown:
    """One picture as a reader gets it."""

    key: bool
    pts_90k: int
    size: int


async def shown(opened: dict[str, str]) -> AsyncIterator[Shown]:
    """Every picture of the raw access units, until the caller has enough."""
    url = opened["ws_fmp4"].replace("ws://", "http://").replace("/ws/", "/es/")
    buffered = b""
    async with httpx.AsyncClient(timeout=30) as client, client.stream("GET", url) as answer:
        assert answer.status_code == 200
        async for chunk in answer.aiter_bytes():
            buffered += chunk
            while len(buffered) >= 16:
                length, flags, _, _, pts = struct.unpack(">IBBHq", buffered[:16])
                if len(buffered) < 16 + length:
                    break
                yield Shown(bool(flags & 1), pts, length)
                buffered = buffered[16 + length :]


@asynccontextmanager
async def camera_with(node: RunningNode, faults: Faults, **policies: str) -> AsyncIterator[str]:
    """The code of a camera with these faults and a profile that says how to take it."""
    camera = simulated_camera(node.registrar, faults=faults)
    code = camera.identity.code
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        answer = await node.client.patch(f"/devices/{code}", json=policies)
        assert answer.status_code == 200, answer.text
        assert policies.items() <= answer.json().items()
        yield code


def counters(node: RunningNode, code: str) -> SourceCounters:
    """What the engine counts of the camera's stream."""
    stream = node.node.live.stream(code, "main")
    assert stream is not None
    found = node.node.engine.source_counters(stream.source)
    assert found is not None
    return found


@pytest.mark.parametrize(("marker", "whole"), [("ignore", True), ("learn", False), ("trust", False)])
async def test_a_camera_with_stray_markers_needs_them_ignored(node: RunningNode, marker: str, whole: bool) -> None:
    clip = Clip.load(FOOTAGE_FOLDER / "street.10fps.h264")
    sent = {len(picture.annex_b) for picture in clip.pictures if picture.key}
    async with camera_with(node, Faults(stray_marker=True), marker=marker) as code:
        first = await anext(shown(await open_live(node, code)))
        assert first.key
        assert (first.size in sent) is whole, "the marker in its middle cuts it in two where it is believed"


@pytest.mark.parametrize(("marker", "parted"), [("trust", True), ("learn", False), ("ignore", False)])
async def test_a_camera_whose_pictures_share_time_stamps_needs_its_markers_trusted(
    node: RunningNode, marker: str, parted: bool
) -> None:
    clip = Clip.load(FOOTAGE_FOLDER / "street.10fps.h264")
    sent = {len(picture.annex_b) for picture in clip.pictures}
    sizes: list[int] = []
    async with camera_with(node, Faults(shared_times=True), marker=marker) as code:
        async for picture in shown(await open_live(node, code)):
            sizes.append(picture.size)
            if len(sizes) == 12:
                break
    assert all(size in sent for size in sizes) is parted, "two pictures become one where the marker is not believed"


@pytest.mark.parametrize("after_loss", ["next-key-frame", "next-picture"])
async def test_after_a_loss_the_picture_goes_on_when_the_profile_says(node: RunningNode, after_loss: str) -> None:
    followers: list[bool] = []
    async with camera_with(node, Faults(loss=0.01), after_loss=after_loss, media_transport="udp") as code:
        pictures, last, spacing = shown(await open_live(node, code)), None, 90_000 // 10
        async for picture in pictures:
            if last is not None and picture.pts_90k - last.pts_90k > spacing * 3 // 2:
                followers.append(picture.key)  # what comes after pictures that are missing
            last = picture
            if len(followers) >= 3 and (after_loss == "next-key-frame" or not all(followers)):
                break
        assert counters(node, code).lost > 0
    assert all(followers) is (after_loss == "next-key-frame")


@pytest.mark.parametrize(("policy", "sound"), [("g711a", "g711a"), ("g711u", "g711u"), ("drop", "")])
async def test_sound_that_no_map_declares_is_what_the_profile_says(node: RunningNode, policy: str, sound: str) -> None:
    async with camera_with(node, Faults(sound=SoundFault.UNMAPPED), unmapped_sound=policy) as code:
        changed = await node.client.patch(f"/cameras/{code}", json={"audio_basis": "公安机关批准文号 1"})
        assert changed.status_code == 200
        seen = 0
        async for _ in shown(await open_live(node, code)):
            seen += 1
            if seen == 20:
                break
        assert counters(node, code).sound == sound


async def test_declared_sound_needs_no_policy(node: RunningNode) -> None:
    async with camera_with(node, Faults(sound=SoundFault.MAPPED)) as code:
        await node.client.patch(f"/cameras/{code}", json={"audio_basis": "公安机关批准文号 1"})
        opened = await open_live(node, code)
        await until(lambda: counters(node, code).sound == "g711a", what="the sound is known")
        assert opened["state"]


async def test_a_profile_survives_a_restart_and_wrong_words_are_refused(tmp_path: Path) -> None:
    policies = {"marker": "ignore", "after_loss": "next-key-frame", "unmapped_sound": "g711u", "ssrc": "strict"}
    policies |= {"ssrc_change": "refuse", "reorder": "long", "parameter_sets": "leave"}
    settings = settings_for()
    async with running_node(tmp_path, settings) as node, camera_with(node, Faults(), **policies) as code:
        for name, value in itertools.product(policies, ("", "always")):
            assert (await node.client.patch(f"/devices/{code}", json={name: value})).status_code == 422
    async with running_node(tmp_path, settings) as node:
        assert policies.items() <= (await node.get(f"/devices/{code}")).items()


@pytest.mark.parametrize(("media_port", "shown_at_once"), [("own", True), ("shared", False)])
async def test_a_camera_that_keeps_nothing_of_what_was_asked_needs_a_port_of_its_own(
    tmp_path: Path, media_port: str, shown_at_once: bool
) -> None:
    """Another SSRC than it was asked for, from another address than it answered from."""
    settings = settings_for()
    first = free_range(11)
    ports = {"rtp_port_first": first, "rtp_port_last": first + 10}
    settings = settings.model_copy(update={"media": settings.media.model_copy(update=ports)})
    async with running_node(tmp_path, settings) as node:
        camera = simulated_camera(node.registrar, faults=Faults(ssrc=SsrcFault.WRONG))
        camera.identity.media_host = "127.0.0.77"
        code = camera.identity.code
        async with powered(camera):
            await until(lambda: listed(node, code), what="the camera is listed")
            profile = {"media_port": media_port, "media_transport": "udp"}
            assert (await node.client.patch(f"/devices/{code}", json=profile)).status_code == 200
            opened = await open_live(node, code)
            if shown_at_once:
                assert (await anext(shown(opened))).key
            else:
                await until(lambda: failed(node, code, "no_packets"), what="nobody can tell whose packets they are")


@pytest.mark.parametrize(
    ("transport", "fault"), [("tcp-active", SsrcFault.NONE), ("udp", SsrcFault.WRONG)], ids=["tcp active", "another SSRC"]
)
async def test_a_platform_whose_media_server_is_another_machine_plays(node: RunningNode, transport: str, fault: SsrcFault) -> None:
    camera = simulated_camera(node.registrar, faults=Faults(ssrc=fault))
    camera.identity.media_host, camera.identity.tells_media_host = "127.0.0.3", True
    code = camera.identity.code
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        profile = {"media_port": "shared", "media_transport": transport}
        assert (await node.client.patch(f"/devices/{code}", json=profile)).status_code == 200
        assert (await anext(shown(await open_live(node, code)))).key
        assert counters(node, code).sender.startswith("127.0.0.3:")


@pytest.mark.parametrize(("ssrc", "taken"), [("source", True), ("strict", False)])
async def test_a_foreign_ssrc_is_taken_from_its_source_or_refused(node: RunningNode, ssrc: str, taken: bool) -> None:
    async with camera_with(node, Faults(ssrc=SsrcFault.WRONG), ssrc=ssrc, media_transport="udp") as code:
        opened = await open_live(node, code)
        if taken:
            assert (await anext(shown(opened))).key
        else:
            await until(lambda: failed(node, code, "no_packets"), what="nothing with the SSRC that was asked for comes")


@pytest.mark.parametrize(
    ("ssrc_change", "interrupted"),
    [("auto", False), ("when-silent", False), ("refuse", True)],
    ids=["auto", "when-silent", "refuse"],
)
async def test_a_changed_ssrc_is_followed_or_asked_for_anew(tmp_path: Path, ssrc_change: str, interrupted: bool) -> None:
    settings = settings_for()
    media = settings.media.model_copy(update={"silence_s": 5.0})  # longer than the 3 s after which a silent one is left
    async with running_node(tmp_path, settings.model_copy(update={"media": media})) as node:
        faults = Faults(ssrc=SsrcFault.CHANGES)
        async with camera_with(node, faults, ssrc_change=ssrc_change, media_transport="udp") as code:
            opened = await open_live(node, code)
            keys = 0
            async for picture in shown(opened):
                keys += picture.key
                if keys == 3 and not interrupted:  # the second one has the other SSRC
                    break
            else:
                assert interrupted, "the stream ended, though its change is followed"
            if interrupted:
                assert keys == 1
                await until(lambda: failed(node, code, "silent"), what="the change counts as silence")


@pytest.mark.parametrize(
    ("reorder", "faults", "whole"),
    [
        ("standard", Faults(reorder=0.02), True),
        ("none", Faults(reorder=0.02), False),
        ("long", Faults(late_packets=30), True),
        ("standard", Faults(late_packets=30), False),
    ],
    ids=["swapped, awaited", "swapped, not awaited", "late, awaited long", "late, awaited as usual"],
)
async def test_a_missing_packet_is_waited_for_as_long_as_the_profile_says(
    node: RunningNode, reorder: str, faults: Faults, whole: bool
) -> None:
    async with camera_with(node, faults, reorder=reorder, media_transport="udp") as code:
        seen = 0
        async for _ in shown(await open_live(node, code)):
            seen += 1
            counted = counters(node, code)
            if counted.reordered > 3 if whole else counted.lost > 3:
                break
        assert (counters(node, code).lost == 0) is whole


@pytest.mark.parametrize("parameter_sets", ["insert", "leave"])
async def test_parameter_sets_that_came_once_are_put_before_key_frames_or_left(node: RunningNode, parameter_sets: str) -> None:
    clip = Clip.load(FOOTAGE_FOLDER / "street.10fps.h264")
    bare = {len(without_sets("h264", picture.annex_b)) for picture in clip.pictures if picture.key}
    async with camera_with(node, Faults(sets_once=True), parameter_sets=parameter_sets) as code:
        keys: list[int] = []
        async for picture in shown(await open_live(node, code)):
            keys += [picture.size] if picture.key else []
            if len(keys) == 3:
                break
    assert keys[0] not in bare, "the first came with them"
    assert all(size in bare for size in keys[1:]) is (parameter_sets == "leave")


async def failed(node: RunningNode, code: str, failure: str) -> bool:
    stream = node.node.live.stream(code, "main")
    return stream is not None and stream.failure == failure


@pytest.mark.parametrize(("pinned", "spoken"), [("2.0", "IFameCmd"), ("3.0", "IFrameCmd"), ("", "IFrameCmd")])
async def test_a_camera_that_announces_too_much_is_spoken_to_in_the_edition_of_its_profile(
    node: RunningNode, pinned: str, spoken: str
) -> None:
    async with camera_with(node, Faults(), pinned_edition=pinned) as code:
        assert (await node.client.post(f"/cameras/{code}/key-frame")).status_code == 204
        items = (await node.get(f"/devices/{code}/trace"))["items"]
        told = [one["text"] for one in items if one["direction"] == "out" and "Cmd>Send<" in one["text"]]  # type: ignore[attr-defined]
        assert told and all(f"<{spoken}>" in text for text in told)


@pytest.mark.parametrize(("charset", "right"), [("UTF-8", True), ("", False), ("GB18030", False)])
async def test_a_name_that_is_not_in_the_charset_it_declares_needs_the_profiles(
    node: RunningNode, charset: str, right: bool
) -> None:
    camera = simulated_camera(node.registrar)
    code, name = camera.identity.code, "Café 门口"
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        before = (await node.get(f"/cameras/{code}"))["name"]
        assert (await node.client.patch(f"/devices/{code}", json={"charset": charset})).status_code == 200
        item = camera.channels[code].item._replace(name=name)
        octets = encode(CatalogueAnswer(7, code, 1, (item,)), edition=Edition.V2016)
        await camera.send_octets(octets.decode("gb18030").encode())  # GB2312, as it says, and UTF-8, as it is
        await until(lambda: renamed(node, code, before), what="the new name is stored")
        assert ((await node.get(f"/cameras/{code}"))["name"] == name) is right


async def renamed(node: RunningNode, code: str, before: object) -> bool:
    return (await node.get(f"/cameras/{code}"))["name"] != before
