"""The worker that says whether a piece of footage plays: an MP4 on standard input, the number of its pictures on standard output.

Every picture is decoded, and none is kept. Damage that a decoder would paint over counts as what cannot be decoded.
"""

from __future__ import annotations

import os
import sys
from io import BytesIO

import av
from av.error import FFmpegError

NICE = 15


def count_pictures() -> None:
    """0: it cannot be decoded."""
    os.nice(NICE)
    sys.stdout.write(f"{pictures_in(sys.stdin.buffer.read())}\n")


def pictures_in(media: bytes) -> int:
    """Decoded pictures; 0 where one of them cannot be."""
    try:
        with av.open(BytesIO(media), "r", format="mp4", options={"err_detect": "explode"}) as opened:
            stream = opened.streams.video[0]
            stream.codec_context.thread_count = 1
            return sum(1 for _ in opened.decode(stream))
    except (FFmpegError, IndexError):
        return 0
