"""Alarms of other systems: registered sources, their signed reports, each on disk once before it is taken over."""

from fengsui.features.alarm_intake.actions import AlarmIntake
from fengsui.features.alarm_intake.endpoints import reasons_of, router, whole_schema, why_malformed
from fengsui.features.alarm_intake.model import (
    JOBS,
    PING,
    AlarmSource,
    IntakeElsewhere,
    IntakeIdUsed,
    IntakeMalformed,
    IntakeNotStored,
    KindNotAllowed,
    Pace,
)
from fengsui.features.alarm_intake.sources import AlarmSources, Known

__all__ = [
    "JOBS",
    "PING",
    "AlarmIntake",
    "AlarmSource",
    "AlarmSources",
    "IntakeElsewhere",
    "IntakeIdUsed",
    "IntakeMalformed",
    "IntakeNotStored",
    "KindNotAllowed",
    "Known",
    "Pace",
    "reasons_of",
    "router",
    "whole_schema",
    "why_malformed",
]
