"""The media engine alone, without a node: opens sources, tells their addresses, answers `stats` until its input ends."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

import structlog

from bench.processes import peak_mb, resident_bytes
from fengsui.certificates import OwnAuthority
from fengsui.clock import SystemClock
from fengsui.media import Engine, EngineConfig, Payload, SourceSpec, SsrcPolicy, Transport, UnmappedSound
from fengsui.settings import Secrets

KEY = b"bench-ticket-key-bench-ticket-key"
FIRST_SSRC = 100_000


def ticket_for(source: str, session: str = "bench") -> str:
    """Opens a source of the engine, as the node's own do."""
    payload = base64.urlsafe_b64encode(f"{source}|{session}|{int(time.time()) + 3600}|".encode()).rstrip(b"=").decode()
    signature = hmac.digest(KEY, payload.encode(), hashlib.sha256)
    return f"{payload}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def main() -> None:
    """`mode` shared-udp, own-udp or tcp; `sources`; ports; sound that may be heard: none, aac or g711a; `tls` for TLS;
    `record=FOLDER` to keep every stream there."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))  # stdout carries the answers
    mode, count, rtp, http, webrtc = sys.argv[1], int(sys.argv[2]), *(int(word) for word in sys.argv[3:6])
    sound = sys.argv[6]
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard if hard > 0 else soft, hard))
    config = EngineConfig(
        ticket_key=KEY,
        rtp_host="127.0.0.1",
        rtp_port=rtp,
        rtp_port_first=30_000,
        rtp_port_last=45_000,
        http_host="127.0.0.1",
        http_port=http,
        webrtc_port=webrtc,
        webrtc_addresses=["127.0.0.1"],
        grace_ms=600_000,
        first_packet_ms=600_000,
        max_readers_per_session=20_000,
        max_waiting_per_address=10_000,
        max_waiting=10_000,
        max_connections_per_address=20_000,
        max_connections=20_000,
        workers=len(os.sched_getaffinity(0)),
    )
    engine = Engine(config)
    if "tls" in sys.argv[7:]:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            made = OwnAuthority(folder, Secrets(folder), "bench").certificate(["127.0.0.1"], SystemClock().now())
            engine.use_certificate(made.chain_pem, made.key_pem)
    engine.start()
    empty_bytes = resident_bytes(os.getpid())
    opened = [
        engine.open_source(
            SourceSpec(
                name=f"camera{number}/main",
                ssrc=FIRST_SSRC + number,
                transport=Transport.TCP_PASSIVE if mode == "tcp" else Transport.UDP,
                own_port=mode == "own-udp",
                payload=Payload.PS,
                ssrc_policy=SsrcPolicy.STRICT,
                audio=sound != "none",
                unmapped_sound=UnmappedSound.G711A if sound == "g711a" else UnmappedSound.DROP,
            )
        )
        for number in range(count)
    ]
    record = next((Path(word.removeprefix("record=")) for word in sys.argv[7:] if word.startswith("record=")), None)
    if record is not None:
        engine.keep_footage([(record, 1, 0)], record.with_suffix(".db"))
        for number, source in enumerate(opened):
            engine.start_recording(source.id, f"camera{number}/main")
    tickets = [ticket_for(f"camera{number}/main") for number in range(count)]
    ports = [source.port for source in opened]
    told = {"ports": ports, "first_ssrc": FIRST_SSRC, "tickets": tickets, "empty_bytes": empty_bytes}
    print(json.dumps(told), flush=True)
    for line in sys.stdin:
        engine.take_events(100_000)
        if line.strip() == "stats":
            print(json.dumps(_stats(engine, [source.id for source in opened])), flush=True)
    engine.stop()


def _stats(engine: Engine, ids: list[int]) -> dict[str, float]:
    counters = engine.counters()
    sources = [found for found in (engine.source_counters(number) for number in ids) if found is not None]
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "packets": counters.packets,
        "lost": counters.lost,
        "bytes_in": counters.bytes_in,
        "lost_fragments": engine.footage_counters().lost_fragments,
        "unknown": counters.unknown_packets,
        "frames": sum(found.frames for found in sources),
        "discarded": sum(found.discarded_frames for found in sources),
        "playing": sum(found.frames > 0 for found in sources),
        "gaps": sum(found.lost > 0 for found in sources),
        "readers": counters.readers,
        "bytes_out": counters.bytes_out,
        "skipped": counters.skipped_frames,
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "sounding": sum(found.sound != "" for found in sources),
        "peak_mb": peak_mb(os.getpid()),
    }


if __name__ == "__main__":
    main()
