"""Row `alarms`: frames of alarm hosts over UDP, acknowledged when on disk: a storm, as many as it takes, and few at a time."""

from __future__ import annotations

import os
import select
import socket
import sqlite3
import statistics
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx

from bench.processes import BOTH_CORES, LOAD_CORE, MEASURED_CORE, free_port, pin
from bench.signalling import PASSWORD, BenchNode, bench_node
from bench.table import Figure
from fengsui.wire.dc09.sending import Sender, request

HOSTS, STORM, MANY, FEW, FEW_A_S = 1_000, 10_000, 60_000, 2_000, 200
WINDOW = 2_000
"""Frames without their acknowledgement, where as many are sent as it takes: two of each host."""
RETRY_S, LIMIT_S = 2.0, 120.0
BUFFER = 8 << 20
KEEPER = "system"


class Acknowledged(NamedTuple):
    """What became of a run: seconds from each frame to its ACK, frames sent again, seconds from the first frame to the last ACK."""

    waits_s: list[float]
    resent: int
    took_s: float

    def text(self) -> str:
        """Percentiles."""
        ordered = sorted(self.waits_s)
        late = ordered[int(len(ordered) * 0.99)]
        return f"p50 {statistics.median(ordered) * 1_000:.0f} ms, p99 {late * 1_000:.0f} ms, {self.resent} sent again"


class Senders:
    """All hosts on one socket: each frame has a number of its own, so that its ACK is known."""

    def __init__(self, port: int) -> None:
        self._line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            self._line.setsockopt(socket.SOL_SOCKET, option, BUFFER)
        self._line.setblocking(False)
        self._line.connect(("127.0.0.1", port))
        self._sequence = 0

    def frames(self, count: int, zones: int = 0) -> list[tuple[str, bytes]]:
        """Key of the ACK and frame; a host's number comes again after 9,999 of its events. `zones`: each host goes through so
        many, from 100 on, one after the other; 0: through some of 900 as it comes."""
        found = []
        for _ in range(count):
            host, sequence = self._sequence % HOSTS, self._sequence // HOSTS % 9_999 + 1
            self._sequence += 1
            account = account_of(host)
            zone = sequence % zones + 100 if zones else self._sequence % 900 + 1
            data = f"#{account}|Nri1/{'FA' if zones else 'BA'}{zone:03d}"
            found.append((f"{sequence:04d}#{account}", request(Sender(account), "SIA-DCS", sequence, data)))
        return found

    def urgent(self, host: int) -> tuple[str, bytes]:
        """A panic button's; key of the ACK and frame."""
        account, sequence = account_of(host), 9_999
        return f"{sequence:04d}#{account}", request(Sender(account), "SIA-DCS", sequence, f"#{account}|Nri1/PA001")

    def send(self, frames: list[tuple[str, bytes]], window: int, rate: float = 0.0) -> Acknowledged:
        """Until each has its ACK. `window`: at most so many without; `rate`: a second, 0 for as many as it takes."""
        waiting = deque(frames)
        sent_s, first_s, resent, waits = dict[str, float](), dict[str, float](), 0, list[float]()
        octets = dict(frames)
        began_s = time.perf_counter()
        looked_s, last_s = began_s, began_s
        while waiting or sent_s:
            now_s = time.perf_counter()
            if now_s - began_s > LIMIT_S:
                raise RuntimeError(f"{len(sent_s)} frames have no acknowledgement after {LIMIT_S:.0f} s")
            while waiting and len(sent_s) < window and (not rate or (len(first_s) / rate) <= now_s - began_s):
                key, frame = waiting[0]
                try:
                    self._line.send(frame)
                except BlockingIOError:
                    break
                waiting.popleft()
                sent_s[key] = first_s[key] = time.perf_counter()
            select.select([self._line], [], [], 0.001)
            while True:
                try:
                    answer = self._line.recv(512)
                except BlockingIOError:
                    break
                last_s = time.perf_counter()
                key = _key_of(answer)
                if sent_s.pop(key, None) is not None:
                    waits.append(last_s - first_s[key])
            if now_s - looked_s > RETRY_S / 4:
                looked_s = now_s
                for key in [key for key, at_s in sent_s.items() if now_s - at_s > RETRY_S]:
                    self._line.send(octets[key])
                    sent_s[key], resent = now_s, resent + 1
        return Acknowledged(waits, resent, last_s - began_s)

    def close(self) -> None:
        """Nothing more is sent."""
        self._line.close()


