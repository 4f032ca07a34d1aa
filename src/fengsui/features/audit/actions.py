"""Writes the audit log."""

from __future__ import annotations

from fengsui.clock import Clock
from fengsui.features.audit import queries
from fengsui.store import Store


class Audit:
    """The only writer of the audit log."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def record(self, actor: str, act: str, target: str, outcome: str, address: str) -> None:
        """On disk when this returns. Raises StorageFault: then the act must not happen."""
        async with self._store.transaction() as tx:
            at = self._clock.now().timestamp()
            await queries.add(
                tx, at=at, actor=actor[:64], act=act, target=target[:128], outcome=outcome[:128], address=address[:64]
            )
