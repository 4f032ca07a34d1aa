"""What the platform refuses to do (rules R1–R12), how it says no, and the record that it was asked."""

from fengsui.features.refusals.actions import Refusals
from fengsui.features.refusals.endpoints import router, viid_router
from fengsui.features.refusals.model import REFUSALS, Identification, Refusal

__all__ = ["REFUSALS", "Identification", "Refusal", "Refusals", "router", "viid_router"]
