"""Media rows: the engine pinned to one core, cameras and viewers on the other; go2rtc and bare loops in the same places."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.loads import bare, cameras, host, playing, report, rtsp_cameras, start_load, watched
from bench.peers.go2rtc import Go2rtc, go2rtc
from bench.processes import free_port
from bench.table import Figure

SECONDS = 8
SOURCES = 20
FIRSTS_S = 120
"""Longer than twenty viewers need who come one after the other and each wait for the next key frame."""


def _readers(kind: str, readers: int, folder: Path, settle: int = 4) -> subprocess.Popen[str]:
    load = "hls" if kind == "hls" else "read"
    return start_load(load, urls=folder / "urls", readers=readers, seconds=SECONDS, settle=settle)


def _fan_out(kind: str, readers: int, folder: Path) -> tuple[dict[str, Any], float, int]:
    with host("shared-udp", SOURCES) as running:
        (folder / "urls").write_text("\n".join(running.urls(kind)))
        sender = cameras(running, "shared-udp", SOURCES, 60, folder)
        playing(running, SOURCES)
        reader = _readers(kind, readers, folder)
        share = watched(running.cpu_s, reader)
        read = report(reader)
        peak = running.peak_mb()
        sender.terminate()
        sender.wait()
        return read, share, peak


def _peer_fan_out(kind: str, readers: int, folder: Path) -> tuple[dict[str, Any], float]:
    with rtsp_cameras(SOURCES, 60) as sources, go2rtc(sources) as peer:
        (folder / "urls").write_text("\n".join(peer.urls(kind)))
        reader = _readers(kind, readers, folder)
        share = watched(peer.cpu_s, reader)
        return report(reader), share


def _bare_fan_out(readers: int, folder: Path) -> float:
    """Gbit/s a core of one writev a reader and picture."""
    port = free_port()
    sender = bare("bare-fan-out", listen=f"127.0.0.1:{port}", readers=readers, seconds=SECONDS)
    time.sleep(0.5)  # it listens before the first reader comes; there is nothing to ask it
    (folder / "urls").write_text(f"http://127.0.0.1:{port}/bare")
    reader = _readers("fmp4", readers, folder, settle=1)
    limit = float(report(sender)["gbit_s_a_core"])
    report(reader)
    return limit


def _slowest(read: dict[str, Any]) -> int:
    return int(read["min_bytes"] / max(1, read["median_bytes"]) * 100)


def _rate(read: dict[str, Any], share: float) -> float:
    return float(read["gbit_s"] / max(share, 0.01))


def _words(read: dict[str, Any], share: float) -> str:
    return (
        f"{read['gbit_s']:.2f} Gbit/s on {share * 100:.0f} % of a core = {_rate(read, share):.1f} a core, "
        f"{read['starved']} starved, slowest {_slowest(read)} % of the median"
    )


def fan_out() -> Iterator[Figure]:
    """Readers of 4 Mbit/s streams over TCP; what a core would carry is the rate divided by its share.

    Readers of low-latency HLS ask for playlist and part in turn. go2rtc's HLS knows no parts and keeps no time that could be
    compared: its HTTP-fMP4 stands beside ours.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for kind, what in (("ws", "WebSocket-fMP4"), ("fmp4", "HTTP-fMP4"), ("hls", "low-latency HLS")):
            for readers in (100, 500, 1500):
                read, share, peak = _fan_out(kind, readers, folder)
                their_read, their_share = _peer_fan_out("fmp4" if kind == "hls" else kind, readers, folder)
                limit = _bare_fan_out(readers, folder)
                peer = "go2rtc (HTTP-fMP4)" if kind == "hls" else "go2rtc"
                yield Figure(
                    "fan-out",
                    f"{what}, {readers:,} readers",
                    _words(read, share),
                    f"{peer}: {_words(their_read, their_share)}; bare writev: {limit:.1f} a core",
                    _rate(read, share) / max(_rate(their_read, their_share), 0.01),
                    "≥ 12 Gbit/s a core, none starved",
                    peak,
                )


def _age(read: dict[str, Any]) -> tuple[float, float]:
    return read["age_us_p50"] / 1000, read["age_us_p99"] / 1000


