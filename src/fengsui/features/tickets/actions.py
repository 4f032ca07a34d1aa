"""Opens, renews and closes use tickets, reconciles their case numbers, and tells the door what they open."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from math import inf

import structlog
from prometheus_client import Gauge
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.bus import Bus
from fengsui.clock import Clock
from fengsui.features.access import BEIJING, RECORDED, Access, CameraFacts, Footage, Function, Place, Principal, Refusal
from fengsui.features.audit import NO_GROUND, NODE, Act, Audit, Ground, Result
from fengsui.features.policy import Pack, Policy, Purpose, UnknownCase
from fengsui.features.tickets import queries
from fengsui.features.tickets.model import (
    HOUR_S,
    Bounds,
    Match,
    PapersOverdue,
    RecordedSuspended,
    TicketOver,
    TooManyTickets,
    UnjustifiedUse,
    UnknownCaseNumber,
    UnknownTicket,
    UnusableTicket,
    UseTicket,
    check,
    longest_hours,
    opens_of,
    tightened,
)
from fengsui.features.tickets.register import CaseRegister, RegisterAway, ask
from fengsui.store import Store

log = structlog.get_logger(__name__)
FIRST_LOOK_S = 2.0
LISTED = 200
OPEN = Gauge("fengsui_use_tickets_open", "Use tickets in force")
Closed = type[PapersOverdue | UnjustifiedUse]
Beside = Callable[[AsyncConnection, str], Awaitable[None]]
"""Writes what belongs to the ticket of that number."""


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
        key: bytes,
        pattern: str,
        most_open: int,
    ) -> None:
        self._store = store
        self._clock = clock
        self._bus = bus
        self._access = access
        self._audit = audit
        self._policy = policy
        self._key = key
        self._pattern = pattern
        self._most_open = most_open
        self._open: dict[int, list[UseTicket]] = defaultdict(list)
        self._by_pack: Pack | None = None
        self._tightened: dict[int, list[UseTicket]] = {}
        """The same by that pack, as far as anybody has asked."""
        self._suspended: set[int] = set()
        self._closed_to: dict[int, Closed] = {}
        """To whom pictures are closed altogether, and why (rules A57, A59)."""
        self.register: CaseRegister | None = None
        self.next_night: Callable[[], float] = lambda: inf
        """When the register is asked about all numbers by itself, seconds since 1970; set at composition."""
        self._writing = asyncio.Lock()

    async def start(self) -> None:
        """Reads what is in force; what the database says otherwise than the node wrote it opens nothing, and is on record."""
        async with self._store.reading() as tx:
            mine, broken = await queries.open_tickets(tx, self._now(), self._key)
        for one in mine:
            self._open[one.user_id].append(one)
        for number in broken:
            log.error("a use ticket is not what this node wrote; it opens nothing", number=number)
            await self._audit.record(NODE, Act.TICKET_CLOSE, number, detail="ticket.broken", result=Result.FAILED)
        self._count()

    def _now(self) -> float:
        return self._clock.now().timestamp()

    def _opening(self, user_id: int, now: float) -> list[UseTicket]:
        """What is open to this person, as the pack in force leaves it: it may have been tightened since (rule A37)."""
        if self._policy.effective is not self._by_pack:
            self._by_pack, self._tightened = self._policy.effective, {}
        if user_id in self._open and user_id not in self._tightened:
            self._tightened[user_id] = [tightened(one, self._by_pack) for one in self._open[user_id]]
        return [one for one in self._tightened.get(user_id, ()) if one.is_open(now)]

    def standing(
        self, user_id: int, function: Function, what: CameraFacts | Place | None, now: float, footage: Footage | None = None
    ) -> UseTicket | Suspension | None:
        """The ticket that opens this at `now`, of recordings this span; else the newest in force, which can say why not.

        None without any. Numbers that no register knows close recorded pictures, but for danger to life, which others judge
        (rules A3, A58).
        """
        if (why := self._closed_to.get(user_id)) is not None:
            return Suspension(why)
        suspended = user_id in self._suspended and function in RECORDED
        if not suspended and user_id not in self._open:
            return None
        mine = [one for one in self._opening(user_id, now) if one.automatic or not suspended]
        if footage is not None and footage.ticket:
            mine = [one for one in mine if one.number == footage.ticket]
        if footage is not None and footage.held is not None:
            mine = [one for one in mine if one.case_number in footage.held.cases] or mine
        if isinstance(what, CameraFacts):
            for one in mine:
                if one.refusal(function, what, now, footage) is None:
                    return one
        if suspended:
            return Suspension(RecordedSuspended)
        return mine[-1] if mine else None

    def only_naming(self, user_id: int, function: Function, what: CameraFacts | Place | None) -> UseTicket | None:
        """The one ticket of this person that names this very camera and opens this; None without one, and with several."""
        if not isinstance(what, CameraFacts) or user_id in self._closed_to:
            return None
        now = self._now()
        mine = [one for one in self._opening(user_id, now) if what.code in one.bounds.cameras]
        fitting = [one for one in mine if one.refusal(function, what, now) is None]
        return fitting[0] if len(fitting) == 1 else None

    def held(self, user_id: int) -> list[UseTicket]:
        """Those of this person that last, by number."""
        now = self._now()
        return sorted((one for one in self._open.get(user_id, ()) if one.is_open(now)), key=lambda one: one.number)

    def recorded_grounds(self, user_id: int) -> list[Ground]:
        """What their tickets in force that open recordings stand on; none of a case that the register does not know (A3)."""
        if user_id in self._closed_to:
            return []
        mine = [one for one in self._opening(user_id, self._now()) if not self.recorded_closed(one)]
        known = [one for one in mine if one.match not in (Match.UNKNOWN, Match.UNMATCHED)]
        return [one.ground for one in known if Function.VIEW_RECORDED.value in one.opens]

    def closed_because(self, user_id: int) -> tuple[str, str]:
        """Why every picture is closed to this person; empty: they are not."""
        why = self._closed_to.get(user_id)
        return ("", "") if why is None else (why.zh, why.en)

    def recorded_closed(self, one: UseTicket) -> bool:
        """Whether it opens nothing recorded, for its holder's case numbers wait for a review (rule A3)."""
        return one.user_id in self._suspended and not one.automatic

    def in_force(self, user_id: int, number: str) -> UseTicket | None:
        """This ticket of this person while it lasts, from memory."""
        now = self._now()
        return next((one for one in self._open.get(user_id, ()) if one.number == number and one.is_open(now)), None)

    def lasts_until(self, user_id: int, number: str) -> float:
        """When this ticket of this person ends by the pack in force, seconds since 1970. Raises TicketOver: it has."""
        found = next((one for one in self._opening(user_id, self._now()) if one.number == number), None)
        if found is None:
            raise TicketOver(number=number)
        return found.expires_at

    def refuse_closed(self, user_id: int) -> None:
        """Raises PapersOverdue, UnjustifiedUse when pictures are closed to this person altogether."""
        if (why := self._closed_to.get(user_id)) is not None:
            raise why()

    def closed_to(self, user_id: int) -> bool:
        """Whether pictures are closed to this person altogether (rules A57, A59)."""
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
        """Raises ClosedByPolicy, UnusableTicket, UnknownCaseNumber, TooManyTickets, AuditUnavailable."""
        pack = self._policy.effective
        if pack is None:
            raise UnusableTicket(why_zh="节点未加载策略包", why_en="no policy pack is loaded")
        lasts_h = min(pack.tickets.default_hours, longest_hours(pack, case_number)) if hours is None else hours
        check(pack, purpose, case_number, legal_basis, bounds, lasts_h, pattern=self._pattern)
        match = await self._first_look(pack, case_number)  # while others are free to close theirs: it may take its time
        async with self._writing:
            now = self._now()
            if sum(one.is_open(now) and not one.automatic for one in self._open.get(who.user_id, ())) >= self._most_open:
                raise TooManyTickets(count=self._most_open)
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
                expires_at=self._until(match, now + lasts_h * HOUR_S),
                closed_at=0.0,
                match=match,
                reason=reason,
                looked_up_at=now if match is Match.MATCHED else 0.0,
            )
            await self._audit.record(who, Act.TICKET_OPEN, number, range=_said(bounds), detail=reason, under=made.ground)
            async with self._store.transaction() as tx:
                await queries.add(tx, made, self._key)
        self._replace(made)
        return made

    def _until(self, match: Match, until: float) -> float:
        """What no register knows lasts until it is asked again, at most (rule A3)."""
        return min(until, self.next_night()) if match is Match.UNKNOWN else until

    async def _first_look(self, pack: Pack, case_number: str) -> Match:
        """Asked at once where one is connected; a register that is slow or away is asked at night. Raises UnknownCaseNumber."""
        if not case_number:
            return Match.NONE
        if self.register is not None:
            with suppress(RegisterAway, TimeoutError):
                async with asyncio.timeout(FIRST_LOOK_S):
                    known = bool(await ask(self.register, {case_number}))
                if not known and pack.tickets.unknown_case is UnknownCase.REFUSED:
                    raise UnknownCaseNumber(case=case_number)
                return Match.MATCHED if known else Match.UNKNOWN
        return Match.WAITING

    async def open_emergency(
        self,
        who: Principal,
        legal_basis: str,
        bounds: Bounds,
        *,
        until: float,
        reason: str,
        record: Callable[[Ground], Awaitable[None]],
        beside: Beside,
    ) -> UseTicket:
        """Danger to life (rule A58): live and recorded pictures of an area without a form, for minutes; never an export.

        `record` puts the emergency on record under the ticket, before it is opened; `beside` is written in the same transaction:
        there is no such ticket without its emergency. Raises what they raise.
        """
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
                reason=reason,
            )
            await record(made.ground)
            await self._audit.record(who, Act.TICKET_OPEN, made.number, range=_said(bounds), detail="emergency", under=made.ground)
            async with self._store.transaction() as tx:
                await queries.add(tx, made, self._key)
                await beside(tx, made.number)
        self._replace(made)
        return made

    async def _next_number(self) -> str:
        like = f"UT{self._clock.now().astimezone(BEIJING):%Y%m%d}-"
        async with self._store.reading() as tx:
            last = await queries.last_number(tx, like)
        return f"{like}{int(last.rpartition('-')[2] or 0) + 1:04d}"

    async def get(self, who: Principal, number: str) -> UseTicket:
        """One's own. Raises UnknownTicket."""
        async with self._store.reading() as tx:
            found = await queries.ticket(tx, number, self._key)
        if found is None or found.user_id != who.user_id:
            raise UnknownTicket()
        return found

    async def ground_of(self, number: str) -> Ground:
        """Of a ticket that somebody else acts on; empty for one that is not there."""
        async with self._store.reading() as tx:
            found = await queries.ticket(tx, number)
        return NO_GROUND if found is None else found.ground

    async def change(self, who: Principal, number: str, bounds: Bounds, hours: int, reason: str) -> UseTicket:
        """Another version, with the reason: renewed, narrowed or widened. Raises as `open`, and UnknownTicket."""
        async with self._writing:  # what is read stands until the new version is written: nobody closes it between
            old = await self.get(who, number)
            made = await self._looked_up(self._changed(old, bounds, hours, reason))
            way = "narrower or the same" if bounds.within(old.bounds) else "wider"
            said = f"version {made.version}, {way}: {reason}"
            await self._audit.record(who, Act.TICKET_CHANGE, number, range=_said(bounds), detail=said, under=made.ground)
            async with self._store.transaction() as tx:
                await queries.add(tx, made, self._key)
            self._replace(made)
        return made

    async def _looked_up(self, made: UseTicket) -> UseTicket:
        """The register may know by now what it did not: else the new version lasts no longer than a new ticket would."""
        pack = self._policy.effective
        if made.match is not Match.UNKNOWN or pack is None:
            return made
        match = await self._first_look(pack, made.case_number)
        match = Match.UNKNOWN if match is Match.WAITING else match  # no answer makes nothing better
        return replace(made, match=match, expires_at=self._until(match, made.expires_at))

    def _changed(self, old: UseTicket, bounds: Bounds, hours: int, reason: str) -> UseTicket:
        pack, now = self._policy.effective, self._now()
        if pack is None or old.closed_at:
            raise UnusableTicket(why_zh="使用单已关闭", why_en="the ticket is closed")
        if not old.is_open(now):
            raise UnusableTicket(why_zh="使用单已到期,请重新开立", why_en="the ticket has ended; open a new one")
        if old.automatic:
            raise UnusableTicket(why_zh="紧急调看不得变更或续期", why_en="emergency access is neither changed nor renewed")
        if old.match is Match.UNMATCHED:
            raise UnusableTicket(
                why_zh="案(事)件编号无法核实,不得变更或续期;请先说明编号,或以正确的编号另行开立",
                why_en="no register knows its case number: answer for the number, or open another ticket with the right one",
            )
        check(pack, old.purpose, old.case_number, old.legal_basis, bounds, hours, pattern=self._pattern)
        until = now + hours * HOUR_S
        if not old.case_number and until > old.opened_at + longest_hours(pack, "") * HOUR_S:
            raise UnusableTicket(
                why_zh="未填案(事)件编号的使用单不得续期超过其最长时长",
                why_en="a ticket without a case number is not renewed beyond its longest length",
            )
        if until > old.opened_at + pack.tickets.longest_hours * HOUR_S and not reason:
            raise UnusableTicket(why_zh="续期须写明理由", why_en="a renewal needs a reason")
        return replace(
            old, version=old.version + 1, bounds=bounds, expires_at=until, opens=opens_of(pack, old.purpose), reason=reason
        )

    async def close(self, who: Principal, number: str) -> None:
        """What was opened by it ends. Raises UnknownTicket."""
        async with self._writing:
            old = await self.get(who, number)
            await self._audit.record(who, Act.TICKET_CLOSE, number, under=old.ground)
            await self._close(old)

    async def _close(self, old: UseTicket) -> None:
        """`old` is the newest version, and stays so: whoever calls holds `_writing`."""
        if old.closed_at:
            return
        ended = replace(old, closed_at=self._now())
        async with self._store.transaction() as tx:
            await queries.close(tx, ended, self._key)
        self._replace(ended)

    async def mark(self, one: UseTicket, match: Match, at: float, record: Callable[[], Awaitable[None]]) -> None:
        """What the register says of its number from now on; `record` first. Nobody renews the ticket in between."""
        async with self._writing:
            await record()
            async with self._store.transaction() as tx:
                await queries.set_match(tx, one.number, match, at)

    async def mine(self, who: Principal) -> list[UseTicket]:
        """One's own, the newest first."""
        async with self._store.reading() as tx:
            return await queries.tickets_of(tx, who.user_id, LISTED)

    def _replace(self, one: UseTicket) -> None:
        now = self._now()
        kept = [other for other in self._open[one.user_id] if other.number != one.number and other.is_open(now)]
        self._open[one.user_id] = [*kept, one] if one.is_open(now) else kept
        self._tightened.pop(one.user_id, None)
        self._count()
        self._access.persons.forget(one.user_id)
        self._bus.publish(TicketChanged(one.number, one.user_id))

    def _count(self) -> None:
        now = self._now()
        OPEN.set(sum(one.is_open(now) for mine in self._open.values() for one in mine))

    def suspend_for_numbers(self, user_ids: Iterable[int]) -> frozenset[int]:
        """Closes recorded access of exactly these people for numbers that no register knows (rule A3): those who had it."""
        before, self._suspended = self._suspended, set(user_ids)
        for user in before ^ self._suspended:
            self._access.persons.forget(user)
        return frozenset(self._suspended - before)

    @property
    def suspended_for_numbers(self) -> frozenset[int]:
        """Those who wait for a review."""
        return frozenset(self._suspended)

    def is_suspended_for_numbers(self, user_id: int) -> bool:
        """Until a supervisor has spoken with the person."""
        return user_id in self._suspended

    async def close_by_supervisor(self, number: str) -> None:
        """What it opened ends; whoever calls has recorded why. Raises UnknownTicket."""
        async with self._writing:
            async with self._store.reading() as tx:
                old = await queries.ticket(tx, number)
            if old is None:
                raise UnknownTicket()
            await self._close(old)

    def suspend(self, why: Mapping[int, Closed]) -> None:
        """Closes every picture to exactly these people: papers of their emergencies are missing, or one was not justified."""
        before, self._closed_to = self._closed_to, dict(why)
        for user in before.keys() ^ self._closed_to.keys():
            self._access.persons.forget(user)


@dataclass(frozen=True, slots=True)
class Suspension:
    """Stands where a ticket would: it opens nothing, and says why."""

    why: type[RecordedSuspended] | Closed
    ground: Ground = NO_GROUND

    def refusal(self, function: Function, what: CameraFacts, now: float, footage: Footage | None = None) -> Refusal | None:
        """Always."""
        return self.why()


def _said(bounds: Bounds) -> str:
    """For the record, within its length."""
    cameras = ",".join(sorted(bounds.cameras))
    span = "/".join(datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for at in (bounds.since, bounds.until))
    return f"{span} {bounds.area} {cameras}"[:500]
