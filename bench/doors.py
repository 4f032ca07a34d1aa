"""The door as a node uses it: decisions with duty, tickets and policy, and a page of the camera list over HTTP."""

from __future__ import annotations

import asyncio
import gc
import os
import random
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa

from bench.processes import free_port
from fengsui.app import Node
from fengsui.features.access.decision import Allowed, CameraFacts, Person
from fengsui.features.access.first_people import DEMONSTRATION, FIRST_PEOPLE, demonstration, to_text
from fengsui.features.access.posts import CLASS_BIT, EVERY_CLASS, POSTS, Function, Post
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
ALLOWED, BUSY = 0.6, 250
"""Share of the questions for what should be seen: of the others some are open, too. So many people have most appointments."""
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
    at_work = AtWork(people, cameras, chance, now)
    await _fill(folder, at_work, rows, chance, now)
    ports = [free_port() for _ in range(5)]
    settings = NodeSettings.model_validate(
        {
            "signalling": {"host": "127.0.0.1", "port": ports[0]},
            "media": {"rtp_host": "127.0.0.1", "rtp_port": ports[1], "http_port": ports[2], "webrtc_port": ports[3]},
            "http": {"host": "127.0.0.1", "port": ports[4], "tls": False},
            "alarm_hosts": {"port": 0},
        }
    )
    os.environ[FIRST_PEOPLE] = to_text(demonstration({one.name: PASSWORD for one in DEMONSTRATION}))
    node = Node(settings, folder)
    await node.start()
    try:
        found = _told(_decisions(node, at_work.asked(decisions, chance)))
        base = f"http://127.0.0.1:{ports[4]}/api/v1"
        found |= await asyncio.to_thread(_lists, base, "everything")
        county = chance.choice(cameras).area
        for held, whose in (([county], "one county"), ([chance.choice(cameras).area for _ in range(HELD)], f"{HELD} appointments")):
            await _appoint(node, held, now)
            await asyncio.sleep(FORGOTTEN_S)
            found |= await asyncio.to_thread(_lists, base, whose)
        return found
    finally:
        await node.stop()


