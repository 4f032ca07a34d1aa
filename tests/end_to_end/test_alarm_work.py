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

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(400)]
ACCOUNT, BUTTON, GATE = "5298", "传达室紧急按钮", "车棚围栏"


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """A demo of its own, with an operator beside its supervisor: shifts and alarms outlast a test."""
    with running_demo() as running:
        added_people(running, {"li.si": ("李四", "operator")})
        camera = cameras_with_patches(running, "H.264")[0]
        points = [
            {"zone": "1", "name": BUTTON, "kind": "button", "camera": camera},
            {"zone": "2", "name": GATE, "kind": "detector", "camera": camera},
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
        li.get_by_test_id("alarm-successor").locator("input").fill("duty")
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
