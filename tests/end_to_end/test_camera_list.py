"""The list of cameras in the console: filtered, chosen by keys and as a whole, and edited with a preview by the node."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.end_to_end.conftest import Demo, running_demo, sign_in, wait_until
from tests.end_to_end.test_accessibility import faults
from tests.end_to_end.test_camera_tree import COUNTY, INSERT, PLATFORM, code_of

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(420)]
COUNT, LONG = 5_000, 3
LONG_NAME = "路" * 254


@pytest.fixture(scope="module")
def own_demo() -> Iterator[Demo]:
    """Of its own: its cameras are changed by the thousand."""
    with running_demo("--cameras", "1") as running:
        rows = [
            (PLATFORM, code_of(number), LONG_NAME if number < LONG else f"中华北路{number}号", COUNTY, COUNTY)
            for number in range(COUNT)
        ]
        with contextlib.closing(sqlite3.connect(running.folder / "county" / "node.db", timeout=20)) as database, database:
            database.executemany(INSERT, rows)
        with running.client("system") as client:
            wait_until(
                lambda: client.get("/camera-rows", params={"area": COUNTY}).json()["total"] == COUNT,
                seconds=60,
                what="the node has seen what was written past it",
            )
        yield running


def open_list(page: Page, demo: Demo, name: str = "system") -> None:
    sign_in(page, demo, name)
    page.goto(demo.node["console"] + "cameras")
    expect(page.get_by_test_id("list-total")).to_contain_text(re.compile(r"\d"))


def test_all_that_match_are_previewed_and_changed_and_the_others_named(own_demo: Demo, page: Page) -> None:
    open_list(page, own_demo)
    page.keyboard.press("/")
    page.keyboard.type("zhbl")
    expect(page.get_by_test_id("list-total")).to_contain_text(str(COUNT - LONG))
    page.get_by_test_id("list-search").fill("")
    page.get_by_test_id("list-area").click()
    page.keyboard.type(COUNTY)
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("list-total")).to_contain_text(str(COUNT))
    assert page.locator(".list-row").count() < 80, "only what is on screen is drawn"
    page.get_by_test_id(f"choose-{code_of(5)}").click()
    page.get_by_test_id("list-choose-all").click()
    page.get_by_test_id(f"choose-{code_of(6)}").click()
    expect(page.get_by_test_id("list-chosen")).to_contain_text(str(COUNT - 1))
    assert faults(page) == []

    page.get_by_test_id("list-edit").click()
    page.get_by_test_id("edit-how").click()
    page.get_by_title("在前面加").click()
    page.get_by_test_id("edit-text").fill("云岩-")
    page.get_by_test_id("edit-tags-add").click()
    page.keyboard.type("主干道")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    page.get_by_test_id("edit-look").click()
    state = page.get_by_test_id("edit-state")
    expect(state).to_have_attribute("data-phase", "ready", timeout=60_000)
    page.keyboard.press("Escape")
    expect(state).to_have_count(0)
    kept = page.get_by_test_id("list-edit-kept")
    expect(kept).to_contain_text("预览完成")
    page.reload()  # it is the node's, not this page's
    kept.click()
    expect(state).to_have_attribute("data-phase", "ready")
    expect(page.get_by_test_id("edit-change")).to_contain_text(str(COUNT - 1 - LONG))
    expect(page.get_by_test_id("edit-refused")).to_contain_text(str(LONG))
    page.get_by_test_id("edit-refused").click()
    expect(page.get_by_test_id(f"edit-row-{code_of(0)}")).to_contain_text("257")
    page.get_by_test_id("edit-change").click()
    row = page.get_by_test_id(f"edit-row-{code_of(9)}")
    for text in ("中华北路9号", "云岩-中华北路9号", "主干道"):
        expect(row).to_contain_text(text)
    assert faults(page) == []
    with own_demo.client("system") as client:
        assert client.get("/camera-tags").json()["items"] == [], "nothing is changed yet"
        quicker = {"own_name": "省府大门"}
        assert client.patch(f"/cameras/{code_of(9)}", json=quicker).status_code == 200, "somebody else is quicker"
        page.get_by_test_id("edit-apply").click()
        expect(state).to_have_attribute("data-phase", "done", timeout=120_000)
        expect(page.get_by_test_id("edit-done")).to_contain_text(str(COUNT - 2 - LONG))
        page.get_by_test_id("edit-failed").click()
        expect(page.get_by_test_id(f"edit-row-{code_of(9)}")).to_contain_text("预览之后已被修改")
        assert client.get(f"/cameras/{code_of(9)}").json()["own_name"] == "省府大门"
        assert client.get("/camera-tags").json()["items"] == [{"tag": "主干道", "cameras": COUNT - 2 - LONG}]
    page.get_by_test_id("edit-close").click()
    page.get_by_test_id("list-search").fill("#主干道")
    expect(page.get_by_test_id(f"row-{code_of(5)}")).to_contain_text("云岩-中华北路5号")
    page.get_by_test_id("list-search").fill("")
    page.get_by_test_id(f"row-{code_of(5)}").get_by_role("button", name="主干道").click()
    expect(page.get_by_test_id("list-total")).to_contain_text(str(COUNT - 2 - LONG))
    with own_demo.client("audit") as auditor:
        found = auditor.get("/audit", params={"act": "camera.change", "object": code_of(5)}).json()["items"]
    assert len(found) == 1 and "云岩-中华北路5号" in found[0]["detail"]


def test_the_list_by_keys_in_any_order_and_its_ways_on(own_demo: Demo, page: Page) -> None:
    open_list(page, own_demo, "duty")
    page.get_by_test_id("sort-code").click()
    page.get_by_test_id("list-search").fill("北路49")
    expect(page.get_by_test_id("list-total")).to_contain_text("111")  # 49, 490 … 499, 4900 … 4999
    page.get_by_test_id("sort-name").click()
    page.get_by_test_id(f"row-{code_of(49)}").wait_for()
    page.get_by_test_id("list-search").press("ArrowDown")
    table = page.get_by_test_id("camera-table")
    expect(table).to_be_focused()
    for key in ("Home", " ", "ArrowDown", "Shift+ArrowDown", "Shift+ArrowDown", "Shift+ArrowUp"):
        page.keyboard.press(key)
    expect(page.get_by_test_id("list-chosen")).to_contain_text("3")
    page.keyboard.press("Shift+End")
    expect(page.get_by_test_id("list-chosen")).to_contain_text("111")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("list-chosen")).to_have_count(0)
    page.keyboard.press("Home")
    page.get_by_test_id(f"choose-{code_of(49)}").click()
    page.get_by_test_id(f"choose-{code_of(495)}").click(modifiers=["Shift"])
    expect(page.get_by_test_id("list-chosen")).to_contain_text("7")  # 49, 490 … 495: by what the numbers count
    page.keyboard.press("Shift+ArrowUp")  # the keys go on from the mouse
    expect(page.get_by_test_id("list-chosen")).to_contain_text("6")
    page.keyboard.press("Control+a")
    expect(page.get_by_test_id("list-chosen")).to_contain_text("111")
    expect(page.get_by_test_id("list-edit")).to_have_count(0)  # it is the keepers' of devices
    page.keyboard.press("Home")
    at = table.get_attribute("aria-activedescendant")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/cameras/\d{20}$"))
    page.go_back()
    expect(page.get_by_test_id("list-search")).to_have_value("北路49")  # where one was
    expect(table).to_have_attribute("aria-activedescendant", at or "")
    page.get_by_test_id("list-search").fill("没有这样的名称")
    expect(table).to_contain_text("没有符合条件的摄像机")
    page.get_by_test_id("list-clear").click()
    page.get_by_test_id("list-search").fill("#主干道 无此")
    expect(table).to_contain_text("没有符合条件的摄像机")
    page.get_by_test_id("list-clear").click()
    own = page.get_by_test_id(re.compile("^map-")).first
    code = (own.get_attribute("data-testid") or "").removeprefix("map-")
    own.click()
    expect(page.get_by_test_id(f"situation-{code}")).to_have_attribute("aria-selected", "true")
    page.goto(own_demo.node["console"] + "cameras")
    page.get_by_test_id(f"wall-{code}").click()
    expect(page.get_by_test_id("tile-0")).to_have_attribute("data-camera", code)
    page.goto(own_demo.node["console"] + "cameras")
    page.get_by_test_id(f"file-{code}").click()
    page.wait_for_url(re.compile(f"/files/{code}$"))
