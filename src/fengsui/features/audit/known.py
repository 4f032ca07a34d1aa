"""What the node believes of its log, from the log's files alone: whoever writes the database changes nothing of it (rule A36).

Of a few acts the newest records of each object are known by their place. A record counts when it bears the node's seal. Where
that stood at the last look is kept in a file beside the log, under a seal of its own and with the hash of the record that it
reached, so that a start reads only what came since; without that file, or with one that does not fit, the whole log is read.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack, suppress
from typing import BinaryIO, Final, NamedTuple

import msgspec
import structlog

from fengsui.features.audit.acts import Act
from fengsui.features.audit.folder import Segment, segments
from fengsui.features.audit.log import AuditLog
from fengsui.features.audit.model import NO_HASH, AuditRecord, is_intact, is_sealed, record_of

log = structlog.get_logger(__name__)
FILE: Final = "known"
KEPT: Final[Mapping[str, int]] = {
    **dict.fromkeys((Act.RIGHTS_STATE, Act.MASKS_STATE, Act.SETTINGS_STATE, Act.EMERGENCY_END), 1),
    **dict.fromkeys((Act.DATABASE_SEALED, Act.DATABASE_CHANGED), 50),
    **dict.fromkeys(
        (Act.POLICY_STATE, Act.DUTY_VACANT, Act.DUTY_SIGN_OFF, Act.DUTY_END, Act.TICKET_RECONCILE, Act.MASK_REMOVE), 200
    ),
    Act.CLOCK_SET: 100_000,
}
"""So many of the newest records of each object."""
CARRIED: Final = (Act.DATABASE_SEALED, Act.POLICY_STATE, Act.RIGHTS_STATE, Act.MASKS_STATE, Act.SETTINGS_STATE)
"""What must stay known when the file that holds it is removed for its age."""
CARRIED_FROM: Final = "as record "
_MARKS = tuple(f'"{act}"'.encode() for act in KEPT)
_VERSION = 2
"""Another one with other acts: what is kept of an old file lacks them."""
SAVE_OCTETS, SAVE_LINES = 32 << 20, 20_000
BLOCK_OCTETS: Final = 1 << 17
"""So much is looked through at once: most of it has none of these acts."""


class At(NamedTuple):
    """Where a record lies."""

    sequence: int
    segment: int
    place: int
    length: int
    origin: int
    """The record that it is a copy of (see `carried_from`); else itself."""


NOWHERE: Final = At(0, 0, 0, 0, 0)


class _Saved(msgspec.Struct, frozen=True, array_like=True):
    version: int
    reached: At
    head: str
    """The hash of the record at `reached`."""
    found: list[tuple[str, str, list[At]]]


def carried_from(record: AuditRecord) -> int:
    """Of which record this is a copy, made when that one's file was removed; 0: it is none."""
    number = record.range.removeprefix(CARRIED_FROM)
    return int(number) if number != record.range and number.isdigit() else 0


