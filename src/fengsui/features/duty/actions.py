"""Centres, signing on, staying on, signing off. What lasts is kept in memory: the door asks for each decision."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo

import structlog
from prometheus_client import Gauge
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.bus import Bus
from fengsui.clock import Clock
from fengsui.errors import FengsuiError, StorageFault
from fengsui.features.access import Access, FactorProof, Function, Place, Principal
from fengsui.features.audit import NODE, Act, Actor, Audit, Ground, Result
from fengsui.features.duty import queries
from fengsui.features.duty.hours import HAND_OVER_S, Hours, Span
from fengsui.features.duty.lasting import LastingShifts
from fengsui.features.duty.model import (
    LATE_S,
    AlreadyOnDuty,
    Centre,
    Extension,
    LastCentre,
    MattersOpen,
    NotRostered,
    OwnShift,
    SeatTaken,
    Shift,
    ShiftState,
    Slot,
    UnknownCentre,
    UnknownShift,
    UnusablePlan,
    check_centre,
    place_of,
    slot_for,
)
from fengsui.features.duty.ports import CentreMatters, Heirlooms, Matter, Matters
from fengsui.features.policy import Policy
from fengsui.store import Store

ENDS = (Act.DUTY_SIGN_OFF, Act.DUTY_END)
"""Records that say that a shift is over."""
Writes = Callable[[AsyncConnection], Awaitable[None]]
log = structlog.get_logger(__name__)
TOLD_S = 86_400.0
"""So long whoever did not end their own shift is told who did, and why."""
ON_DUTY = Gauge("fengsui_shifts_on_duty", "Shifts that last")


@dataclass(frozen=True, slots=True)
class ShiftChanged:
    """`state` as in `ShiftState`, or `centre`, `roster`; `area`: of the centre; `vacant`: the seat is left to nobody."""

    centre: int
    area: str
    seat: int
    user_id: int
    state: str
    vacant: bool


class Duty:
    """Duty is kept in an area for which a centre answers, and nowhere else. `at_sign_in`: signing in takes a free seat."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        bus: Bus,
        access: Access,
        audit: Audit,
        policy: Policy,
        *,
        at_sign_in: bool = False,
        zone: tzinfo = UTC,
    ) -> None:
        self._store = store
        self._clock = clock
        self._bus = bus
        self._access = access
        self._audit = audit
        self._policy = policy
        self._centres: dict[int, Centre] = {}
        self._answered_for: frozenset[str] = frozenset()
        """Areas of the centres: how many there are, no decision feels."""
        self._shifts = LastingShifts()
        self._names: dict[int, str] = {}
        """Of those to whom a seat is offered."""
        self._owed: dict[int, Shift] = {}
        """Over, and not on disk yet."""
        self._ended: dict[int, Shift] = {}
        """By person: the last shift that somebody else ended, until they sit down again."""
        self._vacant: dict[int, float] = {}
        """By centre: when the last shift there ended."""
        self.left: dict[tuple[int, int], Shift] = {}
        """By centre and seat: whom somebody else took away from a seat at which nobody has sat down since."""
        self.turn = asyncio.Lock()
        """Held by whoever changes who sits where."""
        self.matters: list[Matters] = []
        self.heirlooms: list[Heirlooms] = []
        self.at_centres: list[CentreMatters] = []
        self.at_sign_in = at_sign_in
        self.zone = zone

    async def start(self) -> None:
        """Shifts go on over a restart of the node."""
        async with self._store.reading() as tx:
            self._take_over(await queries.all_centres(tx))
            found = await queries.shifts_on(tx)
            ended = await queries.ended_by_others(tx, self.now() - TOLD_S)
            self._vacant = await queries.last_ends(tx)
        self._owed = {one.id: one for one in await self._over_on_record(found)}
        self._vacant |= {one.centre: one.ended_at for one in self._owed.values()}
        self._ended = {one.user_id: one for one in (*ended, *self._owed.values()) if one.state is ShiftState.ENDED}
        self._shifts = LastingShifts(one for one in found if one.id not in self._owed)
        offered_to = [one.successor for one in self._shifts.values() if one.successor]
        self._names = {one.user_id: one.name for one in (await self._access.persons.named(offered_to)).values()}
        ON_DUTY.set(len(self._shifts))

    async def _over_on_record(self, found: Iterable[Shift]) -> list[Shift]:
        """Of shifts that last by the database: those that the log says are over, for the database was away as they ended."""
        over = []
        for shift in found:
            name = self._centres[shift.centre].name if shift.centre in self._centres else str(shift.centre)
            records = [one for act in ENDS for one in await self._audit.known.records(act, name)]
            said = next((one for one in records if one.ticket == shift.number and one.result == Result.ALLOWED), None)
            if said is not None:
                by_node, ended = said.role == NODE.role, said.act == Act.DUTY_END
                state = ShiftState.ENDED if ended else ShiftState.RUN_OUT if by_node else ShiftState.SIGNED_OFF
                at, by = datetime.fromisoformat(said.at).timestamp(), said.person if ended and not by_node else ""
                over.append(replace(shift, state=state, ended_at=at, ended_by=by, remarks=said.detail))
        return over

    def now(self) -> float:
        """Seconds since 1970, by a clock that does not go back."""
        return self._clock.now().timestamp()

    def _take_over(self, centres: Iterable[Centre]) -> None:
        self._centres = {one.id: one for one in centres}
        self._answered_for = frozenset(one.area for one in self._centres.values())

    # What the door asks

    def is_kept(self, area: str, but: int = 0) -> bool:
        """Whether live viewing in all of `area` needs a shift: some centre answers for it; `but`: as if that one were gone."""
        kept = {one.area for one in self._centres.values() if one.id != but} if but else self._answered_for
        return any(area[:length] in kept for length in range(0, len(area) + 1, 2))

    def is_free(self, area: str, but: int = 0) -> bool:
        """Whether live viewing in `area` needs neither shift nor ticket: no centre answers, and the policy leaves it open."""
        others = any(number != but for number in self._centres)
        return not self.is_kept(area, but) and self._policy.opens_without_centre(any_centre=others)

    @property
    def free_without_centre(self) -> bool:
        """Whether the policy leaves live pictures open where no centre answers."""
        return self._policy.opens_without_centre(any_centre=bool(self._centres))

    def uncovered(self, areas: Iterable[str]) -> list[str]:
        """Those for which no centre answers, in order."""
        return sorted(one for one in set(areas) if not self.is_kept(one))

    def shift_for(self, user_id: int, area: str | None, now: float) -> Shift | None:
        """The shift of this person that answers for `area` (None: for any) at `now`."""
        for shift in self._shifts.of(user_id):
            if now >= shift.until:
                continue
            centre = self._centres.get(shift.centre)
            if centre is not None and (area is None or area.startswith(centre.area)):
                return shift
        return None

    def ground(self, shift: Shift) -> Ground:
        """What is done on this shift is recorded under it."""
        return shift.ground(self._policy.duty_basis)

    # Centres

    def centres(self) -> list[Centre]:
        """By area and name."""
        return sorted(self._centres.values(), key=lambda one: (one.area, one.name))

    def centre(self, number: int) -> Centre:
        """Raises UnknownCentre."""
        found = self._centres.get(number)
        if found is None:
            raise UnknownCentre()
        return found

    def known(self, number: int) -> Centre | None:
        """None: there is none, or it was given up."""
        return self._centres.get(number)

    def follows_another(self, number: int) -> bool:
        """Whether alarms of another centre pass on to this one."""
        return any(one.following is not None and one.following.centre == number for one in self._centres.values())

    def vacant_since(self, number: int) -> float | None:
        """None: somebody is on shift there; 0: nobody ever was."""
        return None if self.shifts_at(number) else self._vacant.get(number, 0.0)

    async def add_centre(self, who: Principal, name: str, area: str, seats: int, min_staff: int) -> Centre:
        """Raises UnusablePlan, Refusal."""
        check_centre(name, area, seats, min_staff)
        self._access.check(who, Function.MANAGE_DUTY, Place(name, area))
        await self._audit.record(who, Act.DUTY_CENTRE_ADD, name, range=area, detail=f"{seats} seats")
        async with self._store.transaction() as tx:
            number = await queries.add_centre(tx, name=name, area=area, seats=seats, min_staff=min_staff)
        await self.read_centres(number, area)
        return self.centre(number)

    async def remove_centre(self, who: Principal, number: int) -> None:
        """Only when nobody sits there, and live pictures of its area are not freer by that.

        Raises UnknownCentre, UnusablePlan, LastCentre, Refusal.
        """
        centre = self.centre(number)
        self._access.check(who, Function.MANAGE_DUTY, place_of(centre))
        self.refuse_seated(centre)
        if self.is_free(centre.area, but=number):
            raise LastCentre(centre=centre.name)
        await self._audit.record(who, Act.DUTY_CENTRE_REMOVE, centre.name, range=centre.area)
        async with self._store.transaction() as tx:
            await queries.remove_centre(tx, number, self.now())
        await self.read_centres(number, centre.area)

    def refuse_seated(self, centre: Centre) -> None:
        """Raises UnusablePlan while somebody sits there, or alarms of another centre pass on to it."""
        if self.shifts_at(centre.id):
            raise UnusablePlan(why_zh="尚有人员在班", why_en="somebody is on duty there")
        if self.follows_another(centre.id):
            raise UnusablePlan(why_zh="它是其他中心的下一接警中心", why_en="alarms of another centre pass on to it")

    async def read_centres(self, changed: int, area: str) -> None:
        """Takes over what is on disk now, and tells those around `area` that a centre for it came or went."""
        async with self._store.reading() as tx:
            self._take_over(await queries.all_centres(tx))
        self._access.persons.forget_all()
        self._bus.publish(ShiftChanged(changed, area, 0, 0, "centre", vacant=False))

    def shifts_at(self, centre: int) -> list[Shift]:
        """Those that last, by seat."""
        return sorted((one for one in self._shifts.values() if one.centre == centre), key=lambda one: one.seat)

    # Shifts

    def mine(self, user_id: int) -> Shift | None:
        """The person's own shift."""
        return next(iter(self._shifts.of(user_id)), None)

    def successor_of(self, shift: Shift) -> str:
        """Name of whom the seat is offered to; empty while it is offered to nobody."""
        return self._names.get(shift.successor, "") if shift.successor else ""

    async def open_matters(self, centre: Centre, of: int | None = None) -> list[Matter]:
        """What whoever sits there answers for; `of`: as that person leaves it. Raises StorageFault."""
        around = [matter for room in self.matters for matter in await room.open_in(centre.area, of, centre.id)]
        return [*around, *(matter for room in self.at_centres for matter in room.open_at(centre))]

    @property
    def hours(self) -> Hours:
        """How long people are on duty, and how long they rest, by now."""
        return Hours.of(self._policy.duty_rules)

    def offered_to(self, successor: int, name: str) -> None:
        """Keeps the name of whom a seat is offered to."""
        self._names[successor] = name

    @property
    def factor_needed(self) -> bool:
        """Whether signing on takes the second factor anew."""
        return self._policy.sign_on_needs_factor

    async def sign_on(self, who: Principal, centre: int, seat: int, proof: FactorProof | None = None) -> Shift:
        """Opens the duty ticket. `proof` None: signing in itself was one.

        Raises UnknownCentre, Refusal, SeatTaken, AlreadyOnDuty, NotRostered, UnusablePlan, NoRest, FactorNeeded, WrongCode,
        PasskeyRefused.
        """
        async with self.turn:
            place = self.centre(centre)
            self._access.check(who, Function.TAKE_DUTY, place_of(place))
            if self.mine(who.user_id) is not None:
                raise AlreadyOnDuty()
            taken = next((one for one in self.shifts_at(centre) if one.seat == seat), None)
            if taken is not None:
                raise SeatTaken(seat=seat, name=taken.name)
            return await self.begin(who, place, seat, Act.DUTY_SIGN_ON, "", proof)

    async def take_free_seat(self, who: Principal) -> None:
        """Whoever signs in sits down, where the node is set so; whom no roster lets sit anywhere, or no seat is left, does not."""
        may = Function.TAKE_DUTY in self._access.functions(who)
        if not self.at_sign_in or who.is_program or not may or self.mine(who.user_id) is not None:
            return
        if self.factor_needed and not await self._access.proofs.signs_in_by_factor(who):
            return
        for centre in self.centres():
            taken = {one.seat for one in self.shifts_at(centre.id)}
            for seat in (one for one in range(1, centre.seats + 1) if one not in taken):
                try:
                    await self.sign_on(who, centre.id, seat)
                except NotRostered:
                    continue
                except FengsuiError as error:
                    log.info("no seat at sign-in", person=who.name, centre=centre.id, why=error.code)
                    break
                return

    async def begin(
        self,
        who: Principal,
        place: Centre,
        seat: int,
        act: Act,
        detail: str,
        proof: FactorProof | None,
        also: Writes | None = None,
    ) -> Shift:
        """Within `turn`, by whoever may: the shift of somebody who has rested. `also`: what is written with it.

        Raises UnusablePlan, NotRostered, NoRest, FactorNeeded, WrongCode, PasskeyRefused.
        """
        if not 1 <= seat <= place.seats:
            raise UnusablePlan(why_zh=f"没有 {seat} 号席位", why_en=f"there is no seat {seat}")
        now, hours = self.now(), self.hours
        async with self._store.reading() as tx:
            slot = slot_for(await queries.slots_between(tx, now, now + 3600), place.id, seat, who.user_id, now)
            worked = await queries.worked(tx, who.user_id, now, hours.looks_back_s)
            permit = await queries.permit_in_force(tx, place.id, who.user_id, now)
        shift = self._begun(Shift(0, place.id, seat, who.user_id, who.name, now, now + hours.longest_s), slot, worked, permit)
        if self.factor_needed and proof is not None:
            await self._access.proofs.factor(who, proof)  # last, for a code is good once
            detail = f"second factor shown; {detail}".rstrip("; ")
        rostered = "without a roster" if slot is None else f"slot {slot.id}"
        if shift.extensions:
            detail = f"{detail}; permitted by {shift.extensions[-1].name}: {shift.extensions[-1].reason}".strip("; ")
        await self._audit.record(
            who, act, place.name, range=f"seat {seat}", detail=f"{rostered} {detail}".strip(), under=self.ground(shift)
        )
        async with self._store.transaction() as tx:
            if also is not None:
                await also(tx)
            shift.id = await queries.add_shift(tx, shift)
        self._shifts[shift.id] = shift
        self.left.pop((shift.centre, shift.seat), None)
        self._ended.pop(shift.user_id, None)
        self._tell(shift, vacant=False)
        return shift

    def _begun(self, shift: Shift, slot: Slot | None, worked: Sequence[Span], permit: Extension | None) -> Shift:
        """Until when it lasts: as the roster, the person's hours and a supervisor's word say. Raises NoRest."""
        now, hours = shift.since, self.hours
        begin = now if slot is None else max(now, slot.since)
        last = hours.last_moment(worked, begin) if hours.checked else begin + hours.longest_s
        if slot is not None:
            rested = not hours.checked or slot.until <= last + HAND_OVER_S
            shift = replace(shift, due=slot.until, until=slot.until + min(LATE_S, hours.overtime_s))
        else:
            rested = last > now
            shift = replace(shift, due=last, until=last)
        if rested:
            return shift
        if permit is None:
            raise hours.no_rest(worked, begin, self.zone)
        ends = permit.until if slot is None else min(slot.until, permit.until)
        return replace(shift, due=ends, until=ends, state=ShiftState.EXTENDED, extensions=(permit,))

    async def extend(self, number: int, who: Principal | None, extension: Extension) -> Shift:
        """Within `turn`: has a shift go on, on record; `who` None: the node, for the successor is late. Raises UnknownShift."""
        shift = self.lasting(number)
        state = ShiftState.EXTENDED if shift.state is ShiftState.ON_DUTY else shift.state
        longer = replace(shift, until=extension.until, state=state, extensions=(*shift.extensions, extension))
        centre = self.centre(shift.centre)
        seat, said = f"seat {shift.seat}", f"{shift.name} until {int(extension.until)}: {extension.reason}"
        if who is None:
            self._audit.record_end(NODE, Act.DUTY_EXTEND, centre.name, range=seat, detail=said, under=self.ground(shift))
        else:
            await self._audit.record(who, Act.DUTY_EXTEND, centre.name, range=seat, detail=said)
        await self.keep(longer)
        return longer

    async def sign_off(self, who: Principal, reason: str) -> None:
        """Leaves the seat to nobody, which is told. Raises UnknownShift, MattersOpen."""
        async with self.turn:
            shift = self.own(who)
            place = self.centre(shift.centre)
            left = await self.open_matters(place) if len(self.shifts_at(place.id)) == 1 else []
            if left:
                raise MattersOpen(matters="; ".join(one.zh for one in left))
            await self.end(replace(shift, state=ShiftState.SIGNED_OFF, ended_at=self.now(), remarks=reason), who, reason)

    async def end_for(self, who: Principal, number: int, reason: str) -> None:
        """A supervisor takes somebody else from a seat, whatever is open there. Raises UnknownShift, Refusal, OwnShift."""
        async with self.turn:
            shift = self.lasting(number)
            self._access.check(who, Function.MANAGE_DUTY, place_of(self.centre(shift.centre)))
            if shift.user_id == who.user_id:
                raise OwnShift()
            ended = replace(shift, state=ShiftState.ENDED, ended_at=self.now(), ended_by=who.name, remarks=reason)
            await self.end(ended, who, f"{shift.name}: {reason}")

    def ended_of(self, user_id: int) -> Shift | None:
        """The shift of this person that somebody else ended within a day, while they have not sat down again."""
        found = self._ended.get(user_id)
        return found if found is not None and self.now() < found.ended_at + TOLD_S else None

    def own(self, who: Principal) -> Shift:
        """Raises UnknownShift."""
        found = self.mine(who.user_id)
        if found is None:
            raise UnknownShift()
        return found

    def all_lasting(self) -> list[Shift]:
        """Wherever they are."""
        return list(self._shifts.values())

    def lasting(self, number: int) -> Shift:
        """Raises UnknownShift."""
        found = self._shifts.get(number)
        if found is None:
            raise UnknownShift()
        return found

    async def keep(self, shift: Shift, also: Writes | None = None) -> None:
        """Its present state, on disk and here. `also`: what is written with it."""
        async with self._store.transaction() as tx:
            if also is not None:
                await also(tx)
            await queries.keep_shift(tx, shift)
        self._shifts[shift.id] = shift
        self._tell(shift, vacant=False)

    def handed_over(self, shift: Shift) -> None:
        """It was ended on disk as the successor's began."""
        del self._shifts[shift.id]
        self._tell(shift, vacant=False)

    async def end(self, shift: Shift, who: Actor, said: str) -> None:
        """Within `turn`: the seat is left to nobody, at once and on record; on disk as soon as that can be."""
        del self._shifts[shift.id]
        self._vacant[shift.centre] = shift.ended_at
        self._owed[shift.id] = shift
        if shift.state is ShiftState.ENDED:
            self._ended[shift.user_id] = shift
            self.left[shift.centre, shift.seat] = shift
        self._tell(shift, vacant=True)
        act = Act.DUTY_END if shift.state is ShiftState.ENDED else Act.DUTY_SIGN_OFF
        name = self._centres[shift.centre].name if shift.centre in self._centres else str(shift.centre)
        self._audit.record_end(who, act, name, range=f"seat {shift.seat}", detail=said, under=self.ground(shift))
        try:
            await self.write_owed()
        except StorageFault as error:
            log.warning("the end of a shift is not on disk yet", shift=shift.id, what=str(error))

    async def write_owed(self) -> None:
        """The ends that could not be written before, and that what their people had taken is anybody's. Raises StorageFault."""
        for shift in list(self._owed.values()):
            centre = self._centres.get(shift.centre)
            area = "" if centre is None else centre.area
            # Whoever has sat down there again meanwhile has what is theirs.
            rooms = self.heirlooms if self.shift_for(shift.user_id, area, self.now()) is None else []
            async with self._store.transaction() as tx:
                await queries.keep_shift(tx, shift)
                told = [await room.give_back(tx, shift.user_id, area, shift.centre) for room in rooms]
            self._owed.pop(shift.id, None)
            for tell in told:
                tell()

    def _tell(self, shift: Shift, *, vacant: bool) -> None:
        ON_DUTY.set(len(self._shifts))
        self._access.persons.forget(shift.user_id)  # what was opened on duty is looked at again
        area = self._centres[shift.centre].area if shift.centre in self._centres else ""
        self._bus.publish(ShiftChanged(shift.centre, area, shift.seat, shift.user_id, shift.state.value, vacant))
