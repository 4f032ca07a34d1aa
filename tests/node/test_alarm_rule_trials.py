"""A rule is tried on alarms of the last days: what it would have met and done, and nothing is done."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fengsui.features.alarm_rules import dry_run
from tests.node.alarm_hosts import entered
from tests.node.conftest import RunningNode, running_node, settings_for
from tests.node.test_alarm_rule_runs import INCIDENT, alarms, incidents, sent
from tests.node.test_alarm_rules import HERE, NIGHTLY, RAISE
from tests.node.test_alarm_work import ACCOUNT


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[RunningNode]:
    async with running_node(tmp_path, settings_for()) as running:
        await entered(running, ACCOUNT, area=HERE)
        yield running


def trial(since: timedelta = timedelta(hours=1), **facts: Any) -> dict[str, Any]:
    rule = {**NIGHTLY, "when": {}, "then": [RAISE, INCIDENT], **facts}
    return {"rule": rule, "from": (datetime.now(UTC) - since).isoformat()}


async def tried(node: RunningNode, **facts: Any) -> dict[str, Any]:
    answer = await node.client.post("/alarm-rules/dry-run", json=trial(**facts))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_rule_is_tried_and_nothing_is_done(node: RunningNode) -> None:
    await sent(node, 1, 2)
    await sent(node, 3, zone="006")
    found = await tried(node, when={"categories": ["intrusion"]})
    assert (found["looked"], found["met"], found["upto"]) == (3, 3, None)
    first, second, third = (one["would"] for one in found["items"])
    zh = ["提高级别 2 → 1", "立警情:入侵、盗窃"]
    assert first == third and [one["zh"] for one in first] == zh and second == [], "the second counts with the first"
    assert found["items"][0]["alarm"]["id"] == (await alarms(node))[0]["id"]
    assert (await tried(node, when={"categories": ["fire"]}))["met"] == 0
    assert (await tried(node, when={"repeats": {"count": 2, "within_s": 60}}))["met"] == 1
    assert (await tried(node, area="520103"))["looked"] == 0
    assert {one["priority"] for one in await alarms(node)} == {2} and await incidents(node) == []
    assert (await node.client.get("/alarm-rules")).json()["items"] == []


async def test_its_work_is_bounded_and_it_says_how_far_it_came(node: RunningNode, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dry_run, "PAGE", 2)
    monkeypatch.setattr(dry_run, "MOST_LOOKED", 2)
    monkeypatch.setattr(dry_run, "MOST_SHOWN", 1)
    for at in range(1, 5):
        await sent(node, at, zone=f"{at:03}")
    found = await tried(node)
    assert (found["looked"], found["met"], len(found["items"])) == (2, 2, 1)
    assert datetime.fromisoformat(found["upto"]) == datetime.fromisoformat((await alarms(node))[1]["received_at"])


@pytest.mark.parametrize("since", [timedelta(days=8), timedelta(hours=-1)])
async def test_it_is_tried_on_the_last_seven_days_alone(node: RunningNode, since: timedelta) -> None:
    answer = await node.client.post("/alarm-rules/dry-run", json=trial(since))
    assert (answer.status_code, answer.json()["code"]) == (422, "alarm_rule.unusable")


async def test_nobody_tries_a_rule_where_they_could_write_none(node: RunningNode) -> None:
    await sent(node, 1)
    zhao = await node.client_of("zhao", {"post": "duty-supervisor", "area": "520302"})
    assert (await zhao.post("/alarm-rules/dry-run", json=trial())).status_code == 403
    await zhao.aclose()
