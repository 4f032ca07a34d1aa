"""Checkpoints of another node, kept: what continues is kept, what comes twice is known, all else is named; no bytes raise."""

from __future__ import annotations

import base64
import hashlib
import shutil
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fengsui.features.audit.checkpoints import DIGEST_BYTES, KIND, Checkpoint, Signer
from fengsui.features.audit.folder import KEY_FILE, checkpoint_files, segments
from fengsui.features.audit.model import NO_HASH
from fengsui.features.audit.verification import Fault, verify
from fengsui.features.neighbours.checkpoint_lines import lines_after, lines_of
from fengsui.features.neighbours.findings import KEPT, Finding, Findings
from fengsui.features.neighbours.held_chain import (
    REFUSED_BYTES,
    REFUSED_FILE,
    ChainDamaged,
    HeldChain,
    Taken,
    line_hash,
    verify_held,
)
from fengsui.features.neighbours.standing import (
    STANDING,
    Receipt,
    Standing,
    receipt_bytes,
    receipt_in,
    signed,
    standing_in,
    wanted_bytes,
    wanted_in,
)
from tests.node.test_audit_chain import NODE, SEED, fill, new_log

SIGNER = Signer(SEED)
KEEPER = "52010000002000000001"
OTHER = Signer(hashlib.sha256(b"another key").digest())


def point(first: int, last: int, before: str = NO_HASH, *, node: str = NODE, salt: str = "", signer: Signer = SIGNER) -> bytes:
    """A checkpoint's line, without its end."""
    digests = base64.b64encode(bytes(DIGEST_BYTES * (last - first + 1))).decode()
    head = hashlib.sha256(f"{last}{salt}".encode()).hexdigest()
    return signer.line_of(Checkpoint(KIND, node, "2026-11-26T08:00:00.000000Z", first, last, head, before, digests))[:-1]


def chain_of(count: int, *, of: int = 10, salt: str = "", before: str = NO_HASH, first: int = 1) -> list[bytes]:
    """`count` checkpoints that follow each other, each for `of` records."""
    lines = []
    for number in range(count):
        begin = first + number * of
        lines.append(point(begin, begin + of - 1, before, salt=salt))
        before = line_hash(lines[-1])
    return lines


def held(folder: Path, signer: Signer = SIGNER, **facts: int) -> HeldChain:
    """Opened."""
    chain = HeldChain(folder, NODE, signer.public, **facts)
    chain.open()
    return chain


def test_what_continues_is_kept_over_restarts_and_proves_the_log(tmp_path: Path) -> None:
    log = new_log(tmp_path / "log", segment_bytes=20_000)
    fill(log, 300)
    log.close()
    mine = list(lines_of(log.folder))
    assert len(mine) > 8
    for number, line in enumerate(mine):
        chain = held(tmp_path / "held", file_bytes=2_000)  # opened anew for each: nothing is only in memory
        assert chain.take([line]) == [Taken.KEPT], number
    assert list(lines_of(tmp_path / "held")) == mine and len(checkpoint_files(tmp_path / "held")) > 2
    assert verify(log.folder, SIGNER.public, [tmp_path / "held"]).fault is None
    assert verify_held(tmp_path / "held", NODE, SIGNER.public).bad == 0
    assert (tmp_path / "held" / KEY_FILE).read_bytes() == SIGNER.public_pem
    last = segments(log.folder)[-1]
    last.path.unlink()
    last.checkpoints.unlink()
    assert verify(log.folder, SIGNER.public).fault is None, "alone, a shorter log looks whole"
    verdict = verify(log.folder, SIGNER.public, [tmp_path / "held"])
    assert (verdict.fault, verdict.bad) == (Fault.MISSING, last.first)


def test_what_comes_twice_is_known_however_it_comes(tmp_path: Path) -> None:
    lines = chain_of(6)
    chain = held(tmp_path, file_bytes=2_000)
    assert chain.take([*lines[:3], lines[1], lines[2]]) == [Taken.KEPT] * 3 + [Taken.KNOWN] * 2
    assert chain.take(lines) == [Taken.KNOWN] * 3 + [Taken.KEPT] * 3
    assert held(tmp_path).take(lines) == [Taken.KNOWN] * 6
    assert list(lines_of(tmp_path)) == lines


