"""Whose packets a source takes: the asked SSRC and the known address win, strangers end nothing. Real sockets on loopback."""

from __future__ import annotations

import itertools
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from fengsui.media import EventKind, SourceSpec, SsrcPolicy, Transport
from tests.end_to_end.conftest import wait_until
from tests.media.conftest import SSRC, RunningEngine, engine_with
from tests.ports import free_port

FORMER = SSRC + 7
"""Of the same node: another stream's."""
CONSTANT = 4_711
"""Of a device that always sends the same."""
STRANGER = "127.0.0.9"
numbers = itertools.count(1)


def rtp(ssrc: int) -> bytes:
    """A packet with the beginning of a program stream."""
    number = next(numbers)
    return struct.pack(">BBHII", 0x80, 96, number & 0xFFFF, number * 9_000, ssrc) + b"\x00\x00\x01\xba\x44" + bytes(59)


def framed(ssrc: int) -> bytes:
    """The same as it goes by TCP (RFC 4571)."""
    packet = rtp(ssrc)
    return struct.pack(">H", len(packet)) + packet


def opened(
    running: RunningEngine, name: str, ssrc: int = SSRC, transport: Transport = Transport.UDP, **more: object
) -> tuple[int, int]:
    """A source as the node opens them, of a device on this machine: its number and port."""
    values: dict[str, object] = {"remote_host": "127.0.0.1", "ssrc_policy": SsrcPolicy.FROM_PEER_ADDRESS} | more
    found = running.engine.open_source(SourceSpec(name=name, ssrc=ssrc, transport=transport, **values))  # type: ignore[arg-type]
    return found.id, found.port


def sender(host: str = "127.0.0.1") -> socket.socket:
    """A socket that sends datagrams."""
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind((host, 0))
    return made


def taken_from(running: RunningEngine, source: int) -> str:
    counters = running.engine.source_counters(source)
    assert counters is not None
    return counters.sender


def told(sock: socket.socket) -> str:
    host, port = sock.getsockname()
    return f"{host}:{port}"


def sent_until(sends: Callable[[], object], done: Callable[[], bool], what: str) -> None:
    """Sends at each look until it is `done`."""

    def look() -> bool:
        sends()
        return done()

    wait_until(look, seconds=20, what=what)


def unknown(running: RunningEngine) -> int:
    return running.engine.counters().unknown_packets


def kinds(running: RunningEngine) -> set[EventKind]:
    return {event.kind for event in running.engine.take_events(1_000)}


@pytest.fixture
def own() -> Iterator[RunningEngine]:
    """With one port that streams may have for themselves."""
    with engine_with(own_port=next(port for port in iter(free_port, None) if port % 2 == 0)) as running:
        yield running


@pytest.mark.parametrize("own_port", [False, True], ids=["shared port", "own port"])
@pytest.mark.parametrize("one_socket", [False, True], ids=["two ports", "one port"])
def test_another_streams_number_is_never_shown_however_long_it_comes(own: RunningEngine, own_port: bool, one_socket: bool) -> None:
    source, port = opened(own, "b/main", own_port=own_port)
    with closing(sender()) as former, closing(sender()) as other:
        right = former if one_socket else other
        before = unknown(own)
        sent_until(lambda: former.sendto(rtp(FORMER), ("127.0.0.1", port)), lambda: unknown(own) > before + 40, "it goes on")
        assert taken_from(own, source) == ""

        def both() -> None:
            former.sendto(rtp(FORMER), ("127.0.0.1", port))
            right.sendto(rtp(SSRC), ("127.0.0.1", port))

        sent_until(both, lambda: taken_from(own, source) == told(right), "the one that was asked for is taken at once")
        counters = own.engine.source_counters(source)
        assert counters is not None and counters.packets < 40


def test_a_devices_own_number_is_believed_after_a_while_and_gives_way_to_the_asked_one_at_once(running: RunningEngine) -> None:
    source, port = opened(running, "a/main")
    with closing(sender()) as constant, closing(sender()) as right:
        refused = unknown(running)
        constant.sendto(rtp(CONSTANT), ("127.0.0.1", port))
        wait_until(lambda: unknown(running) == refused + 1, seconds=10, what="it is not believed at once")
        sent_until(
            lambda: constant.sendto(rtp(CONSTANT), ("127.0.0.1", port)),
            lambda: taken_from(running, source) == told(constant),
            "it is",
        )
        kinds(running)
        counters = running.engine.source_counters(source)
        assert counters is not None
        right.sendto(rtp(SSRC), ("127.0.0.1", port))
        wait_until(lambda: taken_from(running, source) == told(right), seconds=10, what="one packet is enough")
        assert EventKind.KEY_FRAME_WANTED in kinds(running)
        before = unknown(running)
        constant.sendto(rtp(CONSTANT), ("127.0.0.1", port))
        wait_until(lambda: unknown(running) > before, seconds=10, what="the other is refused")