class AtWork:
    """Who is on duty at which centre, who holds a ticket for which cameras, and what each of them asks for.

    Whoever is on duty sits at the centre of a city where an appointment in force lets them take duty; half of them hold as many
    appointments as the issue names rules.
    """

    def __init__(self, people: Sequence[Person], cameras: Sequence[CameraFacts], chance: random.Random, now: float) -> None:
        self._cameras, self._now = cameras, now
        self._in: dict[str, list[CameraFacts]] = defaultdict(list)
        for camera in cameras:
            self._in[camera.area[:4]].append(camera)
            self._in[camera.area].append(camera)
        cities = sorted({camera.area[:4] for camera in cameras})
        self.cities = chance.sample(cities, len(cities) * 4 // 5)
        """Where duty is kept."""
        order = sorted(people, key=lambda one: (-len(one.appointments), one.user_id))
        busy, others = order[: len(people) // 100], chance.sample(order[len(people) // 100 :], len(people) // 5)
        seated = [(one, self._duties(one, Function.TAKE_DUTY, self.cities)) for one in (*busy, *others)]
        seated = [(one, held) for one, held in seated if held]
        chosen = (*seated[: len(busy) // 2], *chance.sample(seated[len(busy) // 2 :], ON_DUTY - len(busy) // 2))
        self.on_duty = [(one, *chance.choice(held)) for one, held in chosen]
        """Person, area and classes of the appointment by which they sit."""
        sits = {one.user_id for one, *_ in self.on_duty}
        free = [one for one in (*busy, *others) if one.user_id not in sits and self._duties(one, Function.VIEW_LIVE, self._in)]
        self.holders = [(one, self._named(one, chance)) for one in free[:TICKETS]]
        """Person and the cameras that their ticket names."""

    def _duties(self, one: Person, function: Function, among: Collection[str]) -> list[tuple[str, int]]:
        held = (a for a in one.appointments if function in POSTS[a.post] and a.since <= self._now < a.until)
        return [(a.area, a.classes) for a in held if a.area[:4] in among and self._in[a.area]]

    def _seen(self, area: str, classes: int, chance: random.Random) -> CameraFacts | None:
        fitting = [camera for camera in self._in[area] if CLASS_BIT[camera.camera_class] & classes]
        return chance.choice(fitting) if fitting else None

    def _named(self, one: Person, chance: random.Random) -> list[CameraFacts]:
        held = self._duties(one, Function.VIEW_LIVE, self._in)
        return [camera for camera in (self._seen(*chance.choice(held), chance) for _ in range(5)) if camera is not None]

    def asked(self, count: int, chance: random.Random) -> list[tuple[Person, CameraFacts]]:
        """Of ten questions six are for a camera that they should see; the others are for one elsewhere, or of their own area
        that neither their shift nor their ticket holds.
        """
        found: list[tuple[Person, CameraFacts]] = []
        half = {kind: sorted(whom, key=lambda one: -len(one[0].appointments)) for kind, whom in self._kinds().items()}
        while len(found) < count:
            kind = chance.choice(("duty", "ticket"))
            whom = half[kind][:BUSY] if chance.random() < 0.5 else half[kind][BUSY:]
            one, ask = chance.choice(whom)
            if chance.random() < ALLOWED:
                camera = ask(chance)
            elif chance.random() < 0.5:
                camera = chance.choice(self._cameras)
            else:
                camera = self._seen(*chance.choice(self._duties(one, Function.VIEW_LIVE, self._in) or [("", 0)]), chance)
            if camera is not None:
                found.append((one, camera))
        return found

    def _kinds(self) -> dict[str, list[tuple[Person, Callable[[random.Random], CameraFacts | None]]]]:
        def seen(area: str, classes: int) -> Callable[[random.Random], CameraFacts | None]:
            return lambda chance: self._seen(area, classes, chance)

        def named(cameras: Sequence[CameraFacts]) -> Callable[[random.Random], CameraFacts | None]:
            return lambda chance: chance.choice(cameras) if cameras else None

        duty = [(one, seen(area, classes)) for one, area, classes in self.on_duty]
        return {"duty": duty, "ticket": [(one, named(cameras)) for one, cameras in self.holders]}


async def _fill(folder: Path, at_work: AtWork, rows: Sequence[dict[str, Any]], chance: random.Random, now: float) -> None:
    """Cameras, centres with their shifts, and tickets: what the node finds when it starts."""
    secrets = Secrets(folder)
    store = await Store.open(f"sqlite:///{folder / 'node.db'}", NodeSettings().node.code, secrets.key("rows"))
    key = secrets.key("use-tickets")
    async with store.transaction() as tx:
        for at in range(0, len(rows), 2_000):
            await camera_queries.write_items(tx, list(rows[at : at + 2_000]))
        centres = defaultdict(list)
        for number in range(CENTRES):
            city = at_work.cities[number % len(at_work.cities)]
            centre = await duty_queries.add_centre(tx, name=f"centre {number}", area=city, seats=200, min_staff=1)
            centres[city].append(centre)
        for number, (person, area, _) in enumerate(at_work.on_duty):
            seat = Shift(0, chance.choice(centres[area[:4]]), number + 1, person.user_id, person.name, now - 60, now + 28_800)
            await duty_queries.add_shift(tx, seat)
        opens = frozenset((Function.VIEW_LIVE.value, Function.VIEW_RECORDED.value))
        for number, (person, named) in enumerate(at_work.holders):
            bounds = Bounds(frozenset(camera.code for camera in named), "", now - 86_400, now + 86_400)
            terms = (person.user_id, next(iter(Purpose)), "A1", "", bounds, opens, now - 60, now + 36_000, 0.0, Match.MATCHED)
            await ticket_queries.add(tx, UseTicket(f"B{number:08d}", 1, *terms), key)
        await tx.execute(sa.text("ANALYZE"))
    await store.close()


def _decisions(node: Node, asked: Sequence[tuple[Person, CameraFacts]]) -> dict[bool, list[float]]:
    """µs of each with what duty, tickets and policy say, by whether it was allowed."""
    took: dict[bool, list[float]] = {True: [], False: []}
    gc.collect()
    gc.freeze()
    for person, camera in asked:
        began_ns = time.perf_counter_ns()
        decision = node.access.decide(person, Function.VIEW_LIVE, camera)
        spent_us = (time.perf_counter_ns() - began_ns) / 1000
        took[isinstance(decision, Allowed)].append(spent_us)
    gc.unfreeze()
    return took


def _told(took: dict[bool, list[float]]) -> dict[str, str]:
    every = [*took[True], *took[False]]
    of = {f"the door of a node, {len(took[True]) / len(every):.0%} allowed": every}
    of |= {"of these the allowed": took[True], "of these the refused": took[False]}
    return {what: f"{statistics.median(us):.1f} µs, p99 {statistics.quantiles(us, n=100)[98]:.1f} µs" for what, us in of.items()}


async def _appoint(node: Node, held: Sequence[str], now: float) -> None:
    """The duty officer holds these areas instead of what they held."""
    async with node.store.transaction() as tx:
        officer = int((await tx.execute(sa.select(users.c.id).where(users.c.name == "duty"))).scalar_one())
        await tx.execute(sa.update(appointments).where(appointments.c.user_id == officer).values(ended_at=now))
        rows = [
            {
                "user_id": officer,
                "post": Post.OPERATOR.value,
                "area": area,
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
            for area in held
        ]
        await tx.execute(sa.insert(appointments), rows)


def _lists(base: str, whose: str) -> dict[str, str]:
    """Page after page, and the area tree with its sums, as the console asks for them, the client in this process too."""
    with httpx.Client(base_url=base, timeout=60) as client:
        signed_in = client.post("/session", json={"name": "duty", "password": PASSWORD})
        assert signed_in.status_code == 201, signed_in.text
        client.headers["Authorization"] = f"Bearer {signed_in.json()['token']}"
        pages, cursor = [], ""
        for _ in range(PAGES):
            took_ms, answer = _asked(client, "/cameras", {"limit": 100, **({"cursor": cursor} if cursor else {})})
            assert answer["items"], "a scope without a camera measures nothing"
            pages.append(took_ms)
            cursor = answer["next"] or ""
        trees = [_asked(client, "/areas", {})[0] for _ in range(PAGES)]
    of = {"a page of 100 over HTTP": pages, "the area tree over HTTP": trees}
    return {
        f"{what}, scope of {whose}": f"{statistics.median(took):.1f} ms, at most {max(took):.1f} ms" for what, took in of.items()
    }


def _asked(client: httpx.Client, path: str, params: dict[str, Any]) -> tuple[float, dict[str, Any]]:
    began_s = time.monotonic()
    answer = client.get(path, params=params)
    took_ms = (time.monotonic() - began_s) * 1000
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return took_ms, found
