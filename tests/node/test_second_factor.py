"""Signing in with a second factor, the sessions a person sees, and tokens for programs, on whole nodes."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pyotp
import pytest

from fengsui.features.audit.acts import Act
from tests.node.conftest import RunningNode, running_node, settings_for, until
from tests.node.test_audit import records
from tests.node.test_users import sign_in, stranger

PASSWORD = "first-password"


def codes_of(secret: str) -> tuple[str, str]:
    """Two codes that both open for the next half minute: of the step of now and of the one after, whenever that begins."""
    authenticator, now = pyotp.TOTP(secret), time.time()
    return authenticator.at(now), authenticator.at(now + 30)


async def enrol(client: httpx.AsyncClient) -> tuple[str, list[str]]:
    """Sets an authenticator up as a person does. A code that is still to be used, and the recovery codes."""
    made = (await client.post("/account/authenticator", json={"proof": PASSWORD})).json()
    first, following = codes_of(made["secret"])
    assert made["uri"].startswith("otpauth://totp/Fengsui:duty?secret=")
    confirmed = await client.post("/account/authenticator/confirm", json={"code": first})
    assert confirmed.status_code == 200, confirmed.text
    return following, confirmed.json()["codes"]


def stored_octets(folder: Path) -> bytes:
    """All that the database files hold."""
    return b"".join(path.read_bytes() for path in folder.glob("node.db*"))


async def with_code(client: httpx.AsyncClient, code: str) -> httpx.Response:
    answer = await client.post("/session", json={"name": "duty", "password": PASSWORD, "otp": code})
    client.cookies.clear()
    return answer


async def test_a_code_is_asked_for_and_opens_once(node: RunningNode) -> None:
    code, codes = await enrol(node.client)
    assert len(set(codes)) == 10
    async with stranger(node) as client:
        refused = await sign_in(client, "duty", PASSWORD)
        assert (refused.status_code, refused.json()["code"]) == (401, "access.second_factor_needed")
        assert (await sign_in(client, "duty", "wrong")).json()["code"] == "access.wrong_password", (
            "told only to who knows the password"
        )
        assert (await with_code(client, "000000")).json()["code"] == "access.wrong_code"
        signed = await with_code(client, code)
        assert signed.status_code == 201 and signed.json()["user"]["has_second_factor"] is True
        assert (await with_code(client, code)).json()["code"] == "access.wrong_code", "a code that was used opens nothing"
        assert (await with_code(client, codes[3].upper())).status_code == 201
        assert (await with_code(client, codes[3])).json()["code"] == "access.wrong_code"
    account = await node.get("/account")
    assert (account["authenticator"], account["recovery_codes_left"]) == (True, 9)


async def test_wrong_codes_lock_like_wrong_passwords(node: RunningNode) -> None:
    await enrol(node.client)
    async with stranger(node) as client:
        statuses = [(await with_code(client, "123456")).status_code for _ in range(6)]
    assert statuses == [401] * 5 + [429]


async def test_the_secret_is_sealed_and_the_factor_ends_with_a_code_only(node: RunningNode, tmp_path: Path) -> None:
    made = (await node.client.post("/account/authenticator", json={"proof": PASSWORD})).json()
    code, following = codes_of(made["secret"])
    assert made["secret"].encode() not in stored_octets(tmp_path)
    early = await node.client.post("/account/authenticator/end", json={"code": code})
    assert early.status_code == 409, "not in force yet"
    confirmed = await node.client.post("/account/authenticator/confirm", json={"code": code})
    assert confirmed.status_code == 200
    again = await node.client.post("/account/authenticator", json={"proof": confirmed.json()["codes"][0]})
    assert again.json()["code"] == "access.second_factor_in_use"
    assert (await node.client.post("/account/authenticator/end", json={"code": code})).json()["code"] == "access.wrong_code"
    assert (await node.client.post("/account/authenticator/end", json={"code": following})).status_code == 204
    async with stranger(node) as client:
        assert (await sign_in(client, "duty", PASSWORD)).status_code == 201


@pytest.fixture
async def strict(tmp_path: Path) -> AsyncIterator[RunningNode]:
    """A node that asks everybody for a second factor and lets a person work at one place."""
    settings = settings_for()
    policy = settings.sign_in.model_copy(update={"second_factor": "required", "one_workstation": True})
    async with running_node(tmp_path, settings.model_copy(update={"sign_in": policy})) as node:
        yield node


async def test_without_a_second_factor_nothing_opens_but_setting_one_up(strict: RunningNode) -> None:
    refused = await strict.client.get("/cameras")
    assert (refused.status_code, refused.json()["code"]) == (403, "access.must_enrol")
    token = await strict.client.post(
        "/account/tokens", json={"name": "x", "functions": ["look-around"], "days": 1, "proof": "first-password"}
    )
    assert token.json()["code"] == "access.must_enrol"
    code, _ = await enrol(strict.client)
    assert (await strict.client.get("/cameras")).status_code == 200
    async with stranger(strict) as client:
        signed = await with_code(client, code)
        client.headers["Authorization"] = f"Bearer {signed.json()['token']}"
        assert (await client.get("/cameras")).status_code == 200
        gone = await strict.client.get("/session")
        assert (gone.status_code, gone.json()["code"]) == (401, "access.signed_in_elsewhere"), "the first workstation is cut off"
        assert "127.0.0." in gone.json()["zh"], "and says where the account is used now"
        (cut,) = signed.json()["cut"]
        assert cut["address"] == "127.0.0.1", "the new one is told which other session ended"
        await until(lambda: [one for one in records(strict) if one.act == Act.SESSION_REVOKE], what="it is on record")
        (revoked,) = [one for one in records(strict) if one.act == Act.SESSION_REVOKE]
        assert (revoked.object, revoked.role) == ("duty", "node") and "one workstation" in revoked.detail


async def test_sessions_are_listed_and_ended(node: RunningNode) -> None:
    async with stranger(node) as other:
        other.headers["User-Agent"] = "Duty desk 2"
        await sign_in(other, "duty", PASSWORD)
        listed: list[dict[str, Any]] = (await node.get("/account/sessions"))["items"]  # type: ignore[assignment]
        assert [one["current"] for one in listed] == [False, True] and listed[0]["workstation"] == "Duty desk 2"
        assert (await node.client.delete(f"/account/sessions/{listed[0]['id']}")).status_code == 204
        assert (await other.get("/session")).status_code == 401
        assert (await node.client.delete("/account/sessions/made-up")).status_code == 404


async def test_an_idle_session_ends(tmp_path: Path) -> None:
    settings = settings_for()
    idle = settings.sign_in.model_copy(update={"idle_s": 1})
    async with running_node(tmp_path, settings.model_copy(update={"sign_in": idle})) as node:

        async def ended() -> bool:
            # Asking is work too: only a session that nobody uses goes idle, and it ends without being asked for.
            return not await node.node.access.sessions(1)

        await until(ended, what="nobody has worked for longer than the limit")
        assert (await node.client.get("/session")).status_code == 401


async def test_a_program_holds_what_its_token_says_and_no_more(node: RunningNode) -> None:
    made = await node.client.post(
        "/account/tokens", json={"name": "110 接口", "functions": ["look-around"], "days": 30, "proof": "first-password"}
    )
    assert made.status_code == 201
    token, text = made.json()["token"], made.json()["text"]
    async with stranger(node) as program:
        program.headers["Authorization"] = f"Bearer {text}"
        assert (await program.get("/cameras")).status_code == 200
        assert (await program.post("/devices", json={"code": "52010200001320000009"})).json()["code"] == "access.not_allowed"
        for method, path in (
            ("GET", "/account"),
            ("POST", "/account/authenticator"),
            ("GET", "/account/tokens"),
            ("DELETE", "/session"),
        ):
            assert (await program.request(method, path)).json()["code"] == "access.persons_only", path
        assert "fsk_" not in str(await node.get("/account/tokens"))
        assert (await node.client.delete(f"/account/tokens/{token['id']}")).status_code == 204
        assert (await program.get("/cameras")).status_code == 401


async def test_a_token_cannot_hold_more_than_its_owner(node: RunningNode) -> None:
    user, password = await node.appoint("zhang.san", {"post": "operator"})
    made = {"user": user, "password": password}
    async with stranger(node) as client:
        await sign_in(client, "zhang.san", made["password"])
        assert (await client.get("/account")).json()["code"] == "access.must_change_password"
        await client.post("/session/password", json={"old": made["password"], "new": "my-own-long-password"})
        refused = await client.post(
            "/account/tokens", json={"name": "x", "functions": ["manage-people"], "days": 1, "proof": "my-own-long-password"}
        )
        assert (refused.status_code, refused.json()["code"]) == (403, "access.not_allowed")
        mine = (
            await client.post(
                "/account/tokens", json={"name": "x", "functions": ["look-around"], "days": 1, "proof": "my-own-long-password"}
            )
        ).json()
        assert (await node.client.delete(f"/account/tokens/{mine['token']['id']}")).status_code == 404, "another's token"
        async with stranger(node) as program:
            program.headers["Authorization"] = f"Bearer {mine['text']}"
            assert (await program.get("/live")).status_code == 200
            await node.client.patch(f"/users/{made['user']['id']}", json={"disabled": True})
            assert (await program.get("/live")).status_code == 401, "tokens end with their owner's account"


@pytest.mark.parametrize(
    "credential", [{}, {"id": 1}, {"id": "x", "response": {"clientDataJSON": "%%"}}, {"id": "AAAA", "response": None}]
)
async def test_a_made_up_passkey_is_refused(node: RunningNode, credential: dict[str, Any]) -> None:
    async with stranger(node) as client:
        options = (await client.post("/session/passkey/options")).json()["options"]
        assert options["userVerification"] == "required"
        answer = await client.post("/session/passkey", json={"credential": credential})
        assert (answer.status_code, answer.json()["code"]) == (401, "access.passkey_refused")
    answer = await node.client.post("/account/passkeys", json={"name": "x", "credential": credential})
    assert (answer.status_code, answer.json()["code"]) == (401, "access.passkey_refused")
