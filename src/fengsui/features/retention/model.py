"""How long footage is kept, what is held, and the root that stands for what was removed. Pure. Rules A51 to A53."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Final, Literal, Self

from fengsui.errors import NodeFault, OperatorFault
from fengsui.features.access import Refusal
from fengsui.features.policy import DataClass, Pack

DAY_S: Final = 86_400.0
KEPT_DAYS: Final = 400
"""What was removed is listed so long; the audit log has its roots for good."""
LONGEST_REVIEW_DAYS: Final = 184
"""A hold is looked at again within six months (rule A52)."""
MAX_CASE: Final = 64
NO_CASES: Final = frozenset[str]()
LONGEST_FILE_S: Final = 7_200.0
"""A file of which a moment is held stays whole."""
STREAMS: Final = ("main", "sub")
Cut = tuple[str, int, int, list[tuple[int, int]]]
"""For the media core, µs: a stream, before when a file begins and by when it ends, and what is held."""
Why = Literal["ceiling", "space"]
WHY_TEXTS: Final[Mapping[Why, tuple[str, str]]] = {
    "ceiling": ("已过最长保存期", "beyond its ceiling"),
    "space": ("腾出空间", "room was needed"),
}


@dataclass(frozen=True, slots=True)
class Bounds:
    """Of a camera's footage, days: kept at least `floor`, at most `ceiling`."""

    data_class: DataClass
    floor: int
    ceiling: int
    basis: str

    @classmethod
    def of(cls, pack: Pack, data_class: DataClass) -> Self:
        """As the pack says of this class."""
        told = pack.retention[data_class]
        return cls(data_class, told.floor_days, told.ceiling_days or told.floor_days, told.basis)

    def kept_from(self, now: float) -> float:
        """Footage that ended after this is never removed."""
        return now - self.floor * DAY_S

    def over_before(self, now: float, zone: tzinfo) -> float:
        """What begins before this goes: every day of which a moment has reached the ceiling, whole: one record tells of it."""
        reached = datetime.fromtimestamp(now - self.ceiling * DAY_S, zone)
        after = (reached + timedelta(days=1)).date()
        return datetime(after.year, after.month, after.day, tzinfo=zone).timestamp()


@dataclass(frozen=True, slots=True)
class Hold:
    """Footage of a camera that is not removed, for a case. Times: seconds since 1970; `review_at`: by then somebody looks again."""

    id: int
    camera: str
    since: float
    until: float
    case_number: str
    reason: str
    asked_by: str
    approved_by: str
    held_at: float
    review_at: float
    asked_unit: str = ""
    """Of whoever asked, on that day; empty: of none, or nobody wrote it down."""

    def touches(self, stream: str, start_us: int, end_us: int) -> bool:
        """Whether it holds a moment of this file; µs since 1970."""
        return self.camera == camera_of(stream) and self.since * 1e6 < end_us and start_us < self.until * 1e6

    def opens_to(self, name: str, unit: str) -> bool:
        """Whether what it holds beyond the policy's age is this person's: theirs who asked, and of their unit (rules A8, A52)."""
        return name == self.asked_by or (unit != "" and unit == self.asked_unit)

    def concerns(self, name: str, unit: str) -> bool:
        """Whether this person has a part in it, and is told its case."""
        return name == self.approved_by or self.opens_to(name, unit)


@dataclass(frozen=True, slots=True)
class Mark:
    """Footage that a rule keeps from being removed for lack of room, until a time. It opens nothing to anybody, and holds nothing
    beyond the ceiling of the policy: that takes two persons. Times: seconds since 1970."""

    key: str
    """The same for what is marked again."""
    camera: str
    since: float
    until: float
    reason: str
    held_until: float

    @property
    def as_hold(self) -> Hold:
        """For what may go; it opens nothing."""
        return Hold(0, self.camera, self.since, self.until, "", self.reason, "", "", 0.0, self.held_until)


class TooManyMarks(OperatorFault):
    """No more are kept at a time."""

    code = "footage.too_many_marks"
    status = 409
    zh = "规则标记保护的录像已达 {limit} 段"
    en = "Rules keep {limit} spans of footage already"
    remedy_zh = "请减少规则保护的天数或报警范围"
    remedy_en = "Let rules keep less, or for fewer days"


def camera_of(stream: str) -> str:
    """Whose stream it is."""
    return stream.rpartition("/")[0]


