"""What must not get lost when recording or storing fails for a while, and who is on record for reaching at what is not theirs."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from fengsui.features.audit.acts import Act
from fengsui.features.audit.model import NODE, AuditUnavailable, Entry, Result
from fengsui.features.audit.owed import MAX_OWED, Owed
from fengsui.features.audit.verification import verify
from fengsui.settings import NodeSettings
from tests.node.conftest import RunningNode, powered, running_node, settings_for, simulated_camera, until
from tests.node.test_audit import _read_only, records
from tests.node.test_lifts import MovedClock
from tests.node.test_live import listed
from tests.node.test_storage_faults import fill, small_disk
from tests.node.test_under import OPERATOR, centre_of


def entry(act: Act) -> Entry:
    return Entry(at="2026-11-26T08:00:00Z", clock_error="unknown", act=act, result=Result.ALLOWED)


def test_what_finds_no_place_is_counted_and_told_once_after_what_did() -> None:
    owed = Owed()
    for _ in range(MAX_OWED):
        owed.add(entry(Act.LIVE_STOP))
    for act in (Act.LIVE_STOP, Act.LIVE_STOP, Act.SIGN_OUT):
        owed.add(entry(act))
    taken = owed.take(MAX_OWED - 1)
    assert owed.untold() == "", "not before everything that was kept"
    owed.give_back(taken)
    assert owed.take(MAX_OWED)[0] == taken[0] and len(owed) == 1
    assert owed.untold().startswith("3 ended acts since 2026-11-26T08:00:00Z")
    assert owed.untold().endswith("live.stop 2, session.end 1")
    owed.told()
    assert not owed and owed.untold() == ""


async def test_a_log_that_is_long_unwritable_knows_how_much_it_lacks(node: RunningNode) -> None:
    with _read_only(node):
        with pytest.raises(AuditUnavailable):
            await node.node.audit.record(NODE, Act.NODE_START)
        for number in range(MAX_OWED + 250):
            node.node.audit.record_end(NODE, Act.LIVE_STOP, f"camera {number}")
    await until(lambda: [one for one in records(node) if one.act == Act.LOG_UNTOLD], what="it goes on, and tells")
    stops = [one.object for one in records(node) if one.act == Act.LIVE_STOP]
    assert stops == [f"camera {number}" for number in range(MAX_OWED)]
    (told,) = [one for one in records(node) if one.act == Act.LOG_UNTOLD]
    assert "250 ended acts" in told.detail and "live.stop 250" in told.detail
    assert verify(node.node.audit.files.folder, node.node.audit.files.signer.public).fault is None


async def test_reaching_for_somebody_elses_picture_is_recorded(node: RunningNode) -> None:
    camera = simulated_camera(node.registrar)
    code = camera.identity.code
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        li, wang = await node.client_of("li-si", OPERATOR), await node.client_of("wang-wu", OPERATOR)
        session = (await li.post(f"/cameras/{code}/live", json={"codecs": ["h264", "h265"]})).json()["session"]
        seen = len(records(node))
        for answer in (await wang.post(f"/live/{session}/renew"), await wang.delete(f"/live/{session}")):
            assert (answer.status_code, answer.json()["code"]) == (404, "live.unknown_session")
        new = [(one.act, one.person, one.object, one.result) for one in records(node)[seen:]]
        assert new == [(act, "wang-wu", session, "refused") for act in (Act.LIVE_RENEW, Act.LIVE_STOP)]
        assert (await li.delete(f"/live/{session}")).status_code == 204
        await until(lambda: len(records(node)) == seen + 3, what="the end is recorded")
        assert (await li.delete(f"/live/{session}")).status_code == 404
        assert len(records(node)) == seen + 3, "one's own that has ended is no reaching"
        await li.aclose()
        await wang.aclose()


async def test_a_shift_that_ran_out_ends_also_after_the_database_was_away(tmp_path: Path) -> None:
    with small_disk() as disk:
        base = settings_for(f"sqlite:///{disk / 'node.db'}").model_dump()
        settings = NodeSettings.model_validate({**base, "audit": {"folder": str(tmp_path / "audit")}})
        async with running_node(tmp_path / "node", settings) as node:
            centre = await centre_of(node)
            assert (await node.client.post("/duty/shift", json={"centre": centre, "seat": 1})).status_code == 201
            (person,) = [one.user_id for one in node.node.duty.shifts_at(centre)]
            ballast = fill(disk)
            clock = MovedClock()
            clock.later = timedelta(hours=30)  # past every going on
            with capture_logs() as lines:
                node.node.duty._clock = clock
                await until(lambda: any("not on disk yet" in one["event"] for one in lines), what="it cannot be stored")
            assert node.node.duty.shift_for(person, None, clock.now().timestamp()) is None, "it opens nothing all the same"
            assert not node.node.duty.shifts_at(centre) and node.node.duty._owed, "the seat is free, and the row is owed"
            ballast.unlink()
            await until(lambda: not node.node.duty._owed, what="it is written as soon as that can be")
            await until(lambda: [one for one in records(node) if one.act == Act.DUTY_SIGN_OFF], what="it is recorded")
            (off,) = [one for one in records(node) if one.act == Act.DUTY_SIGN_OFF]
            assert off.role == "node" and off.ticket.startswith("DT") and "ran out" in off.detail
