"""What is shelved, and which shelf holds an alarm that comes. Pure. Source: ISA-18.2 (shelving).

A shelf is made from an alarm that somebody has before them: of its point, what says exactly the same; of its site, what is of the
same category. Both hold nothing that is more urgent than that alarm was, and nothing of another area or class of camera, which
others see.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, NamedTuple

from fengsui.features.alarms.queries import Source

ShelfScope = Literal["point", "site"]
Key = tuple[object, ...]
_OF_POINT: Final = tuple(name for name in Source._fields if name not in ("priority", "camera", "site"))
_OF_SITE: Final = ("host_id", "account", "device", "area", "camera_class", "category")


class Shelf(NamedTuple):
    """Times: seconds since 1970. `priority`: what is more urgent passes."""

    id: int
    scope: ShelfScope
    priority: int
    until_at: float
    area: str
    camera_class: str


Shelves = Mapping[Key, Shelf]
"""Those that hold, by `key_of`."""


def _site(row: Mapping[str, Any]) -> str:
    return row["site"] if row["host_id"] else ""


def key_of(scope: ShelfScope, row: Mapping[str, Any]) -> Key:
    """Of a shelf, or of the shelf that would hold an alarm as it is stored. A device may be renamed."""
    return (scope, _site(row), *(row[name] for name in (_OF_POINT if scope == "point" else _OF_SITE)))


def shelf_of(shelves: Shelves, row: Mapping[str, Any], priority: int, at: float) -> Shelf | None:
    """The one that holds an alarm of this priority at this time, that of its point first."""
    for scope in ("point", "site"):
        found = shelves.get(key_of(scope, row))
        if found is not None and found.priority <= priority and at < found.until_at:
            return found
    return None
