"""Bookmarks are made, read, edited and withdrawn as the footage they are about is seen: under a use ticket, and on record."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from fengsui.clock import Clock
from fengsui.features.access import Access, Function, Principal
from fengsui.features.audit import Act, Audit
from fengsui.features.bookmarks import queries
from fengsui.features.bookmarks.model import (
    MOST_A_DAY,
    MOST_LISTED,
    MOST_OF_CAMERA,
    Bookmark,
    ForeignBookmark,
    MaskedBookmark,
    Span,
    TooManyBookmarks,
    UnknownBookmark,
    Withdrawn,
    words_of,
)
from fengsui.features.cameras import Cameras, KeptCamera
from fengsui.features.masks import Masks
from fengsui.store import Store

DAY_S = 86_400.0


class Bookmarks:
    """Seen by whoever may play the footage back at that time; changed by whoever made it, as long as they may."""

    def __init__(self, store: Store, clock: Clock, access: Access, audit: Audit, cameras: Cameras, masks: Masks) -> None:
        self._store = store
        self._clock = clock
        self._access = access
        self._audit = audit
        self._cameras = cameras
        self._masks = masks

    def now(self) -> datetime:
        """By the node's clock."""
        return self._clock.now()

    async def within(
        self, who: Principal, camera: str, since: datetime, until: datetime, *, withdrawn: bool
    ) -> tuple[list[Bookmark], bool, int]:
        """Those that touch this time, ascending, and whether these are all; with those that were `withdrawn`, or without. Then how
        many reach beyond it to where the same ticket opens no footage: those are not told (rule A2).

        Raises UnknownCamera, UnusableBookmark, Refusal, AuditUnavailable, StorageFault.
        """
        span = Span.asked(since, until)
        who = await self._let_in(who, camera, span)
        said = "with those withdrawn" if withdrawn else ""
        await self._audit.record(who, Act.BOOKMARK_LIST, camera, range=span.text, detail=said)
        async with self._store.reading() as tx:
            found = await queries.within(tx, camera, span, withdrawn=withdrawn, limit=MOST_LISTED + 1)
        of = await self._cameras.kept.get(camera)
        opened = [one for one in found if self._opens(who, of, one.span, span)]
        return opened[:MOST_LISTED], len(found) <= MOST_LISTED, len(found) - len(opened)

    def _opens(self, who: Principal, camera: KeptCamera, marked: Span, asked: Span) -> bool:
        """Words are about all of their time: whoever may see a part of it may not read them. Under the ticket that is on record for
        what was asked, and no other.
        """
        within = asked.since_us <= marked.since_us and marked.until_us <= asked.until_us
        footage = marked.footage._replace(ticket=who.ground.ticket)
        return within or self._access.may(who, Function.VIEW_RECORDED, camera.facts_of(*footage[:2]), footage)

    async def add(self, who: Principal, camera: str, since: datetime, until: datetime | None, text: str) -> Bookmark:
        """A new one.

        Raises UnknownCamera, UnusableBookmark, UnusableWords, Refusal, TooManyBookmarks, AuditUnavailable, StorageFault.
        """
        now = self._clock.now()
        span, words = Span.marked(since, until, now), words_of(text)
        who = await self._let_in(who, camera, span)
        at = now.timestamp()
        async with self._store.reading() as tx:
            of_camera, of_person = await queries.counts(tx, camera, who.user_id, at - DAY_S)
        if of_camera >= MOST_OF_CAMERA:
            raise TooManyBookmarks(what_zh=f"一路摄像机最多 {MOST_OF_CAMERA} 个", what_en=f"{MOST_OF_CAMERA} of one camera at most")
        if of_person >= MOST_A_DAY:
            raise TooManyBookmarks(what_zh=f"每人每日最多 {MOST_A_DAY} 个", what_en=f"{MOST_A_DAY} a person and day at most")
        await self._audit.record(who, Act.BOOKMARK_ADD, camera, range=span.text, detail=words)
        made = Bookmark(0, camera, span, words, who.user_id, who.name, who.unit, who.ground, at, 0.0, None)
        async with self._store.transaction() as tx:
            return await queries.add(tx, made)

    async def change(self, who: Principal, camera: str, id: int, text: str) -> Bookmark:
        """Other words of one's own. Raises UnknownBookmark, ForeignBookmark, and what `add` raises."""
        words, found = words_of(text), await self._found(camera, id)
        who = await self._let_in_as_author(who, found)
        at = self._clock.now().timestamp()
        said = f"{found.id}: {found.text} → {words}"
        await self._audit.record(who, Act.BOOKMARK_CHANGE, camera, range=found.span.text, detail=said)
        async with self._store.transaction() as tx:
            if await queries.one(tx, camera, id) is None:
                raise UnknownBookmark()
            await queries.change(tx, id, words, at)
        return replace(found, text=words, edited_at=at)

    async def withdraw(self, who: Principal, camera: str, id: int, why: str) -> Bookmark:
        """One's own; it stays readable as withdrawn. Raises UnknownBookmark, ForeignBookmark, and what `add` raises."""
        words, found = words_of(why), await self._found(camera, id)
        who = await self._let_in_as_author(who, found)
        how = Withdrawn(self._clock.now().timestamp(), who.name, words)
        said = f"{found.id}: {words}; it said: {found.text}"
        await self._audit.record(who, Act.BOOKMARK_WITHDRAW, camera, range=found.span.text, detail=said)
        async with self._store.transaction() as tx:
            if await queries.one(tx, camera, id) is None:
                raise UnknownBookmark()
            await queries.withdraw(tx, id, how)
        return replace(found, withdrawn=how)

    async def _found(self, camera: str, id: int) -> Bookmark:
        async with self._store.reading() as tx:
            found = await queries.one(tx, camera, id)
        if found is None:
            raise UnknownBookmark()
        return found

    async def _let_in_as_author(self, who: Principal, found: Bookmark) -> Principal:
        """The right to the footage comes first: whoever has none is not told whose it is."""
        who = await self._let_in(who, found.camera, found.span)
        if found.author_id != who.user_id:
            raise ForeignBookmark(author=found.author)
        return who

    async def _let_in(self, who: Principal, camera: str, span: Span) -> Principal:
        """The same with the ticket that opens the footage. Raises UnknownCamera, Refusal. Rules A1, A2, A40."""
        facts = (await self._cameras.kept.get(camera)).facts_of(*span.footage[:2])
        ground = self._access.check(who, Function.VIEW_RECORDED, facts, span.footage)
        if self._masks.hides(facts, who):
            raise MaskedBookmark(camera=camera)
        return replace(who, ground=ground)
