"""A node that stops answering without closing anything: the console says that nothing on screen is live, and catches up."""

from __future__ import annotations

import json
import signal
from collections import Counter
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request

from tests.end_to_end.conftest import Demo, sign_in, wait_until
from tests.end_to_end.test_first_picture import cameras_with_patches, frames_of
from tests.end_to_end.test_recovery import CODE, PASSWORD, first_people, is_ready, process, settings_file, show

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(300)]


def test_a_frozen_node_is_told_and_caught_up_with_without_a_reload(page: Page, tmp_path: Path) -> None:
    config, http, sip = settings_file(tmp_path)
    api = f"http://127.0.0.1:{http}"
    run = ["run", "--config", str(config), "--data", str(tmp_path / "data")]
    camera = ["simulate", "camera", "--port", str(sip), "--server", CODE, "--password", "joining"]
    code = f"{CODE[:10]}1320000501"
    node_facts = {"console": f"{api}/", "api": f"{api}/api/v1", "users": [{"name": "duty", "password": PASSWORD}]}
    with process(tmp_path / "node.log", *run, **first_people(PASSWORD)) as node:
        wait_until(lambda: is_ready(api), seconds=120, what="the node is ready")
        with process(tmp_path / "camera.log", *camera):
            demo = Demo(tmp_path, json.loads(json.dumps(node_facts)), node)
            sign_in(page, demo)
            page.get_by_test_id(f"camera-{code}").wait_for(timeout=60_000)
            show(page, [code])
            page.evaluate("window.neverReloaded = true")
            tile = page.get_by_test_id("tile-0")
            node.send_signal(signal.SIGSTOP)
            try:
                tile.get_by_text("画面停滞，不是实时画面").wait_for(timeout=60_000)
                assert tile.get_attribute("data-state") == "stalled"
                page.get_by_text("与节点的连接已中断").wait_for(timeout=60_000)
            finally:
                node.send_signal(signal.SIGCONT)
            before = frames_of(page, 0)
            page.get_by_role("alert").wait_for(state="detached", timeout=60_000)
            wait_until(lambda: frames_of(page, 0) >= before + 10, seconds=60, what="the picture moves again")
            wait_until(lambda: tile.get_attribute("data-state") == "playing", seconds=60, what="the tile says so")
            assert page.evaluate("window.neverReloaded")


def test_the_state_comes_by_the_news_and_the_figures_by_one_question_for_all(demo: Demo, page: Page) -> None:
    asked: Counter[str] = Counter()

    def count(request: Request) -> None:
        path = request.url.partition("/api/v1")[2].partition("?")[0]
        if request.method == "GET" and path.endswith("/live"):
            asked["figures" if path == "/live" else "state"] += 1

    codes = cameras_with_patches(demo, "H.264")[:4]
    sign_in(page, demo)
    page.on("request", count)
    show(page, codes)
    wait_until(lambda: "kbit/s" in page.get_by_test_id("tile-3").inner_text(), seconds=60, what="the figures are shown")
    begun = asked["figures"]
    wait_until(
        lambda: page.evaluate("true") and asked["figures"] >= begun + 3,  # the page must be spoken to, else no request is told
        seconds=60,
        what="the figures are asked for again",
    )
    assert asked["state"] == len(codes), "once for each picture; then the node tells"
    assert asked["figures"] <= 2 * (begun + 3), "not once for each picture"
