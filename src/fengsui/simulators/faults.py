"""Faults that a simulated device shows on request, each named after what an operator would see."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class PsmFault(StrEnum):
    """What is wrong with the program stream map (GB/T 28181-2022 C.1)."""

    NONE = "none"
    LATE = "late"
    MISSING = "missing"


class SsrcFault(StrEnum):
    """What the RTP packets carry instead of the SSRC that was asked for."""

    NONE = "none"
    WRONG = "wrong"
    ZERO = "zero"


@dataclass(frozen=True, slots=True)
class Faults:
    """All off by default."""

    loss: float = 0.0
    """Share of RTP packets that are never sent (UDP), 0 to 1."""
    reorder: float = 0.0
    """Share of RTP packets that change places with the next one (UDP), 0 to 1."""
    psm: PsmFault = PsmFault.NONE
    ssrc: SsrcFault = SsrcFault.NONE
    silent_media: bool = False
    """Answers the INVITE, sends no packet."""
    no_answer: bool = False
    """Ignores INVITEs."""
    half_open_tcp: bool = False
    """Connects for media and sends nothing."""
    clock_skew_s: float = 0.0
    """Added to the device's own clock in its messages, seconds."""
    invite_status: int = 0
    """Answers INVITEs with this SIP status instead of 200 (0: off)."""