@pytest.mark.parametrize("own_port", [False, True], ids=["shared port", "own port"])
def test_the_device_takes_its_stream_over_from_a_stranger_at_once(own: RunningEngine, own_port: bool) -> None:
    source, port = opened(own, "a/main", own_port=own_port)
    with closing(sender(STRANGER)) as stranger, closing(sender()) as camera:
        stranger.sendto(rtp(SSRC), ("127.0.0.1", port))
        wait_until(lambda: taken_from(own, source) == told(stranger), seconds=10, what="who came first is heard")
        camera.sendto(rtp(SSRC), ("127.0.0.1", port))
        wait_until(lambda: taken_from(own, source) == told(camera), seconds=10, what="one packet of the device is enough")


def test_the_address_of_the_answer_is_the_devices_too(running: RunningEngine) -> None:
    source, port = opened(running, "a/main")
    running.engine.answered(source, STRANGER)
    with closing(sender(STRANGER)) as server:
        sent_until(
            lambda: server.sendto(rtp(CONSTANT), ("127.0.0.1", port)),
            lambda: taken_from(running, source) == told(server),
            "its media server is believed, whatever its SSRC",
        )


def test_what_this_machine_sends_itself_is_taken_from_nobody_else(running: RunningEngine) -> None:
    source, port = opened(running, "a/main/h264", transport=Transport.TCP_PASSIVE, ssrc_policy=SsrcPolicy.STRICT)
    with socket.create_connection(("127.0.0.1", port), source_address=(STRANGER, 0)) as stranger:
        before = unknown(running)
        stranger.sendall(framed(SSRC))
        wait_until(lambda: unknown(running) > before, seconds=10, what="it is refused")
        with socket.create_connection(("127.0.0.1", port)) as worker:
            worker.sendall(framed(SSRC))
            wait_until(lambda: taken_from(running, source) == told(worker), seconds=10, what="the worker is heard")


def test_a_strangers_connection_ends_no_stream(own: RunningEngine) -> None:
    by_udp, port = opened(own, "a/main")
    by_tcp, own_port = opened(own, "b/main", SSRC + 1, Transport.TCP_PASSIVE, own_port=True)
    with closing(sender()) as camera, socket.create_connection(("127.0.0.1", own_port)) as other:
        camera.sendto(rtp(SSRC), ("127.0.0.1", port))
        other.sendall(framed(SSRC + 1))
        wait_until(lambda: all(taken_from(own, source) for source in (by_udp, by_tcp)), seconds=10, what="both are heard")
        with socket.create_connection(("127.0.0.1", port), source_address=(STRANGER, 0)) as stranger:
            stranger.sendall(framed(SSRC))
            assert stranger.recv(1) == b"", "who asks for nothing that comes by TCP is sent away"
        before = unknown(own)
        with socket.create_connection(("127.0.0.1", own_port), source_address=(STRANGER, 0)) as stranger:
            stranger.sendall(framed(SSRC + 1))
            wait_until(lambda: unknown(own) > before, seconds=10, what="it is refused")
        with socket.create_connection(("127.0.0.1", own_port)):
            pass  # a scan
        other.close()
        seen: set[EventKind] = set()

        def ended() -> bool:
            for event in own.engine.take_events(1_000):
                if event.kind is EventKind.TCP_CLOSED:
                    assert event.source == by_tcp
                    seen.add(event.kind)
                    assert taken_from(own, by_tcp) == "", "only when its own was closed"
            return bool(seen)

        wait_until(ended, seconds=10, what="the end of the camera's own connection is told")


def test_a_device_that_connects_anew_and_closes_the_former_connection_goes_on(running: RunningEngine) -> None:
    source, port = opened(running, "a/main", transport=Transport.TCP_PASSIVE)
    with socket.create_connection(("127.0.0.1", port)) as later:
        with socket.create_connection(("127.0.0.1", port)) as former:
            former.sendall(framed(SSRC))
            wait_until(lambda: taken_from(running, source) == told(former), seconds=10, what="it is heard")
            name = told(former)
        sent_until(
            lambda: later.sendall(framed(SSRC)), lambda: taken_from(running, source) not in ("", name), "the later one is heard"
        )
        assert EventKind.TCP_CLOSED not in kinds(running)
        later.close()
        wait_until(lambda: EventKind.TCP_CLOSED in kinds(running), seconds=10, what="the end of the last one is told")


def test_ports_of_their_own_are_handed_out_in_turn() -> None:
    first = next(port for port in iter(free_port, None) if port % 2 == 0)
    with engine_with(own_port=first, own_ports=8) as running:
        ports: list[int] = []
        for number in range(4):
            source, port = opened(running, f"{number}/main", SSRC + number, own_port=True)
            running.engine.close_source(source)
            ports.append(port)
        assert len(set(ports)) == len(ports), "none again while another has rested longer"
