"""Catalogue query, answer and notification. Source: GB/T 28181-2022 A.2.4.3, A.2.6.4, §9.11; field practice of dirty trees."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from typing import Final, NamedTuple

from fengsui.wire.errors import MalformedManscdp
from fengsui.wire.gb28181.catalog_details import NOTHING_SAID, ItemDetails, read_details, write_details
from fengsui.wire.gb28181.edition import Edition
from fengsui.wire.gb28181.xml_text import MAX_XML_BYTES, Fields, decimal, decode, element, group, number, parse_xml, texts_of

_PARENT_BREAK: Final = re.compile(r"[/,\s]+")
_OFF: Final = frozenset(("OFF", "OFFLINE", "OFFILE", "0", "ERROR"))
EVENTS: Final = frozenset(("ON", "OFF", "VLOST", "DEFECT", "ADD", "DEL", "UPDATE"))


@dataclass(frozen=True, slots=True)
class CatalogueQuery:
    """Asks for the items below `device_id`; of those added between `start` and `end` where they are given (local time)."""

    sn: int
    device_id: str
    start: str = ""
    end: str = ""

    def parts(self, edition: Edition) -> list[str]:
        """The elements of the body."""
        span = [element("StartTime", self.start or None), element("EndTime", self.end or None)]
        return [element("CmdType", "Catalog"), element("SN", self.sn), element("DeviceID", self.device_id), *span]


def _names(spec: str) -> tuple[str, ...]:
    return tuple(spec.split())


_ORDER_2016: Final = (
    _names(
        "DeviceID Event Name Manufacturer Model Owner CivilCode Block Address Parental ParentID SafetyWay RegisterWay CertNum "
        "Certifiable ErrCode EndTime Secrecy IPAddress Port Status Longitude Latitude"
    ),
    _names(
        "PTZType PositionType RoomType UseType SupplyLightType DirectionType Resolution BusinessGroupID DownloadSpeed "
        "SVCSpaceSupportMode SVCTimeSupportMode"
    ),
)
_ORDER_2022: Final = (
    _names(
        "DeviceID Event Name Manufacturer Model CivilCode Block Address Parental ParentID RegisterWay SecurityLevelCode Secrecy "
        "IPAddress Port Status Longitude Latitude BusinessGroupID"
    ),
    _names(
        "PTZType PhotoelectricImagingType CapturePositionType RoomType SupplyLightType DirectionType Resolution StreamNumberList "
        "DownloadSpeed SVCSpaceSupportMode SVCTimeSupportMode SSVCRatioSupportList MobileDeviceType HorizontalFieldAngle "
        "VerticalFieldAngle MaxViewDistance GrassrootsCode PointType PointCommonName MAC FunctionType EncodeType InstallTime "
        "ManagementUnit ContactInfo RecordSaveDays IndustrialClassification"
    ),
)
"""Elements of an `Item` and of its `Info` in the order of each edition's schema; `Password` is written to nobody."""


