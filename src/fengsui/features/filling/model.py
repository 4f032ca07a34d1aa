"""What is still to be fetched from devices, and when it is tried again. Pure. docs/decisions/0048-filling-from-the-device.md."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from fengsui.errors import OperatorFault

PIECE_S: Final = 600.0
"""One call fetches no more: it becomes footage at its end, so that a stop costs a piece at most."""
LONGEST_S: Final = 4 * 3_600.0
"""What a person fetches at once."""
LEAST_S: Final = 3.0
"""Less than that is not worth a call: recordings begin and end at key frames."""
FIRST_AGAIN_S: Final = 300.0
MOST_AGAIN_S: Final = 86_400.0
MOST_ATTEMPTS: Final = 6
"""Over one and a half days: recorders copy late what their own cameras kept on cards."""
RATE: Final = 500_000.0
"""Bytes of a recorded second, until something came of the device: 4 Mbit/s."""

State = Literal["due", "done"]
Why = Literal[
    "", "filled", "nothing", "offline", "unanswered", "refused", "not_sent", "scaled", "other_time", "leap", "disk", "node"
]
"""Why a fill stands as it does: all is there; the device has no more of it; it is not there; it does not answer; it does not play;
it ends too early; its time stamps cannot be used; it sends another time; its recording leaps; this node's disks or calls."""


class Span(NamedTuple):
    """Seconds since 1970."""

    since: float
    until: float


@dataclass(frozen=True, slots=True)
class Fill:
    """A gap that is to be filled, or was. Seconds since 1970. `stream`: as the footage calls it; `next_at`: not before then;
    `asked_by`: the number of the person who asked for it, empty: the node, because it was due.
    """

    camera: str
    stream: str
    since: float
    until: float
    state: State = "due"
    attempts: int = 0
    next_at: float = 0.0
    filled_s: float = 0.0
    bytes: int = 0
    why: Why = ""
    asked_by: str = ""


class UnusableFill(OperatorFault):
    """A time that cannot be fetched."""

    code = "filling.period"
    status = 422
    zh = "无法取回该时段:{why_zh}"
    en = "This time cannot be fetched: {why_en}"
    remedy_zh = "选择已经过去的时段,一次不超过 {hours} 小时"
    remedy_en = "Give a time that is past, of {hours} hours at most"


class FillingOff(OperatorFault):
    """This node fetches nothing."""

    code = "filling.off"
    status = 409
    zh = "本节点未启用从设备取回录像"
    en = "This node fetches no recordings from devices"
    remedy_zh = "由运维人员将 recording.fill_mbit 设为大于 0 后重启节点"
    remedy_en = "Have maintenance set recording.fill_mbit above 0 and restart the node"


def again_at(now: float, attempts: int) -> float:
    """When it is tried again after so many attempts in vain: 5 minutes, then four times as long each time, a day at most."""
    return now + min(FIRST_AGAIN_S * 4.0 ** max(0, attempts - 1), MOST_AGAIN_S)


def is_covered(gap: Span, fills: Iterable[Fill]) -> bool:
    """Whether fills know of all of it already: what is left of one is no new one."""
    return any(one.since - 1 <= gap.since and gap.until <= one.until + 1 for one in fills)


def missing_in(since: float, until: float, footage: Iterable[Span]) -> list[Span]:
    """Where there is nothing between two times, ascending. `footage` ascending."""
    left, at = list[Span](), since
    for one in footage:
        if one.since > at:
            left.append(Span(at, min(one.since, until)))
        at = max(at, one.until)
    if at < until:
        left.append(Span(at, until))
    return [one for one in left if one.until - one.since >= LEAST_S]


def pieces_of(missing: Iterable[Span], files: Sequence[Span]) -> Iterator[Span]:
    """What is fetched call by call, the oldest first: of each gap what lies in one file of the device. What two files hold is
    fetched once.
    """
    for gap in missing:
        at = gap.since
        for file in sorted(files):
            since, until = max(at, file.since), min(gap.until, file.until)
            while until - since >= LEAST_S:
                end = until if until - since < PIECE_S + LEAST_S else since + PIECE_S
                yield Span(since, end)
                since = end
            at = max(at, min(gap.until, file.until))


def speed_for(announced: str, rate: float, bytes_a_second: float) -> int:
    """The highest speed that the camera announces (`1/2/4`) at which a recording of this rate stays within the bound; 1: a device
    cannot send more slowly, and is paused between two pieces instead.
    """
    told = [int(part) for part in announced.split("/") if part.isascii() and part.isdigit() and len(part) < 3]
    return max((one for one in told if 1 <= one <= 16 and one * rate <= bytes_a_second), default=1)


def rest_s(received: int, took_s: float, bytes_a_second: float) -> float:
    """How long nothing is fetched after a piece that came faster than the bound."""
    return max(0.0, received / bytes_a_second - took_s)
