"""Case numbers against the register: asked each night, answered by holders, settled by supervisors (rule A3)."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from functools import partial
from typing import NamedTuple

import structlog

from fengsui.clock import Clock
from fengsui.errors import FengsuiError
from fengsui.features.access import Access, Function, Named, Place, Principal
from fengsui.features.audit import NODE, Act, Audit, Result
from fengsui.features.tickets import queries
from fengsui.features.tickets.actions import Tickets
from fengsui.features.tickets.model import (
    STRIKES_WITHIN_S,
    UNMATCHED_AFTER_S,
    Match,
    NotAnswered,
    NoteKind,
    NotUnmatched,
    OwnReview,
    UnknownTicket,
    UseTicket,
    strikes,
)
from fengsui.features.tickets.register import RegisterAway, ask
from fengsui.loops import keep
from fengsui.store import Store

log = structlog.get_logger(__name__)
NIGHT_HOUR = 3
"""By the node's clocks."""
LOOK_EVERY_S, RETRY_AFTER = 10.0, timedelta(minutes=10)
NOBODY = Named(0, "", "", "", "")


class Note(NamedTuple):
    """What somebody said. `at`: seconds since 1970."""

    kind: NoteKind
    by: str
    text: str
    at: float


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A ticket whose number no register knows, with its holder and what was said about it, the oldest first."""

    ticket: UseTicket
    holder: Named
    suspended: bool
    notes: list[Note] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class LastRun:
    """When the register was asked last, and why it gave no answer, in both languages; empty when it did."""

    at: datetime
    trouble: tuple[str, str]


class CaseNumbers:
    """Beside `Tickets`, which asks the register once at the opening of a ticket."""

    def __init__(self, store: Store, clock: Clock, access: Access, audit: Audit, tickets: Tickets, zone: tzinfo) -> None:
        self._store = store
        self._clock = clock
        self._access = access
        self._audit = audit
        self._tickets = tickets
        self._zone = zone
        self._night: asyncio.Task[None] | None = None
        tickets.next_night = lambda: self.next_night().timestamp()
        self.last: LastRun | None = None
        self._last_of: dict[int, LastRun] = {}

    async def start(self) -> None:
        """Counts what is known; reconciles each night, and soon when the last night passed without it."""
        await self._count_strikes()
        due = self._clock.now() if await self._missed() else self.next_night()
        self._night = keep("case-numbers", partial(self._nightly, due))

    async def _missed(self) -> bool:
        """Whether the node did not ask in the last night, though there was something to ask: it was away, or got no answer."""
        night = self.next_night() - timedelta(days=1)
        async with self._store.reading() as tx:
            waiting = any(one.opened_at < night.timestamp() for one in await queries.to_look_up(tx))
        if not waiting or not self.connected:
            return False
        asked = await self._audit.known.records(Act.TICKET_RECONCILE)
        mine = next((one for one in asked if one.role == NODE.role), None)
        return mine is None or mine.result != Result.ALLOWED or datetime.fromisoformat(mine.at) < night

    async def stop(self) -> None:
        """Ends the nightly run."""
        if self._night is not None:
            self._night.cancel()
            await asyncio.gather(self._night, return_exceptions=True)

    @property
    def connected(self) -> bool:
        """Whether there is a register to ask."""
        return self._tickets.register is not None

    def next_night(self) -> datetime:
        """When the register is asked by itself."""
        local = self._clock.now().astimezone(self._zone)
        due = local.replace(hour=NIGHT_HOUR, minute=0, second=0, microsecond=0)
        return due if due > local else due + timedelta(days=1)

    def last_for(self, who: Principal) -> LastRun | None:
        """When the register was asked about this supervisor's area last; None: not since the node was started."""
        ran = [one for one in (self.last, self._last_of.get(who.user_id)) if one is not None]
        return max(ran, key=lambda one: one.at, default=None)

    def _ran(self, who: Principal | None, trouble: tuple[str, str]) -> None:
        run = LastRun(self._clock.now(), trouble)
        if who is None:
            self.last = run
            self._last_of.clear()
        else:
            self._last_of[who.user_id] = run

    async def _in_area_of(self, who: Principal, tickets: Sequence[UseTicket]) -> list[UseTicket]:
        scope = self._access.scope(who, Function.MANAGE_DUTY)
        holders = await self._access.persons.named(one.user_id for one in tickets)
        return [one for one in tickets if scope.holds(holders.get(one.user_id, NOBODY).area)]

    async def reconcile(self, who: Principal | None = None) -> int:
        """Asks the register about every number that is not confirmed, of the supervisor's own area: how many it does not know.

        Raises RegisterAway.
        """
        register = self._tickets.register
        await self._audit.record(who or NODE, Act.TICKET_RECONCILE, "", detail="" if register else "no register is connected")
        if register is None:
            return 0
        async with self._store.reading() as tx:
            waiting = await queries.to_look_up(tx)
        if who is not None:
            waiting = await self._in_area_of(who, waiting)
        try:
            known = await ask(register, {one.case_number for one in waiting})
        except RegisterAway as error:
            self._ran(who, (error.text_zh, error.text_en))
            await self._audit.record(who or NODE, Act.TICKET_RECONCILE, "", detail=str(error)[:300], result=Result.FAILED)
            raise
        now = self._now()
        for one in waiting:
            old_enough = now - one.opened_at >= UNMATCHED_AFTER_S
            still = Match.UNMATCHED if old_enough else Match.UNKNOWN if one.match is Match.UNKNOWN else Match.WAITING
            match = Match.MATCHED if one.case_number in known else still
            if match is one.match:
                continue
            await self._tickets.mark(one, match, now, partial(self._record_mark, one, match))
        await self._count_strikes(tell=True)
        self._ran(who, ("", ""))
        return sum(one.case_number not in known and now - one.opened_at >= UNMATCHED_AFTER_S for one in waiting)

    def _now(self) -> float:
        return self._clock.now().timestamp()

    async def _record_mark(self, one: UseTicket, match: Match) -> None:
        if match is Match.UNMATCHED:
            await self._audit.record(NODE, Act.TICKET_UNMATCHED, one.number, detail=one.case_number, under=one.ground)

    async def _count_strikes(self, *, tell: bool = False) -> None:
        """By when the numbers were found unknown. A review forgives what was known at it, and nothing that is found later."""
        async with self._store.reading() as tx:
            marks, reviewed = await queries.marks(tx), await queries.reviews(tx)
        at: dict[int, list[float]] = defaultdict(list)
        for user, marked_at in marks:
            if marked_at > reviewed.get(user, 0.0):
                at[user].append(marked_at)
        closed = self._tickets.suspend_for_numbers(user for user, times in at.items() if strikes(times))
        named = await self._access.persons.named(closed) if tell and closed else {}
        for user in sorted(closed if tell else ()):
            said = f"{len(at[user])} case numbers that no register knows: recorded access closed until a review"
            self._audit.record_end(NODE, Act.TICKET_SUSPEND, named.get(user, NOBODY).name, detail=said)

    async def recount(self) -> None:
        """Rows were changed past the node: those that are not whole count for nothing."""
        await self._count_strikes()

    async def distrust(self, rows: Sequence[queries.Row]) -> None:
        """What the register said of these was changed past the node: as if it did not know them, until a supervisor has looked."""
        async with self._store.transaction() as tx:
            for row in rows:
                if row.matched != Match.NONE or row.case_number:
                    await queries.distrust_match(tx, row.number, row.version)
        await self._count_strikes()

    async def unmatched(self, who: Principal) -> list[Unmatched]:
        """Of holders in the supervisor's own area, the newest first: while open, for thirty days, and until a review."""
        scope, now = self._access.scope(who, Function.MANAGE_DUTY), self._now()
        async with self._store.reading() as tx:
            found = await queries.unmatched(tx, now, now - STRIKES_WITHIN_S, self._tickets.suspended_for_numbers)
            said = await queries.notes(tx, [one.number for one in found])
        named = await self._access.persons.named([*(one.user_id for one in found), *(one.user_id for one in said)])
        notes: dict[str, list[Note]] = defaultdict(list)
        for one in said:
            notes[one.number].append(Note(NoteKind(one.kind), named.get(one.user_id, NOBODY).name, one.text, one.at))
        listed = [
            Unmatched(one, named.get(one.user_id, NOBODY), self._tickets.is_suspended_for_numbers(one.user_id), notes[one.number])
            for one in found
        ]
        return [one for one in listed if scope.holds(one.holder.area)]

    async def answers(self, user_id: int) -> dict[str, str]:
        """Ticket → the person's newest answer."""
        now = self._now()
        async with self._store.reading() as tx:
            mine = [one.number for one in await queries.unmatched(tx, now, now, [user_id]) if one.user_id == user_id]
            said = await queries.notes(tx, mine)
        return {one.number: one.text for one in said if one.kind == NoteKind.ANSWER}

    async def answer(self, who: Principal, number: str, text: str) -> None:
        """By the holder: why no register knows the number. Raises UnknownTicket, NotUnmatched."""
        ticket = await self._tickets.get(who, number)
        if ticket.match is not Match.UNMATCHED:
            raise NotUnmatched()
        await self._say(who, Act.TICKET_ANSWER, ticket, NoteKind.ANSWER, text)

    async def accept(self, who: Principal, number: str, note: str) -> None:
        """By a supervisor: the answer explains it, and it counts no more.

        Raises UnknownTicket, NotUnmatched, NotAnswered, OwnReview, Refusal.
        """
        ticket = await self._others(who, number)
        async with self._store.reading() as tx:
            said = await queries.notes(tx, [number])
        if not any(one.kind == NoteKind.ANSWER for one in said):
            raise NotAnswered()
        await self._say(who, Act.TICKET_SETTLE, ticket, NoteKind.ACCEPTED, note)
        async with self._store.transaction() as tx:
            await queries.set_match(tx, ticket.number, Match.EXPLAINED, self._now())
        await self._count_strikes()
        self._access.persons.forget(ticket.user_id)

    async def close(self, who: Principal, number: str, note: str) -> None:
        """By a supervisor: the ticket ends, the number goes on to count. Raises UnknownTicket, NotUnmatched, OwnReview, Refusal."""
        ticket = await self._others(who, number)
        await self._say(who, Act.TICKET_SETTLE, ticket, NoteKind.CLOSED, note)
        await self._tickets.close_by_supervisor(number)

    async def review(self, who: Principal, user_id: int, note: str) -> None:
        """A supervisor has spoken with the person: recorded access opens again. Raises OwnReview, Refusal."""
        await self._refuse_own(who, user_id)
        await self._audit.record(who, Act.TICKET_REVIEW, str(user_id), detail=note)
        async with self._store.transaction() as tx:
            await queries.add_review(tx, user_id, who.user_id, note, self._now())
        await self._count_strikes()

    async def _others(self, who: Principal, number: str) -> UseTicket:
        async with self._store.reading() as tx:
            found = await queries.ticket(tx, number)
        if found is None:
            raise UnknownTicket()
        await self._refuse_own(who, found.user_id)
        if found.match is not Match.UNMATCHED:
            raise NotUnmatched()
        return found

    async def _refuse_own(self, who: Principal, user_id: int) -> None:
        holder = (await self._access.persons.named([user_id])).get(user_id, NOBODY)
        place = Place(str(user_id), holder.area)
        if await self._access.human_beings.one_of(who.user_id, [user_id], Function.MANAGE_DUTY, place):
            raise OwnReview()
        self._access.check(who, Function.MANAGE_DUTY, place)

    async def _say(self, who: Principal, act: Act, ticket: UseTicket, kind: NoteKind, text: str) -> None:
        await self._audit.record(who, act, ticket.number, detail=f"{kind}: {text}", under=ticket.ground)
        async with self._store.transaction() as tx:
            await queries.add_note(tx, ticket.number, who.user_id, kind.value, text, self._now())

    async def _nightly(self, due: datetime) -> None:
        """A run that fails, whatever keeps it from being done, is tried again before the night is over."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            if self._clock.now() < due:
                continue
            try:
                found = await self.reconcile()
                due = self.next_night()
                log.info("case numbers reconciled", unmatched=found)
            except FengsuiError as error:
                due = self._clock.now() + RETRY_AFTER
                log.warning("case numbers could not be reconciled", what=str(error), again=due.isoformat())
