"""Pictures kept with findings: JPEG files by their digest, for as long as the settings say; masked as everybody sees them (A40)."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path
from typing import Final

import structlog

from fengsui.errors import StorageFault
from fengsui.features.access import Principal
from fengsui.features.audit import NODE, Act, Audit
from fengsui.features.cameras import Cameras
from fengsui.features.duty import Duty
from fengsui.features.masks import Masks
from fengsui.features.video_patrols import queries
from fengsui.features.video_patrols.doing import Doing
from fengsui.features.video_patrols.errors import (
    MaskedSince,
    SnapshotNotKept,
    SnapshotsFull,
    UnknownSnapshot,
    UnmaskedSnapshot,
    UnusableSnapshot,
)
from fengsui.features.video_patrols.rounds import Rounds
from fengsui.loops import keep
from fengsui.settings import VideoPatrolsSection
from fengsui.store import Store
from fengsui.whole_files import remove_halves, write_whole

log = structlog.get_logger(__name__)
MOST_OCTETS: Final = 3 << 20
MOST_WIDTH, MOST_HEIGHT = 4096, 2400
OLD_EVERY_S, OLD_AT_ONCE = 600.0, 200
FRAMES: Final = frozenset((0xC0, 0xC1, 0xC2))
"""Start of frame: baseline, extended, progressive. Source: ITU-T T.81 table B.1."""


def size_of_jpeg(octets: bytes) -> tuple[int, int]:
    """Width and height. Raises UnusableSnapshot unless it is a whole JPEG within the bounds. Source: ITU-T T.81 annex B."""
    if len(octets) > MOST_OCTETS:
        raise UnusableSnapshot(why_zh=f"超过 {MOST_OCTETS >> 20} MB", why_en=f"it is larger than {MOST_OCTETS >> 20} MB")
    at = 2
    if octets[:2] == b"\xff\xd8" and octets[-2:] == b"\xff\xd9":
        while at + 9 <= len(octets) and octets[at] == 0xFF:
            marker, length = octets[at + 1], int.from_bytes(octets[at + 2 : at + 4])
            if marker in FRAMES:
                height, width = (int.from_bytes(octets[at + shift : at + shift + 2]) for shift in (5, 7))
                if not (16 <= width <= MOST_WIDTH and 16 <= height <= MOST_HEIGHT):
                    raise UnusableSnapshot(why_zh=f"尺寸 {width}×{height} 超限", why_en=f"{width} by {height} is out of bounds")
                return width, height
            at += 2 + length
    raise UnusableSnapshot(why_zh="不是完整的 JPEG", why_en="it is not a whole JPEG")


class Snapshots:
    """`folder`: of the files, `ab/abcd….jpg` by the SHA-256 of what they hold."""

    def __init__(
        self,
        settings: VideoPatrolsSection,
        folder: Path,
        store: Store,
        audit: Audit,
        duty: Duty,
        masks: Masks,
        cameras: Cameras,
        rounds: Rounds,
        doing: Doing,
    ) -> None:
        self._settings = settings
        self._folder = folder
        self._store = store
        self._audit = audit
        self._duty = duty
        self._masks = masks
        self._cameras = cameras
        self._rounds = rounds
        self._doing = doing
        self._watch: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Old ones go by themselves; those of which a process was killed in the middle go now."""
        await asyncio.to_thread(remove_halves, self._folder)
        self._watch = keep("patrol-snapshots", self._follow)

    async def stop(self) -> None:
        """Ends that."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)

    async def add(self, who: Principal, number: int, stop: int, octets: bytes) -> str:
        """Keeps a picture of the stop that is being looked at; its digest, to be sent with the finding.

        Raises what `Doing.at` does, NotOpened, UnknownSession, UnmaskedSnapshot, UnusableSnapshot, SnapshotsFull, SnapshotNotKept.
        """
        width, height = size_of_jpeg(octets)
        digest = hashlib.sha256(octets).hexdigest()
        async with self._rounds.turn:
            here = self._doing.at(who, number, stop)
            shown = self._doing.picture(who, here)
            if self._masks.has(here.stop.camera) and not shown.masked:
                raise UnmaskedSnapshot()
            async with self._store.reading() as tx:
                kept = await queries.snapshot_octets(tx)
            if kept + len(octets) > self._settings.snapshots_mb << 20:
                raise SnapshotsFull(limit=self._settings.snapshots_mb)
            mark, ground = f"{here.round.mark}#{stop}", self._duty.ground(here.shift)
            said = f"sha256 {digest}, {width}x{height}, {len(octets)} bytes"
            await self._audit.record(who, Act.PATROL_SNAPSHOT, here.stop.camera, range=mark, detail=said, under=ground)
            try:
                await asyncio.to_thread(write_whole, self._path(digest), octets)
            except OSError as error:
                raise SnapshotNotKept(what=error.strerror or str(error)) from error
            facts = {"camera": here.stop.camera, "round": number, "stop": stop, "user_id": who.user_id, "name": who.name}
            size = {"octets": len(octets), "width": width, "height": height}
            async with self._store.transaction() as tx:
                await queries.add_snapshot(tx, digest=digest, at=self._duty.now(), masked=shown.masked, **facts, **size)
        return digest

    async def get(self, who: Principal, camera: str, digest: str) -> bytes:
        """One of a camera that this person may look at. Raises UnknownSnapshot, UnknownCamera, MaskedSince, AuditUnavailable."""
        async with self._store.reading() as tx:
            row = await queries.snapshot_of(tx, digest)
        if row is None or row.camera != camera:
            raise UnknownSnapshot()
        if not row.masked and self._masks.hides((await self._cameras.get(camera)).facts, who):
            raise MaskedSince()
        await self._audit.record(who, Act.PATROL_SNAPSHOT_VIEW, camera, detail=f"sha256 {digest}", recipient=who.name)
        try:
            return await asyncio.to_thread(self._path(digest).read_bytes)
        except OSError as error:
            log.warning("a snapshot of a patrol is not on disk", digest=digest, what=str(error))
            raise UnknownSnapshot() from error

    def _path(self, digest: str) -> Path:
        return self._folder / digest[:2] / f"{digest}.jpg"

    async def _follow(self) -> None:
        while True:
            try:
                await self.look()
            except (StorageFault, OSError) as error:
                log.warning("old snapshots of patrols could not be removed", what=str(error))
            await asyncio.sleep(OLD_EVERY_S)

    async def look(self) -> None:
        """Removes what is older than may be, on record. Raises StorageFault, OSError."""
        now = self._duty.now()
        async with self._store.reading() as tx:
            old = await queries.snapshots_before(tx, now - self._settings.snapshot_days * 86_400, OLD_AT_ONCE)
        for one in old:
            await asyncio.to_thread(self._path(one.digest).unlink, missing_ok=True)
            said = f"sha256 {one.digest}, older than {self._settings.snapshot_days} days"
            self._audit.record_end(NODE, Act.PATROL_SNAPSHOT_REMOVE, one.camera, detail=said)
        if old:
            async with self._store.transaction() as tx:
                await queries.remove_snapshots(tx, [one.digest for one in old], now)
