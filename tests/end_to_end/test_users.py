"""A security administrator appoints a person; the person sets a password of their own and sees only what the post and area open."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.end_to_end.conftest import Demo, enter, sign_in
from tests.end_to_end.test_policy import OTHER_BROWSER, signed_in

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(300)]
NAME, OWN = "zhao.qian", "my-own-long-password"


def choose_post(page: Page, post: str, area: str) -> None:
    """In the form that lies on top."""
    page.get_by_test_id("appointment-post").last.click()
    page.locator(".ant-select-item-option", has_text=post).last.click()
    page.get_by_label("管辖区域（含下级）").last.click()
    page.keyboard.type(area)
    page.locator(".ant-select-tree-title", has_text=area).last.click()


def approved_by_the_second(demo: Demo, browser: Browser) -> None:
    """The other security administrator reads the request, who could approve it, and approves."""
    second = signed_in(browser, demo, "security-2", OTHER_BROWSER)
    second.goto(f"{demo.node['console']}approvals")
    second.get_by_test_id(re.compile("^open-")).first.click()
    expect(second.get_by_test_id("opened-request")).to_contain_text("值班员", timeout=60_000)
    expect(second.get_by_test_id("opened-request")).to_contain_text("单位负责人及以上")
    expect(second.get_by_test_id("candidates")).to_have_text("第二安全管理员 security-2 · 省级机关负责人")
    second.get_by_test_id("approve").click()
    second.get_by_test_id("have-read").check()
    second.locator(".ant-modal-footer .ant-btn-primary").click()
    second.get_by_test_id("opened-request").wait_for(state="detached", timeout=60_000)
    second.context.close()


def test_a_person_is_appointed_works_and_is_cut_off_when_it_is_withdrawn(demo: Demo, page: Page, browser: Browser) -> None:
    sign_in(page, demo, "security")
    page.get_by_test_id("room-administration").wait_for()
    assert page.get_by_test_id("room-live").count() == 0, "an administrator sees no pictures"
    page.get_by_test_id("add-user").click()
    page.get_by_test_id("new-user-name").fill(NAME)
    choose_post(page, "值班员", "南明区")
    for field, day in (("vetted_on", "2026-01-05"), ("undertaking_on", "2026-01-05"), ("training_until", "2099-01-05")):
        page.get_by_test_id(field).fill(day)
    page.get_by_test_id("appointment-reason").fill("新任值班员")
    page.get_by_test_id("make-user").click()
    password = page.get_by_test_id("first-password").inner_text().strip()
    assert len(password) >= 12
    page.get_by_test_id("post-asked").wait_for(timeout=60_000)
    approved_by_the_second(demo, browser)
    context = browser.new_context(viewport={"width": 1920, "height": 1080}, locale="zh-CN")
    theirs = context.new_page()
    theirs.goto(demo.node["console"])
    theirs.get_by_test_id("sign-in-name").fill(NAME)
    theirs.get_by_test_id("sign-in-password").fill(password)
    theirs.get_by_test_id("sign-in-submit").click()
    theirs.get_by_test_id("new-password").fill(OWN)
    theirs.get_by_test_id("sign-in-submit").click()
    theirs.get_by_test_id("layout-4").wait_for(timeout=60_000)
    enter(theirs, "policy")
    assert theirs.get_by_test_id("nav-users").count() == 0
    theirs.goto(f"{demo.node['console']}users")
    theirs.get_by_test_id("refusal-rule").wait_for(timeout=60_000)
    assert theirs.get_by_test_id("refusal-rule").inner_text() == "A7"
    assert "安全管理员" in theirs.get_by_test_id("refusal-way").inner_text()

    page.keyboard.press("Escape")
    page.get_by_test_id(f"user-{NAME}").click()
    page.get_by_test_id("appointment-operator").get_by_text("security-2 批准").wait_for(timeout=60_000)
    choose_post(page, "审计管理员", "南明区")
    page.get_by_test_id("appointment-reason").last.fill("兼任")
    page.get_by_test_id("appoint").click()
    page.get_by_test_id("refusal-rule").wait_for(timeout=60_000)
    assert page.get_by_test_id("refusal-rule").inner_text() == "A35", "an office and a post that sees footage"
    page.get_by_role("button", name="知道了").click()
    page.get_by_test_id("end-operator").click()
    page.locator(".ant-popconfirm-buttons .ant-btn-primary").click()
    page.get_by_test_id("appointment-operator").wait_for(state="detached", timeout=60_000)
    theirs.goto(f"{demo.node['console']}devices")
    theirs.get_by_test_id("refusal-rule").wait_for(timeout=60_000)
    page.get_by_test_id(f"disable-{NAME}").click()
    page.locator(".ant-popconfirm-buttons .ant-btn-primary").click()
    theirs.get_by_test_id("sign-in-name").wait_for(timeout=60_000)
    context.close()
