"""One node's bucket of footage. Everything here blocks: it is called from threads."""

from __future__ import annotations

import hashlib
import os
import time
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from threading import Event, Lock

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import S3Store

from fengsui.bucket import name_and_prefix, options_of
from fengsui.features.second_tier.model import Away, key_of, note_of
from fengsui.recording_settings import SecondTierSection
from fengsui.whole_files import write_whole

PIECE: int = 8 << 20
END: int = 1 << 16
NOTES_HELD = 10_000
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
        self._store = S3Store(
            name,
            prefix="/".join(part for part in (prefix, node) if part),
            client_options={"allow_http": True, "timeout": "60s", "connect_timeout": "3s"},
            retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=15)},
            checksum_algorithm="SHA256",  # the bucket compares what came with what was sent
            **options_of(section, "recording.second_tier"),
        )
        self._notes: OrderedDict[Path, Away] = OrderedDict()
        self._lock = Lock()
        self.fetched: dict[Path, float] = {}
        self.fetched_bytes = 0
        self.stopping = Event()

    # There

    def copy(self, path: Path, folder: Path, now: float) -> Away | None:
        """Copies a closed file, and says beside it where. None: it is not closed, or gone meanwhile. Raises OSError."""
        size = path.stat().st_size
        with path.open("rb") as file:
            end = os.pread(file.fileno(), END, max(0, size - END))
            if not end.endswith(CLOSED):
                return None
            key = key_of(path.relative_to(folder), size, zlib.crc32(end))
            digest = hashlib.sha256()
            with _as_os_error(self.place):
                obstore.put(
                    self._store, key, self._pieces(file.fileno(), size, digest.update), use_multipart=True, chunk_size=PIECE
                )
                there = obstore.head(self._store, key)["size"]
                back = bytes(obstore.get_range(self._store, key, start=max(0, size - END), end=size))
        if there != size or back != end or path.stat().st_size != size:
            raise OSError(f"{self.place}/{key}: it is not what was sent")
        away = Away(self.place, key, size, digest.hexdigest(), now)
        if not path.exists():  # its time was over
            self._delete([key])
            return None
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
            if self._bytes_s:
                self.stopping.wait(max(0.0, at / self._bytes_s - (self._steady_s() - begun_s)))
            yield piece

    # Back

    def fetch(self, path: Path, start: int, end: int) -> None:
        """Brings bytes of a file back to where they were. Raises OSError."""
        away = self._note(path)
        with _as_os_error(self.place):
            octets = bytes(obstore.get_range(self._store, away.key, start=start, end=end))
        if len(octets) != end - start:
            raise OSError(f"{self.place}/{away.key} is shorter than it was")
        with path.open("r+b") as file:
            done = 0
            while done < len(octets):
                done += os.pwrite(file.fileno(), octets[done:], start + done)
        with self._lock:
            self.fetched[path] = self._steady_s()
            self.fetched_bytes += len(octets)

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

    # Gone

    def remove(self, paths: Sequence[Path]) -> list[tuple[Path, str]]:
        """Removes for good what is there of these files; what is still there, with why. One that is gone already is gone."""
        left = list[tuple[Path, str]]()
        for path in paths:
            note = note_of(path)
            try:
                if note.exists():
                    self._delete([self._note(path).key])
                    note.unlink(missing_ok=True)
            except OSError as error:
                left.append((path, str(error)))
            with self._lock:
                self._notes.pop(path, None)
                self.fetched.pop(path, None)
        return left

    def _delete(self, keys: list[str]) -> None:
        with _as_os_error(self.place), suppress(NotFoundError):
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


@contextmanager
def _as_os_error(place: str) -> Iterator[None]:
    try:
        yield
    except BaseError as error:
        said = str(error).partition("\n")[0][:300]
        raise OSError(f"{place}: {said}") from error