@pytest.mark.parametrize(
    ("line", "taken"),
    [
        (point(21, 30, "1" * 64), Taken.REWRITTEN),
        (point(31, 40), Taken.AHEAD),
        (point(11, 20, salt="other"), Taken.FORKED),
        (point(15, 25), Taken.FORKED),
        (chain_of(3)[2].replace(b"2026", b"2027", 1), Taken.FORGED),
        (point(21, 30, line_hash(chain_of(2)[1]), signer=OTHER), Taken.FORGED),
        (point(21, 30, line_hash(chain_of(2)[1]), node=KEEPER), Taken.FOREIGN),
        (chain_of(3)[2][:128] + b"\t" + chain_of(3)[2][129:], Taken.FORGED),
        (chain_of(3)[2][:128].upper() + chain_of(3)[2][128:], Taken.FORGED),
        (chain_of(3)[2] + b"\n", Taken.FORGED),
        (b"", Taken.FORGED),
        (b"0" * (1 << 20), Taken.FORGED),
    ],
)
def test_what_does_not_continue_is_named_and_changes_nothing(tmp_path: Path, line: bytes, taken: Taken) -> None:
    chain = held(tmp_path)
    chain.take(chain_of(2))
    before = list(lines_of(tmp_path))
    assert chain.take([line]) == [taken]
    assert (chain.last, list(lines_of(tmp_path))) == (20, before)
    assert chain.take([chain_of(3)[2]]) == [Taken.KEPT], "the true one is still taken"
    evidence = (tmp_path / REFUSED_FILE).read_bytes() if (tmp_path / REFUSED_FILE).exists() else b""
    assert (line.replace(b"\n", b"\\n") in evidence) == (taken is not Taken.AHEAD)


def test_a_new_key_begins_a_new_chain_and_what_waited_from_the_former_one_is_no_forgery(tmp_path: Path) -> None:
    old = chain_of(3)
    held(tmp_path / "old").take(old[:2])
    chain = held(tmp_path / "new", OTHER)
    begins = point(1, 9, signer=OTHER)
    assert chain.take([old[2], begins, point(5, 9, signer=Signer(b"3" * 32))]) == [Taken.FORMER, Taken.KEPT, Taken.FORGED]
    assert list(lines_of(tmp_path / "old")) == old[:2] and list(lines_of(tmp_path / "new")) == [begins]


def test_a_half_written_line_is_cut_off_and_taken_again(tmp_path: Path) -> None:
    lines = chain_of(3)
    held(tmp_path).take(lines[:2])
    (path,) = checkpoint_files(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole + lines[2][:100])
    chain = held(tmp_path)
    assert chain.last == 20 and path.read_bytes() == whole
    assert chain.take(lines) == [Taken.KNOWN, Taken.KNOWN, Taken.KEPT]
    (tmp_path / "000000000000031.checkpoints").write_bytes(b"half")
    assert held(tmp_path).last == 30


def test_a_copy_that_was_changed_here_is_not_continued(tmp_path: Path) -> None:
    held(tmp_path).take(chain_of(3))
    (path,) = checkpoint_files(tmp_path)
    path.write_bytes(path.read_bytes()[:-20] + b"x" * 19 + b"\n")
    with pytest.raises(ChainDamaged):
        held(tmp_path)
    assert verify_held(tmp_path, NODE, SIGNER.public).bad == 21


