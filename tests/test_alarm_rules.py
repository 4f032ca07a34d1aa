"""When a rule meets an alarm."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from fengsui.features.alarm_rules.armed import is_as_wanted
from fengsui.features.alarm_rules.model import Definition, RaisePriority, Rule, When, Window
from fengsui.features.alarms import Alarm, Armed
from tests.test_alarm_work_model import an_alarm

SHANGHAI = timezone(timedelta(hours=8))
NIGHT = datetime(2026, 11, 27, 23, 30, tzinfo=SHANGHAI)
"""A Friday."""


def one(**facts: Any) -> Alarm:
    return an_alarm(**{"area": "520102", "change": "new", "priority": 2, "first_at": NIGHT.timestamp(), **facts})


def rule(when: When, **facts: Any) -> Rule:
    return Rule(**{"id": 1, "name": "夜间", "area": "5201", "is_on": True, "position": 1, **facts}, definition=Definition(when, ()))


@pytest.mark.parametrize(
    ("when", "facts"),
    [
        ({"change": "restored"}, {"change": "restored"}),
        ({"protocols": ("gb28181",)}, {"protocol": "gb28181"}),
        ({"categories": ("panic", "fire")}, {"category": "fire"}),
        ({"codes": ("PA",)}, {"code": "PA"}),
        ({"methods": (5,)}, {"method": 5}),
        ({"types": ("6",)}, {"alarm_type": "6"}),
        ({"priorities": (1,)}, {"priority": 1}),
        ({"areas": ("520103",)}, {"area": "520103"}),
        ({"sites": ("实验小学",)}, {"site": "实验小学"}),
        ({"points": (77,)}, {"point_id": 77}),
        ({"accounts": ("4321",)}, {"account": "4321"}),
        ({"devices": ("52010200001320000001",)}, {"device": "52010200001320000001"}),
    ],
)
def test_what_a_rule_names_must_hold_and_an_empty_list_leaves_it_open(when: dict[str, Any], facts: dict[str, Any]) -> None:
    asked = rule(When(**when))
    assert asked.meets(one(**facts), SHANGHAI)
    assert not asked.meets(one(), SHANGHAI)
    assert rule(When(change=facts.get("change", "new"))).meets(one(**facts), SHANGHAI)


def test_a_rule_holds_in_its_own_area_and_while_it_is_on() -> None:
    assert rule(When()).meets(one(), SHANGHAI)
    assert not rule(When(), is_on=False).meets(one(), SHANGHAI)
    assert not rule(When(), area="5203").meets(one(), SHANGHAI)


@pytest.mark.parametrize(
    ("days", "since", "until", "holds"),
    [
        ((5,), "22:00", "06:00", (False, True, True, False)),
        ((6,), "22:00", "06:00", (False, False, False, False)),
        ((5,), "00:00", "00:00", (True, True, False, False)),
        ((6,), "00:00", "05:00", (False, False, True, False)),
        ((5,), "08:00", "23:31", (True, True, False, False)),
        ((5,), "08:00", "23:30", (True, False, False, False)),
    ],
)
def test_a_window_is_of_the_nodes_own_time_and_goes_over_midnight(
    days: tuple[int, ...], since: str, until: str, holds: tuple[bool, ...]
) -> None:
    looked = [NIGHT.replace(hour=12), NIGHT, NIGHT + timedelta(hours=3), NIGHT + timedelta(hours=8)]
    found = [rule(When(windows=(Window(days, since, until),))).meets(one(first_at=at.timestamp()), SHANGHAI) for at in looked]
    assert tuple(found) == holds


def test_what_a_rule_says_is_on_record_by_its_digest() -> None:
    first, other = rule(When()), rule(When(priorities=(1,)))
    assert first.said != other.said and "sha256" in first.said
    assert rule(When(), name="x" * 5000).said.count("x") <= 300
    assert RaisePriority(1).to == 1


def told(code: str, section: str = "", *, change: str = "new", account: str = "4321") -> Alarm:
    table = "cid" if code.isdigit() else "sia"
    return one(code=code, code_table=table, section=section, change=change, account=account)


@pytest.mark.parametrize(
    ("reports", "section", "armed", "disarmed"),
    [
        ([], "", False, False),
        ([told("CL")], "", True, False),
        ([told("CL"), told("OP")], "", False, True),
        ([told("401")], "", False, True),
        ([told("401", change="restored")], "", True, False),
        ([told("CL", "01")], "02", False, False),
        ([told("CL"), told("OP", "02")], "02", False, True),
        ([told("CL"), told("OP", "02")], "01", True, False),
        ([told("OP", "02"), told("CL", "000")], "02", True, False),
        ([told("CL", "01"), told("OP", "10")], "01", True, False),
        ([told("CL", account="1111")], "", False, False),
        ([told("CL"), told("OZ"), told("OI")], "", True, False),
    ],
)
def test_a_host_is_as_it_told_last(reports: list[Alarm], section: str, armed: bool, disarmed: bool) -> None:
    state, alarm = Armed(reports), one(account="4321", section=section)
    assert is_as_wanted(rule(When(armed="armed")), alarm, state, lambda _: None) is armed
    assert is_as_wanted(rule(When(armed="disarmed")), alarm, state, lambda _: None) is disarmed
    assert is_as_wanted(rule(When()), alarm, state, lambda _: None)
    for due in (True, False):  # where it told nothing, it is as it was to be
        wanted = due if not armed and not disarmed else armed
        assert is_as_wanted(rule(When(armed="armed")), alarm, state, lambda _, due=due: due) is wanted
