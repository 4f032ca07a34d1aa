"""Cameras: what devices report in their catalogues, and what operators add to it; control of cameras."""

from fengsui.features.cameras.actions import Cameras
from fengsui.features.cameras.model import Camera, UnknownCamera
from fengsui.features.cameras.ports import CameraStatusChanged, CatalogueProgress

__all__ = ["Camera", "CameraStatusChanged", "Cameras", "CatalogueProgress", "UnknownCamera"]
