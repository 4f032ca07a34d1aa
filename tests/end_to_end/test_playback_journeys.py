"""What an investigator meets in playback: midnight, damaged footage, and a recording that only the device has."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from playwright.sync_api import Page, expect

from fengsui.simulators.recordings import half_hours
from tests.end_to_end.conftest import CHINA, Demo, enter, running_demo, sign_in, wait_until
from tests.end_to_end.test_accessibility import faults
from tests.end_to_end.test_first_picture import cameras_with_patches
from tests.end_to_end.test_playback import choose, record, shown_s, ticket

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(400)]
BEFORE_S, AFTER_S = 12, 20
AGO_S = 50 * 60
FLIPPED = 200
"""Bytes into the pictures of a fragment: within their data, and not in what says how long it is."""


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """Its cameras have recorded a day themselves; what the node records or fetches outlasts a test."""
    with running_demo() as running:
        yield running


def fetch(client: httpx.Client, camera: str, since: datetime, until: datetime, seconds: float = 120) -> None:
    """Footage of a time that is past: what the device recorded becomes the node's."""
    body = {"from": since.isoformat(), "to": until.isoformat()}
    day = {"day": f"{since.astimezone(CHINA):%Y-%m-%d}"}
    before = len(client.get(f"/cameras/{camera}/recording-fills", params=day).json()["items"])
    asked = client.post(f"/cameras/{camera}/device-recordings/fetch", json=body)
    assert asked.status_code == 202, asked.text

    def done() -> bool:
        items = client.get(f"/cameras/{camera}/recording-fills", params=day).json()["items"]
        return len(items) > before and all(one["why"] == "filled" for one in items)

    wait_until(done, seconds=seconds, what="it is fetched")


def past(seconds: float) -> datetime:
    """A while ago, and recorded from then on for so long: a device's recordings have gaps now and then (`half_hours`)."""
    now = datetime.now(UTC).timestamp()
    spans = list[tuple[float, float]]()
    for file in half_hours(now):
        joined = bool(spans) and spans[-1][1] == file.since
        spans[-1:] = [(spans[-1][0], file.until)] if joined else [*spans[-1:], (file.since, file.until)]
    fitting = [min(now - AGO_S, until - seconds) for since, until in spans if since <= min(now - AGO_S, until - seconds)]
    return datetime.fromtimestamp(fitting[-1], UTC)


@pytest.mark.usefixtures("china_now")
def test_play_goes_on_over_midnight_and_the_timeline_with_it(demo: Demo, page: Page, china_now: datetime) -> None:
    camera = cameras_with_patches(demo, "H.264")[0]
    midnight = china_now.replace(hour=0, minute=0, second=0, microsecond=0)
    with demo.client() as client:
        ticket(client, [camera], midnight - timedelta(minutes=5))
        fetch(client, camera, midnight - timedelta(seconds=BEFORE_S), midnight + timedelta(seconds=AFTER_S))
    yesterday, today = f"{midnight - timedelta(days=1):%Y-%m-%d}", f"{midnight:%Y-%m-%d}"
    sign_in(page, demo, at="playback")
    choose(page, [camera])
    day, timeline = page.get_by_test_id("playback-day"), page.get_by_test_id("timeline")
    timeline.click(position={"x": 2, "y": 4})
    page.get_by_test_id("last-footage").click()  # over midnight, as seen from today
    timeline.focus()
    for _ in range(2):
        page.keyboard.press("ArrowLeft")
    expect(day).to_have_value(yesterday)
    page.get_by_test_id("next-footage").click()
    page.get_by_test_id("play").click()
    tile = page.get_by_test_id(f"playback-{camera}")
    wait_until(lambda: 0 < shown_s(page, camera) < midnight.timestamp(), seconds=60, what="yesterday's pictures are shown")
    wait_until(lambda: shown_s(page, camera) > midnight.timestamp() + 5, seconds=90, what="it goes on into the next day")
    expect(day).to_have_value(today)
    expect(timeline).to_have_attribute("aria-valuemin", str(int(midnight.timestamp())))
    expect(tile.get_by_test_id("picture-time")).to_contain_text(f"{today} 00:00:")
    expect(page.get_by_test_id("playback-clock")).to_have_attribute("data-playing", "true")


