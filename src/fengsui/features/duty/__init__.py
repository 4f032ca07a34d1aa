"""Duty: centres, seats, rosters, shifts and their handover; emergency access. Live viewing stands under a shift or a use ticket."""

from fengsui.features.duty.actions import Duty, ShiftChanged
from fengsui.features.duty.centre_removal import CentreRemoval
from fengsui.features.duty.emergency import Emergencies, EmergencyChanged
from fengsui.features.duty.endpoints import router
from fengsui.features.duty.missing_rows import EMERGENCY_ROWS, SAID, SHIFT_ROWS, MissingRows, missing
from fengsui.features.duty.queries import CENTRE_AREAS
from fengsui.features.duty.rosters import Rosters
from fengsui.features.duty.standing import Standings
from fengsui.features.duty.vacancies import Vacancies

__all__ = [
    "CENTRE_AREAS",
    "EMERGENCY_ROWS",
    "SAID",
    "SHIFT_ROWS",
    "CentreRemoval",
    "Duty",
    "Emergencies",
    "EmergencyChanged",
    "MissingRows",
    "Rosters",
    "ShiftChanged",
    "Standings",
    "Vacancies",
    "missing",
    "router",
]
