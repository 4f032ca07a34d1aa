"""The media engine's process, its loads, and peers' sources: each program on its own core."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench.processes import LOAD_CORE, MEASURED_CORE, free_port


def load_program() -> Path:
    """`bench-load`, built when it is not there or old."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "fengsui" / "cargo-target"
    target = Path(os.environ.get("CARGO_TARGET_DIR", cache))
    environment = {**os.environ, "CARGO_TARGET_DIR": str(target), "PYO3_PYTHON": sys.executable}
    command = ["cargo", "build", "--quiet", "--release", "--locked", "-p", "bench-load"]
    subprocess.run(command, check=True, env=environment)
    return target / "release" / "bench-load"


class Host:
    """The engine's process."""

    def __init__(self, mode: str, sources: int, sound: str, *, tls: bool = False, record: str = "") -> None:
        self.rtp, self.http, self.webrtc = free_port(), free_port(), free_port(socket.SOCK_DGRAM)
        command = [
            sys.executable,
            "-m",
            "bench.media_host",
            mode,
            str(sources),
            *map(str, (self.rtp, self.http, self.webrtc)),
            sound,
            *(["tls"] if tls else []),
            *([f"record={record}"] if record else []),
        ]
        self.process = subprocess.Popen(
            ["taskset", "-c", str(MEASURED_CORE), *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
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

    def cpu_s(self) -> float:
        """Processor seconds so far."""
        return float(self.stats()["cpu_s"])

    def peak_mb(self) -> int:
        """Highest resident memory so far."""
        return int(self.stats()["peak_mb"])

    def urls(self, kind: str) -> list[str]:
        """Addresses of every source by `ws`, `wss`, `fmp4`, `hls` (playlists) or `whep`."""
        scheme = kind if kind in ("ws", "wss") else "http"
        address = f"{scheme}://127.0.0.1:{self.http}/{'ws' if kind == 'wss' else kind}"
        file = "/index.m3u8" if kind == "hls" else ""
        return [f"{address}/camera{number}/main{file}?ticket={ticket}" for number, ticket in enumerate(self.told["tickets"])]


@contextlib.contextmanager
def host(mode: str, sources: int, *, sound: str = "none", tls: bool = False, record: str = "") -> Iterator[Host]:
    """The engine with open sources, on its own core. `sound`: none, aac or g711a; what it is, it may be heard. `record`: a
    folder, where every source is kept."""
    running = Host(mode, sources, sound, tls=tls, record=record)
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


def cameras(
    running: Host, mode: str, streams: int, seconds: int, folder: Path, *, ramp: int = 0, sound: str = "none", gso: int = 1
) -> subprocess.Popen[str]:
    """`streams` cameras of 4 Mbit/s that begin within `ramp` seconds. `gso` 0: each packet by itself, as over a real network."""
    words: dict[str, object] = {
        "to": f"127.0.0.1:{running.rtp}",
        "streams": streams,
        "ssrc": running.told["first_ssrc"],
        "mode": "tcp" if mode == "tcp" else "udp",
        "seconds": seconds,
        "ramp": ramp,
        "sound": sound,
        "gso": gso,
    }
    if mode == "own-udp":
        (folder / "ports").write_text("\n".join(map(str, running.told["ports"])))
        words["ports"] = folder / "ports"
    return start_load("send", **words)


@contextlib.contextmanager
def rtsp_cameras(streams: int, seconds: int) -> Iterator[list[str]]:
    """The same cameras as RTSP sources for peers: their addresses."""
    port = free_port()
    sender = start_load("rtsp", listen=f"127.0.0.1:{port}", streams=streams, seconds=seconds)
    try:
        yield [f"rtsp://127.0.0.1:{port}/camera{number}" for number in range(streams)]
    finally:
        sender.terminate()
        sender.wait()


def bare(load: str, /, **words: object) -> subprocess.Popen[str]:
    """A bare loop on the measured core."""
    arguments = [f"{key}={value}" for key, value in words.items()]
    return subprocess.Popen([str(load_program()), load, f"core={MEASURED_CORE}", *arguments], stdout=subprocess.PIPE, text=True)


def settled(running: Host, stats: dict[str, Any]) -> dict[str, Any]:
    """The totals once nothing is in flight any more."""
    while (later := running.stats())["packets"] != stats["packets"]:
        stats = later
    return later


def playing(running: Host, sources: int) -> None:
    """Waits until every camera shows pictures (a key frame comes every two seconds)."""
    deadline_s = time.monotonic() + 20
    while running.stats()["playing"] < sources:
        if time.monotonic() > deadline_s:
            raise RuntimeError("not every camera came up")
        time.sleep(0.05)


def watched(cpu_s: Callable[[], float], reader: subprocess.Popen[str]) -> float:
    """A server's share of its core in the last seconds before the load ends."""
    seen: list[tuple[float, float]] = []
    while reader.poll() is None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            reader.wait(0.5)
        seen.append((time.monotonic(), cpu_s()))
    window = seen[-13:-1] if len(seen) > 13 else seen
    (first_s, first_cpu), (last_s, last_cpu) = window[0], window[-1]
    return (last_cpu - first_cpu) / max(0.001, last_s - first_s)
