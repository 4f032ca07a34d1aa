"""The parent's side of transcoding and masking: one process a source, shared by its viewers; ended when nobody reads."""

from __future__ import annotations

import asyncio
import secrets
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import structlog
from prometheus_client import Counter

from fengsui.media import Engine, Payload, SourceSpec, SsrcPolicy, Transport
from fengsui.picture_worker.masking import MaskPlan, key_digest

log = structlog.get_logger(__name__)
CRASHES = Counter("fengsui_transcode_crashes_total", "Transcoding workers that ended by themselves")
OBEY_S, START_S = 1.0, 10.0
"""How long a masking worker may take to keep a new plan: one that shows pictures, and one that is starting and shows none yet."""
KEY_S, KEY_LOOK_S = 3.0, 0.02
"""How long its next key frame may take to come back from the engine."""
FIRST_SSRC = 4_000_000_000
"""Above the ten decimal digits' range of GB/T 28181, so that no camera has it."""
OWN_HOST = "127.0.0.1"


@dataclass(slots=True)
class _Transcode:
    process: asyncio.subprocess.Process
    source: int
    watcher: asyncio.Task[None]
    ended: bool = False
    """Nobody needs it any more; its end is no crash."""
    in_force: int = -1
    """Number of the mask plan that the worker has said it keeps."""
    said: asyncio.Event = field(default_factory=asyncio.Event)
    key_plan: int = -1
    """By which plan its newest key frame was made."""
    key: str = ""
    """As `key_digest` knows that one; empty before the first."""


class Transcoders:
    """Names are the engine's names of the transcoded sources."""

    def __init__(self, engine: Engine, *, rtp_port: int) -> None:
        self._engine = engine
        self._rtp_port = rtp_port
        self._running: dict[str, _Transcode] = {}
        self.on_end: Callable[[str], None] = lambda name: None
        """Called with a source's name when it has ended, by itself or by order."""
        self.on_shift: Callable[[str, int], None] = lambda name, plan: None
        """Called with a masked source's name and its plan's number when the camera has turned under its masks."""

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

    def source_of(self, name: str) -> int | None:
        """The engine's number of a running source."""
        found = self._running.get(name)
        return None if found is None else found.source

    async def begin(self, name: str, es_path: str, plan: Callable[[], MaskPlan] | None = None) -> None:
        """Opens source `name` and a worker that fills it from `es_path` of our own engine. Raises EngineError, OSError.

        With a `plan` the pictures are masked by it, and by those that `tell` brings later. It is asked when the worker is known to
        `tell`: what changes while the process starts is in it.
        """
        ssrc = FIRST_SSRC + secrets.randbelow(2**32 - FIRST_SSRC)  # no stranger knows it beforehand
        spec = SourceSpec(
            name=name,
            ssrc=ssrc,
            transport=Transport.TCP_PASSIVE,
            remote_host=OWN_HOST,
            payload=Payload.H264,
            ssrc_policy=SsrcPolicy.STRICT,
        )
        opened = self._engine.open_source(spec)
        try:
            process = await self._worker(ssrc, masked=plan is not None)
        except BaseException:
            self._engine.close_source(opened.id)
            raise
        assert process.stdin is not None  # a pipe was asked for
        # The address holds a ticket: arguments are seen by every user of the machine.
        process.stdin.write(f"http://{OWN_HOST}:{self._engine.loopback_port()}{es_path}\n".encode())
        if plan is None:
            process.stdin.close()
        self._running[name] = _Transcode(process, opened.id, asyncio.create_task(self._watch(name, process, opened.id)))
        if plan is not None:
            self._write(process, plan())

    async def _worker(self, ssrc: int, *, masked: bool) -> asyncio.subprocess.Process:
        """Raises OSError: no descriptor or no memory for another process."""
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "fengsui.picture_worker",
            "mask" if masked else "transcode",
            OWN_HOST,
            str(self._rtp_port),
            str(ssrc),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE if masked else asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )

    @staticmethod
    def _write(process: asyncio.subprocess.Process, plan: MaskPlan) -> None:
        assert process.stdin is not None  # a masking worker has pipes
        with suppress(OSError):  # it has just died: its watcher tells
            process.stdin.write(f"{plan.line()}\n".encode())

    async def tell(self, name: str, plan: MaskPlan) -> None:
        """Returns when the worker keeps `plan`, or is ended because it does not say so in time: never a clear picture."""
        transcode = self._running.get(name)
        if transcode is None:
            return
        self._write(transcode.process, plan)
        try:
            async with asyncio.timeout(START_S if transcode.in_force < 0 else OBEY_S):
                while transcode.in_force < plan.number and transcode.process.returncode is None:
                    transcode.said.clear()
                    await transcode.said.wait()
        except TimeoutError:
            log.warning("a masking worker does not obey; it is ended", source=name)
            self.end(name)

    async def begins_with(self, name: str, plan: MaskPlan) -> None:
        """After `tell`: returns when whoever comes to the source begins with a picture by `plan`, or the source is ended."""
        transcode = self._running.get(name)
        if transcode is None or not transcode.key:
            return  # nothing was ever shown
        try:
            async with asyncio.timeout(KEY_S):
                while transcode.process.returncode is None and not self._begins_by(transcode, plan.number):  # noqa: ASYNC110 -- the engine tells of none
                    await asyncio.sleep(KEY_LOOK_S)
        except TimeoutError:
            log.warning("a masked picture does not go on; it is ended", source=name)
            self.end(name)

    def _begins_by(self, transcode: _Transcode, number: int) -> bool:
        if transcode.key_plan < number:
            return False
        newest = self._engine.latest_key_frame(transcode.source)
        return newest is not None and key_digest(newest.annex_b) == transcode.key

    async def _listen(self, name: str, process: asyncio.subprocess.Process) -> None:
        """What a masking worker says: `plan N`, `moved N`, `key N DIGEST`."""
        if process.stdout is None:
            return
        async for line in process.stdout:
            word, _, rest = line.decode("ascii", "replace").strip().partition(" ")
            number, _, digest = rest.partition(" ")
            transcode = self._running.get(name)
            if transcode is None or not number.isdecimal():
                continue
            if word == "plan":
                transcode.in_force = int(number)
                transcode.said.set()
            elif word == "key":
                transcode.key_plan, transcode.key = int(number), digest
            elif word == "moved":
                self.on_shift(name, int(number))

    async def _watch(self, name: str, process: asyncio.subprocess.Process, source: int) -> None:
        await self._listen(name, process)
        code = await process.wait()
        transcode = self._running.pop(name, None)
        if transcode is not None:
            transcode.said.set()
        if transcode is None or transcode.ended:
            log.info("transcode ended", source=name, exit_code=code)
        else:  # its viewers' streams end with the source; the first that opens again starts a new worker
            CRASHES.inc()
            log.warning("transcode crashed", source=name, exit_code=code)
        self._engine.close_source(source)
        self.on_end(name)

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
