"""Rooms of the console in front of the running demo: lock-out, the node's page, both languages, a device's trace."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from fengsui.transports.addresses import ELSEWHERE, route_to
from tests.end_to_end.conftest import Demo, sign_in, wait_until
from tests.end_to_end.test_first_picture import cameras_with_patches
from tests.end_to_end.test_more_pictures import camera
from tests.end_to_end.test_recovery import show

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(300)]


def test_wrong_passwords_lead_to_a_lock_that_says_how_long(demo: Demo, page: Page) -> None:
    page.goto(demo.node["console"])
    told = page.get_by_role("alert")
    for attempt in range(6):
        page.get_by_test_id("sign-in-name").fill("somebody.else")
        page.get_by_test_id("sign-in-password").fill(f"a-guess-{attempt}")
        with page.expect_response("**/api/v1/session") as answered:
            page.get_by_test_id("sign-in-submit").click()
        assert answered.value.status == (401 if attempt < 5 else 429)
    told.get_by_text(re.compile(r"错误次数过多，请在 \d+ 秒后重试")).wait_for()
    page.get_by_test_id("language").click()
    told.get_by_text(re.compile(r"try again in \d+ s")).wait_for()


def test_the_nodes_page_tells_addresses_ports_streams_and_load(demo: Demo, page: Page, browser: Browser) -> None:
    code = cameras_with_patches(demo, "H.264")[0]
    sign_in(page, demo)
    show(page, [code])
    context = browser.new_context(viewport={"width": 1920, "height": 1080}, locale="zh-CN")
    node = context.new_page()
    sign_in(node, demo, "system")
    node.goto(f"{demo.node['console']}node")
    values = node.get_by_test_id("join-values")
    values.wait_for()
    told = values.inner_text()
    sip = demo.node["sip"]
    outer = route_to(ELSEWHERE)  # this machine's own address is of no use to a camera
    for value in (demo.node["code"], sip["domain"], outer, str(sip["port"])):
        assert value in told
    (example,) = re.findall(rf"{sip['domain']}132\d{{7}}", told)
    with demo.client() as client:
        assert client.get(f"/devices/{example}").status_code == 404, "an example that somebody may type as it stands"
    printed = (demo.folder / "demo.log").read_text(encoding="utf-8")
    _, found, values_printed = printed.partition("六个值")
    assert found
    lines = [line.strip(" │").rpartition(": ")[2] for line in values_printed.splitlines()[1:7]]
    free = lines.pop(4)
    assert re.fullmatch(rf"{sip['domain']}132\d{{7}}", free)
    assert lines == [demo.node["code"], sip["domain"], outer, str(sip["port"]), sip["password"]]
    assert sip["password"] not in node.content(), "the password is copied, not shown"
    assert str(sip["port"]) in node.get_by_test_id("ports").inner_text()
    assert re.search(r"\d+\.\d+\.\d+\.\d+", node.get_by_test_id("addresses").inner_text())
    assert re.search(r"内存\s*\d+ MB", node.get_by_test_id("node-facts").inner_text())
    row = node.get_by_test_id("streams").locator("tr", has_text="播放中").first
    wait_until(lambda: re.search(r"\d kbit/s|\d Mbit/s", row.inner_text()), seconds=60, what="the stream has a bit rate")
    node.get_by_test_id("node-charts").locator("canvas").first.wait_for()
    context.close()


def test_the_manifest_has_the_names_that_others_rely_on(demo: Demo) -> None:
    assert demo.node.keys() >= {"name", "level", "code", "console", "api", "sip", "users"}
    assert demo.node["level"] == "county" and re.fullmatch(r"\d{20}", demo.node["code"])
    assert demo.node["sip"].keys() >= {"host", "port", "domain", "password"}
    assert all(user.keys() >= {"name", "password", "role"} for user in demo.node["users"])


def test_the_language_is_kept(demo: Demo, page: Page) -> None:
    sign_in(page, demo)
    page.get_by_test_id("language").click()
    page.reload()
    page.get_by_role("link", name="Wall", exact=True).wait_for()
    assert page.evaluate("document.documentElement.lang") == "en"
    page.get_by_test_id("language").click()
    page.reload()
    page.get_by_role("link", name="画面墙").wait_for()
    assert page.evaluate("document.documentElement.lang") == "zh-CN"


def audited(demo: Demo) -> list[dict[str, Any]]:
    """The newest records."""
    with demo.client("audit") as auditor:
        items: list[dict[str, Any]] = auditor.get("/audit", params={"act": "device.trace", "limit": 200}).json()["items"]
        return items


def test_a_devices_trace_tells_its_messages_and_no_secret(demo: Demo, page: Page, tmp_path: Path) -> None:
    with camera(demo, tmp_path / "camera.log", 931) as code, demo.client("system") as client:
        sign_in(page, demo, "system", at=f"devices/{code}")
        page.get_by_test_id("trace-again").wait_for(timeout=60_000)
        wait_until(lambda: "Catalog" in client.get(f"/devices/{code}/trace").text, seconds=60, what="the catalogue is asked for")
        read = [one["act"] for one in audited(demo)].count("device.trace")
        page.get_by_test_id("trace-again").click()
        page.locator(".trace summary", has_text="Catalog").first.wait_for(timeout=60_000)
        assert [one["act"] for one in audited(demo)].count("device.trace") == read + 1, "read, and on record, when it is asked for"
        texts = [item["text"] for item in client.get(f"/devices/{code}/trace").json()["items"]]
        registered = page.locator(".trace details", has_text="REGISTER sip:").filter(has_text="Digest").first
        registered.locator("summary").click()
        shown = registered.locator("pre").inner_text()
    assert 'username="' in shown and 'response="…"' in shown
    secrets = [
        found for text in texts for found in re.findall(r'\b(?:response|cnonce|nonce)\s*=\s*"?([^",\s]+)', text, re.IGNORECASE)
    ]
    assert secrets and set(secrets) == {"…"}
    assert not any(demo.node["sip"]["password"] in text for text in texts)
