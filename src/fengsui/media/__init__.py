"""The Rust media core's face in Python: names, and the pump that turns its events into calls. Frames never come here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from fengsui._engine import (
    AfterLoss,
    AlarmDatagrams,
    AlarmPeer,
    CannotListen,
    Engine,
    EngineConfig,
    EngineCounters,
    EngineError,
    Event,
    EventKind,
    FetchStatus,
    FootageCounters,
    H264Encoder,
    KeyFrame,
    LogLine,
    Marker,
    NameInUse,
    NoPortLeft,
    OldFootage,
    OpenedSource,
    ParameterSets,
    Payload,
    PortInUse,
    RebuiltIndex,
    RecordingStatus,
    Reorder,
    SourceCounters,
    SourceSpec,
    SsrcChange,
    SsrcPolicy,
    TooManySources,
    Transport,
    UnmappedSound,
    dropped_log_lines,
    media_paths,
    read_alarm_frame,
    rebuild_footage_index,
    take_log_lines,
)
from fengsui.loops import surprises

__all__ = [
    "AfterLoss",
    "AlarmDatagrams",
    "AlarmPeer",
    "CannotListen",
    "Engine",
    "EngineConfig",
    "EngineCounters",
    "EngineError",
    "Event",
    "EventKind",
    "FetchStatus",
    "FootageCounters",
    "H264Encoder",
    "KeyFrame",
    "LogLine",
    "Marker",
    "NameInUse",
    "NoPortLeft",
    "OldFootage",
    "OpenedSource",
    "ParameterSets",
    "Payload",
    "PortInUse",
    "RebuiltIndex",
    "RecordingStatus",
    "Reorder",
    "SourceCounters",
    "SourceSpec",
    "SsrcChange",
    "SsrcPolicy",
    "TooManySources",
    "Transport",
    "UnmappedSound",
    "dropped_log_lines",
    "media_paths",
    "pump_events",
    "read_alarm_frame",
    "rebuild_footage_index",
    "take_log_lines",
]


def pump_events(engine: Engine, take: Callable[[Event], None]) -> Callable[[], None]:
    """Calls `take` in the running loop for each event of the engine; what it returns ends that."""
    loop = asyncio.get_running_loop()

    def drain() -> None:
        for event in engine.take_events():
            with surprises("engine-events"):
                take(event)

    loop.add_reader(engine.event_fd(), drain)

    def end() -> None:
        loop.remove_reader(engine.event_fd())

    return end
