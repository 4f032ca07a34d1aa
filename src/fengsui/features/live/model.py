"""States of a live stream, the ways it fails, and when it is tried again. Pure. Source: GB/T 28181-2022 §9.2, §5.10."""

from __future__ import annotations

import random
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from fengsui.errors import NodeFault, OperatorFault


class LiveState(StrEnum):
    """Where a stream is."""

    IDLE = "idle"
    INVITING = "inviting"
    WAITING_MEDIA = "waiting_media"
    PLAYING = "playing"
    RETRYING = "retrying"


class LiveEvent(StrEnum):
    """What can happen to a stream."""

    WANTED = "wanted"
    ANSWERED = "answered"
    PICTURE = "picture"
    FAILED = "failed"
    RETRY = "retry"
    UNWANTED = "unwanted"


NEXT_STATE: Final[Mapping[tuple[LiveState, LiveEvent], LiveState]] = {
    (LiveState.IDLE, LiveEvent.WANTED): LiveState.INVITING,
    (LiveState.INVITING, LiveEvent.ANSWERED): LiveState.WAITING_MEDIA,
    (LiveState.INVITING, LiveEvent.PICTURE): LiveState.PLAYING,  # packets may overtake the 200
    (LiveState.INVITING, LiveEvent.FAILED): LiveState.RETRYING,
    (LiveState.WAITING_MEDIA, LiveEvent.PICTURE): LiveState.PLAYING,
    (LiveState.WAITING_MEDIA, LiveEvent.FAILED): LiveState.RETRYING,
    (LiveState.PLAYING, LiveEvent.ANSWERED): LiveState.PLAYING,
    (LiveState.PLAYING, LiveEvent.PICTURE): LiveState.PLAYING,  # another codec or size
    (LiveState.PLAYING, LiveEvent.FAILED): LiveState.RETRYING,
    (LiveState.RETRYING, LiveEvent.RETRY): LiveState.INVITING,
    **{(state, LiveEvent.UNWANTED): LiveState.IDLE for state in LiveState},
}  # anything else raises UnexpectedEvent


class UnexpectedEvent(AssertionError):
    """A programming error: this cannot happen in that state."""


def next_state(state: LiveState, event: LiveEvent) -> LiveState:
    """Raises UnexpectedEvent."""
    following = NEXT_STATE.get((state, event))
    if following is None:
        raise UnexpectedEvent(f"{event} in {state}")
    return following


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no picture, for the operator."""

    code: str
    zh: str
    en: str


SOUND_ENDED: Final = "sound_ended"
FAILURES: Final[Mapping[str, Failure]] = {
    failure.code: failure
    for failure in (
        Failure("offline", "设备不在线,上线后自动恢复", "The device is offline; the picture returns when it is back"),
        Failure("no_answer", "设备无应答,请检查设备网络", "The device does not answer; check its network"),
        Failure("busy", "设备并发路数已满(486)", "The device gives no more streams (486)"),
        Failure("not_found", "设备上没有该通道(404)", "The device has no such channel (404)"),
        Failure("refused", "设备拒绝点播", "The device refuses to send"),
        Failure("transport_refused", "设备不接受这种媒体传输方式(488)", "The device does not take media by this transport (488)"),
        Failure("no_description", "设备应答中没有媒体描述", "The device's answer describes no media"),
        Failure(
            "no_packets", "已应答但没有收到码流,请检查防火墙与地址", "Answered, but no packets came; check firewall and addresses"
        ),
        Failure("silent", "码流中断", "The stream fell silent"),
        Failure("unplayable", "码流格式无法播放", "The stream's format cannot be played"),
        Failure("connection", "媒体连接断开或无法建立", "The media connection broke or could not be made"),
        Failure("hung_up", "设备结束了点播", "The device hung up"),
        Failure("node", "节点资源不足", "The node is short of resources"),
        Failure("engine", "媒体引擎意外出错,画面重新打开", "The media engine met something unexpected; the picture is opened anew"),
        Failure(
            SOUND_ENDED,
            "声音的法律依据已撤销,画面重新打开(无声音)",
            "The legal basis of the sound is gone; the picture opens anew without it",
        ),
    )
}
STATE_TEXTS: Final[Mapping[LiveState, tuple[str, str]]] = {
    LiveState.IDLE: ("未点播", "Not asked for"),
    LiveState.INVITING: ("正在呼叫设备", "Calling the device"),
    LiveState.WAITING_MEDIA: ("等待画面", "Waiting for the picture"),
    LiveState.PLAYING: ("播放中", "Playing"),
    LiveState.RETRYING: ("等待重试", "Waiting to try again"),
}
PAUSES_S: Final = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0)


def retry_pause_s(failures: int, chance: random.Random) -> float:
    """Growing pauses with a random share, so that a thousand cameras do not come back at once."""
    return PAUSES_S[min(failures, len(PAUSES_S)) - 1] * chance.uniform(0.8, 1.3)


def failure_of_status(status: int) -> str:
    """The failure that a final SIP answer means (sheet of codes: 404, 486, …)."""
    named = {404: "not_found", 480: "offline", 486: "busy", 408: "no_answer"}
    return named.get(status, "transport_refused" if status in (415, 488, 606) else "refused")


@dataclass(frozen=True, slots=True)
class LiveStateChanged:
    """News for the tiles."""

    camera: str
    stream: str
    state: str
    text_zh: str
    text_en: str


RESTING = 500


class SsrcPool:
    """Ten digits: 0 live, digits 4 to 8 of the node's code, a number of four digits. Source: GB/T 28181-2022 annex G."""

    def __init__(self, node_code: str, chance: random.Random) -> None:
        self._first = int(node_code[3:8]) * 10_000
        self._chance = chance
        self._taken: Counter[int] = Counter()
        """By number, who has it: one whose BYE was lost may have been given anew before a restart, and both are on the air then."""
        self._late: deque[int] = deque(maxlen=RESTING)
        """Given back last: packets of theirs may still be under way."""

    def take(self) -> int:
        """A free SSRC, while there are others not one of the RESTING given back last. Raises NoSsrcLeft."""
        if len(self._taken) >= 9_999:
            raise NoSsrcLeft()
        resting = self._late if len(self._taken) + len(self._late) < 9_999 else ()
        while (ssrc := self._first + self._chance.randint(1, 9_999)) in self._taken or ssrc in resting:
            pass
        self._taken[ssrc] = 1
        return ssrc

    def hold(self, ssrc: int) -> None:
        """Takes this one, if it is of the pool: it is still on the air, and free when all who hold it have given it back."""
        if self._first < ssrc <= self._first + 9_999:
            self._taken[ssrc] += 1

    def give_back(self, ssrc: int) -> None:
        """Of one that nobody has: nothing happens."""
        if ssrc not in self._taken:
            return
        self._taken[ssrc] -= 1
        if not self._taken[ssrc]:
            del self._taken[ssrc]
            self._late.append(ssrc)

    @property
    def taken(self) -> int:
        """SSRCs in use."""
        return len(self._taken)


