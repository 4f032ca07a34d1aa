"""`python -m bench [row]`: prints the table, writes JSON to bench/out/. Loads speak to loopback only and end by themselves."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from bench import media
from bench.audit import audit
from bench.catalogue import catalogue
from bench.signalling import keepalive, register_storm, start
from bench.table import Figure, markdown

ROWS = {
    "register-storm": register_storm,
    "keepalive": keepalive,
    "start": start,
    "catalogue-100k": catalogue,
    "audit": audit,
    "ingest": media.ingest,
    "fan-out": media.fan_out,
    "webrtc": media.webrtc,
    "frame-age": media.frame_age,
    "first-frame": media.first_frame,
}
OUT = Path("bench/out")


def main() -> int:
    """0 when every row ran."""
    wanted = sys.argv[1:] or list(ROWS)
    unknown = [name for name in wanted if name not in ROWS]
    progress = Console(stderr=True)
    if unknown:
        progress.print(f"no such row: {', '.join(unknown)}; rows are {', '.join(ROWS)}")
        return 2
    figures: list[Figure] = []
    for name in wanted:
        with progress.status(f"{name} …"):
            figures += ROWS[name]()
    print(markdown(figures))
    OUT.mkdir(parents=True, exist_ok=True)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    (OUT / f"{stamp}.json").write_text(json.dumps([asdict(figure) for figure in figures], indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
