"""Asking, opening, approving, and the act itself: once, recorded before it takes effect, also when the node dies in between."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any, Literal

import structlog

from fengsui.bus import Bus
from fengsui.clock import Clock
from fengsui.errors import FengsuiError, NodeFault, OperatorFault
from fengsui.features.access import Access, Function, PersonsOnly, Place, Principal, Rank, Refusal
from fengsui.features.approvals import queries
from fengsui.features.approvals.errors import (
    DocumentMissing,
    NotRead,
    NotYours,
    OtherHash,
    OwnRequest,
    ReasonMissing,
    SameWorkstation,
    TooMany,
    UnknownRequest,
)
from fengsui.features.approvals.model import (
    LONGEST_S,
    MAX_PENDING,
    MAX_REASON,
    OPEN,
    Document,
    Person,
    Sealed,
    State,
    Step,
    Workstation,
    canonical,
    hash_of,
    step,
)
from fengsui.features.approvals.ports import ApprovalKind, Description
from fengsui.features.approvals.progress import Progress, range_of, said
from fengsui.features.approvals.rows import asked_of, content_of, description_of, document_text, sealed_of, told_text
from fengsui.features.approvals.second_person import Candidate, SecondPerson
from fengsui.features.audit import Act, Audit, Result
from fengsui.loops import keep, surprises
from fengsui.store import Store

log = structlog.get_logger(__name__)
TICK_S = 1.0
MOST_PAGES, MOST_WAITING = 20, 200
Box = Literal["waiting", "mine", "coming", "ended"]


@dataclass(frozen=True, slots=True)
class Opened:
    """A request with all that it says."""

    row: queries.Row
    description: Description
    may_approve: bool
    may_withdraw: bool
    rank: Rank | None = None
    """The lowest that may approve."""
    candidates: tuple[Candidate, ...] = ()
    """Who could approve it now; nobody once it is decided."""
    against: OperatorFault | None = None
    """Why whoever reads it may not approve it, though they hold the right as such."""


class Approvals:
    """The one way to an act of two persons. Kinds are registered before `start`."""

    def __init__(
        self, store: Store, clock: Clock, bus: Bus, access: Access, audit: Audit, key: bytes, same_workstation: Workstation
    ) -> None:
        self.same_workstation = same_workstation
        self._store = store
        self._clock = clock
        self._access = access
        self._audit = audit
        self._key = key
        self._second = SecondPerson(access)
        self._progress = Progress(store, clock, bus, audit, key, self._second)
        self._deciding = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._faulty = ""
        self._stuck: set[str] = set()
        """Requests that cannot go on for a reason that nobody expected, and are told already."""

    def register(self, kind: ApprovalKind) -> None:
        """The feature that owns the act says how it is described and done."""
        assert kind.name not in self._progress.kinds and 0 < kind.expires_s <= LONGEST_S
        self._progress.kinds[kind.name] = kind

    def wait_by(self, leapt_since: Callable[[float], float]) -> None:
        """What waits after its approval waits for so much longer."""
        self._progress.leapt_since = leapt_since

    def due_at(self, row: queries.Row) -> float:
        """When it takes effect, with what the clock leapt meanwhile; 0 until it is approved."""
        return float(row.due_at + self._progress.longer_s(row)) if row.due_at else 0.0

    def kind(self, name: str) -> ApprovalKind | None:
        """None when the feature that owns it is not there any more."""
        return self._progress.kinds.get(name)

    async def start(self) -> None:
        """Finishes what was approved when the node stopped, ends what expired meanwhile, then looks each second."""
        await self.look(after="a restart")
        self._task = keep("approvals", self._keep_time)

    async def stop(self) -> None:
        """What is approved and not applied waits for the next start."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _keep_time(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            await self.look()

    async def look(self, after: str = "") -> None:
        """Applies what is due, ends what is too old or void. What the node cannot do now is tried again at the next look, and a
        request that cannot go on holds up no other.
        """
        trouble, stuck = "", set[str]()
        try:
            async with self._deciding:
                await self._progress.settle_left()
            async with self._store.reading() as tx:
                rows = await queries.still_open(tx)
        except FengsuiError as error:
            rows, trouble = (), f"{error.code}: {error}"
        for row in rows:
            try:
                async with self._deciding:
                    await self._progress.move_on(row.id, after)
            except FengsuiError as error:
                trouble = f"{error.code}: {error}"
            except Exception:  # the outermost place of each: the others have their turn
                stuck.add(row.id)
                if row.id not in self._stuck:
                    with surprises("approvals"):  # once, however often it is tried
                        raise
        if trouble and trouble != self._faulty:
            log.warning("requests of two persons wait", what=trouble)
        self._faulty, self._stuck = trouble, stuck

    # Asking

    async def ask(self, who: Principal, kind_name: str, content: Any, reason: str, document: Document | None = None) -> queries.Row:
        """The new request. Raises Refusal, ReasonMissing, DocumentMissing, UnfitContent, and what `describe` raises."""
        async with self._recorded(who, Act.APPROVAL_ASK, kind_name):
            kind = self._progress.known(kind_name)
            for place in await kind.places(content) or (None,):
                self._access.check(who, kind.asks, place)
            await self.refuse_unready(who, kind_name, reason, document)
            octets = canonical(content)
            async with self._store.reading() as tx:
                description = await kind.describe(tx, content)
                base = await kind.base(tx, content)
            hash = hash_of(kind=kind.name, content=content, base=base, document=document)
        request, now = secrets.token_hex(8), self._clock.now().timestamp()
        reason = reason.strip()[:MAX_REASON]
        asked = Person(who.user_id, who.session, who.address, who.workstation[:256])
        sealed = Sealed(request, hash, reason, who.name, asked, now + kind.expires_s)
        await self._audit.record(
            who, Act.APPROVAL_ASK, request, range=range_of(kind.name, description.target), detail=said(hash, reason)
        )
        async with self._store.transaction() as tx:
            await queries.add(
                tx,
                id=request,
                kind=kind.name,
                content=octets.decode(),
                document=document_text(document),
                reason=reason,
                target=description.target[:128],
                base=base,
                hash=hash,
                state=State.PENDING.value,
                asked_by=who.user_id,
                asked_name=who.name,
                asked_session=who.session,
                asked_address=who.address,
                asked_workstation=asked.workstation,
                asked_at=now,
                expires_at=sealed.expires_at,
                decided_by=0,
                decided_name="",
                decided_address="",
                decided_at=0.0,
                due_at=0.0,
                seal=sealed.seal(self._key),
                ended_at=0.0,
                ended_by="",
                ended_reason="",
                told=told_text(description),
            )
            row = await self._progress.row(tx, request)
        self._progress.tell(row, State.PENDING)
        return row

    async def left(self, who: Principal) -> int:
        """How many more requests of this person may wait."""
        async with self._store.reading() as tx:
            return max(0, MAX_PENDING - await queries.count(tx, [State.PENDING], asked_by=who.user_id))

    async def refuse_unready(self, who: Principal, kind_name: str, reason: str, document: Document | None) -> None:
        """What is missing whatever the content. Raises ReasonMissing, DocumentMissing, TooMany."""
        if not reason.strip():
            raise ReasonMissing()
        if self._progress.known(kind_name).document and document is None:
            raise DocumentMissing()
        async with self._store.reading() as tx:
            if await queries.count(tx, [State.PENDING], asked_by=who.user_id) >= MAX_PENDING:
                raise TooMany(limit=MAX_PENDING)

    async def refuse_alone(self, who: Principal, kind_name: str, content: Any, reason: str, document: Document | None) -> None:
        """Before an act of the kind whose first person is outside this node: whoever does it here needs what a second person does.

        Raises ReasonMissing, DocumentMissing, RankTooLow, Refusal.
        """
        await self.refuse_unready(who, kind_name, reason, document)
        against = await self._second.against_alone(who.person, self._progress.known(kind_name), content)
        if against is not None:
            raise against

    async def look_at(self, kind_name: str, content: Any) -> tuple[Description, float]:
        """What it would be, and how long it would wait, before anybody asks. Raises what `describe` and `delay_s` raise."""
        kind = self._progress.known(kind_name)
        async with self._store.reading() as tx:
            return await kind.describe(tx, content), await kind.delay_s(tx, content)

    # Reading

    def sees(self, who: Principal, row: queries.Row) -> bool:
        """Whoever asked, whoever may approve, and the audit office."""
        kind = self._progress.kinds.get(row.kind)
        return (
            row.asked_by == who.user_id or self.may(who, Function.READ_AUDIT) or (kind is not None and self.may(who, kind.approves))
        )

    def may(self, who: Principal, function: Function, place: Place | None = None) -> bool:
        """Whether this person holds the function, there or anywhere."""
        return function in self._access.functions(who) if place is None else self._access.may(who, function, place)

    def approvable(self, who: Principal) -> list[str]:
        """The kinds that this person may approve."""
        return [] if who.is_program else [name for name, kind in self._progress.kinds.items() if self.may(who, kind.approves)]

    async def page(self, who: Principal, box: Box, before: int = 0, limit: int = 100) -> Sequence[queries.Row]:
        """`box`: waiting for this person, mine, coming (approved and not due), ended. The newest first.

        Of what others asked for: what is about the person's own area; the audit office reads all that is not waiting.
        """
        wanted, chosen = self._chosen(who, box)
        found: list[queries.Row] = []
        for _ in range(MOST_PAGES):
            async with self._store.reading() as tx:
                rows = await queries.page(tx, wanted, **chosen, before=before, limit=limit)
            found += [row for row in rows if await self._is_theirs(who, box, row)]
            if len(rows) < limit or len(found) >= limit:
                break
            before = rows[-1].number
        return found[:limit]

    def _chosen(self, who: Principal, box: Box) -> tuple[list[State], dict[str, Any]]:
        if box == "mine":
            return list(State), {"asked_by": who.user_id}
        if box == "waiting":
            return [State.PENDING], {"kinds": self.approvable(who), "but_of": who.user_id}
        kinds = list(self._progress.kinds) if self.may(who, Function.READ_AUDIT) else self.approvable(who)
        return [State.APPROVED] if box == "coming" else [state for state in State if state not in OPEN], {"kinds": kinds}

    async def _is_theirs(self, who: Principal, box: Box, row: queries.Row) -> bool:
        if row.asked_by == who.user_id:
            return True
        audits = box != "waiting" and self.may(who, Function.READ_AUDIT)
        async with self._store.reading() as tx:
            whole = await queries.by_id(tx, row.id)
        if whole is None:
            return False
        with suppress(ValueError, OperatorFault):  # what was broken in the store, or is about something that is gone
            kind, content = self._progress.known(row.kind), content_of(whole)
            if audits and await self._second.audited_elsewhere(who.person, kind, content) is None:
                return True
            return await self._second.elsewhere(who.person, kind, content) is None
        return audits and self.may(who, Function.READ_AUDIT, Place("*", ""))

    async def of_person(
        self, who: Principal, kind_name: str, since: float, *, before: int, limit: int
    ) -> tuple[list[queries.Row], int | None, int]:
        """What they asked for of a kind since then, the newest first, as far as it is what was asked and approved; before which
        number there is more; and how many there are in all. `before`: 0 for the first page.
        """
        async with self._store.reading() as tx:
            rows = await queries.of_person(tx, kind_name, who.user_id, since, before=before, limit=limit + 1)
            total = await queries.count_of_person(tx, kind_name, who.user_id, since)
        following = rows[limit - 1].number if len(rows) > limit else None
        return [row for row in rows[:limit] if self._progress.is_whole(row)], following, total

    async def alive(self, kind_name: str, since: float) -> list[queries.Row]:
        """Everybody's of a kind since then that wait or were allowed, as far as they are what was asked. Raises StorageFault."""
        async with self._store.reading() as tx:
            rows = await queries.alive(tx, kind_name, {*OPEN, State.APPLIED}, since)
        return [row for row in rows if self._progress.is_whole(row)]

    async def whole(self, who: Principal, kind_name: str, request: str) -> queries.Row | None:
        """One of these; None for anybody else's, of another kind, or one that was changed in the store."""
        async with self._store.reading() as tx:
            row = await queries.by_id(tx, request)
        mine = row is not None and row.asked_by == who.user_id and row.kind == kind_name
        return row if row is not None and mine and self._progress.is_whole(row) else None

    async def waiting(self, who: Principal) -> int:
        """How many requests wait for this person, as far as the newest show it."""
        return len(await self.page(who, "waiting", limit=MOST_WAITING))

    async def open(self, who: Principal, request: str) -> Opened:
        """The full content; that this person opened it is kept. Raises UnknownRequest."""
        async with self._recorded(who, Act.APPROVAL_OPEN, request), self._deciding:
            row = await self._seen(who, request)
            row = await self._progress.still_fits(row) or row
        await self._audit.record(who, Act.APPROVAL_OPEN, request, range=range_of(row.kind, row.target), detail=row.hash)
        is_open = State(row.state) in OPEN
        async with self._store.transaction() as tx:
            if not who.is_program:
                await queries.note_opening(tx, request, who.user_id, row.hash, self._clock.now().timestamp())
            description = description_of(row)
            if is_open:
                with suppress(OperatorFault):  # what cannot be applied any more is void when it is due
                    description = await self._progress.kinds[row.kind].describe(tx, content_of(row))
        may_withdraw = is_open and self._may_withdraw(who, row)
        kind = self._progress.kinds[row.kind]
        if row.state != State.PENDING:
            return Opened(row, description, may_approve=False, may_withdraw=may_withdraw, rank=kind.rank)
        asked_to = row.asked_by != who.user_id and row.kind in self.approvable(who)
        against = await self._second.against(kind, row, who.user_id) if asked_to else None
        candidates = tuple(await self._second.candidates(kind, row))
        return Opened(row, description, asked_to and against is None, may_withdraw, kind.rank, candidates, against)

    def _may_withdraw(self, who: Principal, row: queries.Row) -> bool:
        """Who asked; once it is approved and waits, also whoever could have approved it: stopping needs no two."""
        return row.asked_by == who.user_id or (row.state == State.APPROVED and row.kind in self.approvable(who))

    # Deciding

    async def approve(self, who: Principal, request: str, hash: str) -> queries.Row:
        """Signs `hash` as the second person. Raises what speaks against it; each refusal is on record."""
        async with self._deciding:
            async with self._recorded(who, Act.APPROVAL_APPROVE, request):
                row = await self._seen(who, request)
                row = await self._progress.still_fits(row) or row
                step(State(row.state), Step.APPROVE)
                kind = self._progress.known(row.kind)
                await self._is_second(who, kind, row, hash)
                content = content_of(row)
                async with self._store.reading() as tx:
                    delay_s = await kind.delay_s(tx, content)
            await self._audit.record(who, Act.APPROVAL_APPROVE, request, range=range_of(row.kind, row.target), detail=row.hash)
            now = self._clock.now().timestamp()
            due_at = now + delay_s
            expires_at = due_at + kind.expires_s
            sealed = replace(sealed_of(row), approved_by=who.user_id, decided_name=who.name, decided_at=now)
            sealed = replace(sealed, due_at=due_at, expires_at=expires_at)
            async with self._store.transaction() as tx:
                decided = {"decided_by": who.user_id, "decided_name": who.name, "decided_address": who.address, "decided_at": now}
                moved = await queries.move(
                    tx,
                    request,
                    State.PENDING,
                    State.APPROVED,
                    due_at=due_at,
                    seal=sealed.seal(self._key),
                    expires_at=expires_at,
                    **decided,
                )
                row = await self._progress.row(tx, request)
                if not moved:
                    step(State(row.state), Step.APPROVE)
                if delay_s > 0:
                    await kind.begin(tx, asked_of(row))
            self._progress.tell(row, State.APPROVED)
            if delay_s > 0:
                await self._progress.settle(row)
                return row
            return await self._progress.move_on(request) or row

    async def _is_second(self, who: Principal, kind: ApprovalKind, row: queries.Row, hash: str) -> None:
        if who.is_program:
            raise PersonsOnly()
        self._access.check(who, kind.approves)
        if who.user_id == row.asked_by:
            raise OwnRequest()
        if sealed_of(row).asked.sits_with(Person(who.user_id, who.session, who.address, who.workstation), self.same_workstation):
            raise SameWorkstation(address=who.address)
        against = await self._second.against(kind, row, who.user_id)
        if against is not None:
            raise against
        async with self._store.reading() as tx:
            if await queries.opened_hash(tx, row.id, who.user_id) != row.hash:
                raise NotRead()
        if hash != row.hash:
            raise OtherHash()

    async def refuse(self, who: Principal, request: str, reason: str) -> queries.Row:
        """The second person says no. Raises UnknownRequest, NotOpen, Refusal, OwnRequest, ReasonMissing."""
        async with self._deciding:
            async with self._recorded(who, Act.APPROVAL_REFUSE, request):
                row = await self._seen(who, request)
                step(State(row.state), Step.REFUSE)
                if who.is_program:
                    raise PersonsOnly()
                self._access.check(who, self._progress.known(row.kind).approves)
                if who.user_id == row.asked_by:
                    raise OwnRequest()
                if not reason.strip():
                    raise ReasonMissing()
            decided = {"decided_by": who.user_id, "decided_name": who.name, "decided_address": who.address}
            return await self._progress.end(
                row, Step.REFUSE, who, reason.strip(), decided_at=self._clock.now().timestamp(), **decided
            )

    async def withdraw(self, who: Principal, request: str, reason: str = "") -> queries.Row:
        """Takes it back before it took effect. Raises UnknownRequest, NotOpen, NotYours."""
        async with self._deciding:
            async with self._recorded(who, Act.APPROVAL_WITHDRAW, request):
                row = await self._seen(who, request)
                step(State(row.state), Step.WITHDRAW)
                if not self._may_withdraw(who, row):
                    raise NotYours()
            return await self._progress.end(row, Step.WITHDRAW, who, reason.strip())

    # Small things

    async def _seen(self, who: Principal, request: str) -> queries.Row:
        async with self._store.reading() as tx:
            row = await self._progress.row(tx, request)
        if not self.sees(who, row):
            raise UnknownRequest()
        if row.asked_by != who.user_id:
            with suppress(ValueError):  # what was broken in the store is void, whoever looks at it
                kind, content = self._progress.known(row.kind), content_of(row)
                audits = self.may(who, Function.READ_AUDIT)
                if audits and await self._second.audited_elsewhere(who.person, kind, content) is None:
                    return row
                elsewhere = await self._second.elsewhere(who.person, kind, content)
                if elsewhere is not None:
                    raise elsewhere
        return row

    @asynccontextmanager
    async def _recorded(self, who: Principal, act: Act, target: str) -> AsyncIterator[None]:
        """What speaks against the act goes on record as its refusal."""
        try:
            yield
        except NodeFault:
            raise
        except FengsuiError as error:
            await self._audit.record(who, act, target, detail=error.code, result=Result.REFUSED)
            if isinstance(error, Refusal):
                error.recorded = True
            raise
