"""An act that was refused or came to nothing never stands in the log as allowed alone."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from fengsui.audit_settings import AuditSection
from fengsui.clock import SystemClock
from fengsui.errors import StorageFault
from fengsui.features.access.tables import users
from fengsui.features.audit import NODE, Act, Audit, AuditUnavailable, Result, Stranger, actions, begin_acts, happened
from fengsui.features.audit.checkpoints import Signer
from fengsui.features.audit.copies import Copies
from fengsui.features.audit.folder import segments
from fengsui.features.audit.index import Index
from fengsui.features.audit.log import AuditLog
from fengsui.features.audit.model import AuditRecord, Entry, record_of
from fengsui.features.duty.emergency import Emergencies
from fengsui.store import Store, update_sealed
from tests.node.conftest import RunningNode, powered, running_node, simulated_camera, until
from tests.node.duty_room import with_pack
from tests.node.test_audit import CODE, _has_camera, records

WHO = Stranger("wang", "10.1.2.3", session="s")


class SlowDisk:
    """Holds up what is written to files until `goes_on`; the thread that writes is held, as by a real disk."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._goes_on, self._sync = threading.Event(), os.fdatasync
        self._goes_on.set()
        self.held = threading.Event()
        monkeypatch.setattr(os, "fdatasync", self._slow)

    def _slow(self, descriptor: int) -> None:
        self.held.set()
        self._goes_on.wait()
        self._sync(descriptor)

    def stop(self) -> None:
        self.held.clear()
        self._goes_on.clear()

    def go_on(self) -> None:
        self._goes_on.set()


@asynccontextmanager
async def a_log(folder: Path) -> AsyncIterator[Audit]:
    clock, store = SystemClock(), await Store.open(f"sqlite:///{folder / 'index.db'}")
    files = AuditLog(folder / "audit", Signer(bytes(32)), "52010200002000000001", clock, 64 << 20)
    log = Audit(files, Index(store, files), Copies(folder / "audit", [], clock), clock, AuditSection())
    await log.start()
    yield log
    await log.stop()
    await store.close()


def written(log: Audit) -> list[AuditRecord]:
    lines = [line for one in segments(log.files.folder) for line in one.path.read_bytes().splitlines(keepends=True)]
    return [one for one in map(record_of, lines) if one.person == "wang"]


async def test_what_was_refused_for_a_slow_disk_does_not_stand_as_allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "WAIT_LIMIT_S", 0.2)
    async with a_log(tmp_path) as log:
        disk = SlowDisk(monkeypatch)
        await log.record(WHO, Act.LIVE_VIEW, "before")
        disk.stop()
        under_way = asyncio.create_task(log.record(WHO, Act.LIVE_VIEW, "under way"))
        await until(disk.held.is_set, what="the disk holds a record up")
        waiting = asyncio.create_task(log.record(WHO, Act.LIVE_VIEW, "waiting"))
        for task in (under_way, waiting):
            with pytest.raises(AuditUnavailable):
                await task
        disk.go_on()
        await log.record(WHO, Act.LIVE_VIEW, "after")
        await until(lambda: len(written(log)) >= 4, what="what was on its way to the disk is taken back")
    found = [(one.object, one.result) for one in written(log)]
    assert sorted(found) == [("after", "allowed"), ("before", "allowed"), ("under way", "allowed"), ("under way", "failed")]
    first, second = [one for one in written(log) if one.object == "under way"]
    assert second.act == first.act and f"record {first.sequence}: the disk did not answer" in second.detail


async def test_whoever_waits_for_the_disk_while_the_log_ends_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with a_log(tmp_path) as log:
        disk = SlowDisk(monkeypatch)
        await log.record(WHO, Act.LIVE_VIEW, "before")
        disk.stop()
        under_way = asyncio.create_task(log.record(WHO, Act.LIVE_VIEW, "under way"))
        await until(disk.held.is_set, what="the disk holds a record up")
        asyncio.get_running_loop().call_later(0.2, disk.go_on)
    await under_way
    assert [(one.object, one.result) for one in written(log)] == [("before", "allowed"), ("under way", "allowed")]


