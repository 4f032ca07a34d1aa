"""Other places for the signed checkpoints: a folder, or an S3 bucket, best with Object Lock. Called from threads.

In a bucket, what was new at one push is one object `<prefix>/<node>/<first record>/<offset>.checkpoints`, made once and never
written again, so that a bucket with Object Lock and a default retention keeps each for its time against everybody.
"""

from __future__ import annotations

import base64
import hashlib
import os
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import S3Store

from fengsui.bucket import SCHEME, BucketSection, name_and_prefix, options_of
from fengsui.features.audit.folder import DIGITS, KEY_FILE, checkpoint_files

ANSWER_S, CONNECT_S = "10s", "3s"


class CopyDiffers(OSError):
    """The place holds other checkpoints than the node: one of them was changed."""


class Place(Protocol):
    """Where checkpoints are pushed."""

    name: str

    def push(self, folder: Path) -> None:
        """Adds what the place lacks of the log in `folder`. Raises OSError; CopyDiffers when somebody changed what is there."""

    def lacking(self, folder: Path) -> int:
        """Octets of checkpoints that are not there yet. Raises OSError."""

    @contextmanager
    def as_folder(self) -> Iterator[Path]:
        """Everything that is there, for the verifier. Raises OSError."""


def place_of(where: str, node: str, bucket: BucketSection) -> Place:
    """`where`: a folder or `s3://bucket/prefix`. Raises WrongSettings."""
    return copy_at(f"{where.rstrip('/')}/{node}", bucket)


def copy_at(where: str, bucket: BucketSection) -> Place:
    """The copy of one node. Raises WrongSettings."""
    if not where.startswith(SCHEME):
        return FolderPlace(Path(where))
    return BucketPlace(where, *name_and_prefix(where), bucket)


@contextmanager
def copy_folder(where: str, bucket: BucketSection) -> Iterator[Path]:
    """A copy for the verifier: a folder, a bucket, or a file as another node hands it out. Raises OSError, WrongSettings."""
    file = Path(where)
    if not file.is_file():
        with copy_at(where, bucket).as_folder() as folder:
            yield folder
        return
    with TemporaryDirectory() as temporary:
        (Path(temporary) / f"{1:0{DIGITS}d}.checkpoints").symlink_to(file.resolve())
        yield Path(temporary)


def whole_lines(path: Path) -> bytes:
    """A file of checkpoints without a line that is still being written."""
    octets = path.read_bytes()
    return octets[: octets.rfind(b"\n") + 1]


class FolderPlace:
    """The files of the log's own folder, appended to."""

    def __init__(self, folder: Path) -> None:
        self.name = str(folder)
        self._place = folder
        self._pushed: dict[str, int] = {}

    def push(self, folder: Path) -> None:
        """Raises OSError; CopyDiffers."""
        self._place.mkdir(parents=True, exist_ok=True)
        key = self._place / KEY_FILE
        if not key.exists():
            key.write_bytes((folder / KEY_FILE).read_bytes())
        for source in checkpoint_files(folder):
            size, target = source.stat().st_size, self._place / source.name
            if self._pushed.get(source.name) == size and target.exists() and target.stat().st_size == size:
                continue
            octets = whole_lines(source)
            there = target.read_bytes() if target.exists() else b""
            if not octets.startswith(there):
                raise CopyDiffers(f"{target} and {source} differ")
            if len(there) < len(octets):
                _append(target, octets[len(there) :])
            self._pushed[source.name] = len(octets)

    def lacking(self, folder: Path) -> int:
        """Raises OSError."""
        there = {path.name: path.stat().st_size for path in checkpoint_files(self._place)} if self._place.is_dir() else {}
        return sum(max(0, len(whole_lines(one)) - there.get(one.name, 0)) for one in checkpoint_files(folder))

    @contextmanager
    def as_folder(self) -> Iterator[Path]:
        """Itself."""
        yield self._place


