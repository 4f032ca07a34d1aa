"""Events between rooms, in process: typed, bounded, nobody waits for anybody."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import Any

MAX_WAITING = 10_000


class Subscription:
    """An async iterator over the events of some types. A subscriber that falls behind loses the oldest; `dropped` counts."""

    def __init__(self, bus: Bus, types: tuple[type, ...], limit: int, name: str) -> None:
        self.name = name
        self._bus = bus
        self._types = types
        self._limit = limit
        self._waiting: deque[Any] = deque()
        self._come = asyncio.Event()
        self.dropped = 0
        self._dropped_told = 0

    def offer(self, event: object) -> None:
        """Takes an event of our types."""
        if len(self._waiting) >= self._limit:
            self._waiting.popleft()
            self.dropped += 1
        self._waiting.append(event)
        self._come.set()

    def wants(self, kind: type) -> bool:
        """Whether events of this type are of ours."""
        return not self._types or issubclass(kind, self._types)

    @property
    def waiting(self) -> int:
        """Events not taken yet."""
        return len(self._waiting)

    def __aiter__(self) -> AsyncIterator[Any]:
        return self

    async def __anext__(self) -> Any:
        await self._any()
        return self._waiting.popleft()

    async def _any(self) -> None:
        while not self._waiting:
            self._come.clear()
            await self._come.wait()

    async def batch(self) -> list[Any]:
        """Everything that waits, at least one: a storm costs one turn of the loop, not one for each event."""
        await self._any()
        taken = list(self._waiting)
        self._waiting.clear()
        return taken

    def has_lost(self) -> bool:
        """Whether events were lost since the last call: whoever must know all looks again at the state."""
        lost, self._dropped_told = self.dropped > self._dropped_told, self.dropped
        return lost

    def close(self) -> None:
        """No more events."""
        self._bus.forget(self)


class Bus:
    """Whoever publishes does not know who listens."""

    def __init__(self) -> None:
        self._subscriptions: list[Subscription] = []
        self._who_wants: dict[type, list[Subscription]] = {}
        """By type of the events that were told of since somebody came or left."""

    def subscribe(self, *types: type, limit: int = MAX_WAITING, name: str = "other") -> Subscription:
        """Events of `types` (none: all) from now on. `name`: of the subscriber, for the metrics."""
        subscription = Subscription(self, types, limit, name)
        self._subscriptions.append(subscription)
        self._who_wants.clear()
        return subscription

    def forget(self, subscription: Subscription) -> None:
        """Ends a subscription; idempotent."""
        if subscription in self._subscriptions:
            self._subscriptions.remove(subscription)
            self._who_wants.clear()

    def depths(self) -> list[tuple[str, int, int]]:
        """By name of the subscribers: events that wait, and events lost."""
        sums: dict[str, tuple[int, int]] = {}
        for one in self._subscriptions:
            waiting, dropped = sums.get(one.name, (0, 0))
            sums[one.name] = (waiting + one.waiting, dropped + one.dropped)
        return [(name, waiting, dropped) for name, (waiting, dropped) in sums.items()]

    def publish(self, event: object) -> None:
        """Hands the event to every subscriber; never waits."""
        kind = type(event)
        wanting = self._who_wants.get(kind)
        if wanting is None:
            wanting = self._who_wants[kind] = [one for one in self._subscriptions if one.wants(kind)]
        for subscription in wanting:
            subscription.offer(event)
