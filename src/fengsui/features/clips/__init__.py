"""Clips: footage of one camera and time taken out as an MP4 file of its original pictures, by two persons, under a use ticket."""

from fengsui.features.clips.actions import Clips
from fengsui.features.clips.endpoints import router
from fengsui.features.clips.files import ClipFiles
from fengsui.features.clips.kind import ClipHandover
from fengsui.features.clips.model import Clip, Wanted

__all__ = ["Clip", "ClipFiles", "ClipHandover", "Clips", "Wanted", "router"]
