"""Playback: recorded footage is shown under a use ticket that covers camera and time, and as long as it does."""

from fengsui.features.playback.actions import Playback
from fengsui.features.playback.endpoints import router

__all__ = ["Playback", "router"]
