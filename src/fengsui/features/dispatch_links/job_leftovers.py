"""What jobs of other systems leave behind: by which keys they came, and files that were taken or refused. Kept for some days."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

import structlog

from fengsui.clock import Clock
from fengsui.errors import StorageFault
from fengsui.features.dispatch_links import queries
from fengsui.features.dispatch_links.job_folder import DONE, REFUSED, SAID
from fengsui.loops import Rounds
from fengsui.store import Store

log = structlog.get_logger(__name__)
NAME: Final = "job-leftovers"
DAY_S: Final = 86_400.0
EVERY_S: Final = 3600.0
AT_ONCE: Final = 1_000


class JobLeftovers:
    """One for the node. `folder`: of jobs that come as files."""

    def __init__(self, days: int, folder: Path, store: Store, clock: Clock) -> None:
        self._days = days
        self._folder = folder
        self._store = store
        self._clock = clock
        self.rounds = Rounds(NAME, self.look, EVERY_S, "what jobs left behind waits to be removed", StorageFault, OSError)

    async def look(self) -> None:
        """Removes what is older than may be. Raises StorageFault, OSError."""
        before = self._clock.now().timestamp() - self._days * DAY_S
        removed = AT_ONCE
        while removed == AT_ONCE:
            async with self._store.transaction(act=False) as tx:
                removed = await queries.remove_jobs_taken(tx, before, AT_ONCE)
        if files := await asyncio.to_thread(_remove_files, self._folder, before):
            log.info("files of jobs that were kept long enough are gone", files=files, days=self._days)


def _remove_files(folder: Path, before: float) -> int:
    """By when the node wrote what became of them; whatever else lies there is not ours. Raises OSError."""
    count = 0
    for beside in [one for part in (DONE, REFUSED) for one in folder.glob(f"*/{part}/*.json{SAID}")]:
        if beside.lstat().st_mtime < before:
            beside.with_suffix("").unlink(missing_ok=True)
            beside.unlink(missing_ok=True)
            count += 1
    return count
