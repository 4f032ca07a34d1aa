"""What was handed over of clips, on disk: a file that leaves the house outlasts the node's memory of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, NamedTuple

import structlog
from prometheus_client import Gauge

from fengsui.errors import StorageFault
from fengsui.features.clips import queries
from fengsui.features.clips.model import FootageFacts, Taken
from fengsui.features.clips.tables import clip_files
from fengsui.store import Store, is_row_whole

log = structlog.get_logger(__name__)
MOST_LOOKED_AT = 500
"""Of a request the last, where it is decided what of it is still to be taken: older ones than so many do not count."""
UNWRITTEN = Gauge("fengsui_clip_files_unwritten", "Manifests of clips that are not in the database yet")


class Kept(NamedTuple):
    """One file of a request, or a try; `manifest` empty: it is no file."""

    request: str
    taken: Taken
    manifest: Mapping[str, Any]


class ClipFiles:
    """Those that are not written yet are told as well; the media core tells of them where nobody can wait for a database."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._unwritten: list[Kept] = []

    def add(self, request: str, taken: Taken, manifest: Mapping[str, Any]) -> None:
        """It is written by the next `write`."""
        self._unwritten.append(Kept(request, taken, manifest))
        UNWRITTEN.set(len(self._unwritten))

    async def write(self) -> None:
        """What waits. A database that is away is tried again."""
        some = list(self._unwritten)
        if not some:
            return
        try:
            async with self._store.transaction(act=False) as tx:
                for one in some:
                    manifest = json.dumps(one.manifest, ensure_ascii=False) if one.manifest else ""
                    await queries.add(tx, one.request, one.taken.from_us, written(one.taken), manifest)
        except StorageFault as fault:
            log.error("manifests of clips could not be stored", files=len(some), why=str(fault))
            return
        del self._unwritten[: len(some)]
        UNWRITTEN.set(len(self._unwritten))

    async def of(self, requests: Sequence[str], most: int = MOST_LOOKED_AT) -> dict[str, list[Kept]]:
        """By request, as they were told, of each the last `most`. Raises StorageFault."""
        wanted = set(requests)
        waiting = [one for one in self._unwritten if one.request in wanted]
        async with self._store.reading() as tx:
            rows = await queries.of_requests(tx, list(requests), most)
        stored = [_kept(*row) for row in rows]
        found: dict[str, list[Kept]] = {}
        for one in [*stored, *(one for one in waiting if one not in stored)]:
            found.setdefault(one.request, []).append(one)
        return found

    async def found(self, request: str, from_us: int | None, sha256: str) -> list[Kept]:
        """Those of a request that begin there, or have this hash, as they were told. Raises StorageFault."""
        async with self._store.reading() as tx:
            rows = await queries.page(tx, request, from_us=from_us, sha256=sha256, limit=MOST_LOOKED_AT)
            stored = [_kept(row.request, row.facts, row.manifest) for row in reversed(rows) if is_row_whole(tx, clip_files, row)]
        some = [*stored, *(one for one in self._unwritten if one.request == request and one not in stored)]
        return [one for one in some if from_us in (None, one.taken.from_us) and sha256 in ("", one.taken.sha256)]

    async def page(self, request: str, before: int, limit: int) -> tuple[list[Taken], int | None, int]:
        """What is written of one request, file or try, the last first; before which there is more, and how many there are.
        `before`: 0 for the first page. Raises StorageFault.
        """
        async with self._store.reading() as tx:
            rows = await queries.page(tx, request, before=before, limit=limit + 1)
            total = (await queries.count(tx, [request])).get(request, 0)
            items = [read(row.facts) for row in rows[:limit] if is_row_whole(tx, clip_files, row)]
        return items, rows[limit - 1].id if len(rows) > limit else None, total

    async def count(self, requests: Sequence[str]) -> dict[str, int]:
        """How many are written of each. Raises StorageFault."""
        async with self._store.reading() as tx:
            return await queries.count(tx, requests)


def _kept(request: str, facts: str, manifest: str) -> Kept:
    return Kept(request, read(facts), json.loads(manifest) if manifest else {})


def last_of(files: Iterable[Kept]) -> list[Kept]:
    """By where they begin. Of several that begin there the last that became a file."""
    parts: dict[int, Kept] = {}
    for one in files:
        known = parts.get(one.taken.from_us)
        if known is None or one.taken.is_file or not known.taken.is_file:
            parts[one.taken.from_us] = one
    return [one for _, one in sorted(parts.items())]


def written(taken: Taken) -> str:
    """As JSON."""
    return json.dumps(asdict(taken) | {"at": taken.at.isoformat()}, ensure_ascii=False)


def read(text: str) -> Taken:
    """The contrary."""
    told = json.loads(text)
    facts = told["footage"]
    pairs = {name: tuple((since, until) for since, until in facts[name]) for name in ("fetched", "missing")}
    ahead = facts["camera_ahead_us"]
    footage = FootageFacts(**{**facts, **pairs, "camera_ahead_us": None if ahead is None else tuple(ahead)})
    return Taken(**{**told, "at": datetime.fromisoformat(told["at"]), "footage": footage})
