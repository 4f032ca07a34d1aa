"""A video patrol in the console: planned by a supervisor, gone round by keyboard on duty, handed on in its middle, in one log."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.end_to_end.conftest import Demo, enter, running_demo, wait_until
from tests.end_to_end.test_accessibility import faults
from tests.end_to_end.test_duty import added_people, at_desk, leaves
from tests.end_to_end.test_first_picture import cameras_with_patches
from tests.end_to_end.test_steering import shot

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(300)]
VIDEO_WIDTH = "() => document.querySelector('[data-testid=patrol-picture] video').videoWidth"
PLAN = "河岸夜巡"
LOOK_FOR = ("路口有无积水、拥堵", "大门是否关闭", "河岸步道有无人员滞留、灯光是否完好")


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """A demo of its own: plans, rounds and shifts outlast a test."""
    with running_demo() as running:
        added_people(running)
        yield running


def plan_by_hand(page: Page, cameras: list[str]) -> None:
    """Three stops, each found by its code, as a supervisor types them."""
    enter(page, "patrols")
    page.get_by_test_id("add-plan").click()
    page.get_by_test_id("plan-name").fill(PLAN)
    for number, (camera, look_for) in enumerate(zip(cameras, LOOK_FOR, strict=True), 1):
        if number > 1:
            page.get_by_test_id("add-stop").click()
        page.get_by_test_id(f"stop-camera-{number}").locator("input").fill(camera)
        page.locator(".ant-select-dropdown:visible .ant-select-item-option-active", has_text=camera).wait_for()
        page.keyboard.press("Enter")
        page.get_by_test_id(f"stop-look-{number}").fill(look_for)
        page.get_by_test_id(f"stop-watch-{number}").fill("3")
    expect(page.get_by_test_id("save-plan")).to_be_enabled()
    assert faults(page) == []
    page.get_by_test_id("save-plan").click()
    page.get_by_test_id("plan-1").get_by_text(PLAN).wait_for()


def plays(page: Page) -> None:
    """The stop's picture moves."""
    picture = page.get_by_test_id("patrol-picture")
    expect(picture).to_have_attribute("data-state", "playing")
    first = int(picture.get_attribute("data-frames") or 0)
    wait_until(lambda: int(picture.get_attribute("data-frames") or 0) > first + 5, seconds=60, what="the picture moves")


def confirm(page: Page, stop: int) -> None:
    """Enter, as soon as the node has counted enough."""
    expect(page.get_by_test_id("stop-of")).to_contain_text(f"第 {stop} 点")
    expect(page.get_by_test_id("confirm-stop")).to_be_enabled()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id(f"stop-{stop}")).to_have_attribute("data-outcome", "confirmed")


def test_a_video_patrol_from_its_plan_to_the_joint_log(demo: Demo, browser: Browser) -> None:
    with demo.client() as client:
        dome = next(one["code"] for one in client.get("/cameras").json()["items"] if "PTZ" in one["name"])
    cameras = [*[one for one in cameras_with_patches(demo, "H.264") if one != dome][:2], dome]
    with ExitStack() as stack:
        chief, li, wang = (stack.enter_context(at_desk(browser, demo, name)) for name in ("duty", "li.si", "wang.wu"))
        for page in (li, wang):
            page.get_by_test_id("own-shift").wait_for()
        plan_by_hand(chief, cameras)
        assert faults(chief) == []

        enter(li, "patrols")
        li.get_by_test_id("by-hand-1").click()
        expect(li.get_by_test_id("look-for")).to_have_text(LOOK_FOR[0])
        expect(li.get_by_test_id("confirm-stop")).to_be_disabled()
        li.keyboard.press("Enter")
        expect(li.get_by_test_id("stop-1")).to_have_attribute("data-outcome", "open")
        plays(li)
        assert faults(li) == []
        confirm(li, 1)

        expect(li.get_by_test_id("look-for")).to_have_text(LOOK_FOR[1])
        plays(li)
        li.reload()
        expect(li.get_by_test_id("stop-of")).to_contain_text("第 2 点")
        plays(li)
        li.keyboard.press("f")
        choose_kind(li, "设施损坏")
        li.get_by_test_id("finding-text").fill("大门铰链脱落,已通知物业")
        kept = li.get_by_test_id("finding-picture")
        assert kept.evaluate("image => [image.complete, image.naturalWidth]") == [True, kept.evaluate(VIDEO_WIDTH)]
        assert faults(li) == []
        li.get_by_test_id("save-finding").click()
        expect(li.get_by_test_id("stop-2")).to_have_attribute("data-outcome", "finding")

        enter(li, "duty")
        leaves(li)  # in the middle of the round: it waits for whoever is on duty there
        enter(wang, "patrols")
        expect(wang.get_by_test_id("go-1")).to_have_text("接续")
        wang.get_by_test_id("go-1").click()
        expect(wang.get_by_test_id("stop-of")).to_contain_text("第 3 点")
        plays(wang)
        looks_around(demo, wang, dome)
        confirm(wang, 3)
        expect(wang.get_by_test_id("round-state")).to_have_text("已完成")
        assert faults(wang) == []
        in_one_log(wang)


