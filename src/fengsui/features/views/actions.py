"""Saving, sharing, opening and deleting walls and tours. Whoever opens one sees of it what they may."""

from __future__ import annotations

from typing import Any

from fengsui.clock import Clock
from fengsui.features.access import Access, Function, Place, Post, Principal
from fengsui.features.audit import Act, Audit
from fengsui.features.cameras import Cameras
from fengsui.features.duty import Duty
from fengsui.features.views import queries
from fengsui.features.views.model import (
    MOST_STEPS,
    MOST_VIEWS,
    ForeignView,
    Kind,
    Sharing,
    TooManyViews,
    UnknownView,
    UnusableView,
    View,
    area_shared,
    tiles_in,
)
from fengsui.features.views.tiles import NamedTile, check_all, named
from fengsui.store import Store


class Views:
    """Saved walls and tours of one node."""

    def __init__(self, store: Store, clock: Clock, access: Access, audit: Audit, cameras: Cameras, duty: Duty) -> None:
        self._store = store
        self._clock = clock
        self._access = access
        self._audit = audit
        self._cameras = cameras
        self._duty = duty

    def _centre_is_mine(self, who: Principal, number: int) -> bool:
        """Whether the person works there: sits there, or may."""
        if any(shift.user_id == who.user_id for shift in self._duty.shifts_at(number)):
            return True
        centre = next((one for one in self._duty.centres() if one.id == number), None)
        return centre is not None and self._access.may(who, Function.TAKE_DUTY, Place(str(number), centre.area))

    def _sees(self, who: Principal, one: View) -> bool:
        if one.user_id == who.user_id:
            return True
        if one.sharing is Sharing.POST:
            holds = Post(one.post) in who.person.posts(self._access.steady.now_s())
            return holds and self._access.scope(who, Function.VIEW_LIVE).touches(one.area)
        return one.sharing is Sharing.CENTRE and self._centre_is_mine(who, one.centre)

    def may_change(self, who: Principal, one: View) -> bool:
        """Its owner; of a shared one also whoever manages duty among those it is shared with."""
        shared = one.sharing is not Sharing.OWN and Function.MANAGE_DUTY in self._access.functions(who)
        return one.user_id == who.user_id or shared

    async def all_for(self, who: Principal) -> list[View]:
        """One's own, and those shared with one, by name."""
        async with self._store.reading() as tx:
            found = await queries.candidates(tx, who.user_id)
        return [one for one in found if self._sees(who, one)]

    async def get(self, who: Principal, number: int) -> View:
        """Raises UnknownView."""
        async with self._store.reading() as tx:
            found = await queries.view(tx, number)
        if found is None or not self._sees(who, found):
            raise UnknownView()
        return found

    async def tiles(self, who: Principal, one: View) -> dict[str, NamedTile]:
        """Its cameras by code, as this person may know them."""
        return await named(self._access, self._cameras, who, one.cameras)

    async def add(
        self, who: Principal, kind: Kind, name: str, body: dict[str, Any], sharing: Sharing, post: str, centre: int
    ) -> View:
        """Raises UnusableView, TooManyViews, UnknownView, Refusal, AuditUnavailable."""
        made = View(0, who.user_id, who.name, kind, name, Sharing.OWN, "", 0, "", self._clock.now().timestamp(), body)
        made = self._shared(who, made, sharing, post, centre)
        await self._check(who, made, made.cameras)
        async with self._store.reading() as tx:
            if await queries.count(tx, who.user_id) >= MOST_VIEWS:
                raise TooManyViews(limit=MOST_VIEWS)
        await self._audit.record(who, Act.VIEW_ADD, name, detail=_said(made))
        async with self._store.transaction() as tx:
            return await queries.add(tx, made)

    async def change(
        self,
        who: Principal,
        number: int,
        *,
        name: str | None = None,
        body: dict[str, Any] | None = None,
        sharing: tuple[Sharing, str, int] | None = None,
    ) -> View:
        """What is None stays. Raises UnknownView, ForeignView, UnusableView, Refusal, AuditUnavailable."""
        old = await self._own(who, number)
        new = old._replace(name=name or old.name, body=body or old.body, changed_at=self._clock.now().timestamp())
        if sharing is not None:
            new = self._shared(who, new, *sharing)
        await self._check(who, new, [code for code in new.cameras if code not in old.cameras])
        said = _said(new) if name in (None, old.name) else f"{old.name} → {new.name}, {_said(new)}"
        await self._audit.record(who, Act.VIEW_CHANGE, new.name, detail=said)
        async with self._store.transaction() as tx:
            await queries.change(tx, new)
        return new

    async def remove(self, who: Principal, number: int) -> None:
        """Raises UnknownView, ForeignView, AuditUnavailable."""
        old = await self._own(who, number)
        await self._audit.record(who, Act.VIEW_REMOVE, old.name, detail=_said(old))
        async with self._store.transaction() as tx:
            await queries.remove(tx, number)

    async def _own(self, who: Principal, number: int) -> View:
        found = await self.get(who, number)
        if not self.may_change(who, found):
            raise ForeignView(name=found.name, owner=found.owner)
        return found

    def _shared(self, who: Principal, one: View, sharing: Sharing, post: str, centre: int) -> View:
        """With those whom the person works with. Raises UnusableView."""
        manages = Function.MANAGE_DUTY in self._access.functions(who)
        posts = who.person.posts(self._access.steady.now_s())
        if sharing is Sharing.POST and not (post in posts or (manages and post in set(Post))):
            raise UnusableView(why_zh="只能共享给自己所任的岗位", why_en="one shares with a post that one holds")
        if sharing is Sharing.CENTRE and not self._centre_is_mine(who, centre):
            raise UnusableView(why_zh="只能共享给自己值班的中心", why_en="one shares with a centre where one takes duty")
        area = area_shared(who.person.area, self._access.scope(who, Function.VIEW_LIVE))
        return one._replace(
            sharing=sharing,
            post=post if sharing is Sharing.POST else "",
            centre=centre if sharing is Sharing.CENTRE else 0,
            area=area if sharing is Sharing.POST else "",
        )

    async def _check(self, who: Principal, one: View, cameras: list[str]) -> None:
        if one.kind is Kind.VIEW and len(one.body["tiles"]) > tiles_in(one.body["grid"]):
            raise UnusableView(why_zh="画面数多于布局的格子", why_en="there are more pictures than tiles")
        if one.kind is Kind.TOUR:
            if not 1 <= len(one.body["steps"]) <= MOST_STEPS:
                raise UnusableView(why_zh=f"轮巡须有 1 至 {MOST_STEPS} 步", why_en=f"a tour has 1 to {MOST_STEPS} steps")
            for step in one.body["steps"]:
                if step["view"] and (await self.get(who, step["view"])).kind is not Kind.VIEW:
                    raise UnusableView(why_zh="轮巡不能包含轮巡", why_en="a tour does not hold tours")
                if bool(step["view"]) == bool(step["camera"]):
                    raise UnusableView(why_zh="每一步须为一个视图或一路摄像机", why_en="each step is a view or a camera")
        await check_all(self._access, self._cameras, who, cameras)


def _said(one: View) -> str:
    with_whom = {Sharing.OWN: "own", Sharing.POST: f"post {one.post}", Sharing.CENTRE: f"centre {one.centre}"}[one.sharing]
    what = f"grid {one.body['grid']}" if one.kind is Kind.VIEW else f"{len(one.body['steps'])} steps"
    return f"{one.kind}, {with_whom}, {what}: {', '.join(one.cameras)}"
