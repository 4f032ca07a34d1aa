"""What is wrong with a neighbour's chain: named, kept over restarts, open until somebody looked at it or it ended by itself."""

from __future__ import annotations

import os
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Final

import msgspec

FILE = "findings.json"
KEPT = 100


class Finding(StrEnum):
    """A closed list; the texts stand in `TEXTS`."""

    FORGED = "forged"
    FOREIGN = "foreign"
    FORKED = "forked"
    REWRITTEN = "rewritten"
    SHORTENED = "shortened"
    SILENT = "silent"
    DAMAGED = "damaged"


TEXTS: Final[Mapping[Finding, tuple[str, str]]] = {
    Finding.FORGED: ("收到的检查点不是用登记的公钥签名的", "A checkpoint came that is not signed by the key that is pinned"),
    Finding.FOREIGN: ("收到的检查点属于另一个节点", "A checkpoint came that is about another node"),
    Finding.FORKED: (
        "同一段记录有两个已签名的检查点:日志分叉",
        "Two signed checkpoints speak for the same records: the log was forked",
    ),
    Finding.REWRITTEN: ("较早的检查点被替换:日志被改写", "An earlier checkpoint was replaced: the log was rewritten"),
    Finding.SHORTENED: (
        "对方的日志比本节点保存的副本短:日志被截断",
        "The node's log is shorter than the copy kept here: it was cut",
    ),
    Finding.SILENT: ("长时间没有收到对方的消息", "Nothing was heard of the node for a long time"),
    Finding.DAMAGED: ("本节点保存的副本在本机被改动", "The copy kept here was changed on this machine"),
}
AGAINST_THE_LOG: Final = frozenset((Finding.FORKED, Finding.REWRITTEN, Finding.SHORTENED))
"""What speaks against the neighbour's log itself."""
ENDS_BY_ITSELF: Final = frozenset((Finding.SILENT,))


class Found(msgspec.Struct, kw_only=True):
    """One finding. Times: RFC 3339, UTC. `record`: of the log, where that can be said, else 0. `ended_at` empty: it is open."""

    kind: Finding
    first_at: str
    last_at: str
    times: int = 1
    record: int = 0
    detail: str = ""
    ended_at: str = ""
    ended_by: str = ""
    note: str = ""

    @property
    def open(self) -> bool:
        """Nobody has looked at it yet, nor has it ended."""
        return not self.ended_at


_decode = msgspec.json.Decoder(list[Found]).decode


class Findings:
    """Of one neighbour, one open one a kind; the oldest ended ones are forgotten."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self.all: list[Found] = []

    def open(self) -> None:
        """Reads what was found before. Raises OSError; what cannot be read is put aside."""
        self.all = []
        try:
            self.all = _decode(self._path.read_bytes())
        except FileNotFoundError:
            pass
        except (msgspec.MsgspecError, ValueError):
            self._path.replace(self._path.with_suffix(".unreadable"))

    def open_one(self, kind: Finding) -> Found | None:
        """The open finding of a kind."""
        return next((one for one in self.all if one.kind is kind and one.open), None)

    @property
    def open_kinds(self) -> list[Finding]:
        """In the order in which they were found."""
        return [one.kind for one in self.all if one.open]

    def add(self, kind: Finding, at: str, record: int, detail: str) -> bool:
        """Whether it is new; one that is open already is counted."""
        known = self.open_one(kind)
        if known is not None:
            known.last_at, known.times = at, known.times + 1
            return False
        self.all.append(Found(kind=kind, first_at=at, last_at=at, record=record, detail=detail))
        ended = [one for one in self.all if not one.open]
        for one in ended[: max(0, len(self.all) - KEPT)]:
            self.all.remove(one)
        return True

    def end(self, at: str, by: str, note: str, *kinds: Finding) -> list[Found]:
        """Ends the open ones of these kinds."""
        ended = [one for one in self.all if one.open and one.kind in kinds]
        for one in ended:
            one.ended_at, one.ended_by, one.note = at, by, note
        return ended

    def keep(self) -> None:
        """On disk when it returns, whole or not at all. Raises OSError."""
        written = self._path.with_suffix(".new")
        with written.open("wb") as stream:
            stream.write(msgspec.json.encode(self.all))
            stream.flush()
            os.fsync(stream.fileno())
        written.replace(self._path)
