"""The door as a node uses it: decisions with duty, tickets and policy, and a page of the camera list over HTTP."""

from __future__ import annotations

import asyncio
import gc
import os
import random
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa

from bench.processes import free_port
from fengsui.app import Node
from fengsui.features.access.decision import Allowed, CameraFacts, Person
from fengsui.features.access.first_people import DEMONSTRATION, FIRST_PEOPLE, demonstration, to_text
from fengsui.features.access.posts import EVERY_CLASS, Function, Post
from fengsui.features.access.tables import appointments, users
from fengsui.features.cameras import queries as camera_queries
from fengsui.features.duty import queries as duty_queries
from fengsui.features.duty.model import Shift
from fengsui.features.policy.model import Purpose
from fengsui.features.tickets import queries as ticket_queries
from fengsui.features.tickets.model import Bounds, Match, UseTicket
from fengsui.settings import NodeSettings, Secrets
from fengsui.store import Store

CENTRES, ON_DUTY, TICKETS, PAGES, HELD = 200, 2_000, 5_000, 60, 200
PASSWORD = "of-the-bench"
FORGOTTEN_S = 3.5
"""After so long a change of appointments that was written beside the node is in force."""


def doors(
    people: Sequence[Person], cameras: Sequence[CameraFacts], rows: Sequence[dict[str, Any]], decisions: int
) -> dict[str, str]:
    """Figures by what they are of. `rows`: of the catalogue, one for each camera."""
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_doors(Path(folder), people, cameras, rows, decisions))


async def _doors(
    folder: Path, people: Sequence[Person], cameras: Sequence[CameraFacts], rows: Sequence[dict[str, Any]], decisions: int
) -> dict[str, str]:
    chance, now = random.Random(11), time.time()
    await _fill(folder, people, cameras, rows, chance, now)
    ports = [free_port() for _ in range(5)]
    settings = NodeSettings.model_validate(
        {
            "signalling": {"host": "127.0.0.1", "port": ports[0]},
            "media": {"rtp_host": "127.0.0.1", "rtp_port": ports[1], "http_port": ports[2], "webrtc_port": ports[3]},
            "http": {"host": "127.0.0.1", "port": ports[4], "tls": False},
        }
    )
    os.environ[FIRST_PEOPLE] = to_text(demonstration({one.name: PASSWORD for one in DEMONSTRATION}))
    node = Node(settings, folder)
    await node.start()
    try:
        took_us, allowed = _decisions(node, people, cameras, decisions, chance)
        p50, p99 = statistics.median(took_us), statistics.quantiles(took_us, n=100)[98]
        found = {f"the door of a node, {allowed:.0%} allowed": f"{p50:.1f} µs, p99 {p99:.1f} µs"}
        base = f"http://127.0.0.1:{ports[4]}/api/v1"
        found["a page of 100 over HTTP, scope of everything"] = await asyncio.to_thread(_pages, base)
        await _appoint(node, cameras, chance, now)
        await asyncio.sleep(FORGOTTEN_S)
        found[f"a page of 100 over HTTP, scope of {HELD} appointments"] = await asyncio.to_thread(_pages, base)
        return found
    finally:
        await node.stop()


async def _fill(
    folder: Path,
    people: Sequence[Person],
    cameras: Sequence[CameraFacts],
    rows: Sequence[dict[str, Any]],
    chance: random.Random,
    now: float,
) -> None:
    """Cameras, centres with their shifts, and tickets: what the node finds when it starts."""
    store, key = await Store.open(f"sqlite:///{folder / 'node.db'}", NodeSettings().node.code), Secrets(folder).key("use-tickets")
    areas = sorted({camera.area for camera in cameras})
    async with store.transaction() as tx:
        for at in range(0, len(rows), 2_000):
            await camera_queries.write_items(tx, list(rows[at : at + 2_000]))
        centres = [
            await duty_queries.add_centre(tx, name=f"centre {number}", area=chance.choice(areas)[:4], seats=20, min_staff=1)
            for number in range(CENTRES)
        ]
        for number, person in enumerate(chance.sample(list(people), min(ON_DUTY, len(people)))):
            seat = Shift(0, centres[number % CENTRES], number // CENTRES + 1, person.user_id, person.name, now - 60, now + 28_800)
            await duty_queries.add_shift(tx, seat)
        for number in range(TICKETS):
            bounds = Bounds(frozenset(camera.code for camera in chance.sample(list(cameras), 5)), "", now - 86_400, now + 86_400)
            opens = frozenset((Function.VIEW_LIVE.value, Function.VIEW_RECORDED.value))
            holder = chance.choice(people).user_id
            one = UseTicket(
                f"B{number:08d}",
                1,
                holder,
                next(iter(Purpose)),
                "A1",
                "",
                bounds,
                opens,
                now - 60,
                now + 36_000,
                0.0,
                Match.MATCHED,
            )
            await ticket_queries.add(tx, one, key)
        await tx.execute(sa.text("ANALYZE"))
    await store.close()


def _decisions(
    node: Node, people: Sequence[Person], cameras: Sequence[CameraFacts], count: int, chance: random.Random
) -> tuple[list[float], float]:
    """µs of each with what duty, tickets and policy say; half of them by those with most appointments."""
    busy = sorted(people, key=lambda one: len(one.appointments), reverse=True)[: max(1, len(people) // 100)]
    asked = [(chance.choice(busy if number % 2 else people), chance.choice(cameras)) for number in range(count)]
    took, allowed = [], 0
    gc.collect()
    for person, camera in asked:
        began_ns = time.perf_counter_ns()
        decision = node.access.decide(person, Function.VIEW_LIVE, camera)
        took.append((time.perf_counter_ns() - began_ns) / 1000)
        allowed += isinstance(decision, Allowed)
    return took, allowed / count


async def _appoint(node: Node, cameras: Sequence[CameraFacts], chance: random.Random, now: float) -> None:
    """The duty officer holds many narrow appointments instead of one."""
    async with node.store.transaction() as tx:
        officer = int((await tx.execute(sa.select(users.c.id).where(users.c.name == "duty"))).scalar_one())
        await tx.execute(sa.update(appointments).where(appointments.c.user_id == officer).values(ended_at=now))
        held = [
            {
                "user_id": officer,
                "post": Post.OPERATOR.value,
                "area": chance.choice(cameras).area,
                "classes": EVERY_CLASS,
                "valid_from": now - 60,
                "valid_until": now + 1e6,
                "made_at": now,
                "ended_at": None,
                "made_by": "bench",
                "approved_by": "bench",
                "ended_by": None,
                "rank": "",
                "given_by_group": "",
            }
            for _ in range(HELD)
        ]
        await tx.execute(sa.insert(appointments), held)


def _pages(base: str) -> str:
    """Page after page as the console asks for them, the client in this process too: median and longest."""
    took_ms = []
    with httpx.Client(base_url=base, timeout=60) as client:
        signed_in = client.post("/session", json={"name": "duty", "password": PASSWORD})
        assert signed_in.status_code == 201, signed_in.text
        client.headers["Authorization"] = f"Bearer {signed_in.json()['token']}"
        cursor = ""
        for _ in range(PAGES):
            began_s = time.monotonic()
            answer = client.get("/cameras", params={"limit": 100, **({"cursor": cursor} if cursor else {})})
            took_ms.append((time.monotonic() - began_s) * 1000)
            assert answer.status_code == 200, answer.text
            assert answer.json()["items"]
            cursor = answer.json()["next"] or ""
    return f"{statistics.median(took_ms):.1f} ms, at most {max(took_ms):.1f} ms"
