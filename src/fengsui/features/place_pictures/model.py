"""Which cameras show an incident's place, and to whom. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from fengsui.features.access import Function, Shown
from fengsui.features.audit import Ground
from fengsui.features.dispatch import Task

MOST_CAMERAS: Final = 16
"""Of one place: what a person on a street can look through."""
MOST_ALARMS: Final = 50
"""The newest of an incident: a flood at one place names the same cameras."""
PURPOSE: Final = "duty"


class PlaceCamera(NamedTuple):
    """A camera of the place. `preset`: at which it shows it; None: as it stands."""

    camera: str
    preset: int | None


def in_order(named: Iterable[PlaceCamera]) -> list[PlaceCamera]:
    """Each once, where it was named first, with the first preset that was named for it."""
    found: dict[str, PlaceCamera] = {}
    for one in named:
        before = found.get(one.camera)
        if one.camera and (before is None or before.preset is None):
            found[one.camera] = one if before is None else PlaceCamera(one.camera, one.preset)
    return list(found.values())[:MOST_CAMERAS]


def ground_of(incident: str, task: int) -> Ground:
    """As records of what a task shows name it: the incident's number and the task's."""
    return Ground(f"{incident}-T{task}", "", PURPOSE)


@dataclass(slots=True)
class ShownByTasks:
    """What running tasks show, by the user and the camera. What ends is taken out at once, whatever is read meanwhile."""

    _shown: dict[tuple[int, str], tuple[Task, Shown]] = field(default_factory=dict)
    endings: int = 0
    """So often something ended: what was read before that is not believed."""

    def get(self, user_id: int, camera: str) -> Shown | None:
        """None: nothing that this person has to do shows it."""
        found = self._shown.get((user_id, camera))
        return None if found is None else found[1]

    def replace(
        self, at_work: Sequence[tuple[int, Task]], numbers: Mapping[int, str], cameras: Mapping[int, Sequence[PlaceCamera]]
    ) -> bool:
        """As it was read; true when something is shown no more. `numbers`, `cameras`: by incident."""
        before = self._shown
        self._shown = {
            (user, one.camera): (task, Shown(ground_of(numbers[task.incident], task.id), Function.GO_ON_PATROL))
            for user, task in at_work
            if task.incident in numbers
            for one in cameras.get(task.incident, ())
        }
        return bool(before.keys() - self._shown.keys())

    def task_ended(self, task: int) -> bool:
        """Whether that hides something."""
        return self._take_out(key for key, (one, _) in self._shown.items() if one.id == task)

    def crew_is(self, unit: int, users: Collection[int]) -> bool:
        """Nobody else is in the unit from now on, and these are in no other; whether that hides something."""
        return self._take_out(key for key, (one, _) in self._shown.items() if (one.unit == unit) != (key[0] in users))

    def _take_out(self, keys: Iterator[tuple[int, str]]) -> bool:
        self.endings += 1
        gone = list(keys)
        for key in gone:
            del self._shown[key]
        return bool(gone)
