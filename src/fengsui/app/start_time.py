"""A node that starts with a clock earlier than its own log says so, and counts on from there: nothing gains time (rule A34).

One that starts later than its log's last record cannot tell whether it was stopped for so long or its clock was set forward:
that is on record, and what waits so that somebody may speak up (a loosening) waits for so much longer.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

import structlog

from fengsui.clock import Clock, SteadyTime
from fengsui.features.audit import NODE, Act, Audit, latest_in

log = structlog.get_logger(__name__)
TOLERATED_S = 2.0
RESTARTED_S: Final = 300.0
"""A restart takes less."""
FORWARD: Final = re.compile(r"\+([0-9.]+) s")
"""Time servers correct a clock by less."""


async def hold_time(steady: SteadyTime, audit: Audit, clock: Clock, ahead_until: datetime | None) -> None:
    """Before anything that lasts for a time is read. `ahead_until`: records up to then were written by a clock that was ahead.

    Raises OSError.
    """
    await _note_leaps(steady, audit, clock)
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


async def _note_leaps(steady: SteadyTime, audit: Audit, clock: Clock) -> None:
    for one in await audit.known.records(Act.CLOCK_SET):
        if by := FORWARD.match(one.detail):
            steady.leapt(datetime.fromisoformat(one.at).timestamp(), float(by[1]))
    last = datetime.fromisoformat(audit.files.last_at) if audit.files.last_at else None
    unseen_s = 0.0 if last is None else (clock.now() - last).total_seconds()
    if unseen_s > RESTARTED_S:
        log.warning("the log's last record is old: the node was stopped, or its clock was set forward", by_s=round(unseen_s))
        said = f"+{unseen_s:.1f} s since the last record: the node was stopped for so long, or its clock was set forward"
        audit.record_end(NODE, Act.CLOCK_SET, detail=said)
        steady.leapt(clock.now().timestamp(), unseen_s)


async def _latest(audit: Audit) -> datetime | None:
    """Of the newest file; and what a start before told, where a file was begun since."""
    told = [audit.files.latest] if audit.files.latest else []
    told += map(latest_in, await audit.known.records(Act.CLOCK_SET))
    return max((datetime.fromisoformat(at) for at in told), default=None)


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
