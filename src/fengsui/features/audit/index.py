"""Follows the log's files into the store's index, and reads records by it. The files alone are the log.

The index is a table that whoever holds the database can write: it only says where to look. What is told of a record is read from
the file, and a record that is not what was asked for is left out. After each start, and once a day, every row is compared with
the files; one that is not as they say is made anew, and how many there were goes on record (rule A36).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import structlog

from fengsui.errors import FengsuiError
from fengsui.features.audit import queries
from fengsui.features.audit.folder import Segment, segments
from fengsui.features.audit.log import AuditLog
from fengsui.features.audit.model import AuditRecord, is_intact, record_of
from fengsui.features.audit.queries import Wanted
from fengsui.loops import keep
from fengsui.store import Store

log = structlog.get_logger(__name__)
BATCH, REST_S, AGAIN_S = 2_000, 0.3, 5.0
COMPARE_EVERY_S, COMPARED_WITHIN_S = 86_400.0, 5.0
"""How long a reader waits for the first comparison."""
Place = tuple[int, int, int]
"""Sequence of a record, the first of its file, and where the next begins."""


@dataclass(frozen=True, slots=True)
class Found:
    """A record as it stands in the file. `intact`: its own hash fits."""

    sequence: int
    line: bytes
    record: AuditRecord | None
    intact: bool


class Index:
    """Never in the way of an act: it follows behind, and readers wait for it."""

    def __init__(self, store: Store, files: AuditLog) -> None:
        self._store = store
        self._files = files
        self._turn = asyncio.Lock()
        self._wanted = asyncio.Event()
        self._compared = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._at: Place = (0, 0, 0)

    async def start(self, differs: Callable[[int], Awaitable[None]] | None = None) -> None:
        """Finds its place. `differs`: told how many rows were not as the files say."""
        differing = 0
        async with self._store.transaction(act=False) as tx:
            differing += await queries.forget_after(tx, self._files.sequence)
            newest = await queries.last(tx)
            if newest is not None:
                line = await asyncio.to_thread(_line, self._files.folder, newest.segment, newest.place, newest.length)
                if _sequence(line) == newest.sequence:
                    self._at = (newest.sequence, newest.segment, newest.place + newest.length)
                else:
                    differing += await queries.count(tx)
                    await queries.forget_all(tx)
        if newest is not None and not self._at[0]:
            log.warning("the index of the audit log is made anew")
        self._tasks = [
            keep("audit-index", self._follow),
            keep("audit-index-compared", lambda: self._keep_compared(differing, differs)),
        ]

    async def stop(self) -> None:
        """What is not indexed yet is at the next start."""
        async with self._turn:  # not in the middle of a transaction: what is cut off there may keep the database locked
            for task in self._tasks:
                task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

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
        while True:
            async with self._turn:
                rows, at = await asyncio.to_thread(_rows_after, self._files.folder, self._at, self._files.durable)
                if rows:
                    async with self._store.transaction(act=False) as tx:
                        await queries.add(tx, rows)
                self._at = at
            if len(rows) < BATCH:
                return

    async def _keep_compared(self, differing: int, differs: Callable[[int], Awaitable[None]] | None) -> None:
        while True:
            try:
                differing += await self.compare()
                self._compared.set()
                if differing and differs is not None:
                    await differs(differing)
                differing = 0
                await asyncio.sleep(COMPARE_EVERY_S)
            except (FengsuiError, OSError) as error:
                log.warning("the index of the audit log could not be compared with its files", what=str(error))
                await asyncio.sleep(AGAIN_S)

    async def compare(self) -> int:
        """Every row with the files, up to the last that is indexed; makes good what differs, and returns how many did.

        Raises StorageFault, OSError.
        """
        differing, before, at = 0, 0, (0, 0, 0)
        while at[0] < self._at[0]:
            async with self._turn:
                rows, at = await asyncio.to_thread(_rows_after, self._files.folder, at, self._files.durable)
                if not rows:
                    return differing
                rows = [row for row in rows if row["sequence"] <= self._at[0]]
                before, last = max(before, rows[0]["sequence"] - 1), min(at[0], self._at[0])
                async with self._store.reading() as tx:
                    found = await queries.between(tx, before, last)
                wrong = _differing(rows, found)
                if wrong:
                    async with self._store.transaction(act=False) as tx:
                        await queries.replace(tx, before, last, rows)
                differing, before = differing + wrong, last
            await asyncio.sleep(0)  # there may be many: others have their turn
        return differing

    async def forget(self, until: int) -> None:
        """Records that were removed."""
        async with self._store.transaction(act=False) as tx:
            await queries.forget(tx, until)

    async def page(self, wanted: Wanted, before: int, limit: int) -> list[Found]:
        """The newest first. Raises StorageFault, OSError."""
        await self.catch_up()
        with suppress(TimeoutError):  # a long log is compared while it is read
            async with asyncio.timeout(COMPARED_WITHIN_S):
                await self._compared.wait()
        kept: list[Found] = []
        while len(kept) < limit:
            async with self._store.reading() as tx:
                rows = await queries.page(tx, wanted, before, limit - len(kept))
            if not rows:
                break
            before = rows[-1].sequence
            found = await asyncio.to_thread(_read, self._files.folder, rows)
            kept += [one for one in found if one.record is None or wanted.fits(one.record)]
        return kept

    async def in_files(self, wanted: Wanted, limit: int) -> list[Found]:
        """By the files alone, in their order: what is signed for an auditor. At most `limit`. Raises OSError."""
        return await asyncio.to_thread(_searched, self._files.folder, wanted, limit, self._files.durable)


def _searched(folder: Path, wanted: Wanted, limit: int, until: tuple[int, int]) -> list[Found]:
    found: list[Found] = []
    marks = [msgspec.json.encode(value) for value in wanted.words]
    for segment in segments(folder):
        for line in _lines(segment, 0, until):
            if not all(mark in line for mark in marks):
                continue
            record = _record(line)
            if record is not None and wanted.fits(record):
                found.append(_found(record.sequence, line))
                if len(found) == limit:
                    return found
    return found


def _differing(rows: list[dict[str, Any]], found: Sequence[queries.Row]) -> int:
    """How many rows are lacking, too many or not as they should be."""
    there = {row.sequence: tuple(row) for row in found}
    names = queries.COLUMNS
    should = {row["sequence"]: tuple(row[name] for name in names) for row in rows}
    if there == should:
        return 0
    return sum(there.get(number) != should.get(number) for number in there.keys() | should.keys())


def _rows_after(folder: Path, at: Place, until: tuple[int, int]) -> tuple[list[dict[str, Any]], Place]:
    """At most a batch of rows behind a place, and the place behind them. `until`: see `AuditLog.durable`."""
    rows: list[dict[str, Any]] = []
    for segment in segments(folder):
        if segment.first < at[1]:
            continue
        place = at[2] if segment.first == at[1] else 0
        for line in _lines(segment, place, until):
            record = _record(line)
            if record is not None and record.sequence > at[0]:
                rows.append(_row(record, segment.first, place, len(line)))
                at = (record.sequence, segment.first, place + len(line))
            place += len(line)
            if len(rows) == BATCH:
                return rows, at
    return rows, at


def _lines(segment: Segment, place: int, until: tuple[int, int]) -> Iterator[bytes]:
    if segment.first > until[0]:
        return
    with suppress(FileNotFoundError), segment.path.open("rb") as stream:  # removed meanwhile, as too old
        stream.seek(place)
        for line in stream:
            place += len(line)
            if segment.first == until[0] and place > until[1]:
                return
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
    return Found(sequence, line, record if fits else None, fits and is_intact(line))


def lines_of(found: Iterable[Found]) -> list[tuple[int, bytes]]:
    """For an extract, in the order of the log."""
    return sorted((one.sequence, one.line) for one in found)