class NoSsrcLeft(NodeFault):
    """All 9,999 numbers are in use."""

    code = "live.no_ssrc"
    status = 503
    zh = "同时点播路数已达上限 9999"
    en = "The limit of 9,999 streams at once is reached"


class TooManyTranscodes(NodeFault):
    """The bound on transcodes is reached."""

    code = "live.too_many_transcodes"
    status = 503
    zh = "H.265 转码路数已达上限({limit})"
    en = "The limit of H.265 transcodes at once ({limit}) is reached"
    remedy_zh = "改用支持 H.265 的浏览器、选择子码流,或稍后再试"
    remedy_en = "Use a browser that decodes H.265, choose the sub stream, or try later"


class NoWorker(NodeFault):
    """No process can be started for a transcode or a mask."""

    code = "live.no_worker"
    status = 503
    zh = "节点资源不足,无法启动画面处理进程"
    en = "The node is too short of resources to start a picture worker"
    remedy_zh = "检查节点的可用内存与打开文件数上限,然后重试"
    remedy_en = "Check the node's free memory and its limit of open files, then try again"


class TooManySessions(OperatorFault):
    """A person, or all together, have as many live sessions as may be."""

    code = "live.too_many_sessions"
    status = 429
    zh = "播放会话已达上限({limit})"
    en = "The limit of live sessions ({limit}) is reached"
    remedy_zh = "关闭不再观看的画面;确需更多时调大 media.max_sessions_per_person 或 media.max_sessions"
    remedy_en = "Close pictures that nobody watches; or raise media.max_sessions_per_person or media.max_sessions"


class NoPicture(NodeFault):
    """No still can be had now."""

    code = "live.no_picture"
    status = 504
    zh = "暂时取不到画面:{why_zh}"
    en = "No picture can be had now: {why_en}"
    remedy_zh = "检查设备状态后重试"
    remedy_en = "Check the device's state and try again"


class UnknownSession(OperatorFault):
    """No such live session of this user."""

    code = "live.unknown_session"
    status = 404
    zh = "该播放会话不存在或已结束"
    en = "There is no such live session, or it has ended"
    remedy_zh = "请重新打开画面"
    remedy_en = "Open the picture again"


class ForeignSession(UnknownSession):
    """There is one, of somebody else, or of nobody known: told as an unknown one, and recorded."""
