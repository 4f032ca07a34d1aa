"""Rows deleted straight in the database are missed, because the audit log has them (A36)."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from pathlib import Path

import pytest

from fengsui.cli.check import database
from fengsui.features.duty import missing_rows
from fengsui.settings import NodeSettings
from tests.node.conftest import OWN_PASSWORD, running_node, until
from tests.node.duty_room import CAMERA, HERE, centre_of, operator, order, window, with_pack
from tests.node.test_audit import records


async def faults(settings: NodeSettings, folder: Path) -> list[str]:
    """What `fengsui check` misses."""
    found, _ = await asyncio.to_thread(database, settings, folder)
    return [one.en for one in found if one.mark == "✗"]


async def test_what_was_deleted_is_named_and_recorded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(missing_rows, "CONFIRM_S", 0.1)
    settings = with_pack(tmp_path)
    async with running_node(tmp_path, settings) as node:
        centre = await centre_of(node)
        li, chen = (
            await node.client_of("li-si", operator()),
            await node.client_of("chen-qi", {"post": "investigator", "area": HERE}),
        )
        ticket = (await order(chen, [CAMERA])).json()["number"]
        narrower = {**window(-0.5, 0.5), "hours": 2, "reason": "缩小范围"}
        assert (await chen.post(f"/tickets/{ticket}/versions", json=narrower)).status_code == 201
        assert (await li.post("/duty/shift", json={"centre": centre, "seat": 1})).status_code == 201
        assert (await li.post("/duty/shift/sign-off", json={"reason": "下班,无人接班"})).status_code == 204
        danger = {"area": HERE, "danger": "life", "said": "有人落水,立即查看", "proof": OWN_PASSWORD}
        papers = f"/emergencies/{(await li.post('/emergencies', json=danger)).json()['id']}"
        assert (await li.post(f"{papers}/report", json={"report": "只是想看看河岸的情况。"})).status_code == 204
        verdict = {"verdict": "not-justified", "note": "无危险情形"}
        assert (await node.client.post(f"{papers}/verdict", json=verdict)).status_code == 204
        (shift,) = [one.ticket for one in records(node) if one.act == "duty.sign-on"]
        await li.aclose()
        await chen.aclose()
    assert await faults(settings, tmp_path) == []
    shutil.copy(tmp_path / "node.db", tmp_path / "whole.db")
    for statement, named in (
        ("DELETE FROM use_tickets WHERE version = 2", f"use ticket, version 2 {ticket}"),
        (f"DELETE FROM use_tickets WHERE number = '{ticket}'", f"use ticket, version 2 {ticket}"),
        ("DELETE FROM duty_shifts", f"shift {shift}"),
        ("DELETE FROM emergencies", "emergency access emergency UT"),
        ("UPDATE emergencies SET verdict = 'justified'", "suspension after an emergency access suspension 1"),
        ("UPDATE emergencies SET restored_at = 1", "suspension after an emergency access suspension 1"),
    ):
        shutil.copy(tmp_path / "whole.db", tmp_path / "node.db")
        with sqlite3.connect(tmp_path / "node.db") as opened:
            opened.execute(statement)
        opened.close()
        found = await faults(settings, tmp_path)
        assert any(named in one for one in found), (statement, found)
        assert all("The database lacks the" in one for one in found), found
    shutil.copy(tmp_path / "whole.db", tmp_path / "node.db")
    with sqlite3.connect(tmp_path / "node.db") as opened:
        opened.execute("DELETE FROM duty_shifts")
    opened.close()
    for _ in range(2):
        async with running_node(tmp_path, settings) as node:

            def told() -> list[str]:
                return [one.object for one in records(node) if one.act == "database.changed" and one.object.startswith("DT")]

            await until(told, what="the node misses the shift")
            await node.node.missing_rows.look()
            assert told() == [shift], "once, however often it looks"
