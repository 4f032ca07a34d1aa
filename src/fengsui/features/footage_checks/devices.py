"""Tries whether what a device recorded itself plays: one moment, its first picture, decoded and forgotten."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from random import Random
from typing import Final

import structlog

from fengsui.errors import FengsuiError
from fengsui.features.cameras import Camera
from fengsui.features.devices import DeviceOffline
from fengsui.features.footage_checks.model import Outcome, moment_in
from fengsui.features.live import DeviceFilm, NotPlayed, Recorders
from fengsui.media import Engine, Event
from fengsui.picture_worker import StillFailed, StillWorkers

log = structlog.get_logger(__name__)
WINDOW_S: Final = 3600.0
"""Of what a device has, so much is asked about."""
PLAYS_S: Final = 10.0
NOT_ITS_FAULT: Final = frozenset({"node", "engine", "busy"})
"""Failures that say nothing about what it recorded: the node's own, and that it plays for somebody else now."""


class DeviceTries:
    """Calls are hung up as soon as a picture came."""

    def __init__(self, recorders: Recorders, engine: Engine, chance: Random) -> None:
        self._recorders = recorders
        self._engine = engine
        self._chance = chance
        self._films: dict[str, DeviceFilm] = {}

    def take(self, event: Event, other: Callable[[Event], None]) -> None:
        """An event of the engine; what is not about a recording that is tried goes to `other`."""
        film = self._films.get(event.name)
        if film is None:
            other(event)
        else:
            film.take(event)

    async def moment(self, camera: Camera, since: float) -> int | None:
        """One of what the device lists of the hour from `since` on, µs. None: it lists nothing, or does not answer: no moment."""
        try:
            listed = await self._recorders.files(camera, since, since + WINDOW_S)
        except FengsuiError as fault:
            log.info("a device does not say what it recorded", camera=camera.code, why=str(fault))
            return None
        until = since + WINDOW_S - PLAYS_S
        spans = [(int(max(one.since, since) * 1e6), int(min(one.until - PLAYS_S, until) * 1e6)) for one in listed.files]
        return moment_in([one for one in spans if one[0] < one[1]], self._chance)

    async def play(self, camera: Camera, moment: float) -> Outcome | None:
        """None: the device has gone meanwhile, is busy, or the node cannot ask it, which is no failure of what it recorded."""
        name = f"{camera.code}/check-{secrets.token_hex(8)}"
        film = self._films[name] = self._recorders.film(camera, name, moment, moment + PLAYS_S)
        stills = StillWorkers()
        try:
            await film.open()
            picture = self._engine.latest_key_frame(film.source)
            if picture is None:
                return "undecoded"
            await stills.jpeg(picture.annex_b, picture.codec)
        except DeviceOffline:
            return None
        except NotPlayed as fault:
            log.info("a device does not play what it lists", camera=camera.code, why=str(fault))
            return None if fault.facts["failure"] in NOT_ITS_FAULT else "device"
        except StillFailed:
            return "undecoded"
        else:
            return "played"
        finally:
            self._films.pop(name, None)
            await film.end()
            await stills.stop()
