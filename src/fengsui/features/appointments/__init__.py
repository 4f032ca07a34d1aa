"""Posts are given by two security administrators; the very first second one is appointed by the first alone."""

from fengsui.features.appointments.account_kind import AccountKind
from fengsui.features.appointments.actions import Appointments
from fengsui.features.appointments.endpoints import router
from fengsui.features.appointments.kind import AppointmentKind
from fengsui.features.appointments.reset_kind import ResetKind

__all__ = ["AccountKind", "AppointmentKind", "Appointments", "ResetKind", "router"]
