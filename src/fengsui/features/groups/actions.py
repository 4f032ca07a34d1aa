"""Who keeps which cameras together, and who else uses them so. A group shows nobody a camera that they may not see anyway."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

from fengsui.features.access import Access, CameraFacts, Function, Post, Principal, out_of_scope
from fengsui.features.audit import Act, Audit, told_changes
from fengsui.features.cameras import Cameras, NamedCamera, UnknownCamera
from fengsui.features.duty import Duty
from fengsui.features.groups import queries
from fengsui.features.groups.model import (
    DUTY_POSTS,
    MOST_CAMERAS,
    MOST_FAVOURITES,
    MOST_GROUPS,
    ForeignGroup,
    Group,
    GroupNameTaken,
    NoSuchCentre,
    NotTaken,
    PostNotHeld,
    SeenGroup,
    TooManyKept,
    UnknownGroup,
    reordered,
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

    async def change_favourites(
        self, who: Principal, add: Sequence[str], remove: Sequence[str], order: Sequence[str] = ()
    ) -> list[NamedCamera]:
        """All or nothing. Raises UnknownCamera, OutOfScope, TooManyKept."""
        async with self._changing:
            async with self._store.reading() as tx:
                before = await queries.favourites_of(tx, who.user_id)
            after, _ = await self._changed(who, before, add, remove, order, MOST_FAVOURITES)
            if after != before:
                async with self._store.transaction() as tx:
                    await queries.change_favourites(tx, who.user_id, before, after)
        return await self.seen(who, after)

    async def _changed(
        self,
        who: Principal,
        before: Sequence[str],
        add: Sequence[str],
        remove: Sequence[str],
        order: Sequence[str],
        most: int,
        *,
        take_what_may: bool = False,
    ) -> tuple[list[str], list[NotTaken]]:
        """What is added must be seen by the caller: otherwise a shared group would tell which codes there are.

        `take_what_may`: the others are left out and told; otherwise the first of them refuses the whole.
        """
        there = set(before)
        fresh = [code for code in dict.fromkeys(add) if code not in there]
        may = {one.code for one in await self.seen(who, fresh)}
        missing = [code for code in fresh if code not in may]
        facts = await self._cameras.facts(missing)
        if missing and not take_what_may:
            first = missing[0]
            raise out_of_scope(first, Function.LOOK_AROUND) if first in facts else UnknownCamera(camera=first)
        gone = set(remove)
        after = reordered([code for code in (*before, *fresh) if code not in gone and (code in there or code in may)], order)
        if len(after) > max(most, len(before)):
            raise TooManyKept(most=most)
        return after, [NotTaken(code, "out_of_scope" if code in facts else "unknown") for code in missing]

    async def groups(self, who: Principal) -> list[SeenGroup]:
        """One's own, those shared with one of which one sees a camera at least, and those that one keeps in order."""
        posts = self._posts(who)
        kept = DUTY_POSTS if Function.MANAGE_DUTY in self._access.functions(who) else frozenset()
        async with self._store.reading() as tx:
            found = await queries.groups_for(tx, who.user_id, {*posts, *kept}, self._centres(who))
        every = list(dict.fromkeys(code for one in found for code in one.cameras))
        seen = {one.code: one for one in await self.seen(who, every)}
        there = await self._facts_to_keep(who, found)
        shown = [await self._seen_group(who, one, [seen[code] for code in one.cameras if code in seen], there) for one in found]
        return [one for one in shown if one is not None]

    async def group(self, who: Principal, number: int) -> SeenGroup:
        """Raises UnknownGroup, also where the caller may not know of it."""
        async with self._store.reading() as tx:
            found = await queries.group(tx, number)
        if found is None:
            raise UnknownGroup()
        there = await self._facts_to_keep(who, [found])
        seen = await self._seen_group(who, found, await self.seen(who, found.cameras), there)
        if seen is None:
            raise UnknownGroup()
        return seen

    async def _facts_to_keep(self, who: Principal, groups: Sequence[Group]) -> dict[str, CameraFacts]:
        """Of the cameras by which it is decided whether the caller keeps others' groups: of all of these groups at once."""
        if not self._access.scope(who, Function.MANAGE_DUTY).areas:
            return {}
        decided = [one for one in groups if one.owner != who.user_id and one.post and Post(one.post) in DUTY_POSTS]
        return await self._cameras.facts(list(dict.fromkeys(code for one in decided for code in one.cameras)))

    async def _seen_group(
        self, who: Principal, one: Group, cameras: Sequence[NamedCamera], facts: Mapping[str, CameraFacts]
    ) -> SeenGroup | None:
        """None: the caller may not know of it. A group is known to its owner, to those it is shared with who see a camera of it,
        and to whoever may change it.
        """
        mine = one.owner == who.user_id
        left = bool(one.post) and not mine and not await self._maker_holds(one)
        may_change = mine or await self._keeps(who, one, facts, maker_left=left)
        shared = one.post in self._posts(who) or one.centre in self._centres(who)
        return SeenGroup(one, cameras, mine, may_change, left) if may_change or (shared and cameras) else None

    async def _maker_holds(self, one: Group) -> bool:
        """Whether who made it still has the post it is shared with; somebody whose account is gone has none."""
        maker = await self._access.persons.get(one.owner)
        return maker is not None and one.post in maker.posts(self._access.steady.now_s())

    async def _keeps(self, who: Principal, one: Group, facts: Mapping[str, CameraFacts], *, maker_left: bool) -> bool:
        """Whether the caller keeps another's shared group in order: one of a centre whoever manages duty there; one of a post that
        takes duty whoever manages duty for all of its cameras; of another post its holders, once its maker holds it no longer.
        """
        if one.centre and one.centre in self._centres(who, Function.MANAGE_DUTY):
            return True
        if not one.post:
            return False
        if Post(one.post) not in DUTY_POSTS:
            return maker_left and one.post in self._posts(who)
        scope = self._access.scope(who, Function.MANAGE_DUTY)
        there = [facts[code] for code in one.cameras if code in facts]
        if there:
            return all(scope.holds(one.area, one.camera_class) for one in there)
        maker = await self._access.persons.get(one.owner)
        return scope.holds("" if maker is None else maker.area)

    async def add(
        self, who: Principal, name: str, cameras: Sequence[str], post: str, centre: int, *, take_what_may: bool = False
    ) -> SeenGroup:
        """Raises UnknownCamera, OutOfScope, GroupNameTaken, TooManyKept, PostNotHeld, NoSuchCentre."""
        async with self._changing:
            mine = await self._mine(who)
            if len(mine) >= MOST_GROUPS:
                raise TooManyKept(most=MOST_GROUPS)
            codes, not_taken = await self._changed(who, (), cameras, (), (), MOST_CAMERAS, take_what_may=take_what_may)
            made = Group(0, who.user_id, who.name, name, post, centre, tuple(codes))
            self._refuse_name(made, mine)
            self._refuse_sharing(who, made)
            await self._record(who, Act.GROUP_ADD, None, made)
            async with self._store.transaction() as tx:
                made = replace(made, id=await queries.add(tx, made))
                await queries.change_cameras(tx, made.id, (), codes)
        return SeenGroup(made, await self.seen(who, codes), True, True, False, not_taken)

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
        order: Sequence[str] = (),
        take_what_may: bool = False,
    ) -> SeenGroup:
        """None: as before. Raises as `add`, and UnknownGroup, ForeignGroup. The answer says what the caller may of it before."""
        async with self._changing:
            old = await self._own(who, number)
            before = old.group
            cameras, not_taken = await self._changed(
                who, before.cameras, add, remove, order, MOST_CAMERAS, take_what_may=take_what_may
            )
            after = replace(
                before,
                name=before.name if name is None else name,
                post=before.post if post is None else post,
                centre=before.centre if centre is None else centre,
                cameras=tuple(cameras),
            )
            if after == before:
                return replace(old, not_taken=not_taken)
            if after.name != before.name:
                self._refuse_name(after, await self._mine(who, before.owner))
            if (after.post, after.centre) != (before.post, before.centre):
                self._refuse_sharing(who, after, before.post)
            await self._record(who, Act.GROUP_CHANGE, before, after)
            async with self._store.transaction() as tx:
                await queries.change(tx, after)
                await queries.change_cameras(tx, number, before.cameras, after.cameras)
        return replace(old, group=after, cameras=await self.seen(who, after.cameras), not_taken=not_taken)

    async def remove(self, who: Principal, number: int) -> None:
        """Raises UnknownGroup, ForeignGroup."""
        async with self._changing:
            before = (await self._own(who, number)).group
            await self._record(who, Act.GROUP_REMOVE, before, None)
            async with self._store.transaction() as tx:
                await queries.remove(tx, number)

    async def _own(self, who: Principal, number: int) -> SeenGroup:
        found = await self.group(who, number)
        if not found.may_change:
            raise ForeignGroup(owner=found.group.owner_name)
        return found

    async def _mine(self, who: Principal, owner: int | None = None) -> list[Group]:
        user = who.user_id if owner is None else owner
        async with self._store.reading() as tx:
            return [one for one in await queries.groups_for(tx, user, (), ()) if one.owner == user]

    @staticmethod
    def _refuse_name(one: Group, mine: Sequence[Group]) -> None:
        if any(other.name == one.name and other.id != one.id for other in mine):
            raise GroupNameTaken(name=one.name)

    def _refuse_sharing(self, who: Principal, one: Group, before: str = "") -> None:
        """`before`: the post it was shared with, which may stay."""
        if one.post and one.post not in (before, *self._posts(who)):
            manages = Function.MANAGE_DUTY in self._access.functions(who)
            if not manages or Post(one.post) not in DUTY_POSTS:
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
