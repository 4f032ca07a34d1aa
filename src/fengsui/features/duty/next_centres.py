"""Which centre gets the alarms that nobody takes at another one, and when."""

from __future__ import annotations

from fengsui.features.access import Access, Function, Principal
from fengsui.features.audit import Act, Audit
from fengsui.features.duty import queries
from fengsui.features.duty.actions import Duty
from fengsui.features.duty.model import Centre, Following, check_following, place_of
from fengsui.store import Store


class NextCentres:
    """Beside `Duty`, whose turn it takes."""

    def __init__(self, store: Store, access: Access, audit: Audit, duty: Duty) -> None:
        self._store = store
        self._access = access
        self._audit = audit
        self._duty = duty

    async def set(self, who: Principal, number: int, following: int | None, after_s: float) -> Centre:
        """By whoever manages duty at both: others get to see alarms of the one, and have work for the other. None: alarms stay.

        Raises UnknownCentre, UnusablePlan, Refusal, AuditUnavailable, StorageFault.
        """
        async with self._duty.turn:
            centre, after, said = self._duty.centre(number), None, "alarms stay"
            self._access.check(who, Function.MANAGE_DUTY, place_of(centre))
            if following is not None:
                other = self._duty.centre(following)
                self._access.check(who, Function.MANAGE_DUTY, place_of(other))
                after = Following(other.id, after_s, self._duty.now())
                check_following(centre, after, {one.id: one for one in self._duty.centres()})
                said = f"{other.name} after {after_s / 60:g} min"
            await self._audit.record(who, Act.DUTY_CENTRE_NEXT, centre.name, range=centre.area, detail=said)
            async with self._store.transaction() as tx:
                await queries.set_following(tx, number, after)
            await self._duty.read_centres(number, centre.area)
            return self._duty.centre(number)
