"""Incidents: what happens at a place, from the first word to the outcome; they outlive the desk that works on them."""

from fengsui.features.incidents.actions import Incidents
from fengsui.features.incidents.endpoints import router
from fengsui.features.incidents.errors import UnknownIncident
from fengsui.features.incidents.model import Incident, LineKind, Wanted, followed, noted, worked_on
from fengsui.features.incidents.ports import IncidentChanged
from fengsui.features.incidents.words import KIND_TEXTS, IncidentKind, IncidentState

__all__ = [
    "KIND_TEXTS",
    "Incident",
    "IncidentChanged",
    "IncidentKind",
    "IncidentState",
    "Incidents",
    "LineKind",
    "UnknownIncident",
    "Wanted",
    "followed",
    "noted",
    "router",
    "worked_on",
]
