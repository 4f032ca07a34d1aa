"""What a protected place is, and what is refused about it. Pure. Times: seconds since 1970."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, get_args

import msgspec

from fengsui.errors import OperatorFault

MOST_SITES: Final = 20_000
"""Of one node: all are in memory, without their telephone numbers."""
MOST_HOSTS: Final = 50
MOST_CONTACTS: Final = 20
MOST_PLANS: Final = 10
MOST_MARKS: Final = 200
"""Of one plan."""
MOST_OCTETS: Final = 12 << 20
SiteKind = Literal[
    "kindergarten",
    "school",
    "hospital",
    "bank",
    "dangerous-goods",
    "government",
    "station",
    "crowded",
    "heritage",
    "residence",
    "shop",
    "other",
]
ContactRole = Literal["leader", "duty-room", "guard", "caretaker", "neighbour", "other"]
RANK: Final[Mapping[str, int]] = {kind: at for at, kind in enumerate(get_args(SiteKind))}
"""Children first, in every list."""


class Contact(msgspec.Struct, frozen=True):
    """Somebody to call. `has_key`: opens the door."""

    role: ContactRole
    name: str
    phone: str
    has_key: bool = False


class Standing(msgspec.Struct, frozen=True):
    """An alarm host in the place. `made_at`: when it was entered, so that another one of the same account is not taken for it."""

    account: str
    made_at: float


class Mark(msgspec.Struct, frozen=True):
    """Where the point of a host stands on a plan: from its left and its top, 0 to 1."""

    account: str
    zone: str
    x: float
    y: float


class FloorPlan(msgspec.Struct, frozen=True):
    """`picture`: the SHA-256 of what is kept."""

    picture: str
    name: str
    marks: tuple[Mark, ...] = ()


class Said(msgspec.Struct, frozen=True):
    """What whoever goes there is told. `contacts`: in the order to call."""

    contacts: tuple[Contact, ...] = ()
    note: str = ""
    plan: str = ""
    hosts: tuple[Standing, ...] = ()
    plans: tuple[FloorPlan, ...] = ()
    procedure: int | None = None
    """That is proposed for its alarms."""


class Facts(NamedTuple):
    """A place as somebody enters it. `longitude`, `latitude`: both, or neither."""

    name: str
    kind: SiteKind
    area: str
    address: str
    longitude: float | None
    latitude: float | None


@dataclass(frozen=True, slots=True)
class Site:
    """As it stands, without what is personal. `is_whole`: its row is as the node wrote it; else nobody is sent there by it."""

    id: int
    facts: Facts
    hosts: tuple[Standing, ...]
    pictures: tuple[str, ...]
    """Of its plans."""
    procedure: int | None
    version: int
    changed_at: float
    changed_by: str
    is_whole: bool

    @property
    def order(self) -> tuple[int, str, int]:
        """In a list: by kind, then by name."""
        return RANK.get(self.facts.kind, len(RANK)), self.facts.name, self.id

    def meets(self, kind: SiteKind | None, words: list[str]) -> bool:
        """Whether it is of that kind, and each word is in its name, its address or an account."""
        if kind is not None and kind != self.facts.kind:
            return False
        text = "\n".join((self.facts.name, self.facts.address, *(one.account for one in self.hosts))).casefold()
        return all(one.casefold() in text for one in words)


def told(facts: Facts, said: Said, version: int) -> str:
    """For the record: whom one calls there is in its digest alone."""
    digest = hashlib.sha256(msgspec.json.encode(said)).hexdigest()
    accounts = " ".join(one.account for one in said.hosts) or "none"
    by = "" if said.procedure is None else f"; procedure {said.procedure}"
    people = f"contacts: {len(said.contacts)}; sha256 {digest}"
    return f"version {version}; {facts.kind}; {facts.area} {facts.name} {facts.address}; hosts: {accounts}{by}; {people}"


class UnknownSite(OperatorFault):
    """No such place, or none that one may see."""

    code = "alarm_site.unknown"
    status = 404
    zh = "没有这个重点场所"
    en = "There is no such protected place"
    remedy_zh = "请刷新列表"
    remedy_en = "Load the list again"


class SiteChanged(OperatorFault):
    """Somebody was first."""

    code = "alarm_site.changed"
    status = 409
    zh = "重点场所“{name}”刚被他人更改"
    en = "Somebody has just changed the protected place “{name}”"
    remedy_zh = "请刷新后再修改"
    remedy_en = "Load it again, then change it"


class SiteNameTaken(OperatorFault):
    """Within an area a place is told apart by its name."""

    code = "alarm_site.name_taken"
    status = 409
    zh = "该区划内已有重点场所“{name}”"
    en = "There is a protected place “{name}” in that area already"
    remedy_zh = "请换一个名称,或修改已有的"
    remedy_en = "Choose another name, or change the one that is there"


class HostElsewhere(OperatorFault):
    """A host stands in one place at most."""

    code = "alarm_site.host_elsewhere"
    status = 409
    zh = "报警主机 {account} 已归入另一个重点场所"
    en = "Alarm host {account} stands in another protected place already"
    remedy_zh = "请先在那个场所中移出"
    remedy_en = "Take it out of that place first"


class UnusableSite(OperatorFault):
    """No such place can be entered."""

    code = "alarm_site.unusable"
    status = 422
    zh = "重点场所无效:{why_zh}"
    en = "The protected place cannot be entered: {why_en}"
    remedy_zh = "请按提示修改"
    remedy_en = "Change what is said"


class UnknownPlan(OperatorFault):
    """No such plan of this place."""

    code = "alarm_site.unknown_plan"
    status = 404
    zh = "没有这张平面图"
    en = "There is no such floor plan"
    remedy_zh = "请刷新"
    remedy_en = "Load the place again"


class PlanTooLarge(OperatorFault):
    """More octets than are read."""

    code = "alarm_site.plan_too_large"
    status = 413
    zh = "平面图超过 {most} MB"
    en = "The floor plan has more than {most} MB"
    remedy_zh = "请压缩后上传"
    remedy_en = "Make it smaller and send it again"


class TooManySites(OperatorFault):
    """No more are taken."""

    code = "alarm_site.too_many"
    status = 409
    zh = "本节点最多登记 {limit} 个重点场所"
    en = "{limit} protected places a node at most"
    remedy_zh = "请删除不用的"
    remedy_en = "Remove those that are gone"
