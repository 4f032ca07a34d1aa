"""Gaps of the node's footage, filled with what devices recorded themselves: in the background, bounded, and marked as such."""

from fengsui.features.filling.actions import Filling
from fengsui.features.filling.endpoints import router

__all__ = ["Filling", "router"]
