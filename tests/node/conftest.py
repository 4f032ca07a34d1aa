"""A whole node in this process on free loopback ports, on SQLite and on PostgreSQL, and simulated devices against it."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import pwd
import re
import shutil
import ssl
import subprocess
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from fengsui.app import Node
from fengsui.clock import Clock
from fengsui.features.access import hashing
from fengsui.features.access.first_people import DEMONSTRATION, FIRST_PEOPLE, demonstration, to_text
from fengsui.settings import NodeSettings
from fengsui.simulators.device import SimulatedDevice
from fengsui.simulators.faults import Faults
from fengsui.simulators.footage import FOOTAGE_FOLDER, Clip, LoopingClip
from fengsui.simulators.identity import Channel, DeviceIdentity, Registrar
from fengsui.store import engine
from fengsui.store.engine import Store, engine_for
from fengsui.wire.gb28181.catalog import CatalogueItem
from tests.conftest import usual_trust
from tests.node.databases import migrate_at_once, with_known_statements
from tests.ports import free_port

PRODUCT_COST = hashing.COST
SERVER = "52010200002000000001"


def settings_for(store_url: str = "", **signalling: object) -> NodeSettings:
    """Free loopback ports; `signalling` overrides."""
    ports = [free_port() for _ in range(6)]
    return NodeSettings.model_validate(
        {
            "signalling": {
                "host": "127.0.0.1",
                "port": ports[0],
                "password": "node-password",
                "admission": "password",
                **signalling,
            },
            "media": {
                "rtp_host": "127.0.0.1",
                "rtp_port": ports[1],
                "http_host": "127.0.0.1",
                "http_port": ports[2],
                "webrtc_port": ports[3],
                # A busy machine takes seconds from one request to the next: what is opened must not end meanwhile by itself.
                "first_packet_s": 6,
                "grace_s": 15,
            },
            "http": {"host": "127.0.0.1", "port": ports[4], "tls": False},
            "store": {"url": store_url},
            "alarm_hosts": {"host": "127.0.0.1", "port": ports[5]},
        }
    )


def with_media(settings: NodeSettings, **media: object) -> NodeSettings:
    """The same with other settings of pictures."""
    return settings.model_copy(update={"media": settings.media.model_copy(update=media)})


async def until(condition: Callable[[], object | Awaitable[object]], *, seconds: float = 40, what: str) -> object:
    """Awaits a condition; fails with `what`."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while loop.time() < deadline:
        found = condition()
        if isinstance(found, Awaitable):
            found = await found
        if found:
            return found
        await asyncio.sleep(0.05)
    pytest.fail(f"waited {seconds} s in vain: {what}")


OFFICES = (
    ("security", r"/(users|organisations|posts|divisions|policy|approvals)\b|/emergencies/\d+/restoration$"),
    ("audit", r"/audit\b"),
    (
        "system",
        r"/(waiting-devices|alarm-hosts|alarm-point-imports|alarm-sources|alarm-sites|panic-links|outputs|waiting-alarm-hosts|dispatch-links|neighbours|node/join-values|camera-edits)\b|/devices/[^/]+/(trace|status|restart|guard|reset-alarm)$",
    ),
)
CHANGES = r"/devices\b|/device-file|/cameras/[^/]+(/recording-plan)?$"
"""Changes of devices and cameras are the system administrator's; everything else is done by the duty supervisor."""


SECOND_WORKSTATION = "127.0.0.22"
OWN_PASSWORD = "own-password-1"


class ByOffice(httpx.Auth):
    """Signs each request as whoever may do it, unless it names somebody itself: no single account may do everything (A35)."""

    def __init__(self, tokens: dict[str, str]) -> None:
        self.tokens = tokens

    def auth_flow(self, request: httpx.Request) -> Iterator[httpx.Request]:
        path = request.url.path.removeprefix("/api/v1")
        name = next((name for name, paths in OFFICES if re.match(paths, path)), "duty")
        if name == "duty" and request.method != "GET" and re.match(CHANGES, path):
            name = "system"
        if "Authorization" not in request.headers:
            request.headers["Authorization"] = f"Bearer {self.tokens[name]}"
        yield request


