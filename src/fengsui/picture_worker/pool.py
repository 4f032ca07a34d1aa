"""The parent's side of the still worker: one long-lived process, deadlines, a new process after any trouble."""

from __future__ import annotations

import asyncio
import struct
import sys
from contextlib import suppress

LIMIT_S = 8.0
CODES = {"h264": 1, "h265": 2}
SMALL = 0x80
"""With a code: a small picture (`still.py`, which the node itself does not load)."""


class StillFailed(Exception):
    """The picture could not be decoded in time."""


class StillWorkers:
    """Decodes one still at a time; requests queue."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()

    async def jpeg(self, annex_b: bytes, codec: str, *, small: bool = False) -> bytes:
        """`codec`: h264 or h265; `small`: for lists. Raises StillFailed."""
        async with self._turn:
            try:
                async with asyncio.timeout(LIMIT_S):
                    return await self._ask(annex_b, CODES.get(codec, 1) | (SMALL if small else 0))
            except (TimeoutError, OSError, asyncio.IncompleteReadError) as error:
                await self._end()
                raise StillFailed("the decoder gave no picture in time") from error

    async def _ask(self, annex_b: bytes, codec: int) -> bytes:
        process = await self._running()
        assert process.stdin is not None and process.stdout is not None  # both are pipes
        process.stdin.write(struct.pack(">IB", len(annex_b), codec) + annex_b)
        await process.stdin.drain()
        (length,) = struct.unpack(">I", await process.stdout.readexactly(4))
        if length == 0:
            raise StillFailed("the picture cannot be decoded")
        return await process.stdout.readexactly(length)

    async def _running(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            pipe = asyncio.subprocess.PIPE
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "fengsui.picture_worker", "still", stdin=pipe, stdout=pipe
            )
        return self._process

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def stop(self) -> None:
        """Ends the worker."""
        await self._end()
