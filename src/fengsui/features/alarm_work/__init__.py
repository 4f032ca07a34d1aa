"""Work on alarms at the desk: taken by one, verified, closed with an outcome; clocks for what waits."""

from fengsui.features.alarm_work.actions import AlarmWork
from fengsui.features.alarm_work.endpoints import router
from fengsui.features.alarm_work.load import AlarmLoad
from fengsui.features.alarm_work.load_endpoints import router as load_router
from fengsui.features.alarm_work.model import LONGEST_DETAIL, check_mine
from fengsui.features.alarm_work.pass_queries import Pass
from fengsui.features.alarm_work.passes import AlarmPasses
from fengsui.features.alarm_work.ports import AlarmPassed, AlarmWorkChanged
from fengsui.features.alarm_work.queries import Step, add_steps
from fengsui.features.alarm_work.shifts import ShiftAlarms

__all__ = [
    "LONGEST_DETAIL",
    "AlarmLoad",
    "AlarmPassed",
    "AlarmPasses",
    "AlarmWork",
    "AlarmWorkChanged",
    "Pass",
    "ShiftAlarms",
    "Step",
    "add_steps",
    "check_mine",
    "load_router",
    "router",
]
