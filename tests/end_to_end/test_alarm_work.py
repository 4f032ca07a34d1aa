"""An alarm from its frame to its end: taken at one desk and seen at the other, verified, handed over, closed with an outcome."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.end_to_end.alarm_desk import SITE, entered, report
from tests.end_to_end.conftest import Demo, enter, running_demo, wait_until
from tests.end_to_end.test_accessibility import faults
from tests.end_to_end.test_duty import added_people, at_desk
from tests.end_to_end.test_first_picture import cameras_with_patches
from tests.end_to_end.test_on_patrol import shot

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(400)]
ACCOUNT, BUTTON, GATE, CUPBOARD = "5298", "传达室紧急按钮", "车棚围栏", "器材室柜门"


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """A demo of its own, with an operator beside its supervisor: shifts and alarms outlast a test."""
    with running_demo() as running:
        added_people(running, {"li.si": ("李四", "operator")})
        camera = cameras_with_patches(running, "H.264")[0]
        points = [
            {"zone": "1", "name": BUTTON, "kind": "button", "camera": camera},
            {"zone": "2", "name": GATE, "kind": "detector", "camera": camera},
            {"zone": "3", "name": CUPBOARD, "kind": "detector", "camera": camera},
        ]
        entered(running, ACCOUNT, points)
        yield running


def chosen(page: Page, what: str) -> str:
    """Chooses the row that says this; its alarm."""
    enter(page, "alarms")
    found = page.locator(".queue-row", has_text=what).first
    found.click()
    number = str(found.get_attribute("data-testid")).removeprefix("alarm-")
    expect(page.get_by_test_id("alarm-chosen")).to_have_attribute("data-alarm", number)
    return number


def turn(page: Page, wanted: str) -> None:
    expect(page.get_by_test_id("alarm-acts")).to_have_attribute("data-turn", wanted)


def test_from_the_frame_to_the_outcome_between_two_desks(demo: Demo, browser: Browser) -> None:
    with ExitStack() as stack:
        chief, li = (stack.enter_context(at_desk(browser, demo, name)) for name in ("duty", "li.si"))
        li.get_by_test_id("own-shift").wait_for()
        enter(li, "alarms")
        report(demo, ACCOUNT, "Nri1/PA001")
        number = chosen(li, BUTTON)
        assert chosen(chief, BUTTON) == number
        turn(chief, "take")
        expect(li.get_by_test_id("alarm-work").get_by_test_id("clock")).to_be_visible()
        picture = li.get_by_test_id("alarm-picture")
        wait_until(lambda: int(picture.get_attribute("data-frames") or 0) > 5, seconds=60, what="the picture moves")
        assert faults(li) == []

        li.keyboard.press("Enter")
        turn(li, "verify")
        turn(chief, "others")
        expect(chief.get_by_test_id("take")).to_be_disabled()
        expect(chief.get_by_test_id("alarm-acts")).to_contain_text("li.si")
        expect(chief.locator(f"#alarm-{number}").get_by_test_id("owner")).to_contain_text("li.si")
        assert faults(chief) == []
        chief.keyboard.press("Enter")
        turn(chief, "others")

        report(demo, ACCOUNT, "Nri1/PA001")  # of the same source: folded into the open one
        expect(li.locator(f"#alarm-{number}").get_by_test_id("repeats")).to_have_text("×2")
        expect(li.locator(".queue-row", has_text=BUTTON)).to_have_count(1)

        li.keyboard.press("2")
        li.get_by_test_id("word-equipment").wait_for()
        assert faults(li) == []
        li.keyboard.press("2")
        expect(li.get_by_test_id("word-equipment")).to_have_attribute("aria-checked", "true")
        expect(li.get_by_test_id("another-signal")).to_have_count(0)
        report(demo, ACCOUNT, "Nri1/PA001")  # while li.si decides
        expect(li.get_by_test_id("another-signal")).to_contain_text("1")
        expect(li.get_by_test_id("sure")).to_be_enabled()
        assert faults(li) == []
        li.keyboard.press("Enter")
        turn(li, "close")
        expect(li.get_by_test_id("alarm-acts")).to_contain_text("误报 · 设备故障")

        li.keyboard.press("c")
        li.get_by_test_id("word-no_action").click()
        li.get_by_test_id("note").fill("按钮卡滞,已通知维护单位")
        li.get_by_test_id("sure").click()
        expect(li.locator(f"#alarm-{number}")).to_have_count(0)
        expect(chief.locator(f"#alarm-{number}")).to_have_count(0)
        with demo.client() as client:
            over = client.get(f"/alarms/{number}").json()
            steps = client.get(f"/alarms/{number}/steps").json()["items"]
        assert over["site"] == SITE and over["work"]["state"] == "closed" and over["work"]["outcome"] == "no_action"
        assert len(steps) >= 3


def test_what_is_handed_over_is_the_others(demo: Demo, browser: Browser) -> None:
    with ExitStack() as stack:
        chief, li = (stack.enter_context(at_desk(browser, demo, name)) for name in ("duty", "li.si"))
        report(demo, ACCOUNT, "Nri1/BA002")
        number = chosen(li, GATE)
        li.get_by_test_id("take").click()
        turn(li, "verify")
        li.keyboard.press("h")
        li.get_by_test_id("successor").locator("input").fill("duty")
        li.locator(".ant-select-dropdown:visible .ant-select-item-option-active", has_text="duty").wait_for()
        li.keyboard.press("Enter")
        li.get_by_test_id("sure").click()
        turn(li, "others")
        assert chosen(chief, GATE) == number
        turn(chief, "verify")
        chief.keyboard.press("1")
        turn(chief, "close")
        expect(chief.get_by_test_id("alarm-acts")).to_contain_text("属实")
        expect(chief.get_by_test_id("alarm-steps").locator("li")).to_have_count(3)


def test_what_is_shelved_waits_for_nobody_until_it_is_lifted(demo: Demo, browser: Browser) -> None:
    with at_desk(browser, demo, "duty") as page:
        report(demo, ACCOUNT, "Nri2/BA003")
        number = chosen(page, CUPBOARD)
        row = page.get_by_test_id(f"alarm-{number}")
        page.get_by_test_id("shelve").click()
        page.get_by_test_id("word-works").click()
        assert faults(page) == []
        page.get_by_test_id("sure").click()
        expect(row).to_have_count(0)
        sign = page.get_by_test_id("shelved")
        expect(sign).to_have_attribute("data-shelves", "1")
        report(demo, ACCOUNT, "Nri2/BA003")  # is acknowledged as ever, and counts on the shelf
        sign.click()
        shelf = page.get_by_test_id("shelf-list").locator("li")
        expect(shelf).to_contain_text(CUPBOARD)
        assert faults(page) == []
        shelf.get_by_test_id("lift").click()
        expect(shelf).to_have_count(0)
        page.keyboard.press("Escape")
        expect(row).to_be_visible()
        expect(sign).to_have_count(0)


def test_the_board_counts_what_the_desks_did(demo: Demo, browser: Browser) -> None:
    with at_desk(browser, demo, "duty") as page, demo.client() as client:
        page.get_by_test_id("own-shift").wait_for()
        enter(page, "board")
        told = client.get("/alarm-figures").json()
        page.locator('[data-testid="board-alarms"]:not([data-value="0"])').wait_for()
        expect(page.get_by_test_id("board-steps").get_by_test_id("step-seen-1")).to_be_visible()
        expect(page.get_by_test_id("board-kinds").get_by_test_id("bar-panic")).to_be_visible()
        columns = page.get_by_test_id("board-buckets").locator("li")
        assert columns.count() == len(told["buckets"]) == 24
        assert sum(int(str(one.get_attribute("data-count"))) for one in columns.all()) >= told["sums"]["alarms"] > 0
        assert faults(page) == []
        page.get_by_test_id("board-span").get_by_text("7 天").click()
        expect(columns).to_have_count(7)
        shot(page, "board")
        page.get_by_test_id("board-areas").get_by_role("button").first.click()
        expect(page.get_by_test_id("board-up")).to_be_visible()
        place = page.get_by_test_id("board-false").get_by_role("link").first
        if told["deceptive"]:
            place.click()
            expect(page.get_by_test_id("alarm-chosen")).to_have_attribute("data-alarm", str(told["deceptive"][0]["alarm"]["id"]))
