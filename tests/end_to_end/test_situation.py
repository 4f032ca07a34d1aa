"""The situation page: cameras on the map and in the list, the chosen one's live picture, and from there to the wall."""

from __future__ import annotations

import os
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.end_to_end.conftest import Demo, sign_in, wait_until
from tests.end_to_end.test_first_picture import cameras_with_patches

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(240)]
CAMERAS = 10


def open_map(page: Page, demo: Demo, name: str = "duty") -> list[str]:
    """Signs in and opens the page; what the browser complains of from here on."""
    complaints: list[str] = []
    sign_in(page, demo, name)
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on(
        "request",
        lambda asked: (
            complaints.append(asked.url)
            if "://127.0.0.1" not in asked.url and not asked.url.startswith(("data:", "blob:"))
            else None
        ),
    )
    if name == "duty":
        page.get_by_test_id("nav-situation").click()
    else:
        page.goto(f"{demo.node['console']}situation")
    expect(page.locator('[data-testid="map"][data-ready="true"]')).to_be_visible()
    return complaints


ABOVE_PX = 20
"""The mark of an alarm point stands so far above its place."""
MIDDLE = 26.5805
"""Degrees: the demonstration's cameras stand from 26.573 to 26.588 N."""


def whole_map(page: Page) -> None:
    """Every camera in view, and everything drawn."""
    page.get_by_test_id("map-whole").click()
    expect(page.get_by_test_id("count-view")).to_have_text(str(CAMERAS))
    expect(page.locator('[data-testid="map"][data-idle="true"]')).to_be_visible()


def placed(demo: Demo) -> list[dict[str, Any]]:
    """The demonstration's cameras with their places."""
    with demo.client() as client:
        found: list[dict[str, Any]] = client.get("/cameras", params={"limit": 100}).json()["items"]
    return [item for item in found if item["latitude"] is not None]


def moving(page: Page, tile: str) -> bool:
    """Whether a tile has shown some pictures."""
    video = page.get_by_test_id(tile).locator("video")
    return int(video.evaluate("video => video.getVideoPlaybackQuality().totalVideoFrames")) > 5


def click_the_middle(page: Page) -> None:
    """Where the chosen camera stands."""
    box = page.get_by_test_id("map").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def test_from_the_map_to_a_picture_and_to_the_wall(demo: Demo, page: Page) -> None:
    complaints = open_map(page, demo)
    expect(page.get_by_test_id("count-view")).to_have_text(str(CAMERAS))
    code = cameras_with_patches(demo, "H.264")[0]
    page.get_by_test_id(f"situation-{code}").click()
    expect(page.get_by_test_id("chosen-camera")).to_contain_text(code)
    wait_until(lambda: moving(page, "chosen-picture"), seconds=60, what="the chosen camera's picture moves")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("chosen-camera")).to_have_count(0)
    wait_until(lambda: _chosen_by_click(page, code), seconds=60, what="a click on the mark chooses its camera")
    page.get_by_test_id("chosen-to-wall").click()
    expect(page.locator(f'[data-camera="{code}"]')).to_be_visible()
    assert complaints == [], "nothing is asked of another address, and the content policy lets the map in"


def _chosen_by_click(page: Page, code: str) -> bool:
    click_the_middle(page)
    return page.get_by_test_id("chosen-camera").filter(has_text=code).count() == 1


