"""Row `record`: streams received and recorded a core, what is written for what is received, and memory a stream."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from bench.loads import cameras, host, report, settled
from bench.processes import resident_bytes
from bench.table import Figure

RAMP, SECONDS, GOAL = 5, 10, 800
MODE = "shared-udp"


class Recorded(NamedTuple):
    """One run: what was sent, what the engine says, its share of the core, memory a stream, bytes that lie on disk."""

    sent: dict[str, Any]
    stats: dict[str, Any]
    share: float
    stream_mb: float
    written: int


def _run(streams: int, folder: Path, *, record: bool) -> Recorded:
    kept = folder / f"{streams}"
    with host(MODE, streams, record=str(kept) if record else "") as running:
        sender = cameras(running, MODE, streams, SECONDS, folder, ramp=RAMP)
        time.sleep(RAMP + 1)  # all have begun; the sender's own clock decides, there is nothing to ask it
        began_s, cpu_s, resident = time.monotonic(), running.cpu_s(), 0
        while time.monotonic() < began_s + SECONDS - 2:
            time.sleep(0.2)
            resident = max(resident, resident_bytes(running.process.pid))
        share = (running.cpu_s() - cpu_s) / (time.monotonic() - began_s)
        sent = report(sender)
        stats = settled(running, running.stats())
        stream_mb = (resident - running.told["empty_bytes"]) / streams / 1e6
    written = sum(path.stat().st_size for path in kept.rglob("*.mp4"))  # the host has ended: every file is closed
    return Recorded(sent, stats, share, stream_mb, written)


def record() -> Iterator[Figure]:
    """Streams of 4 Mbit/s over one UDP port, each recorded; nobody watches."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for streams in (GOAL // 4, GOAL // 2, GOAL):
            plain, kept = _run(streams, folder, record=False), _run(streams, folder, record=True)
            a_core, bare = streams / max(kept.share, 0.01), streams / max(plain.share, 0.01)
            ratio = kept.written / max(kept.stats["bytes_in"], 1)
            missing = kept.sent["packets"] - kept.stats["packets"]
            group_mb = kept.sent["group_bytes"] / 1e6
            yield Figure(
                "record",
                f"{streams} × 4 Mbit/s",
                f"{kept.share * 100:.0f} % of a core (so {a_core:,.0f} a core), {missing:,} packets missing, "
                f"{kept.stats['lost_fragments']:,} fragments lost; {ratio:.3f} bytes written for each received; "
                f"{kept.stream_mb:.2f} MB a stream, GOP {group_mb:.2f} MB",
                f"the same without recording: {bare:,.0f} a core, {plain.stream_mb:.2f} MB a stream; ZLMediaKit: 240–280",
                a_core / bare,
                f"≥ {GOAL} a core, ≤ 1.02 bytes for each received, ≤ 1 MB a stream",
                int(kept.stats["peak_mb"]),
            )
