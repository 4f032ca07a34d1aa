"""MPEG program stream as a camera sends it: pack, on key frames system header and map, then PES. Source: GB/T 28181-2022 C.1."""

from __future__ import annotations

import struct

VIDEO_STREAM_ID, AUDIO_STREAM_ID = 0xE0, 0xC0
STREAM_TYPES = {"h264": 0x1B, "h265": 0x24, "g711a": 0x90}
MAX_PES_PAYLOAD = 65_400
MUX_RATE_50_BYTES = 25_000
SYSTEM_HEADER = bytes.fromhex("000001bb000c8186a104e17fc0c020e0e200")
CRC_POLYNOMIAL = 0x04C11DB7


def _crc_table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        crc = byte << 24
        for _ in range(8):
            crc = (crc << 1) ^ (CRC_POLYNOMIAL if crc & 0x80000000 else 0)
        table.append(crc & 0xFFFFFFFF)
    return tuple(table)


_CRC_TABLE = _crc_table()


def crc32_mpeg2(octets: bytes) -> int:
    """CRC-32/MPEG-2, the checksum of a program stream map."""
    crc = 0xFFFFFFFF
    for octet in octets:
        crc = ((crc << 8) & 0xFFFFFFFF) ^ _CRC_TABLE[(crc >> 24) ^ octet]
    return crc


def pack_header(scr_90k: int) -> bytes:
    """14 bytes; `scr_90k` in ticks of 1/90 000 s."""
    scr = scr_90k & 0x1FFFFFFFF
    bits = (
        (0b01 << 46)
        | ((scr >> 30 & 0x7) << 43)
        | (1 << 42)
        | ((scr >> 15 & 0x7FFF) << 27)
        | (1 << 26)
        | ((scr & 0x7FFF) << 11)
        | (1 << 10)
        | 1
    )
    return b"\x00\x00\x01\xba" + bits.to_bytes(6, "big") + (MUX_RATE_50_BYTES << 2 | 0b11).to_bytes(3, "big") + b"\xf8"


def stream_map(video: str, *, audio: str | None = None) -> bytes:
    """Program stream map for `h264` or `h265` and, if given, `g711a`."""
    entries = struct.pack(">BBH", STREAM_TYPES[video], VIDEO_STREAM_ID, 0)
    if audio is not None:
        entries += struct.pack(">BBH", STREAM_TYPES[audio], AUDIO_STREAM_ID, 0)
    body = b"\xe0\xff\x00\x00" + struct.pack(">H", len(entries)) + entries
    section = b"\x00\x00\x01\xbc" + struct.pack(">H", len(body) + 4) + body
    return section + struct.pack(">I", crc32_mpeg2(section))


def pes(stream_id: int, pts_90k: int | None, payload: bytes, *, bounded: bool = True) -> bytes:
    """One PES packet; a PTS only where `pts_90k` is given. Not `bounded`: its length is written as 0."""
    if pts_90k is None:
        header = b"\x80\x00\x00"
    else:
        pts = pts_90k & 0x1FFFFFFFF
        coded = bytes(
            (
                0x21 | (pts >> 29 & 0x0E),
                pts >> 22 & 0xFF,
                pts >> 14 & 0xFE | 1,
                pts >> 7 & 0xFF,
                (pts << 1) & 0xFE | 1,
            )
        )
        header = b"\x80\x80\x05" + coded
    return b"\x00\x00\x01" + bytes((stream_id,)) + struct.pack(">H", (len(header) + len(payload)) * bounded) + header + payload


def sound_pack(pts_90k: int, octets: bytes) -> bytes:
    """Some sound in a pack of its own."""
    return pack_header(pts_90k) + pes(AUDIO_STREAM_ID, pts_90k, octets)


def picture_pack(
    codec: str,
    annex_b: bytes,
    pts_90k: int,
    *,
    key: bool,
    with_map: bool = True,
    audio: str | None = None,
    bounded: bool = True,
    timed: bool = True,
) -> bytes:
    """One picture as one pack; a picture above 65 kB is split into several PES packets, only the first with a PTS.

    `audio`: what the map says of a sound that goes in packs of its own. Not `bounded`: one PES packet of no length. Not `timed`:
    no PTS at all.
    """
    parts = [pack_header(pts_90k)]
    if key:
        parts.append(SYSTEM_HEADER)
        if with_map:
            parts.append(stream_map(codec, audio=audio))
    if not bounded:
        return b"".join((*parts, pes(VIDEO_STREAM_ID, pts_90k, annex_b, bounded=False)))
    for start in range(0, len(annex_b), MAX_PES_PAYLOAD):
        parts.append(pes(VIDEO_STREAM_ID, pts_90k if timed and start == 0 else None, annex_b[start : start + MAX_PES_PAYLOAD]))
    return b"".join(parts)
