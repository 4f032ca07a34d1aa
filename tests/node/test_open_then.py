"""What was open to somebody at a time: shift, ticket and pack of then; what was changed past the node is found (A32, A36)."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from fengsui.cli.check import database
from fengsui.features.access import rights_log
from fengsui.features.access.rights_log import read_state
from fengsui.features.audit.acts import Act
from tests.node.conftest import RunningNode, powered, running_node, settings_for, simulated_camera, until
from tests.node.duty_room import MovedClock, with_pack
from tests.node.test_audit import CODE, records
from tests.node.test_live import listed
from tests.node.test_masks import BOX
from tests.node.test_rights_then import now, then
from tests.node.test_under import OPERATOR, centre_of, ruled_node, ticket_of


def open_of(node: RunningNode, name: str) -> tuple[str, list[str]]:
    """Duty ticket and use tickets of the last recorded state."""
    last = [one for one in records(node) if one.act == Act.RIGHTS_STATE and one.object == name][-1:]
    state = read_state(last[0].detail) if last else None
    if state is None:
        return "", []
    return "" if state.standing.shift is None else state.standing.shift.number, [one.number for one in state.standing.tickets]


def decided(told: dict[str, Any]) -> dict[str, tuple[bool, str, str]]:
    return {one["function"]: (one["allowed"], one["under"], one["rule"]) for one in told["decisions"]}


def findings(node: RunningNode) -> list[tuple[str, str]]:
    return [(one.object, one.result) for one in records(node) if one.act == Act.DATABASE_CHANGED]


async def test_shift_ticket_and_pack_of_then_decide(tmp_path: Path) -> None:
    async with ruled_node(tmp_path / "node") as node, powered(simulated_camera(node.registrar)):
        code = CODE
        await until(lambda: listed(node, code), what="the camera is listed")
        li = await node.client_of("li-si", OPERATOR)
        chen = await node.client_of("chen-qi", {"post": "investigator", "area": "520102"})
        free = now()
        centre = await centre_of(node)
        off_duty = now()
        assert (await li.post("/duty/shift", json={"centre": centre, "seat": 1})).status_code == 201
        await until(lambda: open_of(node, "li-si")[0], what="the shift is in the state")
        shift, on_duty = open_of(node, "li-si")[0], now()
        made = await ticket_of(chen, code)
        await until(lambda: open_of(node, "chen-qi")[1] == [made["number"]], what="the ticket is in the state")
        with_ticket = now()
        assert (await li.post("/duty/shift/sign-off", json={"reason": "下班,无人接班"})).status_code == 204
        assert (await chen.delete(f"/tickets/{made['number']}")).status_code == 204
        await until(lambda: open_of(node, "li-si")[0] == "" and open_of(node, "chen-qi")[1] == [], what="both have ended")
        over = now()

        told = await then(node, "li-si", free, code)
        assert not told["duty_kept"] and decided(told)["view-live"] == (True, "", ""), "no centre then: the post alone"
        told = await then(node, "li-si", off_duty, code)
        assert told["duty_kept"] and told["shift"] is None and decided(told)["view-live"] == (False, "", "A5")
        told = await then(node, "li-si", on_duty, code)
        assert (told["shift"]["ticket"], told["shift"]["area"]) == (shift, "520102")
        assert decided(told)["view-live"] == (True, shift, "") and decided(told)["control"][:2] == (True, shift)
        assert decided(await then(node, "li-si", over, code))["view-live"] == (False, "", "A5")

        assert decided(await then(node, "chen-qi", on_duty, code))["view-recorded"] == (False, "", "A1")
        told = await then(node, "chen-qi", with_ticket, code)
        (ticket,) = told["tickets"]
        assert (ticket["ticket"], ticket["cameras"], ticket["purpose"]) == (made["number"], [code], "crime-investigation")
        assert told["policy"] == "CN-base 1"
        assert decided(told)["view-recorded"] == (True, made["number"], "") and decided(told)["view-live"][0]
        assert (await then(node, "chen-qi", over, code))["tickets"] == []
        assert findings(node) == [], "what the node does itself is no finding"
        await li.aclose()
        await chen.aclose()


async def test_what_was_changed_while_the_node_was_down_is_found_at_its_start(tmp_path: Path) -> None:
    settings = settings_for()
    async with running_node(tmp_path, settings) as node:
        camera = simulated_camera(node.registrar)
        code = camera.identity.code
        async with powered(camera):
            await until(lambda: listed(node, code), what="the camera is listed")
            for number in range(2):
                body = {"name": str(number), "points": BOX}
                assert (await node.client.post(f"/cameras/{code}/masks", json=body)).status_code == 201
            await node.appoint("wang", {"post": "operator", "area": "520102"})
            centre = await centre_of(node)
            assert (await node.client.post("/duty/shift", json={"centre": centre, "seat": 1})).status_code == 201
            await until(lambda: open_of(node, "duty")[0], what="the shift is in the state")
    async with running_node(tmp_path, settings) as node:
        await node.appoint("li", {"post": "operator"})
        assert findings(node) == [], "a restart is no finding"
    with sqlite3.connect(tmp_path / "node.db") as opened:
        opened.execute("DELETE FROM masks WHERE name = '1'")
        opened.execute("UPDATE appointments SET area = '' WHERE area = '520102'")
        opened.execute("UPDATE duty_shifts SET until = until + 86400")
    opened.close()
    async with running_node(tmp_path, settings) as node:
        wanted = {(name, "refused") for name in ("duty", "wang", code)}
        await until(lambda: set(findings(node)) == wanted, what="each is found")
        (masks,) = [one for one in records(node) if one.act == Act.MASKS_STATE][-1:]
        assert masks.object == code and masks.detail.count("[2500,2500]") == 1, "and what is left is on record"

    found, _ = await asyncio.to_thread(database, settings, tmp_path)
    (told,) = [one for one in found if "past the node" in one.en]
    assert told.mark == "!" and all(name in told.zh for name in ("duty", "wang", code)), "and `fengsui check` says so"


async def test_papers_that_are_overdue_after_a_stop_are_no_change_past_the_node(tmp_path: Path) -> None:
    settings, clock = with_pack(tmp_path), MovedClock()
    async with running_node(tmp_path, settings) as node:
        danger = {"area": "520102", "danger": "life", "said": "有人落水,立即查看", "proof": "first-password"}
        assert (await node.client.post("/emergencies", json=danger)).status_code == 201
        await until(lambda: open_of(node, "duty")[1], what="its ticket is in the state")
    clock.later = timedelta(hours=25)
    async with running_node(tmp_path, settings, clock) as node:
        closed = [one for one in records(node) if one.act == Act.RIGHTS_STATE and one.object == "duty"][-1]
        state = read_state(closed.detail)
        assert state is not None and state.standing.closed_en and state.standing.tickets == (), "the report is a day late"
        assert findings(node) == []


async def test_rights_changed_past_a_running_node_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rights_log, "LOOK_S", 0.3)
    monkeypatch.setattr(rights_log, "LOOK_A_PERSON_S", 0.0)
    monkeypatch.setattr(rights_log, "GRACE_S", 0.3)
    async with running_node(tmp_path, settings_for()) as node:
        wang, _ = await node.appoint("wang", {"post": "operator", "area": "520102"})
        await node.give(wang["id"], post="inspector", area="520102")
        with sqlite3.connect(tmp_path / "node.db") as opened:
            opened.execute("UPDATE appointments SET area = '' WHERE post = 'operator' AND area = '520102'")
        opened.close()
        await until(lambda: findings(node) == [("wang", "refused")], what="it is found, and nothing else")

        async def told() -> bool:
            return {one["area"] for one in (await then(node, "wang", now()))["posts"]} == {"", "520102"}

        await until(told, what="the log holds what holds now")
