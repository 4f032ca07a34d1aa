"""Duty: centres, seats, rosters, shifts and their handover; emergency access. Live viewing stands under a shift or a use ticket."""

from fengsui.features.duty.actions import Duty, ShiftChanged
from fengsui.features.duty.centre_removal import CentreRemoval
from fengsui.features.duty.emergency import EmergencyChanged
from fengsui.features.duty.endpoints import router
from fengsui.features.duty.log_model import Down, Entry, EntryKind, ShiftFigures, Took
from fengsui.features.duty.missing_rows import EMERGENCY_ROWS, LOG_ROWS, SAID, SHIFT_ROWS, MissingRows, missing
from fengsui.features.duty.model import Centre, Shift
from fengsui.features.duty.ports import Matter
from fengsui.features.duty.queries import CENTRE_AREAS
from fengsui.features.duty.rooms import DutyRooms, Ground
from fengsui.features.duty.shift_log import ShiftLog
from fengsui.features.duty.standing import Standings

__all__ = [
    "CENTRE_AREAS",
    "EMERGENCY_ROWS",
    "LOG_ROWS",
    "SAID",
    "SHIFT_ROWS",
    "Centre",
    "CentreRemoval",
    "Down",
    "Duty",
    "DutyRooms",
    "EmergencyChanged",
    "Entry",
    "EntryKind",
    "Ground",
    "Matter",
    "MissingRows",
    "Shift",
    "ShiftChanged",
    "ShiftFigures",
    "ShiftLog",
    "Standings",
    "Took",
    "missing",
    "router",
]
