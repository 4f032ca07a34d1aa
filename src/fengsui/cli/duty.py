"""What `fengsui check` finds about duty (A5), and about use tickets that the database has otherwise than the node wrote (A2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from fengsui.cli.findings import Finding, fault, good, warning
from fengsui.features.tickets import is_whole
from fengsui.settings import Secrets

NAMED = 5


def duty(areas: Sequence[Any]) -> Finding:
    """`areas`: what `CENTRE_AREAS` selects."""
    if not areas:
        return warning(
            "没有值班中心:看实时画面不需要签到",
            "There is no duty centre: live pictures need no shift",
            "请值班长在“值班”页设立值班中心",
            "Have a duty supervisor set one up on the duty page",
        )
    kept = ", ".join(sorted({row.area or "*" for row in areas}))
    return good(f"须签到看实时画面的区域:{kept}", f"live pictures need a shift in {kept}")


def tickets(rows: Sequence[Any], secrets: Secrets) -> Iterator[Finding]:
    """`rows`: what `OPEN_TICKETS` selects; nothing is said without any."""
    if not rows:
        return
    key = secrets.key("use-tickets")
    broken = [row.number for row in rows if not is_whole(row, key)]
    if broken:
        some = ", ".join(broken[:NAMED]) + (", …" if len(broken) > NAMED else "")
        yield fault(
            f"{len(broken)} 张使用单不是本节点所写(或由早先版本所开):{some}",
            f"{len(broken)} use tickets are not what this node wrote (or come from an earlier version): {some}",
            "它们不再有效;请核对审计日志,必要时重新开立",
            "They open nothing any more; compare the audit log, and open them anew where needed",
        )
    else:
        yield good(f"使用单签封完好:{len(rows)} 张", f"the seals of {len(rows)} use tickets hold")
