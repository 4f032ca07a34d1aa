"""Tokens of programs: made with a fresh proof, no wider than made, over with the password; they do nothing that wants a person."""

from __future__ import annotations

import base64

import httpx
import pytest

from fengsui.features.access.credentials import credential_of_token
from fengsui.features.access.decision import Appointment, Person
from fengsui.features.access.permissions import IN_PERSON
from fengsui.features.access.posts import EVERY_CLASS, Function, Post
from fengsui.features.access.tables import users
from fengsui.features.audit.operations import OPERATIONS
from fengsui.store import update_sealed
from tests.node.authenticator import SecurityKey
from tests.node.conftest import OWN_PASSWORD, RunningNode
from tests.node.test_audit import records
from tests.node.test_fresh_proof import keep, proved
from tests.node.test_matrix import Operation, operations
from tests.node.test_own_site import base_of
from tests.node.test_second_factor import codes_of
from tests.node.test_users import OWN, stranger

ORDER = {"name": "wall", "functions": ["look-around"], "days": 1, "proof": OWN_PASSWORD}


async def program_of(client: httpx.AsyncClient, at: str = "127.0.0.1", **order: object) -> httpx.AsyncClient:
    """A program with a new token of whoever the client is."""
    made = await client.post("/account/tokens", json={**ORDER, **order})
    assert made.status_code == 201, made.text
    bearer = {"Authorization": f"Bearer {made.json()['text']}"}
    transport = httpx.AsyncHTTPTransport(local_address=at)
    return httpx.AsyncClient(base_url=client.base_url, headers=bearer, timeout=20, transport=transport)


@pytest.mark.parametrize("how", ["own change", "reset", "factor reset", "factor ended", "passkey removed"])
async def test_a_token_ends_with_the_password_or_the_factor(node: RunningNode, how: str) -> None:
    user, password = await node.appoint("wang", {"post": "operator"})
    client = await node.sign_in("wang", password)
    codes: list[str] = []
    key, number = SecurityKey(base_of(node)), 0
    if how == "passkey removed":
        number = await keep(client, key, {"proof": OWN_PASSWORD})
    if how == "factor ended":
        secret = (await client.post("/account/authenticator", json={"proof": OWN_PASSWORD})).json()["secret"]
        codes = (await client.post("/account/authenticator/confirm", json={"code": codes_of(secret)[0]})).json()["codes"]
    async with await program_of(client, **({"proof": codes[0]} if codes else {})) as program:
        assert (await program.get("/live")).status_code == 200
        match how:
            case "own change":
                await client.post("/session/password", json={"old": OWN_PASSWORD, "new": OWN})
            case "reset":
                await node.reset(user["id"])
            case "factor reset":
                await node.reset(user["id"], "factor")
            case "passkey removed":
                ended = await client.post(f"/account/passkeys/{number}/end", json=await proved(client, key))
                assert ended.status_code == 204, ended.text
            case "factor ended":
                assert (await client.post("/account/authenticator/end", json={"code": codes[1]})).status_code == 204
        assert (await program.get("/live")).status_code == 401
    await client.aclose()


async def test_a_token_opens_nothing_while_its_owner_has_still_to_set_a_password(node: RunningNode) -> None:
    client = await node.client_of("wang", {"post": "operator"})
    async with await program_of(client) as program:
        async with node.node.store.transaction() as tx:
            await update_sealed(tx, users, users.c.name == "wang", {"must_change_password": True})
        assert (await program.get("/live")).status_code == 401
    await client.aclose()


async def test_what_a_token_with_networks_opens_is_bound_to_where_it_was_asked_from(node: RunningNode) -> None:
    client, access = await node.client_of("wang", {"post": "operator"}), node.node.access
    for networks, bound in (([], ""), (["127.0.0.0/8"], "127.0.0.9")):
        made = await client.post("/account/tokens", json={**ORDER, "networks": networks})
        assert made.status_code == 201, made.text
        holder = await access.api_tokens.holder(made.json()["text"], "127.0.0.9")
        assert holder is not None
        payload = access.media_ticket("c/main", holder.session, 99, holder).partition(".")[0]
        assert base64.urlsafe_b64decode(payload + "==").decode() == f"c/main|{holder.session}|99|{bound}"
    await client.aclose()


