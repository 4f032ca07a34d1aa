"""Which packs are in force or wait, in the audit log itself: a row of theirs changed past the node opens nothing (rules A36, A37).

A pack alone is proved by its signature, and an older, looser one as well: which of them holds is a row in the database. Each change
by the node is on record before it is stored (`becomes`) and once it holds (`is`). What is read and was neither is not believed.
"""

from __future__ import annotations

import hashlib

import msgspec
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.audit import NODE, Act, Audit, Result
from fengsui.features.policy import queries

log = structlog.get_logger(__name__)
BECOMES, IS, NOTHING = "becomes ", "is ", "[]"
CHANGED = "packs in force are not as the log holds them: changed past the node"


async def written(tx: AsyncConnection) -> str:
    """State, hash of the signed file, request and begin of each pack that is in force or waits."""
    rows = [one for one in await queries.everything(tx) if one.state in ("in-force", "coming")]
    said = [(one.state, hashlib.sha256(bytes(one.octets)).hexdigest(), one.request, int(one.from_at)) for one in rows]
    return msgspec.json.encode(sorted(said)).decode()


class PolicyStateLog:
    """`start` before anything is asked."""

    def __init__(self, audit: Audit) -> None:
        self._audit = audit
        self._now: str | None = None
        """What holds, by the log; None: nothing is on record yet, as after an older version."""
        self._becomes: set[str] = set()
        """What the node began to store since: a crash may have kept it from the database, or its end from the log."""

    async def start(self) -> None:
        """Reads the log's files. Raises OSError."""
        for one in await self._audit.known.records(Act.POLICY_STATE, "policy"):
            if one.detail.startswith(IS):
                self._now = one.detail.removeprefix(IS)
                return
            self._becomes.add(one.detail.removeprefix(BECOMES))

    @property
    def knows_packs(self) -> bool:
        """Whether a pack was ever in force here, by the log."""
        return bool(self._becomes) or self._now is not None

    async def intend(self, tx: AsyncConnection) -> None:
        """In the transaction that changes it, after the change. Raises AuditUnavailable: then nothing is stored."""
        state = await written(tx)
        await self._audit.record(NODE, Act.POLICY_STATE, "policy", detail=BECOMES + state)
        self._becomes.add(state)

    async def holds(self, state: str) -> bool:
        """Whether the node itself brought about what was read; records it when it is new. Raises AuditUnavailable."""
        if state == self._now and not self._becomes:
            return True
        if not self.knows_packs and state == NOTHING:
            return True
        if self.knows_packs and state != (self._now or NOTHING) and state not in self._becomes:
            log.error("packs in force were changed past the node")
            await self._audit.record(NODE, Act.DATABASE_CHANGED, "policy", detail=CHANGED, result=Result.REFUSED)
            return False
        await self._audit.record(NODE, Act.POLICY_STATE, "policy", detail=IS + state)
        self._now, self._becomes = state, set()
        return True
