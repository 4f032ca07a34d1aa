"""The node's last hour in memory: one sample each ten seconds, for the node's page; and counters that grow by the same looks."""

from __future__ import annotations

import asyncio
import os
import resource
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from prometheus_client import Counter

from fengsui.clock import Clock
from fengsui.features.devices import Status
from fengsui.features.live import LiveStream
from fengsui.loops import keep
from fengsui.media import Engine

EVERY_S = 10.0
KEPT = 360
CLASS = ("stream", "transport", "codec")
PACKETS = Counter("fengsui_media_packets_total", "RTP packets received by class of stream", CLASS)
LOST = Counter("fengsui_media_lost_packets_total", "RTP packets lost by class of stream", CLASS)
STATM = Path("/proc/self/statm")


@dataclass(frozen=True, slots=True)
class Sample:
    """One look. `cpu`: this process's share of all cores, 0 to 1; `*_bit_s`, `loss` (share of packets): since the last look."""

    at: float
    cpu: float
    memory_mb: float
    in_bit_s: float
    out_bit_s: float
    loss: float
    devices: int
    faulty_devices: int
    streams: int
    readers: int


def memory_mb() -> float:
    """Resident memory of this process now; where the system does not tell, its greatest so far."""
    try:
        return int(STATM.read_text(encoding="ascii").split()[1]) * resource.getpagesize() / 1e6
    except (OSError, IndexError, ValueError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


@dataclass(frozen=True, slots=True)
class _Seen:
    packets: int = 0
    bytes: int = 0
    lost: int = 0


class History:
    """Takes the samples. The engine's counters of a source end with it, so growth is summed source by source."""

    def __init__(
        self, clock: Clock, engine: Engine, streams: Callable[[], Iterable[LiveStream]], devices: Callable[[], Mapping[Status, int]]
    ) -> None:
        self._clock = clock
        self._engine = engine
        self._streams = streams
        self._devices = devices
        self._kept: deque[Sample] = deque(maxlen=KEPT)
        self._sources: dict[int, _Seen] = {}
        self._last_s = clock.monotonic_s()
        self._last_cpu_s = _cpu_s()
        self._last_out = 0
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """The first sample stands at once; starting itself is not counted as load."""
        self._last_s, self._last_cpu_s = self._clock.monotonic_s(), _cpu_s()
        self.look()
        self._task = keep("history", self._run)

    async def stop(self) -> None:
        """No more samples."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(EVERY_S)
            self.look()

    def look(self) -> None:
        """Takes one sample."""
        now_s, cpu_s = self._clock.monotonic_s(), _cpu_s()
        passed_s = max(0.001, now_s - self._last_s)
        totals, states = self._engine.counters(), self._devices()
        grown = self._growth()
        self._kept.append(
            Sample(
                at=self._clock.now().timestamp(),
                cpu=(cpu_s - self._last_cpu_s) / passed_s / (os.cpu_count() or 1),
                memory_mb=memory_mb(),
                in_bit_s=grown.bytes * 8 / passed_s,
                out_bit_s=max(0, totals.bytes_out - self._last_out) * 8 / passed_s,
                loss=grown.lost / max(1, grown.packets + grown.lost),
                devices=states["online"],
                faulty_devices=states["fault"],
                streams=len(self._sources),
                readers=totals.readers,
            )
        )
        self._last_s, self._last_cpu_s, self._last_out = now_s, cpu_s, totals.bytes_out

    def _growth(self) -> _Seen:
        """What was received since the look before."""
        seen: dict[int, _Seen] = {}
        packets = received = lost = 0
        for stream in self._streams():
            counters = self._engine.source_counters(stream.source) if stream.source else None
            if counters is None:
                continue
            before = self._sources.get(stream.source, _Seen())
            seen[stream.source] = _Seen(counters.packets, counters.bytes, counters.lost)
            new_packets, new_lost = max(0, counters.packets - before.packets), max(0, counters.lost - before.lost)
            packets, lost = packets + new_packets, lost + new_lost
            received += max(0, counters.bytes - before.bytes)
            labels = (stream.stream, stream.transport, counters.codec or "unknown")
            PACKETS.labels(*labels).inc(new_packets)
            LOST.labels(*labels).inc(new_lost)
        self._sources = seen
        return _Seen(packets, received, lost)

    def samples(self) -> list[Sample]:
        """Oldest first."""
        return list(self._kept)
