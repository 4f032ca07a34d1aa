"""A camera on event: its plan set by form, armed, recorded at once from a live tile with a reason, and armed again by itself."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.end_to_end.conftest import Demo, running_demo, sign_in
from tests.end_to_end.test_accessibility import faults
from tests.end_to_end.test_first_picture import cameras_with_patches
from tests.end_to_end.test_instant_replay import on_tile

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(400)]
SIZES = ((1366, 768), (1920, 1080))
REASON = "门口有人斗殴"


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """A demo of its own: what is recorded outlasts a test."""
    with running_demo() as running:
        yield running


def shot(page: Page, name: str) -> None:
    """For whoever wants to look: SHOTS names a folder."""
    if folder := os.environ.get("SHOTS"):
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            page.screenshot(path=Path(folder) / f"{name}-{width}.png")


def test_a_camera_is_armed_by_its_plan_and_recorded_at_once_from_its_live_tile(demo: Demo, page: Page, browser: Browser) -> None:
    camera = cameras_with_patches(demo, "H.264")[0]
    sign_in(page, demo, "system", at=f"cameras/{camera}")
    card = page.get_by_test_id("recording-plan")
    card.get_by_text("按事件", exact=True).click()
    card.get_by_label("事件前").fill("5")
    card.get_by_label("最后一次事件后").fill("20")
    card.scroll_into_view_if_needed()
    shot(page, "event-form")
    card.get_by_label("最后一次事件后").press("Tab")
    expect(page.get_by_test_id("save-recording")).to_be_enabled()
    page.get_by_test_id("save-recording").press("Enter")
    state = page.get_by_test_id("recording-state")
    expect(state).to_have_attribute("data-state", "armed", timeout=60_000)
    expect(state).to_have_text("◎ 待命，预录中")
    expect(card).to_contain_text("预录")
    assert not faults(page), "a plan on event can be set by whoever does not see it"
    shot(page, "event-armed")

    watching = browser.new_context(locale="zh-CN", viewport={"width": 1366, "height": 768})
    wall = watching.new_page()
    sign_in(wall, demo)
    wall.get_by_test_id("layout-4").click()
    on_tile(wall, 0, camera)
    button = wall.get_by_test_id("tile-0-record")
    wall.get_by_test_id("tile-0").hover()
    expect(button).to_have_attribute("aria-pressed", "false")
    button.focus()
    button.press("Enter")
    dialog = wall.get_by_role("dialog")
    expect(dialog).to_contain_text("连同此前 5 秒一起录下")
    expect(dialog.get_by_test_id("sure")).to_be_disabled()
    expect(dialog.get_by_test_id("reason")).to_be_focused()
    shot(wall, "event-asking")
    wall.keyboard.type(REASON)
    dialog.get_by_test_id("sure").press("Enter")
    expect(dialog).to_be_hidden()
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(wall.get_by_text("已开始录像")).to_be_visible()
    shot(wall, "event-tile")

    expect(state).to_have_attribute("data-state", "event", timeout=20_000)
    expect(page.get_by_test_id("recording-cause")).to_contain_text("人工启动")
    shot(page, "event-recording")
    expect(state).to_have_attribute("data-state", "armed", timeout=60_000)
    expect(card).to_contain_text("已落盘至")
    expect(button).to_have_attribute("aria-pressed", "false", timeout=30_000)
    with demo.client("system") as keeper:
        plan = keeper.get(f"/cameras/{camera}/recording-plan").json()
        assert plan["event"] is None and datetime.fromisoformat(plan["safe_until"]) > datetime.fromisoformat(plan["since"])
    with demo.client("audit") as auditor:
        (act,) = [one for one in auditor.get("/audit", params={"act": "recording.now"}).json()["items"]]
    assert (act["object"], act["result"], act["detail"]) == (camera, "allowed", f"20 s: {REASON}")
    watching.close()
