"""Accounts with one personnel number are one human being: for offices that exclude each other, for acts of two (A10, A15, A35)."""

from __future__ import annotations

from pathlib import Path

from tests.node.approvals.office import approve, refused
from tests.node.conftest import RunningNode, running_node, settings_for
from tests.node.identity_provider import provider_for, settings_with
from tests.node.test_reset_by_two import user_of
from tests.node.test_single_sign_on import desk, problem_of, user_named


async def numbered(node: RunningNode, name: str, number: str) -> None:
    """The node knows the number of that account."""
    assert node.second is not None
    keeper = node.second if name == "security" else node.client
    changed = await keeper.patch(f"/users/{await user_of(node, name)}", json={"personnel_number": number})
    assert changed.status_code == 200 and changed.json()["personnel_number"] == number, changed.text


async def test_a_number_has_one_account_of_the_node(node: RunningNode) -> None:
    await numbered(node, "duty", "P100")
    again = await node.client.post("/users", json={"name": "wang", "personnel_number": "P100"})
    refused(again, 409, "access.number_taken")
    assert again.json()["rule"] == "A10" and "duty" in again.json()["zh"]
    other = await user_of(node, "system")
    refused(await node.client.patch(f"/users/{other}", json={"personnel_number": " P100 "}), 409, "access.number_taken")
    assert (await node.client.post("/users", json={"name": "wang", "personnel_number": ""})).status_code == 201, "none is no number"


async def test_an_account_of_the_provider_with_the_number_is_the_same_person(tmp_path: Path) -> None:
    base = settings_for()
    with provider_for(base) as provider:
        provider.account("kong", "keys")
        provider.account("zeng", "desk")
        settings = settings_with(tmp_path, provider.issuer, base, provider={"personnel_claim": "preferred_username"})
        rules = settings.approvals.model_copy(update={"same_workstation": "session"})
        settings = settings.model_copy(update={"approvals": rules})
        async with running_node(tmp_path, settings) as node, desk((node, provider)) as one, desk((node, provider), "desk 2") as two:
            await numbered(node, "security", "kong")
            await numbered(node, "audit", "zeng")
            assert problem_of(await two.sign_in("zeng")) == (409, "access.posts_conflict"), "an office here, pictures there"
            assert await user_named(node, "zeng@city") == {}
            await one.sign_in("kong")
            kong = await user_named(node, "kong@city")
            path = f"/users/{kong['id']}/appointments/{kong['appointments'][0]['id']}/acceptance"
            why = {"reason": "new in the office"}
            refused(await node.client.post(path, json=why), 409, "access.own_user")
            assert node.second is not None and (await node.second.post(path, json=why)).status_code == 200
            asked = await node.client.post("/users", json={"name": "wang", "reason": "new", "appointments": [{"post": "operator"}]})
            refused(await approve(one.client, asked.json()["request"]["id"]), 403, "approvals.own_request")
            office = {"post": "system-administrator", "reason": "needed"}
            refused(
                await node.client.post(f"/users/{await user_of(node, 'duty')}/appointments", json=office),
                409,
                "access.posts_conflict",
            )
