"""Opens, renews and closes use tickets, reconciles their case numbers, and tells the door what they open."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo

import structlog
from prometheus_client import Gauge

from fengsui.bus import Bus
from fengsui.clock import Clock
from fengsui.errors import OperatorFault, StorageFault
from fengsui.features.access import Access, CameraFacts, Function, Place, Principal
from fengsui.features.access.refusals import Refusal
from fengsui.features.audit import Act, Audit
from fengsui.features.audit.model import NODE
from fengsui.features.policy import Policy
from fengsui.features.policy.model import Purpose
from fengsui.features.tickets import queries
from fengsui.features.tickets.model import (
    STRIKES_WITHIN_S,
    UNMATCHED_AFTER_S,
    Bounds,
    Match,
    OwnReview,
    RecordedSuspended,
    UnknownTicket,
    UnusableTicket,
    UseTicket,
    check,
    opens_of,
    strikes,
)
from fengsui.features.tickets.register import CaseRegister, RegisterAway
from fengsui.store import Store

log = structlog.get_logger(__name__)
NIGHT_HOUR = 3
"""By the node's clocks."""
HOUR_S = 3600.0
LISTED = 200
OPEN = Gauge("fengsui_use_tickets_open", "Use tickets in force")
WORDS_ZH = "案(事)件编号多次无法核实"
WORDS_EN = "case numbers that no register knows"


@dataclass(frozen=True, slots=True)
class TicketChanged:
    """A ticket was opened, widened, renewed or closed, or has expired."""

    number: str
    user_id: int