def cuts_of(bounds: Mapping[str, Bounds], holds: Iterable[Hold], why: Why, now: float, zone: tzinfo) -> list[Cut]:
    """Of each stream what may go. `bounds`: by stream."""
    held: dict[str, list[tuple[int, int]]] = {}
    for one in holds:
        held.setdefault(one.camera, []).append((int(one.since * 1e6), int(one.until * 1e6)))
    found = []
    for stream, kept in bounds.items():
        ends = kept.kept_from(now)
        begins = min(kept.over_before(now, zone), ends) if why == "ceiling" else ends
        found.append((stream, int(begins * 1e6), int(ends * 1e6), held.get(camera_of(stream), [])))
    return found


def cases_of(
    holds: Iterable[Hold], since: float, until: float, before: float, *, mine: Collection[Hold] | None = None
) -> frozenset[str] | None:
    """The cases for which footage of a camera that began before `before`, when its time was over, is still there: each holds all
    that is held within the span, by the holds among `mine` alone, else by any. None: nothing of it is.
    """
    until = min(until, before)
    met = [one for one in holds if one.since - LONGEST_FILE_S <= until and since <= one.until + LONGEST_FILE_S]
    if since >= before or not met:
        return None

    opening = met if mine is None else [one for one in met if one in mine]

    def holds_all(case: str) -> bool:
        own = sorted((one.since, one.until) for one in opening if one.case_number == case)
        return all(_covered(max(one.since, since), min(one.until, until), own) for one in met)

    return frozenset(filter(holds_all, {one.case_number for one in opening}))


def cases_holding(holds: Iterable[Hold], since: float, until: float) -> frozenset[str]:
    """The cases that hold every moment of the span, of an instant that one."""
    own: dict[str, list[tuple[float, float]]] = {}
    for one in holds:
        own.setdefault(one.case_number, []).append((one.since, one.until))
    whole = {case for case, spans in own.items() if _covered(since, until, sorted(spans))}
    return frozenset(case for case in whole if any(begin <= since < end for begin, end in own[case]))


def _covered(since: float, until: float, spans: Sequence[tuple[float, float]]) -> bool:
    """Whether the spans, by their begin, leave nothing out."""
    for begin, end in spans:
        if begin <= since:
            since = max(since, end)
    return since >= until


def root_of(digests: Sequence[bytes]) -> bytes:
    """The Merkle root over 32-byte digests in this order, as RFC 6962 §2.1 builds it; of none: SHA-256 of nothing."""
    if not digests:
        return hashlib.sha256(b"").digest()
    if len(digests) == 1:
        return hashlib.sha256(b"\x00" + digests[0]).digest()
    half = 1 << ((len(digests) - 1).bit_length() - 1)
    return hashlib.sha256(b"\x01" + root_of(digests[:half]) + root_of(digests[half:])).digest()


