"""What devices record themselves: asked for as a list, and called for as a film. Source: GB/T 28181-2022 §9.7, §9.8."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from weakref import WeakValueDictionary

import structlog

from fengsui.errors import OperatorFault
from fengsui.features.cameras import Camera
from fengsui.features.devices import AnswerTooLarge, Devices, DeviceState, NoAnswer
from fengsui.features.live.device_download import DeviceDownload
from fengsui.features.live.device_files import DeviceFiles, Listing, joined, parts_of, query_of
from fengsui.features.live.device_film import Desk, DeviceFilm

log = structlog.get_logger(__name__)
FIRST_S, NEXT_S, WHOLE_S = 15.0, 10.0, 60.0
"""To the first message, from each to the next (recorders bring two entries every few seconds), and for one part of the time."""
MOST_ASKERS = 8


class TooManyQuestions(OperatorFault):
    """A device is asked one question after another, and too many wait."""

    code = "device_recordings.busy"
    status = 429
    zh = "该设备正在应答其他录像查询"
    en = "The device is answering other questions about its recordings"
    remedy_zh = "稍后再试"
    remedy_en = "Try again in a moment"


class Recorders:
    """Devices mix up answers to questions that come together (quirk 14): each is asked one at a time."""

    def __init__(self, devices: Devices, desk: Desk) -> None:
        self._devices = devices
        self._desk = desk
        self._signalling = desk.signalling
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._askers: Counter[str] = Counter()

    def film(self, camera: Camera, name: str, since: float, until: float) -> DeviceFilm:
        """A call that is still to be opened, for one viewer. `name`: the engine's."""
        return DeviceFilm(self._desk, camera, name, since, until)

    def download(
        self, camera: Camera, name: str, stream: str, since: float, until: float, *, speed: int, bytes_a_second: int
    ) -> DeviceDownload:
        """A call that is still to be opened, whose pictures become footage of `stream`. `name`: the engine's."""
        return DeviceDownload(self._desk, camera, name, stream, since, until, speed, bytes_a_second)

    async def files(self, camera: Camera, since: float, until: float) -> DeviceFiles:
        """What the camera's device says that it has of it. Times: seconds since 1970.

        Raises TooManyQuestions, UnknownDevice, NoAnswer (nothing came), Refused, DeviceOffline; what came in part is told as such.
        """
        device = self._devices.get(camera.device)
        if self._askers[device.code] >= MOST_ASKERS:
            raise TooManyQuestions()
        turn = self._turns.setdefault(device.code, asyncio.Lock())
        self._askers[device.code] += 1
        try:
            async with turn:
                return await self._asked(device, camera.code, since, until)
        finally:
            self._askers -= Counter([device.code])

    async def _asked(self, device: DeviceState, channel: str, since: float, until: float) -> DeviceFiles:
        listings = []
        for part in parts_of(since, until):
            listing = Listing(*part)
            listings.append(listing)
            try:
                await self._gather(device, channel, listing)
            except NoAnswer:
                if len(listings) == 1:
                    raise
                break  # the rest is told as missing
        return joined(listings)

    async def _gather(self, device: DeviceState, channel: str, listing: Listing) -> None:
        query = query_of(self._signalling.next_sn(), channel, listing.since, listing.until)
        answers = self._signalling.collect(device, query, first_s=FIRST_S, next_s=lambda: 0.0 if listing.whole else NEXT_S)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(WHOLE_S):
                    async for answer in answers:
                        listing.add(answer)
        except AnswerTooLarge:
            listing.broken = True
        finally:
            await answers.aclose()
        if not listing.whole:
            log.info("a list of recordings is not whole", device=device.code, camera=channel, told=listing.told, came=listing.came)
