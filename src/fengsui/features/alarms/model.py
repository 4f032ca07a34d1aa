"""What an alarm host, its points and an alarm are, and what is refused about them. Pure. Source: ANSI/SIA DC-09."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import astuple, dataclass
from functools import cached_property
from json.encoder import encode_basestring as _quoted
from typing import Final, Literal, NamedTuple

from fengsui.errors import OperatorFault
from fengsui.features.recording import Hours
from fengsui.wire.dc09.codes import Category
from fengsui.wire.dc09.content import Content
from fengsui.wire.dc09.events import Report

Protocol = Literal["dc09"]
PointKind = Literal["zone", "button", "detector"]
MOST_HOSTS: Final = 100_000
MOST_POINTS: Final = 1_000
"""Of one host."""
LONGEST_TEXT: Final = 256
LONGEST_NUMBER: Final = 32
USUAL_GRACE_MIN: Final = 15
LONGEST_GRACE_MIN: Final = 240
MOST_HOURS: Final = 32
"""Of one schedule."""
_FIRST: Final = {Category.PANIC, Category.FIRE, Category.MEDICAL, Category.GAS}
_SECOND: Final = {Category.INTRUSION, Category.TAMPER}
_THIRD: Final = {Category.FIRE_SUPERVISORY, Category.TECHNICAL, Category.POWER, Category.COMMUNICATION, Category.FAULT}
_CONFIRMED: Final = {"129", "139", "BV", "BM"}
_LOW: Final = {"374", "EA", "EE", "EZ"}
"""An exit error: the user is still there."""
_OF_THE_PATH: Final = frozenset("ACGJKMN")
"""Extended data about how a frame came (network path, addresses, keys): other ones over the second path of a host."""


@dataclass(frozen=True, slots=True)
class Arming:
    """When a host is to be armed, and so what of its points has no hours of its own. `grace_min`: so much later, or earlier opened,
    nobody is told."""

    hours: tuple[Hours, ...]
    grace_min: int = USUAL_GRACE_MIN


class PointCamera(NamedTuple):
    """A camera that looks at a point, and the preset that it is to stand at; None: as it stands."""

    camera: str
    preset: int | None = None


@dataclass(frozen=True, slots=True)
class AlarmPoint:
    """A zone, a button or a detector of a host. `cameras`: that look there, the first one's picture opens by itself.

    `longitude`, `latitude`: degrees of WGS 84; None: nobody said where it is.
    """

    id: int
    host_id: int
    zone: str
    name: str
    kind: PointKind
    cameras: tuple[PointCamera, ...] = ()
    longitude: float | None = None
    latitude: float | None = None
    arming: tuple[Hours, ...] | None = None
    """When it is to be armed; None: as its host."""

    @property
    def camera(self) -> str:
        """The first one's code; empty: none looks there."""
        return self.cameras[0].camera if self.cameras else ""


@dataclass(frozen=True)
class AlarmHost:
    """As it was entered. `encrypted`: it has a key, and is heard by that alone. `made_at`: seconds since 1970."""

    id: int
    protocol: Protocol
    account: str
    site: str
    area: str
    encrypted: bool
    made_at: float
    supervision_s: int | None
    """It is heard at least so often; 0: it may be silent, None: as the node's settings have it."""
    points: Mapping[str, AlarmPoint]
    """By zone, as `zone_of` has it, in the order in which they were entered."""
    arming: Arming | None = None
    """None: nobody said when it is to be armed."""

    @cached_property
    def revision(self) -> str:
        """Another one as soon as what may be changed of it is another. Reckoned once: lists show it of each."""
        points = [astuple(one) for one in self.points.values()]
        arming = None if self.arming is None else astuple(self.arming)
        return hashlib.sha256(json.dumps([self.site, self.supervision_s, points, arming]).encode()).hexdigest()[:16]

    def point_at(self, number: str) -> AlarmPoint | None:
        """By the number as the host writes it, with leading zeros or without."""
        return self.points.get(zone_of(number))


class NewPoint(NamedTuple):
    """As somebody enters it. `id`: of the point that it is, None: the one of its zone, or a new one."""

    zone: str
    name: str
    kind: PointKind
    cameras: tuple[PointCamera, ...] = ()
    longitude: float | None = None
    latitude: float | None = None
    arming: tuple[Hours, ...] | None = None
    id: int | None = None


def with_hidden(before: Sequence[PointCamera], given: Sequence[PointCamera], hidden: Collection[str]) -> tuple[PointCamera, ...]:
    """The cameras of a point as somebody says them who does not see some that are there: those stay, each in its place."""
    found = list(given)
    named = {one.camera for one in given}
    for at, one in enumerate(before):
        if one.camera in hidden and one.camera not in named:
            found.insert(at, one)
    return tuple(found)


