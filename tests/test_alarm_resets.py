"""A device is reset after its alarm until it says that it is, and not in a circle where it raises the alarm anew at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import cast

import pytest

from fengsui.features.devices import DeviceState, SignallingFault
from fengsui.transports import alarm_resets
from fengsui.transports.alarm_resets import AlarmResets
from fengsui.wire.gb28181.control import DeviceControl
from fengsui.wire.gb28181.manscdp import Manscdp

CODE = "52010200001180000009"
STATE = cast("DeviceState", SimpleNamespace(code=CODE, online=True))


class Record:
    """What is written down of resets."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def now(self) -> float:
        return 1_700_000_000.0

    async def on_record(self, device: str) -> None:
        self.done.append(f"record {device}")

    async def sent(self, device: str, at: float) -> None:
        self.done.append(f"sent {device} {at:.0f}")


class Bench:
    """A device that answers or does not, and may do something at each reset; time passes where one waits for it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now_s = 1_000.0
        self.refuses = 0
        self.sent_at: list[float] = []
        self.then: Callable[[], None] = lambda: None
        self.resets = AlarmResets(self.message, lambda: 1)
        self.resets.book = self.record = Record()
        self._sleep = asyncio.sleep
        monkeypatch.setattr(alarm_resets, "steady_s", lambda: self.now_s)
        monkeypatch.setattr(alarm_resets, "sleep", self.pass_by)

    async def pass_by(self, seconds: float) -> None:
        self.now_s += seconds
        await self._sleep(0)

    async def message(self, _: DeviceState, body: Manscdp) -> None:
        assert isinstance(body, DeviceControl) and body.reset_alarm is not None and body.reset_alarm.method == "2"
        self.sent_at.append(self.now_s)
        self.then()
        if len(self.sent_at) <= self.refuses:
            raise SignallingFault()

    async def over(self) -> None:
        async with asyncio.timeout(10):
            while self.resets.under_way:
                await self._sleep(0)

    async def passed(self, now_s: float) -> None:
        async with asyncio.timeout(10):
            while self.now_s < now_s:
                await self._sleep(0)

    @property
    def waits(self) -> list[float]:
        return [after - before for before, after in zip([1_000.0, *self.sent_at], self.sent_at, strict=False)]


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    return Bench(monkeypatch)


async def test_a_reset_that_fails_is_tried_again_and_later_each_time(bench: Bench) -> None:
    bench.refuses = 9
    bench.resets.owe(STATE)
    await bench.over()
    assert bench.waits == [0, 10, 20, 40, 80, 160, 320, 600, 600, 600]
    assert bench.record.done == [f"record {CODE}", f"sent {CODE} 1700000000"], "on record once, and before it was sent"


async def test_one_that_is_away_is_reset_when_it_is_back_and_as_it_is_then(bench: Bench) -> None:
    away = SimpleNamespace(code=CODE, online=False)
    bench.resets.owe(cast("DeviceState", away))
    await bench.passed(5_000)  # longer than the longest pause
    assert bench.sent_at == []
    bench.resets.owe(STATE)  # removed meanwhile, admitted again, and it raised an alarm
    await bench.over()
    assert bench.sent_at[0] - 5_000 < 30 and len(bench.sent_at) == 1


async def test_many_alarms_want_one_reset_and_those_that_come_while_it_is_sent_another(bench: Bench) -> None:
    def more() -> None:
        bench.then = lambda: None
        for _ in range(100):
            bench.resets.owe(STATE)

    bench.then = more
    for _ in range(100):
        bench.resets.owe(STATE)
    await bench.over()
    assert bench.waits == [0, 10]


async def test_a_device_that_raises_its_alarm_at_each_reset_is_reset_ever_less_often(bench: Bench) -> None:
    def again() -> None:
        if len(bench.sent_at) < 5:
            bench.resets.owe(STATE)

    bench.then = again
    bench.resets.owe(STATE)
    await bench.over()
    assert bench.waits == [0, 10, 20, 40, 80]


async def test_after_a_quiet_time_a_reset_waits_for_nothing(bench: Bench) -> None:
    for quiet_s in (0, 21, 21):
        bench.now_s += quiet_s
        bench.resets.owe(STATE)
        await bench.over()
    assert bench.waits == [0, 21, 21]


async def test_what_is_owed_when_the_node_stops_is_owed_no_longer(bench: Bench) -> None:
    bench.refuses = 10**9
    bench.resets.owe(STATE)
    await bench.resets.stop()
    assert bench.resets.under_way == 0
