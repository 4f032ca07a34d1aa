"""Duty: centres, seats, rosters, shifts and their handover; emergency access. Live viewing stands under a shift or a use ticket."""

from fengsui.features.duty.actions import Duty, ShiftChanged
from fengsui.features.duty.centre_removal import CentreRemoval
from fengsui.features.duty.emergency import EmergencyChanged
from fengsui.features.duty.endpoints import router
from fengsui.features.duty.log_model import Down
from fengsui.features.duty.missing_rows import EMERGENCY_ROWS, LOG_ROWS, SAID, SHIFT_ROWS, MissingRows, missing
from fengsui.features.duty.queries import CENTRE_AREAS
from fengsui.features.duty.rooms import DutyRooms, Ground
from fengsui.features.duty.standing import Standings

__all__ = [
    "CENTRE_AREAS",
    "EMERGENCY_ROWS",
    "LOG_ROWS",
    "SAID",
    "SHIFT_ROWS",
    "CentreRemoval",
    "Down",
    "Duty",
    "DutyRooms",
    "EmergencyChanged",
    "Ground",
    "MissingRows",
    "ShiftChanged",
    "Standings",
    "missing",
    "router",
]
