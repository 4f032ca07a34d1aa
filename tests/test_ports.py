"""Test runs beside each other never take the same port."""

from __future__ import annotations

import subprocess
import sys

from tests.ports import FIRST, LAST, free_port

HOLD_SIXTY = "import sys; from tests.ports import free_port; print(*(free_port() for _ in range(60)), flush=True); sys.stdin.read()"


def test_processes_that_run_at_once_share_no_port() -> None:
    running = [
        subprocess.Popen([sys.executable, "-c", HOLD_SIXTY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    try:
        taken = [int(port) for process in running for port in process.stdout.readline().split()]  # type: ignore[union-attr]
        taken += [free_port() for _ in range(60)]
    finally:
        for process in running:
            process.communicate()
    assert len(taken) == len(set(taken)) == 300
    assert all(FIRST <= port < LAST + 100 for port in taken)
