"""Administrative areas: the GB/T 2260 tree."""

from fengsui.features.areas.endpoints import router
from fengsui.features.areas.model import Area, Divisions

__all__ = ["Area", "Divisions", "router"]
