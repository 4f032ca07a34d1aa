"""Answers that come as requests of their own (GB/T 28181-2022 §9.5): gathered for the query that they belong to, bounded."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from enum import Enum, auto

from prometheus_client import Counter, Gauge

from fengsui.features.devices import AnswerTooLarge, NoAnswer
from fengsui.wire.gb28181.manscdp import Manscdp

MAX_QUERIES, MAX_MESSAGES = 20_000, 10_000
WAITING = Gauge("fengsui_queries_waiting", "Queries of devices that wait for answers")
REFUSED = Counter("fengsui_queries_refused", "Queries that were not sent because too many wait for answers")
DROPPED = Counter("fengsui_answers_dropped", "Answers of devices dropped because one query gathers too much")
HELD = Counter("fengsui_answers_held", "Answers of devices acknowledged later, when those before them were taken")


class Offered(Enum):
    """What becomes of an answer, and so of its acknowledgement."""

    TAKEN = auto()
    """To be acknowledged now; also what is dropped because its query is over."""
    HELD = auto()
    """Acknowledged by the function that came with it, as soon as there is room: a sender that waits for that sends no faster."""
    REFUSED = auto()
    """Not taken, and it must not be told that it was."""


class Gathering:
    """One query. `bounded_in_all`: what was taken counts as well; else, as for catalogues, only what waits to be taken: what finds
    no room is held unacknowledged, as much again, and then refused.
    """

    def __init__(self, command: str, most_octets: int, *, bounded_in_all: bool) -> None:
        self.command = command
        self._most_octets = most_octets
        self._in_all = bounded_in_all
        self._queue: asyncio.Queue[tuple[Manscdp, int] | None] = asyncio.Queue()
        self._octets = 0
        self._held: deque[tuple[Manscdp, int, Callable[[], None]]] = deque()
        self._held_octets = 0

    def offer(self, body: Manscdp, octets: int, acknowledge: Callable[[], None] = lambda: None) -> Offered:
        """An answer of so many octets; `acknowledge` is called later when it is held."""
        if self._has_room_for(octets) and not self._held:
            self._octets += octets
            self._queue.put_nowait((body, octets))
            return Offered.TAKEN
        if self._in_all:
            DROPPED.inc()
            self._queue.put_nowait(None)
            self._most_octets = 0
            return Offered.TAKEN
        if self._held_octets + octets > self._most_octets or len(self._held) >= MAX_MESSAGES:
            DROPPED.inc()
            return Offered.REFUSED
        HELD.inc()
        self._held.append((body, octets, acknowledge))
        self._held_octets += octets
        return Offered.HELD

    def end(self) -> None:
        """Nobody takes more: whoever waits for an acknowledgement gets it."""
        while self._held:
            self._held.popleft()[2]()
        self._held_octets = 0

    def _has_room_for(self, octets: int) -> bool:
        return self._octets + octets <= self._most_octets and self._queue.qsize() < MAX_MESSAGES

    def _take_held(self) -> None:
        while self._held and self._has_room_for(self._held[0][1]):
            body, octets, acknowledge = self._held.popleft()
            self._held_octets -= octets
            self._octets += octets
            self._queue.put_nowait((body, octets))
            acknowledge()

    @property
    def is_empty(self) -> bool:
        """Whether the next one is not there yet."""
        return self._queue.empty()

    async def next(self) -> Manscdp:
        """Waits for it. Raises AnswerTooLarge."""
        found = await self._queue.get()
        if found is None:
            raise AnswerTooLarge(command=self.command)
        body, octets = found
        if not self._in_all:
            self._octets -= octets
            self._take_held()
        return body


class Gatherings:
    """Every query that waits. `max_octets`: of one."""

    def __init__(self, max_octets: int) -> None:
        self._max_octets = max_octets
        self._open: dict[tuple[str, int], Gathering] = {}

    def begin(self, code: str, number: int, command: str, *, bounded_in_all: bool) -> Gathering:
        """For the query `number` of device `code`. Raises NoAnswer when too many wait."""
        if len(self._open) >= MAX_QUERIES:
            REFUSED.inc()
            raise NoAnswer(code=code, peer="busy")
        gathering = self._open[code, number] = Gathering(command, self._max_octets, bounded_in_all=bounded_in_all)
        WAITING.set(len(self._open))
        return gathering

    def end(self, code: str, number: int) -> None:
        """Idempotent."""
        gathering = self._open.pop((code, number), None)
        if gathering is not None:
            gathering.end()
        WAITING.set(len(self._open))

    def get(self, code: str, number: int) -> Gathering | None:
        """By the number that the answer bears."""
        return self._open.get((code, number))

    def of(self, code: str) -> Iterator[Gathering]:
        """Everything that this device was asked."""
        return (one for (asked, _), one in self._open.items() if asked == code)
