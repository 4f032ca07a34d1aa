"""Users: a first password is told once and opens nothing but its change; disabling ends sessions; every act is on record."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx

from fengsui.features.audit.folder import segments
from fengsui.features.audit.model import record_of
from tests.node.conftest import RunningNode, running_node, settings_for

OWN = "my-own-long-password"


def stranger(node: RunningNode) -> httpx.AsyncClient:
    """A client that nobody signed in."""
    return httpx.AsyncClient(base_url=node.client.base_url, timeout=20)


async def make(node: RunningNode, name: str, post: str = "operator") -> dict[str, Any]:
    user, password = await node.appoint(name, {"post": post})
    return {"user": user, "password": password}


async def sign_in(client: httpx.AsyncClient, name: str, password: str) -> httpx.Response:
    answer = await client.post("/session", json={"name": name, "password": password})
    client.cookies.clear()
    if answer.status_code == 201:
        client.headers["Authorization"] = f"Bearer {answer.json()['token']}"
    return answer


async def test_a_new_user_changes_the_first_password_and_works(node: RunningNode) -> None:
    made = await make(node, "zhang.san")
    async with stranger(node) as client:
        signed = await sign_in(client, "zhang.san", made["password"])
        assert signed.json()["user"]["must_change_password"] is True
        refused = await client.get("/areas")
        assert (refused.status_code, refused.json()["code"]) == (403, "access.must_change_password")
        assert (await client.post("/session/password", json={"old": made["password"], "new": "short"})).status_code == 400
        assert (await client.post("/session/password", json={"old": made["password"], "new": OWN})).status_code == 204
        assert (await client.get("/areas")).status_code == 200
        assert (await client.get("/users")).status_code == 403, "an operator keeps no users"
        assert (await sign_in(client, "zhang.san", made["password"])).status_code == 401
        assert (await sign_in(client, "zhang.san", OWN)).status_code == 201
    listed = {user["name"]: user for user in (await node.get("/users"))["items"]}  # type: ignore[attr-defined]
    assert listed["zhang.san"]["signed_in_at"] and not listed["zhang.san"]["must_change_password"]
    assert "password" not in str(listed["zhang.san"]).replace("must_change_password", "")


async def test_a_disabled_user_is_out_at_once(node: RunningNode) -> None:
    made = await make(node, "li.si")
    path = f"/users/{made['user']['id']}"
    async with stranger(node) as client:
        await sign_in(client, "li.si", made["password"])
        await client.post("/session/password", json={"old": made["password"], "new": OWN})
        assert (await client.get("/session")).status_code == 200
        assert (await node.client.patch(path, json={"disabled": True})).json()["disabled"] is True
        assert (await client.get("/session")).status_code == 401
        assert (await sign_in(client, "li.si", OWN)).json()["code"] == "access.disabled"
        assert (await sign_in(client, "li.si", "wrong")).json()["code"] == "access.wrong_password"
        alone = await node.client.patch(path, json={"disabled": False})
        assert (alone.status_code, alone.json()["code"], alone.json()["rule"]) == (409, "access.enable_needs_two", "A14")
        assert (await sign_in(client, "li.si", OWN)).json()["code"] == "access.disabled"
        (held,) = (await node.get(path))["appointments"]
        assert (await node.client.delete(f"{path}/appointments/{held['id']}")).status_code == 200
        assert (await node.client.patch(path, json={"disabled": False})).status_code == 200
        assert (await sign_in(client, "li.si", OWN)).status_code == 201, "without a post, until two persons give it anew"


async def test_a_reset_password_ends_sessions_and_is_changed_again(node: RunningNode) -> None:
    made = await make(node, "wang.wu")
    async with stranger(node) as client:
        await sign_in(client, "wang.wu", made["password"])
        await client.post("/session/password", json={"old": made["password"], "new": OWN})
        alone = await node.client.post(f"/users/{made['user']['id']}/password")
        assert (alone.status_code, alone.json()["code"], alone.json()["rule"]) == (409, "access.reset_needs_two", "A14")
        assert (await client.get("/session")).status_code == 200, "one person changes nothing"
        reset = await node.reset(made["user"]["id"])
        assert reset not in (OWN, made["password"])
        assert (await client.get("/session")).status_code == 401
        assert (await sign_in(client, "wang.wu", OWN)).status_code == 401
        signed = await sign_in(client, "wang.wu", reset)
        assert signed.json()["user"]["must_change_password"] is True


async def test_changing_ones_password_ends_ones_other_sessions(node: RunningNode) -> None:
    async with stranger(node) as elsewhere:
        await sign_in(elsewhere, "duty", "first-password")
        changed = await node.client.post("/session/password", json={"old": "first-password", "new": OWN})
        assert changed.status_code == 204
        assert (await elsewhere.get("/session")).status_code == 401
    assert (await node.client.get("/session")).status_code == 200


async def test_a_locked_user_is_unlocked(tmp_path: Path) -> None:
    settings = settings_for().model_copy(update={"sign_in": settings_for().sign_in.model_copy(update={"wrong_passwords_limit": 2})})
    async with running_node(tmp_path, settings) as node:
        made = await make(node, "zhao.liu")
        async with stranger(node) as client:
            for _ in range(2):
                await sign_in(client, "zhao.liu", "guess")
            assert (await sign_in(client, "zhao.liu", made["password"])).status_code == 429
            listed = {user["name"]: user for user in (await node.get("/users"))["items"]}  # type: ignore[attr-defined]
            assert listed["zhao.liu"]["locked"] and not listed["duty"]["locked"]
            assert (await node.client.post(f"/users/{made['user']['id']}/unlock")).status_code == 204
            assert (await sign_in(client, "zhao.liu", made["password"])).status_code == 201


async def test_wrong_orders_are_refused_with_their_names(node: RunningNode) -> None:
    await make(node, "same.name")
    taken = await node.client.post("/users", json={"name": "same.name"})
    assert (taken.status_code, taken.json()["code"]) == (409, "access.name_taken")
    assert (await node.client.post("/users", json={"name": "with space"})).status_code == 422
    assert (await node.client.post("/users", json={"name": "x2", "appointments": [{"post": "king"}]})).status_code == 422
    listed = (await node.get("/users"))["items"]
    me = next(one["id"] for one in listed if one["name"] == "security")  # type: ignore[attr-defined]
    for answer in (
        await node.client.patch(f"/users/{me}", json={"disabled": True}),
        await node.client.post(f"/users/{me}/password"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "access.own_user")
    assert (await node.client.patch("/users/999", json={"disabled": True})).json()["code"] == "access.unknown_user"


async def test_every_act_on_a_user_is_on_record_without_its_password(tmp_path: Path) -> None:
    settings = settings_for(f"sqlite:///{tmp_path / 'node.db'}")
    async with running_node(tmp_path, settings) as node:
        made = await make(node, "chen.qi")
        path = f"/users/{made['user']['id']}"
        await node.client.patch(path, json={"disabled": True})
        (held,) = (await node.get(path))["appointments"]
        await node.client.delete(f"{path}/appointments/{held['id']}")
        await node.client.patch(path, json={"disabled": False})
        reset = (await node.client.post(f"{path}/password")).json()["password"]
        await node.client.post(f"{path}/unlock")
    everything = b"".join(one.path.read_bytes() for one in segments(tmp_path / "audit"))
    lines = [record for line in everything.splitlines(keepends=True) if (record := record_of(line)).object == "chen.qi"]
    acts = ["user.add", "user.disable", "appointment.end", "user.enable", "user.reset-password", "user.unlock"]
    assert [line.act for line in lines if line.person == "security"] == acts
    assert made["password"].encode() not in everything and reset.encode() not in everything
