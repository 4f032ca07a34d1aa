"""A county of 20,000 cameras in the tree: only what is on screen is drawn and asked for; mouse, keyboard, search, dragging."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Response, expect

from tests.end_to_end.conftest import Demo, sign_in, wait_until

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(300)]

COUNT, COUNTY, PLATFORM = 20_000, "520103", "52010300002000000009"
PREFIX = "5201030000132"
DRAWN_LIMIT, ANSWER_LIMIT_BYTES = 120, 24_000
INSERT = """INSERT INTO catalogue_items (device, code, kind, name, maker, model, area, shown_area, address, parents, status,
  business_group, ptz_type, streams, fingerprint) VALUES (?, ?, 'camera', ?, '', '', ?, ?, '', '', 'ON', '', 1, 'main', '')"""


def code_of(number: int) -> str:
    """The code of the county's camera of this number."""
    return f"{PREFIX}{number:07d}"


@pytest.fixture
def large_county(demo: Demo) -> Iterator[None]:
    """20,000 cameras written into the running node's database, and taken out again."""
    rows = [(PLATFORM, code_of(number), f"云岩区中华北路{number:05d}号", COUNTY, COUNTY) for number in range(COUNT)]
    with contextlib.closing(sqlite3.connect(demo.folder / "county" / "node.db", timeout=20)) as database:
        with database:
            database.executemany(INSERT, rows)
        try:
            yield
        finally:
            with database:
                database.execute("DELETE FROM catalogue_items WHERE device = ?", (PLATFORM,))


def test_a_large_county_scrolls_and_only_what_is_seen_is_fetched(demo: Demo, large_county: None, page: Page) -> None:
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer) if "/camera-names" in answer.url else None)
    sign_in(page, demo)
    page.get_by_test_id(f"area-{COUNTY}").click()
    page.get_by_test_id(f"camera-{code_of(0)}").wait_for()
    tree = page.get_by_test_id("camera-tree")
    for number in (COUNT - 1, COUNT // 2):
        tree.evaluate(
            "(tree, part) => { tree.scrollTop = part >= 1 ? tree.scrollHeight : tree.scrollHeight * part }",
            1 if number == COUNT - 1 else 0.5,
        )
        if number == COUNT - 1:
            page.get_by_test_id(f"camera-{code_of(number)}").wait_for()
        wait_until(
            lambda: tree.locator(".leaf").count() > 10 and tree.locator(".waiting").count() == 0,
            seconds=60,
            what="the rows on screen have their names",
        )
        assert tree.locator(".row").count() < DRAWN_LIMIT
    assert len(answers) < 20, "pages that were never on screen are not asked for"
    assert all(len(answer.body()) < ANSWER_LIMIT_BYTES for answer in answers)


def test_the_tree_by_keyboard_by_search_and_by_dragging(demo: Demo, large_county: None, page: Page) -> None:
    sign_in(page, demo)
    page.keyboard.press("/")
    page.keyboard.type("路12345")
    page.get_by_test_id(f"camera-{code_of(12345)}").wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("tile-0")).to_have_attribute("data-camera", code_of(12345))
    page.get_by_test_id("camera-search").fill("")
    page.locator("#tree-row-0 .area").wait_for()  # the whole tree is back
    page.get_by_test_id("camera-tree").focus()
    for key in ("Home", "End", "ArrowUp", "ArrowLeft"):
        page.keyboard.press(key)
    at = page.get_by_test_id("camera-tree").get_attribute("aria-activedescendant")
    assert at is not None and page.locator(f"#{at} .area").count() == 1, "the left arrow goes to the area above"
    page.get_by_test_id("camera-search").fill("路00007")
    page.get_by_test_id(f"camera-{code_of(7)}").drag_to(page.get_by_test_id("tile-2"))
    wait_until(
        lambda: page.get_by_test_id("tile-2").get_attribute("data-camera") == code_of(7),
        seconds=60,
        what="the camera is where it fell",
    )
    page.locator('[role="toolbar"] button', has_text="全部关闭").click()
    with demo.client("system") as client:
        wait_until(
            lambda: not any(stream["camera"].startswith(PREFIX) for stream in client.get("/live").json()["items"]),
            seconds=60,
            what="the node has let go of what was opened",
        )
