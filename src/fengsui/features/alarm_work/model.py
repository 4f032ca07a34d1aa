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
Verb = Literal["claim", "release", "hand-over", "verify", "close", "note"]
REASONS: Final = get_args(Reason)
OUTCOMES: Final = get_args(Outcome)
IN_WORK: Final = ("open", "claimed", "verified")
LONGEST_NOTE: Final = 1_000
LONGEST_DETAIL: Final = 1_200
"""Of a step of the time line."""
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
    folded: int | None = None
    """Of a verdict, or an end: how many like it had come when whoever asks looked; None: as many as by now."""


def change(alarm: Alarm, wish: Wish, now: float, limits: Limits) -> dict[str, Any]:
    """The columns that become others. Raises NotWork, AlarmShelved, AlarmClosed, AlarmChanged, AlarmTaken, NotTaken, AlarmRepeated,
    NotVerified, NoReason, UnknownColleague, NotLate."""
    if alarm.state == "closed":
        raise AlarmClosed()
    if alarm.state == "shelved":
        raise AlarmShelved()
    if alarm.state not in IN_WORK:
        raise NotWork()
    if wish.version is not None and wish.version != alarm.version:
        raise AlarmChanged()
    if wish.verb == "note":
        if not alarm.escalated:
            raise NotLate()
        return {} if alarm.noted_by else {"noted_by": wish.name}
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
        return {"state": state, "owner_id": None, "owner": "", "claimed_at": None, "due_at": _given_back(alarm, now, limits)}
    if wish.verb == "hand-over":
        if wish.to is None or wish.to == wish.by:
            raise UnknownColleague()
        # Its clock goes on: to hand it to and fro wins no time.
        clocks = {"step_by": alarm.step_by, "due_at": alarm.due_at, "escalated": alarm.escalated}
        return {**_taken(alarm, wish.to, wish.to_name, now, limits), **clocks}
    if wish.folded is not None and wish.folded != alarm.folded:
        raise AlarmRepeated(times=alarm.folded + 1, seen=wish.folded + 1)
    if wish.verb == "verify":
        if wish.result == "false" and wish.reason is None:
            raise NoReason()
        told = {"result": wish.result, "reason": wish.reason if wish.result == "false" else "", "note": wish.note or alarm.note}
        verified_at = now if alarm.verified_at is None else alarm.verified_at
        ends = now + limits.closed[alarm.priority - 1]
        clocks = {} if alarm.state == "verified" else {"step_by": ends, "due_at": ends, "escalated": 0}
        return {**told, "state": "verified", "verified_at": verified_at, **clocks}
    if alarm.state != "verified":
        raise NotVerified()
    ended = {"outcome": wish.outcome, "note": wish.note or alarm.note, "closed_at": now}
    return {**ended, "state": "closed", "due_at": None}


def check_mine(alarm: Alarm, by: int, *, though_closed: bool) -> None:
    """Raises NotWork, AlarmClosed, NotTaken, AlarmTaken unless this person sees to it, or saw to it until it was closed."""
    if alarm.state == "closed" and not though_closed:
        raise AlarmClosed()
    if alarm.state not in (*IN_WORK, "closed"):
        raise NotWork()
    if alarm.owner_id is None:
        raise NotTaken()
    if alarm.owner_id != by:
        raise AlarmTaken(owner=alarm.owner)


def _taken(alarm: Alarm, by: int, name: str, now: float, limits: Limits) -> dict[str, Any]:
    verified = alarm.state == "verified"
    ends = alarm.step_by
    if ends is None or alarm.escalated:  # the first who takes it, or it was told of: else who takes it again wins no time
        ends = now + (limits.closed if verified else limits.verified)[alarm.priority - 1]
    clocks = {"step_by": ends, "due_at": ends, "escalated": 0}
    return {"state": "verified" if verified else "claimed", "owner_id": by, "owner": name, "claimed_at": now, **clocks}


def passed_on(by: int, name: str, now: float) -> dict[str, Any]:
    """The columns that become others when a seat changes hands: its clocks go on."""
    return {"owner_id": by, "owner": name, "claimed_at": now}


