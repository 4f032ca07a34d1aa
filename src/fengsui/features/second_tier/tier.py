"""One node's bucket of footage. Everything here blocks: it is called from threads."""

from __future__ import annotations

import errno
import hashlib
import os
import time
import zlib
from collections import OrderedDict
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import islice
from math import inf
from pathlib import Path
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, TypeVar

import obstore
from obstore.exceptions import BaseError, NotFoundError, PermissionDeniedError, UnauthenticatedError
from obstore.store import S3Store

from fengsui.bucket import name_and_prefix, options_of
from fengsui.features.second_tier.model import Away, key_of, note_of
from fengsui.features.second_tier.pieces import PIECE_BYTES, Hashing, aligned, hashes_of, read_hashes, unlike
from fengsui.recording_settings import SecondTierSection
from fengsui.whole_files import write_whole

if TYPE_CHECKING:
    from obstore.store import ClientConfig

T = TypeVar("T")
PIECE: int = 8 << 20
END: int = 1 << 16
NOTES_HELD = 10_000
AGAIN_S = 10.0
"""A bucket that did not answer is asked again after so long."""
SILENT_S = 5.0
"""Whoever watches waits so long for one that accepts and says nothing."""
CHANGED_AT_ONCE = 20
"""Notes that are read for one fetch, to say which objects have changed."""
CLOSED = b"fsTB"
"""What the table of a closed file ends with."""


