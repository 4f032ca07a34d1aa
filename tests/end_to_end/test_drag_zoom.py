"""A box drawn on a dome's picture turns and zooms the dome; a fixed camera offers no such thing."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.end_to_end.conftest import Demo, sign_in, wait_until

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(300)]


def cameras(demo: Demo) -> list[dict[str, Any]]:
    """The demo's cameras."""
    with demo.client() as client:
        found: list[dict[str, Any]] = client.get("/cameras", params={"limit": 100, "status": "online"}).json()["items"]
    return found


def newest_zoom(demo: Demo, device: str) -> dict[str, int]:
    """The numbers of the newest drag zoom that the node sent, with `in` 1 or 0."""
    with demo.client("system") as client:
        items = client.get(f"/devices/{device}/trace").json()["items"]
    for message in reversed(items):
        found = re.search(r"<DragZoom(In|Out)>(.*?)</DragZoom", message["text"], re.DOTALL)
        if message["direction"] == "out" and found:
            return {"in": int(found[1] == "In"), **{name: int(value) for name, value in re.findall(r"<(\w+)>(\d+)<", found[2])}}
    return {}


def test_a_box_on_the_picture_zooms_and_a_double_click_turns(demo: Demo, page: Page) -> None:
    dome = next(camera for camera in cameras(demo) if "PTZ" in camera["name"])
    sign_in(page, demo)
    page.get_by_test_id("layout-1").click()
    page.get_by_test_id(f"camera-{dome['code']}").click()
    tile = page.get_by_test_id("tile-0")
    wait_until(lambda: tile.get_attribute("data-state") == "playing", seconds=60, what="the dome plays")
    box = tile.locator("video").bounding_box()
    assert box is not None
    scale = min(box["width"] / 640, box["height"] / 360)
    length, height = 640 * scale, 360 * scale
    left, top = box["x"] + (box["width"] - length) / 2, box["y"] + (box["height"] - height) / 2

    def draw(x: float, y: float, to_x: float, to_y: float) -> None:
        page.mouse.move(left + length * x, top + height * y)
        page.mouse.down()
        page.mouse.move(left + length * to_x, top + height * to_y, steps=4)
        assert page.get_by_test_id("zoom-box").is_visible()
        page.mouse.up()
        page.get_by_test_id("zoom-box").wait_for(state="detached")

    tile.hover()
    page.get_by_test_id("tile-0-zoom").click()
    draw(0.25, 0.25, 0.5, 0.5)
    wait_until(lambda: newest_zoom(demo, dome["device"]), seconds=60, what="the dome is told")
    told = newest_zoom(demo, dome["device"])
    wide, high = told["Length"], told["Width"]
    assert told["in"] == 1 and abs(wide - length) <= 1 and abs(high - height) <= 1
    assert abs(told["MidPointX"] - 0.375 * wide) <= 2 and abs(told["MidPointY"] - 0.375 * high) <= 2
    assert abs(told["LengthX"] - 0.25 * wide) <= 2 and abs(told["LengthY"] - 0.25 * high) <= 2
    assert page.get_by_test_id("tile-0-zoom").get_attribute("aria-pressed") == "false", "one box, then the toggle is up again"

    page.keyboard.down("Shift")
    draw(0.9, 0.9, 0.2, 0.2)
    page.keyboard.up("Shift")
    wait_until(lambda: newest_zoom(demo, dome["device"]).get("in") == 0, seconds=60, what="towards the upper left it zooms out")

    page.mouse.dblclick(left + length * 0.75, top + height * 0.25)
    wait_until(
        lambda: newest_zoom(demo, dome["device"]).get("LengthX") == wide, seconds=60, what="a double click turns without zooming"
    )
    assert abs(newest_zoom(demo, dome["device"])["MidPointX"] - 0.75 * wide) <= 2


def test_a_fixed_camera_has_no_zoom(demo: Demo, page: Page) -> None:
    fixed = next(camera for camera in cameras(demo) if camera["ptz_type"] == 3)
    sign_in(page, demo)
    page.get_by_test_id(f"camera-{fixed['code']}").click()
    wait_until(lambda: page.get_by_test_id("tile-0").get_attribute("data-state") == "playing", seconds=60, what="it plays")
    assert page.get_by_test_id("zoom-sheet").count() == page.get_by_test_id("tile-0-zoom").count() == 0
