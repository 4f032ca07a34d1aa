"""What may be done about an alarm, by whom, and what becomes of it. Pure.

Taken by one person alone; verified (real, false with a reason, unclear); closed with an outcome. A restoral of its source closes
nothing. Whoever took it and lets it wait loses the sole right to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from fengsui.errors import OperatorFault
from fengsui.features.alarms import Alarm, Limits

Result = Literal["real", "false", "unclear"]
Reason = Literal["user_error", "equipment", "weather", "animal", "test", "malicious", "unknown"]
"""Why an alarm was false."""
Outcome = Literal["handled", "passed_on", "no_action", "test", "duplicate"]
Verb = Literal["claim", "release", "hand-over", "verify", "close"]
REASONS: Final = get_args(Reason)
OUTCOMES: Final = get_args(Outcome)
IN_WORK: Final = ("open", "claimed", "verified")
LONGEST_NOTE: Final = 1_000
LEAST_AGAIN_S: Final = 0.1


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to do. `by`, `name`: who; `to`, `to_name`: to whom it goes."""

    verb: Verb
    by: int
    name: str
    result: Result | None = None
    reason: Reason | None = None
    outcome: Outcome | None = None
    note: str = ""
    to: int | None = None
    to_name: str = ""
    version: int | None = None
    """As whoever asks has seen it; None: whatever it is by now."""


def change(alarm: Alarm, wish: Wish, now: float, limits: Limits) -> dict[str, Any]:
    """The columns that become others. Raises NotWork, AlarmClosed, AlarmChanged, AlarmTaken, NotTaken, NotVerified, NoReason,
    UnknownColleague."""
    if alarm.state == "closed":
        raise AlarmClosed()
    if alarm.state not in IN_WORK:
        raise NotWork()
    if wish.version is not None and wish.version != alarm.version:
        raise AlarmChanged()
    mine = alarm.owner_id == wish.by
    if wish.verb == "claim":
        if alarm.owner_id is not None and not mine and not alarm.escalated:
            raise AlarmTaken(owner=alarm.owner)
        return {} if mine else _taken(alarm, wish.by, wish.name, now, limits)
    if alarm.owner_id is None:
        raise NotTaken()
    if not mine:
        raise AlarmTaken(owner=alarm.owner)
    if wish.verb == "release":
        state = "open" if alarm.state == "claimed" else alarm.state
        fresh = now + limits.claimed[alarm.priority - 1]
        due = fresh if alarm.due_at is None else min(fresh, alarm.due_at)  # to give it back wins no time
        return {"state": state, "owner_id": None, "owner": "", "claimed_at": None, "due_at": due}
    if wish.verb == "hand-over":
        if wish.to is None or wish.to == wish.by:
            raise UnknownColleague()
        # Its clock goes on: to hand it to and fro wins no time.
        return {**_taken(alarm, wish.to, wish.to_name, now, limits), "due_at": alarm.due_at, "escalated": alarm.escalated}
    if wish.verb == "verify":
        if wish.result == "false" and wish.reason is None:
            raise NoReason()
        told = {"result": wish.result, "reason": wish.reason if wish.result == "false" else "", "note": wish.note or alarm.note}
        verified_at = now if alarm.verified_at is None else alarm.verified_at
        ends = alarm.due_at if alarm.state == "verified" else now + limits.closed[alarm.priority - 1]
        late = alarm.escalated if alarm.state == "verified" else 0
        return {**told, "state": "verified", "verified_at": verified_at, "due_at": ends, "escalated": late}
    if alarm.state != "verified":
        raise NotVerified()
    ended = {"outcome": wish.outcome, "note": wish.note or alarm.note, "closed_at": now}
    return {**ended, "state": "closed", "due_at": None}


def _taken(alarm: Alarm, by: int, name: str, now: float, limits: Limits) -> dict[str, Any]:
    verified = alarm.state == "verified"
    due = now + (limits.closed if verified else limits.verified)[alarm.priority - 1]
    state = "verified" if verified else "claimed"
    return {"state": state, "owner_id": by, "owner": name, "claimed_at": now, "due_at": due, "escalated": 0}


def overdue(alarm: Alarm, now: float, limits: Limits) -> dict[str, Any]:
    """Of one whose clock has run out: the columns that become others. It runs twice."""
    if alarm.escalated:
        return {"escalated": 2, "due_at": None}
    at = alarm.priority - 1
    if alarm.owner_id is None:
        again = alarm.first_at + limits.claimed_at_most[at] if alarm.state == "open" else now + limits.closed[at]
        return {"escalated": 1, "due_at": max(again, now + LEAST_AGAIN_S)}
    return {"escalated": 1, "due_at": now + (limits.closed if alarm.state == "verified" else limits.verified)[at]}


class NotWork(OperatorFault):
    """It is for the record, or counts with another."""

    code = "alarm.not_work"
    status = 409
    zh = "这条报警无需单独处理:它仅作记录,或已并入另一条"
    en = "There is nothing to be done about this alarm alone: it is for the record, or counts with another"
    remedy_zh = "请处理其所并入的报警"
    remedy_en = "See to the alarm that it counts with"


class AlarmClosed(OperatorFault):
    """Nothing more is done about it."""

    code = "alarm.closed"
    status = 409
    zh = "这条报警已经办结"
    en = "This alarm is closed"
    remedy_zh = "如有新情况,请另行登记"
    remedy_en = "Report anew what has happened since"


class AlarmChanged(OperatorFault):
    """Somebody was first."""

    code = "alarm.changed"
    status = 409
    zh = "这条报警刚被他人更改"
    en = "Somebody has just changed this alarm"
    remedy_zh = "请看过最新情况再操作"
    remedy_en = "Look at it again before you go on"


class AlarmTaken(OperatorFault):
    """By somebody else."""

    code = "alarm.taken"
    status = 409
    zh = "这条报警由 {owner} 处理"
    en = "{owner} sees to this alarm"
    remedy_zh = "超时未核实后他人方可接手;也可由其移交"
    remedy_en = "Others may take it when it has waited too long; or have it handed over"


class NotTaken(OperatorFault):
    """By nobody."""

    code = "alarm.not_taken"
    status = 409
    zh = "请先接警"
    en = "Take the alarm first"
    remedy_zh = "接警后再核实、移交或办结"
    remedy_en = "Take it, then verify it, hand it over or close it"


class NotVerified(OperatorFault):
    """What is the matter is not known yet."""

    code = "alarm.not_verified"
    status = 422
    zh = "未核实的报警不能办结"
    en = "An alarm is not closed before it is verified"
    remedy_zh = "请先选择核实结果:属实、误报或不明"
    remedy_en = "Say first whether it is real, false or unclear"


class NoReason(OperatorFault):
    """A false alarm has one."""

    code = "alarm.no_reason"
    status = 422
    zh = "误报须说明原因"
    en = "A false alarm needs a reason"
    remedy_zh = "请选择误报原因;不清楚时选“原因不明”"
    remedy_en = "Choose why it was false; where that is not known, choose unknown"


class UnknownColleague(OperatorFault):
    """Nobody who could take it over."""

    code = "alarm.unknown_colleague"
    status = 422
    zh = "不能移交给此人:没有这个用户,或其无权处理该区划的报警"
    en = "It cannot be handed over to them: there is no such person, or they may not see to alarms there"
    remedy_zh = "请选择同区划的值班人员"
    remedy_en = "Choose somebody who takes duty there"
