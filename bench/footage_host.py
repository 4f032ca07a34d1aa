"""The media engine alone, without a node, over footage that was kept: promises clips and tells what was handed over."""

from __future__ import annotations

import json
import os
import resource
import sys
from pathlib import Path
from uuid import uuid4

import structlog

from bench.media_host import KEY, ticket_for
from bench.processes import resident_bytes
from fengsui.media import Engine, EngineConfig, EventKind


def main() -> None:
    """`folder`, `index`, then ports. Each line `clip <stream> <from> <to>` (µs since 1970) is answered with a path, `taken` with
    what was handed over since (hash, bytes, pictures, how it ended), `memory` with bytes resident now and at most since then."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))  # stdout carries the answers
    folder, index, rtp, http, webrtc = Path(sys.argv[1]), Path(sys.argv[2]), *(int(word) for word in sys.argv[3:6])
    config = EngineConfig(
        ticket_key=KEY,
        rtp_host="127.0.0.1",
        rtp_port=rtp,
        http_host="127.0.0.1",
        http_port=http,
        webrtc_port=webrtc,
        webrtc_addresses=["127.0.0.1"],
        workers=len(os.sched_getaffinity(0)),
    )
    engine = Engine(config)
    engine.start()
    engine.keep_footage([(folder, 1, 0)], index)
    _say({"ready": True})
    for line in sys.stdin:
        match line.split():
            case ["clip", stream, since, until]:
                name, session = f"clip/{stream}/{since}-{until}", uuid4().hex
                engine.promise_clip(session, "clip.mp4", "bench", "bench")
                _say({"path": f"/{name}?ticket={ticket_for(name, session)}"})
            case ["taken"]:
                taken = [one for one in engine.take_events(10_000) if one.kind is EventKind.FOOTAGE_TAKEN]
                facts = [{"sha256": one.sha256, "bytes": one.bytes, "pictures": one.pictures, "ended": one.reason} for one in taken]
                _say({"taken": facts})
            case ["memory"]:
                usage = resource.getrusage(resource.RUSAGE_SELF)
                peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
                _say(
                    {
                        "resident": resident_bytes(os.getpid()),
                        "peak": int(peak.split()[1]) * 1024,
                        "cpu_s": usage.ru_utime + usage.ru_stime,
                        "looking": engine.footage_counters().looking,
                    }
                )
                Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the highest is counted from now on
    engine.stop()


def _say(told: dict[str, object]) -> None:
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