async def test_what_the_disk_refuses_while_the_log_ends_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held, goes_on = threading.Event(), threading.Event()
    async with a_log(tmp_path) as log:
        await log.record(WHO, Act.LIVE_VIEW, "before")
        commit = log.files.commit

        def refused(entries: list[Entry]) -> None:
            monkeypatch.setattr(log.files, "commit", commit)
            held.set()
            goes_on.wait(10)
            raise AuditUnavailable(what="a bad block")

        monkeypatch.setattr(log.files, "commit", refused)
        log.record_end(WHO, Act.LIVE_VIEW, "owed")
        await until(held.is_set, what="the disk holds the owed record up")
        asyncio.get_running_loop().call_later(0.2, goes_on.set)
    assert [one.object for one in written(log)] == ["before", "owed"]


async def test_who_is_gone_before_the_act_has_not_done_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with a_log(tmp_path) as log:
        disk = SlowDisk(monkeypatch)
        await log.record(Stranger("li", ""), Act.LIVE_VIEW)
        disk.stop()
        task = asyncio.create_task(log.record(WHO, Act.LIVE_VIEW, "gone"))
        await until(disk.held.is_set, what="the disk holds a record up")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        disk.go_on()
        await until(lambda: len(written(log)) == 2, what="the record is taken back")
    assert [one.result for one in written(log)] == ["allowed", "failed"]


async def test_only_what_was_allowed_within_the_request_is_taken_back(tmp_path: Path) -> None:
    async with a_log(tmp_path) as log:

        async def request() -> None:
            acts = begin_acts()
            await log.record(WHO, Act.MASK_ADD, "a")
            await log.record(WHO, Act.MASK_ADD, "b", result=Result.REFUSED)
            acts.open = False
            await log.record(WHO, Act.MASK_ADD, "later, by what the request began")
            log.not_done(acts, "mask.unusable")

        await asyncio.create_task(request())
        await log.record(WHO, Act.MASK_ADD, "of nobody")
    failed = [one for one in written(log) if one.result == "failed"]
    assert [(one.object, one.detail) for one in failed] == [("a", f"record {written(log)[0].sequence}: mask.unusable")]


async def test_what_was_committed_has_happened_whatever_fails_after_it(tmp_path: Path) -> None:
    async with a_log(tmp_path) as log:
        store = await Store.open(f"sqlite:///{tmp_path / 'acts.db'}")
        store.on_commit = happened

        async def request() -> None:
            acts = begin_acts()
            await log.record(WHO, Act.USER_ADD, "committed")
            async with store.transaction():
                pass
            await log.record(WHO, Act.APPOINTMENT_ADD, "not committed")
            with pytest.raises(ZeroDivisionError):
                async with store.transaction():
                    raise ZeroDivisionError
            async with store.transaction(act=False):
                pass
            log.not_done(acts, "store.unavailable")

        await asyncio.create_task(request())
        await log.record(WHO, Act.MASK_ADD, "after")
        await store.close()
    failed = [(one.act, one.object) for one in written(log) if one.result == "failed"]
    assert failed == [(Act.APPOINTMENT_ADD, "not committed")]


async def test_an_emergency_that_is_open_is_not_said_to_have_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running_node(tmp_path, with_pack(tmp_path)) as node:

        async def away(_: object) -> None:
            raise StorageFault(what="away", remedy_zh="", remedy_en="")

        monkeypatch.setattr(Emergencies, "_read", away)
        danger = {"area": "520102", "danger": "life", "said": "有人落水,立即查看", "proof": "first-password"}
        assert (await node.client.post("/emergencies", json=danger)).status_code == 503
        monkeypatch.undo()
        assert [one for mine in node.node.tickets._open.values() for one in mine if one.automatic], "its pictures are open"
        await node.node.audit.record(NODE, Act.DEVICE_CHANGE)
        said = [(one.act, one.result) for one in records(node) if one.act in (Act.EMERGENCY_OPEN, Act.TICKET_OPEN)]
        assert said == [(Act.EMERGENCY_OPEN, "allowed"), (Act.TICKET_OPEN, "allowed")]


