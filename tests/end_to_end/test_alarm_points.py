"""Alarm hosts and their points in the console: entered, changed, put in test and removed, by a system administrator."""

from __future__ import annotations

import os
import re
import socket
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from fengsui.wire.dc09.sending import Sender, request
from tests.end_to_end.conftest import Demo, sign_in, wait_until
from tests.end_to_end.test_accessibility import at_rest

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(300)]


def shot(page: Page, name: str) -> None:
    """For whoever looks at it."""
    if folder := os.environ.get("FENGSUI_SHOTS"):
        at_rest(page)
        page.screenshot(path=f"{folder}/{name}.png")


def test_a_host_is_entered_with_a_point_tested_and_removed(demo: Demo, page: Page) -> None:
    account = f"{datetime.now(UTC):%H%M%S}"
    sign_in(page, demo, "system", at="alarm-points")
    page.get_by_test_id("add-alarm-host").click()
    page.get_by_test_id("host-site").fill("实验幼儿园")
    page.get_by_test_id("host-account").fill(account)
    page.get_by_test_id("host-interval").fill("90")
    page.get_by_test_id("save-host").click()
    page.get_by_test_id("points-search").locator("input").fill("幼儿园")
    expect(page.get_by_test_id("points-total")).to_have_text("共 1 台")
    page.get_by_test_id(f"host-{account}").click()
    drawer = page.locator(".ant-drawer")
    expect(drawer).to_contain_text("90 分钟")
    drawer.get_by_test_id("add-point").click()
    page.get_by_test_id("point-zone").fill("7")
    page.get_by_test_id("point-name").fill("门厅按钮")
    page.get_by_test_id("point-add-camera").click()
    page.get_by_test_id("point-camera-0").click()
    page.keyboard.type("食堂")
    page.locator(".ant-select-item-option").filter(has_text="食堂").first.click()
    shot(page, "point-form")
    page.get_by_test_id("save-point").click()
    expect(drawer).to_contain_text("门厅按钮")
    expect(drawer.locator(".points-cameras")).to_contain_text("食堂")
    drawer.get_by_test_id("arm-host").focus()
    page.keyboard.press("Enter")
    page.get_by_test_id("arming-when").locator("input").press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.get_by_test_id("arming-grace").fill("30")
    shot(page, "arming-form")
    page.get_by_test_id("save-arming").focus()
    page.keyboard.press("Enter")
    expect(drawer).to_contain_text("宽限 30 分钟")
    expect(drawer.get_by_test_id("week-strip")).to_be_visible()
    drawer.get_by_test_id("test-host").click()
    page.get_by_test_id("test-reason").fill("季度维护")
    page.get_by_test_id("begin-test").click()
    expect(drawer).to_contain_text("测试至")
    expect(drawer.locator("[data-state=tested]")).to_be_visible()
    shot(page, "host-drawer")
    drawer.get_by_test_id("end-test").click()
    expect(drawer.locator("[data-state=never]")).to_be_visible()
    drawer.get_by_test_id("remove-host").click()
    page.locator(".ant-popconfirm").get_by_role("button", name=re.compile("删 ?除")).click()
    expect(page.locator(".points-table")).to_contain_text("没有符合条件的报警主机")


def test_an_account_that_nobody_entered_is_entered_from_the_page(demo: Demo, page: Page) -> None:
    account = f"E{datetime.now(UTC):%H%M%S}"

    def told() -> bytes:
        """By its host, over UDP; the node's answer, empty where none comes."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
            line.settimeout(2)
            line.connect(("127.0.0.1", int(demo.node["alarms"]["port"])))
            line.send(request(Sender(account), "SIA-DCS", 1, f"#{account}|Nri1/TX001"))
            try:
                return line.recv(512)
            except TimeoutError:
                return b""

    told()
    sign_in(page, demo, "system", at="alarm-points")
    page.get_by_test_id(f"enter-{account}").click(timeout=60_000)
    expect(page.get_by_test_id("host-account")).to_have_value(account)
    page.get_by_test_id("host-site").fill("来号单位")
    shot(page, "host-form")
    page.get_by_test_id("save-host").click()
    expect(page.get_by_test_id(f"enter-{account}")).to_have_count(0)
    wait_until(lambda: b"ACK" in told(), seconds=30, what="its frames are taken")
    row = page.locator(".points-table tr", has=page.get_by_test_id(f"host-{account}"))
    expect(row.locator("[data-state=well]")).to_be_visible(timeout=30_000)
    shot(page, "points-page")
    with demo.client("system") as client:
        (made,) = [one for one in client.get("/alarm-hosts").json()["items"] if one["account"] == account]
        assert client.delete(f"/alarm-hosts/{made['id']}").status_code == 204
