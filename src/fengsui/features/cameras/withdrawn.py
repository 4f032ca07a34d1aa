"""Cameras that left the catalogue while there was footage of them: the facts by which the right to it is decided stay."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.clock import Clock
from fengsui.features.access import CameraClass, CameraFacts, Place, Scope
from fengsui.features.cameras import queries
from fengsui.features.cameras import queries_withdrawn as past
from fengsui.features.cameras.model import KeptCamera, UnknownCamera, stricter
from fengsui.features.cameras.rows import placed
from fengsui.features.cameras.tables import withdrawn_cameras
from fengsui.store import Store, is_row_whole

RecordsOf = Callable[[AsyncConnection, Sequence[str]], Awaitable[Collection[str]]]
"""Those of these cameras of which there is footage, or anything on record about it."""


MOVED_KEPT_S: Final = 400 * 86_400.0
"""How long it stays known where one was that is elsewhere now: as long as days and removals are, and devices' own recordings."""


async def _all(tx: AsyncConnection, codes: Sequence[str]) -> Collection[str]:
    return codes


class KeptCameras:
    """What the rooms of footage ask instead of the catalogue. A camera that comes back as it left is itself again; one that comes
    back elsewhere, or whose code is another device's channel, opens no footage from before to whom that was closed.
    """

    def __init__(self, store: Store, clock: Clock, default_class: CameraClass) -> None:
        self._store = store
        self._clock = clock
        self._default_class = default_class
        self._any = False
        """Whether there may be one: without any, nothing is asked when cameras come."""
        self.records_of: RecordsOf = _all
        """Set at composition."""
        self.references: list[sa.Select[tuple[str]]] = []
        """Columns of other rooms that name cameras: what is named there stays known. Rooms add theirs at composition."""

    async def start(self) -> None:
        """Whether any left."""
        async with self._store.reading() as tx:
            self._any = await past.any_(tx)

    # Leaving and coming back

    async def keep(self, tx: AsyncConnection, device: str, codes: Sequence[str]) -> None:
        """Before items of a device are taken away: those of its cameras of which there is footage stay known."""
        rows = {code: row for code, row in (await queries.cameras_of(tx, codes)).items() if row.device == device}
        if not rows or not (recorded := await self._kept_for(tx, sorted(rows))):
            return
        before, now = await past.of(tx, sorted(recorded)), self._clock.now().timestamp()
        kept = []
        for code in sorted(recorded):
            row = rows[code]
            facts = self._facts(tx, row)
            if code in before:
                facts = stricter(facts, self._then(tx, before[code]))
            longitude, latitude = self._place(row) or (None, None)
            kept.append(
                {
                    "code": code,
                    "device": device,
                    "name": row.own_name or row.name,
                    "area": facts.area,
                    "camera_class": facts.camera_class.value,
                    "longitude": longitude,
                    "latitude": latitude,
                    "withdrawn_at": now,
                }
            )
        self._any = True
        await past.write(tx, kept)

    async def _kept_for(self, tx: AsyncConnection, codes: Sequence[str]) -> Collection[str]:
        found = set(await self.records_of(tx, codes))
        return found | await past.named_in(tx, self.references, [code for code in codes if code not in found])

    async def settle(self, tx: AsyncConnection, codes: Sequence[str]) -> None:
        """Once cameras are written: of those that are as they left nothing more is kept."""
        if not self._any or not codes or not (before := await past.of(tx, codes)):
            return
        rows = await queries.cameras_of(tx, sorted(before))
        back = [code for code, row in rows.items() if self._facts(tx, row) == self._then(tx, before[code])]
        await past.forget(tx, back)

    async def forget_unrecorded(self, begins: Callable[[str], float | None]) -> None:
        """What is kept for nothing any more. `begins`: when a camera's oldest footage does, seconds since 1970; None: it has none.

        Raises StorageFault.
        """
        if not self._any:
            return
        async with self._store.transaction() as tx:
            left = await past.left_at(tx)
            recorded = await self._kept_for(tx, sorted(left))
            long_ago = self._clock.now().timestamp() - MOVED_KEPT_S
            gone = [code for code, (at, back) in left.items() if code not in recorded and (not back or at < long_ago)]
            for code, (at, back) in left.items():
                if back and at < long_ago and code in recorded and (oldest := begins(code)) is not None and oldest >= at:
                    gone.append(code)
            await past.forget(tx, gone)

    # Asking

    async def has(self, tx: AsyncConnection, code: str) -> bool:
        """Whether it left, and is known."""
        return self._any and code in await past.of(tx, [code])

    async def get(self, code: str) -> KeptCamera:
        """Raises UnknownCamera: it is not there, and nothing is known of it."""
        found = (await self.many([code])).get(code)
        if found is None:
            raise UnknownCamera(camera=code)
        return found

    async def many(self, codes: Sequence[str]) -> dict[str, KeptCamera]:
        """Those of these cameras that are there, or known."""
        async with self._store.reading() as tx:
            rows = await queries.cameras_of(tx, codes)
            before = await past.of(tx, codes) if self._any else {}
            found: dict[str, KeptCamera] = {}
            for code in dict.fromkeys(codes):
                row, old = rows.get(code), before.get(code)
                now = None if row is None else self._facts(tx, row)
                then = None if old is None else self._then(tx, old)
                left_at = 0.0 if old is None else float(old.withdrawn_at)
                left = (left_at, "" if old is None else old.device)
                if row is not None:
                    found[code] = KeptCamera(code, row.device, row.own_name or row.name, self._place(row), now, then, *left)
                elif old is not None:
                    place = None if old.longitude is None or old.latitude is None else (old.longitude, old.latitude)
                    found[code] = KeptCamera(code, old.device, old.name, place, now, then, *left)
        return found

    async def last_facts(self, code: str) -> CameraFacts | None:
        """Of one that is not there."""
        if not self._any:
            return None
        found = (await self.many([code])).get(code)
        return None if found is None else found.facts

    async def place_of(self, code: str, since: float, until: float) -> CameraFacts | Place:
        """As `KeptCamera.facts_of`; of one that nobody knows, nowhere: only whoever holds everything may."""
        found = (await self.many([code])).get(code)
        return Place(code, "") if found is None else found.facts_of(since, until)

    async def places_of(self, code: str, since: float, until: float) -> Sequence[CameraFacts | Place]:
        """As `KeptCamera.places_of`; of one that nobody knows, nowhere."""
        found = (await self.many([code])).get(code)
        return [Place(code, "")] if found is None else found.places_of(since, until)

    async def withdrawn(
        self, scope: Scope, like: str, behind: tuple[float, str] | None, limit: int
    ) -> tuple[list[KeptCamera], tuple[float, str] | None, int]:
        """Those that left from inside `scope` and are not there, or are elsewhere beyond it, the last that left first; behind which
        there are more; and how many there are. Their name is the one with which they left. `behind`: when the last of the page
        before left, seconds since 1970, and its code.
        """
        async with self._store.reading() as tx:
            rows = await past.listed(tx, scope, self._default_class, like, behind=behind, limit=limit + 1)
            total = await past.count(tx, scope, self._default_class, like)
            page = rows[:limit]
            # What was changed past the node is nobody's but theirs who hold everything.
            names = {row.code: row.name for row in page if scope.holds((facts := self._then(tx, row)).area, facts.camera_class)}
        found = await self.many(list(names))
        following = (float(page[-1].withdrawn_at), str(page[-1].code)) if len(rows) > limit else None
        return [replace(found[code], name=name) for code, name in names.items() if code in found], following, total

    async def moved(self, codes: Sequence[str]) -> dict[str, KeptCamera]:
        """Those of these cameras that left and came back elsewhere. Raises StorageFault."""
        if not self._any:
            return {}
        return {code: one for code, one in (await self.many(codes)).items() if one.now is not None and one.then is not None}

    def _facts(self, tx: AsyncConnection, row: Any) -> CameraFacts:
        return CameraFacts(row.code, *placed(row, self._class, whole=queries.note_is_whole(tx, row)))

    def _then(self, tx: AsyncConnection, row: Any) -> CameraFacts:
        """What was changed past the node is nobody's but theirs who hold everything."""
        if not is_row_whole(tx, withdrawn_cameras, row):
            return CameraFacts(row.code, "", CameraClass.RESTRICTED)
        return CameraFacts(row.code, row.area, CameraClass(row.camera_class))

    def _class(self, stored: str) -> CameraClass:
        return CameraClass(stored) if stored else self._default_class

    def _place(self, row: Any) -> tuple[float, float] | None:
        for longitude, latitude in ((row.own_longitude, row.own_latitude), (row.longitude, row.latitude)):
            if longitude is not None and latitude is not None:
                return longitude, latitude
        return None
