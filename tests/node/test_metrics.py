"""What Prometheus reads of a busy node, and what its log says: every figure an operator asks for, bounded labels, no secrets."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from pathlib import Path

import httpx
import pytest
import structlog
from prometheus_client.parser import text_string_to_metric_families

from fengsui.app.logging import WINDOW_S, set_up_logging
from fengsui.clock import ManualClock
from fengsui.settings import LogSection
from fengsui.simulators.faults import Faults
from tests.node.conftest import RunningNode, powered, running_node, settings_for, simulated_camera, until
from tests.node.test_live import listed, open_live, read_pictures, state_of

Sample = tuple[str, tuple[tuple[str, str], ...]]


async def scraped(node: RunningNode) -> dict[Sample, float]:
    """Every sample of the node by name and labels, without a session."""
    url = f"http://127.0.0.1:{node.node.settings.http.port}/metrics"
    async with httpx.AsyncClient(timeout=10) as stranger:
        answer = await stranger.get(url)
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.text)
    return {(one.name, tuple(sorted(one.labels.items()))): one.value for family in families for one in family.samples}


def total(samples: dict[Sample, float], name: str, **labels: str) -> float:
    """Sum over the samples of this name that carry these labels; fails where there is none."""
    found = [value for (one, having), value in samples.items() if one == name and labels.items() <= dict(having).items()]
    assert found, f"no sample {name} {labels}"
    return sum(found)


def more(now: dict[Sample, float], before: dict[Sample, float], name: str, **labels: str) -> float:
    """What was counted since `before`."""
    found = (value for (one, having), value in before.items() if one == name and labels.items() <= dict(having).items())
    return total(now, name, **labels) - sum(found)


async def test_a_busy_node_answers_what_an_operator_asks(node: RunningNode) -> None:
    cameras = [simulated_camera(node.registrar, number) for number in (1, 2)]
    cameras.append(simulated_camera(node.registrar, 3, footage="street.10fps.h265"))
    cameras.append(simulated_camera(node.registrar, 4, faults=Faults(invite_status=486)))
    start = await scraped(node)
    async with powered(*cameras):
        opened = [await open_live(node, camera.identity.code) for camera in cameras]
        shown = await node.client.post(f"/cameras/{cameras[2].identity.code}/live", json={"codecs": ["h264"]})
        assert shown.status_code == 201 and shown.json()["transcoded"]
        watching = [asyncio.create_task(read_pictures(one, 100_000)) for one in (*opened[:3], shown.json())]

        async def seen() -> bool:
            now = await scraped(node)
            playing = total(now, "fengsui_media_readers") >= 4 and total(now, "fengsui_streams", state="playing") == 3
            return playing and total(now, "fengsui_devices", state="online") == 4  # which is counted once a second

        await until(seen, what="four devices are online and three streams play to their readers")
        now = await scraped(node)

        assert more(now, start, "fengsui_registrations_total") >= 4
        assert total(now, "fengsui_keepalive_age_seconds_bucket", le="+Inf") == 4
        assert more(now, start, "fengsui_invites_total", outcome="picture") == 3
        assert more(now, start, "fengsui_invites_total", outcome="busy") >= 1
        assert total(now, "fengsui_transcodes") == 1
        assert total(now, "fengsui_media_sources") >= 3
        assert more(now, start, "fengsui_media_bytes_out_total") > 0
        assert more(now, start, "fengsui_media_bytes_in_total") > 0
        assert total(now, "fengsui_keepalives_total", outcome="ok") > 0
        for name in (
            "fengsui_media_skipped_frames_total",
            "fengsui_media_unknown_packets_total",
            "fengsui_media_malformed_packets_total",
            "fengsui_media_refused_connections_total",
            "fengsui_sip_malformed_total",
            "fengsui_sip_refused_connections_total",
            "fengsui_transcode_crashes_total",
        ):
            assert total(now, name) >= 0
        for queue in ("registrations", "store writes"):
            assert total(now, "fengsui_queue_depth", queue=queue) >= 0
        codes = {camera.identity.code for camera in cameras}
        assert not [one for one in now if any(code in value for code in codes for _, value in one[1])], "no label names a device"
        for task in watching:
            task.cancel()


async def test_the_guide_names_every_metric_and_no_other(node: RunningNode) -> None:
    """Of all rooms, each once: what is told, is explained; what is explained, is told."""
    url = f"http://127.0.0.1:{node.node.settings.http.port}/metrics"
    text = (await node.client.get(url)).text
    parts = re.compile(r"_(total|created|gcount|gsum)$")  # of which the text format makes families of their own
    told = {parts.sub("", family.name) for family in text_string_to_metric_families(text) if family.name.startswith("fengsui_")}
    guide = (Path(__file__).parents[2] / "docs" / "guide" / "metrics.md").read_text(encoding="utf-8")
    assert told == {parts.sub("", name) for name in re.findall(r"`(fengsui_\w+)", guide)}


async def test_what_an_operator_did_wrong_is_counted(node: RunningNode) -> None:
    before = await scraped(node)
    for _ in range(2):
        assert (await node.client.post("/session", json={"name": "nobody", "password": "guess"})).status_code == 401
    after = await scraped(node)
    name, labels = "fengsui_sign_ins_refused_total", (("reason", "access.wrong_password"),)
    assert after[name, labels] == before.get((name, labels), 0.0) + 2


async def fails(node: RunningNode, code: str) -> bool:
    """The picture could not be opened."""
    return (await state_of(node, code))["state"] == "retrying"


async def test_a_log_at_its_chattiest_keeps_the_secrets(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    set_up_logging(json_lines=True, level=logging.DEBUG)
    try:
        async with running_node(tmp_path, settings_for()) as node:
            token = node.tokens["duty"]
            camera = simulated_camera(node.registrar)
            refused = simulated_camera(node.registrar, 2, faults=Faults(invite_status=403))
            async with powered(camera, refused):
                opened = await open_live(node, camera.identity.code)
                assert len(await read_pictures(opened, 2)) >= 2
                await until(lambda: listed(node, refused.identity.code), what="the other is listed")
                await open_live(node, refused.identity.code)
                await until(lambda: fails(node, refused.identity.code), what="it was asked, and refused")
            ticket = opened["ws_fmp4"].partition("ticket=")[2]
            assert len(ticket) > 16
        said = "".join(capfd.readouterr())
        lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
        assert any(line["event"] == "node ready" for line in lines)
        failed = [line for line in lines if line["event"] == "no picture"]
        assert failed and all(line["device"] == refused.identity.code for line in failed)
        for secret in ("node-password", "first-password", token, ticket):
            assert secret not in said
    finally:
        structlog.reset_defaults()


async def test_nonsense_without_end_writes_a_bounded_log(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    clock = ManualClock()
    set_up_logging(json_lines=True, settings=LogSection(lines_per_event=5), clock=clock)
    try:
        async with running_node(tmp_path, settings_for()) as node:
            camera = simulated_camera(node.registrar)
            async with powered(camera):
                await until(lambda: camera.registered.is_set(), what="the camera is registered")
                before = total(await scraped(node), "fengsui_log_lines_suppressed_total")
                for _ in range(40):
                    assert (await camera.send_octets(b"<Notify>nonsense")).status == 200
                assert total(await scraped(node), "fengsui_log_lines_suppressed_total") >= before + 35
                clock.advance(WINDOW_S)
                assert (await camera.send_octets(b"<Notify>nonsense")).status == 200
        lines = [json.loads(line) for line in "".join(capfd.readouterr()).splitlines() if line.startswith("{")]
        told = [line for line in lines if line["event"] == "unreadable body from device"]
        assert len(told) == 6
        assert [line.get("suppressed", 0) for line in told] == [0, 0, 0, 0, 0, 35]
    finally:
        structlog.reset_defaults()
