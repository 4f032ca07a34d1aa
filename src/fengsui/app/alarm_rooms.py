"""Alarm hosts and alarms, made, started and stopped together."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from fengsui.bus import Bus
from fengsui.clock import Clock, SteadyClock
from fengsui.features.access import Access, Place
from fengsui.features.alarm_shelves import AlarmShelves, Longest
from fengsui.features.alarm_shelves import router as shelves_router
from fengsui.features.alarm_sites import AlarmSites
from fengsui.features.alarm_sites import router as sites_router
from fengsui.features.alarm_work import AlarmLoad, AlarmPasses, AlarmWork, ShiftAlarms, load_router
from fengsui.features.alarm_work import router as alarm_work_router
from fengsui.features.alarms import (
    ALARMED,
    PACKAGE,
    AlarmBatches,
    AlarmHosts,
    Alarms,
    AlarmShapes,
    AlarmSubscriptions,
    ArmingWatch,
    CallsForHelp,
    Causes,
    DeviceReception,
    HostKeys,
    HostShapes,
    Limits,
    OpenAlarms,
    PointMarks,
    Reception,
    ResetsOwed,
    SilenceClocks,
    SourceSilences,
    Supervision,
    WaitingAlarmHosts,
)
from fengsui.features.alarms import router as alarms_router
from fengsui.features.areas import Divisions
from fengsui.features.audit import Audit
from fengsui.features.cameras import Cameras
from fengsui.features.devices import Devices, UnknownDevice
from fengsui.features.duty import Duty
from fengsui.features.point_imports import PointImports
from fengsui.features.point_imports import router as imports_router
from fengsui.features.recording import Calendar
from fengsui.late_routes import LateRoutes
from fengsui.settings import NodeSettings
from fengsui.store import Store
from fengsui.transports.alarm_door import AlarmDoor
from fengsui.transports.alarm_resets import AlarmResets
from fengsui.transports.signalling import SipSignalling


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmRooms:
    """From the frame to the list."""

    hosts: AlarmHosts
    waiting: WaitingAlarmHosts
    imports: PointImports
    arming: ArmingWatch
    supervision: Supervision
    silences: SourceSilences
    batches: AlarmBatches
    calls: CallsForHelp
    alarms: Alarms
    passes: AlarmPasses
    work: AlarmWork
    shifts: ShiftAlarms
    shelves: AlarmShelves
    sites: AlarmSites
    load: AlarmLoad
    of_devices: DeviceReception
    subscriptions: AlarmSubscriptions
    resets: AlarmResets
    owed: ResetsOwed
    devices: Devices
    door: AlarmDoor
    clock: Clock
    limits: Limits

    async def start(self) -> None:
        """Once the store is open."""
        await self.hosts.start()
        await self.sites.start()
        await self.supervision.start()
        await self.silences.start()
        await self.arming.start()
        await self.batches.start()
        await self.work.start()
        self.of_devices.start()

    async def begin(self) -> None:
        """Once whoever is to see an alarm can. Raises PortTaken, PortUnusable, StorageFault."""
        await self.door.start()
        self.subscriptions.start()
        for code in await self.owed.owed():
            with suppress(UnknownDevice):
                self.resets.owe(self.devices.get(code))
        self.supervision.begin()
        self.silences.begin()
        self.arming.begin()
        self.work.begin()
        self.shelves.begin()
        self.load.begin()

    def stops(self) -> list[Callable[[], Awaitable[None]]]:
        """In order, each with a time limit of its own."""
        first = [
            self.imports.stop,
            self.load.stop,
            self.work.stop,
            self.shelves.stop,
            self.supervision.stop,
            self.silences.stop,
            self.arming.stop,
            self.door.stop,
            self.subscriptions.stop,
            self.of_devices.stop,
        ]
        return [*first, self.batches.stop, self.resets.stop, self.hosts.stop]

    def shapes(self, cameras: Cameras, divisions: Divisions) -> AlarmShapes:
        """Of alarms, for whoever asks."""
        return AlarmShapes(
            cameras, divisions, self.supervision, lambda alarm: self.sites.stands_in(alarm), lambda id: self.passes.told(id)
        )

    def routes(self, cameras: Cameras, divisions: Divisions, settings: NodeSettings) -> list[LateRoutes]:
        """In the order of the API document."""
        shapes = self.shapes(cameras, divisions)
        area, pages = settings.node.code[:6], HostShapes(self.hosts, self.arming, self.clock, divisions)
        marks = PointMarks(self.hosts, self.alarms, self.clock, lambda account: self.sites.place_of(account))
        return [
            alarms_router(self.hosts, self.waiting, pages, marks, self.alarms, shapes, cameras, divisions, area),
            alarm_work_router(self.work, shapes),
            load_router(self.load, shapes),
            shelves_router(self.shelves, self.alarms, shapes, divisions, self.clock),
            sites_router(self.sites, self.alarms, self.hosts, divisions, area),
            imports_router(self.imports),
        ]


def alarm_rooms(
    settings: NodeSettings,
    store: Store,
    bus: Bus,
    clock: Clock,
    access: Access,
    audit: Audit,
    key: bytes,
    cameras: Cameras,
    place: Callable[[str], Place],
    devices: Devices,
    signalling: SipSignalling,
    duty: Duty,
    data: Path,
) -> AlarmRooms:
    """Of one node, not yet started. `key` seals the keys of accounts; `place`: where devices lie."""
    section = settings.alarm_hosts
    waiting = WaitingAlarmHosts(store, bus, clock, section, settings.node.code[:6])
    clocks = SilenceClocks(section.supervision_s, section.supervision_grace)
    calendar = Calendar(settings.node.time_zone, settings.recording.holidays, settings.recording.working_days)
    hosts = AlarmHosts(store, clock, audit, HostKeys(key), waiting, clocks, SteadyClock(access.steady, clock), calendar)
    causes = Causes(section.cause_many, section.cause_window_s)
    opened = OpenAlarms(Limits(section.claim_s, section.claim_at_most_s, section.verify_s, section.close_s), causes)
    batches = AlarmBatches(store, bus, clock, opened, section.max_pending)
    alarms = Alarms(store)
    reception = Reception(section, clock, hosts, waiting, batches)
    cameras.kept.references.append(ALARMED)
    of_devices = DeviceReception(clock, batches, cameras, place)
    signalling.alarms.take_over = of_devices.take
    signalling.alarms.resets.book = owed = ResetsOwed(store, clock, audit)
    subscriptions = AlarmSubscriptions(bus, devices, signalling, clock)
    signalling.on_subscription_ended[PACKAGE] = subscriptions.kept.ended_by_device
    passes = AlarmPasses(store, access, duty)
    longest = Longest(section.shelve_at_most_s, section.shelve_wide_at_most_s)
    sites = AlarmSites(store, clock, audit, hosts, data)
    causes.place_of = sites.feeds
    return AlarmRooms(
        hosts=hosts,
        waiting=waiting,
        imports=PointImports(clock, access, audit, hosts, cameras),
        arming=ArmingWatch(store, bus, clock, hosts, opened),
        supervision=Supervision(store, bus, clock, section, hosts, opened),
        silences=SourceSilences(store, bus, clock, section, opened, devices, cameras, place),
        batches=batches,
        calls=CallsForHelp(store, clock, batches),
        alarms=alarms,
        passes=passes,
        work=AlarmWork(store, bus, clock, access, audit, alarms, opened, passes),
        shifts=ShiftAlarms(store, bus, clock, access, audit, alarms, opened, passes),
        shelves=AlarmShelves(store, bus, clock, audit, alarms, opened, longest, settings.node.time_zone),
        sites=sites,
        load=AlarmLoad(clock, alarms, duty),
        of_devices=of_devices,
        subscriptions=subscriptions,
        resets=signalling.alarms.resets,
        owed=owed,
        devices=devices,
        door=AlarmDoor(section, reception),
        clock=clock,
        limits=opened.limits,
    )
