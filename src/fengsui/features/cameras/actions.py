"""Keeps cameras and the operator's own words about them, and tells who asks what is known."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.bus import Bus
from fengsui.clock import Clock
from fengsui.features.access import CameraClass, CameraFacts, Place, Scope
from fengsui.features.audit import Audit
from fengsui.features.cameras import clash_queries, queries
from fengsui.features.cameras.access_units import names_of, place_in_tree, unit_code
from fengsui.features.cameras.alarm_sources import AlarmSource, alarm_sources, with_alarm_inputs
from fengsui.features.cameras.asked import Asked
from fengsui.features.cameras.catalogue import MAX_ITEMS
from fengsui.features.cameras.finding import CameraSearch, Sorting
from fengsui.features.cameras.model import (
    DUPLICATE,
    Camera,
    DeviceTree,
    NamedCamera,
    RefusedChannel,
    UnknownCamera,
    UnusableAnswer,
    WithdrawnCamera,
    counted_area,
    home_of,
    shown_area,
)
from fengsui.features.cameras.points import CameraPoints, status_at
from fengsui.features.cameras.reading import LIMIT_S, CatalogueReading
from fengsui.features.cameras.rows import camera_of, placed, tree_item_of
from fengsui.features.cameras.withdrawn import KeptCameras
from fengsui.features.devices import (
    Devices,
    DeviceState,
    Signalling,
    UnknownDevice,
)
from fengsui.store import Store
from fengsui.wire.gb28181.device_facts import DeviceStatus, SimpleQuery
from fengsui.wire.sip.headers import BEIJING

FACTS_A_QUERY = 500
TREE_ITEMS = 5_000
ForgetCameras = Callable[[AsyncConnection, Sequence[str]], Awaitable[Callable[[], None]]]
"""Forgets cameras in the transaction that removes them; what it returns is called when that is committed."""


class Cameras:
    """Every camera that a device listed. What devices list is read by `reading`."""

    def __init__(
        self,
        store: Store,
        bus: Bus,
        audit: Audit,
        devices: Devices,
        signalling: Signalling,
        clock: Clock,
        default_class: CameraClass = CameraClass.GOVERNMENT,
        max_items: int = MAX_ITEMS,
        catalogue_limit_s: float = LIMIT_S,
    ) -> None:
        self.store = store
        self._default_class = default_class
        self._devices = devices
        self._signalling = signalling
        self._clock = clock
        self.kept = KeptCameras(store, clock, default_class)
        bounds = max_items, catalogue_limit_s
        self.reading = CatalogueReading(store, bus, audit, devices, signalling, clock, self.kept, *bounds)
        self.search = CameraSearch(store, self._status, self._class, self._read_unit_names)
        self.points = CameraPoints(store, devices, default_class)
        self._on_remove: list[ForgetCameras] = []
        devices.on_remove(self._remove_device)

    def on_remove(self, act: ForgetCameras) -> None:
        """`act` forgets what else is known of a removed device's cameras, also of those whose codes pass to another device."""
        self._on_remove.append(act)

    async def _remove_device(self, tx: AsyncConnection, device: str) -> Callable[[], Awaitable[None]]:
        """A removed device's items; its cameras' codes pass to whoever claimed them too."""
        await clash_queries.hold(tx)
        claimed = await clash_queries.cameras_of(tx, device)
        codes = await queries.codes_of(tx, device)
        then = [await act(tx, codes) for act in self._on_remove]
        await self.kept.keep(tx, device, codes)
        await queries.remove_device(tx, device)
        passed = await self.reading.clashes.release(tx, claimed)
        await self.kept.settle(tx, [one.code for one in passed])

        async def removed() -> None:
            for forgotten in then:  # first: the rows are gone, and what follows may fail
                forgotten()
            self.reading.forget(device)
            await self.reading.clashes.tell(passed)

        return removed

    async def device_status(self, code: str) -> DeviceStatus:
        """What the device says of itself now. Raises UnknownDevice, NoAnswer, Refused, DeviceOffline, UnusableAnswer."""
        device = self._devices.get(code)
        answer = await self._signalling.query(device, SimpleQuery("DeviceStatus", self._signalling.next_sn(), code))
        if not isinstance(answer, DeviceStatus):
            raise UnusableAnswer(command="DeviceStatus")
        return answer

    async def get(self, code: str) -> Camera:
        """Of what is recorded of it, `kept` tells, though it left. Raises UnknownCamera, of which WithdrawnCamera is one."""
        async with self.store.reading() as tx:
            row = await queries.camera(tx, code)
            whole = row is not None and queries.note_is_whole(tx, row)
            left = row is None and await self.kept.has(tx, code)
        if row is None:
            raise WithdrawnCamera(camera=code) if left else UnknownCamera(camera=code)
        area, camera_class = self._placed(row, whole=whole)
        found = replace(self._camera(row), shown_area=area, camera_class=camera_class)
        return found if whole else replace(found, audio_basis="")

    async def hold(self, tx: AsyncConnection, code: str) -> None:
        """Nobody removes the camera until the transaction ends. Raises UnknownCamera."""
        await clash_queries.hold(tx)
        if await queries.camera(tx, code) is None:
            raise UnknownCamera(camera=code)

    async def page(self, scope: Scope, asked: Asked, *, after: str, limit: int) -> tuple[list[Camera], int]:
        """Cameras inside `scope` that fit, by code after code `after`, and how many fit in all."""
        if asked.narrows:
            keys = await self.search.find(scope, asked)
            following = sorted(key for key in keys if key[0] > after)[:limit]
            async with self.store.reading() as tx:
                rows = await queries.cameras_by_key(tx, following)
            return [self._camera(row) for row in rows], len(keys)
        wanted = queries.Wanted(asked.area, asked.device, self._within(scope))
        async with self.store.reading() as tx:
            rows = await queries.cameras(tx, wanted, after=after, limit=limit)
            total = await queries.count(tx, wanted, scope, self._default_class)
        return [self._camera(row) for row in rows], total

    def _within(self, scope: Scope) -> sa.ColumnElement[bool] | None:
        return queries.within(scope, self._default_class)

    async def names(self, scope: Scope, asked: Asked, *, offset: int, limit: int) -> tuple[list[NamedCamera], int]:
        """What a tree shows of the cameras in `scope` that fit: of an area alone by code, else the best first; how many."""
        if not asked.narrows:
            async with self.store.reading() as tx:
                wanted = queries.Wanted(asked.area, "", self._within(scope))
                rows, total = await queries.names(tx, wanted, offset=offset, limit=limit)
            return [self._named(row) for row in rows], total
        keys = await self.search.find(scope, asked)
        wanted_keys = keys[offset : offset + limit]
        async with self.store.reading() as tx:
            found = {(row.code, row.device): row for row in await queries.named_by_key(tx, wanted_keys)}
        return [self._named(found[key]) for key in wanted_keys if key in found], len(keys)

    def _named(self, row: Any) -> NamedCamera:
        return NamedCamera(row.code, row.name, self._status(row.device, row.status), row.ptz_type)

    async def keys(self, scope: Scope, asked: Asked, sorting: Sorting) -> list[tuple[str, str]]:
        """(code, device) of all cameras inside `scope` that fit, in that order."""
        return await self.search.find(scope, asked, sorting)

    async def listed(self, keys: Sequence[tuple[str, str]]) -> list[Camera]:
        """Part of `keys`, in its order; without those that are gone meanwhile."""
        async with self.store.reading() as tx:
            found = {(row.code, row.device): row for row in await queries.cameras_by_key(tx, keys)}
        return [self._camera(found[key]) for key in keys if key in found]

    async def tags(self, scope: Scope) -> dict[str, int]:
        """Every tag of cameras inside `scope` → how many have it, the most first."""
        async with self.store.reading() as tx:
            rows = await queries.tags_within(tx, self._within(scope))
        counts: Counter[str] = Counter()
        for row in rows:
            counts.update(dict.fromkeys(json.loads(row.tags), int(row.cameras)))
        return dict(sorted(counts.items(), key=lambda one: (-one[1], one[0])))

    async def many(self, codes: Sequence[str]) -> dict[str, tuple[Camera, bool]]:
        """Those of these cameras that are there, as `get` has them, each with whether its note is as the node wrote it."""
        async with self.store.reading() as tx:
            return self._many(tx, await queries.cameras_of(tx, codes))

    def _many(self, tx: AsyncConnection, rows: Mapping[str, Any]) -> dict[str, tuple[Camera, bool]]:
        found: dict[str, tuple[Camera, bool]] = {}
        for code, row in rows.items():
            whole = queries.note_is_whole(tx, row)
            area, camera_class = self._placed(row, whole=whole)
            found[code] = replace(self._camera(row), shown_area=area, camera_class=camera_class), whole
        return found

    async def held(self, tx: AsyncConnection, codes: Sequence[str]) -> dict[str, tuple[Camera, bool]]:
        """As `many`, in the caller's transaction, until whose end nobody else writes them."""
        return self._many(tx, await queries.cameras_of(tx, codes, to_write=True))

    async def write_many(self, tx: AsyncConnection, notes: Mapping[str, Mapping[str, Any]]) -> None:
        """As `write`, of many cameras that are there and whose notes are whole, in the caller's transaction."""
        rows = await queries.cameras_of(tx, [code for code, one in notes.items() if "own_area" in one])
        stored = {
            code: {**one, **({"tags": json.dumps(one["tags"] or [], ensure_ascii=False)} if "tags" in one else {})}
            for code, one in notes.items()
        }
        await queries.write_notes(tx, stored)
        own = {code: notes[code]["own_area"] or "" for code in rows}
        areas = {code: _shown(row, own[code]) for code, row in rows.items()}
        classes = {code: one["camera_class"] or "" for code, one in notes.items() if "camera_class" in one}
        if areas:
            await queries.place_many(tx, "shown_area", areas)
            await queries.place_many(tx, "unit", {code: unit_code(one) or unit_code(code) for code, one in own.items()})
            await queries.place_many(tx, "fingerprint", dict.fromkeys(own, ""))
        if classes:
            await queries.place_many(tx, "camera_class", classes)

    async def named(self, scope: Scope, codes: Sequence[str]) -> list[NamedCamera]:
        """What a tree shows of those of these cameras that are inside `scope`, in this order."""
        async with self.store.reading() as tx:
            rows = await queries.named(tx, codes, self._within(scope))
        found = {row.code: self._named(row) for row in rows}
        return [found[code] for code in codes if code in found]

    async def counts_by_area(self, scope: Scope) -> dict[str, tuple[int, int]]:
        """Area → (cameras, online) of what `scope` holds; an access unit by its own code of eight digits."""
        async with self.store.reading() as tx:
            rows = await queries.areas_with_devices(tx, scope, self._default_class)
        online = self.online()
        counts: dict[str, tuple[int, int]] = {}
        for row in rows:
            area = place_in_tree(row.shown_area, row.unit)
            total, up = counts.get(area, (0, 0))
            counts[area] = (
                total + row.cameras,
                up + (row.cameras if row.device in online and row.status in ("ON", "") else 0),
            )
        return counts

    def online(self) -> frozenset[str]:
        """Devices that are there and in order."""
        return frozenset(one.code for one in self._devices.all() if one.online and not self._devices.shows_fault(one.code))

    async def unit_names(self) -> dict[str, str]:
        """Of access units that some catalogue names, by code."""
        return await self.search.unit_names()

    async def _read_unit_names(self) -> dict[str, str]:
        async with self.store.reading() as tx:
            rows = await queries.unit_namers(tx)
        return names_of((*row, home_of(row.device)) for row in rows)

    async def items_of(self, device: str, scope: Scope) -> DeviceTree:
        """A device's items, for its own tree, and its clashes with others; cameras outside `scope` are left out."""
        async with self.store.reading() as tx:
            rows = await queries.items_of(tx, device, TREE_ITEMS + 1)
            clashes = await clash_queries.clashes_of(tx, device, TREE_ITEMS)
        seen = (one for one in rows[:TREE_ITEMS] if one.kind not in ("camera", DUPLICATE) or self._holds(scope, one))
        refused = tuple(RefusedChannel(one.code, one.device, one.holder) for one in clashes if self._holds(scope, one))
        held = {one.code: one.holder for one in refused if one.device == device}
        items = [replace(tree_item_of(row, self._status(device, row.status)), held_by=held.get(row.code, "")) for row in seen]
        return DeviceTree(tuple(items), len(rows) <= TREE_ITEMS, refused)

    def _holds(self, scope: Scope, row: Any) -> bool:
        return scope.holds(row.shown_area, self._class(row.camera_class))

    async def write(self, tx: AsyncConnection, code: str, **notes: Any) -> None:
        """Sets the operator's own name, area, place, tags, class or audio basis. Raises UnknownCamera."""
        if "tags" in notes:
            notes["tags"] = json.dumps(notes["tags"] or [], ensure_ascii=False)
        row = await queries.camera(tx, code, to_write=True)
        if row is None:
            raise UnknownCamera(camera=code)
        await queries.write_note(tx, code, **notes)
        if "own_area" in notes:
            # What the device says of the unit comes with its next catalogue; until then its code does.
            own = notes["own_area"] or ""
            await queries.place(tx, code, shown_area=_shown(row, own), unit=unit_code(own) or unit_code(code), fingerprint="")
        if "camera_class" in notes:
            await queries.place(tx, code, camera_class=notes["camera_class"] or "")

    async def shown_with(self, code: str, own_area: str) -> tuple[str, str]:
        """Where a camera is shown, and where it would be with this area of the operator's. Raises UnknownCamera."""
        async with self.store.reading() as tx:
            row = await queries.camera(tx, code)
        if row is None:
            raise UnknownCamera(camera=code)
        return row.shown_area or "", _shown(row, own_area)

    async def shown_with_all(self, codes: Sequence[str], own_area: str) -> dict[str, tuple[str, str]]:
        """As `shown_with`, of those of many cameras that are there."""
        async with self.store.reading() as tx:
            return await self.shown_with_in(tx, codes, own_area)

    async def shown_with_in(self, tx: AsyncConnection, codes: Sequence[str], own_area: str) -> dict[str, tuple[str, str]]:
        """As `shown_with_all`, in the caller's transaction."""
        rows = await queries.cameras_of(tx, codes)
        return {code: (row.shown_area or "", _shown(row, own_area)) for code, row in rows.items()}

    async def set_class(self, tx: AsyncConnection, code: str, camera_class: CameraClass) -> None:
        """In the caller's transaction. Raises UnknownCamera."""
        row = await queries.camera(tx, code, to_write=True)
        if row is None:
            raise UnknownCamera(camera=code)
        forged = {} if queries.note_is_whole(tx, row) else {"own_area": None, "audio_basis": ""}  # two decide anew about all of it
        await queries.write_note(tx, code, take_over=True, camera_class=camera_class.value, **forged)
        await queries.place(tx, code, camera_class=camera_class.value)

    async def facts(self, codes: Sequence[str]) -> dict[str, CameraFacts]:
        """What the door must know of these cameras; of an unknown one, nothing."""
        found: dict[str, CameraFacts] = {}
        async with self.store.reading() as tx:
            for at in range(0, len(codes), FACTS_A_QUERY):
                for row in await queries.places(tx, codes[at : at + FACTS_A_QUERY]):
                    found[row.code] = CameraFacts(row.code, *self._placed(row, whole=queries.note_is_whole(tx, row)))
        return found

    async def with_sound(self, codes: Collection[str]) -> set[str]:
        """Those of these cameras whose sound may be heard: a legal basis stands in their file."""
        async with self.store.reading() as tx:
            return await queries.with_sound(tx, codes)

    async def place_of(self, code: str) -> CameraFacts | Place:
        """Where a camera lies, or lay when it left; one that nobody knows lies nowhere: only whoever holds everything may."""
        return (await self.facts([code])).get(code) or await self.kept.last_facts(code) or Place(code, "")

    async def codes_of(self, device: str) -> list[str]:
        """Codes of a device's cameras. Raises StorageFault."""
        async with self.store.reading() as tx:
            return await queries.codes_of(tx, device)

    async def alarm_sources(self, told: Collection[tuple[str, str]]) -> dict[tuple[str, str], AlarmSource]:
        """Where devices raise alarms, by device and the code that it names. Raises StorageFault."""
        async with self.store.reading() as tx:
            return await alarm_sources(tx, told)

    async def with_alarm_inputs(self, devices: Collection[str]) -> set[str]:
        """Which of these devices list an alarm input. Raises StorageFault."""
        async with self.store.reading() as tx:
            return await with_alarm_inputs(tx, devices)

    def arrivals_of(self, device: str) -> int:
        """How often a device has come since the node was started: whoever lost the news of it looks here."""
        try:
            return self._devices.get(device).arrivals
        except UnknownDevice:
            return 0

    def class_of(self, said: CameraClass | None) -> CameraClass:
        """What a camera is of which nobody says anything: by the node's setting."""
        return said or self._default_class

    def _class(self, stored: str) -> CameraClass:
        return CameraClass(stored) if stored else self._default_class

    def _placed(self, row: Any, *, whole: bool) -> tuple[str, CameraClass]:
        return placed(row, self._class, whole=whole)

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
        return status_at(self._devices, device, item_status)


def _shown(row: Any, own_area: str) -> str:
    """Where the tree shows a camera: where the operator put it, else what counts of the device's word."""
    return shown_area(own_area) if own_area else counted_area(row.area, row.device)
