"""What speaks against a second person, and against the first one: rights here and now, rank, subordination (rules A14, A15).

Asked when somebody approves, and again when the act is about to happen: a post that was withdrawn meanwhile approves nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fengsui.errors import OperatorFault
from fengsui.features.access import (
    Access,
    CameraFacts,
    Function,
    Person,
    Place,
    Rank,
    Refused,
    Tie,
    decide,
    height_of,
    is_subordinate,
    posts_with,
    rank_of,
    rank_text,
    tie,
)
from fengsui.features.approvals.errors import (
    ApproverMayNot,
    AskerMayNot,
    ConcernsYou,
    GaveAccount,
    OwnRequest,
    RankTooLow,
    Subordinate,
)
from fengsui.features.approvals.ports import ApprovalKind
from fengsui.features.approvals.queries import Row
from fengsui.features.approvals.rows import content_of

NAMED_IN_REMEDY = 5
What = CameraFacts | Place


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who could approve a request now."""

    name: str
    full_name: str
    unit: str
    rank: Rank | None


def holds(person: Person, function: Function, places: Sequence[What], now: float) -> OperatorFault | None:
    """Why the person may not use the function in all of the places; None when there is nothing against it."""
    for what in places or (None,):
        decision = decide(person, function, what, now=now)
        if isinstance(decision, Refused):
            return decision.error
    return None


def rank_at(person: Person, function: Function, places: Sequence[What], now: float) -> Rank | None:
    """The rank that counts in all of the places: the lowest of the highest in each."""
    areas: list[str | None] = [what.area for what in places] or [None]
    return min((rank_of(person, now=now, function=function, area=area) for area in areas), key=height_of)


def _name(found: RankTooLow | Subordinate, others: Sequence[str]) -> None:
    names = ", ".join(others[:NAMED_IN_REMEDY]) + (", …" if len(others) > NAMED_IN_REMEDY else "")
    found.facts.update(who_zh=names or "暂无", who_en=names or "nobody now")


def _too_low(kind: ApprovalKind, person: Person, places: Sequence[What], now: float) -> RankTooLow | None:
    needed, held = kind.rank, rank_at(person, kind.approves, places, now)
    if needed is None or height_of(held) >= needed.height:
        return None
    (needed_zh, needed_en), (held_zh, held_en) = rank_text(needed), rank_text(held)
    return RankTooLow(needed_zh=needed_zh, needed_en=needed_en, held_zh=held_zh, held_en=held_en, who_zh="", who_en="")


class SecondPerson:
    """Asks `access` about both persons of a request."""

    def __init__(self, access: Access) -> None:
        self._access = access

    async def against(self, kind: ApprovalKind, row: Row, approver_id: int) -> OperatorFault | None:
        """None when this person may approve the request now, and whoever asked may still ask for it."""
        places = await kind.places(content_of(row))
        now = self._access.steady.now_s()
        asker, approver = await self._access.persons.get(row.asked_by), await self._access.persons.get(approver_id)
        if asker is None or holds(asker, kind.asks, places, now) is not None:
            return AskerMayNot(asker=row.asked_name)
        if approver is None:
            return ApproverMayNot(approver=row.decided_name)
        found = self._against(kind, row, asker, approver, places, now)
        if found is None and await self._concerns(kind, row, approver):
            return ConcernsYou()
        if isinstance(found, RankTooLow | Subordinate):
            _name(found, [one.name for one in await self.candidates(kind, row)])
        if found is None and asker.given_by == approver_id:
            fitting = await self.candidates(kind, row)
            if approver.name not in [one.name for one in fitting]:
                return GaveAccount(giver=approver.name, given=asker.name)
        return found

    async def _concerns(self, kind: ApprovalKind, row: Row, approver: Person) -> bool:
        """Whether the act is about another account of the approver's."""
        about = [await self._access.persons.get(user) for user in kind.about(content_of(row))]
        return any(one is not None and tie(one, approver) is Tie.SAME for one in about)

    def _against(
        self, kind: ApprovalKind, row: Row, asker: Person, approver: Person, places: Sequence[What], now: float
    ) -> OperatorFault | None:
        missing = holds(approver, kind.approves, places, now)
        if missing is not None:
            return missing
        between = tie(approver, asker)
        if between is Tie.SAME:
            return OwnRequest()
        if approver.user_id in kind.about(content_of(row)):
            return ConcernsYou()
        if between is Tie.GIVEN:
            return GaveAccount(giver=asker.name, given=approver.name)
        low = _too_low(kind, approver, places, now)
        if low is not None:
            return low
        if is_subordinate(approver, asker, now=now):
            return Subordinate(asker=asker.name, who_zh="", who_en="")
        return None

    async def candidates(self, kind: ApprovalKind, row: Row) -> list[Candidate]:
        """Everybody who could approve the request now, the lowest rank that suffices first, then by name.

        Whoever gave the asker's account is among them only where nobody else is: else a new node's two administrators, of whom
        the first made the second, could never do anything together.
        """
        places = await kind.places(content_of(row))
        now = self._access.steady.now_s()
        asker = await self._access.persons.get(row.asked_by)
        if asker is None:
            return []
        fitting = [
            (person, full_name)
            for person, full_name in await self._access.persons.with_posts(posts_with(kind.approves))
            if self._against(kind, row, asker, person, places, now) is None
        ]
        others = [one for one in fitting if one[0].user_id != asker.given_by]
        found = [
            Candidate(person.name, full_name, person.unit, rank_at(person, kind.approves, places, now))
            for person, full_name in others or fitting
        ]
        return sorted(found, key=lambda one: (height_of(one.rank), one.name))

    async def against_alone(self, person: Person, kind: ApprovalKind, content: Any) -> OperatorFault | None:
        """What speaks against the one person of this node in an act whose other person is elsewhere: right in each place, rank."""
        places, now = await kind.places(content), self._access.steady.now_s()
        found = holds(person, kind.approves, places, now) or _too_low(kind, person, places, now)
        if isinstance(found, RankTooLow):
            fitting = [
                one.name
                for one, _ in await self._access.persons.with_posts(posts_with(kind.approves))
                if holds(one, kind.approves, places, now) is None and _too_low(kind, one, places, now) is None
            ]
            _name(found, fitting)
        return found

    async def audited_elsewhere(self, person: Person, kind: ApprovalKind, content: Any) -> OperatorFault | None:
        """As `elsewhere`, for the audit office: what concerns the whole node concerns every auditor."""
        places = [what for what in await kind.places(content) if what.area]
        return holds(person, Function.READ_AUDIT, places, self._access.steady.now_s())

    async def elsewhere(self, person: Person, kind: ApprovalKind, content: Any) -> OperatorFault | None:
        """Why a request is not theirs to see: it is about places where the person approves nothing. None when it is theirs."""
        return holds(person, kind.approves, await kind.places(content), self._access.steady.now_s())
