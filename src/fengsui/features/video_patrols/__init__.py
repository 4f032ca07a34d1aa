"""Video patrols: planned rounds over cameras, done on duty, with proof of what was looked at; findings in the shift's log."""

from fengsui.features.video_patrols.endpoints import router
from fengsui.features.video_patrols.rooms import VideoPatrols

__all__ = ["VideoPatrols", "router"]
