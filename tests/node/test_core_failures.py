"""What fails in the Rust core is in the node's log, on its page and in its figures; its pictures come back and others go on."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import structlog.testing

from fengsui.app import core_watch
from fengsui.media import LogLine
from tests.node.conftest import RunningNode, powered, running_node, settings_for, simulated_camera, until
from tests.node.test_live import open_live, read_pictures, state_of
from tests.node.test_metrics import scraped, total

FDS = Path("/proc/self/fd")


def _watchers_of_port(port: int) -> list[list[int]]:
    """For each media worker: the descriptors by which it watches its socket of the RTP port."""
    wanted = f":{port:04X} "
    table = [line for line in Path("/proc/self/net/udp").read_text().splitlines() if wanted in line.partition("rem")[0][:30]]
    inodes = {f"socket:[{line.split()[9]}]" for line in table}
    links = {}
    for entry in FDS.iterdir():
        try:
            links[int(entry.name)] = str(entry.readlink())
        except OSError:
            continue  # it was that of the listing itself
    sockets = {number for number, link in links.items() if link in inodes}
    watchers: dict[frozenset[int], list[int]] = {}
    for number, link in links.items():
        if link == "anon_inode:[eventpoll]":
            told = Path(f"/proc/self/fdinfo/{number}").read_text().split("tfd:")[1:]
            watched = frozenset(int(one.split()[0]) for one in told) & sockets
            if watched:
                watchers.setdefault(frozenset(watched), []).append(number)
    return list(watchers.values())


def break_worker(port: int) -> None:
    """One media worker can watch nothing any more: what the kernel might do to it in earnest."""
    nothing = os.open("/dev/null", os.O_RDONLY)
    try:
        for number in _watchers_of_port(port)[0]:
            os.dup2(nothing, number)
    finally:
        os.close(nothing)


async def test_a_worker_that_fails_is_told_and_its_pictures_come_back(tmp_path: Path) -> None:
    settings = settings_for()
    media = settings.media.model_copy(update={"grace_s": 60.0})
    async with running_node(tmp_path, settings.model_copy(update={"media": media})) as node:
        cameras = [simulated_camera(node.registrar, number) for number in range(1, 5)]
        codes = [camera.identity.code for camera in cameras]
        async with powered(*cameras):
            for code in codes:
                await read_pictures(await open_live(node, code), 3)
            invited = sum(camera.invited for camera in cameras)
            assert (await node.get("/node"))["faults"] == []
            with structlog.testing.capture_logs() as told:
                break_worker(settings.media.rtp_port)
                await until(lambda: node.node.engine.counters().failures, what="it is counted")

                async def faulty() -> bool:
                    faults = (await node.get("/node"))["faults"]
                    return any(one["code"] == "node.core_failed" and "1" in one["zh"] for one in faults)

                await until(faulty, what="the node page tells it")

                def lines() -> list[Any]:
                    return [one for one in told if str(one.get("target")).startswith("media_engine")]

                await until(lines, what="its line is in the node's log")
            (line,) = lines()
            assert line["log_level"] == "error" and line["event"] == "a media worker failed; it begins anew", line
            assert line["fields"]["worker"].isdecimal() and line["fields"]["why"], line
            assert any(one.get("why") == "engine" for one in told), "its streams end with a reason of their own"

            async def all_play() -> bool:
                return all([(await state_of(node, code))["state"] == "playing" for code in codes])

            await until(lambda: sum(camera.invited for camera in cameras) > invited, what="they are asked for anew")
            await until(all_play, seconds=90, what="all play")
            for code in codes:
                await read_pictures(await open_live(node, code), 3)
            figures = await scraped(node)
            assert total(figures, "fengsui_media_failures_total") == 1
            assert total(figures, "fengsui_media_pausing") == 0


async def test_readiness_tells_of_a_thread_of_the_engine_that_pauses(node: RunningNode, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pause itself is half a second: too short to be met by asking."""
    ready = f"http://127.0.0.1:{node.node.settings.http.port}/readyz"
    with monkeypatch.context() as patch:
        patch.setattr(node.node, "engine", SimpleNamespace(counters=lambda: SimpleNamespace(pausing=1)))
        answer = await node.client.get(ready)
        assert (answer.status_code, answer.json()) == (503, {"status": "media"})
    assert (await node.client.get(ready)).json() == {"status": "ready"}


def test_a_line_of_the_core_is_one_of_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    class Line:
        level, target, message, names, values = "warning", "sip_front::front", "said", ["peer", "level"], ["192.0.2.1", "x"]

    assert {name for name in vars(LogLine) if not name.startswith("_")} == {"level", "message", "names", "target", "values"}
    monkeypatch.setattr(core_watch, "take_log_lines", lambda: [Line()])
    with structlog.testing.capture_logs() as told:
        core_watch.write_core_lines()
    assert told == [
        {"event": "said", "log_level": "warning", "target": "sip_front::front", "fields": {"peer": "192.0.2.1", "level": "x"}}
    ]
