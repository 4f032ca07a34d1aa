"""Gathers the many messages of one catalogue answer. Pure. Source: GB/T 28181-2022 §9.5, annexes J and M; field practice."""

from __future__ import annotations

from dataclasses import dataclass, field

from fengsui.wire.gb28181.catalog import CatalogueAnswer, CatalogueItem

MAX_ITEMS = 500_000


@dataclass(slots=True)
class CatalogueCollection:
    """Messages in any order, repeated, with a wrong SumNum. `total`: the largest claim so far."""

    device: str
    items: dict[str, CatalogueItem] = field(default_factory=dict)
    total: int = 0

    def take(self, answer: CatalogueAnswer) -> list[CatalogueItem]:
        """The items that are new or changed within this collection."""
        self.total = max(self.total, answer.total)
        fresh = []
        for item in answer.items:
            if len(self.items) >= MAX_ITEMS and item.device_id not in self.items:
                continue
            if self.items.get(item.device_id) != item:
                self.items[item.device_id] = item
                fresh.append(item)
        return fresh

    @property
    def complete(self) -> bool:
        """Whether as many distinct items came as were announced; only then may missing ones be forgotten."""
        return len(self.items) >= self.total
