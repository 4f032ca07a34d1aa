"""The security administrator's work on people: list, make, appoint, withdraw, disable, new password, unlock.

An administrator of an area keeps only the people of units there, and appoints only for areas within it.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.clock import Clock
from fengsui.features.access import queries
from fengsui.features.access.actions import Access
from fengsui.features.access.decision import Place
from fengsui.features.access.group_mapping import WAITS
from fengsui.features.access.model import (
    DatesNeedTwo,
    EnableNeedsTwo,
    LastAdministrator,
    NameTaken,
    NumberHeld,
    NumberMissing,
    NumberTaken,
    OwnUser,
    Principal,
    ResetNeedsTwo,
    UnknownAppointment,
    UnknownUser,
    WrongTime,
)
from fengsui.features.access.personnel_numbers import key_of, number_of
from fengsui.features.access.persons import BEIJING, Lapse, lapses_of
from fengsui.features.access.posts import POST_TEXTS, Function, Post, conflict_of, is_weighty, needs_number, posts_with
from fengsui.features.access.provider_errors import ProviderAccount
from fengsui.features.access.refusals import PostsConflict
from fengsui.features.access.units import Units
from fengsui.store import Store

DATES_A9 = ("vetted_on", "undertaking_on", "training_until")
"""Dates without which an account opens nothing, as they are stored."""
URGENT = ("expired", "missing", "expiring")
PASSWORD_BYTES = 9
"""Twelve characters: typed once, then replaced by the user's own."""


@dataclass(frozen=True, slots=True)
class Order:
    """An appointment to be made. Times: seconds since 1970; `until` None: without an end."""

    post: Post
    area: str
    classes: int
    since: float | None = None
    until: float | None = None
    rank: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """A user as a security administrator sees one: the stored row, appointments that are not withdrawn, and the account's state."""

    row: queries.Row
    appointments: tuple[queries.Row, ...]
    locked: bool
    closed: tuple[str, str]

    @property
    def area(self) -> str:
        """Where the unit lies; empty without one: kept by administrators of everything alone."""
        return self.row.unit_area or ""

    @property
    def place(self) -> Place:
        """For the door."""
        return Place(str(self.row.id), self.area)  # whoever tries numbers does not learn names


