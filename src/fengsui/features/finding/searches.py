"""When a place changed: searches that run one after the other behind everything live, and end with the right to the footage."""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from prometheus_client import Counter, Gauge

from fengsui.clock import Clock
from fengsui.errors import StorageFault
from fengsui.features.access import Access, Footage, NotSignedIn, Principal, Refusal
from fengsui.features.audit import Act, Audit
from fengsui.features.cameras import UnknownCamera
from fengsui.features.finding.model import (
    KEPT_S,
    LEAST_STEP_S,
    LONGEST_SOUGHT_S,
    LOOKS,
    MOST_BROUGHT,
    MOST_FOUND,
    Change,
    ForeignSearch,
    SearchRun,
    SearchState,
    StreamKind,
    TooManySearches,
    UnknownSearch,
    UnusableRegion,
    area_of,
)
from fengsui.features.playback import Playback
from fengsui.loops import keep, surprises
from fengsui.picture_worker import Fetch, SearchFailed, change_search

log = structlog.get_logger(__name__)
LOOK_S, UNDECIDED_S = 1.0, 10.0
MOST_WAITING, MAX_OWNERS = 16, 10_000
LEAST_AREA = 0.001
SEARCHED = Counter("fengsui_scene_searches_total", "Searches for changes of a place, by how they ended", ["ended"])
WAITING = Gauge("fengsui_scene_searches_open", "Searches for changes of a place that wait or run")

Worker = Callable[[Path, str, int, int, int, Sequence[tuple[float, float]], Fetch], AsyncGenerator[Mapping[str, Any], None]]


