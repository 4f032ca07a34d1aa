"""Rows that go to disk together, without the one that a database refuses keeping the others from it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError

from fengsui.errors import StorageFault, ValueOutOfRange

Row = TypeVar("Row")


async def write_apart(rows: Sequence[Row], write: Callable[[Sequence[Row]], Awaitable[None]]) -> list[tuple[Row, Exception]]:
    """Writes the rows by `write`, one transaction each time; what is refused is halved until it stands alone.

    Returns the rows that cannot be stored, each with the reason. Raises StorageFault when the database cannot now.
    """
    if not rows:
        return []
    try:
        await write(rows)
    except StorageFault:
        raise
    except (ValueOutOfRange, SQLAlchemyError) as error:
        if len(rows) == 1:
            return [(rows[0], error)]
    else:
        return []
    middle = len(rows) // 2
    return [*await write_apart(rows[:middle], write), *await write_apart(rows[middle:], write)]
