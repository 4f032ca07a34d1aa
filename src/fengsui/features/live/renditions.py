"""What is made of a stream for those who cannot, or may not, have it as it comes: H.264 of H.265, and the masked picture."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable

from prometheus_client import Gauge

from fengsui.errors import FengsuiError
from fengsui.features.access import Access
from fengsui.features.live.model import NoWorker, TooManyTranscodes
from fengsui.features.live.stream import LiveStream
from fengsui.features.masks import NotHidden
from fengsui.media import Event, EventKind
from fengsui.picture_worker import MaskPlan, Transcoders

TRANSCODES = Gauge("fengsui_transcodes", "Transcodes running, masked pictures among them")
H264, MASKED = "/h264", "/masked"
WORKER_TICKET_S = 86_400


def stream_name(source: str) -> str:
    """Of a rendition's name: the name of the stream it is made of."""
    return source.removesuffix(H264).removesuffix(MASKED)


class Renditions:
    """One worker a rendition, shared by its viewers, within the bound of transcodes."""

    def __init__(self, transcoders: Transcoders, access: Access, limit: int) -> None:
        self._transcoders = transcoders
        self._access = access
        self._limit = limit
        self._turn = asyncio.Lock()
        self._seen: dict[str, asyncio.Event] = {}
        """Masked renditions, and whether their first picture has come."""
        transcoders.on_end = self._ended
        TRANSCODES.set_function(lambda: transcoders.running)  # also right when a worker dies by itself

    async def h264(self, stream: LiveStream) -> str:
        """The name of its H.264. Raises TooManyTranscodes, NoWorker."""
        name = f"{stream.name}{H264}"
        await self._begin(name, stream, None, TooManyTranscodes(limit=self._limit))
        return name

    async def masked(self, stream: LiveStream, plan: Callable[[], MaskPlan]) -> str:
        """The name of its masked picture; it is not made yet when the stream itself is not open. Raises NotHidden, NoWorker."""
        name = f"{stream.name}{MASKED}"
        if stream.opened.is_set():
            self._seen.setdefault(name, asyncio.Event())
            await self._begin(name, stream, plan, NotHidden(limit=self._limit))
        return name

    async def _begin(self, name: str, stream: LiveStream, plan: Callable[[], MaskPlan] | None, too_many: FengsuiError) -> None:
        async with self._turn:  # two viewers at once: one worker, and never one above the bound
            if self._transcoders.is_running(name):
                return
            if self._transcoders.running >= self._limit:
                raise too_many
            expires = int(self._access.steady.process_s()) + WORKER_TICKET_S
            ticket = self._access.media_ticket(stream.name, f"transcode-{secrets.token_hex(6)}", expires)
            try:
                await self._transcoders.begin(name, f"/es/{stream.name}?ticket={ticket}", plan)
            except OSError as error:
                raise NoWorker() from error

    def take(self, event: Event) -> None:
        """An event of a rendition's source."""
        if event.kind in (EventKind.NO_READERS, EventKind.ENGINE_FAILED):
            self._transcoders.end(event.name)
        elif event.kind is EventKind.READY and event.name in self._seen:
            self._seen[event.name].set()

    async def first_picture(self, name: str) -> int | None:
        """Waits for the masked picture: the engine's number of its source, None when it has ended meanwhile."""
        seen = self._seen.get(name)
        if seen is not None:
            await seen.wait()
        return self._transcoders.source_of(name)

    def source_of(self, name: str) -> int | None:
        """The engine's number of a rendition's source; None for whatever is none, or has ended."""
        return self._transcoders.source_of(name)

    async def hide(self, camera: str, plan: MaskPlan) -> None:
        """Both streams' masked pictures keep `plan`, or have ended."""
        await asyncio.gather(*(self._transcoders.tell(f"{camera}/{stream}{MASKED}", plan) for stream in ("main", "sub")))

    async def begin_with(self, camera: str, plan: MaskPlan) -> None:
        """After `hide`: whoever comes to either stream begins with a picture by `plan`, or it has ended."""
        await asyncio.gather(*(self._transcoders.begins_with(f"{camera}/{stream}{MASKED}", plan) for stream in ("main", "sub")))

    def _ended(self, name: str) -> None:
        if (seen := self._seen.pop(name, None)) is not None:
            seen.set()  # whoever waits learns that there is no source

    async def stop(self) -> None:
        """Ends every worker."""
        await self._transcoders.stop()
