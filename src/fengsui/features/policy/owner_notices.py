"""What partner owners are told of: rules that loosen, and changes of who sees their cameras and what is hidden there (rule A37)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.clock import Clock
from fengsui.features.access import OWNERS_CLASSES, CameraFacts, Person, Place, Post, mask_of
from fengsui.features.audit import NODE, Act, Acts, Audit
from fengsui.features.policy import queries
from fengsui.store import Store, if_undone

LISTED: Final = 100
OWNERS: Final = mask_of(OWNERS_CLASSES)
UNDONE: Final = "its transaction was not committed"


class Told(StrEnum):
    """What a notice is about."""

    POLICY = "policy"
    DUTY = "duty"
    CLASS = "class"
    AREA = "area"
    MASK = "mask"


@dataclass(frozen=True, slots=True)
class Notice:
    """`due_at`: when it takes effect, seconds since 1970; 0: it has."""

    told: Told
    zh: str
    en: str
    due_at: float = 0.0
    request: str = ""


class OwnerNotices:
    """Each is in the audit log as well, before the transaction that makes it is committed."""

    def __init__(self, store: Store, clock: Clock, audit: Audit) -> None:
        self._store = store
        self._clock = clock
        self._audit = audit

    def _now(self) -> float:
        return self._clock.now().timestamp()

    async def give(self, tx: AsyncConnection, what: CameraFacts | Place, notice: Notice, classes: int | None = None) -> None:
        """`what`: a camera, or the area in which a rule changes; `classes`: of the camera before and after, as bits.

        Nobody is told of a camera that is no owner's by its class. Raises AuditUnavailable.
        """
        acts = Acts()
        if_undone(tx, lambda: self._audit.not_done(acts, UNDONE))
        await self.record(acts, what, notice, classes)
        await self.write(tx, what, notice, classes)

    async def record(self, acts: Acts, what: CameraFacts | Place, notice: Notice, classes: int | None = None) -> None:
        """The record of a notice that `write` will make: for many, whose records a transaction must not wait for.

        It stands in `acts`, to be taken back where `write` comes to nothing. Raises AuditUnavailable.
        """
        if _concerned(what, classes):
            about = what.code if isinstance(what, CameraFacts) else what.name
            about_what = notice.request or notice.told
            await self._audit.record(NODE, Act.OWNER_NOTICE, about, range=about_what, detail=notice.en, acts=acts)

    async def write(self, tx: AsyncConnection, what: CameraFacts | Place, notice: Notice, classes: int | None = None) -> None:
        """As `give`, of what is on record already."""
        bits = _concerned(what, classes)
        if not bits:
            return
        camera = what.code if isinstance(what, CameraFacts) else ""
        facts = {"told": notice.told.value, "zh": notice.zh, "en": notice.en, "due_at": notice.due_at, "request": notice.request}
        await queries.add_notice(tx, at=self._now(), camera=camera, area=what.area, classes=bits, **facts)

    async def tell(self, what: CameraFacts | Place, notice: Notice, classes: int | None = None) -> None:
        """As `give`, for what is done already."""
        async with self._store.transaction() as tx:
            await self.give(tx, what, notice, classes)

    async def of(self, person: Person) -> tuple[Sequence[queries.Row], int]:
        """What concerns this person as an owner, the newest first, and the number of the last one they have acknowledged."""
        now = self._now()
        mine = [one for one in person.appointments if one.post is Post.PARTNER_OWNER and one.since <= now < one.until]
        async with self._store.reading() as tx:
            rows = await queries.newest_notices(tx, LISTED * 10) if mine else []
            last = await queries.last_read(tx, person.user_id) if mine else 0

        def concerns(row: queries.Row, area: str, classes: int) -> bool:
            if not row.classes & classes:
                return False
            return row.area.startswith(area) or (not row.camera and area.startswith(row.area))

        seen: dict[tuple[object, ...], queries.Row] = {}
        for row in rows:  # of one move two areas are told: whoever owns in both reads it once
            if any(concerns(row, one.area, one.classes) for one in mine):
                seen.setdefault((row.told, row.request or row.id, row.zh, row.due_at), row)
        return list(seen.values())[:LISTED], last

    async def acknowledge(self, person: Person, until: int) -> None:
        """They have read everything up to and with notice `until`."""
        async with self._store.transaction() as tx:
            await queries.set_read(tx, person.user_id, until, self._now())


def _concerned(what: CameraFacts | Place, classes: int | None) -> int:
    """Which owners are told, as bits of classes."""
    concerns = mask_of((what.camera_class,)) if isinstance(what, CameraFacts) and classes is None else classes
    return OWNERS if concerns is None else concerns & OWNERS