def refuse_doubled(points: Sequence[NewPoint]) -> None:
    """Raises UnusableAlarmHost: a zone without a number, two points of one zone, a camera twice at one point."""
    zones = [zone_of(one.zone) for one in points]
    if "" in zones:
        raise UnusableAlarmHost(why_zh="防区号须是 1 以上的编号", why_en="the number of a zone begins at 1")
    if len(set(zones)) < len(zones):
        raise UnusableAlarmHost(why_zh="防区号重复", why_en="two points have one zone")
    if any(len({of.camera for of in one.cameras}) < len(one.cameras) for one in points):
        raise UnusableAlarmHost(why_zh="同一点位的摄像机重复", why_en="a camera stands twice at one point")


@dataclass(frozen=True, slots=True)
class NewHost:
    """As somebody enters it. `key`: 16, 24 or 32 octets; None: it reports in clear."""

    protocol: Protocol
    account: str
    site: str
    area: str
    key: bytes | None
    points: tuple[NewPoint, ...]
    supervision_s: int | None = None
    arming: Arming | None = None

    def __post_init__(self) -> None:
        """Raises UnusableAlarmHost."""
        refuse_doubled(self.points)


@dataclass(frozen=True, slots=True)
class ChangedHost:
    """What may be changed of a host that is there."""

    site: str
    supervision_s: int | None
    points: tuple[NewPoint, ...]
    arming: Arming | None = None


def zone_of(number: str) -> str:
    """What `005` and `5` have in common; empty: none."""
    return number.strip().lstrip("0").upper()


def key_of(text: str, form: Literal["hex", "text"]) -> bytes:
    """As panels are told it: digits of 16, 24 or 32 octets, or so many characters. Raises UnusableAlarmHost; tells no key."""
    try:
        key = bytes.fromhex(text) if form == "hex" else text.encode("ascii")
    except ValueError:
        key = b""
    if len(key) not in (16, 24, 32):
        raise UnusableAlarmHost(
            why_zh="密钥须为 16、24 或 32 字节(十六进制 32、48、64 位,或同样多的字符)",
            why_en="a key has 16, 24 or 32 octets (32, 48 or 64 hexadecimal digits, or so many characters)",
        )
    return key


@dataclass(frozen=True, slots=True)
class Alarm:
    """One event that a host or a device reported. Times: seconds since 1970; `sent_at` by the host's clock, the others by ours.

    `section`: the host's partition; `number`: of a zone, or of a user (`is_user`). What the point was called then stays here.
    """

    id: int
    account: str
    site: str
    area: str
    section: str
    number: str
    is_user: bool
    point_id: int | None
    point: str
    point_kind: str
    camera: str
    code_table: str
    code: str
    known: bool
    change: str
    category: str
    priority: int
    text: str
    sequence: str
    encrypted: bool
    held_back: bool
    sent_at: float | None
    first_at: float
    last_at: float
    repeats: int
    protocol: str
    """`dc09`, or `gb28181` of a device; which has no account, and a `device`, `method` and so on."""
    device: str
    camera_class: str
    """Of the camera as it was then: it decides with the area who sees the alarm. Empty: the area alone does."""
    method: int | None
    alarm_type: str
    event_type: str
    told_priority: int | None
    """As the device has it; ours is by the table."""
    longitude: float | None
    latitude: float | None
    state: str
    """What is done about it: `open`, `claimed`, `verified`, `closed`; `shelved`: nothing until its shelf ends;
    `folded`: it counts with the one it came after (`folded_into`); empty: for the record alone."""
    active: bool
    """Its source has not told that it is over. That closes nothing."""
    owner_id: int | None
    owner: str
    claimed_at: float | None
    verified_at: float | None
    closed_at: float | None
    result: str
    reason: str
    outcome: str
    note: str
    escalated: int
    """1: it waited too long; 2: longer than anybody may let it wait. Whoever takes it begins at 0."""
    escalated_most: int
    """The most that it ever was."""
    due_at: float | None
    """When that is, next."""
    step_by: float | None
    """When whoever sees to it must have said what is the matter, or be done with it; whoever takes it over has no longer."""
    folded: int
    folded_at: float | None
    """How many like it came while it was open, and when the last of them."""
    folded_into: int | None
    version: int
    shelf_id: int | None
    """It came, or stood, on this shelf last."""
    tested: bool
    """Its point was in test when it came: it is for the record alone."""
    unarmed: bool
    """Its point was not armed when it came: it is for the record alone."""
    noted_by: str
    """The supervisor who took note, since its clock ran out last, that it waits too long; empty: nobody did."""
    queued_at: float | None
    """When it came back to the queue from a shelf; its clock runs from there, its age from `first_at`."""

    @property
    def waits_since(self) -> float:
        """Since when somebody could have taken it."""
        return self.first_at if self.queued_at is None else self.queued_at


