"""Composition: the one place that knows every room."""

from fengsui.app.between_nodes import places_of
from fengsui.app.logging import set_up_logging
from fengsui.app.node import Node
from fengsui.app.node_page import camera_code, join_lines, join_values
from fengsui.app.reached import reached_by
from fengsui.app.routes import openapi_document
from fengsui.app.settings_log import changed_since_start
from fengsui.app.start_time import TOLERATED_S
from fengsui.app.told import DOUBTS, SOURCES, ToldDevice, told_devices

__all__ = [
    "DOUBTS",
    "SOURCES",
    "TOLERATED_S",
    "Node",
    "ToldDevice",
    "camera_code",
    "changed_since_start",
    "join_lines",
    "join_values",
    "openapi_document",
    "places_of",
    "reached_by",
    "set_up_logging",
    "told_devices",
]
