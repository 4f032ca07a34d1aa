"""Footage that is held for a case: asked for under a use ticket, approved by another person, looked at again in time. A52."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, Self

from prometheus_client import Gauge
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.clock import Clock
from fengsui.features.access import Access, CameraFacts, Footage, FootageHeld, FootageTooOld, Function, Place, Principal, Refusal
from fengsui.features.approvals import Approvals, Asked, Description, Difference, Direction, Document, RequestRow
from fengsui.features.audit import NODE, Act, Audit, Ground
from fengsui.features.cameras import Cameras
from fengsui.features.clips import Clip, Wanted
from fengsui.features.device_files import key_targets
from fengsui.features.policy import ByPolicy, Policy, TwoPersonAct, both_names
from fengsui.features.retention import queries
from fengsui.features.retention.model import (
    FootageGoes,
    FootageLeaves,
    Hold,
    Mark,
    TooManyMarks,
    UnknownHold,
    UnusableHold,
    WantedHold,
    Why,
    cases_holding,
    refuse_review,
)
from fengsui.store import Store, if_undone

HOLD, RELEASE = "footage.hold", "footage.hold-release"
MOST_MARKS = 20_000
HOLDS = Gauge("fengsui_footage_holds", "Holds of footage; overdue: past their day of review", ["state"])


ClipsWaiting = Callable[[], Awaitable[tuple[Sequence[Clip], Sequence[Wanted]]]]
"""Clips that may still be taken, and what is being asked for."""


async def _no_clips() -> tuple[Sequence[Clip], Sequence[Wanted]]:
    return (), ()


@dataclass(frozen=True, slots=True)
class ClipHold:
    """Footage that a clip holds until it is taken or over. `span`: of the footage; `until`: seconds since 1970."""

    camera: str
    span: tuple[float, float]
    asked_by: str
    approved_by: str
    until: float

    @classmethod
    def of(cls, clip: Clip) -> Self:
        """Of one that waits."""
        footage = clip.wanted.footage
        return cls(clip.wanted.camera, (footage.since, footage.until), clip.asked_by, clip.approved_by, clip.until)

    @property
    def as_hold(self) -> Hold:
        """For what may go; it opens nothing."""
        return Hold(0, self.camera, *self.span, "", "", self.asked_by, self.approved_by, 0.0, self.until)


def _hold_of(wanted: Wanted) -> Hold:
    return Hold(0, wanted.camera, wanted.footage.since, wanted.footage.until, "", "", "", "", 0.0, 0.0)


class Holds:
    """Every hold that nobody released, in memory. `deciding`: had by whoever chooses and removes footage, and by a hold that comes:
    what is held from then on is not among what is being removed. Nobody has it while a bucket is waited for: `leaving` tells by
    camera and time what goes from there, and cannot be held until that is over. A hold opens nothing until it is on disk.
    `tickets_of`: the numbers of a person's use tickets that last."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        access: Access,
        approvals: Approvals,
        cameras: Cameras,
        tickets_of: Callable[[int], Sequence[str]],
    ) -> None:
        self._tickets_of = tickets_of
        self._store = store
        self._clock = clock
        self._access = access
        self._approvals = approvals
        self._cameras = cameras
        self._held: dict[int, Hold] = {}
        self._coming: dict[int, Hold] = {}
        """Not known to be on disk yet: nothing of it is removed, and it opens nothing."""
        self._marks: dict[str, Mark] = {}
        """By key, of rules; also those that are not on disk yet."""
        self._undone = set[int]()
        """Of those, whose commit failed as far as anybody knows: the next look tells."""
        self.key_targets: set[str] = set()
        """Cameras with holds whose footage is kept longer, as far as was looked."""
        self.deciding = asyncio.Lock()
        self.leaving: Sequence[tuple[str, float, float]] = ()
        self.going: Sequence[tuple[str, float, float]] = ()
        """The same of all that goes at this moment, wherever it lies."""
        self.clips: ClipsWaiting = _no_clips
        """Set at composition."""

    async def read(self) -> None:
        """Takes over what is on disk. Raises StorageFault."""
        asked = set(self._undone)
        async with self._store.reading() as tx:
            found = await queries.holds(tx)
            self._marks |= {one.key: one for one in await queries.marks(tx, self.now())}
            self.key_targets = await key_targets(tx, sorted({one.camera for one in found}))
        self._held = {one.id: one for one in found}
        over = self._held.keys() | asked
        self._coming = {id: one for id, one in self._coming.items() if id not in over}
        self._undone -= over
        self.overdue()

    async def classify(self) -> None:
        """Looks again which cameras are key targets, and what became of holds whose commit failed. Raises StorageFault."""
        if self._undone:
            await self.read()
        if known := self.all():
            async with self._store.reading() as tx:
                self.key_targets = await key_targets(tx, sorted({one.camera for one in known}))

    def all(self) -> list[Hold]:
        """What is not to be removed, by number: also of holds that are not on disk yet."""
        return [*self._held.values(), *self._coming.values()]

    async def kept(self, why: Why = "ceiling") -> list[Hold]:
        """The same, with what clips hold that may still be taken; where it is to go for lack of room, with what rules mark.

        Raises StorageFault."""
        clips, asked = await self.clips()
        marked = [one.as_hold for one in self.marks()] if why == "space" else []
        return [*self.all(), *(ClipHold.of(one).as_hold for one in clips), *(_hold_of(one) for one in asked), *marked]

    def marks(self, camera: str = "") -> list[Mark]:
        """Of rules, of this camera or of all, whose time is not over."""
        now = self.now()
        self._marks = {key: one for key, one in self._marks.items() if one.held_until > now}
        return [one for one in self._marks.values() if not camera or one.camera == camera]

    async def mark(self, tx: AsyncConnection, some: Sequence[Mark]) -> None:
        """They stay from now on, whatever becomes of the transaction: nobody loses by it. Raises TooManyMarks, FootageLeaves."""
        async with self.deciding:
            if len(self.marks()) + len(some) > MOST_MARKS:
                raise TooManyMarks(limit=MOST_MARKS)
            for one in some:
                self.refuse_leaving(one.as_hold)
            await queries.add_marks(tx, some, self.now())
            self._marks |= {one.key: one for one in some}

    async def clips_of(self, camera: str) -> list[ClipHold]:
        """What clips hold of a camera, those that end first first. Raises StorageFault."""
        clips, _ = await self.clips()
        return sorted((ClipHold.of(one) for one in clips if one.wanted.camera == camera), key=lambda one: one.until)

    def refuse_going(self, camera: str, since: float, until: float) -> None:
        """Raises FootageGoes: nobody is told that it can be taken, and it goes all the same."""
        if any(of == camera and begin < until and since < end for of, begin, end in self.going):
            raise FootageGoes()

    def of(self, camera: str) -> list[Hold]:
        """By number."""
        return [one for one in self._held.values() if one.camera == camera]

    def overdue(self) -> list[Hold]:
        """Past their day of review; they hold all the same."""
        found = [one for one in self._held.values() if one.review_at <= self.now()]
        HOLDS.labels("held").set(len(self._held))
        HOLDS.labels("overdue").set(len(found))
        return found

    def now(self) -> float:
        """Seconds since 1970."""
        return self._clock.now().timestamp()

    async def add(self, tx: AsyncConnection, one: Hold) -> None:
        """Its footage stays from now on, also while it is not yet on disk; it opens what it holds once it is (`read`).

        Raises FootageLeaves."""
        async with self.deciding:
            self.refuse_leaving(one)
            added = await queries.add_hold(tx, one)
            self._coming[added.id] = added
            self._undone.discard(added.id)
            if_undone(tx, partial(self._undone.add, added.id))
            self.key_targets |= await key_targets(tx, [added.camera])

    def refuse_leaving(self, one: Hold) -> None:
        """Raises FootageLeaves: nobody is told that it is held, and it goes all the same."""
        if any(camera == one.camera and since < one.until and one.since < until for camera, since, until in self.leaving):
            raise FootageLeaves()

    # Asking

    @property
    def needs_document(self) -> bool:
        """Whether the pack in force wants a legal document behind each (rule A16)."""
        kind = self._approvals.kind(HOLD)
        return kind is not None and kind.document

    async def checked(
        self, who: Principal, code: str, since: float, until: float, review_at: float, ticket: str = ""
    ) -> tuple[Principal, WantedHold]:
        """Who asks, with the ticket that covers the time, whose case is the hold's; and exactly what for. However old it is: a hold
        shows nothing, and the approval of it is what opens older footage to its case (rule A8). `ticket`: by its number; empty:
        one whose case does not hold this yet, if there is one.

        Raises UnknownCamera, UnusableHold, Refusal.
        """
        camera = await self._cameras.kept.get(code)
        if not since < until:
            raise UnusableHold(why_zh="起始不早于结束", why_en="it does not begin before it ends")
        ground = self._ground(who, camera.facts_of(since, until), Footage(since, until, ticket))
        refuse_review(review_at, self.now())
        wanted = WantedHold(code, camera.name, int(since), -int(-until // 1), ground.case, int(review_at), who.unit)
        WantedHold.of(wanted.content)
        return replace(who, ground=ground), wanted

    def _ground(self, who: Principal, facts: CameraFacts, footage: Footage) -> Ground:
        found = list[Ground]()
        for number in () if footage.ticket else self._tickets_of(who.user_id):
            with suppress(Refusal):
                found.append(self._covering(who, facts, footage._replace(ticket=number)))
        if not found:
            return self._covering(who, facts, footage)
        holding = cases_holding(self.of(facts.code), footage.since, footage.until)
        return min(found, key=lambda one: (not one.case, one.case in holding))

    def _covering(self, who: Principal, facts: CameraFacts, footage: Footage) -> Ground:
        """Of the ticket that opens it but for its age, and but for what only another case holds. Raises Refusal."""
        try:
            return self._access.check(who, Function.VIEW_RECORDED, facts, footage)
        except (FootageTooOld, FootageHeld) as refusal:
            return refusal.ground

    async def ask(self, asker: Principal, wanted: WantedHold, reason: str, document: Document | None) -> RequestRow:
        """Another person approves. Raises Refusal, ReasonMissing, DocumentMissing, TooMany."""
        return await self._approvals.ask(asker, HOLD, wanted.content, reason, document)

    def refuse_unknown(self, camera: str, id: int) -> None:
        """Raises UnknownHold."""
        one = self._held.get(id)
        if one is None or one.camera != camera:
            raise UnknownHold()

    async def places(self, camera: str, id: int) -> Sequence[CameraFacts | Place]:
        """Where the camera was in the time that is held, also once that is released. Raises StorageFault."""
        async with self._store.reading() as tx:
            span = await queries.span(tx, camera, id)
        return [Place(camera, "")] if span is None else await self._cameras.kept.places_of(camera, *span)

    async def refuse_release(self, who: Principal, camera: str, id: int) -> None:
        """Raises UnknownHold, Refusal: whose footage it was lets it go, not whose camera it is since."""
        self.refuse_unknown(camera, id)
        for place in await self.places(camera, id):
            self._access.check(who, Function.OPEN_TICKET, place)

    async def ask_release(self, asker: Principal, camera: str, id: int, reason: str, document: Document | None) -> RequestRow:
        """The same for its end. Raises UnknownHold as well."""
        self.refuse_unknown(camera, id)
        return await self._approvals.ask(asker, RELEASE, {"id": id, "camera": camera}, reason, document)


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


class _OfHolds(ByPolicy):
    """What both have in common."""

    # Recorded footage is bound to time and ticket, which a place does not say: `Holds.checked` decides it.
    asks, approves = Function.LOOK_AROUND, Function.APPROVE
    act = TwoPersonAct.HOLD

    def __init__(self, policy: Policy, audit: Audit, cameras: Cameras, holds: Holds) -> None:
        super().__init__(policy, audit)
        self._cameras = cameras
        self._holds = holds

    @property
    def document(self) -> bool:  # type: ignore[override]
        """As the pack in force asks for."""
        return self._policy.document_for(self.act)

    async def settled(self, asked: Asked) -> None:
        """What is on disk holds."""
        await self._holds.read()


class HoldKind(_OfHolds):
    """`WantedHold.content`: this footage is not removed until two persons release it."""

    name = HOLD
    zh, en = "录像保全", "Hold of footage"

    async def places(self, content: Any) -> Sequence[CameraFacts | Place]:
        """The camera."""
        wanted = WantedHold.of(content)
        return [await self._cameras.kept.place_of(wanted.camera, wanted.since, wanted.until)]

    async def base(self, tx: AsyncConnection, content: Any) -> str:
        """Nothing is changed by it."""
        return hashlib.sha256(HOLD.encode()).hexdigest()

    async def describe(self, tx: AsyncConnection, content: Any) -> Description:
        """Raises UnusableHold."""
        wanted = WantedHold.of(content)
        span = f"{_moment(wanted.since)} – {_moment(wanted.until)}"
        review = _moment(wanted.review_at)[:10]
        facts = (
            Difference("camera", "摄像机", "camera", "", "", *(2 * (f"{wanted.name} {wanted.camera}",)), Direction.LOOSENING),
            Difference("span", "时段", "time", "", "", span, span, Direction.LOOSENING),
            Difference("case", "案件编号", "case", "", "", wanted.case_number, wanted.case_number),
            Difference("unit", "申请单位", "unit", "", "", wanted.unit, wanted.unit),
            Difference("review", "复核日期", "review by", "", "", review, review),
        )
        title_zh = f"为案件 {wanted.case_number} 保全摄像机 {wanted.name} 的录像"
        return Description(wanted.camera, title_zh, f"Hold footage of camera {wanted.name} for case {wanted.case_number}", facts)

    async def apply(self, tx: AsyncConnection, asked: Asked) -> None:
        """Raises UnusableHold, FootageLeaves, AuditUnavailable."""
        wanted, now = WantedHold.of(asked.content), self._holds.now()
        refuse_review(wanted.review_at, now)
        times = wanted.case_number, asked.reason, asked.asked_by, asked.approved_by, now, wanted.review_at
        hold = Hold(0, wanted.camera, wanted.since, wanted.until, *times, wanted.unit)
        self._holds.refuse_leaving(hold)
        span = f"{_moment(wanted.since)}–{_moment(wanted.until)}"
        said = f"{span}; case {wanted.case_number}; review by {_moment(wanted.review_at)}; {both_names(asked)}"
        await self._audit.record(NODE, Act.FOOTAGE_HOLD, wanted.camera, range=asked.id, detail=said)
        await self._holds.add(tx, hold)


class ReleaseKind(_OfHolds):
    """`{"id", "camera"}`: the footage is again as old as it is."""

    name = RELEASE
    zh, en = "解除录像保全", "Release of a hold"

    async def places(self, content: Any) -> Sequence[CameraFacts | Place]:
        """The camera, where it was in the time that is held."""
        return await self._holds.places(str(content["camera"]), int(content["id"]))

    async def _hold(self, tx: AsyncConnection, content: Any) -> Hold:
        one = await queries.hold(tx, int(content["id"]))
        if one is None or one.camera != content["camera"]:
            raise UnknownHold()
        return one

    async def base(self, tx: AsyncConnection, content: Any) -> str:
        """The hold itself. Raises UnknownHold."""
        return hashlib.sha256(repr(await self._hold(tx, content)).encode()).hexdigest()

    async def describe(self, tx: AsyncConnection, content: Any) -> Description:
        """Raises UnknownHold."""
        one = await self._hold(tx, content)
        span = f"{_moment(one.since)} – {_moment(one.until)}"
        facts = (
            Difference("camera", "摄像机", "camera", one.camera, one.camera, "", "", Direction.LOOSENING),
            Difference("span", "时段", "time", span, span, "", "", Direction.LOOSENING),
            Difference("case", "案件编号", "case", one.case_number, one.case_number, "", ""),
            Difference("reason", "保全事由", "held for", one.reason, one.reason, "", ""),
        )
        title_zh = f"解除案件 {one.case_number} 对摄像机 {one.camera} 录像的保全"
        return Description(one.camera, title_zh, f"Release the hold of case {one.case_number} on camera {one.camera}", facts)

    async def apply(self, tx: AsyncConnection, asked: Asked) -> None:
        """Raises UnknownHold, AuditUnavailable."""
        one = await self._hold(tx, asked.content)
        said = f"{_moment(one.since)}–{_moment(one.until)}; case {one.case_number}; {both_names(asked)}"
        await self._audit.record(NODE, Act.FOOTAGE_RELEASE, one.camera, range=asked.id, detail=said)
        await queries.release(tx, one.id, self._holds.now(), both_names(asked))
