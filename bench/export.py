"""Row `export`: recorded footage handed over as one MP4, beside what the disk reads and `ffmpeg -c copy` of the same files."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from bench.browser import FILM
from bench.loads import load_program
from bench.processes import free_port
from bench.table import Figure

STREAM = "52010200001320000001/main"
HOUR_S, YEAR_S, PART_S = 3_600, 365 * 86_400, 360
PICTURES_A_SECOND = 25
ROUNDS, FIRSTS = 3, 100
TOGETHER = 1 << 20
"""Octets of one read, from the disk and from a socket."""
WARM_S = 60
"""Of the clip before memory is looked at."""
STAND_S = 10
"""Pictures that are decoded to see that they are whole."""


class Footage(NamedTuple):
    """What lies on the disk. Times: µs since 1970."""

    folder: Path
    database: Path
    since: int
    until: int

    def files(self) -> list[Path]:
        """Those of the hour, ascending."""
        return sorted(path for path in self.folder.rglob("*.mp4") if path.stat().st_size > 10_000_000)


def films(folder: Path, size: str, rate: str, seconds: int) -> tuple[Path, Path]:
    """The demonstration's street at so many bits a second, and one small grey picture."""
    street, grey = folder / "street.h264", folder / "grey.h264"
    plain = ["-c:v", "libx264", "-bf", "0", "-g", "50", "-sc_threshold", "0", "-pix_fmt", "yuv420p", "-f", "h264"]
    steady = ["-preset", "ultrafast", "-b:v", rate, "-maxrate", rate, "-bufsize", rate]
    look = ["-vf", f"scale={size},noise=alls=12:allf=t", *steady, "-x264-params", "aud=1:nal-hrd=cbr:force-cfr=1"]
    made = ["-r", str(PICTURES_A_SECOND), "-i", str(FILM), "-t", str(seconds), *look, *plain, str(street)]
    bare = ["-x264-params", "aud=1", "-bsf:v", "filter_units=remove_types=6"]
    small = ["-f", "lavfi", "-i", "color=gray:s=64x64:r=1", "-frames:v", "1", *bare, *plain, str(grey)]
    for words in (made, small):
        subprocess.run(["ffmpeg", "-v", "error", "-y", *words], check=True)
    return street, grey


def kept(folder: Path, index: Path, streams: list[str], film: Path, rate: float, since: int, seconds: int) -> dict[str, Any]:
    """Footage of such a film, kept by the recorder with a clock that is led; what it says."""
    words: dict[str, object] = {"folder": folder, "index": index, "cameras": ",".join(streams), "film": film, "rate": rate}
    command = [
        str(load_program()),
        "footage",
        *(f"{key}={word}" for key, word in words.items()),
        f"from={since}",
        f"seconds={seconds}",
    ]
    told: dict[str, Any] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return told


def _year(folder: Path, year_s: int, hour_s: int) -> Footage:
    """A year of a small picture every ten seconds, then an hour of the street."""
    street, grey = films(folder, "1280:720", "4M", 16)
    until = int(time.time()) // HOUR_S * HOUR_S * 1_000_000
    found = Footage(folder / "footage", folder / "footage.db", until - hour_s * 1_000_000, until)
    kept(found.folder, found.database, [STREAM], grey, 0.1, found.since - year_s * 1_000_000, year_s)
    kept(found.folder, found.database, [STREAM], street, PICTURES_A_SECOND, found.since, hour_s)
    return found


class Host:
    """The engine's process. It reads, hashes and sends at once: it may have every core, as the peer may."""

    def __init__(self, footage: Footage) -> None:
        self.port = free_port()
        ports = map(str, (free_port(), self.port, free_port(socket.SOCK_DGRAM)))
        command = [sys.executable, "-m", "bench.footage_host", str(footage.folder), str(footage.database), *ports]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._line()

    def _line(self) -> dict[str, Any]:
        assert self.process.stdout is not None  # a pipe was asked for
        told: dict[str, Any] = json.loads(self.process.stdout.readline())
        return told

    def ask(self, line: str) -> dict[str, Any]:
        """One line and its answer."""
        assert self.process.stdin is not None  # a pipe was asked for
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        return self._line()

    def clip(self, since: int, until: int, take: Callable[[memoryview], object] = len) -> tuple[float, float, int]:
        """Seconds to the first octet of a picture's file, seconds in all, octets. `take` is given all of them."""
        path = str(self.ask(f"clip {STREAM} {since} {until}")["path"])
        octets, count = bytearray(TOGETHER), 0
        view = memoryview(octets)
        with socket.create_connection(("127.0.0.1", self.port)) as line:
            began_s = time.perf_counter()
            line.sendall(f"GET {path} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n".encode())
            body = _Body(take)
            first_s = 0.0
            while got := line.recv_into(view):
                body.feed(view[:got])
                if not first_s and body.octets:
                    first_s = time.perf_counter() - began_s
            count = body.octets
        if not body.whole:
            raise RuntimeError(f"the clip was cut: {body.head.decode(errors='replace')[:300]}")
        return first_s, time.perf_counter() - began_s, count

    def taken(self) -> dict[str, Any]:
        """What the engine tells of the clip that ended last."""
        deadline_s = time.monotonic() + 10
        while not (told := self.ask("taken")["taken"]):
            if time.monotonic() > deadline_s:
                raise RuntimeError("the engine tells of no clip")
            time.sleep(0.01)
        last: dict[str, Any] = told[-1]
        return last


