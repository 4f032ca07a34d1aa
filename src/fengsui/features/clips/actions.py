"""Who takes clips: asks for them, is handed them once two persons have said so, and keeps the right to them until the last byte."""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import structlog

from fengsui import __version__
from fengsui.clock import Clock
from fengsui.errors import FengsuiError, FootageIndexFilling, StorageFault
from fengsui.features.access import Access, FootageTooOld, Function, Principal
from fengsui.features.approvals import Approvals, Document, RequestRow, asked_of, ending_of
from fengsui.features.audit import Act, Audit, Ground, Result
from fengsui.features.cameras import Cameras, KeptCamera
from fengsui.features.clips.files import ClipFiles, last_of
from fengsui.features.clips.kind import HANDOVER
from fengsui.features.clips.model import (
    Clip,
    ClipCutOff,
    ClockLimits,
    FootageFacts,
    HandingOver,
    MaskedClip,
    NoClipStore,
    NoFootageOfClip,
    NoSuchRecording,
    NotApproved,
    NothingTaken,
    Origin,
    SameCase,
    Taken,
    TooManyClips,
    UnknownClip,
    UnusableClip,
    Wanted,
    manifest,
    words,
)
from fengsui.features.masks import Masks
from fengsui.loops import keep, surprises
from fengsui.media import Engine, EngineError, Event, EventKind
from fengsui.settings import NodeSettings

log = structlog.get_logger(__name__)
LOOK_S, UNDECIDED_S, CUT_S = 1.0, 10.0, 30.0
MOST_AT_ONCE = 2
KEPT_S = 24 * 3600.0
"""An approval is used within a day (rule A15); requests are listed for as long."""
MOST_TOLD = 20
"""Files of a clip that stand in its list; all are told by themselves."""
MOST_ENDED = 1_000
"""Of which it is still told what was handed over."""


def _footage_of(event: Event) -> FootageFacts:
    one = event.clip
    if one is None:
        return FootageFacts()
    return FootageFacts(
        one.clock_error_us,
        one.clock_set,
        one.overlaps,
        tuple(one.fetched),
        tuple(one.missing),
        one.missing_us,
        one.camera_ahead_us,
    )


