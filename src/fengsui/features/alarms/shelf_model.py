"""What is shelved, and which shelf holds an alarm that comes. Pure. Source: ISA-18.2 (shelving).

A shelf is made from an alarm that somebody has before them: of its point, what says exactly the same; of its site, what is of the
same category. Both hold nothing that is more urgent than that alarm was, and nothing of another area or class of camera, which
others see. A wide one holds all categories of the premises or of the whole area, and of the classes of cameras alone that whoever
made it may see there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, NamedTuple

from fengsui.features.access import CLASS_BIT, CameraClass
from fengsui.features.alarms.queries import Source

ShelfScope = Literal["point", "site", "premises", "area"]
WIDE: Final[tuple[ShelfScope, ...]] = ("premises", "area")
Key = tuple[object, ...]
_OF_POINT: Final = tuple(name for name in Source._fields if name not in ("priority", "camera"))
_OF_PREMISES: Final = ("host_id", "account", "device", "area")
_FACTS: Final[Mapping[ShelfScope, tuple[str, ...]]] = {
    "point": _OF_POINT,
    "site": (*_OF_PREMISES, "camera_class", "category"),
    "premises": _OF_PREMISES,
    "area": ("area",),
}


class Shelf(NamedTuple):
    """Times: seconds since 1970. `priority`: what is more urgent passes."""

    id: int
    scope: ShelfScope
    priority: int
    until_at: float
    area: str
    camera_class: str
    classes: int
    """Of a wide one: the classes of cameras whose alarms it holds, as bits."""

    def fits(self, row: Mapping[str, Any], priority: int, at: float) -> bool:
        """Whether it holds one of its key."""
        if self.priority > priority or at >= self.until_at:
            return False
        seen = row["camera_class"]
        return self.scope not in WIDE or not seen or bool(self.classes & CLASS_BIT[CameraClass(seen)])


Shelves = Mapping[Key, Shelf]
"""Those that hold, by `key_of`."""


def key_of(scope: ShelfScope, row: Mapping[str, Any]) -> Key:
    """Of a shelf, or of the shelf that would hold an alarm as it is stored. Hosts and devices may be renamed."""
    return (scope, *(row[name] for name in _FACTS[scope]))


def shelf_of(shelves: Shelves, row: Mapping[str, Any], priority: int, at: float) -> Shelf | None:
    """The one that holds an alarm of this priority at this time, the narrowest first."""
    for scope in _FACTS:
        found = shelves.get(key_of(scope, row))
        if found is not None and found.fits(row, priority, at):
            return found
    return None