class _Body:
    """What comes behind the head of an answer, chunks undone (RFC 9112 7.1)."""

    def __init__(self, take: Callable[[memoryview], object]) -> None:
        self._take = take
        self.head = b""
        self._line = b""
        self._left = 0
        self._in_body = False
        self.octets = 0
        self.whole = False

    def feed(self, view: memoryview) -> None:
        """The next octets of the connection."""
        at = 0
        if not self._in_body:
            before = len(self.head)
            self.head += bytes(view)
            end = self.head.find(b"\r\n\r\n")
            if end < 0:
                return
            at, self.head, self._in_body = end + 4 - before, self.head[:end], True
            if b" 200 " not in self.head.split(b"\r\n", 1)[0]:
                return
        while at < len(view):
            if self._left:
                part = view[at : at + self._left]
                self._take(part)
                self.octets += len(part)
                self._left -= len(part)
                at += len(part)
                continue
            self._line += bytes(view[at : at + 1])
            at += 1
            if self._line.endswith(b"\r\n") and (size := self._line.strip()):
                self._left, self._line = int(size, 16), b""
                self.whole = self._left == 0
            elif self._line == b"\r\n":
                self._line = b""


@contextlib.contextmanager
def _host(footage: Footage) -> Iterator[Host]:
    running = Host(footage)
    try:
        while running.ask("memory")["looking"]:
            time.sleep(0.1)
        yield running
    finally:
        assert running.process.stdin is not None  # a pipe was asked for
        running.process.stdin.close()
        running.process.wait(30)


def forget(files: list[Path]) -> int:
    """Their pages leave memory: who reads them reads the disk. Octets in all."""
    for path in files:
        with path.open("rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    return sum(path.stat().st_size for path in files)


def _disk(files: list[Path]) -> float:
    """MB/s of reading them from first to last."""
    count, octets = forget(files), bytearray(TOGETHER)
    began_s = time.perf_counter()
    for path in files:
        with path.open("rb", buffering=0) as file:
            while file.readinto(octets):
                pass
    return count / 1e6 / (time.perf_counter() - began_s)


def _copied(files: list[Path], folder: Path) -> float:
    """MB/s of `ffmpeg -c copy` into fragmented MP4 through a pipe: what can be sent while it is made."""
    listing = folder / "list"
    listing.write_text("".join(f"file '{path}'\n" for path in files), encoding="utf-8")
    forget(files)
    command = ["ffmpeg", "-v", "error", "-f", "concat", "-safe", "0", "-i", str(listing)]
    command += ["-c", "copy", "-movflags", "frag_keyframe+empty_moov+default_base_moof", "-f", "mp4", "pipe:1"]
    octets, count = bytearray(TOGETHER), 0
    began_s = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, bufsize=0) as running:
        assert running.stdout is not None  # a pipe was asked for
        while got := running.stdout.readinto(octets):  # type: ignore[attr-defined]
            count += got
    if running.returncode:
        raise RuntimeError("ffmpeg does not copy the footage")
    return count / 1e6 / (time.perf_counter() - began_s)


def _checked(host: Host, since: int, until: int, folder: Path) -> None:
    """The hash that is told is the file's, every picture is in it, and it can be decoded."""
    digest, path = hashlib.sha256(), folder / "clip.mp4"
    with path.open("wb") as file:

        def take(part: memoryview) -> None:
            digest.update(part)
            file.write(part)

        _, _, count = host.clip(since, until, take)
    told = host.taken()
    if (told["sha256"], told["bytes"], told["ended"]) != (digest.hexdigest(), count, "whole"):
        raise RuntimeError(f"what is told of the clip is not what came: {told}")
    count_packets = ["-count_packets", "-select_streams", "v", "-show_entries", "stream=nb_read_packets", "-of", "csv=p=0"]
    packets = subprocess.run(["ffprobe", "-v", "error", *count_packets, path], check=True, stdout=subprocess.PIPE, text=True)
    if int(packets.stdout) != told["pictures"]:
        raise RuntimeError(f"{told['pictures']} pictures are told, the file has {packets.stdout}")
    decode = ["ffmpeg", "-v", "error", "-xerror", "-t", str(STAND_S), "-i", str(path), "-f", "null", "-"]
    if words := subprocess.run(decode, check=True, stderr=subprocess.PIPE, text=True).stderr:
        raise RuntimeError(f"the clip cannot be decoded: {words[:300]}")
    path.unlink()