class Clips:
    """Requests are the rows of the approvals' room, sealed and fixed by their hash: there is no second list of what is allowed.

    `removed`: of a camera, stream and time what refuses it by the record of its removal (rule A53). `lasts_until`: of a person and
    the number of their ticket when that ends, seconds since 1970; raises TicketOver. `ground_of`: of a ticket's number.
    """

    def __init__(
        self,
        settings: NodeSettings,
        files: ClipFiles,
        clock: Clock,
        access: Access,
        audit: Audit,
        approvals: Approvals,
        cameras: Cameras,
        masks: Masks,
        engine: Engine,
        removed: Callable[[str, str, float, float], Awaitable[FengsuiError | None]],
        lasts_until: Callable[[int, str], float],
        ground_of: Callable[[str], Awaitable[Ground]],
    ) -> None:
        self._ground_of = ground_of
        self._lasts_until = lasts_until
        self._removed = removed
        self._clock = clock
        self._access = access
        self._audit = audit
        self._approvals = approvals
        self._cameras = cameras
        self._masks = masks
        self._engine = engine
        self._node = settings.node.code
        self._limits = ClockLimits(
            node_us=int(settings.audit.clock_error_limit_s * 1e6), camera_us=int(settings.recording.camera_clock_limit_s * 1e6)
        )
        self._ticket_s = settings.media.ticket_s
        self._going: dict[str, HandingOver] = {}
        self._ended: OrderedDict[str, HandingOver] = OrderedDict()
        """What was handed over of these is told after their end is on record."""
        self._stopping = False
        self._files = files
        self._asking: list[Wanted] = []
        self.refuse_leaving: Callable[[str, float, float], None] = lambda *_: None
        """Raises what says that some of this footage is being removed; set at composition."""
        self._loop: asyncio.Task[None] | None = None
        access.on_session_end(self._end_sessions_of)

    async def start(self) -> None:
        """Follows rights."""
        self._loop = keep("clips", self._follow)

    async def stop(self) -> None:
        """Ends what is under way; what was handed over is told once the media core has ended. Nobody takes any more."""
        self._stopping = True
        if self._loop is not None:
            self._loop.cancel()
            await asyncio.gather(self._loop, return_exceptions=True)
        for one in list(self._going.values()):
            self._cut(one, "the node stops")
        for one in list(self._going.values()):
            self._leave(one, one.cut)

    # Asking

    @property
    def needs_document(self) -> bool:
        """Whether the pack in force wants a legal document behind each (rule A16)."""
        kind = self._approvals.kind(HANDOVER)
        return kind is not None and kind.document

    async def checked(
        self, who: Principal, code: str, stream: str, micros: tuple[int, int], recording: int = 1
    ) -> tuple[Principal, Wanted]:
        """Who asks, with the ticket that covers it, and exactly what for. `recording`: as in `Wanted`.

        Raises UnknownCamera, UnusableClip, Refusal, NoFootageOfClip, NoSuchRecording, NoClipStore, FootageIndexFilling.
        """
        camera = await self._cameras.kept.get(code)
        wanted = Wanted(code, camera.name, stream, *micros, who.user_id, "", recording=recording)
        Wanted.of(wanted.content)
        return await self._grounded(who, camera, wanted)

    async def linked(self, who: Principal, request: str, ticket: str) -> tuple[Principal, Wanted]:
        """Who asks that one's own clip be used for the case of another ticket of theirs, and exactly what for (rule A6).

        Raises as `checked`, and UnknownClip, NotApproved, SameCase.
        """
        clip = await self._mine(who, request)
        if clip.state != "applied":
            raise NotApproved()
        origin = Origin(clip.id, clip.wanted.ticket, (await self._ground_of(clip.wanted.ticket)).case)
        wanted = replace(clip.wanted, ticket=ticket, origin=origin)
        asker, wanted = await self._grounded(who, await self._cameras.kept.get(wanted.camera), wanted)
        if asker.ground.case == origin.case:
            raise SameCase()
        return asker, wanted

    async def _grounded(self, who: Principal, camera: KeptCamera, wanted: Wanted) -> tuple[Principal, Wanted]:
        code, stream, micros = wanted.camera, wanted.stream, (wanted.from_us, wanted.to_us)
        try:
            ground = self._access.check(who, Function.EXPORT, camera.facts_of(*wanted.footage[:2]), wanted.footage)
        except FootageTooOld as refusal:  # nobody could open what is gone
            raise await self._removed(code, stream, micros[0] / 1e6, micros[1] / 1e6) or refusal from None
        if self._masks.has(code):
            raise MaskedClip(camera=code)
        if not await self._spans(wanted, micros[0]):
            raise await self._removed(code, stream, micros[0] / 1e6, micros[1] / 1e6) or NoFootageOfClip()
        return replace(who, ground=ground), replace(wanted, ticket=ground.ticket)

    async def _spans(self, wanted: Wanted, begins: int) -> list[tuple[int, int]]:
        """Of the footage from there on. What is not whole while the index is being filled is not taken yet: its file would lack
        some of it. Raises NoClipStore, FootageIndexFilling, NoSuchRecording: the first would be handed over in its stead.
        """
        counters, stream = self._engine.footage_counters(), f"{wanted.camera}/{wanted.stream}"
        try:
            spans = await asyncio.to_thread(self._engine.footage, stream, begins, wanted.to_us)
            often = await asyncio.to_thread(self._engine.footage_twice, stream, wanted.from_us, wanted.to_us)
        except EngineError as error:
            raise NoClipStore() from error
        is_there = max((times for *_, times in often), default=1) >= wanted.recording
        if counters.looking and (spans != [(begins, wanted.to_us)] or not is_there):
            raise FootageIndexFilling(percent=counters.looked_percent)
        if spans and not is_there:
            raise NoSuchRecording(recording=wanted.recording)
        return spans

    async def ask(self, asker: Principal, wanted: Wanted, reason: str, document: Document | None) -> Clip:
        """Another person approves; from now on nothing of it is removed until it is taken, or over.

        Raises Refusal, ReasonMissing, DocumentMissing, TooMany, FootageLeaves.
        """
        async with self._staying(asker, Act.APPROVAL_ASK, wanted.camera, wanted):
            row = await self._approvals.ask(asker, HANDOVER, wanted.content, reason, document)
        return self._clip(row, wanted)

    @asynccontextmanager
    async def _staying(self, who: Principal, act: Act, target: str, wanted: Wanted) -> AsyncIterator[None]:
        """Nothing of it is removed within. Raises what says that some of it leaves at this moment: on record as a refusal is."""
        self._asking.append(wanted)  # before it is looked whether it leaves: whoever removes looks here after saying what leaves
        try:
            try:
                self.refuse_leaving(wanted.camera, *wanted.footage[:2])
            except FengsuiError as error:
                await self._audit.record(who, act, target, range=wanted.range, detail=error.code, result=Result.REFUSED)
                raise
            yield
        finally:
            self._asking.remove(wanted)

    async def waiting(self) -> tuple[list[Clip], list[Wanted]]:
        """Everybody's that may still be taken, or will be if somebody approves, and was not taken whole, and those that are being
        taken, however long that takes; and what is being asked for at this moment. Raises StorageFault.
        """
        asking = list(self._asking)  # before the requests are read: one that is written meanwhile stands in either
        going = {one.clip.id: one.clip for one in self._going.values()}
        now_s = self._clock.now().timestamp()
        found = [self._clip(row, wanted) for row, wanted in self._read(await self._approvals.alive(HANDOVER, now_s - 2 * KEPT_S))]
        found = [one for one in found if now_s < one.until and one.id not in going]
        files = await self._files.of([one.id for one in found])
        waits = (one for one in found if not one.wanted.is_covered_by(kept.taken for kept in files.get(one.id, ())))
        return [*going.values(), *waits], asking

    def _read(self, rows: Sequence[RequestRow]) -> Iterator[tuple[RequestRow, Wanted]]:
        for row in rows:
            try:
                yield row, Wanted.of(asked_of(row).content)
            except UnusableClip:  # broken in the store
                log.warning("a request for a clip cannot be read", request=row.id)

    async def mine(self, who: Principal, before: int, limit: int) -> tuple[list[Clip], int | None, int]:
        """Of the last two days, the newest first; before which request there is more, and how many there are. `before`: 0 for the
        first page.
        """
        since = self._clock.now().timestamp() - 2 * KEPT_S
        rows, following, total = await self._approvals.of_person(who, HANDOVER, since, before=before, limit=limit)
        return [self._clip(row, wanted) for row, wanted in self._read(rows)], following, total

    def _clip(self, row: RequestRow, wanted: Wanted) -> Clip:
        asked = asked_of(row)
        document = "" if asked.document is None else f"{asked.document.number} ({asked.document.issuer})"
        until = row.decided_at + KEPT_S if row.decided_at else row.expires_at
        names = row.asked_name, row.decided_name
        return Clip(row.id, wanted, row.reason, document, *names, row.state, row.asked_at, until, row.decided_at, ending_of(row))

    # Taking

    async def take(self, who: Principal, request: str, from_us: int | None) -> tuple[str, str, str]:
        """Address without its beginning, ticket, and the file's name. `from_us`: where a further part begins.

        Raises UnknownClip, NotApproved, UnusableClip, Refusal, TooManyClips, ClipCutOff, NoClipStore, FootageIndexFilling,
        NoSuchRecording, FootageGoes, AuditUnavailable.
        """
        clip = await self._mine(who, request)
        wanted = clip.wanted
        begins = wanted.from_us if from_us is None else from_us
        if not wanted.from_us <= begins < wanted.to_us:
            raise UnusableClip(why_zh="不在批准的时段内", why_en="it is beyond what was approved")
        if clip.state != "applied":
            raise NotApproved()
        async with self._staying(who, Act.CLIP_TAKE, request, replace(wanted, from_us=begins)):
            return await self._promised(who, clip, begins)

    async def _promised(self, who: Principal, clip: Clip, begins: int) -> tuple[str, str, str]:
        wanted = clip.wanted
        if self._access.steady.now_s() >= clip.until:
            raise UnknownClip()
        who, ticket_until = await self._let_in(who, clip)
        await self._spans(wanted, begins)
        self._refuse_too_many(who)
        if self._stopping:
            raise ClipCutOff()
        session, name = secrets.token_hex(8), f"clip/{wanted.camera}/{wanted.stream}/{begins}-{wanted.to_us}"
        if wanted.recording > 1:
            name += f"/turn-{wanted.recording - 1}"
        file = wanted.file(begins)
        going = self._going[session] = HandingOver(session, clip, begins, who, ticket_until, self._clock.monotonic_s())
        try:
            await self._audit.record(who, Act.CLIP_TAKE, wanted.camera, range=wanted.range, detail=clip.id, recipient=who.name)
        except BaseException:
            self._going.pop(session, None)
            raise
        if session not in self._going:
            raise ClipCutOff()
        try:
            self._engine.promise_clip(session, file, *words(clip, who, ticket_until))
        except EngineError as error:
            self._end(going, "it could not be promised")
            raise NoClipStore() from error
        going.promised = True
        life_s = int(self._access.steady.process_s() + self._ticket_s)
        return name, self._access.media_ticket(name, session, life_s, who), file

    def _refuse_too_many(self, who: Principal) -> None:
        """One for which no browser came makes room. Raises TooManyClips."""
        mine = [one for one in self._going.values() if one.principal.user_id == who.user_id]
        if len(mine) < MOST_AT_ONCE:
            return
        idle = next((one for one in mine if self._takes_back(one)), None)
        if idle is None:
            raise TooManyClips(limit=MOST_AT_ONCE)
        self._end(idle, "nobody took it")

    async def _mine(self, who: Principal, request: str) -> Clip:
        row = await self._approvals.whole(who, HANDOVER, request)
        if row is None:
            raise UnknownClip()
        return self._clip(row, Wanted.of(asked_of(row).content))

    async def _let_in(self, who: Principal, clip: Clip) -> tuple[Principal, float]:
        """The same with the ticket that opens it now, and when that ends. Raises Refusal, UnknownCamera."""
        facts = (await self._cameras.kept.get(clip.wanted.camera)).facts_of(*clip.wanted.footage[:2])
        ground = self._access.check(who, Function.EXPORT, facts, clip.footage)
        if self._masks.has(facts.code):
            raise MaskedClip(camera=facts.code)
        return replace(who, ground=ground), self._lasts_until(who.user_id, ground.ticket)

    async def write_rest(self) -> None:
        """What the media core told last, once it has ended."""
        await self._files.write()

    async def taken(self, requests: Sequence[str]) -> dict[str, tuple[list[Taken], int]]:
        """What was handed over of each, by where it begins: the last so many; and how many there are. Raises StorageFault."""
        found, counts = await self._files.of(requests, MOST_TOLD), await self._files.count(requests)
        return {
            request: ([one.taken for one in last_of(some)], max(len(some), counts.get(request, 0)))
            for request, some in found.items()
        }

    async def files(self, who: Principal, request: str, before: int, limit: int) -> tuple[list[Taken], int | None, int]:
        """As `ClipFiles.page`. Raises UnknownClip."""
        return await self._files.page((await self._mine(who, request)).id, before, limit)

    async def manifest(self, who: Principal, request: str, from_us: int | None, sha256: str = "") -> dict[str, Any]:
        """Of the file with this hash; empty: of the last of those that begin there, or first. Raises UnknownClip, NothingTaken."""
        clip = await self._mine(who, request)
        files = [one for one in await self._files.found(clip.id, from_us, sha256) if one.manifest]
        if not files:
            raise NothingTaken()
        return dict(last_of(files)[0].manifest)

    # What the media core tells

    def take_event(self, event: Event, other: Callable[[Event], None]) -> None:
        """An event of the engine; what is not about clips goes to `other`."""
        if event.kind is not EventKind.FOOTAGE_TAKEN:
            other(event)
            return
        going = self._going.get(event.session) or self._ended.pop(event.session, None)
        if going is None:
            log.error("the media core tells of a clip that is not known (any more)", name=event.name)
            return
        file = going.clip.wanted.file(going.from_us)
        facts = (file, event.from_us, event.to_us, event.bytes, event.pictures, event.damaged, event.sha256)
        taken = Taken(*facts, event.reason, self._clock.now(), _footage_of(event), going.from_us)
        of = going.clip, taken, going.principal, going.ticket_until, self._limits
        told_of_file = manifest(*of, node=self._node, version=__version__) if taken.is_file else {}
        self._files.add(going.clip.id, taken, told_of_file)
        why = f" ({going.cut})" if going.cut else ""
        if not taken.is_file and not going.cut:
            whose = {"camera": going.clip.wanted.camera, "person": going.principal.name}
            log.info("a clip ended in its midst", **whose, ended=taken.ended, bytes=taken.bytes)
        lacks = f", {taken.footage.missing_us / 1e6:.3f} s missing" if taken.footage.missing_us else ""
        told = f"{taken.bytes} bytes, {taken.pictures} pictures{lacks}{self._clocks(taken.footage)}, sha256 {taken.sha256}"
        self._end(going, f"{taken.ended}{why}: {told}", taken)

    def _clocks(self, footage: FootageFacts) -> str:
        """Which clocks are in doubt (rule A34)."""
        error, ahead = footage.clock_error_us, footage.camera_ahead_us
        node = "unknown" if error is None else f"{error / 1e6:.1f} s"
        told = f", error of the node's clock {node}" if self._limits.node_is_doubtful(footage) else ""
        if ahead is not None and self._limits.camera_is_off(footage):
            told += f", the camera's clock {ahead[0] / 1e6:+.1f} to {ahead[1] / 1e6:+.1f} s"
        return told

    # Rights

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            await self._files.write()
            await self._look()

    async def _look(self) -> None:
        """Ends what may not go on. Whatever fails about one is no other's fault, and a database that is away is asked once for
        all.
        """
        away = False
        for going in list(self._going.values()):
            now_s = self._clock.monotonic_s()
            if going.cut:
                if now_s - going.cut_s >= CUT_S:
                    self._leave(going, f"{going.cut}; what was handed over is not told")
                continue
            if now_s - going.began_s > self._ticket_s and self._takes_back(going):
                self._end(going, "nobody took it")
                continue
            why: str | None = None
            if not away:
                with surprises("clips"):
                    try:
                        why = await self._why(going)
                    except StorageFault:
                        away = True
            if why is None:
                going.undecided_s = now_s if going.undecided_s is None else going.undecided_s
                why = "the right to it could not be decided" if now_s - going.undecided_s >= UNDECIDED_S else ""
            else:
                going.undecided_s = None
            if why and going.session in self._going:
                self._cut(going, why)

    async def _why(self, going: HandingOver) -> str:
        """Why it is to end; empty: it goes on. Raises StorageFault."""
        if self._audit.fails:
            return "what is handed over cannot be recorded"
        try:
            await self._let_in(await self._access.renewed(going.principal), going.clip)
        except StorageFault:
            raise
        except FengsuiError as error:
            return f"the right has ended: {error.code}"
        return ""

    def _takes_back(self, going: HandingOver) -> bool:
        """Whether nobody has come for it; then nobody can any more."""
        return going.promised and not going.cut and self._engine.withdraw_clip(going.session)

    def _cut(self, going: HandingOver, why: str) -> None:
        """What was handed over by then is told by the media core, and goes on record with that."""
        if not going.cut:
            log.info("a clip is cut off", camera=going.clip.wanted.camera, person=going.principal.name, why=why)
        if not going.promised or self._takes_back(going):
            self._end(going, why)
        elif not going.cut:
            going.cut, going.cut_s = why, self._clock.monotonic_s()
            self._engine.revoke_session(going.session)

    def _leave(self, going: HandingOver, how: str) -> None:
        """Its end is on record whether what was handed over is told or not; if it is, that goes on record by itself."""
        self._ended[going.session] = going
        while len(self._ended) > MOST_ENDED:
            self._ended.popitem(last=False)
        self._end(going, how)

    def _end(self, going: HandingOver, how: str, taken: Taken | None = None) -> None:
        self._going.pop(going.session, None)
        self._engine.revoke_session(going.session)
        wanted = going.clip.wanted
        range_ = wanted.range if taken is None else replace(wanted, from_us=taken.from_us, to_us=taken.to_us).range
        self._audit.record_end(
            going.principal, Act.CLIP_TAKEN, wanted.camera, range=range_, detail=how, recipient=going.principal.name
        )

    def _end_sessions_of(self, sign_in: str) -> None:
        for going in [one for one in self._going.values() if one.principal.session == sign_in]:
            self._cut(going, "signed out")
