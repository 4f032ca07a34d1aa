"""The journey "find a camera by pinyin and watch it", by keyboard alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.end_to_end.conftest import Demo, sign_in

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(300)]


def test_a_camera_is_found_by_pinyin_and_watched(demo: Demo, page: Page) -> None:
    sign_in(page, demo)
    found = page.get_by_test_id("camera-tree").locator(".leaf")
    for typed in ("sflydsl", "shifulu", "sf路", "dousilk"):
        page.keyboard.press("/")
        page.get_by_test_id("camera-search").fill("")
        page.keyboard.type(typed)
        expect(found.first).to_contain_text("市府路与都司路口")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    picture = page.get_by_test_id("tile-0").locator("video")
    expect(picture).to_have_js_property("paused", False)
    expect(picture).not_to_have_js_property("videoWidth", 0)