def looks_around(demo: Demo, page: Page, dome: str) -> None:
    """The stop's dome is steered where it is watched, and the keys that turn it change no stop."""
    with demo.client() as client:

        def place() -> tuple[float, float]:
            told = client.get(f"/cameras/{dome}/position").json()
            return told["pan_deg"], told["tilt_deg"]

        before = place()
        page.keyboard.press("j")
        expect(page.get_by_test_id("steer-sheet")).to_be_visible()
        page.keyboard.down("ArrowLeft")
        wait_until(lambda: place() != before, seconds=60, what="the dome turns")
        page.keyboard.up("ArrowLeft")
    expect(page.get_by_test_id("stop-of")).to_contain_text("第 3 点")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("steer-sheet")).to_have_count(0)


def in_one_log(page: Page) -> None:
    """The finding with its picture, the end of the round, and a patrol on foot that was gone before both."""
    enter(page, "patrols")
    page.get_by_test_id("joint-log").click()
    page.get_by_test_id("foot-place").fill("河岸步道北段")
    page.get_by_test_id("foot-text").fill("栏杆完好")
    page.keyboard.press("Enter")
    page.get_by_test_id("line-foot").get_by_text("河岸步道北段").first.wait_for()
    expect(page.get_by_test_id("line-round")).to_contain_text("完成")
    expect(page.get_by_test_id("line-finding")).to_contain_text("铰链脱落")
    address = page.get_by_test_id("snapshot-link").get_attribute("href")
    answer = page.request.get(address if address is not None and "://" in address else page.url.split("/patrols")[0] + str(address))
    assert (answer.status, answer.headers["content-type"], answer.body()[:2]) == (200, "image/jpeg", b"\xff\xd8")
    assert faults(page) == []


def choose_kind(page: Page, kind: str) -> None:
    page.get_by_test_id("finding-kind").get_by_text(kind).click()


def test_a_round_is_gone_on_the_wall_on_the_chosen_tile(demo: Demo, browser: Browser) -> None:
    with demo.client() as client:
        first, second, beside = cameras_with_patches(demo, "H.264")[:3]
        stops = [{"camera": code, "look_for": said, "watch_s": 3} for code, said in ((first, LOOK_FOR[0]), (second, LOOK_FOR[1]))]
        centre = client.get("/duty").json()["mine"]["centre"]
        made = client.post("/video-patrols/plans", json={"centre": centre, "name": "墙上巡逻", "stops": stops})
        assert made.status_code == 201, made.text
        begun = client.post(f"/video-patrols/plans/{made.json()['id']}/rounds")
        assert begun.status_code == 201, begun.text
    with at_desk(browser, demo, "duty") as page:
        page.get_by_test_id("layout-4").click()
        page.get_by_test_id("camera-search").fill(beside)
        expect(page.get_by_text("找到 1 路")).to_be_visible()
        page.get_by_test_id(f"camera-{beside}").click()
        expect(page.get_by_test_id("tile-0")).to_have_attribute("data-camera", beside)
        page.get_by_test_id("tile-1").click()
        strip = page.get_by_test_id("patrol-strip")
        expect(strip).to_contain_text("墙上巡逻")
        page.get_by_test_id("patrol-on-wall").click()

        tile = page.get_by_test_id("tile-1")
        expect(tile).to_have_attribute("data-camera", first)
        expect(strip.get_by_test_id("look-for")).to_have_text(LOOK_FOR[0])
        page.keyboard.press("Enter")
        expect(strip.get_by_test_id("stop-of")).to_contain_text("第 1 点")
        expect(tile).to_have_attribute("data-state", "playing", timeout=90_000)
        expect(strip.get_by_test_id("confirm-stop")).to_be_enabled(timeout=30_000)
        shot(page, "patrol-wall")
        assert faults(page) == []
        page.keyboard.press("PageDown")
        expect(tile).to_have_attribute("data-camera", second)
        page.keyboard.press("PageUp")
        expect(tile).to_have_attribute("data-camera", first)
        expect(strip.get_by_test_id("confirm-stop")).to_be_enabled(timeout=30_000)
        page.keyboard.press("Enter")

        expect(strip.get_by_test_id("stop-of")).to_contain_text("第 2 点")
        expect(tile).to_have_attribute("data-camera", second)
        page.reload()  # it goes on, and what stood on the tile before is not forgotten
        expect(strip.get_by_test_id("stop-of")).to_contain_text("第 2 点")
        expect(tile).to_have_attribute("data-camera", second)
        expect(tile).to_have_attribute("data-state", "playing", timeout=90_000)
        expect(strip.get_by_test_id("watched")).to_have_text(re.compile("已看 [1-9]"))  # the strip has the picture too
        page.keyboard.press("f")
        choose_kind(page, "设施损坏")
        expect(page.get_by_test_id("finding-picture")).to_be_visible()
        page.get_by_test_id("finding-text").fill("大门铰链脱落")
        page.get_by_test_id("save-finding").click()
        expect(strip).to_have_count(0)
        expect(page.get_by_text("本轮巡逻已完成")).to_be_visible()
        expect(tile, "nothing stood there before").not_to_have_attribute("data-camera", re.compile("."))
        expect(page.get_by_test_id("tile-0")).to_have_attribute("data-camera", beside)
    with demo.client() as client:
        round_ = client.get(f"/video-patrols/rounds/{begun.json()['round']['id']}").json()
    assert round_["round"]["state"] == "done"
    assert [one["outcome"] for one in round_["results"]] == ["confirmed", "finding"]
    assert all(one["watched_s"] >= 3 for one in round_["results"][:1]) and round_["results"][1]["snapshot"], round_["results"]
