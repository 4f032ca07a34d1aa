"""The waiting list is bounded for each address, in all and by age: no flood keeps a newcomer from being seen."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from pathlib import Path

import pytest

from fengsui.bus import Bus
from fengsui.clock import ManualClock
from fengsui.features.devices import waiting as module
from fengsui.features.devices.model import Peer
from fengsui.features.devices.schemas import WaitingPage
from fengsui.features.devices.shares import Shares
from fengsui.features.devices.waiting import DAY_S, WaitingList
from fengsui.settings import SignallingSection
from fengsui.simulators.device import SimulatedDevice
from fengsui.store import Store
from tests.node.conftest import RunningNode, running_node, settings_for, simulated_camera, until
from tests.node.test_abuse import attacker, register
from tests.node.test_metrics import scraped, total


def test_shares_agree_with_a_plain_count() -> None:
    chance, shares = random.Random(7), Shares()
    plain: list[tuple[str, str]] = []  # (key, owner), the newest last
    for _ in range(4_000):
        key, owner = f"k{chance.randrange(60)}", f"o{chance.randrange(8)}"
        plain = [one for one in plain if one[0] != key]
        if chance.random() < 0.3:
            shares.leave(key)
        else:
            shares.touch(key, owner)
            plain.append((key, owner))
        counts = Counter(owner for _, owner in plain)
        assert len(shares) == len(plain)
        for one in {f"o{number}" for number in range(8)}:
            assert shares.count(one) == counts[one]
            assert shares.oldest_of(one) == next((key for key, owner in plain if owner == one), None)
        most = shares.oldest_of_largest()
        assert (most is None) == (not plain)
        if most is not None:
            assert counts[dict(plain)[most]] == max(counts.values())


def note(waiting: WaitingList, number: int, host: str) -> str:
    """One that knocks."""
    code = f"3402000000132{number:07d}"
    waiting.note(code, Peer("UDP", host, 5060), "somebody")
    return code


async def test_the_list_keeps_to_its_limits_and_to_what_was_decided(store_url: str) -> None:
    settings, clock = SignallingSection(max_waiting_devices=20, max_waiting_per_address=8, waiting_days=3), ManualClock()
    store = await Store.open(store_url)
    waiting = WaitingList(store, Bus(), clock, settings)
    await waiting.start()

    def of(host: str) -> set[str]:
        return {entry.code for entry in waiting.all() if entry.address == host}

    flood = [note(waiting, number, "10.0.0.1") for number in range(50)]
    assert of("10.0.0.1") == set(flood[-8:]), "the oldest of one address make room for its newest"
    blocked = flood[-8]
    await waiting.decide(blocked, "blocked")
    for number in range(100, 108):
        note(waiting, number, "10.0.0.1")
    assert waiting.is_blocked(blocked) and len(of("10.0.0.1")) == 9, "what was decided is not pushed out, nor counted"
    for address in range(2, 14):
        note(waiting, 1_000 + address, f"10.0.0.{address}")
    assert len(waiting.all()) == 20 and waiting.is_blocked(blocked)
    assert all(len(of(f"10.0.0.{address}")) == 1 for address in range(2, 14)), "who has most gives way, not who came first"
    stays = note(waiting, 1_002, "10.0.0.2")
    await waiting.stop()

    again = WaitingList(store, Bus(), clock, settings)
    await again.start()
    assert {(entry.code, entry.state) for entry in again.all()} == {(entry.code, entry.state) for entry in waiting.all()}
    clock.advance(2 * DAY_S)
    note(again, 1_002, "10.0.0.2")
    clock.advance(2 * DAY_S)
    again.forget_old()
    assert {entry.code for entry in again.all()} == {blocked, stays}, "who has not knocked for days is forgotten"
    await again.stop()

    smaller = WaitingList(store, Bus(), clock, settings.model_copy(update={"max_waiting_devices": 1}))
    await smaller.start()
    assert [entry.code for entry in smaller.all()] == [blocked], "a smaller limit holds at the next start"
    note(smaller, 5, "10.0.0.5")
    assert [entry.code for entry in smaller.all()] == [blocked]
    await smaller.stop()
    await store.close()


async def test_what_is_being_written_when_the_node_stops_is_written_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WRITE_EVERY_S", 0.01)
    store = await Store.open(f"sqlite:///{tmp_path / 'node.db'}")
    waiting = WaitingList(store, Bus(), ManualClock(), SignallingSection())
    await waiting.start()
    async with store.transaction():  # the only one at a time
        code = note(waiting, 1, "10.0.0.1")
        await until(lambda: store.writes_waiting == 1, what="the entry is being written")
        stopping = asyncio.create_task(waiting.stop())
        await until(lambda: waiting._task is not None and waiting._task.done(), what="the writer was ended in the middle of it")
    await stopping
    again = WaitingList(store, Bus(), ManualClock(), SignallingSection())
    await again.start()
    assert [entry.code for entry in again.all()] == [code]
    await again.stop()
    await store.close()


async def test_a_flood_from_one_host_hides_no_newcomer(store_url: str, tmp_path: Path) -> None:
    settings = settings_for(
        store_url,
        admission="waiting-list",
        max_waiting_devices=100,
        max_waiting_per_address=90,
        max_requests_per_address_per_s=100_000,
    )
    async with running_node(tmp_path, settings) as node:
        first = simulated_camera(node.registrar, 1)
        first.identity.local_host = "127.0.0.30"
        await knock(first)
        with attacker(node) as strangers:
            for number in range(400):
                strangers.send(register(number, f"{node.registrar.domain}1320{500_000 + number:06d}"))

        async def held() -> bool:
            return total(await scraped(node), "fengsui_waiting_forgotten_total", why="address") >= 300

        await until(held, what="the flood pushes out its own")
        newcomer = simulated_camera(node.registrar, 2)
        newcomer.identity.local_host = "127.0.0.31"
        await knock(newcomer)
        listed = await codes_of(node)
        assert {first.identity.code, newcomer.identity.code} <= listed and len(listed) == 92
        assert (await node.client.post(f"/waiting-devices/{first.identity.code}/admit", json={})).status_code == 200
        refused = await node.client.post(f"/waiting-devices/{newcomer.identity.code}/refuse")
        assert (refused.json()["state"], refused.json()["address"]) == ("refused", "127.0.0.31")
    async with running_node(tmp_path, settings) as node:
        assert await codes_of(node) == listed - {first.identity.code}


async def knock(camera: SimulatedDevice) -> None:
    """An unknown camera registers and is refused."""
    await camera._connect()
    assert not await camera._register()
    camera._close_link()


async def codes_of(node: RunningNode) -> set[str]:
    """Whoever stands in the list."""
    page = WaitingPage.model_validate(await node.get("/waiting-devices"))
    return {entry.code for entry in page.items}
