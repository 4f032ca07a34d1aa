"""Use tickets: why, on what ground, for which cameras and which time somebody may look. Pure. Rules A1 to A4 and A65."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from fengsui.errors import OperatorFault
from fengsui.features.access import CLASS_BIT, EVERY_CLASS, RECORDED, CameraFacts, Footage, Function, Refusal
from fengsui.features.audit import Ground
from fengsui.features.policy import CaseNumber, Gated, Pack, Purpose

MAX_CAMERAS: Final = 200
HOUR_S: Final = 3600.0
UNMATCHED_AFTER_S: Final = 24 * 3600.0
"""A number that the register does not know a day after its ticket was opened is shown to supervisors (rule A3)."""
STRIKES, STRIKES_WITHIN_S = 3, 30 * 86_400.0


class Match(StrEnum):
    """What the connected register says of a case number."""

    NONE = "none"
    """The ticket names no case."""
    WAITING = "waiting"
    UNKNOWN = "unknown"
    """The register did not know it when the ticket was opened or renewed: that lasts until the register is asked again, at most."""
    MATCHED = "matched"
    UNMATCHED = "unmatched"
    EXPLAINED = "explained"
    """No register knows it; a supervisor has accepted the holder's answer."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a ticket opens: cameras by code, or an area by its prefix, and a span of footage, within which live pictures are
    open while it lasts. Times: seconds since 1970.

    `classes`: of the cameras of the area, as bits.
    """

    cameras: frozenset[str]
    area: str
    since: float
    until: float
    classes: int = EVERY_CLASS

    def hold(self, camera: CameraFacts) -> bool:
        """Whether the camera is inside."""
        if camera.code in self.cameras:
            return True
        return self.area != "" and camera.area.startswith(self.area) and bool(self.classes & CLASS_BIT[camera.camera_class])

    def within(self, wider: Bounds) -> bool:
        """Whether nothing lies outside `wider`."""
        narrower_area = self.area == "" or (wider.area != "" and self.area.startswith(wider.area))
        narrower = self.cameras <= wider.cameras and narrower_area and not self.classes & ~wider.classes
        return narrower and wider.since <= self.since and self.until <= wider.until


@dataclass(frozen=True, slots=True)
class UseTicket:
    """One version of a ticket; the newest is in force. `opens`: functions that the purpose opens by the pack of its day."""

    number: str
    version: int
    user_id: int
    purpose: Purpose
    case_number: str
    legal_basis: str
    bounds: Bounds
    opens: frozenset[str]
    opened_at: float
    expires_at: float
    closed_at: float
    match: Match
    automatic: bool = False
    reason: str = ""
    looked_up_at: float = 0.0
    """Since when the register says what it says."""

    def seal(self, key: bytes) -> str:
        """By the node's key, over all that a database alone must not change: the terms of this version, and its end."""
        bounds = self.bounds
        terms = [self.number, self.version, self.user_id, self.purpose.value, self.case_number, self.legal_basis, self.reason]
        spans = [bounds.since, bounds.until, self.opened_at, self.expires_at, self.closed_at]
        what = [sorted(bounds.cameras), bounds.area, bounds.classes, sorted(self.opens), self.automatic]
        whole = json.dumps(["fengsui-ticket-1", terms, what, [int(one * 1000) for one in spans]], ensure_ascii=False)
        return hmac.digest(key, whole.encode(), hashlib.sha256).hex()

    @property
    def ground(self) -> Ground:
        """As records of what it opens name it."""
        return Ground(self.number, self.case_number, self.purpose.value, self.legal_basis)

    def is_open(self, now: float) -> bool:
        """Neither closed nor expired."""
        return self.closed_at == 0 and self.opened_at <= now < self.expires_at

    def refusal(self, function: Function, what: CameraFacts, now: float, footage: Footage | None = None) -> Refusal | None:
        """Why it does not open this, and of recordings this span; None when it does (rule A2)."""
        if not self.is_open(now):
            return TicketOver(number=self.number)
        if function.value not in self.opens:
            return BeyondTicket(number=self.number, what_zh="该用途不含此功能", what_en="its purpose does not open this function")
        if not self.bounds.hold(what):
            return BeyondTicket(number=self.number, what_zh=f"摄像机 {what.code} 不在其中", what_en=f"it does not name {what.code}")
        if function not in RECORDED and not self.bounds.since <= now < self.bounds.until:
            return BeyondTicket(number=self.number, what_zh="现在不在所写时段内", what_en="now lies outside its window")
        if footage is not None and not self.bounds.since <= footage.since <= footage.until <= self.bounds.until:
            return BeyondTicket(number=self.number, what_zh="所请求的时段超出", what_en="the time asked for lies outside")
        return None


