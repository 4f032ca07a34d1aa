"""The node's own page: addresses, ports, load, and the six values that a camera's menu asks for."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime
from typing import Annotated, Literal

from fastapi import Depends, Request
from pydantic import BaseModel

from fengsui import __version__
from fengsui.app.core_watch import CoreWatch
from fengsui.app.history import EVERY_S, Sample, memory_mb
from fengsui.app.key_watch import KeyWatch
from fengsui.app.node_faults import NodeFaultShape, Seen, faults_of
from fengsui.app.open_files import open_files
from fengsui.app.start_time import TOLERATED_S
from fengsui.app.told import DoubtfulAddresses
from fengsui.app.uncovered import UncoveredAreas
from fengsui.clock import Clock, SteadyTime
from fengsui.features.access import Function, Principal, address_of, require
from fengsui.features.audit import Audit
from fengsui.features.cameras import Cameras
from fengsui.features.devices import Devices
from fengsui.features.neighbours import Neighbours
from fengsui.late_routes import LateRoutes
from fengsui.media import Engine
from fengsui.picture_worker import Transcoders
from fengsui.settings import NodeSettings
from fengsui.transports.addresses import ELSEWHERE, LocalAddresses

CODES_A_LOOK = 200
ANY_ADDRESS = ("0.0.0.0", "::", "")
MOST_FINDINGS = 20
Looker = Annotated[Principal, Depends(require(Function.LOOK_AROUND))]
Keeper = Annotated[Principal, Depends(require(Function.MANAGE_DEVICES))]


class Told(BaseModel):
    """An address that devices of some network are told; `source`: network, public or route."""

    network: str
    address: str
    source: Literal["network", "public", "route"]


class Ports(BaseModel):
    """Ports this node listens on."""

    sip: int
    rtp: int
    http: int
    media_http: int
    webrtc: int


class Load(BaseModel):
    """`cpu`: load average of one minute over cores; `rss_mb`: memory of this process."""

    cpu: float
    rss_mb: int


class DeviceCounts(BaseModel):
    """Devices by state; `fault`: online, and reports a fault of itself. `waiting`: those that nobody has admitted yet."""

    online: int
    fault: int
    offline: int
    waiting: int


class OpenFilesShape(BaseModel):
    """Descriptors of this process: files and connections. `open` null where the system does not tell; `limit` null: none."""

    open: int | None
    limit: int | None


class KeyFindingShape(BaseModel):
    """A key file that is not as it was when the node started."""

    at: datetime
    name: str
    what: Literal["changed", "new", "gone", "open", "owner"]


class NodeShape(BaseModel):
    """This node."""

    name: str
    level: Literal["county", "city", "province"]
    code: str
    version: str
    started_at: datetime
    addresses: list[Told]
    ports: Ports
    streams: int
    readers: int
    transcodes: int
    bytes_in: int
    bytes_out: int
    lost_packets: int
    load: Load
    open_files: OpenFilesShape
    faults: list[NodeFaultShape]
    devices: DeviceCounts
    late_copies: int
    """Places where the checkpoints of the audit log are not complete."""
    audit_copies: int
    """Places where they are pushed; 0: a log that was cut short could not be told."""
    doubtful_addresses: int
    """Registered devices that can hardly reach the address they are told."""
    refused_channels: int
    """Channels that are refused because a camera of another device has their code."""
    neighbour_findings: int
    """What is wrong with other nodes' logs, or their silence, that nobody has looked at."""
    uncovered_areas: list[str]
    """Areas with cameras for which no duty centre answers (rule A5)."""
    uncovered_free: bool
    """Whether live pictures there are open by the post alone; else they take a use ticket."""
    clock_behind_s: float
    """How far the machine's clock is behind what the node counts, since it was set back; 0 where it is not."""
    key_findings: list[KeyFindingShape]
    """Since the start."""


class JoinValues(BaseModel):
    """What a camera's "platform access" menu asks for, for the caller's own network; at this machine itself, its outer address."""

    server_code: str
    domain: str
    server_address: str
    server_port: int
    device_code_example: str
    password: str


class NodeFigures(BaseModel):
    """Figures that change."""

    streams: int
    readers: int
    transcodes: int
    bytes_in: int
    bytes_out: int
    lost_packets: int
    devices: DeviceCounts
    late_copies: int
    audit_copies: int
    doubtful_addresses: int
    refused_channels: int
    neighbour_findings: int
    uncovered_areas: list[str]
    uncovered_free: bool
    clock_behind_s: float
    key_findings: list[KeyFindingShape]


async def figures_of(
    devices: Devices,
    engine: Engine,
    transcoders: Transcoders,
    audit: Audit,
    neighbours: Neighbours,
    doubtful: DoubtfulAddresses,
    cameras: Cameras,
    uncovered: UncoveredAreas,
    steady: SteadyTime,
    keys: KeyWatch,
) -> NodeFigures:
    """As they are now."""
    counters = engine.counters()
    counts = DeviceCounts(**devices.by_state(), waiting=sum(entry.state == "waiting" for entry in devices.waiting.all()))
    return NodeFigures(
        streams=counters.sources,
        readers=counters.readers,
        transcodes=transcoders.running,
        bytes_in=counters.bytes_in,
        bytes_out=counters.bytes_out,
        lost_packets=counters.lost,
        devices=counts,
        late_copies=sum(one.late for one in audit.copies.states),
        audit_copies=len(audit.copies.states),
        doubtful_addresses=len(await doubtful.codes()),
        refused_channels=cameras.reading.clashes.refused,
        neighbour_findings=neighbours.open_findings,
        uncovered_areas=await uncovered.areas(),
        uncovered_free=uncovered.are_free(),
        clock_behind_s=round(behind_s) if (behind_s := steady.ahead_s()) > TOLERATED_S else 0,
        key_findings=[KeyFindingShape(at=one.at, name=one.name, what=one.what) for one in keys.findings[-MOST_FINDINGS:]],
    )


