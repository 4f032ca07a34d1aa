"""Organisation units: bodies in the area tree to which people belong."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError

from fengsui.features.access import queries
from fengsui.features.access.actions import Access
from fengsui.features.access.decision import Place
from fengsui.features.access.model import Principal, UnitNotEmpty, UnitTaken, UnknownUnit
from fengsui.features.access.posts import Function
from fengsui.store import Store


class Units:
    """Kept by the security administrators of their area."""

    def __init__(self, store: Store, access: Access) -> None:
        self._store = store
        self._access = access

    async def all(self, who: Principal) -> list[queries.Row]:
        """Those of the administrator's own area, by area and name."""
        scope = self._access.scope(who, Function.MANAGE_PEOPLE)
        return [row for row in await self._rows() if scope.holds(row.area)]

    async def _rows(self) -> list[queries.Row]:
        async with self._store.reading() as tx:
            return list(await queries.all_units(tx))

    async def get(self, who: Principal, unit: int) -> queries.Row:
        """Raises UnknownUnit, OutOfScope."""
        found = next((row for row in await self._rows() if row.id == unit), None)
        if found is None:
            raise UnknownUnit()
        self._access.check(who, Function.MANAGE_PEOPLE, Place(str(found.id), found.area))
        return found

    async def add(self, who: Principal, name: str, area: str) -> queries.Row:
        """Raises OutOfScope, UnitTaken."""
        self._access.check(who, Function.MANAGE_PEOPLE, Place(name, area))
        try:
            async with self._store.transaction() as tx:
                unit = await queries.add_unit(tx, name, area)
        except IntegrityError as error:
            raise UnitTaken(name=name) from error
        return await self.get(who, unit)

    async def change(self, who: Principal, unit: int, name: str, area: str) -> queries.Row:
        """Its people move with it. Raises UnknownUnit, OutOfScope, UnitTaken."""
        await self.get(who, unit)
        self._access.check(who, Function.MANAGE_PEOPLE, Place(name, area))
        try:
            async with self._store.transaction() as tx:
                await queries.change_unit(tx, unit, name=name, area=area)
        except IntegrityError as error:
            raise UnitTaken(name=name) from error
        self._access.persons.forget_all()
        return await self.get(who, unit)

    async def remove(self, who: Principal, unit: int) -> None:
        """Raises UnknownUnit, OutOfScope, UnitNotEmpty."""
        found = await self.get(who, unit)
        if found.people:
            raise UnitNotEmpty(people=found.people)
        async with self._store.transaction() as tx:
            await queries.remove_unit(tx, unit)