class NoTicket(Refusal):
    """Nothing in force."""

    code = "ACC-TICKET"
    rule = "A1"
    zh = "需要已开立的使用单"
    en = "An open use ticket is needed"
    remedy_zh = "请开立使用单:用途、案(事)件编号、法律依据、摄像机、时段"
    remedy_en = "Open a use ticket: purpose, case number, legal basis, cameras, time"


class TicketOver(Refusal):
    """Expired or closed."""

    code = "ticket.over"
    rule = "A1"
    zh = "使用单 {number} 已到期或已关闭"
    en = "Use ticket {number} has expired or was closed"
    remedy_zh = "请续期,或开立新的使用单"
    remedy_en = "Renew it, or open another one"


class BeyondTicket(Refusal):
    """Outside the cameras, the window or the purpose."""

    code = "ticket.beyond"
    rule = "A2"
    zh = "超出使用单 {number} 的范围:{what_zh}"
    en = "Beyond use ticket {number}: {what_en}"
    remedy_zh = "如确有需要,请写明理由变更使用单"
    remedy_en = "If the case needs it, widen the ticket with a reason"


class RecordedSuspended(Refusal):
    """Too many case numbers that no register knows."""

    code = "ticket.suspended"
    rule = "A3"
    zh = "您的录像权限已暂停:案(事)件编号多次无法核实"
    en = "Your recorded access is suspended: too many case numbers that no register knows"
    remedy_zh = "请联系值班长复核"
    remedy_en = "Ask the duty supervisor for a review"


class PapersOverdue(Refusal):
    """The report or the verdict on an emergency access is missing past its time."""

    code = "emergency.papers_overdue"
    rule = "A59"
    zh = "您的画面权限已暂停:紧急调看的报告或评定逾期"
    en = "Your access is suspended: the report or the verdict on an emergency access is overdue"
    remedy_zh = "请在“紧急调看”页补交报告,并请值班长、指挥长或审计管理员评定"
    remedy_en = "Write the report on the emergency page, and ask a duty supervisor, a commander or the audit office for the verdict"


class UnjustifiedUse(Refusal):
    """Somebody else found that an emergency access was not justified: everything is closed until the case is decided."""

    code = "emergency.unjustified"
    rule = "A57"
    zh = "您的画面权限已暂停:紧急调看被评定为理由不成立"
    en = "Your access is suspended: an emergency access of yours was found not justified"
    remedy_zh = "请向所在单位和审计管理员说明情况;有处理结论后,由安全管理员登记并恢复"
    remedy_en = "Explain it to your unit and the audit office; a security administrator enters the decision, and access opens again"


class UnusableTicket(OperatorFault):
    """What was filled in cannot be a ticket."""

    code = "ticket.unusable"
    zh = "使用单填写有误:{why_zh}"
    en = "The ticket cannot be opened: {why_en}"
    remedy_zh = "请更正后提交"
    remedy_en = "Correct it and send it again"


class TooManyTickets(OperatorFault):
    """Whoever needs so many at once has forgotten some."""

    code = "ticket.too_many"
    rule = "A2"
    status = 409
    zh = "您已有 {count} 张使用单未关闭"
    en = "{count} use tickets of yours are open"
    remedy_zh = "请先关闭不再需要的使用单,再开立新的"
    remedy_en = "Close those that are not needed any more, then open another one"


class NoteKind(StrEnum):
    """What is said about a number that no register knows."""

    ANSWER = "answer"
    """By the holder."""
    ACCEPTED = "accepted"
    """By a supervisor: the answer explains it."""
    CLOSED = "closed"
    """By a supervisor: the ticket has ended."""


class UnknownCaseNumber(OperatorFault):
    """The register answers, and the policy lets nothing be opened for what it does not know (rule A3)."""

    code = "ticket.unknown_case"
    rule = "A3"
    status = 409
    zh = "登记系统查无该案(事)件编号:{case}"
    en = "The register does not know this case or incident number: {case}"
    remedy_zh = "请核对编号,或待编号登记后再开立"
    remedy_en = "Look at the number again, or open the ticket when it is registered"


class NotAnswered(OperatorFault):
    """There is nothing to accept yet."""

    code = "ticket.not_answered"
    status = 409
    zh = "持单人尚未说明"
    en = "The holder has not answered yet"
    remedy_zh = "请持单人在“使用单”页说明,或直接关闭使用单"
    remedy_en = "Let the holder answer on the tickets page, or close the ticket"


