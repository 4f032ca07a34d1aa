"""What `fengsui check` finds about accounts: what closes them (rule A9), and whether somebody is left to let others in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from math import isinf
from typing import Any, get_args

from fengsui.cli.findings import Finding, fault, good, warning
from fengsui.features.access import BEIJING, lapse_of
from fengsui.settings import AccessSection, Prerequisite

SOON_S = 14 * 86_400.0


def prerequisites(access: AccessSection) -> Finding:
    """Whether an account needs everything that the law asks for before it opens."""
    left_out = [one for one in get_args(Prerequisite) if one not in access.prerequisites]
    if left_out:
        names = ", ".join(left_out)
        return warning(
            f"账户开通前不核对:{names}(国务院令第 799 号第十六条)",
            f"Accounts open without: {names} (Order 799 article 16)",
            "删除 [access] prerequisites,使默认的三项全部生效;它只供补登日期时暂用",
            "Remove [access] prerequisites: all three are the default; leaving one out is for the time of entering dates alone",
        )
    return good("账户前提:审查、保密承诺、培训考核", "accounts need vetting, undertaking and training")


def administrators(rows: Sequence[Any], access: AccessSection, now: float) -> Iterator[Finding]:
    """`rows`: what `ADMINISTRATORS` selects; none before the first start."""
    ends = {row.name: lapse_of(row.vetted_on, row.undertaking_on, row.training_until, access.prerequisites) for row in rows}
    open_now = [name for name, (at, _) in ends.items() if now < at]
    if rows and not open_now:
        why_zh, why_en = next(iter(ends.values()))[1]
        yield fault(
            f"全域安全管理员的账户均已关闭({why_zh}),无人能补登日期",
            f"The account of every security administrator of the whole node is closed ({why_en}); nobody can enter the dates",
            "暂设 [access] prerequisites = [],补登后删除该行;此间的权限状态均有记录",
            "Set [access] prerequisites = [] until the dates are entered, then remove the line; the log shows both states",
        )
    elif len(open_now) == 1:
        yield warning(
            f"全域安全管理员只有 {open_now[0]} 一人,无人复核其申请",
            f"{open_now[0]} is the only security administrator of the whole node: nobody can approve what they ask for",
            "请任命第二名全域安全管理员",
            "Appoint a second one for the whole node",
        )
    for name in open_now:
        at = ends[name][0]
        if not isinf(at) and at < now + SOON_S:
            day = datetime.fromtimestamp(at, UTC).astimezone(BEIJING).date()
            yield warning(
                f"安全管理员 {name} 的账户将于 {day} 关闭:培训考核到期",
                f"The account of the security administrator {name} closes on {day}: the training lapses",
                "由另一名安全管理员登记新的日期",
                "Have another security administrator enter the new date",
            )