def account_of(host: int) -> str:
    """Six hexadecimal digits."""
    return f"{0xA0_00_00 + host:06X}"


def _key_of(answer: bytes) -> str:
    """Number and account of `"ACK"0012L0#A00001[]`."""
    _, _, rest = answer.partition(b'"ACK"')
    return f"{rest[:4].decode('ascii')}#{rest.partition(b'#')[2].partition(b'[')[0].decode('ascii')}"


def entered(node: BenchNode, site: str = "站点 {}") -> None:
    """All hosts are known to the node, each in a site of its own."""
    with httpx.Client(base_url=f"http://127.0.0.1:{node.http_port}/api/v1", timeout=30) as client:
        signed_in = client.post("/session", json={"name": KEEPER, "password": PASSWORD})
        client.headers["Authorization"] = f"Bearer {signed_in.raise_for_status().json()['token']}"
        for host in range(HOSTS):
            client.post("/alarm-hosts", json={"account": account_of(host), "site": site.format(host)}).raise_for_status()


def _on_disk(folder: Path) -> tuple[int, int]:
    """Alarms, and frames that joined one of before."""
    database = sqlite3.connect(f"file:{folder / 'node.db'}?mode=ro", uri=True)
    try:
        alarms, repeats = database.execute("SELECT count(*), sum(repeats) FROM alarms").fetchone()
    finally:
        database.close()
    return int(alarms), int(repeats or 0)


def _bare(folder: Path, count: int) -> float:
    """Rows a second of bare SQLite with as much in them, a hundred in a commit: the limit of the disk and its library."""
    database = sqlite3.connect(folder / "bare.db")
    database.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE alarm (key TEXT, at REAL, facts TEXT)")
    began_s = time.perf_counter()
    for at in range(0, count, 100):
        database.executemany(
            "INSERT INTO alarm VALUES (?, ?, ?)", ((f"{number:064x}", 0.0, "x" * 200) for number in range(at, at + 100))
        )
        database.commit()
    rate = count / (time.perf_counter() - began_s)
    database.close()
    return rate


def alarms() -> Iterator[Figure]:
    """Each frame is another alarm; what is acknowledged is looked for on disk. What comes at once finds both cores, which node and
    senders share; then each has its own."""
    os.sched_setaffinity(0, BOTH_CORES)
    port = free_port()
    with tempfile.TemporaryDirectory() as name, bench_node(Path(name), alarms=port, cores=BOTH_CORES) as node:
        entered(node)
        senders = Senders(port)
        senders.send(senders.frames(HOSTS), HOSTS)  # each host was heard once
        storm = senders.send(senders.frames(STORM), STORM)
        os.sched_setaffinity(0, {LOAD_CORE})
        pin(node.process.pid, MEASURED_CORE)
        used_s, many = node.cpu_s(), senders.send(senders.frames(MANY), WINDOW)
        share = (node.cpu_s() - used_s) / many.took_s
        few = senders.send(senders.frames(FEW), WINDOW, FEW_A_S)
        senders.close()
        kept, joined = _on_disk(Path(name))
        bare = _bare(Path(name), MANY)
        if kept != HOSTS + STORM + MANY + FEW:
            raise RuntimeError(f"{kept} alarms are on disk of {HOSTS + STORM + MANY + FEW} that were acknowledged")
        peak = node.peak_mb()
    lost = f"none lost, {joined} joined"
    yield Figure(
        "alarms",
        f"{STORM:,} at once of {HOSTS:,} hosts, UDP, durable",
        f"the last ACK after {storm.took_s:.2f} s, {storm.text()}, {lost}",
        "—",
        None,
        "≤ 1 s, none lost or sent again",
        peak,
    )
    yield Figure(
        "alarms",
        f"{MANY:,}, at most {WINDOW:,} without an ACK, durable",
        f"{MANY / many.took_s:,.0f}/s with {share:.0%} of a core, {many.text()}",
        f"bare SQLite, a hundred rows in a commit: {bare:,.0f}/s",
        MANY / many.took_s / bare,
        "≥ 5,000/s",
        peak,
    )
    yield Figure(
        "alarms", f"{FEW:,} at {FEW_A_S}/s, frame to ACK", few.text(), "—", None, "to the screen p50 ≤ 100 ms, p99 ≤ 300 ms", peak
    )
