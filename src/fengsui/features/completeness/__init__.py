"""Completeness of footage: seconds recorded against seconds due for each camera and day, and why what is missing is missing."""

from fengsui.features.completeness.actions import Completeness
from fengsui.features.completeness.endpoints import router

__all__ = ["Completeness", "router"]
