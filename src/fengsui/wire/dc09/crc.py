"""The checksum of a frame: CRC-16/ARC, over the octets as they came (ANSI/SIA DC-09)."""

from __future__ import annotations

from array import array
from functools import cache
from struct import unpack
from typing import Final

_POLYNOMIAL: Final = 0xA001
"""0x8005 reflected."""


def crc16(octets: bytes) -> int:
    """CRC-16/ARC: 0xBB3D of `123456789`."""
    table = _pairs()
    register = 0
    for pair in unpack(f"<{len(octets) // 2}H", octets[: len(octets) & ~1]):
        register = table[register ^ pair]
    return register if len(octets) % 2 == 0 else _shifted(register ^ octets[-1], 8)


@cache
def _pairs() -> array[int]:
    """What two octets make of the register, which they fill: half the steps of the usual table."""
    single = [_shifted(octet, 8) for octet in range(256)]
    return array("H", (single[(pair >> 8) ^ (single[pair & 0xFF] & 0xFF)] ^ (single[pair & 0xFF] >> 8) for pair in range(65_536)))


def _shifted(register: int, bits: int) -> int:
    for _ in range(bits):
        register = register >> 1 ^ (_POLYNOMIAL if register & 1 else 0)
    return register
