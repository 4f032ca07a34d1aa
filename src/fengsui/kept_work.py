"""Work that somebody began and comes back to, in memory: bounded for each person, in all, and in time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import count
from typing import Final, Generic, TypeVar

import structlog

from fengsui.errors import FengsuiError

log = structlog.get_logger(__name__)
KEPT_S: Final = 3_600.0
"""So long a piece of work is kept after it came to rest."""
MOST_OF_ONE: Final = 2
"""One that is done, and the next that is looked through."""


@dataclass(slots=True)
class Work:
    """One piece of work of one person. `clock`: seconds that only grow; `rows_most`: rows that it may come to hold."""

    number: int
    user_id: int
    clock: Callable[[], float]
    begun: float
    rows_most: int = 0
    done: int = 0
    total: int = 0
    step: float = 0.0
    ended: float | None = None
    error: FengsuiError | None = None
    task: asyncio.Task[None] | None = None

    def count_from(self, total: int) -> None:
        """A phase begins."""
        self.done, self.total, self.step, self.ended = 0, total, self.clock(), None

    def step_s(self) -> float:
        """Of this phase, until now or its end."""
        return (self.clock() if self.ended is None else self.ended) - self.step

    def seconds_left(self) -> float | None:
        """Of this phase, by its pace until now."""
        if self.ended is not None or not self.done:
            return None
        return self.step_s() / self.done * (self.total - self.done)

    def fail(self, error: FengsuiError) -> None:
        """It came to nothing."""
        raise NotImplementedError


W = TypeVar("W", bound=Work)


class KeptWork(Generic[W]):
    """`most_rows`: of all that is kept together; what nobody works on gives way, the oldest first."""

    def __init__(
        self, clock: Callable[[], float], *, most: int, most_rows: int, busy: type[FengsuiError], unknown: type[FengsuiError]
    ) -> None:
        self._clock = clock
        self._most, self._most_rows = most, most_rows
        self._busy, self._unknown = busy, unknown
        self._kept: dict[int, W] = {}
        self._numbers = count(1)
        self._timer: asyncio.TimerHandle | None = None

    def next_number(self) -> int:
        """Of the next piece of work."""
        return next(self._numbers)

    async def stop(self) -> None:
        """Ends what is under way; what is written stays written."""
        if self._timer is not None:
            self._timer.cancel()
        tasks = [one.task for one in self._kept.values() if one.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def take_in(self, one: W) -> None:
        """One's own of before that is at rest gives way. Raises the error of too much: then nothing gave way but what was old."""
        self._forget_old()
        mine = [other for other in self._kept.values() if other.user_id == one.user_id]
        gone = [other for other in mine if other.ended is not None]
        if len(mine) - len(gone) >= MOST_OF_ONE:
            raise self._busy()
        self._give_way(one, gone)
        self._kept[one.number] = one

    def grow(self, one: W, rows: int) -> None:
        """It comes to hold so many rows; until now nobody could say. Raises the error of too much: then nothing gave way."""
        one.rows_most = rows
        try:
            self._give_way(one, [])
        except FengsuiError:
            one.rows_most = 0
            raise

    def _give_way(self, one: W, gone: list[W]) -> None:
        """What is at rest, the oldest first, until there is room for `one`; and `gone` with it. Raises the error of too much."""
        others = [other for other in self._kept.values() if other is not one and other not in gone]
        at_rest = sorted((other for other in others if other.ended is not None), key=lambda other: other.number)
        while len(others) >= self._most or sum(other.rows_most for other in others) + one.rows_most > self._most_rows:
            if not at_rest:
                raise self._busy()
            oldest = at_rest.pop(0)
            gone.append(oldest)
            others.remove(oldest)
        for other in gone:
            del self._kept[other.number]

    def drop(self, one: W) -> None:
        """It did not begin."""
        self._kept.pop(one.number, None)

    def get(self, user_id: int, number: int) -> W:
        """One's own. Raises the error of what is not known."""
        self._forget_old()
        one = self._kept.get(number)
        if one is None or one.user_id != user_id:
            raise self._unknown()
        return one

    def of(self, user_id: int) -> list[W]:
        """One's own, the newest first."""
        self._forget_old()
        return [one for one in reversed(self._kept.values()) if one.user_id == user_id]

    def run(self, one: W, work: Awaitable[None]) -> None:
        """In the background, until it is at rest."""
        one.task = asyncio.create_task(self._to_its_end(one, work))

    async def _to_its_end(self, one: W, work: Awaitable[None]) -> None:
        try:
            await work
        except FengsuiError as error:
            one.fail(error)
        except Exception as error:  # the outermost place of a task that nobody awaits: logged whole, told as failed
            log.exception("work that is kept failed", what=str(error), kind=type(one).__name__)
            one.fail(FengsuiError())
        finally:
            self.rests(one)

    def rests(self, one: W) -> None:
        """Nobody works on it; from now on its time runs."""
        one.ended = self._clock()
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(KEPT_S, self._look)

    def _look(self) -> None:
        """Memory is given back also where nobody begins anything new."""
        self._timer = None
        self._forget_old()
        ends = [one.ended for one in self._kept.values() if one.ended is not None]
        if ends:
            left_s = max(1.0, min(ends) + KEPT_S - self._clock())
            self._timer = asyncio.get_running_loop().call_later(left_s, self._look)

    def _forget_old(self) -> None:
        now = self._clock()
        self._kept = {number: one for number, one in self._kept.items() if one.ended is None or one.ended + KEPT_S >= now}
