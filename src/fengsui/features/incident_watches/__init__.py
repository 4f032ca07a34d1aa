"""A named person watches one incident live by a link, and changes nothing there: given by who leads it, until it ends."""

from fengsui.features.incident_watches.actions import IncidentWatches
from fengsui.features.incident_watches.endpoints import router

__all__ = ["IncidentWatches", "router"]
