"""One running node: every room made, started and stopped in order."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Literal

import structlog
from msgspec import structs
from prometheus_client import REGISTRY

from fengsui import __version__
from fengsui.app.alarm_rooms import alarm_rooms
from fengsui.app.between_nodes import audit_of, neighbours_of
from fengsui.app.core_watch import CoreWatch
from fengsui.app.equipment import DownEquipment
from fengsui.app.footage_rooms import footage_rooms
from fengsui.app.history import History
from fengsui.app.incident_rooms import incident_rooms
from fengsui.app.key_watch import KeyWatch
from fengsui.app.media_core import engine_of, keep_footage, start_engine, use_certificate
from fengsui.app.metrics import NodeCollector
from fengsui.app.node_page import figures_of, free_code
from fengsui.app.reached import reached_by
from fengsui.app.routes import Routed, routes_of
from fengsui.app.seal_watch import SealWatch
from fengsui.app.settings_log import record_settings
from fengsui.app.start_time import hold_time
from fengsui.app.told import DoubtfulAddresses
from fengsui.app.uncovered import UncoveredAreas
from fengsui.app.upper_rooms import upper_rooms
from fengsui.app.web import Web
from fengsui.bus import Bus
from fengsui.certificates import Certificates
from fengsui.clock import Clock, SteadyClock, SystemClock
from fengsui.data_folder import DataFolderLock, prepare_data_folder
from fengsui.features.access import (
    FIRST_PEOPLE,
    Access,
    CameraClass,
    People,
    Provider,
    RightsChanged,
    RightsLog,
    SingleSignOn,
    Units,
    first_people_from_text,
    first_security_administrator,
    make_first_people,
)
from fengsui.features.alarm_figures import FiguresOfShift
from fengsui.features.appointments import AccountKind, AppointmentKind, Appointments, ResetKind
from fengsui.features.approvals import Approvals, Workstation
from fengsui.features.areas import Divisions
from fengsui.features.audit import NODE, Act, Audit, happened
from fengsui.features.camera_list import Applying, CameraEdits, Planning
from fengsui.features.cameras import AreaChange, CameraDirectory, Cameras, ClassChange, Control
from fengsui.features.device_files import Files, Imports, Judging
from fengsui.features.devices import Devices
from fengsui.features.duty import CentreRemoval, DutyRooms, Ground, MissingRows, Standings
from fengsui.features.groups import Groups
from fengsui.features.live import Live
from fengsui.features.masks import MaskedView, MaskLifting, MaskRemoval, Masks, MasksLog
from fengsui.features.policy import PackChange, Policy
from fengsui.features.refusals import Refusals
from fengsui.features.steering import Steering
from fengsui.features.tickets import CaseNumbers, Tickets, register_of
from fengsui.features.video_patrols import VideoPatrols
from fengsui.features.views import Screens, Views
from fengsui.loops import keep, pausing
from fengsui.media import pump_events
from fengsui.picture_worker import StillWorkers, Transcoders
from fengsui.settings import NodeSettings, Secrets
from fengsui.store import Store
from fengsui.transports.addresses import LocalAddresses
from fengsui.transports.front_door import open_front
from fengsui.transports.nats_bus import NatsBus
from fengsui.transports.signalling import SipSignalling
from fengsui.transports.sip_endpoint import SipEndpoint
from fengsui.transports.trace import Trace
from fengsui.web_api import EventLog, NodeFacts, SecureHeaders, make_app

log = structlog.get_logger(__name__)
STOP_LIMIT_S = 5.0
LOOK_AT_FILES_S = 60.0


class Node:
    """`start` returns when the node is ready; `first_account` (name, password) is set on an empty store."""

    def __init__(self, settings: NodeSettings, data: Path, clock: Clock | None = None) -> None:
        self.settings = settings
        self.data = data
        self.clock: Clock = clock or SystemClock()
        self.first_account: tuple[str, str] | None = None
        self._ready = False
        self._lock = DataFolderLock(data)
        self._stoppers: list[Any] = []
        self.certificates: Certificates | None = None
        self._keeping: list[asyncio.Task[None]] = []
        self._unpump: Callable[[], None] | None = None
        self._collector: NodeCollector | None = None

    async def start(self) -> None:
        """Raises NodeFault subclasses: data folder in use, port taken, storage, settings."""
        prepare_data_folder(self.data)
        self._lock.take()
        try:
            await self._start()
        except BaseException:
            await self._end()  # whatever was opened: a second try in this process finds ports and files as the first did
            raise

    async def free_code(self) -> str:
        """A code that the next camera may have."""
        return await free_code(self.settings, self.devices, self.cameras)

    async def _start(self) -> None:
        settings, clock = self.settings, self.clock
        secrets = Secrets(self.data)
        self.join_password = settings.signalling.password or secrets.text("registration-password")
        addresses = LocalAddresses(settings.addresses)
        if settings.http.tls or settings.signalling.tls_port:
            self.certificates = Certificates(
                settings.http, self.data, secrets, settings.node.code, clock, lambda: reached_by(settings, addresses)
            )
            self.certificates.load()
        sip_tls = None
        if self.certificates is not None and settings.signalling.tls_port:
            sip_tls = partial(self.certificates.context, settings.signalling.tls_client_ca)
            sip_tls()  # a file that cannot be used is told at the start
        providers = [Provider(name, one, clock) for name, one in settings.single_sign_on.items()]
        web = Web(settings.http, self.certificates if settings.http.tls else None)
        self._stoppers = [web.stop]
        url = settings.store.url or f"sqlite:///{self.data / 'node.db'}"
        self.store = store = await Store.open(url, settings.node.code, secrets.key("rows"))
        store.on_commit = happened
        self._stoppers.append(store.close)
        self.bus = bus = Bus()
        ticket_key = secrets.key("media-tickets")
        factor_key = secrets.key("second-factors")
        self.access = access = Access(store, clock, settings.sign_in, settings.access, ticket_key, factor_key)
        access.persons.on_change(lambda user: bus.publish(RightsChanged(user)))
        lasting = SteadyClock(access.steady, clock)  # of whatever opens pictures for a time
        self.node_bus = node_bus = NatsBus(settings.bus, settings.node.code)
        self.audit = audit = audit_of(settings, self.data, node_bus, store, clock, secrets.key("audit-checkpoints"))
        self.neighbours = neighbours = neighbours_of(settings, self.data, node_bus, access, audit, clock)
        self._stoppers = [web.stop, audit.stop, node_bus.stop, store.close]
        await node_bus.start()
        await audit.start(__version__)
        await hold_time(access.steady, audit, clock, settings.node.clock_was_ahead_until)
        self.seal_watch = seal_watch = SealWatch(store, audit, clock)
        await seal_watch.seal_first()
        await self._make_first_people(access, audit)
        access.screens.on_lock(lambda one: audit.record_end(NODE, Act.SCREEN_LOCK, one.name, detail=f"nobody works: {one.session}"))
        self._keeping.append(keep("sessions", access.times.keep))
        single_sign_on = SingleSignOn(store, clock, access, audit, settings.sign_in, providers)
        same_workstation = Workstation(settings.approvals.same_workstation)
        self.approvals = approvals = Approvals(store, lasting, bus, access, audit, secrets.key("approvals"), same_workstation)
        approvals.wait_by(access.steady.leapt_since)
        self.policy = policy = Policy(store, clock, bus, audit, self.data)
        approvals.register(PackChange(policy))
        await policy.start(settings.policy.first_pack)
        divisions, units = Divisions(), Units(store, access)
        people = People(store, clock, access, units)
        approvals.register(AppointmentKind(people, policy, audit, divisions.name_of))
        approvals.register(ResetKind(people, policy, audit))
        approvals.register(AccountKind(people, policy, audit))
        appointments = Appointments(store, clock, people, approvals, audit, settings.access.set_up_on)
        self.refusals = refusals = Refusals(audit, clock)
        rights_log = RightsLog(store, audit, access.persons, settings.access.prerequisites, access.steady)
        self.tickets = tickets = Tickets(
            store,
            lasting,
            bus,
            access,
            audit,
            policy,
            key=secrets.key("use-tickets"),
            pattern=settings.tickets.case_number,
            most_open=settings.tickets.most_open,
        )
        self.case_numbers = numbers = CaseNumbers(store, lasting, access, audit, tickets, settings.node.time_zone)
        tickets.register = register_of(settings.tickets.case_register)
        ground = Ground(store, lasting, bus, access, audit, settings.node.time_zone)
        duty_rooms = DutyRooms(ground, policy, tickets, at_sign_in=settings.duty.sign_on == "at-sign-in")
        self.duty_rooms = duty_rooms
        self.duty = duty = duty_rooms.duty
        self.emergencies, self.vacancies = duty_rooms.emergencies, duty_rooms.vacancies
        access.on_begin.append(duty.take_free_seat)
        approvals.register(CentreRemoval(duty, policy, audit, lasting))
        self.missing_rows = missing_rows = MissingRows(store, audit, settings.audit.folder_in(self.data))
        access.standing_of = standings = Standings(policy, tickets, duty)
        self.devices = devices = Devices(store, bus, clock, settings, self.join_password)
        self.trace = trace = Trace(clock, settings.signalling, lambda code: devices.is_online(code) is not None)
        self.signalling = signalling = SipSignalling(
            settings,
            lambda receive: SipEndpoint(
                settings.signalling,
                addresses,
                clock,
                receive,
                lambda: open_front(settings, devices, self.join_password),
                sip_tls,
            ),
            devices,
            trace,
            refusals,
            access.platforms,
        )
        self.engine = engine = engine_of(settings, addresses, ticket_key)
        default_class = CameraClass(settings.access.camera_class)
        bounds = settings.signalling.max_catalogue_items, settings.signalling.catalogue_limit_s
        self.cameras = cameras = Cameras(store, bus, audit, devices, signalling, clock, default_class, *bounds)
        access.directory = directory = CameraDirectory(cameras)
        approvals.register(ClassChange(cameras, policy, audit))
        approvals.register(AreaChange(cameras, policy, audit))
        signalling.on_unasked = cameras.reading.take_unasked
        signalling.on_subscription_ended["Catalog"] = cameras.reading.subscriptions.ended_by_device
        duty_rooms.hand_overs.equipment = DownEquipment(devices, directory.device)
        control = Control(cameras, signalling, settings.steering.dead_man_s)
        lift_key, settle_s = secrets.key("use-tickets"), settings.media.mask_settle_s
        self.masks = masks = Masks(store, bus, access, cameras, audit, tickets, settle_s=settle_s, key=lift_key)
        control.watcher, masks.lifts.on_lift = masks, rights_log.note
        masks_log = MasksLog(masks, audit, bus)
        rights_log.standing_of = lambda user: structs.replace(standings.state_of(user), lifts=masks.lifts.lifts_then(user))
        approvals.register(MaskRemoval(masks, policy, audit))
        approvals.register(MaskedView(masks, policy, audit))
        approvals.register(MaskLifting(masks, policy, audit, tickets, access.steady))
        judging = Judging(store, clock, cameras, divisions, policy, settings.node.time_zone)
        self.files = files = Files(judging, access, audit, self.data)
        imports = Imports(files)
        planning = Planning(access, cameras, files)
        edits = CameraEdits(planning, Applying(store, audit, planning, approvals, policy), approvals, audit, clock)
        self.transcoders = transcoders = Transcoders(engine, rtp_port=settings.media.rtp_port)
        self.live = live = Live(
            settings,
            engine=engine,
            access=access,
            audit=audit,
            devices=devices,
            cameras=cameras,
            control=control,
            signalling=signalling,
            bus=bus,
            clock=clock,
            masks=masks,
            transcoders=transcoders,
            stills=StillWorkers(),
            store=store,
        )
        self.footage = footage = footage_rooms(
            settings,
            store,
            clock,
            access=access,
            audit=audit,
            approvals=approvals,
            policy=policy,
            cameras=cameras,
            masks=masks,
            tickets=tickets,
            live=live,
            engine=engine,
            data=self.data,
        )
        self.steering = steering = Steering(
            store,
            bus,
            access,
            audit,
            cameras,
            control,
            masks,
            clock,
            photographer=live,
            folder=self.data / "preset-pictures",
            hold_s=settings.steering.hold_s,
            settle_s=max(settings.steering.arrive_s, settle_s),
        )
        self.video_patrols = video_patrols = VideoPatrols(
            settings.video_patrols, self.data / "patrol-snapshots", duty_rooms, live=live, cameras=cameras, masks=masks, clock=clock
        )
        alarm_key, place = secrets.key("alarm-hosts"), directory.device
        alarm_ground = (settings, store, bus, clock, access, audit)
        self.alarms = alarms = alarm_rooms(*alarm_ground, alarm_key, cameras, place, devices, signalling, duty, self.data)
        self.incidents = incidents = incident_rooms(
            settings, ground, duty, alarms, footage.holds, cameras, control, alarm_key, self.data, signalling
        )
        done_by = self.incidents.incidents, self.incidents.dispatch, video_patrols
        duty_rooms.hand_overs.figures = FiguresOfShift(store, access, *done_by)
        events = EventLog(bus, clock, cameras, directory)
        views, screens = Views(store, clock, access, audit, cameras, duty), Screens(bus, clock, access, audit, cameras)
        access.on_session_end(events.end_session)
        self.upper_rooms = upper = upper_rooms(settings, store, clock, access, audit, cameras, divisions, signalling, alarm_key)
        doubtful, uncovered = DoubtfulAddresses(devices, addresses, clock), UncoveredAreas(cameras, duty, clock)
        self.history = history = History(clock, engine, live.streams, devices.by_state)
        self.keys = keys = KeyWatch(settings, self.data, secrets, audit, clock)
        core = CoreWatch(engine, lambda: devices.door_failures, clock)
        started_at = clock.now()
        routed = Routed(
            settings=settings,
            access=access,
            addresses=addresses,
            alarms=alarms,
            appointments=appointments,
            approvals=approvals,
            audit=audit,
            bus=node_bus,
            cameras=cameras,
            clock=clock,
            control=control,
            core=core,
            devices=devices,
            divisions=divisions,
            doubtful=doubtful.codes,
            duty=duty_rooms,
            edits=edits,
            engine=engine,
            events=events,
            fault=seal_watch.fault,
            files=files,
            footage=footage,
            imports=imports,
            figures=partial(
                figures_of, devices, engine, transcoders, audit, neighbours, doubtful, cameras, uncovered, access.steady, keys
            ),
            groups=Groups(store, access, audit, cameras, duty),
            incidents=incidents,
            join_password=self.join_password,
            lasting=lasting,
            live=live,
            masks=masks,
            neighbours=neighbours,
            numbers=numbers,
            people=people,
            policy=policy,
            samples=history.samples,
            screens=screens,
            single_sign_on=single_sign_on,
            steering=steering,
            started_at=started_at,
            tickets=tickets,
            trace_of=trace.of,
            units=units,
            uppers=upper.uppers,
            video_patrols=video_patrols,
            views=views,
        )
        ca_pem = self.certificates.ca_pem if self.certificates is not None else lambda: ""
        facts = NodeFacts(access, audit, refusals, lambda: self._readiness(store), started_at, ca_pem, settings.node.zone)
        app = make_app(facts, routes_of(routed), settings.http)
        if self.certificates is not None and settings.http.tls:
            self.certificates.follow(lambda found: use_certificate(engine, found))
        self._stoppers = [
            self._unwatch,
            upper.stop,
            history.stop,
            *(*alarms.stops(), *incidents.stops()),
            steering.stop,
            video_patrols.stop,
            *footage.stops(),
            live.stop,
            masks.stop,
            cameras.search.stop,
            edits.stop,
            imports.stop,
            cameras.reading.stop,
            signalling.endpoint.stop,
            devices.stop,
            missing_rows.rounds.stop,
            duty_rooms.stop,
            numbers.stop,
            approvals.stop,
            events.stop,
            web.stop,
            masks_log.stop,  # after whoever removes masks: what it does not record is taken for tampering
            lambda: asyncio.to_thread(engine.stop),
            partial(footage.hear_last, engine),
            core.stop,
            refusals.stop,
            rights_log.stop,
            neighbours.stop,
            audit.stop,
            node_bus.stop,
            store.close,
        ]
        start_engine(engine)
        keep_footage(engine, settings.recording, self.data)
        self._unpump = pump_events(engine, footage.take)
        self._collector = collector = NodeCollector(engine, bus, store, devices)
        REGISTRY.register(collector)
        first = (core, neighbours, single_sign_on, refusals, events, approvals, tickets, numbers, duty_rooms)
        then = (masks, rights_log, masks_log, cameras.reading, cameras.search, live, files, footage)
        for room in (*first, *then, video_patrols, devices, steering, history, incidents, alarms, upper):
            await room.start()
        await record_settings(settings, self.data, audit, secrets.key("settings"))
        seal_watch.on_broken |= {
            "use_tickets": numbers.distrust,
            "emergencies": lambda _: duty_rooms.emergencies.read_again(),
            "ticket_reviews": lambda _: numbers.recount(),
        }
        keys.start()
        self._keeping += [keep("files", lambda: self._look_at_files(keys)), keep("seals", seal_watch.keep)]
        await signalling.endpoint.start()
        live.begin()
        footage.begin()
        missing_rows.rounds.begin()
        headers = SecureHeaders(
            app, media_port=settings.media.http_port, hsts_days=settings.http.hsts_days, maps=settings.map.origins()
        )
        await web.start(headers)
        await alarms.begin()
        incidents.begin()
        upper.uppers.begin()
        self._ready = True
        log.info("node ready", node=settings.node.code, http=settings.http.port, sip=settings.signalling.port)

    async def _make_first_people(self, access: Access, audit: Audit) -> None:
        given = os.environ.pop(FIRST_PEOPLE, "")
        people = first_people_from_text(given) if given else first_security_administrator()

        async def record(name: str, what: str) -> None:
            await audit.record(NODE, Act.USER_ADD, name, detail=f"first set-up, by whoever started the node: {what}")

        if await make_first_people(self.store, self.clock, access.proofs.hash, people, record) and not given:
            self.first_account = people[0].name, people[0].password

    async def _readiness(self, store: Store) -> Literal["ready", "starting", "database", "loop", "media"]:
        if not self._ready:
            return "starting"
        if not await store.writable():
            return "database"
        if pausing():
            return "loop"
        return "media" if self.engine.counters().pausing else "ready"

    async def _look_at_files(self, keys: KeyWatch) -> None:
        while True:
            await asyncio.sleep(LOOK_AT_FILES_S)
            if self.certificates is not None:
                await asyncio.to_thread(self.certificates.look)
            keys.look()

    async def stop(self) -> None:
        """Says goodbye to devices and viewers; every step has its time limit."""
        self._ready = False
        await self._end()

    async def _unwatch(self) -> None:
        if self._unpump is not None:
            self._unpump()
        if self._collector is not None:
            REGISTRY.unregister(self._collector)
        self._unpump = self._collector = None

    async def _end(self) -> None:
        """Ends what was begun, one room after the other; what fails in one keeps no other from its end."""
        for task in self._keeping:
            task.cancel()
        await asyncio.gather(*self._keeping, return_exceptions=True)
        self._keeping.clear()
        for stop in self._stoppers:
            room = getattr(stop, "__qualname__", str(stop))
            try:
                async with asyncio.timeout(STOP_LIMIT_S):
                    await stop()
            except TimeoutError:
                log.warning("a room did not stop in time", room=room)
            except Exception as error:  # the outermost loop of the end: the ports and files of the others are to be given back
                log.exception("a room did not stop well", room=room, what=str(error))
        self._stoppers = []
        self._lock.release()
