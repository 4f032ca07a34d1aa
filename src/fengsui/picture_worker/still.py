"""The still worker: on standard input `u32 length, u8 codec (1 H.264, 2 H.265; +128: small), Annex B`; on standard output
`u32 length, JPEG`.
"""

from __future__ import annotations

import struct
import sys
from fractions import Fraction

import av
from av.error import FFmpegError
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

CODECS = {1: "h264", 2: "hevc"}
SMALL, SMALL_WIDTH = 0x80, 320


def serve_stills() -> None:
    """Until standard input ends. An undecodable picture is answered with length 0."""
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    while len(head := source.read(5)) == 5:
        length, codec = struct.unpack(">IB", head)
        width = SMALL_WIDTH if codec & SMALL else 0
        jpeg = still_of(CODECS.get(codec & ~SMALL, "h264"), source.read(length), width)
        sink.write(struct.pack(">I", len(jpeg)) + jpeg)
        sink.flush()


def still_of(codec: str, annex_b: bytes, width: int = 0) -> bytes:
    """The JPEG of one key frame, at most `width` wide (0: as it is); empty when it cannot be decoded."""
    decoder = av.CodecContext.create(codec, "r")
    assert isinstance(decoder, VideoCodecContext)  # both names are video decoders
    try:
        frames = decoder.decode(av.Packet(annex_b)) or decoder.decode(None)
        return _jpeg(frames[0], width) if frames else b""
    except FFmpegError:
        return b""


def _jpeg(frame: VideoFrame, width: int) -> bytes:
    if 0 < width < frame.width:
        frame = frame.reformat(width, frame.height * width // frame.width // 2 * 2)
    encoder = av.CodecContext.create("mjpeg", "w")
    assert isinstance(encoder, VideoCodecContext)  # mjpeg is a video encoder
    encoder.width, encoder.height = frame.width, frame.height
    encoder.pix_fmt = "yuvj420p"
    encoder.time_base = Fraction(1, 25)
    packets = encoder.encode(frame.reformat(format="yuvj420p")) + encoder.encode(None)
    return b"".join(bytes(packet) for packet in packets)
