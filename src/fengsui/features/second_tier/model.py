"""Which files move, and what lies beside one that has moved. Pure.

A footage file is `<folder>/<camera>/<stream>/<day>/<time>.mp4`, day and time of its beginning, UTC. Once its pictures are in the
bucket, `<time>.mp4.away` beside it says where, and the file itself keeps only its head and its table.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from math import inf
from pathlib import Path, PurePosixPath
from typing import Final, Self

from fengsui.errors import NodeFault

FORM: Final = "fengsui-away/1"
AWAY: Final = ".away"
RESTORING: Final = ".restoring"
"""The end of the name of a file that is not yet what it was."""
RESTORED: Final = "fengsui-restored"
"""In a footage folder's root: what came back from the bucket, until that is on record."""
HOUR_S: Final = 3600.0
DAY_S: Final = 24 * HOUR_S
_FILE = re.compile(r"(\d{6})(-device)?(-\d{1,4})?\.mp4")
_DAY = re.compile(r"\d{8}")
_KEY = re.compile(r"(.+)-([0-9a-f]{1,12})-[0-9a-f]{8}\.mp4")
_PART = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,95}")


@dataclass(frozen=True, slots=True)
class Away:
    """Where the pictures of one file are. `size` and `sha256`: of the whole file as it moved, the hash empty where a lost file was
    restored; `moved_at`: seconds since 1970; `piece`: bytes of each piece whose hash lies beside it (`pieces`), 0 where none does.
    """

    place: str
    key: str
    size: int
    sha256: str
    moved_at: float
    piece: int = 0

    @classmethod
    def read(cls, octets: bytes) -> Self:
        """Raises ValueError."""
        try:
            facts = json.loads(octets)
            if facts.pop("format") != FORM:
                raise ValueError("it is of another form")
            one = cls(**facts)
        except (TypeError, KeyError, AttributeError, RecursionError) as error:
            raise ValueError("it is not whole") from error
        texts, numbers = (one.place, one.key, one.sha256), (one.size, one.moved_at)
        if not all(isinstance(each, str) for each in texts) or not all(isinstance(each, int | float) for each in numbers):
            raise ValueError("it is not whole")
        if not isinstance(one.piece, int) or one.piece < 0:
            raise ValueError("it is not whole")
        return one

    def written(self) -> bytes:
        """As it lies beside the file."""
        return json.dumps({"format": FORM, **asdict(self)}, ensure_ascii=False).encode() + b"\n"


