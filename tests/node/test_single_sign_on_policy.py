"""Single sign-on on nodes of several kinds: the node's own policy holds, keys change, the provider is away, files are wrong."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pyotp
import pytest

from fengsui.errors import WrongSettings
from fengsui.settings import NodeSettings
from tests.commands import fengsui
from tests.node.conftest import RunningNode, running_node, settings_for, until
from tests.node.identity_provider import SECRET, IdentityProvider, mapped, provider_for, settings_with
from tests.node.test_https import made_certificate, with_tls
from tests.node.test_single_sign_on import accept, desk, problem_of, told_of, user_named
from tests.node.test_storage_faults import write_config

DATES = {"vetted_on": "2026-01-05", "training_until": "2099-12-31"}


async def enrol_security(node: RunningNode) -> None:
    """The administrator sets up a second factor, as everybody there must."""
    assert node.second is not None
    bearer = {"Authorization": f"Bearer {node.tokens['security']}"}
    for client, headers in ((node.client, bearer), (node.second, {})):
        made = await client.post("/account/authenticator", json={"proof": "first-password"}, headers=headers)
        code = {"code": pyotp.TOTP(made.json()["secret"]).at(time.time())}
        assert (await client.post("/account/authenticator/confirm", json=code, headers=headers)).status_code == 200


async def enter_dates(node: RunningNode, name: str) -> None:
    """What rule A9 asks for."""
    await node.change_account((await user_named(node, name))["id"], **DATES)


async def test_the_policy_of_the_node_holds_for_who_comes_by_the_provider(tmp_path: Path) -> None:
    base = settings_for()
    asked: dict[str, Any] = {
        "provider": {
            "second_factor": "provider",
            "groups_claim": "realm_access.roles",
            "groups": [mapped("desk", "operator")],
            "hold_s": 3600,
        },
        "sign_in": {"second_factor": "required", "one_workstation": True},
        "access": {"prerequisites": ["vetting", "training"]},
    }
    with provider_for(base) as provider:
        provider.account("wang", amr=["pwd", "otp", "mfa"], realm_access={"roles": ["desk"]})
        provider.account("li", realm_access={"roles": "desk"})
        both_settings = settings_with(tmp_path, provider.issuer, base, **asked)
        async with running_node(tmp_path, both_settings) as node:
            await enrol_security(node)
            both = node, provider
            async with desk(both) as one, desk(both, "desk 2") as other, desk(both, "desk 3") as third:
                waiting = await one.sign_in("wang")
                assert problem_of(waiting) == (403, "access.account_closed") and waiting.json()["rule"] == "A9"
                kept = await user_named(node, "wang@city")
                assert kept["closed_zh"] and kept["vetted_on"] is None, "it waits for the administrator to enter the dates"
                assert (await one.client.get("/session")).status_code == 401
                await enter_dates(node, "wang@city")
                signed = await one.sign_in("wang")
                assert signed.json()["user"]["must_enrol"] is False, "the provider saw a second factor"
                assert (await one.client.get("/areas")).status_code == 200
                (held,) = (await user_named(node, "wang@city"))["appointments"]
                assert held["valid_until"] > held["valid_from"] and held["classes"] == ["government"]
                assert (await other.sign_in("wang")).status_code == 201
                assert (await one.client.get("/session")).status_code == 401, "one workstation at a time"
                assert problem_of(await third.sign_in("li")) == (403, "access.account_closed")
                await enter_dates(node, "li@city")
                signed = await third.sign_in("li")
                assert signed.json()["user"]["must_enrol"] is True, "the provider saw none, and ours is asked for"
                assert problem_of(await third.client.get("/areas")) == (403, "access.must_enrol")
                lapsed = await node.client.patch(f"/users/{kept['id']}", json={"training_until": "2020-01-01"})
                assert lapsed.status_code == 200
                assert (await other.client.get("/areas")).json()["code"] == "access.account_closed", "on the day it lapses"


async def test_the_provider_never_counts_as_the_last_administrator(tmp_path: Path) -> None:
    base = settings_for()
    with provider_for(base) as provider:
        provider.account("wei", "keys")
        async with running_node(tmp_path, settings_with(tmp_path, provider.issuer, base)) as node, desk((node, provider)) as one:
            assert (await one.sign_in("wei")).status_code == 201
            await accept(node, "wei@city", "security-administrator")
            own = {name: (await user_named(node, name))["id"] for name in ("security", "security-2")}
            assert (await one.client.patch(f"/users/{own['security-2']}", json={"disabled": True})).status_code == 200
            refused = await one.client.patch(f"/users/{own['security']}", json={"disabled": True})
            assert problem_of(refused) == (409, "access.last_administrator"), "or nobody could come in while the provider is away"


async def test_one_account_of_the_provider_accepts_no_other(tmp_path: Path) -> None:
    base = settings_for()
    with provider_for(base) as provider:
        provider.account("wei", "keys")
        provider.account("lu", "keys")
        async with (
            running_node(tmp_path, settings_with(tmp_path, provider.issuer, base)) as node,
            desk((node, provider)) as one,
            desk((node, provider), "desk 2") as other,
        ):
            await one.sign_in("wei")
            await other.sign_in("lu")
            await accept(node, "wei@city", "security-administrator")
            lu = await user_named(node, "lu@city")
            path = f"/users/{lu['id']}/appointments/{lu['appointments'][0]['id']}/acceptance"
            assert problem_of(await one.client.post(path, json={"reason": "new"})) == (409, "access.provider_account")
            assert (await other.client.get("/users")).status_code == 403, "it opens nothing until it is accepted"


async def test_another_address_is_another_workstation(tmp_path: Path) -> None:
    plain = settings_for().model_dump()
    plain["http"].update(trusted_proxies=["127.0.0.1"])
    base = NodeSettings.model_validate(plain)
    with provider_for(base) as provider:
        provider.account("wang", "desk")
        async with running_node(tmp_path, settings_with(tmp_path, provider.issuer, base)) as node, desk((node, provider)) as one:
            here, there = {"x-forwarded-for": "10.1.2.3"}, {"x-forwarded-for": "10.1.2.4"}
            one.client.headers.update(here)
            answer = await one.at_provider(await one.begin(), "wang")
            one.client.headers.update(there)
            assert problem_of(await one.finish(answer)) == (401, "access.provider_not_begun"), "with cookie, state and code"
            one.client.headers.update(here)
            assert (await one.sign_in("wang")).status_code == 201
            one.client.headers.update(there)
            assert problem_of(await one.client.get("/session")) == (401, "access.other_workstation"), "bound as any session"


async def test_keys_of_the_provider_may_change_and_it_may_be_away(tmp_path: Path) -> None:
    base = settings_for()
    with provider_for(base) as provider:
        provider.stop()
        settings = settings_with(tmp_path, provider.issuer, base)
        async with running_node(tmp_path, settings) as node, desk((node, provider)) as one:
            away = await one.client.post("/session/providers/city")
            assert problem_of(away) == (502, "access.provider_away") and "口令" in away.json()["remedy_zh"]
            assert (await one.client.post("/session", json={"name": "duty", "password": "first-password"})).status_code == 201
            assert (await one.client.delete("/session")).status_code == 204
            provider.start()
            provider.account("wang", "desk")

            async def begun() -> bool:
                return (await one.client.post("/session/providers/city")).status_code == 201

            await until(begun, what="the node asks the provider again")
            assert (await one.sign_in("wang")).status_code == 201
            answer = await one.at_provider(await one.begin(), "wang")
            provider.stop()
            assert problem_of(await one.finish(answer)) == (502, "access.provider_away"), "between code and token"
            provider.start()
            provider.account("wang", "desk")
            assert (await one.sign_in("wang")).status_code == 201, "a token by a key that the node did not know"
            begun_sessions = [record for record in told_of(node, "wang@city") if record.act == "session.begin"]
            assert [record.result for record in begun_sessions] == ["allowed", "allowed"]


async def test_over_tls_the_provider_is_believed_by_its_ca_alone(tmp_path: Path) -> None:
    base = with_tls()
    chain, key = made_certificate(tmp_path)
    with provider_for(base, (chain, key)) as provider:
        provider.account("wang", "desk")
        assert provider.issuer.startswith("https://")
        for ca, status in (("", 502), (str(chain), 201)):
            settings = settings_with(tmp_path, provider.issuer, base, provider={"ca": ca, "client_authentication": "post"})
            async with running_node(tmp_path / f"node-{status}", settings) as node, desk((node, provider)) as one:
                assert (await one.client.post("/session/providers/city")).status_code == status
                if status == 201:
                    signed = await one.sign_in("wang")
                    assert signed.status_code == 201, signed.text
                    cookies = signed.headers.get_list("set-cookie")
                    assert len(cookies) == 3 and all(value.startswith("__Host-fengsui-") for value in cookies)
                    assert all("Secure" in value and "SameSite=strict" in value and "Path=/" in value for value in cookies)


async def test_a_client_that_the_provider_does_not_know_is_told_as_its_fault(tmp_path: Path) -> None:
    base = settings_for()
    with provider_for(base) as provider:
        provider.account("wang", "desk")
        settings = settings_with(tmp_path, provider.issuer, base)
        (tmp_path / "city.secret").write_text("another-secret")
        async with running_node(tmp_path, settings) as node, desk((node, provider)) as one:
            refused = await one.sign_in("wang")
            assert problem_of(refused) == (502, "access.provider_away") and "invalid_client" in refused.json()["zh"]
            assert SECRET not in refused.text


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("missing", "client_secret_file"),
        ("open", "is open to other users"),
        ("empty", "is not one line"),
        ("ca", "single_sign_on.city.ca"),
    ],
)
async def test_files_that_cannot_be_used_keep_the_node_from_starting(tmp_path: Path, change: str, named: str) -> None:
    ca = str(tmp_path / "no.pem") if change == "ca" else ""
    settings = settings_with(tmp_path, "https://id.city.example", provider={"ca": ca})
    secret = tmp_path / "city.secret"
    if change == "missing":
        secret.unlink()
    elif change == "open":
        secret.chmod(0o640)
    elif change == "empty":
        secret.write_text("")
    with pytest.raises(WrongSettings) as found:
        async with running_node(tmp_path / "node", settings):
            raise AssertionError("it started")
    assert named in found.value.text_en and found.value.remedy_en.format(**found.value.facts)
    assert SECRET not in str(found.value)


def test_check_asks_the_provider_and_names_the_way_back(tmp_path: Path) -> None:
    secret = tmp_path / "city.secret"
    secret.touch(0o600)
    secret.write_text(SECRET)
    with IdentityProvider([]) as provider:
        config, ports = write_config(
            tmp_path,
            f'[single_sign_on.city]\nissuer = "{provider.issuer}"\nclient_id = "fengsui"\nclient_secret_file = "{secret}"\n'
            '[[single_sign_on.city.groups]]\ngroup = "desk"\npost = "operator"\narea = ""\nclasses = ["government"]\n',
        )
        words = ("check", "--config", str(config), "--data", str(tmp_path / "data"))
        told = "".join(fengsui(*words).stdout.split())
        assert f"http://*:{ports['http']}/sign-in/city" in told
        provider.stop()
        found = fengsui(*words)
        assert found.returncode != 0 and "身份提供方“city”暂不可用" in "".join(found.stdout.split())
        secret.chmod(0o644)
        assert "isopentootherusers" in "".join(fengsui(*words).stdout.split())
