"""A shift does not outlive the right of its person (A5, A9; 5.4 VACANT); a supervisor ends one; the log says what happened."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from fengsui.app import Node
from fengsui.errors import StorageFault
from fengsui.features.duty import queries
from tests.node.conftest import RunningNode, running_node, settings_for, until
from tests.node.duty_room import MovedClock, centre_of, operator
from tests.node.test_audit import records

SOON = timedelta(minutes=20)


@pytest.fixture
async def kept(tmp_path: Path) -> AsyncIterator[tuple[RunningNode, MovedClock]]:
    settings = settings_for()
    rules = settings.access.model_copy(update={"prerequisites": ["training"]})
    clock = MovedClock()
    async with running_node(tmp_path, settings.model_copy(update={"access": rules}), clock) as node:
        yield node, clock


async def sit(client: httpx.AsyncClient, centre: int, seat: int = 1) -> dict[str, Any]:
    answer = await client.post("/duty/shift", json={"centre": centre, "seat": seat})
    assert answer.status_code == 201, answer.text
    shift: dict[str, Any] = answer.json()
    return shift


async def absent(node: RunningNode) -> list[tuple[int, str, bool]]:
    (centre,) = (await node.get("/duty"))["centres"]
    return [(one["seat"], one["name"], one["taken_away"]) for one in centre["absent"]]


def told(node: RunningNode, *acts: str) -> list[tuple[str, str, str, str]]:
    found = [one for one in records(node) if one.act in acts and one.result == "allowed"]
    return [(one.act, one.person, one.object, f"{one.range} {one.detail}") for one in found]


async def vacant(node: RunningNode, times: int) -> None:
    await until(lambda: len(told(node, "duty.vacant")) == times, what=f"so often is a seat on record as vacant: {times}")


async def test_a_seat_is_vacant_at_once_when_its_person_may_not_be_on_duty_any_more(
    kept: tuple[RunningNode, MovedClock],
) -> None:
    node, clock = kept
    centre = await centre_of(node)
    colleague = await node.client_of("colleague", operator())
    ways = ("disabled", "withdrawn", "lapsed", "expired")
    for number, how in enumerate(ways, start=1):
        name = f"p-{how}"
        ends = {"valid_until": (datetime.now(UTC) + SOON).isoformat()} if how == "expired" else {}
        user, password = await node.appoint(name, {**operator(), **ends})
        client = await node.sign_in(name, password)
        shift = await sit(client, centre)
        taken = await colleague.post("/duty/shift", json={"centre": centre, "seat": 1})
        assert taken.json()["code"] == "duty.seat_taken", how
        path = f"/users/{user['id']}"
        if how == "disabled":
            assert (await node.client.patch(path, json={"disabled": True})).status_code == 200
        elif how == "withdrawn":
            assert (await node.client.delete(f"{path}/appointments/{user['appointments'][0]['id']}")).status_code == 200
        elif how == "lapsed":
            assert (await node.client.patch(path, json={"training_until": "2020-01-01"})).status_code == 200
        else:
            clock.later = SOON
        await until(lambda: not node.node.duty.shifts_at(centre), what="the seat is free")
        await vacant(node, number)
        assert await absent(node) == [(1, name, True)], how
        ended = told(node, "duty.end")[-1]
        assert ended[1:3] == ("", "南明值班室") and f"seat 1 {name} may not be on duty" in ended[3], how
        (row,) = [one for one in records(node) if one.act == "duty.end"][-1:]
        assert (row.role, row.ticket.startswith("DT")) == ("node", True)
        begun = await sit(colleague, centre)
        assert await absent(node) == [], "somebody sits there again"
        assert begun["id"] != shift["id"]
        assert (await colleague.post("/duty/shift/sign-off", json={"reason": "换人"})).status_code == 204
        await client.aclose()
    assert len(told(node, "duty.end")) == len(ways), "each is told once"
    await colleague.aclose()


async def test_a_supervisor_ends_a_shift_and_its_person_is_told(kept: tuple[RunningNode, MovedClock]) -> None:
    node, _ = kept
    centre = await centre_of(node)
    li, wang = await node.client_of("li-si", operator()), await node.client_of("wang-wu", operator())
    shift = await sit(li, centre)
    path, order = f"/duty/shifts/{shift['id']}/end", {"reason": "身体不适,送医"}
    refused = await wang.post(path, json=order)
    assert (refused.status_code, refused.json()["code"]) == (403, "access.not_allowed")
    assert (await node.client.post(path, json={"reason": " "})).status_code == 422
    own = await sit(node.client, centre, 2)
    mine = await node.client.post(f"/duty/shifts/{own['id']}/end", json=order)
    assert (mine.status_code, mine.json()["code"]) == (409, "duty.own_shift")
    assert (await node.client.post(path, json=order)).status_code == 204
    again = await node.client.post(path, json=order)
    assert (again.status_code, again.json()["code"]) == (404, "duty.unknown_shift")
    [ended] = told(node, "duty.end")
    assert ended == ("duty.end", "duty", "南明值班室", "seat 1 li-si: 身体不适,送医")
    look = (await li.get("/duty")).json()
    assert look["mine"] is None
    said = look["ended"]
    assert (said["shift"], said["by"], said["reason"], said["seat"]) == (shift["id"], "duty", order["reason"], 1)
    assert (await wang.get("/duty")).json()["ended"] is None, "nobody else is told so"
    await until(lambda: told(node, "duty.vacant"), what="the seat is on record as vacant")
    assert await absent(node) == [(1, "li-si", True)]
    await sit(li, centre)
    assert (await li.get("/duty")).json()["ended"] is None
    await li.aclose()
    await wang.aclose()


async def test_what_is_on_record_as_signed_off_is_off_also_without_a_database_and_after_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_for()
    async with running_node(tmp_path, settings) as node:
        centre = await centre_of(node)
        await sit(node.client, centre)
        duty = node.node.duty

        async def full(tx: Any, shift: Any) -> None:
            raise StorageFault(what="the disk is full", remedy_zh="", remedy_en="")

        monkeypatch.setattr(queries, "keep_shift", full)
        off = await node.client.post("/duty/shift/sign-off", json={"reason": "下班"})
        assert off.status_code == 204, "leaving goes on in any case"
        assert not duty.shifts_at(centre) and duty.mine(1) is None, "and what was opened on duty ends with it"
        await until(lambda: told(node, "duty.sign-off"), what="it is on record")
        assert (await node.get("/duty"))["mine"] is None
    monkeypatch.undo()
    plain = Node(settings, tmp_path)
    await plain.start()
    try:
        assert not plain.duty.shifts_at(centre), "what the log says is over does not come back with the node"
        await until(lambda: not plain.duty._owed, what="and it is written as soon as that can be")
        async with plain.duty._store.reading() as tx:
            assert await queries.shifts_on(tx) == []
            assert [one.state for one in await queries.past_shifts(tx, centre, 9)] == ["signed-off"]
    finally:
        await plain.stop()


async def test_a_shift_of_a_centre_that_is_gone_keeps_no_other_from_ending(kept: tuple[RunningNode, MovedClock]) -> None:
    node, _ = kept
    gone, here = await centre_of(node), await centre_of(node, name="云岩值班室")
    for name, centre in (("first", gone), ("second", here)):
        user, password = await node.appoint(name, operator())
        client = await node.sign_in(name, password)
        await sit(client, centre)
        await client.aclose()
    duty = node.node.duty
    del duty._centres[gone]
    assert (await node.client.patch(f"/users/{user['id']}", json={"disabled": True})).status_code == 200
    await until(lambda: not duty.all_lasting(), what="both are over")
