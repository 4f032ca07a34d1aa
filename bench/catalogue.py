"""Row `catalogue-100k`: one lower platform's channels over SIP, from the query to a search that finds the last one."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from bench.processes import LOAD_CORE, MEASURED_CORE, free_port
from bench.signalling import CODE, PASSWORD, BenchNode, bench_node
from bench.table import Figure
from fengsui.simulators.device import SimulatedDevice
from fengsui.simulators.identity import DeviceIdentity, Registrar
from fengsui.wire.gb28181.catalog import CatalogueAnswer, CatalogueItem, CatalogueQuery
from fengsui.wire.gb28181.catalog_details import ItemDetails
from fengsui.wire.gb28181.edition import Edition
from fengsui.wire.gb28181.manscdp import Manscdp, encode

PLATFORM = "52010300002000000001"
SIZES = (1_000, 10_000, 100_000)
ITEMS_A_MESSAGE, UNANSWERED = 10, 32
LIMIT_S = 180


class LowerPlatform(SimulatedDevice):
    """A platform whose answers were written before the clock began: only the node is to be slow."""

    def __init__(self, identity: DeviceIdentity, registrar: Registrar, count: int) -> None:
        super().__init__(identity, registrar, [], [])
        items = [_item(number) for number in range(count)]
        self._bodies = [
            encode(CatalogueAnswer(987654, PLATFORM, count, tuple(items[at : at + ITEMS_A_MESSAGE])), edition=Edition.V2016)
            for at in range(0, count, ITEMS_A_MESSAGE)
        ]

    def _answers_to(self, body: Manscdp) -> list[Manscdp]:
        if isinstance(body, CatalogueQuery):
            task = asyncio.create_task(self._send_all(body.sn))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            return []
        return super()._answers_to(body)

    async def _send_all(self, sn: int) -> None:
        room = asyncio.Semaphore(UNANSWERED)

        async def send(octets: bytes) -> None:
            async with room:
                answer = await self.send_octets(octets)
                assert answer.status == 200, answer

        bodies = (body.replace(b"<SN>987654</SN>", f"<SN>{sn}</SN>".encode()) for body in self._bodies)
        for batch in _batches(bodies, 500):
            await asyncio.gather(*(send(body) for body in batch))


def _batches(bodies: Iterator[bytes], size: int) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    for body in bodies:
        batch.append(body)
        if len(batch) == size:
            yield batch
            batch = []
    yield batch


def _item(number: int) -> CatalogueItem:
    return CatalogueItem(
        device_id=f"5201030000131{number:07d}",
        name=f"北京路与宝山路口{number}号枪机",
        manufacturer="Maker",
        model="IPC-4",
        civil_code="520103",
        address="贵阳市云岩区北京路",
        parents=(PLATFORM,),
        status="ON",
        longitude=106.7 + number % 1000 * 1e-4,
        latitude=26.5 + number // 1000 * 1e-4,
        ptz_type=3,
        details=ItemDetails(
            owner="公安",
            block="520103000000",
            safety_way=0,
            register_way=1,
            secrecy=0,
            ip_address=f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}",
            port=5060,
            room=1,
            light=2,
            direction=number % 8 + 1,
            resolution="6",
            download_speeds="1/2/4",
        ),
    )


class Api:
    """The node's HTTP side, signed in."""

    def __init__(self, port: int, password: str, name: str = "system") -> None:
        self._base = f"http://127.0.0.1:{port}/api/v1"
        self.token = ""
        """Of the session."""
        self.token = self.ask("POST", "/session", {"name": name, "password": password})["token"]

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The answer's JSON."""
        headers = {"content-type": "application/json", **({"authorization": f"Bearer {self.token}"} if self.token else {})}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._base + path, data=data, headers=headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read() or b"null")


async def _read(node: BenchNode, api: Api, count: int) -> tuple[float, float, int]:
    """Seconds for the first reading and for the same again, and the memory in between (MB)."""
    registrar = Registrar("127.0.0.1", node.sip_port, CODE, CODE[:10], PASSWORD)
    platform = LowerPlatform(DeviceIdentity(PLATFORM, "下级平台", edition=Edition.V2016), registrar, count)
    before_mb = node.peak_mb()
    began_s = time.monotonic()
    running = asyncio.create_task(platform.run())
    last = _item(count - 1)
    try:
        # Searched for once it is said to be read: ten searches a second through all of it would be a load of their own.
        await _until(lambda: _done(api, count) and api.ask("GET", f"/cameras?q={last.device_id}")["total"] == 1)
        first_s = time.monotonic() - began_s
        grown_mb = node.peak_mb() - before_mb
        began_s = time.monotonic()
        await asyncio.to_thread(api.ask, "POST", f"/devices/{PLATFORM}/catalogue")
        await _until(lambda: _done(api, count))
        return first_s, time.monotonic() - began_s, grown_mb
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def _done(api: Api, count: int) -> bool:
    progress = api.ask("GET", f"/devices/{PLATFORM}/catalogue")
    return bool(progress) and bool(progress["done"]) and progress["received"] == count


