"""Administrative areas: the GB/T 2260 tree."""

from fengsui.features.areas.endpoints import router
from fengsui.features.areas.model import Divisions

__all__ = ["Divisions", "router"]
