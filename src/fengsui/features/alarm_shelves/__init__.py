"""Sources of alarms that somebody shelved for a time, with a reason; what came meanwhile returns to the queue at its end."""

from fengsui.features.alarm_shelves.actions import AlarmShelves
from fengsui.features.alarm_shelves.endpoints import router
from fengsui.features.alarm_shelves.model import Longest
from fengsui.features.alarm_shelves.ports import AlarmShelfChanged

__all__ = ["AlarmShelfChanged", "AlarmShelves", "Longest", "router"]
