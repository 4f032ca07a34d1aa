"""Footage of a camera's sub-stream in the console's playback, alone and beside the main stream's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.end_to_end.conftest import Demo, running_demo, sign_in, wait_until
from tests.end_to_end.test_accessibility import faults
from tests.end_to_end.test_first_picture import cameras_with_patches
from tests.end_to_end.test_playback import choose, record, ticket

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(400)]
MAIN_PX, SUB_PX = 768, 384


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """What is recorded outlasts a test."""
    with running_demo() as running:
        yield running


@pytest.mark.usefixtures("china_now")
def test_what_the_sub_stream_alone_has_is_played_and_the_main_stream_where_both_have(demo: Demo, page: Page) -> None:
    [camera, *others] = cameras_with_patches(demo, "H.264")
    with demo.client() as client, demo.client("system") as keeper:
        began, _ = record(keeper, [camera], "sub")
        ticket(client, [camera], began)
        sign_in(page, demo, at="playback")
        choose(page, [camera])
        tile, lane, mark = (page.get_by_test_id(f"{what}-{camera}") for what in ("playback", "lane", "stream"))
        expect(lane.get_by_test_id("span").first).to_be_attached()
        page.get_by_test_id("timeline").click(position={"x": 2, "y": 4})
        page.get_by_test_id("next-footage").click()
        page.mouse.move(5, 5)
        expect(mark).to_have_text("子码流")
        assert mark.evaluate("one => one.checkVisibility({ opacityProperty: true })"), "without the pointer over it"
        expect(mark).to_have_attribute("data-stream", "sub")
        page.keyboard.press("Space")

        def plays(width: int) -> bool:
            shows = tile.get_attribute("data-state") == "showing"
            return shows and tile.locator("video").evaluate("one => one.videoWidth") == width

        wait_until(lambda: plays(SUB_PX), seconds=60, what="the sub-stream's pictures are shown")
        page.get_by_test_id("play").click()
        expect(lane.locator(".timeline-activity")).to_be_attached()
        page.get_by_text("10 分钟", exact=True).click()
        box = lane.get_by_test_id("span").first.bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        expect(page.get_by_test_id("pointer-picture")).to_have_attribute("data-state", "picture")
        assert not faults(page)

        record(keeper, [camera])
        expect(lane.get_by_test_id("span").nth(1)).to_be_attached()
        page.get_by_test_id("next-footage").click()
        expect(mark).to_have_attribute("data-stream", "main")
        wait_until(lambda: plays(MAIN_PX), seconds=60, what="the main stream where it has footage")
        mark.click()
        expect(mark).to_have_attribute("data-stream", "sub")
        expect(mark).to_have_attribute("aria-pressed", "true")
        expect(tile).to_have_attribute("data-state", "over")
        page.get_by_test_id("last-footage").click()
        wait_until(lambda: plays(SUB_PX), seconds=60, what="the chosen stream stays through a seek")
        mark.click()
        expect(mark).to_have_attribute("data-stream", "sub")
        expect(mark).to_have_attribute("aria-pressed", "false")
        expect(lane.get_by_test_id("span").nth(1)).to_be_attached()

        beside = [*others, *cameras_with_patches(demo, "H.265")]
        record(keeper, [camera], beside=True)
        expect(lane.get_by_test_id("span").nth(2)).to_be_attached()
        choose(page, beside[:3])
        both = lane.get_by_test_id("span").last.bounding_box()
        line = page.get_by_test_id("timeline").bounding_box()
        assert both is not None and line is not None
        at = {"x": both["x"] + both["width"] / 2 - line["x"], "y": line["height"] - 3}
        page.get_by_test_id("timeline").click(position=at)
        expect(mark).to_have_attribute("data-stream", "main")
        wait_until(lambda: plays(MAIN_PX), seconds=60, what="four are looked at closely")
        choose(page, beside[3:4])
        expect(page.locator(".playback-grid video")).to_have_count(5)
        expect(mark).to_have_attribute("data-stream", "sub")
        wait_until(lambda: plays(SUB_PX), seconds=60, what="a small tile of five plays the sub-stream")
        mark.click()
        expect(mark).to_have_attribute("data-stream", "main")
        wait_until(lambda: plays(MAIN_PX), seconds=60, what="and the main stream where somebody wants it")
        mark.click()
        page.get_by_test_id(f"camera-{beside[3]}").click()
        expect(mark).to_have_attribute("data-stream", "main")
        wait_until(lambda: plays(MAIN_PX), seconds=60, what="four are looked at closely again")
    with demo.client("audit") as auditor:
        opened = auditor.get("/audit", params={"act": "playback.open"}).json()["items"]
        assert {one["range"].split()[0] for one in opened if one["object"] == camera} == {"main", "sub"}
