"""A newcomer signs in, clicks four cameras, and sees moving pictures, by each protocol."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page

from tests.end_to_end.conftest import Demo, sign_in, wait_until

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(240)]

PATCH_COLOURS = {"red": (0xE0, 0x20, 0x20), "green": (0x20, 0xC0, 0x20), "blue": (0x20, 0x20, 0xE0), "yellow": (0xE0, 0xE0, 0x20)}
"""Burnt into the footage, 18 px squares from right edge minus 80, 8 px below the top."""
READ_PATCHES = """tile => {
  const video = tile.querySelector('video');
  const canvas = document.createElement('canvas');
  canvas.width = video.videoWidth; canvas.height = video.videoHeight;
  const context = canvas.getContext('2d');
  context.drawImage(video, 0, 0);
  return [0, 1, 2, 3].map(i => Array.from(context.getImageData(canvas.width - 80 + 18 * i + 9, 17, 1, 1).data.slice(0, 3)));
}"""


def cameras_with_patches(demo: Demo, codec: str) -> list[str]:
    """Codes of the demo's cameras that send the unaltered clips in `codec`."""
    with demo.client() as client:
        items = client.get("/cameras", params={"limit": 100, "status": "online"}).json()["items"]
    return [item["code"] for item in items if codec in item["name"] and "PTZ" not in item["name"]]


def frames_of(page: Page, tile: int) -> int:
    """Frames that the tile has presented so far (requestVideoFrameCallback)."""
    return int(page.get_by_test_id(f"tile-{tile}").get_attribute("data-frames") or 0)


def assert_right_colours(page: Page, tile: int) -> None:
    """The patches that are burnt into the footage have their colours on this tile."""
    seen = page.get_by_test_id(f"tile-{tile}").evaluate(READ_PATCHES)
    for (name, wanted), found in zip(PATCH_COLOURS.items(), seen, strict=True):
        assert all(abs(a - b) < 48 for a, b in zip(wanted, found, strict=True)), f"tile {tile}, {name}: {found}"


@pytest.mark.parametrize("protocol", ["ws", "webrtc", "hls"])
def test_four_cameras_play_on_the_wall(demo: Demo, page: Page, protocol: str) -> None:
    codes = cameras_with_patches(demo, "H.264")[:4]
    assert len(codes) == 4
    sign_in(page, demo)
    page.evaluate("protocol => localStorage.setItem('fengsui.protocol', protocol)", protocol)
    page.reload()
    page.get_by_test_id("layout-4").click()
    for code in codes:
        page.get_by_test_id(f"camera-{code}").click()
    for tile in range(4):
        wait_until(lambda tile=tile: frames_of(page, tile) >= 5, seconds=60, what=f"tile {tile} plays by {protocol}")
        assert page.get_by_test_id(f"tile-{tile}").get_attribute("data-protocol") == protocol
    before = [frames_of(page, tile) for tile in range(4)]
    for tile in range(4):
        wait_until(
            lambda tile=tile: frames_of(page, tile) >= before[tile] + 10, seconds=60, what=f"tile {tile} goes on by {protocol}"
        )
    for tile in range(4):
        assert_right_colours(page, tile)


def test_nine_and_sixteen_pictures_play_at_once(demo: Demo, page: Page) -> None:
    with demo.client() as client:
        items = client.get("/cameras", params={"q": "H.26", "limit": 16, "status": "online"}).json()["items"]
    codes = [item["code"] for item in items]
    assert len(codes) >= 10
    sign_in(page, demo)
    page.get_by_test_id("layout-9").click()
    for code in codes[:9]:
        page.get_by_test_id(f"camera-{code}").click()
    for tile in range(9):
        wait_until(lambda tile=tile: frames_of(page, tile) >= 5, seconds=60, what=f"tile {tile} of nine plays")
    before = [frames_of(page, tile) for tile in range(9)]
    page.keyboard.press("2")  # sixteen
    page.get_by_test_id("tile-15").wait_for()
    assert page.get_by_test_id(re.compile(r"^tile-\d+$")).count() == 16
    for code in codes[9:]:
        page.get_by_test_id(f"camera-{code}").click()
    for tile in range(len(codes)):
        wanted = before[tile] + 10 if tile < 9 else 5
        wait_until(
            lambda tile=tile, wanted=wanted: frames_of(page, tile) >= wanted, seconds=60, what=f"tile {tile} of sixteen plays"
        )
    playing = page.locator("[data-tile][data-state=playing]")
    wait_until(lambda: playing.count() == len(codes), seconds=60, what="all of them play at once")
    shown = playing.evaluate_all("tiles => tiles.map(tile => tile.dataset.camera)")
    assert sorted(shown) == sorted(codes)