class RunningNode:
    """A started node and a client that is signed in by every office."""

    def __init__(
        self, node: Node, client: httpx.AsyncClient, tokens: dict[str, str], second: httpx.AsyncClient | None = None
    ) -> None:
        self.node = node
        self.second = second
        """The second security administrator, at another workstation."""
        self.tokens = tokens
        """By the demonstration's names: duty, system, security, audit."""
        self.client = client

    @property
    def registrar(self) -> Registrar:
        """Where devices register."""
        return Registrar("127.0.0.1", self.node.settings.signalling.port, SERVER, SERVER[:10], "node-password")

    async def appoint(self, name: str, *appointments: dict[str, object], **facts: object) -> tuple[dict[str, Any], str]:
        """A new user and the first password. Prerequisites are filled in unless `facts` say otherwise."""
        dates = {"vetted_on": "2026-01-05", "undertaking_on": "2026-01-05", "training_until": "2099-12-31"}
        known = {"personnel_number": f"P-{name}"}
        body = {"name": name, "appointments": appointments, "reason": "new in the unit", **known, **dates, **facts}
        answer = await self.client.post("/users", json=body)
        assert answer.status_code == 201, answer.text
        user = answer.json()["user"]
        if appointments:
            await self.approve(answer.json()["request"]["id"])
            user = await self.get(f"/users/{user['id']}")
        return user, answer.json()["password"]

    async def approve(self, request: str) -> None:
        """The second security administrator reads a request and approves it."""
        assert self.second is not None, "only a node of `running_node` has one"
        opened = await self.second.get(f"/approvals/{request}")
        assert opened.status_code == 200, opened.text
        approved = await self.second.post(f"/approvals/{request}/approve", json={"hash": opened.json()["hash"]})
        assert approved.status_code == 200, approved.text

    async def change_account(self, user: int, **facts: object) -> None:
        """Dates of rule A9, or `enable`: asked for and approved."""
        asked = await self.client.post(f"/users/{user}/change", json={"reason": "trained again", **facts})
        assert asked.status_code == 202, asked.text
        await self.approve(asked.json()["id"])

    async def reset(self, user: int, way: str = "password") -> str:
        """Asked for and approved; the new first password, empty for a second factor alone."""
        asked = await self.client.post(f"/users/{user}/reset", json={"way": way, "reason": "lost"})
        assert asked.status_code == 202, asked.text
        await self.approve(asked.json()["id"])
        if way != "password":
            return ""
        answer = await self.client.post(f"/users/{user}/password")
        assert answer.status_code == 200, answer.text
        return str(answer.json()["password"])

    async def put(self, camera: str, area: str | None) -> None:
        """Shows a camera in another area, as when two persons have moved it and the wait is over."""
        await self.note(camera, own_area=area)

    async def note(self, camera: str, **notes: Any) -> None:
        """What operators say of a camera, whoever may."""
        async with self.node.store.transaction() as tx:
            await self.node.cameras.write(tx, camera, **notes)

    async def give(self, user: int, **appointment: object) -> dict[str, Any]:
        """One more post for a user, asked for and approved; the user then."""
        asked = await self.client.post(f"/users/{user}/appointments", json={"reason": "needed", **appointment})
        assert asked.status_code == 202, asked.text
        await self.approve(asked.json()["request"]["id"])
        return await self.get(f"/users/{user}")

    async def sign_in(self, name: str, password: str, at: str = "127.0.0.1") -> httpx.AsyncClient:
        """A client of that user, who sets an own password first where that is asked. `at`: the workstation's address."""
        transport = httpx.AsyncHTTPTransport(local_address=at)
        client = httpx.AsyncClient(base_url=self.client.base_url, timeout=20, transport=transport)
        for word in (password, OWN_PASSWORD):
            answer = await client.post("/session", json={"name": name, "password": word})
            assert answer.status_code == 201, answer.text
            client.headers["Authorization"] = f"Bearer {answer.json()['token']}"
            client.cookies.clear()
            if not answer.json()["user"]["must_change_password"]:
                break
            changed = await client.post("/session/password", json={"old": word, "new": OWN_PASSWORD})
            assert changed.status_code == 204, changed.text
        return client

    async def client_of(self, name: str, *appointments: dict[str, object], **facts: object) -> httpx.AsyncClient:
        """A client of a new user with these appointments."""
        _, password = await self.appoint(name, *appointments, **facts)
        return await self.sign_in(name, password)

    async def get(self, path: str) -> dict[str, Any]:
        """A GET that must succeed."""
        answer = await self.client.get(path)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


def trust_in(node: Node) -> ssl.SSLContext:
    """For clients that trust the node's own CA, or the certificate that it was given; the usual trust where it has none."""
    if node.certificates is None:
        return usual_trust()
    context = ssl.create_default_context()
    context.load_verify_locations(cadata=node.certificates.ca_pem() or node.certificates.current.chain_pem)
    return context


@pytest.fixture(autouse=True, scope="session")
def quick_passwords() -> Iterator[None]:
    """Argon2id at its lowest cost: a node of the tests hashes ten passwords before it does anything. `full_cost` undoes it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hashing, "COST", replace(hashing.COST, time_cost=1, memory_cost=64, parallelism=1))
        yield


@pytest.fixture(autouse=True, scope="session")
def quick_tables() -> Iterator[None]:
    """A new database of SQLite gets its tables at once: every node of the tests begins with one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "_migrate", migrate_at_once)
        patch.setattr(engine, "engine_for", with_known_statements)
        yield


@pytest.fixture
def full_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    """The product's own cost of a password."""
    monkeypatch.setattr(hashing, "COST", PRODUCT_COST)


