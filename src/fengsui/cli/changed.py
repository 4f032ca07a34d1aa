"""What `fengsui check` finds of changes past the node: of the database, of keys, of the clock (rules A34 and A36)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fengsui.app import TOLERATED_S, changed_since_start
from fengsui.cli.findings import Finding, fault, warning
from fengsui.features.audit import Act, AuditRecord, latest_time, records_of
from fengsui.settings import NodeSettings, Secrets

TOLD_DAYS = 30


def _lately(folder: Path, act: Act, now: datetime) -> list[AuditRecord]:
    """Of the last thirty days, the newest first, by the files of the log: the database says nothing of what was done to it."""
    since = (now.astimezone(UTC) - timedelta(days=TOLD_DAYS)).isoformat()
    try:
        return [one for one in records_of(folder, [act]) if one.at >= since][::-1]
    except OSError:
        return []  # told with the log itself


def changed(folder: Path, now: datetime) -> Iterator[Finding]:
    """`folder`: of the audit log. Changes of the last thirty days are told."""
    found = _lately(folder, Act.DATABASE_CHANGED, now)
    if found:
        what = ", ".join(sorted({one.object for one in found}))
        yield warning(
            f"{TOLD_DAYS} 天内数据库曾被绕过节点改动:{what}(最近 {found[0].at})",
            f"The database was changed past the node within {TOLD_DAYS} days: {what} (last {found[0].at})",
            "请审计管理员在审计日志中查阅操作 database.changed,核实何人何时改动",
            "Let the audit administrator look at the act database.changed in the audit log and find out who did it",
        )


def keys(now: datetime, settings: NodeSettings, folder: Path) -> Iterator[Finding]:
    """Those that the log of the last thirty days tells of, and what is another one than at the last start."""
    secrets = Secrets(folder)
    if secrets.path("settings").exists():
        for name in changed_since_start(settings, folder, secrets.key("settings")):
            yield fault(
                f"密钥文件 {name} 与节点上次启动时不同",
                f"The key file {name} is another one than when the node last started",
                "核实何人何时改动;若非本单位所为,请更换密钥,并恢复原文件后再启动",
                "Find out who changed it and when; if it was nobody of yours, restore it before the next start, or make new keys",
            )
    found = _lately(settings.audit.folder_in(folder), Act.KEY_CHANGED, now)
    if found:
        what = ", ".join(sorted({one.object for one in found}))
        yield warning(
            f"{TOLD_DAYS} 天内密钥文件曾在节点运行时被改动或放开权限:{what}(最近 {found[0].at})",
            f"Key files were changed or opened while the node ran, within {TOLD_DAYS} days: {what} (last {found[0].at})",
            "请审计管理员在审计日志中查阅操作 key.changed,核实何人何时改动;内容可能已泄露时请更换密钥",
            "Let the audit administrator look at the act key.changed in the audit log; where they may have leaked, make new keys",
        )


def set_back(settings: NodeSettings, folder: Path, now: datetime) -> Iterator[Finding]:
    """A clock that is earlier than the log: a node that starts now counts on from the log's latest time."""
    try:
        latest = latest_time(settings.audit.folder_in(folder))
    except OSError:
        return  # told with the log itself
    ahead_until = settings.node.clock_was_ahead_until
    if latest is None or latest <= now + timedelta(seconds=TOLERATED_S) or (ahead_until is not None and latest <= ahead_until):
        return
    behind_s, told = (latest - now).total_seconds(), f"{latest:%Y-%m-%d %H:%M:%S} UTC"
    yield fault(
        f"时钟比审计日志的最晚时间 {told} 早 {behind_s:.0f} 秒",
        f"The clock is {behind_s:.0f} s before the latest time of the audit log, {told}",
        "校准时钟;若当时的时钟走快,在 [node] clock_was_ahead_until 写明该时间",
        "Set the clock right; if it was the log's clock that was ahead, say so in [node] clock_was_ahead_until",
    )
