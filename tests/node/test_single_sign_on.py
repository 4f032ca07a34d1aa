"""Single sign-on against a real provider: what its groups give, what they take away, and what everything else still asks."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pyotp
import pytest
import pytest_asyncio

from fengsui.features.audit.model import AuditRecord
from tests.node.conftest import RunningNode, running_node, settings_for, trust_in
from tests.node.identity_provider import PASSWORD, SECRET, IdentityProvider, Workstation, provider_for, settings_with
from tests.node.test_audit import records

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def both(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[RunningNode, IdentityProvider]]:
    """One node and its provider for all cases; each case has people of its own."""
    folder, base = tmp_path_factory.mktemp("sso"), settings_for()
    with provider_for(base) as provider:
        async with running_node(folder, settings_with(folder, provider.issuer, base)) as node:
            yield node, provider


@contextlib.asynccontextmanager
async def desk(both: tuple[RunningNode, IdentityProvider], browser: str = "desk 1") -> AsyncIterator[Workstation]:
    """A browser that nobody used yet."""
    node, provider = both
    workstation = Workstation(str(node.client.base_url), trust_in(node.node), provider, browser=browser)
    try:
        yield workstation
    finally:
        await workstation.close()


def problem_of(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal whose texts are whole."""
    found = answer.json()
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    assert all(found[name] and "{" not in found[name] for name in ("zh", "en", "remedy_zh", "remedy_en")), found
    return answer.status_code, found["code"]


async def user_named(node: RunningNode, name: str) -> dict[str, Any]:
    """As the security administrator sees it; empty where there is none."""
    users: list[dict[str, Any]] = (await node.get("/users"))["items"]  # type: ignore[assignment]
    return next((one for one in users if one["name"] == name), {})


async def accept(node: RunningNode, name: str, post: str) -> None:
    """A security administrator of the node accepts what a group gave."""
    user = await user_named(node, name)
    (waiting,) = [one for one in user["appointments"] if one["post"] == post]
    assert waiting["waits"] and not waiting["in_force"]
    path = f"/users/{user['id']}/appointments/{waiting['id']}/acceptance"
    if not user["personnel_number"]:
        unknown = await node.client.post(path, json={"reason": "new in the office"})
        assert problem_of(unknown) == (409, "access.number_missing"), "nobody approves whom nothing tells from the others"
        numbered = await node.client.patch(f"/users/{user['id']}", json={"personnel_number": f"P-{name}"})
        assert numbered.status_code == 200, numbered.text
    assert problem_of(await node.client.post(path, json={})) == (400, "approvals.reason_missing")
    answer = await node.client.post(path, json={"reason": "new in the office"})
    assert answer.status_code == 200, answer.text
    (held,) = [one for one in answer.json()["appointments"] if one["id"] == waiting["id"]]
    assert (held["in_force"], held["waits"], held["approved_by"]) == (True, False, "security")
    again = await node.client.post(path, json={"reason": "new in the office"})
    assert problem_of(again) == (404, "access.unknown_appointment")


def told_of(node: RunningNode, name: str) -> list[AuditRecord]:
    """Every record about somebody, but those of the whole state."""
    return [one for one in records(node) if one.object == name and one.act != "rights.state"]


