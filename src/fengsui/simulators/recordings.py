"""What a simulated device has on its own disk, and how it plays that. Source: GB/T 28181-2022 §9.7 to §9.9, annex B."""

from __future__ import annotations

import asyncio
import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from fengsui.simulators.footage import Clip, Picture
from fengsui.wire.errors import MalformedMansrtsp
from fengsui.wire.gb28181.records import RecordAnswer, RecordItem, RecordQuery
from fengsui.wire.mansrtsp import MansrtspRequest, MansrtspResponse
from fengsui.wire.sdp import MediaLine
from fengsui.wire.sip.headers import BEIJING, parse_gb_date

SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
"""What it plays at; of any other one it plays at the nearest (annex B)."""
FILE_S, KEPT_FILES, GAP_EVERY = 1800.0, 50, 16
ITEMS_A_MESSAGE = 2
BYTES_A_SECOND = 250_000


@dataclass(frozen=True, slots=True)
class RecordedFile:
    """Times: seconds since 1970; `kind` time, alarm or manual."""

    since: float
    until: float
    kind: str = "time"


def half_hours(now: float) -> list[RecordedFile]:
    """A day and an hour of files up to now, as recorders cut them, with a gap now and then, and none where a day begins:
    in the last minutes of a day the midnight before is still there."""
    last = int(now // FILE_S)
    numbers = [number for number in range(last - KEPT_FILES + 1, last + 1) if (number + GAP_EVERY // 2) % GAP_EVERY]
    return [RecordedFile(number * FILE_S, min((number + 1) * FILE_S, now)) for number in numbers]


class DeviceDisk:
    """One channel's files. Each shows `clip` again and again from its beginning, so that a time has always the same picture."""

    def __init__(self, clip: Clip, files: Callable[[], Sequence[RecordedFile]]) -> None:
        """`files`: in their order; asked each time, for a device goes on recording."""
        self._clip = clip
        self._files = files

    def between(self, since: float, until: float) -> list[RecordedFile]:
        """Whatever touches that time."""
        return [one for one in self._files() if one.since < until and one.until > since]

    def film(self, since: float, until: float) -> Film | None:
        """What is recorded of it; None for nothing."""
        files = [RecordedFile(one.since, min(one.until, until), one.kind) for one in self.between(since, until)]
        return Film(self._clip, files, since) if files else None

    def file_bytes(self, since: float, until: float) -> int:
        """How large it says that a download is: by the pictures' own bytes."""
        pictures = self._clip.pictures
        rate = sum(len(one.annex_b) for one in pictures) / len(pictures) * float(self._clip.fps)
        return int(rate * sum(min(one.until, until) - max(one.since, since) for one in self.between(since, until)))

    def answers(self, query: RecordQuery, *, lost: int, claimed: int) -> list[RecordAnswer]:
        """In several messages, the last `lost` of which never come; SumNum is `claimed` too high."""
        since, until = (parse_gb_date(text).timestamp() for text in (query.start, query.end))
        found = [one for one in self.between(since, until) if query.kind in ("all", one.kind)]
        total, name = len(found) + claimed, "录像"
        if not found:
            return [RecordAnswer(query.sn, query.device_id, name, total)]
        items = [
            RecordItem(
                query.device_id,
                name,
                file_path=f"/disk1/{int(one.since)}.ps",
                start=_local(one.since),
                end=_local(one.until),
                secrecy=0,
                kind=one.kind,
                file_size=int((one.until - one.since) * BYTES_A_SECOND),
            )
            for one in found
        ]
        pages = [
            RecordAnswer(query.sn, query.device_id, name, total, tuple(items[at : at + ITEMS_A_MESSAGE]))
            for at in range(0, len(items), ITEMS_A_MESSAGE)
        ]
        return pages[: max(0, len(pages) - lost)]


def _local(at: float) -> str:
    return datetime.fromtimestamp(at, BEIJING).strftime("%Y-%m-%dT%H:%M:%S")


class Film:
    """The pictures of files, one after another; over what was not recorded it leaps. It begins at a key frame."""

    def __init__(self, clip: Clip, files: Sequence[RecordedFile], since: float) -> None:
        self._clip = clip
        self._files = files
        self._at = 0
        self._picture = 0
        self.seek(since)

    @property
    def codec(self) -> str:
        """`h264` or `h265`."""
        return self._clip.codec

    @property
    def fps(self) -> Fraction:
        """Pictures a second."""
        return self._clip.fps

    @property
    def time(self) -> float:
        """Of the next picture, seconds since 1970; at the end, the end."""
        if self._at == len(self._files):
            return self._files[-1].until
        return self._files[self._at].since + float(self._picture / self._clip.fps)

    def seek(self, time: float) -> None:
        """To the key frame at or before it, or the next file's first."""
        self._at = max(0, bisect_right([one.since for one in self._files], time) - 1)
        if time >= self._files[self._at].until:
            self._at, self._picture = self._at + 1, 0
            return
        pictures = self._clip.pictures
        self._picture = max(0, int((time - self._files[self._at].since) * self._clip.fps))
        while not pictures[self._picture % len(pictures)].key:
            self._picture -= 1

    def next_picture(self) -> Picture | None:
        """None at the end."""
        while self._at < len(self._files) and self.time >= self._files[self._at].until:
            self._at, self._picture = self._at + 1, 0
        if self._at == len(self._files):
            return None
        picture = self._clip.pictures[self._picture % len(self._clip.pictures)]
        self._picture += 1
        return picture

    def ask_key_frame(self) -> None:
        """A file has them where it has them."""


class Pace:
    """How fast pictures are sent, and whether at all."""

    def __init__(self, speed: float = 1.0) -> None:
        self.speed = speed
        self.goes = asyncio.Event()
        self.goes.set()

    async def wait(self, due_s: float, step_s: float) -> float:
        """Until the next picture is due: when, on the loop's clock. A pause moves it."""
        loop = asyncio.get_running_loop()
        due_s += step_s / self.speed
        await asyncio.sleep(max(0.0, due_s - loop.time()))
        if not self.goes.is_set():
            await self.goes.wait()
            return loop.time()
        return due_s


class PlayedFilm:
    """One call for what is recorded, as INFO steers it. `since`: the time that its ranges count from."""

    def __init__(self, film: Film, since: float, speed: float = 1.0) -> None:
        self.film = film
        self.pace = Pace(speed)
        self.since = since

    def obey(self, octets: bytes, first: tuple[int, int]) -> MansrtspResponse:
        """`first`: sequence number and time stamp of the next RTP packet."""
        try:
            order = MansrtspRequest.parse(octets)
            span = order.span
        except MalformedMansrtsp as error:
            return MansrtspResponse(400, str(error)[:60].encode("ascii", "replace").decode(), 0)
        if order.method != "PLAY":
            self.pace.goes.clear()
            return MansrtspResponse(200, "OK", order.cseq)
        scale = None
        if order.scale is not None:
            wanted = order.scale
            scale = self.pace.speed = min(SPEEDS, key=lambda one: abs(math.log(one / wanted))) if wanted > 0 else 1.0
        if span is not None and span.start_s is not None:
            self.film.seek(self.since + span.start_s)
        self.pace.goes.set()
        offset = f"{max(0.0, self.film.time - self.since):.2f}-"
        return MansrtspResponse(200, "OK", order.cseq, offset, scale, *first)


def download_speed(asked: MediaLine) -> float:
    """`a=downloadspeed` of an offer; 1 without one that can be read."""
    told = asked.attribute("downloadspeed")
    return max(1.0, float(told)) if told.isascii() and told.isdigit() and len(told) < 3 else 1.0
