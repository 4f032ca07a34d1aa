"""What is done at the stops of a round: looking, with proof of the time, and one outcome each."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from fengsui.clock import Clock
from fengsui.features.access import Principal
from fengsui.features.audit import Act, Audit
from fengsui.features.cameras import Cameras
from fengsui.features.duty import Duty, EntryKind, Shift, ShiftLog
from fengsui.features.live import STATE_TEXTS, Live, LiveSession, LiveState
from fengsui.features.video_patrols import queries, words
from fengsui.features.video_patrols.errors import (
    NotOpened,
    NotWatched,
    OtherPicture,
    StopSettled,
    UnknownSnapshot,
    UnknownStop,
)
from fengsui.features.video_patrols.model import FindingKind, Outcome, Round, Sitting, Stop, StopResult
from fengsui.features.video_patrols.rounds import Rounds
from fengsui.store import Store


class Seen(NamedTuple):
    """What somebody says of a stop. `kind`, `snapshot`: of a finding; `text`: of a finding, or why it was not possible."""

    outcome: Outcome
    kind: FindingKind | None
    text: str
    snapshot: str


class At(NamedTuple):
    """A stop of one's own round that has no outcome yet."""

    round: Round
    shift: Shift
    stop: Stop
    result: StopResult


class Doing:
    """One person looks at one stop at a time: the next that they open ends the sitting before."""

    def __init__(
        self,
        store: Store,
        audit: Audit,
        duty: Duty,
        shift_log: ShiftLog,
        live: Live,
        cameras: Cameras,
        rounds: Rounds,
        clock: Clock,
    ) -> None:
        self._store = store
        self._audit = audit
        self._duty = duty
        self._log = shift_log
        self._live = live
        self._cameras = cameras
        self._rounds = rounds
        self._clock = clock
        self._sittings: dict[int, tuple[int, int, Sitting]] = {}
        """By person: the round, the stop, and how long it is looked at."""

    def at(self, who: Principal, number: int, stop: int) -> At:
        """Within the rounds' turn. Raises RoundOver, OthersRound, NotOnDutyThere, UnknownStop, StopSettled."""
        one, shift = self._rounds.own(who, number)
        plan = self._rounds.plan_of(one)
        if not 1 <= stop <= len(plan.stops):
            raise UnknownStop(stop=stop)
        result = self._rounds.results_of(one)[stop - 1]
        if result.outcome is not Outcome.OPEN:
            raise StopSettled(stop=stop)
        return At(one, shift, plan.stops[stop - 1], result)

    async def watch(self, who: Principal, number: int, stop: int, session: str, played_s: float) -> tuple[StopResult, Stop]:
        """The picture of a live session plays at a stop; so many seconds of it since it was opened, says the player.

        What counts is never more than what the node delivered to this session, nor than the time that has gone by.
        Raises what `at` does, UnknownSession, ForeignSession, OtherPicture, AuditUnavailable.
        """
        async with self._rounds.turn:
            here = self.at(who, number, stop)
            if self._live.session(session, who).camera != here.stop.camera:
                raise OtherPicture(stop=stop)
            now_s, result = self._clock.monotonic_s(), here.result
            sitting = self._sitting(who, number, stop)
            begins = sitting is None or sitting.session != session
            if sitting is None or begins:
                if not result.opened_at:
                    await self._record(who, here, "opened")
                    result = replace(result, opened_at=self._duty.now(), user_id=who.user_id, name=who.name)
                self._live.follow(session)
                sitting = Sitting(session, result.watched_s, now_s)
                self._sittings[who.user_id] = number, stop, sitting
            watched = sitting.watched_s(played_s, self._live.delivered_s(session), now_s)
            if begins or watched > result.watched_s:
                result = replace(result, watched_s=watched)
                await self._rounds.watched(here.round, result)
            return result, here.stop

    def _sitting(self, who: Principal, number: int, stop: int) -> Sitting | None:
        found = self._sittings.get(who.user_id)
        return found[2] if found is not None and found[:2] == (number, stop) else None

    def picture(self, who: Principal, here: At) -> LiveSession:
        """Within the rounds' turn: the live session in which the stop is looked at. Raises NotOpened, UnknownSession."""
        sitting = self._sitting(who, here.round.id, here.result.stop)
        if sitting is None:
            raise NotOpened(stop=here.result.stop)
        return self._live.session(sitting.session, who)

    async def settle(self, who: Principal, number: int, stop: int, seen: Seen) -> Round:
        """A stop's outcome, once. A finding stands in the shift's log too; the last outcome ends the round.

        Raises what `at` does, NotWatched, NotOpened, UnknownSnapshot, AuditUnavailable.
        """
        async with self._rounds.turn:
            here = self.at(who, number, stop)
            result = replace(here.result, outcome=seen.outcome, user_id=who.user_id, name=who.name, at=self._duty.now())
            if seen.outcome is Outcome.CONFIRMED and result.watched_s < here.stop.watch_s:
                raise NotWatched(watched=int(result.watched_s), needed=here.stop.watch_s)
            if seen.outcome is Outcome.NOT_POSSIBLE:
                result = replace(result, text=seen.text, node_state=self._node_state(here.stop.camera))
            kind = seen.kind
            if seen.outcome is Outcome.FINDING and kind is not None:
                if not result.opened_at:
                    raise NotOpened(stop=stop)
                if seen.snapshot:
                    await self._check_snapshot(who, here, seen.snapshot)
                result = replace(result, kind=kind.value, text=seen.text, snapshot=seen.snapshot)
            await self._record(who, here, self._said(here, result))
            if kind is not None and seen.outcome is Outcome.FINDING:
                plan, camera = self._rounds.plan_of(here.round), await self._cameras.get(here.stop.camera)
                said = words.of_finding(plan.name, stop, camera.name, kind, seen.text)
                entry = await self._log.write(who, EntryKind.PATROL, said.zh)
                result = replace(result, entry=entry.number)
            after = await self._rounds.settled(who, here.round, result)
            self._sittings.pop(who.user_id, None)
            return after

    async def _check_snapshot(self, who: Principal, here: At, digest: str) -> None:
        """Taken at this stop, by this person. Raises UnknownSnapshot."""
        async with self._store.reading() as tx:
            row = await queries.snapshot_of(tx, digest)
        if row is None or (row.round, row.stop, row.user_id) != (here.round.id, here.result.stop, who.user_id):
            raise UnknownSnapshot()

    def _node_state(self, camera: str) -> str:
        """What the node itself knows of the stream: its state, and why there is no picture."""
        stream = self._live.stream(camera, "main")
        state, words = (LiveState.IDLE, STATE_TEXTS[LiveState.IDLE]) if stream is None else (stream.state, stream.texts)
        return f"{state.value}: {words[0]} {words[1]}"

    @staticmethod
    def _said(here: At, result: StopResult) -> str:
        said = f"{result.outcome}, watched {result.watched_s:.1f} s of {here.stop.watch_s} s"
        more = (result.kind, f"sha256 {result.snapshot}" if result.snapshot else "", result.node_state)
        return "; ".join((said, *(one for one in more if one)))

    async def _record(self, who: Principal, here: At, said: str) -> None:
        mark = f"{here.round.mark}#{here.result.stop}"
        ground = self._duty.ground(here.shift)
        await self._audit.record(who, Act.PATROL_STOP, here.stop.camera, range=mark, detail=said, under=ground)
