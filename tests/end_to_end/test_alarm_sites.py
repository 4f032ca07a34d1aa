"""A kindergarten is entered on its page by hand and by keyboard; at its alarm the desk sees at once whom to call."""

from __future__ import annotations

import os
from collections.abc import Iterator
from io import BytesIO

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import FilePayload, Page, expect

from tests.end_to_end import alarm_desk
from tests.end_to_end.conftest import Demo, running_demo, sign_in
from tests.end_to_end.test_accessibility import faults

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(400)]
NURSERY, ACCOUNT = "南明第一幼儿园", "5A01"
CALL = "tel:13900001234"


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    with running_demo() as running:
        yield running


def shot(page: Page, name: str) -> None:
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png")


def drawn() -> FilePayload:
    """Six rooms along a corridor."""
    plan = Image.new("RGB", (1600, 1000), "white")
    pen = ImageDraw.Draw(plan)
    for box in ((60, 60, 1540, 940), (60, 420, 1540, 580), *((60 + 370 * at, 60, 430 + 370 * at, 420) for at in range(4))):
        pen.rectangle(box, outline="black", width=8)
    written = BytesIO()
    plan.save(written, "PNG")
    return {"name": "一楼.png", "mimeType": "image/png", "buffer": written.getvalue()}


def marked(page: Page) -> None:
    """A point on the plan: by a press, then by keys alone."""
    page.get_by_test_id("plan-file").set_input_files(drawn())
    page.get_by_test_id("change-plan-0").click()
    expect(page.get_by_test_id("plan-name")).to_have_value("一楼")
    picture = page.locator(".plan-editor .site-plan")
    picture.locator("img").evaluate("image => image.decode()")
    picture.click(position={"x": 80, "y": 60})
    mark = page.get_by_test_id(f"mark-{ACCOUNT}-5")
    mark.focus()
    before = mark.get_attribute("aria-label")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("ArrowDown")
    assert mark.get_attribute("aria-label") != before
    shot(page, "plan-editor")
    assert faults(page) == []
    page.get_by_test_id("save-plan").click()
    expect(page.get_by_test_id(f"plan-mark-{ACCOUNT}-5")).to_have_text("大一班窗户")


def in_english(page: Page) -> None:
    page.get_by_test_id("language").first.evaluate("button => button.click()")


def picked(page: Page) -> None:
    """A position by a press on the map, and by keys alone."""
    page.get_by_test_id("site-on-map").click()
    shown = page.locator("[data-testid=place-pick][data-ready=true]")
    shown.locator("canvas").click(position={"x": 120, "y": 90})
    longitude = page.get_by_test_id("site-longitude")
    expect(longitude).not_to_have_value("")
    pressed = longitude.input_value()
    shot(page, "place-pick")
    page.get_by_test_id("pick-middle").focus()
    page.keyboard.press("Enter")
    expect(longitude).not_to_have_value(pressed)
    expect(page.get_by_test_id("site-latitude")).not_to_have_value("")
    assert faults(page) == []
    page.get_by_test_id("site-on-map").click()
    page.get_by_test_id("site-procedure").click()
    page.get_by_title("校园一键报警").click()


def entered(page: Page) -> None:
    """On the page, with two whom to call."""
    page.get_by_test_id("add-site").click()
    picked(page)
    for name, said in (
        ("name", NURSERY),
        ("address", "南明区遵义路 12 号"),
        ("longitude", "106.713"),
        ("latitude", "26.578"),
        ("note", "从东门进,北门常锁;午休 12:30–14:30"),
        ("plan", "1. 电话核实\n2. 通知辖区派出所和护校岗\n3. 从东门进,先到大一班"),
    ):
        page.get_by_test_id(f"site-{name}").fill(said)
    page.get_by_test_id("site-hosts").locator("input").fill(ACCOUNT)
    page.keyboard.press("Enter")
    page.get_by_test_id("add-contact").click()
    for at, (name, phone) in enumerate((("王园长", "0851-8580 0001"), ("李保安", "139 0000 1234"))):
        page.get_by_test_id(f"contact-name-{at}").fill(name)
        page.get_by_test_id(f"contact-phone-{at}").fill(phone)
    page.get_by_test_id("contact-key-1").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    expect(page.get_by_label("上移第 2 人")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("contact-name-0")).to_have_value("李保安")
    shot(page, "sites-editor")
    page.get_by_test_id("save-site").click()


def test_an_alarm_of_a_kindergarten_shows_whom_to_call(demo: Demo, page: Page) -> None:
    alarm_desk.entered(demo, ACCOUNT, [{"zone": "5", "name": "大一班窗户"}])
    with demo.client("system") as keeper:
        keeper.post("/alarm-sites", json={"name": "花溪超市", "kind": "shop"})
    sign_in(page, demo, "system", at="alarm-sites")
    entered(page)
    expect(page.get_by_test_id("chosen-site")).to_contain_text("0851-8580 0001")
    expect(page.get_by_test_id("chosen-site")).to_contain_text("校园一键报警")
    expect(page.get_by_test_id("sites").locator("li").first).to_contain_text(NURSERY)
    assert faults(page) == []
    shot(page, "sites")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    shot(page, "sites-phone")
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.get_by_test_id("change-site").click()
    page.get_by_test_id("site-note").fill("从东门进")
    page.get_by_test_id("save-site").click()
    expect(page.get_by_test_id("chosen-site")).to_contain_text("第 2 版")
    marked(page)
    expect(page.get_by_test_id("chosen-site")).to_contain_text("第 4 版")
    assert faults(page) == []
    shot(page, "plans")
    in_english(page)
    shot(page, "plans-en")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    shot(page, "plans-phone-en")
    page.get_by_test_id("change-plan-0").click()
    page.locator(".plan-editor .site-plan img").evaluate("image => image.decode()")
    shot(page, "plan-editor-phone-en")
    page.keyboard.press("Escape")
    page.set_viewport_size({"width": 1920, "height": 1080})
    in_english(page)

    page.context.clear_cookies()
    sign_in(page, demo, at="alarms")
    alarm_desk.report(demo, ACCOUNT, "Nri1/BA5")
    row = page.locator(".queue-row", has_text="大一班窗户")
    expect(row.get_by_test_id("site-badge")).to_have_text("幼儿园")
    row.click()
    card = page.get_by_test_id("alarm-site")
    expect(card).to_contain_text(NURSERY)
    expect(card.locator("a").first).to_have_attribute("href", CALL)
    for words in ("李保安", "持钥匙", "从东门进", "先到大一班"):
        expect(card).to_contain_text(words)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="校园一键报警")).to_be_visible()
    ringing = card.locator("[data-rings=true]")
    expect(ringing).to_have_text("大一班窗户")
    expect(ringing).to_be_in_viewport()
    assert card.locator("img").evaluate("image => image.decode().then(() => image.naturalWidth)") == 1600
    assert faults(page) == []
    shot(page, "sites-alarm")
    in_english(page)
    shot(page, "sites-alarm-en")
    page.set_viewport_size({"width": 390, "height": 844})
    card.scroll_into_view_if_needed()
    shot(page, "sites-alarm-phone")
