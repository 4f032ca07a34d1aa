"""Whoever gives an account its way in is no second person beside it, and takes no office or picture that way (A14, A15, A35)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from fengsui.features.access import BEIJING
from tests.node.approvals.office import approve, read, refused
from tests.node.conftest import OWN_PASSWORD, RunningNode, running_node, settings_for
from tests.node.test_audit import records
from tests.node.test_users import sign_in, stranger


async def user_of(node: RunningNode, name: str) -> int:
    """The id."""
    return int(next(one["id"] for one in (await node.get("/users"))["items"] if one["name"] == name))


async def test_one_administrator_does_not_reset_the_other_and_approve_as_them(node: RunningNode) -> None:
    other = await user_of(node, "security-2")
    for answer in (await node.client.post(f"/users/{other}/password"), await node.client.delete(f"/users/{other}/second-factor")):
        refused(answer, 409, "access.reset_needs_two")
    _, password = await node.appoint("chief", {"post": "commander", "rank": "province-head"})
    chief = await node.sign_in("chief", password, "127.0.0.9")
    asked = await node.client.post(f"/users/{other}/reset", json={"way": "password", "reason": "lost"})
    assert asked.status_code == 202, asked.text
    assert node.second is not None
    refused(await approve(node.second, asked.json()["id"]), 403, "approvals.concerns_you")
    assert (await node.second.get("/session")).status_code == 200, "nothing happens before it is approved"
    refused(await approve(chief, asked.json()["id"]), 403, "approvals.gave_account")
    assert (await node.second.post(f"/approvals/{asked.json()['id']}/refuse", json={"reason": "I lost nothing"})).status_code == 200
    await chief.aclose()


async def test_two_of_whom_one_lost_the_way_in_are_helped_by_somebody_who_approves(node: RunningNode) -> None:
    assert node.second is not None
    commander = {"post": "commander", "rank": "province-head"}
    dates = {"vetted_on": "2026-01-05", "undertaking_on": "2026-01-05", "training_until": "2099-12-31"}
    order = {"name": "chief", "personnel_number": "P-1", "reason": "new", "appointments": [commander], **dates}
    made = await node.second.post("/users", json=order)
    assert (await approve(node.client, made.json()["request"]["id"])).json()["state"] == "applied"
    chief = await node.sign_in("chief", made.json()["password"], "127.0.0.9")
    other = await user_of(node, "security-2")
    asked = (await node.client.post(f"/users/{other}/reset", json={"way": "password", "reason": "lost"})).json()
    (change,) = (await read(chief, asked["id"]))["differences"]
    assert change["direction"] == "loosening"
    assert (await approve(chief, asked["id"])).json()["state"] == "applied"
    assert (await node.second.get("/session")).status_code == 401, "the old way in has ended"
    told = [one.detail for one in records(node) if one.act == "user.reset-password"]
    assert told == ["asked security, approved chief"]
    password = (await node.client.post(f"/users/{other}/password")).json()["password"]
    taken = await node.sign_in("security-2", password, "127.0.0.22")
    mine = await node.client.post("/users", json={"name": "wang", "reason": "new", "appointments": [{"post": "operator"}]})
    refused(await approve(taken, mine.json()["request"]["id"]), 403, "approvals.gave_account")
    (record,) = [one for one in records(node) if (one.act, one.result) == ("approval.approve", "refused")]
    assert (record.person, record.detail) == ("security-2", "approvals.gave_account")
    await chief.aclose()
    await taken.aclose()


async def test_what_only_a_list_opens_one_resets_alone_and_a_first_password_until_it_is_changed(node: RunningNode) -> None:
    fitter, _ = await node.appoint("fitter", {"post": "maintenance"})
    assert (await node.client.post(f"/users/{fitter['id']}/password")).status_code == 200
    wang, _ = await node.appoint("wang", {"post": "operator"})
    again = (await node.client.post(f"/users/{wang['id']}/password")).json()["password"]
    assert node.second is not None
    refused(await node.second.post(f"/users/{wang['id']}/password"), 409, "access.reset_needs_two")
    async with stranger(node) as client:
        await sign_in(client, "wang", again)
        await client.post("/session/password", json={"old": again, "new": OWN_PASSWORD})
    refused(await node.client.post(f"/users/{wang['id']}/password"), 409, "access.reset_needs_two")


@pytest.mark.parametrize("way", ["password", "factor"])
async def test_a_request_is_void_once_the_way_in_is_another_one(node: RunningNode, way: str) -> None:
    client = await node.client_of("wang", {"post": "operator"})
    user = await user_of(node, "wang")
    asked = (await node.client.post(f"/users/{user}/reset", json={"way": way, "reason": "lost"})).json()
    await client.post("/session/password", json={"old": OWN_PASSWORD, "new": "found-it-again"})
    assert node.second is not None
    assert (await read(node.second, asked["id"]))["request"]["state"] == "void"
    await client.aclose()


async def test_whoever_runs_the_host_opens_a_day_for_it(tmp_path: Path) -> None:
    settings = settings_for()
    today = settings.access.model_copy(update={"set_up_on": datetime.now(BEIJING).date().isoformat()})
    async with running_node(tmp_path, settings.model_copy(update={"access": today})) as node:
        assert (await node.client.post(f"/users/{await user_of(node, 'security-2')}/password")).status_code == 200
        told = [one.detail for one in records(node) if one.act == "user.reset-password"]
        assert told == ["opened for today by whoever runs the host"]
