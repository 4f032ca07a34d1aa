"""A moment is found without watching: activity on the timeline, pictures under the pointer, and when a place changed."""

from __future__ import annotations

import itertools
import os
import subprocess
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from fengsui.simulators.footage import FOOTAGE_FOLDER
from tests.end_to_end.conftest import Demo, running_demo, sign_in, wait_until
from tests.end_to_end.test_accessibility import faults
from tests.end_to_end.test_more_pictures import camera
from tests.end_to_end.test_playback import choose, shown_s, stands, ticket

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(400)]
RATE, GROUP_S, COMES_S, GOES_S, LOOP_S, LASTS_S = 10, 2.0, 6, 16, 24, 32
"""Of a film of a place: something slides into it, stands there, and slides on; and how long it is recorded."""


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """A demo of its own: what is recorded outlasts a test."""
    with running_demo() as running:
        yield running


def place(folder: Path) -> Path:
    """The film: a street in which nothing moves, but for a crate that comes and goes."""
    still, film = folder / "street.png", folder / f"place.{RATE}fps.h264"
    street = FOOTAGE_FOLDER / "street.10fps.h264"
    subprocess.run(["ffmpeg", "-v", "error", "-i", str(street), "-frames:v", "1", str(still)], check=True, timeout=60)
    where = f"if(lt(t,{COMES_S}),-200,if(lt(t,{GOES_S}),min(260,(t-{COMES_S})*230-200),260+(t-{GOES_S})*230))"
    crate = f"color=0x30343a:s=120x84:r={RATE},drawgrid=w=24:h=21:t=3:color=0xa0b0c0[crate]"
    graph = f"[0]scale=640:360[street];{crate};[street][crate]overlay=x='{where}':y=150:shortest=1,format=yuv420p[seen]"
    coded = f"bframes=0:keyint={int(GROUP_S * RATE)}:min-keyint={int(GROUP_S * RATE)}:scenecut=0:aud=1"
    command = ["ffmpeg", "-v", "error", "-loop", "1", "-framerate", str(RATE), "-i", str(still), "-filter_complex", graph]
    command += ["-map", "[seen]", "-t", str(LOOP_S), "-c:v", "libx264", "-crf", "23", "-x264-params", coded, "-f", "h264"]
    subprocess.run([*command, str(film)], check=True, timeout=60)
    return film


def recorded(keeper: httpx.Client, code: str) -> datetime:
    """Footage of it; since when."""
    assert keeper.put(f"/cameras/{code}/recording-plan", json={"mode": "always"}).status_code == 200
    state: dict[str, Any] = {}

    def is_there() -> bool:
        state.update(keeper.get(f"/cameras/{code}/recording-plan").json())
        since = datetime.fromisoformat(state["since"])
        return bool(state["safe_until"]) and datetime.fromisoformat(state["safe_until"]) > since + timedelta(seconds=LASTS_S)

    wait_until(is_there, seconds=120, what="footage is on disk")
    assert keeper.put(f"/cameras/{code}/recording-plan", json={"mode": "off"}).status_code == 200
    return datetime.fromisoformat(state["since"])


def hangs_on(small: Locator, at: float) -> bool:
    """Whether the small picture is the key frame that this time hangs on; a column of the screen is half a second."""
    return -GROUP_S - 1 < float(small.get_attribute("data-at-us") or 0) / 1e6 - at < 1


@pytest.fixture
def filmed(demo: Demo, tmp_path: Path) -> Iterator[str]:
    """A camera whose footage a ticket opens."""
    with (
        camera(demo, tmp_path / "camera.log", 931, "--footage", str(place(tmp_path))) as code,
        demo.client("system") as keeper,
        demo.client() as client,
    ):
        ticket(client, [code], recorded(keeper, code))
        yield code