class Known:
    """`load` first. Every question reads on to the last durable record."""

    def __init__(self, files: AuditLog) -> None:
        self._files = files
        self._turn = asyncio.Lock()
        self._found: dict[tuple[str, str], list[At]] = {}
        """By act and object, in the order of origins, the newest last."""
        self._reached = NOWHERE
        self._head = NO_HASH
        self._saved = NOWHERE

    async def load(self) -> None:
        """Once the log is open. Raises OSError."""
        async with self._turn:
            await asyncio.to_thread(self._load)
            await asyncio.to_thread(self._follow)

    async def save(self) -> None:
        """What a start need not read again. Nothing depends on it."""
        async with self._turn:
            with suppress(OSError):
                await asyncio.to_thread(self._follow)
                await asyncio.to_thread(self._save)

    async def keep_up(self) -> None:
        """From time to time: no start has much to read."""
        segment, size = self._files.durable
        if segment != self._saved.segment or size - self._saved.place > SAVE_OCTETS:
            await self.save()

    async def records(self, act: Act, target: str = "") -> list[AuditRecord]:
        """Of one object, the newest first. Raises OSError."""
        return await self._read(lambda: reversed(self._found.get((act.value, target), [])))

    async def newest(self, act: Act, target: str = "") -> AuditRecord | None:
        """Raises OSError."""
        found = await self._read(lambda: self._found.get((act.value, target), [])[-1:])
        return found[0] if found else None

    async def newest_of_each(self, act: Act) -> dict[str, str]:
        """Object → detail of its newest record. Raises OSError."""
        found = await self._read(lambda: sorted(places[-1] for (kind, _), places in self._found.items() if kind == act.value))
        return {one.object: one.detail for one in found}

    async def until(self, sequence: int) -> list[AuditRecord]:
        """What must stay known of the records up to that one, in their order. Raises OSError."""
        acts = {act.value for act in CARRIED}
        return await self._read(
            lambda: sorted(
                one for (act, _), places in self._found.items() if act in acts for one in places if one.sequence <= sequence
            )
        )

    async def _read(self, wanted: Callable[[], Iterable[At]]) -> list[AuditRecord]:
        async with self._turn:
            await asyncio.to_thread(self._follow)
            return await asyncio.to_thread(lambda: self._records(wanted()))

    def _records(self, places: Iterable[At]) -> list[AuditRecord]:
        found: list[AuditRecord] = []
        with ExitStack() as opened:
            files: dict[int, BinaryIO | None] = {}
            for at in places:
                if at.segment not in files:
                    files[at.segment] = _opened(self._files, at.segment, opened)
                stream = files[at.segment]
                if stream is None:
                    continue  # removed for its age
                stream.seek(at.place)
                record = self._believed(stream.read(at.length))
                if record is None or record.sequence != at.sequence:
                    log.error("a record of the audit log is not as it was written", sequence=at.sequence)
                    continue
                found.append(record)
        return found

    def _believed(self, line: bytes) -> AuditRecord | None:
        """The record of a whole line that the node wrote itself."""
        if not is_intact(line) or not is_sealed(line[:-1], self._files.signer.seal_key):
            return None
        with suppress(ValueError):
            return record_of(line)
        return None

    def _follow(self) -> None:
        until, size = self._files.durable
        lines = 0
        for segment in segments(self._files.folder):
            if segment.first < self._reached.segment or segment.first > until:
                continue
            begin = self._reached.place + self._reached.length if segment.first == self._reached.segment else 0
            with suppress(FileNotFoundError):
                lines += self._look_at(segment, begin, size if segment.first == until else -1)
        if lines >= SAVE_LINES:
            with suppress(OSError):
                self._save()

    def _look_at(self, segment: Segment, place: int, size: int) -> int:
        """`size`: octets of the file that are durable, -1: all. Returns how many lines there were."""
        count, last, length = 0, b"", 0
        with segment.path.open("rb") as stream:
            stream.seek(place)
            while lines := stream.readlines(BLOCK_OCTETS):
                whole = b"".join(lines)
                if (
                    lines[-1].endswith(b"\n")
                    and (size < 0 or place + len(whole) <= size)
                    and not any(mark in whole for mark in _MARKS)
                ):
                    last, length, count = lines[-1], len(lines[-1]), count + len(lines)
                    place += len(whole)
                    continue
                for line in lines:
                    if not line.endswith(b"\n") or (size >= 0 and place + len(line) > size):
                        break
                    if any(mark in line for mark in _MARKS):
                        self._take(segment, place, line)
                    last, length, count = line, len(line), count + 1
                    place += length
                else:
                    continue
                break
        if count:
            with suppress(ValueError):
                sequence = record_of(last).sequence
                self._reached = At(sequence, segment.first, place - length, length, sequence)
                self._head = last[:64].decode("ascii", "replace")
        return count

    def _take(self, segment: Segment, place: int, line: bytes) -> None:
        record = self._believed(line)
        if record is None or (most := KEPT.get(record.act)) is None:
            return
        copied = carried_from(record)
        at = At(record.sequence, segment.first, place, len(line), copied or record.sequence)
        known = self._found.setdefault((record.act, record.object), [])
        if copied:  # it stands where the first stood: what was said since is newer
            known[:] = sorted((*(one for one in known if one.origin != copied), at), key=lambda one: one.origin)
        else:
            known.append(at)
        del known[:-most]

    def _load(self) -> None:
        path = self._files.folder / FILE
        try:
            seal, _, body = path.read_bytes().partition(b"\n")
        except FileNotFoundError:
            return
        if not hmac.compare_digest(seal, self._seal(body)):
            log.warning("what was known of the audit log was changed; the whole log is read")
            return
        try:
            saved = msgspec.json.decode(body, type=_Saved)
        except msgspec.MsgspecError:
            return  # of another version
        line = b""
        with ExitStack() as opened:
            stream = _opened(self._files, saved.reached.segment, opened)
            if stream is not None:
                stream.seek(saved.reached.place)
                line = stream.read(saved.reached.length)
        if saved.version != _VERSION or not is_intact(line) or line[:64].decode("ascii", "replace") != saved.head:
            log.warning("what was known of the audit log is not of these files; the whole log is read")
            return
        self._found = {(act, target): places for act, target, places in saved.found}
        self._reached = self._saved = saved.reached
        self._head = saved.head

    def _save(self) -> None:
        if self._reached in (self._saved, NOWHERE):
            return
        oldest = min((one.first for one in segments(self._files.folder)), default=0)
        kept = [(act, target, [one for one in places if one.segment >= oldest]) for (act, target), places in self._found.items()]
        found = [one for one in kept if one[2]]
        body = msgspec.json.encode(_Saved(_VERSION, self._reached, self._head, found))
        path = self._files.folder / FILE
        written = path.with_suffix(".new")
        written.touch(mode=0o600)
        written.write_bytes(self._seal(body) + b"\n" + body)
        written.replace(path)
        self._saved = self._reached

    def _seal(self, body: bytes) -> bytes:
        return hashlib.blake2b(body, key=self._files.signer.seal_key, person=b"audit-known").hexdigest().encode()


def _opened(files: AuditLog, segment: int, until: ExitStack) -> BinaryIO | None:
    try:
        return until.enter_context(Segment(files.folder, segment).path.open("rb"))
    except FileNotFoundError:
        return None