class BucketPlace:
    """Objects that are made once. `prefix` ends in the node's code."""

    def __init__(self, name: str, bucket: str, prefix: str, settings: BucketSection) -> None:
        self.name = name
        self._bucket, self._prefix = bucket, prefix
        self._options = options_of(settings, "audit.bucket")
        self._there: dict[str, int] | None = None

    def _store(self, content: bytes | None = None) -> S3Store:
        """`content`: what is about to be put. A bucket with Object Lock wants to know its MD5."""
        headers = {}
        if content is not None:
            digest = hashlib.md5(content, usedforsecurity=False).digest()
            headers["content-md5"] = base64.b64encode(digest).decode()
        return S3Store(
            self._bucket,
            prefix=self._prefix,
            client_options={"allow_http": True, "timeout": ANSWER_S, "connect_timeout": CONNECT_S, "default_headers": headers},
            retry_config={"max_retries": 0, "retry_timeout": timedelta(seconds=10)},
            **self._options,
        )

    def push(self, folder: Path) -> None:
        """Raises OSError; CopyDiffers."""
        with _as_os_error(self.name):
            if self._there is None:
                self._there = self._compared(folder)
                self._put(KEY_FILE, (folder / KEY_FILE).read_bytes())
            for source in checkpoint_files(folder):
                known = self._there.get(source.stem, 0)
                if source.stat().st_size <= known:
                    continue
                fresh = whole_lines(source)[known:]
                if fresh:
                    self._put(f"{source.stem}/{known:0{DIGITS}d}.checkpoints", fresh)
                    self._there[source.stem] = known + len(fresh)

    def _put(self, path: str, content: bytes) -> None:
        try:
            obstore.put(self._store(content), path, content, mode="create")
        except AlreadyExistsError:
            if bytes(obstore.get(self._store(), path).bytes()) != content:
                raise CopyDiffers(f"{self.name}: {path} is not what was pushed") from None

    def _objects(self) -> dict[str, list[tuple[int, int, str]]]:
        """By first record: offset, size and path of each object, in order."""
        found: dict[str, list[tuple[int, int, str]]] = {}
        for batch in obstore.list(self._store()):
            for one in batch:
                stem, _, name = one["path"].partition("/")
                if stem.isdigit() and name.removesuffix(".checkpoints").isdigit():
                    found.setdefault(stem, []).append((int(name.removesuffix(".checkpoints")), one["size"], one["path"]))
        return {stem: _side_by_side(sorted(found[stem])) for stem in sorted(found)}

    def _compared(self, folder: Path) -> dict[str, int]:
        """How much of each file is there, up to the first gap. Raises CopyDiffers when the newest object is not of this log."""
        there = {}
        for stem, parts in self._objects().items():
            size, begin, newest = 0, 0, ""
            for offset, length, path in parts:
                if offset != size:
                    break  # something was hidden: from here on it is pushed again
                size, begin, newest = offset + length, offset, path
            if not newest:
                continue
            source = folder / f"{stem}.checkpoints"
            octets = whole_lines(source) if source.exists() else b""
            if bytes(obstore.get(self._store(), newest).bytes()) != octets[begin:size]:
                raise CopyDiffers(f"{self.name}: {newest} is not what was pushed")
            there[stem] = size
        return there

    def lacking(self, folder: Path) -> int:
        """Raises OSError."""
        with _as_os_error(self.name):
            there = {stem: sum(size for _, size, _ in parts) for stem, parts in self._objects().items()}
            return sum(max(0, len(whole_lines(one)) - there.get(one.stem, 0)) for one in checkpoint_files(folder))

    @contextmanager
    def as_folder(self) -> Iterator[Path]:
        """Fetched into a temporary folder."""
        with TemporaryDirectory() as temporary, _as_os_error(self.name):
            for stem, parts in self._objects().items():
                octets = b"".join(bytes(obstore.get(self._store(), path).bytes()) for _, _, path in parts)
                (Path(temporary) / f"{stem}.checkpoints").write_bytes(octets)
            yield Path(temporary)

    def locked_until(self) -> str:
        """Until when the newest object cannot be removed, RFC 3339; empty when the bucket locks nothing. Raises OSError."""
        with _as_os_error(self.name):
            newest = [parts[-1][2] for parts in self._objects().values()][-1:]
            if not newest:
                return ""
            url = obstore.sign(self._store(), "HEAD", newest[0], timedelta(minutes=1))
        with urllib.request.urlopen(urllib.request.Request(url, method="HEAD"), timeout=10) as answer:
            return str(answer.headers.get("x-amz-object-lock-retain-until-date") or "")


def _side_by_side(parts: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Without those that another holds already: one that was hidden is pushed again together with what follows."""
    kept, size = [], 0
    for part in parts:
        if part[0] >= size:
            kept.append(part)
            size = part[0] + part[1]
    return kept


@contextmanager
def _as_os_error(name: str) -> Iterator[None]:
    try:
        yield
    except BaseError as error:
        raise OSError(5, str(error).splitlines()[0][:300], name) from error


def _append(path: Path, octets: bytes) -> None:
    with path.open("ab") as stream:
        stream.write(octets)
        stream.flush()
        os.fsync(stream.fileno())
