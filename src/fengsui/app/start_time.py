"""A node that starts with a clock earlier than its own log says so, and counts on from there: nothing gains time (rule A34)."""

from __future__ import annotations

from datetime import UTC, datetime

import structlog

from fengsui.clock import Clock, SteadyTime
from fengsui.features.audit import NODE, Act, Audit, latest_in

log = structlog.get_logger(__name__)
TOLERATED_S = 2.0
"""Time servers correct a clock by less."""


async def hold_time(steady: SteadyTime, audit: Audit, clock: Clock, ahead_until: datetime | None) -> None:
    """Before anything that lasts for a time is read. `ahead_until`: records up to then were written by a clock that was ahead.

    Raises StorageFault, OSError.
    """
    latest = await _latest(audit)
    if latest is None or (behind_s := (latest - clock.now()).total_seconds()) <= TOLERATED_S:
        return
    said = f"-{behind_s:.1f} s while the node was stopped; the log's latest time is {_text(latest)}"
    if ahead_until is not None and latest <= ahead_until:
        log.warning("the clock is behind the audit log, whose clock was ahead as the settings say", by_s=round(behind_s, 1))
        audit.record_end(NODE, Act.CLOCK_SET, detail=f"{said}, which node.clock_was_ahead_until sets aside")
        return
    log.error("the clock was set back while the node was stopped: what ends by time is counted on", by_s=round(behind_s, 1))
    audit.record_end(NODE, Act.CLOCK_SET, detail=f"{said}; not before {_text(latest)}")
    steady.not_before(latest.timestamp())


async def _latest(audit: Audit) -> datetime | None:
    """Of the newest file; and what a start before told, where a file was begun since."""
    told = [audit.files.latest] if audit.files.latest else []
    told += map(latest_in, await audit.known.records(Act.CLOCK_SET))
    return max((datetime.fromisoformat(at) for at in told), default=None)


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
