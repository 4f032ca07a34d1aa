"""What a panic link is, what is said by its press, and what is refused. Pure. Times: seconds since 1970."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from fengsui.errors import OperatorFault
from fengsui.features.alarm_intake import Pace
from fengsui.features.alarms import PANIC_PROTOCOL, Alarm, Call

MOST_LINKS: Final = 5_000
"""Of one node."""
PER_S: Final = 1.0
"""So many presses of one link a second, and so many tries of one address without a link, on the average of ten seconds."""
LOOKS_PER_S: Final = 5.0
"""So often a second the pages of one link may look."""
MOST_ADDRESSES: Final = 10_000
LARGEST_BODY: Final = 4096
OLDEST_S, NEWEST_S = 30 * 86_400.0, 86_400.0
"""A press that says it was before or after that is told without a time of its own."""
COARSEST_M: Final = 1_000.0
"""A position that is less exact says less than where the place is."""
State = Literal["none", "waiting", "taken", "closed"]


@dataclass(frozen=True, slots=True)
class PanicLink:
    """`number`: by which its alarms are known to be of one place; `holder`: who has it; `phone`: where somebody there answers;
    `camera`: the code of the one that looks there, empty: none.
    """

    id: int
    number: str
    place: str
    holder: str
    phone: str
    area: str
    camera: str
    longitude: float | None
    latitude: float | None
    token_hash: str
    is_on: bool
    made_at: float


class Wanted(NamedTuple):
    """A link as somebody enters it."""

    place: str
    holder: str
    phone: str
    area: str
    camera: str
    longitude: float | None
    latitude: float | None


class Press(NamedTuple):
    """As the page tells it. `key`: the same when it is sent again; `at`: by the phone's clock; `accuracy_m`: of its position."""

    key: str
    at: float | None
    longitude: float | None
    latitude: float | None
    accuracy_m: float | None
    text: str
    trial: bool


def hash_of(token: str) -> str:
    """All that is stored of a token; of one that nobody can have made as well, so that each takes as long."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def call_of(link: PanicLink, press: Press, now: float) -> Call:
    """The alarm. Where the phone is, if it knows that well; else where the place is. No clock of a phone refuses a call."""
    exact = press.longitude is not None and press.accuracy_m is not None and press.accuracy_m <= COARSEST_M
    where = (press.longitude, press.latitude) if exact else (link.longitude, link.latitude)
    words = [f"联系电话 {link.phone}" if link.phone else "", press.text.strip()]
    if exact and press.accuracy_m is not None:
        words.append(f"手机定位 ±{press.accuracy_m:.0f} m")
    return Call(
        source=link.number,
        who=link.holder,
        site=link.place,
        area=link.area,
        at=press.at if press.at is not None and now - OLDEST_S <= press.at <= now + NEWEST_S else None,
        longitude=where[0],
        latitude=where[1],
        text=" · ".join(one for one in words if one),
        camera=link.camera,
        protocol=PANIC_PROTOCOL,
        trial=press.trial,
    )


def state_of(alarm: Alarm | None) -> State:
    """What the desk does about it, in the one word that a stranger with the link may know."""
    if alarm is None:
        return "none"
    if alarm.state in ("claimed", "verified"):
        return "taken"
    return "closed" if alarm.state in ("closed", "") else "waiting"


class Strangers:
    """How often each address came without a link; those that were not heard longest are forgotten first."""

    def __init__(self) -> None:
        self._by_address: OrderedDict[str, Pace] = OrderedDict()

    def __len__(self) -> int:
        return len(self._by_address)

    def take(self, address: str, now_s: float) -> bool:
        """Whether one more is within its pace."""
        pace = self._by_address.pop(address, None) or Pace(PER_S, now_s)
        self._by_address[address] = pace
        if len(self._by_address) > MOST_ADDRESSES:
            self._by_address.popitem(last=False)
        return pace.take(now_s)


class UnknownPanicLink(OperatorFault):
    """No link has this token, or it is switched off: it does not say which."""

    code = "panic.unknown"
    status = 404
    zh = "此报警链接无效或已停用"
    en = "This panic link is not valid, or is switched off"
    remedy_zh = "请直接拨打 110,并向发放链接的单位索取新链接"
    remedy_en = "Call 110, and ask whoever gave you the link for a new one"


class PanicTooOften(OperatorFault):
    """More than one link, or one address without a link, may ask."""

    code = "panic.too_often"
    status = 429
    zh = "请求过于频繁"
    en = "Asked too often"
    remedy_zh = "页面会自动重发;紧急时请直接拨打 110"
    remedy_en = "The page sends it again by itself; call 110 where it is urgent"
    retry_after_s = 2


class PanicTooLarge(OperatorFault):
    """Larger than a press is."""

    code = "panic.too_large"
    status = 413
    zh = "正文超过 {limit} 字节"
    en = "The body is larger than {limit} octets"
    remedy_zh = "请用报警页面发送"
    remedy_en = "Send it by the page"


class PanicMalformed(OperatorFault):
    """It cannot be read."""

    code = "panic.malformed"
    status = 422
    zh = "无法读取:{why}"
    en = "It cannot be read: {why}"
    remedy_zh = "请用报警页面发送;紧急时请直接拨打 110"
    remedy_en = "Send it by the page; call 110 where it is urgent"


class UnusablePanicLink(OperatorFault):
    """No such link can be made."""

    code = "panic_link.unusable"
    status = 422
    zh = "报警链接信息无效:{why_zh}"
    en = "The panic link cannot be made: {why_en}"
    remedy_zh = "请更正后重试"
    remedy_en = "Mend it and try again"


class TooManyPanicLinks(OperatorFault):
    """No more are made."""

    code = "panic_link.too_many"
    status = 409
    zh = "本节点最多 {limit} 个报警链接"
    en = "{limit} panic links a node at most"
    remedy_zh = "请删除不用的链接"
    remedy_en = "Remove those that nobody needs"


class NoSuchPanicLink(OperatorFault):
    """No such link in the list."""

    code = "panic_link.unknown"
    status = 404
    zh = "没有这个报警链接"
    en = "There is no such panic link"
    remedy_zh = "请刷新列表"
    remedy_en = "Load the list again"
