"""Instant replay on the wall: the minute just gone by, really recorded, in its tile, under a use ticket opened in place."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import av
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.end_to_end.conftest import Demo, running_demo, sign_in, wait_until
from tests.end_to_end.test_accessibility import faults
from tests.end_to_end.test_clips import kept_still
from tests.end_to_end.test_duty import added_people, at_desk
from tests.end_to_end.test_first_picture import cameras_with_patches
from tests.end_to_end.test_playback import stands

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(400)]
OPERATOR = "li.si"
LASTS_S = 12.0
SLOW_S = 10
"""How long a busy machine may take from the key to the line behind it."""


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """A demo of its own: what is recorded outlasts a test."""
    with running_demo() as running:
        added_people(running, {OPERATOR: ("李四", "operator")})
        yield running


def on_tile(page: Page, tile: int, camera: str) -> None:
    page.get_by_test_id(f"tile-{tile}").click()
    page.get_by_test_id("camera-search").fill(camera)
    expect(page.get_by_text("找到 1 路")).to_be_visible()
    page.get_by_test_id(f"camera-{camera}").click()
    expect(page.get_by_test_id(f"tile-{tile}")).to_have_attribute("data-state", "playing", timeout=90_000)


def shown_s(page: Page) -> float:
    """When the replayed picture is of, seconds since 1970; 0 for none."""
    replay = page.get_by_test_id("tile-0-replay")
    return float(replay.get_attribute("data-shown-us") or 0) / 1e6 if replay.count() else 0.0


def shot(page: Page, name: str) -> None:
    """For whoever wants to look: SHOTS names a folder."""
    if folder := os.environ.get("SHOTS"):
        for width, height in ((1366, 768), (1920, 1080)):
            page.set_viewport_size({"width": width, "height": height})
            page.screenshot(path=Path(folder) / f"{name}-{width}.png")


def recorded(demo: Demo, camera: str) -> None:
    """So many seconds of it are on disk, and it goes on."""
    with demo.client("system") as keeper:
        assert keeper.put(f"/cameras/{camera}/recording-plan", json={"mode": "always"}).status_code == 200

        def enough() -> bool:
            plan = keeper.get(f"/cameras/{camera}/recording-plan").json()
            safe, since = plan["safe_until"], datetime.fromisoformat(plan["since"])
            return bool(safe) and datetime.fromisoformat(safe) > since + timedelta(seconds=LASTS_S + 3)

        wait_until(enough, seconds=120, what="footage is on disk")


def still_of_a_replay(demo: Demo, page: Page, camera: str, folder: Path) -> None:
    """By its key, and of another moment by its button; the picture is as large as the footage's, with a line below it."""
    with demo.client("audit") as auditor:
        opened = auditor.get("/audit", params={"act": "playback.open", "object": camera}).json()["items"]
    [number] = {one["ticket"] for one in opened if one["result"] == "allowed"}
    first = stands(page, lambda: shown_s(page))
    kept_still(page, demo, camera, number, folder, lambda: shown_s(page))
    page.get_by_test_id("tile-0-replay-place").focus()
    for _ in range(15):
        page.keyboard.press("ArrowRight")
    assert stands(page, lambda: shown_s(page)) > first + 1
    page.get_by_test_id("tile-0-snapshot").focus()
    kept_still(page, demo, camera, number, folder, lambda: shown_s(page), "Enter")
    shot(page, "replay-still")
    size = page.get_by_test_id("tile-0-replay").locator("video").evaluate("one => [one.videoWidth, one.videoHeight]")
    files = list(folder.glob("*.jpg"))
    assert len(files) == 2, "each bears the time of its picture"
    with av.open(str(files[0])) as still:
        [picture] = still.decode(video=0)
    assert picture.width == size[0] and picture.height > size[1] > 0


