"""An administrator makes a user; the user sets a password of their own and sees only what an operator sees."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from tests.end_to_end.conftest import Demo, sign_in

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(120)]
NAME, OWN = "zhao.qian", "my-own-long-password"


def test_a_first_password_is_shown_once_and_changed_at_the_first_sign_in(demo: Demo, page: Page, browser: Browser) -> None:
    sign_in(page, demo, "security")
    page.goto(f"{demo.node['console']}users")
    page.get_by_test_id("add-user").click()
    page.get_by_test_id("new-user-name").fill(NAME)
    page.get_by_test_id("new-user-name").press("Enter")
    password = page.get_by_test_id("first-password").inner_text().strip()
    assert len(password) >= 12
    context = browser.new_context(viewport={"width": 1920, "height": 1080}, locale="zh-CN")
    theirs = context.new_page()
    theirs.goto(demo.node["console"])
    theirs.get_by_test_id("sign-in-name").fill(NAME)
    theirs.get_by_test_id("sign-in-password").fill(password)
    theirs.get_by_test_id("sign-in-submit").click()
    theirs.get_by_test_id("new-password").fill(OWN)
    theirs.get_by_test_id("sign-in-submit").click()
    theirs.get_by_test_id("layout-4").wait_for(timeout=15_000)
    assert theirs.get_by_role("link", name="人员", exact=True).count() == 0

    page.keyboard.press("Escape")
    page.get_by_test_id(f"disable-{NAME}").click()
    page.locator(".ant-popconfirm-buttons .ant-btn-primary").click()
    theirs.get_by_test_id("sign-in-name").wait_for(timeout=20_000)
    context.close()
