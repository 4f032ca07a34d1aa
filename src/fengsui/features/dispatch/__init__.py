"""Dispatch: units, which of them is near and fit, and what they are sent to do. A person sends; the node proposes."""

from fengsui.features.dispatch.actions import Dispatch
from fengsui.features.dispatch.crews import Crews
from fengsui.features.dispatch.endpoints import router
from fengsui.features.dispatch.locators import PACKAGE as POSITIONS
from fengsui.features.dispatch.locators import Locators
from fengsui.features.dispatch.model import LIMITS_S, Status, Task, TaskState
from fengsui.features.dispatch.photo_retention import PhotoRetention
from fengsui.features.dispatch.photos import TaskPhotos
from fengsui.features.dispatch.ports import TaskChanged, UnitChanged

__all__ = [
    "LIMITS_S",
    "POSITIONS",
    "Crews",
    "Dispatch",
    "Locators",
    "PhotoRetention",
    "Status",
    "Task",
    "TaskChanged",
    "TaskPhotos",
    "TaskState",
    "UnitChanged",
    "router",
]
