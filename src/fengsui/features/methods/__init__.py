"""Methods: what worked at which kind of incident, written by those who lead, and the closed incidents that it served."""

from fengsui.features.methods.actions import Methods
from fengsui.features.methods.endpoints import router

__all__ = ["Methods", "router"]
