"""What a use ticket opens ends in time, also when somebody sets the clock back (A3, A34)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from fengsui.app import Node
from fengsui.clock import SystemClock
from fengsui.features.access import CameraClass, CameraFacts, Function
from fengsui.features.access.decision import Refused
from tests.node.conftest import OWN_PASSWORD, running_node, until
from tests.node.duty_room import (
    CAMERA,
    HERE,
    centre_of,
    operator,
    order,
    people_of,
    publish,
    with_pack,
)

INVESTIGATOR = {"post": "investigator", "area": HERE}


class SetClock(SystemClock):
    """The machine's clock in a test: time passes by `passes`, and somebody sets it by `is_set`."""

    def __init__(self) -> None:
        self.passed_s = 0.0
        self.set_s = 0.0

    def now(self) -> datetime:
        """What the wall shows."""
        return super().now() + timedelta(seconds=self.passed_s + self.set_s)

    def monotonic_s(self) -> float:
        """What has really passed."""
        return super().monotonic_s() + self.passed_s


async def test_setting_the_clock_back_makes_nothing_longer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SetClock()
    monkeypatch.setattr("fengsui.app.node.SystemClock", lambda: clock)
    async with running_node(tmp_path, with_pack(tmp_path)) as node:
        inner = node.node
        assert inner.clock is clock
        centre = await centre_of(node)
        chen, li = await node.client_of("chen-qi", INVESTIGATOR), await node.client_of("li-si", operator())
        wang = await node.client_of("wang-wu", operator())
        people = people_of(await node.get("/users"))

        async def sees(name: str) -> bool:
            person = await inner.access.persons.get(people[name])
            assert person is not None
            facts = CameraFacts(CAMERA, HERE, CameraClass.GOVERNMENT)
            return not isinstance(inner.access.decide(person, Function.VIEW_LIVE, facts), Refused)

        assert (await order(chen, [CAMERA], hours=1)).status_code == 201
        body = {"area": HERE, "danger": "life", "said": "有人落水,立即查看", "proof": OWN_PASSWORD}
        assert (await wang.post("/emergencies", json=body)).status_code == 201
        now = datetime.now(UTC)
        slot = {"seat": 1, "user_id": people["li-si"], "since": now.isoformat()}
        slot["until"] = (now + timedelta(minutes=1)).isoformat()
        assert (await node.client.post(f"/duty/centres/{centre}/slots", json=slot)).status_code == 201
        await publish(node, centre)
        assert (await li.post("/duty/shift", json={"centre": centre, "seat": 1})).status_code == 201
        asked = await node.client.post(f"/duty/centres/{centre}/removal", json={"reason": "并入市局"})
        request = asked.json()["id"]

        clock.passed_s += 20 * 60
        assert inner.access.steady.now_s() > now.timestamp() + 20 * 60
        clock.set_s -= 6 * 3600
        assert [await sees(one) for one in ("chen-qi", "li-si", "wang-wu")] == [True] * 3, "what lasts goes on"
        clock.passed_s += 11 * 60
        assert [await sees(one) for one in ("chen-qi", "li-si", "wang-wu")] == [True, True, False], "minute 31"
        (ticket,) = (await chen.get("/tickets")).json()["items"]
        assert ticket["state"] == "open"
        clock.passed_s += 30 * 60
        assert [await sees(one) for one in ("chen-qi", "li-si")] == [False, True], "the ticket's hour is over"
        assert (await chen.get("/tickets")).json()["items"][0]["state"] == "expired"
        clock.passed_s += 61 * 60
        assert not await sees("li-si"), "the slot and two hours"
        clock.passed_s += 22 * 3600
        await until(lambda: _stands(inner, request, "expired"), what="a request lasts a day")
        await until(lambda: inner.tickets.closed_to(people["wang-wu"]), what="no report within a day")
        assert clock.now() < now + timedelta(hours=20), "by the wall all of it would last"
        for one in (chen, li, wang):
            await one.aclose()


async def _stands(node: Node, request: str, state: str) -> bool:
    async with node.store.reading() as tx:
        found = await tx.execute(sa.text("SELECT state FROM approval_requests WHERE id = :id"), {"id": request})
        return bool(found.scalar_one() == state)
