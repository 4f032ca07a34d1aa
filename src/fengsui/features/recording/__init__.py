"""Footage: which cameras this node records, how far, and where their recordings are found."""

from fengsui.features.recording.actions import Recording
from fengsui.features.recording.alarms import DeviceAlarms
from fengsui.features.recording.calendar import Calendar, Hours
from fengsui.features.recording.endpoints import router
from fengsui.features.recording.model import FootageAway, Period, Piece, Plan
from fengsui.features.recording.queries import PLANNED

__all__ = ["PLANNED", "Calendar", "DeviceAlarms", "FootageAway", "Hours", "Period", "Piece", "Plan", "Recording", "router"]
