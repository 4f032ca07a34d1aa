"""Row `scene-change`: changes of a region over a day of one camera on one core, beside decoding every picture with ffmpeg."""

from __future__ import annotations

import asyncio
import os
import resource
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from bench.browser import FILM
from bench.export import PICTURES_A_SECOND, STREAM, kept
from bench.processes import LOAD_CORE
from bench.table import Figure
from fengsui.features.finding.model import LOOKS
from fengsui.picture_worker import change_search

DAY_S, PEER_S, LOOP_S = 86_400, 240, 16
REGION = ((0.35, 0.35), (0.65, 0.35), (0.65, 0.65), (0.35, 0.65))
RATE = "1M"
"""Of the footage: a day of it is 10 GB."""
CHANGES = 4
"""Times at which a box is put into the region and taken out of it again, in the day."""
BOX = "drawbox=x=iw*0.42:y=ih*0.42:w=iw*0.16:h=ih*0.16:color=black:t=fill"


class Taken(NamedTuple):
    """What a search took."""

    wall_s: float
    core_s: float
    looked: int
    found: list[dict[str, Any]]


def _films(folder: Path) -> tuple[Path, Path]:
    """A street in which nothing moves but the sensor's noise, and the same with a box in the region."""
    still = folder / "street.png"
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", str(FILM), "-frames:v", "1", str(still)], check=True)
    look = "scale=1920:1080,{box}noise=alls=8:allf=t"
    coded = ["-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", "-g", "50", "-sc_threshold", "0", "-pix_fmt", "yuv420p"]
    steady = ["-b:v", RATE, "-maxrate", RATE, "-bufsize", RATE, "-x264-params", "aud=1", "-f", "h264"]
    made = []
    for name, box in (("empty", ""), ("box", f"{BOX},")):
        film = folder / f"{name}.h264"
        shown = ["-loop", "1", "-framerate", str(PICTURES_A_SECOND), "-i", str(still), "-t", str(LOOP_S)]
        words = [*shown, "-vf", look.format(box=box), *coded, *steady, str(film)]
        subprocess.run(["ffmpeg", "-v", "error", "-y", *words], check=True)
        made.append(film)
    return made[0], made[1]


def _recorded(folder: Path, day_s: int) -> tuple[int, list[int]]:
    """A day of footage; since when, and when the box comes and goes, µs since 1970."""
    empty, box = _films(folder)
    since = int(time.time()) // DAY_S * DAY_S * 1_000_000 - day_s * 1_000_000
    part_s = day_s // (CHANGES + 1)
    starts = [since + part * part_s * 1_000_000 for part in range(CHANGES + 1)]
    for part, start in enumerate(starts):
        film = box if part % 2 else empty
        kept(folder / "footage", folder / "footage.db", [STREAM], film, PICTURES_A_SECOND, start, part_s)
    return since, starts[1:]


async def _nothing_away(path: str, start: int, end: int) -> None:
    raise OSError(f"{path} is whole")


async def _searched(index: Path, since: int, until: int) -> tuple[int, list[dict[str, Any]]]:
    found, looked = [], 0
    async for told in change_search(index, STREAM, since, until, max(1_000_000, (until - since) // LOOKS), REGION, _nothing_away):
        looked = told.get("looked", looked)
        if "change" in told:
            found.append(told["change"])
    return looked, found


def _search(index: Path, since: int, until: int) -> Taken:
    """As the node runs it, on one core."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began_s = time.perf_counter()
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {LOAD_CORE})
    try:
        looked, found = asyncio.run(_searched(index, since, until))
    finally:
        os.sched_setaffinity(0, cores)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    core_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Taken(time.perf_counter() - began_s, core_s, looked, found)


def _decoded(folder: Path, seconds: int) -> float:
    """Seconds of one core for decoding so many seconds of the footage whole, all pictures, to grey of the region's size."""
    first = min((folder / "footage").rglob("*.mp4"))
    command = ["taskset", "-c", str(LOAD_CORE), "ffmpeg", "-v", "error", "-threads", "1", "-t", str(seconds), "-i", str(first)]
    command += ["-an", "-f", "null", "-"]
    began_s = time.perf_counter()
    subprocess.run(command, check=True)
    return time.perf_counter() - began_s


def scene_change(day_s: int = DAY_S, peer_s: int = PEER_S) -> Iterator[Figure]:
    """A box comes and goes four times in a day; each is found between neighbouring key frames, or the row fails."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        since, changes = _recorded(folder, day_s)
        ours = _search(folder / "footage.db", since, since + day_s * 1_000_000)
        lasting = [one for one in ours.found if one["kind"] == "lasting"]
        hits = [one for one, at in zip(lasting, changes, strict=False) if one["before_us"] < at <= one["after_us"] + 1_000_000]
        if len(lasting) != len(changes) or len(hits) != len(changes):
            raise RuntimeError(f"{changes} are the changes, {ours.found} was found")
        whole_s = _decoded(folder, peer_s) * day_s / peer_s
    yield Figure(
        "scene-change",
        f"region over {day_s / 3600:.0f} h of 1080p at {PICTURES_A_SECOND}/s, 1 Mbit/s, one core: {len(changes)} changes, "
        f"each between neighbouring key frames, {ours.looked:,} decoded",
        f"{ours.wall_s:.1f} s ({ours.core_s:.1f} s of a core)",
        f"ffmpeg decodes every picture on one core: {whole_s:,.0f} s (measured over {peer_s} s of it, and scaled)",
        whole_s / ours.wall_s,
        "≤ 60 s, ≥ 20 times as fast",
        0,
    )
