"""Signing in through a real identity provider in Chromium: the button, its own page, back to where one was; refusals are told."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pyotp
import pytest
from playwright.sync_api import Browser, Page

from fengsui.features.access.first_people import DEMONSTRATION, FIRST_PEOPLE, demonstration, to_text
from tests.end_to_end.conftest import enter, wait_until
from tests.node.identity_provider import PASSWORD, SECRET, IdentityProvider
from tests.ports import free_port

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(240)]
BREACHES = """window.__breaches = [];
document.addEventListener('securitypolicyviolation',
  (breach) => __breaches.push(breach.violatedDirective + ' ' + breach.blockedURI + ' ' + breach.sourceFile));"""


@dataclass(frozen=True)
class Site:
    """A node under TLS at one site, its identity provider at another."""

    origin: str
    provider: IdentityProvider

    def user(self, name: str) -> dict[str, Any]:
        """As the security administrator sees it."""
        with httpx.Client(base_url=f"{self.origin}/api/v1", verify=False, timeout=30) as client:
            answer = client.post("/session", json={"name": "security", "password": "first-password"})
            bearer = {"Authorization": f"Bearer {answer.json()['token']}"}
            client.cookies.clear()
            users: list[dict[str, Any]] = client.get("/users", headers=bearer).json()["items"]
        return next(one for one in users if one["name"] == name)

    def second_approves(self) -> None:
        """The second security administrator, at another workstation, reads and approves the one request that waits."""
        elsewhere = httpx.HTTPTransport(local_address="127.0.0.22", verify=False)
        with httpx.Client(base_url=f"{self.origin}/api/v1", transport=elsewhere, timeout=30) as client:
            answer = client.post("/session", json={"name": "security-2", "password": "first-password"})
            bearer = {"Authorization": f"Bearer {answer.json()['token']}"}
            client.cookies.clear()

            def waiting() -> list[str]:
                return [one["id"] for one in client.get("/approvals", headers=bearer).json()["items"]]

            (request,) = wait_until(waiting, seconds=60, what="the reset is asked for")
            opened = client.get(f"/approvals/{request}", headers=bearer).json()
            done = client.post(f"/approvals/{request}/approve", headers=bearer, json={"hash": opened["hash"]})
            assert done.json()["state"] == "applied", done.text


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One for all tests here. `localhost` and `127.0.0.1` are two sites to a browser."""
    folder = tmp_path_factory.mktemp("sso")
    sip, rtp, http, media, webrtc = (free_port() for _ in range(5))
    origin = f"https://127.0.0.1:{http}"
    secret = folder / "city.secret"
    secret.write_text(SECRET)
    secret.chmod(0o600)
    with contextlib.ExitStack() as stack:
        provider = stack.enter_context(IdentityProvider([f"{origin}/sign-in/city"], host="localhost"))
        config = folder / "fengsui.toml"
        config.write_text(
            f"""[signalling]
host = "127.0.0.1"
port = {sip}
[media]
rtp_host = "127.0.0.1"
rtp_port = {rtp}
http_host = "127.0.0.1"
http_port = {media}
webrtc_port = {webrtc}
[http]
host = "127.0.0.1"
port = {http}
[alarm_hosts]
port = 0
[access]
prerequisites = []
[single_sign_on.city]
issuer = "{provider.issuer}"
client_id = "fengsui"
client_secret_file = "{secret}"
scopes = ["openid", "profile", "groups"]
button_zh = "用市局统一身份登录"
button_en = "Sign in with the city's identity"
[[single_sign_on.city.groups]]
group = "desk"
post = "operator"
area = "5201"
classes = ["government"]
""",
            encoding="utf-8",
        )
        people = to_text(demonstration({one.name: "first-password" for one in DEMONSTRATION}))
        command = [sys.executable, "-m", "fengsui", "run", "--config", str(config), "--data", str(folder / "data")]
        process = subprocess.Popen(command, env={**os.environ, FIRST_PEOPLE: people}, stdout=subprocess.DEVNULL)
        stack.callback(process.wait, 20)
        stack.callback(process.send_signal, signal.SIGTERM)

        def ready() -> bool:
            with contextlib.suppress(httpx.TransportError):
                return httpx.get(f"{origin}/readyz", verify=False).status_code == 200
            return False

        wait_until(ready, seconds=120, what="the node runs")
        yield Site(origin, provider)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh page that takes the node's own certificate and tells of breaches of the content policy."""
    context = browser.new_context(viewport={"width": 1920, "height": 1080}, locale="zh-CN", ignore_https_errors=True)
    context.add_init_script(BREACHES)
    yield context.new_page()
    context.close()


def go_to_provider(page: Page, site: Site, account: str, path: str = "/") -> None:
    """From a page of the console to the provider's, and through it."""
    page.goto(f"{site.origin}{path}")
    page.get_by_test_id("sign-in-city").click()
    page.wait_for_url(f"{site.provider.issuer}/**")
    page.get_by_label("用户名").fill(account)
    page.get_by_label("口令").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()


