"""Completeness of footage: seconds recorded against seconds due for each camera and day, and why what is missing is missing."""

from fengsui.features.completeness.actions import Completeness
from fengsui.features.completeness.endpoints import router
from fengsui.features.completeness.model import Gap
from fengsui.features.completeness.queries import RECKONED, within_scope

__all__ = ["RECKONED", "Completeness", "Gap", "router", "within_scope"]