class CatalogueItem(NamedTuple):
    """One node of a catalogue as reported. Empty texts and None mean: not said. A tuple: 100,000 are made at once."""

    device_id: str
    name: str = ""
    manufacturer: str = ""
    model: str = ""
    civil_code: str = ""
    address: str = ""
    parental: int = 0
    parents: tuple[str, ...] = ()
    status: str = ""
    """`ON`, `OFF` or empty (not said: as its device)."""
    longitude: float | None = None
    latitude: float | None = None
    business_group: str = ""
    ptz_type: int = 0
    stream_numbers: tuple[int, ...] = ()
    event: str = ""
    """Of a notification: ON, OFF, VLOST, DEFECT, ADD, DEL, UPDATE; empty in an answer."""
    details: ItemDetails = NOTHING_SAID

    @classmethod
    def read(cls, item: ET.Element) -> CatalogueItem:
        """Takes the items of every edition; never raises for odd values. One of 100,000: plain dictionaries, no `Fields`."""
        said = texts_of(item)
        found = item.find("Info") if "info" in said else None
        return cls.of_texts(said, texts_of(found) if found is not None else said)

    @classmethod
    def of_texts(cls, said: dict[str, str], info: dict[str, str]) -> CatalogueItem:
        """From the texts of the item's elements and of those in its `Info`, by lower-case name."""
        get = said.get
        status = get("status", "").upper()
        longitude, latitude = decimal(get("longitude", "")), decimal(get("latitude", ""))
        if not longitude and not latitude:
            longitude = latitude = None
        parents = get("parentid", "")
        streams = info.get("streamnumberlist", "")
        return cls(
            get("deviceid", ""),
            get("name", ""),
            get("manufacturer", ""),
            get("model", ""),
            get("civilcode", "")[:8],
            get("address", ""),
            number(get("parental", "")),
            tuple(part for part in _PARENT_BREAK.split(parents) if part and part != "null") if parents else (),
            "" if not status else "OFF" if status in _OFF else "ON",
            longitude,
            latitude,
            get("businessgroupid", "") or info.get("businessgroupid", ""),
            number(info.get("ptztype", "")),
            tuple(int(part) for part in streams.split("/") if part.isascii() and part.isdigit() and len(part) < 3)
            if streams
            else (),
            get("event", "").upper(),
            read_details(said, info),
        )

    def to_xml(self, edition: Edition) -> str:
        """One `Item` in the order of the edition's schema."""
        if self.event in ("ON", "OFF", "VLOST", "DEFECT", "DEL"):
            return f"<Item>\r\n{element('DeviceID', self.device_id)}{element('Event', self.event)}</Item>\r\n"
        written = {**self._own_elements(edition), **write_details(self.details, edition)}
        written.setdefault("RegisterWay", element("RegisterWay", 1))  # both are mandatory, with these as what holds if not said
        written.setdefault("Secrecy", element("Secrecy", 0))
        outer, inner = _ORDER_2022 if edition >= Edition.V2022 else _ORDER_2016
        info = group("Info", *(written.get(name, "") for name in inner))
        return group("Item", *(written.get(name, "") for name in outer), info)

    def _own_elements(self, edition: Edition) -> dict[str, str]:
        said: dict[str, str | int | float | None] = {
            "DeviceID": self.device_id,
            "Event": self.event or None,
            "Name": self.name,
            "Manufacturer": self.manufacturer or None,
            "Model": self.model or None,
            "CivilCode": self.civil_code or None,
            "Address": self.address or None,
            "Parental": self.parental,
            "ParentID": "/".join(self.parents) or None,
            "Status": self.status or None,
            "Longitude": self.longitude,
            "Latitude": self.latitude,
            "BusinessGroupID": self.business_group or None,
            "PTZType": self.ptz_type or None,
            "StreamNumberList": "/".join(map(str, self.stream_numbers)) if edition >= Edition.V2022 else None,
        }
        return {name: element(name, value) for name, value in said.items() if value is not None and (value != "" or name == "Name")}


@dataclass(frozen=True, slots=True)
class CatalogueAnswer:
    """One of perhaps many messages. `total` is SumNum: a claim of the sender, not to be trusted."""

    sn: int
    device_id: str
    total: int
    items: tuple[CatalogueItem, ...] = ()

    def parts(self, edition: Edition) -> list[str]:
        """The elements of the body."""
        return _list_parts(self.sn, self.device_id, self.total, self.items, edition)


@dataclass(frozen=True, slots=True)
class CatalogueNotification:
    """Changes that a subscription reports; each item says its event."""

    sn: int
    device_id: str
    total: int
    items: tuple[CatalogueItem, ...] = ()

    def parts(self, edition: Edition) -> list[str]:
        """The elements of the body."""
        return _list_parts(self.sn, self.device_id, self.total, self.items, edition)


def _list_parts(sn: int, device_id: str, total: int, items: tuple[CatalogueItem, ...], edition: Edition) -> list[str]:
    parts = [element("CmdType", "Catalog"), element("SN", sn), element("DeviceID", device_id), element("SumNum", total)]
    if items:
        listed = "".join(item.to_xml(edition) for item in items)
        parts.append(f'<DeviceList Num="{len(items)}">\r\n{listed}</DeviceList>\r\n')
    return parts


def read_items(fields: Fields) -> tuple[CatalogueItem, ...]:
    """Every item with an id in the body's DeviceList."""
    return tuple(item for item in (CatalogueItem.read(found.element) for found in fields.items("DeviceList")) if item.device_id)