class Tickets:
    """Tickets in force are kept in memory by person: each decision looks at a handful."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        bus: Bus,
        access: Access,
        audit: Audit,
        policy: Policy,
        *,
        pattern: str,
        zone: tzinfo = UTC,
    ) -> None:
        self._store = store
        self._clock = clock
        self._bus = bus
        self._access = access
        self._audit = audit
        self._policy = policy
        self._pattern = pattern
        self._zone = zone
        self._open: dict[int, list[UseTicket]] = defaultdict(list)
        self._suspended: set[int] = set()
        self._closed_to: dict[int, tuple[str, str]] = {}
        """Suspended for another reason than numbers: user → why, in both languages."""
        self.register: CaseRegister | None = None
        self._night: asyncio.Task[None] | None = None
        self._writing = asyncio.Lock()

    async def start(self) -> None:
        """Reads what is in force; reconciles each night."""
        now = self._now()
        async with self._store.reading() as tx:
            for one in await queries.open_tickets(tx, now):
                self._open[one.user_id].append(one)
        await self._count_strikes()
        self._count()
        self._night = asyncio.create_task(self._nightly())

    async def stop(self) -> None:
        """Ends the nightly run."""
        if self._night is not None:
            self._night.cancel()
            await asyncio.gather(self._night, return_exceptions=True)

    def _now(self) -> float:
        return self._clock.now().timestamp()

    def standing(self, user_id: int, function: Function, what: CameraFacts | Place | None) -> UseTicket | Suspension | None:
        """The ticket that opens this; else the newest one in force, which can say why not; None without any."""
        if user_id in self._closed_to or user_id in self._suspended:
            why_zh, why_en = self._closed_to.get(user_id, (WORDS_ZH, WORDS_EN))
            return Suspension(why_zh, why_en)
        now = self._now()
        mine = [one for one in self._open.get(user_id, ()) if one.is_open(now)]
        if isinstance(what, CameraFacts):
            for one in mine:
                if one.refusal(function, what, now) is None:
                    return one
        return mine[-1] if mine else None

    def closed_to(self, user_id: int) -> bool:
        """Whether pictures are closed to this person altogether (rule A59)."""
        return user_id in self._closed_to

    async def open(
        self,
        who: Principal,
        purpose: Purpose,
        case_number: str,
        legal_basis: str,
        bounds: Bounds,
        *,
        hours: int | None,
        reason: str,
    ) -> UseTicket:
        """Raises ClosedByPolicy, UnusableTicket, AuditUnavailable."""
        pack = self._policy.effective
        if pack is None:
            raise UnusableTicket(why_zh="节点未加载策略包", why_en="no policy pack is loaded")
        lasts_h = pack.tickets.default_hours if hours is None else hours
        check(pack, purpose, case_number, legal_basis, bounds, lasts_h, pattern=self._pattern)
        async with self._writing:
            now = self._now()
            number = await self._next_number()
            made = UseTicket(
                number=number,
                version=1,
                user_id=who.user_id,
                purpose=purpose,
                case_number=case_number,
                legal_basis=legal_basis,
                bounds=bounds,
                opens=opens_of(pack, purpose),
                opened_at=now,
                expires_at=now + lasts_h * HOUR_S,
                closed_at=0.0,
                match=Match.WAITING if case_number else Match.NONE,
            )
            await self._audit.record(
                who, Act.TICKET_OPEN, number, range=_said(bounds), detail=f"{purpose} {case_number} {legal_basis}"
            )
            async with self._store.transaction() as tx:
                await queries.add(tx, made, reason)
        self._replace(made)
        return made

    async def open_emergency(self, who: Principal, legal_basis: str, bounds: Bounds, *, until: float, reason: str) -> UseTicket:
        """Danger to life (rule A58): live and recorded pictures of an area without a form, for minutes; never an export."""
        opens = frozenset((Function.VIEW_LIVE.value, Function.LISTEN.value, Function.CONTROL.value, Function.VIEW_RECORDED.value))
        async with self._writing:
            made = UseTicket(
                number=await self._next_number(),
                version=1,
                user_id=who.user_id,
                purpose=Purpose.EMERGENCY_RESCUE,
                case_number="",
                legal_basis=legal_basis,
                bounds=bounds,
                opens=opens,
                opened_at=self._now(),
                expires_at=until,
                closed_at=0.0,
                match=Match.NONE,
                automatic=True,
            )
            await self._audit.record(who, Act.TICKET_OPEN, made.number, range=_said(bounds), detail=f"emergency: {legal_basis}")
            async with self._store.transaction() as tx:
                await queries.add(tx, made, reason)
        self._replace(made)
        return made

    async def _next_number(self) -> str:
        like = f"UT{self._clock.now():%Y%m%d}-"
        async with self._store.reading() as tx:
            last = await queries.last_number(tx, like)
        return f"{like}{int(last.rpartition('-')[2] or 0) + 1:04d}"

    async def get(self, who: Principal, number: str) -> UseTicket:
        """One's own. Raises UnknownTicket."""
        async with self._store.reading() as tx:
            found = await queries.ticket(tx, number)
        if found is None or found.user_id != who.user_id:
            raise UnknownTicket()
        return found

    async def change(self, who: Principal, number: str, bounds: Bounds, hours: int, reason: str) -> UseTicket:
        """Another version: renewed, narrowed or widened, with the reason. Raises UnknownTicket, UnusableTicket."""
        old = await self.get(who, number)
        pack = self._policy.effective
        if pack is None or old.closed_at:
            raise UnusableTicket(why_zh="使用单已关闭", why_en="the ticket is closed")
        if old.automatic:
            raise UnusableTicket(why_zh="紧急调看不得变更或续期", why_en="emergency access is neither changed nor renewed")
        check(pack, old.purpose, old.case_number, old.legal_basis, bounds, hours, pattern=self._pattern)
        now = self._now()
        if now + hours * HOUR_S > old.opened_at + pack.tickets.longest_hours * HOUR_S and not reason:
            raise UnusableTicket(why_zh="续期须写明理由", why_en="a renewal needs a reason")
        made = replace(
            old, version=old.version + 1, bounds=bounds, expires_at=now + hours * HOUR_S, opens=opens_of(pack, old.purpose)
        )
        way = "narrower or the same" if bounds.within(old.bounds) else "wider"
        await self._audit.record(
            who, Act.TICKET_CHANGE, number, range=_said(bounds), detail=f"version {made.version}, {way}: {reason}"
        )
        async with self._store.transaction() as tx:
            await queries.add(tx, made, reason)
        self._replace(made)
        return made

    async def close(self, who: Principal, number: str) -> None:
        """What was opened by it ends. Raises UnknownTicket."""
        old = await self.get(who, number)
        await self._audit.record(who, Act.TICKET_CLOSE, number)
        async with self._store.transaction() as tx:
            await queries.close(tx, number, self._now())
        self._replace(replace(old, closed_at=self._now()))

    async def mine(self, who: Principal) -> list[tuple[UseTicket, str]]:
        """One's own with their reasons, the newest first."""
        async with self._store.reading() as tx:
            return await queries.tickets_of(tx, who.user_id, LISTED)

    def _replace(self, one: UseTicket) -> None:
        now = self._now()
        kept = [other for other in self._open[one.user_id] if other.number != one.number and other.is_open(now)]
        self._open[one.user_id] = [*kept, one] if one.is_open(now) else kept
        self._count()
        self._access.persons.forget(one.user_id)
        self._bus.publish(TicketChanged(one.number, one.user_id))

    def _count(self) -> None:
        now = self._now()
        OPEN.set(sum(one.is_open(now) for mine in self._open.values() for one in mine))

    # Case numbers (rule A3)

    async def reconcile(self, who: Principal | None = None) -> int:
        """Asks the register about every number that is not confirmed: how many it does not know. Raises RegisterAway."""
        await self._audit.record(who or NODE, Act.TICKET_RECONCILE, "", detail="" if self.register else "no register is connected")
        if self.register is None:
            return 0
        async with self._store.reading() as tx:
            waiting = await queries.to_look_up(tx)
        known = await self.register.known({one.case_number for one in waiting})
        now = self._now()
        for one in waiting:
            old_enough = now - one.opened_at >= UNMATCHED_AFTER_S
            match = Match.MATCHED if one.case_number in known else Match.UNMATCHED if old_enough else Match.WAITING
            if match is one.match:
                continue
            async with self._store.transaction() as tx:
                await queries.set_match(tx, one.number, match, now)
            if match is Match.UNMATCHED:
                await self._audit.record(NODE, Act.TICKET_UNMATCHED, one.number, detail=one.case_number)
        await self._count_strikes()
        return sum(one.case_number not in known and now - one.opened_at >= UNMATCHED_AFTER_S for one in waiting)

    async def _count_strikes(self) -> None:
        now = self._now()
        async with self._store.reading() as tx:
            rows, reviewed = await queries.unmatched(tx, now - STRIKES_WITHIN_S), await queries.reviews(tx)
        at: dict[int, list[float]] = defaultdict(list)
        for row in rows:
            if row.opened_at > reviewed.get(row.user_id, 0.0):
                at[row.user_id].append(row.opened_at)
        before, self._suspended = self._suspended, {user for user, times in at.items() if strikes(times, now)}
        for user in before ^ self._suspended:
            self._access.persons.forget(user)

    async def unmatched(self) -> list[tuple[str, int, str, datetime, bool]]:
        """(ticket, user, case number, opened, suspended) for supervisors, the newest first."""
        async with self._store.reading() as tx:
            rows = await queries.unmatched(tx, self._now() - STRIKES_WITHIN_S)
        return [
            (row.number, row.user_id, row.case_number, datetime.fromtimestamp(row.opened_at, UTC), row.user_id in self._suspended)
            for row in rows
        ]

    async def review(self, who: Principal, user_id: int, note: str) -> None:
        """A supervisor has spoken with the person: recorded access opens again. Raises OwnReview."""
        if who.user_id == user_id:
            raise OwnReview()
        await self._audit.record(who, Act.TICKET_REVIEW, str(user_id), detail=note)
        async with self._store.transaction() as tx:
            await queries.add_review(tx, user_id, who.user_id, note, self._now())
        await self._count_strikes()

    def suspend(self, user_ids: Iterable[int], why_zh: str, why_en: str) -> None:
        """Closes recorded access and live viewing by ticket of exactly these people for `why`; others of that reason are freed."""
        wanted = {user: (why_zh, why_en) for user in user_ids}
        before = {user for user, why in self._closed_to.items() if why == (why_zh, why_en)}
        self._closed_to = {user: why for user, why in self._closed_to.items() if user not in before} | wanted
        for user in before ^ set(wanted):
            self._access.persons.forget(user)

    async def _nightly(self) -> None:
        while True:
            local = self._clock.now().astimezone(self._zone)
            due = local.replace(hour=NIGHT_HOUR, minute=0, second=0, microsecond=0)
            if due <= local:
                due += timedelta(days=1)
            await asyncio.sleep((due - local).total_seconds())
            with suppress(RegisterAway, StorageFault, OperatorFault):
                found = await self.reconcile()
                log.info("case numbers reconciled", unmatched=found)


@dataclass(frozen=True, slots=True)
class Suspension:
    """Stands where a ticket would: it opens nothing, and says why."""

    why_zh: str
    why_en: str

    def refusal(self, function: Function, what: CameraFacts, now: float) -> Refusal | None:
        """Always."""
        return RecordedSuspended(why_zh=self.why_zh, why_en=self.why_en)


def _said(bounds: Bounds) -> str:
    """For the record, within its length."""
    cameras = ",".join(sorted(bounds.cameras))
    span = "/".join(datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for at in (bounds.since, bounds.until))
    return f"{span} {bounds.area} {cameras}"[:500]
