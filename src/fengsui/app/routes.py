"""The routes of all rooms, joined."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, fields
from datetime import datetime
from functools import partial
from typing import Any

from fastapi import FastAPI

from fengsui.app import node_page
from fengsui.app.alarm_rooms import AlarmRooms
from fengsui.app.core_watch import CoreWatch
from fengsui.app.footage_rooms import FootageRooms
from fengsui.app.history import Sample
from fengsui.app.incident_rooms import IncidentRooms
from fengsui.app.node_faults import Seen
from fengsui.app.told import told_to
from fengsui.clock import Clock, SystemClock
from fengsui.features.access import (
    Access,
    People,
    Shapes,
    SingleSignOn,
    Units,
    people_router,
    provider_router,
    rights_router,
)
from fengsui.features.appointments import Appointments
from fengsui.features.appointments import router as appointments_router
from fengsui.features.approvals import Approvals
from fengsui.features.approvals import router as approvals_router
from fengsui.features.areas import Divisions
from fengsui.features.areas import router as areas_router
from fengsui.features.audit import Audit
from fengsui.features.audit_review import router as audit_review_router
from fengsui.features.camera_list import CameraEdits
from fengsui.features.camera_list import router as camera_list_router
from fengsui.features.cameras import Cameras, Control
from fengsui.features.cameras import router as cameras_router
from fengsui.features.device_files import Files, Imports, imports_router
from fengsui.features.device_files import router as files_router
from fengsui.features.devices import Devices, KeepaliveLimits
from fengsui.features.devices import router as devices_router
from fengsui.features.duty import DutyRooms
from fengsui.features.duty import router as duty_router
from fengsui.features.groups import Groups
from fengsui.features.groups import router as groups_router
from fengsui.features.live import Live
from fengsui.features.live import router as live_router
from fengsui.features.masks import Masks
from fengsui.features.masks import router as masks_router
from fengsui.features.neighbours import Neighbours
from fengsui.features.neighbours import router as neighbours_router
from fengsui.features.policy import Policy
from fengsui.features.policy import router as policy_router
from fengsui.features.refusals import router as refusals_router
from fengsui.features.steering import Steering
from fengsui.features.steering import router as steering_router
from fengsui.features.tickets import CaseNumbers, Tickets
from fengsui.features.tickets import router as tickets_router
from fengsui.features.upper_platforms import UpperPlatforms
from fengsui.features.upper_platforms import router as uppers_router
from fengsui.features.video_patrols import VideoPatrols
from fengsui.features.video_patrols import router as video_patrols_router
from fengsui.features.views import Screens, Views
from fengsui.features.views import router as views_router
from fengsui.late_routes import LateRoutes
from fengsui.media import Engine
from fengsui.node_bus import NodeBus
from fengsui.settings import NodeSettings
from fengsui.transports.addresses import LocalAddresses
from fengsui.transports.trace import TracedMessage
from fengsui.web_api import EventLog, events_router, make_app, map_router


@dataclass(frozen=True, slots=True, kw_only=True)
class Routed:
    """What the routes are made of: the rooms, and what the node itself says."""

    settings: NodeSettings
    access: Access
    addresses: LocalAddresses
    alarms: AlarmRooms
    appointments: Appointments
    approvals: Approvals
    audit: Audit
    bus: NodeBus
    cameras: Cameras
    clock: Clock
    control: Control
    core: CoreWatch
    devices: Devices
    divisions: Divisions
    doubtful: Callable[[], Awaitable[Collection[str]]]
    """The codes of devices that can hardly reach the address they are told."""
    duty: DutyRooms
    edits: CameraEdits
    engine: Engine
    events: EventLog
    fault: Callable[[], Seen | None]
    """Of the database."""
    files: Files
    footage: FootageRooms
    imports: Imports
    figures: Callable[[], Awaitable[node_page.NodeFigures]]
    groups: Groups
    incidents: IncidentRooms
    join_password: str
    lasting: Clock
    """For what opens pictures for a time."""
    live: Live
    masks: Masks
    neighbours: Neighbours
    numbers: CaseNumbers
    people: People
    policy: Policy
    samples: Callable[[], list[Sample]]
    screens: Screens
    single_sign_on: SingleSignOn
    started_at: datetime
    steering: Steering
    tickets: Tickets
    trace_of: Callable[[str], list[TracedMessage]]
    units: Units
    uppers: UpperPlatforms
    video_patrols: VideoPatrols
    views: Views


def routes_of(of: Routed) -> list[LateRoutes]:
    """Each room's, in the order of the API document."""
    return [
        devices_router(
            of.devices,
            partial(told_to, of.addresses),
            of.doubtful,
            lambda: of.cameras.reading.clashes.devices(),
            of.trace_of,
            KeepaliveLimits(of.settings.signalling.keepalive_interval_s, of.settings.signalling.keepalive_missed_limit),
        ),
        cameras_router(of.cameras, of.control, of.divisions, of.settings.node.code[:6], of.approvals, of.policy),
        camera_list_router(of.cameras, of.files, of.edits, of.divisions),
        steering_router(of.steering, of.cameras),
        groups_router(of.groups),
        people_router(of.people, of.units, of.divisions.name_of, of.clock),
        appointments_router(of.people, of.appointments, of.approvals, Shapes(of.divisions.name_of, of.clock)),
        provider_router(of.single_sign_on),
        areas_router(of.divisions),
        live_router(of.live, of.engine, of.settings.media.http_port, int(of.settings.media.ticket_s)),
        views_router(of.views, of.screens),
        masks_router(of.masks, of.approvals, of.tickets, of.access, of.lasting, of.policy),
        files_router(of.files),
        imports_router(of.files, of.imports),
        audit_review_router(of.audit, of.settings.node.code, of.clock),
        neighbours_router(of.audit, of.neighbours, of.bus),
        uppers_router(of.uppers, of.cameras, of.divisions, of.settings.node.code[:6]),
        approvals_router(of.approvals),
        policy_router(of.policy, of.approvals),
        rights_router(of.access, of.audit, of.divisions.name_of, of.policy),
        refusals_router(of.settings.access.audit_office),
        tickets_router(of.tickets, of.numbers, of.policy, of.lasting),
        duty_router(of.duty, of.access, of.approvals),
        video_patrols_router(of.video_patrols, of.duty, of.access),
        *of.footage.routes(of.cameras, of.divisions, of.settings),
        *of.alarms.routes(of.cameras, of.divisions, of.settings),
        *of.incidents.routes(of.cameras, of.divisions, of.settings),
        node_page.router(
            of.settings,
            of.figures,
            of.samples,
            of.addresses,
            of.join_password,
            of.started_at,
            of.clock,
            partial(node_page.free_code, of.settings, of.devices, of.cameras),
            of.core,
            lambda: [
                *([found] if (found := of.fault()) else []),
                *of.footage.faults(),
                *of.incidents.links.faults(),
                *of.uppers.faults(),
            ],
        ),
        events_router(of.events),
        map_router(of.settings.map),
    ]


def openapi_document() -> dict[str, Any]:
    """The API document of the running code, without starting anything."""
    return bare_app().openapi()


def bare_app() -> FastAPI:
    """Every route of the running code, without starting anything."""
    clock = SystemClock()
    rooms: dict[str, Any] = dict.fromkeys(one.name for one in fields(Routed))
    footage: dict[str, Any] = dict.fromkeys(one.name for one in fields(FootageRooms))
    alarms: dict[str, Any] = dict.fromkeys(one.name for one in fields(AlarmRooms))
    incidents: dict[str, Any] = dict.fromkeys(one.name for one in fields(IncidentRooms)) | {"alarms": AlarmRooms(**alarms)}
    rooms |= {"footage": FootageRooms(**footage), "alarms": AlarmRooms(**alarms), "incidents": IncidentRooms(**incidents)}
    rooms |= {"settings": NodeSettings(), "divisions": Divisions(), "clock": clock, "lasting": clock, "started_at": clock.now()}
    app = make_app(None, routes_of(Routed(**rooms)))
    app.open()
    return app
