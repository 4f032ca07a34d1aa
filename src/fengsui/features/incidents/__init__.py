"""Incidents: what happens at a place, from the first word to the outcome; they outlive the desk that works on them."""

from fengsui.features.incidents.actions import Incidents
from fengsui.features.incidents.endpoints import router
from fengsui.features.incidents.ports import IncidentChanged

__all__ = ["IncidentChanged", "Incidents", "router"]
