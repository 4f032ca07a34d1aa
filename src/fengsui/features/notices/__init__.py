"""Notices: people whom a rule tells of an alarm, each until they have acknowledged it; who read it, and when, is kept."""

from fengsui.features.notices.actions import Notices
from fengsui.features.notices.endpoints import router
from fengsui.features.notices.model import NoticesChanged

__all__ = ["Notices", "NoticesChanged", "router"]
