"""Somebody presses for help on a page of the node: the alarm goes the way of those of hosts, on disk before it is acknowledged.

On patrol they are signed in; at a protected place they hold a link.
"""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any, Final, NamedTuple

from fengsui.clock import Clock
from fengsui.errors import NodeFault
from fengsui.features.alarms import queries
from fengsui.features.alarms.batches import AlarmBatches
from fengsui.features.alarms.frames import Beside, Frame
from fengsui.features.alarms.model import LONGEST_TEXT, Alarm, plain
from fengsui.store import Store
from fengsui.wire.dc09.codes import Category

PROTOCOL: Final = "phone"
"""The protocol of such an alarm, of somebody on patrol."""
PANIC_PROTOCOL: Final = "panic"
"""Of a protected place."""
MOST_URGENT: Final = 1
FOR_THE_RECORD: Final = 4
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
    """`source`: what it comes from, the same for the next; `who`: the person. `at`: by their clock; position: where they are.
    `camera`: the code of the one that looks there. `trial`: it is for the record, and rings nowhere.
    """

    source: str
    who: str
    site: str
    area: str
    at: float | None = None
    longitude: float | None = None
    latitude: float | None = None
    text: str = ""
    camera: str = ""
    protocol: str = PROTOCOL
    trial: bool = False


class Receipt(NamedTuple):
    """Of a call that is on disk. `received_at`: by our clock, seconds since 1970."""

    alarm: int
    received_at: float


class CallsForHelp:
    """Of people who are signed in, or hold a link."""

    def __init__(self, store: Store, clock: Clock, batches: AlarmBatches) -> None:
        self._store = store
        self._clock = clock
        self._batches = batches

    async def take(self, by: str, key: str, call: Call, beside: Beside | None = None) -> None:
        """`by`: whose call it is; the same again under the same key is one, however late. `beside`: written with a new one alone.

        Returns once it is on disk. Raises NotReceived.
        """
        stored: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

        def done(on_disk: bool) -> None:
            if not stored.done():
                stored.set_result(on_disk)

        frame = Frame(
            key=_key_of(call.protocol, by, key),
            account=f"{call.protocol} {by}",
            facts=(_facts_of(by, call),),
            first_at=self._clock.now().timestamp(),
            began_s=self._clock.monotonic_s(),
            done=[done],
            lasting=True,
            beside=beside,
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

    async def receipt(self, protocol: str, by: str, key: str) -> Receipt | None:
        """Of what was taken under this key; None: nothing was. Raises StorageFault."""
        async with self._store.reading() as tx:
            found = await queries.by_key(tx, _key_of(protocol, by, key))
        return None if found is None else Receipt(*found)

    async def seen_to(self, alarm: int) -> Alarm | None:
        """The call itself, or the one that it counts with; None: there is none. Raises StorageFault."""
        async with self._store.reading() as tx:
            found = await queries.one(tx, None, alarm)
            if found is not None and found.folded_into is not None:
                found = await queries.one(tx, None, found.folded_into)
        return found

    async def open_of(self, source: str) -> Alarm | None:
        """The newest call of this source that is still seen to; None: there is none. Raises StorageFault."""
        async with self._store.reading() as tx:
            return await queries.open_call(tx, PROTOCOL, plain(source, 32))


def _key_of(protocol: str, by: str, key: str) -> str:
    return hashlib.sha256(f"{protocol} {by} {key}".encode()).hexdigest()


def _facts_of(by: str, call: Call) -> dict[str, Any]:
    """By person as well as by source: a second person's call rings by itself, with their name and place."""
    code, category = ("RX", Category.TEST) if call.trial else ("PA", Category.PANIC)
    priority = FOR_THE_RECORD if call.trial else MOST_URGENT
    return {
        **{"protocol": call.protocol, "device": "", "host_id": 0, "account": "", "site": plain(call.site, 128), "area": call.area},
        **{
            "section": by,
            "number": plain(call.source, 32),
            "is_user": False,
            "point_id": None,
            "point": plain(call.who, 128),
        },
        **{"point_kind": "button", "camera": call.camera, "camera_class": "", "code_table": "sia", "code": code, "known": True},
        **{"change": "new", "category": category.value, "priority": priority, "told_priority": None, "method": None},
        **{"alarm_type": "", "event_type": "", "text": plain(call.text, LONGEST_TEXT), "sequence": "", "encrypted": False},
        **{"held_back": False, "sent_at": call.at, "longitude": call.longitude, "latitude": call.latitude},
    }