def test_a_mark_of_the_map_and_a_row_are_dragged_onto_the_wall(demo: Demo, page: Page) -> None:
    complaints = open_map(page, demo)
    first, second = cameras_with_patches(demo, "H.264")[:2]
    page.get_by_test_id(f"situation-{first}").click()
    wait_until(lambda: moving(page, "chosen-picture"), seconds=60, what="the map has come to rest around it")
    expect(page.locator('[data-testid="map"][data-idle="true"]')).to_be_visible()
    box = page.get_by_test_id("map").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x + 3, y + 40)
    page.mouse.move(x, y, steps=4)
    expect(page.get_by_test_id("mark-grip")).to_be_visible()
    page.mouse.down()
    page.mouse.move(x + 30, y + 30, steps=4)
    tile = page.get_by_test_id("dock-2").bounding_box()
    assert tile is not None
    page.mouse.move(tile["x"] + tile["width"] / 2, tile["y"] + tile["height"] / 2, steps=6)
    page.mouse.up()
    expect(page.get_by_test_id("wall-dock")).to_have_count(0)

    row = page.get_by_test_id(f"situation-{second}")
    row.hover()
    page.mouse.down()
    page.mouse.move(x, y, steps=4)
    expect(page.get_by_test_id("dock-2"), "what stands there is named").to_contain_text("H.264")
    tile = page.get_by_test_id("dock-3").bounding_box()
    assert tile is not None
    page.mouse.move(tile["x"] + tile["width"] / 2, tile["y"] + tile["height"] / 2, steps=6)
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/dock.png")
    page.mouse.up()
    page.get_by_test_id("nav-wall").click()
    for at, code in ((2, first), (3, second)):
        expect(page.get_by_test_id(f"tile-{at}")).to_have_attribute("data-camera", code)
        expect(page.get_by_test_id(f"tile-{at}")).to_have_attribute("data-state", "playing")
    assert complaints == []


def test_an_alarm_point_stands_above_its_camera_and_its_card_leads_there(demo: Demo, page: Page) -> None:
    with demo.client() as client:
        marks = client.get("/alarm-point-marks").json()
        looks = client.get("/alarm-points", params={"id": marks["ids"]}).json()["items"]
    complaints = open_map(page, demo)
    expect(page.get_by_test_id("map")).to_have_attribute("data-alarm-points", str(len(marks["ids"])))
    expect(page.get_by_test_id("alarm-legend")).to_contain_text("全时")
    point = next(one for one in looks if one["camera"])
    page.get_by_test_id(f"situation-{point['camera']}").click()
    page.get_by_test_id("close-chosen").click()
    card = page.get_by_test_id("chosen-point").filter(has_text=point["name"])

    def opened() -> bool:
        box = page.get_by_test_id("map").bounding_box()
        assert box is not None
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2 - ABOVE_PX)
        return card.count() == 1

    wait_until(opened, seconds=60, what="a click on the mark chooses the point")
    expect(card).to_contain_text(point["site"])
    page.get_by_test_id("map-alarms").click()
    expect(card, "without their layer none is chosen").to_have_count(0)
    page.get_by_test_id("map-alarms").click()
    card.get_by_test_id(f"point-camera-{point['camera']}").click()
    expect(page.get_by_test_id("chosen-camera")).to_contain_text(point["camera"])
    assert complaints == []


def test_states_classes_and_search_narrow_map_and_list(demo: Demo, page: Page) -> None:
    open_map(page, demo)
    expect(page.get_by_test_id("show-online")).to_contain_text(str(CAMERAS))
    page.get_by_test_id("show-online").click()
    expect(page.get_by_test_id("count-view")).to_have_text("0")
    page.get_by_test_id("show-online").click()
    page.keyboard.press("/")
    page.keyboard.type("实验小学")
    expect(page.get_by_test_id("count-view")).to_have_text("4")
    page.get_by_test_id("situation-search").fill("syxx")
    expect(page.get_by_test_id("count-view"), "by initials").to_have_text("4")
    page.get_by_test_id("situation-search").fill("shifulu")
    expect(page.get_by_test_id("situation-rows").get_by_role("option"), "by pinyin").to_have_text(["●市府路与都司路口 H.264"])
    page.get_by_test_id("situation-search").fill("")
    rows = page.get_by_test_id("situation-rows")
    rows.focus()
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    expect(rows.locator('[aria-selected="true"]')).to_have_count(1)
    expect(page.get_by_test_id("chosen-camera")).to_contain_text(re.compile("实验小学"))


def test_whoever_may_look_around_but_not_view_sees_the_map_without_pictures(demo: Demo, page: Page) -> None:
    open_map(page, demo, "system")
    page.get_by_test_id("situation-rows").get_by_role("option").first.click()
    expect(page.get_by_test_id("chosen-camera")).to_be_visible()
    expect(page.get_by_test_id("chosen-picture")).to_have_count(0)
    expect(page.get_by_test_id("chosen-to-wall")).to_have_count(0)