@dataclass(slots=True)
class Batch:
    """Files of one folder that have moved, for one record."""

    folder: str
    files: int = 0
    bytes: int = 0
    since: float = inf
    until: float = -inf
    streams: set[str] = field(default_factory=set)

    def add(self, path: Path, size: int) -> None:
        """One more."""
        at = begins(path.parent.name, path.name) or 0.0
        self.files, self.bytes = self.files + 1, self.bytes + size
        self.since, self.until = min(self.since, at), max(self.until, at)
        self.streams.add(path.parents[1].as_posix())

    @property
    def range(self) -> str:
        """When the first and the last of them begin."""
        return "–".join(datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds") for at in (self.since, self.until))

    @property
    def text(self) -> str:
        """For the record."""
        return f"files {self.files}; bytes {self.bytes}; streams {len(self.streams)}; from {self.folder}"[:500]


def note_of(path: Path) -> Path:
    """What lies beside a file whose pictures have moved."""
    return path.with_name(path.name + AWAY)


def begins(day: str, name: str) -> float | None:
    """When a footage file begins, seconds since 1970, by its own name; None for anything else."""
    found = _FILE.fullmatch(name)
    if found is None or not _DAY.fullmatch(day):
        return None
    try:
        return datetime.strptime(day + found[1], "%Y%m%d%H%M%S").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None


def key_of(below: Path, size: int, end: int) -> str:
    """The object's name: always the same for one file, and another for one of the same name in another folder. `end`: the checksum
    of its last bytes, which are its table.
    """
    return f"{below.with_suffix('').as_posix()}-{size:x}-{end:08x}.mp4"


@dataclass(frozen=True, slots=True)
class Kept:
    """What an object's name says of the file that it was made of: its path below the folder, and its bytes."""

    path: PurePosixPath
    size: int


def kept_of(key: str) -> Kept | None:
    """None: it is no name of `key_of`, or its path is no footage file's."""
    found = _KEY.fullmatch(key)
    if found is None:
        return None
    path = PurePosixPath(f"{found[1]}.mp4")
    parts = path.parts
    plain = 3 <= len(parts) <= 6 and all(_PART.fullmatch(part) for part in parts)
    return Kept(path, int(found[2], 16)) if plain and begins(path.parent.name, path.name) is not None else None


class SecondTierAway(NodeFault):
    """The bucket does not answer, or refuses."""

    code = "second_tier.away"
    zh = "二级存储无法使用:{why}"
    en = "The second tier of footage cannot be used: {why}"
    remedy_zh = "请检查 [recording.second_tier] 的地址、密钥与存储桶;录像仍留在本地,已迁出的录像暂时不能回放"
    remedy_en = (
        "Look at [recording.second_tier]: address, key, bucket. New footage stays on the local disks; what has moved cannot be "
        "played now"
    )


class NoRoomBack(NodeFault):
    """What is asked for would fill the disk that new footage needs."""

    code = "second_tier.no_room"
    zh = "录像文件夹空间不足,已迁出的录像不能取回:{why}"
    en = "A footage folder has no room for what is to be brought back: {why}"
    remedy_zh = "新录像优先;请释放空间或增加录像文件夹,然后重新打开回放"
    remedy_en = "New footage comes first; free room or add a footage folder, then play it again"


class ChangedThere(NodeFault):
    """What the bucket gives back is not what was sent there."""

    code = "second_tier.changed"
    zh = "二级存储中有 {count} 个录像文件已被改动,如 {file};被改动的部分不播放、不导出"
    en = "{count} footage files were changed in the second tier, as {file}; what was changed is neither played nor exported"
    remedy_zh = "请查明谁能写入存储桶,并从其备份或旧版本恢复对象;恢复后再次回放即可消除本提示"
    remedy_en = (
        "Find out who can write to the bucket, and restore the object from a backup or an earlier version; once it is played again "
        "as it was this is gone"
    )


class HashesLost(NodeFault):
    """The bucket is not to blame: what would tell whether it gives back the right thing is gone from the disk."""

    code = "second_tier.hashes_lost"
    zh = "{count} 个已迁出录像文件旁的校验文件(.hashes)丢失,如 {file};补齐前不播放、不导出"
    en = (
        "The hashes (.hashes) of {count} footage files that have moved are gone, as of {file}; without them nothing of it is played"
    )
    remedy_zh = "节点在后台整体读取对象,与迁出时的 SHA-256 一致后自动补齐;也可从备份放回。请查明是谁删除了它、磁盘是否完好"
    remedy_en = (
        "The node reads each object whole in the background and makes them anew where it agrees with its SHA-256 of when it moved; "
        "or put them back from a backup. Find out who removed them, and whether the disk is sound"
    )


class InTheClear(NodeFault):
    """The bucket is reached over a network without encryption."""

    code = "second_tier.in_the_clear"
    zh = "录像以明文 HTTP 传输到二级存储 {endpoint}:途中可被窃听"
    en = "Footage goes to the second tier {endpoint} in the clear: it can be overheard on its way"
    remedy_zh = "请将 [recording.second_tier] endpoint 改为 https://"
    remedy_en = "Set endpoint of [recording.second_tier] to an https:// address"


class NoHoles(NodeFault):
    """A folder's file system does not let go of what has moved."""

    code = "second_tier.no_holes"
    zh = "录像文件夹的文件系统不支持释放已迁出的录像:{folder}"
    en = "The file system of a footage folder does not let go of what has moved: {folder}"
    remedy_zh = "请使用 ext4、xfs 或 btrfs;录像已复制到二级存储,但本地空间没有释放"
    remedy_en = "Use ext4, xfs or btrfs: footage is copied to the second tier, but takes its room here all the same"
