"""Favourites of one person, and groups of cameras: one's own, or shared with a post or with a duty centre."""

from fengsui.features.groups.actions import Groups
from fengsui.features.groups.endpoints import router

__all__ = ["Groups", "router"]