@pytest.mark.usefixtures("china_now")
def test_a_gap_over_midnight_is_jumped_beside_a_camera_that_is_not_decoded(demo: Demo, page: Page, china_now: datetime) -> None:
    camera, dark = cameras_with_patches(demo, "H.264")[4], cameras_with_patches(demo, "H.265")[0]
    midnight = china_now.replace(hour=0, minute=0, second=0, microsecond=0)
    late, early = midnight - timedelta(minutes=30), midnight + timedelta(minutes=20)
    ended = late + timedelta(seconds=BEFORE_S)
    with demo.client() as client:
        ticket(client, [camera, dark], midnight - timedelta(hours=1))
        fetch(client, camera, late, ended)
        fetch(client, dark, late, late + timedelta(seconds=3 * BEFORE_S))
        fetch(client, camera, early, early + timedelta(seconds=AFTER_S))
    yesterday, today = f"{midnight - timedelta(days=1):%Y-%m-%d}", f"{midnight:%Y-%m-%d}"
    sign_in(page, demo, at="playback")
    choose(page, [camera, dark])
    day, timeline, clock = (page.get_by_test_id(one) for one in ("playback-day", "timeline", "playback-clock"))
    timeline.click(position={"x": 2, "y": 4})
    timeline.focus()
    for _ in range(4):
        page.keyboard.press("Shift+ArrowLeft")  # to before midnight, wherever the click went
    expect(day).to_have_value(yesterday)
    expect(page.get_by_test_id(f"lane-{dark}").get_by_test_id("span").first).to_be_attached()
    page.get_by_test_id("last-footage").click()
    page.get_by_test_id("play").click()
    wait_until(lambda: late.timestamp() - 3 < shown_s(page, camera) < ended.timestamp(), seconds=60, what="the evening is shown")
    expect(page.get_by_test_id(f"playback-{dark}")).to_have_attribute("data-state", "undecoded")
    seen: list[float] = []

    def beyond() -> bool:
        seen.append(shown_s(page, camera))
        return seen[-1] > early.timestamp() + 3

    wait_until(beyond, seconds=90, what="it goes on with the next day's first footage")
    assert all(one < ended.timestamp() + 3 or one > early.timestamp() - 3 for one in seen), "and shows nothing between"
    expect(day).to_have_value(today)
    expect(timeline).to_have_attribute("aria-valuemin", str(int(midnight.timestamp())))
    expect(clock).to_have_attribute("data-playing", "true")
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/gap-1080.png")
        page.set_viewport_size({"width": 1366, "height": 768})
        page.screenshot(path=f"{folder}/gap-768.png")
    page.keyboard.press("r")
    wait_until(lambda: 0 < shown_s(page, camera) < ended.timestamp() + 3, seconds=90, what="and back the same way")
    expect(day).to_have_value(yesterday)


