"""Signalling rows: a node pinned to one core, the fleet of devices on the other; then Kamailio and sipp under the same fleet."""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Collection, Iterator
from datetime import datetime
from pathlib import Path

from bench.peers.kamailio import kamailio
from bench.peers.sipp import sipp
from bench.processes import LOAD_CORE, MEASURED_CORE, cpu_s, end, free_port, peak_mb, wait_for
from bench.table import Figure
from fengsui.features.access import BEIJING
from fengsui.features.access.first_people import DEMONSTRATION, FIRST_PEOPLE, demonstration, to_text
from fengsui.settings import FIRST_ZONE
from fengsui.simulators.fleet import FleetTarget, SignallingFleet, StormReport

CODE = "52010200002000000001"
PASSWORD = "bench-password"
SIZES = (1_000, 10_000, 100_000)
PEAK_MESSAGES, STEADY_S, INTERVAL_S = 60_000, 40, 60
SILENCE_S = 80
"""Silence limit of the node in the keep-alive row: long enough for the loads, short enough to wait for.

The steady load lasts longer than the 30 s after which the node writes when each device was heard."""
WATCHED_OFFLINE = 200


class BenchNode:
    """A node process and what the kernel says of it."""

    def __init__(self, process: subprocess.Popen[bytes], sip_port: int, http_port: int, ready_s: float, log: Path) -> None:
        self.process = process
        self.sip_port = sip_port
        self.http_port = http_port
        self.ready_s = ready_s
        self.log = log

    def cpu_s(self) -> float:
        """Processor seconds used so far."""
        return cpu_s(self.process.pid)

    def peak_mb(self) -> int:
        """Highest resident memory so far."""
        return peak_mb(self.process.pid)


@contextlib.contextmanager
def bench_node(
    folder: Path,
    *,
    store: str = "",
    silence_s: int = 180,
    grace_s: int = 10,
    more: str = "",
    zone: str = FIRST_ZONE,
    alarms: int = 0,
    cores: Collection[int] = (MEASURED_CORE,),
) -> Iterator[BenchNode]:
    """A node on free loopback ports, on its own core or on `cores`; the password of its people is PASSWORD. `more`: of its
    settings; `alarms`: the port of alarm hosts, 0 for none."""
    sip, rtp, http, media, webrtc = (free_port() for _ in range(5))
    config = folder / "fengsui.toml"
    config.write_text(
        f'[node]\ncode = "{CODE}"\nzone = "{zone}"\n[signalling]\nhost = "127.0.0.1"\nport = {sip}\nadmission = "password"\n'
        f'password = "{PASSWORD}"\nmax_requests_per_address_per_s = 100000\nkeepalive_interval_s = {silence_s // 2}\n'
        f'keepalive_missed_limit = 2\n[sign_in]\nsecond_factor = "off"\n'
        f'[access]\nset_up_on = "{datetime.now(BEIJING).date().isoformat()}"\n'  # an account is enabled again with its posts
        f'[media]\nrtp_host = "127.0.0.1"\nrtp_port = {rtp}\nhttp_host = "127.0.0.1"\nhttp_port = {media}\nwebrtc_port = {webrtc}\n'
        f"grace_s = {grace_s}\n"
        f'[http]\nhost = "127.0.0.1"\ntls = false\nport = {http}\n[alarm_hosts]\nhost = "127.0.0.1"\nport = {alarms}\n'
        + "max_frames_per_address_per_s = 100000\n"
        + (f'[store]\nurl = "{store}"\n' if store else "")
        + more,
        encoding="utf-8",
    )
    log_path = folder / "node.log"
    began_s = time.monotonic()
    with log_path.open("ab") as log:
        command = [sys.executable, "-m", "fengsui", "run", "--config", str(config), "--data", str(folder)]
        people = demonstration({one.name: PASSWORD for one in DEMONSTRATION})
        environment = {**os.environ, FIRST_PEOPLE: to_text(people)}
        on = ["taskset", "-c", ",".join(map(str, cores))]
        process = subprocess.Popen([*on, *command], stdout=log, stderr=log, env=environment)
    try:
        wait_for(lambda: _answers(f"http://127.0.0.1:{http}/readyz"), process, f"the node (see {log_path})")
        yield BenchNode(process, sip, http, time.monotonic() - began_s, log_path)
    finally:
        end(process)


def _answers(url: str) -> bool:
    with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=1) as answer:
        return bool(answer.status == 200)
    return False


