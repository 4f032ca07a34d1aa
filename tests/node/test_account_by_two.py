"""An account of weight comes back, and its dates of rule A9 are set or extended, by two persons (A14); closing takes one."""

from __future__ import annotations

from typing import Any

from tests.node.approvals.office import approve, read, refused
from tests.node.conftest import RunningNode
from tests.node.test_audit import records


async def ask(node: RunningNode, user: int, **facts: Any) -> str:
    answer = await node.client.post(f"/users/{user}/change", json={"reason": "back from leave", **facts})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


async def test_one_administrator_enables_no_account_of_weight_and_two_do(node: RunningNode) -> None:
    assert node.second is not None
    chief, password = await node.appoint("chief", {"post": "commander"})
    path = f"/users/{chief['id']}"
    assert (await node.client.patch(path, json={"disabled": True})).json()["disabled"] is True, "closing takes one person"
    refused(await node.client.patch(path, json={"disabled": False}), 409, "access.enable_needs_two")
    refused(await node.client.post(f"{path}/change", json={"enable": True}), 400, "approvals.reason_missing")
    request = await ask(node, chief["id"], enable=True)
    assert (await node.get(path))["disabled"] is True, "nothing happens before it is approved"
    opened = await read(node.second, request)
    assert [(one["field"], one["old_en"], one["new_en"], one["direction"]) for one in opened["differences"]] == [
        ("disabled", "disabled", "enabled", "loosening")
    ]
    refused(await approve(node.client, request), 403, "approvals.own_request")
    assert (await approve(node.second, request)).json()["state"] == "applied"
    assert (await node.get(path))["disabled"] is False
    assert (await node.client.post("/session", json={"name": "chief", "password": password})).status_code == 201
    (told,) = [one for one in records(node) if one.act == "user.enable" and one.range == request]
    assert (told.object, told.range, told.detail) == (
        "chief",
        request,
        "disabled=True→False; asked security, approved security-2",
    )
    refused(await node.client.post(f"{path}/change", json={"enable": True, "reason": "again"}), 409, "access.nothing_to_open")


async def test_dates_that_keep_an_account_of_weight_open_take_two_and_others_one(node: RunningNode) -> None:
    assert node.second is not None
    li, _ = await node.appoint("li-si", {"post": "operator"})
    path = f"/users/{li['id']}"
    for earlier in ({"training_until": "2030-01-01"}, {"vetted_on": None}, {"certificate_no": "PX-1"}, {"full_name": "李四"}):
        assert (await node.client.patch(path, json=earlier)).status_code == 200, earlier
    for later in ({"training_until": "2031-01-01"}, {"vetted_on": "2026-05-05"}, {"undertaking_on": "2026-05-05"}):
        refused(await node.client.patch(path, json={**later, "full_name": "李思"}), 409, "access.dates_need_two")
    whole = await node.get(path)
    assert (whole["full_name"], whole["training_until"], whole["vetted_on"]) == ("李四", "2030-01-01", None), "none of it"
    as_it_is = {"training_until": "2030-01-01", "vetted_on": None, "undertaking_on": "2026-01-05", "full_name": "李思"}
    assert (await node.client.patch(path, json=as_it_is)).status_code == 200, "what stays asks nobody"

    request = await ask(node, li["id"], training_until="2031-01-01", vetted_on="2026-05-05", certificate_no="PX-2")
    opened = await read(node.second, request)
    assert {one["field"]: (one["old_en"], one["new_en"]) for one in opened["differences"]} == {
        "training_until": ("2030-01-01", "2031-01-01"),
        "vetted_on": ("", "2026-05-05"),
        "certificate_no": ("PX-1", "PX-2"),
    }
    assert (await node.client.patch(path, json={"training_until": "2029-01-01"})).status_code == 200
    assert (await node.second.get(f"/approvals/{request}")).json()["request"]["state"] == "void", "any change voids it"

    request = await ask(node, li["id"], training_until="2031-01-01", vetted_on="2026-05-05")
    assert (await approve(node.second, request)).json()["state"] == "applied"
    whole = await node.get(path)
    assert (whole["training_until"], whole["vetted_on"], whole["closed_en"]) == ("2031-01-01", "2026-05-05", "")
    (told,) = [one for one in records(node) if one.act == "user.change" and one.range == request]
    assert told.detail.endswith("; asked security, approved security-2") and "training_until=2029-01-01→2031-01-01" in told.detail


async def test_an_account_that_opens_lists_alone_takes_one_person(node: RunningNode) -> None:
    fitter, _ = await node.appoint("fitter", {"post": "maintenance"}, training_until="2020-01-01")
    path = f"/users/{fitter['id']}"
    assert (await node.client.patch(path, json={"disabled": True, "training_until": "2099-01-01"})).status_code == 200
    opened = (await node.client.patch(path, json={"disabled": False})).json()
    assert (opened["disabled"], opened["training_until"]) == (False, "2099-01-01")


async def test_nobody_asks_for_their_own_account_or_approves_it(node: RunningNode) -> None:
    assert node.second is not None
    users = {one["name"]: one["id"] for one in (await node.get("/users"))["items"]}
    mine = {"training_until": "2099-12-30", "reason": "trained again"}
    refused(await node.client.post(f"/users/{users['security']}/change", json=mine), 409, "access.own_user")
    request = await ask(node, users["security-2"], training_until="2099-12-30")
    refused(await approve(node.second, request), 403, "approvals.concerns_you")
