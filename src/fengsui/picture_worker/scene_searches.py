"""The parent's side of the worker that looks for changes of a place: one process a search, killed when nobody wants it any more."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

SILENT_S = 120.0
"""So long a search may say nothing: a disk may be slow, a worker that hangs is ended."""


Fetch = Callable[[str, int, int], Awaitable[None]]
"""Path, start and end within the file."""


class SearchFailed(Exception):
    """The worker ended before it was done, or hangs."""


async def change_search(
    index: Path, stream: str, from_us: int, to_us: int, step_us: int, region: Sequence[tuple[float, float]], fetch: Fetch
) -> AsyncGenerator[Mapping[str, Any], None]:
    """What the worker says, line by line (`changes.py`); whoever stops listening ends it. `fetch`: brings back what it wants of
    the second tier, and raises OSError. Raises SearchFailed, OSError.
    """
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "fengsui.picture_worker", "changes", stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.DEVNULL
    )
    assert process.stdin is not None and process.stdout is not None  # both are pipes
    order = {"index": str(index), "stream": stream, "from_us": from_us, "to_us": to_us, "step_us": step_us, "region": list(region)}
    try:
        process.stdin.write(json.dumps(order).encode() + b"\n")
        done = False
        while not done:
            async with asyncio.timeout(SILENT_S):
                line = await process.stdout.readline()
            if not line:
                raise SearchFailed("the worker ended before it was done")
            told: dict[str, Any] = json.loads(line)
            if "want" in told:
                process.stdin.write(json.dumps({"why": await _fetched(fetch, *told["want"])}).encode() + b"\n")
                continue
            done = bool(told.get("done"))
            yield told
    except TimeoutError as error:
        raise SearchFailed("the worker says nothing any more") from error
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _fetched(fetch: Fetch, path: str, start: int, end: int) -> str:
    """Why it was not; empty: it was."""
    try:
        await fetch(path, start, end)
    except OSError as error:
        return str(error) or type(error).__name__
    return ""
