"""What `fengsui check` finds about duty (A5), and about use tickets that the database has otherwise than the node wrote (A2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from fengsui.cli.findings import Finding, fault, good, warning
from fengsui.errors import FengsuiError
from fengsui.features.audit import records_of
from fengsui.features.duty import SAID, missing
from fengsui.features.policy import Envelope, Pack, opens_without_centre, read_document
from fengsui.features.tickets import is_whole
from fengsui.settings import Secrets

NAMED = 5


def duty(centres: Sequence[Any], cameras: Sequence[Any], packs: Sequence[Any]) -> Iterator[Finding]:
    """`centres`, `cameras`, `packs`: what `CENTRE_AREAS`, `CAMERA_AREAS` and `PACK_IN_FORCE` select."""
    answered = sorted({row.area for row in centres})
    if answered:
        kept = ", ".join(one or "*" for one in answered)
        yield good(f"须签到看实时画面的区域:{kept}", f"live pictures need a shift in {kept}")
    left = sorted({row.shown_area for row in cameras if not any(row.shown_area.startswith(one) for one in answered)})
    is_open = opens_without_centre(_pack(packs), any_centre=bool(answered))
    if is_open and (left or not answered):
        named = _some(left) if answered else "*"
        yield warning(
            f"没有值班中心负责的区域,看实时画面不需要签到:{named}",
            f"No duty centre answers for these areas, and live pictures need no shift there: {named}",
            '请值班长在“值班”页设立值班中心,或由策略包规定 duty.live_without_centre = "refused"',
            'Have a duty supervisor set one up on the duty page, or let the policy pack say duty.live_without_centre = "refused"',
        )
    elif left:
        yield warning(
            f"没有值班中心负责的区域,实时画面须持使用单:{_some(left)}",
            f"No duty centre answers for these areas: live pictures there take a use ticket: {_some(left)}",
            "请值班长在“值班”页为其设立值班中心",
            "Have a duty supervisor set one up for them on the duty page",
        )


def rows_missing(folder: Path, *written: Sequence[Any]) -> Iterator[Finding]:
    """`folder`: of the audit log; the rest: what `TICKET_ROWS`, `SHIFT_ROWS`, `EMERGENCY_ROWS` and `LOG_ROWS` select."""
    try:
        found = missing(records_of(folder, SAID), *written)
    except OSError as error:
        yield warning(f"审计日志不可读:{error}", f"The audit log cannot be read: {error}", "检查权限", "Look at its rights")
        return
    for one in found[:NAMED]:
        yield fault(
            f"数据库中缺少{one.zh} {one.name},审计日志第 {one.since} 条有其记录",
            f"The database lacks the {one.en} {one.name} that record {one.since} of the audit log tells of",
            "可能被绕过节点删改,或节点在写入前中断;请审计管理员核实",
            "It was removed or changed past the node, or the node died before writing it; let the audit administrator find out",
        )
    if len(found) > NAMED:
        yield fault(f"另缺 {len(found) - NAMED} 项", f"{len(found) - NAMED} more are missing", "同上", "As above")


def _some(areas: Sequence[str]) -> str:
    return ", ".join(one or "*" for one in areas[:NAMED]) + (", …" if len(areas) > NAMED else "")


def _pack(rows: Sequence[Any]) -> Pack | None:
    """As it says, whoever signed it: proving it is the node's own work."""
    try:
        return read_document(Envelope.parse(bytes(rows[0].octets)).document) if rows else None
    except FengsuiError:
        return None


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
