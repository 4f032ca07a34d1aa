"""Reads catalogues when devices come online, keeps cameras, and controls them."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.bus import Bus
from fengsui.clock import Clock
from fengsui.errors import StorageFault
from fengsui.features.access import CameraClass, CameraFacts, Scope
from fengsui.features.cameras import queries
from fengsui.features.cameras.catalogue import CatalogueCollection, Reported, Turn, turn_of
from fengsui.features.cameras.model import (
    Camera,
    NamedCamera,
    UnknownCamera,
    UnusableAnswer,
    shown_area,
    status_of,
)
from fengsui.features.cameras.ports import CameraStatusChanged, CatalogueProgress
from fengsui.features.cameras.rows import camera_of, completed, row_of
from fengsui.features.cameras.subscriptions import CatalogueSubscriptions
from fengsui.features.devices import (
    DeviceCameOnline,
    Devices,
    DeviceState,
    DeviceWentOffline,
    Signalling,
    SignallingFault,
    UnknownDevice,
)
from fengsui.store import Store
from fengsui.wire.gb28181.catalog import CatalogueAnswer, CatalogueItem, CatalogueNotification, CatalogueQuery, CatalogueText
from fengsui.wire.gb28181.configuration import ConfigAnswer, ConfigQuery
from fengsui.wire.gb28181.device_facts import DeviceInfo, DeviceStatus, SimpleQuery
from fengsui.wire.gb28181.manscdp import Manscdp
from fengsui.wire.gb_code import CodeKind, kind_of
from fengsui.wire.sip.headers import BEIJING

log = structlog.get_logger(__name__)
QUERIES_AT_ONCE = 16
FIRST_PART_S, NEXT_PART_S, BELIEFS_S = 20.0, 5.0, 4.0
WRITE_CHUNK = 2_000
TOLD_ONE_BY_ONE = 200
TELL_EVERY_S = 0.3
READINGS = 3
"""Queries for one reading where a device stalls: what it sent is kept, the next one brings the rest."""
KEYS_A_RUN, NAMED_DEVICES, FACTS_A_QUERY = 5_000, 500, 500


class Cameras:
    """Catalogues and cameras."""

    def __init__(
        self,
        store: Store,
        bus: Bus,
        devices: Devices,
        signalling: Signalling,
        clock: Clock,
        default_class: CameraClass = CameraClass.GOVERNMENT,
    ) -> None:
        self._store = store
        self._default_class = default_class
        self._bus = bus
        self._devices = devices
        self._signalling = signalling
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        """Codes of known devices, each at most once."""
        self._asked: set[str] = set()
        self._readers: list[asyncio.Task[None]] = []
        self._side_tasks: set[asyncio.Task[None]] = set()
        self._in_order = asyncio.Lock()
        """Notifications take effect in the order they came."""
        self._progress: dict[str, CatalogueProgress] = {}
        self._told_at_s: dict[str, float] = {}
        self._follower: asyncio.Task[None] | None = None
        self._renewer: asyncio.Task[None] | None = None
        self._clock = clock
        self.subscriptions = CatalogueSubscriptions(devices, signalling, clock)
        devices.on_remove(queries.remove_device)

    async def start(self) -> None:
        """Follows devices coming online."""
        self._follower = asyncio.create_task(self._follow_devices())
        self._renewer = asyncio.create_task(self.subscriptions.renew())

    async def stop(self) -> None:
        """Ends every query."""
        tasks = [task for task in (self._follower, self._renewer, *self._readers, *self._side_tasks) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _follow_devices(self) -> None:
        news = self._bus.subscribe(DeviceCameOnline, DeviceWentOffline, name="cameras")
        while True:
            for event in await news.batch():
                if isinstance(event, DeviceCameOnline):
                    self.ask_catalogue(event.code)
                else:
                    self.subscriptions.end(event.code)

    def ask_catalogue(self, code: str) -> None:
        """Reads DeviceInfo and the catalogue in the background; once at a time for a device."""
        if code in self._asked:
            return
        self._asked.add(code)
        self._progress[code] = CatalogueProgress(code, 0, 0, done=False)
        self._queue.put_nowait(code)
        if len(self._readers) < QUERIES_AT_ONCE:
            self._readers.append(asyncio.create_task(self._read_devices()))

    async def _read_devices(self) -> None:
        """One of a few that read: a storm of registrations is a queue of codes, not a storm of queries."""
        while True:
            code = await self._queue.get()
            try:
                await self._read_device(code)
            except Exception:  # the outermost loop: one device's surprise must not end the reading of all
                log.exception("catalogue reading failed", device=code)
            finally:
                self._asked.discard(code)

    def catalogue_progress(self, code: str) -> CatalogueProgress | None:
        """How far the newest reading of this device's catalogue is."""
        return self._progress.get(code)

    async def _read_device(self, code: str) -> None:
        try:
            device = self._devices.get(code)
        except UnknownDevice:
            return  # removed while it waited
        try:
            await self._read_facts(device)
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

    async def _read_facts(self, device: DeviceState) -> None:
        answer = await self._signalling.query(device, SimpleQuery("DeviceInfo", self._signalling.next_sn(), device.code))
        if isinstance(answer, DeviceInfo):
            facts = {"maker": answer.manufacturer, "model": answer.model, "firmware": answer.firmware}
            if answer.name and not device.name:
                facts["name"] = answer.name
            await self._devices.update(device.code, channels=answer.channels, **{k: v[:256] for k, v in facts.items()})
        with suppress(SignallingFault):  # many devices do not answer this one
            await self._read_beliefs(device)

    async def _read_beliefs(self, device: DeviceState) -> None:
        """ConfigDownload's BasicParam: a heartbeat that is longer than our limit explains a device that comes and goes."""
        query = ConfigQuery(self._signalling.next_sn(), device.code, ("BasicParam",))
        answer = await self._signalling.query(device, query, timeout_s=BELIEFS_S)
        basic = answer.configuration.basic if isinstance(answer, ConfigAnswer) else None
        if basic is None or not basic.heartbeat_interval_s:
            return
        believed = {
            "expires_s": basic.expiration_s or 0,
            "keepalive_interval_s": basic.heartbeat_interval_s,
            "keepalive_missed_limit": basic.heartbeat_count or 0,
        }
        if json.dumps(believed) != device.believed:
            await self._devices.update(device.code, believed=json.dumps(believed))

    async def device_status(self, code: str) -> DeviceStatus:
        """What the device says of itself now. Raises UnknownDevice, NoAnswer, Refused, DeviceOffline, UnusableAnswer."""
        device = self._devices.get(code)
        answer = await self._signalling.query(device, SimpleQuery("DeviceStatus", self._signalling.next_sn(), code))
        if not isinstance(answer, DeviceStatus):
            raise UnusableAnswer(command="DeviceStatus")
        return answer

    async def _read_catalogue(self, device: DeviceState) -> None:
        collection = CatalogueCollection(device.code)
        async with self._store.reading() as tx:
            known = await queries.fingerprints(tx, device.code)
        for _ in range(READINGS):
            had = len(collection.items)
            await self._collect(device, collection, known)
            if collection.complete or len(collection.items) == had:
                break  # nothing more comes: the number announced is the sender's claim
            log.info("catalogue stalled, asked again", device=device.code, items=len(collection.items), announced=collection.total)
        if collection.complete:
            await self._forget(device, [code for code in known if code not in collection.items])
        self._tell(CatalogueProgress(device.code, len(collection.items), collection.total, done=True))
        await self.subscriptions.begin(device, len(collection.items))
        log.info("catalogue read", device=device.code, items=len(collection.items), announced=collection.total)

    async def _collect(self, device: DeviceState, collection: CatalogueCollection, known: dict[str, str]) -> None:
        """One query and what comes of it; what came before a stall stays. Raises SignallingFault when nothing came at all."""
        query = CatalogueQuery(self._signalling.next_sn(), device.code)
        waiting: list[Reported] = []
        async for answer in self._signalling.collect(device, query, first_s=FIRST_PART_S, next_s=NEXT_PART_S):
            if not isinstance(answer, CatalogueAnswer | CatalogueText):
                continue
            waiting += collection.take(answer)
            self._tell(CatalogueProgress(device.code, len(collection.items), collection.total, done=False))
            if len(waiting) >= WRITE_CHUNK:
                await self._write_items(device, waiting, known)
                waiting = []
            if collection.complete:
                break
        await self._write_items(device, waiting, known)

    def _tell(self, progress: CatalogueProgress) -> None:
        """Kept at once; told a few times a second, and at the end."""
        begun = self._progress.get(progress.device)
        self._progress[progress.device] = progress
        now_s = self._clock.monotonic_s()
        if progress.done or begun is None or now_s >= self._told_at_s.get(progress.device, 0.0) + TELL_EVERY_S:
            self._told_at_s[progress.device] = now_s
            self._bus.publish(progress)

    async def _write_items(self, device: DeviceState, items: list[Reported], known: dict[str, str] | None = None) -> None:
        """`known`: fingerprints of what is stored of this device, kept up to date; read here when not given."""
        if not items:
            return
        async with self._store.transaction() as tx:
            if known is None:
                known = await queries.fingerprints(tx, device.code)
            changed = [reported for reported in items if known.get(reported.device_id) != reported.fingerprint]
            rows = [row_of(device.code, reported.item, reported.fingerprint) for reported in changed]
            await self._write_rows(tx, rows)
        known.update((row["code"], row["fingerprint"]) for row in rows)
        self._tell_status(rows)

    async def _write_rows(self, tx: AsyncConnection, rows: list[dict[str, Any]]) -> None:
        if not rows:
            return
        own = await queries.own_places(tx, [row["code"] for row in rows])
        for row in rows:
            own_area, row["camera_class"] = own.get(row["code"], ("", ""))
            row["shown_area"] = shown_area(own_area or row["area"])
        await queries.write_items(tx, rows)

    def _tell_status(self, rows: list[dict[str, Any]]) -> None:
        if len(rows) > TOLD_ONE_BY_ONE:
            return  # who watches a whole catalogue follows its progress
        for row in rows:
            if row["kind"] == "camera":
                self._bus.publish(CameraStatusChanged(row["code"], status_of(row["status"], True, behind_platform=False)))

    async def _forget(self, device: DeviceState, gone: list[str]) -> None:
        """Items that a complete catalogue no longer has."""
        if gone:
            async with self._store.transaction() as tx:
                await queries.remove_items(tx, device.code, gone)

    def take_unasked(self, device: DeviceState, body: Manscdp) -> None:
        """Catalogue answers nobody asked for, and notifications."""
        if isinstance(body, CatalogueText):
            body = body.read()
        if isinstance(body, CatalogueAnswer):
            self._spawn(self._write_items(device, [Reported.of(item) for item in body.items]))
        elif isinstance(body, CatalogueNotification):
            self._spawn(self._take_notification(device, body))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._side_tasks.add(task)
        task.add_done_callback(self._side_tasks.discard)

    async def _take_notification(self, device: DeviceState, body: CatalogueNotification) -> None:
        """ON, OFF, VLOST, DEFECT set the status; ADD and UPDATE bring items; DEL takes them away (§9.11)."""
        changed: list[dict[str, Any]] = []
        statuses: list[tuple[str, str]] = []
        async with self._in_order, self._store.transaction() as tx:
            for turn, group in itertools.groupby(body.items, turn_of):
                items = list(group)
                if turn is Turn.STATUS and not device.ignore_notified_status:
                    told = [(item.device_id, item.event) for item in items]
                    await queries.set_status(tx, device.code, told)
                    statuses += told
                elif turn is Turn.ITEM:
                    changed += await self._take_changed(tx, device, items)
                elif turn is Turn.GONE:
                    await queries.remove_items(tx, device.code, [item.device_id for item in items])
        self._tell_status(changed)
        for code, event in statuses:
            self._bus.publish(CameraStatusChanged(code, status_of(event, True, behind_platform=False)))

    async def _take_changed(self, tx: AsyncConnection, device: DeviceState, items: list[CatalogueItem]) -> list[dict[str, Any]]:
        """Writes items of ADD and UPDATE; the rows as they are now."""
        # No fingerprint: what the next catalogue says of them is news.
        said = [(row_of(device.code, item, ""), item) for item in items]
        known = await queries.stored_items(tx, device.code, [row["code"] for row, _ in said])
        changed: dict[str, dict[str, Any]] = {}
        for row, item in said:
            code, believed = row["code"], not device.ignore_notified_status
            known[code] = changed[code] = completed(row, item, known.get(code), believe_status=believed)
        await self._write_rows(tx, list(changed.values()))
        return list(changed.values())

    async def get(self, code: str) -> Camera:
        """Raises UnknownCamera."""
        async with self._store.reading() as tx:
            row = await queries.camera(tx, code)
        if row is None:
            raise UnknownCamera(camera=code)
        return self._camera(row)

    async def page(
        self, scope: Scope, *, area: str, device: str, text: str, status: str, after: str, limit: int
    ) -> tuple[list[Camera], int]:
        """Cameras inside `scope` after code `after`, and how many fit in all."""
        wanted = queries.Wanted(area, device, text, self._within(scope))
        async with self._store.reading() as tx:
            if status:
                rows, total = await self._rows_with(tx, status, wanted, after=after, limit=limit)
            else:
                rows = await queries.cameras(tx, wanted, after=after, limit=limit)
                total = await queries.count(tx, wanted, scope, self._default_class)
        return [self._camera(row) for row in rows], total

    def _within(self, scope: Scope) -> sa.ColumnElement[bool] | None:
        return queries.within(scope, self._default_class)

    async def _rows_with(
        self, tx: AsyncConnection, status: str, asked: queries.Wanted, *, after: str, limit: int
    ) -> tuple[Sequence[Any], int]:
        """Who is online is known here, not in the database: keys are read in runs, judged, and only the page is read whole."""
        online = [state.code for state in self._devices.all() if state.online]
        fits = queries.could_be(status, online if len(online) <= NAMED_DEVICES else None)
        wanted: list[tuple[str, str]] = []
        total, at = 0, ("", "")
        while True:
            keys = await queries.keys(tx, asked, after=at, fits=fits, limit=KEYS_A_RUN)
            for key in keys:
                if self._status(key.device, key.status) == status:
                    total += 1
                    if key.code > after and len(wanted) < limit:
                        wanted.append((key.code, key.device))
            if len(keys) < KEYS_A_RUN:
                break
            at = (keys[-1].code, keys[-1].device)
        return await queries.cameras_by_key(tx, wanted), total

    async def names(self, scope: Scope, *, area: str, text: str, offset: int, limit: int) -> tuple[list[NamedCamera], int]:
        """What a tree shows of the cameras in `scope` at exactly `area` (empty: anywhere) that `text` fits, by code; how many."""
        wanted = queries.Wanted(area, "", text, self._within(scope))
        async with self._store.reading() as tx:
            rows, total = await queries.names(tx, wanted, offset=offset, limit=limit)
        return [NamedCamera(row.code, row.name, self._status(row.device, row.status), row.ptz_type) for row in rows], total

    async def counts_by_area(self, scope: Scope) -> dict[str, tuple[int, int]]:
        """Area → (cameras, online) of what `scope` holds."""
        async with self._store.reading() as tx:
            rows = await queries.areas_with_devices(tx, scope, self._default_class)
        online = {state.code for state in self._devices.all() if state.online}
        counts: dict[str, tuple[int, int]] = {}
        for row in rows:
            total, up = counts.get(row.shown_area, (0, 0))
            counts[row.shown_area] = (
                total + row.cameras,
                up + (row.cameras if row.device in online and row.status in ("ON", "") else 0),
            )
        return counts

    async def items_of(self, device: str, scope: Scope) -> list[Any]:
        """A device's items as stored, for its own tree; cameras outside `scope` are left out."""
        async with self._store.reading() as tx:
            found = await queries.items_of(tx, device)
        return [one for one in found if one.kind != "camera" or scope.holds(one.shown_area, self._class(one.camera_class))]

    async def note(self, code: str, **notes: Any) -> Camera:
        """Sets the operator's own name, area, place, tags or audio basis. Raises UnknownCamera."""
        if "tags" in notes:
            notes["tags"] = json.dumps(notes["tags"], ensure_ascii=False)
        async with self._store.transaction() as tx:
            row = await queries.camera(tx, code)
            if row is None:
                raise UnknownCamera(camera=code)
            await queries.write_note(tx, code, **notes)
            if "own_area" in notes:
                await queries.place(tx, code, shown_area=shown_area(notes["own_area"] or row.area))
            if "camera_class" in notes:
                await queries.place(tx, code, camera_class=notes["camera_class"] or "")
        return await self.get(code)

    async def facts(self, codes: Sequence[str]) -> dict[str, CameraFacts]:
        """What the door must know of these cameras; of an unknown one, nothing."""
        found: dict[str, CameraFacts] = {}
        async with self._store.reading() as tx:
            for at in range(0, len(codes), FACTS_A_QUERY):
                for row in await queries.places(tx, codes[at : at + FACTS_A_QUERY]):
                    found[row.code] = CameraFacts(row.code, row.shown_area, self._class(row.camera_class))
        return found

    def _class(self, stored: str) -> CameraClass:
        return CameraClass(stored) if stored else self._default_class

    def _camera(self, row: Any) -> Camera:
        return camera_of(row, self._class(row.camera_class))

    def clock_error_s(self, device_time: str) -> float | None:
        """How far a device's clock (local time of China, as §9.10 has it) is ahead of ours; None where it cannot be read."""
        try:
            told = datetime.fromisoformat(device_time[:19]).replace(tzinfo=BEIJING)
        except ValueError:
            return None
        return (told - self._clock.now()).total_seconds()

    def device_of(self, camera: Camera) -> DeviceState:
        """The device behind a camera. Raises UnknownDevice."""
        return self._devices.get(camera.device)

    def device_by_code(self, code: str) -> DeviceState:
        """Raises UnknownDevice."""
        return self._devices.get(code)

    def status_of(self, camera: Camera) -> str:
        """online, offline, fault or unknown."""
        return self._status(camera.device, camera.item_status)

    def _status(self, device: str, item_status: str) -> str:
        return status_of(item_status, self._devices.is_online(device), behind_platform=kind_of(device) is CodeKind.PLATFORM)
