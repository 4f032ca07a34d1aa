"""The clock is set back while the node is stopped: it says so, and nothing that ends by time gains any (rule A34)."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fengsui.cli.changed import set_back
from fengsui.clock import SteadyTime
from fengsui.features.audit.acts import Act
from fengsui.features.audit.model import AuditRecord
from fengsui.features.policy.signing import DEMO_PACK, DEMO_PUBLISHER, FOLDER
from fengsui.settings import NodeSettings
from tests.node.conftest import RunningNode, running_node, settings_for, until
from tests.node.duty_room import HERE, centre_of, operator, order
from tests.node.test_audit import records
from tests.node.test_clock_set_back import HOUR, MovedClock

BACK_S = 10 * HOUR


class PassingClock(MovedClock):
    """Time passes when told to, for both clocks."""

    def __init__(self) -> None:
        super().__init__()
        self._passed_s = 0.0

    def monotonic_s(self) -> float:
        """With what has passed."""
        return super().monotonic_s() + self._passed_s

    def let_pass(self, seconds: float) -> None:
        """Nobody sets anything."""
        self._passed_s += seconds
        self.by.set_by(seconds)


def ruled_settings(folder: Path) -> NodeSettings:
    """With the demonstration's policy pack."""
    (folder / FOLDER).mkdir(parents=True)
    shutil.copy(DEMO_PUBLISHER, folder / FOLDER)
    settings = settings_for()
    return settings.model_copy(update={"policy": settings.policy.model_copy(update={"first_pack": str(DEMO_PACK)})})


def told(node: RunningNode) -> list[AuditRecord]:
    """What was recorded of the clock."""
    return [one for one in records(node) if one.act == Act.CLOCK_SET]


async def left_s(node: RunningNode, user: int, number: str) -> dict[str, float]:
    """How long what was given still lasts."""
    rooms = node.node
    (request,) = [one for one in (await node.get("/approvals?box=mine"))["items"] if one["state"] == "pending"]
    now = rooms.access.steady.now_s()
    ticket, (shift,) = rooms.tickets.in_force(user, number), rooms.duty._shifts.values()
    assert ticket is not None
    asked = datetime.fromisoformat(request["expires_at"]).timestamp()
    return {"ticket": ticket.expires_at - now, "shift": shift.until - now, "request": asked - now}


async def test_a_node_that_starts_earlier_than_its_log_says_so_and_gives_no_time(tmp_path: Path) -> None:
    clock, data = PassingClock(), tmp_path / "node"
    settings = ruled_settings(data)
    async with running_node(data, settings, clock) as node:
        centre = await centre_of(node)
        li = await node.client_of("li-si", operator())
        assert (await li.post("/duty/shift", json={"centre": centre, "seat": 1})).status_code == 201
        chen = await node.client_of("chen-qi", {"post": "investigator", "area": HERE})
        opened = await order(chen, ["52010200001320000001"], hours=2)
        assert opened.status_code == 201, opened.text
        number, people = opened.json()["number"], (await node.get("/users"))["items"]
        user = next(one["id"] for one in people if one["name"] == "chen-qi")
        li_s = next(one["id"] for one in people if one["name"] == "li-si")
        asked = await node.client.post(
            f"/users/{li_s}/appointments", json={"post": "operator", "area": "520103", "reason": "also there"}
        )
        assert asked.status_code == 202, asked.text
        before = await left_s(node, user, number)
        assert (await node.client.get("/node")).json()["clock_behind_s"] == 0
        await li.aclose()
        await chen.aclose()
    clock.by.set_by(-BACK_S)
    (found,) = set_back(settings, data, clock.now())
    assert found.mark == "✗" and "before the latest time of the audit log" in found.en
    for again in range(2):
        async with running_node(data, settings, clock) as node:
            assert len(told(node)) == again + 1, "each such start is on record"
            assert told(node)[-1].detail.startswith("-3") and "while the node was stopped" in told(node)[-1].detail
            after = await left_s(node, user, number)
            assert all(after[what] <= before[what] for what in before), (before, after)
            assert BACK_S - 60 < (await node.client.get("/node")).json()["clock_behind_s"] <= BACK_S
            if again:
                clock.let_pass(2 * HOUR)
                assert node.node.tickets.in_force(user, number) is None, "it ends when its two hours are over"
                clock.let_pass(10 * HOUR)
                await until(lambda: not node.node.duty.shifts_at(centre), what="so does the shift")
    clock.by.set_by(-BACK_S)
    honest = settings.model_copy(
        update={"node": settings.node.model_copy(update={"clock_was_ahead_until": datetime.now(UTC) + timedelta(days=1)})}
    )
    async with running_node(data, honest, clock) as node:
        assert "node.clock_was_ahead_until sets aside" in told(node)[-1].detail
        assert node.node.access.steady.ahead_s() < 1
    assert list(set_back(honest, data, clock.now())) == []


def test_steady_time_begins_no_earlier_than_told_while_the_process_counts_its_own() -> None:
    clock = PassingClock()
    steady = SteadyTime(clock)
    began = clock.now().timestamp()
    steady.not_before(began + HOUR)
    assert 0 <= steady.now_s() - (began + HOUR) < 5 and HOUR - 5 < steady.ahead_s() <= HOUR
    assert abs(steady.process_s() - clock.now().timestamp()) < 1
    clock.let_pass(HOUR / 2)
    assert 0 <= steady.now_s() - (began + 1.5 * HOUR) < 5, "both go on"
    clock.by.set_by(3 * HOUR)
    assert abs(steady.now_s() - clock.now().timestamp()) < 1 and steady.ahead_s() < 1, "once the clock is right, it is followed"


async def test_a_clock_set_forward_while_the_node_was_stopped_is_on_record_and_shortens_no_wait(tmp_path: Path) -> None:
    clock, settings = PassingClock(), settings_for()
    async with running_node(tmp_path, settings, clock) as node:
        asked = node.node.access.steady.now_s()
        assert node.node.access.steady.leapt_since(asked) == 0 and told(node) == []
    clock.by.set_by(48 * HOUR)
    for _ in range(2):
        async with running_node(tmp_path, settings, clock) as node:
            (leap,) = told(node)
            assert leap.detail.startswith("+1728") and "set forward" in leap.detail
            assert 0 <= node.node.access.steady.leapt_since(asked) - 48 * HOUR < 60, "by the log, also at later starts"
            assert node.node.approvals._progress.leapt_since(asked) > 47 * HOUR, "requests that wait go by it"