class Measured(NamedTuple):
    """MB/s of each round, the last round's share of a core, milliseconds to first octets."""

    ours: list[float]
    disk: list[float]
    copied: list[float]
    share: float
    firsts: list[float]
    cold: list[float]
    peak_mb: int


def export(year_s: int = YEAR_S, hour_s: int = HOUR_S, part_s: int = PART_S, firsts: int = FIRSTS) -> Iterator[Figure]:
    """An hour of 4 Mbit/s cold from the disk; the first octet anywhere in a year; memory by length; what came is whole."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        footage = _year(folder, year_s, hour_s)
        with _host(footage) as host:
            found = _measured(host, footage, year_s, firsts, folder)
            _checked(host, footage.until - part_s * 1_000_000, footage.until, folder)
        part, whole = (_grown(footage, length_s) for length_s in (part_s, hour_s))
    ours, disk, copied = (statistics.median(one) for one in (found.ours, found.disk, found.copied))
    middle, late = found.firsts[len(found.firsts) // 2], found.firsts[int(len(found.firsts) * 0.95)]
    yield Figure(
        "export",
        f"MP4 of {hour_s:,} s of 4 Mbit/s, pages not in memory, SHA-256 told, {ROUNDS} times",
        f"{ours:,.0f} MB/s with {found.share:.0%} of a core",
        f"ffmpeg -c copy: {copied:,.0f} MB/s; the disk from first to last: {disk:,.0f} MB/s, so {ours / disk:.0%} of it",
        ours / copied,
        "≥ 50 % of the disk, ≥ ffmpeg -c copy",
        found.peak_mb,
    )
    yield Figure(
        "export",
        f"first octet of a clip anywhere in {year_s // 86_400} days of one camera, {firsts} times",
        f"p50 {middle:.1f} ms, p95 {late:.1f} ms, max {found.firsts[-1]:.1f} ms; from the disk at most {max(found.cold):.1f} ms",
        "—",
        None,
        "≤ 50 ms",
        found.peak_mb,
    )
    yield Figure(
        "export",
        "memory that a clip takes",
        f"{part:.1f} MB for {part_s:,} s, {whole:.1f} MB for {hour_s:,} s",
        "—",
        None,
        "independent of its length",
        found.peak_mb,
    )


def _measured(host: Host, footage: Footage, year_s: int, firsts: int, folder: Path) -> Measured:
    """Disk, peer and we take turns."""
    host.clip(footage.since, footage.until)  # a disk that keeps what was read last does so for all three
    ours, disk, copied = list[float](), list[float](), list[float]()
    share = 0.0
    for _ in range(ROUNDS):
        disk.append(_disk(footage.files()))
        copied.append(_copied(footage.files(), folder))
        rate, share = _clip(host, footage)
        ours.append(rate)
    anywhere = sorted(_firsts(host, footage, year_s, firsts))
    cold, middle = list[float](), (footage.since + footage.until) // 2
    for _ in range(ROUNDS):
        forget(footage.files())
        cold.append(host.clip(middle, middle + 10_000_000)[0] * 1_000)
    host.ask("taken")
    return Measured(ours, disk, copied, share, anywhere, cold, int(host.ask("memory")["resident"] / 1e6))


def _clip(host: Host, footage: Footage) -> tuple[float, float]:
    """MB/s of all of it, from the disk; the engine's share of a core."""
    forget(footage.files())
    before = host.ask("memory")
    _, took_s, count = host.clip(footage.since, footage.until)
    after = host.ask("memory")
    return count / 1e6 / took_s, (after["cpu_s"] - before["cpu_s"]) / took_s


def _grown(footage: Footage, length_s: int) -> float:
    """MB that a clip of this length takes at most, in an engine that gave one of some seconds before."""
    with _host(footage) as host:
        host.clip(footage.until - WARM_S * 1_000_000, footage.until)
        before = host.ask("memory")["resident"]
        host.clip(footage.until - length_s * 1_000_000, footage.until)
        return float(host.ask("memory")["peak"] - before) / 1e6


def _firsts(host: Host, footage: Footage, year_s: int, count: int) -> Iterator[float]:
    """Milliseconds to the first octet of a minute, anywhere in the year."""
    chance = random.Random(5)
    for _ in range(count):
        since = footage.since - chance.randrange(120, year_s) * 1_000_000
        yield host.clip(since, since + 60_000_000)[0] * 1_000
