"""Alarm hosts and what they report: on disk before it is acknowledged, and shown to whoever is on duty there."""

from fengsui.features.alarms.actions import Alarms
from fengsui.features.alarms.armed import Armed
from fengsui.features.alarms.arming import NodeCategory
from fengsui.features.alarms.arming_queries import last_armings
from fengsui.features.alarms.arming_watch import ArmingWatch
from fengsui.features.alarms.batches import AlarmBatches
from fengsui.features.alarms.calls_for_help import PANIC_PROTOCOL, Call, CallsForHelp, NotReceived, Receipt
from fengsui.features.alarms.calls_for_help import PROTOCOL as CALLS_FOR_HELP
from fengsui.features.alarms.causes import Causes, usual_place
from fengsui.features.alarms.causes import Place as CausePlace
from fengsui.features.alarms.device_meanings import SceneCategory
from fengsui.features.alarms.device_reception import MALFORMED_DEVICE_ALARMS, DeviceReception
from fengsui.features.alarms.device_subscriptions import PACKAGE, AlarmSubscriptions
from fengsui.features.alarms.endpoints import WATCHED_BY, router
from fengsui.features.alarms.frames import Frame
from fengsui.features.alarms.host_keys import HostKeys, KeyUnreadable
from fengsui.features.alarms.host_shapes import HostShapes, new_point
from fengsui.features.alarms.host_words import facts_of
from fengsui.features.alarms.hosts import AlarmHosts
from fengsui.features.alarms.model import (
    LEAST_URGENT,
    LONGEST_TEXT,
    MOST_POINTS,
    Alarm,
    AlarmHost,
    AlarmPoint,
    ChangedHost,
    NewPoint,
    plain,
    usual_priority,
    with_hidden,
    zone_of,
)
from fengsui.features.alarms.opened import Limits, OpenAlarms
from fengsui.features.alarms.point_marks import PointMarks
from fengsui.features.alarms.ports import AlarmReceived, AlarmSilenceChanged, WaitingAlarmHostsChanged
from fengsui.features.alarms.queries import ALARMED, Arrived, Waiting, held_alarms, in_work
from fengsui.features.alarms.reception import MALFORMED, Reception
from fengsui.features.alarms.resets_owed import ResetsOwed
from fengsui.features.alarms.schemas import AlarmPassedTo, AlarmPointOrder, AlarmShape
from fengsui.features.alarms.shapes import AlarmShapes, StandsIn, moment
from fengsui.features.alarms.shelf_book import ShelfBook
from fengsui.features.alarms.shelf_model import WIDE, ShelfScope
from fengsui.features.alarms.shelf_queries import Held, ShelfRow
from fengsui.features.alarms.silence_clocks import SilenceClocks
from fengsui.features.alarms.source_silence_queries import Source as SilentSource
from fengsui.features.alarms.source_silences import SourceSilences, Supervised
from fengsui.features.alarms.supervision import Supervision
from fengsui.features.alarms.tables import alarm_passes as passes_table
from fengsui.features.alarms.tables import alarms as alarms_table
from fengsui.features.alarms.waiting import WaitingAlarmHosts

__all__ = [
    "ALARMED",
    "CALLS_FOR_HELP",
    "LEAST_URGENT",
    "LONGEST_TEXT",
    "MALFORMED",
    "MALFORMED_DEVICE_ALARMS",
    "MOST_POINTS",
    "PACKAGE",
    "PANIC_PROTOCOL",
    "WATCHED_BY",
    "WIDE",
    "Alarm",
    "AlarmBatches",
    "AlarmHost",
    "AlarmHosts",
    "AlarmPassedTo",
    "AlarmPoint",
    "AlarmPointOrder",
    "AlarmReceived",
    "AlarmShape",
    "AlarmShapes",
    "AlarmSilenceChanged",
    "AlarmSubscriptions",
    "Alarms",
    "Armed",
    "ArmingWatch",
    "Arrived",
    "Call",
    "CallsForHelp",
    "CausePlace",
    "Causes",
    "ChangedHost",
    "DeviceReception",
    "Frame",
    "Held",
    "HostKeys",
    "HostShapes",
    "KeyUnreadable",
    "Limits",
    "NewPoint",
    "NodeCategory",
    "NotReceived",
    "OpenAlarms",
    "PointMarks",
    "Receipt",
    "Reception",
    "ResetsOwed",
    "SceneCategory",
    "ShelfBook",
    "ShelfRow",
    "ShelfScope",
    "SilenceClocks",
    "SilentSource",
    "SourceSilences",
    "StandsIn",
    "Supervised",
    "Supervision",
    "Waiting",
    "WaitingAlarmHosts",
    "WaitingAlarmHostsChanged",
    "alarms_table",
    "facts_of",
    "held_alarms",
    "in_work",
    "last_armings",
    "moment",
    "new_point",
    "passes_table",
    "plain",
    "router",
    "usual_place",
    "usual_priority",
    "with_hidden",
    "zone_of",
]