class Searches:
    """One runs at a time, on one core; a person has one. What is found is kept in memory for a while, as times alone."""

    def __init__(self, clock: Clock, access: Access, audit: Audit, playback: Playback, index: Path, bring_back: Fetch) -> None:
        self._bring_back = bring_back
        self._clock = clock
        self._access = access
        self._audit = audit
        self._playback = playback
        self._index = index
        self._runs: dict[str, SearchRun] = {}
        self._owners: OrderedDict[str, int] = OrderedDict()
        self._due = asyncio.Event()
        self._loops: list[asyncio.Task[None]] = []
        self._now: tuple[SearchRun, asyncio.Task[None]] | None = None
        """What runs."""
        self.worker: Worker = change_search
        access.on_session_end(self._end_of)

    async def start(self) -> None:
        """Follows rights, and searches."""
        self._loops = [keep("scene-searches", self._work), keep("scene-search-rights", self._follow)]

    async def stop(self) -> None:
        """Ends what runs."""
        for run in list(self._runs.values()):
            self._end(run, "ended", "the node stops")
        last = [] if self._now is None else [self._now[1]]
        for loop in self._loops:
            loop.cancel()
        await asyncio.gather(*self._loops, *last, return_exceptions=True)

    async def begin(
        self, who: Principal, camera: str, stream: StreamKind, footage: Footage, region: Sequence[tuple[float, float]]
    ) -> SearchRun:
        """Looks for changes of a region, under a use ticket that covers all of the time (rules A1, A2, A40). The one before ends.

        Raises UnusableRegion, UnknownCamera, UnusablePeriod, Refusal, TooManySearches, AuditUnavailable.
        """
        if area_of(region) < LEAST_AREA:
            raise UnusableRegion()
        who = await self._playback.right_to_kept(who, camera, stream, footage, LONGEST_SOUGHT_S)
        before = [one for one in self._runs.values() if one.principal.user_id == who.user_id]
        if sum(not one.is_over for one in self._runs.values()) - len(before) >= MOST_WAITING:
            raise TooManySearches(limit=MOST_WAITING)
        corners = " ".join(f"{x:.3f},{y:.3f}" for x, y in region)
        span = f"{stream} {footage.since:.0f}–{footage.until:.0f}"
        await self._audit.record(who, Act.FOOTAGE_CHANGES, camera, range=span, detail=f"region {corners}")
        for one in before:
            self._forget(one, "another one")
        step_s = max(LEAST_STEP_S, (footage.until - footage.since) / LOOKS)
        now_s = self._clock.monotonic_s()
        run = SearchRun(secrets.token_hex(8), camera, stream, footage, tuple(region), who, step_s, now_s, at=footage.since)
        self._runs[run.id] = run
        self._owners[run.id] = who.user_id
        while len(self._owners) > MAX_OWNERS:
            self._owners.popitem(last=False)
        self._count()
        self._due.set()
        return run

    def mine(self, who: Principal, search: str) -> SearchRun:
        """One's own. Raises UnknownSearch, ForeignSearch."""
        run = self._runs.get(search)
        if run is None or run.principal.user_id != who.user_id:
            raise UnknownSearch() if self._owners.get(search) == who.user_id else ForeignSearch()
        run.asked_s = self._clock.monotonic_s()
        return run

    def end(self, who: Principal, search: str) -> None:
        """Nobody wants it any more; what it found is forgotten. Raises UnknownSearch, ForeignSearch."""
        self._forget(self.mine(who, search), "by hand")

    def left_s(self, run: SearchRun) -> float | None:
        """How long it may take still; None: nobody can say yet."""
        if run.state != "running" or run.begun_s is None or run.share_done <= 0.01:
            return None
        passed_s = self._clock.monotonic_s() - run.begun_s
        return passed_s * (1 - run.share_done) / run.share_done

    async def _work(self) -> None:
        while True:
            self._due.clear()
            for run in [one for one in self._runs.values() if one.state == "waiting"]:
                if run.state == "waiting":  # it may have ended while another one ran
                    self._now = run, asyncio.create_task(self._search(run))
                    await asyncio.wait([self._now[1]])
                    self._now = None
            await self._due.wait()

    async def _search(self, run: SearchRun) -> None:
        with surprises("scene-search"):
            await self._listen(run)
        if not run.is_over:
            self._end(run, "failed", "the worker said what it should not")

    async def _listen(self, run: SearchRun) -> None:
        run.state, run.begun_s = "running", self._clock.monotonic_s()
        micros = int(run.footage.since * 1e6), int(run.footage.until * 1e6), int(run.step_s * 1e6)
        said = self.worker(self._index, f"{run.camera}/{run.stream}", *micros, run.region, partial(self._fetch, run))
        try:
            async for told in said:
                self._take(run, told)
                if run.is_over:
                    break
        except (SearchFailed, OSError) as error:
            log.warning("a search for changes failed", camera=run.camera, why=str(error))
            self._end(run, "failed", str(error))
        finally:
            await said.aclose()  # the worker ends with it

    async def _fetch(self, run: SearchRun, path: str, start: int, end: int) -> None:
        """What of the second tier the worker wants to look at. Raises OSError."""
        of = Path(path).parts
        if (run.camera, run.stream) != of[-4:-2] or ".." in of:  # what it reads comes from outside, and it may have been led astray
            raise PermissionError("it is not what is searched")
        if run.brought + end - start > MOST_BROUGHT:
            raise OSError("the search has had its part of the second tier")
        await self._bring_back(path, start, end)
        run.brought += end - start

    def _take(self, run: SearchRun, told: Mapping[str, Any]) -> None:
        run.looked, run.away = told.get("looked", run.looked), told.get("away", run.away)
        run.at = told.get("at_us", run.at * 1e6) / 1e6
        if (one := told.get("change")) is not None:
            before, after, until = (one[name] / 1e6 for name in ("before_us", "after_us", "until_us"))
            run.found.append(Change(one["kind"], before, after, until, one["share"]))
            if len(run.found) >= MOST_FOUND:
                self._end(run, "too_many", "")
        elif told.get("done"):
            self._end(run, "done", "")

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            now_s = self._clock.monotonic_s()
            for run in list(self._runs.values()):
                if now_s - run.asked_s > KEPT_S:
                    self._forget(run, "nobody asks for it")
                    continue
                with surprises("scene-search-rights"):
                    why = await self._why(run)
                    if why and run.id in self._runs:
                        self._forget(run, why)

    async def _why(self, run: SearchRun) -> str:
        """Why it is to end, and what it found to be forgotten; empty: it goes on."""
        if self._audit.fails:
            return "what is found cannot be recorded"
        try:
            who = await self._access.renewed(run.principal)
            # Another ticket that would open it is another purpose (rule A28).
            under = run.footage._replace(ticket=run.principal.ground.ticket)
            await self._playback.right(who, run.camera, under, LONGEST_SOUGHT_S)
        except (NotSignedIn, Refusal):
            return "the right has ended"
        except UnknownCamera:
            return "the camera is gone"
        except StorageFault:
            now_s = self._clock.monotonic_s()
            run.undecided_s = now_s if run.undecided_s is None else run.undecided_s
            return "the right to it could not be decided" if now_s - run.undecided_s >= UNDECIDED_S else ""
        run.undecided_s = None
        return ""

    def _end_of(self, sign_in: str) -> None:
        for run in [one for one in self._runs.values() if one.principal.session == sign_in]:
            self._forget(run, "signed out")

    def _forget(self, run: SearchRun, why: str) -> None:
        self._end(run, "ended", why)
        self._runs.pop(run.id, None)
        self._count()

    def _end(self, run: SearchRun, state: SearchState, why: str) -> None:
        if run.is_over:
            return
        run.state, run.ended_s = state, self._clock.monotonic_s()
        SEARCHED.labels(state).inc()
        self._count()
        told = f"{state}{why and ': '}{why}; {len(run.found)} changes, {run.looked} key frames looked at"
        told += f", {run.away} not had from the second tier" if run.away else ""
        span = f"{run.stream} {run.footage.since:.0f}–{run.footage.until:.0f}"
        self._audit.record_end(run.principal, Act.FOOTAGE_CHANGES_END, run.camera, range=span, detail=told)
        if self._now is not None and self._now[0] is run and state == "ended":
            self._now[1].cancel()

    def _count(self) -> None:
        WAITING.set(sum(not one.is_over for one in self._runs.values()))
