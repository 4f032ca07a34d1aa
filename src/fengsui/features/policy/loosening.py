"""What the acts have in common that two persons do by the policy's word: rank, wait, notice, ends (rules A14, A37)."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.access import Rank
from fengsui.features.approvals import ApprovalKind, Asked
from fengsui.features.audit import NODE, Act, Audit
from fengsui.features.policy.actions import Policy
from fengsui.features.policy.model import TwoPersonAct

HOUR_S, SHORTEST_WAIT_H = 3600.0, 24


def both_names(asked: Asked) -> str:
    """For the record."""
    return f"asked {asked.asked_by}, approved {asked.approved_by}"


class ByPolicy(ApprovalKind):
    """The rank is the pack's; nothing happens before the act, and nothing is to be taken back when it ends without one."""

    act: TwoPersonAct = TwoPersonAct.POLICY
    """Whose line of the pack holds."""

    def __init__(self, policy: Policy, audit: Audit) -> None:
        self._policy = policy
        self._audit = audit

    @property
    def rank(self) -> Rank | None:  # type: ignore[override]
        """As the pack in force asks for."""
        return self._policy.rank_for(self.act)

    async def begin(self, tx: AsyncConnection, asked: Asked) -> None:
        """Nothing before its time."""
        return

    async def drop(self, tx: AsyncConnection, asked: Asked) -> None:
        """Nothing was done yet."""
        return

    async def settled(self, asked: Asked) -> None:
        """Pictures are looked at again each second."""
        return


class Loosening(ByPolicy):
    """One that can wait; while it does the audit office is told, and the owner of a camera (rule A37)."""

    async def said(self, content: Any) -> tuple[str, str]:
        """The object as the audit log names it, and for the record what becomes of it."""
        raise NotImplementedError

    async def tell_owners(self, tx: AsyncConnection, asked: Asked, due_at: float) -> None:
        """`due_at` 0: it is done. Raises AuditUnavailable."""
        raise NotImplementedError

    @property
    def wait_s(self) -> float:
        """As long as the pack in force says, a day at least."""
        pack = self._policy.effective
        return (SHORTEST_WAIT_H if pack is None else pack.loosening.wait_hours) * HOUR_S

    async def begin(self, tx: AsyncConnection, asked: Asked) -> None:
        """Nothing before its time; audit office and owner are told."""
        target, said = await self.said(asked.content)
        detail = f"{said}; {both_names(asked)}; due {int(asked.due_at)}"
        await self._audit.record(NODE, Act.POLICY_NOTICE, target, range=asked.id, detail=detail)
        await self.tell_owners(tx, asked, asked.due_at)

    async def note(self, tx: AsyncConnection, asked: Asked, act: Act) -> None:
        """At the begin of `apply`: on record as `act` with both names, and the owner is told. Raises AuditUnavailable."""
        target, said = await self.said(asked.content)
        await self._audit.record(NODE, act, target, range=asked.id, detail=f"{said}; {both_names(asked)}")
        await self.tell_owners(tx, asked, 0.0)
