"""Playback in the console: really recorded footage of two cameras, in step on one timeline, under a use ticket."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from fengsui.clock import kernel_clock_error
from tests.end_to_end.conftest import Demo, enter, running_demo, sign_in, wait_until
from tests.end_to_end.test_accessibility import faults
from tests.end_to_end.test_first_picture import cameras_with_patches

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(400)]
CASE = "A5201022026113456"
IN_STEP_S = 60
LASTS_S, PAUSE_S, PICTURE_S = 8.0, 5.0, 0.04
APART = """() => {
  const [one, other] = document.querySelectorAll(".playback-grid video");
  return Math.abs(one.currentTime - other.currentTime);
}"""


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """A demo of its own: what is recorded outlasts a test."""
    with running_demo() as running:
        yield running


def record(client: httpx.Client, cameras: list[str], stream: str = "main", *, beside: bool = False) -> tuple[datetime, datetime]:
    """So many seconds of each camera, on disk; between when all of them have footage. `beside`: the other stream as well."""
    plan = {"mode": "always", "stream": stream, "other": {"mode": "always" if beside else "off"}}
    for camera in cameras:
        assert client.put(f"/cameras/{camera}/recording-plan", json=plan).status_code == 200
    states: dict[str, Any] = {}

    def recorded() -> bool:
        for camera in cameras:
            states[camera] = client.get(f"/cameras/{camera}/recording-plan").json()
        began = max(datetime.fromisoformat(one["since"]) for one in states.values())
        safe = [one["safe_until"] for one in states.values()]
        return all(one and datetime.fromisoformat(one) > began + timedelta(seconds=LASTS_S + 3) for one in safe)

    wait_until(recorded, seconds=120, what="footage is on disk")
    for camera in cameras:
        assert client.put(f"/cameras/{camera}/recording-plan", json={"mode": "off"}).status_code == 200
    return (
        max(datetime.fromisoformat(one["since"]) for one in states.values()),
        min(datetime.fromisoformat(one["safe_until"]) for one in states.values()),
    )


def ticket(client: httpx.Client, cameras: list[str], since: datetime) -> str:
    rules = client.get("/ticket-purposes").json()["items"]
    crime = next(one for one in rules if one["code"] == "crime-investigation")
    bounds = {"cameras": cameras, "since": since.isoformat(), "until": (datetime.now(UTC) + timedelta(hours=1)).isoformat()}
    order = {"purpose": crime["code"], "case_number": CASE, "legal_basis": crime["basis"][0], "bounds": bounds}
    made = client.post("/tickets", json=order)
    assert made.status_code == 201, made.text
    return str(made.json()["number"])


def shown_s(page: Page, camera: str) -> float:
    """When the picture on the tile is of, seconds since 1970; 0 for none."""
    return float(page.get_by_test_id(f"playback-{camera}").get_attribute("data-shown-us") or 0) / 1e6


SETTLED = """() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => {
    const videos = [...document.querySelectorAll('[data-testid^="playback-"] video, [data-testid$="-replay"] video')];
    done(videos.length > 0 && videos.every((one) => one.paused && !one.seeking && one.readyState >= 2));
})))"""
"""After two frames of the browser's own, however long they take it: nothing is sought or waited for."""


def stands(page: Page, shown: Callable[[], float]) -> float:
    """When the picture is of that is shown once nothing moves any more."""
    seen: list[float] = []

    def same() -> bool:
        seen.append(shown())
        settled = page.evaluate(SETTLED)
        return bool(settled) and len(seen) > 2 and seen[-2] == seen[-1] == shown() > 0

    wait_until(same, seconds=60, what="the picture stands")
    return seen[-1]


FOUND = re.compile(r"找到 1 路|^1 of [\d,]+ cameras")


def choose(page: Page, cameras: list[str]) -> None:
    page.get_by_test_id("timeline").wait_for()  # until then the wall's tree stands there
    for camera in cameras:
        page.get_by_test_id("camera-search").fill(camera)
        expect(page.get_by_text(FOUND)).to_be_visible()  # before that, its line moves away under the pointer
        page.get_by_test_id(f"camera-{camera}").click()
        page.get_by_test_id(f"playback-{camera}").wait_for()


