"""What is sent to another system and when, and how a message between two of them reads. Pure. Times: seconds since 1970."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from fengsui.errors import NodeFault, OperatorFault, PeerFault
from fengsui.features.alarms import Alarm
from fengsui.features.incidents import Incident, IncidentKind, IncidentState, LineKind

_INTAKE: Final = re.compile(r"/alarm-intake/[a-z][a-z0-9-]{1,15}$")
MOST_LINKS: Final = 100
"""Of one node."""
LONGEST_URL: Final = 512
LONGEST_NUMBER: Final = 64
TOLD_AFTER: Final = 3
"""So many attempts in vain are told on the node's page."""
MOST_REFUSED: Final = 10
"""So often in a row one message is refused for good; then it is set aside, and what is behind it goes on."""


class News(StrEnum):
    """What a link carries: of incidents; or alarms; or of these what rules forward; or to an upper node. One of the four alone, for
    each address takes one kind of body."""

    OPENED = "opened"
    CHANGED = "changed"
    CLOSED = "closed"
    ALARMS = "alarms"
    FORWARDED = "forwarded"
    UPPER = "upper"
    """Another node of this house: alarms that waited here to the last, and what rules forward."""


OF_ALARMS: Final = frozenset((News.ALARMS, News.FORWARDED, News.UPPER))


class JobState(StrEnum):
    """Where a job stands, as systems tell one another."""

    RECEIVED = "received"
    VERIFIED = "verified"
    FALSE = "false"
    DISPATCHED = "dispatched"
    EN_ROUTE = "en_route"
    ARRIVED = "arrived"
    CONTROLLED = "controlled"
    CLOSED = "closed"


JOB_STATE_TEXTS: Final[Mapping[JobState, tuple[str, str]]] = {
    JobState.RECEIVED: ("已接收", "received"),
    JobState.VERIFIED: ("已核实", "verified"),
    JobState.FALSE: ("误报", "false"),
    JobState.DISPATCHED: ("已派警", "dispatched"),
    JobState.EN_ROUTE: ("出警中", "en route"),
    JobState.ARRIVED: ("已到场", "arrived"),
    JobState.CONTROLLED: ("现场已控制", "under control"),
    JobState.CLOSED: ("已结束", "closed"),
}
STATES: Final[Mapping[IncidentState, JobState]] = {
    IncidentState.VERIFIED: JobState.VERIFIED,
    IncidentState.FALSE: JobState.FALSE,
    IncidentState.DISPATCHED: JobState.DISPATCHED,
    IncidentState.EN_ROUTE: JobState.EN_ROUTE,
    IncidentState.ON_SCENE: JobState.ARRIVED,
    IncidentState.CONTROLLED: JobState.CONTROLLED,
    IncidentState.CLOSED: JobState.CLOSED,
    IncidentState.ARCHIVED: JobState.CLOSED,
    IncidentState.MERGED: JobState.CLOSED,
}
"""All else is `received`."""


@dataclass(frozen=True, slots=True)
class JobSaid:
    """A job, or where one stands, as the other system tells it. `number`: its own; `yours`: ours, where it knows it."""

    number: str
    yours: str
    state: JobState
    kind: IncidentKind
    area: str
    place: str
    longitude: float | None
    latitude: float | None
    text: str
    priority: int


@dataclass(frozen=True, slots=True)
class Link:
    """A system that is told. `name`: that of the source by which the same system reports, where it does; `area`: nothing that is
    elsewhere is sent; `least_urgent`: nor what is less urgent than that."""

    id: int
    name: str
    title: str
    url: str
    area: str
    news: tuple[News, ...]
    least_urgent: int
    made_at: float
    is_on: bool

    @property
    def takes_alarms(self) -> bool:
        """That rules forward, too."""
        return bool(OF_ALARMS.intersection(self.news))

    @property
    def is_upper(self) -> bool:
        """It leads to an upper node."""
        return News.UPPER in self.news

    def goes_up(self, one: Alarm) -> bool:
        """Whether an alarm that waited to the last is for this upper node: not what came from there."""
        came = one.account if one.protocol in ("https", "cap") else ""
        return came != self.name and self.carries(News.UPPER, one.area, one.priority, told=False)

    def carries(self, news: News, area: str, priority: int, *, told: bool) -> bool:
        """`told`: it has been told of the same incident; then its end is sent however little urgent it has become."""
        return self.is_on and news in self.news and area.startswith(self.area) and (told or priority <= self.least_urgent)


@dataclass(slots=True)
class Figures:
    """What came of a link. Times: 0: never. `failed_since`: of the first attempt in vain after the last success."""

    sent: int = 0
    sent_at: float = 0.0
    failed_since: float = 0.0
    failures: int = 0
    fault_at: float = 0.0
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Aside:
    """What the other system refused for good, and waits for a person. `since`: of the first; `why`: the last."""

    count: int = 0
    since: float = 0.0
    why: str = ""


