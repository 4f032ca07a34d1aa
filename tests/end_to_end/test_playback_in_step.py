"""Which pictures playback really paints: one a step, of all cameras the same moment, and key frames at speed."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from statistics import median

import pytest
from playwright.sync_api import Page, expect

from tests.end_to_end.conftest import Demo, running_demo, sign_in, wait_until
from tests.end_to_end.test_first_picture import cameras_with_patches
from tests.end_to_end.test_playback import choose, record, shown_s, stands, ticket
from tests.end_to_end.test_playback_journeys import fetch, past

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(400)]
STEPS = 25
"""Of twelve and a half pictures a second at most, over the border of a group of pictures at least."""
AT_ONCE = 7
WINDOWS = 6
"""A busy machine paints late at times: of so many stretches of thirty pictures one is to be in step."""


@pytest.fixture
def demo() -> Iterator[Demo]:
    """One for each test: footage and tickets of another would lie in what is played."""
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
    sign_in(page, demo, at="playback")
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
    sign_in(page, demo, at="playback")
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
    sought_over_midnight(demo, page, camera, midnight)


def sought_over_midnight(demo: Demo, page: Page, camera: str, midnight: datetime) -> None:
    """Changes of a place between times that are typed, with small pictures of either day."""
    since, until = midnight - timedelta(seconds=10), midnight + timedelta(seconds=10)
    page.keyboard.press("d")
    for _ in range(12):
        page.keyboard.press("Shift+ArrowRight")  # from the middle to the right, where vehicles pass
    page.get_by_test_id("changes-since").fill(f"{since:%Y-%m-%d %H:%M:%S}")
    page.get_by_test_id("changes-until").fill(f"{until:%Y-%m-%d %H:%M:%S}")
    page.get_by_test_id("find-changes").click()
    expect(page.get_by_test_id("changes")).to_have_attribute("data-state", "done", timeout=90_000)
    with demo.client("audit") as auditor:
        [begun] = auditor.get("/audit", params={"act": "footage.changes", "object": camera}).json()["items"]
    assert begun["range"] == f"main {since.timestamp():.0f}–{until.timestamp():.0f}", "both days"
    page.get_by_test_id("show-passing").click()
    changes = page.get_by_test_id("change")
    expect(changes.first).to_contain_text(f"{since:%m-%d} 23:59:5", timeout=10_000)
    for at in (0, changes.count() - 1):
        expect(changes.nth(at).get_by_test_id("small-picture").first).to_have_attribute("data-state", "picture")
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/sought-over-midnight.png")


PAINTED = """() => {
  window.painted = [];
  for (const [camera, video] of [...document.querySelectorAll('.playback-grid video')].entries()) {
    const take = (now, { mediaTime }) => {
      window.painted.push([now, camera, mediaTime]);
      video.requestVideoFrameCallback(take);
    };
    video.requestVideoFrameCallback(take);
  }
}"""
"""Notes each picture that is painted: when, by which camera, and when it is of (all are opened for the same time)."""


def painted(page: Page, pictures: int) -> list[tuple[float, int, float]]:
    """What is painted from now on, until each camera has painted so many pictures."""
    page.evaluate("() => { window.painted.length = 0; }")
    count = page.locator(".playback-grid video").count()
    enough = f"() => [...Array({count}).keys()].every((one) => window.painted.filter((it) => it[1] === one).length >= {pictures})"
    page.wait_for_function(enough, timeout=90_000)
    return [(now, camera, media) for now, camera, media in page.evaluate("() => window.painted")]


def skews(seen: list[tuple[float, int, float]], cameras: int) -> list[float]:
    """How far apart the pictures on screen are of, s, at each moment at which one is painted."""
    last: dict[int, float] = {}
    found = []
    for _, together in groupby(seen, key=lambda one: one[0]):
        last |= {camera: media for _, camera, media in together}
        if len(last) == cameras:
            found.append(max(last.values()) - min(last.values()))
    return found


@pytest.mark.usefixtures("china_now")
def test_all_cameras_are_played_in_lock_step(demo: Demo, page: Page) -> None:
    cameras = cameras_with_patches(demo, "H.264")[:9]
    assert len(cameras) >= 4
    since = past(30)
    with demo.client() as client:
        ticket(client, cameras, since)
        for camera in cameras:
            fetch(client, camera, since, since + timedelta(seconds=30))
    sign_in(page, demo, at="playback")
    choose(page, cameras)
    for camera in cameras:
        expect(page.get_by_test_id(f"lane-{camera}").get_by_test_id("span").first).to_be_attached()
    page.get_by_test_id("timeline").click(position={"x": 2, "y": 4})
    page.get_by_test_id("next-footage").click()
    page.evaluate(PAINTED)
    page.get_by_test_id("play").click()
    painted(page, 15)  # each has begun, and come to its time
    told = []
    for _ in range(WINDOWS):
        seen = painted(page, 30)
        of = [[media for _, camera, media in seen if camera == one] for one in range(len(cameras))]
        interval_s = max(median(following - one for one, following in pairwise(times)) for times in of)
        apart = sorted(skews(seen, len(cameras)))
        told.append((interval_s, apart[int(len(apart) * 0.95)]))
        if told[-1][1] <= interval_s * 1.01:
            break
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/in-step-1080.png")
    assert 0.06 < told[-1][0] < 0.12, f"at 1×, each picture is painted: {told}"
    assert told[-1][1] <= told[-1][0] * 1.01, f"within one frame interval: {told}"


@pytest.mark.usefixtures("china_now")
def test_fast_and_backward_play_go_at_their_speed_by_key_frames(demo: Demo, page: Page) -> None:
    camera = cameras_with_patches(demo, "H.264")[3]
    since = past(180)
    first, last = since, since + timedelta(minutes=3)
    with demo.client() as client:
        ticket(client, [camera], since)
        fetch(client, camera, first, last, seconds=200)
    sign_in(page, demo, at="playback")
    choose(page, [camera])
    expect(page.get_by_test_id(f"lane-{camera}").get_by_test_id("span").first).to_be_attached()
    timeline, clock = page.get_by_test_id("timeline"), page.get_by_test_id("playback-clock")
    timeline.click(position={"x": 2, "y": 4})
    page.get_by_test_id("next-footage").click()
    timeline.focus()
    page.evaluate(PAINTED)
    told = {}

    def runs(speed: int, seconds: float) -> None:
        """Plays so many recorded seconds at that speed."""
        sign = 1 if speed > 0 else -1
        began = shown_s(page, camera)
        wait_until(lambda: (shown_s(page, camera) - began) * sign > abs(speed) / 2, seconds=60, what=f"it runs at {speed}")
        page.evaluate("() => { window.painted.length = 0; }")
        begun, begun_s = shown_s(page, camera), time.monotonic()
        wait_until(
            lambda: (shown_s(page, camera) - begun) * sign > seconds, seconds=90, what=f"it goes on at {speed}", every_s=0.02
        )
        told[speed] = (shown_s(page, camera) - begun) / (time.monotonic() - begun_s)
        times = [media * 8 for _, _, media in page.evaluate("() => window.painted")]
        assert len(times) > 3
        assert min(following - one for one, following in pairwise(times)) > 0.5, f"key frames alone at {speed}: {times}"

    for _ in range(3):
        page.keyboard.press("+")  # 2, 4, 8
    page.keyboard.press("Space")
    runs(8, 25)
    page.keyboard.press("+")
    runs(16, 35)
    page.keyboard.press("+")
    runs(32, 60)
    page.keyboard.press("r")
    expect(clock).to_have_attribute("data-playing", "true")
    for _ in range(5):
        page.keyboard.press("+")  # -2, -4, -8, -16, -32
    runs(-32, 60)
    page.keyboard.press("-")
    runs(-16, 35)
    for speed, found in told.items():
        assert found == pytest.approx(speed, rel=0.3), told
