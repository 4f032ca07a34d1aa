"""Watches are given and taken back by who leads the incident, in its turn and its time line; the door asks what is in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.access import Access, Function, Named, Place, Principal, Refusal, Scope, Shown
from fengsui.features.alarms import WATCHED_BY
from fengsui.features.audit import Act
from fengsui.features.cameras import Cameras
from fengsui.features.incident_watches import queries
from fengsui.features.incident_watches.model import MOST_WATCHES, NotLeading, NotWatched, NoWatcher, TooManyWatches, Watch
from fengsui.features.incidents import Incident, Incidents, LineKind, noted
from fengsui.store import Store

Where = Sequence[Scope]


class IncidentWatches:
    """Those that last are kept in memory; whether one opens anything follows from the incident, which is there as well."""

    def __init__(self, store: Store, access: Access, incidents: Incidents, cameras: Cameras) -> None:
        self._store = store
        self._access = access
        self._incidents = incidents
        self._cameras = cameras
        self._lasting: dict[int, Watch] = {}
        access.shown_to.append(self.shown_to)

    async def start(self) -> None:
        """What was given holds over a restart. Raises StorageFault."""
        async with self._store.reading() as tx:
            self._lasting = {one.id: one for one in await queries.lasting(tx, self._incidents.now())}

    def shown_to(self, user_id: int, camera: str) -> Shown | None:
        """For the door."""
        for one in self._lasting.values():
            if one.user_id == user_id and camera in one.cameras:
                incident = self._incidents.open_one(one.incident)
                if incident is not None and one.holds(incident, self._incidents.now()):
                    return one.shown(incident)
        return None

    def of(self, incident: int) -> list[Watch]:
        """Those that hold, the oldest first."""
        now = self._incidents.now()
        return [
            one for one in self._lasting.values() if one.incident == incident and one.holds(self._incidents.open_one(incident), now)
        ]

    def own(self, who: Principal, incident: int) -> Watch:
        """The caller's newest. Raises NotWatched."""
        found = [one for one in self.of(incident) if one.user_id == who.user_id]
        if not found:
            raise NotWatched()
        return found[-1]

    async def candidates(self, one: Incident) -> list[Named]:
        """Whose post opens incidents and live pictures where it is, by name. Raises StorageFault."""
        place, now = Place(one.number, one.area), [self._incidents.now()]
        readers = {named.user_id for function in WATCHED_BY for named, _ in await self._access.persons.able(function, place, now)}
        watchers = await self._access.persons.able(Function.VIEW_LIVE, place, now)
        return [named for named, _ in watchers if named.user_id in readers]

    async def give(
        self, who: Principal, where: Where, incident: int, user_id: int, cameras: Sequence[str], lasting_s: float
    ) -> Watch:
        """In place of what the same person has of it. `cameras`: such as the giver may see now.

        Raises UnknownIncident, NotNow, NotLeading, NoWatcher, TooManyWatches, UnknownCamera, Refusal, AuditUnavailable,
        StorageFault.
        """
        for code in cameras:
            self._access.check(who, Function.VIEW_LIVE, (await self._cameras.get(code)).facts)
        names = {one.user_id: one.name for one in await self.candidates(await self._incidents.get(where, incident))}
        if user_id not in names:
            raise NoWatcher()
        made: Watch | None = None
        before = [one for one in self.of(incident) if one.user_id == user_id]

        async def check(one: Incident) -> None:
            self._refuse_other(who, one)
            if len({held.user_id for held in self.of(incident)} | {user_id}) > MOST_WATCHES:
                raise TooManyWatches(limit=MOST_WATCHES)

        async def write(tx: AsyncConnection, one: Incident, at: float) -> None:
            nonlocal made
            made = Watch(0, one.id, user_id, names[user_id], tuple(cameras), who.name, at, at + lasting_s)
            made = replace(made, id=await queries.add(tx, made))
            for held in before:
                await queries.end(tx, held.id, at)

        facts: dict[str, object] = {"to": names[user_id], "step": "given", "minutes": round(lasting_s / 60)}
        told: dict[str, Any] = {"facts": {**facts, "cameras": list(cameras)}, "check": check, "beside": write}
        await self._incidents.act(who, where, incident, Act.INCIDENT_WATCH, LineKind.WATCH, noted, **told)
        assert made is not None, "it is on disk"
        self._lasting[made.id] = made
        self._forget(before)
        return made

    async def end(self, who: Principal, where: Where, incident: int, watch: int) -> None:
        """Taken back: its pictures end now. Raises UnknownIncident, NotWatched, NotLeading, AuditUnavailable, StorageFault."""
        await self._incidents.get(where, incident)
        found = next((one for one in self.of(incident) if one.id == watch), None)
        if found is None:
            raise NotWatched()

        async def check(one: Incident) -> None:
            self._refuse_other(who, one)

        async def write(tx: AsyncConnection, one: Incident, at: float) -> None:
            await queries.end(tx, watch, at)

        told: dict[str, Any] = {"facts": {"to": found.name, "step": "ended"}, "check": check, "beside": write}
        await self._incidents.act(who, where, incident, Act.INCIDENT_WATCH, LineKind.WATCH, noted, **told)
        self._forget([found])

    def _forget(self, watches: Sequence[Watch]) -> None:
        for one in watches:
            self._lasting.pop(one.id, None)
        for told in self._access.on_hidden:
            told()

    @staticmethod
    def _refuse_other(who: Principal, one: Incident) -> None:
        if one.owner_id != who.user_id:
            raise NotLeading(number=one.number)

    def may_open(self, who: Principal, facts: Any) -> bool:
        """Whether the caller would be let in to a camera's picture now."""
        try:
            self._access.check_live(who, facts)
        except Refusal:
            return False
        return True
