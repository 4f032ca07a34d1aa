"""What is recorded of what was due: as a calendar on a camera's page, and by area on a page of its own, by keyboard too."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.end_to_end.conftest import Demo, enter, sign_in
from tests.end_to_end.test_accessibility import faults
from tests.end_to_end.test_drag_zoom import cameras

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(400)]


@pytest.fixture
def camera(demo: Demo) -> Iterator[str]:
    """One that is recorded while the test lasts."""
    code = str(next(one["code"] for one in cameras(demo) if "H.264" in one["name"] and "PTZ" not in one["name"]))
    with demo.client("system") as client:
        assert client.put(f"/cameras/{code}/recording-plan", json={"mode": "always"}).status_code == 200
    yield code
    with demo.client("system") as client:
        assert client.put(f"/cameras/{code}/recording-plan", json={"mode": "off"}).status_code == 200


def tabbed_to(page: Page, test_id: str) -> None:
    """The Tab key comes there from the top of the page."""
    page.locator("body").click(position={"x": 1, "y": 1})
    for _ in range(150):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement?.dataset.testid ?? ''") == test_id:
            return
    pytest.fail(f"the Tab key never comes to {test_id}")


def test_a_day_of_a_camera_and_of_its_area_is_seen_and_opened(demo: Demo, page: Page, china_now: datetime, camera: str) -> None:
    today, yesterday = f"{china_now:%Y-%m-%d}", f"{china_now - timedelta(days=1):%Y-%m-%d}"
    sign_in(page, demo, "system", at=f"cameras/{camera}")
    card = page.get_by_test_id("recorded-days")
    expect(page.get_by_test_id("recorded-share")).to_have_text(re.compile(r"近 30 天 [\d.]+%"), timeout=150_000)
    tabbed_to(page, f"day-{today}")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("recording-gaps")).to_contain_text(today)
    page.keyboard.press("ArrowLeft" if china_now.weekday() else "ArrowUp")
    if china_now.weekday():
        expect(page.get_by_test_id(f"day-{yesterday}")).to_be_focused()
        expect(page.get_by_test_id(f"day-{yesterday}")).to_have_attribute("aria-label", f"{yesterday}：无录像计划")
    if folder := os.environ.get("FENGSUI_PICTURES"):
        card.screenshot(path=f"{folder}/recorded-days.png")

    enter(page, "completeness")
    row = page.get_by_test_id(re.compile("^area-days-")).first
    expect(row).to_be_visible(timeout=150_000)
    cell = row.get_by_test_id(re.compile(f"-{today}$"))
    cell.click()
    expect(page.get_by_test_id("lacking")).to_contain_text(today)
    cell.press("ArrowLeft")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("lacking")).to_contain_text(yesterday)
    if folder := os.environ.get("FENGSUI_PICTURES"):
        page.screenshot(path=f"{folder}/completeness.png")


@pytest.mark.usefixtures("china_now", "camera")
def test_figures_say_what_is_kept_and_what_plays(demo: Demo, page: Page) -> None:
    sign_in(page, demo, "system", at="completeness")
    row = page.get_by_test_id("figures-all")
    expect(row.get_by_test_id("figure-kept")).to_contain_text("未满期", timeout=200_000)
    expect(row.get_by_test_id("figure-over")).to_contain_text("0%")
    expect(row.get_by_test_id("figure-playable")).to_contain_text(re.compile(r"100%\s*\d+ / \d+ 次"), timeout=250_000)
    expect(page.get_by_test_id("footage-figures")).to_contain_text("目标 98")
    if folder := os.environ.get("FENGSUI_PICTURES"):
        for width, height in ((1920, 1080), (1366, 768), (390, 844)):
            page.set_viewport_size({"width": width, "height": height})
            page.screenshot(path=f"{folder}/figures-{width}.png")
    assert not faults(page)
    with demo.client("audit") as auditor:
        noted = auditor.get("/audit", params={"act": "footage.check", "limit": 50}).json()["items"]
    assert noted and all("no picture is shown or kept" in one["detail"] or "moments tried" in one["detail"] for one in noted)