def is_refused(status: int) -> bool:
    """Whether an HTTP answer says that the same message will never be taken, however often it comes."""
    return 400 <= status < 500 and status not in (401, 403, 408, 425, 429)


class Written(Protocol):
    """A line of a time line."""

    @property
    def kind(self) -> LineKind: ...
    @property
    def before(self) -> IncidentState | None: ...
    @property
    def after(self) -> IncidentState: ...


def news_of(one: Incident, line: Written) -> News | None:
    """What a line of its time line is to others; None: nothing."""
    if line.kind in (LineKind.OPENED, LineKind.REOPENED, LineKind.UNMERGED) and one.is_open:
        return News.OPENED if line.kind is not LineKind.UNMERGED or line.before is not line.after else None
    if line.before is line.after and line.kind is not LineKind.CHANGED:
        return None
    return News.CHANGED if one.is_open else News.CLOSED


def _written(facts: Mapping[str, Any]) -> str:
    return json.dumps(facts, ensure_ascii=False, separators=(",", ":"))


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")


def job_body(one: Incident, theirs: str) -> str:
    """An incident as it is told. Who leads it and who is there is nobody else's: there is no such field. `theirs`: their number."""
    facts: dict[str, Any] = {"number": one.number, **({"yours": theirs} if theirs else {})}
    facts |= {"state": STATES.get(one.state, JobState.RECEIVED).value, "type": one.kind.value, "area": one.area}
    facts |= {"place": one.place, "text": one.text, "priority": one.priority, "time": _moment(one.last_at)}
    if one.longitude is not None and one.latitude is not None:
        facts |= {"longitude": one.longitude, "latitude": one.latitude}
    return _written(facts)


def alarm_key(own: str, alarm: int) -> str:
    """Under which an alarm of this node is sent. `own`: its code."""
    return f"{own}-alarm-{alarm}"


def alarm_of(key: str) -> int:
    """Which alarm was sent under a key; 0: none."""
    found = key.rpartition("-alarm-")[2] if "-alarm-" in key else ""
    return int(found) if found.isascii() and found.isdigit() else 0


def alarm_body(one: Alarm, own: str, in_charge: str = "") -> str:
    """An alarm as the intake of another node takes it: there is no field for cameras or persons. `own`: this node's code;
    `in_charge`: the unit or centre that has it."""
    place = " ".join(part for part in (one.site, one.point) if part)[:128]
    facts: dict[str, Any] = {"id": f"{own}-{one.id}", "type": one.category, "priority": one.priority, "area": one.area}
    facts |= {"change": "restored" if one.change == "restored" else "new", "time": _moment(one.first_at)}
    text = " · ".join(part for part in (in_charge and f"处置单位 in charge: {in_charge}", one.text) if part)
    facts |= {"point": f"{one.account} {one.number}".strip()[:32], "place": place, "text": text}
    if one.longitude is not None and one.latitude is not None:
        facts |= {"longitude": one.longitude, "latitude": one.latitude}
    return _written(facts)


def check_news(news: Sequence[News]) -> None:
    """Raises UnusableLink."""
    if not news or (OF_ALARMS.intersection(news) and len(set(news)) > 1):
        raise UnusableLink(
            why_zh="一条对接只发警情,或只发报警,或只发规则转发的报警,或只通往上级节点",
            why_en="a link carries incidents, or alarms, or alarms that rules forward, and one alone, or leads to an upper node",
        )


def check_upper(news: Sequence[News], url: str, secret: str) -> None:
    """Raises UnusableLink."""
    if News.UPPER not in news:
        return
    if not _INTAKE.search(urlsplit(url).path):
        raise UnusableLink(
            why_zh="上级节点的地址为 https://上级节点/api/v1/alarm-intake/来源名称",
            why_en="the address of an upper node reads https://its-address/api/v1/alarm-intake/name-of-the-source",
        )
    if not secret:
        raise UnusableLink(
            why_zh="请填写上级节点登记来源时给出的密钥",
            why_en="enter the secret that the upper node gave when it registered the source",
        )


