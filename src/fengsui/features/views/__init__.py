"""Walls that are saved and shared, tours of them, and screens that others send them to."""

from fengsui.features.views.actions import Views
from fengsui.features.views.endpoints import router
from fengsui.features.views.screens import ScreenOrdered, Screens

__all__ = ["ScreenOrdered", "Screens", "Views", "router"]
