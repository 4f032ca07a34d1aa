"""The rooms of recorded footage, made, started and stopped together."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from fengsui.clock import Clock
from fengsui.errors import NodeFault
from fengsui.features.access import Access
from fengsui.features.approvals import Approvals
from fengsui.features.areas import Divisions
from fengsui.features.audit import Audit
from fengsui.features.bookmarks import Bookmarks
from fengsui.features.bookmarks import router as bookmarks_router
from fengsui.features.cameras import Cameras
from fengsui.features.clips import ClipFiles, ClipHandover, Clips
from fengsui.features.clips import router as clips_router
from fengsui.features.completeness import Completeness
from fengsui.features.completeness import router as completeness_router
from fengsui.features.filling import Filling
from fengsui.features.filling import router as filling_router
from fengsui.features.finding import Finding, Searches
from fengsui.features.finding import router as finding_router
from fengsui.features.footage_checks import FootageChecks
from fengsui.features.footage_checks import router as checks_router
from fengsui.features.live import Live
from fengsui.features.masks import Masks
from fengsui.features.playback import Playback
from fengsui.features.playback import router as playback_router
from fengsui.features.policy import Policy
from fengsui.features.recording import Calendar, DeviceAlarms, Recording
from fengsui.features.recording import router as recording_router
from fengsui.features.retention import Beyond, HoldKind, Holds, Records, ReleaseKind, Retention
from fengsui.features.retention import router as retention_router
from fengsui.features.second_tier import SecondTier
from fengsui.features.sightings import Sightings
from fengsui.features.sightings import router as sightings_router
from fengsui.features.tickets import Tickets
from fengsui.late_routes import LateRoutes
from fengsui.loops import surprises
from fengsui.media import Engine, Event
from fengsui.recording_settings import footage_index_in
from fengsui.settings import NodeSettings
from fengsui.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class FootageRooms:
    """From the plan to the file that is handed over."""

    recording: Recording
    alarms: DeviceAlarms
    completeness: Completeness
    filling: Filling
    second_tier: SecondTier
    retention: Retention
    holds: Holds
    approvals: Approvals
    playback: Playback
    clips: Clips
    bookmarks: Bookmarks
    sightings: Sightings
    finding: Finding
    searches: Searches
    checks: FootageChecks

    async def start(self) -> None:
        """Once the rooms that they stand on are started."""
        rooms = (self.recording, self.completeness, self.filling, self.retention, self.playback, self.clips, self.searches)
        for room in rooms:
            await room.start()

    def begin(self) -> None:
        """Once devices can register."""
        self.recording.begin()
        self.alarms.begin()
        self.completeness.begin()
        self.filling.begin()
        self.retention.begin()
        self.second_tier.begin()
        self.checks.begin()

    def faults(self) -> list[tuple[NodeFault, datetime]]:
        """For the node's page, each with when it was first seen."""
        return [*self.recording.faults(), *self.retention.faults(), *self.second_tier.faults()]

    def stops(self) -> list[Callable[[], Awaitable[None]]]:
        """In order, each with a time limit of its own."""
        return [
            self.searches.stop,
            self.checks.stop,
            self.retention.stop,
            self.second_tier.stop,
            self.alarms.stop,
            self.filling.stop,
            self.completeness.stop,
            self.recording.stop,
            self.playback.stop,
            self.clips.stop,
        ]

    def take(self, event: Event) -> None:
        """What the media core tells."""
        self.filling.take(event, other=partial(self.checks.devices.take, other=self._take_other))

    def _take_other(self, event: Event) -> None:
        self.playback.take(event, other=partial(self.clips.take_event, other=self.recording.take))

    async def hear_last(self, engine: Engine) -> None:
        """What was shown and taken out until the media core cut it off; nothing is recorded any more."""
        while told := engine.take_events():
            for event in told:
                with surprises("engine-events"):
                    self._take_last(event)
        await self.clips.write_rest()

    def _take_last(self, event: Event) -> None:
        self.playback.take(event, other=partial(self.clips.take_event, other=lambda _: None))

    def routes(self, cameras: Cameras, divisions: Divisions, settings: NodeSettings) -> list[LateRoutes]:
        """Each room's, in the order of the API document."""
        return [
            recording_router(self.recording, cameras, lambda *asked: self.playback.device_files(*asked)),
            completeness_router(self.completeness, cameras, divisions),
            checks_router(self.checks, divisions),
            filling_router(self.filling, self.completeness, cameras),
            retention_router(self.retention, self.holds, cameras, self.approvals),
            playback_router(self.playback, settings),
            bookmarks_router(self.bookmarks),
            sightings_router(self.sightings, divisions),
            finding_router(self.finding, self.searches),
            clips_router(self.clips, settings.media.http_port),
        ]


def footage_rooms(
    settings: NodeSettings,
    store: Store,
    clock: Clock,
    *,
    access: Access,
    audit: Audit,
    approvals: Approvals,
    policy: Policy,
    cameras: Cameras,
    masks: Masks,
    tickets: Tickets,
    live: Live,
    engine: Engine,
    data: Path,
) -> FootageRooms:
    """Of one node, not yet started; what two persons decide about footage is registered with `approvals`."""
    calendar = Calendar(settings.node.time_zone, settings.recording.holidays, settings.recording.working_days)
    recording = Recording(store, clock, access, audit, cameras, live, engine, calendar)
    approvals.register(ClipHandover(policy, audit, access, cameras, masks, tickets))
    completeness = Completeness(store, clock, cameras, recording, engine, calendar)
    holds = Holds(store, clock, access, approvals, cameras, lambda user_id: [one.number for one in tickets.held(user_id)])
    approvals.register(HoldKind(policy, audit, cameras, holds))
    approvals.register(ReleaseKind(policy, audit, cameras, holds))
    ahead = int(settings.recording.ahead_gb * 1e9)
    second_tier = SecondTier(settings.recording.second_tier, settings.node.code, clock, audit, engine, ahead)
    retention = Retention(
        store, clock, audit, policy, completeness, engine, holds, ahead, second_tier, Records(engine, cameras, holds)
    )
    beyond = Beyond(store, policy, completeness, holds)
    access.held_of = beyond.held_of
    rights = beyond.removed, tickets.lasts_until, settings.node.code
    playback = Playback(settings.media, clock, access, audit, cameras, masks, engine, live.recorders, *rights)
    of_clips = approvals, cameras, masks, engine, beyond.removed, tickets.lasts_until, tickets.ground_of
    clips = Clips(settings, ClipFiles(store), clock, access, audit, *of_clips)
    holds.clips, clips.refuse_leaving = clips.waiting, holds.refuse_going
    return FootageRooms(
        recording=recording,
        alarms=DeviceAlarms(clock, cameras, recording),
        completeness=completeness,
        filling=Filling(
            settings.recording,
            store,
            clock,
            cameras,
            completeness,
            live.recorders,
            engine,
            access,
            audit,
            kept_since=retention.kept_since,
        ),
        second_tier=second_tier,
        retention=retention,
        holds=holds,
        approvals=approvals,
        playback=playback,
        clips=clips,
        bookmarks=Bookmarks(store, clock, access, audit, cameras, masks),
        sightings=Sightings(store, clock, access, audit, cameras, masks, tickets.recorded_grounds),
        finding=Finding(clock, audit, playback, engine),
        searches=Searches(clock, access, audit, playback, footage_index_in(data), second_tier.bring_back),
        checks=FootageChecks(
            settings.recording, store, clock, audit, cameras, recording, completeness, retention, engine, live.recorders
        ),
    )
