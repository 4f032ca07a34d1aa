"""Alarm points from a table: looked through row by row, then all of them or none."""

from fengsui.features.point_imports.actions import PointImports
from fengsui.features.point_imports.endpoints import router

__all__ = ["PointImports", "router"]
