"""Incidents, made, started and stopped together with what is sent to them, procedures, and the rules that open some."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from fengsui.app.alarm_rooms import AlarmRooms
from fengsui.features.alarm_figures import AlarmFigures, Rooms
from fengsui.features.alarm_figures import router as figures_router
from fengsui.features.alarm_intake import AlarmIntake, AlarmSources
from fengsui.features.alarm_intake import router as intake_router
from fengsui.features.alarm_rules import AlarmRules, Deeds, DryRun, RuleRuns
from fengsui.features.alarm_rules import router as rules_router
from fengsui.features.alarms import HostKeys
from fengsui.features.areas import Divisions
from fengsui.features.cameras import Cameras, Control
from fengsui.features.dispatch import POSITIONS, Crews, Dispatch, Locators, PhotoRetention, TaskPhotos
from fengsui.features.dispatch import router as dispatch_router
from fengsui.features.dispatch_links import (
    AlarmForwarding,
    DispatchLinks,
    JobFolder,
    JobIntake,
    JobLeftovers,
    LinkSender,
    UpperNodes,
)
from fengsui.features.dispatch_links import router as links_router
from fengsui.features.duty import Duty, Ground
from fengsui.features.incident_watches import IncidentWatches
from fengsui.features.incident_watches import router as watches_router
from fengsui.features.incidents import Incidents
from fengsui.features.incidents import router as incidents_router
from fengsui.features.methods import Methods
from fengsui.features.methods import router as methods_router
from fengsui.features.notices import Notices
from fengsui.features.notices import router as notices_router
from fengsui.features.outputs import Outputs, Pulses
from fengsui.features.outputs import router as outputs_router
from fengsui.features.panic_links import PanicLinks, Presses
from fengsui.features.panic_links import router as panic_router
from fengsui.features.place_pictures import PlacePictures
from fengsui.features.place_pictures import router as pictures_router
from fengsui.features.procedures import ProcedureRuns, Procedures
from fengsui.features.procedures import router as procedures_router
from fengsui.features.retention import Holds
from fengsui.late_routes import LateRoutes
from fengsui.settings import NodeSettings
from fengsui.transports.signalling import SipSignalling


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentRooms:
    """From the first word to the outcome."""

    incidents: Incidents
    dispatch: Dispatch
    crews: Crews
    locators: Locators
    photos: TaskPhotos
    photo_retention: PhotoRetention
    pictures: PlacePictures
    watches: IncidentWatches
    procedures: Procedures
    procedure_runs: ProcedureRuns
    methods: Methods
    rules: AlarmRules
    runs: RuleRuns
    trials: DryRun
    alarms: AlarmRooms
    sources: AlarmSources
    intake: AlarmIntake
    figures: AlarmFigures
    links: DispatchLinks
    forwarding: AlarmForwarding
    sender: LinkSender
    notices: Notices
    jobs: JobIntake
    job_folder: JobFolder
    job_leftovers: JobLeftovers
    panic_links: PanicLinks
    presses: Presses
    outputs: Outputs
    pulses: Pulses

    async def start(self) -> None:
        """Once the store is open."""
        await self.incidents.start()
        self.dispatch.start()
        self.locators.start()
        await self.photos.start()
        self.pictures.start()
        await self.watches.start()
        await self.procedures.start()
        await self.methods.start()
        await self.rules.start()
        await self.sources.start()
        await self.links.start()
        await self.panic_links.start()
        await self.outputs.start()
        await self.notices.start()

    def begin(self) -> None:
        """Once alarms come."""
        self.runs.begin()
        self.pulses.begin()
        self.sender.begin()
        self.job_folder.begin()
        self.job_leftovers.rounds.begin()
        self.photo_retention.rounds.begin()

    def stops(self) -> list[Callable[[], Awaitable[None]]]:
        """In order, each with a time limit of its own."""
        first = [self.runs.stop, self.pulses.stop, self.job_folder.stop, self.sender.stop, self.pictures.stop]
        first += [self.job_leftovers.rounds.stop, self.photo_retention.rounds.stop]
        return [*first, self.locators.stop, self.dispatch.stop, self.sources.stop]

    def routes(self, cameras: Cameras, divisions: Divisions, settings: NodeSettings) -> list[LateRoutes]:
        """In the order of the API document."""
        own_area = settings.node.code[:6]
        shapes = self.alarms.shapes(cameras, divisions)
        return [
            figures_router(self.figures, shapes, divisions),
            incidents_router(self.incidents, cameras, divisions, own_area, settings.node.code, settings.node.time_zone),
            dispatch_router(self.dispatch, self.crews, self.locators, self.photos, divisions, own_area),
            pictures_router(self.pictures),
            watches_router(self.watches, self.incidents, self.pictures, cameras),
            procedures_router(self.procedures, self.procedure_runs, divisions, own_area),
            methods_router(self.methods, divisions, own_area),
            rules_router(
                self.rules,
                self.trials,
                self.alarms.alarms,
                shapes,
                self.alarms.hosts,
                cameras,
                self.procedures,
                self.forwarding,
                self.pulses,
                divisions,
                own_area,
            ),
            notices_router(self.notices, self.alarms.alarms, divisions),
            intake_router(self.sources, self.intake, divisions, own_area),
            links_router(self.links, self.sender, self.intake, self.jobs, divisions, own_area),
            panic_router(self.panic_links, self.presses, shapes, cameras, divisions, own_area),
            outputs_router(self.outputs, self.pulses, shapes, cameras, divisions, own_area),
        ]


def incident_rooms(
    settings: NodeSettings,
    on: Ground,
    duty: Duty,
    alarms: AlarmRooms,
    holds: Holds,
    cameras: Cameras,
    control: Control,
    key: bytes,
    data: Path,
    signalling: SipSignalling,
) -> IncidentRooms:
    """Of one node, not yet started; a shift hands its open incidents and alarms to the next. `key` seals the secrets of sources."""
    incidents = Incidents(on.store, on.clock, on.bus, on.access, on.audit, alarms.alarms, on.zone)
    duty.matters += [incidents, alarms.shifts, alarms.shelves]
    duty.heirlooms.append(alarms.shifts)
    dispatch = Dispatch(on.store, on.bus, on.audit, incidents)
    crews = Crews(on.store, on.audit, on.access, dispatch, alarms.calls)
    procedures = Procedures(on.store, on.clock, on.audit)
    of_them = (alarms.alarms, alarms.work, incidents, procedures)
    procedure_runs = ProcedureRuns(on.store, on.bus, on.clock, on.audit, *of_them)
    procedure_runs.of_place, alarms.sites.procedure_named = alarms.sites.procedure_of, procedures.name_in
    alarms.work.before_close.append(procedure_runs.check_alarm)
    incidents.before_close.append(procedure_runs.check_incident)
    links = DispatchLinks(settings.dispatch_links, on.store, on.clock, on.audit, HostKeys(key, "link"), settings.node.code)
    incidents.alongside.append(links.write_out)
    forwarding = AlarmForwarding(on.store, on.clock, links, alarms.work)
    alarms.work.beyond = UpperNodes(on.store, on.clock, on.audit, links)
    rules = AlarmRules(on.store, on.clock, on.audit)
    notices = Notices(on.store, on.bus, on.clock, on.audit, on.access, crews)
    outputs = Outputs(on.store, on.clock, on.audit)
    pulses = Pulses(on.store, on.clock, on.audit, outputs, control, alarms.work, rules)
    deeds = Deeds(on.store, on.clock, on.audit, alarms.work, incidents, holds, procedure_runs, forwarding, notices, pulses)
    runs = RuleRuns(on.store, on.bus, rules, deeds, on.zone, alarms.batches.settled, alarms.hosts.scheduled)
    section = settings.alarm_intake
    counted_in = Rooms(alarms.alarms, alarms.devices, incidents, dispatch)
    sources = AlarmSources(on.store, on.clock, on.audit, HostKeys(key, "intake"), section.max_per_source_per_s)
    alarms.silences.sources.append(sources.supervised)
    intake = AlarmIntake(section, on.store, on.clock, sources, alarms.batches, cameras)
    jobs = JobIntake(on.store, on.clock, sources, intake, incidents)
    panic_links = PanicLinks(on.store, on.clock, on.audit)
    asked_s = settings.dispatch.position_interval_s
    locators = Locators(on.store, on.bus, on.clock, dispatch, alarms.devices, cameras, signalling, asked_s)
    signalling.on_position = locators.take
    signalling.on_subscription_ended[POSITIONS] = locators.kept.ended_by_device
    photos = TaskPhotos(data, on.store, on.audit, incidents, dispatch)
    files = data / "jobs-in"
    return IncidentRooms(
        incidents=incidents,
        dispatch=dispatch,
        crews=crews,
        locators=locators,
        photos=photos,
        photo_retention=PhotoRetention(settings.dispatch.photo_days, incidents, alarms.alarms, holds, dispatch, photos),
        pictures=PlacePictures(
            on.bus,
            on.clock,
            on.access,
            dispatch=dispatch,
            crews=crews,
            incidents=incidents,
            alarms=alarms.alarms,
            hosts=alarms.hosts,
            rules=rules,
            cameras=cameras,
            passes=alarms.passes,
        ),
        watches=IncidentWatches(on.store, on.access, incidents, cameras),
        procedures=procedures,
        procedure_runs=procedure_runs,
        methods=Methods(on.store, on.clock, on.audit, incidents, on.zone),
        rules=rules,
        runs=runs,
        trials=DryRun(on.store, on.clock, on.zone, procedures, forwarding, pulses, alarms.hosts.scheduled),
        alarms=alarms,
        sources=sources,
        intake=intake,
        jobs=jobs,
        job_folder=JobFolder(files if settings.dispatch_links.job_files else None, sources, intake, jobs),
        job_leftovers=JobLeftovers(settings.dispatch_links.keep_days, files, on.store, on.clock),
        figures=AlarmFigures(on.store, on.clock, on.zone, alarms.limits, counted_in),
        links=links,
        forwarding=forwarding,
        notices=notices,
        sender=LinkSender(on.store, on.bus, on.clock, on.audit, links, incidents, alarms.work, alarms.batches.settled),
        panic_links=panic_links,
        outputs=outputs,
        pulses=pulses,
        presses=Presses(on.clock, panic_links, alarms.calls),
    )