@contextlib.contextmanager
def fleet_at(sip_port: int, count: int) -> Iterator[SignallingFleet]:
    """Devices on the other core."""
    os.sched_setaffinity(0, {LOAD_CORE})
    fleet = SignallingFleet(FleetTarget("127.0.0.1", sip_port, CODE, CODE[:10], PASSWORD), count)
    try:
        yield fleet
    finally:
        fleet.close()


def _storm_text(report: StormReport, used_s: float) -> str:
    lost = report.lost + report.refused
    return (
        f"{report.took_s:.1f} s ({used_s:.1f} s of its core), p99 {report.percentile_s(0.99) * 1000:.0f} ms, "
        f"{lost} lost, {report.retransmitted} resent"
    )


def register_storm() -> Iterator[Figure]:
    """All devices at once, with digest; ours is durable before the 200. Median of three turns at the last size."""
    for count in SIZES:
        ours: list[tuple[StormReport, float]] = []
        theirs: list[tuple[StormReport, float]] = []
        machines: list[tuple[StormReport, float]] = []
        peak = 0
        for _ in range(3 if count == SIZES[-1] else 1):
            with tempfile.TemporaryDirectory() as folder, bench_node(Path(folder)) as node, fleet_at(node.sip_port, count) as fleet:
                before_s = node.cpu_s()
                ours.append((fleet.register_all(window=2000, limit_s=120), node.cpu_s() - before_s))
                peak = max(peak, node.peak_mb())
            with kamailio(CODE[:10], PASSWORD) as peer, fleet_at(peer.sip_port, count) as fleet:
                before_s = peer.cpu_s()
                theirs.append((fleet.register_all(window=2000, limit_s=120), peer.cpu_s() - before_s))
            with sipp("REGISTER", CODE[:10]) as machine, fleet_at(machine.sip_port, count) as fleet:
                before_s = machine.cpu_s()
                machines.append((fleet.register_all(window=2000, limit_s=120), machine.cpu_s() - before_s))
        our, their, bare = (sorted(turns, key=lambda turn: turn[0].took_s)[len(turns) // 2] for turns in (ours, theirs, machines))
        yield Figure(
            "register-storm",
            f"{count:,} devices, durable",
            _storm_text(*our),
            f"Kamailio, memory only: {_storm_text(*their)}; sipp, 401 and 200 to anybody: {_storm_text(*bare)}",
            their[0].took_s / our[0].took_s,
            "≤ 10 s, p99 ≤ 500 ms, none lost" if count == SIZES[-1] else "—",
            peak,
        )


def _peak_and_steady(fleet: SignallingFleet, pid: int, *, register: bool = True) -> tuple[float, str, dict[int, float]]:
    """Messages a second at the peak, in words with the steady share, and when each device was heard last."""
    heard = fleet.register_all(limit_s=120).heard_at_s if register else {}
    before_s = cpu_s(pid)
    peak = fleet.keep_alive(messages=PEAK_MESSAGES, rate_s=None, limit_s=60)
    used_s = cpu_s(pid) - before_s
    rate_s = len(fleet.codes) / INTERVAL_S
    before_s = cpu_s(pid)
    steady = fleet.keep_alive(messages=int(rate_s * STEADY_S), rate_s=rate_s, limit_s=STEADY_S * 2)
    share = (cpu_s(pid) - before_s) / steady.took_s
    each_us = used_s / max(1, peak.answered) * 1e6
    text = (
        f"peak {peak.answered / peak.took_s:,.0f}/s ({each_us:.1f} µs of its core each: {1e6 / max(each_us, 0.1):,.0f}/s a core), "
        f"steady {share * 100:.1f} % of a core, {peak.lost + steady.lost} lost"
    )
    return 1e6 / max(each_us, 0.1), text, heard | peak.heard_at_s | steady.heard_at_s


def _offline_error_s(node: BenchNode, codes: list[str], heard_at_s: dict[int, float]) -> list[float]:
    """How far from `last heard + SILENCE_S` the node said of each device that it is offline."""
    number = {code: index for index, code in enumerate(codes)}
    deadline_s = time.monotonic() + SILENCE_S + 20
    wanted = min(WATCHED_OFFLINE, len(codes))
    found: list[float] = []
    while len(found) < wanted and time.monotonic() < deadline_s:
        time.sleep(0.5)
        found = []
        for line in node.log.read_text(encoding="utf-8").splitlines():
            if '"device offline"' not in line or '"silent"' not in line or not line.endswith("}"):
                continue
            told = json.loads(line)
            told_at_s = datetime.fromisoformat(told["timestamp"]).timestamp()
            found.append(told_at_s - heard_at_s[number[told["device"]]] - SILENCE_S)
    return found


def _all_offline_s(node: BenchNode, heard_at_s: dict[int, float]) -> float:
    """How long after the last device's `last heard + SILENCE_S` every device is counted offline, in /metrics of once a second.

    Raises RuntimeError when one is online a minute later.
    """
    due_s = max(heard_at_s.values()) + SILENCE_S
    wanted = f'fengsui_devices{{state="offline"}} {float(len(heard_at_s))}'
    while time.time() < due_s + 60:
        with urllib.request.urlopen(f"http://127.0.0.1:{node.http_port}/metrics", timeout=10) as answer:
            if wanted in answer.read().decode().splitlines():
                return time.time() - due_s
        time.sleep(0.1)
    raise RuntimeError("a device that fell silent is still online")


def keepalive() -> Iterator[Figure]:
    """Peak rate, the cost of the steady rate of one every 60 s, and how exactly silence is found."""
    for count in SIZES:
        with (
            tempfile.TemporaryDirectory() as name,
            bench_node(Path(name), silence_s=SILENCE_S) as node,
            fleet_at(node.sip_port, count) as fleet,
        ):
            our_rate, ours, heard = _peak_and_steady(fleet, node.process.pid)
            errors = _offline_error_s(node, fleet.codes, heard)
            all_s = _all_offline_s(node, heard)
            peak = node.peak_mb()
        with kamailio(CODE[:10], PASSWORD) as peer, fleet_at(peer.sip_port, count) as fleet:
            their_rate, theirs, _ = _peak_and_steady(fleet, peer.pid)
        with sipp("MESSAGE", CODE[:10]) as machine, fleet_at(machine.sip_port, count) as fleet:
            _, bare, _ = _peak_and_steady(fleet, machine.pid, register=False)
        worst = max((abs(error) for error in errors), default=float("nan"))
        median = statistics.median(errors) if errors else float("nan")
        yield Figure(
            "keepalive",
            f"{count:,} devices",
            f"{ours}; offline found {median:+.2f} s (worst {worst:.2f} s) from the limit, {len(errors):,} devices; "
            f"all {count:,} counted offline {all_s:+.2f} s from the last one's",
            f"Kamailio, answers only: {theirs}; sipp, 200 to anybody: {bare}",
            our_rate / their_rate,
            "≥ 30,000/s, ≤ 15 %, to the second, ≤ 600 MB" if count == SIZES[-1] else "—",
            peak,
        )


BARE_START = """
import sys
import uvicorn
from fastapi import FastAPI
app = FastAPI()
@app.get("/readyz")
def ready() -> dict[str, bool]:
    return {"ready": True}
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
"""


def _bare_start_s() -> float:
    """Python with FastAPI and uvicorn and nothing of ours, to its first answer."""
    port = free_port()
    began_s = time.monotonic()
    command = ["taskset", "-c", str(MEASURED_CORE), sys.executable, "-c", BARE_START, str(port)]
    process = subprocess.Popen(command)
    try:
        wait_for(lambda: _answers(f"http://127.0.0.1:{port}/readyz"), process, "a bare uvicorn")
        return time.monotonic() - began_s
    finally:
        end(process)


def start() -> Iterator[Figure]:
    """From the command to ready, empty and with known devices. Median of three starts."""
    bare_s = statistics.median(_bare_start_s() for _ in range(3))
    for count in (0, *SIZES):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            if count:
                with bench_node(folder) as node, fleet_at(node.sip_port, count) as fleet:
                    registered = fleet.register_all(limit_s=120)
                    if registered.answered != count:
                        raise RuntimeError(f"only {registered.answered:,} of {count:,} devices registered")
            starts, peak = [], 0
            for _ in range(3):
                with bench_node(folder) as node:
                    starts.append(node.ready_s)
                    peak = max(peak, node.peak_mb())
        took_s = statistics.median(starts)
        yield Figure(
            "start",
            f"{count:,} known devices",
            f"{took_s:.2f} s",
            f"FastAPI under uvicorn, nothing of ours: {bare_s:.2f} s",
            bare_s / took_s,
            {0: "≤ 3 s", SIZES[-1]: "≤ 8 s"}.get(count, "—"),
            peak,
        )
