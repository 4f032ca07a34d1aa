"""Composition: the one place that knows every room."""

from fengsui.app.between_nodes import places_of
from fengsui.app.logging import set_up_logging
from fengsui.app.node import Node
from fengsui.app.node_page import camera_code, join_lines, join_values
from fengsui.app.reached import reached_by
from fengsui.app.routes import openapi_document
from fengsui.app.told import DOUBTS, SOURCES, ToldDevice, told_devices

__all__ = [
    "DOUBTS",
    "SOURCES",
    "Node",
    "ToldDevice",
    "camera_code",
    "join_lines",
    "join_values",
    "openapi_document",
    "places_of",
    "reached_by",
    "set_up_logging",
    "told_devices",
]
