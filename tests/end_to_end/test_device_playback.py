"""A device's own recording in the console: on the timeline, played, paused, sought and sped up, under a use ticket."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.end_to_end.conftest import Demo, running_demo, sign_in, wait_until
from tests.end_to_end.test_accessibility import faults
from tests.end_to_end.test_first_picture import cameras_with_patches
from tests.end_to_end.test_playback import choose, shown_s, ticket

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """Its cameras and its recorder have recorded a day themselves; the node has nothing."""
    with running_demo() as running:
        yield running


def frames(page: Page, camera: str) -> int:
    """Pictures that the tile has shown."""
    video = page.get_by_test_id(f"playback-{camera}").locator("video")
    return int(video.evaluate("one => one.getVideoPlaybackQuality().totalVideoFrames"))


def passes(page: Page, camera: str, seconds: float) -> float:
    """Awaits so much more of the recording; how long that took."""
    began, before = datetime.now(UTC), shown_s(page, camera)
    wait_until(lambda: shown_s(page, camera) >= before + seconds, seconds=60, what="it goes on")
    return (datetime.now(UTC) - began).total_seconds()


@pytest.mark.usefixtures("china_now")
def test_what_a_device_recorded_is_played_and_steered(demo: Demo, page: Page) -> None:
    [camera, *_] = cameras_with_patches(demo, "H.264")
    since = datetime.now(UTC) - timedelta(minutes=50)
    with demo.client() as client:
        ticket(client, [camera], since)
    sign_in(page, demo, at="playback")
    choose(page, [camera])
    tile, lane = page.get_by_test_id(f"playback-{camera}"), page.get_by_test_id(f"lane-{camera}")
    source = page.get_by_test_id(f"source-{camera}")
    expect(source).to_have_attribute("aria-pressed", "false")
    source.click()
    expect(lane.locator(".of-device").first).to_be_attached()
    assert not faults(page)
    page.get_by_test_id("last-footage").click()
    page.get_by_test_id("timeline").focus()
    page.keyboard.press("Space")
    wait_until(lambda: shown_s(page, camera) > 0 and frames(page, camera) > 5, seconds=60, what="pictures are shown")
    begun = shown_s(page, camera)
    assert since.timestamp() - 3 < begun < datetime.now(UTC).timestamp()
    expect(tile).to_have_attribute("data-state", "showing")
    passes(page, camera, 3)

    page.keyboard.press("Space")
    expect(page.get_by_test_id("playback-clock")).to_have_attribute("data-playing", "false")
    seen: list[int] = []

    def stands() -> bool:
        page.wait_for_timeout(500)
        seen.append(frames(page, camera))
        return len(seen) > 2 and seen[-1] == seen[-2] == seen[-3]

    wait_until(stands, seconds=60, what="the picture stands")
    stood = shown_s(page, camera)
    page.keyboard.press("Space")
    wait_until(lambda: frames(page, camera) > seen[-1] + 5, seconds=60, what="it goes on")
    assert shown_s(page, camera) - stood < 20, "from where it stood"

    before = shown_s(page, camera)
    page.keyboard.press("Shift+ArrowRight")
    wait_until(lambda: shown_s(page, camera) > before + 50, seconds=60, what="a minute on")
    expect(tile).to_have_attribute("data-state", "showing")
    for _ in range(2):
        page.keyboard.press("+")
    wait_until(lambda: passes(page, camera, 12) < 8, seconds=90, what="it is played faster than the clock")
    expect(tile.get_by_test_id("picture-time")).to_be_visible()
    with demo.client("audit") as auditor:
        opened = auditor.get("/audit", params={"act": "playback.open"}).json()["items"]
        assert any(one["object"] == camera and "device" in one["range"] for one in opened), opened

    source.click()
    expect(source).to_have_attribute("aria-pressed", "false")
    expect(lane.locator(".of-device")).to_have_count(0)

    def steered() -> set[str]:
        with demo.client("audit") as auditor:
            items = auditor.get("/audit", params={"act": "playback.control"}).json()["items"]
        return {one["detail"].split()[0] for one in items if one["object"] == camera}

    wait_until(lambda: steered() >= {"pause", "play", "seek", "speed"}, seconds=30, what="what it was told is on record")
