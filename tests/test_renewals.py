"""Renewals of subscriptions: whoever does not answer keeps nobody waiting, and is asked more and more seldom."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from fengsui.clock import SystemClock
from fengsui.features.cameras import subscriptions as rules
from fengsui.features.cameras.subscriptions import CatalogueSubscriptions
from fengsui.features.devices import Devices, DeviceState, Signalling, SignallingFault

DEAD = [f"dead {number}" for number in range(3 * rules.RETRIED_AT_ONCE)]
LIVING = "living"


class Refused(SignallingFault):
    code = "of.a.test"
    zh = en = "no"


class Peers:
    """Stands for the registrar and for the devices: the dead ones are asked and never answer."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.refuses = False
        self.renewed, self.busy = asyncio.Event(), asyncio.Event()

    def get(self, code: str) -> DeviceState:
        return DeviceState(code)

    def next_sn(self) -> int:
        return 1

    def forget_subscriptions(self, code: str, package: str) -> None:
        """Nothing is kept here."""

    async def subscribe(self, device: DeviceState, *_: object, **__: object) -> int:
        self.asked.append(device.code)
        if self.refuses:
            raise Refused
        if len(self.asked) == rules.RETRIED_AT_ONCE:
            self.busy.set()
        if device.code != LIVING:
            await asyncio.Event().wait()
        self.renewed.set()
        return 600


def subscriptions_of(peers: Peers, clock: SystemClock) -> CatalogueSubscriptions:
    return CatalogueSubscriptions(cast(Devices, peers), cast(Signalling, peers), clock)


async def test_no_renewal_waits_behind_devices_that_do_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "LOOK_EVERY_S", 0.01)
    peers, clock = Peers(), SystemClock()
    subscriptions = subscriptions_of(peers, clock)
    now_s = clock.monotonic_s()
    subscriptions._due.update({code: now_s for code in DEAD})
    subscriptions._refused.update(DEAD)
    renewing = asyncio.create_task(subscriptions.renew())
    try:
        async with asyncio.timeout(20):
            await peers.busy.wait()
            subscriptions._due[LIVING] = now_s
            await peers.renewed.wait()
    finally:
        renewing.cancel()
        await asyncio.gather(renewing, return_exceptions=True)
    assert len(peers.asked) == len(set(peers.asked)) == rules.RETRIED_AT_ONCE + 1


async def test_whoever_refuses_again_and_again_is_asked_more_and_more_seldom() -> None:
    class Still(SystemClock):
        def monotonic_s(self) -> float:
            return 1_000.0

    peers = Peers()
    subscriptions = subscriptions_of(peers, Still())
    device: Any = DeviceState(LIVING)
    pauses = []
    peers.refuses = True
    for _ in range(6):
        await subscriptions.begin(device, 2)
        pauses.append(subscriptions._due[LIVING] - 1_000)
    assert pauses == [300, 600, 1_200, 2_400, 4_800, 4_800]
    peers.refuses = False
    await subscriptions.begin(device, 2)
    assert subscriptions.is_subscribed(LIVING)
    peers.refuses = True
    await subscriptions.begin(device, 2)
    assert subscriptions._due[LIVING] - 1_000 == 300, "it begins anew once it agreed"
