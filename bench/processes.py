"""What the kernel says of a process, free ports, and which core is whose."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

MEASURED_CORE, LOAD_CORE = 0, 1
"""The program under load has the first, its loads the second."""
BOTH_CORES = frozenset({MEASURED_CORE, LOAD_CORE})
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


def free_port(kind: int = socket.SOCK_STREAM) -> int:
    """A port of this machine that nobody has."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def group_of(pid: int) -> list[int]:
    """A process and all that it started."""
    found = [pid]
    for parent in found:
        for listing in Path(f"/proc/{parent}/task").glob("*/children"):
            found += [int(word) for word in listing.read_text().split()]
    return found


def cpu_s(pid: int) -> float:
    """Processor seconds that a process and all it started have used so far."""
    total = 0
    for member in group_of(pid):
        try:
            fields = Path(f"/proc/{member}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended between the two looks
        total += int(fields[11]) + int(fields[12])
    return total / TICKS_A_SECOND


def pin(pid: int, core: int) -> None:
    """Each thread that a process has now, and those that they start, to one core."""
    for thread in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(thread.name), {core})


def resident_bytes(pid: int) -> int:
    """Memory of one process that is there now."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def peak_mb(pid: int) -> int:
    """Highest resident memory of a process and all it started; pages that they share are counted in each."""
    total_kb = 0
    for member in group_of(pid):
        try:
            status = Path(f"/proc/{member}/status").read_text()
        except OSError:
            continue
        total_kb += sum(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    return total_kb // 1024


def wait_for(true: Callable[[], bool], process: subprocess.Popen[bytes], what: str, *, seconds: float = 60) -> None:
    """Until `true`. Raises RuntimeError when `process` ends before, or after `seconds`."""
    deadline_s = time.monotonic() + seconds
    while time.monotonic() < deadline_s and process.poll() is None:
        if true():
            return
        time.sleep(0.02)
    raise RuntimeError(f"{what} did not become ready")


def end(process: subprocess.Popen[bytes], *, seconds: float = 30) -> None:
    """Asks it to end, then makes it."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
