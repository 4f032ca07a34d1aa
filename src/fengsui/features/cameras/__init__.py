"""Cameras: what devices report in their catalogues, and what operators add to it; control of cameras."""

from fengsui.features.cameras.actions import Cameras
from fengsui.features.cameras.alarm_sources import AlarmSource
from fengsui.features.cameras.area_change import AreaChange
from fengsui.features.cameras.asked import Asked
from fengsui.features.cameras.clash_queries import REFUSED_CHANNELS
from fengsui.features.cameras.class_change import ClassChange, class_notice, loosens
from fengsui.features.cameras.control import Control, command_of, steering_of
from fengsui.features.cameras.directory import CameraDirectory
from fengsui.features.cameras.endpoints import router
from fengsui.features.cameras.finding import By, Sorting
from fengsui.features.cameras.model import Camera, KeptCamera, NamedCamera, UnknownCamera
from fengsui.features.cameras.places import Places
from fengsui.features.cameras.ports import CameraPassed, CameraStatusChanged, CatalogueProgress
from fengsui.features.cameras.queries import CAMERA_AREAS, CAMERA_PLACES
from fengsui.features.cameras.queries import within as cameras_within
from fengsui.features.cameras.rows import details_of
from fengsui.features.cameras.schemas import CameraName, Status, Tag
from fengsui.features.cameras.subscriptions import Subscriptions

__all__ = [
    "CAMERA_AREAS",
    "CAMERA_PLACES",
    "REFUSED_CHANNELS",
    "AlarmSource",
    "AreaChange",
    "Asked",
    "By",
    "Camera",
    "CameraDirectory",
    "CameraName",
    "CameraPassed",
    "CameraStatusChanged",
    "Cameras",
    "CatalogueProgress",
    "ClassChange",
    "Control",
    "KeptCamera",
    "NamedCamera",
    "Places",
    "Sorting",
    "Status",
    "Subscriptions",
    "Tag",
    "UnknownCamera",
    "cameras_within",
    "class_notice",
    "command_of",
    "details_of",
    "loosens",
    "router",
    "steering_of",
]