async def test_mapped_groups_give_posts_and_nothing_else(both: tuple[RunningNode, IdentityProvider]) -> None:
    node, provider = both
    provider.account("wang", "desk", "nothing-here")
    async with desk(both) as one:
        listed = (await one.client.get("/session/providers")).json()["items"]
        assert listed == [{"id": "city", "zh": "用市局统一身份登录", "en": "Sign in with single sign-on"}]
        signed = await one.sign_in("wang")
        assert signed.status_code == 201, signed.text
        user = signed.json()["user"]
        assert (user["name"], user["full_name"], user["provider"]) == ("wang@city", "wang 同志", "city")
        assert user["posts"] == ["operator", "maintenance"] and not user["must_change_password"]
        assert "view-live" in user["functions"] and "approve" not in user["functions"]
        session, flow = (
            next(value for value in signed.headers.get_list("set-cookie") if name in value) for name in ("_session=", "_sign-in=")
        )
        assert "httponly" in session.lower() and "samesite=strict" in session.lower()
        assert "max-age=0" in flow.lower(), "the cookie of the way is gone"
        assert (await one.client.get("/session")).json()["name"] == "wang@city", "the cookie opens"
        assert (await one.client.get("/users")).status_code == 403
    kept = await user_named(node, "wang@city")
    assert kept["provider"] == "city"
    assert [(held["post"], held["area"], held["group"], held["made_by"]) for held in kept["appointments"]] == [
        ("operator", "5201", "desk", "single-sign-on/city"),
        ("maintenance", "520102", "desk", "single-sign-on/city"),
    ]
    assert all(held["valid_until"] and held["in_force"] for held in kept["appointments"]), "ends by itself"
    told = told_of(node, "wang@city")
    assert [(one.act, one.person, one.result) for one in told] == [
        ("user.add", "single-sign-on/city", "allowed"),
        ("appointment.add", "single-sign-on/city", "allowed"),
        ("appointment.add", "single-sign-on/city", "allowed"),
        ("session.begin", "wang@city", "allowed"),
    ]
    assert "by the group desk" in told[1].detail and told[3].detail == "provider city"
    mapping = [one for one in records(node) if one.act == "provider.mapping"]
    assert len(mapping) == 1 and "security-administrator in * for government by the group keys" in mapping[0].detail


async def test_a_group_that_leaves_takes_its_post_along_at_the_next_sign_in(both: tuple[RunningNode, IdentityProvider]) -> None:
    node, provider = both
    provider.account("li", "desk", "lead")
    async with desk(both) as one, desk(both, "desk 2") as other:
        assert (await one.sign_in("li")).json()["user"]["posts"] == ["operator", "maintenance"]
        await accept(node, "li@city", "duty-supervisor")
        assert (await one.client.get("/session")).json()["posts"] == ["operator", "duty-supervisor", "maintenance"]
        first = (await user_named(node, "li@city"))["appointments"]
        provider.account("li", "desk")
        again = await other.sign_in("li")
        assert again.json()["user"]["posts"] == ["operator", "maintenance"]
        assert "approve" not in (await one.client.get("/session")).json()["functions"], "in the session of before, too"
        second = (await user_named(node, "li@city"))["appointments"]
        assert [held["id"] for held in second] == [held["id"] for held in first[:2]], "what stays is extended, not given anew"
        assert second[0]["valid_until"] > first[0]["valid_until"]
        ended = [one for one in told_of(node, "li@city") if one.act == "appointment.end"]
        assert [(one.person, one.detail) for one in ended] == [("single-sign-on/city", "duty-supervisor in 5201 by the group lead")]
        provider.account("li")
        async with desk(both, "desk 3") as last:
            assert problem_of(await last.sign_in("li")) == (403, "access.no_mapped_group")
        assert (await one.client.get("/session")).status_code == 401, "no group is left: every session has ended"
    assert (await user_named(node, "li@city"))["appointments"] == []
    assert len([one for one in told_of(node, "li@city") if one.act == "appointment.end"]) == 3


async def test_who_is_in_no_mapped_group_is_refused_and_no_account_is_made(both: tuple[RunningNode, IdentityProvider]) -> None:
    node, provider = both
    provider.account("zhao", "canteen")
    async with desk(both) as one:
        refused = await one.sign_in("zhao")
        assert problem_of(refused) == (403, "access.no_mapped_group")
        assert refused.json()["rule"] == "A7" and refused.json()["contact"]
        assert "set-cookie" not in refused.headers and (await one.client.get("/session")).status_code == 401
    assert await user_named(node, "zhao@city") == {}
    (told,) = told_of(node, "zhao@city")
    assert (told.act, told.result) == ("session.begin", "refused")
    assert told.detail == "access.no_mapped_group: provider city; groups: canteen"