class NotUnmatched(OperatorFault):
    """Its number is known, or nobody has asked about it."""

    code = "ticket.not_unmatched"
    status = 409
    zh = "该使用单的编号没有待处理的核实问题"
    en = "Nothing is open about the number of this ticket"
    remedy_zh = "请刷新页面"
    remedy_en = "Load the page again"


class UnknownTicket(OperatorFault):
    """No such ticket of this person."""

    code = "ticket.unknown"
    status = 404
    zh = "没有这张使用单"
    en = "There is no such ticket"
    remedy_zh = "请刷新列表"
    remedy_en = "Load the list again"


class OwnReview(OperatorFault):
    """Nobody reviews themselves."""

    code = "ticket.own_review"
    status = 409
    zh = "不能复核本人"
    en = "Nobody reviews themselves"
    remedy_zh = "请由其他值班长复核"
    remedy_en = "Let another supervisor do it"


def opens_of(pack: Pack, purpose: Purpose) -> frozenset[str]:
    """The functions that a purpose opens; none when the pack has no such purpose."""
    rule = pack.purposes.get(purpose)
    return frozenset() if rule is None else frozenset(one.value for one in rule.functions)


def check(pack: Pack, purpose: Purpose, case_number: str, legal_basis: str, bounds: Bounds, hours: int, *, pattern: str) -> None:
    """Raises UnusableTicket. `pattern`: what a case number looks like where the node stands."""
    rule = pack.purposes.get(purpose)
    if rule is None:
        raise UnusableTicket(why_zh="策略包未列入该用途", why_en="the policy pack has no such purpose")
    if legal_basis not in rule.basis:
        raise UnusableTicket(why_zh="该用途没有所选法律依据", why_en="the purpose has no such legal basis")
    if rule.case_number is CaseNumber.REQUIRED and not case_number:
        raise UnusableTicket(why_zh="该用途须填写案(事)件编号", why_en="the purpose needs a case or incident number")
    if case_number and (rule.case_number is CaseNumber.NONE or re.fullmatch(pattern, case_number) is None):
        raise UnusableTicket(why_zh="案(事)件编号格式不符", why_en="the number is not of the form of a case number")
    if not bounds.cameras and not bounds.area:
        raise UnusableTicket(why_zh="须写明摄像机或区域", why_en="cameras or an area must be named")
    if len(bounds.cameras) > MAX_CAMERAS:
        raise UnusableTicket(why_zh=f"摄像机最多 {MAX_CAMERAS} 路", why_en=f"{MAX_CAMERAS} cameras at most")
    if not bounds.since < bounds.until:
        raise UnusableTicket(why_zh="时段的结束早于开始", why_en="the window ends before it begins")
    longest = longest_hours(pack, case_number)
    if not 1 <= hours <= longest:
        which_zh, which_en = ("", "") if case_number else ("未填案(事)件编号的", " without a case number")
        raise UnusableTicket(why_zh=f"{which_zh}有效期 1 至 {longest} 小时", why_en=f"it may last 1 to {longest} hours{which_en}")


def longest_hours(pack: Pack, case_number: str) -> int:
    """How long a ticket may be open; one that names no case: as much as the pack lets it, in all."""
    longest = pack.tickets.longest_hours
    return longest if case_number else min(longest, pack.tickets.without_case_hours)


def strikes(marked_at: Collection[float]) -> bool:
    """Whether so many numbers were found unknown within any thirty days that recorded access is closed (rule A3).

    It stays closed until a review, however long ago that was: `marked_at` holds what was found since the last one.
    """
    found = sorted(marked_at)
    return any(last - first < STRIKES_WITHIN_S for first, last in zip(found, found[STRIKES - 1 :], strict=False))


def tightened(one: UseTicket, pack: Pack | None) -> UseTicket:
    """What a ticket opens by the pack in force, which may open less than that of its day; an emergency has its own minutes.

    Of a renewed ticket only the functions: when its newest version was written it does not say.
    """
    if pack is None or one.automatic:
        return one
    opens, ends_at = one.opens & opens_of(pack, one.purpose), one.expires_at
    if one.version == 1 or not one.case_number:
        ends_at = min(ends_at, one.opened_at + longest_hours(pack, one.case_number) * HOUR_S)
    return one if (opens, ends_at) == (one.opens, one.expires_at) else replace(one, opens=opens, expires_at=ends_at)


GATED: Final = frozenset(one.value for one in Gated)
"""Functions that a purpose can open."""
