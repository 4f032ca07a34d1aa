"""The parent's side of the worker that says whether footage plays: one process a question, ended when it takes too long."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress

LIMIT_S = 20.0


async def decoded_pictures(media: bytes) -> int:
    """Pictures of this MP4, all of them decoded; 0 where one cannot be, or not in time. Raises OSError: no process."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "fengsui.picture_worker", "playable", stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(LIMIT_S):
            told, _ = await process.communicate(media)
        return int(told) if told.strip().isdigit() else 0
    except TimeoutError:
        return 0
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
