"""What Prometheus reads of the engine, the queues and the devices' silence: collected when asked, labels bounded."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeHistogramMetricFamily, GaugeMetricFamily

from fengsui.app.core_watch import core_lines_dropped
from fengsui.bus import Bus
from fengsui.features.devices import Devices
from fengsui.media import Engine
from fengsui.store import Store

AGES_S = (5.0, 15.0, 30.0, 60.0, 90.0, 120.0, 180.0, 300.0)


class NodeCollector:
    """Everything that is a state now rather than an event."""

    def __init__(self, engine: Engine, bus: Bus, store: Store, devices: Devices) -> None:
        self._engine = engine
        self._bus = bus
        self._store = store
        self._devices = devices

    def collect(self) -> Iterator[Any]:
        """One family a figure."""
        yield from self._media()
        depths = GaugeMetricFamily("fengsui_queue_depth", "Entries that wait", labels=["queue"])
        dropped = CounterMetricFamily("fengsui_queue_dropped", "Entries lost because a queue was full", labels=["queue"])
        for name, depth, lost in self._bus.depths():
            depths.add_metric([f"events:{name}"], depth)
            dropped.add_metric([f"events:{name}"], lost)
        depths.add_metric(["registrations"], self._devices.registrations_waiting)
        depths.add_metric(["store writes"], self._store.writes_waiting)
        yield depths
        yield dropped
        waiting = GaugeMetricFamily("fengsui_waiting_devices", "Devices that knocked and are not known", labels=["state"])
        states = [entry.state for entry in self._devices.waiting.all()]
        for state in ("waiting", "refused", "blocked"):
            waiting.add_metric([state], states.count(state))
        yield waiting
        buckets, total_s = age_buckets(self._devices.ages_s())
        ages = GaugeHistogramMetricFamily("fengsui_keepalive_age_seconds", "Since online devices were last heard")
        ages.add_metric([], buckets, total_s)
        yield ages

    def _media(self) -> Iterator[Any]:
        counters = self._engine.counters()
        yield GaugeMetricFamily("fengsui_media_sources", "Open sources", value=counters.sources)
        yield GaugeMetricFamily("fengsui_media_readers", "Open readers", value=counters.readers)
        yield GaugeMetricFamily("fengsui_media_connections", "Players' connections under way", value=counters.connections)
        yield GaugeMetricFamily("fengsui_media_handshakes", "Players' TLS handshakes under way", value=counters.handshakes)
        yield GaugeMetricFamily("fengsui_media_revoked_sessions", "Ended sessions remembered", value=counters.revoked_sessions)
        yield GaugeMetricFamily("fengsui_media_pausing", "Threads of the engine that failed and wait", value=counters.pausing)
        yield CounterMetricFamily("fengsui_core_log_lines_dropped", "Lines of the core above its rate", value=core_lines_dropped())
        footage = self._engine.footage_counters()
        yield GaugeMetricFamily("fengsui_footage_streams", "Streams that are recorded now", value=footage.streams)
        yield GaugeMetricFamily("fengsui_footage_armed_streams", "Streams that are held for an event", value=footage.armed_streams)
        yield GaugeMetricFamily("fengsui_footage_held_bytes", "What of them is in memory", value=footage.held_bytes)
        yield GaugeMetricFamily("fengsui_footage_waiting_bytes", "Footage that is not on disk yet", value=footage.waiting_bytes)
        folders = GaugeMetricFamily("fengsui_footage_folders", "Footage folders", labels=["state"])
        folders.add_metric(["working"], footage.folders_working)
        folders.add_metric(["failed"], footage.folders_failed)
        yield folders
        yield CounterMetricFamily("fengsui_footage_fragments", "Groups of pictures brought to disk", value=footage.fragments)
        yield CounterMetricFamily("fengsui_footage_bytes", "Bytes of them", value=footage.bytes)
        yield CounterMetricFamily(
            "fengsui_footage_lost_fragments", "Groups of pictures that no folder took", value=footage.lost_fragments
        )
        yield CounterMetricFamily(
            "fengsui_footage_fetched_bytes", "Bytes brought to disk from devices", value=footage.fetched_bytes
        )
        for name, help_text, value in (
            ("bytes_in", "Bytes of RTP received", counters.bytes_in),
            ("bytes_out", "Bytes sent to readers", counters.bytes_out),
            ("skipped_frames", "Frames skipped by slow readers", counters.skipped_frames),
            ("resent_packets", "Packets sent again to WebRTC viewers", counters.resent_packets),
            ("refused_resends", "Packets not sent again: more than a viewer may ask for", counters.refused_resends),
            ("unknown_packets", "RTP packets that no source asked for", counters.unknown_packets),
            ("malformed_packets", "Datagrams on the RTP port that are no RTP", counters.malformed_packets),
            ("refused_connections", "Media connections above the limits", counters.refused_connections),
            ("refused_viewers", "Players' connections above the limits", counters.refused_viewers),
            ("oversized_frames", "Pictures dropped because they were too large", counters.oversized_frames),
            ("refused_tickets", "Media tickets that opened nothing", counters.refused_tickets),
            ("dropped_events", "Engine events lost", counters.dropped_events),
            ("failures", "Threads, tasks and streams of the engine that failed unexpectedly", counters.failures),
        ):
            yield CounterMetricFamily(f"fengsui_media_{name}", help_text, value=value)


def age_buckets(ages_s: Iterable[float]) -> tuple[list[tuple[str, float]], float]:
    """Cumulated counts by upper bound, as Prometheus wants them, and the sum."""
    counts, total_s = [0] * (len(AGES_S) + 1), 0.0
    for age_s in ages_s:
        counts[bisect_left(AGES_S, age_s)] += 1
        total_s += age_s
    cumulated, buckets = 0, []
    for bound, count in zip((*map(str, AGES_S), "+Inf"), counts, strict=True):
        cumulated += count
        buckets.append((bound, float(cumulated)))
    return buckets, total_s