def test_a_person_comes_by_the_provider_and_is_where_they_were(site: Site, page: Page, browser: Browser) -> None:
    site.provider.account("wang", "desk")
    go_to_provider(page, site, "wang", "/devices?status=online")
    page.get_by_test_id("own-account").wait_for(timeout=60_000)
    assert page.url == f"{site.origin}/devices?status=online", "neither code nor state stay in the address"
    enter(page, "policy")
    assert page.get_by_test_id("nav-users").count() == 0
    kept = {one["name"]: one for one in page.context.cookies(site.origin)}
    assert kept["__Host-fengsui-session"]["sameSite"] == "Strict" and kept["__Host-fengsui-session"]["httpOnly"]
    assert "__Host-fengsui-sign-in" not in kept
    page.goto(f"{site.origin}/account")
    page.get_by_text("口令在那里修改").wait_for(timeout=60_000)
    assert page.get_by_test_id("own-password").count() == 0
    page.reload()
    page.get_by_test_id("own-account").wait_for(timeout=60_000)
    assert page.evaluate("window.__breaches") == []

    context = browser.new_context(viewport={"width": 1920, "height": 1080}, locale="zh-CN", ignore_https_errors=True)
    theirs = context.new_page()
    theirs.goto(site.origin)
    theirs.get_by_test_id("sign-in-name").fill("security")
    theirs.get_by_test_id("sign-in-password").fill("first-password")
    theirs.get_by_test_id("sign-in-submit").click()
    theirs.get_by_test_id("user-wang@city").click()
    assert "身份提供方 city" in theirs.get_by_test_id("from-provider").inner_text(timeout=60_000)
    assert theirs.get_by_test_id("reset-wang@city").count() == 0 and theirs.get_by_test_id("factor-wang@city").count() == 1
    assert "用户组“desk”" in theirs.get_by_test_id("appointment-operator").inner_text()
    theirs.get_by_test_id("factor-wang@city").click()
    theirs.locator(".ant-popconfirm-buttons .ant-btn-primary").click()
    theirs.get_by_test_id("reason").fill("手机遗失")
    theirs.get_by_test_id("sure").click()
    site.second_approves()
    page.get_by_test_id("sign-in-name").wait_for(timeout=60_000)
    context.close()


def test_the_own_code_is_asked_for_after_the_provider(site: Site, page: Page) -> None:
    site.provider.account("li", "desk")
    go_to_provider(page, site, "li")
    page.get_by_test_id("own-account").wait_for(timeout=60_000)
    headers = {"x-fengsui-console": "1"}
    account = f"{site.origin}/api/v1/account/authenticator"
    seed = page.request.post(account, headers=headers, data={}).json()["secret"]
    confirmed = page.request.post(f"{account}/confirm", headers=headers, data={"code": pyotp.TOTP(seed).now()})
    codes = confirmed.json()["codes"]
    assert page.request.delete(f"{site.origin}/api/v1/session", headers=headers).ok
    go_to_provider(page, site, "li")
    page.get_by_test_id("sign-in-code").wait_for(timeout=60_000)
    assert page.get_by_test_id("sign-in-password").count() == 0
    page.get_by_test_id("sign-in-code").fill("zzzzz-zzzzz")
    page.keyboard.press("Enter")
    page.get_by_test_id("sign-in-wrong").wait_for(timeout=60_000)
    page.get_by_test_id("sign-in-code").fill(codes[0])
    page.keyboard.press("Enter")
    page.get_by_test_id("own-account").wait_for(timeout=60_000)


def test_a_refusal_is_told_and_the_way_by_password_stays(site: Site, page: Page) -> None:
    site.provider.account("zhao", "canteen")
    go_to_provider(page, site, "zhao")
    told = page.get_by_test_id("sign-in-wrong")
    told.wait_for(timeout=60_000)
    assert "没有对应的岗位" in told.inner_text() and "A7" in told.inner_text()
    assert page.url == f"{site.origin}/"
    page.goto(f"{site.origin}/sign-in/city?code=stolen&state=made-up")
    told.wait_for(timeout=60_000)
    assert "不是在本工作站发起的" in told.inner_text() and page.url == f"{site.origin}/"
    site.provider.stop()
    try:
        page.get_by_test_id("sign-in-city").click()
        # What the provider says of itself is kept, so the browser is sent to a page that is gone; the password still opens ours.
        page = page.context.new_page()
        page.goto(site.origin)
        page.get_by_test_id("sign-in-name").fill("duty")
        page.get_by_test_id("sign-in-password").fill("first-password")
        page.keyboard.press("Enter")
        page.get_by_test_id("own-account").wait_for(timeout=60_000)
    finally:
        site.provider.start()
    assert site.user("wang@city")["provider"] == "city"