class Tier:
    """`fetched`: files that something was brought back to, and when, monotonic seconds."""

    def __init__(self, section: SecondTierSection, node: str, steady_s: Callable[[], float] = time.monotonic) -> None:
        """Raises WrongSettings."""
        name, prefix = name_and_prefix(section.place)
        self.place = section.place
        self._bytes_s = section.megabit_s * 1e6 / 8
        self._steady_s = steady_s
        place = {"prefix": "/".join(part for part in (prefix, node) if part), **options_of(section, "recording.second_tier")}
        client: ClientConfig = {"allow_http": True, "timeout": "60s", "connect_timeout": "3s"}
        self._store = S3Store(
            name,
            client_options=client,
            retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=15)},
            checksum_algorithm="SHA256",  # the bucket compares what came with what was sent
            **place,
        )
        self._watched = S3Store(
            name,
            client_options={**client, "read_timeout": timedelta(seconds=SILENT_S)},
            retry_config={"max_retries": 1, "retry_timeout": timedelta(seconds=SILENT_S / 2)},
            **place,
        )
        """For what somebody waits for: slow is not silent."""
        self._notes: OrderedDict[Path, Away] = OrderedDict()
        self._lock = Lock()
        self.fetched: dict[Path, float] = {}
        self.fetched_bytes = 0
        self._failed = -inf, ""
        """When the bucket last failed to answer, and how."""
        self._silent = False
        """It accepts and says nothing: nobody who watches asks it again before it has answered in the background."""
        self._probing = False
        self._changed: dict[Path, set[int]] = {}
        """Pieces that came back another than they were sent."""
        self.unhashed: dict[Path, bool] = {}
        """Files that somebody wanted and that have no hashes: lost (nothing of them is given back), or never made (ADR 0063)."""
        self._returned: set[Path] = set()
        self._returned_bytes = 0
        self.reserves: dict[Path, int] = {}
        """By folder: bytes of its file system that are for what is recorded."""
        self.stopping = Event()

    # There

    def copy(self, path: Path, folder: Path, now: float) -> Away | None:
        """Copies a closed file, and says beside it where. None: it is not closed, or gone meanwhile. Raises OSError."""
        size = path.stat().st_size
        with path.open("rb") as file:
            end = os.pread(file.fileno(), END, max(0, size - END))
            if not end.endswith(CLOSED):
                return None
            if os.lseek(file.fileno(), 0, os.SEEK_HOLE) < size:  # what is there must not be overwritten by what is not here
                raise IsHollow(f"{path}: its pictures are not here, and nothing beside it says where they are")
            key = key_of(path.relative_to(folder), size, zlib.crc32(end))
            with suppress(FileNotFoundError, PermissionError):  # which are answers; one that is silent takes nothing
                self._asked(key, partial(obstore.head, self._watched, key))
            digest, pieces = hashlib.sha256(), Hashing()

            def seen(octets: bytes) -> None:
                digest.update(octets)
                pieces.take(octets)

            with _as_os_error(self.place):
                obstore.put(self._store, key, self._pieces(file.fileno(), size, seen), use_multipart=True, chunk_size=PIECE)
                there = obstore.head(self._store, key)["size"]
                back = bytes(obstore.get_range(self._store, key, start=max(0, size - END), end=size))
        with self._lock:  # it has answered
            self._failed, self._silent = (-inf, ""), False
        if there != size or back != end or path.stat().st_size != size:
            raise OSError(f"{self.place}/{key}: it is not what was sent")
        away = Away(self.place, key, size, digest.hexdigest(), now, PIECE_BYTES)
        if not path.exists():  # its time was over
            self._delete([key])
            return None
        write_whole(hashes_of(path), pieces.told())  # before the note: what that speaks of is there
        write_whole(note_of(path), away.written())
        return away

    def _pieces(self, file: int, size: int, seen: Callable[[bytes], None]) -> Iterator[bytes]:
        begun_s, at = self._steady_s(), 0
        while at < size:
            if self.stopping.is_set():
                raise OSError("the node stops")
            piece = os.pread(file, min(PIECE, size - at), at)
            if not piece:
                raise OSError("the file became shorter")
            seen(piece)
            at += len(piece)
            self._wait(at, begun_s)
            yield piece

    def _wait(self, bytes_: int, begun_s: float) -> None:
        """Until so many bytes may have gone over the line since then. Raises OSError."""
        if self._bytes_s:
            self.stopping.wait(max(0.0, bytes_ / self._bytes_s - (self._steady_s() - begun_s)))
        if self.stopping.is_set():
            raise OSError("the node stops")

    # Back

    def fetch(self, path: Path, start: int, end: int) -> None:
        """Brings bytes of a file back to where they were, in whole pieces. Of a piece that is not what was sent there nothing is
        written: whoever reads finds the hole, which agrees with no checksum, and takes it for damage. Raises OSError.
        """
        away = self._note(path)
        start, end = aligned(start, end, away.size, away.piece)
        hashes = self._hashes(path, start, end, away)
        self._refuse_full(path, end - start)
        octets = self._asked(away.key, lambda: bytes(obstore.get_range(self._watched, away.key, start=start, end=end)))
        if len(octets) != end - start:
            raise OSError(f"{self.place}/{away.key} is shorter than it was")
        piece = away.piece or len(octets) or 1
        changed = unlike(octets, hashes, piece) if away.piece else set[int]()
        whole = memoryview(octets)
        with path.open("r+b") as file:
            for at in range(0, len(octets), piece):
                done, some = 0, whole[at : at + piece] if at // piece not in changed else whole[:0]
                while done < len(some):
                    done += os.pwrite(file.fileno(), some[done:], start + at + done)
        with self._lock:
            self.fetched[path] = self._steady_s()
            self.fetched_bytes += len(octets)
            self._returned.add(path)
            if changed or path in self._changed:
                first, count = start // piece, -(-len(octets) // piece)
                bad = self._changed.get(path, set()) - set(range(first, first + count)) | {first + one for one in changed}
                self._changed[path] = bad
                if not bad:
                    del self._changed[path]

    def changed(self, known: Container[Path]) -> tuple[set[Path], dict[Path, str]]:
        """Files of which something that came back was not what was sent, and was not right since then; and the objects of some that
        are not `known`. Blocks; reads `CHANGED_AT_ONCE` notes at most. Raises OSError."""
        with self._lock:
            paths = set(self._changed)
        fresh = {path: note_of(path) for path in islice((one for one in paths if one not in known), CHANGED_AT_ONCE)}
        return paths, {path: self.key_in(note) for path, note in fresh.items() if note.exists()}

    def _hashes(self, path: Path, start: int, end: int, away: Away) -> list[bytes]:
        """Raises OSError; HashesGone where the disk does not have them."""
        if not away.piece:
            self.unhashed.setdefault(path, False)
            return []
        try:
            found = read_hashes(path, start, end, away.piece)
        except FileNotFoundError as error:
            self.unhashed[path] = True
            raise HashesGone(f"{hashes_of(path)} is gone: nobody knows whether the second tier gives back what was sent") from error
        self.unhashed.pop(path, None)
        return found

    def hash_again(self, path: Path) -> bool:
        """Makes the hashes of a file anew from its object, read whole: the note's SHA-256 says whether it is what was sent.
        False: it is not, or nothing says so. Blocks for as long as that takes. Raises OSError."""
        away, digest, pieces = self._note(path), hashlib.sha256(), Hashing()
        if not away.sha256 or away.piece not in (0, PIECE_BYTES):
            return False
        begun_s = self._steady_s()
        for at in range(0, away.size, PIECE):
            octets = self.read(away.key, at, min(at + PIECE, away.size))
            digest.update(octets)
            pieces.take(octets)
            self._wait(at + len(octets), begun_s)
        if digest.hexdigest() != away.sha256:
            return False
        write_whole(hashes_of(path), pieces.told())
        write_whole(note_of(path), replace(away, piece=PIECE_BYTES).written())
        with self._lock:
            self._notes.pop(path, None)
        return True

    def _asked(self, key: str, ask: Callable[[], T]) -> T:
        """Its answer about an object. Raises OSError, at once where the bucket did not answer a moment ago."""
        with self._lock:
            (since_s, why), silent = self._failed, self._silent
            waits = self._steady_s() - since_s < AGAIN_S
            begins = silent and not waits and not self._probing
            self._probing |= begins
        if begins:
            try:
                Thread(target=self._probe, args=(key,), name="second-tier-probe", daemon=True).start()
            except RuntimeError:  # there is no thread to be had: whoever watches next tries again
                self._probed()
        if waits or silent:  # nobody waits for the same silence again and again
            raise OSError(why)
        return self._heard(ask)

    def _heard(self, ask: Callable[[], T]) -> T:
        """Raises OSError; whether it answered is known afterwards."""
        begun_s = self._steady_s()
        try:
            with _as_os_error(self.place):
                answer = ask()
        except OSError as error:
            said_no = isinstance(error, FileNotFoundError | PermissionError)  # which is an answer
            silent = not said_no and self._steady_s() - begun_s >= 0.8 * SILENT_S
            said = OSError(f"the second tier does not answer: {self.place}") if silent else error
            with self._lock:
                self._failed = (-inf, "") if said_no else (self._steady_s(), str(said))
                self._silent = silent
            raise said from error
        with self._lock:
            self._failed, self._silent = (-inf, ""), False
        return answer

    def _probe(self, key: str) -> None:
        """Whether it answers again."""
        try:
            with suppress(OSError):
                self._heard(partial(obstore.head, self._watched, key))
        finally:
            self._probed()

    def _probed(self) -> None:
        with self._lock:
            self._probing = False

    def _refuse_full(self, path: Path, bytes_: int) -> None:
        """The folder's reserve is for what is recorded."""
        reserve = next((bytes_ for folder, bytes_ in self.reserves.items() if path.is_relative_to(folder)), 0)
        room = os.statvfs(path.parent)
        if room.f_bavail * room.f_frsize < reserve + bytes_:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    def returned(self) -> tuple[int, int]:
        """Files and bytes that were brought back since this was asked last."""
        with self._lock:
            files, bytes_ = len(self._returned), self.fetched_bytes - self._returned_bytes
            self._returned.clear()
            self._returned_bytes = self.fetched_bytes
        return files, bytes_

    def _note(self, path: Path) -> Away:
        with self._lock:
            known = self._notes.get(path)
        if known is None:
            try:
                known = Away.read(note_of(path).read_bytes())
            except ValueError as error:
                raise OSError(f"{note_of(path)}: {error}") from error
            if known.place != self.place:
                raise OSError(f"it was moved to {known.place}, and the second tier is {self.place}")
            with self._lock:
                self._notes[path] = known
                while len(self._notes) > NOTES_HELD:
                    self._notes.popitem(last=False)
        return known

    def read(self, key: str, start: int, end: int) -> bytes:
        """Bytes of an object. Raises OSError."""
        with _as_os_error(self.place):
            octets = bytes(obstore.get_range(self._store, key, start=start, end=end))
        if len(octets) != end - start:
            raise OSError(f"{self.place}/{key} is shorter than it says")
        return octets

    def objects(self) -> Iterator[tuple[str, int, float]]:
        """Of everything that is there of this node: name, bytes, and since when. Raises OSError."""
        with _as_os_error(self.place):
            for some in obstore.list(self._store):
                yield from ((one["path"], one["size"], one["last_modified"].timestamp()) for one in some)

    def key_in(self, note: Path) -> str:
        """Where a note says that the pictures are; empty where it is not whole. Raises OSError."""
        try:
            return Away.read(note.read_bytes()).key
        except ValueError:
            return ""

    # Gone

    def refuse_silent(self, paths: Sequence[Path]) -> None:
        """Asks for the first of these files whether the bucket answers; nothing is changed by it. Raises OSError within about
        `SILENT_S`, and at once where it did not answer a moment ago."""
        for path in paths:
            try:
                key = self._note(path).key
            except OSError:  # `remove` says what is wrong with it
                continue
            with suppress(FileNotFoundError, PermissionError):
                self._asked(key, partial(obstore.head, self._watched, key))
            return

    def remove(self, paths: Sequence[Path]) -> list[tuple[Path, str]]:
        """Removes for good what is there of these files; what is still there, with why. One that is gone already is gone. Once the
        bucket does not answer, nothing more is asked of it, and all that follows is still there."""
        left = list[tuple[Path, str]]()
        for path in paths:
            note = note_of(path)
            try:
                if note.exists():
                    self._remove(self._note(path).key)
                    hashes_of(path).unlink(missing_ok=True)
                    note.unlink(missing_ok=True)
            except OSError as error:
                left.append((path, str(error)))
            with self._lock:
                self._notes.pop(path, None)
                self.fetched.pop(path, None)
                self._changed.pop(path, None)
                self.unhashed.pop(path, None)
        return left

    def _remove(self, key: str) -> None:
        """Raises OSError, also where the bucket was found silent and is asked again in the background."""
        if self.stopping.is_set():
            raise OSError("the node stops")
        with suppress(FileNotFoundError):
            self._asked(key, partial(obstore.delete, self._watched, key))

    def _delete(self, keys: list[str]) -> None:
        with suppress(FileNotFoundError), _as_os_error(self.place):
            obstore.delete(self._store, keys)

    def brought_back(self, path: Path) -> None:
        """Something is here that need not be."""
        with self._lock:
            self.fetched.setdefault(path, self._steady_s())

    def cold(self, for_s: float) -> list[Path]:
        """Files of which nothing was asked for so long; they are forgotten here."""
        with self._lock:
            found = [path for path, at_s in self.fetched.items() if self._steady_s() - at_s >= for_s]
            for path in found:
                del self.fetched[path]
        return found


class HashesGone(OSError):
    """Of a file nobody knows whether the second tier gives back what was sent."""


class IsHollow(OSError):
    """A file of which only head and table are here does not move."""


@contextmanager
def _as_os_error(place: str) -> Iterator[None]:
    try:
        yield
    except NotFoundError as error:
        raise FileNotFoundError(errno.ENOENT, f"{place}: it has no such object") from error
    except (PermissionDeniedError, UnauthenticatedError) as error:
        raise PermissionError(errno.EACCES, f"{place}: {_said(error)}") from error
    except BaseError as error:
        raise OSError(f"{place}: {_said(error)}") from error


def _said(error: BaseError) -> str:
    return str(error).partition("\n")[0][:300]
