"""Emergency access: danger to life opens an area for half an hour, before any paper; the papers follow (rules A58, A59)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.bus import Bus
from fengsui.clock import Clock
from fengsui.errors import OperatorFault
from fengsui.features.access import Access, CameraFacts, Function, Place, Principal, classes_of, classes_of_function
from fengsui.features.audit import NODE, Act, Audit, Ground
from fengsui.features.duty import queries
from fengsui.features.duty.ports import Matter
from fengsui.features.policy import Pack, Policy, Purpose
from fengsui.features.tickets import Bounds, PapersOverdue, Tickets, UnjustifiedUse
from fengsui.loops import keep
from fengsui.store import Store

log = structlog.get_logger(__name__)
HOUR_S: Final = 3600.0
LOOK_EVERY_S: Final = 5.0
BEFORE_S: Final = HOUR_S
"""Footage of the last hour belongs to the emergency."""
LISTED: Final = 200
MAX_OWED: Final = 2
"""Accesses of one person without a report: one that follows another at once is lawful, a chain of them is not."""
MAX_UNJUDGED: Final = 4
"""Accesses of one person of which nobody else has said a word yet: two hours of pictures on one's own."""


class Danger(StrEnum):
    """Why it could not wait: a closed list."""

    LIFE = "life"
    CHILD = "missing-child"
    FIRE = "fire"
    FLOOD = "flood-or-collapse"
    ATTACK = "attack"


class Verdict(StrEnum):
    """What somebody else found afterwards."""

    JUSTIFIED = "justified"
    NOT_JUSTIFIED = "not-justified"


class NoEmergencyRules(OperatorFault):
    """Without a pack nobody says how long and what follows."""

    code = "emergency.no_rules"
    status = 409
    zh = "节点未加载策略包,不能紧急调看"
    en = "No policy pack is loaded: there is no emergency access"
    remedy_zh = "请安全管理员加载策略包"
    remedy_en = "Ask the security administrator to load a pack"


class UnknownEmergency(OperatorFault):
    """No such access, or it is not this person's."""

    code = "emergency.unknown"
    status = 404
    zh = "没有这次紧急调看"
    en = "There is no such emergency access"
    remedy_zh = "请刷新页面"
    remedy_en = "Load the page again"


class OwnVerdict(OperatorFault):
    """Somebody else judges."""

    code = "emergency.own_verdict"
    status = 409
    zh = "不能评定本人的紧急调看"
    en = "Nobody judges their own emergency access"
    remedy_zh = "请由该区域的其他值班长、指挥长或审计管理员评定"
    remedy_en = "Let another duty supervisor, a commander or the audit office of the area do it"


class ReportsOwed(OperatorFault):
    """Nobody goes from one emergency to the next without a word on any."""

    code = "emergency.reports_owed"
    rule = "A59"
    status = 409
    zh = "您已有 {count} 次紧急调看未补交报告"
    en = "{count} emergency accesses of yours have no report yet"
    remedy_zh = "请先补交报告(几句话即可),或请他人开启紧急调看"
    remedy_en = "Write a report first (a few sentences), or let somebody else open it"


class VerdictsOwed(OperatorFault):
    """Reports are one's own word: after some accesses somebody else speaks first."""

    code = "emergency.verdicts_owed"
    rule = "A59"
    status = 409
    zh = "您已有 {count} 次紧急调看尚未评定"
    en = "{count} emergency accesses of yours have no verdict yet"
    remedy_zh = "请补交报告并请值班长、指挥长或审计管理员评定,或请他人开启紧急调看,或开立使用单"
    remedy_en = (
        "Write the reports and ask a duty supervisor, a commander or the audit office for the verdicts, let somebody else open it, "
        "or open a use ticket"
    )


class NotReported(OperatorFault):
    """Judged is what is told."""

    code = "emergency.not_reported"
    status = 409
    zh = "报告尚未补交,期限未到"
    en = "The report is not there yet, and not overdue"
    remedy_zh = "请在报告补交后,或逾期后评定"
    remedy_en = "Judge it when the report is there, or overdue"


