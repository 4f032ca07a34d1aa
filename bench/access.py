"""Row `access`: the decision alone, the door of a node with duty and tickets, and lists of 100,000 cameras by scope on SQLite."""

from __future__ import annotations

import asyncio
import gc
import random
import resource
import statistics
import tempfile
import time
from itertools import islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bench.doors import CENTRES, ON_DUTY, TICKETS, doors
from bench.table import Figure
from fengsui.features.access.decision import Allowed, Appointment, CameraFacts, Person, Scope, decide, scope_of
from fengsui.features.access.posts import EVERY_CLASS, CameraClass, Function, Post
from fengsui.features.areas import Divisions
from fengsui.features.cameras import queries
from fengsui.features.cameras.rows import row_of
from fengsui.store import Store
from fengsui.wire.gb28181.catalog import CatalogueItem

PEOPLE, CAMERAS, RULES, DECISIONS, LISTINGS = 50_000, 100_000, 200, 200_000, 40
PLATFORM = "52000000002000000009"
NOW = time.time()
CLASSES = tuple(CameraClass)


def access() -> list[Figure]:
    """Decisions of random people on random cameras; pages, counts and the area tree inside scopes of one and of many areas."""
    chance = random.Random(7)
    counties = [one.code for one in Divisions().all() if one.level == "county"]
    cameras = [CameraFacts(code_of(number), chance.choice(counties), chance.choice(CLASSES)) for number in range(CAMERAS)]
    people = [_person(number, chance, counties) for number in range(PEOPLE)]
    took_us, granted = _decisions(people, cameras, chance)
    p50, p99 = statistics.median(took_us), statistics.quantiles(took_us, n=100)[98]
    rules = f"{RULES} appointments each for 1 of 100 people, else 1 to 4; {granted:.0%} allowed"
    figures = [
        Figure("access", "one decision", f"{p50:.1f} µs, p99 {p99:.1f} µs", rules, None, "≤ 20 µs, p99 ≤ 100 µs", peak_mb_here()),
    ]
    with tempfile.TemporaryDirectory() as folder:
        for what, ours in asyncio.run(_listings(Path(folder), cameras, people)).items():
            figures.append(Figure("access", what, ours, f"{CAMERAS:,} cameras, SQLite", None, "≤ 50 ms", peak_mb_here()))
    served = f"{PEOPLE:,} people, {ON_DUTY:,} on duty at {CENTRES} centres, {TICKETS:,} tickets; {CAMERAS:,} cameras"
    for what, ours in doors(people, cameras, [row_of_camera(camera) for camera in cameras], DECISIONS).items():
        wanted = "≤ 50 ms" if "HTTP" in what else "≤ 20 µs, p99 ≤ 100 µs"
        figures.append(Figure("access", what, ours, served, None, wanted, peak_mb_here()))
    return figures


def code_of(number: int) -> str:
    """Of a camera."""
    return f"5201020000132{number:07d}"


def _person(number: int, chance: random.Random, counties: list[str]) -> Person:
    """One in a hundred holds as many appointments as the issue names rules."""
    count = RULES if number % 100 == 0 else chance.randint(1, 4)
    posts = (Post.OPERATOR, Post.INVESTIGATOR, Post.INSPECTOR, Post.DUTY_SUPERVISOR)
    held = (
        Appointment(
            chance.choice(posts),
            chance.choice(counties)[: chance.choice((4, 6, 6))],
            chance.choice((EVERY_CLASS, 0b00011, 0b10101)),
            NOW - 1e6,
            NOW + chance.choice((-10.0, 1e6, 1e6, 1e6)),
        )
        for _ in range(count)
    )
    return Person(number, f"user{number}", tuple(held))


def _decisions(people: list[Person], cameras: list[CameraFacts], chance: random.Random) -> tuple[list[float], float]:
    """µs of each, refusals with their reasons included, and the share that was allowed."""
    asked = [(chance.choice(people), chance.choice(cameras)) for _ in range(DECISIONS)]
    busy = [person for person in people if len(person.appointments) == RULES]
    asked[::2] = [(chance.choice(busy), camera) for _, camera in asked[::2]]
    took, allowed = [], 0
    gc.collect()
    gc.freeze()
    for person, camera in asked:
        began_ns = time.perf_counter_ns()
        decision = decide(person, Function.VIEW_LIVE, camera, now=NOW)
        took.append((time.perf_counter_ns() - began_ns) / 1000)
        allowed += isinstance(decision, Allowed)
    return took, allowed / DECISIONS


async def _listings(folder: Path, cameras: list[CameraFacts], people: list[Person]) -> dict[str, str]:
    store = await Store.open(f"sqlite:///{folder / 'node.db'}")
    rows = [row_of_camera(camera) for camera in cameras]
    async with store.transaction() as tx:
        for at in range(0, len(rows), 2_000):
            await queries.write_items(tx, rows[at : at + 2_000])
        await tx.execute(sa.text("ANALYZE"))
    busy = (scope_of(one, Function.VIEW_LIVE, now=NOW) for one in people if len(one.appointments) == RULES)
    scopes = {
        "of everything": [Scope((("", EVERY_CLASS),))] * LISTINGS,
        "of one county": [Scope(((camera.area, 0b00011),)) for camera in cameras[:LISTINGS]],
        f"of {RULES} appointments": list(islice(busy, LISTINGS)),
    }
    found: dict[str, str] = {}
    for name, wanted in scopes.items():
        waits: dict[str, list[float]] = {"page": [], "area tree": []}
        for scope in wanted:
            inside = queries.within(scope, CameraClass.GOVERNMENT)
            async with store.reading() as tx:
                began_s = time.monotonic()
                asked = queries.Wanted(within=inside)
                await queries.cameras(tx, asked, limit=100)
                await queries.count(tx, asked, scope, CameraClass.GOVERNMENT)
                waits["page"].append((time.monotonic() - began_s) * 1000)
                began_s = time.monotonic()
                await queries.areas_with_devices(tx, scope, CameraClass.GOVERNMENT)
                waits["area tree"].append((time.monotonic() - began_s) * 1000)
        for what, took in waits.items():
            label = "a page of 100 and the count" if what == "page" else "the area tree's sums"
            found[f"{label}, scope {name}"] = f"{statistics.median(took):.1f} ms, at most {max(took):.1f} ms"
    await store.close()
    return found


def row_of_camera(camera: CameraFacts) -> dict[str, Any]:
    """As the catalogue keeps it."""
    item = CatalogueItem(camera.code, f"摄像机{camera.code[-7:]}", "Maker", "M-1", civil_code=camera.area, status="ON")
    return {**row_of(PLATFORM, item, ""), "shown_area": camera.area, "camera_class": camera.camera_class.value}


def peak_mb_here() -> int:
    """Highest resident memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
