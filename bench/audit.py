"""Row `audit`: durable records of 64 callers, what each waits, and the offline proof; beside a bare fsync loop on that disk."""

from __future__ import annotations

import asyncio
import os
import resource
import statistics
import tempfile
import time
from pathlib import Path

from bench.table import Figure
from fengsui.audit_settings import AuditSection
from fengsui.clock import SystemClock
from fengsui.features.audit import Act, Audit
from fengsui.features.audit.checkpoints import Signer
from fengsui.features.audit.copies import Copies
from fengsui.features.audit.index import Index
from fengsui.features.audit.log import AuditLog
from fengsui.features.audit.model import Stranger
from fengsui.features.audit.verification import verify
from fengsui.store import Store

RECORDS, CALLERS, FSYNCS = 50_000, 64, 200
WHO = Stranger("操作员", "10.1.2.3", "bench", role="operator", session="bench")


def audit() -> list[Figure]:
    """Append, wait, verify."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        bare_ms = _bare_fsync_ms(Path(folder) / "bare")
        seconds, waits_ms, rate = asyncio.run(_append(Path(folder)))
        signer = Signer(bytes(32))
        began_s = time.monotonic()
        verdict = verify(Path(folder) / "audit", signer.public)
        verified = verdict.records / (time.monotonic() - began_s)
        assert verdict.fault is None and verdict.records > RECORDS
    p50, p99 = statistics.median(waits_ms), statistics.quantiles(waits_ms, n=100)[98]
    p99_paced = statistics.quantiles(rate, n=100)[98]
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    bare = f"bare fsync loop {1000 / bare_ms:,.0f}/s, {bare_ms:.2f} ms each"
    append = f"{RECORDS / seconds:,.0f} durable records/s, waits {p50:.1f} ms, p99 {p99:.1f} ms"
    return [
        Figure("audit", f"append, {CALLERS} callers", append, bare, None, "≥ 5,000/s", peak_mb),
        Figure("audit", "one act at a time", f"p99 {p99_paced:.1f} ms added", bare, None, "≤ 20 ms", peak_mb),
        Figure("audit", "verify offline", f"{verified:,.0f} records/s", "one core", None, "≥ 200,000/s", peak_mb),
    ]


def _bare_fsync_ms(path: Path) -> float:
    """The median of one 300-octet append with fsync."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    took = []
    for _ in range(FSYNCS):
        began_s = time.monotonic()
        os.write(descriptor, bytes(300))
        os.fsync(descriptor)
        took.append((time.monotonic() - began_s) * 1000)
    os.close(descriptor)
    return statistics.median(took)


async def _append(folder: Path) -> tuple[float, list[float], list[float]]:
    clock, store = SystemClock(), await Store.open(f"sqlite:///{folder / 'index.db'}")
    files = AuditLog(folder / "audit", Signer(bytes(32)), "52010200002000000001", clock, 64 << 20)
    log = Audit(files, Index(store, files), Copies(folder / "audit", [], clock), clock, AuditSection())
    await log.start()
    waits_ms: list[float] = []

    async def call(count: int, waits: list[float]) -> None:
        for number in range(count):
            began_s = time.monotonic()
            await log.record(WHO, Act.LIVE_VIEW, f"5201020000132{number:07d}", range="main")
            waits.append((time.monotonic() - began_s) * 1000)

    paced_ms: list[float] = []
    await call(500, paced_ms)
    began_s = time.monotonic()
    await asyncio.gather(*(call(RECORDS // CALLERS, waits_ms) for _ in range(CALLERS)))
    seconds = time.monotonic() - began_s
    await log.stop()
    await store.close()
    return seconds * RECORDS / len(waits_ms), waits_ms, paced_ms
