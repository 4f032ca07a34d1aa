"""What a unit shows of the place: on disk and in the incident's time line before the phone is answered, looked at on record."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.access import EVERYWHERE, Principal, Scope
from fengsui.features.audit import NODE, Act, Audit
from fengsui.features.device_files import Photos
from fengsui.features.dispatch import queries
from fengsui.features.dispatch.actions import Dispatch, Sent
from fengsui.features.dispatch.errors import PhotoGone, TooManyPhotos, UnknownPhoto
from fengsui.features.dispatch.model import PHOTO, Task, photo_known, photos_gone, photos_of, without_photos
from fengsui.features.incidents import Incident, Incidents, LineKind, noted
from fengsui.store import Store

FOLDER: Final = "task-photos"
MOST_OCTETS: Final = 12 << 20
MOST_PHOTOS: Final = 20
"""Of one task."""


class TaskPhotos:
    """Kept by the hash of what is kept: upright, without where and by what it was taken."""

    def __init__(self, data: Path, store: Store, audit: Audit, incidents: Incidents, dispatch: Dispatch) -> None:
        self._photos = Photos(data, FOLDER)
        self._one = asyncio.Semaphore(1)
        """A small file may be a large picture in memory: one at a time. Also had by whoever removes files that nobody names."""
        self._store = store
        self._audit = audit
        self._incidents = incidents
        self._dispatch = dispatch

    async def start(self) -> None:
        """What was half-written goes."""
        await asyncio.to_thread(self._photos.tidy)

    async def add(self, who: Principal, where: Sequence[Scope], task_id: int, octets: bytes, text: str, how: Sent) -> Task:
        """The same again under the same key is one. `octets`: as they came, at most `MOST_OCTETS`.

        Raises UnknownTask, StepKeyReused, TooManyPhotos, NotNow, UnusablePhoto, PhotoNotKept, AuditUnavailable, StorageFault.
        """
        task = await self._dispatch.task(where, task_id)
        if photo_known(task, how.key):
            return task
        if len(photos_of(task)) >= MOST_PHOTOS:
            raise TooManyPhotos(limit=MOST_PHOTOS)
        async with self._one:
            return await self._add(who, where, task, octets, text, how)

    async def _add(self, who: Principal, where: Sequence[Scope], task: Task, octets: bytes, text: str, how: Sent) -> Task:
        name = await asyncio.to_thread(self._photos.keep, octets)
        unit = await self._dispatch.unit([EVERYWHERE], task.unit)

        async def check(one: Incident) -> None:
            nonlocal task
            task = await self._dispatch.task(where, task.id)

        def change(one: Incident, at: float) -> Incident:
            nonlocal task
            if not photo_known(task, how.key):
                if len(photos_of(task)) >= MOST_PHOTOS:
                    raise TooManyPhotos(limit=MOST_PHOTOS)
                task = replace(task, keys={**task.keys, how.key or name: PHOTO + name})
                return noted(one, at)
            raise _DoneBefore()

        async def write(tx: AsyncConnection, one: Incident, at: float) -> None:
            await queries.keep_task(tx, task)

        came = hashlib.sha256(octets).hexdigest()
        facts: dict[str, object] = {"unit": unit.call_sign, "task": task.id, "step": "photo", "photo": name, "sent_sha256": came}
        facts |= {"pressed_at": how.pressed_at} if how.pressed_at else {}
        told: dict[str, Any] = {"text": text, "facts": facts, "check": check, "beside": write}
        try:
            await self._incidents.act(who, where, task.incident, Act.TASK_STEP, LineKind.UNIT, change, **told)
        except _DoneBefore:
            return task
        return task

    async def look(self, who: Principal, where: Sequence[Scope], task_id: int, name: str) -> bytes:
        """On record before it is given. Raises UnknownTask, UnknownPhoto, PhotoGone, AuditUnavailable, StorageFault."""
        task = await self._dispatch.task(where, task_id)
        if name not in photos_of(task):
            raise PhotoGone() if name in photos_gone(task) else UnknownPhoto()
        one = await self._dispatch.incident_of(task)
        await self._audit.record(who, Act.TASK_PHOTO, one.number, range=one.area, detail=f"task {task_id}; sha256 {name}")
        octets = await asyncio.to_thread(self._photos.read, name)
        if octets is None:
            raise UnknownPhoto()
        return octets

    async def let_go(self, id: int, one: Incident, why: str) -> set[str]:
        """All photos of a task of an incident that is over, on record: their names, of which nobody is told any more.

        Raises AuditUnavailable, StorageFault."""
        async with self._one, self._dispatch.turn:
            task = await self._dispatch.task([EVERYWHERE], id)
            names = photos_of(task)
            if not names or (await self._dispatch.incident_of(task)).is_open:
                return set()
            said = f"task {id}; {why}; sha256 {', '.join(names)}"
            await self._audit.record(NODE, Act.TASK_PHOTO_REMOVE, one.number, range=one.area, detail=said)
            async with self._store.transaction(act=False) as tx:
                await queries.keep_task(tx, without_photos(task))
        return set(names)

    async def remove_unnamed(self, gone: Collection[str], before: float) -> None:
        """Files of these, and those from before then, that no task names: the same picture may belong to two, and a kill may leave
        one that belongs to none. Raises StorageFault, OSError."""
        old = await asyncio.to_thread(self._photos.old, before)
        async with self._one:
            async with self._store.reading() as tx:
                named = await queries.photo_names(tx)
            for name in {*gone, *old} - named:
                await asyncio.to_thread(self._photos.forget, name)


class _DoneBefore(Exception):
    """It came while this one waited."""
