"""What TLS costs the media workers: the same viewers with and without it, beside the cipher alone by OpenSSL."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.loads import cameras, host, playing, report, start_load, watched
from bench.table import Figure

SECONDS, SOURCES = 8, 20
READERS = (100, 400)
CIPHER = "aes-256-gcm"
"""What TLS 1.3 takes first between two machines with AES instructions."""


def _fan_out(kind: str, readers: int, folder: Path) -> tuple[dict[str, Any], float, int]:
    with host("shared-udp", SOURCES, tls=kind == "wss") as running:
        (folder / "urls").write_text("\n".join(running.urls(kind)))
        sender = cameras(running, "shared-udp", SOURCES, 60, folder)
        playing(running, SOURCES)
        reader = start_load("read", urls=folder / "urls", readers=readers, seconds=SECONDS, settle=4, sample=0)
        share = watched(running.cpu_s, reader)
        read, peak = report(reader), running.peak_mb()
        sender.terminate()
        sender.wait()
        return read, share, peak


def _cipher_gbit_s() -> float:
    """By OpenSSL's own loop, records of 16 KB, one core."""
    command = ["openssl", "speed", "-mr", "-seconds", "2", "-bytes", "16384", "-evp", CIPHER]
    told = subprocess.run(command, capture_output=True, text=True, check=True, preexec_fn=lambda: os.sched_setaffinity(0, {0}))
    line = next(line for line in told.stdout.splitlines() if line.startswith("+F:"))
    return float(line.rsplit(":", 1)[1]) * 8 / 1e9


def fan_out_tls() -> Iterator[Figure]:
    """Readers of 4 Mbit/s streams by WebSocket under TLS; the readers throw the ciphertext away."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for readers in READERS:
            cipher = _cipher_gbit_s()
            plain, plain_share, _ = _fan_out("ws", readers, folder)
            read, share, peak = _fan_out("wss", readers, folder)
            ours, bare = read["gbit_s"] / max(share, 0.01), plain["gbit_s"] / max(plain_share, 0.01)
            yield Figure(
                "fan-out-tls",
                f"WebSocket-fMP4 under TLS, {readers:,} readers",
                f"{read['gbit_s']:.2f} Gbit/s on {share * 100:.0f} % of a core = {ours:.1f} a core, {read['starved']} starved",
                f"without TLS, same run: {bare:.1f} a core, {plain['starved']} starved; {CIPHER} alone (OpenSSL): {cipher:.1f}",
                ours / max(bare, 0.01),
                "written down; none starved",
                peak,
            )