def test_a_disk_that_fails_keeps_nothing_and_forgets_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = chain_of(4)
    chain = held(tmp_path)
    chain.take(lines[:1])

    def fail(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr("os.fsync", fail)
        with pytest.raises(OSError, match="No space"):
            chain.take(lines[1:3])
    assert chain.last == 10
    assert chain.take(lines) == [Taken.KNOWN, Taken.KEPT, Taken.KEPT, Taken.KEPT]
    assert list(lines_of(tmp_path)) == lines


def test_evidence_is_bounded(tmp_path: Path) -> None:
    chain = held(tmp_path)
    for _ in range(12):
        chain.take([b"z" * 400_000])
    assert 0 < (tmp_path / REFUSED_FILE).stat().st_size <= REFUSED_BYTES


@given(after=st.integers(0, 420), sizes=st.lists(st.integers(1, 9), min_size=1, max_size=40), per_file=st.integers(1, 7))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_lines_are_found_by_record_as_if_all_were_read(tmp_path: Path, after: int, sizes: list[int], per_file: int) -> None:
    shutil.rmtree(tmp_path)
    tmp_path.mkdir()
    first, lines = 1, []
    for size in sizes:
        lines.append((first, first + size - 1, point(first, first + size - 1)))
        first += size
    for at in range(0, len(lines), per_file):
        part = lines[at : at + per_file]
        (tmp_path / f"{part[0][0]:015d}.checkpoints").write_bytes(b"".join(line + b"\n" for _, _, line in part))
    assert list(lines_after(tmp_path, after)) == [line for _, last, line in lines if last > after]


@given(message=st.binary(max_size=700) | st.builds(bytes.__add__, st.sampled_from([b"0" * 128 + b" ", b'["', b"{}"]), st.binary()))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_raise_and_none_is_kept(tmp_path: Path, message: bytes) -> None:
    chain = held(tmp_path / "fuzzed")
    assert chain.take([message]) == [Taken.FORGED] and chain.last == 0
    assert standing_in(message, SIGNER.public) is None
    assert receipt_in(message, keeper=KEEPER, node=NODE) is None
    wanted_in(message)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.just(KIND) | st.just(NODE),
    lambda inner: st.lists(inner, max_size=8) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(document=JSON)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_the_neighbour_itself_signs_can_be_anything(tmp_path: Path, document: object) -> None:
    message = SIGNER.signed(msgspec.json.encode(document))
    chain = held(tmp_path / "fuzzed")
    assert chain.take([message]) == [Taken.FORGED]
    assert standing_in(message, SIGNER.public) is None


@given(at=st.integers(0, 10_000), octet=st.binary(min_size=1, max_size=1))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_single_octet_makes_it_another_message(tmp_path: Path, at: int, octet: bytes) -> None:
    line = chain_of(1)[0]
    changed = line[: at % len(line)] + octet + line[at % len(line) + 1 :]
    wanted = Taken.KNOWN if changed == line else Taken.FORGED
    chain = held(tmp_path / "one")
    chain.take([line])
    assert chain.take([changed]) == [wanted]


def test_statement_and_receipt_come_back_as_they_were_sent() -> None:
    standing = Standing(STANDING, NODE, KEEPER, "n" * 32, "2026-11-26T08:00:00Z", 17, "a" * 64)
    message = signed(SIGNER, standing)
    assert standing_in(message, SIGNER.public) == standing
    assert standing_in(message, OTHER.public) is None
    receipt = Receipt("fengsui-audit-receipt-1", KEEPER, NODE, "n", 9, "b" * 64, [Finding.FORKED])
    assert receipt_in(receipt_bytes(receipt), keeper=KEEPER, node=NODE) == receipt
    assert receipt_in(receipt_bytes(receipt), keeper=NODE, node=NODE) is None
    assert receipt_in(receipt_bytes(receipt).replace(b"forked", b"unheard"), keeper=KEEPER, node=NODE) is None
    assert wanted_in(wanted_bytes(12)) == 12
    assert wanted_in(b'{"after":-1}') is None


def test_findings_stay_until_somebody_looked_and_are_bounded(tmp_path: Path) -> None:
    findings = Findings(tmp_path)
    findings.open()
    assert findings.add(Finding.FORKED, "t1", 5, "why") and not findings.add(Finding.FORKED, "t2", 5, "why")
    findings.keep()
    again = Findings(tmp_path)
    again.open()
    assert again.open_kinds == [Finding.FORKED] and (again.all[0].times, again.all[0].last_at) == (2, "t2")
    assert [one.kind for one in again.end("t3", "auditor", "looked", *Finding)] == [Finding.FORKED] and not again.open_kinds
    assert again.add(Finding.FORKED, "t4", 6, "again"), "what comes back after that is a new one"
    for number in range(3 * KEPT):
        again.end(str(number), "a", "n", *Finding)
        again.add(Finding.SILENT, str(number), 0, "")
    assert len(again.all) <= KEPT + 1 and again.open_kinds
    (tmp_path / "findings.json").write_bytes(b"{no list")
    again.open()
    assert (tmp_path / "findings.unreadable").exists()