@pytest.mark.usefixtures("china_now")
def test_a_moment_is_found_by_its_activity_by_pictures_and_by_what_changed(demo: Demo, page: Page, filmed: str) -> None:
    code = filmed
    sign_in(page, demo, at="playback")
    choose(page, [code])
    lane = page.get_by_test_id(f"lane-{code}")
    expect(lane.get_by_test_id("span").first).to_be_attached()
    expect(lane.get_by_test_id("activity")).to_be_attached()
    page.get_by_test_id("timeline").click(position={"x": 2, "y": 4})  # before all of it
    page.get_by_test_id("next-footage").click()
    page.get_by_text("10 分钟", exact=True).click()
    wait_until(lambda: shown_s(page, code) > 0, seconds=60, what="a picture is shown")

    # Activity leads to where something moves.
    page.get_by_test_id("timeline").focus()
    begun = stands(page, lambda: shown_s(page, code))
    page.keyboard.press("a")
    wait_until(lambda: shown_s(page, code) > begun + 0.5, seconds=60, what="the next activity")
    moves = stands(page, lambda: shown_s(page, code))
    page.keyboard.press("a")
    page.keyboard.press("Shift+A")
    wait_until(lambda: abs(shown_s(page, code) - moves) < 0.1, seconds=60, what="on, and back again")

    # The key frame under the pointer, with its own time.
    line = page.get_by_test_id("timeline")
    box = line.bounding_box()
    assert box is not None
    lengths = [float(line.get_attribute(f"aria-value{end}") or 0) for end in ("min", "max")]
    for at in (moves + 3, moves - 3):
        across = (at - lengths[0]) / (lengths[1] - lengths[0]) * box["width"]
        page.mouse.move(box["x"] + across, box["y"] + 30)
        small = page.get_by_test_id("pointer-picture")
        expect(small).to_have_attribute("data-state", "picture", timeout=20_000)
        wait_until(partial(hangs_on, small, at), seconds=20, what="the key frame at or before the pointer")
    if folder := os.environ.get("FENGSUI_PICTURES"):
        page.screenshot(path=f"{folder}/pointer.png")
    page.mouse.move(10, 10)
    expect(page.get_by_test_id("pointer-picture")).to_have_count(0)

    # When did the place change? Drawn on the picture, found between neighbouring key frames, seen before and after.
    page.get_by_test_id("timeline").focus()
    page.keyboard.press("d")
    sheet = page.get_by_test_id("region-sheet")
    picture = sheet.bounding_box()
    assert picture is not None
    page.mouse.move(picture["x"] + picture["width"] * 0.35, picture["y"] + picture["height"] * 0.35)
    page.mouse.down()
    page.mouse.move(picture["x"] + picture["width"] * 0.65, picture["y"] + picture["height"] * 0.65, steps=4)
    page.mouse.up()
    expect(page.get_by_test_id("region")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("changes")).to_have_attribute("data-state", "done", timeout=90_000)
    changes = page.locator('[data-testid="change"][data-kind="lasting"]')
    expect(changes.first).to_be_visible()
    after = [datetime.fromisoformat(changes.nth(at).get_attribute("data-after") or "") for at in range(changes.count())]
    assert after == sorted(after)
    of_it = next(at for at, one in enumerate(after) if -GROUP_S < one.timestamp() - moves < 2 * GROUP_S)
    assert all(abs(one - other) > timedelta(seconds=4) for one, other in itertools.pairwise(after))
    change = changes.nth(of_it)
    for at in (0, 1):
        expect(change.get_by_test_id("small-picture").nth(at)).to_have_attribute("data-state", "picture", timeout=30_000)
    assert not faults(page)
    change.click()
    wait_until(lambda: abs(shown_s(page, code) - after[of_it].timestamp()) < 0.5, seconds=60, what="it goes there")
    if folder:
        page.screenshot(path=f"{folder}/changes.png")
    page.keyboard.press("Escape")
    page.get_by_test_id("close-changes").click()
    expect(page.get_by_test_id("changes-panel")).to_have_count(0)
    with demo.client("audit") as auditor:
        acts = {one["act"] for one in auditor.get("/audit", params={"object": code, "limit": 200}).json()["items"]}
    assert {"footage.activity", "footage.changes", "footage.changes.end", "playback.show"} <= acts
