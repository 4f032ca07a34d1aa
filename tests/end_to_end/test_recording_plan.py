"""A camera's recording plan on its page: by hours, seen as a week, really recorded, and off again."""

from __future__ import annotations

import os
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.end_to_end.conftest import Demo, sign_in
from tests.end_to_end.test_drag_zoom import cameras

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(300)]


def test_a_camera_is_recorded_by_hours_and_no_longer(demo: Demo, page: Page) -> None:
    camera: dict[str, Any] = next(one for one in cameras(demo) if "H.264" in one["name"] and "PTZ" not in one["name"])
    sign_in(page, demo, "system", at=f"cameras/{camera['code']}")
    card = page.get_by_test_id("recording-plan")
    expect(page.get_by_test_id("recording-state")).to_have_text("不录像")
    card.get_by_text("按时段", exact=True).click()
    expect(page.get_by_test_id("week-strip").locator("rect")).to_have_count(5)
    first = page.get_by_test_id("hours-0")
    start = first.get_by_label("开始,时:分".replace(",", "，").replace(":", "：")).or_(first.get_by_label("开始,时:分"))
    start.fill("25:00")
    expect(page.get_by_test_id("save-recording")).to_be_disabled()
    start.fill("00:00")
    end = first.get_by_label("结束,时:分".replace(",", "，").replace(":", "：")).or_(first.get_by_label("结束,时:分"))
    end.fill("24:00")
    for day in ("周六", "周日", "节假日"):
        first.get_by_label(day).check()
    expect(page.get_by_test_id("week-strip").locator("rect")).to_have_count(8)
    if folder := os.environ.get("FENGSUI_PICTURES"):
        card.screenshot(path=f"{folder}/recording-plan.png")
    page.get_by_test_id("save-recording").click()
    expect(page.get_by_test_id("recording-state")).to_have_text("● 正在录像", timeout=60_000)
    expect(card).to_contain_text("已落盘至", timeout=60_000)
    other = page.get_by_test_id("other-stream")
    other.get_by_text("按事件", exact=True).click()
    page.get_by_test_id("save-recording").click()
    expect(page.get_by_test_id("other-state")).to_have_text("◎ 待命,预录中".replace(",", "，"), timeout=60_000)
    expect(page.get_by_test_id("recording-state")).to_have_text("● 正在录像")
    if folder := os.environ.get("FENGSUI_PICTURES"):
        card.screenshot(path=f"{folder}/recording-two-streams.png")
    card.get_by_text("不录", exact=True).first.click()
    expect(card).to_contain_text("已有录像保留")
    page.get_by_test_id("save-recording").press("Enter")
    expect(page.get_by_test_id("recording-state")).to_have_text("不录像")