async def _until(true: Any) -> None:
    deadline_s = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline_s:
        with contextlib.suppress(OSError):
            if await asyncio.to_thread(true):
                return
        await asyncio.sleep(0.1)
    raise RuntimeError(f"the catalogue was not read within {LIMIT_S} s")


@contextlib.contextmanager
def _postgresql() -> Iterator[str]:
    """A private PostgreSQL from Debian's package."""
    binaries = max(Path("/usr/lib/postgresql").glob("*/bin"))
    folder = Path(tempfile.mkdtemp(prefix="fengsui-bench-postgresql-"))
    prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if prefix:
        shutil.chown(folder, "postgres")
    port = free_port()
    quiet = {"check": True, "stdout": subprocess.DEVNULL}
    database = str(folder / "db")
    subprocess.run([*prefix, binaries / "initdb", "-D", database, "-A", "trust", "-U", "postgres", "-E", "UTF8"], **quiet)  # type: ignore[call-overload]
    options = f"-p {port} -h 127.0.0.1 -k {folder}"
    start = [*prefix, binaries / "pg_ctl", "-D", database, "-o", options, "-w", "-l", str(folder / "log"), "start"]
    subprocess.run(start, **quiet)  # type: ignore[call-overload]
    try:
        yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
    finally:
        stop = [*prefix, binaries / "pg_ctl", "-D", database, "-m", "immediate", "stop"]
        subprocess.run(stop, **quiet)  # type: ignore[call-overload]
        shutil.rmtree(folder, ignore_errors=True)


def _bare_s(count: int) -> float:
    """Seconds that lxml needs to read the same items and SQLite to keep them, in one process, without SIP: the floor.

    SQLite gets one transaction and no index but the code's; nothing is searchable by name.
    """
    items = [_item(number) for number in range(count)]
    answers = [
        CatalogueAnswer(1, PLATFORM, count, tuple(items[at : at + ITEMS_A_MESSAGE])) for at in range(0, count, ITEMS_A_MESSAGE)
    ]
    bodies = [encode(answer, edition=Edition.V2016) for answer in answers]
    with tempfile.TemporaryDirectory() as folder, contextlib.closing(sqlite3.connect(Path(folder) / "floor.sqlite")) as store:
        store.execute("PRAGMA journal_mode=WAL")
        store.execute(
            "CREATE TABLE channel (code TEXT PRIMARY KEY, name TEXT, status TEXT, area TEXT, longitude REAL, latitude REAL)"
        )
        os.sched_setaffinity(0, {MEASURED_CORE})
        began_s = time.monotonic()
        for body in bodies:
            rows = [
                tuple(item.findtext(name) for name in ("DeviceID", "Name", "Status", "CivilCode", "Longitude", "Latitude"))
                for item in etree.fromstring(body).iter("Item")
            ]
            store.executemany("INSERT INTO channel VALUES (?,?,?,?,?,?) ON CONFLICT (code) DO UPDATE SET name=excluded.name", rows)
        store.commit()
        took_s = time.monotonic() - began_s
        os.sched_setaffinity(0, {LOAD_CORE})
        return took_s


def catalogue() -> Iterator[Figure]:
    """On SQLite and PostgreSQL, each size on a new node."""
    for name in ("SQLite", "PostgreSQL"):
        for count in SIZES:
            floor_s = _bare_s(count)
            with contextlib.ExitStack() as stack:
                folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
                store = stack.enter_context(_postgresql()) if name == "PostgreSQL" else ""
                node = stack.enter_context(bench_node(folder, store=store))
                os.sched_setaffinity(0, {LOAD_CORE})
                api = Api(node.http_port, PASSWORD)
                first_s, again_s, grown_mb = asyncio.run(_read(node, api, count))
                yield Figure(
                    "catalogue-100k",
                    f"{count:,} channels on {name}",
                    f"searchable after {first_s:.1f} s, the same again {again_s:.1f} s, {grown_mb} MB more",
                    f"lxml and bare SQLite, no SIP, no search: {floor_s:.2f} s",
                    floor_s / first_s,
                    "≤ 15 s, again ≤ 5 s, ≤ 300 MB" if count == SIZES[-1] else "—",
                    node.peak_mb(),
                )
