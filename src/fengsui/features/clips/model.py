"""What is asked for, what became of it, the words in the file and the manifest beside it. Pure. Rules A14, A46, A47, A49."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final, Self

from fengsui.errors import NodeFault, OperatorFault
from fengsui.features.access import Footage, Principal, Refusal
from fengsui.features.approvals import Ending

LONGEST_S: Final = 6 * 3600.0
"""Of one clip: a request is read by a second person, who is to know what leaves the house (R10)."""
FIELDS: Final = ("camera", "name", "stream", "from_us", "to_us", "user", "ticket")
MAY_FIELDS: Final = frozenset({"origin", "recording"})
STREAMS: Final = {"main": "主码流 main stream", "sub": "子码流 sub-stream"}
MOST_RECORDINGS: Final = 9
LINK_FIELDS: Final = ("clip", "ticket", "case")


@dataclass(frozen=True, slots=True)
class Origin:
    """The clip that is to be used for another case (rule A6): its request, and the ticket and case for which it was made."""

    clip: str
    ticket: str
    case: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """A stretch of a camera's footage. Times: µs since 1970. `name`: the camera's; `user`: who would take it, under `ticket`, which
    is empty until it is known which one covers it. `origin`: of a clip that is linked to another case than it was made for.
    `recording`: of moments that were recorded more than once, for the node's clock was set back, counted as they were.
    """

    camera: str
    name: str
    stream: str
    from_us: int
    to_us: int
    user: int
    ticket: str
    origin: Origin | None = None
    recording: int = 1

    @classmethod
    def of(cls, content: Any) -> Self:
        """Raises UnusableClip."""
        if not isinstance(content, dict) or content.keys() - MAY_FIELDS != set(FIELDS):
            raise UnusableClip(why_zh="内容不完整", why_en="the content is not whole")
        link = content.get("origin")
        if link is not None and (not isinstance(link, dict) or link.keys() != set(LINK_FIELDS)):
            raise UnusableClip(why_zh="内容不完整", why_en="the content is not whole")
        origin = None if link is None else Origin(*(str(link[name]) for name in LINK_FIELDS))
        made = replace(cls(*(content[name] for name in FIELDS)), origin=origin, recording=content.get("recording", 1))
        is_known = str(made.stream) in STREAMS and made.recording in range(1, MOST_RECORDINGS + 1)
        if not is_known or not all(isinstance(one, int) for one in (made.from_us, made.to_us, made.user, made.recording)):
            raise UnusableClip(why_zh="内容不完整", why_en="the content is not whole")
        if not made.from_us < made.to_us:
            raise UnusableClip(why_zh="起始不早于结束", why_en="it does not begin before it ends")
        if made.to_us - made.from_us > LONGEST_S * 1e6:
            raise UnusableClip(why_zh="时段过长", why_en="it is too long")
        return made

    @property
    def content(self) -> dict[str, Any]:
        """As two persons sign it."""
        content = {name: getattr(self, name) for name in FIELDS}
        if self.recording > 1:
            content["recording"] = self.recording
        return content if self.origin is None else {**content, "origin": asdict(self.origin)}

    @property
    def footage(self) -> Footage:
        """For the door. Another ticket that would open it is another purpose than the one that was signed (rules A2, A28)."""
        return Footage(self.from_us / 1e6, self.to_us / 1e6, self.ticket)

    def is_covered_by(self, files: Iterable[Taken]) -> bool:
        """Whether together they are all of it. Where it was not kept where one was to begin, it is no more than its pictures; one
        that leaves damage out is none of it, for what is damaged may be had again."""
        reached_us = self.from_us
        for one in sorted((one for one in files if one.is_file and not one.damaged), key=lambda one: one.begins_us):
            if one.begins_us > reached_us:
                return False
            reached_us = max(reached_us, self.to_us if one.ended == "whole" else one.to_us)
        return reached_us >= self.to_us

    @property
    def which(self) -> str:
        """Of several recordings of a moment, for records; empty: the first."""
        return "" if self.recording == 1 else f" recording {self.recording}"

    @property
    def chosen(self) -> tuple[str, str]:
        """For people: which of the camera's recordings it is, in both languages."""
        zh, _, en = STREAMS[self.stream].partition(" ")
        return (
            (zh, en) if self.recording == 1 else (f"{zh},重复时刻取第 {self.recording} 份录像", f"{en}, recording {self.recording}")
        )

    @property
    def range(self) -> str:
        """For records."""
        return f"{self.stream}{self.which} {self.from_us / 1e6:.3f}–{self.to_us / 1e6:.3f}"

    def file(self, from_us: int) -> str:
        """The file's name, of its part that begins at `from_us`: plain letters, so that every system takes it. Times in UTC."""
        kind = "" if self.stream == "main" else f"_{self.stream}"
        turn = "" if self.recording == 1 else f"_recording-{self.recording}"
        return f"{self.camera}{kind}{turn}_{_compact(from_us)}_{_compact(self.to_us)}.mp4"


