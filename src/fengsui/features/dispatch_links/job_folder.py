"""Jobs as files: one JSON a job in the folder of its source, taken when it is whole, and moved beside what became of it."""

from __future__ import annotations

import asyncio
import os
import stat
from pathlib import Path
from typing import Final

import structlog

from fengsui.errors import FengsuiError, NodeFault
from fengsui.features.alarm_intake import AlarmIntake, AlarmSources
from fengsui.features.dispatch_links.jobs import JobIntake
from fengsui.loops import keep

log = structlog.get_logger(__name__)
NAME: Final = "job-folder"
LOOK_EVERY_S: Final = 2.0
AT_ONCE: Final = 100
"""Of one source; the rest has its turn the next time."""
DONE, REFUSED, SAID = "done", "refused", ".txt"


class JobFolder:
    """`folder` None: no jobs come as files. Whoever may write there speaks for the source: there is no signature."""

    def __init__(self, folder: Path | None, sources: AlarmSources, intake: AlarmIntake, jobs: JobIntake) -> None:
        self._folder = folder
        self._sources = sources
        self._intake = intake
        self._jobs = jobs
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Looks again and again."""
        if self._folder is not None:
            self._task = keep(NAME, self._follow)

    async def stop(self) -> None:
        """What lies there is taken when the node is back."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _follow(self) -> None:
        while True:
            for known in self._sources.all():
                if known.source.jobs:
                    try:
                        await self._look(known.source.name)
                    except OSError as error:
                        log.error("a folder of jobs cannot be used", source=known.source.name, why=str(error))
            await asyncio.sleep(LOOK_EVERY_S)

    async def _look(self, source: str) -> None:
        """Raises OSError."""
        assert self._folder is not None
        folder = self._folder / source
        for path in await asyncio.to_thread(_whole_ones, folder):
            try:
                raw = await asyncio.to_thread(_content, path)
                self._intake.bound(len(raw))
                found = await self._jobs.take_file(source, raw)
            except NodeFault as fault:  # it stays there, for it is not its own fault
                log.error("a file of a job waits", source=source, file=path.name, why=str(fault))
                return
            except (FengsuiError, OSError) as error:
                why = f"{error.text_zh}\n{error.text_en}\n" if isinstance(error, FengsuiError) else f"{error.strerror}\n"
                await asyncio.to_thread(_put_aside, path, folder / REFUSED, why)
            else:
                await asyncio.to_thread(_put_aside, path, folder / DONE, f"{found.number}\n")


def _whole_ones(folder: Path) -> list[Path]:
    """The oldest names first. A file is whole when its name ends so: it is written under another, and renamed."""
    for one in (folder, folder / DONE, folder / REFUSED):
        one.mkdir(parents=True, exist_ok=True, mode=0o700)
    return sorted(path for path in folder.iterdir() if path.suffix == ".json")[:AT_ONCE]


def _content(path: Path) -> bytes:
    """Up to a megabyte. Raises OSError for what is no file of its own."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(0, "no file")
        return stream.read((1 << 20) + 1)


def _put_aside(path: Path, where: Path, why: str) -> None:
    """What it became is written first: whoever finds the file there finds that beside it."""
    (where / f"{path.name}{SAID}").write_text(why, "utf-8")
    path.replace(where / path.name)
