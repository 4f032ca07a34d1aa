"""What proves nothing at single sign-on: forged, used, foreign and old answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import pytest_asyncio

from tests.node.conftest import RunningNode, running_node, settings_for
from tests.node.identity_provider import (
    IdentityProvider,
    provider_for,
    settings_with,
)
from tests.node.test_audit import records
from tests.node.test_single_sign_on import desk, problem_of, user_named

pytestmark = pytest.mark.asyncio(loop_scope="module")
NOT_BEGUN = (401, "access.provider_not_begun")
TOKEN = (401, "access.provider_token")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def both(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[RunningNode, IdentityProvider]]:
    """One node and its provider, where everybody may sign in."""
    folder, base = tmp_path_factory.mktemp("sso"), settings_for()
    with provider_for(base) as provider:
        async with running_node(folder, settings_with(folder, provider.issuer, base)) as node:
            yield node, provider


async def test_an_answer_opens_once_and_only_where_it_was_begun(both: tuple[RunningNode, IdentityProvider]) -> None:
    node, provider = both
    provider.account("wang", "desk")
    async with desk(both) as one, desk(both, "desk 2") as other:
        answer = await one.at_provider(await one.begin(), "wang")
        other.client.cookies = one.client.cookies
        assert problem_of(await other.finish(answer)) == NOT_BEGUN, "another browser, even with the cookie"
        assert problem_of(await one.finish(answer)) == NOT_BEGUN, "whoever tried it used it up"
        answer = await one.at_provider(await one.begin(), "wang")
        kept = dict(one.client.cookies)
        assert (await one.finish(answer)).status_code == 201
        one.client.cookies = httpx.Cookies(kept)
        assert problem_of(await one.finish(answer)) == NOT_BEGUN, "played again with the cookie of then"
    async with desk(both) as victim, desk(both) as attacker:
        answer = await attacker.at_provider(await attacker.begin(), "wang")
        assert problem_of(await victim.finish(answer)) == NOT_BEGUN, "nobody is signed in as the attacker"
        await victim.begin()
        assert problem_of(await victim.finish(answer)) == NOT_BEGUN, "nor with a cookie of an own beginning"
        for state in ("", "made-up", answer["state"][:-1]):
            assert problem_of(await victim.finish({**answer, "state": state})) == NOT_BEGUN
    refused = [one for one in records(node) if one.detail.startswith("access.provider_not_begun")]
    assert refused and all((one.act, one.result) == ("session.begin", "failed") for one in refused)


async def test_pages_of_other_sites_begin_and_finish_nothing(both: tuple[RunningNode, IdentityProvider]) -> None:
    _, provider = both
    provider.account("li", "desk")
    async with desk(both) as one:
        answer = await one.at_provider(await one.begin(), "li")
        for foreign in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
            for path, body in (("", None), ("/answer", answer), ("/code", {"code": "000000"})):
                sent = await one.client.post(f"/session/providers/city{path}", json=body, headers=foreign)
                assert problem_of(sent) == (403, "access.foreign_site"), (foreign, path)
        plain = await one.client.post("/session/providers/city/answer", data=answer)
        assert plain.status_code == 422, "a form of another site cannot write JSON"
        assert (await one.finish(answer)).status_code == 201


async def test_the_way_to_the_provider_is_bound_by_state_nonce_and_pkce(both: tuple[RunningNode, IdentityProvider]) -> None:
    node, provider = both
    provider.account("zhao", "desk")
    async with desk(both) as one:
        asked = {key: value[0] for key, value in parse_qs(urlsplit(await one.begin()).query).items()}
        assert asked["code_challenge_method"] == "S256" and asked["prompt"] == "login" and asked["response_type"] == "code"
        assert len(asked["state"]) >= 43 and len(asked["nonce"]) >= 43 and len(asked["code_challenge"]) == 43
        assert asked["redirect_uri"] == f"{one.origin}/sign-in/city"
        again = {key: value[0] for key, value in parse_qs(urlsplit(await one.begin()).query).items()}
        assert all(asked[name] != again[name] for name in ("state", "nonce", "code_challenge"))
        for name, expected in (("nonce", TOKEN), ("code_challenge", TOKEN)):
            address = await one.begin()
            told = parse_qs(urlsplit(address).query)[name][0]
            answer = await one.at_provider(address.replace(told, again[name]), "zhao")
            assert problem_of(await one.finish(answer)) == expected, f"a genuine code of another {name}"
    assert await user_named(node, "zhao@city") == {}


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"nonce": "of-another-sign-in"}, "不属于此次登录"),
        ({"aud": "another-system"}, "签发给了另一个系统"),
        ({"aud": ["fengsui", "another-system"]}, "签发给了另一个系统"),
        ({"aud": ["fengsui", "another-system"], "azp": "another-system"}, "签发给了另一个系统"),
        ({"iss": "https://another.example"}, "签发者不符"),
        ({"exp": 1_000_000_000}, "已过期"),
        ({"iat": 9_000_000_000}, "签发时间不正确"),
        ({"auth_time": 1_000_000_000}, "没有重新验证身份"),
        ({"auth_time": None}, "没有重新验证身份"),
        ({"sub": 7}, "没有可用的用户标识"),
        ({"sub": "a\0b"}, "没有可用的用户标识"),
        ({"sub": "somebody-else"}, "用户信息属于另一人"),
        ({"forged": True}, "签名不正确"),
    ],
)
async def test_a_token_that_does_not_fit_proves_nothing(
    both: tuple[RunningNode, IdentityProvider], claims: dict[str, Any], why: str
) -> None:
    node, provider = both
    provider.account("qian", "desk")
    async with desk(both) as one:
        answer = await one.at_provider(await one.begin(), "qian")
        provider.next_token(**claims)
        refused = await one.finish(answer)
        assert problem_of(refused) == TOKEN
        assert why in refused.json()["zh"], refused.json()
        assert "set-cookie" not in refused.headers
    assert await user_named(node, "qian@city") == {}


async def test_an_answer_of_another_issuer_or_an_error_is_no_sign_in(both: tuple[RunningNode, IdentityProvider]) -> None:
    node, provider = both
    provider.account("sun", "desk")
    async with desk(both) as one:
        for issuer in ("", "https://another.example"):
            answer = await one.at_provider(await one.begin(), "sun")
            assert answer["iss"] == provider.issuer
            assert problem_of(await one.finish({**answer, "iss": issuer})) == TOKEN
        denied = await one.at_provider(await one.begin(), "nobody")
        assert denied["error"] == "access_denied" and "10086" in denied["error_description"]
        refused = await one.finish({key: value for key, value in denied.items() if key != "error_description"})
        assert problem_of(refused) == (401, "access.provider_denied") and "access_denied" in refused.json()["zh"]
        answer = await one.at_provider(await one.begin(), "sun")
        refused = await one.finish({"state": answer["state"], "error": "请拨打 10086"})
        assert problem_of(refused) == (401, "access.provider_denied") and "10086" not in refused.text, "nobody else's sentences"
    for path in ("", "/answer", "/code"):
        body = {"state": "x", "code": "000000"} if path else None
        unknown = await node.client.post(f"/session/providers/village{path}", json=body, headers={"Authorization": ""})
        assert problem_of(unknown) == (404, "access.unknown_provider")
