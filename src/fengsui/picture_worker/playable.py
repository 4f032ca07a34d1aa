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
        with av.open(BytesIO(media), "r", format="mp4") as opened:
            stream = opened.streams.video[0]
            stream.codec_context.thread_count = 1
            stream.codec_context.options = {"err_detect": "explode"}  # those of `av.open` are the demuxer's alone
            pictures = 0
            for picture in opened.decode(stream):
                if picture.is_corrupt:  # painted over all the same
                    return 0
                pictures += 1
            return pictures
    except (FFmpegError, IndexError):
        return 0
