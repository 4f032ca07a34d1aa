"""A camera's own time, as its sender reports tell it, stands beside the node's in what is recorded (A34)."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from fengsui.simulators.faults import Faults, ReportsFault
from tests.node.clip_room import asked, clip_node, clip_of, ends
from tests.node.conftest import RunningNode, powered, running_node, simulated_camera, until
from tests.node.duty_room import HERE, centre_of, with_pack
from tests.node.test_footage import order, safe_for, state_of
from tests.node.test_live import listed
from tests.node.test_masks import approve
from tests.node.test_playback import fragments, opened, player_of
from tests.ports import free_range

SKEW_S = 20.0
NEAR_S = 1.5
"""From the picture to its report."""
LATE_S = 8.0
"""What a busy machine adds to one of them: a picture that comes late is of a later time by the node's clock."""


async def played(node: RunningNode, code: str, until_: datetime) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The answer to an investigator who plays all of it, and the fragments."""
    since = datetime.fromisoformat((await state_of(node, code))["since"])
    chen = await node.client_of("chen-qi", {"post": "investigator", "area": HERE})
    async with contextlib.aclosing(chen):
        assert (await order(chen, code, since, until_)).status_code == 201
        playback = (await opened(chen, code, since, until_)).json()
        async with player_of(playback["url"]) as player:
            pieces, at, how = [], int(since.timestamp() * 1e6), "seek"
            while True:
                answer, _ = await player.ask("all", at, how, 16)
                pieces += fragments(answer)
                if answer["ended"] or not answer["bytes"]:
                    return playback, pieces
                at, how = answer["next_us"], "on"


def ahead_s(pieces: list[dict[str, Any]]) -> list[float]:
    """Of the fragments with a camera's time."""
    return [(one["camera_us"] - one["from_us"]) / 1e6 for one in pieces if one["camera_us"] is not None]


async def recorded(node: RunningNode, code: str) -> datetime:
    await until(lambda: listed(node, code), what="the camera is listed")
    assert (await node.client.put(f"/cameras/{code}/recording-plan", json={"mode": "always"})).status_code == 200
    return await safe_for(node, code, 6)


@pytest.mark.parametrize(
    ("ports", "transport", "reports"),
    [
        ("shared", "udp", ReportsFault.NONE),
        ("shared", "udp", ReportsFault.MUXED),
        ("own", "udp", ReportsFault.NONE),
        ("shared", "tcp-passive", ReportsFault.NONE),
        ("shared", "tcp-active", ReportsFault.NONE),
    ],
)
async def test_a_skewed_cameras_time_stands_in_its_footage_by_every_way(
    tmp_path: Path, ports: str, transport: str, reports: ReportsFault
) -> None:
    settings = with_pack(tmp_path / "node", register=tmp_path / "cases.txt")
    first = free_range(21)
    own = settings.media.model_copy(update={"ports": ports, "rtp_port_first": first, "rtp_port_last": first + 20})
    async with running_node(tmp_path / "node", settings.model_copy(update={"media": own})) as node:
        camera = simulated_camera(node.registrar, faults=Faults(clock_skew_s=SKEW_S, reports=reports))
        code = camera.identity.code
        await centre_of(node)
        async with powered(camera):
            await until(lambda: listed(node, code), what="the camera is listed")
            await node.node.devices.update(code, media_transport=transport)
            end = await recorded(node, code)
            playback, pieces = await played(node, code, end)
        assert (playback["clock_error_limit_s"], playback["camera_clock_limit_s"]) == (1, 10)
        told = ahead_s(pieces)
        assert len(told) >= 2, pieces
        assert all(SKEW_S - LATE_S < one < SKEW_S + NEAR_S for one in told), told
        assert max(told) > SKEW_S - NEAR_S, told


@pytest.mark.parametrize("reports", [ReportsFault.MISSING, ReportsFault.NO_CLOCK, ReportsFault.UPTIME])
async def test_a_camera_that_tells_no_time_has_none(tmp_path: Path, reports: ReportsFault) -> None:
    async with running_node(tmp_path / "node", with_pack(tmp_path / "node", register=tmp_path / "cases.txt")) as node:
        camera = simulated_camera(node.registrar, faults=Faults(reports=reports))
        await centre_of(node)
        async with powered(camera):
            end = await recorded(node, camera.identity.code)
            _, pieces = await played(node, camera.identity.code, end)
        assert pieces and not ahead_s(pieces)


@pytest.mark.parametrize("skew_s", [SKEW_S, 0.0])
async def test_a_clip_says_how_far_the_cameras_clock_was_off_in_manifest_and_log(tmp_path: Path, skew_s: float) -> None:
    async with clip_node(tmp_path / "node") as node:
        camera = simulated_camera(node.registrar, faults=Faults(clock_skew_s=skew_s))
        code = camera.identity.code
        await centre_of(node)
        async with powered(camera):
            end = await recorded(node, code)
        since = datetime.fromisoformat((await state_of(node, code))["since"])
        chen = await node.client_of("chen-qi", {"post": "investigator", "area": HERE})
        zhou = await node.client_of("zhou-ba", {"post": "commander", "area": HERE, "rank": "unit-head"})
        async with contextlib.aclosing(chen), contextlib.aclosing(zhou), httpx.AsyncClient() as browser:
            assert (await order(chen, code, since, datetime.now(UTC) + timedelta(hours=1))).status_code == 201
            request = (await asked(chen, code, since, end)).json()["id"]
            await approve(zhou, request)
            address = (await chen.post(f"/clips/{request}/download", json={})).json()
            assert (await browser.get(address["url"])).status_code == 200

            async def told() -> bool:
                return bool((await clip_of(chen, request))["taken"])

            await until(told, what="it is told")
            manifest = (await chen.get(f"/clips/{request}/manifest")).json()
        least, most = manifest["camera_clock_ahead_us"]
        assert skew_s - LATE_S < least / 1e6 <= most / 1e6, manifest
        assert abs(most / 1e6 - skew_s) < NEAR_S, manifest
        assert manifest["camera_clock_beyond_limit"] is (skew_s > 10)
        assert manifest["clock_beyond_limit"] is (manifest["clock_error_us"] is None or manifest["clock_error_us"] > 1e6)
        detail = ends(node)[-1].detail
        assert ("the camera's clock +" in detail) is (skew_s > 10), detail
