"""Follows the log's files into the store's index, and reads records by it. The files alone are the log."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from fengsui.errors import FengsuiError
from fengsui.features.audit import queries
from fengsui.features.audit.folder import Segment, segments
from fengsui.features.audit.model import AuditRecord, record_of
from fengsui.features.audit.queries import Wanted
from fengsui.loops import keep
from fengsui.store import Store

log = structlog.get_logger(__name__)
BATCH, REST_S, AGAIN_S = 2_000, 0.3, 5.0


@dataclass(frozen=True, slots=True)
class Found:
    """A record as it stands in the file. `intact`: its own hash fits."""

    sequence: int
    line: bytes
    record: AuditRecord | None
    intact: bool


class Index:
    """Never in the way of an act: it follows behind, and readers wait for it."""

    def __init__(self, store: Store, folder: Path) -> None:
        self._store = store
        self._folder = folder
        self._turn = asyncio.Lock()
        self._wanted = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._at: tuple[int, int, int] = (0, 0, 0)
        """Sequence of the last indexed record, its segment, and where the next begins."""

    async def start(self) -> None:
        """Finds its place; begins anew when the index is not of these files, or rows were taken out of it."""
        async with self._store.reading() as tx:
            newest, count = await queries.last(tx), await queries.count(tx)
        if newest is not None:
            place = (newest.sequence, newest.segment, newest.place + newest.length)
            line = await asyncio.to_thread(_line, self._folder, newest.segment, newest.place, newest.length)
            first = next((one.first for one in await asyncio.to_thread(segments, self._folder)), 1)
            lacking = newest.sequence - first + 1 - count
            if _sequence(line) == newest.sequence and lacking == 0:
                self._at = place
            else:
                log.warning("the index of the audit log is made anew", lacking=lacking)
                async with self._store.transaction() as tx:
                    await queries.forget_all(tx)
        self._task = keep("audit-index", self._follow)

    async def stop(self) -> None:
        """What is not indexed yet is at the next start."""
        if self._task is not None:
            async with self._turn:  # not in the middle of a transaction: what is cut off there may keep the database locked
                self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def grown(self) -> None:
        """There are new records."""
        self._wanted.set()

    async def _follow(self) -> None:
        self._wanted.set()
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            try:
                await self.catch_up()
                await asyncio.sleep(REST_S)
            except (FengsuiError, OSError) as error:
                log.warning("the index of the audit log is behind", what=str(error))
                self._wanted.set()
                await asyncio.sleep(AGAIN_S)

    async def catch_up(self) -> None:
        """Every durable record is in the index when this returns. Raises StorageFault, OSError."""
        async with self._turn:
            while True:
                rows, at = await asyncio.to_thread(_rows_after, self._folder, self._at)
                if rows:
                    async with self._store.transaction() as tx:
                        await queries.add(tx, rows)
                self._at = at
                if len(rows) < BATCH:
                    return

    async def forget(self, until: int) -> None:
        """Records that were removed."""
        async with self._store.transaction() as tx:
            await queries.forget(tx, until)

    async def page(self, wanted: Wanted, before: int, limit: int) -> list[Found]:
        """The newest first."""
        await self.catch_up()
        async with self._store.reading() as tx:
            rows = await queries.page(tx, wanted, before, limit)
        return await asyncio.to_thread(_read, self._folder, rows)


def _rows_after(folder: Path, at: tuple[int, int, int]) -> tuple[list[dict[str, Any]], tuple[int, int, int]]:
    """At most a batch of rows behind a place, and the place behind them."""
    rows: list[dict[str, Any]] = []
    for segment in segments(folder):
        if segment.first < at[1]:
            continue
        place = at[2] if segment.first == at[1] else 0
        for line in _lines(segment, place):
            record = _record(line)
            if record is not None and record.sequence > at[0]:
                rows.append(_row(record, segment.first, place, len(line)))
                at = (record.sequence, segment.first, place + len(line))
            place += len(line)
            if len(rows) == BATCH:
                return rows, at
    return rows, at


def _lines(segment: Segment, place: int) -> Iterator[bytes]:
    with segment.path.open("rb") as stream:
        stream.seek(place)
        for line in stream:
            if line.endswith(b"\n"):
                yield line


def _record(line: bytes) -> AuditRecord | None:
    try:
        return record_of(line)
    except ValueError:
        return None


def _sequence(line: bytes) -> int:
    record = _record(line)
    return record.sequence if record is not None else 0


def _row(record: AuditRecord, segment: int, place: int, length: int) -> dict[str, Any]:
    facts = {name: getattr(record, name) for name in ("sequence", "at", "person", "act", "object", "ticket", "case", "result")}
    return {**facts, "segment": segment, "place": place, "length": length}


def _line(folder: Path, segment: int, place: int, length: int) -> bytes:
    try:
        with Segment(folder, segment).path.open("rb") as stream:
            stream.seek(place)
            return stream.read(length)
    except FileNotFoundError:
        return b""


def _read(folder: Path, rows: Sequence[queries.Row]) -> list[Found]:
    return [_found(row.sequence, _line(folder, row.segment, row.place, row.length)) for row in rows]


def _found(sequence: int, line: bytes) -> Found:
    record = _record(line)
    fits = record is not None and record.sequence == sequence
    return Found(sequence, line, record if fits else None, fits and hashlib.sha256(line[65:-1]).hexdigest() == line[:64].decode())


def lines_of(found: Iterable[Found]) -> list[tuple[int, bytes]]:
    """For an extract, in the order of the log."""
    return sorted((one.sequence, one.line) for one in found)
