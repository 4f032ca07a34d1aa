"""A camera whose answers are lost does not turn for ever: the rules of moving, without sockets."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from fengsui.features.cameras.control import Control
from fengsui.features.devices import NoAnswer, Refused
from fengsui.wire.gb28181 import ptz
from fengsui.wire.gb28181.control import DeviceControl, HomePosition
from tests.node.conftest import until

CODE = "52010200001320000001"
LEFT = ptz.move(pan=-128)
STOPS = [ptz.STOP.to_text(), ptz.PtzCommand(ptz.LENS_STOP).to_text()]


class Far:
    """A device behind a bad line: what arrives there, and whose answer comes back when."""

    def __init__(self) -> None:
        self.arrived: list[str] = []
        self.asked = 0
        self.lost = False
        self.late: asyncio.Event | None = None
        self.refuses = False

    def next_sn(self) -> int:
        """Any."""
        return 1

    async def message(self, _: object, body: Any) -> None:
        """Arrives; then its answer comes, or does not."""
        assert isinstance(body, DeviceControl)
        if self.refuses:
            self.asked += 1
            raise Refused(sip_status=403, reason="Forbidden")
        if body.ptz not in STOPS and self.late is not None:
            await self.late.wait()  # the datagram was lost; it is the one that is sent again
        self.arrived.append(body.ptz)
        if self.lost:
            raise NoAnswer(peer="10.0.0.7")


class Known:
    """The one camera."""

    async def get(self, code: str) -> SimpleNamespace:
        """It."""
        return SimpleNamespace(code=code)

    def device_of(self, camera: SimpleNamespace) -> SimpleNamespace:
        """Its device."""
        return camera


def control(far: Far, longest_s: float) -> Control:
    return Control(Known(), far, longest_s, stop_again_s=0.02)  # type: ignore[arg-type]


async def test_an_order_whose_answer_is_lost_is_stopped_all_the_same() -> None:
    far = Far()
    far.lost = True
    with pytest.raises(NoAnswer):
        await control(far, 0.05).move(CODE, LEFT)
    far.lost = False
    await until(lambda: len(far.arrived) >= 3, what="the stops arrive")
    assert far.arrived[1:] == STOPS


async def test_a_stop_that_overtakes_its_order_is_said_again_after_it() -> None:
    far, late = Far(), asyncio.Event()
    far.late, orders = late, control(far, 60)
    moving = asyncio.create_task(orders.move(CODE, LEFT))
    await asyncio.sleep(0)
    await orders.stop(CODE)
    assert far.arrived == STOPS
    late.set()
    await moving
    assert far.arrived[-2:] == STOPS and len(far.arrived) == 5


async def test_a_preset_is_reached_although_a_movement_was_to_end_by_itself() -> None:
    far = Far()
    orders = control(far, 0.05)
    await orders.move(CODE, LEFT)
    await orders.preset(CODE, ptz.PRESET_GO, 3)
    await orders.stop(CODE)  # so that there is an order to wait for behind the time of the first one's end
    await asyncio.sleep(0.1)
    assert far.arrived[2:] == STOPS


@pytest.mark.parametrize("by_hand", [True, False], ids=["a hand lets go", "nothing is heard of the hand"])
async def test_a_stop_that_was_not_heard_is_said_again_until_it_is(by_hand: bool) -> None:
    far = Far()
    orders = control(far, 60 if by_hand else 0.05)
    await orders.move(CODE, LEFT)
    far.lost = True
    if by_hand:
        with pytest.raises(NoAnswer):
            await orders.stop(CODE)
    await until(lambda: far.arrived.count(STOPS[0]) >= 3, what="it is said again")
    far.lost = False
    await until(lambda: far.arrived[-2:] == STOPS, what="it is heard at last, in all that moves")
    heard = len(far.arrived)
    await asyncio.sleep(0.1)  # several times the pause between two of them
    assert len(far.arrived) == heard, "heard, it is not said any more"


async def test_a_stop_that_is_owed_does_not_end_what_a_hand_begins_afterwards() -> None:
    far = Far()
    orders = control(far, 60)
    await orders.move(CODE, LEFT)
    far.lost = True
    with pytest.raises(NoAnswer):
        await orders.stop(CODE)
    far.lost = False
    await orders.move(CODE, LEFT)
    await asyncio.sleep(0.1)
    assert far.arrived[-1] == LEFT.to_text()


@pytest.mark.parametrize("by_hand", [True, False], ids=["its stop was not heard", "it still turns"])
async def test_an_order_that_does_not_arrive_leaves_the_stop_owed(by_hand: bool) -> None:
    far = Far()
    orders = control(far, 60)
    await orders.move(CODE, LEFT)
    far.lost = True
    if by_hand:
        with pytest.raises(NoAnswer):
            await orders.stop(CODE)
    with pytest.raises(NoAnswer):
        await orders.preset(CODE, ptz.PRESET_GO, 3)
    far.lost = False
    await until(lambda: far.arrived[-2:] == STOPS, what="it is stopped")


async def test_where_a_camera_returns_to_when_idle_is_no_matter_of_its_movement() -> None:
    far = Far()
    orders = control(far, 0.05)
    await orders.move(CODE, LEFT)
    with pytest.raises(AttributeError):  # this far end answers no query: the order was sent all the same
        await orders.home(CODE, HomePosition(True, 60, 1))
    await until(lambda: far.arrived[-2:] == STOPS, what="nothing is heard of the hand")


async def test_a_camera_that_refuses_to_stop_is_not_asked_for_ever() -> None:
    far = Far()
    orders = control(far, 60)
    await orders.move(CODE, LEFT)
    far.refuses = True
    with pytest.raises(Refused):
        await orders.stop(CODE)
    await until(lambda: far.asked == 6, what="the node gives up")
    await asyncio.sleep(0.1)
    assert far.asked == 6


async def test_an_order_that_is_not_wanted_any_more_when_it_would_be_sent_is_not_sent() -> None:
    far, about, go = Far(), asyncio.Event(), asyncio.Event()

    class Slow:
        async def about_to_move(self, _: str) -> None:
            about.set()
            await go.wait()

    orders, wanted = control(far, 60), [True]
    orders.watcher = Slow()  # type: ignore[assignment]
    moving = asyncio.create_task(orders.move(CODE, LEFT, still=lambda: wanted[0]))
    await about.wait()
    await orders.stop(CODE)
    wanted[0] = False
    go.set()
    await moving
    assert far.arrived == STOPS and not orders.is_moving(CODE)
