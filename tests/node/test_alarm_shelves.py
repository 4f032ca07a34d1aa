"""A source of alarms that somebody shelved: what it reports is on disk and waits for nobody until then, and none of it is lost."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from fengsui.features.alarm_shelves import AlarmShelfChanged
from fengsui.features.alarms import AlarmReceived
from fengsui.wire.dc09.sending import request
from tests.node.alarm_hosts import datagram, entered, sender_of, told
from tests.node.conftest import OWN_PASSWORD, RunningNode, running_node, settings_for, until
from tests.node.test_alarm_work import ACCOUNT, AREA, act, on_record, operator, port_of, queue, with_clocks
from tests.test_alarm_work_model import LONG_S


@pytest.fixture
async def node(tmp_path: Path, store_url: str) -> AsyncIterator[RunningNode]:
    """On a database of each kind."""
    async with running_node(tmp_path, with_clocks(settings_for(store_url), claim_s=LONG_S, verify_s=LONG_S)) as running:
        await entered(running, ACCOUNT)
        yield running


async def reported(node: RunningNode, sequence: int, code: str = "BA", zone: str = "005") -> None:
    """One datagram of a host, acknowledged."""
    frame = request(sender_of(ACCOUNT), "SIA-DCS", sequence, f"#{ACCOUNT}|Nri2/{code}{zone}")
    assert told(await datagram(port_of(node), frame))[0] == "ACK"


def soon(**more: float) -> str:
    return (datetime.now(UTC) + timedelta(**(more or {"hours": 1}))).isoformat()


async def shelve(client: httpx.AsyncClient, alarm: dict[str, Any], status: int = 201, /, **order: Any) -> dict[str, Any]:
    body = {"alarm": alarm["id"], "until": soon(), "reason": "chattering"} | order
    answer = await client.post("/alarm-shelves", json=body)
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def shelves(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await client.get("/alarm-shelves")).json()["items"]
    return found


async def lift(client: httpx.AsyncClient, shelf: dict[str, Any], status: int = 200) -> dict[str, Any]:
    answer = await client.post(f"/alarm-shelves/{shelf['id']}/lift", json={"note": "修好了"})
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_what_is_shelved_is_stored_and_waits_for_nobody_until_it_is_lifted(node: RunningNode) -> None:
    li, other = await operator(node, "li-si"), await operator(node, "wang-wu")
    await reported(node, 1)
    (alarm,) = await queue(li)
    received, changed = (node.node.bus.subscribe(kind, name=kind.__name__) for kind in (AlarmReceived, AlarmShelfChanged))
    shelf = await shelve(li, alarm, note="门磁松动")
    assert (shelf["alarms"], shelf["signals"], shelf["by"], shelf["alarm"]["id"]) == (1, 1, "li-si", alarm["id"])
    assert await queue(li) == [] and await queue(li, "mine") == []
    for sequence in range(2, 12):
        await reported(node, sequence)
    news = await received.batch()
    assert news and all(one.shelved for one in news)
    assert await queue(other) == []
    (seen,) = await shelves(other)
    assert (seen["alarms"], seen["signals"], seen["note"], seen["reason"]) == (1, 11, "门磁松动", "chattering")
    listed = (await other.get("/alarms", params={"limit": 50})).json()["items"]
    assert len(listed) == 11, "each is on disk, and in the list"
    (held,) = (await other.get("/alarms", params={"shelf": shelf["id"]})).json()["items"]
    assert (held["work"]["state"], held["work"]["shelf"], held["work"]["folded"]) == ("shelved", shelf["id"], 10)
    assert (await act(other, held, "acknowledge", 409))["code"] == "alarm.shelved"
    summary = (await other.get("/alarm-queue/summary")).json()
    assert (summary["open"], summary["shelves"], summary["shelved"]) == (0, 1, 11)
    before = datetime.now(UTC)
    over = await lift(other, shelf)
    assert over["ended_at"] is not None and await shelves(li) == []
    (back,) = await queue(li)
    work = back["work"]
    assert (back["id"], work["state"], work["folded"], work["shelf"]) == (alarm["id"], "open", 10, None)
    assert work["opened_at"] == alarm["work"]["opened_at"] and datetime.fromisoformat(work["queued_at"]) >= before
    assert datetime.fromisoformat(work["due_at"]) > before, "its clock begins with its return"
    told_of = [(one.change, one.alarms, one.priority) for one in await changed.batch()]
    assert told_of == [("shelved", 1, 2), ("lifted", 1, 2)]
    await lift(other, shelf, 409)
    steps = [one["act"] for one in (await li.get(f"/alarms/{alarm['id']}/steps")).json()["items"]]
    assert steps == ["shelve", "unshelve"]
    assert on_record(node, "alarm.shelve") == 1 and on_record(node, "alarm.unshelve") == 2
    await act(other, back, "acknowledge")
    received.close()
    changed.close()


async def test_what_is_more_urgent_or_of_another_kind_or_point_passes(node: RunningNode) -> None:
    li = await operator(node, "li-si")
    await reported(node, 1)
    (alarm,) = await queue(li)
    await shelve(li, alarm)
    await reported(node, 2, "BV")  # confirmed: as urgent as can be
    await reported(node, 3, "TA")  # somebody touches the detector
    await reported(node, 4, zone="006")
    found = await queue(li)
    assert sorted((one["code"], one["zone"]) for one in found) == [("BA", "006"), ("BV", "005"), ("TA", "005")]
    urgent = next(one for one in found if one["code"] == "BV")
    assert urgent["priority"] == 1
    assert (await shelve(li, urgent, 409))["code"] == "alarm_shelf.not_shelvable"
    assert (await shelve(li, alarm, 409))["code"] == "alarm_shelf.exists"


async def test_bad_orders_are_refused_and_who_is_not_on_duty_there_shelves_nothing(node: RunningNode) -> None:
    li, far = await operator(node, "li-si"), await operator(node, "zhao-liu", "520103")
    await reported(node, 1)
    (alarm,) = await queue(li)
    assert (await shelve(li, alarm, 422, until=soon(days=2)))["code"] == "alarm_shelf.end"
    assert (await shelve(li, alarm, 422, until=soon(seconds=-1)))["code"] == "alarm_shelf.end"
    assert (await shelve(li, alarm, 422, reason="other", note=" "))["code"] == "alarm_shelf.no_reason"
    await shelve(li, alarm, 422, reason="tired")
    await shelve(li, alarm, 422, until="2026-11-29T10:00:00")
    assert (await shelve(far, alarm, 404))["code"] == "alarm.unknown"
    await shelve(li, alarm, 403, scope="site")
    assert await shelves(li) == [] and len(await queue(li)) == 1
    taken = await operator(node, "wang-wu")
    await act(taken, alarm, "acknowledge")
    assert (await shelve(li, alarm, 409))["code"] == "alarm_shelf.taken"
    shelf = await shelve(taken, alarm)  # one's own goes with it
    assert await queue(taken, "mine") == []
    assert await shelves(far) == []
    assert (await lift(far, shelf, 404))["code"] == "alarm_shelf.unknown"


async def test_a_supervisor_shelves_a_category_of_a_site_and_what_is_still_held_does_not_return(node: RunningNode) -> None:
    lead = await node.client_of("lead", {"post": "duty-supervisor", "area": AREA})
    for number, zone in enumerate(("001", "002", "003"), 1):
        await reported(node, number, zone=zone)
    first, second, _ = await queue(lead)
    point = await shelve(lead, first)
    site = await shelve(lead, second, scope="site", reason="works")
    assert (point["alarms"], site["alarms"]) == (1, 2) and await queue(lead) == []
    await reported(node, 4, zone="004")
    await reported(node, 5, "TA", zone="004")
    assert [one["code"] for one in await queue(lead)] == ["TA"]
    await lift(lead, point)
    assert [one["code"] for one in await queue(lead)] == ["TA"], "its site is shelved still"
    (seen,) = await shelves(lead)
    assert seen["alarms"] == 4
    await lift(lead, site)
    assert sorted(one["zone"] for one in await queue(lead) if one["code"] == "BA") == ["001", "002", "003", "004"]


async def test_a_restoral_reaches_what_is_shelved_and_a_restart_loses_nothing(tmp_path: Path, store_url: str) -> None:
    settings = with_clocks(settings_for(store_url), claim_s=LONG_S)
    async with running_node(tmp_path, settings) as node:
        await entered(node, ACCOUNT)
        li = await operator(node, "li-si")
        await reported(node, 1)
        (alarm,) = await queue(li)
        await shelve(li, alarm, until=soon(seconds=62))
        await reported(node, 2)
    async with running_node(tmp_path, settings) as node:
        li = await node.sign_in("li-si", OWN_PASSWORD)
        await reported(node, 3)
        await reported(node, 4, "BR")
        assert await queue(li) == []
        (shelf,) = await shelves(li)
        assert (shelf["alarms"], shelf["signals"]) == (1, 3)
        (held,) = (await li.get("/alarms", params={"shelf": shelf["id"]})).json()["items"]
        assert held["work"]["active"] is False
        matters = await node.node.alarms.shelves.open_in(AREA)
        assert [one.id for one in matters] == [f"alarm-shelf:{shelf['id']}"] and "li-si" in matters[0].zh
        async with node.node.store.transaction() as tx:
            await tx.execute(text("UPDATE alarm_shelves SET until_at = 1"))
    async with running_node(tmp_path, settings) as node:  # its time came while the node was away
        li = await node.sign_in("li-si", OWN_PASSWORD)

        async def has_returned() -> bool:
            return len(await queue(li)) == 1

        await until(has_returned, what="it returned")
        (back,) = await queue(li)
        assert (back["id"], back["work"]["folded"], back["work"]["active"]) == (alarm["id"], 2, False)
        assert await shelves(li) == [] and on_record(node, "alarm.unshelve") == 1


async def test_a_supervisor_shelves_whole_premises_or_an_area_for_a_while_and_the_most_urgent_still_show(node: RunningNode) -> None:
    lead, li = await node.client_of("lead", {"post": "duty-supervisor", "area": AREA}), await operator(node, "li-si")
    beyond = await node.client_of("beyond", {"post": "duty-supervisor", "area": "520103"})
    await reported(node, 1, "AT")  # the mains fail
    await reported(node, 2, "BA")
    breaks_in, mains = await queue(lead)
    assert (breaks_in["priority"], mains["priority"]) == (2, 3)
    for scope in ("premises", "area"):
        await shelve(li, mains, 403, scope=scope)
        assert (await shelve(beyond, mains, 404, scope=scope))["code"] == "alarm.unknown"
        assert (await shelve(lead, mains, 422, scope=scope, until=soon(hours=5)))["code"] == "alarm_shelf.end"
    refused = await shelve(lead, breaks_in, 409, scope="area")
    assert refused["code"] == "alarm_shelf.not_shelvable" and "3" not in refused["title"]
    area = await shelve(lead, mains, scope="area", reason="known_cause", note="全区停电")
    assert (area["alarms"], area["category"], area["area"]) == (1, "", AREA)
    assert (await shelve(lead, breaks_in, 409, scope="area"))["code"] == "alarm_shelf.not_shelvable"
    for sequence, (code, zone) in enumerate((("YT", "006"), ("AT", "005"), ("TA", "006"), ("PA", "007")), 3):
        await reported(node, sequence, code, zone)
    assert [one["code"] for one in await queue(li)] == ["PA", "BA", "TA"], "power waits; a break-in and a call for help never do"
    (seen,) = await shelves(li)
    assert (seen["scope"], seen["alarms"], seen["signals"], seen["note"]) == ("area", 2, 3, "全区停电")
    assert (await lead.get("/alarm-shelves")).json()["most_wide_s"] == 4 * 3_600
    matters = await node.node.alarms.shelves.open_in(AREA)
    assert "整个区划 520102" in matters[0].zh and "all of area 520102" in matters[0].en
    premises = await shelve(lead, breaks_in, scope="premises", reason="works")
    assert [one["code"] for one in await queue(li)] == ["PA"]
    await lift(li, area)  # to see more is the safe side
    assert [one["code"] for one in await queue(li)] == ["PA"], "its site is shelved still"
    await lift(li, premises)
    assert sorted(one["code"] for one in await queue(li)) == ["AT", "BA", "PA", "TA", "YT"]
