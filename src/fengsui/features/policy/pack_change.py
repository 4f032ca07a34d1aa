"""Another pack comes into force: an act of two security administrators (rule A37)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.errors import OperatorFault
from fengsui.features.access import CameraFacts, Function, Place, Rank
from fengsui.features.approvals import ApprovalKind, Asked, Description
from fengsui.features.policy import queries
from fengsui.features.policy.actions import Policy
from fengsui.features.policy.changes import differences, wait_s
from fengsui.features.policy.errors import MalformedPack
from fengsui.features.policy.model import TwoPersonAct
from fengsui.features.policy.signing import SignedPack

NAME = "policy.pack"
WHOLE_NODE: Final = Place("全域 the whole node", "")


class ChangeWaits(OperatorFault):
    """One loosening at a time."""

    code = "policy.change_waits"
    status = 409
    zh = "另一策略变更({label})已批准、待生效"
    en = "Another change of policy ({label}) is approved and waits"
    remedy_zh = "等它生效,或先撤回它"
    remedy_en = "Wait until it is in force, or withdraw it first"


class PackChange(ApprovalKind):
    """The content is the signed file itself, so that both persons stand for every byte of it."""

    name = NAME
    zh, en = "策略包变更", "Change of policy pack"
    asks = approves = Function.MANAGE_POLICY

    def __init__(self, policy: Policy) -> None:
        self._policy = policy

    @property
    def document(self) -> bool:  # type: ignore[override]
        """As the pack in force asks for."""
        return self._policy.document_for(TwoPersonAct.POLICY)

    @property
    def rank(self) -> Rank | None:  # type: ignore[override]
        """As the pack in force asks for."""
        return self._policy.rank_for(TwoPersonAct.POLICY)

    async def places(self, content: Any) -> Sequence[CameraFacts | Place]:
        """A pack holds for the whole node: whoever is appointed for a part of it changes nothing for the others."""
        return (WHOLE_NODE,)

    def _signed(self, content: Any) -> SignedPack:
        text = content.get("pack") if isinstance(content, dict) else None
        if not isinstance(text, str) or content.keys() != {"pack"}:
            raise MalformedPack(what="no text")
        return self._policy.verified(text.encode("utf-8", "replace"))

    async def base(self, tx: AsyncConnection, content: Any) -> str:
        """The pack in force, by its digest."""
        row = await queries.in_state(tx, "in-force")
        return str(row.digest) if row is not None else "none"

    async def describe(self, tx: AsyncConnection, content: Any) -> Description:
        """Field by field. Raises PackFault."""
        signed = self._signed(content)
        await self._policy.fits(tx, signed)
        old = self._policy.in_force.pack if self._policy.in_force is not None else None
        pack = signed.pack
        zh, en = f"策略包 {pack.label} · {pack.title.zh}", f"Policy pack {pack.label} · {pack.title.en}"
        return Description(pack.label, zh, en, tuple(differences(old, pack)))

    async def delay_s(self, tx: AsyncConnection, content: Any) -> float:
        """What loosens waits as long as the pack in force says. Raises ChangeWaits, PackFault."""
        signed = self._signed(content)
        old = self._policy.in_force.pack if self._policy.in_force is not None else None
        waiting = wait_s(old, signed.pack)
        coming = await queries.in_state(tx, "coming")
        if waiting > 0 and coming is not None:
            raise ChangeWaits(label=f"{coming.name} {coming.version}")
        return waiting

    async def begin(self, tx: AsyncConnection, asked: Asked) -> None:
        """Its tightening holds at once."""
        people = {"request": asked.id, "asked_by": asked.asked_by, "approved_by": asked.approved_by}
        await self._policy.let_come(tx, self._signed(asked.content), asked.due_at, **people)

    async def apply(self, tx: AsyncConnection, asked: Asked) -> None:
        """In force. Raises PackFault when its publisher is not trusted any more, or a newer one was in force meanwhile."""
        signed = self._signed(asked.content)
        await self._policy.fits(tx, signed)
        people = {"request": asked.id, "asked_by": asked.asked_by, "approved_by": asked.approved_by}
        await self._policy.put_in_force(tx, signed, **people)

    async def drop(self, tx: AsyncConnection, asked: Asked) -> None:
        """What was in force before holds again."""
        await self._policy.drop_coming(tx, asked.id)

    async def settled(self, asked: Asked) -> None:
        """Takes over what is on disk."""
        await self._policy.read()
        await self._policy.tell()
