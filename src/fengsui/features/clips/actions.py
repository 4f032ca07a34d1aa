"""Who takes clips: asks for them, is handed them once two persons have said so, and keeps the right to them until the last byte."""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import structlog

from fengsui import __version__
from fengsui.clock import Clock
from fengsui.errors import FengsuiError, FootageIndexFilling, StorageFault
from fengsui.features.access import Access, FootageTooOld, Function, Principal
from fengsui.features.approvals import Approvals, Document, RequestRow, asked_of
from fengsui.features.audit import Act, Audit
from fengsui.features.cameras import Cameras
from fengsui.features.clips.files import ClipFiles
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
    NotApproved,
    NothingTaken,
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
    the number of their ticket when that ends, seconds since 1970; raises TicketOver.
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
    ) -> None:
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

    async def checked(self, who: Principal, code: str, stream: str, micros: tuple[int, int]) -> tuple[Principal, Wanted]:
        """Who asks, with the ticket that covers it, and exactly what for.

        Raises UnknownCamera, UnusableClip, Refusal, NoFootageOfClip, NoClipStore, FootageIndexFilling.
        """
        camera = await self._cameras.kept.get(code)
        wanted = Wanted(code, camera.name, stream, *micros, who.user_id, "")
        Wanted.of(wanted.content)
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
        some of it. Raises NoClipStore, FootageIndexFilling.
        """
        counters = self._engine.footage_counters()
        try:
            spans = await asyncio.to_thread(self._engine.footage, f"{wanted.camera}/{wanted.stream}", begins, wanted.to_us)
        except EngineError as error:
            raise NoClipStore() from error
        if counters.looking and spans != [(begins, wanted.to_us)]:
            raise FootageIndexFilling(percent=counters.looked_percent)
        return spans

    async def ask(self, asker: Principal, wanted: Wanted, reason: str, document: Document | None) -> Clip:
        """Another person approves; from now on nothing of it is removed until it is taken, or over.

        Raises Refusal, ReasonMissing, DocumentMissing, TooMany, FootageLeaves.
        """
        self._asking.append(wanted)  # before it is looked whether it leaves: whoever removes looks here after saying what leaves
        try:
            self.refuse_leaving(wanted.camera, *wanted.footage[:2])
            row = await self._approvals.ask(asker, HANDOVER, wanted.content, reason, document)
        finally:
            self._asking.remove(wanted)
        return self._clip(row, wanted)

    async def waiting(self) -> tuple[list[Clip], list[Wanted]]:
        """Everybody's that may still be taken, or will be if somebody approves, and was not taken whole; and what is being asked
        for at this moment. Raises StorageFault.
        """
        asking = list(self._asking)  # before the requests are read: one that is written meanwhile stands in either
        now_s = self._clock.now().timestamp()
        found = [self._clip(row, wanted) for row, wanted in self._read(await self._approvals.alive(HANDOVER, now_s - 2 * KEPT_S))]
        found = [one for one in found if now_s < one.until]
        parts = await self._files.of([one.id for one in found])
        ended = {id for id, some in parts.items() if any(one.taken.is_file and one.taken.ended == "whole" for one in some)}
        return [one for one in found if one.id not in ended], asking

    def _read(self, rows: Sequence[RequestRow]) -> Iterator[tuple[RequestRow, Wanted]]:
        for row in rows:
            try:
                yield row, Wanted.of(asked_of(row).content)
            except UnusableClip:  # broken in the store
                log.warning("a request for a clip cannot be read", request=row.id)

    async def mine(self, who: Principal) -> list[Clip]:
        """Of the last two days, the newest first."""
        since = self._clock.now().timestamp() - 2 * KEPT_S
        return [self._clip(row, wanted) for row, wanted in self._read(await self._approvals.of_person(who, HANDOVER, since))]

    def _clip(self, row: RequestRow, wanted: Wanted) -> Clip:
        asked = asked_of(row)
        document = "" if asked.document is None else f"{asked.document.number} ({asked.document.issuer})"
        until = row.decided_at + KEPT_S if row.decided_at else row.expires_at
        return Clip(row.id, wanted, row.reason, document, row.asked_name, row.decided_name, row.state, row.asked_at, until)

    # Taking

    async def take(self, who: Principal, request: str, from_us: int | None) -> tuple[str, str, str]:
        """Address without its beginning, ticket, and the file's name. `from_us`: where a further part begins.

        Raises UnknownClip, NotApproved, UnusableClip, Refusal, TooManyClips, ClipCutOff, NoClipStore, FootageIndexFilling,
        AuditUnavailable.
        """
        clip = await self._mine(who, request)
        wanted = clip.wanted
        begins = wanted.from_us if from_us is None else from_us
        if not wanted.from_us <= begins < wanted.to_us:
            raise UnusableClip(why_zh="不在批准的时段内", why_en="it is beyond what was approved")
        if clip.state != "applied":
            raise NotApproved()
        if self._access.steady.now_s() >= clip.until:
            raise UnknownClip()
        who, ticket_until = await self._let_in(who, clip)
        await self._spans(wanted, begins)
        self._refuse_too_many(who)
        if self._stopping:
            raise ClipCutOff()
        session, name = secrets.token_hex(8), f"clip/{wanted.camera}/{wanted.stream}/{begins}-{wanted.to_us}"
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
        ground = self._access.check(who, Function.EXPORT, facts, clip.wanted.footage)
        if self._masks.has(facts.code):
            raise MaskedClip(camera=facts.code)
        return replace(who, ground=ground), self._lasts_until(who.user_id, ground.ticket)

    async def write_rest(self) -> None:
        """What the media core told last, once it has ended."""
        await self._files.write()

    async def taken(self, requests: Sequence[str]) -> dict[str, list[Taken]]:
        """What was handed over of each, by where it begins. Raises StorageFault."""
        return {request: [one.taken for one in some] for request, some in (await self._files.of(requests)).items()}

    async def manifest(self, who: Principal, request: str, from_us: int | None) -> dict[str, Any]:
        """Of the file that begins there, or first. Raises UnknownClip, NothingTaken."""
        clip = await self._mine(who, request)
        files = {one.taken.from_us: one for one in (await self._files.of([clip.id])).get(clip.id, []) if one.manifest}
        found = files.get(min(files, default=0) if from_us is None else from_us)
        if found is None:
            raise NothingTaken()
        return dict(found.manifest)

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
        taken = Taken(*facts, event.reason, self._clock.now(), _footage_of(event))
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
