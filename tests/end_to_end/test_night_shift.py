"""A shift in the console by keyboard and mouse: sign on, write the log, hand over; the successor acknowledges by name (5.4)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Page

from tests.end_to_end.conftest import Demo, enter, running_demo
from tests.end_to_end.test_accessibility import faults
from tests.end_to_end.test_duty import added_people, at_desk, choose, leaves, takes_over

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(300)]
DEVICE = "52010200001320000777"


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """With three people more, and a device that has never come."""
    with running_demo() as running:
        added_people(running)
        with running.client("system") as office:
            assert office.post("/devices", json={"code": DEVICE, "name": "东门云台"}).status_code == 201
        yield running


def write(page: Page, text: str, number: int) -> None:
    """By keyboard: Enter writes it down."""
    page.get_by_test_id("entry-text").fill(text)
    page.keyboard.press("Enter")
    page.get_by_test_id(f"entry-{number}").get_by_text(text).wait_for()


def test_a_night_shift_from_signing_on_to_the_successors_acknowledgement(demo: Demo, browser: Browser) -> None:
    with ExitStack() as stack:
        chief, li, wang = (stack.enter_context(at_desk(browser, demo, name)) for name in ("duty", "li.si", "wang.wu"))
        for page in (li, wang):  # signing in took a seat; this one is taken by hand
            page.get_by_test_id("own-shift").wait_for()
            enter(page, "duty")
            leaves(page)
        li.get_by_test_id("sign-on-5").click()
        li.get_by_test_id("own-shift").wait_for()

        enter(chief, "duty")
        chief.get_by_test_id("shift-log").click()
        chief.get_by_test_id("edit-orders").click()
        chief.get_by_test_id("orders-field").fill("整点巡查河岸。\n遇汛情先报县局。")
        chief.get_by_test_id("save-orders").click()
        chief.get_by_test_id("orders-text").get_by_text("遇汛情先报县局").wait_for()

        li.get_by_test_id("shift-log").click()
        assert faults(li) == []
        li.get_by_test_id("entry-kind").click()
        li.locator(".ant-select-dropdown:visible .ant-select-item-option", has_text="来访").click()
        write(li, "督察组 3 人到访", 1)
        li.get_by_test_id("correct-1").click()
        write(li, "到访者为 2 人", 2)
        li.get_by_test_id("entry-1").get_by_text("已由第 2 条更正").wait_for()

        enter(li, "duty")
        li.get_by_test_id("hand-over").click()
        choose(li, "successor", "王五")
        li.get_by_test_id("remarks").fill("东门云台已报修")
        li.get_by_test_id("offer").click()
        li.get_by_text("等待 王五 wang.wu 接班").wait_for()

        wang.get_by_test_id("offered-shift").click()
        wang.get_by_test_id("accept").click()
        wang.get_by_test_id("passing-orders").get_by_text("整点巡查河岸").wait_for()
        assert "督察组" in wang.get_by_test_id("passing-log").inner_text()
        assert "东门云台" in wang.get_by_test_id("passing-down").inner_text()
        assert faults(wang) == []
        for known in ("orders", "log", "down"):
            assert wang.get_by_test_id("take-over").is_disabled(), "each of the three is acknowledged"
            wang.get_by_test_id(f"known-{known}").press("Space")
        takes_over(wang)
        li.get_by_test_id("own-shift").wait_for(state="detached")

        wang.get_by_test_id("shift-log").click()
        wang.get_by_test_id("handovers").get_by_text("5 号席 li.si → wang.wu").wait_for()
        assert "须知第 1 版 · 日志至第 2 条" in wang.get_by_test_id("handovers").inner_text()
        write(wang, "接班后全部画面正常", 3)
        enter(li, "duty")
        li.get_by_test_id("shift-log").click()
        li.get_by_test_id("log").wait_for()
        assert li.get_by_test_id("entry-text").count() == 0, "off duty nobody writes"
        assert li.get_by_test_id("entry-1").count() == 0, "nor reads"

        enter(chief, "duty")
        chief.get_by_test_id("extend-5").click()
        chief.get_by_test_id("reason").fill("暴雨,人手不足")
        chief.get_by_test_id("sure").click()
        wang.get_by_test_id("entry-3").wait_for()
        chief.get_by_test_id("extended").get_by_text("暴雨").wait_for()
