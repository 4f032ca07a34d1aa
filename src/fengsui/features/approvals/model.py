"""A request and its states, the bytes that two persons sign, and what speaks against a second person. Pure. Rules A14 to A16."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import asdict, astuple, dataclass
from enum import StrEnum
from typing import Any, Final

from fengsui.features.approvals.errors import NotOpen, UnfitContent

LONGEST_S: Final = 24 * 3600.0
"""An approval is asked for, and used once it is due, within a day (rule A15)."""
MAX_CONTENT_BYTES: Final = 1 << 20
MAX_REASON: Final = 500
MAX_PENDING: Final = 20
"""Requests of one person that wait."""


class State(StrEnum):
    """Where a request stands; the last five are ends."""

    PENDING = "pending"
    APPROVED = "approved"
    APPLIED = "applied"
    REFUSED = "refused"
    EXPIRED = "expired"
    VOID = "void"
    WITHDRAWN = "withdrawn"


class Step(StrEnum):
    """What happens to a request."""

    APPROVE = "approve"
    APPLY = "apply"
    REFUSE = "refuse"
    EXPIRE = "expire"
    VOID = "void"
    WITHDRAW = "withdraw"


NEXT_STATE: Final[Mapping[tuple[State, Step], State]] = {
    (State.PENDING, Step.APPROVE): State.APPROVED,
    (State.PENDING, Step.REFUSE): State.REFUSED,
    (State.PENDING, Step.EXPIRE): State.EXPIRED,
    (State.PENDING, Step.VOID): State.VOID,
    (State.PENDING, Step.WITHDRAW): State.WITHDRAWN,
    (State.APPROVED, Step.APPLY): State.APPLIED,
    (State.APPROVED, Step.EXPIRE): State.EXPIRED,
    (State.APPROVED, Step.VOID): State.VOID,
    (State.APPROVED, Step.WITHDRAW): State.WITHDRAWN,
}
OPEN: Final = frozenset(state for state, _ in NEXT_STATE)


class Direction(StrEnum):
    """What a change of one field does to the bounds of a right: narrower is tightening."""

    TIGHTENING = "tightening"
    LOOSENING = "loosening"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class Difference:
    """One field: what it is, old and new, in both languages; an empty value: it is not there."""

    field: str
    zh: str
    en: str
    old_zh: str
    old_en: str
    new_zh: str
    new_en: str
    direction: Direction = Direction.NEUTRAL


@dataclass(frozen=True, slots=True)
class Document:
    """The paper behind an act (rule A16), by its number. `issued_on`: `2026-11-26`."""

    number: str
    issuer: str
    rank: str
    issued_on: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as its kind sees it when it is described and applied."""

    id: str
    content: Any
    reason: str
    document: Document | None
    asked_by: str
    approved_by: str
    """Empty until it is approved."""
    due_at: float
    """Seconds since 1970 when it takes effect; 0 until it is approved."""


class Workstation(StrEnum):
    """What two persons must not share, besides the account."""

    ADDRESS = "address"
    BROWSER = "browser"
    SESSION = "session"


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks or approves: the account, and where the person sits."""

    user_id: int
    session: str
    address: str
    workstation: str

    def sits_with(self, other: Person, rule: Workstation) -> bool:
        """Whether both work at one workstation, as far as `rule` can tell."""
        if self.session == other.session:
            return True
        if rule is Workstation.SESSION or self.address != other.address:
            return False
        return rule is Workstation.ADDRESS or self.workstation == other.workstation


def canonical(content: Any) -> bytes:
    """JSON with one form only: sorted names, no blanks, UTF-8, whole numbers. Raises UnfitContent."""
    _look_at(content)
    try:
        octets = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()
    except (UnicodeEncodeError, ValueError, TypeError, RecursionError) as error:
        raise UnfitContent(what=type(error).__name__) from error
    if len(octets) > MAX_CONTENT_BYTES:
        raise UnfitContent(what=f"> {MAX_CONTENT_BYTES} bytes")
    return octets


def _look_at(content: Any, depth: int = 0) -> None:
    if depth > 32:
        raise UnfitContent(what="nested too deeply")
    if isinstance(content, dict):
        for name, value in content.items():
            if not isinstance(name, str):
                raise UnfitContent(what=f"name {name!r}")
            _look_at(value, depth + 1)
    elif isinstance(content, list | tuple):
        for value in content:
            _look_at(value, depth + 1)
    elif content is not None and not isinstance(content, str | int):  # bool is an int; a fraction has many spellings
        raise UnfitContent(what=type(content).__name__)


def hash_of(*, kind: str, content: Any, base: str, document: Document | None) -> str:
    """SHA-256 of exactly what will happen, and of what it will happen to. Raises UnfitContent."""
    whole = {"kind": kind, "content": content, "base": base, "document": asdict(document) if document is not None else None}
    return hashlib.sha256(canonical(whole)).hexdigest()


@dataclass(frozen=True, slots=True)
class Sealed:
    """What a database alone must not change: who asked from where, for what, who approved, the times, and how it ended."""

    request: str
    hash: str
    reason: str
    asked_name: str
    asked: Person
    expires_at: float
    approved_by: int = 0
    due_at: float = 0.0
    decided_at: float = 0.0
    """From when on a wait counts; 0 until it is approved."""
    decided_name: str = ""
    ended: State | None = None
    """The end it came to, which may be a permit (`applied`); None while it is open."""

    def seal(self, key: bytes) -> str:
        """By the node's key, so that a changed row is found."""
        if not self.decided_at and self.ended is None:
            return self._seal(key, "fengsui-approval-1")
        end = "" if self.ended is None else self.ended.value
        return self._seal(key, "fengsui-approval-3", int(self.decided_at * 1000), self.decided_name, end)

    def is_sealed(self, key: bytes, seal: str) -> bool:
        """Whether the node sealed exactly this. While it is open also as it was approved before all of this was sealed."""
        forms = [self.seal(key)]
        if self.ended is None:
            forms += [self._seal(key, "fengsui-approval-1"), self._seal(key, "fengsui-approval-2", int(self.decided_at * 1000))]
        return any(hmac.compare_digest(one, seal) for one in forms)

    def _seal(self, key: bytes, form: str, *decided: int | str) -> str:
        whole = [form, self.request, self.hash, self.reason, self.asked_name, list(astuple(self.asked))]
        times = [int(self.expires_at * 1000), self.approved_by, int(self.due_at * 1000), *decided]
        return hmac.digest(key, canonical([*whole, *times]), hashlib.sha256).hex()


STATES_ZH: Final[Mapping[State, str]] = {
    State.PENDING: "待审批",
    State.APPROVED: "已批准,待生效",
    State.APPLIED: "已执行",
    State.REFUSED: "已拒绝",
    State.EXPIRED: "已过期",
    State.VOID: "已失效",
    State.WITHDRAWN: "已撤回",
}


def step(state: State, taken: Step) -> State:
    """Raises NotOpen."""
    following = NEXT_STATE.get((state, taken))
    if following is None:
        raise NotOpen(state=state.value, state_zh=STATES_ZH[state])
    return following