@pytest.mark.usefixtures("china_now")
def test_two_cameras_are_played_in_step_over_a_gap_and_nothing_without_a_ticket(demo: Demo, page: Page) -> None:
    cameras = cameras_with_patches(demo, "H.264")[:2]
    with demo.client() as client, demo.client("system") as keeper:
        began, first_end = record(keeper, cameras)
        resumes = datetime.now(UTC) + timedelta(seconds=PAUSE_S)
        wait_until(lambda: datetime.now(UTC) > resumes, seconds=60, what="a gap")
        record(keeper, cameras)

        sign_in(page, demo, at="playback")
        choose(page, cameras)
        tile = page.get_by_test_id(f"playback-{cameras[0]}")
        expect(tile).to_have_attribute("data-state", "ticket")
        page.get_by_test_id("play").click()
        expect(tile).to_contain_text("没有覆盖该摄像机当日录像的使用单")
        assert [page.locator(".playback-grid video").nth(at).evaluate("one => one.readyState") for at in (0, 1)] == [0, 0]
        assert not faults(page)
        page.get_by_test_id("ask-ticket").first.click()
        expect(page.get_by_test_id("ticket-cameras")).to_contain_text(cameras[1])
        page.keyboard.press("Escape")
        number = ticket(client, cameras, began)

        enter(page, "playback")
        for camera in cameras:
            expect(
                page.get_by_test_id(f"lane-{camera}").get_by_test_id("span").nth(1)
            ).to_be_attached()  # a busy machine may leave more
        page.get_by_test_id("timeline").click(position={"x": 2, "y": 4})  # before all of it
        page.get_by_test_id("next-footage").click()
        page.get_by_test_id("timeline").focus()
        page.keyboard.press("Space")
        wait_until(lambda: all(shown_s(page, one) > 0 for one in cameras), seconds=60, what="pictures are shown")
        page.keyboard.press("Space")
        expect(page.get_by_test_id("playback-clock")).to_have_attribute("data-playing", "false")
        begun = stands(page, lambda: shown_s(page, cameras[0]))
        assert began.timestamp() - 1 < begun < first_end.timestamp(), "the picture's time is when it was recorded"
        expect(tile.get_by_test_id("picture-time")).to_contain_text(
            f"{datetime.fromtimestamp(begun, UTC) + timedelta(hours=8):%Y-%m-%d %H:%M}"
        )

        page.keyboard.press(".")
        wait_until(lambda: begun < shown_s(page, cameras[0]) < begun + 3 * PICTURE_S, seconds=60, what="one picture on")
        on = stands(page, lambda: shown_s(page, cameras[0]))
        page.keyboard.press(",")
        wait_until(lambda: shown_s(page, cameras[0]) < on, seconds=60, what="one picture back")

        page.keyboard.press("Space")
        wait_until(lambda: all(shown_s(page, one) > begun + 2 for one in cameras), seconds=60, what="pictures advance")
        if folder := os.environ.get("FENGSUI_PICTURES"):
            page.screenshot(path=f"{folder}/playback.png")
        apart = [1.0]
        until = time.monotonic() + IN_STEP_S
        while apart[len(apart) * 9 // 10] > PICTURE_S and time.monotonic() < until:
            apart = sorted(float(page.evaluate(APART)) for _ in range(30))
        assert apart[len(apart) * 9 // 10] <= PICTURE_S, f"in step: {apart}"
        seen: list[float] = []

        def beyond() -> bool:
            seen.append(shown_s(page, cameras[0]))
            return seen[-1] > first_end.timestamp() + PAUSE_S

        wait_until(beyond, seconds=120, what="the gap is jumped over")
        spans = page.request.get(
            f"{demo.node['console']}api/v1/cameras/{cameras[0]}/recordings",
            params={"from": began.isoformat(), "to": datetime.now(UTC).isoformat()},
        ).json()["items"]
        within = [(datetime.fromisoformat(one["from"]).timestamp(), datetime.fromisoformat(one["to"]).timestamp()) for one in spans]
        assert all(any(since - 0.1 <= one <= until + 0.1 for since, until in within) for one in seen if one), "nothing from the gap"

        page.keyboard.press("r")
        back = shown_s(page, cameras[0])
        wait_until(lambda: 0 < shown_s(page, cameras[0]) < back - 2, seconds=60, what="time goes back")
        assert client.delete(f"/tickets/{number}").status_code == 204
        wait_until(lambda: tile.get_attribute("data-state") in ("refused", "ticket"), seconds=60, what="it ends with its ticket")
    with demo.client("audit") as auditor:

        def on_record() -> bool:
            acts = [one["act"] for one in auditor.get("/audit", params={"ticket": number, "limit": 200}).json()["items"]]
            return acts.count("playback.open") >= 2 and "playback.show" in acts and acts.count("playback.stop") >= 2

        wait_until(on_record, seconds=60, what="what was opened, shown and ended is on record")


@pytest.mark.usefixtures("china_now")
def test_the_map_says_which_cameras_are_recorded_while_the_timeline_runs(demo: Demo, page: Page) -> None:
    cameras = cameras_with_patches(demo, "H.264")[2:4]
    with demo.client() as client, demo.client("system") as keeper:
        began, _ = record(keeper, cameras[:1])
        ticket(client, cameras, began)
    sign_in(page, demo, at="playback")
    choose(page, cameras)
    page.get_by_test_id("timeline").focus()
    page.keyboard.press("g")
    shown = page.get_by_test_id("replay-map")
    expect(shown.locator(".map")).to_have_attribute("data-ready", "true", timeout=60_000)
    page.get_by_test_id("timeline").click(position={"x": 2, "y": 4})
    expect(shown).to_have_attribute("data-recorded", "11")
    page.get_by_test_id("next-footage").click()
    expect(shown).to_have_attribute("data-recorded", "01")
    expect(shown.locator("output")).to_have_text(page.get_by_test_id("playback-clock").inner_text())
    assert int(shown.get_attribute("data-views") or 0) == len(cameras), "each camera's field of view"
    stood = shown.locator("output").inner_text()
    page.get_by_test_id("timeline").focus()
    for key in ("+", "+", "Space"):
        page.keyboard.press(key)
    wait_until(lambda: shown.locator("output").inner_text() > stood, seconds=60, what="its clock goes on while it plays")
    expect(shown).to_have_attribute("data-recorded", "11")  # at the end of the footage
    expect(shown.locator(".map")).to_have_attribute("data-idle", "true", timeout=60_000)
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/playback-map.png")
    assert not faults(page)
    page.get_by_test_id("playback-map").click()
    expect(shown).to_have_count(0)


@pytest.mark.usefixtures("china_now")
def test_a_slow_cameras_clock_and_one_of_the_node_that_nothing_disciplines_are_marked_on_the_picture(
    demo: Demo, page: Page
) -> None:
    with demo.client() as client, demo.client("system") as keeper:
        found = client.get("/cameras", params={"limit": 1000}).json()["items"]
        slow = next(one["code"] for one in found if "瑞金南路人行道" in one["name"])
        right = next(one["code"] for one in found if "中华路停车场" in one["name"])
        began, _ = record(keeper, [slow, right])
        ticket(client, [slow, right], began)
    sign_in(page, demo, at="playback")
    choose(page, [slow, right])
    page.get_by_test_id("timeline").click(position={"x": 2, "y": 4})
    page.get_by_test_id("next-footage").click()
    page.get_by_test_id("timeline").focus()
    page.keyboard.press("Space")
    tile = page.get_by_test_id(f"playback-{slow}")
    expect(tile.get_by_test_id("camera-clock")).to_have_text(re.compile(r"摄像机时钟慢 (19|20|21) s"), timeout=60_000)
    expect(page.get_by_test_id(f"playback-{right}").get_by_test_id("picture-time")).to_be_visible(timeout=60_000)
    expect(page.get_by_test_id(f"playback-{right}").get_by_test_id("camera-clock")).to_have_count(0)
    doubted = kernel_clock_error() == "unsynchronised"
    expect(tile.get_by_test_id("node-clock")).to_have_count(1 if doubted else 0)
    if folder := os.environ.get("FENGSUI_PICTURES"):
        page.screenshot(path=f"{folder}/playback-clock.png")
    assert not faults(page)
