"""Who looks, of which unit, and when, stands on every picture, also in full screen, and moves (A49); a refusal says why."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route

from tests.end_to_end.conftest import Demo, sign_in, wait_until
from tests.end_to_end.test_first_picture import cameras_with_patches, frames_of

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(240)]
TIME = r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}"
WAYS_OUT = """tile => {
  const video = tile.querySelector('video');
  return { small: video.disablePictureInPicture, controls: video.controls, remote: video.disableRemotePlayback,
           menu: video.dispatchEvent(new MouseEvent('contextmenu', { bubbles: true, cancelable: true })) };
}"""
FULL = "() => document.fullscreenElement?.dataset.testid ?? null"


def mark_in(tile: Locator) -> Locator:
    """The mark on this picture."""
    return tile.get_by_test_id("screen-mark").locator("span").first


def assert_marked(tile: Locator, names: list[str]) -> None:
    """Both copies name person, unit and time, lie on the picture, and can be seen."""
    frame = tile.bounding_box()
    spans = tile.get_by_test_id("screen-mark").locator("span")
    assert frame is not None and spans.count() == 2
    for number in range(2):
        text = spans.nth(number).inner_text()
        assert all(name in text for name in names) and re.search(TIME, text), text
        box = spans.nth(number).bounding_box()
        assert box is not None and box["x"] < frame["x"] + frame["width"] and box["y"] < frame["y"] + frame["height"]
        style = spans.nth(number).evaluate(
            "span => ({ opacity: +getComputedStyle(span).opacity, display: getComputedStyle(span).display })"
        )
        assert style["opacity"] >= 0.15 and style["display"] != "none"


def assert_moves(mark: Locator) -> None:
    """Wherever it stands, it stands elsewhere a while later."""
    before = mark.bounding_box()
    assert before is not None

    def elsewhere() -> bool:
        now = mark.bounding_box()
        return now is not None and abs(now["x"] - before["x"]) + abs(now["y"] - before["y"]) > 20

    wait_until(elsewhere, seconds=60, what="the mark moves")


def names_of(demo: Demo) -> list[str]:
    """Person and unit as the node knows them."""
    with demo.client() as client:
        user = client.get("/session").json()
    return [one for one in (user["full_name"] or user["name"], user["unit"]) if one]


def test_every_picture_bears_the_mark_also_in_full_screen(demo: Demo, page: Page) -> None:
    code, names = cameras_with_patches(demo, "H.264")[0], names_of(demo)
    sign_in(page, demo)
    page.get_by_test_id("layout-4").click()
    page.get_by_test_id(f"camera-{code}").click()
    tile = page.get_by_test_id("tile-0")
    wait_until(lambda: frames_of(page, 0) >= 5, seconds=60, what="the picture plays")
    assert_marked(tile, names)
    assert_moves(mark_in(tile))
    assert tile.evaluate(WAYS_OUT) == {"small": True, "controls": False, "remote": True, "menu": False}
    tile.click()
    page.keyboard.press("f")
    wait_until(lambda: page.evaluate(FULL) == "tile-0", seconds=60, what="the tile, not the video, fills the screen")
    assert_marked(tile, names)
    assert_moves(mark_in(tile))
    page.keyboard.press("f")
    wait_until(lambda: page.evaluate(FULL) is None, seconds=60, what="and gives it back")
    tile.hover()
    page.get_by_test_id("tile-0-full").click()
    wait_until(lambda: page.evaluate(FULL) == "tile-0", seconds=60, what="the button does the same")
    page.get_by_test_id("tile-0-full").click()
    wait_until(lambda: page.evaluate(FULL) is None, seconds=60, what="there and back")
    page.get_by_test_id("tile-0-details").click()
    picture = page.get_by_test_id("camera-picture")
    wait_until(lambda: int(picture.get_attribute("data-frames") or 0) >= 5, seconds=60, what="the camera's page plays")
    assert_marked(picture, names)
    page.keyboard.press("f")
    wait_until(lambda: page.evaluate(FULL) == "camera-picture", seconds=60, what="full screen on the camera's page")
    assert_marked(picture, names)
    page.keyboard.press("f")
    page.get_by_role("button", name="抓拍").click()
    page.get_by_test_id("still").wait_for()
    assert_marked(page.locator(".marked"), names)


FORGED = {"zh": "该媒体票据不是本节点签发的", "en": "The media ticket is not one of this node"}


@pytest.mark.parametrize("protocol", ["ws", "webrtc", "hls"])
def test_a_picture_that_the_media_port_refuses_says_so_on_its_tile(demo: Demo, page: Page, protocol: str) -> None:
    """The ticket is altered on its way to the browser; the node's own media port refuses it."""
    code = cameras_with_patches(demo, "H.264")[0]

    def alter(route: Route) -> None:
        answer = route.fetch()
        opened: dict[str, Any] = answer.json()
        for address in ("ws_fmp4", "webrtc", "hls"):
            opened[address] = opened[address][:-4] + "AAAA"
        route.fulfill(response=answer, body=json.dumps(opened))

    sign_in(page, demo)
    page.evaluate("protocol => localStorage.setItem('fengsui.protocol', protocol)", protocol)
    page.route(
        re.compile(rf"/api/v1/cameras/{code}/live$"),
        lambda route: alter(route) if route.request.method == "POST" else route.continue_(),
    )
    page.reload()
    page.get_by_test_id(f"camera-{code}").click()
    tile = page.get_by_test_id("tile-0")
    for language, sentence in FORGED.items():
        page.evaluate("language => localStorage.setItem('fengsui.language', language)", language)
        page.reload()
        wait_until(
            lambda sentence=sentence: sentence in tile.inner_text(), seconds=60, what=f"the refusal by {protocol} in {language}"
        )
        told = tile.inner_text()
        assert "media.ticket_forged" in told and "A7" in told
        assert tile.get_attribute("data-state") == "refused"