def frame_age() -> Iterator[Figure]:
    """From the last packet of a frame leaving the camera to its last byte at the reader."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for readers in (50, 500, 1500):
            read, share, peak = _fan_out("ws", readers, folder)
            their_read, their_share = _peer_fan_out("ws", readers, folder)
            our, their = _age(read), _age(their_read)
            yield Figure(
                "frame-age",
                f"{readers:,} readers of {SOURCES} streams",
                f"p50 {our[0]:.1f} ms, p99 {our[1]:.1f} ms ({read['ages']:,} frames seen), {share * 100:.0f} % of a core",
                f"go2rtc: p50 {their[0]:.1f} ms, p99 {their[1]:.1f} ms ({their_read['ages']:,}), {their_share * 100:.0f} %",
                their[1] / max(our[1], 0.001) if their_read["ages"] else None,
                "p50 ≤ 5 ms, p99 ≤ 40 ms",
                peak,
            )


def webrtc() -> Iterator[Figure]:
    """WebRTC viewers of 4 Mbit/s; the peer with 100, which it carries, and with as many as ours. The ratio is to its better one."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for viewers in (100, 300, 600):
            limit = report(bare("bare-srtp", viewers=viewers, seconds=SECONDS))
            with host("shared-udp", SOURCES) as running:
                (folder / "urls").write_text("\n".join(running.urls("whep")))
                sender = cameras(running, "shared-udp", SOURCES, 60, folder)
                playing(running, SOURCES)
                read, share = _whep(running.cpu_s, folder, viewers)
                peak = running.peak_mb()
                sender.terminate()
                sender.wait()
            theirs = [_peer_webrtc(asked, folder) for asked in sorted({100, viewers})]
            a_core = viewers / max(share, 0.01)
            yield Figure(
                "webrtc",
                f"{viewers} viewers of 4 Mbit/s",
                f"{a_core:,.0f} viewers a core; {_words(read, share)}",
                f"{'; '.join(words for _, words in theirs)}; bare SRTP (AES-GCM) with GSO: {limit['viewers_a_core']:,.0f} a core",
                a_core / max(1, *(rate for rate, _ in theirs)),
                "≥ 600 a core",
                peak,
            )


def _whep(cpu_s: Any, folder: Path, viewers: int) -> tuple[dict[str, Any], float]:
    reader = start_load("whep", urls=folder / "urls", viewers=viewers, seconds=SECONDS, settle=2)
    share = watched(cpu_s, reader)
    return report(reader), share


def _peer_webrtc(viewers: int, folder: Path) -> tuple[float, str]:
    """Viewers a core that are served in full, and in words; what go2rtc cannot send at once, it drops."""
    with rtsp_cameras(SOURCES, 90) as sources, go2rtc(sources) as peer:
        (folder / "urls").write_text("\n".join(peer.urls("whep")))
        read, share = _whep(peer.cpu_s, folder, viewers)
    a_core = viewers * read["gbit_s"] / (viewers * 4e-3) / max(share, 0.01)
    return a_core, f"go2rtc with {viewers}: {a_core:,.0f} a core; {_words(read, share)}"


def first_frame() -> Iterator[Figure]:
    """Server side: the first picture's bytes at a further viewer of a running stream, while others watch."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for readers in (1, 100, 500):
            with host("shared-udp", SOURCES) as running:
                (folder / "urls").write_text("\n".join(running.urls("ws")))
                sender = cameras(running, "shared-udp", SOURCES, FIRSTS_S, folder)
                playing(running, SOURCES)
                found = _further_viewers(folder, readers, 200)
                peak = running.peak_mb()
                sender.terminate()
                sender.wait()
            theirs = _peer_first(folder, readers)
            yield Figure(
                "first-frame",
                f"first picture's bytes at a further viewer, {readers} watching",
                _firsts(found),
                f"go2rtc, which waits for the next key frame: {_firsts(theirs)}",
                theirs["first_us_p95"] / max(1, found["first_us_p95"]),
                "≤ 10 ms",
                peak,
            )


def _firsts(found: dict[str, Any]) -> str:
    return ", ".join(f"{name} {found[f'first_us_{name}'] / 1000:.1f} ms" for name in ("p50", "p95", "p99", "max"))


def _further_viewers(folder: Path, readers: int, viewers: int) -> dict[str, Any]:
    watching = start_load("read", urls=folder / "urls", readers=readers, seconds=FIRSTS_S, settle=1)
    time.sleep(2)  # the peer tells of no readers; ours stand by then as well
    try:
        return report(start_load("first", urls=folder / "urls", viewers=viewers))
    finally:
        watching.terminate()
        watching.wait()


def _peer_first(folder: Path, readers: int) -> dict[str, Any]:
    with rtsp_cameras(SOURCES, FIRSTS_S) as sources, go2rtc(sources) as peer:
        one: Go2rtc = peer
        (folder / "urls").write_text("\n".join(one.urls("ws")))
        return _further_viewers(folder, max(readers, SOURCES), 20)
