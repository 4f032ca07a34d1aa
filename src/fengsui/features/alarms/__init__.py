"""Alarm hosts and what they report: on disk before it is acknowledged, and shown to whoever is on duty there."""

from fengsui.features.alarms.actions import Alarms
from fengsui.features.alarms.batches import AlarmBatches
from fengsui.features.alarms.device_reception import MALFORMED_DEVICE_ALARMS, DeviceReception
from fengsui.features.alarms.device_subscriptions import PACKAGE, AlarmSubscriptions
from fengsui.features.alarms.endpoints import WATCHED_BY, router
from fengsui.features.alarms.host_keys import HostKeys
from fengsui.features.alarms.hosts import AlarmHosts
from fengsui.features.alarms.ports import AlarmReceived, WaitingAlarmHostsChanged
from fengsui.features.alarms.reception import MALFORMED, Reception
from fengsui.features.alarms.waiting import WaitingAlarmHosts

__all__ = [
    "MALFORMED",
    "MALFORMED_DEVICE_ALARMS",
    "PACKAGE",
    "WATCHED_BY",
    "AlarmBatches",
    "AlarmHosts",
    "AlarmReceived",
    "AlarmSubscriptions",
    "Alarms",
    "DeviceReception",
    "HostKeys",
    "Reception",
    "WaitingAlarmHosts",
    "WaitingAlarmHostsChanged",
    "router",
]
