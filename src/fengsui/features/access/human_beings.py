"""Whether two accounts are of one human being, as far as personnel numbers and first passwords tell (rules A10, A14, A15).

Whatever asks for somebody else asks here: approvals, verdicts on emergency accesses, case numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from fengsui.clock import SteadyTime
from fengsui.features.access import queries
from fengsui.features.access.decision import Person, Place
from fengsui.features.access.personnel_numbers import key_of
from fengsui.features.access.persons import Persons, person_of
from fengsui.features.access.posts import Function
from fengsui.store import Store


class Tie(StrEnum):
    """What binds one account to another."""

    SAME = "same"
    """One human being."""
    GAVE = "gave"
    """The one gave the other's password: it could have acted as the other."""
    GIVEN = "given"
    """The other way round."""


def tie(one: Person, other: Person) -> Tie | None:
    """None: two human beings, as far as can be told."""
    key = key_of(one.personnel_number)
    if one.user_id == other.user_id or (key and key == key_of(other.personnel_number)):
        return Tie.SAME
    if other.given_by == one.user_id:
        return Tie.GAVE
    return Tie.GIVEN if one.given_by == other.user_id else None


class HumanBeings:
    """The same for stored accounts, disabled ones too."""

    def __init__(self, store: Store, persons: Persons, steady: SteadyTime) -> None:
        self._store = store
        self._persons = persons
        self._steady = steady

    async def one_of(self, who: int, others: Sequence[int], function: Function, place: Place) -> bool:
        """Whether `who`, about to judge by `function` in `place`, is one of the others, by whatever account.

        Whoever gave an account or was given one by the other is not somebody else either, unless nobody else could judge: a small
        node has one security administrator, who gave every account.
        """
        others = [one for one in others if one]
        found = await self._ties(who, others)
        if Tie.SAME in found or not found:
            return Tie.SAME in found
        able = await self._persons.able(function, place, [self._steady.now_s()])
        for named, _ in able:
            same = Tie.SAME in await self._ties(named.user_id, [who])
            if not same and not await self._ties(named.user_id, others):
                return True
        return False

    async def _ties(self, who: int, others: Sequence[int]) -> set[Tie]:
        async with self._store.reading() as tx:
            rows = {row.id: person_of(row, (), ()) for row in await queries.people_by_id(tx, [who, *others])}
        found = {Tie.SAME} if who in others else set()
        return found | {kind for one in others if {one, who} <= rows.keys() and (kind := tie(rows[who], rows[one])) is not None}
