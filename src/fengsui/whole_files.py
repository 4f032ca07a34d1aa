"""Files that are there whole or not at all, whatever happens meanwhile: a full disk, a killed process, a power cut."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

COMING: Final = ".coming"
"""The end of the name of a file that is being written."""


def write_whole(path: Path, octets: bytes) -> None:
    """In place of what was there, for this user alone; on disk when it returns. Raises OSError: then nothing has changed."""
    _make_folder(path.parent)
    descriptor, name = tempfile.mkstemp(COMING, dir=path.parent)
    coming = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(octets)
            stream.flush()
            os.fsync(stream.fileno())
        coming.replace(path)
        _sync(path.parent)
    except BaseException:
        with suppress(OSError):
            coming.unlink()
        raise


def _make_folder(folder: Path) -> None:
    """With those above it: a new one that its own folder has not written down is lost with all that lies in it."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True, mode=0o700)
    _sync(folder.parent)


def _sync(folder: Path) -> None:
    """That a name stands in a folder is the folder's own content."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_halves(folder: Path) -> int:
    """What a process left behind that was killed while it wrote: how many. Only before anything is written there."""
    halves = list(folder.rglob(f"*{COMING}"))
    for half in halves:
        with suppress(OSError):
            half.unlink()
    return len(halves)
