"""Bookmarks in the console: made while playing, found on the day's and the week's timeline, and noted as a sighting on the map."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.end_to_end.conftest import CHINA, Demo, enter, running_demo, sign_in, wait_until
from tests.end_to_end.test_accessibility import faults
from tests.end_to_end.test_first_picture import cameras_with_patches
from tests.end_to_end.test_playback import choose, record, shown_s, ticket

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(400)]
WORDS = "红色面包车停在路口"
OTHERS = "红色面包车,贵A开头"
OWN_PASSWORD = "Guizhou-2026-night"


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """A demo of its own: what is noted outlasts a test."""
    with running_demo() as running:
        yield running


def kept(page: Page, name: str) -> None:
    if folder := os.environ.get("FENGSUI_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png")


def on_footage(page: Page, camera: str) -> None:
    """Where its footage begins, with a picture that stands."""
    page.get_by_test_id(f"lane-{camera}").get_by_test_id("span").first.wait_for(state="attached")
    page.get_by_test_id("timeline").click(position={"x": 2, "y": 4})
    page.get_by_test_id("next-footage").click()
    wait_until(lambda: shown_s(page, camera) > 0, seconds=60, what="a picture is shown")


def on_to(page: Page, words: str) -> None:
    """From mark to mark: a busy machine may have left a gap before it."""
    told = page.get_by_test_id("mark-told")
    page.keyboard.press("m")
    for _ in range(3):
        expect(told).not_to_be_empty()
        if words in told.inner_text():
            return
        page.keyboard.press("m")
    expect(told).to_contain_text(words)


@pytest.mark.usefixtures("china_now")
def test_a_bookmark_is_found_on_day_and_week_and_goes_onto_the_map(demo: Demo, page: Page, browser: Browser) -> None:
    camera = cameras_with_patches(demo, "H.264")[0]
    with demo.client() as client, demo.client("system") as keeper:
        began, _ = record(keeper, [camera])
        ticket(client, [camera], began)
    sign_in(page, demo, at="playback")
    choose(page, [camera])
    on_footage(page, camera)

    clock = page.get_by_test_id("playback-clock")
    marked = clock.inner_text()
    page.keyboard.press("b")
    expect(page.get_by_test_id("marking-time")).to_have_text(marked)
    page.get_by_test_id("reason").fill(WORDS)
    page.get_by_test_id("sure").click()
    lane = page.get_by_test_id(f"marks-{camera}")
    mark = lane.get_by_test_id("mark-bookmark")
    expect(mark).to_have_count(1)
    expect(mark).to_have_accessible_name(re.compile(WORDS))
    mark.hover()
    expect(page.get_by_role("tooltip").filter(has_text=WORDS)).to_be_visible()
    page.mouse.move(5, 5)
    kept(page, "bookmark-day")
    assert not faults(page)

    page.get_by_test_id("timeline").click(position={"x": 2, "y": 4})
    expect(clock).not_to_have_text(marked)
    on_to(page, WORDS)
    expect(clock).to_have_text(marked)
    expect(lane.locator(".mark.current")).to_have_count(1)

    page.get_by_text("7 天", exact=True).click()
    today = f"{datetime.now(CHINA):%Y-%m-%d}"
    row = page.get_by_test_id(f"week-{today}")
    expect(row.get_by_test_id("mark-bookmark")).to_have_count(1)
    expect(row.get_by_test_id("week-span").first).to_be_attached()
    before = f"{datetime.now(CHINA) - timedelta(days=3):%Y-%m-%d}"
    elsewhere = page.get_by_test_id(f"week-{before}")
    expect(elsewhere.get_by_test_id("week-span")).to_have_count(0)
    kept(page, "bookmark-week")
    elsewhere.locator(".week-lanes").click(position={"x": 30, "y": 4})
    expect(clock).to_contain_text(before)
    expect(page.get_by_test_id("playback-day")).to_have_value(before)
    expect(row, "the rows stay where they are").to_be_visible()
    assert not faults(page)
    row.get_by_test_id("mark-bookmark").click()
    expect(clock).to_have_text(marked)
    expect(page.get_by_test_id("playback-day")).to_have_value(today)
    wait_until(lambda: shown_s(page, camera) > 0, seconds=60, what="the picture of the bookmark is shown")
    page.get_by_test_id(f"week-day-{before}").click()
    expect(clock).to_contain_text(before)
    page.get_by_text("全天", exact=True).click()
    page.get_by_text("7 天", exact=True).click()
    on_to(page, WORDS)
    expect(clock).to_have_text(marked)

    page.get_by_test_id("open-marks").click()
    line = page.get_by_test_id("line-bookmark")
    expect(line).to_contain_text("duty")
    line.get_by_test_id("change-mark").click()
    page.get_by_test_id("reason").fill(OTHERS)
    page.get_by_test_id("sure").click()
    expect(line).to_contain_text(OTHERS)
    assert not faults(page)
    kept(page, "bookmark-list")
    with page.expect_response("**/api/v1/sightings") as noted:
        line.get_by_test_id("mark-to-map").click()
    assert noted.value.status == 201, noted.value.text()
    sighting = noted.value.json()
    line.get_by_test_id("withdraw-mark").click()
    page.get_by_test_id("reason").fill("看错了车")
    page.get_by_test_id("sure").click()
    expect(line).to_have_count(0)
    page.get_by_test_id("marks-withdrawn").click()
    expect(line).to_contain_text("看错了车")
    page.keyboard.press("Escape")

    assert (sighting["camera"], sighting["kind"], sighting["text"]) == (camera, "footage", OTHERS)
    assert datetime.fromisoformat(sighting["at"]) > datetime.now(UTC) - timedelta(hours=1)
    not_told_without_a_ticket(demo, browser)
    seen_on_the_map(page, int(sighting["id"]))
    page.get_by_test_id(f"sighting-{sighting['id']}").get_by_test_id("play-sighting").click()
    expect(clock).to_have_text(marked)
    expect(page.get_by_test_id("playback-day")).to_have_value(today)
    wait_until(lambda: shown_s(page, camera) > 0, seconds=60, what="the picture of the sighting is shown")
    assert not faults(page)


def not_told_without_a_ticket(demo: Demo, browser: Browser) -> None:
    """Somebody else of the area reads that there is one, and nothing of what it says."""
    dates = {"vetted_on": "2026-01-05", "undertaking_on": "2026-01-05", "training_until": "2099-12-31"}
    person = {"name": "wu-shi", "personnel_number": "P-wu-shi", "reason": "new in the unit", **dates}
    elsewhere = httpx.HTTPTransport(local_address="127.0.0.2")  # two persons sit at two workstations
    other = {key: demo.user_named("security-2")[key] for key in ("name", "password")}
    with demo.client("security") as first, httpx.Client(base_url=demo.api, timeout=20, transport=elsewhere) as second:
        second.headers["Authorization"] = f"Bearer {second.post('/session', json=other).json()['token']}"
        second.cookies.clear()
        made = first.post("/users", json={**person, "appointments": [{"post": "operator", "area": "52"}]})
        assert made.status_code == 201, made.text
        about = f"/approvals/{made.json()['request']['id']}"
        approved = second.post(f"{about}/approve", json={"hash": second.get(about).json()["hash"]})
        assert approved.status_code == 200, approved.text
    with httpx.Client(base_url=demo.api, timeout=20) as wu:
        signed = wu.post("/session", json={"name": "wu-shi", "password": made.json()["password"]})
        header = {"Authorization": f"Bearer {signed.json()['token']}"}
        wu.cookies.clear()
        changed = wu.post("/session/password", json={"old": made.json()["password"], "new": OWN_PASSWORD}, headers=header)
        assert changed.status_code == 204, changed.text
    context = browser.new_context(viewport={"width": 1920, "height": 1080}, locale="zh-CN")
    page = context.new_page()
    page.goto(demo.node["console"])
    page.get_by_test_id("sign-in-name").fill("wu-shi")
    page.get_by_test_id("sign-in-password").fill(OWN_PASSWORD)
    page.get_by_test_id("sign-in-submit").click()
    page.get_by_test_id("own-account").wait_for()
    enter(page, "situation")
    page.get_by_test_id("list-sightings").click()
    expect(page.get_by_test_id("sightings-beyond")).to_contain_text("另有 1 条")
    expect(page.get_by_test_id("sightings").get_by_role("listitem")).to_have_count(0)
    expect(page.get_by_text(OTHERS)).to_have_count(0)
    kept(page, "sightings-beyond")
    assert not faults(page)
    context.close()


def seen_on_the_map(page: Page, sighting: int) -> None:
    """In the list, on the map, and chosen from either; another one is noted on the spot."""
    enter(page, "situation")
    page.locator("[data-testid=map][data-ready=true]").wait_for()
    page.get_by_test_id("list-sightings").click()
    row = page.get_by_test_id(f"sighting-{sighting}")
    row.get_by_role("button").first.click()
    pressed = row.locator("button[aria-pressed=true]")
    expect(pressed).to_have_count(1)
    page.locator("[data-testid=map][data-idle=true]").wait_for()
    kept(page, "sighting-map")
    assert not faults(page)
    page.reload()  # the map is left where it is, and nothing is chosen
    page.locator("[data-testid=map][data-ready=true]").wait_for()
    page.get_by_test_id("map-sightings").click()
    page.locator("[data-testid=map][data-idle=true]").wait_for()
    wait_until(lambda: clicked_above_the_middle(page, f"sighting-{sighting}"), seconds=60, what="a click on the pin chooses it")

    page.get_by_test_id("add-sighting").click()
    page.get_by_test_id("sighting-case").fill("A5201022026113456")
    page.get_by_test_id("reason").fill("车停在桥下")
    kept(page, "sighting-dialog")
    assert not faults(page)
    page.get_by_test_id("sure").click()
    rows = page.get_by_test_id("sightings").get_by_role("listitem")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("车停在桥下")
    assert not rows.first.get_by_test_id("play-sighting").count(), "no camera, no footage"
    rows.first.get_by_test_id("correct-sighting").click()
    expect(page.get_by_test_id("reason")).to_have_value("车停在桥下")
    expect(page.get_by_test_id("sighting-case")).to_have_value("A5201022026113456")
    page.get_by_test_id("reason").fill("车停在桥东侧")
    kept(page, "sighting-correction")
    assert not faults(page)
    page.get_by_test_id("sure").click()
    expect(rows.first).to_contain_text("车停在桥东侧")
    expect(rows).to_have_count(2)
    rows.first.get_by_test_id("withdraw-sighting").click()
    page.get_by_test_id("reason").fill("记错了地点")
    page.get_by_test_id("sure").click()
    expect(rows).to_have_count(1)


def clicked_above_the_middle(page: Page, row: str) -> bool:
    """The pin's point is in the middle of the map, its eye above it."""
    box = page.get_by_test_id("map").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2 - 20)
    page.wait_for_timeout(300)
    return page.get_by_test_id(row).locator("button[aria-pressed=true]").count() == 1
