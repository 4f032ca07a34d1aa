"""The frame around every page: rooms and their pages, what a page is, and the guide that the node serves itself."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.end_to_end.conftest import ROOM_OF, Demo, enter, sign_in
from tests.end_to_end.test_accessibility import faults

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(240)]
SIDEWAYS = """() => [...document.querySelectorAll('.top, .rooms, .room-pages, .page-line')]
  .filter(one => one.scrollWidth > one.clientWidth).map(one => one.className)"""


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_each_room_holds_its_pages_at_the_width_of_an_old_screen(demo: Demo, page: Page, language: str) -> None:
    page.set_viewport_size({"width": 1366, "height": 768})
    page.add_init_script(f"localStorage.setItem('fengsui.language', '{language}')")
    for office in ("duty", "system", "security", "audit"):
        page.context.clear_cookies()
        sign_in(page, demo, office)
        rooms = page.locator(".rooms a")
        for at in range(rooms.count()):
            rooms.nth(at).click()
            expect(rooms.nth(at)).to_have_class(re.compile("active"))
            here = page.locator(".room-pages a")
            room = str(rooms.nth(at).get_attribute("data-testid")).removeprefix("room-")
            assert here.count() > 0
            for one in here.all():
                assert ROOM_OF[str(one.get_attribute("data-testid")).removeprefix("nav-")] == room
            assert page.evaluate(SIDEWAYS) == []


def test_a_page_says_what_it_is_until_that_is_put_away(demo: Demo, page: Page) -> None:
    sign_in(page, demo)
    expect(page).to_have_title("画面墙 · 烽燧")
    expect(page.get_by_test_id("page-help")).to_contain_text("同时监看多路实时画面")
    enter(page, "tickets")
    expect(page).to_have_title("使用单 · 烽燧")
    expect(page.get_by_test_id("page-help")).to_contain_text("写明用途、依据、编号、范围和时限")
    page.get_by_test_id("page-help-close").click()
    expect(page.get_by_test_id("page-help")).to_have_count(0)
    page.reload()
    page.get_by_test_id("page-help-turn").wait_for()
    expect(page.get_by_test_id("page-help")).to_have_count(0)
    page.get_by_test_id("page-help-turn").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("page-help")).to_be_visible()
    page.goto(f"{demo.node['console']}nowhere")
    page.get_by_text("没有这个页面").wait_for()
    expect(page.get_by_test_id("page-help")).to_have_count(0)


def test_the_guide_comes_from_the_node_and_opens_at_the_page_s_place(demo: Demo, page: Page) -> None:
    asked: list[str] = []
    sign_in(page, demo, "system", at="waiting")
    page.context.on("request", lambda request: asked.append(request.url))
    with page.expect_popup() as opened:
        page.get_by_test_id("guide-link").click()
    guide = opened.value
    guide.wait_for_load_state("networkidle")
    heading = guide.get_by_role("heading", name="待接入 · The waiting list")
    expect(heading).to_be_in_viewport()
    for picture in guide.locator("main img").all():
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("complete", True)
        assert picture.evaluate("one => one.naturalWidth") > 100
    guide.get_by_role("navigation").get_by_role("link", name="值班长手册").click()
    guide.get_by_role("heading", name="For the duty supervisor").wait_for()
    assert [url for url in asked if not url.startswith(demo.node["console"])] == [], "the guide needs no network"
    assert any(url.endswith(".webp") for url in asked)


def test_three_keys_to_a_page_an_area_and_a_camera(demo: Demo, page: Page) -> None:
    with demo.client() as client:
        camera = client.get("/cameras", params={"limit": 100, "status": "online"}).json()["items"][-1]
    sign_in(page, demo)
    page.keyboard.press("Control+k")
    page.get_by_test_id("palette-text").wait_for()
    assert faults(page) == []
    page.keyboard.type("使用单")
    page.keyboard.press("Enter")
    page.wait_for_url("**/tickets")
    expect(page.get_by_test_id("palette")).to_have_count(0)
    expect(page.get_by_test_id("camera-search")).to_have_count(0)  # the wall, where this key means the search, has gone
    page.keyboard.press("/")
    page.keyboard.type(camera["code"])
    page.keyboard.press("Enter")
    page.get_by_test_id("tile-0").get_by_text(camera["name"]).wait_for()
    assert page.url == demo.node["console"]
    expect(page.get_by_test_id("palette")).to_have_count(0)
    page.keyboard.press("Control+k")
    page.keyboard.type("南明区")
    expect(page.get_by_test_id("found-520102")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("camera-tree")).to_be_focused()
    expect(page.get_by_test_id("palette")).to_have_count(0)
    page.keyboard.press("Control+k")
    page.keyboard.type("没有这样的东西")
    expect(page.get_by_test_id("palette")).to_contain_text("没有找到“没有这样的东西”")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("palette")).to_have_count(0)


def test_the_map_of_keys_opens_by_its_key_and_not_while_one_writes(demo: Demo, page: Page) -> None:
    sign_in(page, demo)
    page.keyboard.press("?")
    expect(page.get_by_test_id("key-map")).to_contain_text("选择画面")
    assert faults(page) == []
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("key-map")).to_have_count(0)
    page.get_by_test_id("camera-search").focus()
    page.keyboard.type("?")
    expect(page.get_by_test_id("camera-search")).to_have_value("?")
    expect(page.get_by_test_id("key-map")).to_have_count(0)
