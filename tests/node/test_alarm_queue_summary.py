"""A desk's queue counted, and what came in the last hour and day: of one's own areas, on SQLite and on PostgreSQL."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from fengsui.wire.dc09.sending import request
from tests.node.alarm_hosts import entered, line_to, sender_of, told
from tests.node.conftest import RunningNode, running_node, settings_for, until
from tests.node.duty_room import centre_of
from tests.node.test_alarm_work import ACCOUNT, act, operator, port_of, queue, reported, statements, with_clocks
from tests.test_alarm_work_model import LONG_S


@pytest.fixture
async def node(tmp_path: Path, store_url: str) -> AsyncIterator[RunningNode]:
    """On a database of each kind."""
    async with running_node(tmp_path, with_clocks(settings_for(store_url), claim_s=LONG_S, verify_s=LONG_S)) as running:
        yield running


async def summary(client: httpx.AsyncClient, **asked: Any) -> dict[str, Any]:
    answer = await client.get("/alarm-queue/summary", params=asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_the_queue_is_counted_and_what_comes_too_often_is_named(node: RunningNode) -> None:
    await entered(node, ACCOUNT)
    li, far = await operator(node, "li-si"), await operator(node, "far-away", "520103")
    async with line_to(port_of(node)) as line:
        for sequence in range(1, 6):
            await reported(line, sequence)
        await reported(line, 10, code="FA", zone="001")
        await reported(line, 11, code="PA", zone="002")
        await reported(line, 12, code="OP", zone="003")  # for the record
    first, *_ = await queue(li)
    await act(li, first, "acknowledge")

    async def counted() -> dict[str, Any] | None:
        now = await summary(li)
        hour = now["spans"][0]
        return now if hour["alarms"] == 3 and [one["times"] for one in hour["frequent"]] == [5] else None

    found: Any = await until(counted, what="what came is counted")
    assert (found["open"], found["unclaimed"], found["overdue"], found["stale"], found["desks"]) == (3, 2, 0, 0, 0)
    oldest = min(one["work"]["opened_at"] for one in await queue(li) if one["work"]["owner"] is None)
    assert abs((datetime.fromisoformat(found["oldest_unclaimed_at"]) - datetime.fromisoformat(oldest)).total_seconds()) < 0.001
    assert [(one["priority"], one["open"], one["unclaimed"]) for one in found["by_priority"]] == [(1, 2, 1), (2, 1, 1), (3, 0, 0)]
    assert [(one["category"], one["open"]) for one in found["by_category"]] == [("fire", 1), ("intrusion", 1), ("panic", 1)]
    hour, day = found["spans"]
    assert [one["span"] for one in (hour, day)] == ["hour", "day"]
    assert (hour["alarms"], hour["last_ten_minutes"], hour["peak_per_ten_minutes"], hour["in_flood"]) == (3, 3, 3, False)
    assert hour["per_ten_minutes"] == pytest.approx(3 / 6) and day["per_ten_minutes"] == pytest.approx(3 / 144)
    for span in (hour, day):
        assert [(one["times"], one["alarm"]["zone"], one["alarm"]["point"]) for one in span["frequent"]] == [(5, "005", "金库门")]
        assert span["chattering"] and span["chattering"][0]["chattered_minutes"] >= 1
    nothing = await summary(far)
    assert (nothing["open"], nothing["spans"][1]["alarms"], nothing["spans"][1]["frequent"]) == (0, 0, [])
    assert (await summary(li, area="520103"))["open"] == 0 and (await summary(li, area="5201"))["open"] == 3
    assert (await summary(li, top=0))["spans"][0]["frequent"] == []
    maker = await node.client_of("maker", {"post": "system-administrator", "area": "520102"})
    assert (await maker.get("/alarm-queue/summary")).status_code == 403
    for one in (li, far, maker):
        await one.aclose()


async def test_the_one_that_matters_stands_above_ten_thousand_others(tmp_path: Path) -> None:
    settings = with_clocks(settings_for(), claim_s=LONG_S, verify_s=LONG_S)
    accounts = [f"{9_000 + number}" for number in range(20)]
    async with running_node(tmp_path, settings) as node:
        for account in accounts:
            await entered(node, account)
        li = await operator(node, "li-si")
        async with line_to(port_of(node)) as line:
            for sequence in range(1, 501):
                frames = [request(sender_of(one), "SIA-DCS", sequence, f"#{one}|Nri2/BA{sequence:03d}") for one in accounts]
                if sequence == 250:
                    frames.append(request(sender_of(accounts[7]), "SIA-DCS", 999, f"#{accounts[7]}|Nri2/PA999"))
                line.writer.write(b"".join(frames))
                assert {told(await line.answer())[0] for _ in frames} == {"ACK"}
        page = (await li.get("/alarms", params={"queue": "open", "limit": 20})).json()
        assert page["total"] == 10_001 and len(page["items"]) == 20
        first, *others = page["items"]
        assert (first["category"], first["zone"]) == ("panic", "999")
        assert all(one["priority"] == 2 for one in others)
        told_of = await summary(li)
        assert [(one["priority"], one["open"]) for one in told_of["by_priority"]] == [(1, 1), (2, 10_000), (3, 0)]
        await li.aclose()


async def test_a_flood_is_told_and_each_desk_on_duty_bears_its_share(node: RunningNode) -> None:
    await entered(node, ACCOUNT)
    li = await operator(node, "li-si")
    centre = await centre_of(node, seats=3)
    async with line_to(port_of(node)) as line:
        for zone in range(1, 13):
            await reported(line, zone, zone=f"{zone:03}")

    async def flooded() -> dict[str, Any] | None:
        span = (await summary(li))["spans"][0]
        return span if span["in_flood"] else None

    span: Any = await until(flooded, what="twelve in ten minutes are a flood")
    assert span["peak_per_ten_minutes"] == 12 and span["flood_share"] == pytest.approx(1 / 6)
    for seat in (1, 2):
        desk = await operator(node, f"desk-{seat}")
        signed_on = await desk.post("/duty/shift", json={"centre": centre, "seat": seat})
        assert signed_on.status_code == 201, signed_on.text
        await desk.aclose()
    found = await summary(li)
    span = found["spans"][0]
    assert (found["desks"], span["peak_per_ten_minutes"], span["flood_share"], span["in_flood"]) == (2, 6, 0, False)
    await li.aclose()


async def test_what_came_before_a_start_is_counted_again(tmp_path: Path, store_url: str) -> None:
    settings = with_clocks(settings_for(store_url), claim_s=0.1, claim_at_most_s=0.1)
    async with running_node(tmp_path, settings) as node:
        await entered(node, ACCOUNT)
        async with line_to(port_of(node)) as line:
            for sequence in range(1, 4):
                await reported(line, sequence)
        li = await operator(node, "li-si")

        async def late() -> bool:
            return bool((await summary(li))["overdue"] == 1)

        await until(late, what="it waits too long")
        await li.aclose()
    async with running_node(tmp_path, settings) as node:

        async def counted() -> bool:
            spans = (await summary(node.client))["spans"]
            return [one["times"] for one in spans[1]["frequent"]] == [3] and spans[1]["alarms"] == 1

        await until(counted, what="it is read again")


async def test_the_queue_is_counted_from_its_index_alone(tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for()) as node:
        with statements(node) as seen:
            await summary(node.client)
        (counting,) = [one for one in seen if "GROUP BY" in one and "escalated" in one]
        with sqlite3.connect(node.node.data / "node.db") as database:
            plan = " ".join(row[3] for row in database.execute(f"EXPLAIN QUERY PLAN {counting}", [0] * counting.count("?")))
        assert "COVERING INDEX alarms_in_work_by_kind" in plan, plan
