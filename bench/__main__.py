"""`python -m bench [row …]`: prints the table, writes JSON to bench/out/. Loads speak to loopback only and end by themselves."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from bench import browser, console, ingest, media, signalling, tls
from bench.access import access
from bench.alarm_desk import alarm_picture, alarm_screen
from bench.alarm_frames import dc09
from bench.alarm_reception import alarms
from bench.audit import audit
from bench.catalogue import catalogue
from bench.completeness import completeness
from bench.console_load import console_load
from bench.export import export
from bench.footage_index import index, rebuild
from bench.record import record
from bench.revocation import revocation
from bench.scene_change import scene_change
from bench.seek import seek
from bench.situation import situation
from bench.supervision import supervision
from bench.table import Figure, markdown
from bench.tree import tree

ROWS: dict[str, Callable[[], Iterable[Figure]]] = {
    "register-storm": signalling.register_storm,
    "keepalive": signalling.keepalive,
    "start": signalling.start,
    "catalogue-100k": catalogue,
    "tree-100k": tree,
    "audit": audit,
    "access": access,
    "revocation": revocation,
    "dc09": dc09,
    "alarms": alarms,
    "alarm-screen": alarm_screen,
    "alarm-picture": alarm_picture,
    "supervision": supervision,
    "ingest": ingest.ingest,
    "sound": ingest.sound,
    "record": record,
    "rebuild": rebuild,
    "index": lambda: chain(index(), completeness()),
    "export": export,
    "seek": seek,
    "scene-change": scene_change,
    "fan-out": media.fan_out,
    "fan-out-tls": tls.fan_out_tls,
    "webrtc": media.webrtc,
    "frame-age": media.frame_age,
    "first-frame": lambda: chain(media.first_frame(), browser.first_picture()),
    "glass-to-glass": browser.glass_to_glass,
    "wall-16": console.wall,
    "state-change": console.state_change,
    "map-110k": situation,
    "console-load": console_load,
}
OUT = Path("bench/out")


def main() -> int:
    """0 when every row ran; a row that fails is named and does not lose the others."""
    wanted = sys.argv[1:] or list(ROWS)
    unknown = [name for name in wanted if name not in ROWS]
    said = Console(stderr=True)
    if unknown:
        said.print(f"no such row: {', '.join(unknown)}; rows are {', '.join(ROWS)}")
        return 2
    figures: list[Figure] = []
    failed: dict[str, str] = {}
    with Progress(SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=said) as progress:
        for name in wanted:
            task = progress.add_task(name, total=None)
            try:
                for figure in ROWS[name]():
                    figures.append(figure)
                    said.print(markdown([figure]).splitlines()[-1], markup=False, soft_wrap=True)
                    progress.update(task, description=f"{name}: {figure.what}")
            except Exception as error:  # noqa: BLE001 - whatever one row trips over, the figures of the others are kept
                failed[name] = f"{type(error).__name__}: {error}"
                said.print(f"{name} failed: {failed[name]}", markup=False)
            progress.update(task, description=name, total=1, completed=1)
    print(markdown(figures))
    _write(figures, failed)
    return 1 if failed else 0


def _write(figures: list[Figure], failed: dict[str, str]) -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC)
    machine = {"cores": os.cpu_count(), "kernel": os.uname().release, "load": os.getloadavg()}
    content = {"at": now.isoformat(), "machine": machine, "figures": [asdict(figure) for figure in figures], "failed": failed}
    (OUT / f"{now:%Y%m%dT%H%M%S}.json").write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
