"""Alarms of other systems: registered sources, their signed reports, each on disk once before it is taken over."""

from fengsui.features.alarm_intake.actions import AlarmIntake
from fengsui.features.alarm_intake.endpoints import router
from fengsui.features.alarm_intake.sources import AlarmSources

__all__ = ["AlarmIntake", "AlarmSources", "router"]
