"""A person sets up a second factor and a passkey in the console, signs in with each, and sees and ends their sessions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Page, expect

from tests.end_to_end.conftest import Demo, sign_in, wait_until
from tests.end_to_end.test_recovery import PASSWORD, first_people, is_ready, process, settings_file

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(300)]


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[str]:
    """The console's address of a node that asks everybody for a second factor; its administrator has none yet."""
    config, http, _ = settings_file(tmp_path)
    with config.open("a", encoding="utf-8") as file:
        file.write('[sign_in]\nsecond_factor = "required"\n')
    api = f"http://localhost:{http}"
    command = ["run", "--config", str(config), "--data", str(tmp_path / "data")]
    with process(tmp_path / "node.log", *command, **first_people(PASSWORD)):
        wait_until(lambda: is_ready(api), seconds=120, what="the node is ready")
        yield f"{api}/"


def fill_in(page: Page) -> None:
    """Name and password."""
    page.get_by_test_id("sign-in-name").fill("duty")
    page.get_by_test_id("sign-in-password").fill(PASSWORD)
    page.get_by_test_id("sign-in-submit").click()


def prove(page: Page) -> None:
    """That it is still the same person: no factor yet, so by the password."""
    page.get_by_test_id("own-proof").fill(PASSWORD)
    page.get_by_test_id("own-proof").press("Enter")


def sign_out(page: Page) -> None:
    """Back to the gate."""
    page.get_by_text("退出登录").click()
    page.get_by_test_id("sign-in-name").wait_for()


def test_the_policy_leads_to_an_authenticator_and_sign_in_asks_for_it(strict: str, page: Page) -> None:
    page.goto(strict)
    fill_in(page)
    page.get_by_test_id("begin-authenticator").click()
    prove(page)
    authenticator = pyotp.TOTP(page.get_by_test_id("authenticator-secret").inner_text().strip())
    page.get_by_test_id("own-code").fill(authenticator.now())
    page.get_by_test_id("own-code").press("Enter")
    codes = re.findall(r"\w{5}-\w{5}", page.get_by_test_id("recovery-codes").inner_text())
    assert len(codes) == 10
    page.get_by_role("button", name="已记下").click()
    page.get_by_test_id("go-on").click()
    page.get_by_test_id("layout-4").wait_for()
    sign_out(page)
    fill_in(page)
    page.get_by_test_id("sign-in-code").fill(codes[0])
    page.get_by_test_id("sign-in-code").press("Enter")
    page.get_by_test_id("layout-4").wait_for()
    assert page.get_by_test_id("no-factor").count() == 0
    page.get_by_test_id("own-account").click()
    page.get_by_text("剩余恢复码 9 个").wait_for()
    assert page.get_by_test_id("session").count() == 1, "the session that was left is gone"


def test_a_passkey_signs_in_alone(strict: str, page: Page) -> None:
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    added = devices.send(
        "WebAuthn.addVirtualAuthenticator", {"options": {**options, "isUserVerified": True, "automaticPresenceSimulation": True}}
    )
    key = added["authenticatorId"]
    page.goto(strict)
    fill_in(page)
    page.get_by_test_id("passkey-name").fill("值班台密钥")
    page.get_by_test_id("add-passkey").click()
    prove(page)
    page.get_by_test_id("go-on").click()
    page.get_by_test_id("layout-4").wait_for()
    sign_out(page)
    fill_in(page)
    page.get_by_text("该用户使用通行密钥登录").wait_for()
    page.get_by_test_id("sign-in-passkey").click()
    page.get_by_test_id("layout-4").wait_for()
    page.get_by_test_id("lock-now").click()
    page.get_by_test_id("unlock-passkey").wait_for()
    assert page.get_by_test_id("unlock-proof").count() == 0, "its password alone signs nobody in, and unlocks nothing"
    devices.send("WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": False})
    page.get_by_test_id("unlock-passkey").click()
    expect(page.get_by_test_id("unlock-passkey")).to_be_enabled()
    assert page.get_by_test_id("lock-page").count() == 1, "somebody else touched the key"
    devices.send("WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": True})
    page.keyboard.press("Enter")
    page.get_by_test_id("layout-4").wait_for()


def test_the_demonstration_says_that_it_asks_for_no_second_factor(demo: Demo, page: Page) -> None:
    sign_in(page, demo)
    assert "演示策略" in page.get_by_test_id("no-factor").inner_text()
    page.get_by_test_id("own-account").click()
    page.get_by_test_id("token-name").fill("110 接口")
    page.get_by_test_id("token-proof").fill(demo.user_named("duty")["password"])
    page.get_by_test_id("add-token").click()
    assert page.get_by_test_id("token-text").inner_text().strip().startswith("fsk_")
