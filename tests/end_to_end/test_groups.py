"""Groups made and shared by keyboard and opened by a colleague, by pages where they are large; from the map; areas by initials."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.end_to_end.conftest import Demo, running_demo, sign_in, wait_until
from tests.end_to_end.test_accessibility import faults
from tests.end_to_end.test_duty import added_people, at_desk
from tests.end_to_end.test_first_picture import cameras_with_patches, frames_of
from tests.end_to_end.test_situation import CAMERAS, open_map

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(400)]
MANY, COUNTY, UNIT, PLATFORM = 60, "520103", "52010303", "52010300002000000009"
INSERT = """INSERT INTO catalogue_items (device, code, kind, name, maker, model, area, shown_area, address, parents, status,
  business_group, ptz_type, streams, fingerprint, unit, details, camera_class)
  VALUES (?, ?, ?, ?, '', '', ?, ?, '', '', 'ON', '', 1, 'main', '', ?, '', '')"""


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """With further people, and a street office with 60 cameras of a platform that is away."""
    with running_demo() as running:
        added_people(running, {"li.si": ("李四", "operator"), "zhao.liu": ("赵六", "operator")})
        rows = [
            (PLATFORM, f"{UNIT}001320{number:06d}", "camera", f"中华北路{number:02d}号", COUNTY, COUNTY, UNIT)
            for number in range(MANY)
        ]
        with contextlib.closing(sqlite3.connect(running.folder / "county" / "node.db", timeout=20)) as database, database:
            database.executemany(INSERT, [*rows, (PLATFORM, UNIT, "area", "中华路街道", COUNTY, COUNTY, "")])
        with running.client() as client:
            wait_until(
                lambda: "中华路街道" in client.get("/areas").text, seconds=60, what="a database changed past the node is read anew"
            )
        yield running


def chosen_row(page: Page) -> str:
    """Of the keyboard, as a reader hears it."""
    at = page.get_by_test_id("camera-tree").get_attribute("aria-activedescendant")
    return page.locator(f"#{at}").inner_text()


def test_a_group_is_made_and_shared_by_keyboard_and_a_colleague_opens_it_on_the_wall(demo: Demo, browser: Browser) -> None:
    first, second = cameras_with_patches(demo, "H.264")[:2]
    with ExitStack() as stack:
        li, colleague = (stack.enter_context(at_desk(browser, demo, name)) for name in ("li.si", "zhao.liu"))
        for code, press in ((first, ["ArrowDown", "g"]), (second, ["ArrowDown", "Shift+F10", "ArrowDown", "ArrowDown", "Enter"])):
            li.keyboard.press("/")
            li.get_by_test_id("camera-search").fill(code)
            expect(li.get_by_test_id("camera-tree").locator(".leaf")).to_have_count(1)
            expect(li.get_by_test_id(f"camera-{code}")).to_be_visible()
            for key in press:
                li.keyboard.press(key)
            dialog = li.locator(".ant-modal:visible")
            expect(dialog).to_be_visible()
            if code == first:
                expect(li.get_by_test_id("into-group-name")).to_be_focused()
                li.keyboard.type("早高峰")
            else:
                expect(dialog.get_by_role("radio", name=re.compile("早高峰"))).to_be_focused()
            li.keyboard.press("Enter")
            expect(dialog).to_have_count(0)
        li.get_by_test_id("camera-search").fill("")
        group = li.get_by_test_id(re.compile(r"^folder-group-\d+$"))
        expect(group).to_contain_text("早高峰")
        li.get_by_test_id("camera-tree").focus()
        for key in ("Home", "ArrowRight", "ArrowDown", "Alt+ArrowDown"):
            li.keyboard.press(key)
        kept = li.locator('[data-testid^="kept-group-"]')
        expect(kept.nth(1)).to_have_attribute("data-testid", re.compile(f"-{first}$"))
        assert faults(li) == []
        li.get_by_test_id("camera-tree").focus()
        for key in ("Home", "F2"):
            li.keyboard.press(key)
        expect(li.get_by_test_id("group-name")).to_have_value("早高峰")
        assert faults(li) == []
        for key in ("Tab", "ArrowDown", "ArrowDown", "Enter"):
            li.keyboard.press(key)
        expect(li.get_by_test_id("group-share")).to_contain_text("值班员")
        li.locator(".ant-modal:visible .ant-btn-primary").press("Enter")
        expect(group).to_contain_text("共享")

        expect(colleague.get_by_test_id(re.compile(r"^folder-group-\d+$"))).to_contain_text("早高峰")
        colleague.get_by_test_id("camera-tree").focus()
        colleague.keyboard.press("Home")
        assert "早高峰" in chosen_row(colleague)
        colleague.keyboard.press("Control+Enter")
        for tile, code in enumerate((second, first)):
            expect(colleague.get_by_test_id(f"tile-{tile}")).to_have_attribute("data-camera", code)
            wait_until(lambda tile=tile: frames_of(colleague, tile) >= 3, seconds=60, what=f"tile {tile} plays")
        colleague.keyboard.press("Shift+F10")
        menu = colleague.get_by_test_id("tree-menu")
        expect(menu).to_contain_text("全部上墙")
        expect(menu).not_to_contain_text("删除分组")
        colleague.keyboard.press("Escape")

        li.get_by_test_id("camera-tree").focus()
        for key in ("Home", "Delete"):
            li.keyboard.press(key)
        li.locator(".ant-modal:visible .ant-btn-dangerous").press("Enter")
        expect(group).to_have_count(0)


def test_a_group_of_sixty_comes_by_pages_that_go_round(demo: Demo, page: Page) -> None:
    with demo.client() as client:
        codes = [f"{UNIT}001320{number:06d}" for number in range(MANY)]
        made = client.post("/camera-groups", json={"name": "中华路全部", "cameras": codes})
        assert made.status_code == 201, made.text
        number = made.json()["id"]
    sign_in(page, demo)
    page.get_by_test_id(f"folder-group-{number}").click(button="right")
    page.get_by_test_id("tree.act.openAll").click()
    bar = page.get_by_test_id("tour-bar")
    expect(bar).to_contain_text(re.compile("第 1–25 路.共 60 路"))
    expect(bar).to_have_attribute("data-paused", "true")
    expect(page.locator(f'[data-camera="{codes[24]}"]')).to_be_visible()
    bar.get_by_test_id("tour-next").click()
    expect(page.locator(f'[data-camera="{codes[25]}"]')).to_be_visible()
    page.get_by_test_id("tour-next").click()
    expect(bar).to_contain_text("第 51–60 路")
    expect(page.locator(f'[data-camera="{codes[59]}"]')).to_be_visible()
    expect(page.locator(f'[data-camera="{codes[24]}"]')).to_have_count(0)
    bar.get_by_test_id("tour-pause").click()
    expect(bar).to_contain_text("秒后切换")
    bar.get_by_test_id("tour-stop").click()
    expect(bar).to_have_count(0)
    page.get_by_test_id("wall-clear").click()
    with demo.client() as client:
        assert client.delete(f"/camera-groups/{number}").status_code == 204


def test_a_selection_of_the_map_is_kept_as_a_group(demo: Demo, page: Page) -> None:
    complaints = open_map(page, demo)
    page.get_by_test_id("map-whole").click()
    page.get_by_test_id("map-circle").focus()
    page.keyboard.press("Enter")
    page.get_by_test_id("radius").fill("20000")
    page.get_by_test_id("radius-here").click()
    expect(page.get_by_test_id("count-selection")).to_have_text(str(CAMERAS))
    page.get_by_test_id("selection-to-group").click()
    expect(page.locator(".ant-modal:visible")).to_contain_text(f"把 {CAMERAS} 路摄像机存为分组")
    page.get_by_test_id("into-new-group").click()
    page.get_by_test_id("into-group-name").fill("广场周边")
    assert faults(page) == []
    page.keyboard.press("Enter")
    expect(page.locator(".ant-message")).to_contain_text(f"{CAMERAS} 路已在分组“广场周边”中")
    page.get_by_test_id("selection-to-wall").click()
    expect(page.locator("[data-camera]")).to_have_count(CAMERAS)
    group = page.get_by_test_id(re.compile(r"^folder-group-\d+$")).filter(has_text="广场周边")
    expect(group.locator(".count")).to_have_text(str(CAMERAS))
    page.get_by_test_id("wall-clear").click()
    group.click(button="right")
    page.get_by_test_id("tree.act.remove").click()
    page.locator(".ant-modal:visible .ant-btn-dangerous").click()
    expect(group).to_have_count(0)
    assert complaints == []


def test_an_area_is_found_by_its_initials_and_opens_in_the_tree(demo: Demo, page: Page) -> None:
    sign_in(page, demo)
    page.keyboard.press("/")
    page.keyboard.type("zhljd")
    found = page.get_by_test_id(f"found-area-{UNIT}")
    expect(found).to_contain_text("中华路街道")
    expect(found).to_contain_text("贵州省 › 贵阳市 › 云岩区")
    expect(found.locator(".count")).to_have_text(f"0/{MANY}")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    unit = page.get_by_test_id(f"area-{UNIT}")
    expect(unit).to_have_attribute("aria-expanded", "true")
    expect(unit).to_have_attribute("aria-level", "4")
    expect(page.get_by_test_id("camera-search")).to_have_value("")
    expect(page.get_by_test_id(f"camera-{UNIT}001320000000")).to_be_visible()
    assert "中华路街道" in chosen_row(page)
    assert faults(page) == []
    page.keyboard.press("Control+k")
    page.get_by_test_id("palette-text").fill("zhljd")
    expect(page.get_by_test_id("palette")).to_contain_text("中华路街道")
