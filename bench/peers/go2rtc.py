"""go2rtc as a live server: it pulls the same film over RTSP and serves fMP4 over WebSocket and HTTP, and WebRTC.

What it does not do of our work: it knows no GB/T 28181 (so no PS, no SSRC), keeps no group of pictures for a new viewer, has
no tickets, and does not take slow readers to a key frame. It opens a source when its first viewer comes, as we do.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.processes import MEASURED_CORE, cpu_s, end, free_port, peak_mb, wait_for

MODULE, VERSION = "github.com/AlexxIT/go2rtc", "v1.9.13"


def program() -> Path:
    """The program, built from its Go module into the user's cache. Raises RuntimeError, CalledProcessError."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "fengsui" / "peers"
    built = cache / f"go2rtc-{VERSION}"
    if not built.exists():
        go = shutil.which("go")
        if go is None:
            raise RuntimeError("the peer go2rtc needs Go: sudo apt-get install golang")
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as folder:
            # A module of our own that requires it: `go install module@version` also asks for other versions.
            for words in (["mod", "init", "peers"], ["mod", "edit", "-require", f"{MODULE}@{VERSION}"]):
                subprocess.run([go, *words], cwd=folder, check=True, capture_output=True)
            command = [go, "build", "-mod=mod", "-o", str(built), MODULE]
            subprocess.run(command, cwd=folder, check=True, env={**os.environ, "CGO_ENABLED": "0"})
    return built


@dataclass(frozen=True, slots=True)
class Go2rtc:
    """One running server with streams `camera0`, `camera1`, …"""

    pid: int
    api_port: int
    streams: int

    def urls(self, kind: str) -> list[str]:
        """Addresses of every stream by `ws`, `fmp4` or `whep`."""
        scheme, path = {"ws": ("mse", "api/ws"), "fmp4": ("http", "api/stream.mp4"), "whep": ("http", "api/webrtc")}[kind]
        return [f"{scheme}://127.0.0.1:{self.api_port}/{path}?src=camera{number}" for number in range(self.streams)]

    def producing(self) -> int:
        """Streams that bring packets."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.api_port}/api/streams", timeout=10) as answer:
            streams = json.load(answer)
        return sum(any(one.get("bytes_recv", 0) for one in stream.get("producers") or []) for stream in streams.values())

    def cpu_s(self) -> float:
        """Processor seconds so far."""
        return cpu_s(self.pid)

    def peak_mb(self) -> int:
        """Highest resident memory so far."""
        return peak_mb(self.pid)


@contextlib.contextmanager
def go2rtc(sources: Sequence[str], *, preload: bool = False) -> Iterator[Go2rtc]:
    """On the measured core, one processor of its own. `sources`: in go2rtc's words, one a stream; `preload`: taken at once."""
    api, webrtc = free_port(), free_port()
    with tempfile.TemporaryDirectory(prefix="fengsui-bench-go2rtc-") as name:
        folder = Path(name)
        lines = [f"  camera{number}: {source!r}" for number, source in enumerate(sources)]
        wanted = "preload:\n" + "".join(f"  camera{number}: video\n" for number in range(len(sources))) if preload else ""
        (folder / "go2rtc.yaml").write_text(
            f"api:\n  listen: 127.0.0.1:{api}\nrtsp:\n  listen: ''\nsrtp:\n  listen: ''\n"
            f"webrtc:\n  listen: 127.0.0.1:{webrtc}\n  candidates: ['127.0.0.1:{webrtc}']\n  ice_servers: []\n"
            "  filters:\n    loopback: true\n    networks: [udp4]\n"
            "log:\n  level: error\nstreams:\n" + "\n".join(lines) + "\n" + wanted,
            encoding="utf-8",
        )
        command = ["taskset", "-c", str(MEASURED_CORE), str(program()), "-config", str(folder / "go2rtc.yaml")]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, "GOMAXPROCS": "1"})
        try:
            wait_for(lambda: _answers(f"http://127.0.0.1:{api}/api"), process, "go2rtc", seconds=20)
            yield Go2rtc(process.pid, api, len(sources))
        finally:
            end(process)


def _answers(url: str) -> bool:
    with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=1) as answer:
        return bool(answer.status == 200)
    return False
