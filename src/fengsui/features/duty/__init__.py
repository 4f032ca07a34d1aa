"""Duty: centres, seats, rosters, shifts and their handover; emergency access. Live viewing stands under a shift or a use ticket."""

from fengsui.features.duty.actions import Duty, ShiftChanged
from fengsui.features.duty.emergency import Emergencies, EmergencyChanged
from fengsui.features.duty.endpoints import router
from fengsui.features.duty.rosters import Rosters
from fengsui.features.duty.standing import Standings

__all__ = ["Duty", "Emergencies", "EmergencyChanged", "Rosters", "ShiftChanged", "Standings", "router"]
