"""Alarms that nobody takes pass to the next duty centre: who may see to them from then on, kept in memory for door and desks.

On disk it is a sealed row for each hop; what is here is read from there, and changed in the turn in which the row is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import NamedTuple

from fengsui.features.access import Access, CameraClass, Function, Person, Scope, scope_of
from fengsui.features.alarm_work import pass_queries
from fengsui.features.alarm_work.model import IN_WORK
from fengsui.features.alarm_work.pass_queries import Hop, Pass
from fengsui.features.alarm_work.ports import AlarmWorkChanged
from fengsui.features.alarms import Alarm, AlarmPassedTo, moment
from fengsui.features.duty import Centre, Duty
from fengsui.store import Store


class SeenTo(NamedTuple):
    """An alarm that was passed on, and who has it."""

    alarm_id: int
    user_id: int
    camera: str


class AlarmPasses:
    """Those that are open. A row that the node did not write so opens nothing."""

    def __init__(self, store: Store, access: Access, duty: Duty) -> None:
        self._store = store
        self._access = access
        self._duty = duty
        self._open: dict[int, tuple[Pass, ...]] = {}
        self._seen_to: dict[int, SeenTo] = {}
        self.doubted = True
        """What is on disk may be another than what is here: to be read."""
        access.passed_to = self.passed_to

    async def read(self, alarms: Iterable[Alarm]) -> None:
        """`alarms`: those of `ids`. Raises StorageFault."""
        known = {one.id: one for one in alarms}
        async with self._store.reading() as tx:
            found = [one for one in await pass_queries.open_passes(tx) if one.is_whole]
        by_alarm = defaultdict[int, list[Pass]](list)
        for one in found:
            by_alarm[one.alarm_id].append(one)
        self._open = {id: tuple(some) for id, some in by_alarm.items()}
        self._seen_to = {}
        for id in self._open:
            if id in known:
                self._note(known[id])
        self.doubted = False

    async def ids(self) -> list[int]:
        """Alarms with an open pass on disk. Raises StorageFault."""
        async with self._store.reading() as tx:
            return sorted({one.alarm_id for one in await pass_queries.open_passes(tx)})

    # Who may see

    def passed_to(self, person: Person) -> tuple[tuple[int, int], ...]:
        """For the door (`access.ports.PassedTo`): by the shift of now, and the appointment that it stands on."""
        now = self._access.steady.now_s()
        shift = self._duty.shift_for(person.user_id, None, now)
        centre = None if shift is None else self._duty.known(shift.centre)
        if centre is None or not self._duty.follows_another(centre.id):
            return ()
        classes = scope_of(person, Function.TAKE_DUTY, now=now).classes_at(centre.area)
        return ((centre.id, classes),) if classes else ()

    def of(self, alarm_id: int) -> tuple[Pass, ...]:
        """The open ones of an alarm, the oldest first."""
        return self._open.get(alarm_id, ())

    def told(self, alarm_id: int) -> list[AlarmPassedTo]:
        """As desks are shown them."""
        found = [(one, self._duty.known(one.to_centre)) for one in self.of(alarm_id)]
        return [
            AlarmPassedTo.model_validate({"centre": of.id, "name": of.name, "at": moment(one.at), "why": one.why})
            for one, of in found
            if of is not None
        ]

    def may_see_to(self, person: Person, alarm: Alarm) -> bool:
        """Whether it was passed on to where this person is on shift."""
        of = CameraClass(alarm.camera_class) if alarm.camera_class else None
        return Scope((), self.passed_to(person)).holds_passed([one.to_centre for one in self.of(alarm.id)], of)

    def through(self, person: Person, alarm: Alarm) -> tuple[Pass, ...]:
        """What lets somebody see to it who may not by its area."""
        of = CameraClass(alarm.camera_class) if alarm.camera_class else None
        if scope_of(person, Function.TAKE_DUTY, now=self._access.steady.now_s()).holds(alarm.area, of):
            return ()
        centres = [centre for centre, _ in self.passed_to(person)]
        return tuple(one for one in self.of(alarm.id) if one.to_centre in centres)

    def seen_to(self) -> Collection[tuple[SeenTo, Pass, Centre]]:
        """What somebody of a centre to which it was passed on has, while they sit there."""
        found, now = list[tuple[SeenTo, Pass, Centre]](), self._access.steady.now_s()
        for one in self._seen_to.values():
            shift = self._duty.shift_for(one.user_id, None, now)
            by = next((of for of in self.of(one.alarm_id) if shift is not None and of.to_centre == shift.centre), None)
            centre = None if by is None else self._duty.known(by.to_centre)
            if by is not None and centre is not None:
                found.append((one, by, centre))
        return found

    def all_alarms(self) -> list[int]:
        """Those that somebody has who may see to them by a pass, by number."""
        return sorted(self._seen_to)

    def refresh(self, alarms: Iterable[Alarm]) -> None:
        """As they stand by now: an alarm may have left the queue by another way than work."""
        for one in alarms:
            if self._seen_to.get(one.id) != _seen_to_of(one):
                self._note(one)
                self._hide()

    # What changes

    def _note(self, now: Alarm) -> None:
        found = _seen_to_of(now)
        if found is None:
            self._seen_to.pop(now.id, None)
        else:
            self._seen_to[now.id] = found

    def changed(self, now: Alarm, *, raised: bool = False, late: bool = False) -> AlarmWorkChanged:
        """What is told of an alarm as it is by now, to its own desks and those that it was passed on to."""
        passes = self.of(now.id)
        told = AlarmWorkChanged(
            *(now.id, now.area, now.camera_class, now.state, now.priority, now.owner, now.escalated, raised),
            passed_to=tuple(one.to_centre for one in passes),
            late=late,
        )
        if passes:
            before = self._seen_to.get(now.id)
            self._note(now)
            if before is not None and before != self._seen_to.get(now.id):
                self._hide()
        return told

    def began(self, one: Pass) -> None:
        """On disk from now on."""
        self._open[one.alarm_id] = (*self.of(one.alarm_id), one)

    def ended(self, some: Collection[Pass]) -> None:
        """On disk from now on: nobody sees to it by these any more."""
        for one in some:
            left = tuple(other for other in self.of(one.alarm_id) if other.id != one.id)
            if left:
                self._open[one.alarm_id] = left
            else:
                self._open.pop(one.alarm_id, None)
                self._seen_to.pop(one.alarm_id, None)
        if some:
            self._hide()

    def _hide(self) -> None:
        for told in self._access.on_hidden:
            told()

    def goes_on(self, alarm: Alarm) -> bool:
        """Whether a next centre gets it if it waits on: what somebody has taken passes to none."""
        ways = (one.area for one in self._duty.centres() if one.following is not None)
        return alarm.owner_id is None and any(alarm.area.startswith(area) for area in ways)

    def ways(self) -> list[tuple[int, int]]:
        """Which centre passes to which; 0: to none."""
        return [(one.id, 0 if one.following is None else one.following.centre) for one in self._duty.centres()]

    def is_last(self, alarm: Alarm) -> bool:
        """Whether it goes to no centre any more from where it waits: from the one it passed to last, where that is still there."""
        for one in reversed(self.of(alarm.id)):
            if (at := self._duty.known(one.to_centre)) is not None:
                return at.following is None
        return not self.goes_on(alarm)

    def waits_at(self, alarm: Alarm) -> str:
        """The name of the centre that it was passed on to last, else of the nearest of its area; empty: there is none."""
        for one in reversed(self.of(alarm.id)):
            if (to := self._duty.known(one.to_centre)) is not None:
                return to.name
        near = [one for one in self._duty.centres() if alarm.area.startswith(one.area)]
        return max(near, key=lambda one: len(one.area)).name if near else ""

    def hops(self, now: float) -> list[tuple[Hop, Centre, Centre]]:
        """Of every centre that has a next one, with both."""
        found = []
        for centre in self._duty.centres():
            if centre.following is None or (following := self._duty.known(centre.following.centre)) is None:
                continue
            before = now - centre.following.after_s
            since = self._duty.vacant_since(centre.id)
            vacant = since is not None and max(since, centre.following.since) <= before
            found.append((Hop(centre.id, centre.area, following.id, before, vacant), centre, following))
        return found


def _seen_to_of(one: Alarm) -> SeenTo | None:
    return SeenTo(one.id, one.owner_id, one.camera) if one.owner_id is not None and one.state in IN_WORK else None
