"""Every loop of the node's life outlives a surprise; masks and live codes look again after lost news."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from fengsui import loops
from fengsui.app import history, node_faults
from fengsui.features.access.rights_log import RightsLog
from fengsui.features.access.screen_lock import ScreenLock
from fengsui.features.approvals import Approvals
from fengsui.features.audit import NODE, Act, Audit, AuditUnavailable, Index
from fengsui.features.audit.log import AuditLog
from fengsui.features.cameras import CameraPassed
from fengsui.features.cameras.tables import catalogue_items
from fengsui.features.duty import MissingRows
from fengsui.features.duty.emergency import Emergencies
from fengsui.features.duty.shift_ends import ShiftEnds
from fengsui.features.duty.vacancies import Vacancies
from fengsui.features.masks import Masks, MasksLog
from fengsui.features.refusals import Identification, Refusals
from fengsui.features.tickets import CaseNumbers, TicketChanged, case_numbers
from tests.node.conftest import FEW, RunningNode, powered, running_node, settings_for, short_of_room, simulated_camera, until
from tests.node.test_audit import records
from tests.node.test_live import listed, open_live, read_pictures


def failures(name: str) -> float:
    return float(loops.FAILURES.labels(name)._value.get())


class Surprises:
    """Each method given raises when its loop comes to it for the first time, and counts how often that came."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch
        self._calls: Counter[str] = Counter()
        self._before: dict[str, float] = {}

    def plant(self, loop: str, owner: type, method: str) -> None:
        real: Callable[..., Any] = getattr(owner, method)

        def odd(*args: Any, **named: Any) -> Any:
            task = asyncio.current_task()
            own = task is not None and task.get_name() == loop
            self._calls[loop] += own
            if own and self._calls[loop] == 1:
                raise ZeroDivisionError("a surprise")
            return real(*args, **named)

        self._patch.setattr(owner, method, odd)
        self._before[loop] = failures(loop)

    def not_outlived(self) -> list[str]:
        """Loops that have not failed yet, or do not work again."""
        return sorted(name for name, count in self._before.items() if failures(name) == count or self._calls[name] < 2)


async def test_every_loop_goes_on_after_a_surprise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loops, "FIRST_PAUSE_S", 0.01)
    monkeypatch.setattr(history, "EVERY_S", 0.2)
    monkeypatch.setattr(case_numbers, "LOOK_EVERY_S", 0.2)
    monkeypatch.setattr(CaseNumbers, "next_night", lambda numbers: numbers._clock.now())
    planted = Surprises(monkeypatch)
    planted.plant("history", history.History, "look")
    planted.plant("sessions", ScreenLock, "lock_unattended")
    planted.plant("audit-time", Audit, "_look_at_clock")
    planted.plant("audit-index", Index, "catch_up")
    planted.plant("rights-log", RightsLog, "_record_changes")
    planted.plant("approvals", Approvals, "look")
    planted.plant("vacant-seats", Vacancies, "look")
    planted.plant("emergencies", Emergencies, "_suspend")
    planted.plant("shifts", ShiftEnds, "look")
    planted.plant("missing-rows", MissingRows, "look")
    planted.plant("refusals", Refusals, "_tell")
    planted.plant("case-numbers", CaseNumbers, "reconcile")
    planted.plant("masks-log", MasksLog, "_tell")
    planted.plant("masks", Masks, "_heed")
    async with running_node(tmp_path, settings_for()) as node:
        node.node.refusals.dropped(Identification, "gb28181", "52010200001320000001", "192.0.2.9")

        def outlived() -> bool:
            node.node.bus.publish(TicketChanged("UT1", 1))
            return not planted.not_outlived() and not loops.pausing()

        try:
            await until(outlived, seconds=90, what="each has failed and works on")
        finally:
            assert planted.not_outlived() == []
        (fault,) = [one for one in (await node.get("/node"))["faults"] if one["code"] == "node.loop_failed"]
        assert "masks (ZeroDivisionError)" in fault["en"] and "masks (ZeroDivisionError)" in fault["zh"], fault
        assert "a loop of the node failed" in fault["remedy_en"] and "a loop of the node failed" in fault["remedy_zh"]
        monkeypatch.setattr(node_faults, "TOLD_S", -1.0)
        assert (await node.get("/node"))["faults"] == [], "what is long over is not told any more"


async def test_a_surprise_of_the_audit_log_refuses_whoever_waits_and_is_told_in_the_log(
    node: RunningNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loops, "FIRST_PAUSE_S", 0.01)
    audit, before = node.node.audit, failures("audit")
    real = AuditLog.commit

    def odd(log: AuditLog, entries: Any) -> None:
        monkeypatch.setattr(AuditLog, "commit", real)
        raise ZeroDivisionError("a surprise")

    monkeypatch.setattr(AuditLog, "commit", odd)
    audit.record_end(NODE, Act.CLOCK_SET, detail="lost in the surprise")
    with pytest.raises(AuditUnavailable):
        await audit.record(NODE, Act.DEVICE_CHANGE, "52010200001320000001")
    assert failures("audit") == before + 1
    await audit.record(NODE, Act.DEVICE_CHANGE, "52010200001320000002")

    def told() -> bool:
        return any(one.act == Act.LOG_UNTOLD and "clock" in one.detail for one in records(node))

    await until(told, what="the log says that a record is missing")
    assert [one.object for one in records(node) if one.act == Act.DEVICE_CHANGE] == ["52010200001320000002"]


async def test_masks_and_live_codes_look_again_after_lost_news(node: RunningNode) -> None:
    short_of_room(node)
    turning, watched = simulated_camera(node.registrar, 1), simulated_camera(node.registrar, 2)
    channel = turning.channels[turning.identity.code]
    channel.item = channel.item._replace(ptz_type=1)
    code, seen = turning.identity.code, watched.identity.code
    masks, devices, published = node.node.masks, node.node.devices, node.node.bus.publish
    async with powered(turning, watched):
        await until(lambda: listed(node, code), what="the camera is listed")
        await until(lambda: listed(node, seen), what="the other is listed")
        opened = await open_live(node, seen)
        await read_pictures(opened, 1)
        corners = [(2500, 2500), (7500, 2500), (7500, 7500), (2500, 7500)]
        drawn = await node.client.post(f"/cameras/{code}/masks", json={"preset": 1, "name": "窗户", "points": corners})
        assert drawn.status_code == 201, drawn.text
        masks.sent_to_preset(code, 1)
        await until(lambda: not masks.plan(code).blank, what="it has arrived where the mask was drawn")
        devices._presence.tell_arrival(devices.get(code), restarted=True)
        for number in range(FEW):  # in one turn: nobody takes any of them meanwhile
            published(TicketChanged(f"UT{number}", 0))
        await until(lambda: masks.plan(code).blank, what="nobody knows where it looks, and its picture is black")

        async with node.node.store.transaction() as tx:
            await tx.execute(sa.update(catalogue_items).where(catalogue_items.c.code == seen).values(device=code))
        published(CameraPassed(seen, code))
        for number in range(FEW):
            published(CameraPassed(str(number), code))

        async def ended() -> bool:
            return (await node.client.post(f"/live/{opened['session']}/renew")).status_code in (404, 410)

        await until(ended, seconds=90, what="what was watched was the former device's picture")
