"""Alarm hosts and alarms, made, started and stopped together."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fastapi import APIRouter

from fengsui.bus import Bus
from fengsui.clock import Clock
from fengsui.features.access import Place
from fengsui.features.alarms import (
    PACKAGE,
    AlarmBatches,
    AlarmHosts,
    Alarms,
    AlarmSubscriptions,
    DeviceReception,
    HostKeys,
    Reception,
    WaitingAlarmHosts,
)
from fengsui.features.alarms import router as alarms_router
from fengsui.features.areas import Divisions
from fengsui.features.audit import Audit
from fengsui.features.cameras import Cameras
from fengsui.features.devices import Devices
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
    batches: AlarmBatches
    alarms: Alarms
    of_devices: DeviceReception
    subscriptions: AlarmSubscriptions
    resets: AlarmResets
    door: AlarmDoor

    async def start(self) -> None:
        """Once the store is open."""
        await self.hosts.start()
        await self.batches.start()
        self.of_devices.start()

    async def begin(self) -> None:
        """Once whoever is to see an alarm can. Raises PortTaken, PortUnusable."""
        await self.door.start()
        self.subscriptions.start()

    def stops(self) -> list[Callable[[], Awaitable[None]]]:
        """In order, each with a time limit of its own."""
        return [self.door.stop, self.subscriptions.stop, self.of_devices.stop, self.batches.stop, self.resets.stop, self.hosts.stop]

    def routes(self, cameras: Cameras, divisions: Divisions, settings: NodeSettings) -> list[APIRouter]:
        """In the order of the API document."""
        return [alarms_router(self.hosts, self.waiting, self.alarms, cameras, divisions, settings.node.code[:6])]


def alarm_rooms(
    settings: NodeSettings,
    store: Store,
    bus: Bus,
    clock: Clock,
    audit: Audit,
    key: bytes,
    cameras: Cameras,
    place: Callable[[str], Place],
    devices: Devices,
    signalling: SipSignalling,
) -> AlarmRooms:
    """Of one node, not yet started. `key` seals the keys of accounts; `place`: where devices lie."""
    section = settings.alarm_hosts
    waiting = WaitingAlarmHosts(store, bus, clock, section, settings.node.code[:6])
    hosts = AlarmHosts(store, clock, audit, HostKeys(key), waiting)
    batches = AlarmBatches(store, bus, clock, section.max_pending)
    reception = Reception(section, clock, hosts, waiting, batches)
    of_devices = DeviceReception(clock, batches, cameras, place)
    signalling.alarms.take_over = of_devices.take
    subscriptions = AlarmSubscriptions(bus, devices, signalling, clock)
    signalling.on_subscription_ended[PACKAGE] = subscriptions.kept.ended_by_device
    return AlarmRooms(
        hosts=hosts,
        waiting=waiting,
        batches=batches,
        alarms=Alarms(store),
        of_devices=of_devices,
        subscriptions=subscriptions,
        resets=signalling.alarms.resets,
        door=AlarmDoor(section, reception),
    )
