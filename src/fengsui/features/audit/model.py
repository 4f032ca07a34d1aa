"""Acts, the record of one act with its canonical bytes, and the errors of the log. Pure.

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


class Act(StrEnum):
    """Everything that leaves a record: a closed list."""

    SIGN_IN = "session.begin"
    SIGN_OUT = "session.end"
    SESSION_REVOKE = "session.revoke"
    SCREEN_LOCK = "session.lock"
    SCREEN_UNLOCK = "session.unlock"
    PASSWORD_CHANGE = "password.change"
    SECOND_FACTOR_BEGIN = "second-factor.begin"
    SECOND_FACTOR_CONFIRM = "second-factor.confirm"
    SECOND_FACTOR_END = "second-factor.end"
    RECOVERY_CODES = "second-factor.recovery-codes"
    PASSKEY_ADD = "passkey.add"
    PASSKEY_REMOVE = "passkey.remove"
    TOKEN_ADD = "token.add"
    TOKEN_REMOVE = "token.remove"
    USER_ADD = "user.add"
    USER_CHANGE = "user.change"
    USER_DISABLE = "user.disable"
    USER_ENABLE = "user.enable"
    USER_RESET_PASSWORD = "user.reset-password"
    USER_RESET_FACTOR = "user.reset-factor"
    USER_UNLOCK = "user.unlock"
    PROVIDER_MAPPING = "provider.mapping"
    """What the groups of an identity provider give, by the settings, at each start."""
    APPOINTMENT_ADD = "appointment.add"
    APPOINTMENT_END = "appointment.end"
    UNIT_ADD = "unit.add"
    UNIT_CHANGE = "unit.change"
    UNIT_REMOVE = "unit.remove"
    DEVICE_ADD = "device.add"
    DEVICE_CHANGE = "device.change"
    DEVICE_REMOVE = "device.remove"
    DEVICE_ADMIT = "device.admit"
    DEVICE_REFUSE = "device.refuse"
    DEVICE_BLOCK = "device.block"
    DEVICE_RESTART = "device.restart"
    DEVICE_TRACE = "device.trace"
    CATALOGUE_ASK = "device.catalogue"
    CAMERA_CHANGE = "camera.change"
    CAMERA_EDIT = "camera.edit"
    """Of many cameras: looked through, or begun; each that is changed has a record of its own besides."""
    FILE_WRITE = "file.write"
    FILE_STATE = "file.state"
    FILE_PHOTO = "file.photo"
    FILE_IMPORT = "file.import"
    FILE_EXPORT = "file.export"
    GROUP_ADD = "camera.group.add"
    GROUP_CHANGE = "camera.group.change"
    GROUP_REMOVE = "camera.group.remove"
    """Of groups that are shared."""
    CAMERA_PTZ = "camera.ptz"
    CAMERA_PTZ_STOP = "camera.ptz.stop"
    CAMERA_DRAG_ZOOM = "camera.drag-zoom"
    CAMERA_KEY_FRAME = "camera.key-frame"
    CAMERA_HOME = "camera.home"
    CAMERA_TURNED_BACK = "camera.turned-back"
    """A camera had left its sector: it was stopped, and turned back to the border."""
    CONTROL_TAKE = "camera.control.take"
    """Asked for; an order that takes a camera which nobody held says so in its own record."""
    CONTROL_PASS = "camera.control.pass"
    CONTROL_END = "camera.control.end"
    SECTOR_SET = "camera.sector.set"
    SECTOR_REMOVE = "camera.sector.remove"
    PATROL_SET = "camera.patrol.set"
    PATROL_REMOVE = "camera.patrol.remove"
    PATROL_BEGIN = "camera.patrol.begin"
    PATROL_END = "camera.patrol.end"
    PRESET_SET = "camera.preset.set"
    PRESET_DELETE = "camera.preset.delete"
    PRESET_GO = "camera.preset.go"
    LIVE_VIEW = "live.view"
    LIVE_RENEW = "live.renew"
    LIVE_STOP = "live.stop"
    PICTURE = "live.picture"
    SNAPSHOT = "live.snapshot"
    VIEW_ADD = "view.add"
    VIEW_CHANGE = "view.change"
    VIEW_REMOVE = "view.remove"
    SCREEN_OPEN = "screen.open"
    SCREEN_CLOSE = "screen.close"
    SCREEN_SEND = "screen.send"
    MASK_ADD = "mask.add"
    MASK_REMOVE = "mask.remove"
    MASK_LIFT = "mask.lift"
    MASK_LIFT_END = "mask.lift.end"
    AUDIT_READ = "audit.read"
    AUDIT_EXTRACT = "audit.extract"
    APPROVAL_ASK = "approval.ask"
    APPROVAL_OPEN = "approval.open"
    APPROVAL_APPROVE = "approval.approve"
    APPROVAL_REFUSE = "approval.refuse"
    APPROVAL_WITHDRAW = "approval.withdraw"
    APPROVAL_APPLY = "approval.apply"
    APPROVAL_EXPIRE = "approval.expire"
    APPROVAL_VOID = "approval.void"
    TICKET_OPEN = "ticket.open"
    TICKET_CHANGE = "ticket.change"
    TICKET_CLOSE = "ticket.close"
    TICKET_UNMATCHED = "ticket.unmatched"
    TICKET_SUSPEND = "ticket.suspend"
    TICKET_RECONCILE = "ticket.reconcile"
    TICKET_REVIEW = "ticket.review"
    TICKET_ANSWER = "ticket.answer"
    TICKET_SETTLE = "ticket.settle"
    DUTY_CENTRE_ADD = "duty.centre.add"
    DUTY_CENTRE_REMOVE = "duty.centre.remove"
    DUTY_ROSTER = "duty.roster"
    DUTY_SIGN_ON = "duty.sign-on"
    DUTY_HAND_OVER = "duty.hand-over"
    DUTY_ACCEPT = "duty.accept"
    DUTY_SIGN_OFF = "duty.sign-off"
    DUTY_END = "duty.end"
    DUTY_VACANT = "duty.vacant"
    DUTY_LOG = "duty.log"
    DUTY_ORDERS = "duty.orders"
    DUTY_PUBLISH = "duty.publish"
    DUTY_SWAP = "duty.swap"
    DUTY_EXTEND = "duty.extend"
    DUTY_PERMIT = "duty.permit"
    PATROL_PLAN = "patrol.plan"
    PATROL_START = "patrol.start"
    PATROL_STOP = "patrol.stop"
    PATROL_BREAK_OFF = "patrol.break-off"
    PATROL_MISSED = "patrol.missed"
    PATROL_NOTE = "patrol.note"
    PATROL_SNAPSHOT = "patrol.snapshot"
    PATROL_SNAPSHOT_VIEW = "patrol.snapshot.view"
    PATROL_SNAPSHOT_REMOVE = "patrol.snapshot.remove"
    RECORDING_PLAN = "recording.plan"
    RECORDING_NOW = "recording.now"
    """Somebody had a camera recorded at once; the reason is theirs."""
    PLAYBACK_OPEN = "playback.open"
    PLAYBACK_SHOW = "playback.show"
    """What was shown: times, way and pictures, as the media core counts them; at each leap, and at the end."""
    PLAYBACK_STOP = "playback.stop"
    PLAYBACK_CONTROL = "playback.control"
    """What a device that plays its recording is told: pause, go on, seek, speed."""
    PLAYBACK_SNAPSHOT = "playback.snapshot"
    """A still of what is played is kept: the picture's own time, and the SHA-256 of the file."""
    CLIP_ALLOW = "clip.allow"
    """Two persons have let footage leave the house as a file."""
    CLIP_TAKE = "clip.take"
    CLIP_TAKEN = "clip.taken"
    """How much of it was handed over, with its SHA-256, as the media core counts."""
    FOOTAGE_LIST = "footage.list"
    """Somebody asked where there is footage of a camera."""
    FOOTAGE_DEVICE = "footage.device"
    """Somebody asked what the camera's device has recorded itself."""
    FOOTAGE_REMOVE = "footage.remove"
    """Files of a camera's day are removed: why, by which policy, how many, and the Merkle root over their digests (rule A53)."""
    FOOTAGE_ALARM = "footage.alarm"
    """No room without breaking a floor; footage beyond its ceiling that stays; a hold whose review is overdue."""
    FOOTAGE_HOLD = "footage.hold"
    FOOTAGE_RELEASE = "footage.release"
    """Two persons have done so: footage is held for a case, or no longer (rule A52)."""
    EMERGENCY_OPEN = "emergency.open"
    EMERGENCY_END = "emergency.end"
    EMERGENCY_REPORT = "emergency.report"
    EMERGENCY_JUDGE = "emergency.judge"
    EMERGENCY_SUSPEND = "emergency.suspend"
    EMERGENCY_RESTORE = "emergency.restore"
    POLICY_FIRST = "policy.first"
    POLICY_NOTICE = "policy.notice"
    POLICY_CLOSED = "policy.closed"
    OWNER_NOTICE = "owner.notice"
    OWNER_NOTICE_READ = "owner.notice.read"
    POLICY_STATE = "policy.state"
    """Which packs become, and are, in force or wait: the detail is JSON."""
    LOOK_AROUND = "inventory.read"
    """Lists and states without a picture. Only refusals are recorded: the console asks for them all the time."""
    RIGHTS_STATE = "rights.state"
    """Everything that decisions about a person rest on, after a change: the detail is JSON (`access.rights_log.RightsState`)."""
    DATABASE_CHANGED = "database.changed"
    """What the database holds is not what the log says that it holds: always with the result `refused`."""
    DATABASE_SEALED = "database.sealed"
    """Once: rows of a version without seals got theirs."""
    MASKS_STATE = "masks.state"
    """Every mask of a camera, after a change: the detail is JSON."""
    NODE_START = "node.start"
    NODE_STOP = "node.stop"
    SETTINGS_STATE = "settings.state"
    """At each start: the digest of configuration and keys, and the names of what has changed since the last."""
    CLOCK_SET = "clock.set"
    KEY_CHANGED = "key.changed"
    """A key file holds something else, or others may read it, while the node runs."""
    MEDIA_REFUSED = "media.refused"
    """A picture was asked for with a ticket that opens nothing."""
    PLATFORM_REFUSED = "platform.refused"
    """Another platform, or who names one, asked for something that is not agreed."""
    LOG_TORN = "log.torn"
    LOG_DAMAGED = "log.damaged"
    LOG_UNPROVED = "log.unproved"
    """Records stood behind the last one that the node wrote: they were set aside and count for nothing."""
    LOG_UNCLEAN = "log.unclean"
    """The log does not end with a signed `node.stop`: the node was killed, or the end was taken away."""
    LOG_REMOVED = "log.removed"
    LOG_UNTOLD = "log.untold"
    """How many ended acts have no record of their own, for the log could not be written and too many waited."""
    NEIGHBOUR_PINNED = "neighbour.pinned"
    """A chain of another node begins to be kept here: by which key."""
    NEIGHBOUR_MESSAGE = "neighbour.message"
    """What another node sends about its log. Only refusals are recorded: else two logs would feed each other."""
    NEIGHBOUR_FINDING = "neighbour.finding"
    NEIGHBOUR_HEARD = "neighbour.heard"
    """A neighbour that was silent speaks again."""
    NEIGHBOUR_REVIEW = "neighbour.review"
    NEIGHBOUR_COPY = "neighbour.copy"
    """What is kept of a neighbour was taken out, for somebody to prove its log with."""
    REFUSED_IDENTIFICATION = "refusal.identification"
    """This and the following: what the platform does not do at all (R1–R12); always with the result `refused`."""
    REFUSED_FOLLOWING = "refusal.following"
    REFUSED_CLASSIFICATION = "refusal.classification"
    REFUSED_INFERENCE = "refusal.inference"
    REFUSED_PREDICTION = "refusal.prediction"
    REFUSED_PROFILE = "refusal.movement-profile"
    REFUSED_ASSOCIATION = "refusal.association"
    REFUSED_SWEEP = "refusal.sweep"
    REFUSED_WATCH = "refusal.open-watch"
    REFUSED_BULK = "refusal.bulk-supply"
    REFUSED_HIDDEN = "refusal.hidden-use"
    REFUSED_OUTSIDE = "refusal.outside-persons"


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
