"""SIP connections that are held back: woken in turn, for so much longer, and never forgotten. Transports without sockets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

import pytest

from fengsui.features.devices import Peer
from fengsui.settings import SignallingSection
from fengsui.transports.sip_connections import REST_S, SLOWED, SipConnection, SipConnections
from tests.node.conftest import until

MESSAGE = b"OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP 1.2.3.4;branch=z9hG4bK1\r\nContent-Length: 0\r\n\r\n"


class Line(asyncio.Transport):
    """One that reads nothing by itself."""

    def __init__(self, host: str) -> None:
        super().__init__({"peername": (host, 5060)})
        self.reads = True
        self.ended = False

    def is_closing(self) -> bool:
        """Whether we ended it."""
        return self.ended

    def abort(self) -> None:
        """It has ended."""
        self.ended = True

    def pause_reading(self) -> None:
        """Nothing comes until it is resumed."""
        self.reads = False

    def resume_reading(self) -> None:
        """It comes again."""
        self.reads = True


def connections(take: Callable[[bytes, Peer], None] = lambda *_: None, **settings: object) -> SipConnections:
    return SipConnections(SignallingSection.model_validate({"password": "joining", **settings}), take)


def opened(all_of_them: SipConnections, host: str = "10.0.0.7") -> tuple[SipConnection, Line]:
    line, connection = Line(host), SipConnection(all_of_them, "TCP")
    connection.connection_made(line)
    return connection, line


async def test_many_above_the_rate_of_one_address_are_woken_no_more_often_than_there_is_something_to_take(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    taken = woken = 0
    enough, go_on = asyncio.Event(), SipConnection._go_on

    def take(_: bytes, __: Peer) -> None:
        nonlocal taken
        taken += 1
        if taken == 200:
            enough.set()

    def counted(connection: SipConnection) -> None:
        nonlocal woken
        woken += 1
        go_on(connection)

    monkeypatch.setattr(SipConnection, "_go_on", counted)
    floods = connections(take, max_requests_per_address_per_s=100)
    before = SLOWED._value.get()
    lines = [opened(floods) for _ in range(100)]
    for connection, _ in lines:
        connection.data_received(20 * MESSAGE)
    async with asyncio.timeout(30):
        await enough.wait()
    assert woken < 400, "a hundred messages more, and who waits for them: not a hundred looks for each"
    assert SLOWED._value.get() - before <= len(lines), "each was read, and then was not"
    assert not any(line.ended for _, line in lines)
    for connection, _ in lines:
        connection.connection_lost(None)
    assert floods._strangers.of("10.0.0.7").waiting == 0


async def test_a_strangers_time_for_a_message_is_longer_by_the_rests_alone() -> None:
    """Neither is it cut for what others of its address send, nor does a drip get it anew with each rest."""
    slow = connections(message_s=30, max_requests_per_address_per_s=1)
    drip, line = opened(slow)
    other, _ = opened(slow)
    loop, first = asyncio.get_running_loop(), drip._timer
    assert first is not None
    deadline_s = first.when()
    other.data_received(MESSAGE)  # the address has no more for a second
    drip.data_received(MESSAGE[:20])
    rested_s = 0.0
    for _ in range(5):
        assert not line.reads and drip._next_turn is not None and drip._timer is not None
        rested_s += drip._next_turn.when() - loop.time()
        assert drip._timer.when() == pytest.approx(deadline_s + rested_s, abs=0.05)
        drip._next_turn.cancel()
        drip._go_on()
    assert rested_s >= 5 * REST_S
    for connection in (drip, other):
        connection.connection_lost(None)


async def test_a_connection_whose_message_or_turn_fails_is_read_on_or_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[bytes] = []

    def take(message: bytes, _: Peer) -> None:
        taken.append(message)
        if len(taken) == 1:
            raise RuntimeError("a surprise in what the message asks for")

    failing = connections(take)
    connection, line = opened(failing)
    connection.data_received(100 * MESSAGE)  # more than a turn
    assert (len(taken), line.ended, line.reads) == (64, False, False), "others have their turn now"

    def fails(*_: Any) -> None:
        raise RuntimeError("a surprise in the connection")

    surprises: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, told: surprises.append(told))
    monkeypatch.setattr(connection, "_framer", cast(Any, type("", (), {"pull": fails, "waiting_bytes": 1})()))
    await until(lambda: connection._next_turn is None, what="it had its turn")
    assert (line.ended, surprises) == (True, []), "ended: nobody would read it again"
    connection.connection_lost(None)
