"""Plans of video patrols: a supervisor sets them, each change is a version of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from fengsui.bus import Bus
from fengsui.features.access import Access, Function, Place, Principal
from fengsui.features.audit import Act, Audit
from fengsui.features.cameras import Cameras
from fengsui.features.duty import Centre, Duty, ShiftChanged
from fengsui.features.video_patrols import queries
from fengsui.features.video_patrols.errors import PlanChanged, UnknownPlan, UnusablePatrol
from fengsui.features.video_patrols.model import CLOCK, MOST_PLANS, Plan, Stop
from fengsui.store import Store

READERS = (Function.TAKE_DUTY, Function.MANAGE_DUTY, Function.READ_DUTY_LOG)
VERSIONS = 100
"""That are shown; all are kept."""


class Wanted(NamedTuple):
    """What a plan shall be."""

    name: str
    stops: tuple[Stop, ...]
    times: tuple[str, ...]
    weekdays: tuple[int, ...]
    tolerance_s: int

    def check(self) -> None:
        """What the shapes of the API do not say. Raises UnusablePatrol."""
        if not all(CLOCK.fullmatch(one) for one in self.times) or len(set(self.times)) < len(self.times):
            raise UnusablePatrol(why_zh="时刻须为 HH:MM 且不重复", why_en="times are HH:MM, each once")
        if self.times and not self.weekdays:
            raise UnusablePatrol(why_zh="定时巡逻须选择星期", why_en="with times it needs days of the week")
        if sum(one.watch_s for one in self.stops) > self.tolerance_s:
            raise UnusablePatrol(
                why_zh="各点最少观看时间之和超过完成时限",
                why_en="its stops take longer to watch than the time it leaves for a round",
            )


class Plans:
    """Those in force are kept in memory, by number."""

    def __init__(self, store: Store, bus: Bus, access: Access, audit: Audit, cameras: Cameras, duty: Duty) -> None:
        self._store = store
        self._bus = bus
        self._access = access
        self._audit = audit
        self._cameras = cameras
        self._duty = duty
        self._plans: dict[int, Plan] = {}
        self._last = 0
        """The highest number that any plan ever had."""
        self._turn = asyncio.Lock()

    async def start(self) -> None:
        """Reads them."""
        async with self._store.reading() as tx:
            found = await queries.newest_plans(tx)
        self._plans = {one.id: one for one in found if not one.ended}
        self._last = max((one.id for one in found), default=0)

    def check_reader(self, who: Principal, centre: int) -> Centre:
        """Whoever sits there, or by their post keeps or reads duty there. Raises UnknownCentre, Refusal."""
        place = self._duty.centre(centre)
        mine = self._duty.mine(who.user_id)
        if mine is None or mine.centre != centre:
            held = self._access.functions(who)
            asked = [one for one in READERS if one in held] or [Function.TAKE_DUTY]
            where = Place(str(place.id), place.area)
            if not any(self._access.may(who, one, where) for one in asked):
                self._access.check(who, asked[0], where)
        return place

    def reads(self, who: Principal, centre: Centre) -> bool:
        """The same as a question."""
        mine = self._duty.mine(who.user_id)
        where = Place(str(centre.id), centre.area)
        return (mine is not None and mine.centre == centre.id) or any(self._access.may(who, one, where) for one in READERS)

    def centres_read(self, who: Principal) -> list[Centre]:
        """Those of which somebody may read, by area and name."""
        return [one for one in self._duty.centres() if self.reads(who, one)]

    def all(self) -> list[Plan]:
        """In force, of centres that there are, by number."""
        there = {one.id for one in self._duty.centres()}
        return [one for one in self._plans.values() if one.centre in there]

    def get(self, number: int) -> Plan:
        """Raises UnknownPlan."""
        found = self._plans.get(number)
        if found is None or found.centre not in {one.id for one in self._duty.centres()}:
            raise UnknownPlan()
        return found

    async def add(self, who: Principal, centre: int, wanted: Wanted) -> Plan:
        """Raises UnknownCentre, UnusablePatrol, UnknownCamera, Refusal, AuditUnavailable."""
        place = self._manages(who, centre)
        async with self._turn:
            if sum(one.centre == centre for one in self._plans.values()) >= MOST_PLANS:
                raise UnusablePatrol(why_zh=f"每个中心最多 {MOST_PLANS} 个计划", why_en=f"a centre has {MOST_PLANS} plans at most")
            return await self._write(who, place, self._made(who, self._last + 1, 1, centre, wanted), wanted)

    async def change(self, who: Principal, number: int, version: int, wanted: Wanted) -> Plan:
        """The version behind `version`.

        Raises UnknownPlan, PlanChanged, UnusablePatrol, UnknownCamera, Refusal, AuditUnavailable.
        """
        async with self._turn:
            old = self.get(number)
            place = self._manages(who, old.centre)
            if old.version != version:
                raise PlanChanged(version=old.version)
            return await self._write(who, place, self._made(who, number, version + 1, old.centre, wanted), wanted)

    async def give_up(self, who: Principal, number: int) -> None:
        """No round of it is due any more; those that are stay. Raises UnknownPlan, Refusal, AuditUnavailable."""
        async with self._turn:
            old = self.get(number)
            place = self._manages(who, old.centre)
            over = replace(old, version=old.version + 1, ended=True, set_at=self._duty.now())
            await self._keep(who, place, replace(over, set_by=who.user_id, set_by_name=who.name), "given up")

    async def versions(self, who: Principal, number: int) -> list[Plan]:
        """Every version, the newest first, of one that was given up too. Raises UnknownPlan, Refusal."""
        async with self._store.reading() as tx:
            found = await queries.plan_versions(tx, number, VERSIONS)
        if not found:
            raise UnknownPlan()
        self.check_reader(who, found[0].centre)
        return found

    def _manages(self, who: Principal, centre: int) -> Centre:
        place = self._duty.centre(centre)
        self._access.check(who, Function.MANAGE_DUTY, Place(str(place.id), place.area))
        return place

    def _made(self, who: Principal, number: int, version: int, centre: int, wanted: Wanted) -> Plan:
        what = wanted.name, wanted.stops, wanted.times, wanted.weekdays, wanted.tolerance_s
        return Plan(number, version, centre, *what, who.user_id, who.name, self._duty.now())

    async def _write(self, who: Principal, place: Centre, made: Plan, wanted: Wanted) -> Plan:
        wanted.check()
        await self._check_cameras(who, place, wanted.stops)
        when = f"{' '.join(made.times)} on days {''.join(map(str, made.weekdays))}" if made.times else "by hand"
        cameras = " ".join(one.camera for one in made.stops)
        await self._keep(who, place, made, f"{len(made.stops)} stops, {when}: {cameras}")
        return made

    async def _check_cameras(self, who: Principal, place: Centre, stops: Sequence[Stop]) -> None:
        """Of the centre's area, and such as the supervisor may know of. Raises UnknownCamera, UnusablePatrol, Refusal."""
        for stop in stops:
            facts = (await self._cameras.get(stop.camera)).facts
            self._access.check(who, Function.LOOK_AROUND, facts)
            if not facts.area.startswith(place.area):
                raise UnusablePatrol(
                    why_zh=f"摄像机 {stop.camera} 不在该中心的区域内", why_en=f"camera {stop.camera} lies outside the centre's area"
                )

    async def _keep(self, who: Principal, place: Centre, made: Plan, said: str) -> None:
        await self._audit.record(who, Act.PATROL_PLAN, place.name, range=made.mark, detail=f"{made.name}: {said}")
        async with self._store.transaction() as tx:
            await queries.add_plan(tx, made)
        self._last = max(self._last, made.id)
        if made.ended:
            del self._plans[made.id]
        else:
            self._plans[made.id] = made
        self._bus.publish(ShiftChanged(place.id, place.area, 0, 0, "patrol", vacant=False))
