"""What becomes of a press: its link known, within its bounds, on disk, and only then acknowledged."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import structlog
from prometheus_client import Counter
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.clock import Clock
from fengsui.errors import StorageFault
from fengsui.features.alarms import PANIC_PROTOCOL, CallsForHelp, NotReceived
from fengsui.features.panic_links import queries
from fengsui.features.panic_links.links import Known, PanicLinks
from fengsui.features.panic_links.model import (
    PanicTooOften,
    Press,
    State,
    Strangers,
    UnknownPanicLink,
    call_of,
    state_of,
)

log = structlog.get_logger(__name__)
PRESSES = Counter("fengsui_panic_presses_total", "Presses of panic links by what became of them", ["outcome"])
TAKEN, REFUSED, STRANGE, NOT_STORED = (PRESSES.labels(one) for one in ("taken", "refused", "unknown", "not stored"))


class Told(NamedTuple):
    """`received_at` None: nothing was pressed yet."""

    state: State
    received_at: datetime | None


class Presses:
    """Of whoever holds a link."""

    def __init__(self, clock: Clock, links: PanicLinks, calls: CallsForHelp) -> None:
        self._clock = clock
        self._links = links
        self._calls = calls
        self.strangers = Strangers()

    def opened(self, token: str, address: str) -> Known:
        """The link of this token; whoever has none is bounded by their address. Raises UnknownPanicLink, PanicTooOften."""
        found = self._links.opened(token)
        if found is not None:
            return found
        STRANGE.inc()
        if not self.strangers.take(address, self._clock.monotonic_s()):
            raise PanicTooOften()
        raise UnknownPanicLink()

    async def told(self, known: Known) -> Told:
        """What the desk does about the newest alarm of a link. Raises PanicTooOften, StorageFault."""
        if not known.looks.take(self._clock.monotonic_s()):
            raise PanicTooOften()
        if not known.alarm:
            return Told("none", None)
        return Told(state_of(await self._calls.seen_to(known.alarm)), datetime.fromtimestamp(known.pressed_at, UTC))

    def refused(self) -> None:
        """A press that is not as the page sends it."""
        REFUSED.inc()

    async def take(self, known: Known, press: Press) -> datetime:
        """When it came, once it is on disk; the same again under its key is one. Raises PanicTooOften, NotReceived."""
        if not known.pace.take(self._clock.monotonic_s()):
            REFUSED.inc()
            raise PanicTooOften()
        link, now = known.link, self._clock.now().timestamp()

        async def beside(tx: AsyncConnection, ids: Sequence[int]) -> None:
            if press.trial:
                await queries.tried(tx, link.id, now)
            else:
                await queries.pressed(tx, link.id, ids[0], now)

        try:
            await self._calls.take(link.number, press.key, call_of(link, press, now), beside)
            receipt = await self._calls.receipt(PANIC_PROTOCOL, link.number, press.key)
            if receipt is None:
                raise NotReceived()
        except (NotReceived, StorageFault) as fault:
            NOT_STORED.inc()
            log.error("a press is not on disk; its page sends it again", place=link.place, why=str(fault))
            raise NotReceived() from fault
        TAKEN.inc()
        self._links.noted(link.id, receipt, trial=press.trial)
        return datetime.fromtimestamp(receipt.received_at, UTC)
