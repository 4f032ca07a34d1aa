"""Ports for the nodes and engines of tests, so that any number of test runs share one machine.

A port that was only looked at can be somebody else's before it is opened. So each process locks blocks of ports for as long as
it lives, and takes its ports from them in turn. They lie below the kernel's own range (`ip_local_port_range`, 32768 and up), from
which outgoing connections and port 0 are served.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import tempfile
from pathlib import Path

FIRST, LAST, BLOCK = 20_000, 32_700, 100
LOCKS = Path(tempfile.gettempdir()) / f"fengsui-test-ports-{os.getuid()}"


class _Blocks:
    """The blocks that this process holds."""

    def __init__(self) -> None:
        self._locks: list[int] = []
        self._owner = 0
        self._ports: list[int] = []
        self._at = 0

    def lock(self) -> int:
        """Locks one block more until the process ends: its first port. Fails where all are taken."""
        LOCKS.mkdir(exist_ok=True)
        if self._owner != os.getpid():  # a forked process must not use its parent's
            self._locks, self._ports, self._at, self._owner = [], [], 0, os.getpid()
        for first in range(FIRST, LAST, BLOCK):
            lock = os.open(LOCKS / str(first), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                os.close(lock)
                continue
            self._locks.append(lock)
            return first
        raise AssertionError(f"every block of ports is locked by a running test process; see {LOCKS}")

    def extend(self) -> None:
        """One block more to take ports from."""
        first = self.lock()
        self._ports.extend(range(first, first + BLOCK))

    def next(self) -> int:
        """The port whose last use is longest ago."""
        if not self._ports or self._owner != os.getpid():
            self.extend()
        self._at = (self._at + 1) % len(self._ports)
        return self._ports[self._at]

    def __len__(self) -> int:
        return len(self._ports)


_BLOCKS = _Blocks()


def free_port() -> int:
    """A port of this process that nothing uses now, on TCP and UDP."""
    while True:
        for _ in range(max(BLOCK, len(_BLOCKS))):
            port = _BLOCKS.next()
            if _unused(port):
                return port
        _BLOCKS.extend()


def free_range(length: int) -> int:
    """The first of `length` unused ports that follow each other; no other call hands them out."""
    assert length <= BLOCK
    first = _BLOCKS.lock()
    assert all(_unused(port) for port in range(first, first + length))
    return first


def _unused(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as stream, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the programs that will open it
        with contextlib.suppress(OSError):
            stream.bind(("", port))
            datagrams.bind(("", port))
            return True
    return False
