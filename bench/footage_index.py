"""Rows `rebuild` and `index`: the index of footage made anew from the files alone, and what it answers; measured by the crate."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache

from bench.processes import MEASURED_CORE
from bench.table import Figure

COMMAND = (
    "cargo",
    "test",
    "--quiet",
    "--release",
    "--locked",
    "-p",
    "recording",
    "--test",
    "speed",
    "--",
    "--ignored",
    "--nocapture",
)
FIGURE = re.compile(r"^(rebuilt [^:]+|one camera, 30 days|\d+ cameras, 24 hours): ([\d.]+) (.+)$", re.MULTILINE)


@cache
def _measured() -> dict[str, tuple[float, str]]:
    """What was measured: a number, and its unit with what else was said. On one core."""
    environment = {**os.environ, "PYO3_PYTHON": sys.executable}
    subprocess.run([*COMMAND[:-3], "--no-run"], check=True, env=environment)
    run = ["taskset", "-c", str(MEASURED_CORE), *COMMAND]
    said = subprocess.run(run, check=True, env=environment, stdout=subprocess.PIPE, text=True).stdout
    return {what: (float(number), rest) for what, number, rest in FIGURE.findall(said)}


def rebuild() -> Iterator[Figure]:
    """388,800 fragments of one small picture each: as many as 1 TB of 4 Mbit/s has in groups of five seconds."""
    for what, (number, unit) in _measured().items():
        if what.startswith("rebuilt"):
            yield Figure("rebuild", what, f"{number:,.0f} {unit}", "—", None, "≥ 50,000 fragments/s", 0)


def index() -> Iterator[Figure]:
    """What the index answers of 16 cameras, one of them with 30 days."""
    for what, (number, unit) in _measured().items():
        if not what.startswith("rebuilt"):
            yield Figure("index", what, f"{number:.2f} {unit}", "—", None, "≤ 10 ms" if what.startswith("one") else "≤ 100 ms", 0)
