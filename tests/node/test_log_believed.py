"""What the node believes of its own log it has from the log's files: whoever writes the database changes nothing of it (A36)."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fengsui.audit_settings import AuditSection
from fengsui.clock import ManualClock
from fengsui.features.audit import NODE, Act, Audit, AuditLog, AuditRecord, Copies, Index, Result, Signer, Wanted, as_recorded
from fengsui.features.audit import known as known_module
from fengsui.features.audit.folder import segments
from fengsui.features.audit.known import FILE, carried_from
from fengsui.features.audit.verification import verify
from fengsui.store import Store
from tests.node.conftest import RunningNode, running_node, until
from tests.node.duty_room import HERE, order
from tests.node.test_audit import records, sign_in_as
from tests.node.test_clock_back_while_stopped import ruled_settings
from tests.node.test_row_seals import past

SEED, CODE = bytes(range(32)), "52010200002000000001"


def changed(node: RunningNode, name: str) -> list[AuditRecord]:
    return [one for one in records(node) if one.act == Act.DATABASE_CHANGED and one.object == name]


async def shown(client: object, **wanted: str) -> list[int]:
    """Numbers of the records that the auditor's reader shows, the oldest first."""
    answer = await client.get("/audit", params={"limit": "1000", **wanted})  # type: ignore[attr-defined]
    return [one["sequence"] for one in answer.json()["items"]][::-1]


async def test_rows_and_index_changed_together_while_the_node_is_stopped_are_not_believed(tmp_path: Path) -> None:
    data = tmp_path / "node"
    settings = ruled_settings(data)
    async with running_node(data, settings) as node:
        auditor = await sign_in_as(node, "auditor", "audit-administrator")
        await node.appoint("wang", {"post": "operator"})
        rights = [one for one in records(node) if one.act == Act.RIGHTS_STATE and one.object == "wang"]
        await auditor.aclose()
    with sqlite3.connect(data / "node.db") as database:
        database.execute("UPDATE audit_index SET act = 'x' WHERE act IN ('policy.state', 'rights.state', 'database.sealed')")
        database.execute("UPDATE audit_index SET person = 'nobody' WHERE person = 'security'")
        database.execute("UPDATE policy_packs SET from_at = from_at + 86400 WHERE state = 'in-force'")
        database.execute("UPDATE users SET unit_id = NULL, training_until = '2099-12-31' WHERE name = 'wang'")
        database.execute("DELETE FROM appointments WHERE user_id = (SELECT id FROM users WHERE name = 'wang')")
    async with running_node(data, settings) as node:
        assert changed(node, "policy"), "packs that the log does not know are not believed, whatever the index says"
        assert node.node.policy.effective is None
        sealings = [one for one in records(node) if one.act == Act.DATABASE_SEALED]
        assert len(sealings) == 2 and sealings[-1].sequence < rights[0].sequence, "rows are sealed once in a node's life"
        await until(lambda: changed(node, "wang"), what="the changed row, or what is lost of it, is on record")
        await until(lambda: changed(node, "audit index"), what="the changed index is on record")
        (told,) = changed(node, "audit index")
        assert told.detail.split()[0].isdigit() and int(told.detail.split()[0]) > 10 and told.result == Result.REFUSED
        found = await node.node.audit.index.page(Wanted(act=Act.POLICY_STATE), 0, 50)
        assert [one.sequence for one in found][::-1] == [one.sequence for one in records(node) if one.act == Act.POLICY_STATE]
    async with running_node(data, settings) as node:
        await asyncio.wait_for(node.node.audit.index._compared.wait(), 10)
        assert len(changed(node, "audit index")) == 1, "what was made good is told once"