async def test_an_account_is_made_only_for_posts_that_can_be_asked_for(node: RunningNode) -> None:
    auditor = await node.client_of("wang", {"post": "audit-administrator"}, personnel_number="77")
    async with node.node.store.transaction() as tx:  # an identity provider's, beside which a local one of the same number may stand
        await update_sealed(tx, users, users.c.name == "wang", {"provider": "city"})
    seen = len(records(node))
    wanted = {"name": "wang2", "personnel_number": "0077", "appointments": [{"post": "security-administrator"}], "reason": "needed"}
    answer = await node.client.post("/users", json=wanted)
    assert answer.json()["code"] == "access.posts_conflict", answer.text
    await auditor.aclose()
    names = [one["name"] for one in (await node.get("/users"))["items"]]
    assert "wang2" not in names and not [one for one in records(node)[seen:] if one.act == Act.USER_ADD and one.result == "allowed"]


async def test_nobody_makes_an_account_of_their_own_number(node: RunningNode) -> None:
    assert node.second is not None
    users = {one["name"]: one["id"] for one in (await node.get("/users"))["items"]}
    numbered = await node.second.patch(f"/users/{users['security']}", json={"personnel_number": "P-100"})
    assert numbered.status_code == 200, numbered.text
    seen = len(records(node))
    post = {"appointments": [{"post": "operator"}], "reason": "needed"}
    for own, said in (("P-100", "access.own_user"), (" ｐ－100 ", "access.own_user"), ("p-100", "access.own_user")):
        answer = await node.client.post("/users", json={"name": "me2", "personnel_number": own, **post})
        assert (answer.status_code, answer.json()["code"]) == (409, said), own
    bare = await node.client.post("/users", json={"name": "me3", "personnel_number": "P-100"})
    assert (bare.status_code, bare.json()["code"]) == (409, "access.number_taken"), "nor without a post"
    assert not {"me2", "me3"} & {one["name"] for one in (await node.get("/users"))["items"]}
    made = [(one.object, one.result) for one in records(node)[seen:] if one.act == Act.USER_ADD]
    assert made == [("me3", "allowed"), ("me3", "failed")], "it stands as what it came to, and of the others nothing was begun"


@pytest.mark.parametrize(
    ("method", "path", "body", "act"),
    [
        ("POST", f"/cameras/{CODE}/masks", {"points": [[0, 0], [5, 5], [0, 5]]}, Act.MASK_ADD),
        ("POST", "/cameras/52010200001320009999/ptz", {"action": "left"}, Act.CAMERA_PTZ),
        ("POST", "/account/passkeys/77/end", {"proof": "first-password"}, Act.PASSKEY_REMOVE),
        ("DELETE", "/account/tokens/7777777777777777", None, Act.TOKEN_REMOVE),
        ("POST", "/account/authenticator/confirm", {"code": "000000"}, Act.SECOND_FACTOR_CONFIRM),
    ],
)
async def test_what_fails_its_own_check_is_on_record_as_failed(
    node: RunningNode, method: str, path: str, body: object, act: Act
) -> None:
    async with powered(simulated_camera(node.registrar)):
        await until(lambda: _has_camera(node), what="the camera is there")
        seen = len(records(node))
        answer = await node.client.request(method, path, json=body)
        assert 400 <= answer.status_code < 500, answer.text
        mine = await until(lambda: _settled(node, seen, act), what="the end of the act is on record")
        assert isinstance(mine, list) and "allowed" not in [one.result for one in mine[-1:]], "it does not stand as allowed"
        if mine[0].result == "allowed":
            assert (mine[-1].result, mine[-1].detail) == ("failed", f"record {mine[0].sequence}: {answer.json()['code']}")


def _settled(node: RunningNode, seen: int, act: Act) -> list[AuditRecord]:
    mine = [one for one in records(node)[seen:] if one.act == act]
    return mine if mine and mine[-1].result != "allowed" else []
