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
    CHANGES = "changes"
    """Another one from the second key frame on."""


class SoundFault(StrEnum):
    """Whether there is sound (a tone in G.711 A-law), and whether the map names it."""

    NONE = "none"
    MAPPED = "mapped"
    UNMAPPED = "unmapped"


class ReportsFault(StrEnum):
    """What is wrong with the sender reports on a stream (RFC 3550 §6.4.1)."""

    NONE = "none"
    MISSING = "missing"
    NO_CLOCK = "no-clock"
    """Their time is 0."""
    UPTIME = "uptime"
    """Their time is how long the device has been on."""
    MUXED = "muxed"
    """Sent to the port of the pictures, not to the one above it."""


class AnswerFault(StrEnum):
    """What is wrong with the answer to an INVITE."""

    NONE = "none"
    EMPTY = "empty"
    """200 without a description; media flow all the same."""
    PORT_ZERO = "port-zero"
    """The description refuses the stream."""
    CLOSED_PORT = "closed-port"
    """The description names a port on which nobody listens (media by TCP that we open)."""
    OTHER_SSRC = "other-ssrc"
    """The description names another SSRC, and the packets carry that one: the callee's choice of GB/T 28181-2022 G.1."""


@dataclass(frozen=True, slots=True)
class Faults:
    """All off by default."""

    loss: float = 0.0
    """Share of RTP packets that are never sent (UDP), 0 to 1."""
    reorder: float = 0.0
    """Share of RTP packets that change places with the next one (UDP), 0 to 1."""
    late_packets: int = 0
    """Every fiftieth RTP packet is sent after so many others (UDP, 0: none)."""
    psm: PsmFault = PsmFault.NONE
    sets_once: bool = False
    """Sends its parameter sets with the first key frame alone."""
    ssrc: SsrcFault = SsrcFault.NONE
    silent_media: bool = False
    """Answers the INVITE, sends no packet."""
    no_answer: bool = False
    """Ignores INVITEs."""
    rings: bool = False
    """Says that it is at work on the INVITE (180), and no more."""
    half_open_tcp: bool = False
    """Connects for media and sends nothing."""
    clock_skew_s: float = 0.0
    """Added to the device's own clock, in its messages and in the reports on its streams, seconds."""
    invite_status: int = 0
    """Answers INVITEs with this SIP status instead of 200 (0: off)."""
    answer: AnswerFault = AnswerFault.NONE
    bye_after_s: float = 0.0
    """Hangs up so many seconds after the ACK (0: never)."""
    deaf_byes: int = 0
    """Answers so many BYEs of its own and sends on all the same."""
    unknown_codec: bool = False
    """Sends packets of no codec that anybody knows."""
    no_marker: bool = False
    """Never sets the RTP marker."""
    stray_marker: bool = False
    """Writes no PES lengths, and sets the RTP marker also in the middle of the first key frame and of every fourth after it."""
    shared_times: bool = False
    """Tells the time in the RTP header alone, where its clock stands for two pictures: the marker alone parts them."""
    sound: SoundFault = SoundFault.NONE
    stall_after_s: float = 0.0
    """Falls silent so many seconds after its first packet, without a BYE (0: never)."""
    mid_group: bool = False
    """Begins in the middle of a group of pictures; the next key frame comes by its own rhythm, or when it is asked for."""
    grants_s: int = -1
    """Seconds granted to a subscription, whatever was asked for (-1: as asked; 0: none)."""
    refuses_orders: bool = False
    """Answers ERROR to every order that has a business answer."""
    faulty: bool = False
    """Says ERROR in its keep-alives."""
    takes: str = ""
    """Media by `udp` or by `tcp` alone: other offers are answered with 488."""
    records_lost: int = 0
    """Of the messages that list its recordings the last ones never come."""
    records_claimed: int = 0
    """SumNum of its recordings is so much too high."""
    deaf_control: bool = False
    """Answers 200 to every order of a playback, and does none (fact sheet, quirk 32)."""
    no_media_status: bool = False
    """Does not say that a recording was sent to its end (fact sheet, quirk 11)."""
    status_outside: bool = False
    """Says it in a message of its own, and not within the call."""
    other_time: bool = False
    """Answers a call for what is recorded with a time of the day before."""
    stops_after: int = 0
    """Sends no more than so many pictures of what is recorded, and says that this was all (0: all of it)."""
    plays_on: bool = False
    """Plays what is recorded on beyond the end that it was asked for."""
    scaled_times: bool = False
    """Faster or slower, its time stamps pass with the clock; else with the recording."""
    reports: ReportsFault = ReportsFault.NONE
    media_after_s: float = 0.0
    """Sends its first packet so many seconds after the ACK (0: at once)."""


def other_ssrc(asked: str) -> str:
    """Another `y=` of the same kind (live or history) and domain."""
    return f"{asked[:6]}{(int(asked[6:] or 0) + 5_000) % 10_000:04d}"