async def test_what_the_reader_hides_is_in_the_extract_and_found_by_the_comparison(node: RunningNode) -> None:
    auditor = await sign_in_as(node, "auditor", "audit-administrator")
    wanted = {"person": "security", "act": Act.USER_ADD.value}
    numbers = await shown(auditor, **wanted)
    assert numbers
    await past(node, "UPDATE audit_index SET person = 'nobody' WHERE person = 'security'")
    await past(node, "UPDATE audit_index SET person = 'zhou' WHERE act = 'session.begin'")
    assert await shown(auditor, person="zhou") == [], "what a row says of a record is not told"
    extract = (await auditor.get("/audit/extract", params=wanted)).content
    assert [int(line.split(b",")[1]) for line in extract.splitlines() if line.startswith(b"R ")] == numbers
    before = len(numbers)
    assert await node.node.audit.index.compare() >= before
    assert await shown(auditor, **wanted) == numbers
    await past(node, "DELETE FROM audit_index WHERE sequence % 3 = 0 AND sequence < :most", most=numbers[-1])
    await past(node, "UPDATE audit_index SET place = 0 WHERE sequence = 5")
    assert await node.node.audit.index.compare() == (numbers[-1] - 1) // 3 + 1
    assert await node.node.audit.index.compare() == 0
    await auditor.aclose()


@asynccontextmanager
async def a_log(folder: Path, clock: ManualClock, settings: AuditSection | None = None) -> AsyncIterator[Audit]:
    store = await Store.open(f"sqlite:///{folder / 'index.db'}")
    files = AuditLog(folder / "audit", Signer(SEED), CODE, clock, 20_000)
    log = Audit(files, Index(store, files), Copies(folder / "audit", [], clock), clock, settings or AuditSection())
    await log.start()
    try:
        yield log
    finally:
        await log.stop()
        await store.close()


async def states(log: Audit) -> dict[str, str]:
    return await log.known.newest_of_each(Act.RIGHTS_STATE)