@pytest.mark.usefixtures("china_now")
def test_damaged_footage_is_told_on_picture_and_timeline_and_play_goes_on(demo: Demo, page: Page) -> None:
    camera = cameras_with_patches(demo, "H.264")[1]
    with demo.client() as client, demo.client("system") as keeper:
        began, ended = record(keeper, [camera])
        ticket(client, [camera], began)
    [path] = [one for one in demo.folder.rglob("*.mp4") if camera in str(one)]
    octets = bytearray(path.read_bytes())
    parts = [found.start() for found in re.finditer(b"mdat", octets)]
    middle = parts[len(parts) // 2] + FLIPPED
    octets[middle : middle + FLIPPED] = bytes(one ^ 0xFF for one in octets[middle : middle + FLIPPED])
    with path.open("r+b") as file:
        file.write(octets)

    sign_in(page, demo, at="playback")
    choose(page, [camera])
    lane = page.get_by_test_id(f"lane-{camera}")
    expect(lane.get_by_test_id("span").first).to_be_attached()
    expect(lane.get_by_test_id("damaged")).to_have_count(0)
    page.get_by_test_id("timeline").click(position={"x": 2, "y": 4})
    page.get_by_test_id("next-footage").click()
    page.get_by_test_id("play").click()
    passed = page.get_by_test_id(f"passed-{camera}")
    expect(passed).to_contain_text("已跳过损坏的录像", timeout=90_000)
    told = lane.get_by_test_id("damaged")
    expect(told).to_have_count(1)
    expect(told).to_have_attribute("title", re.compile(r"\d\d:\d\d:\d\d.* 录像已损坏"))
    page.mouse.move(5, 5)
    assert not faults(page)
    behind = shown_s(page, camera)
    wait_until(lambda: shown_s(page, camera) > max(behind, ended.timestamp() - 2), seconds=90, what="what lies behind is played")
    expect(told).to_be_attached()


@pytest.mark.usefixtures("china_now")
def test_what_is_marked_is_repeated_until_one_goes_elsewhere(demo: Demo, page: Page) -> None:
    camera = cameras_with_patches(demo, "H.264")[1]
    with demo.client() as client, demo.client("system") as keeper:
        began, _ = record(keeper, [camera])
        ticket(client, [camera], began)
    sign_in(page, demo, at="playback")
    choose(page, [camera])
    timeline, loop, play = (page.get_by_test_id(one) for one in ("timeline", "loop", "play"))
    expect(page.get_by_test_id(f"lane-{camera}").get_by_test_id("span").first).to_be_attached()
    timeline.click(position={"x": 2, "y": 4})
    page.get_by_test_id("next-footage").click()
    timeline.focus()
    page.keyboard.press("i")
    play.click()
    wait_until(lambda: shown_s(page, camera) > 0, seconds=60, what="pictures are shown")
    marked = shown_s(page, camera)
    wait_until(lambda: shown_s(page, camera) > marked + 3, seconds=60, what="three seconds are played")
    play.click()
    timeline.focus()
    page.keyboard.press("o")
    expect(page.get_by_test_id("timeline-clip")).to_be_attached()
    page.keyboard.press("l")
    expect(loop).to_have_attribute("aria-pressed", "true")
    play.click()
    for _ in range(2):
        wait_until(lambda: shown_s(page, camera) < marked + 1, seconds=60, what="it begins anew")
        wait_until(lambda: shown_s(page, camera) > marked + 2, seconds=60, what="and goes to its end")
    timeline.focus()
    page.keyboard.press("Shift+ArrowLeft")
    expect(loop).to_have_attribute("aria-pressed", "false")


@pytest.mark.usefixtures("china_now")
def test_a_marked_time_is_fetched_to_the_node_and_played_as_from_the_device(demo: Demo, page: Page) -> None:
    camera = cameras_with_patches(demo, "H.264")[2]
    since = past(60)
    with demo.client() as client:
        ticket(client, [camera], since)
    sign_in(page, demo, at="playback")
    choose(page, [camera])
    tile, lane, source = (page.get_by_test_id(f"{what}-{camera}") for what in ("playback", "lane", "source"))
    timeline, clock = page.get_by_test_id("timeline"), page.get_by_test_id("playback-clock")
    source.click()
    expect(lane.locator(".of-device").first).to_be_attached()
    page.get_by_test_id("last-footage").click()
    # The device leads its own clock while it plays: what is marked has to lie where it stands.
    expect(tile).to_have_attribute("data-state", "showing", timeout=60_000)
    page.get_by_test_id("open-clips").click()
    expect(page.get_by_test_id("fetch-here")).to_be_visible()
    expect(page.get_by_test_id("fetch-ask")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("fetch-here")).to_have_count(0)
    timeline.focus()
    page.keyboard.press("i")
    before = clock.inner_text()
    page.keyboard.press("ArrowRight")
    expect(clock).not_to_have_text(before)
    page.keyboard.press("o")
    expect(page.get_by_test_id("timeline-clip")).to_be_attached()
    page.keyboard.press("e")
    page.get_by_test_id("fetch-ask").click()
    fetched = page.get_by_test_id("fetched").locator("li")
    expect(fetched).to_have_attribute("data-state", "done", timeout=120_000)
    expect(fetched).to_contain_text("已补全")
    page.mouse.move(5, 5)
    assert not faults(page)
    page.keyboard.press("Escape")
    source.click()
    expect(lane.locator(".of-device")).to_have_count(0)
    expect(lane.get_by_test_id("fetched")).to_have_count(1)
    expect(lane.get_by_test_id("fetched")).to_have_attribute("title", re.compile("由设备补录"))
    timeline.click(position={"x": 2, "y": 4})
    page.get_by_test_id("next-footage").click()
    page.get_by_test_id("play").click()
    expect(tile).to_have_attribute("data-state", "showing", timeout=60_000)
    expect(tile.get_by_test_id("picture-time")).to_contain_text("设备补录", timeout=60_000)
    assert since.timestamp() - 3 < shown_s(page, camera) < datetime.now(UTC).timestamp()
    with demo.client("audit") as auditor:
        acts = auditor.get("/audit", params={"act": "footage.fetch"}).json()["items"]
        assert any(one["object"] == camera for one in acts), acts


@pytest.mark.usefixtures("china_now")
def test_the_cameras_of_a_view_are_played_together_from_its_name_and_from_the_wall(demo: Demo, page: Page) -> None:
    cameras = cameras_with_patches(demo, "H.264")[:3]
    with demo.client() as client, demo.client("system") as keeper:
        began, _ = record(keeper, cameras)
        ticket(client, cameras, began)
        tiles = [{"camera": camera, "stream": "auto"} for camera in cameras]
        wall = {"grid": "AB/CD", "tiles": [*tiles, None]}
        made = client.post("/views", json={"name": "东门夜间", "wall": wall})
        assert made.status_code == 201, made.text
    sign_in(page, demo, at="playback")
    page.get_by_test_id("timeline").wait_for()
    page.get_by_test_id("playback-views").click()
    page.get_by_role("menuitem", name=re.compile("东门夜间")).click()
    for camera in cameras:
        expect(page.get_by_test_id(f"lane-{camera}").get_by_test_id("span").first).to_be_attached()
    assert not faults(page)

    enter(page, "wall")
    page.get_by_test_id("views").click()
    page.get_by_role("button", name=re.compile("东门夜间")).click()
    expect(page.get_by_test_id("tile-2")).to_have_attribute("data-camera", cameras[2])
    page.get_by_test_id("wall-playback").click()
    timeline = page.get_by_test_id("timeline")
    timeline.wait_for()
    expect(page.get_by_test_id(re.compile(r"^playback-\d{20}$"))).to_have_count(3)
    timeline.click(position={"x": 2, "y": 4})
    page.get_by_test_id("next-footage").click()
    page.get_by_test_id("play").click()
    seen = set[str]()

    def all_seen() -> bool:
        seen.update(camera for camera in cameras if shown_s(page, camera) > began.timestamp() - 1)
        return len(seen) == len(cameras)

    wait_until(all_seen, seconds=120, what="each picture is shown")
