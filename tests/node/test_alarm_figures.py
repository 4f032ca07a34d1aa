"""Figures of alarms, of one's own areas: counts, verdicts, waits, places and units, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from fengsui.features.alarm_figures import actions
from fengsui.features.alarms import alarms_table
from tests.node.alarm_hosts import entered, line_to
from tests.node.conftest import RunningNode, running_node, settings_for
from tests.node.test_alarm_work import ACCOUNT, act, operator, port_of, queue, reported, with_clocks
from tests.node.test_dispatch import unit
from tests.node.test_incidents import done, opened
from tests.test_alarm_work_model import LONG_S


@pytest.fixture
async def node(tmp_path: Path, store_url: str) -> AsyncIterator[RunningNode]:
    """On a database of each kind."""
    async with running_node(tmp_path, with_clocks(settings_for(store_url), claim_s=LONG_S, verify_s=LONG_S)) as running:
        yield running


async def figures(client: httpx.AsyncClient, **asked: Any) -> dict[str, Any]:
    answer = await client.get("/alarm-figures", params=asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_what_came_is_counted_verified_and_timed(node: RunningNode) -> None:
    await entered(node, ACCOUNT)
    li, far = await operator(node, "li-si"), await operator(node, "far-away", "520103")
    async with line_to(port_of(node)) as line:
        for sequence in range(1, 6):
            await reported(line, sequence)  # of one source: one alarm, told five times
        await reported(line, 10, code="FA", zone="001")
        await reported(line, 11, code="PA", zone="002")
        await reported(line, 12, code="OP", zone="003")  # for the record
        for alarm, verdict in zip(await queue(li), ({"result": "real"}, {"result": "false", "reason": "weather"}), strict=False):
            await act(li, alarm, "acknowledge")
            await act(li, alarm, "verify", **verdict)
        await reported(line, 20, code="PA", zone="002")  # the verdict is there: it is another one
    car = await unit(node, "南明 12")
    one = await opened(node.client, longitude=106.71, latitude=26.57)
    task = await done(node.client, f"/incidents/{one['id']}/tasks", {"unit": car, "order": "查看"})
    await done(node.client, f"/tasks/{task['id']}/accept", {})
    found = await figures(li)
    sums = found["sums"]
    assert (sums["alarms"], sums["signals"], sums["before"], sums["open"]) == (4, 8, 0, 4)
    assert (sums["real"], sums["false"], sums["unclear"]) == (1, 1, 0)
    assert len(found["buckets"]) == 24 and [sum(of) for of in zip(*(b["by_priority"] for b in found["buckets"]), strict=True)] == [
        3,
        1,
        0,
    ]
    assert [(area["area"], area["alarms"], area["before"]) for area in found["areas"]] == [("520102", 4, 0)]
    assert [(kind["category"], kind["alarms"]) for kind in found["kinds"]] == [("panic", 2), ("fire", 1), ("intrusion", 1)]
    steps = {(step["step"], step["priority"]): step for step in found["steps"]}
    assert steps["seen", 1]["number"] + steps.get(("seen", 2), {"number": 0})["number"] == 2
    assert steps["seen", 1]["limit_s"] == LONG_S and steps["seen", 1]["within"] == 1
    assert {step for step, _ in steps} == {"seen", "verified", "assigned", "accepted"}
    (place,) = found["deceptive"]
    assert (place["false"], place["now"], place["alarm"]["account"]) == (1, place["now"], ACCOUNT)
    assert found["rising"] == [], "fewer than three are no rise"
    assert found["makers"] == [{"protocol": "dc09", "maker": "", "real": 1, "false": 1}]
    assert found["units"] == [{"status": "dispatched", "units": 1}]
    nothing = await figures(far, span="month")
    assert (nothing["sums"]["alarms"], len(nothing["buckets"]), nothing["areas"], nothing["units"]) == (0, 30, [], [])
    assert (await figures(li, area="520103"))["sums"]["alarms"] == 0
    maker = await node.client_of("maker", {"post": "system-administrator", "area": "520102"})
    assert (await maker.get("/alarm-figures")).status_code == 403
    assert (await li.get("/alarm-figures", params={"span": "year"})).status_code == 422
    for client in (li, far, maker):
        await client.aclose()


async def test_a_place_with_more_than_usual_is_named_and_a_busy_one_is_not(
    node: RunningNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    await entered(node, ACCOUNT)
    li = await operator(node, "li-si")
    day = 86_400.0
    async with line_to(port_of(node)) as line:
        for sequence in range(1, 5):
            await reported(line, sequence, zone="001")
            await reported(line, 100 + sequence, zone="002")
    async with node.node.store.transaction(act=False) as tx:  # each by itself, those of the second place on days before as well
        values = {"state": "open", "folded_into": None}
        await tx.execute(sa.update(alarms_table).values(values))
        columns = [column for column in alarms_table.c if column.name != "id"]
        rows = (await tx.execute(sa.select(*columns).where(alarms_table.c.number == "002"))).mappings().all()
        for back in range(1, 5):
            earlier = [{**row, "first_at": row["first_at"] - back * day, "body_key": f"{back}-{at}"} for at, row in enumerate(rows)]
            await tx.execute(sa.insert(alarms_table), earlier)
    found = await figures(li)
    assert [(one["alarm"]["zone"], one["now"], one["usual"]) for one in found["rising"]] == [("001", 4, 0)]
    assert (found["sums"]["alarms"], found["sums"]["before"]) == (8, 4)
    async with node.node.store.transaction(act=False) as tx:
        await tx.execute(sa.update(alarms_table).values(area="520103"))
    assert (await figures(li))["sums"]["alarms"] == 8, "what was just counted is told again"
    monkeypatch.setitem(actions.GOOD_S, "day", 0.0)
    assert (await figures(li))["sums"]["alarms"] == 0
    async with node.node.store.transaction(act=False) as tx:
        await tx.execute(sa.update(alarms_table).values(area="520102"))
    week = await figures(li, span="week")
    assert week["sums"]["alarms"] == 8 + 16 and sum(one["by_priority"][1] for one in week["buckets"]) == 24
    await li.aclose()
