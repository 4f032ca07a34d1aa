"""Two security administrators change the policy in the console: one loads a pack, the other reads the whole change and approves."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.sync_api import Browser, Page, expect

from fengsui.features.policy.signing import DEMO_PACK, FOLDER, Envelope, sign
from tests.end_to_end.conftest import Demo

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(300)]
OTHER_BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def signed_in(browser: Browser, demo: Demo, name: str, user_agent: str | None = None) -> Page:
    """A person at a browser of their own."""
    context = browser.new_context(viewport={"width": 1920, "height": 1080}, locale="zh-CN", user_agent=user_agent)
    page = context.new_page()
    password = next(one["password"] for one in demo.node["users"] if one["name"] == name)
    page.goto(demo.node["console"])
    page.get_by_test_id("sign-in-name").fill(name)
    page.get_by_test_id("sign-in-password").fill(password)
    page.get_by_test_id("sign-in-submit").click()
    page.get_by_test_id("own-account").wait_for(timeout=60_000)
    return page


def newer_pack(demo: Demo, folder: Path) -> Path:
    """Version 2 with a narrower gate and a wider ceiling, of a publisher whom the node trusts."""
    key = Ed25519PrivateKey.generate()
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (demo.folder / "county" / FOLDER / "tests.pem").write_bytes(pem)
    text = Envelope.parse(DEMO_PACK.read_bytes()).document.decode()
    for old, new in (
        ("version = 1\n", "version = 2\n"),
        ("gate_days = 30", "gate_days = 15"),
        ("ceiling_days = 90", "ceiling_days = 180"),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    path = folder / "CN-base-2.fengsui-policy"
    path.write_bytes(sign(text.encode(), key))
    return path


def test_one_loads_the_other_reads_and_approves_and_the_loosening_waits(demo: Demo, browser: Browser, tmp_path: Path) -> None:
    first = signed_in(browser, demo, "security")
    beside = signed_in(browser, demo, "security-2")
    second = signed_in(browser, demo, "security-2", OTHER_BROWSER)
    first.goto(f"{demo.node['console']}policy")
    expect(first.get_by_test_id("pack-in-force")).to_contain_text("CN-base 第 1 版")
    first.get_by_test_id("load-pack").click()
    first.locator("input[type=file]").set_input_files(newer_pack(demo, tmp_path))
    expect(first.get_by_test_id("direction-older_data.gate_days")).to_contain_text("收紧")
    expect(first.get_by_test_id("direction-retention.video.ceiling_days")).to_contain_text("放宽")
    first.get_by_test_id("pack-reason").fill("省级主管部门发布第 2 版")
    first.locator(".ant-modal-footer .ant-btn-primary").click()
    expect(second.get_by_test_id("nav-approvals").locator(".badge")).to_have_text("1", timeout=60_000)

    # The same browser at the same address is no second workstation.
    for page in (beside, second):
        page.goto(f"{demo.node['console']}approvals")
        page.locator("[data-testid^=open-]").first.click()
        expect(page.get_by_test_id("opened-request")).to_contain_text("15 天")
        page.get_by_test_id("approve").click()
        approve = page.locator(".ant-modal-footer .ant-btn-primary")
        expect(approve).to_be_disabled()
        page.get_by_test_id("have-read").check()
        approve.click()
        if page is beside:
            expect(page.get_by_text("同一工作站").first).to_be_visible(timeout=60_000)
    second.get_by_test_id("box-coming").click()
    expect(second.get_by_test_id("request-state").first).to_contain_text("待生效")

    first.goto(f"{demo.node['console']}policy")
    expect(first.get_by_test_id("pack-coming")).to_contain_text("15 天")
    expect(first.get_by_test_id("pack-in-force")).to_contain_text("CN-base 第 1 版")
    second.locator("[data-testid^=open-]").first.click()
    second.get_by_test_id("withdraw").click()
    second.locator(".ant-popconfirm-buttons .ant-btn-primary").click()
    second.get_by_test_id("box-ended").click()
    expect(second.get_by_test_id("request-state").first).to_contain_text("已撤回")
    expect(first.get_by_test_id("pack-coming")).to_have_count(0, timeout=60_000)
    for page in (first, beside, second):
        page.context.close()