@contextlib.asynccontextmanager
async def running_node(folder: Path, settings: NodeSettings, clock: Clock | None = None) -> AsyncIterator[RunningNode]:
    """Starts a node and signs in; stops it afterwards."""
    os.environ[FIRST_PEOPLE] = to_text(demonstration({one.name: "first-password" for one in DEMONSTRATION}))
    node = Node(settings, folder, clock)
    await node.start()
    try:
        base = f"http{'s' if settings.http.tls else ''}://127.0.0.1:{settings.http.port}"
        elsewhere = httpx.AsyncHTTPTransport(local_address=SECOND_WORKSTATION, verify=trust_in(node))
        async with (
            httpx.AsyncClient(base_url=f"{base}/api/v1", timeout=20, verify=trust_in(node)) as client,
            httpx.AsyncClient(base_url=f"{base}/api/v1", timeout=20, transport=elsewhere) as second,
        ):
            tokens = {}
            for one in DEMONSTRATION:
                place = second if one.name == "security-2" else client
                answer = await place.post("/session", json={"name": one.name, "password": "first-password"})
                assert answer.status_code == 201, answer.text
                tokens[one.name] = answer.json()["token"]
                place.cookies.clear()
            client.auth = ByOffice(tokens)
            second.headers["Authorization"] = f"Bearer {tokens['security-2']}"
            yield RunningNode(node, client, tokens, second)
    finally:
        await node.stop()


FEW = 100


def short_of_room(node: RunningNode) -> None:
    """Whoever listens to the node's news has room for `FEW` of them: more are lost."""
    for one in node.node.bus._subscriptions:
        one._limit = FEW


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[RunningNode]:
    """A node on SQLite."""
    async with running_node(tmp_path, settings_for()) as running:
        yield running


@pytest.fixture
async def hasty(tmp_path: Path) -> AsyncIterator[RunningNode]:
    """A node that soon ends what nobody reads, for tests that wait for that; what they open they read at once."""
    async with running_node(tmp_path, with_media(settings_for(), grace_s=5)) as running:
        yield running


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a private PostgreSQL from Debian's package."""
    binaries = max(Path("/usr/lib/postgresql").glob("*/bin"))
    folder = Path(tempfile.mkdtemp(prefix="fengsui-postgresql-"))
    port = free_port()
    user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if prefix:
        shutil.chown(folder, "postgres")
    subprocess.run(
        [*prefix, binaries / "initdb", "-D", folder / "db", "-A", "trust", "-U", user, "-E", "UTF8"],
        check=True,
        capture_output=True,
    )
    options = f"-p {port} -h 127.0.0.1 -k {folder} -c fsync=off"
    subprocess.run(
        [*prefix, binaries / "pg_ctl", "-D", folder / "db", "-o", options, "-w", "-l", folder / "log", "start"],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    yield f"postgresql://{user}@127.0.0.1:{port}/postgres"
    subprocess.run(
        [*prefix, binaries / "pg_ctl", "-D", folder / "db", "-m", "immediate", "stop"], check=True, stdout=subprocess.DEVNULL
    )
    shutil.rmtree(folder, ignore_errors=True)


async def create_database(server: str, name: str, template: str = "") -> None:
    """An empty one beside the server's first, or one like `template`."""
    like = f" TEMPLATE {template}" if template else ""
    of_server = engine_for(server)
    async with of_server.connect() as connection:
        await (await connection.execution_options(isolation_level="AUTOCOMMIT")).execute(sa.text(f"CREATE DATABASE {name}{like}"))
    await of_server.dispose()


MIGRATED: set[str] = set()
"""The servers that have a database of today's tables for others to begin as."""


async def create_migrated_database(server: str, name: str) -> str:
    """One of today's tables without rows; its URL."""
    of = server.rpartition("/")[0]
    if server not in MIGRATED:
        await create_database(server, "migrated")
        await (await Store.open(f"{of}/migrated")).close()
        MIGRATED.add(server)
    await create_database(server, name, "migrated")
    return f"{of}/{name}"


DATABASES = itertools.count(1)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of each kind, empty for each test."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'node.db'}"
    return await create_migrated_database(str(request.getfixturevalue("postgresql")), f"of_a_test_{next(DATABASES)}")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def bare_store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of each kind without any table."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'node.db'}"
    server, name = str(request.getfixturevalue("postgresql")), f"bare_{next(DATABASES)}"
    await create_database(server, name)
    return f"{server.rpartition('/')[0]}/{name}"


def simulated_camera(
    registrar: Registrar,
    number: int = 1,
    *,
    transport: str = "UDP",
    faults: Faults | None = None,
    footage: str = "street.10fps.h264",
    film: Clip | None = None,
    keepalive_s: float = 1.0,
) -> SimulatedDevice:
    """A single-lens camera with real footage, or a film of the test's own."""
    code = f"{SERVER[:10]}1320{number:06d}"
    clip = film or Clip.load(FOOTAGE_FOLDER / footage)
    item = CatalogueItem(code, f"测试摄像机{number}", "Fengsui", "SIM-1", civil_code="520102", status="ON", ptz_type=3)
    identity = DeviceIdentity(code, item.name, transport=transport, faults=faults or Faults(), keepalive_s=keepalive_s)
    return SimulatedDevice(identity, registrar, [Channel(item, {"main": lambda: LoopingClip(clip)})], [])


@contextlib.asynccontextmanager
async def powered(*devices: SimulatedDevice) -> AsyncIterator[None]:
    """Runs devices until the end of the block, when their power is cut."""
    tasks = [asyncio.create_task(device.run()) for device in devices]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
