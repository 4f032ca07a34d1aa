"""What `fengsui check` finds of changes of the database past the node, as the audit log tells them (rule A36)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from fengsui.cli.findings import Finding, warning

TOLD_DAYS = 30


def changed(rows: Sequence[Any], now: datetime) -> Iterator[Finding]:
    """`rows`: of `audit.CHANGED_PAST`. Those of the last thirty days are told."""
    since = (now.astimezone(UTC) - timedelta(days=TOLD_DAYS)).isoformat()
    found = [row for row in rows if row.at >= since]
    if found:
        what = ", ".join(sorted({row.object for row in found}))
        yield warning(
            f"{TOLD_DAYS} 天内数据库曾被绕过节点改动:{what}(最近 {found[0].at})",
            f"The database was changed past the node within {TOLD_DAYS} days: {what} (last {found[0].at})",
            "请审计管理员在审计日志中查阅操作 database.changed,核实何人何时改动",
            "Let the audit administrator look at the act database.changed in the audit log and find out who did it",
        )
