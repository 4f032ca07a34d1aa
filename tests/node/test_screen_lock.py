"""A screen at which nobody works is locked: its session opens nothing, on any path, until the person proves to be there (A10)."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import httpx
import pytest
import websockets

from fengsui.app import Node
from fengsui.errors import StorageFault
from fengsui.features.access import queries
from fengsui.features.access.first_people import DEMONSTRATION, FIRST_PEOPLE, demonstration, to_text
from fengsui.features.access.screen_lock import ways_to_unlock
from fengsui.features.access.signing_in import Account
from tests.node.authenticator import SecurityKey
from tests.node.conftest import RunningNode, settings_for, until
from tests.node.test_audit import records
from tests.node.test_clock_set_back import MovedClock
from tests.node.test_own_site import CONSOLE, PASSWORD, base_of, browser
from tests.node.test_second_factor import codes_of
from tests.node.test_stolen import WAYS, asked, elsewhere, ticket_of, watched

MINUTE = 60.0
LOCKED = (401, "access.screen_locked")


def told(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, answer.json()["code"]


async def test_only_work_keeps_a_screen_open_and_a_restart_unlocks_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FIRST_PEOPLE, to_text(demonstration({one.name: "first-password" for one in DEMONSTRATION})))
    clock, settings = MovedClock(), settings_for()
    plain = Node(settings, tmp_path, clock)
    await plain.start()
    node = RunningNode(plain, httpx.AsyncClient(base_url=f"http://127.0.0.1:{settings.http.port}/api/v1", timeout=20), {})
    try:
        token = (await node.client.post("/session", json=PASSWORD)).json()["token"]
        node.client.cookies.clear()
        program = {"Authorization": f"Bearer {token}"}
        async with browser(node) as screen:
            assert (await screen.get("/session")).json()["lock_after_s"] == 15 * MINUTE
            clock.by.set_by(14 * MINUTE)
            assert (await screen.get("/session")).status_code == 200
            assert (await screen.post("/session/work", headers=CONSOLE)).status_code == 204
            clock.by.set_by(14 * MINUTE)
            assert (await screen.get("/session")).status_code == 200, "somebody worked a quarter of an hour ago"
            assert (await node.client.get("/session", headers=program)).status_code == 200
            clock.by.set_by(2 * MINUTE)
            assert told(await screen.get("/session")) == LOCKED, "what the console asks by itself is no work"
            assert told(await screen.post("/session/work", headers=CONSOLE)) == LOCKED
            await until(
                lambda: [one for one in records(node) if one.act == "session.lock"], what="the node's own lock is on record"
            )
            [locked] = [one for one in records(node) if one.act == "session.lock"]
            assert (locked.role, locked.object) == ("node", "duty") and locked.detail.startswith("nobody works")
            assert (await node.client.get("/session", headers=program)).status_code == 200, "who shows a token has no screen"
            await plain.stop()
            plain = Node(settings, tmp_path, clock)
            await plain.start()
            assert told(await screen.get("/session")) == LOCKED
            unlocked = await screen.post("/session/unlock", json={"password": "first-password"}, headers=CONSOLE)
            assert unlocked.status_code == 204, unlocked.text
            assert (await screen.get("/session")).status_code == 200
    finally:
        await node.client.aclose()
        await plain.stop()


async def test_a_locked_session_opens_nothing_until_the_person_proves_to_be_there(
    node: RunningNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with browser(node) as screen, watched(node, screen) as opened:
        cookie = "; ".join(f"{name}={value}" for name, value in screen.cookies.items())
        agent = screen.headers["user-agent"]
        base = base_of(node)
        news = f"{base.replace('http', 'ws', 1)}/api/v1/events"
        head = {"Cookie": cookie, "Origin": base}
        async with websockets.connect(news, additional_headers=head, user_agent_header=agent) as feed:
            seen = len(records(node))
            assert (await screen.post("/session/lock", json={"why": "idle"}, headers=CONSOLE)).status_code == 204
            with pytest.raises(websockets.ConnectionClosedError) as closed:
                while True:
                    await feed.recv()
            assert closed.value.rcvd is not None and closed.value.rcvd.code == 4401
        for way in WAYS:
            assert await asked(opened, way, ticket=ticket_of(opened)) in (401, 403), way
        for path in ("/session", "/cameras", "/account", "/policy"):
            assert told(await screen.get(path)) == LOCKED, path
        assert told(await screen.post(f"/live/{opened['session']}/renew", headers=CONSOLE)) == LOCKED
        with pytest.raises(websockets.InvalidStatus):
            await websockets.connect(news, additional_headers=head, user_agent_header=agent)
        page = (await screen.get("/session/lock")).json()
        assert page == {"locked": True, "name": "duty", "full_name": page["full_name"], "ways": ["password"]}
        wrong = await screen.post("/session/unlock", json={"password": "not-the-password"}, headers=CONSOLE)
        assert told(wrong) == (401, "access.wrong_password")
        assert told(await screen.get("/session")) == LOCKED
        unlocked = await screen.post("/session/unlock", json={"password": "first-password"}, headers=CONSOLE)
        assert unlocked.status_code == 204, unlocked.text
        assert (await screen.get("/session/lock")).json()["locked"] is False
        again = await screen.post(f"/cameras/{opened['still'].split('/')[-2]}/live", json={"codecs": ["h264"]}, headers=CONSOLE)
        assert again.status_code == 201, "and everything opens as before"
        found = [(one.act, one.person, one.result, one.detail) for one in records(node)[seen:]]
        for wanted in (
            ("session.lock", "duty", "allowed", "idle"),
            ("live.renew", "duty", "refused", "access.screen_locked"),
            ("session.unlock", "duty", "failed", "access.wrong_password"),
            ("session.unlock", "duty", "allowed", "-"),
        ):
            assert wanted in found or (*wanted[:3], "") in found, (wanted, found)
        assert any(one[0] == "live.stop" for one in found), "the picture that was open has ended"
        whole, screens = queries.change_session, node.node.access.screens
        with monkeypatch.context() as patch:

            async def full(tx: Any, session: str, **facts: object) -> bool:
                raise StorageFault(what="the disk is full", remedy_zh="", remedy_en="")

            patch.setattr(queries, "change_session", full)
            assert (await screen.post("/session/lock", json={}, headers=CONSOLE)).status_code == 204
            assert told(await screen.get("/session")) == LOCKED, "what is on record as locked is locked"
            assert (await screen.get("/session/lock")).json()["locked"] is True
            assert screens._owed
        assert queries.change_session is whole
        await screens.lock_unattended()
        assert not screens._owed and told(await screen.get("/session")) == LOCKED, "and on disk when that can be"
        async with elsewhere(node, cookies=screen.cookies, headers=screen.headers) as thief:
            stolen = await thief.post("/session/unlock", json={"password": "first-password"}, headers=CONSOLE)
            assert told(stolen) == (401, "access.other_workstation"), "the password alone does not help a stolen cookie"


async def test_whoever_has_an_authenticator_unlocks_as_at_the_sign_in_and_may_always_leave(node: RunningNode) -> None:
    async with browser(node) as screen:
        made = (await screen.post("/account/authenticator", json={"proof": "first-password"}, headers=CONSOLE)).json()
        first, following = codes_of(made["secret"])
        confirmed = await screen.post("/account/authenticator/confirm", json={"code": first}, headers=CONSOLE)
        assert confirmed.status_code == 200, confirmed.text
        assert (await screen.post("/session/lock", json={}, headers=CONSOLE)).status_code == 204
        assert (await screen.get("/session/lock")).json()["ways"] == ["password-and-code"]
        for proofs, refused in (
            ({"password": "first-password"}, "access.second_factor_needed"),
            ({"password": "first-password", "code": "00000000"}, "access.wrong_code"),
            ({"code": following}, "access.wrong_password"),
        ):
            answer = await screen.post("/session/unlock", json=proofs, headers=CONSOLE)
            assert told(answer) == (401, refused), proofs
        both = {"password": "first-password", "code": following}
        assert (await screen.post("/session/unlock", json=both, headers=CONSOLE)).status_code == 204
        assert (await screen.get("/session")).status_code == 200
        assert (await screen.post("/session/lock", json={}, headers=CONSOLE)).status_code == 204
        assert (await screen.delete("/session", headers=CONSOLE)).status_code == 204
        assert told(await screen.get("/session")) == (401, "access.not_signed_in")


async def test_a_passkey_unlocks_the_session_that_asked_for_it_and_no_other(node: RunningNode) -> None:
    key, stolen = SecurityKey(base_of(node)), SecurityKey(base_of(node))
    async with browser(node) as screen, browser(node) as other:

        async def options_for(client: httpx.AsyncClient, path: str) -> dict[str, Any]:
            found: dict[str, Any] = (await client.post(path, json={"proof": "first-password"}, headers=CONSOLE)).json()["options"]
            return found

        async def unlocked(credential: dict[str, Any]) -> httpx.Response:
            return await screen.post("/session/unlock", json={"credential": credential}, headers=CONSOLE)

        made = {"name": "desk", "credential": key.made(await options_for(screen, "/account/passkeys/options"))}
        assert (await screen.post("/account/passkeys", json=made, headers=CONSOLE)).status_code == 201
        assert (await screen.post("/session/lock", json={}, headers=CONSOLE)).status_code == 204
        assert (await screen.get("/session/lock")).json()["ways"] == ["passkey"]
        by_password = await screen.post("/session/unlock", json={"password": "first-password"}, headers=CONSOLE)
        assert told(by_password) == (401, "access.passkey_needed"), "as at the sign-in"
        mine = await options_for(screen, "/session/unlock/options")
        assert [one["id"] for one in mine["allowCredentials"]] == [key.proof(mine)["id"]]
        for why, forged in {
            "asked for by another session of the same person": key.proof(await options_for(other, "/session/unlock/options")),
            "asked for at a sign-in": key.proof(await options_for(screen, "/session/passkey/options")),
            "a key that nobody has": stolen.proof(await options_for(screen, "/session/unlock/options")),
            "the person was not verified": key.proof(await options_for(screen, "/session/unlock/options"), verified=False),
        }.items():
            assert told(await unlocked(forged)) == (401, "access.passkey_refused"), why
            assert told(await screen.get("/session")) == LOCKED, why
        answer = key.proof(mine)
        assert (await unlocked(answer)).status_code == 204
        assert (await screen.get("/session")).status_code == 200
        assert (await screen.post("/session/lock", json={}, headers=CONSOLE)).status_code == 204
        assert told(await unlocked(answer)) == (401, "access.passkey_refused"), "an answer counts once"
        assert told(await screen.get("/session")) == LOCKED


@pytest.mark.parametrize(
    ("policy", "authenticator", "passkeys", "provider", "ways"),
    [
        ("off", True, 1, "", ["password", "passkey"]),
        ("optional", False, 0, "", ["password"]),
        ("optional", True, 0, "", ["password-and-code"]),
        ("required", True, 1, "", ["password-and-code", "passkey"]),
        ("optional", False, 2, "", ["passkey"]),
        ("optional", True, 0, "city", ["code"]),
        ("required", False, 0, "city", []),
    ],
)
def test_a_screen_is_unlocked_by_what_signing_in_takes(
    policy: Literal["off", "optional", "required"], authenticator: bool, passkeys: int, provider: str, ways: list[str]
) -> None:
    account = Account(policy, authenticator, passkeys, False, "", provider)
    assert ways_to_unlock(account) == ways
