"""What a room has in memory of its rows stays what is on disk, also where the answer to a commit was lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.errors import StorageFault
from fengsui.store.engine import Store

log = structlog.get_logger(__name__)
AGAIN_S: Final = 1.0
Read = Callable[[], Awaitable[None]]


@asynccontextmanager
async def written(
    store: Store, turn: asyncio.Lock, read: Read, transaction: AbstractAsyncContextManager[AsyncConnection] | None = None
) -> AsyncIterator[AsyncConnection]:
    """A transaction, and after it `read`, which puts into memory what is on disk: whatever became of its answer.

    What cannot be read then is tried again until it can be. `turn`: is held around this, and around each further reading.
    """
    try:
        async with transaction or store.transaction() as tx:
            yield tx
    except BaseException:
        try:
            await read()
        except StorageFault as fault:  # as was the transaction: whoever asked is told of that
            _owe(store, turn, read, fault)
        raise
    try:
        await read()
    except StorageFault as fault:
        _owe(store, turn, read, fault)
        raise


def _owe(store: Store, turn: asyncio.Lock, read: Read, fault: StorageFault) -> None:
    log.error(
        "what was to be written can not be read; it is tried again, and until then what was known before holds", why=str(fault)
    )
    store.owe(_read_at_last(turn, read))


async def _read_at_last(turn: asyncio.Lock, read: Read) -> None:
    while True:
        await asyncio.sleep(AGAIN_S)
        async with turn:
            try:
                await read()
            except StorageFault:
                continue
        log.info("what could not be read is known again")
        return
