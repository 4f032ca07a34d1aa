"""What devices' alarms mean for whoever handles them, by method and type. Source: GB/T 28181-2022 A.2.5.3; the rest is ours."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

from fengsui.wire.dc09.codes import Category
from fengsui.wire.gb28181.alarm import AlarmMethod, AlarmNotification


class SceneCategory(StrEnum):
    """What no alarm host reports."""

    CALL = "call"
    """Somebody telephoned or wrote."""
    POSITION = "position"
    MOTION = "motion"
    OBJECT = "object"
    """Left behind, or taken away."""
    MOVEMENT = "movement"
    """Against the direction, too fast, to and fro."""
    CROWD = "crowd"
    """How many and how dense; nobody is told apart."""


class Meaning(NamedTuple):
    """`priority`: 1 lives are at stake, 2 somebody breaks in, 3 equipment or a hint, 4 for the record. `known`: it stands in the
    table of the standard."""

    category: Category | SceneCategory
    priority: int
    known: bool = True


_M: Final = AlarmMethod
MEANINGS: Final[dict[tuple[int, str], Meaning]] = {
    (_M.TELEPHONE, ""): Meaning(SceneCategory.CALL, 2),
    (_M.SHORT_MESSAGE, ""): Meaning(SceneCategory.CALL, 2),
    (_M.GPS, ""): Meaning(SceneCategory.POSITION, 3),
    (_M.OTHER, ""): Meaning(Category.SYSTEM, 2),
    (_M.DEVICE, ""): Meaning(Category.INTRUSION, 2),  # an alarm input: a detector, a button, a door contact
    (_M.DEVICE, "1"): Meaning(Category.FAULT, 3),  # video loss
    (_M.DEVICE, "2"): Meaning(Category.TAMPER, 2),
    (_M.DEVICE, "3"): Meaning(Category.FAULT, 3),  # storage full
    (_M.DEVICE, "4"): Meaning(Category.TECHNICAL, 3),  # too hot
    (_M.DEVICE, "5"): Meaning(Category.TECHNICAL, 3),  # too cold
    (_M.VIDEO, "1"): Meaning(Category.PANIC, 1),  # by hand: somebody asks for help
    (_M.VIDEO, "2"): Meaning(SceneCategory.MOTION, 4),
    (_M.VIDEO, "3"): Meaning(SceneCategory.OBJECT, 2),
    (_M.VIDEO, "4"): Meaning(SceneCategory.OBJECT, 2),
    (_M.VIDEO, "5"): Meaning(Category.INTRUSION, 2),  # trip-wire
    (_M.VIDEO, "6"): Meaning(Category.INTRUSION, 2),
    (_M.VIDEO, "7"): Meaning(SceneCategory.MOVEMENT, 3),
    (_M.VIDEO, "8"): Meaning(SceneCategory.MOVEMENT, 3),
    (_M.VIDEO, "9"): Meaning(SceneCategory.CROWD, 4),
    (_M.VIDEO, "10"): Meaning(SceneCategory.CROWD, 3),
    (_M.VIDEO, "11"): Meaning(Category.FAULT, 3),  # the picture is not as it should be
    (_M.VIDEO, "12"): Meaning(SceneCategory.MOVEMENT, 3),
    (_M.VIDEO, "13"): Meaning(Category.TAMPER, 2),  # the picture is covered
    (_M.DEVICE_FAULT, "1"): Meaning(Category.FAULT, 3),  # its disk
    (_M.DEVICE_FAULT, "2"): Meaning(Category.FAULT, 3),  # its fan
}
"""By method and type. The table of the standard has types for methods 2, 5 and 6 alone."""
LEFT: Final = Meaning(Category.INTRUSION, 3)
"""An intrusion whose event says that the area was left."""
_OF_METHOD: Final[dict[int, Category | SceneCategory]] = {
    _M.DEVICE: Category.INTRUSION,
    _M.VIDEO: SceneCategory.MOVEMENT,
    _M.DEVICE_FAULT: Category.FAULT,
}


def type_of(alarm: AlarmNotification) -> str:
    """The type without zeros before it; empty: none was said."""
    said = alarm.detail.alarm_type.strip() if alarm.detail is not None else ""
    return (said.lstrip("0") or said) if said.isascii() and said.isdigit() else said


def event_of(alarm: AlarmNotification) -> str:
    """Of an intrusion: 1 entered, 2 left."""
    param = alarm.detail.param if alarm.detail is not None else None
    return param.event_type.strip() if param is not None else ""


def meaning_of(alarm: AlarmNotification) -> Meaning:
    """By our table, for most devices say one priority whatever happens. What is not in it: the device's own, else 2."""
    method, kind = alarm.method or 0, type_of(alarm)
    if method == _M.VIDEO and kind == "6" and event_of(alarm) == "2":
        return LEFT
    found = MEANINGS.get((method, kind)) or (MEANINGS.get((method, "")) if method not in _OF_METHOD else None)
    if found is not None:
        return found
    told = alarm.priority if alarm.priority in (1, 2, 3, 4) else 2
    return Meaning(_OF_METHOD.get(method, Category.SYSTEM), told, known=False)
