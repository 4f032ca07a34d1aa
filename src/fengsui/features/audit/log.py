"""The files of the log: one writer, appended and synchronised to disk in groups. Called from one thread."""

from __future__ import annotations

import base64
import fcntl
import hashlib
import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import structlog

from fengsui.clock import Clock
from fengsui.features.audit.acts import Act
from fengsui.features.audit.checkpoints import DIGEST_BYTES, KIND, Checkpoint, Signer
from fengsui.features.audit.folder import KEY_FILE, Segment, segments
from fengsui.features.audit.model import NO_HASH, NODE, AuditLogTaken, AuditUnavailable, Entry, Result, chained, line_of
from fengsui.features.audit.scan import Odd, end_of

log = structlog.get_logger(__name__)
CHECKPOINT_RECORDS, CHECKPOINT_S = 1_000, 60.0


def stamp(clock: Clock) -> str:
    """The time of a record: RFC 3339, UTC, microseconds."""
    return clock.now().isoformat(timespec="microseconds").replace("+00:00", "Z")


class AuditLog:
    """Opened once. After a failed write it tries again at the next record, so that it recovers without a restart."""

    def __init__(self, folder: Path, signer: Signer, node: str, clock: Clock, segment_bytes: int) -> None:
        self.folder = folder
        self.signer = signer
        self.sequence = 0
        """Of the last durable record."""
        self.signed_to = 0
        """Of the last record that a checkpoint speaks for."""
        self.durable = (0, 0)
        """First record of the newest file, and how many of its octets are on disk for certain: nobody reads further."""
        self._node = node
        self._clock = clock
        self._segment_bytes = segment_bytes
        self._head = NO_HASH
        self._before = NO_HASH
        self._digests = bytearray()
        self._oldest_unsigned_s = 0.0
        self._segment: Segment | None = None
        self._descriptor = -1
        self._size = 0
        self._inode = (0, 0)
        self._lock = -1
        self._to_tell: list[Entry] = []
        self.unclean = ""
        """After `open`: why the log's end is not the one that a stopping node leaves; empty: it is."""
        self.last_at = ""
        """The time of the last record of the node that ran before; empty when it is the first."""
        self.latest = ""
        """The latest time that records of the node that ran before speak of; empty when it is the first."""

    def open(self) -> None:
        """Finds the end of the chain, takes away what stands behind it and tells of that.

        Raises AuditUnavailable, AuditLogTaken.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._take_lock()
            (self.folder / KEY_FILE).write_bytes(self.signer.public_pem)
            end = end_of(self.folder, self.signer)
            self.sequence, self.signed_to, self._head, self._before = end.sequence, end.signed_to, end.head, end.before
            self._digests, self.unclean, self.latest = end.digests, end.unclean, end.latest
            self.last_at = end.last_at
            for odd in end.odd:
                self._set_aside(odd)
            if end.damage:
                log.error("the audit log is damaged; the chain goes on in a new file", what=end.damage)
                self._tell(Act.LOG_DAMAGED, end.damage)
                self._begin_segment()
            elif end.segment is not None:
                self._segment, self._size = end.segment, end.size
                self._reopen()
            if self._segment is not None:
                self.durable = (self._segment.first, self._size)
        except OSError as error:
            raise AuditUnavailable(what=_what(error)) from error

    def _take_lock(self) -> None:
        self._lock = os.open(self.folder / "writer.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._lock)
            self._lock = -1
            raise AuditLogTaken(folder=self.folder) from error

    def _set_aside(self, odd: Odd) -> None:
        """A torn record is cut off; whole lines that nobody proves are kept in a file that is no part of the log."""
        told = f"{len(odd.octets)} octets behind record {odd.after}, sha256 {hashlib.sha256(odd.octets).hexdigest()}"
        if odd.after < self.signed_to:
            return  # what stood there was signed: it is left for the verifier to name
        if b"\n" not in odd.octets:
            log.warning("the last audit record was torn and is cut off", what=told)
            self._tell(Act.LOG_TORN, told)
        else:
            kept = odd.segment.path.with_suffix(f".unproved-{self._clock.now():%Y%m%dT%H%M%S%f}")
            told += f", kept in {kept.name}"
            log.error("records that this node did not write stood at the end of the audit log; they are set aside", what=told)
            _append(kept, odd.octets)
            self._tell(Act.LOG_UNPROVED, told, Result.REFUSED)
        if odd.at:
            os.truncate(odd.segment.path, odd.at)
        else:
            odd.segment.path.unlink()

    def _tell(self, act: Act, detail: str, result: Result = Result.ALLOWED) -> None:
        at = stamp(self._clock)
        error = self._clock.error()
        self._to_tell.append(
            Entry(at=at, clock_error=error, act=act, result=result, role=NODE.role, object="audit log", detail=detail)
        )

    def commit(self, entries: Sequence[Entry]) -> None:
        """All of them are on disk when this returns; none of them counts when it raises AuditUnavailable."""
        if self._lock < 0:
            raise AuditUnavailable(what="the log is not open")  # another process may write there
        try:
            self._make_ready()
            lines, sequence, head, digests = [], self.sequence, self._head, bytearray()
            for entry in (*self._to_tell, *entries):
                sequence += 1
                line = line_of(chained(entry, sequence, head), self.signer.seal_key)
                head = line[:64].decode()
                digests += bytes.fromhex(head[: 2 * DIGEST_BYTES])
                lines.append(line)
            octets = b"".join(lines)
            _write(self._descriptor, octets)
            os.fdatasync(self._descriptor)
        except OSError as error:
            self._give_up()
            raise AuditUnavailable(what=_what(error)) from error
        if not self._digests:
            self._oldest_unsigned_s = self._clock.monotonic_s()
        self._to_tell.clear()
        self.sequence, self._head = sequence, head
        self._digests += digests
        self._size += len(octets)
        assert self._segment is not None
        self.durable = (self._segment.first, self._size)

    def _make_ready(self) -> None:
        """The file is there, is the one we wrote, and may be written to."""
        if self._segment is None:
            self._begin_segment()
        elif self._descriptor < 0:
            self._reopen()
        assert self._segment is not None
        try:
            now = self._segment.path.stat()
        except FileNotFoundError:
            now = None
        if now is None or (now.st_dev, now.st_ino) != self._inode or now.st_size != self._size:
            told = f"{self._segment.path.name} was changed or taken away while the node ran; last record {self.sequence}"
            log.error("the audit log is damaged; the chain goes on in a new file", what=told)
            self._close_file()
            self._begin_segment()
            self._tell(Act.LOG_DAMAGED, told)
        elif not now.st_mode & stat.S_IWUSR:
            raise PermissionError(13, "the file is read-only", str(self._segment.path))
        elif self._size >= self._segment_bytes:
            if not self._sign():
                raise OSError(5, "no checkpoint could be written", str(self._segment.checkpoints))
            self._close_file()
            self._begin_segment()

    def _begin_segment(self) -> None:
        segment = Segment(self.folder, self.sequence + 1)
        if segment.path.exists() and segment.path.stat().st_size:
            segment.path.rename(segment.path.with_suffix(f".damaged-{self._clock.now():%Y%m%dT%H%M%S%f}"))
        descriptor = os.open(segment.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        self._segment, self._size, self._descriptor = segment, 0, descriptor
        self._note_inode()

    def _reopen(self) -> None:
        """What a failed write left behind the last record is cut off."""
        assert self._segment is not None
        self._descriptor = os.open(self._segment.path, os.O_WRONLY | os.O_APPEND)
        self._note_inode()
        if os.fstat(self._descriptor).st_size > self._size:
            os.ftruncate(self._descriptor, self._size)
            os.fsync(self._descriptor)

    def _note_inode(self) -> None:
        now = os.fstat(self._descriptor)
        self._inode = (now.st_dev, now.st_ino)

    def _give_up(self) -> None:
        if self._descriptor >= 0:
            with suppress(OSError):  # tried again when it is opened again
                os.ftruncate(self._descriptor, self._size)
        self._close_file()

    def _close_file(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    @property
    def unsigned(self) -> int:
        """Records that no checkpoint speaks for yet."""
        return len(self._digests) // DIGEST_BYTES

    @property
    def room(self) -> int:
        """How many more records the next checkpoint may take."""
        return max(1, CHECKPOINT_RECORDS - self.unsigned)

    def sign_when_due(self, *, now: bool = False) -> bool:
        """Writes a checkpoint for 1,000 records, or when the oldest unsigned one is 60 s old, or `now`. False: it could not."""
        full = self.unsigned >= CHECKPOINT_RECORDS
        old = self._clock.monotonic_s() - self._oldest_unsigned_s >= CHECKPOINT_S
        if not self.unsigned or not (now or full or old or not self.signed_to):
            return True
        return self._sign()

    def _sign(self) -> bool:
        if not self.unsigned or self._segment is None:
            return True
        first = self.signed_to + 1
        digests = base64.b64encode(self._digests).decode()
        made = Checkpoint(KIND, self._node, stamp(self._clock), first, self.sequence, self._head, self._before, digests)
        line = self.signer.line_of(made)
        path = self._segment.checkpoints
        try:
            _append(path, line)
        except OSError as error:
            log.warning("an audit checkpoint could not be written; it is tried again", what=_what(error))
            return False
        self.signed_to, self._before = self.sequence, hashlib.sha256(line[:-1]).hexdigest()
        self._digests.clear()
        return True

    def remove(self, until: int) -> None:
        """Removes the files whose records are all at most `until`; their checkpoints stay. Never the file in use.

        The removal is recorded and a checkpoint speaks for that record already: else it would prove nothing.
        """
        known = segments(self.folder)
        for one, following in pairwise(known):
            if following.first - 1 <= until:
                one.path.unlink()

    def close(self) -> None:
        """Signs what is unsigned and lets the folder go."""
        self._sign()
        self._close_file()
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


def _write(descriptor: int, octets: bytes) -> None:
    rest = memoryview(octets)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _append(path: Path, line: bytes) -> None:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        size = os.fstat(descriptor).st_size
        whole = size
        if size and os.pread(descriptor, 1, size - 1) != b"\n":
            whole = path.read_bytes().rfind(b"\n") + 1  # torn by a crash
            os.ftruncate(descriptor, whole)
        try:
            _write(descriptor, line)
            os.fsync(descriptor)
        except OSError:
            with suppress(OSError):
                os.ftruncate(descriptor, whole)
            raise
    finally:
        os.close(descriptor)


def _what(error: OSError) -> str:
    return f"{error.strerror or error}{f' ({error.filename})' if error.filename else ''}"
