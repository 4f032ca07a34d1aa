"""Checks of footage: whether it is kept as long as it must be and no longer, and whether what is recorded plays."""

from fengsui.features.footage_checks.actions import FootageChecks
from fengsui.features.footage_checks.endpoints import router

__all__ = ["FootageChecks", "router"]
