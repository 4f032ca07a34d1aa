"""A small tile shows the camera's sub stream, a large one its main stream, and the operator may say otherwise."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.end_to_end.conftest import Demo, sign_in, wait_until
from tests.end_to_end.test_first_picture import cameras_with_patches, frames_of

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(180)]


def test_a_tile_takes_the_stream_that_its_size_is_worth_and_the_operator_another(demo: Demo, page: Page) -> None:
    code = cameras_with_patches(demo, "H.264")[0]
    sign_in(page, demo)
    page.get_by_test_id("layout-16").click()
    page.get_by_test_id(f"camera-{code}").click()
    tile, shown = page.get_by_test_id("tile-0"), page.get_by_test_id("tile-0-shown")

    def plays(stream: str, width: int) -> bool:
        """Whether the tile shows pictures of that stream, as wide as the stream is."""
        moves = tile.get_attribute("data-stream") == stream and frames_of(page, 0) >= 5
        return moves and tile.locator("video").evaluate("video => video.videoWidth") == width

    wait_until(lambda: plays("sub", 384), seconds=90, what="a small tile shows the sub stream")
    assert shown.inner_text() == "子码流（自动）"
    page.keyboard.press("s")
    wait_until(lambda: plays("main", 768), seconds=90, what="key S: the main stream")
    assert shown.inner_text() == "主码流"
    tile.hover(position={"x": 6, "y": 100})  # where the menu will not lie: what lies under the pointer is chosen as well
    page.get_by_test_id("tile-0-stream").focus()
    page.keyboard.press("Enter")
    page.get_by_role("menuitem", name="自动").wait_for()
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    wait_until(lambda: plays("sub", 384), seconds=90, what="by size again, chosen from the menu by keyboard")
    assert shown.inner_text() == "子码流（自动）"
    page.get_by_test_id("tile-0-stream").click()
    page.get_by_role("menuitem", name="主码流").click()
    wait_until(lambda: plays("main", 768), seconds=90, what="the main stream from the menu")
    page.keyboard.press("s")
    wait_until(lambda: plays("sub", 384), seconds=90, what="and the sub stream whatever the size")
    assert shown.inner_text() == "子码流"
    page.keyboard.press("s")
    page.get_by_test_id("layout-1").click()
    wait_until(lambda: plays("main", 768), seconds=90, what="a large tile shows the main stream")
    assert shown.inner_text() == "主码流（自动）"
