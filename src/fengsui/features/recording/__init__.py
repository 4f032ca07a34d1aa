"""Footage: which cameras this node records, how far, and where their recordings are found."""

from fengsui.features.recording.actions import Recording
from fengsui.features.recording.alarms import DeviceAlarms
from fengsui.features.recording.calendar import Calendar, Hours, minutes_of, text_of
from fengsui.features.recording.endpoints import router
from fengsui.features.recording.model import FootageAway, Period, Piece, Plan
from fengsui.features.recording.queries import PLANNED
from fengsui.features.recording.schemas import HoursShape

__all__ = [
    "PLANNED",
    "Calendar",
    "DeviceAlarms",
    "FootageAway",
    "Hours",
    "HoursShape",
    "Period",
    "Piece",
    "Plan",
    "Recording",
    "minutes_of",
    "router",
    "text_of",
]
