"""The console on a phone: sign-in, the list, one camera and the rest under the thumb; it can be installed."""

from __future__ import annotations

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


def test_a_camera_is_found_and_watched_by_thumb(demo: Demo, phone: Page) -> None:
    phone.goto(demo.node["console"])
    phone.get_by_test_id("sign-in-name").fill(demo.user["name"])
    phone.get_by_test_id("sign-in-password").fill(demo.user["password"])
    phone.get_by_test_id("sign-in-submit").tap()
    leaf = phone.locator(".leaf").first
    leaf.wait_for()
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
