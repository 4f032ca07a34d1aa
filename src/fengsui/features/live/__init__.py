"""Live pictures: one INVITE a camera whoever watches; every failure ends in a named state and a retry."""

from fengsui.features.live.actions import Live
from fengsui.features.live.device_download import Came, DeviceDownload, FetchFailed
from fengsui.features.live.device_files import DeviceFiles
from fengsui.features.live.device_film import DeviceFilm, NotPlayed
from fengsui.features.live.endpoints import router
from fengsui.features.live.model import STATE_TEXTS, LiveState, LiveStateChanged
from fengsui.features.live.recorders import Recorders
from fengsui.features.live.session import LiveSession
from fengsui.features.live.stream import LiveStream

__all__ = [
    "STATE_TEXTS",
    "Came",
    "DeviceDownload",
    "DeviceFiles",
    "DeviceFilm",
    "FetchFailed",
    "Live",
    "LiveSession",
    "LiveState",
    "LiveStateChanged",
    "LiveStream",
    "NotPlayed",
    "Recorders",
    "router",
]
