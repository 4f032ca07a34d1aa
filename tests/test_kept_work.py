"""Work that is kept is bounded: for each person, in all, by its rows and in time."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest

from fengsui.errors import FengsuiError, OperatorFault
from fengsui.kept_work import KEPT_S, KeptWork, Work


class Busy(OperatorFault):
    """Too much at once."""


class Unknown(OperatorFault):
    """Not there."""


@dataclass(slots=True)
class Piece(Work):
    """Of one test."""

    def fail(self, error: FengsuiError) -> None:
        """As kept."""
        self.error = error


class Room:
    """Kept work with a clock of its own."""

    def __init__(self, most: int = 3, most_rows: int = 100) -> None:
        self.now = 0.0
        self.kept = KeptWork[Piece](lambda: self.now, most=most, most_rows=most_rows, busy=Busy, unknown=Unknown)

    def begin(self, user: int, rows: int = 1, *, rests: bool = True) -> Piece:
        one = Piece(self.kept.next_number(), user, lambda: self.now, self.now, rows_most=rows)
        self.kept.take_in(one)
        if rests:
            self.kept.rests(one)
        return one

    def there(self, one: Piece) -> bool:
        return one in self.kept.of(one.user_id)


async def test_ones_own_of_before_gives_way_and_two_are_the_most_under_way() -> None:
    room = Room()
    before = room.begin(1)
    works = [room.begin(1, rests=False) for _ in range(2)]
    assert not room.there(before) and all(room.there(one) for one in works)
    with pytest.raises(Busy):
        room.begin(1)
    assert room.begin(2)
    with pytest.raises(Unknown):
        room.kept.get(2, works[0].number)
    room.kept.rests(works[0])
    assert room.there(room.begin(1)) and not room.there(works[0])
    await room.kept.stop()


async def test_the_oldest_that_nobody_works_on_gives_way_to_many_rows() -> None:
    room = Room(most=4)
    old, works, young = room.begin(1, 30), room.begin(2, 40, rests=False), room.begin(3, 20)
    room.begin(4, 30)
    assert [room.there(one) for one in (old, works, young)] == [False, True, True]
    with pytest.raises(Busy):
        room.begin(5, 61)
    assert room.there(young), "who is refused takes nobody's away"
    room.begin(5, 60)
    assert room.there(works) and not room.there(young)
    await room.kept.stop()


async def test_rows_that_are_counted_later_are_bounded_too() -> None:
    room = Room(most=4)
    old, works, late = room.begin(1, 30), room.begin(2, 40, rests=False), room.begin(3, 0, rests=False)
    room.kept.grow(late, 30)
    assert room.there(old)
    room.kept.grow(late, 31)
    assert not room.there(old) and room.there(works) and room.there(late)
    young = room.begin(4, 29)
    with pytest.raises(Busy):
        room.kept.grow(late, 61)
    assert room.there(young), "who is refused takes nobody's away"
    assert late.rows_most == 0, "and holds nothing"
    await room.kept.stop()


async def test_what_is_old_goes_whether_or_not_anybody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    room, due = Room(), []
    loop = asyncio.get_running_loop()
    monkeypatch.setattr(loop, "call_later", lambda delay, act: due.append((delay, act)) or asyncio.TimerHandle(0, act, (), loop))
    first = room.begin(1)
    assert [delay for delay, _ in due] == [KEPT_S]
    room.now = 100.0
    second = room.begin(2)
    room.now = KEPT_S + 1
    due.pop()[1]()
    assert not room.there(first) and room.there(second)
    assert due[0][0] == pytest.approx(99.0), "it looks again when the next is old"
    room.now = KEPT_S + 101
    with pytest.raises(Unknown):
        room.kept.get(2, second.number)
    due.pop()[1]()
    assert due == []


async def test_whatever_fails_is_its_own_end(capsys: pytest.CaptureFixture[str]) -> None:
    room = Room()

    async def fails(error: Exception) -> None:
        raise error

    one, other = room.begin(1, rests=False), room.begin(2, rests=False)
    room.kept.run(one, fails(Unknown()))
    room.kept.run(other, fails(ValueError("a surprise")))
    assert one.task is not None and other.task is not None
    await asyncio.gather(one.task, other.task)
    assert isinstance(one.error, Unknown) and other.error is not None and other.error.code == "node.error"
    assert one.ended is not None and other.ended is not None
    await room.kept.stop()
