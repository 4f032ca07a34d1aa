"""Reads what devices list when they come online, follows what they tell of it later, stores it. GB/T 28181-2022 §9.5, §9.11."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Coroutine
from contextlib import aclosing, closing, suppress
from dataclasses import replace
from typing import Any

import structlog
from prometheus_client import Counter
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.bus import Bus
from fengsui.clock import Clock
from fengsui.errors import StorageFault
from fengsui.features.audit import NODE, Act, Audit
from fengsui.features.cameras import clash_queries, queries
from fengsui.features.cameras.access_units import unit_code
from fengsui.features.cameras.catalogue import MAX_ITEMS, CatalogueCollection, Reported, Turn, turn_of
from fengsui.features.cameras.clashes import Clashes
from fengsui.features.cameras.doubts import Doubts
from fengsui.features.cameras.facts import DeviceFacts
from fengsui.features.cameras.model import DUPLICATE, counted_area, shown_area, status_of
from fengsui.features.cameras.places import Places
from fengsui.features.cameras.ports import CameraPassed, CameraStatusChanged, CatalogueProgress
from fengsui.features.cameras.rows import completed, row_of
from fengsui.features.cameras.subscriptions import CatalogueSubscriptions
from fengsui.features.cameras.withdrawn import KeptCameras
from fengsui.features.devices import (
    DeviceCameOnline,
    Devices,
    DeviceState,
    DeviceWentOffline,
    Signalling,
    SignallingFault,
    UnknownDevice,
)
from fengsui.loops import keep
from fengsui.store import Store
from fengsui.wire.gb28181.alarm import AlarmNotification
from fengsui.wire.gb28181.catalog import CatalogueAnswer, CatalogueItem, CatalogueNotification, CatalogueQuery, CatalogueText
from fengsui.wire.gb28181.manscdp import Manscdp
from fengsui.wire.gb_code import CodeKind, kind_of

log = structlog.get_logger(__name__)
QUERIES_AT_ONCE, LONG_AT_ONCE, LONG_S = 64, 64, 10.0
"""Devices that are read at once; one that takes longer leaves its place to the next and goes on beside them."""
OWED_EVERY_S = 5.0
FIRST_PART_S, NEXT_PART_S = 20.0, 5.0
LIMIT_S = 10_800.0
"""For one reading, where the settings say nothing else: 100,000 items at one in 100 ms, as the slowest recorders send them."""
QUIET_S = 0.3
"""Silence after a count that may be that of one message alone; recorders send their parts 30 to 100 ms apart."""
WRITE_CHUNK = 2_000
TOLD_ONE_BY_ONE = 200
TELL_EVERY_S = 0.3
MAX_SIDE_TASKS = 1_000
ITEMS_DROPPED = Counter("fengsui_catalogue_dropped_items_total", "Catalogue items above the limit of a device")
NEWS_DROPPED = Counter("fengsui_catalogue_dropped_news_total", "Changes of catalogues that came too fast to be stored")
CUT_SHORT = Counter("fengsui_catalogue_cut_short_total", "Readings of catalogues that ended at their limit of time")
READINGS = 3
"""Queries for one reading where a device stalls: what it sent is kept, the next one brings the rest."""


class CatalogueReading:
    """A few devices at a time, each in a task of its own."""

    def __init__(
        self,
        store: Store,
        bus: Bus,
        audit: Audit,
        devices: Devices,
        signalling: Signalling,
        clock: Clock,
        kept: KeptCameras,
        max_items: int = MAX_ITEMS,
        limit_s: float = LIMIT_S,
    ) -> None:
        self._kept_cameras = kept
        self._store = store
        self._limit_s = limit_s
        self._max_items = max_items
        self._bus = bus
        self._devices = devices
        self._signalling = signalling
        self._clock = clock
        self._facts = DeviceFacts(devices, signalling)
        self._places = Places("catalogues", self._read_in_turn, QUERIES_AT_ONCE, LONG_AT_ONCE, LONG_S)
        """Codes of known devices, each at most once."""
        self._beliefs = Places("device-beliefs", self._facts.read_beliefs, QUERIES_AT_ONCE, LONG_AT_ONCE, LONG_S)
        """In places of their own: many devices do not answer this one, and no catalogue waits for it."""
        self._asked: set[str] = set()
        self._being_read: set[str] = set()
        self._again: set[str] = set()
        """Asked for while they were being read: what came by then may be older than what is wanted."""
        self._owed: set[str] = set()
        """What they told could not be stored: they are read again when that can be."""
        self._doubts = Doubts(clock)
        self.on_alarm: Callable[[DeviceState, AlarmNotification], None] = lambda *_: None
        self._side_tasks: set[asyncio.Task[None]] = set()
        self._in_order = asyncio.Lock()
        """Notifications take effect in the order they came."""
        self._progress: dict[str, CatalogueProgress] = {}
        self._told_at_s: dict[str, float] = {}
        self._arrivals: dict[str, int] = {}
        """By device: how many of its arrivals were followed."""
        self._follower: asyncio.Task[None] | None = None
        self._renewer: asyncio.Task[None] | None = None
        self._creditor: asyncio.Task[None] | None = None
        self.subscriptions = CatalogueSubscriptions(devices, signalling, clock)
        self.clashes = Clashes(store, bus, audit)
        self._audit = audit

    async def start(self) -> None:
        """Follows devices coming online."""
        await self.clashes.start()
        await self._kept_cameras.start()
        self._follower = keep("cameras", self._follow_devices)
        self._renewer = keep("catalogue-subscriptions", self.subscriptions.renew)
        self._creditor = keep("catalogues-owed", self._read_owed)

    async def stop(self) -> None:
        """Ends every query."""
        tasks = [task for task in (self._follower, self._renewer, self._creditor, *self._side_tasks) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, self._places.stop(), self._beliefs.stop(), return_exceptions=True)

    async def _follow_devices(self) -> None:
        with closing(self._bus.subscribe(DeviceCameOnline, DeviceWentOffline, name="cameras")) as news:
            self._look_at_all()
            while True:
                for event in await news.batch():
                    if isinstance(event, DeviceWentOffline):
                        self.subscriptions.end(event.code)
                    else:
                        self._note_arrival(event.code, restarted=event.restarted)
                if news.has_lost():
                    log.warning("more devices came than could be followed: all are looked at")
                    self._look_at_all()

    def _note_arrival(self, code: str, *, restarted: bool) -> None:
        with suppress(UnknownDevice):
            self._arrivals[code] = self._devices.get(code).arrivals
        if restarted:
            self.subscriptions.end(code)  # it has forgotten them, or will not send by them
        self.ask_catalogue(code)

    def _look_at_all(self) -> None:
        """After events were lost: whoever came since we last heard of it is read, whoever is away has no subscription."""
        devices = self._devices.all()
        self._arrivals = {one.code: self._arrivals[one.code] for one in devices if one.code in self._arrivals}
        for device in devices:
            if not device.online:
                self.subscriptions.end(device.code)
            elif device.arrivals > self._arrivals.get(device.code, 0):
                self._note_arrival(device.code, restarted=True)

    def ask_catalogue(self, code: str) -> None:
        """Reads DeviceInfo and the catalogue in the background; once at a time for a device, and once more if it is being read."""
        if code in self._asked:
            self._again |= self._being_read & {code}
            return
        self._asked.add(code)
        self._progress[code] = CatalogueProgress(code, 0, 0, done=False)
        self._places.put(code)

    async def _read_in_turn(self, code: str) -> None:
        """A storm of registrations is a queue of codes, not a storm of queries."""
        self._being_read.add(code)
        try:
            await self._read_device(code)
        except Exception:  # the outermost place: one device's surprise must not end the reading of all
            log.exception("catalogue reading failed", device=code)
        finally:
            self._asked.discard(code)
            self._being_read.discard(code)
            progress = self._progress.get(code)
            if self._devices.is_online(code) is None:
                self.forget(code)  # removed meanwhile
            elif progress is not None and not progress.done:  # no answer, or a fault: nobody must wait for the rest
                self._tell(replace(progress, done=True))
        if code in self._again:
            self._again.discard(code)
            self.ask_catalogue(code)

    async def _read_owed(self) -> None:
        while True:
            await asyncio.sleep(OWED_EVERY_S)
            due = self._doubts.due()
            if self._owed and self._store.fault is None:
                due |= self._owed
                self._owed = set()
            for code in due:
                if self._devices.is_online(code):  # whoever is away is read when it comes
                    self.ask_catalogue(code)

    def forget(self, code: str) -> None:
        """A device that was removed."""
        self._progress.pop(code, None)
        self._told_at_s.pop(code, None)
        self._arrivals.pop(code, None)
        self._again.discard(code)
        self._owed.discard(code)
        self._doubts.end(code)
        self.subscriptions.end(code)

    def catalogue_progress(self, code: str) -> CatalogueProgress | None:
        """How far the newest reading of this device's catalogue is."""
        return self._progress.get(code)

    async def _read_device(self, code: str) -> None:
        try:
            device = self._devices.get(code)
        except UnknownDevice:
            return  # removed while it waited
        try:
            await self._facts.read(device)
        except SignallingFault as fault:
            log.info("no device info", device=code, why=str(fault))
        try:
            await self._read_catalogue(device)
        except SignallingFault as fault:
            log.info("no catalogue", device=code, why=str(fault))
            if kind_of(code) is CodeKind.CAMERA:
                # A single-lens camera that answers no catalogue is itself the camera.
                await self._write_items(device, [Reported.of(CatalogueItem(code, device.name or code, status="ON"))])
        except StorageFault as fault:
            log.error("catalogue could not be stored", device=code, why=str(fault))
            self._owed.add(code)
        self._beliefs.put(code)

    async def _read_catalogue(self, device: DeviceState) -> None:
        collection = CatalogueCollection(device.code, most=self._max_items)
        async with self._store.reading() as tx:
            known = await queries.fingerprints(tx, device.code)
        end_s = self._clock.monotonic_s() + self._limit_s
        cut = False
        for _ in range(READINGS):
            had = len(collection.items)
            try:
                cut = await self._collect(device, collection, known, end_s)
            except SignallingFault:
                if not had:
                    raise
                break  # what it sent before it fell silent is kept
            if cut or collection.complete or len(collection.items) == had:
                break  # nothing more comes: the number announced is the sender's claim
            log.info("catalogue stalled, asked again", device=device.code, items=len(collection.items), announced=collection.total)
        if cut:
            CUT_SHORT.inc()
            log.warning("catalogue cut short", device=device.code, items=len(collection.items), limit_s=self._limit_s)
        elif collection.believable:
            gone = [code for code in known if code not in collection.items]
            if not self._doubts.arise(device.code, len(known), len(gone)):
                await self._forget(device, gone)
        cut_after_s = self._limit_s if cut else 0
        self._tell(CatalogueProgress(device.code, len(collection.items), collection.total, done=True, cut_after_s=cut_after_s))
        await self.subscriptions.begin(device, len(collection.items))
        log.info("catalogue read", device=device.code, items=len(collection.items), announced=collection.total)

    async def _collect(self, device: DeviceState, collection: CatalogueCollection, known: dict[str, str], end_s: float) -> bool:
        """One query and what comes of it until `end_s`; what came before a stall stays. Whether the device went on all the same.

        Raises SignallingFault when nothing came at all.
        """
        query = CatalogueQuery(self._signalling.next_sn(), device.code)
        waiting: list[Reported] = []

        def patience_s() -> float:
            """How long to wait for more when nothing lies there."""
            if not collection.believable or any(code not in collection.items for code in known):
                return NEXT_PART_S  # the number is the sender's claim: nothing is forgotten on its word alone
            lone = collection.items.keys() == {device.code} and kind_of(device.code) is CodeKind.CAMERA
            return QUIET_S if collection.may_count_own_part and not lone else 0.0

        cut = False
        async with aclosing(self._signalling.collect(device, query, first_s=FIRST_PART_S, next_s=patience_s)) as answers:
            async for answer in answers:
                if isinstance(answer, CatalogueAnswer | CatalogueText):
                    before = collection.dropped
                    waiting += collection.take(answer)
                    ITEMS_DROPPED.inc(collection.dropped - before)
                    self._tell(CatalogueProgress(device.code, len(collection.items), collection.total, done=False))
                    if len(waiting) >= WRITE_CHUNK or collection.believable:
                        await self._write_items(device, waiting, known)
                        waiting = []
                if self._clock.monotonic_s() >= end_s:
                    cut = True
                    break
        await self._write_items(device, waiting, known)
        return cut

    def _tell(self, progress: CatalogueProgress) -> None:
        """Kept at once; told a few times a second, and at the end."""
        begun = self._progress.get(progress.device)
        self._progress[progress.device] = progress
        now_s = self._clock.monotonic_s()
        if progress.done or begun is None or now_s >= self._told_at_s.get(progress.device, 0.0) + TELL_EVERY_S:
            self._told_at_s[progress.device] = now_s
            self._bus.publish(progress)

    async def _write_items(self, device: DeviceState, items: list[Reported], known: dict[str, str] | None = None) -> None:
        """`known`: fingerprints of what is stored of this device, kept up to date; read here, of these items, when not given."""
        if not items:
            return
        async with self._store.transaction() as tx:
            if known is None:
                known = await queries.fingerprints(tx, device.code, [one.device_id for one in items])
                stored = await queries.count_items(tx, device.code)
            else:
                stored = len(known)
            changed = self._within_limit([one for one in items if known.get(one.device_id) != one.fingerprint], known, stored)
            rows = [row_of(device.code, reported.item, reported.fingerprint) for reported in changed]
            if rows:
                await clash_queries.hold(tx)
            passed = await self._write_rows(tx, device.code, rows)
        known.update((row["code"], row["fingerprint"]) for row in rows)
        await self._tell_clashes(rows, passed)
        self._tell_status(rows)

    async def _write_rows(self, tx: AsyncConnection, device: str, rows: list[dict[str, Any]]) -> list[CameraPassed]:
        """Codes that passed to another device, to be told when committed. The codes must be held."""
        if not rows:
            return []
        await self.clashes.judge(tx, device, rows)
        codes = [row["code"] for row in rows]
        own = await queries.own_places(tx, codes)
        before = await queries.shown_of(tx, device, codes)
        for row in rows:
            own_area, row["camera_class"] = own.get(row["code"], ("", ""))
            old = before.get(row["code"], "")
            row["shown_area"] = shown_area(own_area) if own_area else counted_area(row["area"], device, old)
            row["unit"] = unit_code(own_area) or row["unit"]
            if old and row["shown_area"] != old and row["kind"] == "camera":
                said = f"shown_area: {old}→{row['shown_area']}, as {device} reports"
                await self._audit.record(NODE, Act.CAMERA_CHANGE, row["code"], detail=said)
        others = [row["code"] for row in rows if row["kind"] not in ("camera", DUPLICATE)]
        await self._kept_cameras.keep(tx, device, others)  # a channel may become what carries no picture
        await queries.write_items(tx, rows)
        passed = await self.clashes.release(tx, others)
        await self._kept_cameras.settle(tx, codes)
        return passed

    async def _take_away(self, tx: AsyncConnection, device: str, gone: list[str]) -> list[CameraPassed]:
        """Codes that passed to another device, to be told when committed. The codes must be held."""
        await self._kept_cameras.keep(tx, device, gone)
        await queries.remove_items(tx, device, gone)
        passed = await self.clashes.release(tx, gone)
        await self._kept_cameras.settle(tx, [one.code for one in passed])
        return passed

    async def _tell_clashes(self, rows: list[dict[str, Any]], passed: list[CameraPassed]) -> None:
        if passed or any(row["kind"] == DUPLICATE for row in rows):
            await self.clashes.tell(passed)

    def _tell_status(self, rows: list[dict[str, Any]]) -> None:
        if len(rows) > TOLD_ONE_BY_ONE:
            return  # who watches a whole catalogue follows its progress
        for row in rows:
            if row["kind"] == "camera":
                self._bus.publish(CameraStatusChanged(row["code"], self._status(row["device"], row["status"])))

    def _status(self, device: str, item_status: str) -> str:
        return status_of(item_status, True, behind_platform=False, faulty=self._devices.shows_fault(device))

    def _within_limit(self, changed: list[Reported], known: dict[str, str], stored: int) -> list[Reported]:
        """A device has so many items and no more, however they come."""
        new = [reported for reported in changed if reported.device_id not in known]
        left_out = {id(reported) for reported in new[max(0, self._max_items - stored) :]}
        ITEMS_DROPPED.inc(len(left_out))
        return [reported for reported in changed if id(reported) not in left_out] if left_out else changed

    async def _forget(self, device: DeviceState, gone: list[str]) -> None:
        """Items that a complete catalogue no longer has."""
        if gone:
            async with self._store.transaction() as tx:
                await clash_queries.hold(tx)
                passed = await self._take_away(tx, device.code, gone)
            await self.clashes.tell(passed)

    def take_unasked(self, device: DeviceState, body: Manscdp) -> None:
        """Catalogue answers nobody asked for, and notifications."""
        if isinstance(body, CatalogueText):
            body = body.read()
        if isinstance(body, CatalogueAnswer):
            self._spawn(device.code, self._write_items(device, [Reported.of(item) for item in body.items]))
        elif isinstance(body, CatalogueNotification):
            self._spawn(device.code, self._take_notification(device, body))
        elif isinstance(body, AlarmNotification):
            self.on_alarm(device, body)

    def _spawn(self, code: str, work: Coroutine[Any, Any, None]) -> None:
        if len(self._side_tasks) >= MAX_SIDE_TASKS:
            work.close()
            NEWS_DROPPED.inc()
            self._owed.add(code)
            return
        task = asyncio.create_task(self._kept(code, work))
        self._side_tasks.add(task)
        task.add_done_callback(self._side_tasks.discard)

    async def _kept(self, code: str, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except StorageFault as fault:  # it was answered and does not come again
            log.error("news of a catalogue could not be stored", device=code, why=str(fault))
            self._owed.add(code)

    async def _take_notification(self, device: DeviceState, body: CatalogueNotification) -> None:
        """ON, OFF, VLOST, DEFECT set the status; ADD and UPDATE bring items; DEL takes them away (§9.11)."""
        changed: list[dict[str, Any]] = []
        statuses: list[tuple[str, str]] = []
        passed: list[CameraPassed] = []
        async with self._in_order, self._store.transaction() as tx:
            await clash_queries.hold(tx)
            for turn, group in itertools.groupby(body.items, turn_of):
                items = list(group)
                if turn is Turn.STATUS and not device.ignore_notified_status:
                    told = [(item.device_id, item.event) for item in items]
                    await queries.set_status(tx, device.code, told)
                    hidden = await self.clashes.hidden(tx, device.code, [code for code, _ in told])
                    statuses += [one for one in told if one[0] not in hidden]
                elif turn is Turn.ITEM:
                    changed += await self._take_changed(tx, device, items, passed)
                elif turn is Turn.GONE:
                    passed += await self._take_away(tx, device.code, [item.device_id for item in items])
        await self.clashes.tell(passed)
        self._tell_status(changed)
        for code, event in statuses:
            self._bus.publish(CameraStatusChanged(code, self._status(device.code, event)))

    async def _take_changed(
        self, tx: AsyncConnection, device: DeviceState, items: list[CatalogueItem], passed: list[CameraPassed]
    ) -> list[dict[str, Any]]:
        """Writes items of ADD and UPDATE; the rows as they are now."""
        # No fingerprint: what the next catalogue says of them is news.
        said = [(row_of(device.code, item, ""), item) for item in items]
        known = await queries.stored_items(tx, device.code, [row["code"] for row, _ in said])
        changed: dict[str, dict[str, Any]] = {}
        new = list(dict.fromkeys(row["code"] for row, _ in said if row["code"] not in known))
        room = max(0, self._max_items - await queries.count_items(tx, device.code)) if new else 0
        left_out = set(new[room:])
        ITEMS_DROPPED.inc(len(left_out))
        for row, item in said:
            if row["code"] in left_out:
                continue
            code, before = row["code"], known.get(row["code"])
            now = completed(row, item, before, believe_status=not device.ignore_notified_status)
            if before is None or any(now[name] != before[name] for name in now if name != "fingerprint"):
                known[code] = changed[code] = now
        passed += await self._write_rows(tx, device.code, list(changed.values()))
        return list(changed.values())
