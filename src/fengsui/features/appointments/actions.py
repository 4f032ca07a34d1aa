"""Asking for appointments, and the one that needs no second person because there is none yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from fengsui.clock import Clock
from fengsui.features.access import BEIJING, Function, Order, People, Post, Principal, height_of, posts_with, rank_in, rank_of
from fengsui.features.appointments.account_kind import NAME as ACCOUNT
from fengsui.features.appointments.account_kind import account_content
from fengsui.features.appointments.kind import NAME, content_of, said
from fengsui.features.appointments.reset_kind import NAME as RESET
from fengsui.features.appointments.reset_kind import Way, reset_content
from fengsui.features.approvals import Approvals, Document, RequestRow
from fengsui.features.audit import Act, Audit
from fengsui.store import Store


class Appointments:
    """The way to more posts. `set_up_on`: a day on which whoever runs the host lets the only administrator appoint another one."""

    def __init__(self, store: Store, clock: Clock, people: People, approvals: Approvals, audit: Audit, set_up_on: str) -> None:
        self._store = store
        self._clock = clock
        self._people = people
        self._approvals = approvals
        self._audit = audit
        self._set_up_on = set_up_on

    async def refuse_unready(self, who: Principal, reason: str, document: Document | None) -> None:
        """Before an account is made for what cannot be asked. Raises ReasonMissing, DocumentMissing, TooMany."""
        await self._approvals.refuse_unready(who, NAME, reason, document)

    async def appoint(
        self, who: Principal, user_id: int, orders: Sequence[Order], reason: str, document: Document | None = None
    ) -> RequestRow | None:
        """The request that another security administrator decides; None when it took effect at once (the first set-up).

        Raises what `People.may_appoint` and `Approvals.ask` raise.
        """
        found = await self._people.may_appoint(who, user_id, orders)
        if await self._is_first_set_up(who, orders):
            own = rank_of(who.person, now=self._clock.now().timestamp()) or ""
            # Below the first one, the second could approve nothing of what the first asks for: nobody could be appointed any more.
            orders = [replace(order, rank=order.rank or own) for order in orders]
            why = f"first set-up, nobody else could approve: {reason}".rstrip(": ")
            for order in orders:
                await self._audit.record(who, Act.APPOINTMENT_ADD, found.row.name, detail=f"{said(order)}; {why}")
            async with self._store.transaction() as tx:
                await self._people.appoint(tx, user_id, orders, made_by=who.name, approved_by="")
            self._people.told(user_id)
            return None
        content = content_of(user_id, found.row.name, found.area, orders)
        return await self._approvals.ask(who, NAME, content, reason, document)

    async def may_accept(
        self, who: Principal, user_id: int, appointment: int, reason: str, document: Document | None
    ) -> tuple[str, str]:
        """Whose post `who` may accept that an identity provider's group gave, and what for the record.

        The provider's administrator was the first person; the one here needs what a second person needs: rank, reason, document.
        Raises what `People.acceptable` and `Approvals.refuse_alone` raise.
        """
        found, kept = await self._people.acceptable(who, user_id, appointment), await self._people.get(who, user_id)
        order = Order(Post(found.post), found.area, found.classes, found.made_at, found.valid_until, found.rank)
        content = content_of(user_id, kept.row.name, kept.area, [order])
        await self._approvals.refuse_alone(who, NAME, content, reason, document)
        paper = "" if document is None else f"; document {document.number}"
        return kept.row.name, f"accepted: {said(order)} by the group {found.given_by_group}; {reason.strip()}{paper}"

    async def ask_reset(self, who: Principal, user_id: int, way: Way, reason: str, document: Document | None = None) -> RequestRow:
        """The request that another person decides. Raises what `People.may_ask_reset` and `Approvals.ask` raise."""
        found = await self._people.may_ask_reset(who, user_id)
        return await self._approvals.ask(who, RESET, reset_content(who, found, way), reason, document)

    async def ask_account(
        self, who: Principal, user_id: int, facts: Mapping[str, Any], reason: str, document: Document | None = None
    ) -> RequestRow:
        """The request to enable an account or set its dates (`facts` as stored), that another person decides.

        Raises what `People.may_ask_account` and `Approvals.ask` raise.
        """
        found = await self._people.may_ask_account(who, user_id)
        return await self._approvals.ask(who, ACCOUNT, account_content(found, facts), reason, document)

    async def _is_first_set_up(self, who: Principal, orders: Sequence[Order]) -> bool:
        """The only security administrator of everything appoints a second one, not above the own rank, for everything.

        Once there was a second one, that is over for ever: else whoever withdraws the other's post could appoint a puppet.
        Then only whoever runs the host opens it, for a day.
        """
        now = self._clock.now()
        own = height_of(rank_of(who.person, now=now.timestamp()))
        for order in orders:
            if order.post not in posts_with(Function.MANAGE_PEOPLE) or order.area != "" or len(orders) > 1:
                return False
            if height_of(rank_in(order.post, order.rank)) > own:
                return False
        opened = self._set_up_on == now.astimezone(BEIJING).date().isoformat()  # a day in China, as people read it
        return await self._people.only_administrator(who.user_id, ever=not opened)