def test_the_minute_just_gone_by_is_replayed_in_its_tile_under_a_ticket(
    demo: Demo, page: Page, browser: Browser, tmp_path: Path
) -> None:
    camera, other = cameras_with_patches(demo, "H.264")[:2]
    recorded(demo, camera)
    sign_in(page, demo)
    page.get_by_test_id("layout-4").click()
    on_tile(page, 0, camera)
    on_tile(page, 1, other)
    tile = page.get_by_test_id("tile-0")

    # What is not recorded is told before anything is pressed, and nothing happens to its picture.
    expect(page.get_by_test_id("tile-1-replay-begin")).to_have_attribute("data-lack", "off")
    expect(page.get_by_test_id("tile-1-replay-begin")).to_have_attribute("title", re.compile("本摄像机未设录像"))
    page.keyboard.press("r")
    expect(page.get_by_text("设置录像计划后")).to_be_visible()
    expect(page.get_by_test_id("tile-1")).to_have_attribute("data-state", "playing")

    # In full screen too, where nothing beside the tile is seen.
    expect(page.get_by_text("设置录像计划后")).to_have_count(0)
    page.keyboard.press("f")
    expect(page.locator(":fullscreen")).to_have_attribute("data-testid", "tile-1")
    page.keyboard.press("r")
    expect(page.locator(":fullscreen").get_by_text("设置录像计划后")).to_be_visible()
    shot(page, "replay-lack-full")
    page.keyboard.press("f")
    expect(page.locator(":fullscreen")).to_have_count(0)

    # Without a ticket there is the rule and the way, and no footage.
    tile.click()
    expect(page.get_by_test_id("tile-0-replay-begin")).to_have_attribute("aria-disabled", "false")
    page.keyboard.press("r")
    pressed = time.time()
    replay = page.get_by_test_id("tile-0-replay")
    expect(replay).to_have_attribute("data-state", "refused")
    expect(replay).to_contain_text("需要已开立的使用单")
    expect(replay).to_contain_text("A1")
    assert replay.locator("video").evaluate("one => one.readyState") == 0
    page.keyboard.press("p")
    expect(page.get_by_text("此刻没有可截的画面")).to_be_visible()  # neither of the footage nor of what is live behind it
    shot(page, "replay-refused")
    assert faults(page) == []

    # The ticket is opened in place, in full screen too; what is shown is the minute before the key, not before the ticket.
    page.keyboard.press("f")
    expect(page.locator(":fullscreen")).to_have_attribute("data-testid", "tile-0")
    page.get_by_test_id("tile-0-replay-ticket").click()
    page.get_by_test_id("ticket-purpose").click()
    page.locator(".ant-select-dropdown:visible .ant-select-item-option", has_text="警情核实").click()
    expect(page.locator(".ant-select-dropdown:visible")).to_have_count(0)
    page.get_by_test_id("ticket-basis").click()
    page.locator(".ant-select-dropdown:visible .ant-select-item-option").first.click()
    page.get_by_test_id("ticket-case").fill("A5201022026113456")
    shot(page, "replay-ticket")
    page.get_by_test_id("make-ticket").click()
    expect(replay).to_have_attribute("data-state", "showing", timeout=60_000)
    wait_until(lambda: shown_s(page) > 0, seconds=60, what="a picture is shown")
    first = shown_s(page)
    assert pressed - 60 - SLOW_S < first < pressed, "it is of the minute before"
    wait_until(lambda: shown_s(page) > first + 1, seconds=60, what="it goes on")
    page.get_by_test_id("tile-0-replay-pause").click()  # it is short: it would end while it is looked at
    page.keyboard.press("f")
    expect(page.locator(":fullscreen")).to_have_count(0)
    expect(page.get_by_test_id("tile-0-replay-mark")).to_have_text(re.compile(r"回放 −\d+ s"))
    shot(page, "replay-shown")
    assert faults(page) == []

    still_of_a_replay(demo, page, camera, tmp_path)
    page.keyboard.press("+")
    expect(tile).to_have_attribute("data-scale", "1.25")
    assert "scale(1.25)" in (replay.locator("video").get_attribute("style") or "")
    page.keyboard.press("0")
    expect(replay.locator("video")).to_have_js_property("paused", value=True)

    def tells_its_own_time() -> bool:
        clock = f"{datetime.fromtimestamp(shown_s(page), UTC) + timedelta(hours=8):%Y-%m-%d %H:%M:%S}"
        return clock in replay.get_by_test_id("picture-time").inner_text()

    wait_until(tells_its_own_time, seconds=60, what="the picture's own time stands on it")
    page.keyboard.press("Escape")
    expect(replay).to_have_count(0)
    expect(tile).to_have_attribute("data-state", "playing", timeout=60_000)

    # Within its ticket it needs no word more, and at its end the live picture is back by itself.
    page.keyboard.press("r")
    expect(replay).to_have_attribute("data-state", "showing", timeout=60_000)
    page.get_by_test_id("tile-0-replay-place").focus()
    page.keyboard.press("End")
    expect(replay).to_have_count(0, timeout=60_000)
    expect(tile).to_have_attribute("data-state", "playing", timeout=60_000)

    # In the window of the spot monitor as well.
    window = page.context.new_page()
    window.goto(f"{demo.node['console']}spot")
    expect(window.get_by_test_id("spot-picture")).to_have_attribute("data-state", "playing", timeout=60_000)
    window.keyboard.press("r")
    expect(window.get_by_test_id("spot-picture-replay")).to_have_attribute("data-state", "showing", timeout=60_000)
    window.keyboard.press("Escape")
    expect(window.get_by_test_id("spot-picture")).to_have_attribute("data-state", "playing", timeout=60_000)

    with demo.client("audit") as auditor:
        told: list[tuple[str, str, bool]] = []

        def on_record() -> bool:
            items = auditor.get("/audit", params={"object": camera, "limit": 200}).json()["items"]
            told[:] = [(one["act"], one["result"], one["ticket"] != "") for one in items if one["act"].startswith("playback.")]
            return told.count(("playback.stop", "allowed", True)) == 3

        wait_until(on_record, seconds=60, what="the replays have ended on record")
    assert [one[:2] for one in told].count(("playback.open", "refused")) == 1, told
    assert told.count(("playback.open", "allowed", True)) == 3, told
    assert ("playback.show", "allowed", True) in told, "what was seen is on record, under the ticket"

    with at_desk(browser, demo, OPERATOR) as desk:
        on_tile(desk, 0, camera)
        expect(desk.get_by_test_id("tile-0-replay-begin")).to_have_attribute("data-lack", "right")
        desk.keyboard.press("r")
        expect(desk.get_by_text("值班员只看实时画面")).to_be_visible()
        expect(desk.get_by_test_id("tile-0")).to_have_attribute("data-state", "playing")
