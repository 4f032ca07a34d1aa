"""How many alarms came, where their number rises, which were none, and how long each step took: of places, not of people."""

from fengsui.features.alarm_figures.actions import AlarmFigures, Rooms
from fengsui.features.alarm_figures.endpoints import router
from fengsui.features.alarm_figures.shift import FiguresOfShift

__all__ = ["AlarmFigures", "FiguresOfShift", "Rooms", "router"]