async def test_no_groups_join_two_offices_nor_an_office_and_footage(both: tuple[RunningNode, IdentityProvider]) -> None:
    node, provider = both
    for name, groups in (("sun", ("keys", "logs")), ("qian", ("keys", "desk"))):
        provider.account(name, *groups)
        async with desk(both) as one:
            refused = await one.sign_in(name)
            assert problem_of(refused) == (409, "access.posts_conflict") and refused.json()["rule"] == "A35"
        assert await user_named(node, f"{name}@city") == {}
    provider.account("zhou", "keys")
    async with desk(both) as one, desk(both, "desk 2") as other:
        signed = await one.sign_in("zhou")
        assert "manage-people" not in signed.json()["user"]["functions"], "the provider's administrator is one person"
        await accept(node, "zhou@city", "security-administrator")
        assert (await one.client.get("/users")).status_code == 200
        provider.account("zhou", "keys", "desk")
        assert problem_of(await other.sign_in("zhou")) == (409, "access.posts_conflict")
        assert (await one.client.get("/users")).status_code == 401, "until that is mended neither holds"
    assert (await user_named(node, "zhou@city"))["appointments"] == []


async def test_an_appointment_by_a_person_stays_and_is_looked_at_for_conflicts(both: tuple[RunningNode, IdentityProvider]) -> None:
    node, provider = both
    provider.account("feng", "desk")
    async with desk(both) as one:
        assert (await one.sign_in("feng")).status_code == 201
        user = (await user_named(node, "feng@city"))["id"]
        given = await node.give(user, post="inspector", area="5201")
        assert [(held["post"], held["group"]) for held in given["appointments"]][-1] == ("inspector", "")
        office = {"post": "audit-administrator", "reason": "needed"}
        refused = await node.client.post(f"/users/{user}/appointments", json=office)
        assert problem_of(refused) == (409, "access.posts_conflict")
        assert "inspector" in (await one.sign_in("feng")).json()["user"]["posts"]
        provider.account("feng", "logs")
        assert problem_of(await one.sign_in("feng")) == (409, "access.posts_conflict")
    assert [held["post"] for held in (await user_named(node, "feng@city"))["appointments"]] == ["inspector"]


async def test_an_account_of_the_provider_has_no_password_and_no_passkey_here(both: tuple[RunningNode, IdentityProvider]) -> None:
    node, provider = both
    provider.account("chen", "desk")
    async with desk(both) as one:
        assert (await one.sign_in("chen")).status_code == 201
        user = (await user_named(node, "chen@city"))["id"]
        assert (await one.client.get("/account")).json()["provider"] == "city"
        for method, path, body in (
            ("POST", "/session/password", {"old": PASSWORD, "new": "a-password-of-my-own"}),
            ("POST", "/account/passkeys/options", {}),
            ("POST", "/account/passkeys", {"name": "key", "credential": {}}),
        ):
            assert problem_of(await one.client.request(method, path, json=body)) == (409, "access.provider_account"), path
        assert problem_of(await node.client.post(f"/users/{user}/password")) == (409, "access.provider_account")
        for password in ("", PASSWORD, SECRET):
            wrong = await one.client.post("/session", json={"name": "chen@city", "password": password})
            assert problem_of(wrong) == (401, "access.wrong_password")


async def test_an_account_is_found_by_the_person_never_by_the_name(both: tuple[RunningNode, IdentityProvider]) -> None:
    node, provider = both
    await node.appoint("chu@city", {"post": "commander"})
    provider.account("chu", "desk")
    provider.account("jiang", "desk")
    provider.account("other", "desk", preferred_username="jiang")
    provider.account("bad", "desk", preferred_username="a <b>")
    provider.account("zero", "desk", "\0", preferred_username="a\0b")

    async def sign_in(name: str) -> httpx.Response:
        async with desk(both) as one:
            return await one.sign_in(name)

    assert problem_of(await sign_in("chu")) == (409, "access.provider_name_taken"), "an account of the node's own"
    assert (await sign_in("jiang")).status_code == 201
    assert problem_of(await sign_in("other")) == (409, "access.provider_name_taken"), "a later person of that name"
    assert problem_of(await sign_in("bad")) == (403, "access.provider_name")
    assert problem_of(await sign_in("zero")) == (403, "access.provider_name")
    provider.account("jiang", "lead", preferred_username="jiang.renamed")
    signed = (await sign_in("jiang")).json()["user"]
    assert (signed["name"], signed["full_name"], signed["posts"]) == ("jiang@city", "jiang 同志", [])
    await accept(node, "jiang@city", "duty-supervisor")
    assert (await sign_in("jiang")).json()["user"]["posts"] == ["duty-supervisor"], "once accepted it stays so"


