"""Rows `ingest` and `sound`: streams taken a core without a gap, what they keep in memory, and what their sound costs."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.loads import bare, cameras, host, playing, report, rtsp_cameras, settled, start_load, watched
from bench.peers.go2rtc import go2rtc
from bench.processes import free_port, resident_bytes
from bench.table import Figure

RAMP, SECONDS = 5, 6
"""Cameras are called one after the other, and a system hands out a gigabyte of rings no faster either; the share of the core is
that of the seconds after, gaps and missing packets are those of the whole run."""
PACKETS_A_STREAM_S = 25 * 14.6
WAYS = (("own-udp", "UDP, a port each", 1500), ("shared-udp", "one UDP port", 1200), ("tcp", "TCP", 1600))
SOUNDS = (("aac", "AAC, 16 kHz"), ("g711a", "G.711, made FLAC"))


@dataclass(frozen=True, slots=True)
class Taken:
    """One run: what was sent, what the engine says of it, its share of the core, and its memory."""

    sent: dict[str, Any]
    stats: dict[str, Any]
    share: float
    stream_mb: float
    """Resident memory of the process less what it had before a source was opened, a stream; the highest that was seen."""

    @property
    def schedule(self) -> str:
        """Whether this was the rate that the row states."""
        sent = self.sent
        kept = f"the sender kept its schedule on {sent['core_share'] * 100:.0f} % of its core"
        if not sent["late_frames"] and not sent["refused_frames"]:
            return kept
        return (
            f"**the sender did not keep its schedule**: of {sent['frames']:,} frames {sent['late_frames']:,} came more than 100 ms "
            f"late, {sent['refused_frames']:,} were refused, at {sent['core_share'] * 100:.0f} % of its core"
        )


def _take(mode: str, streams: int, folder: Path, *, gso: int = 1) -> Taken:
    with host(mode, streams) as running:
        sender = cameras(running, mode, streams, SECONDS, folder, ramp=RAMP, gso=gso)
        time.sleep(RAMP + 1)  # all have begun; the sender's own clock decides, there is nothing to ask it
        began_s, cpu_s = time.monotonic(), running.cpu_s()
        resident = resident_bytes(running.process.pid)
        while time.monotonic() < began_s + SECONDS - 2:
            time.sleep(0.2)
            resident = max(resident, resident_bytes(running.process.pid))
        share = (running.cpu_s() - cpu_s) / (time.monotonic() - began_s)
        sent = report(sender)
        stats = settled(running, running.stats())
        return Taken(sent, stats, share, (resident - running.told["empty_bytes"]) / streams / 1e6)


def _bare(mode: str, streams: int, folder: Path, gso: int) -> float:
    """Streams a core that a loop takes which looks at nothing."""
    port = free_port()
    words: dict[str, object] = {"to": f"127.0.0.1:{port}", "mode": "tcp" if mode == "tcp" else "udp"}
    sending = dict(words)
    if mode == "own-udp":
        first = 46_000
        words |= {"to": f"127.0.0.1:{first}", "streams": streams}
        (folder / "bare-ports").write_text("\n".join(str(first + index) for index in range(streams)))
        sending["ports"] = folder / "bare-ports"
    receiver = bare("bare-receive", seconds=SECONDS + 2, **words)
    time.sleep(1)  # its sockets are bound before the first packet; there is nothing to ask it
    report(start_load("send", streams=streams, seconds=SECONDS, gso=gso, **sending))
    taken = report(receiver)
    return float(taken["packets"] / PACKETS_A_STREAM_S / max(taken["cpu_s"], 0.01))


def _peer(streams: int) -> str:
    """go2rtc takes as many over RTSP in TCP; it is told to take them at once, as it else waits for a viewer."""
    with rtsp_cameras(streams, 60) as sources, go2rtc(sources, preload=True) as peer:
        time.sleep(RAMP)  # it dials them by itself and tells nobody when it has
        began_s, cpu_s = time.monotonic(), peer.cpu_s()
        time.sleep(SECONDS)
        share = (peer.cpu_s() - cpu_s) / (time.monotonic() - began_s)
        try:
            taken = peer.producing()
        except TimeoutError:
            return f"go2rtc, RTSP over TCP, asked for {streams}: {share * 100:.0f} % of a core, and answers nobody any more"
    return f"go2rtc, RTSP over TCP, {taken} of {streams}: {share * 100:.0f} % of a core (so {taken / max(share, 0.01):,.0f} a core)"


def ingest() -> Iterator[Figure]:
    """Streams of 4 Mbit/s taken without a gap, at three sizes for each way.

    Bursts leave the camera by GSO, as they leave a network card that gathers them; the last line of each UDP way sends each
    packet by itself.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for mode, what, goal in WAYS:
            for streams, gso in ((goal // 4, 1), (goal // 2, 1), (goal, 1), (goal // 2, 0)):
                if gso or mode != "tcp":
                    yield _line(mode, what, goal, streams, gso, folder)


def _line(mode: str, what: str, goal: int, streams: int, gso: int, folder: Path) -> Figure:
    taken = _take(mode, streams, folder, gso=gso)
    limit = _bare(mode, streams, folder, gso)
    peer = f"; {_peer(streams)}" if mode == "tcp" else ""
    # Over TCP the last bytes may still be the sender's when it ends; a gap would be one in the sequence numbers.
    missing = taken.sent["packets"] - taken.stats["packets"] if mode != "tcp" else taken.stats["lost"]
    a_core = streams / max(taken.share, 0.01)
    group_mb = taken.sent["group_bytes"] / 1e6
    return Figure(
        "ingest",
        f"{what}: {streams:,} × 4 Mbit/s{'' if gso else ', packets sent one by one'}",
        f"{taken.share * 100:.0f} % of a core (so {a_core:,.0f} a core), {missing:,} packets missing, "
        f"{taken.stats['gaps']:,} streams with gaps; {taken.stream_mb:.2f} MB a stream, GOP {group_mb:.2f} MB "
        f"({taken.stream_mb - group_mb:+.2f}); {taken.schedule}",
        f"bare loop that looks at nothing: {limit:,.0f} a core{peer}",
        a_core / limit,
        f"≥ {goal:,} a core without a gap, memory ≤ GOP + 0.4 MB" if gso else "—",
        int(taken.stats["peak_mb"]),
    )


def _watched_sources(sound: str, streams: int, folder: Path) -> tuple[float, int]:
    """Share of the core with one HTTP-fMP4 viewer a source, and the peak of memory. Raises RuntimeError when not every source
    sounds."""
    with host("shared-udp", streams, sound=sound) as running:
        (folder / "urls").write_text("\n".join(running.urls("fmp4")))
        sender = cameras(running, "shared-udp", streams, 60, folder, sound=sound)
        playing(running, streams)
        reader = start_load("read", urls=folder / "urls", readers=streams, seconds=SECONDS, settle=4)
        share = watched(running.cpu_s, reader)
        read, stats = report(reader), running.stats()
        sender.terminate()
        sender.wait()
    if stats["sounding"] != (streams if sound != "none" else 0) or read["starved"]:
        raise RuntimeError(f"{sound}: {stats['sounding']} of {streams} sound, {read['starved']} starved")
    return share, int(stats["peak_mb"])


def sound() -> Iterator[Figure]:
    """What sound adds to a stream that is watched as HTTP-fMP4."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for streams in (50, 100, 200):
            silent, _ = _watched_sources("none", streams, folder)
            for kind, what in SOUNDS:
                share, peak = _watched_sources(kind, streams, folder)
                each_us, silent_us = share / streams * 1e6, silent / streams * 1e6
                yield Figure(
                    "sound",
                    f"{what}: {streams} streams, a viewer each",
                    f"{each_us:,.0f} µs of a core a second and stream, {each_us - silent_us:+,.0f} µs for the sound",
                    f"the same without sound: {silent_us:,.0f} µs",
                    silent / max(share, 0.0001),
                    "—",
                    peak,
                )
