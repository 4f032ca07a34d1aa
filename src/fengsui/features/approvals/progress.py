"""How an open request goes on: voided, expired, applied once. Whoever calls holds the lock of decisions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.bus import Bus
from fengsui.clock import Clock
from fengsui.errors import FengsuiError, NodeFault, OperatorFault
from fengsui.features.approvals import queries
from fengsui.features.approvals.errors import ContentChanged, UnknownRequest
from fengsui.features.approvals.model import MAX_REASON, OPEN, Asked, State, Step, hash_of, step
from fengsui.features.approvals.ports import ApprovalKind
from fengsui.features.approvals.rows import asked_of, content_of, document_of, reason_of, sealed_of
from fengsui.features.approvals.second_person import SecondPerson
from fengsui.features.audit import NODE, Act, Actor, Audit
from fengsui.store import Store

log = structlog.get_logger(__name__)
ACT_OF: dict[Step, Act] = {
    Step.APPROVE: Act.APPROVAL_APPROVE,
    Step.APPLY: Act.APPROVAL_APPLY,
    Step.REFUSE: Act.APPROVAL_REFUSE,
    Step.EXPIRE: Act.APPROVAL_EXPIRE,
    Step.VOID: Act.APPROVAL_VOID,
    Step.WITHDRAW: Act.APPROVAL_WITHDRAW,
}


@dataclass(frozen=True, slots=True)
class ApprovalsChanged:
    """A request moved on. `state`: where it stands now."""

    request: str
    kind: str
    state: str


class Progress:
    """Requests and their kinds."""

    def __init__(self, store: Store, clock: Clock, bus: Bus, audit: Audit, key: bytes, second: SecondPerson) -> None:
        self.kinds: dict[str, ApprovalKind] = {}
        self._store = store
        self._clock = clock
        self._bus = bus
        self._audit = audit
        self._key = key
        self._second = second
        self.leapt_since: Callable[[float], float] = lambda at: 0.0
        """By how much the clock went further since than time was seen to pass."""
        self._unsettled: dict[str, tuple[ApprovalKind, Asked]] = {}
        """Done on disk, and what follows from it not yet."""

    def known(self, name: str) -> ApprovalKind:
        """Raises UnknownRequest."""
        kind = self.kinds.get(name)
        if kind is None:
            raise UnknownRequest()
        return kind

    async def row(self, tx: AsyncConnection, request: str) -> queries.Row:
        """Raises UnknownRequest."""
        row = await queries.by_id(tx, request)
        if row is None:
            raise UnknownRequest()
        return row

    async def move_on(self, request: str, after: str = "") -> queries.Row | None:
        """Ends or applies one open request, if that is due."""
        async with self._store.reading() as tx:
            row = await queries.by_id(tx, request)
        if row is None or State(row.state) not in OPEN or row.kind not in self.kinds:
            return row
        ended = await self.still_fits(row)
        if ended is not None:
            return ended
        if row.state == State.APPROVED and self._clock.now().timestamp() - self.longer_s(row) >= row.due_at:
            return await self._apply(row, after)
        return row

    async def still_fits(self, row: queries.Row) -> queries.Row | None:
        """Ends an open request that is too old, was changed, or whose base is another one now; None when all is well."""
        if State(row.state) not in OPEN:
            return None
        if self._clock.now().timestamp() >= row.expires_at:
            return await self.end(row, Step.EXPIRE, NODE, "")
        changed = ""
        kind = self.known(row.kind)
        if not self.is_whole(row):
            changed = "the stored request is not what was asked and approved"
        else:
            try:
                async with self._store.reading() as tx:
                    if await kind.base(tx, content_of(row)) != row.base:
                        changed = "what it would change is not what it was"
            except OperatorFault as error:  # what it is about is gone
                return await self._void(row, error)
        return await self.end(row, Step.VOID, NODE, changed) if changed else None

    def is_whole(self, row: queries.Row) -> bool:
        """Whether the stored request is what was asked and approved."""
        return self._hash_now(row) == row.hash and sealed_of(row).is_sealed(self._key, row.seal)

    def longer_s(self, row: queries.Row) -> float:
        """So much later than written down an approved request is due, for a wait is not made short by setting the clock: what that
        leapt since the approval. When it expires stays as it was written down: where the clock leapt further, it comes to nothing.
        """
        return self.leapt_since(min(row.decided_at, row.due_at)) if row.state == State.APPROVED else 0.0

    def _hash_now(self, row: queries.Row) -> str:
        try:
            return hash_of(kind=row.kind, content=content_of(row), base=row.base, document=document_of(row))
        except (FengsuiError, ValueError, TypeError):
            return ""

    async def _apply(self, row: queries.Row, after: str) -> queries.Row:
        kind = self.known(row.kind)
        try:
            against = await self._second.against(kind, row, row.decided_by)
        except OperatorFault as error:
            against = error
        if against is not None:
            return await self._void(row, against)
        told = f"{row.hash}; asked {row.asked_name}, approved {row.decided_name}" + (f"; finished after {after}" if after else "")
        await self._audit.record(NODE, Act.APPROVAL_APPLY, row.id, range=range_of(row.kind, row.target), detail=told)
        try:
            async with self._store.transaction() as tx:
                if not await self._ended(tx, row, State.APPLIED):
                    return await self.row(tx, row.id)
                if await kind.base(tx, content_of(row)) != row.base:
                    raise ContentChanged()
                await kind.apply(tx, asked_of(row))
                row = await self.row(tx, row.id)
        except NodeFault:
            raise  # it waits, and is tried again
        except FengsuiError as error:
            return await self._void(row, error)
        self.tell(row, State.APPLIED)
        await self.settle(row)
        return row

    async def _void(self, row: queries.Row, error: FengsuiError) -> queries.Row:
        return await self.end(row, Step.VOID, NODE, reason_of(error))

    async def end(self, row: queries.Row, taken: Step, who: Actor, reason: str, **facts: Any) -> queries.Row:
        """Ends a request without its act."""
        before = State(row.state)
        following = step(before, taken)
        kind = self.known(row.kind)
        await self._audit.record(who, ACT_OF[taken], row.id, range=range_of(row.kind, row.target), detail=said(row.hash, reason))
        began = before is State.APPROVED
        async with self._store.transaction() as tx:
            await self._ended(tx, row, following, ended_by=who.name, ended_reason=reason[:MAX_REASON], **facts)
            if began:
                await kind.drop(tx, asked_of(row))
            moved = await self.row(tx, row.id)
        self.tell(moved, following)
        if began:
            await self.settle(moved)
        return moved

    async def _ended(self, tx: AsyncConnection, row: queries.Row, following: State, **facts: Any) -> bool:
        """Whether it came to this end, which is sealed unless the row was changed in the store."""
        seal = row.seal
        if self.is_whole(row):
            by, name, at = (facts.get(one, getattr(row, one)) for one in ("decided_by", "decided_name", "decided_at"))
            sealed = replace(sealed_of(row), approved_by=by, decided_name=name, decided_at=at, ended=following)
            seal = sealed.seal(self._key)
        now = self._clock.now().timestamp()
        return await queries.move(tx, row.id, State(row.state), following, seal=seal, ended_at=now, **facts)

    async def settle(self, row: queries.Row) -> None:
        """What follows the commit. The act has happened: what cannot follow now follows at a later look, and raises nothing."""
        self._unsettled[row.id] = self.known(row.kind), asked_of(row)
        await self._settle(row.id, first=True)

    async def settle_left(self) -> None:
        """Whatever could not follow its commit yet."""
        for request in list(self._unsettled):
            await self._settle(request)

    async def _settle(self, request: str, *, first: bool = False) -> None:
        kind, asked = self._unsettled[request]
        try:
            await kind.settled(asked)
        except Exception as error:  # whatever it is, it is tried again
            if first:
                log.exception(
                    "an act of two persons is on disk, and what follows is not done yet", request=request, what=str(error)
                )
        else:
            del self._unsettled[request]

    def tell(self, row: queries.Row, state: State) -> None:
        """The event for consoles."""
        self._bus.publish(ApprovalsChanged(row.id, row.kind, state.value))


def range_of(kind: str, target: str) -> str:
    """For audit records."""
    return f"{kind} {target}"


def said(hash: str, reason: str) -> str:
    """For audit records."""
    return f"{hash} {reason}".strip()
