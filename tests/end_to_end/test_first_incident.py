"""The guide's first incident: a person works on it at the desk; the demonstration's simulated phone answers and drives there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.end_to_end.conftest import Demo, running_demo, sign_in, wait_until
from tests.end_to_end.test_accessibility import faults

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(400)]
BUTTON, CAR, ON_FOOT = "停车场岗亭紧急按钮", "巡逻 101", "巡逻 102"
DRIVE_MS = 240_000


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """As it is started: it rings, and its patrols are on the street."""
    with running_demo() as running:
        yield running


def shot(page: Page, name: str) -> None:
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png")


def place_of(demo: Demo, sign: str) -> tuple[float, float] | None:
    with demo.client() as desk:
        units: list[dict[str, Any]] = desk.get("/units").json()["items"]
    one = next(unit for unit in units if unit["call_sign"] == sign)
    return None if one["longitude"] is None else (one["longitude"], one["latitude"])


def test_the_demonstration_rings_and_its_patrol_drives_to_the_place(demo: Demo, page: Page) -> None:
    began = {
        one: wait_until(lambda one=one: place_of(demo, one), seconds=60, what=f"{one} says where it is") for one in (CAR, ON_FOOT)
    }
    for sign, place in began.items():
        wait_until(lambda sign=sign, place=place: place_of(demo, sign) != place, seconds=60, what=f"{sign} moves")
    sign_in(page, demo, at="alarms")
    row = page.locator(".queue-row", has_text=BUTTON)
    row.first.wait_for()
    row.first.click()
    acts = page.get_by_test_id("alarm-acts")
    expect(acts).to_have_attribute("data-turn", "take")
    page.get_by_test_id("alarm-picture").first.wait_for()
    page.keyboard.press("Enter")
    expect(acts).to_have_attribute("data-turn", "verify")
    page.keyboard.press("1")
    page.get_by_test_id("open-incident").wait_for()
    page.keyboard.press("i")
    expect(page.get_by_test_id("incident-position")).not_to_have_value("")
    page.get_by_test_id("incident-place").press("Enter")
    chosen = page.get_by_test_id("incident-chosen")
    expect(chosen).to_have_attribute("data-state", "taken")
    page.keyboard.press("1")
    expect(chosen).to_have_attribute("data-state", "verified")

    page.keyboard.press("d")
    first = page.get_by_test_id("proposals").get_by_role("radio").first
    expect(first).to_contain_text(CAR)
    first.click()
    shot(page, "first-incident-send")
    page.get_by_test_id("sure").click()
    task = page.locator("article[data-state]")
    expect(task).to_have_attribute("data-state", "on_the_way", timeout=DRIVE_MS)
    out = page.get_by_test_id("units-out-map")
    expect(out).to_have_attribute("data-units", "1")
    before = out.get_attribute("data-at") or ""
    expect(out).not_to_have_attribute("data-at", before)
    assert faults(page) == []
    out.scroll_into_view_if_needed()
    shot(page, "first-incident-way")
    expect(task).to_have_attribute("data-state", "arrived", timeout=DRIVE_MS)
    expect(task).to_have_attribute("data-state", "done", timeout=DRIVE_MS)
    expect(task.get_by_test_id("task-feedback")).to_contain_text("未见异常")
    expect(out).to_have_count(0)

    page.keyboard.press("3")
    expect(chosen).to_have_attribute("data-state", "controlled")
    page.keyboard.press("c")
    page.get_by_test_id("word-handled").click()
    page.get_by_test_id("note").fill("已到场查看")
    page.get_by_test_id("sure").click()
    expect(chosen).to_have_attribute("data-state", "closed")
    lines = page.get_by_test_id("incident-timeline")
    for words in ("patrol-1", CAR):
        expect(lines).to_contain_text(words)
