"""Row `supervision`: alarm hosts that tell once a minute that they are there, over UDP and TCP, and what that costs the node."""

from __future__ import annotations

import os
import resource
import select
import socket
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path

import httpx

from bench.alarm_reception import BUFFER, KEEPER
from bench.processes import LOAD_CORE, free_port
from bench.signalling import PASSWORD, BenchNode, bench_node
from bench.table import Figure
from fengsui.wire.dc09.sending import Sender, request

HOSTS, BY_TCP, INTERVAL_S, MEASURED_S = 10_000, 2_000, 60, 30.0
FIRST_A_S = 2_000
"""So many hosts a second are heard for the first time."""
ENTERING = 8
SETTINGS = f"max_connections_per_address = {HOSTS}\nsupervision_s = {INTERVAL_S}\n"


class Hosts:
    """Each has a frame of its own; the first of them keep a connection, the others share one socket."""

    def __init__(self, port: int) -> None:
        self._kept = ExitStack()
        self._udp = self._kept.enter_context(closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)))
        self._udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        self._udp.connect(("127.0.0.1", port))
        self._tcp = [
            self._kept.enter_context(closing(socket.create_connection(("127.0.0.1", port), timeout=10))) for _ in range(BY_TCP)
        ]
        self._frames = [request(Sender(account_of(host)), "NULL", 0) for host in range(HOSTS)]
        self._poll = select.epoll()
        for one in (self._udp, *self._tcp):
            one.setblocking(False)
            self._poll.register(one.fileno(), select.EPOLLIN)
        self._by_number = {one.fileno(): one for one in (self._udp, *self._tcp)}
        self.sent = self.acknowledged = 0

    def speak(self, rate: float, seconds: float, first: int = 0) -> None:
        """One host after the other, evenly, from this one on; whatever comes back is counted."""
        began_s = time.monotonic()
        told = 0
        while (now_s := time.monotonic()) < began_s + seconds:
            while told < (now_s - began_s) * rate:
                host = (first + told) % HOSTS
                (self._tcp[host // 5] if host % 5 == 0 else self._udp).send(self._frames[host])  # a fifth by TCP
                told += 1
            self._read(0.002)
        self.sent += told
        until_s = time.monotonic() + 2.0
        while self.acknowledged < self.sent and time.monotonic() < until_s:
            self._read(0.02)

    def _read(self, wait_s: float) -> None:
        for number, _ in self._poll.poll(wait_s):
            try:
                while octets := self._by_number[number].recv(65_536):
                    self.acknowledged += octets.count(b'"ACK"')
            except BlockingIOError:
                continue

    def close(self) -> None:
        """They say nothing more."""
        self._poll.close()
        self._kept.close()


def account_of(host: int) -> str:
    """Six hexadecimal digits."""
    return f"{0xB0_00_00 + host:06X}"


def _enter(node: BenchNode) -> None:
    with httpx.Client(base_url=f"http://127.0.0.1:{node.http_port}/api/v1", timeout=60) as client:
        signed_in = client.post("/session", json={"name": KEEPER, "password": PASSWORD})
        client.headers["Authorization"] = f"Bearer {signed_in.raise_for_status().json()['token']}"

        def enter(host: int) -> None:
            client.post("/alarm-hosts", json={"account": account_of(host), "site": f"站点 {host}"}).raise_for_status()

        with ThreadPoolExecutor(ENTERING) as some:
            list(some.map(enter, range(HOSTS)))


def _told(folder: Path) -> tuple[int, int]:
    """Silences so far, and those that are not over."""
    with closing(sqlite3.connect(f"file:{folder / 'node.db'}?mode=ro", uri=True)) as database:
        found = database.execute("SELECT count(*), count(*) - count(ended_at) FROM alarm_silences").fetchone()
    return int(found[0]), int(found[1])


def supervision() -> Iterator[Figure]:
    """A while of the minute in which each host speaks once; whoever fell silent before the first frame is heard again by then."""
    os.sched_setaffinity(0, {LOAD_CORE})
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 65_536), most))
    port = free_port()
    with tempfile.TemporaryDirectory() as name, bench_node(Path(name), alarms=port, more=SETTINGS) as node:
        _enter(node)
        hosts = Hosts(port)
        hosts.speak(FIRST_A_S, HOSTS / FIRST_A_S)
        began = _told(Path(name))
        used_s, at_s = node.cpu_s(), time.monotonic()
        hosts.speak(HOSTS / INTERVAL_S, MEASURED_S)
        share = (node.cpu_s() - used_s) / (time.monotonic() - at_s)
        hosts.close()
        silences, still = _told(Path(name))
        peak = node.peak_mb()
        if hosts.acknowledged != hosts.sent or silences > began[0] or still:
            said = f"{hosts.sent - hosts.acknowledged} frames without an ACK, {silences - began[0]} new silences, {still} open"
            raise RuntimeError(f"the node does not keep up: {said}")
    yield Figure(
        "supervision",
        f"{HOSTS:,} hosts heard every {INTERVAL_S} s ({BY_TCP:,} by TCP), {MEASURED_S:.0f} s of it",
        f"{share:.1%} of a core, each link test acknowledged, no false silence",
        "—",
        None,
        "≤ 15 % of one core",
        peak,
    )