_HEAD: Final = re.compile(
    r"\s*<(Response|Notify)>\s*<CmdType>Catalog</CmdType>\s*<SN>(\d{1,10})</SN>\s*<DeviceID>([0-9A-Za-z]{1,32})</DeviceID>\s*"
    r"<SumNum>(\d{1,9})</SumNum>\s*<DeviceList Num=\"?\d{1,6}\"?>"
)
_TAIL: Final = re.compile(r"\s*</DeviceList>\s*</(Response|Notify)>\s*$")
_DEVICE_ID: Final = re.compile(r"<DeviceID>\s*([^<>\s]{1,64})\s*</DeviceID>")
_ORDINARY: Final = bytes((*b"\t\r\n", *range(0x20, 0x100)))
_PASSWORD: Final = re.compile(r"<\s*password\b[^>]*>[^<]*<\s*/\s*password\s*>", re.IGNORECASE)
_ELEMENT: Final = re.compile(r"<(\w+)>([^<>]*)</\1>")


class ItemText(NamedTuple):
    """One `Item` as it came: its id and what stands between its tags. Read when somebody wants to know."""

    device_id: str
    text: str

    def read(self) -> CatalogueItem:
        """The item; by its tree where it is not plain, and by its id alone where nothing helps."""
        found = _plain_item(self.text)
        if found is None:
            try:
                found = CatalogueItem.read(parse_xml(f"<Item>{self.text}</Item>".encode()))
            except MalformedManscdp:
                found = CatalogueItem(self.device_id)
        return found if found.device_id else found._replace(device_id=self.device_id)


@dataclass(frozen=True, slots=True)
class CatalogueText:
    """A catalogue whose items were not read yet: of 100,000 that come again, most are as they were."""

    sn: int
    device_id: str
    total: int
    items: tuple[ItemText, ...]
    is_notification: bool = False

    def read(self) -> CatalogueAnswer | CatalogueNotification:
        """With its items read."""
        kind = CatalogueNotification if self.is_notification else CatalogueAnswer
        return kind(self.sn, self.device_id, self.total, tuple(item.read() for item in self.items))


def may_be_text(octets: bytes) -> bool:
    """Whether a body can be a catalogue without entities, comments and control characters (GB18030 and UTF-8 alike)."""
    return (
        b"<CmdType>Catalog</CmdType>" in octets
        and b"&" not in octets
        and b"<!" not in octets
        and not octets.translate(None, _ORDINARY)
        and len(octets) <= MAX_XML_BYTES
    )


def read_as_text(octets: bytes, charset: str | None = None) -> CatalogueText | None:
    """A catalogue of the usual order, without a tree: one of 10,000 messages. None: read it the long way.

    Passwords are cut out: what is kept of an item, and its fingerprint, must not tell one.
    """
    text = decode(octets, charset)
    if b"password" in octets.lower():
        text = _PASSWORD.sub("", text)
    head = _HEAD.match(text)
    if head is None:
        return None
    tail = _TAIL.search(text, max(head.end(), len(text) - 64))
    if tail is None or tail[1] != head[1]:
        return None
    parts = text[head.end() : tail.start()].split("</Item>")
    if parts.pop().strip():
        return None
    items = []
    for part in parts:
        begin = part.find("<Item>")
        found = _DEVICE_ID.search(part)
        if begin < 0 or part[:begin].strip():
            return None
        if found is not None:
            items.append(ItemText(found[1], part[begin + 6 :]))
    return CatalogueText(int(head[2]), head[3], int(head[4]), tuple(items), head[1] == "Notify")


def _plain_item(text: str) -> CatalogueItem | None:
    """Of elements without attributes and children; None where only the tree can tell."""
    begin, end = text.find("<Info>"), text.find("</Info>")
    inside = ""
    if begin >= 0:
        if end < begin:
            return None
        inside = text[begin + 6 : end]
        text = text[:begin] + text[end + 7 :]
    elements = _ELEMENT.findall(text)
    inner = _ELEMENT.findall(inside) if inside else []
    if text.count("<") != 2 * len(elements) or inside.count("<") != 2 * len(inner):
        return None
    said = {name.lower(): value.strip() for name, value in reversed(elements)}
    return CatalogueItem.of_texts(said, {name.lower(): value.strip() for name, value in reversed(inner)} if begin >= 0 else said)