def _given_back(alarm: Alarm, now: float, limits: Limits) -> float | None:
    """When it will have waited too long for somebody else: to give it back wins no time.

    While nobody has said what is the matter, it waits since it came; None: it waited longer than it may already.
    """
    if alarm.escalated > 1:
        return None
    at = alarm.priority - 1
    most = limits.claimed_at_most if alarm.escalated_most else limits.claimed
    due = now + limits.claimed[at] if alarm.state == "verified" else alarm.waits_since + most[at]
    return due if alarm.due_at is None else min(due, alarm.due_at)


def overdue(alarm: Alarm, now: float, limits: Limits) -> dict[str, Any]:
    """Of one whose clock has run out: the columns that become others. It runs twice, and of one that was told of before anybody
    said what is the matter once: whoever took it since had that time."""
    if alarm.escalated or (alarm.escalated_most and alarm.state != "verified"):
        return {"escalated": 2, "escalated_most": 2, "due_at": None, "noted_by": ""}
    told: dict[str, Any] = {"escalated": 1, "escalated_most": max(1, alarm.escalated_most), "noted_by": ""}
    at = alarm.priority - 1
    if alarm.owner_id is None:
        again = alarm.waits_since + limits.claimed_at_most[at] if alarm.state == "open" else now + limits.closed[at]
        return {**told, "due_at": max(again, now + LEAST_AGAIN_S)}
    return {**told, "due_at": now + (limits.closed if alarm.state == "verified" else limits.verified)[at]}


def raised(alarm: Alarm, to: int, limits: Limits) -> dict[str, Any]:
    """Of one that is more urgent than its priority: the columns that become others. Its clock runs no longer than that lets it."""
    begun, allowed = alarm.waits_since, limits.claimed
    if alarm.state == "claimed":
        begun, allowed = alarm.claimed_at or alarm.first_at, limits.verified
    elif alarm.state == "verified":
        begun, allowed = alarm.verified_at or alarm.first_at, limits.closed
    if alarm.escalated:  # it was told of already
        return {"priority": to}
    clocks = {"step_by": alarm.step_by, "due_at": alarm.due_at}
    return {"priority": to, **{name: None if at is None else min(at, begun + allowed[to - 1]) for name, at in clocks.items()}}


def unshelved(priority: int, now: float, limits: Limits) -> dict[str, Any]:
    """Of one that comes back to the queue from a shelf: the columns that become others. Its clock runs from now on."""
    return {"priority": priority, "state": "open", "queued_at": now, "due_at": now + limits.claimed[priority - 1], "step_by": None}


class NotWork(OperatorFault):
    """It is for the record, or counts with another."""

    code = "alarm.not_work"
    status = 409
    zh = "这条报警无需单独处理:它仅作记录,或已并入另一条"
    en = "There is nothing to be done about this alarm alone: it is for the record, or counts with another"
    remedy_zh = "请处理其所并入的报警"
    remedy_en = "See to the alarm that it counts with"


class AlarmShelved(OperatorFault):
    """Somebody shelved its source."""

    code = "alarm.shelved"
    status = 409
    zh = "这条报警已搁置"
    en = "This alarm is shelved"
    remedy_zh = "请先解除搁置"
    remedy_en = "Lift the shelf first"


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


class AlarmRepeated(OperatorFault):
    """It came again, and whoever judges it has not seen that."""

    code = "alarm.repeated"
    status = 409
    zh = "在您查看之后,这条报警又来了:现在是 ×{times},您看到的是 ×{seen}"
    en = "This alarm came again since you looked: ×{times} by now, ×{seen} as you saw it"
    remedy_zh = "请看过最新情况再下结论"
    remedy_en = "Look at it again before you judge it"


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


class NotLate(OperatorFault):
    """Nobody was told of it."""

    code = "alarm.not_late"
    status = 409
    zh = "这条报警没有超时,或已有人接手"
    en = "This alarm does not wait too long, or somebody has taken it over"
    remedy_zh = "无需确认"
    remedy_en = "There is nothing to take note of"


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
