"""Catalogue query, answer and notification. Source: GB/T 28181-2022 A.2.4.3, A.2.6.4, §9.11; field practice of dirty trees."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from fengsui.wire.gb28181.edition import Edition
from fengsui.wire.gb28181.xml_text import Fields, element

_PARENT_BREAK: Final = re.compile(r"[/,\s]+")
_OFF: Final = frozenset(("OFF", "OFFLINE", "OFFILE", "0", "ERROR"))
EVENTS: Final = frozenset(("ON", "OFF", "VLOST", "DEFECT", "ADD", "DEL", "UPDATE"))


@dataclass(frozen=True, slots=True)
class CatalogueQuery:
    """Asks for the items below `device_id`."""

    sn: int
    device_id: str

    def parts(self, edition: Edition) -> list[str]:
        """The elements of the body."""
        return [element("CmdType", "Catalog"), element("SN", self.sn), element("DeviceID", self.device_id)]


@dataclass(frozen=True, slots=True)
class CatalogueItem:
    """One node of a catalogue as reported. Empty texts and None mean: not said."""

    device_id: str
    name: str = ""
    manufacturer: str = ""
    model: str = ""
    owner: str = ""
    civil_code: str = ""
    address: str = ""
    parental: int = 0
    parents: tuple[str, ...] = ()
    register_way: int = 1
    secrecy: int = 0
    status: str = ""
    """`ON`, `OFF` or empty (not said: as its device)."""
    longitude: float | None = None
    latitude: float | None = None
    business_group: str = ""
    ptz_type: int = 0
    stream_numbers: tuple[int, ...] = ()
    resolution: str = ""
    event: str = ""
    """Of a notification: ON, OFF, VLOST, DEFECT, ADD, DEL, UPDATE; empty in an answer."""

    @classmethod
    def read(cls, fields: Fields) -> CatalogueItem:
        """Takes the items of every edition; never raises for odd values."""
        info = fields.child("Info")
        status = fields.text("Status").upper()
        streams = info.text("StreamNumberList") if info is not None else ""
        longitude, latitude = fields.decimal("Longitude"), fields.decimal("Latitude")
        if not longitude and not latitude:
            longitude = latitude = None
        return cls(
            device_id=fields.text("DeviceID"),
            name=fields.text("Name"),
            manufacturer=fields.text("Manufacturer"),
            model=fields.text("Model"),
            owner=fields.text("Owner"),
            civil_code=fields.text("CivilCode")[:8],
            address=fields.text("Address"),
            parental=fields.number("Parental"),
            parents=tuple(part for part in _PARENT_BREAK.split(fields.text("ParentID")) if part and part != "null"),
            register_way=fields.number("RegisterWay", 1),
            secrecy=fields.number("Secrecy"),
            status="" if not status else "OFF" if status in _OFF else "ON",
            longitude=longitude,
            latitude=latitude,
            business_group=fields.text("BusinessGroupID") or (info.text("BusinessGroupID") if info is not None else ""),
            ptz_type=info.number("PTZType") if info is not None else fields.number("PTZType"),
            stream_numbers=tuple(int(part) for part in streams.split("/") if part.isascii() and part.isdigit() and len(part) < 3),
            resolution=info.text("Resolution") if info is not None else "",
            event=fields.text("Event").upper(),
        )

    def to_xml(self, edition: Edition) -> str:
        """One `Item` in the order of the edition's schema."""
        if self.event in ("ON", "OFF", "VLOST", "DEFECT", "DEL"):
            return f"<Item>\r\n{element('DeviceID', self.device_id)}{element('Event', self.event)}</Item>\r\n"
        new = edition >= Edition.V2022
        info = element("PTZType", self.ptz_type or None) + element("Resolution", self.resolution or None)
        if not new:
            info += element("BusinessGroupID", self.business_group or None)
        elif self.stream_numbers:
            info += element("StreamNumberList", "/".join(map(str, self.stream_numbers)))
        parts = [
            element("DeviceID", self.device_id),
            element("Event", self.event or None),
            element("Name", self.name),
            element("Manufacturer", self.manufacturer or None),
            element("Model", self.model or None),
            element("Owner", self.owner or None) if not new else "",
            element("CivilCode", self.civil_code or None),
            element("Address", self.address or None),
            element("Parental", self.parental),
            element("ParentID", "/".join(self.parents) or None),
            element("RegisterWay", self.register_way),
            element("Secrecy", self.secrecy),
            element("Status", self.status or None),
            element("Longitude", self.longitude),
            element("Latitude", self.latitude),
            element("BusinessGroupID", self.business_group or None) if new else "",
            f"<Info>\r\n{info}</Info>\r\n" if info else "",
        ]
        return f"<Item>\r\n{''.join(parts)}</Item>\r\n"


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
    return tuple(item for item in map(CatalogueItem.read, fields.items("DeviceList")) if item.device_id)
