"""Which pictures playback really paints: one a step, of all cameras the same moment, and key frames at speed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

import pytest
from playwright.sync_api import Page, expect

from tests.end_to_end.conftest import Demo, enter, running_demo, sign_in, wait_until
from tests.end_to_end.test_first_picture import cameras_with_patches
from tests.end_to_end.test_playback import choose, record, shown_s, stands, ticket
from tests.end_to_end.test_playback_journeys import fetch

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(400)]
STEPS = 25
"""Of twelve and a half pictures a second at most, over the border of a group of pictures at least."""
AT_ONCE = 7


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """A demo of its own: what is recorded outlasts a test."""
    with running_demo() as running:
        yield running


def step(page: Page, camera: str, key: str, before: float) -> float:
    """When the picture is of that stands after one step."""
    page.keyboard.press(key)
    wait_until(lambda: shown_s(page, camera) not in (0, before), seconds=60, what=f"a step from {before} with {key}")
    return stands(page, lambda: shown_s(page, camera))


@pytest.mark.usefixtures("china_now")
def test_each_step_shows_the_next_picture_and_the_other_camera_follows(demo: Demo, page: Page) -> None:
    cameras = cameras_with_patches(demo, "H.264")[:2]
    lead, other = cameras
    with demo.client() as client, demo.client("system") as keeper:
        began, _ = record(keeper, cameras)
        ticket(client, cameras, began)
    sign_in(page, demo)
    enter(page, "playback")
    choose(page, cameras)
    for camera in cameras:
        expect(page.get_by_test_id(f"lane-{camera}").get_by_test_id("span").first).to_be_attached()
    page.get_by_test_id(f"playback-{lead}").click()
    timeline = page.get_by_test_id("timeline")
    timeline.click(position={"x": 2, "y": 4})
    page.get_by_test_id("next-footage").click()
    timeline.focus()
    page.keyboard.press("Space")
    begun = float(wait_until(lambda: shown_s(page, lead), seconds=60, what="pictures are shown"))
    wait_until(lambda: shown_s(page, lead) > begun + 5, seconds=60, what="five seconds are played")
    page.keyboard.press("Space")
    expect(page.get_by_test_id("playback-clock")).to_have_attribute("data-playing", "false")

    back = [stands(page, lambda: shown_s(page, lead))]
    apart = []
    for _ in range(STEPS):
        back.append(step(page, lead, ",", back[-1]))
        apart.append(abs(shown_s(page, other) - back[-1]))
    between = [one - following for one, following in pairwise(back)]
    picture_s = median(between)
    assert 0.06 < picture_s < 0.12, between
    assert all(picture_s / 2 < one < picture_s * 1.6 for one in between), f"each picture, and none twice: {between}"
    assert max(apart) < 0.12, f"the other shows the same moment: {apart}"
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/step-1080.png")

    on = [back[-1]]
    for _ in range(STEPS):
        on.append(step(page, lead, ".", on[-1]))
    assert on == pytest.approx(back[::-1], abs=0.002), "the same pictures the other way"

    for _ in range(AT_ONCE):
        page.keyboard.press(",")
    wait_until(lambda: shown_s(page, lead) == pytest.approx(back[AT_ONCE], abs=0.002), seconds=60, what="every press counts")

    page.keyboard.press("r")
    wait_until(lambda: 0 < shown_s(page, lead) < back[AT_ONCE] - 1.5, seconds=60, what="time goes back by key frames")
    page.keyboard.press("r")
    page.keyboard.press("Space")
    expect(page.get_by_test_id("playback-clock")).to_have_attribute("data-playing", "false")
    stood = stands(page, lambda: shown_s(page, lead))
    assert stood - step(page, lead, ",", stood) == pytest.approx(picture_s, rel=0.6), "one picture after play backwards"


@pytest.mark.usefixtures("china_now")
def test_steps_go_over_midnight_and_leave_no_picture_out(demo: Demo, page: Page, china_now: datetime) -> None:
    camera = cameras_with_patches(demo, "H.264")[2]
    midnight = china_now.replace(hour=0, minute=0, second=0, microsecond=0)
    with demo.client() as client:
        ticket(client, [camera], midnight - timedelta(minutes=5))
        fetch(client, camera, midnight - timedelta(seconds=10), midnight + timedelta(seconds=10))
    sign_in(page, demo)
    enter(page, "playback")
    choose(page, [camera])
    day, timeline = page.get_by_test_id("playback-day"), page.get_by_test_id("timeline")
    expect(page.get_by_test_id(f"lane-{camera}").get_by_test_id("span").first).to_be_attached()
    timeline.click(position={"x": 2, "y": 4})
    page.get_by_test_id("last-footage").click()
    timeline.focus()
    here = stands(page, lambda: shown_s(page, camera))
    assert here - midnight.timestamp() < 0.2, "the first picture of the day, and not the first key frame"
    expect(day).to_have_value(f"{midnight:%Y-%m-%d}")
    back = [step(page, camera, ".", here)]
    while back[-1] > midnight.timestamp() - 0.4:
        back.append(step(page, camera, ",", back[-1]))
    between = [one - following for one, following in pairwise(back)]
    picture_s = median(between)
    assert 0.06 < picture_s < 0.12, between
    assert all(picture_s / 2 < one < picture_s * 1.6 for one in between), f"none left out: {between}"
    expect(day).to_have_value(f"{midnight - timedelta(days=1):%Y-%m-%d}")
    on = [back[-1]]
    while on[-1] < back[0] - 0.01:
        on.append(step(page, camera, ".", on[-1]))
    assert on == pytest.approx(back[::-1], abs=0.002), "the same pictures the other way"
    expect(day).to_have_value(f"{midnight:%Y-%m-%d}")
