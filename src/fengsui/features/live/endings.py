"""What ends running pictures: rights that end, codes that pass to another device, sound that has lost its basis."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import closing, suppress
from typing import Protocol

import structlog

from fengsui.bus import Bus
from fengsui.errors import StorageFault
from fengsui.features.access import Access
from fengsui.features.cameras import CameraPassed, Cameras, UnknownCamera
from fengsui.features.live.rights import RunningRights
from fengsui.features.live.session import LiveSession
from fengsui.features.live.streams import Streams

log = structlog.get_logger(__name__)
RIGHTS_EVERY_S = 1.0


class End(Protocol):
    """Ends one session; `detail`: why, for the record."""

    def __call__(self, session: LiveSession, *, detail: str) -> None: ...


class Endings:
    """`sessions`: those that run, by name; `end`: ends one of them."""

    def __init__(
        self,
        sessions: Mapping[str, LiveSession],
        end: End,
        *,
        streams: Streams,
        rights: RunningRights,
        access: Access,
        cameras: Cameras,
        bus: Bus,
    ) -> None:
        self._sessions = sessions
        self._end = end
        self._streams = streams
        self._rights = rights
        self._cameras = cameras
        self._bus = bus
        self._rights_changed = asyncio.Event()
        access.persons.on_change(lambda _: self._rights_changed.set())
        access.on_hidden.append(self._rights_changed.set)

    async def follow_rights(self) -> None:
        """Once a second, and at once when somebody's rights have changed: whoever may not see any more is cut off."""
        while True:
            await within(self._rights_changed, RIGHTS_EVERY_S)
            self._rights_changed.clear()
            try:
                await self._end_unlawful()
            except Exception:  # whatever it is, the next round looks again
                log.exception("rights of running pictures could not be followed")

    async def follow_codes(self) -> None:
        """A code that passes to another device shows another picture: the players open it again, under its own name."""
        with closing(self._bus.subscribe(CameraPassed, name="live codes")) as news:
            await self._look_at_codes()
            while True:
                for event in await news.batch():
                    await self._pass_on(event.code, event.device)
                if news.has_lost():
                    log.warning("more codes passed on than could be followed: all that are watched are looked at")
                    await self._look_at_codes()

    async def _look_at_codes(self) -> None:
        """After events were lost: whose camera is another device's by now."""
        for code in sorted({one.camera for one in self._sessions.values()} | {one.camera.code for one in self._streams.all()}):
            with suppress(UnknownCamera, StorageFault):
                await self._pass_on(code, (await self._cameras.get(code)).device)

    async def _pass_on(self, code: str, device: str) -> None:
        for session in [one for one in self._sessions.values() if one.camera == code and one.device != device]:
            self._end(session, detail="the code is another device's channel now")
        with suppress(UnknownCamera, StorageFault):
            self._streams.pass_to(await self._cameras.get(code))

    async def _end_unlawful(self) -> None:
        sessions = dict(self._sessions)
        sounding = {name for name, session in sessions.items() if self._sounds(session)}
        for name, why in (await self._rights.ended(sessions, sounding)).items():
            session = sessions[name]
            log.info("a picture ends with the right to it", camera=session.camera, person=session.principal.name, why=why)
            self._end(session, detail=why)
        await self._end_sound()

    async def _end_sound(self) -> None:
        """A camera whose sound has lost its legal basis falls silent at the receiver: its stream begins anew without it."""
        sounding = [stream for stream in self._streams.all() if stream.camera.audio_basis]
        if sounding:
            lawful = await self._cameras.with_sound({stream.camera.code for stream in sounding})
            for stream in sounding:
                if stream.camera.code not in lawful:
                    stream.end_sound()

    def _sounds(self, session: LiveSession) -> bool:
        """Whether the session reads a source that may have sound: renditions have none."""
        stream = self._streams.named(f"{session.camera}/{session.stream}")
        return stream is not None and bool(stream.camera.audio_basis) and session.source == stream.name


async def within(event: asyncio.Event, seconds: float) -> bool:
    """Whether the event came in time."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    return event.is_set()
