"""Somebody at a school's gate holds one button: it rings at the desk; without a network and over a reload nothing is lost."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.end_to_end.conftest import Demo, running_demo, sign_in, wait_until
from tests.end_to_end.test_accessibility import faults

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(400)]
GATE = "南明实验小学东门"
KEPT = "caches.open('fengsui-panic').then(one => one.match('/panic')).then(page => page !== undefined)"
THERE = {"longitude": 106.711, "latitude": 26.577}


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    with running_demo() as running:
        yield running


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A phone held upright, of somebody who has no account."""
    phone = browser.new_context(
        viewport={"width": 390, "height": 844},
        device_scale_factor=2,
        has_touch=True,
        is_mobile=True,
        locale="zh-CN",
        geolocation=THERE,
        permissions=["geolocation"],
    )
    yield phone
    phone.close()


def shot(page: Page, name: str) -> None:
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png")


def is_in(phone: Page, state: str) -> None:
    expect(phone.get_by_test_id("panic-status")).to_have_attribute("data-state", state)


def hold(phone: Page, then: str) -> None:
    """With a finger that stays until something becomes of it."""
    box = phone.get_by_test_id("panic-button").bounding_box()
    assert box is not None
    phone.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    phone.mouse.down()
    is_in(phone, then)
    phone.mouse.up()


def calls(desk: httpx.Client, **asked: str) -> list[dict[str, Any]]:
    found = desk.get("/alarms", params=asked).json()["items"]
    return [one for one in found if one["site"] == GATE]


def made(page: Page) -> str:
    """A link, as the console shows it once."""
    page.get_by_test_id("add-panic-link").click()
    for name, said in (
        ("place", GATE),
        ("holder", "门卫 张某"),
        ("phone", "139 0000 1234"),
        ("longitude", "106.713"),
        ("latitude", "26.578"),
    ):
        page.get_by_test_id(f"panic-{name}").fill(said)
    shot(page, "panic-new")
    page.get_by_test_id("save-panic-link").click()
    address = page.get_by_test_id("panic-address").inner_text()
    expect(page.locator(".panic-link-made svg").first).to_be_visible()
    shot(page, "panic-once")
    return address.strip()


def test_a_school_calls_for_help_from_a_phone_and_sees_that_it_is_taken(demo: Demo, page: Page, context: BrowserContext) -> None:
    sign_in(page, demo, "system", at="links")
    address = made(page)
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("panic-links")).to_contain_text(GATE)
    assert faults(page) == []
    shot(page, "panic-list")

    phone = context.new_page()
    phone.goto(address)
    expect(phone.get_by_test_id("panic-place")).to_have_text(GATE)
    is_in(phone, "ready")
    assert phone.evaluate("document.documentElement.scrollWidth") == 390, "nothing lies beside the screen"
    assert phone.evaluate("document.documentElement.scrollHeight") <= 844, "nor below it"
    assert faults(phone) == []
    shot(phone, "panic-ready")
    wait_until(lambda: phone.evaluate(KEPT), seconds=30, what="the page is kept on the phone")
    with demo.client() as desk:
        phone.get_by_test_id("panic-button").tap()
        expect(phone.get_by_test_id("panic-button")).to_have_attribute("data-held", "false")
        assert calls(desk) == [], "a touch in the pocket calls nobody"
        phone.get_by_test_id("panic-text").fill("有人翻墙")
        phone.get_by_test_id("panic-position-box").check()
        expect(phone.get_by_test_id("panic-position-words")).to_contain_text("定位 ±")
        hold(phone, "delivered")
        expect(phone.get_by_test_id("panic-words")).to_contain_text("已送达 指挥中心已收到")
        shot(phone, "panic-delivered")
        (alarm,) = calls(desk, queue="open")
        assert (alarm["category"], alarm["priority"], alarm["point"]) == ("panic", 1, "门卫 张某")
        assert (alarm["longitude"], alarm["latitude"]) == (THERE["longitude"], THERE["latitude"])
        assert "139 0000 1234" in alarm["text"] and "有人翻墙" in alarm["text"]
        assert desk.post(f"/alarms/{alarm['id']}/acknowledge", json={}).status_code == 200
        is_in(phone, "taken")
        expect(phone.get_by_test_id("panic-words")).to_contain_text("已接警")
        shot(phone, "panic-taken")

        context.set_offline(True)
        phone.get_by_test_id("panic-button").focus()
        phone.keyboard.down("Enter")
        is_in(phone, "failing")
        phone.keyboard.up("Enter")
        expect(phone.get_by_test_id("panic-words")).to_contain_text("请直接拨打 110")
        assert faults(phone) == []
        shot(phone, "panic-failing")
        phone.reload()
        is_in(phone, "failing")
        assert calls(desk, queue="open")[0]["work"]["folded"] == 0
        context.set_offline(False)
        is_in(phone, "taken")
        assert calls(desk, queue="open")[0]["work"]["folded"] == 1, "it counts with the one that is open"

        assert desk.post(f"/alarms/{alarm['id']}/verify", json={"result": "real"}).status_code == 200
        assert desk.post(f"/alarms/{alarm['id']}/close", json={"outcome": "handled"}).status_code == 200
        is_in(phone, "closed")
        phone.get_by_test_id("panic-trial-box").check()
        shot(phone, "panic-trial")
        hold(phone, "tried")
        assert calls(desk, queue="open") == [], "a trial rings nowhere"
        phone.get_by_test_id("panic-language").tap()
        expect(phone.get_by_test_id("panic-words")).to_contain_text("Trial delivered")
        assert phone.evaluate("document.documentElement.scrollWidth") == 390
        shot(phone, "panic-english")

    page.locator('[data-testid^="panic-on-"]').click()
    expect(page.get_by_test_id("panic-links")).to_contain_text("已停用")
    shot(page, "panic-off")
    phone.reload()
    is_in(phone, "invalid")
    expect(phone.get_by_test_id("panic-button")).to_be_disabled()
    shot(phone, "panic-invalid")


def test_the_desk_sees_where_and_who_calls(demo: Demo, page: Page, context: BrowserContext) -> None:
    with demo.client("system") as keeper:
        order = {"place": "河滨幼儿园", "holder": "园长 李某", "phone": "138 0000 4321", "longitude": 106.713, "latitude": 26.578}
        token = keeper.post("/panic-links", json=order).json()["token"]
    sign_in(page, demo, at="alarms")
    phone = context.new_page()
    phone.goto(f"{demo.node['console']}panic#{token}")
    hold(phone, "delivered")
    row = page.locator(".queue-row", has_text="河滨幼儿园")
    row.click()
    for words in ("园长 李某", "138 0000 4321", "一键报警链接", "106.713000, 26.578000"):
        expect(page.get_by_test_id("alarm-facts")).to_contain_text(words)
    shot(page, "panic-desk")