LEAST_URGENT: Final = 3
"""What is less urgent is for the record, and nobody's work."""
FOR_THE_RECORD: Final = LEAST_URGENT + 1


def is_work(change: str, priority: int) -> bool:
    """Whether somebody has to look at it: something began, and it is more than a record."""
    return change == "new" and priority <= LEAST_URGENT


def priority_of(report: Report) -> int:
    """1 lives are at stake, 2 somebody breaks in, 3 equipment, 4 for the record. A confirmed one counts as the first.

    So does what could not be read: it may be a hold-up.
    """
    category = report.meaning.category
    if not report.code or category in _FIRST or report.code in _CONFIRMED:
        return 1
    if report.code in _LOW:
        return 3
    return usual_priority(category)


def usual_priority(category: Category) -> int:
    """Of an alarm of this kind about which no more is known."""
    if category in _FIRST:
        return 1
    if category in _SECOND:
        return 2
    return 3 if category in _THIRD else 4


def body_key(account: str, token: str, sequence: str, content: Content) -> str:
    """The same for a frame that is sent again, whatever its padding, its time of sending and its path are then."""
    extended = [f"[{_quoted(letter)}, {_quoted(text)}]" for letter, text in content.extended if letter.upper() not in _OF_THE_PATH]
    whole = f"[{_quoted(account)}, {_quoted(token)}, {_quoted(sequence)}, {_quoted(content.data)}, [{', '.join(extended)}]]"
    return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()  # as `json.dumps` would have it, on disks since long


def plain(text: str, longest: int) -> str:
    """Of what a host wrote, what a database holds and a page shows."""
    return text[:longest] if text.isprintable() else "".join(one for one in text if one.isprintable())[:longest]


class UnusableAlarmHost(OperatorFault):
    """No such host can be entered."""

    code = "alarm_host.unusable"
    status = 422
    zh = "报警主机信息无效:{why_zh}"
    en = "The alarm host cannot be entered: {why_en}"
    remedy_zh = "请按主机的设置填写账号、密钥和防区"
    remedy_en = "Write account, key and zones as they are set in the host"


class AlarmHostKnown(OperatorFault):
    """The account has been entered already."""

    code = "alarm_host.known"
    status = 409
    zh = "账号 {account} 已登记为报警主机"
    en = "Account {account} is an alarm host already"
    remedy_zh = "请在列表中找到它并修改;更换密钥须先删除再登记"
    remedy_en = "Find it in the list and change it; for another key remove it and enter it anew"


class AlarmHostChanged(OperatorFault):
    """Somebody else changed it meanwhile."""

    code = "alarm_host.changed"
    status = 409
    zh = "报警主机 {account} 已被他人修改"
    en = "Somebody else has changed alarm host {account}"
    remedy_zh = "请刷新后在新内容上修改"
    remedy_en = "Load it again, and change what it is now"


class UnknownAlarmPoint(OperatorFault):
    """The host has no such point."""

    code = "alarm_host.unknown_point"
    status = 422
    zh = "报警主机 {account} 没有编号 {point} 的点位"
    en = "Alarm host {account} has no point {point}"
    remedy_zh = "请刷新列表"
    remedy_en = "Load the list again"


class TooManyAlarmHosts(OperatorFault):
    """No more are taken."""

    code = "alarm_host.too_many"
    status = 409
    zh = "本节点最多登记 {limit} 台报警主机"
    en = "{limit} alarm hosts a node at most"
    remedy_zh = "请删除不用的主机"
    remedy_en = "Remove those that are gone"


class UnknownAlarmHost(OperatorFault):
    """No such host."""

    code = "alarm_host.unknown"
    status = 404
    zh = "没有这台报警主机"
    en = "There is no such alarm host"
    remedy_zh = "请刷新列表"
    remedy_en = "Load the list again"


class UnknownAlarm(OperatorFault):
    """No such alarm, or none that one may see."""

    code = "alarm.unknown"
    status = 404
    zh = "没有这条报警"
    en = "There is no such alarm"
    remedy_zh = "请刷新列表"
    remedy_en = "Load the list again"
