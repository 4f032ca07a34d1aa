"""Finding a moment in footage without watching hours of it: how much moves, and when a place changed. Never who (R1 to R5)."""

from fengsui.features.finding.actions import Finding
from fengsui.features.finding.endpoints import router
from fengsui.features.finding.searches import Searches

__all__ = ["Finding", "Searches", "router"]
