"""Calls whose BYE nobody answers: how long they are kept, how often they are told, and that nobody waits for them. No sockets."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from prometheus_client import REGISTRY

from fengsui.bus import Bus
from fengsui.clock import ManualClock
from fengsui.features.devices import Call, DeviceState, Peer, UnknownDevice
from fengsui.features.live import open_calls, queries
from fengsui.features.live.model import LiveState, SsrcPool
from fengsui.features.live.open_calls import KEPT_S, MOST_LEFT, TRIES, OpenCalls
from fengsui.features.live.stream import LiveStream
from fengsui.store import Store
from fengsui.wire.sip.dialogs import Dialog
from tests.node.conftest import RunningNode, powered, settings_for, simulated_camera, until
from tests.node.test_live import listed

CODE = "52010200001320000001"
NODE = "52010200002000000001"


class Far:
    """Devices behind a line: which calls were told to end, and which of those they know."""

    def __init__(self) -> None:
        self.states = {CODE: DeviceState(CODE, peer=Peer("UDP", "127.0.0.1", 5060), online=True, silent_at_s=1.0)}
        self.told: list[str] = []
        self.known: set[str] = set()
        self.answers = asyncio.Event()
        self.answers.set()

    def get(self, code: str) -> DeviceState:
        """One of them. Raises UnknownDevice."""
        if code not in self.states:
            raise UnknownDevice(device=code)
        return self.states[code]

    def is_online(self, code: str) -> bool | None:
        """As `Devices` says it."""
        return self.states[code].online if code in self.states else None

    def heard(self) -> None:
        """It keeps alive."""
        self.states[CODE].silent_at_s += 60.0

    def recall(self, _: DeviceState, dialog: Dialog) -> SimpleNamespace:
        """The call, as `Signalling` makes it."""

        async def hang_up_again() -> bool:
            self.told.append(dialog.call_id)
            await self.answers.wait()
            return dialog.call_id in self.known

        return SimpleNamespace(hang_up_again=hang_up_again)


class Left:
    """The calls of one node, and how they ended since the test began."""

    def __init__(self, store: Store, far: Far) -> None:
        self.far, self.store = far, store
        self.clock = ManualClock(datetime(2026, 11, 27, 3, 0, tzinfo=UTC))
        self.ssrcs = SsrcPool(NODE, random.Random(1))
        self.calls = OpenCalls(
            store,
            devices=cast(Any, far),
            signalling=cast(Any, far),
            engine=cast(Any, SimpleNamespace(remember_ended=lambda *_: 0)),
            ssrcs=self.ssrcs,
            bus=Bus(),
            clock=self.clock,
            on_left=lambda *_: None,
        )
        self._before = self._counted()

    def _counted(self) -> dict[str, float]:
        (family,) = [one for one in REGISTRY.collect() if one.name == "fengsui_left_calls_ended"]
        return {one.labels["outcome"]: one.value for one in family.samples if one.name.endswith("_total")}

    @property
    def settled(self) -> dict[str, float]:
        """How many ended, by how."""
        now = self._counted()
        return {how: count - self._before.get(how, 0) for how, count in now.items() if count != self._before.get(how, 0)}

    @property
    def names(self) -> list[str]:
        """Of the calls that are left, the next to be told first."""
        return [name for of_one in self.calls._left.values() for name in of_one]

    def leave(self, *names: str) -> None:
        """Their BYE was not answered."""
        for name in names:
            call = SimpleNamespace(dialog=dialog(name))
            self.calls.ended(cast(Call, call), CODE, known=False)

    async def tell(self) -> None:
        """One pass over all of them."""
        self.calls._end_all()
        await asyncio.gather(*self.calls._ending.values())


def dialog(name: str) -> Dialog:
    return Dialog(name, "a", "b", "c", "d", 1)


@pytest.fixture
async def left(tmp_path: Path) -> AsyncIterator[Left]:
    store = await Store.open(settings_for(f"sqlite:///{tmp_path / 'node.db'}").store.url)
    found = Left(store, Far())
    yield found
    await found.calls.stop()
    await store.close()


async def test_a_device_that_answers_no_bye_is_told_so_often_whatever_its_calls(left: Left) -> None:
    left.leave(*(f"call {number}" for number in range(10)))
    passes = 0
    while left.names:
        left.far.heard()
        await left.tell()
        passes += 1
    assert (passes, len(left.far.told)) == (TRIES - 1, TRIES - 1), "its own BYE was the first try"
    assert left.settled == {"no_answer": 10}
    assert len(set(left.far.told)) == TRIES - 1, "each time another one: it may know some, and not others"


async def test_one_that_knows_some_calls_alone_is_told_of_them(left: Left) -> None:
    left.leave("forgotten", "known")
    left.far.known = {"known"}
    for _ in range(2):
        left.far.heard()
        await left.tell()
    assert (left.far.told, left.names) == (["forgotten", "known", "forgotten"], ["forgotten"])
    assert left.settled == {"ended": 1}


async def test_a_device_that_nobody_hears_is_told_when_it_comes_back(left: Left) -> None:
    left.leave("call")
    for _ in range(3 * TRIES):  # its line is cut, and its silence is not noticed yet
        await left.tell()
    assert left.names == ["call"]
    left.far.known = {"call"}
    await left.tell()
    assert (left.names, left.settled) == ([], {"ended": 1})


async def test_of_one_device_so_many_are_kept_and_of_a_recorder_what_its_channels_send(left: Left) -> None:
    for number in range(MOST_LEFT + 3):
        left.leave(f"call {number}")
        left.clock.set_by(1)
    assert (len(left.names), left.names[0], left.settled) == (MOST_LEFT, "call 3", {"too_many": 3})
    left.far.states[CODE].channels = MOST_LEFT
    left.leave(*(f"more {number}" for number in range(MOST_LEFT + 1)))
    assert (len(left.names), left.settled) == (2 * MOST_LEFT, {"too_many": 4})


async def test_who_opens_a_picture_waits_for_no_device_that_has_let_a_bye_go(left: Left, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_calls, "CLEAR_S", 60.0)
    left.leave("call")
    left.far.answers.clear()
    async with asyncio.timeout(10):
        await left.calls.clear(CODE)
    await until(lambda: left.far.told == ["call"], what="it is told again all the same")
    left.far.answers.set()
    await asyncio.gather(*left.calls._ending.values())
    left.far.states[CODE].online = False
    left.leave("while it was away")
    await left.calls.clear(CODE)
    assert len(left.far.told) == 1, "who is away is not told"
    left.far.states[CODE].online, left.far.known = True, {"call", "while it was away"}
    await left.calls.clear(CODE)
    assert left.names == [], "what it was never told of is waited for: it has room for so many streams"


async def test_what_is_old_or_of_a_removed_device_is_not_kept_until_the_next_start(left: Left) -> None:
    left.far.states[CODE].online = False
    left.leave("old")
    left.clock.set_by(KEPT_S - 60)
    left.leave("young")
    left.clock.set_by(120)
    await left.tell()
    assert (left.names, left.settled) == (["young"], {"too_old": 1})
    del left.far.states[CODE]
    await left.tell()
    assert (left.names, left.settled) == ([], {"too_old": 1, "removed": 1})
    assert left.far.told == []


async def test_a_number_that_two_calls_have_is_free_when_both_have_ended(left: Left) -> None:
    """A call's BYE was lost and its number given anew; then the node was killed."""
    pool, number = left.ssrcs, left.ssrcs.take()
    pool.give_back(number)
    now = left.clock.now().timestamp()
    row = {"device": CODE, "camera": CODE, "ssrc": number, "host": "127.0.0.1", "at": now}
    for name in ("first", "second"):
        left.calls._take(SimpleNamespace(**row, call_id=name, dialog=json.dumps(asdict(dialog(name)))))
    left.far.known = {"first"}
    await left.tell()
    assert (left.names, pool.taken) == (["second"], 1), "the second may still be sending"
    left.far.known = {"second"}
    await left.tell()
    assert (left.names, pool.taken) == ([], 0)


