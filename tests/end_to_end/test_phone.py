"""The console on a phone: sign-in, the list, one camera and the rest under the thumb; it can be installed."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.end_to_end.conftest import Demo


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A phone held upright, used by touch."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, device_scale_factor=2, has_touch=True, is_mobile=True, locale="zh-CN"
    )
    yield context.new_page()
    context.close()


def signed_in(demo: Demo, phone: Page) -> None:
    """On the list of cameras."""
    phone.goto(demo.node["console"])
    phone.get_by_test_id("sign-in-name").fill(demo.user["name"])
    phone.get_by_test_id("sign-in-password").fill(demo.user["password"])
    phone.get_by_test_id("sign-in-submit").tap()
    phone.locator(".leaf").first.wait_for()


def test_a_camera_is_found_and_watched_by_thumb(demo: Demo, phone: Page) -> None:
    signed_in(demo, phone)
    leaf = phone.locator(".leaf").first
    assert (leaf.bounding_box() or {"height": 0})["height"] >= 44, "a finger hits it"
    assert phone.evaluate("document.documentElement.scrollWidth") == 390, "nothing lies beside the screen"
    phone.get_by_test_id("camera-search").fill("瑞金")
    phone.locator(".leaf", has_text="瑞金南路").tap()
    expect(phone.locator("[data-tile]")).to_have_attribute("data-state", "playing")
    assert phone.evaluate("document.documentElement.scrollWidth") == 390

    phone.get_by_test_id("phone-/duty").tap()
    expect(phone).to_have_url(f"{demo.node['console'].rstrip('/')}/duty")
    phone.get_by_test_id("phone-more").tap()
    phone.get_by_test_id("phone-/node").tap()
    expect(phone).to_have_url(f"{demo.node['console'].rstrip('/')}/node")
    expect(phone.get_by_test_id("phone-/node")).to_have_count(0)
    phone.get_by_test_id("phone-more").tap()
    phone.get_by_test_id("phone-sign-out").tap()
    phone.get_by_test_id("sign-in-name").wait_for()


def test_it_can_be_installed(demo: Demo, phone: Page) -> None:
    phone.goto(demo.node["console"])
    phone.get_by_test_id("sign-in-name").wait_for()
    devtools = phone.context.new_cdp_session(phone)
    manifest = devtools.send("Page.getAppManifest")
    assert manifest["errors"] == [] and '"display": "standalone"' in manifest["data"]
    errors = [one["errorId"] for one in devtools.send("Page.getInstallabilityErrors")["installabilityErrors"]]
    assert errors in ([], ["in-incognito"]), "a test's window is always a private one"


def test_a_camera_is_chosen_on_the_map(demo: Demo, phone: Page) -> None:
    signed_in(demo, phone)
    phone.get_by_test_id("phone-/situation").tap()
    board = phone.locator('[data-testid="map"][data-ready="true"]')
    expect(board).to_be_visible()
    box = board.bounding_box()
    assert box is not None and box["height"] >= 250 and box["x"] >= 0 and box["x"] + box["width"] <= 390, box
    phone.get_by_test_id("situation-search").fill("瑞金")
    phone.get_by_test_id("situation-rows").get_by_role("option").first.tap()
    expect(phone.get_by_test_id("chosen-picture")).to_have_attribute("data-state", "playing")
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
    if folder := os.environ.get("SHOTS"):
        phone.screenshot(path=f"{folder}/phone-map.png")
    phone.get_by_test_id("close-chosen").tap()
    expect(phone.get_by_test_id("chosen-camera")).to_have_count(0)


def test_without_a_network_it_says_so_and_comes_back_signed_in(demo: Demo, phone: Page) -> None:
    signed_in(demo, phone)
    phone.evaluate("navigator.serviceWorker.ready.then(() => true)")
    phone.context.set_offline(True)
    phone.reload()
    expect(phone.get_by_role("heading", name="连接不上节点")).to_be_visible()
    expect(phone.get_by_role("heading", name="The node cannot be reached")).to_be_visible()
    phone.get_by_role("button", name="再试").tap()
    expect(phone.get_by_role("status")).to_contain_text("仍未连上")
    if folder := os.environ.get("SHOTS"):
        phone.screenshot(path=f"{folder}/phone-offline.png")
    phone.context.set_offline(False)
    expect(phone.locator(".leaf").first).to_be_visible()
    kept = phone.evaluate(
        "caches.keys().then(names => Promise.all(names.map(name => caches.open(name))))"
        ".then(all => Promise.all(all.map(one => one.keys()))).then(all => all.flat().map(one => new URL(one.url).pathname))"
    )
    assert sorted(kept) == ["/icon.svg", "/offline.css", "/offline.html", "/offline.js"], "and nothing that the node said"
