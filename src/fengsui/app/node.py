"""One running node: every room made, started and stopped in order."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, Literal

import structlog
from fastapi import APIRouter
from prometheus_client import REGISTRY

from fengsui import __version__
from fengsui.app import node_page
from fengsui.app.between_nodes import neighbours_of, places_of
from fengsui.app.history import History
from fengsui.app.metrics import NodeCollector
from fengsui.app.told import DoubtfulAddresses, told_to
from fengsui.app.web import Web
from fengsui.bus import Bus
from fengsui.certificates import Certificate, Certificates, CertificateUnusable
from fengsui.clock import Clock, SystemClock
from fengsui.data_folder import DataFolderLock, prepare_data_folder
from fengsui.errors import PortTaken, PortUnusable
from fengsui.features.access import (
    FIRST_PEOPLE,
    Access,
    CameraClass,
    People,
    Provider,
    RightsLog,
    Shapes,
    SingleSignOn,
    Units,
    first_people_from_text,
    first_security_administrator,
    make_first_people,
    people_router,
    provider_router,
    rights_router,
)
from fengsui.features.appointments import AppointmentKind, Appointments
from fengsui.features.appointments import router as appointments_router
from fengsui.features.approvals import Approvals, Workstation
from fengsui.features.approvals import router as approvals_router
from fengsui.features.areas import Divisions
from fengsui.features.areas import router as areas_router
from fengsui.features.audit import NODE, Act, Audit, AuditLog, Copies, Index, Signer
from fengsui.features.audit_review import router as audit_review_router
from fengsui.features.cameras import CameraDirectory, Cameras, ClassChange, Control
from fengsui.features.cameras import router as cameras_router
from fengsui.features.devices import Devices, KeepaliveLimits
from fengsui.features.devices import router as devices_router
from fengsui.features.duty import Duty, Emergencies, Rosters, Standings
from fengsui.features.duty import router as duty_router
from fengsui.features.live import Live
from fengsui.features.live import router as live_router
from fengsui.features.masks import MaskLifting, MaskRemoval, Masks
from fengsui.features.masks import router as masks_router
from fengsui.features.neighbours import router as neighbours_router
from fengsui.features.policy import PackChange, Policy
from fengsui.features.policy import router as policy_router
from fengsui.features.refusals import Refusals
from fengsui.features.refusals import router as refusals_router
from fengsui.features.tickets import CaseNumbers, Tickets, register_of
from fengsui.features.tickets import router as tickets_router
from fengsui.media import CannotListen, Engine, EngineConfig, EngineError, PortInUse, pump_events
from fengsui.picture_worker import StillWorkers, Transcoders
from fengsui.settings import NodeSettings, Secrets
from fengsui.store import Store
from fengsui.transports.addresses import LocalAddresses
from fengsui.transports.front_door import open_front
from fengsui.transports.nats_bus import NatsBus
from fengsui.transports.signalling import SipSignalling
from fengsui.transports.sip_endpoint import SipEndpoint
from fengsui.transports.trace import Trace
from fengsui.web_api import EventLog, NodeFacts, SecureHeaders, events_router, make_app

log = structlog.get_logger(__name__)
STOP_LIMIT_S = 5.0
LOOK_AT_CERTIFICATE_S = 60.0


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

    async def start(self) -> None:
        """Raises NodeFault subclasses: data folder in use, port taken, storage, settings."""
        prepare_data_folder(self.data)
        self._lock.take()
        try:
            await self._start()
        except BaseException:
            for task in self._keeping:
                task.cancel()
            self._lock.release()
            raise

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
        self.store = store = await Store.open(settings.store.url or f"sqlite:///{self.data / 'node.db'}", settings.node.code)
        self.bus = bus = Bus()
        ticket_key = secrets.key("media-tickets")
        factor_key = secrets.key("second-factors")
        self.access = access = Access(store, clock, settings.sign_in, settings.access, ticket_key, factor_key)
        self.node_bus = node_bus = NatsBus(settings.bus, settings.node.code)
        self.audit = audit = self._audit(store, secrets.key("audit-checkpoints"))
        self.neighbours = neighbours = neighbours_of(settings, self.data, node_bus, access, audit, clock)
        await node_bus.start()
        await audit.start(__version__)
        await self._make_first_people(access, audit)
        self._keeping.append(asyncio.create_task(access.keep_time()))
        single_sign_on = SingleSignOn(store, clock, access, audit, settings.sign_in, providers)
        same_workstation = Workstation(settings.approvals.same_workstation)
        self.approvals = approvals = Approvals(store, clock, bus, access, audit, secrets.key("approvals"), same_workstation)
        self.policy = policy = Policy(store, clock, bus, audit, self.data)
        approvals.register(PackChange(policy))
        await policy.start(settings.policy.first_pack)
        divisions, units = Divisions(), Units(store, access)
        people = People(store, clock, access, units)
        approvals.register(AppointmentKind(people, policy, audit, divisions.name_of))
        appointments = Appointments(store, clock, people, approvals, audit, settings.access.set_up_on)
        self.refusals = refusals = Refusals(audit, clock)
        rights_log = RightsLog(store, audit, access.persons, settings.access.prerequisites)
        self.tickets = tickets = Tickets(store, clock, bus, access, audit, policy, pattern=settings.tickets.case_number)
        self.case_numbers = numbers = CaseNumbers(store, clock, access, audit, tickets, settings.node.time_zone)
        tickets.register = register_of(settings.tickets.case_register)
        self.duty = duty = Duty(store, clock, bus, access, audit)
        self.emergencies = emergencies = Emergencies(store, clock, bus, access, audit, policy, tickets)
        duty.matters.append(emergencies)
        rosters = Rosters(store, clock, bus, access, audit, duty)
        access.standing_of = Standings(policy, tickets, duty)
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
        )
        self.engine = engine = self._engine(addresses, ticket_key)
        default_class, most_items = CameraClass(settings.access.camera_class), settings.signalling.max_catalogue_items
        self.cameras = cameras = Cameras(store, bus, devices, signalling, clock, default_class, most_items)
        access.directory = directory = CameraDirectory(cameras)
        approvals.register(ClassChange(cameras, policy, audit))
        signalling.on_unasked = cameras.reading.take_unasked
        control = Control(cameras, signalling)
        self.masks = masks = Masks(store, bus, clock, cameras, settings.media.mask_settle_s)
        control.watcher = masks
        approvals.register(MaskRemoval(masks, policy))
        approvals.register(MaskLifting(masks, policy, clock))
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
        )
        events = EventLog(bus, clock, cameras, directory)
        access.on_session_end(events.end_session)
        doubtful = DoubtfulAddresses(devices, addresses, clock)
        self.history = history = History(clock, engine, live.streams, lambda: devices.online)

        async def figures() -> node_page.NodeFigures:
            counters = engine.counters()
            counts = node_page.DeviceCounts(
                online=devices.online,
                offline=len(devices.all()) - devices.online,
                waiting=sum(entry.state == "waiting" for entry in devices.waiting.all()),
            )
            return node_page.NodeFigures(
                streams=counters.sources,
                readers=counters.readers,
                transcodes=transcoders.running,
                bytes_in=counters.bytes_in,
                bytes_out=counters.bytes_out,
                lost_packets=counters.lost,
                devices=counts,
                late_copies=sum(one.late for one in audit.copies.states),
                doubtful_addresses=len(await doubtful.codes()),
                neighbour_findings=neighbours.open_findings,
            )

        started_at = clock.now()
        routers = [
            devices_router(
                devices,
                partial(told_to, addresses),
                doubtful.codes,
                trace.of,
                KeepaliveLimits(settings.signalling.keepalive_interval_s, settings.signalling.keepalive_missed_limit),
            ),
            cameras_router(cameras, control, divisions, settings.node.code[:6], approvals),
            people_router(people, units, divisions.name_of, clock),
            appointments_router(people, appointments, approvals, Shapes(divisions.name_of, clock)),
            provider_router(single_sign_on),
            areas_router(divisions),
            live_router(live, engine, settings.media.http_port),
            masks_router(masks, cameras, approvals, tickets, access, clock),
            audit_review_router(audit, settings.node.code, clock),
            neighbours_router(audit, neighbours, node_bus),
            approvals_router(approvals),
            policy_router(policy, approvals),
            rights_router(access, audit, divisions.name_of),
            refusals_router(settings.access.audit_office),
            tickets_router(tickets, numbers, policy, clock),
            duty_router(duty, rosters, emergencies, access, clock),
            node_page.router(
                settings,
                figures,
                history.samples,
                addresses,
                self.join_password,
                started_at,
            ),
            events_router(events),
        ]
        ca_pem = self.certificates.ca_pem if self.certificates is not None else lambda: ""
        facts = NodeFacts(access, audit, refusals, lambda: self._readiness(store), started_at, ca_pem, settings.node.zone)
        app = make_app(facts, routers, settings.http)
        if self.certificates is not None:
            if settings.http.tls:
                self.certificates.follow(lambda found: _use_certificate(engine, found))
            self._keeping.append(asyncio.create_task(self._keep_certificate(self.certificates)))
        _start_engine(engine)
        unpump = pump_events(engine, live.take)
        collector = NodeCollector(engine, bus, store, devices)
        REGISTRY.register(collector)
        for room in (
            neighbours,
            rights_log,
            single_sign_on,
            refusals,
            events,
            approvals,
            tickets,
            numbers,
            duty,
            emergencies,
            masks,
            cameras.reading,
            live,
            devices,
            history,
        ):
            await room.start()
        await signalling.endpoint.start()
        await web.start(SecureHeaders(app, media_port=settings.media.http_port, hsts_days=settings.http.hsts_days))
        self._stoppers = [
            history.stop,
            live.stop,
            masks.stop,
            cameras.reading.stop,
            signalling.endpoint.stop,
            devices.stop,
            emergencies.stop,
            duty.stop,
            numbers.stop,
            approvals.stop,
            events.stop,
            web.stop,
            lambda: asyncio.to_thread(engine.stop),
            refusals.stop,
            rights_log.stop,
            neighbours.stop,
            audit.stop,
            node_bus.stop,
            store.close,
        ]
        self._unpump = unpump
        self._collector = collector
        self._ready = True
        # What was loaded stays: the collector need not walk 100,000 devices again and again, nor stop for every message.
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 50)
        log.info("node ready", node=settings.node.code, http=settings.http.port, sip=settings.signalling.port)

    async def _make_first_people(self, access: Access, audit: Audit) -> None:
        given = os.environ.pop(FIRST_PEOPLE, "")
        people = first_people_from_text(given) if given else first_security_administrator()

        async def record(name: str, what: str) -> None:
            await audit.record(NODE, Act.USER_ADD, name, detail=f"first set-up, by whoever started the node: {what}")

        if await make_first_people(self.store, self.clock, access.hash, people, record) and not given:
            self.first_account = people[0].name, people[0].password

    def _audit(self, store: Store, key: bytes) -> Audit:
        settings, clock, code = self.settings.audit, self.clock, self.settings.node.code
        folder = settings.folder_in(self.data)
        files = AuditLog(folder, Signer(key), code, clock, settings.segment_mb << 20)
        places = places_of(self.settings, self.node_bus, files.signer, clock, lambda: files.signed_to)
        copies = Copies(folder, places, clock)
        return Audit(files, Index(store, folder), copies, clock, settings)

    async def _readiness(self, store: Store) -> Literal["ready", "starting", "database"]:
        if not self._ready:
            return "starting"
        return "ready" if await store.writable() else "database"

    def _engine(self, addresses: LocalAddresses, ticket_key: bytes) -> Engine:
        media = self.settings.media
        config = EngineConfig(
            ticket_key=ticket_key,
            rtp_host=media.rtp_host,
            rtp_port=media.rtp_port,
            rtp_port_first=media.rtp_port_first,
            rtp_port_last=media.rtp_port_last,
            http_host=media.http_host,
            http_port=media.http_port,
            webrtc_port=media.webrtc_port,
            webrtc_addresses=addresses.all(),
            grace_ms=int(media.grace_s * 1000),
            silence_ms=int(media.silence_s * 1000),
            first_packet_ms=int(media.first_packet_s * 1000),
            max_sources=media.max_sources,
            max_readers=media.max_readers,
            max_frame_bytes=media.max_frame_mb << 20,
            max_waiting=media.max_waiting_connections,
            max_waiting_per_address=media.max_waiting_connections_per_address,
            max_connections=media.max_connections,
            max_connections_per_address=media.max_connections_per_address,
            max_handshakes=media.max_handshakes,
            max_handshakes_per_address=media.max_handshakes_per_address,
        )
        return Engine(config)

    @staticmethod
    async def _keep_certificate(certificates: Certificates) -> None:
        while True:
            await asyncio.sleep(LOOK_AT_CERTIFICATE_S)
            await asyncio.to_thread(certificates.look)

    async def stop(self) -> None:
        """Says goodbye to devices and viewers; every step has its time limit."""
        self._ready = False
        for task in self._keeping:
            task.cancel()
        await asyncio.gather(*self._keeping, return_exceptions=True)
        self._unpump()
        REGISTRY.unregister(self._collector)
        for stop in self._stoppers:
            try:
                async with asyncio.timeout(STOP_LIMIT_S):
                    await stop()
            except TimeoutError:
                log.warning("a room did not stop in time", room=getattr(stop, "__qualname__", str(stop)))
        self._lock.release()


def reached_by(settings: NodeSettings, addresses: LocalAddresses) -> Iterator[str]:
    """Every name and address by which browsers and devices may reach this node: what its own certificate is for."""
    yield from settings.http.names
    yield from addresses.all()
    yield from ("localhost", "::1")
    name = socket.gethostname()
    if name.isascii() and name.strip("."):
        yield name
    for host in (settings.http.host, settings.media.http_host, settings.signalling.host):
        if host not in node_page.ANY_ADDRESS:
            yield host


def _start_engine(engine: Engine) -> None:
    try:
        engine.start()
    except PortInUse as error:
        _, kind, port = error.args
        raise PortTaken(port=port, kind=kind) from error
    except CannotListen as error:
        _, kind, port, what = error.args
        raise PortUnusable(port=port, kind=kind, what=what) from error


def _use_certificate(engine: Engine, found: Certificate) -> None:
    try:
        engine.use_certificate(found.chain_pem, found.key_pem)
    except EngineError as error:
        raise CertificateUnusable(
            zh=str(error),
            en=str(error),
            do_zh="请换用 ECDSA 或 RSA 2048 位以上的证书",
            do_en="Use ECDSA, or RSA of 2048 bits or more",
        ) from error


def openapi_document() -> dict[str, Any]:
    """The API document of the running code, without starting anything."""
    nothing: Any = None
    rooms: list[APIRouter] = [
        devices_router(nothing, nothing, nothing, nothing, nothing),
        cameras_router(nothing, nothing, nothing, "", nothing),
        people_router(nothing, nothing, nothing, nothing),
        appointments_router(nothing, nothing, nothing, nothing),
        provider_router(nothing),
        areas_router(nothing),
        live_router(nothing, nothing, 0),
        masks_router(nothing, nothing, nothing, nothing, nothing, nothing),
        audit_review_router(nothing, "", SystemClock()),
        neighbours_router(nothing, nothing, nothing),
        approvals_router(nothing),
        policy_router(nothing, nothing),
        rights_router(nothing, nothing, nothing),
        refusals_router(""),
        tickets_router(nothing, nothing, nothing, nothing),
        duty_router(nothing, nothing, nothing, nothing, nothing),
        node_page.router(nothing, nothing, nothing, nothing, "", SystemClock().now()),
        events_router(nothing),
    ]
    return make_app(None, rooms).openapi()
