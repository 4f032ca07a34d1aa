"""The files of the audit log: chained, signed, proved offline; every tampering is found and named."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import resource
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from fengsui.cli.commands import app
from fengsui.clock import ManualClock
from fengsui.errors import WrongSettings
from fengsui.features.audit.acts import Act
from fengsui.features.audit.checkpoints import Signer, public_key
from fengsui.features.audit.extract import Header, make_extract, verify_extract
from fengsui.features.audit.folder import KEY_FILE, segments
from fengsui.features.audit.log import AuditLog
from fengsui.features.audit.model import ABSENT, AuditLogTaken, AuditUnavailable, Entry, Result, line_of, record_of
from fengsui.features.audit.verification import Fault, verify
from fengsui.settings import NodeSettings

SEED = hashlib.sha256(b"the key of these tests").digest()
NODE = "52010200002000000001"


def entry(number: int, act: Act = Act.LIVE_VIEW) -> Entry:
    """An act of somebody."""
    return Entry(
        at=f"2026-11-26T08:00:00.{number:06d}Z",
        clock_error="120",
        act=act,
        result=Result.ALLOWED,
        person=f"操作员{number % 7}",
        role="operator",
        object=f"5201020000132{number:07d}",
        range="main",
        address="10.1.2.3",
    )


def new_log(folder: Path, *, segment_bytes: int = 64 << 20, clock: ManualClock | None = None) -> AuditLog:
    """An opened log."""
    made = AuditLog(folder, Signer(SEED), NODE, clock or ManualClock(), segment_bytes)
    made.open()
    return made


def fill(log: AuditLog, count: int, *, batch: int = 10) -> None:
    """`count` records in batches; a checkpoint after every third batch."""
    for number, first in enumerate(range(0, count, batch)):
        log.commit([entry(at) for at in range(first, min(first + batch, count))])
        log.sign_when_due(now=number % 3 == 2)


def lines_of(folder: Path) -> list[bytes]:
    """Every line of the log with its end."""
    return [line for one in segments(folder) for line in one.path.read_bytes().splitlines(keepends=True)]


@pytest.fixture(scope="module")
def filled() -> Iterator[Path]:
    """A closed log of 400 records in several files."""
    with tempfile.TemporaryDirectory() as folder:
        log = new_log(Path(folder), segment_bytes=30_000)
        fill(log, 400)
        log.close()
        yield Path(folder)


def test_an_untouched_log_is_intact(filled: Path) -> None:
    verdict = verify(filled, Signer(SEED).public)
    assert (verdict.fault, verdict.first, verdict.last, verdict.unsigned) == (None, 1, 400, 0)
    assert len(segments(filled)) > 3 and verdict.checkpoints > 10


def test_records_have_every_field_and_no_null(filled: Path) -> None:
    for line in lines_of(filled):
        values = msgspec.json.decode(line[65:])
        assert len(values) == 23 and None not in values
        record = record_of(line)
        for name in ("unit", "role", "ticket", "case", "purpose", "legal_basis", "range", "recipient", "workstation", "policy"):
            assert getattr(record, name), f"{name}: what is absent is said to be"
        assert (record.range, record.ticket, record.policy) == ("main", ABSENT, ABSENT)
        assert line_of(record) == line, "the canonical bytes are stable"
        assert hashlib.sha256(line[65:-1]).hexdigest() == line[:64].decode()


@pytest.mark.parametrize("text", ["\ud800", "x" * 5000, '"\\\n\r\x00', "烽燧\u2028"])
def test_any_text_makes_one_whole_line(tmp_path: Path, text: str) -> None:
    log = new_log(tmp_path)
    log.commit(
        [Entry(at="2026-11-26T08:00:00.000000Z", clock_error="", act=Act.SIGN_IN, result=Result.FAILED, person=text, detail=text)]
    )
    log.close()
    assert len(lines_of(tmp_path)) == 1 and verify(tmp_path, Signer(SEED).public).fault is None


def _chain_anew(lines: list[bytes], start: int) -> None:
    """What somebody does who knows the format and not the key: numbers and links fit again from `start` on."""
    previous = lines[start - 1][:64].decode() if start else "0" * 64
    for at in range(start, len(lines)):
        record = msgspec.structs.replace(record_of(lines[at]), previous=previous, sequence=at + 1)
        lines[at] = line_of(record)
        previous = lines[at][:64].decode()


def _edit(lines: list[bytes], at: int, other: int) -> int:
    record = record_of(lines[at])
    body = msgspec.json.encode(msgspec.structs.replace(record, person=record.person + "!"))
    lines[at] = lines[at][:65] + body + b"\n"
    return at + 1


def _edit_octet(lines: list[bytes], at: int, other: int) -> int:
    line = bytearray(lines[at])
    place = other % (len(line) - 1)
    line[place] = line[place] ^ 1 if line[place] ^ 1 != 10 else line[place] ^ 4
    lines[at] = bytes(line)
    return at + 1


def _edit_with_hash(lines: list[bytes], at: int, other: int) -> int:
    lines[at] = line_of(msgspec.structs.replace(record_of(lines[at]), address="10.9.9.9"))
    return at + 1


def _edit_and_chain(lines: list[bytes], at: int, other: int) -> int:
    lines[at] = line_of(msgspec.structs.replace(record_of(lines[at]), result="refused"))
    _chain_anew(lines, at)
    return at + 1


def _delete(lines: list[bytes], at: int, other: int) -> int:
    del lines[at]
    return at + 1


def _delete_and_chain(lines: list[bytes], at: int, other: int) -> int:
    del lines[at]
    _chain_anew(lines, at)
    return at + 1


def _swap(lines: list[bytes], at: int, other: int) -> int:
    first, second = sorted((at, (at + 1 + other % (len(lines) - 1)) % len(lines)))
    lines[first], lines[second] = lines[second], lines[first]
    return first + 1


def _insert(lines: list[bytes], at: int, other: int) -> int:
    lines.insert(at, lines[other % len(lines)])
    return at + 1 if lines[at] != lines[at + 1] else at + 2


def _insert_and_chain(lines: list[bytes], at: int, other: int) -> int:
    lines.insert(at, line_of(msgspec.structs.replace(record_of(lines[other % len(lines)]), person="nobody")))
    _chain_anew(lines, at)
    return at + 1


def _truncate(lines: list[bytes], at: int, other: int) -> int:
    del lines[at:]
    return at + 1


TAMPERINGS: list[Callable[[list[bytes], int, int], int]] = [
    _edit,
    _edit_octet,
    _edit_with_hash,
    _edit_and_chain,
    _delete,
    _delete_and_chain,
    _swap,
    _insert,
    _insert_and_chain,
    _truncate,
]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tampering=st.sampled_from(TAMPERINGS), at=st.integers(0, 399), other=st.integers(0, 100_000))
def test_every_tampering_is_found_and_named(
    filled: Path, tampering: Callable[[list[bytes], int, int], int], at: int, other: int
) -> None:
    with tempfile.TemporaryDirectory() as empty:
        folder = Path(empty) / "log"
        shutil.copytree(filled, folder)
        lines = lines_of(folder)
        firsts = [one.first for one in segments(folder)]
        expected = tampering(lines, at, other)
        for number, first in enumerate(firsts):
            until = firsts[number + 1] - 1 if number + 1 < len(firsts) else len(lines)
            (folder / f"{first:015d}.log").write_bytes(b"".join(lines[first - 1 : until]))
        verdict = verify(folder, Signer(SEED).public)
        assert verdict.fault is not None
        assert verdict.bad == expected


def test_a_checkpoint_of_another_key_counts_for_nothing(filled: Path) -> None:
    verdict = verify(filled, Ed25519PrivateKey.generate().public_key())
    assert (verdict.fault, verdict.bad) == (Fault.FORGED, 1)


def test_a_removed_checkpoint_is_missed(filled: Path, tmp_path: Path) -> None:
    folder = tmp_path / "log"
    shutil.copytree(filled, folder)
    path = segments(folder)[1].checkpoints
    path.unlink()
    verdict = verify(folder, Signer(SEED).public)
    assert verdict.fault is Fault.UNSIGNED and verdict.bad == segments(folder)[1].first


def test_the_copy_knows_what_was_cut_from_both_log_and_checkpoints(filled: Path, tmp_path: Path) -> None:
    folder, copy = tmp_path / "log", tmp_path / "copy"
    shutil.copytree(filled, folder)
    shutil.copytree(filled, copy, ignore=shutil.ignore_patterns("*.log"))
    last = segments(folder)[-1]
    last.path.unlink()
    last.checkpoints.unlink()
    assert verify(folder, Signer(SEED).public).fault is None, "alone, a shorter log looks whole"
    verdict = verify(folder, Signer(SEED).public, [copy])
    assert (verdict.fault, verdict.bad) == (Fault.MISSING, last.first)


def test_a_torn_record_is_cut_off_and_told(tmp_path: Path) -> None:
    log = new_log(tmp_path)
    fill(log, 25)
    path = segments(tmp_path)[0].path
    size = path.stat().st_size
    os.close(log._lock)  # as a kill leaves it: no goodbye
    with path.open("ab") as stream:
        stream.write(b"ab12 [half a rec")
    again = new_log(tmp_path)
    assert path.stat().st_size == size
    again.commit([entry(25)])
    again.close()
    records = [record_of(line) for line in lines_of(tmp_path)]
    assert [record.act for record in records[-2:]] == [Act.LOG_TORN, Act.LIVE_VIEW]
    assert "16 octets behind record 25" in records[25].detail
    assert verify(tmp_path, Signer(SEED).public).fault is None


def test_damage_found_at_opening_is_told_and_the_chain_goes_on(tmp_path: Path) -> None:
    log = new_log(tmp_path)
    fill(log, 60)
    log.close()
    path = segments(tmp_path)[0].path
    lines = path.read_bytes().splitlines(keepends=True)
    del lines[40:]
    path.write_bytes(b"".join(lines))
    again = new_log(tmp_path)
    again.commit([entry(60)])
    again.close()
    told = [record_of(line) for line in lines_of(tmp_path)][40:]
    assert [(one.act, one.sequence) for one in told] == [(Act.LOG_DAMAGED, 61), (Act.LIVE_VIEW, 62)]
    assert "records 41 to 60" in told[0].detail
    verdict = verify(tmp_path, Signer(SEED).public)
    assert (verdict.fault, verdict.bad) == (Fault.MISSING, 41)


@pytest.mark.parametrize("taken", [True, False])
def test_a_file_changed_or_taken_away_while_it_is_written_is_told(tmp_path: Path, taken: bool) -> None:
    log = new_log(tmp_path)
    log.commit([entry(number) for number in range(5)])
    log.sign_when_due(now=True)
    path = segments(tmp_path)[0].path
    if taken:
        path.unlink()
    else:
        path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:3]))
    log.commit([entry(5)])
    log.close()
    told = [record_of(line) for line in lines_of(tmp_path)][-2:]
    assert [(one.act, one.sequence) for one in told] == [(Act.LOG_DAMAGED, 6), (Act.LIVE_VIEW, 7)]
    verdict = verify(tmp_path, Signer(SEED).public)
    assert verdict.fault is not None and verdict.bad == (1 if taken else 4)


def test_a_full_disk_writes_nothing_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    log = new_log(tmp_path)
    log.commit([entry(number) for number in range(10)])
    path = segments(tmp_path)[0].path
    size = path.stat().st_size
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 100, before[1]))  # less than one more record
    try:
        with pytest.raises(AuditUnavailable) as refused:
            log.commit([entry(10), entry(11)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert "File too large" in refused.value.text_zh and path.stat().st_size == size
    log.commit([entry(10)])
    log.close()
    verdict = verify(tmp_path, Signer(SEED).public)
    assert (verdict.fault, verdict.last) == (None, 11)


def test_a_read_only_file_refuses_until_it_may_be_written(tmp_path: Path) -> None:
    log = new_log(tmp_path)
    log.commit([entry(0)])
    path = segments(tmp_path)[0].path
    path.chmod(0o400)
    with pytest.raises(AuditUnavailable):
        log.commit([entry(1)])
    path.chmod(0o600)
    log.commit([entry(1)])
    log.close()
    assert verify(tmp_path, Signer(SEED).public).last == 2


def test_one_process_writes_a_log(tmp_path: Path) -> None:
    log = new_log(tmp_path)
    with pytest.raises(AuditLogTaken):
        new_log(tmp_path)
    log.close()
    new_log(tmp_path).close()


def test_checkpoints_come_after_1000_records_or_60_s(tmp_path: Path) -> None:
    clock = ManualClock()
    log = new_log(tmp_path, clock=clock)
    log.commit([entry(0)])
    log.sign_when_due()
    assert log.signed_to == 1, "the first record is signed at once"
    log.commit([entry(number) for number in range(1, 1000)])
    log.sign_when_due()
    assert (log.signed_to, log.room) == (1, 1)
    log.commit([entry(1000)])
    log.sign_when_due()
    assert log.signed_to == 1001
    log.commit([entry(1001)])
    clock.advance(59)
    log.sign_when_due()
    assert log.signed_to == 1001
    clock.advance(1)
    log.sign_when_due()
    assert log.signed_to == 1002
    log.close()


def _extract(folder: Path) -> bytes:
    lines = lines_of(folder)
    chosen = [(at + 1, lines[at]) for at in (0, 7, 8, 150, 399)]
    header = Header(node=NODE, made_at="2026-11-26T08:00:00Z", made_by="auditor", asked={}, records=len(chosen))
    return make_extract(folder, Signer(SEED), header, chosen)


def test_an_extract_proves_its_records_alone(filled: Path, tmp_path: Path) -> None:
    path = tmp_path / "extract"
    path.write_bytes(_extract(filled))
    verdict = verify_extract(path, Signer(SEED).public)
    assert (verdict.fault, verdict.records, verdict.node) == (None, 5, NODE)


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5])
def test_a_changed_record_of_an_extract_is_named(filled: Path, tmp_path: Path, number: int) -> None:
    path = tmp_path / "extract"
    lines = _extract(filled).splitlines(keepends=True)
    record = record_of(lines[number][2:])
    lines[number] = b"R " + line_of(msgspec.structs.replace(record, person="nobody"))
    path.write_bytes(b"".join(lines))
    verdict = verify_extract(path, Signer(SEED).public)
    assert (verdict.fault, verdict.bad) == (Fault.CHANGED, record.sequence)


def test_a_record_left_out_of_an_extract_breaks_its_seal(filled: Path, tmp_path: Path) -> None:
    path = tmp_path / "extract"
    lines = _extract(filled).splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:2] + lines[3:]))
    assert verify_extract(path, Signer(SEED).public).fault is Fault.FORGED


def test_the_command_proves_and_names(filled: Path, tmp_path: Path) -> None:
    folder = tmp_path / "log"
    shutil.copytree(filled, folder)
    command = ["audit", "verify", str(folder), "--key", str(folder / KEY_FILE)]
    good = CliRunner().invoke(app, command)
    assert good.exit_code == 0 and "intact" in good.output
    path = segments(folder)[0].path
    path.write_bytes(path.read_bytes().replace("操作员3".encode(), "操作员9".encode(), 1))
    bad = CliRunner().invoke(app, command)
    assert bad.exit_code == 1 and "First bad record: 4" in bad.output
    assert dataclasses.is_dataclass(verify(folder, public_key((folder / KEY_FILE).read_bytes())))


def test_logs_are_kept_for_six_months_at_least(tmp_path: Path) -> None:
    path = tmp_path / "node.toml"
    path.write_text("[audit]\nkeep_days = 183\n")
    with pytest.raises(WrongSettings, match=r"line 2: audit.keep_days.*six months"):
        NodeSettings.load(path)
    path.write_text("[audit]\nkeep_days = 184\n")
    assert NodeSettings.load(path).audit.keep_days == 184
