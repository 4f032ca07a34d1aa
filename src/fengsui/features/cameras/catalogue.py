"""Gathers the many messages of one catalogue answer. Pure. Source: GB/T 28181-2022 §9.5, annexes J and M; field practice."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import NamedTuple

from fengsui.wire.gb28181.catalog import CatalogueAnswer, CatalogueItem, CatalogueText, ItemText

MAX_ITEMS = 500_000
"""Of one device, where the settings say nothing else."""


class Turn(Enum):
    """What an item of a notification does (§9.11)."""

    STATUS = auto()
    ITEM = auto()
    GONE = auto()
    NOTHING = auto()


_TURNS = {"ADD": Turn.ITEM, "UPDATE": Turn.ITEM, "DEL": Turn.GONE, **dict.fromkeys(("ON", "OFF", "VLOST", "DEFECT"), Turn.STATUS)}


def turn_of(item: CatalogueItem) -> Turn:
    """By its event; one without an event that we know does nothing."""
    return _TURNS.get(item.event, Turn.NOTHING)


class Reported(NamedTuple):
    """One item as it came. `fingerprint` tells whether anything in it changed since it was stored."""

    device_id: str
    fingerprint: str
    said: CatalogueItem | ItemText

    @classmethod
    def of(cls, said: CatalogueItem | ItemText) -> Reported:
        """Read or not."""
        text = said.text if isinstance(said, ItemText) else repr(said)
        return cls(said.device_id, hashlib.blake2s(text.encode(), digest_size=12).hexdigest(), said)

    @property
    def item(self) -> CatalogueItem:
        """Read now, if it was not."""
        return self.said.read() if isinstance(self.said, ItemText) else self.said


@dataclass(slots=True)
class CatalogueCollection:
    """Messages in any order, repeated, with a wrong SumNum. `total`: the largest claim so far; `items`: id → fingerprint.

    A SumNum may count no more than its own message, or be too low: then the count is reached while more comes.
    """

    device: str
    items: dict[str, str] = field(default_factory=dict)
    total: int = 0
    most: int = MAX_ITEMS
    dropped: int = 0
    """Items above `most`."""
    claims: set[int] = field(default_factory=set)
    """Every SumNum that came."""
    largest_part: int = 0
    """Items of the longest message."""

    def take(self, answer: CatalogueAnswer | CatalogueText) -> list[Reported]:
        """The items that are new or changed within this collection."""
        self.total = max(self.total, answer.total)
        self.claims.add(answer.total)
        self.largest_part = max(self.largest_part, len(answer.items))
        fresh = []
        for said in answer.items:
            if len(self.items) >= self.most and said.device_id not in self.items:
                self.dropped += 1
                continue
            reported = Reported.of(said)
            if self.items.get(said.device_id) != reported.fingerprint:
                self.items[said.device_id] = reported.fingerprint
                fresh.append(reported)
        return fresh

    @property
    def complete(self) -> bool:
        """Whether as many distinct items came as were announced."""
        return len(self.items) >= self.total

    @property
    def believable(self) -> bool:
        """Whether every message announced just what came; only then may missing items be forgotten."""
        return self.claims == {len(self.items)} and not self.dropped

    @property
    def may_count_own_part(self) -> bool:
        """Whether the number announced may be that of one message alone."""
        return self.largest_part >= self.total
