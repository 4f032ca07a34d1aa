"""Which devices wait for the reset after an alarm: known from what is on disk, so that a node that dies owes it after its start.

Source: GB/T 28181-2022 §9.3; after an alarm of method 2 a device sends no further one until it is reset.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
import structlog

from fengsui.clock import Clock
from fengsui.errors import StorageFault
from fengsui.features.alarms.tables import alarm_resets, alarms
from fengsui.features.audit import NODE, Act, Audit
from fengsui.store import Store, upsert
from fengsui.wire.gb28181.alarm import AlarmMethod

log = structlog.get_logger(__name__)
LOOK_BACK_S: Final = 86_400.0
"""Before the newest alarm: what was not reset for longer than so, a device has had time to ask for by being switched off."""
SAID: Final = "by the node, once the alarm was on disk"


class ResetsOwed:
    """The book of the resets that the node sends by itself."""

    def __init__(self, store: Store, clock: Clock, audit: Audit) -> None:
        self._store = store
        self._clock = clock
        self._audit = audit

    def now(self) -> float:
        """Seconds since 1970."""
        return self._clock.now().timestamp()

    async def owed(self) -> list[str]:
        """Codes of devices whose last alarm of method 2 came after their last reset. Raises StorageFault."""
        newest = sa.select(sa.func.max(alarms.c.last_at)).scalar_subquery()
        where = (alarms.c.last_at >= newest - LOOK_BACK_S) & (alarms.c.method == int(AlarmMethod.DEVICE))
        last = sa.func.max(alarms.c.last_at)
        query = (
            sa.select(alarms.c.device)
            .join(alarm_resets, alarm_resets.c.device == alarms.c.device, isouter=True)
            .where(where & (alarms.c.device != ""))
            .group_by(alarms.c.device, alarm_resets.c.at)
            .having(sa.or_(alarm_resets.c.at.is_(None), last > alarm_resets.c.at))
        )
        async with self._store.reading() as tx:
            return sorted((await tx.execute(query)).scalars())

    async def on_record(self, device: str) -> None:
        """Before it is sent. Raises AuditUnavailable."""
        await self._audit.record(NODE, Act.DEVICE_RESET_ALARM, device, detail=SAID)

    async def sent(self, device: str, at: float) -> None:
        """It was answered; `at`: when it was sent, seconds since 1970."""
        try:
            async with self._store.transaction(act=False) as tx:
                await tx.execute(upsert(tx, alarm_resets, ["device"], ["at"]), [{"device": device, "at": at}])
        except StorageFault as fault:  # after the next start it is reset once more
            log.warning("that a device was reset after its alarm could not be stored", device=device, why=str(fault))
