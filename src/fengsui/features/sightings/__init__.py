"""Sightings: "seen here, then", by a person's own eyes and in their own words; never made by a machine."""

from fengsui.features.sightings.actions import Sightings
from fengsui.features.sightings.endpoints import router

__all__ = ["Sightings", "router"]
