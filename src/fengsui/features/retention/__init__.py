"""Retention of footage: removed when its time is over or room is needed, never below its floor, and held for a case."""

from fengsui.features.retention.actions import Retention
from fengsui.features.retention.beyond import Beyond
from fengsui.features.retention.endpoints import router
from fengsui.features.retention.holds import HoldKind, Holds, ReleaseKind
from fengsui.features.retention.model import Mark
from fengsui.features.retention.proof import Proof
from fengsui.features.retention.queries import REMOVAL_ROWS, removal_of
from fengsui.features.retention.records import Records

__all__ = [
    "REMOVAL_ROWS",
    "Beyond",
    "HoldKind",
    "Holds",
    "Mark",
    "Proof",
    "Records",
    "ReleaseKind",
    "Retention",
    "removal_of",
    "router",
]
