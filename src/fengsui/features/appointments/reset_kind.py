"""A new way in for somebody who lost the old one: two persons, where the account opens what takes two (rules A14, A35).

The old password, factor, passkeys, sessions and tokens end when it is approved. Whoever asked then gives the first password, and
from then on does not count as another person than that account.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.access import CameraFacts, Function, Kept, People, Place, Principal, ProviderAccount, Rank
from fengsui.features.approvals import ApprovalKind, Asked, Description, Difference, Direction, UnfitContent
from fengsui.features.audit import NODE, Act, Audit
from fengsui.features.policy import Policy, TwoPersonAct

NAME: Final = "people.reset"


class Way(StrEnum):
    """What was lost."""

    PASSWORD = "password"
    """The second factor goes with it."""
    FACTOR = "factor"


TEXTS: Final = {
    Way.PASSWORD: ("密码和第二重验证", "password and second factor", Act.USER_RESET_PASSWORD),
    Way.FACTOR: ("第二重验证", "second factor", Act.USER_RESET_FACTOR),
}


def reset_content(who: Principal, kept: Kept, way: Way) -> dict[str, Any]:
    """What is asked for. `areas`: of the person's unit and of every post."""
    areas = sorted({kept.area, *(one.area for one in kept.appointments)})
    return {"user": kept.row.id, "name": kept.row.name, "way": way.value, "areas": areas, "by": who.user_id}


class ResetKind(ApprovalKind):
    """The content as `reset_content` has it. Whoever approves may: of two administrators one may be who lost it."""

    name = NAME
    zh, en = "重置密码或验证", "Reset of password or factor"
    asks, approves = Function.MANAGE_PEOPLE, Function.APPROVE

    def __init__(self, people: People, policy: Policy, audit: Audit) -> None:
        self._people = people
        self._policy = policy
        self._audit = audit
        self._ended: dict[str, list[str]] = {}

    @property
    def rank(self) -> Rank | None:  # type: ignore[override]
        """As the pack in force asks for."""
        return self._policy.rank_for(TwoPersonAct.ROLES)

    @staticmethod
    def _content(content: Any) -> tuple[int, Way, int]:
        try:
            return int(content["user"]), Way(content["way"]), int(content["by"])
        except (TypeError, KeyError, ValueError) as error:
            raise UnfitContent(what="user, way, by") from error

    async def places(self, content: Any) -> Sequence[CameraFacts | Place]:
        """Where the person's unit lies, and every area of the posts."""
        return [Place(area or "全域 everywhere", area) for area in content["areas"]]

    def about(self, content: Any) -> frozenset[int]:
        """Whoever lost it, for whom somebody else might ask."""
        return frozenset((content["user"],))

    async def base(self, tx: AsyncConnection, content: Any) -> str:
        """The account, its posts and its way in: who found the password again needs no reset."""
        row, held = await self._people.state_of(tx, content["user"])
        way_in = [row.password_hash, bool(row.must_change_password), row.totp_secret, bool(row.totp_confirmed)]
        state = [row.name, row.unit_id, row.unit_area, bool(row.disabled), [one.id for one in held], way_in]
        return hashlib.sha256(repr(state).encode()).hexdigest()

    async def describe(self, tx: AsyncConnection, content: Any) -> Description:
        """Raises UnknownUser, ProviderAccount, UnfitContent."""
        user, way, _ = self._content(content)
        row, _ = await self._people.state_of(tx, user)
        if way is Way.PASSWORD and row.provider:
            raise ProviderAccount(provider=row.provider)
        zh, en, _ = TEXTS[way]
        shown = f"{row.full_name} {row.name}".strip()
        change = Difference("way_in", zh, en, "本人所设", "set by this person", "重置", "reset", Direction.LOOSENING)
        return Description(row.name, f"重置 {shown} 的{zh}", f"Reset of the {en} of {shown}", (change,))

    async def apply(self, tx: AsyncConnection, asked: Asked) -> None:
        """The old way in ends, with both names. Raises what `describe` raises."""
        await self.describe(tx, asked.content)
        user, way, by = self._content(asked.content)
        said = f"asked {asked.asked_by}, approved {asked.approved_by}"
        await self._audit.record(NODE, TEXTS[way][2], asked.content["name"], range=asked.id, detail=said)
        take = self._people.take_password if way is Way.PASSWORD else self._people.take_factor
        self._ended[asked.id] = await take(tx, user, by)

    async def begin(self, tx: AsyncConnection, asked: Asked) -> None:
        """It does not wait."""
        return

    async def drop(self, tx: AsyncConnection, asked: Asked) -> None:
        """Nothing was done yet."""
        return

    async def settled(self, asked: Asked) -> None:
        """What the sessions opened ends."""
        if asked.content is not None:
            self._people.reset_told(asked.content["user"], self._ended.pop(asked.id, ()))