class People:
    """Users. Whoever calls has passed the door for the function; the area is checked here."""

    def __init__(self, store: Store, clock: Clock, access: Access, units: Units) -> None:
        self._store = store
        self._clock = clock
        self._access = access
        self._units = units

    async def all(self, who: Principal) -> list[Kept]:
        """Those of the administrator's own area, by name."""
        scope = self._access.scope(who, Function.MANAGE_PEOPLE)
        async with self._store.reading() as tx:
            rows = [row for row in await queries.all_people(tx) if scope.holds(row.unit_area or "")]
            held = await queries.appointments_of(tx, None)
        return [self._kept(row, [one for one in held if one.user_id == row.id]) for row in rows]

    async def lapsing(self, who: Principal) -> list[tuple[queries.Row, Lapse]]:
        """Of enabled people of the own area, as security administrator or duty supervisor, the most urgent first."""
        scopes = [self._access.scope(who, one) for one in (Function.MANAGE_PEOPLE, Function.MANAGE_DUTY)]
        async with self._store.reading() as tx:
            rows = await queries.all_people(tx)
        mine = [row for row in rows if not row.disabled and any(one.holds(row.unit_area or "") for one in scopes)]
        found = [(row, lapse) for row in mine for lapse in lapses_of(row, self._now())]
        return sorted(found, key=lambda one: (URGENT.index(one[1].state), one[1].until, one[0].name))

    async def get(self, who: Principal, user_id: int) -> Kept:
        """Raises UnknownUser, OutOfScope."""
        async with self._store.reading() as tx:
            found = await self._find(tx, user_id)
        self._access.check(who, Function.MANAGE_PEOPLE, found.place)
        return found

    async def _find(self, tx: AsyncConnection, user_id: int) -> Kept:
        row = await queries.person(tx, user_id)
        if row is None:
            raise UnknownUser()
        return self._kept(row, await queries.appointments_of(tx, [user_id]))

    def _kept(self, row: queries.Row, held: Sequence[queries.Row]) -> Kept:
        closes_at, because = self._access.persons.lapse(row)
        closed = because if self._now() >= closes_at else ("", "")
        return Kept(row, tuple(held), row.name in self._access.guesses.locked_names(), closed)

    def _now(self) -> float:
        return self._clock.now().timestamp()

    async def may_place(self, who: Principal, unit: int | None, orders: Sequence[Order] = ()) -> None:
        """Whether `who` may put somebody there, into these posts. Raises UnknownUnit, OutOfScope, PostsConflict, WrongTime."""
        if unit is None:
            self._access.check(who, Function.MANAGE_PEOPLE, Place("全域 everywhere", ""))
        else:
            await self._units.get(who, unit)
        for order in orders:
            self._access.check(who, Function.MANAGE_PEOPLE, Place(order.area or "全域 everywhere", order.area))
            now = self._now()
            if order.until is not None and order.until <= max(now, order.since or now):
                raise WrongTime()
        _refuse_conflict([order.post for order in orders])

    async def add(self, who: Principal, name: str, unit: int | None, **facts: Any) -> tuple[Kept, str]:
        """The new user, without a post, and the first password, which is kept nowhere.

        Raises NameTaken, NumberTaken and what `may_place` raises.
        """
        await self.may_place(who, unit)
        facts["personnel_number"] = number_of(str(facts.get("personnel_number", "")))
        password = secrets.token_urlsafe(PASSWORD_BYTES)
        facts |= {
            "password_hash": await self._access.proofs.hash(password),
            "must_change_password": True,
            "created_at": self._now(),
            "given_by": who.user_id,
        }
        try:
            async with self._store.transaction() as tx:
                await self._number_free(tx, facts["personnel_number"], 0)
                user = await queries.add_user(tx, name=name, unit_id=unit, **facts)
        except IntegrityError as error:
            raise NameTaken(name=name) from error
        self._access.persons.forget(user)
        return await self.get(who, user), password

    async def change(self, who: Principal, user_id: int, **facts: Any) -> Kept:
        """Sets columns of a user. A disabled one's sessions end.

        Raises UnknownUser, OutOfScope, OwnUser, LastAdministrator, NumberTaken, NumberHeld, EnableNeedsTwo, DatesNeedTwo,
        PostsConflict.
        """
        if "personnel_number" in facts:
            facts["personnel_number"] = number_of(facts["personnel_number"])
        self._refuse_loosening(await self._other(who, user_id), facts)
        if "unit_id" in facts:
            await self.may_place(who, facts["unit_id"])
        ended: list[str] = []
        async with self._store.transaction() as tx:
            if facts.get("personnel_number"):
                await self._number_free(tx, facts["personnel_number"], user_id)
            await queries.change_user(tx, user_id, **facts)
            if facts.get("personnel_number"):
                await self._refuse_conflict_with(tx, user_id, ())
            if facts.get("disabled"):
                await self._keep_one_administrator(tx)
                ended = await self._access.end_sessions_of(tx, user_id)
        self._access.persons.forget(user_id)
        self._access.forget_sessions(ended)
        return await self.get(who, user_id)

    def _refuse_loosening(self, found: Kept, facts: dict[str, Any]) -> None:
        """What one person alone does not do to an account of weight: appointing to its posts takes two. Raises as `change`."""
        posts = [Post(one.post) for one in found.appointments]
        if is_weighty(posts) and not self._opened_by_host():
            if facts.get("disabled") is False and found.row.disabled:
                raise EnableNeedsTwo(person=found.row.name)
            if any(_opens(name, getattr(found.row, name), facts[name]) for name in DATES_A9 if name in facts):
                raise DatesNeedTwo(person=found.row.name)
        held = key_of(found.row.personnel_number)
        if held and held != key_of(facts.get("personnel_number", held)) and any(map(needs_number, posts)):
            raise NumberHeld(person=found.row.name)

    async def may_ask_account(self, who: Principal, user_id: int) -> Kept:
        """Whose account `who` may ask to enable, or its dates to be set. Raises UnknownUser, OutOfScope, OwnUser."""
        return await self._other(who, user_id)

    async def set_account(self, tx: AsyncConnection, user_id: int, facts: dict[str, Any]) -> None:
        """What two persons decided, in the caller's transaction; `told` when that is on disk."""
        await queries.change_user(tx, user_id, **facts)

    def _opened_by_host(self) -> bool:
        """Whether whoever runs the host has opened for today what takes two. The day is China's."""
        return self._access.rules.set_up_on == self._clock.now().astimezone(BEIJING).date().isoformat()

    async def may_appoint(self, who: Principal, user_id: int, orders: Sequence[Order]) -> Kept:
        """Who would get more posts. Raises UnknownUser, OutOfScope, OwnUser, NumberMissing, PostsConflict, WrongTime."""
        found = await self._other(who, user_id)
        await self.may_place(who, found.row.unit_id, orders)
        async with self._store.reading() as tx:
            await self._refuse_conflict_with(tx, user_id, orders)
        self.refuse_unnumbered(found.row.name, found.row.personnel_number, orders)
        return found

    async def refuse_for(self, who: Principal, name: str, number: str, orders: Sequence[Order]) -> None:
        """Before an account is made for these posts: what `may_appoint` would say of it, by the number alone.

        Raises NumberMissing, OwnUser, PostsConflict.
        """
        self.refuse_unnumbered(name, number, orders)
        key = key_of(number_of(number))
        if orders and key and key == key_of(who.person.personnel_number):
            raise OwnUser()
        async with self._store.reading() as tx:
            same = [one.id for one in await queries.namesakes(tx, number_of(number), 0)]
            await self._refuse_conflict_of(tx, same, orders)

    @staticmethod
    def refuse_unnumbered(name: str, number: str, orders: Sequence[Order]) -> None:
        """Who approves or holds an office is told from every other person by the number (A10, A15). Raises NumberMissing."""
        if not number_of(number) and any(needs_number(order.post) for order in orders):
            raise NumberMissing(person=name)

    async def _number_free(self, tx: AsyncConnection, number: str, user_id: int) -> None:
        """One person, one account of this node (rule A10); one of a provider may stand beside it. Raises NumberTaken."""
        row = await queries.user_by_id(tx, user_id) if user_id else None
        if row is not None and row.provider:
            return
        others = [one for one in await queries.namesakes(tx, number, user_id) if not one.provider]
        if others:
            raise NumberTaken(name=others[0].name)

    async def _refuse_conflict_with(self, tx: AsyncConnection, user_id: int, orders: Sequence[Order]) -> None:
        """Among everything that this human being holds, by whatever account. Raises PostsConflict."""
        row = await queries.user_by_id(tx, user_id)
        same = [] if row is None else [one.id for one in await queries.namesakes(tx, row.personnel_number, user_id)]
        await self._refuse_conflict_of(tx, [user_id, *same], orders)

    async def _refuse_conflict_of(self, tx: AsyncConnection, user_ids: Sequence[int], orders: Sequence[Order]) -> None:
        held = await queries.appointments_of(tx, user_ids)
        now = self._now()
        lasting = [Post(one.post) for one in held if one.valid_until is None or one.valid_until > now]
        _refuse_conflict([*lasting, *(order.post for order in orders)])

    async def state_of(self, tx: AsyncConnection, user_id: int) -> tuple[queries.Row, Sequence[queries.Row]]:
        """The stored user and the appointments that are not withdrawn. Raises UnknownUser."""
        row = await queries.person(tx, user_id)
        if row is None:
            raise UnknownUser()
        return row, await queries.appointments_of(tx, [user_id])

    async def fits(self, tx: AsyncConnection, user_id: int, orders: Sequence[Order]) -> queries.Row:
        """Whether the posts can be given, whoever gives them. Raises UnknownUser, NumberMissing, PostsConflict, WrongTime."""
        row, _ = await self.state_of(tx, user_id)
        await self._refuse_conflict_with(tx, user_id, orders)
        self.refuse_unnumbered(row.name, row.personnel_number, orders)
        if any(order.until is not None and order.until <= max(self._now(), order.since or 0.0) for order in orders):
            raise WrongTime()
        return row

    async def only_administrator(self, user_id: int, *, ever: bool) -> bool:
        """Whether nobody else is a security administrator of everything, and with `ever` nobody else ever was."""
        async with self._store.reading() as tx:
            holders = await queries.holders_of(tx, posts_with(Function.MANAGE_PEOPLE), "", None if ever else self._now())
        return holders == {user_id}

    async def appoint(self, tx: AsyncConnection, user_id: int, orders: Sequence[Order], *, made_by: str, approved_by: str) -> None:
        """More posts, in the caller's transaction; `told` when that is on disk."""
        now = self._now()
        for order in orders:
            await queries.add_appointment(
                tx,
                user_id=user_id,
                post=order.post,
                area=order.area,
                classes=order.classes,
                rank=order.rank,
                valid_from=now if order.since is None else order.since,
                valid_until=order.until,
                made_at=now,
                made_by=made_by,
                approved_by=approved_by,
            )

    def told(self, user_id: int) -> None:
        """This person's rights have changed."""
        self._access.persons.forget(user_id)

    async def appointment(self, who: Principal, user_id: int, appointment: int) -> queries.Row:
        """One that `who` may withdraw. Raises UnknownUser, UnknownAppointment, OutOfScope, OwnUser."""
        found = await self._other(who, user_id)
        for one in found.appointments:
            if one.id == appointment:
                return one
        raise UnknownAppointment()

    async def withdraw(self, who: Principal, user_id: int, appointment: int) -> Kept:
        """It opens nothing from now on, and what it opened is closed. Raises as `appointment`, and LastAdministrator."""
        await self.appointment(who, user_id, appointment)
        async with self._store.transaction() as tx:
            await queries.end_appointment(tx, appointment, at=self._now(), by=who.name)
            await self._keep_one_administrator(tx)
        self._access.persons.forget(user_id)
        return await self.get(who, user_id)

    async def acceptable(self, who: Principal, user_id: int, appointment: int) -> queries.Row:
        """What a group gave and a person of this node has still to accept.

        Raises as `appointment`, and ProviderAccount, NumberMissing.
        """
        found = await self.appointment(who, user_id, appointment)
        async with self._store.reading() as tx:
            own = await queries.user_by_id(tx, who.user_id)
        if own is None or own.provider:
            raise ProviderAccount(provider="" if own is None else own.provider)
        if found.valid_from < WAITS:
            raise UnknownAppointment()
        row = (await self.get(who, user_id)).row
        self.refuse_unnumbered(row.name, row.personnel_number, [Order(Post(found.post), found.area, found.classes)])
        return found

    async def accept(self, who: Principal, user_id: int, appointment: int) -> Kept:
        """It is in force from now on: the provider's administrator was the first person. Raises as `acceptable`."""
        await self.acceptable(who, user_id, appointment)
        async with self._store.transaction() as tx:
            await queries.accept_appointment(tx, appointment, at=self._now(), by=who.name)
        self._access.persons.forget(user_id)
        return await self.get(who, user_id)

    async def _keep_one_administrator(self, tx: AsyncConnection) -> None:
        if not await queries.holders_of(tx, posts_with(Function.MANAGE_PEOPLE), "", self._now()):
            raise LastAdministrator()

    async def _other(self, who: Principal, user_id: int) -> Kept:
        """Not oneself, and nobody whose rights reach beyond one's own area: whoever sets a password could take them."""
        found = await self.get(who, user_id)
        key = key_of(found.row.personnel_number)
        if user_id == who.user_id or (key and key == key_of(who.person.personnel_number)):
            raise OwnUser()
        for one in found.appointments:
            self._access.check(who, Function.MANAGE_PEOPLE, Place(f"{found.row.name} ({one.area or '*'})", one.area))
        return found

    async def may_reset(self, who: Principal, user_id: int, *, password: bool) -> tuple[Kept, str]:
        """Whose password or factor `who` may reset alone, and for the record why when it would take two otherwise.

        Raises UnknownUser, OutOfScope, OwnUser, ResetNeedsTwo, ProviderAccount.
        """
        found = await self._other(who, user_id)
        if password and found.row.provider:
            raise ProviderAccount(provider=found.row.provider)
        if not is_weighty(Post(one.post) for one in found.appointments):
            return found, ""
        if found.row.must_change_password and found.row.given_by == who.user_id:
            return found, "the first password that the same person gave was never changed"
        if self._opened_by_host():
            return found, "opened for today by whoever runs the host"
        raise ResetNeedsTwo(person=found.row.name)

    async def may_ask_reset(self, who: Principal, user_id: int) -> Kept:
        """Whose reset `who` may ask for. Raises UnknownUser, OutOfScope, OwnUser."""
        return await self._other(who, user_id)

    async def reset_password(self, who: Principal, user_id: int) -> str:
        """A new first password; second factor, passkeys, sessions and tokens end: for whoever lost them.

        Raises UnknownUser, OwnUser, ResetNeedsTwo, ProviderAccount.
        """
        person, _ = await self.may_reset(who, user_id, password=True)
        password = secrets.token_urlsafe(PASSWORD_BYTES)
        async with self._store.transaction() as tx:
            ended = await self.take_password(tx, user_id, who.user_id, password)
        self.reset_told(user_id, ended)
        self._access.guesses.unlock(person.row.name)
        return password

    async def take_password(self, tx: AsyncConnection, user_id: int, by: int, password: str = "") -> list[str]:
        """The first password is `password` (none: one that nobody knows); what ended, for `reset_told` once that is on disk."""
        hashed = await self._access.proofs.hash(password or secrets.token_urlsafe(32))
        await queries.change_user(tx, user_id, take_over=True, password_hash=hashed, must_change_password=True)
        return await self.take_factor(tx, user_id, by)

    async def take_factor(self, tx: AsyncConnection, user_id: int, by: int) -> list[str]:
        """Authenticator, recovery codes, passkeys, sessions, tokens; what ended, for `reset_told` once that is on disk."""
        await queries.change_user(tx, user_id, given_by=by)
        await self._access.second_factors.forget(tx, user_id)
        await queries.remove_passkeys_of(tx, user_id)
        ended = await self._access.end_sessions_of(tx, user_id)
        return ended + await self._access.api_tokens.remove_of(tx, user_id)

    def reset_told(self, user_id: int, ended: Sequence[str]) -> None:
        """A reset is on disk."""
        self._access.persons.forget(user_id)
        self._access.forget_sessions(ended)

    async def reset_factor(self, who: Principal, user_id: int) -> None:
        """Second factor, passkeys, sessions and tokens end; the password stays, or is the provider's.

        Raises UnknownUser, OwnUser, ResetNeedsTwo.
        """
        await self.may_reset(who, user_id, password=False)
        async with self._store.transaction() as tx:
            ended = await self.take_factor(tx, user_id, who.user_id)
        self.reset_told(user_id, ended)

    async def unlock(self, who: Principal, user_id: int) -> None:
        """Raises UnknownUser, OutOfScope."""
        self._access.guesses.unlock((await self.get(who, user_id)).row.name)


def _opens(name: str, old: str, new: str) -> bool:
    """Whether the date keeps an account open that is closed, or longer: not where one is taken away, or an end comes earlier."""
    return bool(new) and new != (old or "") and (name != "training_until" or new > (old or ""))


def _refuse_conflict(posts: Sequence[Post]) -> None:
    """Raises PostsConflict."""
    conflict = conflict_of(posts)
    if conflict is not None:
        (one_zh, one_en), (other_zh, other_en) = (POST_TEXTS[post] for post in conflict)
        raise PostsConflict(one_zh=one_zh, one_en=one_en, other_zh=other_zh, other_en=other_en)
