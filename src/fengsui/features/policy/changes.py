"""What a new pack changes, field by field, which way, and what holds while a loosening waits. Pure. Rule A37."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fengsui.features.approvals import Difference, Direction
from fengsui.features.policy.model import (
    TEXTS,
    DataClass,
    Gated,
    LiveWithoutCentre,
    Purpose,
    SignOnFactor,
    SignOnHours,
    TwoPersonAct,
    UnknownCase,
)
from fengsui.features.policy.pack import (
    ApprovalRule,
    Bounds,
    Duty,
    Emergency,
    Loosening,
    OlderData,
    Pack,
    Part,
    PurposeRule,
    Tickets,
)

HOUR_S: Final = 3600.0
Words = tuple[str, str]
TIGHTENING, LOOSENING, NEUTRAL = Direction.TIGHTENING, Direction.LOOSENING, Direction.NEUTRAL
OPEN, CLOSED, NOTHING = ("开放", "open"), ("不开放", "closed"), ("", "")
OPPOSITE: Final = {TIGHTENING: LOOSENING, LOOSENING: TIGHTENING, NEUTRAL: NEUTRAL}


@dataclass(frozen=True, slots=True)
class Entry:
    """One field of a pack as it is read.

    `measure`: a number is the stricter the higher; a set lets in what it holds; None bounds nothing. `appearing`: what it does to
    the bounds that the field is there at all.
    """

    path: str
    name: Words
    value: Words
    measure: int | frozenset[str] | None = None
    appearing: Direction = TIGHTENING


def entries(pack: Pack) -> list[Entry]:
    """Every field in the order of reading."""
    return [*_head(pack), *_bounds(pack), *_purposes(pack), *_acts(pack), *_notices(pack)]


def _head(pack: Pack) -> Iterator[Entry]:
    yield Entry("name", ("名称", "Name"), _same(pack.name))
    yield Entry("version", ("版本", "Version"), _same(pack.version))
    yield Entry("title", ("标题", "Title"), (pack.title.zh, pack.title.en))
    yield Entry("publisher", ("发布单位", "Publisher"), _same(pack.publisher))
    yield Entry("issued_on", ("发布日期", "Issued on"), _same(pack.issued_on))


def _bounds(pack: Pack) -> Iterator[Entry]:
    for one in DataClass:
        zh, en = TEXTS[f"class.{one}"]
        bounds, path = pack.retention[one], f"retention.{one}"
        ceiling = bounds.ceiling_days or 0
        yield Entry(f"{path}.floor_days", (f"{zh} · 保存下限", f"{en} · floor"), _days(bounds.floor_days), bounds.floor_days)
        yield Entry(f"{path}.ceiling_days", (f"{zh} · 保存上限", f"{en} · ceiling"), _days(ceiling), -ceiling)
        yield Entry(f"{path}.basis", (f"{zh} · 依据", f"{en} · basis"), _same(bounds.basis))
    gate = pack.older_data.gate_days
    yield Entry(
        "older_data.gate_days", ("较早数据须上级批准的时限", "Older data needs a higher approver after"), _days(gate), -gate
    )
    tickets, emergency = pack.tickets, pack.emergency
    for path, name, hours in (
        ("tickets.default_hours", ("使用单默认时长", "Use ticket, default length"), tickets.default_hours),
        ("tickets.longest_hours", ("使用单最长时长", "Use ticket, longest length"), tickets.longest_hours),
        (
            "tickets.without_case_hours",
            ("无案(事)件编号的使用单最长时长", "Use ticket without a case, longest length"),
            tickets.without_case_hours,
        ),
        ("emergency.report_hours", ("紧急调看 · 书面报告时限", "Emergency · report within"), emergency.report_hours),
        ("emergency.verdict_hours", ("紧急调看 · 复核时限", "Emergency · verdict within"), emergency.verdict_hours),
    ):
        yield Entry(path, name, (f"{hours} 小时", f"{hours} h"), -hours)
    name = ("登记系统查无编号的使用单", "Use ticket whose number the register does not know")
    unknown = tickets.unknown_case
    yield Entry("tickets.unknown_case", name, TEXTS[f"unknown-case.{unknown}"], int(unknown is UnknownCase.REFUSED))
    free, factor = pack.duty.live_without_centre, pack.duty.sign_on_factor
    name = ("无值班中心区域的实时画面", "Live pictures where no duty centre answers")
    stricter_one = int(free is LiveWithoutCentre.REFUSED)
    yield Entry("duty.live_without_centre", name, TEXTS[f"without-centre.{free}"], stricter_one)
    name = ("值班签到 · 双因素", "Signing on to a shift · second factor")
    yield Entry("duty.sign_on_factor", name, TEXTS[f"sign-on.{factor}"], int(factor is SignOnFactor.SECOND_FACTOR))
    yield from _duty_hours(pack.duty)
    minutes = emergency.minutes
    name = ("紧急调看 · 最长时间", "Emergency · longest time")
    yield Entry("emergency.minutes", name, (f"{minutes} 分钟", f"{minutes} min"), -minutes)
    wait = pack.loosening.wait_hours
    yield Entry("loosening.wait_hours", ("放宽的等待时间", "A loosening waits"), (f"{wait} 小时", f"{wait} h"), wait)


def _duty_hours(duty: Duty) -> Iterator[Entry]:
    checked = duty.sign_on_hours
    name = ("值班签到 · 工时与休息", "Signing on to a shift · hours and rest")
    yield Entry("duty.sign_on_hours", name, TEXTS[f"sign-on-hours.{checked}"], int(checked is SignOnHours.CHECKED))
    for field, name, hours, measure in (
        ("shift_hours", ("连续值班上限", "On duty at a stretch, at most"), duty.shift_hours, -duty.shift_hours),
        ("rest_hours", ("两班之间的休息", "Rest between shifts"), duty.rest_hours, duty.rest_hours),
        ("overtime_hours", ("延时上限", "Extension, at most"), duty.overtime_hours, -duty.overtime_hours),
    ):
        yield Entry(f"duty.{field}", name, (f"{hours} 小时", f"{hours} h"), measure)


def _purposes(pack: Pack) -> Iterator[Entry]:
    for purpose in Purpose:
        rule = pack.purposes.get(purpose)
        zh, en = TEXTS[f"purpose.{purpose}"]
        path = f"purposes.{purpose}"
        for function in Gated:
            function_zh, function_en = TEXTS[f"function.{function}"]
            is_open = rule is not None and function in rule.functions
            name = (f"用途“{zh}” · {function_zh}", f"Purpose “{en}” · {function_en}")
            yield Entry(f"{path}.{function}", name, OPEN if is_open else CLOSED, -int(is_open), LOOSENING if is_open else NEUTRAL)
        if rule is not None:
            name = (f"用途“{zh}” · 案件编号", f"Purpose “{en}” · case number")
            yield Entry(f"{path}.case_number", name, TEXTS[f"case.{rule.case_number}"], rule.case_number.height, NEUTRAL)
            name = (f"用途“{zh}” · 依据", f"Purpose “{en}” · bases")
            yield Entry(f"{path}.basis", name, _same("\n".join(rule.basis)), frozenset(rule.basis), NEUTRAL)


def _acts(pack: Pack) -> Iterator[Entry]:
    for act in TwoPersonAct:
        rule = pack.approvals[act]
        zh, en = TEXTS[f"act.{act}"]
        path = f"approvals.{act}"
        yield Entry(
            f"{path}.rank", (f"{zh} · 审批职级", f"{en} · rank of the approver"), TEXTS[f"rank.{rule.rank}"], rule.rank.height
        )
        needed = ("必须", "needed") if rule.document else ("不需要", "not needed")
        yield Entry(f"{path}.document", (f"{zh} · 法律文书", f"{en} · legal document"), needed, int(rule.document))


def _notices(pack: Pack) -> Iterator[Entry]:
    for slug, text in sorted(pack.notices.items()):
        yield Entry(f"notices.{slug}", (f"告知文字 · {slug}", f"Notice · {slug}"), (text.zh, text.en), 0)


def differences(old: Pack | None, new: Pack) -> list[Difference]:
    """Every field that is another one; against no pack: every field, but for what stays closed."""
    before = {one.path: one for one in entries(old)} if old is not None else {}
    after = {one.path: one for one in entries(new)}
    found = []
    for path in [*after, *(path for path in before if path not in after)]:
        was, becomes = before.get(path), after.get(path)
        if was is not None and becomes is not None and was.value == becomes.value:
            continue
        if was is None and becomes is not None and becomes.value == CLOSED:
            continue
        there = becomes or was
        assert there is not None  # the path is of one of them
        old_words, new_words = was.value if was else NOTHING, becomes.value if becomes else NOTHING
        found.append(Difference(path, *there.name, *old_words, *new_words, _direction(was, becomes)))
    return found


def _direction(was: Entry | None, becomes: Entry | None) -> Direction:
    if was is None or becomes is None:
        there = was or becomes
        assert there is not None
        return NEUTRAL if there.measure is None else there.appearing if was is None else OPPOSITE[there.appearing]
    if isinstance(was.measure, int) and isinstance(becomes.measure, int):
        change = becomes.measure - was.measure
        return TIGHTENING if change > 0 else LOOSENING if change < 0 else NEUTRAL
    if isinstance(was.measure, frozenset) and isinstance(becomes.measure, frozenset):
        return NEUTRAL if was.measure == becomes.measure else TIGHTENING if becomes.measure < was.measure else LOOSENING
    return NEUTRAL


def wait_s(old: Pack | None, new: Pack) -> float:
    """How long the new pack waits: not at all when it loosens nothing, else as long as the pack in force says."""
    if all(one.direction is not LOOSENING for one in differences(old, new)):
        return 0.0
    return (old or new).loosening.wait_hours * HOUR_S


def _same(value: object) -> Words:
    return str(value), str(value)


def _days(days: int) -> Words:
    return f"{days} 天", f"{days} days"


def stricter(old: Pack, new: Pack) -> Pack:
    """What holds while `new` waits: each bound as narrow as the narrower of both, under the name in force (rule A37)."""
    purposes = {}
    for purpose in old.purposes.keys() & new.purposes.keys():
        was, becomes = old.purposes[purpose], new.purposes[purpose]
        if functions := was.functions & becomes.functions:
            case_number = max(was.case_number, becomes.case_number, key=lambda one: one.height)
            basis = tuple(one for one in was.basis if one in becomes.basis) or was.basis
            purposes[purpose] = PurposeRule(functions=functions, case_number=case_number, basis=basis)
    approvals = {
        act: ApprovalRule(
            rank=max(rule.rank, new.approvals[act].rank, key=lambda one: one.height),
            document=rule.document or new.approvals[act].document,
        )
        for act, rule in old.approvals.items()
    }
    return old.model_copy(
        update={
            "retention": {one: _narrower(old.retention[one], new.retention[one]) for one in DataClass},
            "older_data": OlderData(gate_days=min(old.older_data.gate_days, new.older_data.gate_days)),
            "tickets": _stricter_tickets(old.tickets, new.tickets),
            "duty": _stricter_duty(old.duty, new.duty),
            "emergency": Emergency(**_least(old.emergency, new.emergency)),
            "loosening": Loosening(wait_hours=max(old.loosening.wait_hours, new.loosening.wait_hours)),
            "purposes": purposes,
            "approvals": approvals,
            "notices": {**old.notices, **new.notices},
        }
    )


def _stricter_tickets(old: Tickets, new: Tickets) -> Tickets:
    refused = UnknownCase.REFUSED in (old.unknown_case, new.unknown_case)
    return Tickets(
        default_hours=min(old.default_hours, new.default_hours),
        longest_hours=min(old.longest_hours, new.longest_hours),
        without_case_hours=min(old.without_case_hours, new.without_case_hours),
        unknown_case=UnknownCase.REFUSED if refused else UnknownCase.UNTIL_NIGHT,
    )


def _stricter_duty(old: Duty, new: Duty) -> Duty:
    asked = SignOnFactor.SECOND_FACTOR in (old.sign_on_factor, new.sign_on_factor)
    checked = SignOnHours.CHECKED in (old.sign_on_hours, new.sign_on_hours)
    free = LiveWithoutCentre.REFUSED not in (old.live_without_centre, new.live_without_centre)
    return Duty(
        live_without_centre=LiveWithoutCentre.OPEN if free else LiveWithoutCentre.REFUSED,
        sign_on_factor=SignOnFactor.SECOND_FACTOR if asked else SignOnFactor.NONE,
        sign_on_hours=SignOnHours.CHECKED if checked else SignOnHours.NOT_CHECKED,
        shift_hours=min(old.shift_hours, new.shift_hours),
        rest_hours=max(old.rest_hours, new.rest_hours),
        overtime_hours=min(old.overtime_hours, new.overtime_hours),
    )


def _narrower(old: Bounds, new: Bounds) -> Bounds:
    floor, ceiling = max(old.floor_days, new.floor_days), min(old.ceiling_days or 0, new.ceiling_days or 0)
    if floor > ceiling:  # the two have no day in common: the old ones hold until the new ones do
        return old
    return Bounds(floor_days=floor, ceiling_days=ceiling, basis=old.basis)


def _least(old: Part, new: Part) -> dict[str, int]:
    return {name: min(getattr(old, name), getattr(new, name)) for name in type(old).model_fields}
