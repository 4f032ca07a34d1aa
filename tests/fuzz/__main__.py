"""`python -m tests.fuzz [target|all] [seconds]`: guided fuzzing of a codec for a bounded time. A finding ends it with exit 77."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["fengsui.wire"]):  # all of Python would cost minutes before the first run
    from tests.fuzz.targets import TARGETS, take
    from tests.fuzz.test_targets import CORPUS

FOUND = Path(__file__).parent / "found"
"""Findings land here; one that was mended moves to `found_once` and is run by the tests."""


def main() -> int:
    """0 when nothing was found."""
    target, seconds = (sys.argv[1:] + ["all", "60"][len(sys.argv) - 1 :])[:2]
    if target == "all":
        codes = [subprocess.call([sys.executable, "-m", "tests.fuzz", name, seconds]) for name in TARGETS]
        return max(abs(code) for code in codes)  # a target that a signal ended has a negative one
    with tempfile.TemporaryDirectory() as folder:
        for number, octets in enumerate(CORPUS):
            (Path(folder) / str(number)).write_bytes(octets)
        sys.stderr.write(f"{target}: {seconds} s\n")
        FOUND.mkdir(exist_ok=True)
        options = [
            sys.argv[0],
            folder,
            f"-artifact_prefix={FOUND}/{target}-",
            f"-max_total_time={seconds}",
            "-max_len=4096",
            "-verbosity=0",
            "-print_final_stats=1",
        ]
        atheris.Setup(options, lambda octets: take(target, octets))
        atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
