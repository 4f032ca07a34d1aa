"""What answers tell browsers, and that a cookie opens nothing to another site: headers, cookies, changes, WebSockets."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import websockets

from fengsui.features.audit.model import AuditRecord
from tests.node.conftest import RunningNode, running_node, settings_for, trust_in
from tests.node.test_audit import records
from tests.node.test_https import with_tls

CONSOLE = {"x-fengsui-console": "1"}
PASSWORD = {"name": "duty", "password": "first-password"}


def base_of(node: RunningNode) -> str:
    """The origin by which the console reaches the node."""
    return str(node.client.base_url).removesuffix("/api/v1/")


@contextlib.asynccontextmanager
async def browser(node: RunningNode, name: str = "duty") -> AsyncIterator[httpx.AsyncClient]:
    """Signed in with the cookie alone, as the console is."""
    async with httpx.AsyncClient(base_url=f"{base_of(node)}/api/v1", timeout=20, verify=trust_in(node.node)) as client:
        answer = await client.post("/session", json={"name": name, "password": "first-password"})
        assert answer.status_code == 201, answer.text
        yield client


def refused(node: RunningNode, detail: str) -> list[AuditRecord]:
    """Refusals on record for that reason."""
    return [one for one in records(node) if one.result == "refused" and one.detail.startswith(detail)]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/cameras", 200),
        ("/api/v1/nowhere", 404),
        ("/api/v1/node", 401),
        ("/healthz", 200),
        ("/metrics", 200),
        ("/api/v1/session", 405),
    ],
)
async def test_every_answer_says_what_browsers_may_do_with_it(node: RunningNode, path: str, status: int) -> None:
    async with httpx.AsyncClient(base_url=base_of(node)) as stranger:
        answer = await stranger.request("PUT" if status == 405 else "GET", path)
    assert answer.status_code == status
    headers = answer.headers
    policy = headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy and "script-src 'self';" in policy and "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "no-referrer"
    assert headers["x-frame-options"] == "DENY" and headers["cross-origin-resource-policy"] == "same-origin"
    assert "server" not in headers and "strict-transport-security" not in headers
    if path.startswith("/api/"):
        assert headers["cache-control"] == "no-store"


async def test_each_page_has_a_nonce_of_its_own(node: RunningNode) -> None:
    async with httpx.AsyncClient(base_url=base_of(node)) as stranger:
        pages = [await stranger.get("/") for _ in range(2)]
    nonces = [page.headers["content-security-policy"].partition("'nonce-")[2].partition("'")[0] for page in pages]
    assert nonces[0] != nonces[1] and all(len(nonce) >= 20 for nonce in nonces)
    for page, nonce in zip(pages, nonces, strict=True):
        assert nonce in page.text and "{{csp-nonce}}" not in page.text


async def test_under_tls_cookies_are_kept_to_this_host_and_browsers_to_tls(tmp_path: Path) -> None:
    async with running_node(tmp_path, with_tls()) as node, browser(node) as client:
        again = await client.post("/session", json=PASSWORD)
        cookies = again.headers.get_list("set-cookie")
        assert {cookie.partition("=")[0] for cookie in cookies} == {"__Host-fengsui-session", "__Host-fengsui-workstation"}
        for cookie in cookies:
            assert all(word in cookie for word in ("HttpOnly", "Secure", "SameSite=strict", "Path=/")) and "Domain" not in cookie
        assert again.headers["strict-transport-security"] == f"max-age={365 * 86_400}"
        assert "wss://127.0.0.1:" in again.headers["content-security-policy"]
        assert " ws://" not in again.headers["content-security-policy"]
        assert (await client.get("/session")).status_code == 200
        assert again.json()["token"] not in str(client.cookies), "the cookie is no token"


async def test_the_cookie_alone_changes_nothing_and_reads_nothing_for_another_site(node: RunningNode) -> None:
    change, read, proof = "/account/authenticator", "/account", {"proof": "first-password"}
    async with browser(node) as client:
        own = {"origin": base_of(node), "sec-fetch-site": "same-origin", **CONSOLE}
        foreign = [
            {},
            {"origin": "https://evil.example"},
            {**CONSOLE, "origin": "https://evil.example"},
            {**CONSOLE, "origin": "null"},
            {**CONSOLE, "origin": base_of(node).replace("http", "https")},
            {**CONSOLE, "origin": f"{base_of(node)}0"},
            {**CONSOLE, "sec-fetch-site": "cross-site"},
            {**CONSOLE, "sec-fetch-site": "same-site"},
        ]
        for headers in foreign:
            answer = await client.post(change, json=proof, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (403, "access.foreign_site"), headers
        for headers in foreign[1:]:
            assert (await client.get(read, headers=headers)).status_code == 403, headers
        assert refused(node, "access.foreign_site")
        assert not [one for one in records(node) if one.act == "second-factor.begin" and one.result == "allowed"]
        assert (await client.get(read)).status_code == 200, "reading needs no header"
        assert (await client.post(change, json=proof, headers=own)).status_code == 201


async def test_a_token_needs_none_of_that(node: RunningNode) -> None:
    made = await node.client.post(
        "/account/authenticator", json={"proof": "first-password"}, headers={"origin": "https://portal.example"}
    )
    assert made.status_code == 201


async def test_nobody_is_signed_in_by_another_site(node: RunningNode) -> None:
    async with httpx.AsyncClient(base_url=f"{base_of(node)}/api/v1") as client:
        for path in ("/session", "/session/passkey/options", "/session/passkey"):
            answer = await client.post(path, json={**PASSWORD, "credential": {}}, headers={"origin": "https://evil.example"})
            assert (answer.status_code, answer.json()["code"]) == (403, "access.foreign_site")
        assert not client.cookies


async def test_the_event_feed_opens_for_our_own_pages_alone(node: RunningNode) -> None:
    url = base_of(node).replace("http", "ws") + "/api/v1/events"
    async with browser(node) as client:
        cookie = {"cookie": "; ".join(f"{name}={value}" for name, value in client.cookies.items())}
        agent = client.headers["user-agent"]

        async def opens(origin: str | None) -> bool:
            try:
                async with websockets.connect(url, additional_headers=cookie, user_agent_header=agent, origin=origin):  # type: ignore[arg-type]
                    return True
            except (websockets.InvalidStatus, websockets.ConnectionClosed):
                return False

        assert await opens(base_of(node))
        for origin in (None, "https://evil.example", "null", f"{base_of(node)}0"):
            assert not await opens(origin), origin


async def test_an_invented_address_in_a_header_is_believed_of_no_stranger(node: RunningNode) -> None:
    async with httpx.AsyncClient(base_url=f"{base_of(node)}/api/v1") as client:
        await client.post("/session", json={"name": "audit", "password": "x"}, headers={"x-forwarded-for": "10.9.9.9"})
    assert [one.address for one in records(node) if one.person == "audit" and one.result == "failed"] == ["127.0.0.1"]


async def test_a_trusted_proxy_is_believed(tmp_path: Path) -> None:
    plain = settings_for()
    settings = plain.model_copy(update={"http": plain.http.model_copy(update={"trusted_proxies": ["127.0.0.1"]})})
    async with running_node(tmp_path, settings) as node, httpx.AsyncClient(base_url=f"{base_of(node)}/api/v1") as client:
        await client.post("/session", json={"name": "audit", "password": "x"}, headers={"x-forwarded-for": "10.9.9.9"})
        assert [one.address for one in records(node) if one.person == "audit" and one.result == "failed"] == ["10.9.9.9"]
