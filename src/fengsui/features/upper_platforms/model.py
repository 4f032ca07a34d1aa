"""Upper platforms: who they are, what of this node each is given, and what is due with one when. Pure.

Sources: GB/T 28181-2022 §9.1 (registration), §9.6 (keep-alive), annexes E and J.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, NamedTuple

from fengsui.errors import NodeFault, OperatorFault, PeerFault
from fengsui.features.access import CameraClass, Scope, mask_of
from fengsui.features.cameras import Camera
from fengsui.features.devices import Peer
from fengsui.wire.gb28181.catalog import CatalogueItem
from fengsui.wire.gb28181.catalog_details import ItemDetails
from fengsui.wire.gb28181.edition import Edition
from fengsui.wire.gb_code import is_gb_code

MOST_UPPERS: Final = 32
"""Of one node."""
MOST_ADDRESSES: Final = 4
MOST_AREAS: Final = 100
MOST_CAMERAS: Final = 2_000
"""That one is given by name."""
MISSED_LIMIT: Final = 3
"""So many keep-alives in a row without an answer, and the platform is away (§9.6.1)."""
ITEMS_BY_UDP: Final = 4
ITEMS_BY_TCP: Final = 100
"""Of a catalogue in one message where nothing else is said: by UDP they fit into few datagrams."""
BY_AREA: Final = mask_of((CameraClass.GOVERNMENT, CameraClass.OPERATING_UNIT))
"""Cameras that a shared area brings with it; all others are shared one by one, or not at all."""
_LABEL: Final = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST: Final = re.compile(rf"^{_LABEL}(\.{_LABEL})*$")


class SharedCamera(NamedTuple):
    """A camera that is shared by name. `as_code`, `as_name`: what the platform knows it by; empty: as here."""

    code: str
    as_code: str = ""
    as_name: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """What of the node a platform is given."""

    areas: tuple[str, ...] = ()
    cameras: tuple[SharedCamera, ...] = ()

    def to_text(self) -> str:
        """For the database."""
        return json.dumps({"areas": self.areas, "cameras": self.cameras}, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def of_text(cls, stored: str) -> Share:
        """The contrary of `to_text`."""
        said = json.loads(stored)
        return cls(tuple(said["areas"]), tuple(SharedCamera(*one) for one in said["cameras"]))

    def scope(self, root: str = "") -> Scope:
        """Where cameras are shared by their area; of that, what lies in `root`, the code of a division."""
        found = set[str]()
        for area in self.areas:
            if area.startswith(root):
                found.add(area)
            elif root.startswith(area):
                found.add(root)
        return Scope(tuple((area, BY_AREA) for area in sorted(found)))

    def named(self, exposed: str) -> SharedCamera | None:
        """The camera that is shared under this code by name."""
        return next((one for one in self.cameras if (one.as_code or one.code) == exposed), None)


def check_share(share: Share, own: str) -> None:
    """`own`: the node's code. Raises UnusableUpper when two would have one code, or one no code of the standard."""
    exposed = [one.as_code or one.code for one in share.cameras]
    for code in exposed:
        if not is_gb_code(code):
            raise UnusableUpper(why_zh=f"{code} 不是 20 位编码,须另给 as_code", why_en=f"{code} has not 20 digits: give an as_code")
    if len({*exposed, own}) <= len(exposed) or len({one.code for one in share.cameras}) < len(exposed):
        raise UnusableUpper(why_zh="共享的摄像机编码重复", why_en="a code is there twice among the shared cameras")


def check_host(host: str) -> None:
    """An IP address or a name. Raises UnusableUpper."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        if _HOST.match(host) is None or len(host) > 253 or host.replace(".", "").isdigit():
            raise UnusableUpper(why_zh=f"{host} 不是地址", why_en=f"{host} is no address") from None
        return
    if address.is_unspecified or address.is_multicast:
        raise UnusableUpper(why_zh=f"{host} 不能作为对方地址", why_en=f"nobody is at {host}")


class Address(NamedTuple):
    """Where a platform takes SIP. `host`: an IP address or a name."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Upper:
    """An upper platform as it is entered. Times in seconds; `items`: of a catalogue in one message, 0: by the transport."""

    id: int
    code: str
    name: str
    addresses: tuple[Address, ...]
    domain: str
    transport: str
    keepalive_s: int
    expires_s: int
    items: int
    share: Share
    made_at: float

    @property
    def items_a_message(self) -> int:
        """Of a catalogue."""
        return self.items or (ITEMS_BY_UDP if self.transport == "UDP" else ITEMS_BY_TCP)


class LinkState(StrEnum):
    """How we stand with a platform."""

    JOINING = "joining"
    """Not registered yet, and nothing speaks against it."""
    ONLINE = "online"
    AWAY = "away"
    """It does not answer, or is gone."""
    REFUSED = "refused"
    """It does not take us: password, code, or what else it says."""
    DISTRUSTED = "distrusted"
    """Its row was changed past the node: nothing is sent there."""


@dataclass(slots=True)
class Standing:
    """How it stands with one. `since`, `heard_at`: seconds since 1970, 0: never; `fault`: why it is not online."""

    state: LinkState
    since: float
    address: str = ""
    heard_at: float = 0.0
    fault: str = ""


