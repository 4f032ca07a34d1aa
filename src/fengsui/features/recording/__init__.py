"""Footage: which cameras this node records, how far, and where their recordings are found."""

from fengsui.features.recording.actions import Recording
from fengsui.features.recording.calendar import Calendar
from fengsui.features.recording.endpoints import router

__all__ = ["Calendar", "Recording", "router"]
