"""Dispatch: units, which of them is near and fit, and what they are sent to do. A person sends; the node proposes."""

from fengsui.features.dispatch.actions import Dispatch
from fengsui.features.dispatch.endpoints import router
from fengsui.features.dispatch.ports import TaskChanged, UnitChanged

__all__ = ["Dispatch", "TaskChanged", "UnitChanged", "router"]