def check_url(url: str, plain_to: Sequence[str]) -> None:
    """HTTPS anywhere; in the clear only to this machine or a network that the settings name. Raises UnusableLink."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise UnusableLink(why_zh="地址无法读取", why_en="the address cannot be read") from error
    if not host or port == 0 or parts.username is not None or parts.password is not None or parts.fragment or not url.isprintable():
        raise UnusableLink(
            why_zh="地址须为 https://主机/路径", why_en="the address reads https://host/path, without a name or password"
        )
    if parts.scheme == "https" or (parts.scheme == "http" and _may_be_plain(host, plain_to)):
        return
    raise UnusableLink(
        why_zh="地址须为 https;明文只许发往本机或设置中列出的网段",
        why_en="https, or http to this machine or a network that the settings name",
    )


def _may_be_plain(host: str, plain_to: Sequence[str]) -> bool:
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:  # a name may lead anywhere
        return False
    return address.is_loopback or any(address in ipaddress.ip_network(one) for one in plain_to)


def alarm_in(raw: bytes) -> str:
    """The number of the alarm that it is at an upper node; empty: it says none."""
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return ""
    said = found.get("alarm") if isinstance(found, dict) else None
    return str(said) if isinstance(said, int) and not isinstance(said, bool) and 0 < said < 2**63 else ""


def number_in(raw: bytes) -> str:
    """The number that the other system gave it; empty: it says none that can be kept."""
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return ""
    said = found.get("number") if isinstance(found, dict) else None
    if isinstance(said, int) and not isinstance(said, bool) and 0 <= said < 2**63:
        said = str(said)
    usable = isinstance(said, str) and 0 < len(said) <= LONGEST_NUMBER and all("!" <= letter <= "~" for letter in said)
    return str(said) if usable else ""


class UnusableLink(OperatorFault):
    """No such link can be entered."""

    code = "dispatch_link.unusable"
    status = 422
    zh = "对接信息无效:{why_zh}"
    en = "The link cannot be entered: {why_en}"
    remedy_zh = "请更正后重试"
    remedy_en = "Mend it and try again"


class LinkKnown(OperatorFault):
    """The name has been entered already."""

    code = "dispatch_link.known"
    status = 409
    zh = "名称 {name} 已登记为外发对接"
    en = "{name} is a link already"
    remedy_zh = "换一个名称,或先删除再重新登记"
    remedy_en = "Take another name, or remove it and enter it anew"


class TooManyLinks(OperatorFault):
    """No more are taken."""

    code = "dispatch_link.too_many"
    status = 409
    zh = "本节点最多登记 {limit} 条外发对接"
    en = "{limit} links a node at most"
    remedy_zh = "请删除不用的对接"
    remedy_en = "Remove those that are gone"


class UnknownLink(OperatorFault):
    """No such link."""

    code = "dispatch_link.unknown"
    status = 404
    zh = "没有这条对接"
    en = "There is no such link"
    remedy_zh = "请刷新列表"
    remedy_en = "Load the list again"


class UnfitLink(OperatorFault):
    """No alarm can be forwarded over it."""

    code = "dispatch_link.unfit"
    status = 422
    zh = "该对接不能转发报警:{why_zh}"
    en = "No alarm can be forwarded over that link: {why_en}"
    remedy_zh = "请系统管理员在“对接”页处理,或在规则中另选一条对接"
    remedy_en = "Have it mended on the page “Links”, or choose another one in the rule"


class UnknownJob(OperatorFault):
    """Nobody has told that system of such an incident, nor has it told us."""

    code = "dispatch_link.unknown_job"
    status = 404
    zh = "没有与该系统共有的警情 {number}"
    en = "There is no incident {number} that this system knows of"
    remedy_zh = "核对编号;新任务不填 yours,须写明地点"
    remedy_en = "Check the number; a new job has no `yours`, and says where it is"


class LinkAway(PeerFault):
    """The other system did not take it over."""

    code = "dispatch_link.away"
    status = 502
    zh = "对方系统未接收:{why}"
    en = "The other system did not take it over: {why}"
    remedy_zh = "核对地址、密钥和对方系统的状态;待发内容会继续重发"
    remedy_en = "Check the address, the secret and the other system; what waits is sent again"


class LinkRefused(LinkAway):
    """The other system will not take this message, however often it is sent."""

    code = "dispatch_link.refused"
    zh = "对方系统拒收:{why}"
    en = "The other system refuses it: {why}"
    remedy_zh = "与对方核对地址和报文格式"
    remedy_en = "Check the address, and with them what their system takes"


class LinkSetAside(NodeFault):
    """What the other system refuses is set aside."""

    code = "dispatch_link.set_aside"
    zh = "对接 {title} 有 {count} 条被对方拒收,已搁置:{why}"
    en = "{title} refuses {count} messages, which are set aside: {why}"
    remedy_zh = "与对方核对后,在“对接”页重发或不再发送"
    remedy_en = "Settle it with them, then send them again on the page “Links”, or leave them out"


class LinkWaits(NodeFault):
    """What is to be sent to another system waits."""

    code = "dispatch_link.waits"
    zh = "对接 {title} 发送不通,{count} 条待发:{why}"
    en = "{title} does not take over what is sent to it; {count} wait: {why}"
    remedy_zh = "在“对接”页查看并试发;恢复后自动补发"
    remedy_en = "Look at the page “Links” and try it; what waits is sent when it is back"
