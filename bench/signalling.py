"""Signalling rows: a node pinned to one core, the fleet of devices on the other."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from bench.table import Figure
from fengsui.simulators.fleet import FleetTarget, SignallingFleet

CODE = "52010200002000000001"
PASSWORD = "bench-password"
SIZES = (1_000, 10_000, 100_000)
NODE_CORE, LOAD_CORE = {0}, {1}


class BenchNode:
    """A node process and what the kernel says of it."""

    def __init__(self, process: subprocess.Popen[bytes], sip_port: int, http_port: int, ready_s: float) -> None:
        self.process = process
        self.sip_port = sip_port
        self.http_port = http_port
        self.ready_s = ready_s

    def cpu_s(self) -> float:
        """Processor seconds used so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def peak_mb(self) -> int:
        """Highest resident memory so far."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) // 1024
        return 0


def free_port() -> int:
    """A TCP port of this machine that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def bench_node(folder: Path, *, store: str = "") -> Iterator[BenchNode]:
    """A node on free loopback ports, on its own core; its administrator's password is PASSWORD."""
    sip, rtp, http, media, webrtc = (free_port() for _ in range(5))
    config = folder / "fengsui.toml"
    config.write_text(
        f'[node]\ncode = "{CODE}"\n[signalling]\nhost = "127.0.0.1"\nport = {sip}\nadmission = "password"\n'
        f'password = "{PASSWORD}"\nmax_requests_per_address_per_s = 100000\n'
        f'[media]\nrtp_host = "127.0.0.1"\nrtp_port = {rtp}\nhttp_host = "127.0.0.1"\nhttp_port = {media}\nwebrtc_port = {webrtc}\n'
        f'[http]\nhost = "127.0.0.1"\nport = {http}\n' + (f'[store]\nurl = "{store}"\n' if store else ""),
        encoding="utf-8",
    )
    began_s = time.monotonic()
    with (folder / "node.log").open("ab") as log:
        command = [sys.executable, "-m", "fengsui", "run", "--config", str(config), "--data", str(folder)]
        environment = {**os.environ, "FENGSUI_FIRST_PASSWORD": PASSWORD}
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
    try:
        os.sched_setaffinity(process.pid, NODE_CORE)
        _wait_ready(f"http://127.0.0.1:{http}/readyz", process)
        yield BenchNode(process, sip, http, time.monotonic() - began_s)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_ready(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=1) as answer:
            if answer.status == 200:
                return
        time.sleep(0.02)
    raise RuntimeError("the node did not become ready; see node.log")


@contextlib.contextmanager
def fleet_at(node: BenchNode, count: int) -> Iterator[SignallingFleet]:
    """Devices on the other core."""
    os.sched_setaffinity(0, LOAD_CORE)
    fleet = SignallingFleet(FleetTarget("127.0.0.1", node.sip_port, CODE, CODE[:10], PASSWORD), count)
    try:
        yield fleet
    finally:
        fleet.close()


def register_storm() -> list[Figure]:
    """All devices at once, with digest, durable before the 200."""
    figures = []
    for count in SIZES:
        with tempfile.TemporaryDirectory() as folder, bench_node(Path(folder)) as node, fleet_at(node, count) as fleet:
            report = fleet.register_all(window=2000, limit_s=300)
            ours = f"{report.took_s:.1f} s, p99 {report.percentile_s(0.99) * 1000:.0f} ms, {report.lost + report.refused} lost"
            reference = "Kamailio 2.2 s for 100,000, memory only (fact sheet)"
            figures.append(
                Figure("register-storm", f"{count:,} devices", ours, "≤ 10 s, p99 ≤ 500 ms, none lost", reference, node.peak_mb())
            )
    return figures


def keepalive() -> list[Figure]:
    """Peak rate, and the cost of the steady rate of one every 60 s."""
    figures = []
    for count in SIZES:
        with tempfile.TemporaryDirectory() as folder, bench_node(Path(folder)) as node, fleet_at(node, count) as fleet:
            fleet.register_all(limit_s=300)
            before_s = node.cpu_s()
            peak = fleet.keep_alive(messages=60_000, rate_s=None, limit_s=60)
            per_message_us = (node.cpu_s() - before_s) / max(1, peak.answered) * 1e6
            before_s = node.cpu_s()
            steady = fleet.keep_alive(messages=count // 60 * 10, rate_s=count / 60, limit_s=20)
            share = (node.cpu_s() - before_s) / steady.took_s * 100
            ours = (
                f"peak {peak.answered / peak.took_s:,.0f}/s ({per_message_us:.0f} µs each), "
                f"steady {share:.1f} % of a core, {peak.lost + steady.lost} lost"
            )
            reference = "Kamailio 140,000/s, 5.8 % (fact sheet)"
            figures.append(
                Figure("keepalive", f"{count:,} devices", ours, "≥ 30,000/s, ≤ 15 %, ≤ 600 MB", reference, node.peak_mb())
            )
    return figures


def start() -> list[Figure]:
    """From the command to ready, empty and with known devices."""
    figures = []
    for count in (0, *SIZES):
        with tempfile.TemporaryDirectory() as folder:
            with bench_node(Path(folder)) as node:
                empty_s, peak_mb = node.ready_s, node.peak_mb()
                if count:
                    with fleet_at(node, count) as fleet:
                        fleet.register_all(limit_s=300)
            if count:
                with bench_node(Path(folder)) as node:
                    empty_s, peak_mb = node.ready_s, node.peak_mb()
            to_reach = "≤ 3 s" if count == 0 else "≤ 8 s"
            figures.append(Figure("start", f"{count:,} known devices", f"{empty_s:.2f} s", to_reach, "—", peak_mb))
    return figures