def _compact(us: int) -> str:
    return f"{datetime.fromtimestamp(us / 1e6, UTC):%Y%m%dT%H%M%SZ}"


def moment(us: int) -> str:
    """To the millisecond, UTC."""
    return datetime.fromtimestamp(us / 1e6, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def ending(at: float) -> str:
    """A ticket's, to the second, UTC. `at`: seconds since 1970."""
    return datetime.fromtimestamp(int(at), UTC).isoformat().replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class FootageFacts:
    """Of the footage in a file (rules A34, A47).

    `clock_error_us`: the worst bound on the node's clock while it was recorded, None where it was not known; `camera_ahead_us`: how
    far the camera's own clock was ahead of the node's, the least and the most, None where it told none; `clock_set`: the node's was
    set within; `overlaps`: it was set back, and what was recorded in time that had been is left out; `fetched`: spans that the
    device recorded and the node did not, by the device's clock; `missing`: spans, µs since 1970, a hundred at most, and
    `missing_us` all of them.
    """

    clock_error_us: int | None = None
    clock_set: bool = False
    overlaps: bool = False
    fetched: tuple[tuple[int, int], ...] = ()
    missing: tuple[tuple[int, int], ...] = ()
    missing_us: int = 0
    camera_ahead_us: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class ClockLimits:
    """What a clock may be off before the footage is marked (rule A34), µs."""

    node_us: int
    camera_us: int

    def node_is_doubtful(self, footage: FootageFacts) -> bool:
        """Also where nobody knows."""
        return footage.clock_error_us is None or footage.clock_error_us > self.node_us

    def camera_is_off(self, footage: FootageFacts) -> bool | None:
        """None: it told no time."""
        ahead = footage.camera_ahead_us
        return None if ahead is None else max(map(abs, ahead)) > self.camera_us


@dataclass(frozen=True, slots=True)
class Taken:
    """What was handed over, and as which file. `sha256`: of the file; `from_us`: of its first picture; `asked_us`: where it was to
    begin, which is at most a group of pictures or a gap before that, None where that was not kept.

    `ended`: whole, changed, revoked, left or unread, as the media core says.
    """

    file: str
    from_us: int
    to_us: int
    bytes: int
    pictures: int
    damaged: int
    sha256: str
    ended: str
    at: datetime
    footage: FootageFacts
    asked_us: int | None = None

    @property
    def begins_us(self) -> int:
        """From where on nothing lacks in it that is there."""
        return self.from_us if self.asked_us is None else self.asked_us

    @property
    def is_file(self) -> bool:
        """Whether it is whole as a file: all that was asked for, or up to where the camera changed."""
        return self.bytes > 0 and self.ended in ("whole", "changed")

    @property
    def is_whole(self) -> bool:
        """Whether nothing of what was asked for lacks."""
        return self.ended == "whole" and not (self.damaged or self.footage.missing_us or self.footage.overlaps)


@dataclass(frozen=True, slots=True)
class Clip:
    """A request of one's own, as far as it has come. `state`: as requests have it; `until`: it can be taken so long; `granted_at`:
    0 for not yet; `ended`: why it came to nothing. Times: seconds since 1970.
    """

    id: str
    wanted: Wanted
    reason: str
    document: str
    asked_by: str
    approved_by: str
    state: str
    asked_at: float
    until: float
    granted_at: float
    ended: Ending | None = None

    @property
    def footage(self) -> Footage:
        """For the door: no older than it was when two persons said that it may be taken; it is held for that since."""
        return self.wanted.footage._replace(aged_at=self.granted_at or None)


@dataclass(slots=True)
class HandingOver:
    """One clip on its way. `from_us`: where it begins; the first part begins where the clip does."""

    session: str
    clip: Clip
    from_us: int
    principal: Principal
    ticket_until: float
    """When the ticket in `principal` ends, as of the download; seconds since 1970."""
    began_s: float
    """Monotonic."""
    promised: bool = False
    """Its place is taken before it is on record, and the media core knows of it after that."""
    undecided_s: float | None = None
    """Since when the right to it cannot be decided."""
    cut: str = ""
    """Why it was cut off in its midst; what was handed over by then is still to be told."""
    cut_s: float = 0.0


def words(clip: Clip, who: Principal, ticket_until: float) -> tuple[str, str]:
    """Title and comment in the file's head: of what and which of its recordings, for whom, under which ticket, what for and how
    long that lasts (rule A6), and that it is not to be passed on. `ticket_until`: seconds since 1970.
    """
    wanted, unit = clip.wanted, f" ({who.unit})" if who.unit else ""
    title = f"{wanted.name} {wanted.camera} {' '.join(wanted.chosen)} {moment(wanted.from_us)} – {moment(wanted.to_us)}"
    held = f"{who.name}{unit} · {who.ground.ticket} · {clip.id}"
    ground = who.ground
    purpose = f"用途 purpose {ground.purpose} · 法律依据 legal basis {ground.legal_basis}"
    until = f"使用单有效至 ticket until {ending(ticket_until)}"
    approved = f"批准 approved by {clip.approved_by}"
    origin = wanted.origin
    linked = "" if origin is None else f" · 原用于 made for {origin.ticket} {origin.case} ({origin.clip})"
    return title, f"导出 exported by {held} · {purpose} · {until} · {approved}{linked} · 不得外传 not to be passed on"


def manifest(
    clip: Clip, taken: Taken, who: Principal, ticket_until: float, limits: ClockLimits, *, node: str, version: str
) -> dict[str, Any]:
    """What the file is, beside it (rule A47). It is no seal: that its hash was so stands in the audit log, which is signed.

    `ticket_until`: as for `words`.
    """
    wanted, footage = clip.wanted, taken.footage
    return {
        "format": "fengsui-clip/1",
        "file": taken.file,
        "bytes": taken.bytes,
        "sha256": taken.sha256,
        "sm3": None,
        "whole": taken.is_whole,
        "camera": wanted.camera,
        "camera_name": wanted.name,
        "stream": wanted.stream,
        "recording": wanted.recording,
        "asked": {"from": moment(wanted.from_us), "to": moment(wanted.to_us)},
        "holds": {"from": moment(taken.from_us), "to": moment(taken.to_us), "pictures": taken.pictures},
        "missing": [{"from": moment(since), "to": moment(until)} for since, until in footage.missing],
        "missing_s": footage.missing_us / 1e6,
        "damaged_fragments_left_out": taken.damaged,
        "overlapping_footage_left_out": footage.overlaps,
        "from_device": [{"from": moment(since), "to": moment(until)} for since, until in footage.fetched],
        "pictures": "as recorded, not encoded again; time is the node's clock, within from_device the device's",
        "sound": "none",
        "masks": "none on this camera",
        "clock_error_us": footage.clock_error_us,
        "clock_beyond_limit": limits.node_is_doubtful(footage),
        "clock_set_within": footage.clock_set,
        "camera_clock_ahead_us": None if footage.camera_ahead_us is None else list(footage.camera_ahead_us),
        "camera_clock_beyond_limit": limits.camera_is_off(footage),
        "exported_by": who.name,
        "unit": who.unit,
        "approved_by": clip.approved_by,
        "reason": clip.reason,
        "document": clip.document,
        "use_ticket": who.ground.ticket,
        "case": who.ground.case,
        "purpose": who.ground.purpose,
        "legal_basis": who.ground.legal_basis,
        "ticket_until": ending(ticket_until),
        "request": clip.id,
        "linked_from": None if wanted.origin is None else asdict(wanted.origin),
        "taken_at": taken.at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "node": node,
        "platform": version,
    }


class UnusableClip(OperatorFault):
    """No time, or too long a one."""

    code = "clips.period"
    status = 422
    zh = "片段时段无效:{why_zh}"
    en = "The clip cannot be made: {why_en}"
    remedy_zh = "入点须早于出点,一个片段最长 6 小时"
    remedy_en = "Mark the in before the out, six hours apart at most"


class MaskedClip(Refusal):
    """The camera has privacy masks, and a file of what was recorded would show what they hide, also to whom no lift is given."""

    code = "clips.masked"
    rule = "A40"
    zh = "摄像机 {camera} 设有隐私遮挡,其录像未经遮挡,不能导出原始片段"
    en = "Camera {camera} has privacy masks: its recorded pictures are not handed out unmasked"
    remedy_zh = "解除遮挡只允许查看;请在批准的时间内回放并记录所见"
    remedy_en = "A lift of masks is a right to look: play it within the time that is granted, and note what is seen"


class UnknownClip(OperatorFault):
    """No such request of this person's, or it is too old."""

    code = "clips.unknown"
    status = 404
    zh = "没有这个片段申请或已过期"
    en = "There is no such clip of yours, or it is too old"
    remedy_zh = "请重新申请导出"
    remedy_en = "Ask for it anew"


class SameCase(OperatorFault):
    """A link is to another case than the clip was made for."""

    code = "clips.same_case"
    rule = "A6"
    status = 409
    zh = "该片段就是为此案(事)件导出的,无须关联"
    en = "The clip was made for this case: there is nothing to link"
    remedy_zh = "请选择另一案(事)件的使用单"
    remedy_en = "Choose the use ticket of another case"


class NotApproved(OperatorFault):
    """It waits for the second person, or was not allowed."""

    code = "clips.not_approved"
    rule = "A14"
    status = 409
    zh = "该片段尚未获批准,不能下载"
    en = "The clip is not approved: it cannot be taken"
    remedy_zh = "导出录像须由第二人审批;请联系有审批权的人员"
    remedy_en = "Export takes two persons: ask somebody who approves"


class ClipCutOff(OperatorFault):
    """Whoever takes it signed out meanwhile, or the node stops."""

    code = "clips.cut_off"
    status = 409
    zh = "片段在准备下载时已被终止"
    en = "The clip was cut off while it was made ready"
    remedy_zh = "请重新登录后再下载"
    remedy_en = "Sign in again, then take it"


class NothingTaken(OperatorFault):
    """A manifest is of a file."""

    code = "clips.nothing_taken"
    status = 409
    zh = "该片段还没有下载完成的文件"
    en = "No file of this clip has been handed over whole"
    remedy_zh = "请先下载片段,完成后再取清单"
    remedy_en = "Take the clip first; its manifest follows"


class TooManyClips(OperatorFault):
    """A person takes one after another."""

    code = "clips.too_many"
    rule = "R10"
    status = 429
    zh = "同时下载的片段已达上限({limit})"
    en = "The limit of clips at once ({limit}) is reached"
    remedy_zh = "请等正在下载的片段完成"
    remedy_en = "Wait until those under way are done"


class NoFootageOfClip(OperatorFault):
    """There is none in that time."""

    code = "clips.no_footage"
    status = 404
    zh = "所选时段内没有录像"
    en = "There is no footage in this time"
    remedy_zh = "请在时间轴有录像(绿色)的位置设置入点和出点"
    remedy_en = "Mark in and out where the timeline shows footage (green)"


class NoSuchRecording(OperatorFault):
    """No moment of it was recorded so many times."""

    code = "clips.no_recording"
    status = 404
    zh = "该时段没有第 {recording} 份录像"
    en = "No moment of this time has a recording {recording}"
    remedy_zh = "只有时钟回拨使同一时刻录了不止一遍时才有第 2 份;请改选第 1 份"
    remedy_en = "There is a second one only where the clock was set back while it was recorded: choose the first"


class NoClipStore(NodeFault):
    """The node keeps no footage, or its index does not answer."""

    code = "clips.no_store"
    status = 503
    zh = "本节点没有可用的录像存储"
    en = "This node has no footage storage at work"
    remedy_zh = "请运维人员检查录像目录与 [recording] 设置"
    remedy_en = "Ask maintenance to look at the footage folders and [recording] in the settings"
