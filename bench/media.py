"""Media rows: the engine pinned to one core, cameras and viewers on the other."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.table import Figure

ENGINE_CORE, LOAD_CORE = 0, 1
SECONDS = 8


def load_program() -> Path:
    """`bench-load`, built when it is not there or old."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "fengsui" / "cargo-target"
    target = Path(os.environ.get("CARGO_TARGET_DIR", cache))
    environment = {**os.environ, "CARGO_TARGET_DIR": str(target), "PYO3_PYTHON": sys.executable}
    command = ["cargo", "build", "--quiet", "--release", "--locked", "-p", "bench-load"]
    subprocess.run(command, check=True, env=environment)
    return target / "release" / "bench-load"


def _free_port(kind: int = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Host:
    """The engine's process."""

    def __init__(self, mode: str, sources: int) -> None:
        self.rtp, self.http, self.webrtc = _free_port(), _free_port(), _free_port(socket.SOCK_DGRAM)
        command = [sys.executable, "-m", "bench.media_host", mode, str(sources), *map(str, (self.rtp, self.http, self.webrtc))]
        self.process = subprocess.Popen(
            ["taskset", "-c", str(ENGINE_CORE), *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.told = self._line()

    def _line(self) -> dict[str, Any]:
        assert self.process.stdout is not None  # a pipe was asked for
        line: dict[str, Any] = json.loads(self.process.stdout.readline())
        return line

    def stats(self) -> dict[str, Any]:
        """Totals of the engine and its process."""
        assert self.process.stdin is not None  # a pipe was asked for
        self.process.stdin.write("stats\n")
        self.process.stdin.flush()
        return self._line()

    def urls(self, kind: str) -> list[str]:
        """Addresses of every source by `ws`, `fmp4` or `whep`."""
        scheme = "ws" if kind == "ws" else "http"
        address = f"{scheme}://127.0.0.1:{self.http}/{kind}"
        return [f"{address}/camera{number}/main?ticket={ticket}" for number, ticket in enumerate(self.told["tickets"])]


@contextlib.contextmanager
def host(mode: str, sources: int) -> Iterator[Host]:
    """The engine with open sources, on its own core."""
    running = Host(mode, sources)
    try:
        yield running
    finally:
        assert running.process.stdin is not None  # a pipe was asked for
        running.process.stdin.close()
        try:
            running.process.wait(20)
        except subprocess.TimeoutExpired:
            running.process.kill()
            running.process.wait()


def start_load(load: str, /, **words: object) -> subprocess.Popen[str]:
    """A load program on the other core."""
    arguments = [f"{key}={value}" for key, value in words.items()]
    return subprocess.Popen([str(load_program()), load, f"core={LOAD_CORE}", *arguments], stdout=subprocess.PIPE, text=True)


def report(process: subprocess.Popen[str]) -> dict[str, Any]:
    """What the load program said."""
    out, _ = process.communicate(timeout=240)
    if process.returncode != 0:
        raise RuntimeError("a load program failed; its words are above")
    found: dict[str, Any] = json.loads(out)
    return found


def cameras(running: Host, mode: str, streams: int, seconds: int, folder: Path, *, gso: bool = True) -> subprocess.Popen[str]:
    """`streams` cameras of 4 Mbit/s."""
    words: dict[str, object] = {
        "to": f"127.0.0.1:{running.rtp}",
        "streams": streams,
        "ssrc": running.told["first_ssrc"],
        "mode": "tcp" if mode == "tcp" else "udp",
        "seconds": seconds,
        "gso": int(gso),
    }
    if mode == "own-udp":
        (folder / "ports").write_text("\n".join(map(str, running.told["ports"])))
        words["ports"] = folder / "ports"
    return start_load("send", **words)


def _ingest(mode: str, streams: int, folder: Path, *, gso: bool) -> tuple[dict[str, Any], dict[str, Any], float]:
    with host(mode, streams) as running:
        before = running.stats()
        sent = report(cameras(running, mode, streams, SECONDS, folder, gso=gso))
        stats = running.stats()
        share = (stats["cpu_s"] - before["cpu_s"]) / sent["seconds"]
        stats = _settled(running, stats)
        stats["per_stream_mb"] = (stats["resident"] - before["resident"]) / streams / 1e6
        return sent, stats, share


def _settled(running: Host, stats: dict[str, Any]) -> dict[str, Any]:
    """The totals once nothing is in flight any more."""
    while (later := running.stats())["packets"] != stats["packets"]:
        stats = later
    return later


INGEST = (("own-udp", "UDP, a port each", 1500), ("shared-udp", "one UDP port", 1200), ("tcp", "TCP", 1600))


def ingest() -> list[Figure]:
    """Streams of 4 Mbit/s (GOP of 1 MB) taken without a gap, at three sizes for each way."""
    figures = []
    with tempfile.TemporaryDirectory() as name:
        for mode, what, goal in INGEST:
            for streams, gso in ((200, False), (goal // 2, True), (goal, True), (goal * 4 // 3, True)):
                if mode == "tcp" and not gso:
                    continue
                sent, stats, share = _ingest(mode, streams, Path(name), gso=gso)
                missing = sent["packets"] - stats["packets"] if mode != "tcp" else 0
                ours = (
                    f"{share * 100:.0f} % of a core (so {streams / max(share, 0.01):,.0f} a core), {missing} packets missing, "
                    f"{stats['gaps']} streams with gaps, {stats['per_stream_mb']:.2f} MB a stream"
                )
                kind = "segments of a burst sent as one (GSO)" if gso else "single datagrams"
                label = f"{what}: {streams:,} × 4 Mbit/s" + ("" if mode == "tcp" else f", {kind}")
                late = f"sender: {sent['late_frames']} late, {sent['refused_frames']} refused of {sent['frames'] * streams} frames"
                goal_text = f"≥ {goal:,} a core, ≤ GOP (1 MB) + 0.4 MB"
                figures.append(Figure("ingest", label, ours, goal_text, late, int(stats["peak_mb"])))
    return figures


def _fan_out(kind: str, readers: int, sources: int, folder: Path) -> tuple[dict[str, Any], float, int]:
    with host("shared-udp", sources) as running:
        (folder / "urls").write_text("\n".join(running.urls(kind)))
        sender = cameras(running, "shared-udp", sources, 60, folder)
        _playing(running, sources)
        reader = start_load("read", urls=folder / "urls", readers=readers, seconds=SECONDS, settle=4)
        share = _watch(running, reader)
        read = report(reader)
        peak = int(running.stats()["peak_mb"])
        sender.terminate()
        sender.wait()
        return read, share, peak


def _playing(running: Host, sources: int) -> None:
    """Waits until every camera shows pictures (a key frame comes every two seconds)."""
    deadline_s = time.monotonic() + 20
    while running.stats()["playing"] < sources:
        if time.monotonic() > deadline_s:
            raise RuntimeError("not every camera came up")
        time.sleep(0.05)


def _slowest(read: dict[str, Any]) -> int:
    return int(read["min_bytes"] / max(1, read["median_bytes"]) * 100)


def _a_core(read: dict[str, Any], share: float) -> str:
    return f"{read['gbit_s']:.2f} Gbit/s on {share * 100:.0f} % of a core = {read['gbit_s'] / max(share, 0.01):.1f} a core"


def fan_out() -> list[Figure]:
    """Readers of 4 Mbit/s streams over TCP; what a core would carry is the rate divided by its share."""
    figures = []
    with tempfile.TemporaryDirectory() as name:
        for kind, what in (("ws", "WebSocket-fMP4"), ("fmp4", "HTTP-fMP4")):
            for readers in (100, 500, 1500):
                read, share, peak = _fan_out(kind, readers, 20, Path(name))
                ours = f"{_a_core(read, share)}, {read['starved']} starved, slowest {_slowest(read)} % of the median"
                reference = "ZLMediaKit 6.3–7.9 / 12.5 (fact sheet)"
                figures.append(
                    Figure("fan-out", f"{what}, {readers:,} readers", ours, "≥ 12 Gbit/s a core, none starved", reference, peak)
                )
    return figures


def frame_age() -> list[Figure]:
    """From the last packet of a frame leaving the camera to its last byte at the reader."""
    figures = []
    with tempfile.TemporaryDirectory() as name:
        for readers in (50, 500, 1500):
            read, share, peak = _fan_out("ws", readers, 20, Path(name))
            p50, p99 = read["age_us_p50"] / 1000, read["age_us_p99"] / 1000
            ours = f"p50 {p50:.1f} ms, p99 {p99:.1f} ms ({read['ages']:,} frames seen), {share * 100:.0f} % of a core"
            figures.append(
                Figure(
                    "frame-age",
                    f"{readers:,} readers of 20 streams",
                    ours,
                    "p50 ≤ 5 ms, p99 ≤ 40 ms",
                    "ZLMediaKit 160 / 395 ms (fact sheet)",
                    peak,
                )
            )
    return figures


def webrtc() -> list[Figure]:
    """WebRTC viewers of 4 Mbit/s."""
    figures = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for viewers in (100, 300, 600):
            with host("shared-udp", 20) as running:
                (folder / "urls").write_text("\n".join(running.urls("whep")))
                sender = cameras(running, "shared-udp", 20, 60, folder)
                _playing(running, 20)
                reader = start_load("whep", urls=folder / "urls", viewers=viewers, seconds=SECONDS, settle=2)
                watched = _watch(running, reader)
                read = report(reader)
                sender.terminate()
                sender.wait()
                ours = (
                    f"{_a_core(read, watched)} or {viewers / max(watched, 0.01):,.0f} viewers, "
                    f"{read['starved']} starved, slowest {_slowest(read)} % of the median"
                )
                reference = "ZLMediaKit 220–250; limit 1,300–1,700 (fact sheet)"
                figures.append(
                    Figure(
                        "webrtc", f"{viewers} viewers of 4 Mbit/s", ours, "≥ 600 a core", reference, int(running.stats()["peak_mb"])
                    )
                )
    return figures


def _watch(running: Host, reader: subprocess.Popen[str]) -> float:
    """The engine's share of its core in the last seconds before the load ends."""
    last: list[tuple[float, float]] = []
    while reader.poll() is None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            reader.wait(0.5)
        stats = running.stats()
        last.append((os.times().elapsed, stats["cpu_s"]))
    window = last[-13:-1] if len(last) > 13 else last
    (first_s, first_cpu), (last_s, last_cpu) = window[0], window[-1]
    return (last_cpu - first_cpu) / max(0.001, last_s - first_s)


def first_frame() -> list[Figure]:
    """Server side: the first picture's bytes at a further viewer of a running stream, while others watch."""
    figures = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for readers in (1, 100, 500):
            with host("shared-udp", 20) as running:
                (folder / "urls").write_text("\n".join(running.urls("ws")))
                sender = cameras(running, "shared-udp", 20, 60, folder)
                _playing(running, 20)
                watching = start_load("read", urls=folder / "urls", readers=readers, seconds=SECONDS * 2, settle=1)
                while running.stats()["readers"] < readers:
                    time.sleep(0.05)
                found = report(start_load("first", urls=folder / "urls", viewers=200))
                for process in (watching, sender):
                    process.terminate()
                    process.wait()
                ours = ", ".join(f"{name} {found[f'first_us_{name}'] / 1000:.1f} ms" for name in ("p50", "p95", "p99"))
                peak = int(running.stats()["peak_mb"])
            what = f"first picture's bytes at a further viewer, {readers} watching"
            figures.append(Figure("first-frame", what, ours, "≤ 10 ms", "ZLMediaKit 0.9 ms (fact sheet)", peak))
    return figures
