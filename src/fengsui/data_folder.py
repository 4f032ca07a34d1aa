"""The folder of a node: made where it is missing, and one program's at a time."""

from __future__ import annotations

import fcntl
import os
import tempfile
from pathlib import Path

from fengsui.errors import DataFolderTaken, DataFolderUnusable

LOCK_FILE = "in-use.lock"
"""Its content only tells the reader which process has it; the file stays."""


def prepare_data_folder(folder: Path) -> None:
    """Makes it where it is missing and tries to write. Raises DataFolderUnusable."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise DataFolderUnusable(folder=folder, what=error.strerror or str(error)) from error


class DataFolderLock:
    """Held from `take` to `release`, or to the end of the process."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._descriptor = -1

    def take(self) -> None:
        """Raises DataFolderTaken, DataFolderUnusable."""
        path = self._folder / LOCK_FILE
        try:
            self._descriptor = lock_file(path)
        except BlockingIOError as error:
            raise DataFolderTaken(folder=self._folder, process=process_in(path)) from error
        except OSError as error:
            raise DataFolderUnusable(folder=self._folder, what=error.strerror or str(error)) from error

    def release(self) -> None:
        """Lets the folder go; nothing when it is not held."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def lock_file(path: Path) -> int:
    """Its descriptor; whoever closes it, or ends however it ends, lets it go: the kernel keeps it (flock(2)), not the file.

    Raises BlockingIOError when another process has it, OSError.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def holder_of(folder: Path) -> str | None:
    """The number of the process that has the folder now, `?` where nobody knows it; None when it is free."""
    path = folder / LOCK_FILE
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return process_in(path)
    except OSError:
        return None
    finally:
        os.close(descriptor)
    return None


def process_in(path: Path) -> str:
    """What the holder wrote; it may be about to."""
    try:
        text = path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        text = ""
    return text if text.isdigit() else "?"
