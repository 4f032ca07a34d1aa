"""Incidents: what happens at a place, from the first word to the outcome; they outlive the desk that works on them."""

from fengsui.features.incidents.actions import Incidents
from fengsui.features.incidents.endpoints import router
from fengsui.features.incidents.errors import UnknownIncident
from fengsui.features.incidents.model import Incident, LineKind, followed
from fengsui.features.incidents.ports import IncidentChanged
from fengsui.features.incidents.words import IncidentKind, IncidentState

__all__ = [
    "Incident",
    "IncidentChanged",
    "IncidentKind",
    "IncidentState",
    "Incidents",
    "LineKind",
    "UnknownIncident",
    "followed",
    "router",
]