class NothingToRestore(OperatorFault):
    """Nobody found that access unjustified, or what followed is entered already."""

    code = "emergency.nothing_to_restore"
    status = 409
    zh = "这次紧急调看没有待恢复的权限"
    en = "This emergency access holds nobody's access closed"
    remedy_zh = "请刷新页面"
    remedy_en = "Load the page again"


@dataclass(frozen=True, slots=True)
class Dues:
    """When the papers are due. Times: seconds since 1970."""

    report: float
    verdict: float

    def late(self, row: queries.Row, now: float) -> bool:
        """Whether a paper is missing past its time."""
        return not row.judged_at and ((not row.reported_at and now > self.report) or now > self.verdict)


@dataclass(frozen=True, slots=True)
class EmergencyChanged:
    """For supervisors and auditors: `state` is open, over, reported, judged, restored."""

    number: int
    user_id: int
    area: str
    state: str
    unit_area: str = ""
    """Of the person, told with the verdict and with what follows: that concerns who keeps people there."""


class Emergencies:
    """Those without a verdict are kept in memory."""

    def __init__(
        self, store: Store, clock: Clock, bus: Bus, access: Access, audit: Audit, policy: Policy, tickets: Tickets
    ) -> None:
        self._store = store
        self._clock = clock
        self._bus = bus
        self._access = access
        self._audit = audit
        self._policy = policy
        self._tickets = tickets
        self._open: dict[int, queries.Row] = {}
        self._unjustified: dict[int, queries.Row] = {}
        """Those that hold the person's access closed (rule A57); so do those of which a verdict was written past the node."""
        self._over: set[int] = set()
        self._turn = asyncio.Lock()
        """One begins or is judged at a time: what is counted, or read as not judged, stands until that is written."""
        self._watch: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Reads what waits for a report or a verdict; an end that is on record already is not told again."""
        await self._read()
        now = self._clock.now().timestamp()
        for row in self._open.values():
            if row.ends_at <= now and await self._audit.known.newest(Act.EMERGENCY_END, str(row.id)) is not None:
                self._over.add(row.id)
        self._watch = keep("emergencies", self._follow)

    async def stop(self) -> None:
        """Ends watching."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)

    async def read_again(self) -> None:
        """Rows were changed past the node."""
        await self._read()

    async def _read(self) -> None:
        async with self._store.reading() as tx:
            self._open = {row.id: row for row in await queries.open_emergencies(tx)}
            unjustified = await queries.suspending_emergencies(tx, Verdict.NOT_JUSTIFIED.value)
            broken = await queries.broken_emergencies(tx)
        self._unjustified = {row.id: row for row in (*unjustified, *broken)}
        self._suspend()

    def _suspend(self) -> None:
        now = self._clock.now().timestamp()
        late = {row.user_id: PapersOverdue for row in self._open.values() if self.dues(row).late(row, now)}
        self._tickets.suspend({**late, **{row.user_id: UnjustifiedUse for row in self._unjustified.values()}})

    def suspends(self, number: int) -> bool:
        """Whether this access holds its person's pictures closed until what followed is entered."""
        return number in self._unjustified

    def dues(self, row: queries.Row) -> Dues:
        """By the policy pack in force; without one, by the rule's own hours (A59)."""
        pack = self._policy.effective
        report_h, verdict_h = (24, 72) if pack is None else (pack.emergency.report_hours, pack.emergency.verdict_hours)
        return Dues(row.opened_at + report_h * HOUR_S, row.opened_at + verdict_h * HOUR_S)

    async def open_in(self, area: str, of: int | None = None, centre: int = 0) -> list[Matter]:
        """Matters of a centre: running accesses, missing reports, missing verdicts."""
        return [
            Matter(f"emergency:{row.id}", f"紧急调看 {row.id}({row.name})", f"emergency access {row.id} ({row.name})", row.area)
            for row in self._open.values()
            if row.area.startswith(area)
        ]

    async def begin(self, who: Principal, area: str, danger: Danger, said: str, proof: str) -> int:
        """At once, for minutes; everybody concerned is told. `proof`: a code of the second factor, or the password of who has none.

        It opens the classes of cameras for which the person's post opens tickets there, and no others.
        Raises NoEmergencyRules, PapersOverdue, UnjustifiedUse, ReportsOwed, VerdictsOwed, WrongCode, WrongPassword, Refusal,
        AuditUnavailable.
        """
        pack = self._policy.effective
        if pack is None:
            raise NoEmergencyRules()
        self._access.check(who, Function.OPEN_TICKET, Place(area or "*", area))
        self._refuse_chain(who)
        await self._access.proofs.again(who, proof)
        async with self._turn:
            self._refuse_chain(who)
            return await self._begin(who, pack, area, danger, said)

    def _refuse_chain(self, who: Principal) -> None:
        self._tickets.refuse_closed(who.user_id)
        mine = [row for row in self._open.values() if row.user_id == who.user_id]
        if sum(not row.reported_at for row in mine) >= MAX_OWED:
            raise ReportsOwed(count=MAX_OWED)
        if len(mine) >= MAX_UNJUDGED:
            raise VerdictsOwed(count=len(mine))

    async def _begin(self, who: Principal, pack: Pack, area: str, danger: Danger, said: str) -> int:
        now = self._clock.now().timestamp()
        ends_at = now + pack.emergency.minutes * 60
        classes = classes_of_function(who.person, Function.OPEN_TICKET, area, now=self._access.steady.now_s())
        bounds = Bounds(frozenset(), area, now - BEFORE_S, ends_at, classes)
        basis = pack.purposes[Purpose.EMERGENCY_RESCUE].basis[0] if Purpose.EMERGENCY_RESCUE in pack.purposes else ""

        async def record(ground: Ground) -> None:
            await self._audit.record(who, Act.EMERGENCY_OPEN, area, detail=f"{danger}: {said}", under=ground)

        facts = {"user_id": who.user_id, "name": who.name, "area": area, "classes": classes, "danger": danger.value, "said": said}
        made: list[int] = []

        async def beside(tx: AsyncConnection, ticket: str) -> None:
            made.append(await queries.add_emergency(tx, **facts, ticket=ticket, opened_at=now, ends_at=ends_at))

        await self._tickets.open_emergency(who, basis, bounds, until=ends_at, reason=said, record=record, beside=beside)
        await self._read()
        self._bus.publish(EmergencyChanged(made[-1], who.user_id, area, "open"))
        return made[-1]

    async def report(self, who: Principal, number: int, text: str) -> None:
        """What happened, within a day. Raises UnknownEmergency."""
        row = self._open.get(number)
        if row is None or row.user_id != who.user_id:
            raise UnknownEmergency()
        ground = await self._tickets.ground_of(row.ticket)
        await self._audit.record(who, Act.EMERGENCY_REPORT, str(number), under=ground)
        async with self._store.transaction() as tx:
            await queries.change_emergency(tx, number, report=text, reported_at=self._clock.now().timestamp())
        await self._read()
        self._bus.publish(EmergencyChanged(number, who.user_id, row.area, "reported"))

    async def judge(self, who: Principal, number: int, verdict: Verdict, note: str) -> None:
        """By somebody else, whose post holds every class that was opened, when the report is there or overdue: a supervisor, a
        commander or the audit office of the area, for the one who opened it may be the only supervisor there.

        One that was not justified closes every picture to the person at once, what still runs included, and the audit office
        has it as a record of its own (rules A57, A59).

        Raises UnknownEmergency, OwnVerdict, NotReported, Refusal.
        """
        async with self._turn:  # two verdicts at once: the second finds none to give
            await self._judge(who, number, verdict, note)

    async def _judge(self, who: Principal, number: int, verdict: Verdict, note: str) -> None:
        row = self._open.get(number)
        if row is None:
            raise UnknownEmergency()
        place = Place(row.area or "*", row.area)
        if await self._access.human_beings.one_of(who.user_id, [row.user_id], Function.JUDGE_EMERGENCY, place):
            raise OwnVerdict()
        for one in classes_of(row.classes):
            self._access.check(who, Function.JUDGE_EMERGENCY, CameraFacts(row.area or "*", row.area, one))
        if not row.reported_at and self._clock.now().timestamp() <= self.dues(row).report:
            raise NotReported()
        ground = await self._tickets.ground_of(row.ticket)
        await self._audit.record(who, Act.EMERGENCY_JUDGE, str(number), detail=f"{verdict}: {note}", under=ground)
        if verdict is Verdict.NOT_JUSTIFIED:
            said = f"emergency {number} not justified: every picture closed until what follows is entered"
            await self._audit.record(NODE, Act.EMERGENCY_SUSPEND, row.name, range=str(number), detail=said, under=ground)
        async with self._store.transaction() as tx:
            now = self._clock.now().timestamp()
            await queries.judge_emergency(tx, number, judge=who.user_id, verdict=verdict.value, note=note, judged_at=now)
        await self._read()
        self._bus.publish(EmergencyChanged(number, row.user_id, row.area, "judged", await self._unit_area(row)))

    async def restore(self, who: Principal, number: int, note: str) -> None:
        """By a security administrator of the person's unit: what was decided (note, number of the paper); pictures open again.

        Neither the person nor whoever judged, by whatever account. Raises NothingToRestore, OwnVerdict, Refusal, AuditUnavailable.
        """
        row = self._unjustified.get(number)
        if row is None:
            raise NothingToRestore()
        unit_area = await self._unit_area(row)
        place = Place(row.name, unit_area)
        self._access.check(who, Function.MANAGE_PEOPLE, place)
        if await self._access.human_beings.one_of(who.user_id, [row.user_id, row.judge], Function.MANAGE_PEOPLE, place):
            raise OwnVerdict()
        ground = await self._tickets.ground_of(row.ticket)
        await self._audit.record(who, Act.EMERGENCY_RESTORE, row.name, range=str(number), detail=note, under=ground)
        async with self._store.transaction() as tx:
            now = self._clock.now().timestamp()
            await queries.change_emergency(tx, number, take_over=True, restored_by=who.user_id, restored_at=now, restored_note=note)
        await self._read()
        self._bus.publish(EmergencyChanged(number, row.user_id, row.area, "restored", unit_area))

    async def _unit_area(self, row: queries.Row) -> str:
        holder = (await self._access.persons.named([row.user_id])).get(row.user_id)
        return "" if holder is None else holder.area

    async def listed(self, wanted: Callable[[queries.Row], bool]) -> list[queries.Row]:
        """The newest 200 that are wanted, the newest first: those of other areas push none of them out."""
        found: list[queries.Row] = []
        before = 0
        while len(found) < LISTED:
            async with self._store.reading() as tx:
                rows = await queries.newest_emergencies(tx, LISTED, before)
            found += filter(wanted, rows)
            if len(rows) < LISTED:
                break
            before = rows[-1].id
        return found[:LISTED]

    async def _follow(self) -> None:
        """Ends what has run out, and closes the account of whoever owes a report."""
        while True:
            now = self._clock.now().timestamp()
            for row in self._open.values():
                if row.ends_at <= now and row.id not in self._over:
                    self._over.add(row.id)
                    ground = Ground(row.ticket, "", Purpose.EMERGENCY_RESCUE.value)
                    ended = datetime.fromtimestamp(row.ends_at, UTC)
                    detail = f"{row.name}; ended {ended:%Y-%m-%dT%H:%M:%SZ}"
                    self._audit.record_end(NODE, Act.EMERGENCY_END, str(row.id), detail=detail, under=ground)
                    self._access.persons.forget(row.user_id)
                    self._bus.publish(EmergencyChanged(row.id, row.user_id, row.area, "over"))
            self._suspend()
            await asyncio.sleep(LOOK_EVERY_S)
