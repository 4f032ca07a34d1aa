"""One viewer's right to recorded footage, and what is refused about it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple

from fengsui.errors import NodeFault, OperatorFault
from fengsui.features.access import Footage, Principal, Refusal
from fengsui.features.live import DeviceFilm

DEVICE_SPEEDS = (0.25, 8.0)
"""That a device is asked for, the slowest and the fastest."""
LONGEST_S = 86_400.0 * 2
"""Of one opening: a day of any time zone, with its neighbours."""
MOST_TOLD = 16
"""Pieces that one record names; more are other records."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What was shown without a leap. Times: seconds since 1970; `way`: `all`, `keys`, `back` or `peek`; of a device how fast."""

    way: str
    since: float
    until: float
    pictures: int


@dataclass(slots=True)
class PlaybackSession:
    """One viewer's right to a camera's footage of a time. `name`: what its media ticket is for."""

    id: str
    camera: str
    stream: str
    footage: Footage
    principal: Principal
    name: str
    ticket: str
    expires_at: datetime
    opened_s: float
    """Monotonic."""
    recording: int = 1
    """Of moments that were recorded more than once: which, counted as they were."""
    came: bool = False
    """A player was let in."""
    players: int = 0
    """Let in, and not gone."""
    ended_s: float | None = None
    """Monotonic."""
    shown: list[Piece] = field(default_factory=list)
    """Not on record yet."""
    told_s: float = 0.0
    """When what a device showed was counted last, monotonic."""
    film: DeviceFilm | None = None
    """The call that its pictures come by, where it is the device that recorded them."""
    codec: str = ""
    """By RFC 6381, of the first picture; empty: nothing can be read."""
    undecided_s: float | None = None
    """Since when the right cannot be decided, monotonic."""

    @property
    def which(self) -> str:
        """Of several recordings of a moment, for records; empty: the first."""
        return "" if self.recording == 1 else f" recording {self.recording}"

    @property
    def range(self) -> str:
        """For records."""
        return f"{self.stream}{self.which} {self.footage.since:.0f}–{self.footage.until:.0f}"


def said(pieces: Sequence[Piece]) -> Iterator[tuple[str, str]]:
    """Range and detail of the records of these pieces: each piece stands in one."""
    for at in range(0, len(pieces), MOST_TOLD):
        some = pieces[at : at + MOST_TOLD]
        first, last = min(one.since for one in some), max(one.until for one in some)
        told = ", ".join(f"{one.way} {one.since:.1f}–{one.until:.1f}" for one in some)
        yield f"{first:.0f}–{last:.0f}", f"{sum(one.pictures for one in some)} pictures: {told}"


@dataclass(frozen=True, slots=True)
class KeptStill:
    """On record. `sha256`: of the file with `tag` at the place `at`, bytes from its beginning."""

    sha256: str
    at: int
    tag: bytes


class Pace(NamedTuple):
    """Where the node's footage is that passes by itself. `at`: seconds since 1970."""

    at: float
    speed: float
    paused: bool


@dataclass(frozen=True, slots=True)
class Order:
    """To whoever plays: `seek` has its time, seconds since 1970, `speed` its factor."""

    act: Literal["play", "pause", "seek", "speed"]
    at: float | None = None
    speed: float | None = None

    @property
    def whole(self) -> bool:
        """It says what its act needs."""
        return (self.at is not None) == (self.act == "seek") and (self.speed is not None) == (self.act == "speed")

    @property
    def text(self) -> str:
        """For records."""
        return " ".join([self.act, *(f"{one:g}" for one in (self.speed,) if one), *(f"{one:.1f}" for one in (self.at,) if one)])


class UnusableOrder(OperatorFault):
    """An order that cannot be given to what is played."""

    code = "playback.order"
    status = 422
    zh = "回放控制无效:{why_zh}"
    en = "It cannot be steered so: {why_en}"
    remedy_zh = "定位须在打开的时段内;其他时间请重新打开"
    remedy_en = "Seek within the time that was opened; open another one for other times"


class UnusablePeriod(OperatorFault):
    """No time, or too long a one."""

    code = "playback.period"
    status = 422
    zh = "回放时段无效:{why_zh}"
    en = "The period cannot be played: {why_en}"
    remedy_zh = "起始时间须早于结束时间,一次最多打开 48 小时"
    remedy_en = "Ask from an earlier to a later time, of 48 hours at most"


class MaskedFootage(Refusal):
    """The camera has privacy masks, and footage is kept as it came: it would show what they hide."""

    code = "playback.masked"
    rule = "A40"
    zh = "摄像机 {camera} 设有隐私遮挡,其录像未经遮挡,不能直接回放"
    en = "Camera {camera} has privacy masks, and its footage shows what they hide"
    remedy_zh = "请申请解除遮挡(双人审批),在批准的时间内回放"
    remedy_en = "Ask for a mask lift (two persons) and play it within the time that is granted"


class NotUnderThatTicket(Refusal):
    """The use ticket that was named is none of one's own that is open."""

    code = "playback.use_ticket"
    rule = "A1"
    zh = "使用单 {ticket} 不是您已开立且有效的使用单"
    en = "Use ticket {ticket} is none of yours that is open"
    remedy_zh = "请填写本人有效使用单的编号,或不填编号"
    remedy_en = "Name a use ticket of your own that is open, or none"


class SnapshotUnmasked(OperatorFault):
    """What is played under a lift shows what masks hide: that right is to look, not to keep."""

    code = "playback.snapshot_unmasked"
    rule = "A40"
    status = 409
    zh = "该摄像机设有隐私遮挡,回放的是未遮挡画面,不能截图"
    en = "The camera has privacy masks, and what is played is not masked: no snapshot of it is kept"
    remedy_zh = "解除遮挡只允许查看;请记录所见"
    remedy_en = "A lift is a right to look: note what is seen"


class NoPicture(OperatorFault):
    """A snapshot is a picture."""

    code = "playback.no_picture"
    status = 422
    zh = "截图必须是 JPEG 图像"
    en = "A snapshot is a JPEG picture"
    remedy_zh = "请重新截图"
    remedy_en = "Take it again"


class TooManyPlaybacks(OperatorFault):
    """A person has as many playbacks as may be."""

    code = "playback.too_many"
    status = 429
    zh = "回放会话已达上限({limit})"
    en = "The limit of playbacks ({limit}) is reached"
    remedy_zh = "关闭不再观看的回放后重试"
    remedy_en = "Close playbacks that nobody watches, then try again"


class NoFootageHere(NodeFault):
    """The node keeps no footage, or its index does not answer."""

    code = "playback.no_footage"
    status = 503
    zh = "本节点没有可用的录像存储"
    en = "This node has no footage storage at work"
    remedy_zh = "请运维人员检查录像目录与 [recording] 设置"
    remedy_en = "Ask maintenance to look at the footage folders and [recording] in the settings"


class UnknownPlayback(OperatorFault):
    """No such playback of this user."""

    code = "playback.unknown_session"
    status = 404
    zh = "该回放不存在或已结束"
    en = "There is no such playback, or it has ended"
    remedy_zh = "请重新打开回放"
    remedy_en = "Open it again"


class ForeignPlayback(UnknownPlayback):
    """There is one, of somebody else, or of nobody known: told as an unknown one, and recorded."""
