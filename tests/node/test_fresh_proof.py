"""A session alone changes no way to sign in; each code that is tried counts; and the person is told of what is new."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.node.authenticator import SecurityKey
from tests.node.conftest import OWN_PASSWORD, RunningNode, running_node, settings_for
from tests.node.test_audit import records
from tests.node.test_own_site import base_of
from tests.node.test_second_factor import codes_of
from tests.node.test_users import stranger

pytestmark = pytest.mark.asyncio(loop_scope="module")
PROOF = {"proof": OWN_PASSWORD}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningNode]:
    """One node for every case; each has a person of its own."""
    async with running_node(tmp_path_factory.mktemp("fresh"), settings_for()) as node:
        yield node


@asynccontextmanager
async def person(node: RunningNode, name: str) -> AsyncIterator[httpx.AsyncClient]:
    """A new operator at a desk."""
    client = await node.client_of(name, {"post": "operator"})
    try:
        yield client
    finally:
        await client.aclose()


def told(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of an error."""
    return answer.status_code, answer.json()["code"]


async def options_of(client: httpx.AsyncClient, proof: dict[str, Any]) -> dict[str, Any]:
    """For a new passkey."""
    answer = await client.post("/account/passkeys/options", json=proof)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["options"]
    return found


async def proved(client: httpx.AsyncClient, key: SecurityKey) -> dict[str, Any]:
    """That the key's owner is there."""
    return {"credential": key.proof((await client.post("/session/passkey/options")).json()["options"])}


async def keep(client: httpx.AsyncClient, key: SecurityKey, proof: dict[str, Any], name: str = "desk") -> int:
    """A new passkey; its number."""
    made = await client.post("/account/passkeys", json={"name": name, "credential": key.made(await options_of(client, proof))})
    assert made.status_code == 201, made.text
    return int(made.json()["id"])


async def enrol(client: httpx.AsyncClient) -> list[str]:
    """An authenticator; its recovery codes."""
    secret = (await client.post("/account/authenticator", json=PROOF)).json()["secret"]
    confirmed = await client.post("/account/authenticator/confirm", json={"code": codes_of(secret)[0]})
    codes: list[str] = confirmed.json()["codes"]
    return codes


async def test_a_session_alone_sets_no_way_to_sign_in_up(shared: RunningNode) -> None:
    async with person(shared, "seat") as thief:
        owner = await shared.sign_in("seat", OWN_PASSWORD)
        for shown, wanted in (({}, (403, "access.proof_needed")), ({"proof": "a guess"}, (401, "access.wrong_password"))):
            assert told(await thief.post("/account/authenticator", json=shown)) == wanted
            assert told(await thief.post("/account/passkeys/options", json=shown)) == wanted
        key = SecurityKey(base_of(shared))
        credential = key.made(await options_of(owner, PROOF))
        await owner.aclose()
        stolen = await thief.post("/account/passkeys", json={"name": "mine", "credential": credential})
        assert told(stolen) == (401, "access.passkey_refused"), "options count in the session that proved who asks"
        account = (await thief.get("/account")).json()
        assert (account["authenticator"], account["passkeys"]) == (False, 0)
        acts = {(one.act, one.result, one.detail) for one in records(shared) if one.person == "seat"}
        assert ("passkey.add", "refused", "access.proof_needed") in acts
        assert ("second-factor.begin", "refused", "access.wrong_password") in acts


async def test_where_there_is_a_factor_the_password_is_no_proof(shared: RunningNode) -> None:
    key = SecurityKey(base_of(shared))
    async with person(shared, "keyed") as client:
        number = await keep(client, key, PROOF)
        for path in ("/account/authenticator", "/account/passkeys/options", f"/account/passkeys/{number}/end"):
            assert told(await client.post(path, json=PROOF)) == (403, "access.factor_needed"), path
            foreign = await proved(client, SecurityKey(base_of(shared)))
            assert told(await client.post(path, json=foreign)) == (401, "access.passkey_refused"), path
        assert (await client.post("/account/authenticator", json=await proved(client, key))).status_code == 201
        ended = await client.post(f"/account/passkeys/{number}/end", json=await proved(client, key))
        assert ended.status_code == 204, ended.text
        assert (await client.get("/account")).json()["passkeys"] == 0


async def test_a_new_password_asks_about_passkeys_and_they_end_by_the_factor_alone(shared: RunningNode) -> None:
    key = SecurityKey(base_of(shared))
    async with person(shared, "changer") as client:
        await keep(client, key, PROOF, "the desk's key")
        change = {"old": OWN_PASSWORD, "new": "another-password-2"}
        asked = await client.post("/session/password", json=change)
        assert told(asked) == (409, "access.passkeys_to_settle") and "the desk's key" in asked.json()["en"]
        bare = await client.post("/session/password", json={**change, "keep_passkeys": False, "proof": OWN_PASSWORD})
        assert told(bare) == (403, "access.factor_needed")
        assert (await client.post("/session/password", json={**change, "keep_passkeys": True})).status_code == 204
        assert (await client.get("/account")).json()["passkeys"] == 1
        change = {"old": "another-password-2", "new": OWN_PASSWORD, "keep_passkeys": False}
        assert (await client.post("/session/password", json={**change, **await proved(client, key)})).status_code == 204
        assert (await client.get("/account")).json()["passkeys"] == 0


async def test_each_sign_in_tells_of_ways_that_are_new(shared: RunningNode) -> None:
    async with person(shared, "told") as client:
        assert (await client.get("/session")).json()["new_factors"] == []
        key = SecurityKey(base_of(shared))
        await keep(client, key, PROOF, "whose?")
        secret = (await client.post("/account/authenticator", json=await proved(client, key))).json()["secret"]
        confirmed = await client.post("/account/authenticator/confirm", json={"code": codes_of(secret)[0]})
        for code in confirmed.json()["codes"][:2]:
            async with stranger(shared) as desk:
                signed = await desk.post("/session", json={"name": "told", "password": OWN_PASSWORD, "otp": code})
                new = signed.json()["user"]["new_factors"]
                assert {(one["kind"], one["name"]) for one in new} == {("passkey", "whose?"), ("authenticator", "")}
                assert all(one["added_at"][:4] > "2020" for one in new)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("ender", "/account/authenticator/end"),
        ("renewer", "/account/recovery-codes"),
        ("beginner", "/account/authenticator/confirm"),
        ("prover", "/account/passkeys/options"),
    ],
)
async def test_codes_are_not_tried_without_end(shared: RunningNode, name: str, path: str) -> None:
    limit = settings_for().sign_in.wrong_passwords_limit
    async with person(shared, name) as client:
        codes = ["000000"]
        if name == "beginner":
            assert (await client.post("/account/authenticator", json=PROOF)).status_code == 201
        else:
            codes = await enrol(client)

        async def guess(number: int) -> str:
            text = f"{number:06}"
            answer = await client.post(path, json={"proof": text} if name == "prover" else {"code": text})
            return str(answer.json()["code"])

        found = Counter(await asyncio.gather(*(guess(number) for number in range(3 * limit))))
        assert found == {"access.wrong_code": limit, "access.locked_out": 2 * limit}, "not even when they come at once"
        right = {"proof": codes[0]} if name == "prover" else {"code": codes[0]}
        assert told(await client.post(path, json=right)) == (429, "access.locked_out")
