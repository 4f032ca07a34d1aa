"""The parent's side of transcoding: one process a source, shared by its viewers; ended when nobody reads."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from dataclasses import dataclass

import structlog
from prometheus_client import Counter

from fengsui.media import Engine, Payload, SourceSpec, SsrcPolicy, Transport

log = structlog.get_logger(__name__)
CRASHES = Counter("fengsui_transcode_crashes_total", "Transcoding workers that ended by themselves")
FIRST_SSRC = 4_000_000_000
"""Above the ten decimal digits' range of GB/T 28181, so that no camera has it."""


@dataclass(slots=True)
class _Transcode:
    process: asyncio.subprocess.Process
    source: int
    watcher: asyncio.Task[None]
    ended: bool = False
    """Nobody needs it any more; its end is no crash."""


class Transcoders:
    """Names are the engine's names of the transcoded sources."""

    def __init__(self, engine: Engine, *, http_port: int, rtp_port: int) -> None:
        self._engine = engine
        self._http_port = http_port
        self._rtp_port = rtp_port
        self._running: dict[str, _Transcode] = {}
        self._next_ssrc = FIRST_SSRC

    @property
    def running(self) -> int:
        """Transcodes now."""
        return len(self._running)

    def processes(self) -> list[asyncio.subprocess.Process]:
        """The workers, the oldest first."""
        return [transcode.process for transcode in self._running.values()]

    def is_running(self, name: str) -> bool:
        """Whether this source is being made."""
        return name in self._running

    async def begin(self, name: str, es_path: str) -> None:
        """Opens source `name` and a worker that fills it from `es_path` of our own engine. Raises EngineError, OSError."""
        self._next_ssrc += 1
        spec = SourceSpec(
            name=name,
            ssrc=self._next_ssrc,
            transport=Transport.TCP_PASSIVE,
            payload=Payload.H264,
            ssrc_policy=SsrcPolicy.STRICT,
        )
        opened = self._engine.open_source(spec)
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "fengsui.picture_worker",
            "transcode",
            f"http://127.0.0.1:{self._http_port}{es_path}",
            "127.0.0.1",
            str(self._rtp_port),
            str(self._next_ssrc),
            stderr=asyncio.subprocess.DEVNULL,
        )
        self._running[name] = _Transcode(process, opened.id, asyncio.create_task(self._watch(name, process, opened.id)))

    async def _watch(self, name: str, process: asyncio.subprocess.Process, source: int) -> None:
        code = await process.wait()
        transcode = self._running.pop(name, None)
        if transcode is None or transcode.ended:
            log.info("transcode ended", source=name, exit_code=code)
        else:  # its viewers' streams end with the source; the first that opens again starts a new worker
            CRASHES.inc()
            log.warning("transcode crashed", source=name, exit_code=code)
        self._engine.close_source(source)

    def end(self, name: str) -> None:
        """Ends a transcode; idempotent."""
        transcode = self._running.get(name)
        if transcode is not None and transcode.process.returncode is None:
            transcode.ended = True
            with suppress(ProcessLookupError):
                transcode.process.kill()

    async def stop(self) -> None:
        """Ends every worker."""
        transcodes = list(self._running.values())
        for name in list(self._running):
            self.end(name)
        await asyncio.gather(*(transcode.watcher for transcode in transcodes), return_exceptions=True)