@pytest.fixture
def lines_read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many lines each look at a file has read."""
    counted: list[int] = []
    real = known_module.Known._look_at

    def look(self: known_module.Known, *given: object) -> int:
        counted.append(real(self, *given))  # type: ignore[arg-type]
        return counted[-1]

    monkeypatch.setattr(known_module.Known, "_look_at", look)
    return counted


async def test_a_start_reads_what_came_since_and_everything_where_that_is_not_proved(tmp_path: Path, lines_read: list[int]) -> None:
    clock = ManualClock(datetime.now(UTC))
    async with a_log(tmp_path, clock) as log:
        for number in range(200):
            await log.record(NODE, Act.RIGHTS_STATE, f"user-{number % 7}", detail=f"state {number}")
    wanted = {f"user-{number % 7}": f"state {number}" for number in range(193, 200)}
    path = tmp_path / "audit" / FILE
    assert path.stat().st_mode & 0o777 == 0o600
    good = path.read_bytes()
    lines_read.clear()
    async with a_log(tmp_path, clock) as log:
        assert await states(log) == wanted
        assert sum(lines_read) < 10, "what was read before the last stop is not read again"
    seal, _, body = good.partition(b"\n")
    saved = msgspec.json.decode(body)
    for octets in (
        seal + b"\n" + body.replace(b"user-1", b"user-0"),
        b"0" * len(seal) + b"\n" + msgspec.json.encode([*saved[:3], [["rights.state", "zhou", [saved[1]]]]]),
        b"",
    ):
        path.write_bytes(octets)
        lines_read.clear()
        async with a_log(tmp_path, clock) as log:
            assert await states(log) == wanted and sum(lines_read) > 200, "without a seal that fits, the files are read"
    path.write_bytes(good)  # an older one of the same log: what came since is read
    lines_read.clear()
    async with a_log(tmp_path, clock) as log:
        await log.record(NODE, Act.RIGHTS_STATE, "user-0", detail="later")
        assert await states(log) == {**wanted, "user-0": "later"} and 0 < sum(lines_read) < 60


async def test_a_record_that_the_node_did_not_write_is_not_believed(tmp_path: Path) -> None:
    clock = ManualClock(datetime.now(UTC))
    async with a_log(tmp_path, clock) as log:
        await log.record(NODE, Act.RIGHTS_STATE, "wang", detail="true")
        await log.record(NODE, Act.RIGHTS_STATE, "wang", detail="new!")
    (segment,) = segments(tmp_path / "audit")
    lines = segment.path.read_bytes().splitlines(keepends=True)
    at = next(number for number, line in enumerate(lines) if b"new!" in line)
    body = lines[at][65:-1].replace(b"new!", b"fake")
    lines[at] = known_module.hashlib.sha256(body).hexdigest().encode() + b" " + body + b"\n"
    segment.path.write_bytes(b"".join(lines))
    (tmp_path / "audit" / FILE).unlink()
    async with a_log(tmp_path, clock) as log:
        assert await states(log) == {"wang": "true"}


async def test_what_must_stay_known_outlives_the_file_in_which_it_stands(tmp_path: Path) -> None:
    clock = ManualClock(datetime.now(UTC))
    async with a_log(tmp_path, clock, AuditSection(keep_days=184)) as log:
        await log.record(NODE, Act.DATABASE_SEALED, "database", detail="sealed as they stood: no rows")
        await log.record(NODE, Act.POLICY_STATE, "policy", detail="is A")
        await log.record(NODE, Act.POLICY_STATE, "policy", detail="becomes B")
        for name in ("wang", "li"):
            await log.record(NODE, Act.RIGHTS_STATE, name, detail="first")
        first, day = segments(log.files.folder)[0], 0
        while day < 260:
            clock.advance(86_400)
            day += 1
            await log.record(NODE, Act.LIVE_VIEW, "camera", detail="x" * 400)
            await log.signed()
        await log.record(NODE, Act.RIGHTS_STATE, "li", detail="second")
        await log.remove_old()
        assert not first.path.exists() and first.checkpoints.exists()
    for kept in (True, False):
        if not kept:
            (tmp_path / "audit" / FILE).unlink()
        async with a_log(tmp_path, clock) as log:
            assert await states(log) == {"wang": "first", "li": "second"}
            assert [one.detail for one in await log.known.records(Act.POLICY_STATE, "policy")] == ["becomes B", "is A"]
            sealed = await log.known.newest(Act.DATABASE_SEALED, "database")
            assert sealed is not None and carried_from(sealed) and sealed.detail == "sealed as they stood: no rows"
    assert verify(tmp_path / "audit", Signer(SEED).public).fault is None


@pytest.mark.parametrize("size", [16_000, 60_000, 262_144, 400_000])
async def test_a_long_state_is_held_whole_and_one_beyond_all_measure_by_its_digest(tmp_path: Path, size: int) -> None:
    state = as_recorded("x" * size)
    assert (state == "x" * size) == (size <= 262_144) and state != as_recorded("x" * (size + 1))
    async with a_log(tmp_path, ManualClock(datetime.now(UTC))) as log:
        await log.record(NODE, Act.MASKS_STATE, "camera", detail=state)
        await log.record(NODE, Act.LIVE_VIEW, "camera", detail="y" * size)
    async with a_log(tmp_path, ManualClock(datetime.now(UTC))) as log:
        assert await log.known.newest_of_each(Act.MASKS_STATE) == {"camera": state}
        (other,) = await log.index.page(Wanted(act=Act.LIVE_VIEW), 0, 9)
        assert other.record is not None and len(other.record.detail) == min(size, 16_384)


async def test_a_state_that_cannot_be_read_is_said_to_be_so(node: RunningNode) -> None:
    auditor = await sign_in_as(node, "auditor", "audit-administrator")

    async def told() -> dict[str, Any]:
        answer: dict[str, Any] = (
            await auditor.get("/audit/rights", params={"person": "duty", "at": datetime.now(UTC).isoformat()})
        ).json()
        return answer

    assert (await told())["readable"]
    await node.node.audit.record(NODE, Act.RIGHTS_STATE, "duty", detail='{"unit": "cut')
    found = await told()
    assert not found["readable"] and found["sequence"] is not None
    await auditor.aclose()


async def test_one_person_has_so_many_tickets_open_and_no_more(tmp_path: Path) -> None:
    ruled = ruled_settings(tmp_path / "node")
    settings = ruled.model_copy(update={"tickets": ruled.tickets.model_copy(update={"most_open": 2})})
    async with running_node(tmp_path / "node", settings) as node:
        chen = await node.client_of("chen-qi", {"post": "investigator", "area": HERE})
        made = [await order(chen, ["52010200001320000001"], hours=2) for _ in range(3)]
        assert [one.status_code for one in made] == [201, 201, 409] and made[2].json()["code"] == "ticket.too_many"
        assert (await chen.delete(f"/tickets/{made[0].json()['number']}")).status_code == 204
        assert (await order(chen, ["52010200001320000001"], hours=2)).status_code == 201
        await chen.aclose()
