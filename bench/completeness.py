"""Row `index`, its third part: what was due and is recorded of each camera and day, reckoned by a node from its index."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import sqlalchemy as sa

from bench.access import code_of, peak_mb_here, row_of_camera
from bench.processes import free_port
from bench.table import Figure
from fengsui.app import Node
from fengsui.features.access.decision import CameraFacts, Scope
from fengsui.features.access.first_people import DEMONSTRATION, FIRST_PEOPLE, demonstration, to_text
from fengsui.features.access.posts import EVERY_CLASS, CameraClass
from fengsui.features.areas import Divisions
from fengsui.features.cameras import queries as camera_queries
from fengsui.features.completeness.tables import footage_days
from fengsui.features.recording import Calendar
from fengsui.features.recording.tables import recording_plans_past
from fengsui.media import Engine, EngineConfig
from fengsui.settings import NodeSettings, Secrets
from fengsui.store import Store

SIZES = ((10_000, 30), (100_000, 1))
"""Cameras, and days that are over and not reckoned yet; today comes on top."""
COLUMNS = "stream, start_us, folder, path, end_us, recorded_us, bytes, fragments, damaged_bytes, closed, spans"
HOUR_US = 3_600_000_000
LACKS = 200
"""One hour in so many has a gap of five minutes, one in so many was not recorded at all."""
GAP_US = 300_000_000
READY_S = 300


class Reckoned(NamedTuple):
    """Seconds of the node by the clock and of a core, of reading it by area, of bare SQLite; files, days, days with a gap."""

    took_s: float
    used_s: float
    read_s: float
    bare_s: float
    files: int
    days: int
    short: int
    peak_mb: int


def completeness(sizes: tuple[tuple[int, int], ...] = SIZES) -> Iterator[Figure]:
    """The days of every camera, from nothing but its plan and the index."""
    for cameras, days in sizes:
        with tempfile.TemporaryDirectory() as folder:
            found = asyncio.run(_reckoned(Path(folder), cameras, days))
        yield Figure(
            "index",
            f"completeness of {cameras:,} cameras × {days} days and today, none reckoned before",
            f"{found.took_s:.1f} s ({found.used_s:.1f} s of a core), {found.days:,} camera-days of {found.files:,} files, "
            f"{found.short:,} with gaps; "
            f"the areas of {days} days read in {found.read_s * 1_000:.0f} ms",
            f"bare SQLite, seconds summed by camera and day: {found.bare_s:.1f} s",
            found.bare_s / found.took_s,
            "≤ 20 s" if (cameras, days) == SIZES[0] else "—",
            found.peak_mb,
        )


async def _reckoned(folder: Path, cameras: int, days: int) -> Reckoned:
    ports = [free_port() for _ in range(5)]
    settings = NodeSettings.model_validate(
        {
            "signalling": {"host": "127.0.0.1", "port": ports[0]},
            "media": {"rtp_host": "127.0.0.1", "rtp_port": ports[1], "http_port": ports[2], "webrtc_port": ports[3]},
            "http": {"host": "127.0.0.1", "port": ports[4], "tls": False},
            "alarm_hosts": {"port": 0},
        }
    )
    until = datetime.now(Calendar(settings.node.time_zone, [], []).zone)
    since = until.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days)
    counties = [one.code for one in Divisions().all() if one.level == "county"]
    kinds = tuple(CameraClass)
    facts = [CameraFacts(code_of(at), counties[at % len(counties)], kinds[at % len(kinds)]) for at in range(cameras)]
    await _planned(folder, facts, (since, until))
    index = folder / "footage-index.db"
    files = _indexed(index, folder / "footage", cameras, (since, until))
    bare_s = _bare(index)
    os.environ[FIRST_PEOPLE] = to_text(demonstration({one.name: "of-the-bench" for one in DEMONSTRATION}))
    node = Node(settings, folder)
    await node.start()
    try:
        deadline_s = time.monotonic() + READY_S
        while node.engine.footage_counters().looking:
            if time.monotonic() > deadline_s:
                raise RuntimeError("the index is not looked through")
            await asyncio.sleep(0.1)
        began_s, cpu_s = time.monotonic(), time.process_time()
        await node.footage.completeness.reckon()
        took_s, used_s = time.monotonic() - began_s, time.process_time() - cpu_s
        began_s = time.monotonic()
        await node.footage.completeness.by_area(Scope((("", EVERY_CLASS),)), "", days)
        read_s = time.monotonic() - began_s
        async with node.store.reading() as tx:
            counted = sa.select(sa.func.count(), sa.func.sum(sa.case((footage_days.c.gaps > 0, 1), else_=0)))
            kept, short = (await tx.execute(counted)).one()
    finally:
        await node.stop()
    if kept != cameras * (days + 1) or not 0 < short < kept:
        raise RuntimeError(f"{kept} days are kept, {short} of them with gaps")
    return Reckoned(took_s, used_s, read_s, bare_s, files, kept, short, peak_mb_here())


async def _planned(folder: Path, cameras: list[CameraFacts], during: tuple[datetime, datetime]) -> None:
    """Cameras with a plan that held so long: with one that holds still the node would be busy calling cameras that do not exist."""
    store = await Store.open(f"sqlite:///{folder / 'node.db'}", NodeSettings().node.code, Secrets(folder).key("rows"))
    async with store.transaction() as tx:
        for at in range(0, len(cameras), 2_000):
            some = cameras[at : at + 2_000]
            await camera_queries.write_items(tx, [row_of_camera(one) for one in some])
            plan: dict[str, object] = {"mode": "always", "stream": "main", "set_by": "bench", "hours": "[]"}
            plan |= {"set_at": during[0].timestamp(), "until": during[1].timestamp()}
            await tx.execute(sa.insert(recording_plans_past), [{"camera": one.code, **plan} for one in some])
        await tx.execute(sa.text("ANALYZE"))
    await store.close()


def _indexed(index: Path, footage: Path, cameras: int, during: tuple[datetime, datetime]) -> int:
    """An index of a file for each hour of each camera, with gaps, as if the recorder had kept it; how many files."""
    engine = Engine(EngineConfig(ticket_key=b"bench-ticket-key-bench-ticket-key", http_host="127.0.0.1"))
    engine.keep_footage([(footage, 1, 0)], index)  # makes the tables
    engine.stop()
    since_us, until_us = (int(at.timestamp()) * 1_000_000 for at in during)
    hours = -(-(until_us - since_us) // HOUR_US)
    database = sqlite3.connect(index)
    try:
        database.executescript("PRAGMA synchronous=OFF; PRAGMA cache_size=-262144")
        database.execute("INSERT INTO folder (id, path) VALUES (1, ?)", [os.fsencode(footage)])
        database.executemany("INSERT INTO stream VALUES (?, ?)", ((at + 1, f"{code_of(at)}/main") for at in range(cameras)))
        half = HOUR_US // 2
        whole, torn = packed(0, HOUR_US), packed(0, half - GAP_US, GAP_US, half)
        database.execute(
            "WITH RECURSIVE hour(h) AS (SELECT 0 UNION ALL SELECT h + 1 FROM hour WHERE h + 1 < :hours), "
            "made(stream, h, lacks) AS (SELECT id, h, (id * 7919 + h * 104729) % :lacks FROM stream CROSS JOIN hour) "
            f"INSERT INTO file ({COLUMNS}) SELECT stream, :since + h * :hour, 1, "
            "CAST(printf('52010200001320000001/main/20261128/%06d.mp4', h) AS BLOB), min(:since + (h + 1) * :hour, :until), "
            ":hour - (lacks = 1) * :gap, 1800000000, 1800, 0, 1, iif(lacks = 1, :torn, :whole) FROM made WHERE lacks != 0",
            {
                "hours": hours,
                "lacks": LACKS,
                "since": since_us,
                "until": until_us,
                "hour": HOUR_US,
                "gap": GAP_US,
                "torn": torn,
                "whole": whole,
            },
        )
        rows = int(database.execute("SELECT count(*) FROM file").fetchone()[0])
        database.commit()
    finally:
        database.close()
    return rows


def packed(*distances: int) -> bytes:
    """Spans as the index keeps them: distances of µs, seven bits an octet, the last octet of each without the high bit."""
    octets = bytearray()
    for left in distances:
        while left >= 0x80:
            octets.append(left & 0x7F | 0x80)
            left >>= 7
        octets.append(left)
    return bytes(octets)


def _bare(index: Path) -> float:
    """Seconds that SQLite needs for one sum over the same rows, without a gap's place or cause."""
    database = sqlite3.connect(index)
    began_s = time.monotonic()
    days = "SELECT stream, start_us / 86400000000, sum(recorded_us) FROM file GROUP BY 1, 2"
    database.execute(f"SELECT count(*) FROM ({days})").fetchone()
    took_s = time.monotonic() - began_s
    database.close()
    return took_s
