"""Work on alarms at the desk: taken by one, verified, closed with an outcome; clocks for what waits."""

from fengsui.features.alarm_work.actions import AlarmWork
from fengsui.features.alarm_work.endpoints import router
from fengsui.features.alarm_work.ports import AlarmWorkChanged

__all__ = ["AlarmWork", "AlarmWorkChanged", "router"]