async def test_what_could_not_be_stored_for_a_surprise_is_stored_then(left: Left, monkeypatch: pytest.MonkeyPatch) -> None:
    store_row, failed = queries.write, asyncio.Event()

    async def fails_once(*args: Any) -> None:
        if not failed.is_set():
            failed.set()
            raise RuntimeError("a surprise")
        await store_row(*args)

    monkeypatch.setattr(queries, "write", fails_once)
    await left.calls.start()
    answered = SimpleNamespace(dialog=dialog("call"))
    left.calls.answered(cast(Call, answered), cast(Any, SimpleNamespace(device=CODE, code=CODE)), 1, "127.0.0.1")
    await failed.wait()

    async def stored() -> bool:
        async with left.store.reading() as tx:
            return [row.call_id for row in await queries.calls(tx)] == ["call"]

    await until(stored, what="it is on disk, though nothing else happened since")


async def test_nobody_is_called_whom_nobody_wants_any_more_when_the_calls_of_before_are_ended(
    node: RunningNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    camera, code = simulated_camera(node.registrar), CODE
    looked, clears = asyncio.Event(), asyncio.Event()

    async def clear(_: OpenCalls, __: str) -> None:
        looked.set()
        await clears.wait()

    monkeypatch.setattr(OpenCalls, "clear", clear)
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        opening = asyncio.create_task(node.client.post(f"/cameras/{code}/live", json={"codecs": ["h264"]}))
        await looked.wait()
        stream = node.node.live.stream(code, "main")
        assert isinstance(stream, LiveStream)
        stream.unwant()
        clears.set()
        await until(lambda: stream.state is LiveState.IDLE, what="the attempt has ended")
        assert camera.invited == 0
        opening.cancel()
        await asyncio.gather(opening, return_exceptions=True)
