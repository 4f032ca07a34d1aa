"""Pushes the signed checkpoints to other places, and tells when one is late."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import structlog
from prometheus_client import Gauge

from fengsui.clock import Clock
from fengsui.features.audit.folder import KEY_FILE, checkpoint_files

log = structlog.get_logger(__name__)
LATE_S, AGAIN_S = 120.0, 5.0
AGE = Gauge("fengsui_audit_copy_age_seconds", "Since the copy of the checkpoints was last complete", ["place"])


class CopyDiffers(OSError):
    """The place holds other checkpoints than the node: one of them was changed."""


class Copies:
    """`places`: folders; the node's files lie in a folder of the node's code inside."""

    def __init__(self, folder: Path, places: list[Path], node: str, clock: Clock) -> None:
        self._folder = folder
        self._places = [place / node for place in places]
        self._clock = clock
        self._complete_s: dict[Path, float] = {}
        self._told: set[Path] = set()
        self._wanted = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._pushed: dict[tuple[Path, str], int] = {}

    async def start(self) -> None:
        """Pushes what is missing, and from then on what is new."""
        now_s = self._clock.monotonic_s()
        self._complete_s = dict.fromkeys(self._places, now_s)
        if self._places:
            self._task = asyncio.create_task(self._follow())

    async def stop(self) -> None:
        """One last push."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            await self._push_all()

    def grown(self) -> None:
        """There may be a new checkpoint."""
        self._wanted.set()

    async def _follow(self) -> None:
        while True:
            self._wanted.clear()
            await self._push_all()
            try:
                async with asyncio.timeout(AGAIN_S):
                    await self._wanted.wait()
            except TimeoutError:
                continue

    async def _push_all(self) -> None:
        for place in self._places:
            try:
                await asyncio.to_thread(self._push, place)
            except OSError as error:
                self._tell_late(place, error)
                continue
            self._complete_s[place] = self._clock.monotonic_s()
            AGE.labels(str(place)).set(0)
            if place in self._told:
                self._told.discard(place)
                log.info("the copy of the audit checkpoints is complete again", place=str(place))

    def _tell_late(self, place: Path, error: OSError) -> None:
        age_s = self._clock.monotonic_s() - self._complete_s[place]
        AGE.labels(str(place)).set(age_s)
        if place not in self._told and (age_s > LATE_S or isinstance(error, CopyDiffers)):
            self._told.add(place)
            log.error("the copy of the audit checkpoints is late", place=str(place), seconds=round(age_s), what=str(error))

    def _push(self, place: Path) -> None:
        """Appends what the place lacks. Raises OSError; CopyDiffers when what is there is not what was pushed."""
        place.mkdir(parents=True, exist_ok=True)
        key = place / KEY_FILE
        if not key.exists():
            key.write_bytes((self._folder / KEY_FILE).read_bytes())
        for source in checkpoint_files(self._folder):
            size = source.stat().st_size
            known = self._pushed.get((place, source.name))
            target = place / source.name
            if known == size and target.exists() and target.stat().st_size == size:
                continue
            octets = source.read_bytes()
            octets = octets[: octets.rfind(b"\n") + 1]
            there = target.read_bytes() if target.exists() else b""
            if not octets.startswith(there):
                raise CopyDiffers(f"{target} and {source} differ")
            if len(there) < len(octets):
                _append(target, octets[len(there) :])
            self._pushed[(place, source.name)] = len(octets)


def _append(path: Path, octets: bytes) -> None:
    with path.open("ab") as stream:
        stream.write(octets)
        stream.flush()
        os.fsync(stream.fileno())
