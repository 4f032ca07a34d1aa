"""The end of a log and its beginning: what somebody added while the node was stopped counts for nothing, nor what they took."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from fengsui.audit_settings import AUDIT_FLOOR_DAYS
from fengsui.cli.commands import app
from fengsui.clock import ManualClock
from fengsui.features.audit.actions import _older_than
from fengsui.features.audit.acts import Act
from fengsui.features.audit.checkpoints import Signer
from fengsui.features.audit.folder import KEY_FILE, Segment, segments
from fengsui.features.audit.log import stamp
from fengsui.features.audit.model import AuditRecord, Entry, Result, chained, line_of, record_of
from fengsui.features.audit.verification import Fault, verify
from fengsui.settings import Secrets
from tests.node.conftest import running_node, settings_for
from tests.node.test_audit import records
from tests.node.test_audit_chain import SEED, entry, fill, lines_of, new_log

KEY = Signer(SEED)


def forged(folder: Path, count: int, act: Act = Act.LIVE_VIEW, **more: str) -> bytes:
    """What fits to the end of the chain, made by somebody who knows the format and not the key."""
    last = record_of(lines_of(folder)[-1])
    head, made = lines_of(folder)[-1][:64].decode(), []
    for sequence in range(last.sequence + 1, last.sequence + 1 + count):
        made.append(line_of(chained(msgspec.structs.replace(entry(1, act), person="nobody", **more), sequence, head)))
        head = made[-1][:64].decode()
    return b"".join(made)


def add(path: Path, octets: bytes) -> None:
    with path.open("ab") as stream:
        stream.write(octets)


def told(folder: Path) -> list[AuditRecord]:
    return [record_of(line) for line in lines_of(folder)]


def closed_log(folder: Path, count: int = 40, *, killed: bool = False) -> None:
    """`killed`: the last ten records are not signed."""
    log = new_log(folder)
    fill(log, count)
    if killed:
        os.close(log._lock)
    else:
        log.close()


@pytest.mark.parametrize("killed", [False, True])
@pytest.mark.parametrize("where", ["same file", "next file", "both"])
def test_records_added_while_the_node_is_stopped_are_never_signed(tmp_path: Path, killed: bool, where: str) -> None:
    closed_log(tmp_path, killed=killed)
    octets = forged(tmp_path, 5)
    if where != "next file":
        add(segments(tmp_path)[-1].path, octets if where == "same file" else octets[: octets.index(b"\n") + 1])
    if where != "same file":
        Segment(tmp_path, 41 if where == "next file" else 42).path.write_bytes(octets if where == "next file" else octets[300:])
    log = new_log(tmp_path)
    log.commit([entry(40)])
    log.close()
    assert all(one.person != "nobody" for one in told(tmp_path)), "what was added counts for nothing"
    notes = [one for one in told(tmp_path) if one.act == Act.LOG_UNPROVED]
    assert len(notes) == (2 if where == "both" else 1) and all(one.result == Result.REFUSED for one in notes)
    assert notes[0].sequence == 41 and "behind record 40, sha256 " in notes[0].detail
    kept = b"".join(path.read_bytes() for path in sorted(tmp_path.glob("*.unproved-*")))
    assert b"nobody" in kept, "it is kept for whoever looks into it"
    verdict = verify(tmp_path, KEY.public)
    assert (verdict.fault, verdict.last, verdict.unproved) == (None, 41 + len(notes), tuple(one.sequence for one in notes))
    said = CliRunner().invoke(app, ["audit", "verify", str(tmp_path), "--key", str(tmp_path / KEY_FILE)])
    assert said.exit_code == 0 and "see record 41" in said.output


def test_an_own_record_that_was_not_signed_yet_stays_and_a_changed_one_does_not(tmp_path: Path) -> None:
    closed_log(tmp_path / "log", killed=True)
    shutil.copytree(tmp_path / "log", tmp_path / "changed")
    log = new_log(tmp_path / "log")
    assert (log.sequence, log.signed_to, log.unsigned) == (40, 30, 10) and "31 to 40 carry the node's seal" in log.unclean
    log.close()
    assert verify(tmp_path / "log", KEY.public).fault is None
    path = segments(tmp_path / "changed")[-1].path
    lines = path.read_bytes().splitlines(keepends=True)
    lines[35] = line_of(msgspec.structs.replace(record_of(lines[35]), person="nobody"))
    for at in range(36, 40):
        lines[at] = line_of(msgspec.structs.replace(record_of(lines[at]), previous=lines[at - 1][:64].decode()))
    path.write_bytes(b"".join(lines))
    log = new_log(tmp_path / "changed")
    assert log.sequence == 35, "the chain goes on behind the last record that the node wrote"
    log.commit([entry(1)])
    log.close()
    assert told(tmp_path / "changed")[35].act == Act.LOG_UNPROVED and verify(tmp_path / "changed", KEY.public).fault is None


def test_a_log_without_seals_goes_on_and_stays_proved(tmp_path: Path) -> None:
    """As versions before the seal left it: a signed log, whose records have 22 fields."""
    log = new_log(tmp_path)
    plain, log.signer.seal_key = log.signer.seal_key, b""
    fill(log, 40)
    log.close()
    path = segments(tmp_path)[-1].path
    assert b',""]' in path.read_bytes()
    log.signer.seal_key = plain
    log = new_log(tmp_path)
    assert log.sequence == 40
    log.commit([entry(40)])
    log.close()
    assert (verify(tmp_path, KEY.public).fault, verify(tmp_path, KEY.public).last) == (None, 41)
    old = msgspec.json.encode([*msgspec.structs.astuple(told(tmp_path)[0])[:-1]])
    assert record_of(b"0" * 65 + old).seal == "" and record_of(b"0" * 65 + old).person == told(tmp_path)[0].person


def removed(sequence: int, at: str) -> Entry:
    return Entry(at=at, clock_error="", act=Act.LOG_REMOVED, result=Result.ALLOWED, range=f"1-{sequence}")


@pytest.fixture
def several(tmp_path: Path) -> Path:
    """A closed log of several files, of 2026-11-26."""
    log = new_log(tmp_path, segment_bytes=30_000)
    fill(log, 400)
    log.close()
    return tmp_path


LATER = "2036-11-26T08:00:00.000000Z"


def test_removed_files_are_no_fault_when_a_checkpoint_speaks_for_their_removal(several: Path) -> None:
    second, clock = segments(several)[1].first, ManualClock()
    log = new_log(several, clock=clock)
    for _ in range(AUDIT_FLOOR_DAYS):
        clock.advance(86_400)
        log.commit([entry(1)])
        log.sign_when_due(now=True)
    log.commit([removed(second - 1, stamp(clock))])
    log.sign_when_due(now=True)
    log.remove(second - 1)
    log.close()
    verdict = verify(several, KEY.public)
    assert (verdict.fault, verdict.first) == (None, second)
    segments(several)[0].path.unlink()
    verdict = verify(several, KEY.public)
    assert (verdict.fault, verdict.bad) == (Fault.MISSING, second)


def test_files_that_were_not_old_enough_are_missed(several: Path) -> None:
    second = segments(several)[1].first
    log = new_log(several)
    soon = "2026-06-01T00:00:00.000000Z"  # the manual clock signed in January: no log is kept for less than 184 days
    log.commit([removed(second - 1, soon)])
    log.close()
    segments(several)[0].path.unlink()
    assert (verify(several, KEY.public).fault, verify(several, KEY.public).bad) == (Fault.MISSING, 1)


def test_a_clock_set_forward_makes_no_file_old(several: Path) -> None:
    second, clock = segments(several)[1].first, ManualClock()
    clock.advance(4 * 365 * 86_400)
    log = new_log(several, clock=clock)
    assert _older_than(log, clock.now(), AUDIT_FLOOR_DAYS) == 0, "the node does not remove it"
    for _ in range(3):
        clock.advance(86_400)
        log.commit([entry(1)])
        log.sign_when_due(now=True)
    assert _older_than(log, clock.now(), AUDIT_FLOOR_DAYS) == 0
    log.commit([removed(second - 1, stamp(clock))])
    log.sign_when_due(now=True)
    log.remove(second - 1)
    log.close()
    assert (verify(several, KEY.public).fault, verify(several, KEY.public).bad) == (Fault.MISSING, 1), "what was kept for days"


def test_a_forged_removal_is_not_believed(several: Path) -> None:
    second = segments(several)[1].first
    forgery = forged(several, 1, Act.LOG_REMOVED, range=f"1-{second - 1}", at=LATER)
    add(segments(several)[-1].path, forgery)
    segments(several)[0].path.unlink()
    assert (verify(several, KEY.public).fault, verify(several, KEY.public).bad) == (Fault.MISSING, 1), "nobody signed it"
    log = new_log(several)
    log.commit([entry(1)])
    log.close()
    assert (verify(several, KEY.public).fault, verify(several, KEY.public).bad) == (Fault.MISSING, 1), "nor does the next start"


async def test_a_stop_is_the_last_record_and_signed_and_another_end_is_told(tmp_path: Path) -> None:
    settings = settings_for()
    async with running_node(tmp_path, settings) as node:
        folder = node.node.audit.files.folder
    assert [one.act for one in told(folder)][-1] == Act.NODE_STOP and verify(folder, Signer(_seed(tmp_path)).public).unsigned == 0
    async with running_node(tmp_path, settings) as node:
        assert not [one for one in records(node) if one.act in (Act.LOG_UNCLEAN, Act.LOG_UNPROVED)]
    path = segments(folder)[-1].path
    lines = path.read_bytes().splitlines(keepends=True)
    add(path, line_of(msgspec.structs.replace(record_of(lines[-1]), previous=lines[-1][:64].decode(), sequence=len(lines) + 1)))
    config = tmp_path / "node.toml"
    config.write_text(f'[node]\ncode = "{settings.node.code}"\n')
    said = await asyncio.to_thread(CliRunner().invoke, app, ["check", "--config", str(config), "--data", str(tmp_path)])
    assert said.exit_code == 1 and f"did not write: {len(path.read_bytes()) - sum(map(len, lines))} octets" in said.output
    path.write_bytes(b"".join(lines[:-1]))
    for one in folder.glob("*.checkpoints"):
        signed = one.read_bytes().splitlines(keepends=True)
        one.write_bytes(b"".join(signed[:-1]))
    async with running_node(tmp_path, settings) as node:
        assert [one.act for one in records(node)][len(lines) - 1 :][:2] != [Act.NODE_START], "the end that is missing is told"
        assert [one for one in records(node) if one.act == Act.LOG_UNCLEAN]


def _seed(data: Path) -> bytes:
    return Secrets(data).key("audit-checkpoints")