async def test_disabled_and_locked_accounts_stay_outside(both: tuple[RunningNode, IdentityProvider]) -> None:
    node, provider = both
    provider.account("he", "desk")
    async with desk(both) as known:
        assert (await known.sign_in("he")).status_code == 201
        user = (await user_named(node, "he@city"))["id"]
        assert (await node.client.patch(f"/users/{user}", json={"disabled": True})).status_code == 200
        assert (await known.client.get("/session")).status_code == 401, "cut off at once"
        assert problem_of(await known.sign_in("he")) == (403, "access.disabled")
        alone = await node.client.patch(f"/users/{user}", json={"disabled": False})
        assert problem_of(alone) == (409, "access.enable_needs_two"), "it would come back with its posts"
        for held in (await user_named(node, "he@city"))["appointments"]:
            assert (await node.client.delete(f"/users/{user}/appointments/{held['id']}")).status_code == 200
        assert (await node.client.patch(f"/users/{user}", json={"disabled": False})).status_code == 200
        async with httpx.AsyncClient(base_url=node.client.base_url) as guesser:
            for _ in range(5):
                await guesser.post("/session", json={"name": "he@city", "password": "guess"})
        assert (await user_named(node, "he@city"))["locked"] is True
        async with desk(both, "desk 2") as strange:
            assert problem_of(await strange.sign_in("he")) == (429, "access.locked_out")
        assert (await known.sign_in("he")).status_code == 201, "not at the person's own workstation"
        assert (await node.client.post(f"/users/{user}/unlock")).status_code == 204


async def test_the_own_second_factor_is_asked_for_and_can_be_reset(both: tuple[RunningNode, IdentityProvider]) -> None:
    node, provider = both
    provider.account("lu", "desk", amr=["pwd", "mfa"])
    async with desk(both) as one:
        assert (await one.sign_in("lu")).json()["user"]["has_second_factor"] is False
        seed = (await one.client.post("/account/authenticator", json={})).json()["secret"]
        code = {"code": pyotp.TOTP(seed).now()}
        codes = (await one.client.post("/account/authenticator/confirm", json=code)).json()["codes"]
    async with desk(both) as one, desk(both, "desk 2") as other:
        assert problem_of(await one.sign_in("lu")) == (401, "access.second_factor_needed"), "by default ours is asked for"
        assert (await one.client.get("/session")).status_code == 401
        path = "/session/providers/city/code"
        assert problem_of(await other.client.post(path, json={"code": codes[0]})) == (401, "access.provider_not_begun")
        assert problem_of(await one.client.post(path, json={"code": "abcdefghij"})) == (401, "access.wrong_code")
        signed = await one.client.post(path, json={"code": codes[0]})
        assert signed.status_code == 201 and signed.json()["user"]["name"] == "lu@city"
        assert problem_of(await one.client.post(path, json={"code": codes[1]})) == (401, "access.provider_not_begun"), "once"
        user = (await user_named(node, "lu@city"))["id"]
        assert (await node.client.delete(f"/users/{user}/second-factor")).json()["code"] == "access.reset_needs_two"
        await node.reset(user, "factor")
        assert (await one.client.get("/session")).status_code == 401
        assert (await other.sign_in("lu")).status_code == 201, "whoever lost the telephone begins anew"
    assert "user.reset-factor" in [one.act for one in told_of(node, "lu@city")]
