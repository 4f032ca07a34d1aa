"""Protected places: what stands there, whom to call, what to do, and which alarm hosts report from them."""

from fengsui.features.alarm_sites.endpoints import router
from fengsui.features.alarm_sites.sites import AlarmSites

__all__ = ["AlarmSites", "router"]
