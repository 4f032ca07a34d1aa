"""Patrols by video and on foot in one line of time, and figures by month (M25)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from fengsui.features.access import Principal
from fengsui.features.cameras import Cameras, UnknownCamera
from fengsui.features.duty import Duty, Entry, EntryKind, ShiftLog
from fengsui.features.video_patrols import queries, words
from fengsui.features.video_patrols.errors import WrongMoment
from fengsui.features.video_patrols.model import FindingKind, Round, RoundState, StopResult
from fengsui.features.video_patrols.plans import Plans
from fengsui.store import Store

MONTHS = 12
DAY_S = 86_400.0
NEVER = 4e9


class Line(NamedTuple):
    """Something of the joint log. One of: a finding, a round's end, a round that was missed, a patrol on foot."""

    at: float
    entry: Entry | None
    finding: StopResult | None = None
    round: int = 0
    missed: Round | None = None
    plan: str = ""
    place: str = ""
    english: str = ""
    """Of an entry that the node wrote."""


class Month(NamedTuple):
    """Rounds that plans were due for. `month`: `2026-11`, of the node's calendar."""

    month: str
    centre: int
    planned: int
    in_time: int
    late: int
    broken_off: int
    missed: int


class JointLog:
    """Reads the shift's log, and what this room keeps beside it."""

    def __init__(self, store: Store, duty: Duty, cameras: Cameras, shift_log: ShiftLog, plans: Plans) -> None:
        self._store = store
        self._cameras = cameras
        self._duty = duty
        self._log = shift_log
        self._plans = plans

    async def write_on_foot(self, who: Principal, place: str, at: float, text: str) -> int:
        """On one's own shift: the number of the entry. Raises WrongMoment, UnknownShift, AuditUnavailable."""
        now = self._duty.now()
        if not now - DAY_S <= at <= now + 60:
            raise WrongMoment()
        said = words.of_walk(self._clock_of(at), place, text)
        entry = await self._log.write(who, EntryKind.PATROL, said.zh)
        async with self._store.transaction() as tx:
            await queries.add_on_foot(tx, entry.centre, entry.number, place, at)
        return entry.number

    def _clock_of(self, at: float) -> str:
        return f"{datetime.fromtimestamp(at, self._duty.zone):%H:%M}"

    async def in_english(self, centre: int, entries: Sequence[Entry]) -> dict[int, str]:
        """By number: those that the node wrote. Raises StorageFault."""
        numbers = [one.number for one in entries if one.kind is EntryKind.PATROL]
        if not numbers:
            return {}
        async with self._store.reading() as tx:
            findings = await queries.of_entries(tx, centre, numbers)
            ends = await queries.ends_of(tx, centre, numbers)
            on_foot = await queries.on_foot_of(tx, centre, numbers)
            rounds = {one.id: one for one in ends.values()}
            for number in {number for number, _ in findings.values()} - set(rounds):
                if (told_of := await queries.round_of(tx, number)) is not None:
                    rounds[number] = told_of
            results = await queries.results(tx, [one.id for one in ends.values()])
            versions = {(one.plan, one.version) for one in rounds.values()}
            plans = {version: plan.name for version in versions if (plan := await queries.plan_at(tx, *version)) is not None}

        def plan_of(number: int) -> str:
            one = rounds.get(number)
            return "" if one is None else plans.get((one.plan, one.version), "")

        said = {number: words.of_end(plan_of(one.id), one, results.get(one.id, [])).en for number, one in ends.items()}
        for number, (at, finding) in findings.items():
            camera = await self._name_of(finding.camera)
            said[number] = words.of_finding(plan_of(at), finding.stop, camera, FindingKind(finding.kind), finding.text).en
        for one in entries:
            if (foot := on_foot.get(one.number)) is not None:  # what was said stands in the entry alone, behind the place
                head = words.of_walk(self._clock_of(foot.at), foot.place, "").zh
                if one.text.startswith(head):
                    said[one.number] = words.of_walk(self._clock_of(foot.at), foot.place, one.text.removeprefix(head)).en
        return said

    async def _name_of(self, camera: str) -> str:
        with suppress(UnknownCamera):
            return (await self._cameras.get(camera)).name
        return camera

    async def lines(self, who: Principal, centre: int, before: int) -> tuple[list[Line], int]:
        """A page, the newest first, and the entry before which the next begins, 0 at the end.

        Raises UnknownCentre, NotHere, Refusal.
        """
        entries, more = await self._log.patrols(who, centre, before + 1 if before else 0)
        until = NEVER
        if before and entries:  # the last of the page before: what was missed behind it stands there
            until, entries = entries[0].at, entries[1:]
        more = more and bool(entries)
        since = entries[-1].at if more else 0.0
        numbers = [one.number for one in entries]
        async with self._store.reading() as tx:
            findings = await queries.of_entries(tx, centre, numbers)
            ends = await queries.ends_of(tx, centre, numbers)
            on_foot = await queries.on_foot_of(tx, centre, numbers)
            missed = await queries.missed_between(tx, centre, since, until)
            versions = {(one.plan, one.version) for one in missed}
            names = {one: plan.name for one in versions if (plan := await queries.plan_at(tx, *one)) is not None}
        english = await self.in_english(centre, entries)
        found = [Line(one.ended_at, None, missed=one, round=one.id, plan=names.get((one.plan, one.version), "")) for one in missed]
        for one in entries:
            number, finding = findings.get(one.number, (0, None))
            end = ends.get(one.number)
            foot = on_foot.get(one.number)
            at, place = (one.at, "") if foot is None else (foot.at, foot.place)
            of = end.id if end is not None else number
            found.append(Line(at, one, finding, of, place=place, english=english.get(one.number, "")))
        return sorted(found, key=lambda one: one.at, reverse=True), entries[-1].number if more else 0

    async def figures(self, who: Principal) -> list[Month]:
        """The last twelve months of every centre that this person reads, the oldest first; months without a round are left out."""
        centres = [one.id for one in self._plans.centres_read(who)]
        found: list[Month] = []
        if not centres:
            return found
        async with self._store.reading() as tx:
            for name, since, until in self._months():
                by_centre: dict[int, list[queries.Tally]] = {}
                for one in await queries.tallies(tx, centres, since, until):
                    by_centre.setdefault(one.centre, []).append(one)
                found += [_month(name, centre, tallies) for centre, tallies in sorted(by_centre.items())]
        return [one for one in found if one.planned]

    def _months(self) -> Iterator[tuple[str, float, float]]:
        """Name, begin and end of each, the oldest first."""
        zone = self._duty.zone
        now = datetime.fromtimestamp(self._duty.now(), zone)
        for back in range(MONTHS - 1, -1, -1):
            first, following = (divmod(now.year * 12 + now.month - 1 - back + more, 12) for more in (0, 1))
            begin, end = (datetime(year, month + 1, 1, tzinfo=zone) for year, month in (first, following))
            yield f"{begin:%Y-%m}", begin.timestamp(), end.timestamp()


def _month(name: str, centre: int, tallies: list[queries.Tally]) -> Month:
    """Rounds that are open still are not counted: nobody knows yet how they end."""
    count = {one.state: one for one in tallies}

    def of(state: RoundState) -> int:
        return count[state].count if state in count else 0

    in_time = count[RoundState.DONE].in_time if RoundState.DONE in count else 0
    done, broken, missed = of(RoundState.DONE), of(RoundState.BROKEN_OFF), of(RoundState.MISSED)
    return Month(name, centre, done + broken + missed, in_time, done - in_time, broken, missed)