class Granted(NamedTuple):
    """A registration that was taken."""

    for_s: int
    edition: Edition


@dataclass(slots=True)
class Liveness:
    """What is due with a platform that has us. Times: seconds of one monotonic clock."""

    keepalive_s: float
    granted_s: float
    now_s: float
    missed: int = 0
    _beat_s: float = field(init=False)
    _renew_s: float = field(init=False)

    def __post_init__(self) -> None:
        self.renewed(self.granted_s, now_s=self.now_s)
        self._beat_s = self.now_s + self.keepalive_s

    def renewed(self, granted_s: float, *, now_s: float) -> None:
        """Registered anew, for so long: again when a tenth of it is left, and half a minute before the end at the latest."""
        self._renew_s = now_s + max(granted_s / 2, min(granted_s * 0.9, granted_s - 30))

    def due_s(self) -> float:
        """When there is something to do next."""
        return min(self._beat_s, self._renew_s)

    def must_renew(self, *, now_s: float) -> bool:
        """Whether to register again now."""
        return now_s >= self._renew_s

    def beaten(self, *, answered: bool, now_s: float) -> bool:
        """A keep-alive was sent; whether the platform still counts as there."""
        self.missed = 0 if answered else self.missed + 1
        self._beat_s = now_s + self.keepalive_s
        return self.missed < MISSED_LIMIT


def area_items(areas: Iterable[tuple[str, str]]) -> list[CatalogueItem]:
    """Divisions, by code and name: an item of two elements, its parent is in its code (annex E)."""
    return [CatalogueItem(code, name) for code, name in areas]


def own_item(code: str, name: str, area: str) -> CatalogueItem:
    """This node at the top of its catalogue: without a parent (annex J)."""
    return CatalogueItem(
        code, name, "Fengsui", "Fengsui", area, name, status="ON", details=ItemDetails(owner=name, register_way=1, secrecy=0)
    )


def camera_item(camera: Camera, as_shared: SharedCamera, own: str, *, online: bool) -> CatalogueItem:
    """A camera as the platform sees it: what it is and where, and nothing of our networks, owners and devices."""
    streams = tuple(range(len(camera.streams)))
    return CatalogueItem(
        as_shared.as_code or camera.code,
        as_shared.as_name or camera.name,
        camera.maker or "-",
        camera.model or "-",
        camera.shown_area,
        camera.address or as_shared.as_name or camera.name,
        0,
        (own,),
        "ON" if online else "OFF",
        camera.longitude,
        camera.latitude,
        "",
        camera.ptz_type,
        streams,
        details=ItemDetails(owner="-", register_way=1, secrecy=0),
    )


def gone_item(code: str, own: str) -> CatalogueItem:
    """A camera that left while its catalogue was on its way: announced in its number, so it is sent, and off."""
    return CatalogueItem(code, code, "-", "-", code[:6], "-", parents=(own,), status="OFF")


def is_at(peer: Peer, linked: Peer) -> bool:
    """Whether a request may be of the platform that is linked there: by its connection, or from its address."""
    return peer.host == linked.host


def moment(at: float) -> datetime | None:
    """None: never."""
    return datetime.fromtimestamp(at, UTC) if at else None


class NotTaken(PeerFault):
    """The platform does not take our registration."""

    code = "upper_platform.not_taken"
    zh = "上级平台拒绝注册:{sip_status} {reason}"
    en = "The upper platform does not take the registration: {sip_status} {reason}"
    remedy_zh = "核对本节点编码、口令和对方的域;401、403 多为口令不符或对方未登记本节点"
    remedy_en = "Compare code, password and domain; 401 and 403 mostly mean the password, or that it does not know us"


class UnusableUpper(OperatorFault):
    """No such platform can be entered."""

    code = "upper_platform.unusable"
    status = 422
    zh = "上级平台信息无效:{why_zh}"
    en = "The upper platform cannot be entered: {why_en}"
    remedy_zh = "请更正后重试"
    remedy_en = "Mend it and try again"


class UpperKnown(OperatorFault):
    """The code has been entered already."""

    code = "upper_platform.known"
    status = 409
    zh = "平台 {platform} 已登记"
    en = "{platform} has been entered already"
    remedy_zh = "先删除再重新登记"
    remedy_en = "Remove it and enter it anew"


class TooManyUppers(OperatorFault):
    """No more are taken."""

    code = "upper_platform.too_many"
    status = 409
    zh = "本节点最多登记 {limit} 个上级平台"
    en = "{limit} upper platforms a node at most"
    remedy_zh = "请删除不用的上级平台"
    remedy_en = "Remove those that are gone"


class UnknownUpper(OperatorFault):
    """No such platform."""

    code = "upper_platform.unknown"
    status = 404
    zh = "没有这个上级平台"
    en = "There is no such upper platform"
    remedy_zh = "请刷新列表"
    remedy_en = "Load the list again"


class UpperAway(NodeFault):
    """An upper platform does not have us."""

    code = "upper_platform.away"
    zh = "上级平台 {name} 未连上:{why}"
    en = "This node is not registered at {name}: {why}"
    remedy_zh = "检查网络、地址、口令和对方状态;节点会自动重试"
    remedy_en = "Look at the network, the address, the password and the platform; the node tries again by itself"
