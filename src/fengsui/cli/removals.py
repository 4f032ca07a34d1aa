"""What `fengsui check` finds about the proofs of removed footage: their Merkle roots are reckoned anew (A53)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from fengsui.cli.findings import Finding, fault, good, told, warning
from fengsui.errors import FengsuiError
from fengsui.features.audit import Act, records_of
from fengsui.features.retention import REMOVAL_ROWS, Proof, removal_of
from fengsui.store import each_row

NAMED = 5


def removals(url: str, folder: Path, now: datetime) -> Iterator[Finding]:
    """`url`: of the database, whose tables are of this version; `folder`: of the audit log. Nothing is said without removals."""
    try:
        first = next(records_of(folder, list(Act)), None)
        begins = now if first is None else datetime.fromisoformat(first.at)
        proof = Proof(records_of(folder, [Act.FOOTAGE_REMOVE, Act.FOOTAGE_REMOVED]), begins.timestamp(), now.timestamp())
        asyncio.run(each_row(url, REMOVAL_ROWS, lambda row: proof.take(removal_of(row))))
    except OSError as error:
        yield warning(f"审计日志不可读:{error}", f"The audit log cannot be read: {error}", "检查权限", "Look at its rights")
        return
    except FengsuiError as error:
        yield told(error)
        return
    rowless = proof.rowless()
    if proof.broken:
        count, some = len(proof.broken), _some(proof.broken)
        yield fault(
            f"{count} 项录像删除记录的摘要与其 Merkle 根不符:{some}",
            f"The digests of {count} removals of footage do not make up their Merkle roots: {some}",
            "数据库被绕过节点改动;以审计日志中的根为准,请审计管理员核实",
            "The database was changed past the node; the roots of the audit log count: let the audit administrator find out",
        )
    if proof.unrecorded:
        count, some = len(proof.unrecorded), _some(proof.unrecorded)
        yield fault(
            f"{count} 项录像删除与审计日志不符,或审计日志中没有:{some}",
            f"{count} removals of footage are not what the audit log says, or not in it: {some}",
            "数据库被绕过节点改动,或审计日志不完整;请审计管理员核实",
            "The database was changed past the node, or the log is not whole: let the audit administrator find out",
        )
    if rowless:
        yield warning(
            f"数据库缺少审计日志所记的 {len(rowless)} 项录像删除的摘要:{_some(rowless)}",
            f"The database lacks the digests of {len(rowless)} removals that the audit log tells of: {_some(rowless)}",
            "节点可能在写入前中断,或其被删改;审计日志中的根仍可作证",
            "The node may have died before writing them, or they were removed; the roots in the audit log still prove the removals",
        )
    if proof.endless:
        yield warning(
            f"{len(proof.endless)} 项录像删除没有结束记录:{_some(proof.endless)}",
            f"Of {len(proof.endless)} removals of footage the log does not say what came of them: {_some(proof.endless)}",
            "节点在删除中途被终止;下次启动时已续完,留存的文件会再次删除并记录",
            "The node was killed in their midst; its next start finished them, and files that stayed are removed again, on record",
        )
    if proof.rows and not proof.broken and not proof.unrecorded:
        zh = f"录像删除记录 {proof.rows:,} 项({proof.files:,} 个文件)与其 Merkle 根、审计日志相符"
        yield good(
            zh, f"{proof.rows:,} removals of footage ({proof.files:,} files) agree with their Merkle roots and the audit log"
        )


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:NAMED]) + (", …" if len(names) > NAMED else "")
