"""The worker that looks for changes of a place: an order as a line of JSON on standard input, what is found as lines of output.

It reads the footage's key frames itself, decodes them one by one on one core, after everything live, and keeps no picture. It
ends with the node: when standard input does.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from io import BytesIO
from queue import Queue
from typing import TextIO

import av
from av.error import FFmpegError
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation

from fengsui._engine import KeyFrames
from fengsui.picture_worker.comparing import Frame, Patch, Point, frame_for, patch_of
from fengsui.picture_worker.searching import Change, Look, Passed, Search

NICE = 15
TELL_EVERY = 10
"""Looks between two words of how far it is."""


class KeyFrameDecoder:
    """Decodes key frames one by one, each without its neighbours."""

    def __init__(self) -> None:
        self._init = b""
        self._context: VideoCodecContext | None = None

    def picture(self, init: bytes, picture: bytes) -> VideoFrame | None:
        """None: it cannot be decoded."""
        try:
            if init != self._init or self._context is None:
                self._context, self._init = _decoder_of(init), init
            frames = self._context.decode(av.Packet(picture)) or self._context.decode(None)
            self._context.flush_buffers()
        except FFmpegError:
            self._context = None
            return None
        return frames[0] if frames else None


def _decoder_of(init: bytes) -> VideoCodecContext:
    """For what the head of a file describes. Raises FFmpegError."""
    with av.open(BytesIO(init), "r", format="mp4") as opened:
        told = opened.streams.video[0].codec_context
        made = av.CodecContext.create(told.name, "r")
        assert isinstance(made, VideoCodecContext)  # of a video stream
        made.extradata = told.extradata
    made.thread_count = 1
    made.options = {"skip_loop_filter": "all", "flags": "low_delay"}  # what the filter smooths is averaged away below
    return made


class Looker:
    """Looks at the region of key frames; each is decoded once while it is of use."""

    def __init__(self, frames: KeyFrames, region: list[Point]) -> None:
        self._frames = frames
        self._region = region
        self._decoder = KeyFrameDecoder()
        self._frame: Frame | None = None
        self._size = (0, 0)
        self.looked = 0

    def frame(self) -> Frame:
        """Of the picture that was looked at first."""
        assert self._frame is not None  # a picture was
        return self._frame

    def look(self, at_us: int) -> Look | None:
        """The key frame that an instant hangs on, else the first after it that can be decoded."""
        while (found := self._frames.at_or_after(at_us)) is not None:
            start_us, end_us, init, picture = found
            decoded = self._decoder.picture(init, picture)
            if decoded is not None:
                self.looked += 1
                return Look(start_us, max(end_us, start_us + 1), self._patch(decoded))
            at_us = max(end_us, at_us + 1)
        return None

    def _patch(self, picture: VideoFrame) -> Patch:
        """Of another size or shape it is compared all the same: shares of the picture stay what they are."""
        if self._frame is None:
            self._frame = frame_for(self._region, picture.width, picture.height)
        frame = self._frame
        small = picture.reformat(frame.width, frame.height, "gray", interpolation=Interpolation.AREA)
        plane = small.planes[0]
        return patch_of(memoryview(plane), plane.line_size, frame)


def search_changes(orders: TextIO = sys.stdin, said: TextIO = sys.stdout) -> None:
    """Lines: `{"at_us", "looked", "away"}` as it goes on, `{"change": …}`, and `{"looked", "away", "done": true}` at the end.

    `{"want": [path, start, end]}` asks for what lies in the second tier; the next line of `orders` says `{"why"}` it is not
    brought back, empty where it is.
    """
    order = json.loads(orders.readline())
    answers = Queue[str]()
    threading.Thread(target=_listen, args=(orders, answers), daemon=True).start()
    os.nice(NICE)

    def say(**told: object) -> None:
        print(json.dumps(told), file=said, flush=True)

    def fetch(path: str | os.PathLike[str], start: int, end: int) -> None:
        say(want=[os.fspath(path), start, end])
        if why := json.loads(answers.get())["why"]:
            raise OSError(why)

    frames = KeyFrames(order["index"], order["stream"], order["from_us"], order["to_us"], fetch)
    looker = Looker(frames, [(float(x), float(y)) for x, y in order["region"]])
    told = 0
    if looker.look(order["from_us"]) is not None:
        for one in Search(looker.frame(), looker.look).run(order["from_us"], order["step_us"]):
            match one:
                case Change():
                    fields = ("kind", "before_us", "after_us", "until_us", "share")
                    say(change={name: getattr(one, name) for name in fields})
                case Passed() if looker.looked - told >= TELL_EVERY:
                    told = looker.looked
                    say(at_us=one.at_us, looked=looker.looked, away=frames.away)
                case Passed():
                    pass
    say(looked=looker.looked, away=frames.away, done=True)


def _listen(orders: TextIO, answers: Queue[str]) -> None:
    for line in orders:
        answers.put(line)
    os._exit(0)  # nobody waits for what would be found
