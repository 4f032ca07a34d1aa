"""Alarm hosts and what they report: on disk before it is acknowledged, and shown to whoever is on duty there."""

from fengsui.features.alarms.actions import Alarms
from fengsui.features.alarms.batches import AlarmBatches
from fengsui.features.alarms.device_reception import MALFORMED_DEVICE_ALARMS, DeviceReception
from fengsui.features.alarms.device_subscriptions import PACKAGE, AlarmSubscriptions
from fengsui.features.alarms.endpoints import WATCHED_BY, router
from fengsui.features.alarms.host_keys import HostKeys
from fengsui.features.alarms.hosts import AlarmHosts
from fengsui.features.alarms.model import LEAST_URGENT, Alarm
from fengsui.features.alarms.opened import Limits, OpenAlarms
from fengsui.features.alarms.ports import AlarmReceived, WaitingAlarmHostsChanged
from fengsui.features.alarms.reception import MALFORMED, Reception
from fengsui.features.alarms.resets_owed import ResetsOwed
from fengsui.features.alarms.schemas import AlarmShape
from fengsui.features.alarms.shapes import AlarmShapes
from fengsui.features.alarms.tables import alarms as alarms_table
from fengsui.features.alarms.waiting import WaitingAlarmHosts

__all__ = [
    "LEAST_URGENT",
    "MALFORMED",
    "MALFORMED_DEVICE_ALARMS",
    "PACKAGE",
    "WATCHED_BY",
    "Alarm",
    "AlarmBatches",
    "AlarmHosts",
    "AlarmReceived",
    "AlarmShape",
    "AlarmShapes",
    "AlarmSubscriptions",
    "Alarms",
    "DeviceReception",
    "HostKeys",
    "Limits",
    "OpenAlarms",
    "Reception",
    "ResetsOwed",
    "WaitingAlarmHosts",
    "WaitingAlarmHostsChanged",
    "alarms_table",
    "router",
]