def test_cameras_within_a_radius_and_a_polygon_go_to_the_wall(demo: Demo, page: Page) -> None:
    complaints = open_map(page, demo)
    whole_map(page)
    page.get_by_test_id("map-circle").focus()
    page.keyboard.press("Enter")
    page.get_by_test_id("radius").fill("20000")
    page.get_by_test_id("radius-here").click()
    expect(page.get_by_test_id("count-selection")).to_have_text(str(CAMERAS))
    page.get_by_test_id("selection-clear").click()
    expect(page.get_by_test_id("count-selection")).to_have_text("0")
    whole_map(page)
    page.get_by_test_id("map-polygon").click()
    box = page.get_by_test_id("map").bounding_box()
    assert box is not None
    for across, down in ((0.02, 0.02), (0.9, 0.02), (0.9, 0.5), (0.02, 0.5)):
        page.mouse.click(box["x"] + box["width"] * across, box["y"] + box["height"] * down)
    page.keyboard.press("Enter")
    chosen = page.get_by_test_id("count-selection")
    expect(chosen).not_to_have_text("0")
    northern = {item["code"] for item in placed(demo) if item["latitude"] > MIDDLE}
    rows = page.get_by_test_id("situation-rows").get_by_role("option")
    assert {str(row.get_attribute("data-testid")).removeprefix("situation-") for row in rows.all()} == northern
    page.get_by_test_id("selection-to-wall").click()
    for code in northern:
        expect(page.locator(f'[data-camera="{code}"]')).to_be_visible()
    assert complaints == []


def test_a_scene_is_followed_by_hand_from_camera_to_camera(demo: Demo, page: Page) -> None:
    open_map(page, demo)
    first = cameras_with_patches(demo, "H.264")[0]
    page.get_by_test_id(f"situation-{first}").click()
    page.get_by_test_id("follow").click()
    near = page.get_by_test_id("neighbour-1")
    expect(near).to_be_visible()
    second = str(near.get_attribute("data-code"))
    wait_until(lambda: moving(page, "neighbour-1-picture"), seconds=60, what="the neighbour's picture moves")
    page.get_by_test_id("map").focus()
    page.keyboard.press("1")
    expect(page.get_by_test_id("chosen-camera")).to_contain_text(second)
    wait_until(lambda: moving(page, "chosen-picture"), seconds=60, what="the next camera's picture moves")
    expect(page.get_by_test_id("trail").get_by_role("listitem")).to_have_count(2)
    page.get_by_test_id("neighbour-2").click()
    expect(page.get_by_test_id("trail").get_by_role("listitem")).to_have_count(3)
    page.keyboard.press("Backspace")
    expect(page.get_by_test_id("chosen-camera")).to_contain_text(second)
    page.get_by_test_id("trail-to-wall").click()
    for code in (first, second):
        expect(page.locator(f'[data-camera="{code}"]')).to_be_visible()
    with demo.client("audit") as auditor:
        seen = {one["object"] for one in auditor.get("/audit", params={"act": "live.view", "limit": 200}).json()["items"]}
    assert {first, second} <= seen, "each picture is on record"


GO_BACK_AT_ONCE = """() => new Promise(done => {
  const lines = () => document.querySelectorAll('[data-testid=trail] li').length;
  const grown = new MutationObserver(() => {
    if (lines() !== 3) return;
    grown.disconnect();
    document.dispatchEvent(new KeyboardEvent('keydown', { key: 'Backspace', bubbles: true, cancelable: true }));
    done();
  });
  grown.observe(document.body, { subtree: true, childList: true });
  document.querySelector('[data-testid=neighbour-2] [data-tile]').click();
})"""


def test_a_key_is_about_what_stands_on_the_screen_in_its_moment(demo: Demo, page: Page) -> None:
    """On a busy desk React shows the longer way a moment before whatever follows from it."""
    open_map(page, demo)
    page.get_by_test_id(f"situation-{cameras_with_patches(demo, 'H.264')[0]}").click()
    page.get_by_test_id("follow").click()
    second = str(page.get_by_test_id("neighbour-1").get_attribute("data-code"))
    page.keyboard.press("1")
    trail = page.get_by_test_id("trail").get_by_role("listitem")
    expect(trail).to_have_count(2)
    desk = page.context.new_cdp_session(page)
    desk.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    page.evaluate(GO_BACK_AT_ONCE)
    expect(trail).to_have_count(2)
    expect(page.get_by_test_id("chosen-camera")).to_contain_text(second)
