"""An account of weight comes back, or its dates of rule A9 are set: two persons, as for the posts it would open (rules A14, A37).

Disabling an account, taking a date away or bringing an end forward takes one person and no time. Of two administrators one may be
whose training has lapsed, so whoever approves may approve it, as with a reset.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.errors import OperatorFault
from fengsui.features.access import DATES_A9, CameraFacts, Function, Kept, People, Place, Rank
from fengsui.features.approvals import ApprovalKind, Asked, Description, Difference, Direction, UnfitContent
from fengsui.features.audit import NODE, Act, Audit, told_changes
from fengsui.features.policy import Policy, TwoPersonAct

NAME: Final = "people.account"
TEXTS: Final = {
    "vetted_on": ("入职审查日期", "vetted on"),
    "undertaking_on": ("保密承诺日期", "secrecy undertaking signed on"),
    "training_until": ("培训有效至", "training valid until"),
    "certificate_no": ("培训证书编号", "training certificate"),
}


class NothingToOpen(OperatorFault):
    """It would change nothing."""

    code = "access.nothing_to_open"
    status = 409
    zh = "账户 {person} 已是如此,没有需要审批的变更"
    en = "The account {person} is as asked for already"
    remedy_zh = "请刷新页面"
    remedy_en = "Load the page again"


def account_content(kept: Kept, facts: Mapping[str, Any]) -> dict[str, Any]:
    """What is asked for. `facts`: as stored; `areas`: of the person's unit and of every post."""
    areas = sorted({kept.area, *(one.area for one in kept.appointments)})
    return {"user": kept.row.id, "name": kept.row.name, "areas": areas, "set": dict(facts)}


def _facts(content: Any) -> dict[str, Any]:
    """Raises UnfitContent."""
    try:
        facts: dict[str, Any] = dict(content["set"])
        for name, value in facts.items():
            if name in DATES_A9 and value:
                date.fromisoformat(value)
            elif (name == "disabled" and value is not False) or (name not in TEXTS and name != "disabled"):
                raise ValueError(name)
    except (TypeError, KeyError, ValueError) as error:
        raise UnfitContent(what="set") from error
    return facts


class AccountKind(ApprovalKind):
    """The content as `account_content` has it."""

    name = NAME
    zh, en = "账户启用与从业资格", "Account enabled, or its prerequisites"
    asks, approves = Function.MANAGE_PEOPLE, Function.APPROVE

    def __init__(self, people: People, policy: Policy, audit: Audit) -> None:
        self._people = people
        self._policy = policy
        self._audit = audit

    @property
    def rank(self) -> Rank | None:  # type: ignore[override]
        """As the pack in force asks for."""
        return self._policy.rank_for(TwoPersonAct.ROLES)

    @property
    def document(self) -> bool:  # type: ignore[override]
        """As the pack in force asks for."""
        return self._policy.document_for(TwoPersonAct.ROLES)

    async def places(self, content: Any) -> Sequence[CameraFacts | Place]:
        """Where the person's unit lies, and every area of the posts."""
        return [Place(area or "全域 everywhere", area) for area in content["areas"]]

    def about(self, content: Any) -> frozenset[int]:
        """Whose account it is."""
        return frozenset((content["user"],))

    async def base(self, tx: AsyncConnection, content: Any) -> str:
        """The account, its dates and what it holds: whoever approves knows what comes back with it."""
        row, held = await self._people.state_of(tx, content["user"])
        dates = [row.vetted_on, row.undertaking_on, row.training_until, row.certificate_no]
        state = [row.name, row.personnel_number, row.unit_id, row.unit_area, bool(row.disabled), dates, [one.id for one in held]]
        return hashlib.sha256(repr(state).encode()).hexdigest()

    async def describe(self, tx: AsyncConnection, content: Any) -> Description:
        """Raises UnknownUser, NothingToOpen, UnfitContent."""
        facts = _facts(content)
        row, _ = await self._people.state_of(tx, content["user"])
        differences = [
            Difference(name, *TEXTS[name], old, old, new, new, Direction.LOOSENING)
            for name, new in facts.items()
            if name != "disabled" and (old := getattr(row, name) or "") != new
        ]
        if "disabled" in facts and row.disabled:
            states = ("停用", "disabled", "启用", "enabled")
            differences.insert(0, Difference("disabled", "账户", "account", *states, Direction.LOOSENING))
        if not differences:
            raise NothingToOpen(person=row.name)
        shown = f"{row.full_name} {row.name}".strip()
        return Description(row.name, f"{shown} 的账户与从业资格", f"Account and prerequisites of {shown}", tuple(differences))

    async def apply(self, tx: AsyncConnection, asked: Asked) -> None:
        """It holds, with both names. Raises what `describe` raises."""
        await self.describe(tx, asked.content)
        facts, user = _facts(asked.content), asked.content["user"]
        row, _ = await self._people.state_of(tx, user)
        act = Act.USER_ENABLE if "disabled" in facts else Act.USER_CHANGE
        said = f"{told_changes(dict(row._mapping), facts)}; asked {asked.asked_by}, approved {asked.approved_by}"
        await self._audit.record(NODE, act, row.name, range=asked.id, detail=said)
        await self._people.set_account(tx, user, facts)

    async def begin(self, tx: AsyncConnection, asked: Asked) -> None:
        """It does not wait."""
        return

    async def drop(self, tx: AsyncConnection, asked: Asked) -> None:
        """Nothing was done yet."""
        return

    async def settled(self, asked: Asked) -> None:
        """The account opens what its posts open from now on."""
        if asked.content is not None:
            self._people.told(asked.content["user"])
