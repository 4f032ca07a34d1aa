"""What an output is, what stands of it, and what is refused. Pure. Times: seconds since 1970, 0: not yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from fengsui.errors import OperatorFault

MOST_OUTPUTS: Final = 500
"""Of one node."""
LONGEST_S: Final = 600
"""So long one order keeps it on at most."""
LONGEST_FAULT: Final = 500
State = Literal["off", "switching", "on", "off-owed"]


@dataclass(frozen=True, slots=True)
class Output:
    """`camera`: the code of the channel that the order goes to; `switch`: the number of its auxiliary switch (GB/T 28181 A.3.7);
    `is_whole`: its row is as the node wrote it, else it is not switched on.
    """

    id: int
    name: str
    area: str
    camera: str
    switch: int
    made_at: float
    is_whole: bool = True


class Pulse(NamedTuple):
    """Once on. `alarm_id`, `rule_id`, `rule_version`: of the rule that says so, 0: by hand; `on_at`: the device had the order;
    `until`: when it goes off, which is set with `on_at`, and when it is given up; `ended_at`: the device had the order to go off.
    """

    id: int
    output_id: int
    alarm_id: int
    rule_id: int
    rule_version: int
    by: str
    seconds: int
    asked_at: float
    on_at: float
    until: float
    ended_at: float
    fault: str


class Standing(NamedTuple):
    """How an output stands. `until`: of one that is on; `by`, `at`: of the last order; `fault`: what failed in it."""

    state: State
    until: float
    by: str
    at: float
    fault: str


def standing(pulses: Sequence[Pulse], now: float) -> Standing:
    """Of its open orders and the last one, the oldest first."""
    if not pulses:
        return Standing("off", 0.0, "", 0.0, "")
    last, unfinished = pulses[-1], [one for one in pulses if not one.ended_at]
    fault = next((one.fault for one in reversed(unfinished) if one.fault), last.fault)
    until = max((one.until for one in unfinished if one.on_at), default=0.0)
    state: State = "off"
    if unfinished:
        waits = any(not one.until for one in unfinished)
        state = "on" if until > now else "switching" if waits else "off-owed"
    return Standing(state, until if state == "on" else 0.0, last.by, last.asked_at, fault)


class UnknownOutput(OperatorFault):
    """No such output in the list."""

    code = "output.unknown"
    status = 404
    zh = "没有这个报警输出"
    en = "There is no such output"
    remedy_zh = "请刷新列表"
    remedy_en = "Load the list again"


class UnusableOutput(OperatorFault):
    """No such output can be entered."""

    code = "output.unusable"
    status = 422
    zh = "报警输出信息无效:{why_zh}"
    en = "The output cannot be entered: {why_en}"
    remedy_zh = "请更正后重试"
    remedy_en = "Mend it and try again"


class TakenSwitch(OperatorFault):
    """One switch is one output."""

    code = "output.taken"
    status = 409
    zh = "该摄像机的 {number} 号开关已登记"
    en = "Switch {number} of this camera is an output already"
    remedy_zh = "请换一个开关号,或删除原来的"
    remedy_en = "Choose another number, or remove the other one"


class TooManyOutputs(OperatorFault):
    """No more are entered."""

    code = "output.too_many"
    status = 409
    zh = "本节点最多 {limit} 个报警输出"
    en = "{limit} outputs a node at most"
    remedy_zh = "请删除不用的"
    remedy_en = "Remove those that nobody needs"


class UnfitOutput(OperatorFault):
    """It is not switched on so."""

    code = "output.unfit"
    status = 409
    zh = "不能使用这个报警输出:{why_zh}"
    en = "This output cannot be used: {why_en}"
    remedy_zh = "请另选一个,或请系统管理员核对登记"
    remedy_en = "Choose another one, or ask a system administrator to look at it"
