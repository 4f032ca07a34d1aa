"""A shift's alarms pass with its seat: each that is taken by number, and those that wait; whoever takes the seat over has them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.errors import StorageFault
from fengsui.features.access import Principal
from fengsui.features.alarm_work.queries import change
from fengsui.features.duty import queries
from tests.node.alarm_hosts import entered, line_to
from tests.node.conftest import RunningNode, create_migrated_database, running_node, settings_for, until
from tests.node.duty_room import HERE, centre_of, operator, with_pack
from tests.node.test_alarm_work import ACCOUNT, act, queue, reported
from tests.node.test_audit import records


@pytest.fixture
async def ruled(tmp_path: Path) -> AsyncIterator[RunningNode]:
    async with running_node(tmp_path, with_pack(tmp_path)) as running:
        yield running


async def test_whoever_takes_a_seat_over_accepts_each_alarm_and_has_it_from_then_on(ruled: RunningNode) -> None:
    node = ruled
    await entered(node, ACCOUNT)
    await centre_of(node)
    li, wang = await node.client_of("li-si", operator()), await node.client_of("wang-wu", operator())
    people = {one["name"]: one["id"] for one in (await node.get("/users"))["items"]}  # type: ignore[attr-defined]
    assert (await li.post("/duty/shift", json={"centre": 1, "seat": 1})).status_code == 201
    assert (await li.get("/duty")).json()["centres"][0]["matters"] == []
    async with line_to(node.node.settings.alarm_hosts.port) as line:
        for sequence, zone in enumerate(("001", "002", "003"), 1):
            await reported(line, sequence, zone=zone)
    first, second, _ = await queue(li)
    taken = await act(li, first, "acknowledge")
    await act(li, second, "acknowledge")
    await act(li, second, "verify", result="real")
    left = await li.post("/duty/shift/sign-off", json={"reason": "下班了"})
    assert (left.status_code, left.json()["code"]) == (409, "duty.matters_open"), "alarms are left to nobody"

    assert (await li.post("/duty/shift/hand-over", json={"successor": people["wang-wu"]})).status_code == 200
    offered = (await wang.get("/duty")).json()
    matters = {one["id"]: one["zh"] for one in offered["centres"][0]["matters"]}
    assert set(matters) == {f"alarm:{first['id']}", f"alarm:{second['id']}", "alarms:waiting"}
    assert "南明银行" in matters[f"alarm:{first['id']}"] and "1 条" in matters["alarms:waiting"]
    accept = f"/duty/shifts/{offered['offered']['id']}/accept"
    refused = await wang.post(accept, json={"matters": [f"alarm:{first['id']}", "alarms:waiting"]})
    assert (refused.status_code, refused.json()["code"]) == (409, "duty.not_accepted")
    assert len(await queue(li, "mine")) == 2, "refused: they stay where they were"
    assert (await wang.post(accept, json={"matters": list(matters)})).status_code == 201

    assert await queue(li, "mine") == []
    now = {one["id"]: one for one in await queue(wang, "mine")}
    assert set(now) == {first["id"], second["id"]}
    assert now[first["id"]]["work"]["due_at"] == taken["work"]["due_at"], "the clock goes on"
    assert (now[second["id"]]["work"]["state"], now[second["id"]]["work"]["result"]) == ("verified", "real")
    steps = (await wang.get(f"/alarms/{first['id']}/steps")).json()["items"]
    assert [(one["act"], one["who"], one["detail"]) for one in steps][-1] == ("take-over", "wang-wu", "li-si")
    await act(wang, second, "close", outcome="handled")
    await li.aclose()
    await wang.aclose()


async def test_what_a_colleague_keeps_is_taken_over_by_nobody_one_by_one(ruled: RunningNode) -> None:
    node = ruled
    await entered(node, ACCOUNT)
    await centre_of(node)
    li, wang, zhao = [await node.client_of(name, operator()) for name in ("li-si", "wang-wu", "zhao-liu")]
    people = {one["name"]: one["id"] for one in (await node.get("/users"))["items"]}  # type: ignore[attr-defined]
    for seat, client in enumerate((li, wang), 1):
        assert (await client.post("/duty/shift", json={"centre": 1, "seat": seat})).status_code == 201
    async with line_to(node.node.settings.alarm_hosts.port) as line:
        for sequence, zone in enumerate(("001", "002", "003"), 1):
            await reported(line, sequence, zone=zone)
    first, second, third = await queue(li)
    await act(li, first, "acknowledge")
    await act(wang, second, "acknowledge")
    assert (await li.post("/duty/shift/hand-over", json={"successor": people["zhao-liu"]})).status_code == 200
    offered = (await zhao.get("/duty")).json()
    matters = {one["id"]: one["zh"] for one in offered["centres"][0]["matters"]}
    assert set(matters) == {f"alarm:{first['id']}", "alarms:taken", "alarms:waiting"}
    assert "1 条" in matters["alarms:taken"]
    await act(wang, third, "acknowledge")  # which is no news to whoever reads what passes
    accept = f"/duty/shifts/{offered['offered']['id']}/accept"
    assert (await zhao.post(accept, json={"matters": list(matters)})).status_code == 201
    assert [one["id"] for one in await queue(zhao, "mine")] == [first["id"]]
    assert {one["id"] for one in await queue(wang, "mine")} == {second["id"], third["id"]}
    for client in (li, wang, zhao):
        await client.aclose()


@pytest.mark.postgres
async def test_what_somebody_changes_as_a_seat_changes_hands_passes_all_the_same(tmp_path: Path, postgresql: str) -> None:
    url = await create_migrated_database(postgresql, "shift_alarms")
    async with running_node(tmp_path, settings_for(url)) as node:
        await entered(node, ACCOUNT)
        li, wang = await node.client_of("li-si", operator()), await node.client_of("wang-wu", operator())
        people = {one["name"]: one["id"] for one in (await node.client.get("/users")).json()["items"]}
        async with line_to(node.node.settings.alarm_hosts.port) as line:
            await reported(line, 1)
        (alarm,) = await queue(li)
        await act(li, alarm, "acknowledge")
        store, rooms = node.node.store, node.node.incidents.alarms
        to = await node.node.access.persons.get(people["wang-wu"])
        assert to is not None

        async def passes() -> None:
            async with store.transaction() as tx:
                await rooms.shifts.pass_on(tx, people["li-si"], Principal(to, "", ""), HERE)

        async def rises() -> None:
            async def nothing(tx: AsyncConnection) -> None: ...

            await rooms.work.raise_priority(alarm["id"], 1, "a rule", nothing)

        async def waits() -> bool:
            assert not second.done(), second.exception()
            async with store.reading() as tx:
                return bool((await tx.execute(sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted"))).scalar_one())

        for what, values in ((passes, {"state": "verified", "result": "real"}), (rises, {"note": "来过"})):
            async with store.transaction() as tx:
                found = await rooms.alarms.within(tx, alarm["id"])
                assert found is not None and await change(tx, found, values)
                second = asyncio.create_task(what())
                await until(waits, what="it waits for whoever was first")
            await second
        (now,) = await queue(wang, "mine")
        assert (now["work"]["state"], now["work"]["note"], now["priority"]) == ("verified", "来过", 1)
        await li.aclose()
        await wang.aclose()


async def test_what_was_taken_is_anybodys_once_a_shift_ends_with_no_successor(
    ruled: RunningNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = ruled
    await entered(node, ACCOUNT)
    await centre_of(node)
    li, wang = await node.client_of("li-si", operator()), await node.client_of("wang-wu", operator())
    async with line_to(node.node.settings.alarm_hosts.port) as line:
        for sequence, zone in enumerate(("001", "002"), 1):
            await reported(line, sequence, zone=zone)
    first, second = await queue(li)

    async def sits_and_takes(seat: int) -> int:
        shift = await li.post("/duty/shift", json={"centre": 1, "seat": seat})
        assert shift.status_code == 201, shift.text
        for one in (first, second):
            await act(li, one, "acknowledge")
        return int(shift.json()["id"])

    number = await sits_and_takes(1)
    await act(li, second, "verify", result="real")
    assert (await act(wang, first, "acknowledge", 409))["code"] == "alarm.taken"
    assert (await node.client.post(f"/duty/shifts/{number}/end", json={"reason": "离岗"})).status_code == 204
    assert await queue(li, "mine") == []
    now = {one["id"]: one["work"] for one in await queue(wang)}
    assert (now[first["id"]]["state"], now[first["id"]]["owner"]) == ("open", None)
    assert now[first["id"]]["due_at"] <= first["work"]["due_at"], "that wins no time"
    assert (now[second["id"]]["state"], now[second["id"]]["owner"], now[second["id"]]["result"]) == ("verified", None, "real")
    steps = (await wang.get(f"/alarms/{first['id']}/steps")).json()["items"]
    assert [(one["act"], one["who"], one["became"], one["detail"]) for one in steps][-1] == ("release", "", "open", "li-si")
    said = [(one.object, one.role) for one in records(node) if one.act == "alarm.release"]
    assert said == [(str(one["id"]), "node") for one in (first, second)]

    # The disk is full as they leave: the shift is over at once, and what they had taken is anybody's once that can be written.
    await sits_and_takes(1)
    assert (await wang.post("/duty/shift", json={"centre": 1, "seat": 2})).status_code == 201

    async def full(tx: Any, shift: Any) -> None:
        raise StorageFault(what="the disk is full", remedy_zh="", remedy_en="")

    with monkeypatch.context() as away:
        away.setattr(queries, "keep_shift", full)
        assert (await li.post("/duty/shift/sign-off", json={"reason": "下班"})).status_code == 204
        assert len(await queue(li, "mine")) == 2 and (await li.get("/duty")).json()["mine"] is None

    async def is_free() -> bool:
        return await queue(li, "mine") == []

    await until(is_free, what="what they had taken is anybody's")
    await act(wang, first, "acknowledge")
    await li.aclose()
    await wang.aclose()


async def test_alarms_of_elsewhere_are_no_matter_of_a_centre(ruled: RunningNode) -> None:
    node = ruled
    await entered(node, ACCOUNT, area="520103")
    await centre_of(node)
    li = await node.client_of("li-si", operator())
    zhao = await node.client_of("zhao-liu", operator("520103"))
    assert (await li.post("/duty/shift", json={"centre": 1, "seat": 1})).status_code == 201
    async with line_to(node.node.settings.alarm_hosts.port) as line:
        await reported(line, 1)
    (alarm,) = await queue(zhao)
    await act(zhao, alarm, "acknowledge")
    assert (await li.get("/duty")).json()["centres"][0]["matters"] == []
    assert (await li.post("/duty/shift/sign-off", json={"reason": "下班了"})).status_code == 204
    await li.aclose()
    await zhao.aclose()


async def test_an_unfit_successor_is_said_to_be_one(ruled: RunningNode) -> None:
    node = ruled
    await centre_of(node)
    li = await node.client_of("li-si", operator(HERE))
    await node.client_of("far-away", operator("440100"))
    people = {one["name"]: one["id"] for one in (await node.get("/users"))["items"]}  # type: ignore[attr-defined]
    assert (await li.post("/duty/shift", json={"centre": 1, "seat": 1})).status_code == 201
    answer = await li.post("/duty/shift/hand-over", json={"successor": people["far-away"]})
    assert (answer.status_code, answer.json()["code"]) == (409, "duty.unfit_successor"), answer.text
    await li.aclose()
