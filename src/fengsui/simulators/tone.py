"""A tone as a camera sends it. Source: ITU-T G.711 (A-law)."""

from __future__ import annotations

import math
from functools import cache

RATE_HZ, TONE_HZ, LOUDNESS = 8_000, 440, 8_000


def a_law(sample: int) -> int:
    """One linear sample of 16 bits as an octet of A-law."""
    sign, magnitude = (0x80, sample >> 3) if sample >= 0 else (0, (-sample - 1) >> 3)
    if magnitude < 32:
        code = magnitude >> 1
    else:
        exponent = magnitude.bit_length() - 5
        code = exponent << 4 | magnitude >> exponent & 0xF
    return (sign | code) ^ 0x55


@cache
def tone() -> bytes:
    """One second of 440 Hz, 8,000 octets; it may be repeated without a click."""
    return bytes(a_law(int(LOUDNESS * math.sin(2 * math.pi * TONE_HZ * at / RATE_HZ))) for at in range(RATE_HZ))


def samples(first: int, count: int) -> bytes:
    """`count` samples from sample number `first` on."""
    begin = first % RATE_HZ
    seconds = (begin + count) // RATE_HZ + 1
    return (tone() * seconds)[begin : begin + count]
