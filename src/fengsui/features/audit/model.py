"""The record of one act with its canonical bytes, and the errors of the log. Pure.

A line of the log is `<hash> <body>\\n`: `body` is the record as a JSON array in the order of the fields of `AuditRecord`, UTF-8,
without blanks, with only `"`, `\\` and control characters escaped; `hash` is the SHA-256 of the body's bytes in 64 small
hexadecimal digits. The body holds the hash of the record before, so that every hash speaks for all that came earlier. Nothing is
ever encoded anew to be verified: the hash is of the bytes as they stand. The last field is the node's seal: a keyed hash of
the body with that field empty, by which a node that starts knows which records after the last checkpoint are its own.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol

import msgspec

from fengsui.errors import NodeFault, OperatorFault
from fengsui.features.audit.acts import Act

RECORD_VERSION = 2
"""1 had no seal."""
SEAL_BYTES = 16
_SEALED = 2 * SEAL_BYTES + 2  # the digits and `"]`
NO_HASH = "0" * 64
"""What the first record of a chain names as the record before."""
SHORT, LONG = 128, 512
DETAIL = 16_384
STATE_DETAIL = 262_144
"""Of a whole state, that nothing reads when it is cut."""
ABSENT = "-"
"""Stands in a record where something does not apply: said, not left open (rule A28)."""


class Result(StrEnum):
    """How the act was decided. `FAILED`: a sign-in that proved nothing, or an allowed act (see `detail`) that came to nothing."""

    ALLOWED = "allowed"
    REFUSED = "refused"
    FAILED = "failed"


class Ground(NamedTuple):
    """What an act is done under (rule A28); what does not apply is empty. `ticket`: a use ticket, or the duty ticket of a shift."""

    ticket: str = ""
    case: str = ""
    purpose: str = ""
    legal_basis: str = ""


NO_GROUND = Ground()


class Actor(Protocol):
    """Who acts, and under what; the door's principal is one."""

    @property
    def name(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def session(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def workstation(self) -> str: ...
    @property
    def ground(self) -> Ground: ...


@dataclass(frozen=True, slots=True)
class Stranger:
    """Whoever is not signed in: the name is what they claim."""

    name: str
    address: str
    workstation: str = ""
    role: str = ""
    session: str = ""
    unit: str = ""
    ground: Ground = NO_GROUND


NODE = Stranger("", "", role="node")
"""The node itself."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of an act before it has its place in the chain. What does not apply is said to be absent (rule A28)."""

    at: str
    """RFC 3339, UTC, with microseconds."""
    clock_error: str
    """The kernel's bound on the clock's error in microseconds, or `unsynchronised`, or `unknown`."""
    act: Act
    result: Result
    person: str = ""
    unit: str = ABSENT
    role: str = ABSENT
    ticket: str = ABSENT
    case: str = ABSENT
    purpose: str = ABSENT
    legal_basis: str = ABSENT
    object: str = ""
    range: str = ABSENT
    detail: str = ""
    recipient: str = ABSENT
    workstation: str = ABSENT
    session: str = ""
    address: str = ""
    policy: str = ABSENT


class AuditRecord(msgspec.Struct, frozen=True, array_like=True):
    """One record (rule A28). The order of the fields is the order in the body; a change of it is a new version."""

    previous: str
    sequence: int
    version: int
    at: str
    clock_error: str
    person: str
    unit: str
    role: str
    ticket: str
    case: str
    purpose: str
    legal_basis: str
    act: str
    object: str
    range: str
    detail: str
    recipient: str
    workstation: str
    session: str
    address: str
    result: str
    policy: str
    seal: str = ""


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(AuditRecord).decode
_STATES = frozenset((Act.RIGHTS_STATE, Act.MASKS_STATE, Act.POLICY_STATE))


def as_recorded(state: str) -> str:
    """How a record holds a state: whole; beyond all measure its digest, by which it is told from another one."""
    if len(state) <= STATE_DETAIL:
        return state
    return f"too long to be read here: {len(state)} characters, sha256 {hashlib.sha256(state.encode()).hexdigest()}"


def was_cut(detail: str) -> bool:
    """Whether an older version cut this state, so that nobody can say what it was."""
    return len(detail) == DETAIL


def chained(entry: Entry, sequence: int, previous: str) -> AuditRecord:
    """The entry in its place."""
    return AuditRecord(
        previous,
        sequence,
        RECORD_VERSION,
        entry.at,
        entry.clock_error,
        _fit(entry.person),
        _fit(entry.unit),
        _fit(entry.role),
        _fit(entry.ticket),
        _fit(entry.case),
        _fit(entry.purpose),
        _fit(entry.legal_basis, LONG),
        entry.act.value,
        _fit(entry.object),
        _fit(entry.range),
        _fit(entry.detail, STATE_DETAIL if entry.act in _STATES else DETAIL),
        _fit(entry.recipient),
        _fit(entry.workstation, LONG),
        _fit(entry.session),
        _fit(entry.address),
        entry.result.value,
        _fit(entry.policy),
    )


def line_of(record: AuditRecord, seal_key: bytes = b"") -> bytes:
    """The line of the log, with its end; sealed when there is a key."""
    body = _encode(record)
    if seal_key:
        body = body[:-2] + _seal(body, seal_key) + b'"]'
    return hashlib.sha256(body).hexdigest().encode() + b" " + body + b"\n"


def is_intact(line: bytes) -> bool:
    """Whether a whole line, with its end, has the hash that stands before it."""
    return line.endswith(b"\n") and line[:64] == hashlib.sha256(line[65:-1]).hexdigest().encode()


def is_sealed(line: bytes, seal_key: bytes) -> bool:
    """Whether who has the key wrote this line (without its end), in this place of the chain."""
    body = line[65:]
    empty = body[:-_SEALED] + b'"]'
    return empty.endswith(b',""]') and hmac.compare_digest(body[-_SEALED:-2], _seal(empty, seal_key))


def _seal(empty: bytes, seal_key: bytes) -> bytes:
    return hashlib.blake2b(empty, key=seal_key, digest_size=SEAL_BYTES).hexdigest().encode()


def record_of(line: bytes) -> AuditRecord:
    """The record of a line, its hash not looked at. Raises ValueError."""
    return _decode(line[65:])


def _fit(text: str, limit: int = SHORT) -> str:
    """Bounded, and without what UTF-8 cannot hold."""
    return text[:limit].encode("utf-8", "replace").decode("utf-8")


class AuditUnavailable(NodeFault):
    """No record can be written, so nothing is done that would need one."""

    code = "audit.unavailable"
    status = 503
    zh = "审计日志无法写入,操作未执行:{what}"
    en = "The audit log cannot be written, so this was not done: {what}"
    remedy_zh = "请联系运维人员检查审计日志所在磁盘的空间和权限;恢复后自动继续,无需重启"
    remedy_en = "Ask maintenance to look at the space and rights of the audit log's disk; it goes on by itself, without a restart"


class AuditLogTaken(NodeFault):
    """Another process writes this log."""

    code = "audit.taken"
    zh = "另一进程正在写入审计日志 {folder}"
    en = "Another process writes the audit log {folder}"
    remedy_zh = "每个节点只能有一个写入进程;请停止另一个进程,或在配置 audit.folder 中另设目录"
    remedy_en = "One process writes a node's log: stop the other one, or set another folder in audit.folder"


class ExtractTooLarge(OperatorFault):
    """More records fit than an extract holds."""

    code = "audit.extract_too_large"
    status = 413
    zh = "符合条件的记录超过 {limit} 条"
    en = "More than {limit} records fit"
    remedy_zh = "请缩小时间范围或增加筛选条件"
    remedy_en = "Narrow the time or filter more"
