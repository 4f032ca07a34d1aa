"""What somebody could see at a time, answered from the audit log alone: after changes, after a restart, without the database."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from fengsui.features.access.rights_log import read_state
from fengsui.features.audit.acts import Act
from fengsui.features.audit.model import AuditRecord
from tests.node.conftest import RunningNode, powered, running_node, settings_for, simulated_camera, until
from tests.node.test_audit import CODE, _has_camera, records


def states(node: RunningNode, name: str) -> list[AuditRecord]:
    """The recorded states of one person."""
    return [one for one in records(node) if one.act == Act.RIGHTS_STATE and one.object == name]


def posts_of(node: RunningNode, name: str) -> list[str] | None:
    """The posts of the last recorded state; None before there is one."""
    last = [read_state(one.detail) for one in states(node, name)[-1:]]
    return None if not last or last[0] is None else [one.post for one in last[0].held]


async def then(node: RunningNode, name: str, at: datetime, camera: str = "") -> dict[str, Any]:
    """As the auditor asks."""
    answer = await node.client.get("/audit/rights", params={"person": name, "at": at.isoformat(), "camera": camera})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def now() -> datetime:
    """Of this machine, as the node's records have it."""
    return datetime.now(UTC)


async def test_the_answer_is_of_that_time_and_not_of_today(node: RunningNode) -> None:
    async with powered(simulated_camera(node.registrar)):
        await until(lambda: _has_camera(node), what="the camera is there")
        before = now()
        wang, _ = await node.appoint("wang", {"post": "operator", "area": "5201"})
        await until(lambda: posts_of(node, "wang") == ["operator"], what="the post is recorded")
        first = states(node, "wang")[-1].sequence
        as_operator = now()
        appointment = wang["appointments"][0]["id"]
        assert (await node.client.delete(f"/users/{wang['id']}/appointments/{appointment}")).status_code == 200
        await until(lambda: posts_of(node, "wang") == [], what="the withdrawal is recorded")
        withdrawn = now()
        await node.give(wang["id"], post="inspector", area="5202")
        await until(lambda: posts_of(node, "wang") == ["inspector"], what="the new post is recorded")
        kept = len(states(node, "wang"))
        elsewhere = now()
        assert (await node.client.patch(f"/users/{wang['id']}", json={"disabled": True})).status_code == 200
        await until(lambda: len(states(node, "wang")) == kept + 1, what="the end is recorded")

        nothing = await then(node, "wang", before)
        assert nothing["sequence"] is None and nothing["functions"] == [] and nothing["posts"] == []
        told = await then(node, "wang", as_operator, CODE)
        assert [(one["post"], one["area"], one["in_force"]) for one in told["posts"]] == [("operator", "5201", True)]
        assert told["sequence"] == first
        live = next(one for one in told["functions"] if one["function"] == "view-live")
        assert [one["area"] for one in live["areas"]] == ["5201"]
        decided = {one["function"]: one["allowed"] for one in told["decisions"]}
        assert decided["view-live"] and decided["control"] and not decided["export"]
        assert (await then(node, "wang", withdrawn, CODE))["functions"] == []
        told = await then(node, "wang", elsewhere, CODE)
        decided = {one["function"]: (one["allowed"], one["rule"]) for one in told["decisions"]}
        assert decided["view-live"] == (False, "A7") and told["posts"][0]["area"] == "5202"
        assert (await then(node, "wang", now()))["disabled"]
        read = [one for one in records(node) if one.act == Act.AUDIT_READ]
        assert "rights of wang at" in read[-1].detail and read[-1].person == "audit"


async def test_an_appointment_that_had_not_begun_or_had_ended_is_told_as_such(node: RunningNode) -> None:
    since, until_ = now() + timedelta(days=1), now() + timedelta(days=2)
    limits = {"valid_from": since.isoformat(), "valid_until": until_.isoformat()}
    await node.appoint("li", {"post": "operator", **limits})
    await until(lambda: posts_of(node, "li") == ["operator"], what="the state is recorded")
    told = await then(node, "li", now())
    assert [one["in_force"] for one in told["posts"]] == [False] and told["functions"] == []
    assert (await then(node, "li", since + timedelta(hours=1)))["functions"] != []
    assert (await then(node, "li", until_ + timedelta(hours=1)))["functions"] == []


async def test_everybody_is_recorded_once_and_a_row_changed_by_hand_is_found(tmp_path: Path) -> None:
    settings = settings_for()
    async with running_node(tmp_path, settings) as node:
        await until(lambda: len(states(node, "duty")) == 1, what="who was there before is recorded")
        await node.appoint("wang", {"post": "operator", "area": "520102"})
        await until(lambda: posts_of(node, "wang") == ["operator"], what="the state is recorded")
        before = len(states(node, "wang"))
    async with running_node(tmp_path, settings) as node:
        await node.appoint("li", {"post": "operator"})
        await until(lambda: posts_of(node, "li") == ["operator"], what="the node follows again")
        assert len(states(node, "wang")) == before and len(states(node, "duty")) == 1, "nothing changed, nothing is recorded anew"
    with sqlite3.connect(tmp_path / "node.db") as database:
        database.execute("UPDATE appointments SET area = '' WHERE area = '520102'")
    async with running_node(tmp_path, settings) as node:
        await until(lambda: len(states(node, "wang")) == before + 1, what="the change by hand is found")
        assert states(node, "wang")[-1].person == "" and states(node, "wang")[-1].role == "node"
        told = await then(node, "wang", now())
        assert [one["area"] for one in told["posts"]] == [""]


async def test_only_the_audit_office_asks(node: RunningNode) -> None:
    for office in ("duty", "system", "security"):
        headers = {"Authorization": f"Bearer {node.tokens[office]}"}
        answer = await node.client.get("/audit/rights", params={"person": "duty", "at": "2026-11-26T08:00:00Z"}, headers=headers)
        assert answer.status_code == 403