async def test_a_token_takes_a_proof_of_now(node: RunningNode) -> None:
    client = await node.client_of("wang", {"post": "operator"})
    assert (await client.post("/account/tokens", json={**ORDER, "proof": "guess"})).json()["code"] == "access.wrong_password"
    assert (await client.get("/account/tokens")).json()["items"] == []
    (told,) = [one for one in records(node) if one.act == "token.add"]
    assert (told.person, told.result, told.detail) == ("wang", "refused", "access.wrong_password")
    assert (await client.post("/account/tokens", json={**ORDER, "networks": ["10.1.0.0/33"]})).status_code == 422
    await client.aclose()


async def test_a_token_opens_only_from_its_networks(node: RunningNode) -> None:
    client = await node.client_of("wang", {"post": "operator"})
    async with await program_of(client, "127.0.0.5", networks=["127.0.0.4/31"]) as near:
        assert (await near.get("/live")).status_code == 200
        text = near.headers["Authorization"]
    async with stranger(node) as far:
        assert (await far.get("/live", headers={"Authorization": text})).status_code == 401
    (shown,) = (await client.get("/account/tokens")).json()["items"]
    assert (shown["networks"], shown["area"]) == (["127.0.0.4/31"], "")
    await client.aclose()


def test_an_area_narrows_what_the_appointments_hold() -> None:
    person = Person(
        1, "x", (Appointment(Post.OPERATOR, "52"), Appointment(Post.OPERATOR, "520102"), Appointment(Post.OPERATOR, "44"))
    )
    bound = person.restricted_to([Function.VIEW_LIVE], "5201")
    assert sorted(one.area for one in bound.appointments) == ["5201", "520102"]
    assert set(bound.grants[Function.VIEW_LIVE]) == {"5201", "520102"} and Function.CONTROL not in bound.grants
    assert person.bounded(bound.withheld, bound.within) == bound, "renewed as it was made"


async def test_a_token_of_an_area_lists_that_area_and_none_is_made_beyond_ones_own(node: RunningNode) -> None:
    client = await node.client_of("wang", {"post": "operator", "area": "5201"})
    beyond = await client.post("/account/tokens", json={**ORDER, "area": "44"})
    assert (beyond.status_code, beyond.json()["code"]) == (403, "access.not_allowed")
    async with await program_of(client, area="520103") as program:
        shown = credential_of_token(program.headers["Authorization"].removeprefix("Bearer "))
    access = node.node.access
    holder = await access.principal_of(shown, "127.0.0.1")
    for who in (holder, await access.renewed(holder)):
        assert access.scope(who, Function.LOOK_AROUND).areas == (("520103", EVERY_CLASS),)
    await client.aclose()


async def test_no_program_does_what_wants_a_person(node: RunningNode) -> None:
    assert set(OPERATIONS) >= IN_PERSON
    by_id = {one.id: one for one in operations()}
    owners = {"duty": ["take-duty", "open-ticket", "approve", "manage-masks"], "security": ["manage-people", "approve"]}
    for owner, functions in owners.items():
        headers = {"Authorization": f"Bearer {node.tokens[owner]}"}
        order = {**ORDER, "functions": functions, "proof": "first-password"}
        text = (await node.client.post("/account/tokens", json=order, headers=headers)).json()["text"]
        async with stranger(node) as program:
            program.headers["Authorization"] = f"Bearer {text}"
            for name in sorted(IN_PERSON):
                one: Operation = by_id[name]
                answer = await program.request(one.method, one.filled, json={})
                assert (answer.status_code, answer.json()["code"]) == (403, "access.persons_only"), (owner, name)
    told = [one for one in records(node) if one.result == "refused" and one.detail == "access.persons_only"]
    assert len(told) == 2 * len(IN_PERSON)
