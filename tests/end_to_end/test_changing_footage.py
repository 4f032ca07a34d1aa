"""Footage in which the camera changed its picture size and its codec is played through; what no browser here decodes is told."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from fengsui.simulators.footage import FOOTAGE_FOLDER, Clip
from tests.end_to_end.conftest import Demo, running_demo, sign_in, wait_until
from tests.end_to_end.test_playback import choose, ticket
from tests.end_to_end.test_playback_journeys import fetch, past
from tests.end_to_end.test_recovery import process

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(400)]
NUMBER, STRETCH_S, TURN = 941, 16, 60
"""Of the camera; how long it sends each film; and pictures, ten a second, until one film changes its size."""
WIDE, NARROW = 768, 384
WATCH = """camera => {
  window.seen = [];
  const tile = document.querySelector(`[data-testid="playback-${camera}"]`), video = tile.querySelector("video");
  setInterval(() => {
    const state = tile.dataset.state === "showing" ? String(video.videoWidth) : tile.dataset.state;
    window.seen.push([state, Number(tile.dataset.shownUs) / 1e6]);
  }, 40);
}"""
"""How wide the picture is, or why there is none, and when what is shown is of."""


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """What is fetched outlasts a test."""
    with running_demo("--cameras", "1", "--patrols", "0") as running:
        yield running


def two_sizes(folder: Path) -> Path:
    """A film that begins with wide pictures and goes on with narrow ones, again and again."""
    film = folder / "two-sizes.10fps.h264"
    parts = [Clip.load(FOOTAGE_FOLDER / name).pictures[:TURN] for name in ("street.10fps.h264", "street-sub.10fps.h264")]
    film.write_bytes(b"".join(one.annex_b for part in parts for one in part))
    return film


def recorded(demo: Demo, client: httpx.Client, folder: Path, since: datetime) -> str:
    """The camera sends two sizes of H.264, then H.265, then two sizes again; what it recorded of it becomes the node's."""
    sip, code = demo.node["sip"], f"{demo.node['code'][:10]}1320{NUMBER:06d}"
    command = ["simulate", "camera", "--port", str(sip["port"]), "--server", demo.node["code"], "--password", sip["password"]]
    films = (two_sizes(folder), FOOTAGE_FOLDER / "street.10fps.h265", two_sizes(folder))
    for turn, film in enumerate(films):
        asked = datetime.now(UTC)

        def is_there(asked: datetime = asked) -> bool:
            told = client.get(f"/devices/{code}")
            return told.status_code == 200 and datetime.fromisoformat(told.json()["registered_at"]) > asked and listed()

        def listed() -> bool:
            return client.get(f"/cameras/{code}").status_code == 200

        with process(folder / "camera.log", *command, "--first-number", str(NUMBER), "--footage", str(film)):
            wait_until(is_there, seconds=60, what="the camera has registered anew")
            if turn == 0:
                ticket(client, [code], since)
            begins = since + timedelta(seconds=turn * STRETCH_S)
            fetch(client, code, begins, begins + timedelta(seconds=STRETCH_S))
    return code


@pytest.mark.usefixtures("china_now")
def test_play_goes_on_over_another_size_and_another_codec(demo: Demo, page: Page, tmp_path: Path) -> None:
    since = past(3 * STRETCH_S)
    with demo.client() as client:
        camera = recorded(demo, client, tmp_path, since)
    sign_in(page, demo, at="playback")
    choose(page, [camera])
    lane, timeline = page.get_by_test_id(f"lane-{camera}"), page.get_by_test_id("timeline")
    expect(lane.get_by_test_id("span").first).to_be_attached()
    timeline.click(position={"x": 2, "y": 4})
    page.get_by_test_id("next-footage").click()
    timeline.focus()
    page.evaluate(WATCH, camera)
    for _ in range(2):
        page.keyboard.press("+")  # four times as fast: each picture is shown
    page.keyboard.press("Space")
    tile = page.get_by_test_id(f"playback-{camera}")
    expect(tile).to_have_attribute("data-state", "undecoded", timeout=60_000)
    expect(tile).to_contain_text("浏览器不能解码此刻的录像")
    assert float(tile.locator("video").evaluate("one => getComputedStyle(one).opacity")) < 0.5, (
        "what was shown last is not taken for it"
    )
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/undecoded.png")
    begun, ended = since.timestamp(), since.timestamp() + 3 * STRETCH_S

    def seen() -> list[tuple[str, float]]:
        return [(state, at - begun) for state, at in page.evaluate("() => window.seen")]

    wait_until(lambda: seen()[-1][1] > ended - begun - 3, seconds=60, what="it is played to its end")
    order = [state for state, _ in groupby(state for state, _ in seen() if state not in ("waiting", "over"))]
    dark = order.index("undecoded")
    for shown in (order[:dark], order[dark + 1 :]):
        assert {str(WIDE), str(NARROW)} == set(shown), f"both sizes before and behind what is not decoded: {order}"
        assert len(shown) >= 3, f"from one size to the other and back: {order}"
    times = [at for state, at in seen() if state in (str(WIDE), str(NARROW))]
    assert not [at for at in times if STRETCH_S + 2 < at < 2 * STRETCH_S - 2], "nothing is shown of what is not decoded"

    page.keyboard.press("r")
    wait_until(lambda: 0 < seen()[-1][1] < STRETCH_S - 4, seconds=60, what="and back over it by key frames")
