"""A request and its states, the bytes that two persons sign, and what speaks against a second person. Pure. Rules A14 to A16."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final

from fengsui.errors import OperatorFault

LONGEST_S: Final = 24 * 3600.0
"""An approval is asked for, and used once it is due, within a day (rule A15)."""
MAX_CONTENT_BYTES: Final = 1 << 20
MAX_REASON: Final = 500


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


def seal_of(key: bytes, *, request: str, hash: str, asked_by: int, approved_by: int, due_at: float) -> str:
    """Binds the second person's approval to the hash with the node's key, so that a changed row of the database is found."""
    octets = canonical(["fengsui-approval-1", request, hash, asked_by, approved_by, int(due_at * 1000)])
    return hmac.digest(key, octets, hashlib.sha256).hex()


class UnfitContent(OperatorFault):
    """It has no single written form, so it cannot be signed."""

    code = "approvals.unfit_content"
    zh = "申请内容无法固定为唯一的书写形式({what})"
    en = "The content has no single written form ({what})"
    remedy_zh = "内容只能包含文字、整数、是否、列表和对象"
    remedy_en = "Use text, whole numbers, true or false, lists and objects only"


class UnknownRequest(OperatorFault):
    """No such request, or none that this person may see."""

    code = "approvals.unknown"
    status = 404
    zh = "没有这个申请"
    en = "There is no such request"
    remedy_zh = "请刷新审批列表"
    remedy_en = "Load the list of requests again"


class NotOpen(OperatorFault):
    """The step does not exist in this state."""

    code = "approvals.not_open"
    status = 409
    zh = "该申请的状态是“{state_zh}”,不能再执行此操作"
    en = "The request is {state}; this cannot be done any more"
    remedy_zh = "请刷新页面查看处理结果;如仍需要,请重新提出申请"
    remedy_en = "Load the page to see what became of it; ask anew if it is still needed"


class OwnRequest(OperatorFault):
    """The approver and the requester are one account."""

    code = "approvals.own_request"
    rule = "A15"
    status = 403
    zh = "不能审批自己(或自己的程序令牌)提出的申请"
    en = "Nobody approves what they, or a token of theirs, asked for"
    remedy_zh = "请由另一名有权限的人员审批"
    remedy_en = "Let another person with this right approve it"


class SameWorkstation(OperatorFault):
    """Both sit at one workstation, so that nobody can tell whether there are two of them."""

    code = "approvals.same_workstation"
    rule = "A15"
    status = 403
    zh = "审批人与申请人在同一工作站({address}),不能视为两个人"
    en = "Requester and approver sit at one workstation ({address}): that does not show two persons"
    remedy_zh = "请审批人在自己的工作站登录后审批"
    remedy_en = "Let the approver sign in at a workstation of their own"


class NotRead(OperatorFault):
    """The approver has not opened what they approve."""

    code = "approvals.not_read"
    rule = "A15"
    status = 409
    zh = "您还没有打开该申请的完整内容"
    en = "You have not opened the full content of this request"
    remedy_zh = "请先打开申请、阅读全部内容,再审批"
    remedy_en = "Open the request and read all of it first"


class ContentChanged(OperatorFault):
    """What would happen is not what was read, asked or approved."""

    code = "approvals.content_changed"
    rule = "A15"
    status = 409
    zh = "内容与所读、所批的不一致,该申请已失效"
    en = "What would happen is not what was read and approved; the request is void"
    remedy_zh = "请核对现状后重新提出申请"
    remedy_en = "Look at the present state and ask anew"


class OtherHash(OperatorFault):
    """The approval names another content than the request holds."""

    code = "approvals.other_hash"
    rule = "A15"
    status = 409
    zh = "审批所签的内容不是该申请的内容"
    en = "The approval is for another content than the request holds"
    remedy_zh = "请重新打开申请,阅读后再审批"
    remedy_en = "Open the request again, read it and then approve"


class NotYours(OperatorFault):
    """Only whoever asked takes a request back, and while an approved one waits whoever could have approved it."""

    code = "approvals.not_yours"
    status = 403
    zh = "只有申请人可以撤回待审批的申请"
    en = "Only whoever asked may withdraw a request that waits for approval"
    remedy_zh = "不同意时请选择“拒绝”并写明理由"
    remedy_en = "If you do not agree, refuse it with a reason"


class DocumentMissing(OperatorFault):
    """The act needs a paper (rule A16)."""

    code = "approvals.document_missing"
    rule = "A16"
    zh = "此操作须附法律文书:文号、签发机关、批准人职级和日期"
    en = "This act needs its legal document: number, issuing organ, rank of its approver, and date"
    remedy_zh = "请填写文书信息后再提交"
    remedy_en = "Give the document and submit again"


class ReasonMissing(OperatorFault):
    """A request or a refusal without a reason."""

    code = "approvals.reason_missing"
    zh = "请写明理由"
    en = "Give a reason"
    remedy_zh = "理由会写入审计日志,并显示给另一方"
    remedy_en = "It goes into the audit log and is shown to the other person"


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
