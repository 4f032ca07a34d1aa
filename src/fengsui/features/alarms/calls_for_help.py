"""Somebody presses for help on a page of the node: the alarm goes the way of those of hosts, on disk before it is acknowledged."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any, Final, NamedTuple

from fengsui.clock import Clock
from fengsui.errors import NodeFault
from fengsui.features.alarms import queries
from fengsui.features.alarms.batches import AlarmBatches
from fengsui.features.alarms.frames import Frame
from fengsui.features.alarms.model import Alarm, plain
from fengsui.store import Store
from fengsui.wire.dc09.codes import Category

PROTOCOL: Final = "phone"
"""The protocol of such an alarm."""
MOST_URGENT: Final = 1
WAITS_S: Final = 10.0
"""So long somebody waits for the word that it is on disk; then they are told that it is not, and send it again."""


class NotReceived(NodeFault):
    """It is not known to be on disk."""

    code = "alarm.not_received"
    status = 503
    zh = "求助尚未存盘"
    en = "The call for help is not on disk"
    remedy_zh = "页面会自动重发;请同时用电台或电话求助"
    remedy_en = "The page sends it again by itself; call by radio or telephone as well"


class Call(NamedTuple):
    """`source`: what it comes from, the same for the next; `who`: the person. `at`: by their clock; position: where they are."""

    source: str
    who: str
    site: str
    area: str
    at: float | None = None
    longitude: float | None = None
    latitude: float | None = None


class CallsForHelp:
    """Of people who are signed in."""

    def __init__(self, store: Store, clock: Clock, batches: AlarmBatches) -> None:
        self._store = store
        self._clock = clock
        self._batches = batches

    async def take(self, user: int, key: str, call: Call) -> None:
        """Returns once it is on disk; the same again under the same key is one, however late. Raises NotReceived."""
        stored: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

        def done(on_disk: bool) -> None:
            if not stored.done():
                stored.set_result(on_disk)

        frame = Frame(
            key=hashlib.sha256(f"{PROTOCOL} {user} {key}".encode()).hexdigest(),
            account=f"{PROTOCOL} {user}",
            facts=(_facts_of(user, call),),
            first_at=self._clock.now().timestamp(),
            began_s=self._clock.monotonic_s(),
            done=[done],
            lasting=True,
        )
        if not self._batches.add(frame):
            raise NotReceived()
        try:
            async with asyncio.timeout(WAITS_S):
                on_disk = await stored
        except TimeoutError as error:
            raise NotReceived() from error
        if not on_disk:
            raise NotReceived()

    async def open_of(self, source: str) -> Alarm | None:
        """The newest call of this source that is still seen to; None: there is none. Raises StorageFault."""
        async with self._store.reading() as tx:
            return await queries.open_call(tx, PROTOCOL, plain(source, 32))


def _facts_of(user: int, call: Call) -> dict[str, Any]:
    """By person as well as by source: a second person's call rings by itself, with their name and place."""
    return {
        **{"protocol": PROTOCOL, "device": "", "host_id": 0, "account": "", "site": plain(call.site, 128), "area": call.area},
        **{
            "section": str(user),
            "number": plain(call.source, 32),
            "is_user": False,
            "point_id": None,
            "point": plain(call.who, 128),
        },
        **{"point_kind": "button", "camera": "", "camera_class": "", "code_table": "sia", "code": "PA", "known": True},
        **{"change": "new", "category": Category.PANIC.value, "priority": MOST_URGENT, "told_priority": None, "method": None},
        **{"alarm_type": "", "event_type": "", "text": "", "sequence": "", "encrypted": False, "held_back": False},
        **{"sent_at": call.at, "longitude": call.longitude, "latitude": call.latitude},
    }