class NodeHistory(BaseModel):
    """The last hour as columns, oldest first. `at`: seconds since 1970; `cpu`: this process's share of all cores, 0 to 1."""

    every_s: float
    at: list[float]
    cpu: list[float]
    memory_mb: list[float]
    in_bit_s: list[float]
    out_bit_s: list[float]
    loss: list[float]
    devices: list[int]
    faulty_devices: list[int]
    streams: list[int]
    readers: list[int]


def told_addresses(settings: NodeSettings, addresses: LocalAddresses) -> list[Told]:
    """What devices of each network are told."""
    told = [Told(network=network, address=address, source="network") for network, address in settings.addresses.networks.items()]
    elsewhere = addresses.told_to(ELSEWHERE)
    source: Literal["public", "route"] = "public" if elsewhere.source == "public" else "route"
    return [*told, Told(network="*", address=elsewhere.address, source=source)]


JOIN_LABELS = {
    "server_code": "SIP 服务器编号 server ID",
    "domain": "SIP 服务器域 domain",
    "server_address": "SIP 服务器地址 server address",
    "server_port": "SIP 服务器端口 port",
    "device_code_example": "设备编号,每台不同 device ID, one for each",
    "password": "注册密码 password",
}


def camera_code(settings: NodeSettings, number: int) -> str:
    """A camera's code in the node's own area (GB/T 28181-2022 annex E, kind 132)."""
    return f"{settings.node.code[:10]}132{number:07d}"


async def free_code(settings: NodeSettings, devices: Devices, cameras: Cameras) -> str:
    """The first code for a camera that no device and no channel has."""
    first = 1
    while True:
        wanted = [camera_code(settings, number) for number in range(first, first + CODES_A_LOOK)]
        shown = await cameras.facts(wanted)
        for code in wanted:
            if code not in shown and devices.is_online(code) is None:
                return code
        first += CODES_A_LOOK


def join_values(settings: NodeSettings, addresses: LocalAddresses, password: str, caller: str, device_code: str) -> JoinValues:
    """The six values for a caller at this address. `device_code`: one that is free."""
    bound = settings.signalling.host
    return JoinValues(
        server_code=settings.node.code,
        domain=settings.node.sip_domain,
        server_address=addresses.told_to_newcomer(caller) if bound in ANY_ADDRESS else bound,
        server_port=settings.signalling.port,
        device_code_example=device_code,
        password=password,
    )


def join_lines(values: JoinValues) -> Iterator[str]:
    """The six values for a terminal."""
    yield "接入摄像机要填的六个值 The six values for a camera's menu:"
    for name, value in values.model_dump().items():
        yield f"  {JOIN_LABELS[name]}: {value}"


def router(
    settings: NodeSettings,
    figures: Callable[[], Awaitable[NodeFigures]],
    samples: Callable[[], list[Sample]],
    addresses: LocalAddresses,
    password: str,
    started_at: datetime,
    clock: Clock,
    next_code: Callable[[], Awaitable[str]],
    core: CoreWatch,
    faults: Callable[[], list[Seen]],
) -> LateRoutes:
    """The routes of the node's page. `next_code`: a free code for the next camera; `faults`: what other rooms tell."""
    routes = LateRoutes(tags=["node"])

    @routes.get("/node", operation_id="getNode")
    async def node(who: Looker) -> NodeShape:
        """Addresses, ports, streams, load."""
        ports = Ports(
            sip=settings.signalling.port,
            rtp=settings.media.rtp_port,
            http=settings.http.port,
            media_http=settings.media.http_port,
            webrtc=settings.media.webrtc_port,
        )
        load = Load(
            cpu=round(os.getloadavg()[0] / (os.cpu_count() or 1), 2),
            rss_mb=round(memory_mb()),
        )
        files = open_files()
        return NodeShape(
            open_files=OpenFilesShape(open=files.open, limit=files.limit),
            faults=faults_of(clock.now(), files, core, faults()),
            name=settings.node.name,
            level=settings.node.level,
            code=settings.node.code,
            version=__version__,
            started_at=started_at,
            addresses=told_addresses(settings, addresses),
            ports=ports,
            load=load,
            **(await figures()).model_dump(),
        )

    @routes.get("/node/history", operation_id="getNodeHistory")
    async def history(who: Looker) -> NodeHistory:
        """Load, traffic, devices and viewers of the last hour."""
        kept = samples()
        return NodeHistory(
            every_s=EVERY_S,
            at=[round(one.at, 1) for one in kept],
            cpu=[round(one.cpu, 4) for one in kept],
            memory_mb=[round(one.memory_mb, 1) for one in kept],
            in_bit_s=[round(one.in_bit_s) for one in kept],
            out_bit_s=[round(one.out_bit_s) for one in kept],
            loss=[round(one.loss, 5) for one in kept],
            devices=[one.devices for one in kept],
            faulty_devices=[one.faulty_devices for one in kept],
            streams=[one.streams for one in kept],
            readers=[one.readers for one in kept],
        )

    @routes.get("/node/join-values", operation_id="getJoinValues")
    async def join(request: Request, who: Keeper) -> JoinValues:
        """The six values for the caller's own network."""
        return join_values(settings, addresses, password, address_of(request), await next_code())

    return routes
