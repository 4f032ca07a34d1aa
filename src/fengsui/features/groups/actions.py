"""Who keeps which cameras together, and who else uses them so. A group shows nobody a camera that they may not see anyway."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from fengsui.features.access import Access, Function, Principal, out_of_scope
from fengsui.features.audit import Act, Audit, told_changes
from fengsui.features.cameras import Cameras, NamedCamera, UnknownCamera
from fengsui.features.duty import Duty
from fengsui.features.groups import queries
from fengsui.features.groups.model import (
    MOST_CAMERAS,
    MOST_FAVOURITES,
    MOST_GROUPS,
    ForeignGroup,
    Group,
    GroupNameTaken,
    NoSuchCentre,
    PostNotHeld,
    TooManyKept,
    UnknownGroup,
)
from fengsui.store import Store


class Groups:
    """Kept in the database; changes come one after the other."""

    def __init__(self, store: Store, access: Access, audit: Audit, cameras: Cameras, duty: Duty) -> None:
        self._store = store
        self._access = access
        self._audit = audit
        self._cameras = cameras
        self._duty = duty
        self._changing = asyncio.Lock()

    async def seen(self, who: Principal, codes: Sequence[str]) -> list[NamedCamera]:
        """Those of these cameras that the caller may see, in this order."""
        return await self._cameras.named(self._access.scope(who, Function.LOOK_AROUND), codes)

    async def favourites(self, who: Principal) -> list[NamedCamera]:
        """One's own, in the order in which they were marked."""
        async with self._store.reading() as tx:
            codes = await queries.favourites_of(tx, who.user_id)
        return await self.seen(who, codes)

    async def change_favourites(self, who: Principal, add: Sequence[str], remove: Sequence[str]) -> list[NamedCamera]:
        """All or nothing. Raises UnknownCamera, OutOfScope, TooManyKept."""
        async with self._changing:
            async with self._store.reading() as tx:
                before = await queries.favourites_of(tx, who.user_id)
            after = await self._changed(who, before, add, remove, MOST_FAVOURITES)
            if after != before:
                async with self._store.transaction() as tx:
                    await queries.change_favourites(tx, who.user_id, before, after)
        return await self.seen(who, after)

    async def _changed(
        self, who: Principal, before: Sequence[str], add: Sequence[str], remove: Sequence[str], most: int
    ) -> list[str]:
        """What is added must be seen by the caller: otherwise a shared group would tell which codes there are."""
        fresh = [code for code in dict.fromkeys(add) if code not in before]
        may = {one.code for one in await self.seen(who, fresh)}
        if missing := next((code for code in fresh if code not in may), None):
            facts = (await self._cameras.facts([missing])).get(missing)
            raise UnknownCamera(camera=missing) if facts is None else out_of_scope(missing, Function.LOOK_AROUND)
        gone = set(remove)
        after = [code for code in (*before, *fresh) if code not in gone]
        if len(after) > max(most, len(before)):
            raise TooManyKept(most=most)
        return after

    async def groups(self, who: Principal) -> list[tuple[Group, list[NamedCamera]]]:
        """One's own, and those shared with one of which one sees a camera at least, with what one sees of them."""
        async with self._store.reading() as tx:
            found = await queries.groups_for(tx, who.user_id, self._posts(who), self._centres(who))
        every = list(dict.fromkeys(code for one in found for code in one.cameras))
        seen = {one.code: one for one in await self.seen(who, every)}
        shown = [(one, [seen[code] for code in one.cameras if code in seen]) for one in found]
        return [(one, cameras) for one, cameras in shown if cameras or one.owner == who.user_id]

    async def group(self, who: Principal, number: int) -> tuple[Group, list[NamedCamera]]:
        """Raises UnknownGroup, also where the caller may not know of it."""
        async with self._store.reading() as tx:
            found = await queries.group(tx, number)
        if found is None:
            raise UnknownGroup()
        mine = found.owner == who.user_id
        if not mine and found.post not in self._posts(who) and found.centre not in self._centres(who):
            raise UnknownGroup()
        cameras = await self.seen(who, found.cameras)
        if not cameras and not mine:
            raise UnknownGroup()
        return found, cameras

    def may_change(self, who: Principal, one: Group) -> bool:
        """Its owner; one of a centre also whoever manages duty there."""
        if one.owner == who.user_id:
            return True
        return bool(one.centre) and one.centre in self._centres(who, Function.MANAGE_DUTY)

    async def add(self, who: Principal, name: str, cameras: Sequence[str], post: str, centre: int) -> Group:
        """Raises UnknownCamera, OutOfScope, GroupNameTaken, TooManyKept, PostNotHeld, NoSuchCentre."""
        async with self._changing:
            mine = await self._mine(who)
            if len(mine) >= MOST_GROUPS:
                raise TooManyKept(most=MOST_GROUPS)
            codes = await self._changed(who, (), cameras, (), MOST_CAMERAS)
            made = Group(0, who.user_id, who.name, name, post, centre, tuple(codes))
            self._refuse_name(made, mine)
            self._refuse_sharing(who, made)
            await self._record(who, Act.GROUP_ADD, None, made)
            async with self._store.transaction() as tx:
                made = replace(made, id=await queries.add(tx, made))
                await queries.change_cameras(tx, made.id, (), codes)
        return made

    async def change(
        self,
        who: Principal,
        number: int,
        *,
        name: str | None = None,
        post: str | None = None,
        centre: int | None = None,
        add: Sequence[str] = (),
        remove: Sequence[str] = (),
    ) -> Group:
        """None: as before. Raises as `add`, and UnknownGroup, ForeignGroup."""
        async with self._changing:
            before = await self._own(who, number)
            after = replace(
                before,
                name=before.name if name is None else name,
                post=before.post if post is None else post,
                centre=before.centre if centre is None else centre,
                cameras=tuple(await self._changed(who, before.cameras, add, remove, MOST_CAMERAS)),
            )
            if after == before:
                return before
            if after.name != before.name:
                self._refuse_name(after, await self._mine(who, before.owner))
            if (after.post, after.centre) != (before.post, before.centre):
                self._refuse_sharing(who, after)
            await self._record(who, Act.GROUP_CHANGE, before, after)
            async with self._store.transaction() as tx:
                await queries.change(tx, after)
                await queries.change_cameras(tx, number, before.cameras, after.cameras)
        return after

    async def remove(self, who: Principal, number: int) -> None:
        """Raises UnknownGroup, ForeignGroup."""
        async with self._changing:
            before = await self._own(who, number)
            await self._record(who, Act.GROUP_REMOVE, before, None)
            async with self._store.transaction() as tx:
                await queries.remove(tx, number)

    async def _own(self, who: Principal, number: int) -> Group:
        found, _ = await self.group(who, number)
        if not self.may_change(who, found):
            raise ForeignGroup(owner=found.owner_name)
        return found

    async def _mine(self, who: Principal, owner: int | None = None) -> list[Group]:
        user = who.user_id if owner is None else owner
        async with self._store.reading() as tx:
            return [one for one in await queries.groups_for(tx, user, (), ()) if one.owner == user]

    @staticmethod
    def _refuse_name(one: Group, mine: Sequence[Group]) -> None:
        if any(other.name == one.name and other.id != one.id for other in mine):
            raise GroupNameTaken(name=one.name)

    def _refuse_sharing(self, who: Principal, one: Group) -> None:
        if one.post and one.post not in self._posts(who):
            raise PostNotHeld()
        if one.centre and one.centre not in self._centres(who):
            raise NoSuchCentre()

    def _posts(self, who: Principal) -> list[str]:
        return [post.value for post in who.person.posts(self._access.steady.now_s())]

    def _centres(self, who: Principal, *functions: Function) -> set[int]:
        """Where the caller may take or manage duty."""
        wanted = functions or (Function.TAKE_DUTY, Function.MANAGE_DUTY)
        scopes = [self._access.scope(who, function) for function in wanted]
        return {one.id for one in self._duty.centres() if any(scope.holds(one.area) for scope in scopes)}

    def centre_name(self, number: int) -> str:
        """Empty where it was removed."""
        return next((one.name for one in self._duty.centres() if one.id == number), "")

    async def _record(self, who: Principal, act: Act, before: Group | None, after: Group | None) -> None:
        """One's own arrangement too: who kept which cameras together may be asked later."""
        if (either := after or before) is not None:
            await self._audit.record(who, act, either.name, detail=told_changes(_facts(before), _facts(after)))


def _facts(one: Group | None) -> dict[str, object]:
    """For the record."""
    if one is None:
        return dict.fromkeys(("name", "post", "centre", "cameras"))
    return {"name": one.name, "post": one.post, "centre": one.centre or "", "cameras": one.cameras}
