"""The list of all cameras, and edits of many at once: previewed by the node, then done row by row, each with its record."""

from fengsui.features.camera_list.applying import Applying
from fengsui.features.camera_list.edits import CameraEdits
from fengsui.features.camera_list.endpoints import router
from fengsui.features.camera_list.planning import Planning

__all__ = ["Applying", "CameraEdits", "Planning", "router"]
