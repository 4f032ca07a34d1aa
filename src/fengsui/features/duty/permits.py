"""A supervisor's word by name: somebody stays on duty behind the end, or comes back before the rest is over. Bounded by policy."""

from __future__ import annotations

from fengsui.errors import OperatorFault
from fengsui.features.access import Access, Function, Place, Principal
from fengsui.features.audit import Act, Audit
from fengsui.features.duty import queries
from fengsui.features.duty.actions import Duty
from fengsui.features.duty.model import Extension, Permit, Shift, UnusablePlan, place_of
from fengsui.store import Store


class OwnOvertime(OperatorFault):
    """Nobody lengthens their own shift."""

    code = "duty.own_overtime"
    rule = "5.4"
    status = 409
    zh = "不能为本人延时"
    en = "Nobody extends their own time on duty"
    remedy_zh = "请由另一名值班长办理,或交班"
    remedy_en = "Another duty supervisor does it, or you hand over"


class Permits:
    """Beside `Duty`, whose turn it takes."""

    def __init__(self, store: Store, access: Access, audit: Audit, duty: Duty) -> None:
        self._store = store
        self._access = access
        self._audit = audit
        self._duty = duty
        self._in_force: dict[tuple[int, int], Permit] = {}
        """By centre and person."""

    async def start(self) -> None:
        """A word holds over a restart of the node."""
        async with self._store.reading() as tx:
            self._in_force = {(of, one.user_id): one for of, one in await queries.permits_in_force(tx, self._duty.now())}

    async def extend(self, who: Principal, shift: int, until: float, reason: str) -> Shift:
        """A shift goes on until then. Raises UnknownShift, Refusal, OwnOvertime, UnusablePlan, BeyondOvertime."""
        async with self._duty.turn:
            found = self._duty.lasting(shift)
            self._access.check(who, Function.MANAGE_DUTY, place_of(self._duty.centre(found.centre)))
            now = self._duty.now()
            if until <= max(now, found.due):
                raise UnusablePlan(why_zh="须晚于本班的结束时间", why_en="it must be later than the end of the shift")
            await self._bounded(who, found.user_id, found.name, until)
            return await self._duty.extend(shift, who, Extension(who.user_id, who.name, now, until, reason))

    async def permit(self, who: Principal, centre: int, user_id: int, until: float, reason: str) -> Permit:
        """Somebody may sign on although the rest is not over.

        Raises UnknownCentre, Refusal, OwnOvertime, UnusablePlan, BeyondOvertime.
        """
        place = self._duty.centre(centre)
        self._access.check(who, Function.MANAGE_DUTY, place_of(place))
        person = await self._access.persons.get(user_id)
        if person is None:
            raise UnusablePlan(why_zh="没有这个人员", why_en="there is no such person")
        self._access.decide_or_refuse(person, Function.TAKE_DUTY, Place(place.name, place.area))
        now = self._duty.now()
        if until <= now:
            raise UnusablePlan(why_zh="时间已过", why_en="the time is over")
        await self._bounded(who, user_id, person.name, until)
        made = Permit(user_id, person.name, Extension(who.user_id, who.name, now, until, reason))
        detail = f"{person.name} may sign on until {int(until)}: {reason}"
        await self._audit.record(who, Act.DUTY_PERMIT, place.name, detail=detail)
        async with self._store.transaction() as tx:
            await queries.add_permit(tx, centre, made)
        self._in_force[centre, user_id] = made
        return made

    async def _bounded(self, who: Principal, user_id: int, name: str, until: float) -> None:
        if user_id == who.user_id:
            raise OwnOvertime()
        now, hours = self._duty.now(), self._duty.hours
        async with self._store.reading() as tx:
            worked = await queries.worked(tx, user_id, now, hours.looks_back_s)
        latest = hours.overtime_until(worked, now)
        if until > latest:
            raise hours.beyond(name, latest, self._duty.zone)

    def at(self, centre: int) -> list[Permit]:
        """Those in force, each person's newest alone."""
        now = self._duty.now()
        return [one for (of, _), one in self._in_force.items() if of == centre and one.word.until > now]