@dataclass(frozen=True, slots=True)
class Removal:
    """Files of a stream and day that go together. Times: seconds since 1970. `size`: bytes; `digests`: of the files by start."""

    stream: str
    day: str
    why: Why
    since: float
    until: float
    size: int
    digests: tuple[bytes, ...]
    removed_at: float = 0.0
    policy: str = ""
    data_class: str = ""
    root: bytes = field(default=b"", compare=False)

    @property
    def camera(self) -> str:
        """Whose footage it was."""
        return camera_of(self.stream)

    @property
    def range(self) -> str:
        """As its record names it, with the camera."""
        return f"{self.stream.rpartition('/')[2]} {self.day}"

    def ended_by(self, now: float) -> float | None:
        """When it ended; its begin where a clock that was wrong says that it ended after it was removed, or has not ended yet.
        None: not even begun.
        """
        if self.since > now:
            return None
        return self.until if self.until <= min(self.removed_at, now) else self.since

    @property
    def facts(self) -> str:
        """As its record says it; the root is over the digests that are here."""
        begin, end = (datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds") for at in (self.since, self.until))
        counted = f"files {len(self.digests)}; bytes {self.size}; {begin}–{end}; root {root_of(self.digests).hex()}"
        return f"{self.why}; class {self.data_class}; policy {self.policy}; {counted}"


@dataclass(frozen=True, slots=True)
class Folder:
    """A footage folder that works. Bytes: free, and those below which it takes nothing; `device`: its file system."""

    path: str
    free: int
    reserve: int
    device: int

    @property
    def left(self) -> int:
        """Until it takes nothing more."""
        return max(0, self.free - self.reserve)


@dataclass(frozen=True, slots=True)
class Forecast:
    """Of a camera. `a_day`: bytes, over the last seven whole days or as many as there are; None: none is over yet. `away`: of
    `stored`, in the second tier.
    """

    a_day: float | None
    stored: int
    away: int
    oldest: float | None


@dataclass(frozen=True, slots=True)
class SecondTierRoom:
    """Where footage moves that is older than `moves_after` days. Bytes: what is there, and what the floors will take there."""

    moves_after: float
    stored: int
    needed: float


@dataclass(frozen=True, slots=True)
class Storage:
    """Of the node's folders. Bytes; days at the present rate: `full_in` until nothing is free, if nothing is removed; `holds`: how
    many fit.
    """

    folders: Sequence[Folder]
    a_day: float | None
    stored: int
    needed: float
    """What the floors of all cameras take here."""
    second: SecondTierRoom | None = None
    """None: there is none."""

    @property
    def left(self) -> int:
        """Free above the reserves, each file system once."""
        by_device: dict[int, int] = {}
        for one in self.folders:
            by_device[one.device] = max(by_device.get(one.device, 0), one.left)
        return sum(by_device.values())

    @property
    def full_in(self) -> float | None:
        """Days; None as well where footage moves on before."""
        if not self.a_day or (self.second is not None and self.second.moves_after * self.a_day <= self.left + self.stored):
            return None
        return self.left / self.a_day

    @property
    def holds(self) -> float | None:
        """Days."""
        return None if not self.a_day else (self.left + self.stored) / self.a_day

    @property
    def is_short(self) -> bool:
        """The floors do not fit."""
        return self.needed > self.left + self.stored


@dataclass(frozen=True, slots=True)
class WantedHold:
    """What two persons sign. Times: whole seconds since 1970."""

    camera: str
    name: str
    since: int
    until: int
    case_number: str
    review_at: int
    unit: str = ""
    """Of whoever asks."""

    @classmethod
    def of(cls, content: Any) -> Self:
        """Raises UnusableHold."""
        names: Collection[str] = cls.__dataclass_fields__.keys()
        if not isinstance(content, dict) or content.keys() | {"unit"} != set(names):  # one asked for before names no unit
            raise UnusableHold(why_zh="内容不完整", why_en="the content is not whole")
        made = cls(**content)
        texts, times = (made.camera, made.name, made.case_number, made.unit), (made.since, made.until, made.review_at)
        if not all(isinstance(one, str) for one in texts) or not all(type(one) is int for one in times):
            raise UnusableHold(why_zh="内容不完整", why_en="the content is not whole")
        if not made.since < made.until:
            raise UnusableHold(why_zh="起始不早于结束", why_en="it does not begin before it ends")
        if not 0 < len(made.case_number) <= MAX_CASE:
            raise UnusableHold(why_zh="没有案件编号", why_en="it names no case")
        return made

    @property
    def content(self) -> dict[str, Any]:
        """As it is signed."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def refuse_review(review_at: float, now: float) -> None:
    """Raises UnusableHold for a review that is over, or too far off."""
    if not now < review_at <= now + LONGEST_REVIEW_DAYS * DAY_S:
        raise UnusableHold(
            why_zh=f"复核日期须在今后 {LONGEST_REVIEW_DAYS} 天之内", why_en=f"review it within {LONGEST_REVIEW_DAYS} days from now"
        )


class UnusableHold(OperatorFault):
    """A hold of no time, without a case, or without a review in time."""

    code = "retention.hold"
    rule = "A52"
    status = 422
    zh = "录像保全无效:{why_zh}"
    en = "The hold cannot be made: {why_en}"
    remedy_zh = "写明案件编号、起止时间(起早于止)和复核日期(最迟 184 天后)"
    remedy_en = "Name the case, a begin before the end, and a day of review within 184 days"


class UnknownHold(OperatorFault):
    """There is none of that number, or it was released."""

    code = "retention.no_hold"
    rule = "A52"
    status = 404
    zh = "没有这项录像保全,或已解除"
    en = "There is no such hold, or it was released"
    remedy_zh = "请刷新摄像机页面"
    remedy_en = "Load the camera's page anew"


class FootageRemoved(Refusal):
    """What is asked for was removed, and its record says so."""

    code = "retention.removed"
    rule = "A53"
    status = 410
    zh = "该时段录像已于 {at} 删除({why_zh}),删除记录:{stream} {day},Merkle 根 {root}"
    en = "This footage was removed at {at} ({why_en}); the record of its removal: {stream} {day}, Merkle root {root}"
    remedy_zh = "已删除的录像无法恢复;审计管理员可在审计记录中按该根核对"
    remedy_en = "What was removed cannot be had again; the audit administrator finds its record by that root"

    @classmethod
    def of(cls, one: Removal, at: str) -> Self:
        """`at`: when it was removed, as text."""
        why_zh, why_en = WHY_TEXTS[one.why]
        return cls(at=at, why_zh=why_zh, why_en=why_en, stream=one.stream, day=one.day, root=one.root.hex())


class NothingMayGo(NodeFault):
    """A folder is nearly full, and all that is in it is younger than its floor or held. A51."""

    code = "retention.floor"
    rule = "A51"
    zh = "录像文件夹即将写满,其中录像均未满最短保存期或已保全,不能删除:{folders}"
    en = "Footage folders are nearly full of footage that must still be kept: {folders}"
    remedy_zh = "请立即增加磁盘或录像文件夹,或减少录像路数与码率;写满后新录像将丢失。未满保存期的录像不会被自动删除"
    remedy_en = (
        "Add a disk or a footage folder now, or record fewer streams at a lower rate: when it is full new footage is lost. What is "
        "younger than its floor is never removed"
    )


class StorageShort(NodeFault):
    """The floors of all cameras do not fit into the folders at the present rate. A51."""

    code = "retention.short"
    rule = "A51"
    zh = "按近日码流,各摄像机最短保存期共需 {needed} GB,存储只有 {have} GB"
    en = "At the rate of the last days the cameras' floors take {needed} GB, and there are {have} GB"
    remedy_zh = "在存满之前增加录像文件夹,或降低码率;各摄像机每日用量见其页面"
    remedy_en = "Add a footage folder before they are full, or lower the rates; each camera's page says what it takes a day"


class NotRemoved(NodeFault):
    """Footage beyond its ceiling that could not be removed: surplus days. A51."""

    code = "retention.surplus"
    rule = "A51"
    zh = "{count} 个录像文件已超过最长保存期而未能删除:{why}"
    en = "{count} footage files are beyond their ceiling and could not be removed: {why}"
    remedy_zh = "检查录像文件夹的权限与磁盘;恢复后节点会自动删除"
    remedy_en = "Look at the folder's rights and its disk; the node removes them when it can"


class FootageLeaves(NodeFault):
    """A hold of what is being removed from the second tier at this moment: it is decided again once that is over. A52."""

    code = "retention.leaves"
    status = 503
    rule = "A52"
    zh = "其中部分录像已过最长保存期,正在从二级存储删除,此刻无法保全"
    en = "Some of this footage has reached its ceiling and is being removed from the second tier: it cannot be held at this moment"
    remedy_zh = "无需再做任何事:批准已经生效,节点在删除结束后自动保全尚存的录像,一般在一分钟内"
    remedy_en = "Nothing needs to be done: the approval stands, and within about a minute the node holds what is left"


class FootageGoes(NodeFault):
    """A clip of what is being removed at this moment: whether any of it is left is known once that is over. A51."""

    code = "retention.goes"
    status = 503
    rule = "A51"
    zh = "其中部分录像已到期,此刻正在删除"
    en = "The time of some of this footage is over, and it is being removed at this moment"
    remedy_zh = "请一分钟后重试;届时仍在的录像可以申请"
    remedy_en = "Try again in a minute: what is left then can be asked for"


class NothingRuled(NodeFault):
    """A folder is nearly full and no policy says what may go."""

    code = "retention.no_policy"
    rule = "A51"
    zh = "录像文件夹即将写满,而没有有效的策略包规定保存期,不能删除任何录像:{folders}"
    en = "Footage folders are nearly full, and no policy pack in force says how long footage is kept: {folders}"
    remedy_zh = "请安装策略包(“策略”页),或增加录像文件夹"
    remedy_en = "Put a policy pack in force (page Policy), or add a footage folder"


class ReviewOverdue(NodeFault):
    """Holds that nobody has looked at again in time. A52."""

    code = "retention.review"
    rule = "A52"
    zh = "{count} 项录像保全已过复核日期"
    en = "{count} holds of footage are past their day of review"
    remedy_zh = "审计记录“录像保存告警”写明摄像机与案件;在摄像机页面复核:仍需要的重新申请保全,不再需要的申请解除"
    remedy_en = (
        "The audit records “Alarm of kept footage” name camera and case; look at them on the cameras' pages: ask for a new hold "
        "where one is needed, else for its release"
    )
