"""Retention of footage: removed when its time is over or room is needed, never below its floor, and held for a case."""

from fengsui.features.retention.actions import Retention
from fengsui.features.retention.endpoints import router
from fengsui.features.retention.holds import HoldKind, Holds, ReleaseKind

__all__ = ["HoldKind", "Holds", "ReleaseKind", "Retention", "router"]
