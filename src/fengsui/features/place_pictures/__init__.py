"""The picture of the place for whoever is sent there: the cameras of their task's alarms, live, as long as the task runs."""

from fengsui.features.place_pictures.actions import PlacePictures
from fengsui.features.place_pictures.endpoints import router

__all__ = ["PlacePictures", "router"]
