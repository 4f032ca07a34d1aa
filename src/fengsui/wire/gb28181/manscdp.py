"""The one door to MANSCDP bodies: `parse` and `encode`. Source: GB/T 28181-2022 annex A."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from fengsui.wire.errors import MalformedManscdp
from fengsui.wire.gb28181.catalog import CatalogueAnswer, CatalogueNotification, CatalogueQuery, read_items
from fengsui.wire.gb28181.control import DeviceControl, PresetAnswer, ResultAnswer
from fengsui.wire.gb28181.device_facts import BasicParameters, ConfigQuery, DeviceInfo, DeviceStatus, SimpleQuery
from fengsui.wire.gb28181.edition import Edition
from fengsui.wire.gb28181.xml_text import Fields, document, element, parse_xml

CONTENT_TYPE: Final = "Application/MANSCDP+xml"
_KEEPALIVE: Final = re.compile(
    rb"^\s*(?:<\?xml[^>]*\?>)?\s*<Notify>\s*<CmdType>Keepalive</CmdType>\s*<SN>(\d{1,10})</SN>\s*"
    rb"<DeviceID>([0-9A-Za-z]{1,32})</DeviceID>\s*<Status>([A-Za-z]{1,8})</Status>"
)
_ROOTS: Final = frozenset(("Control", "Query", "Notify", "Response"))
_RESULT_COMMANDS: Final = frozenset(("DeviceControl", "DeviceConfig", "Alarm", "Broadcast"))
_QUERIES: Final = frozenset(
    ("DeviceInfo", "DeviceStatus", "PresetQuery", "PersetQuery", "HomePositionQuery", "CruiseTrackListQuery", "SDCardStatus")
)


@dataclass(frozen=True, slots=True)
class Keepalive:
    """The heartbeat; `status` OK or ERROR (§9.6.1)."""

    sn: int
    device_id: str
    status: str = "OK"

    def parts(self, edition: Edition) -> list[str]:
        """The elements of the body."""
        return [
            element("CmdType", "Keepalive"),
            element("SN", self.sn),
            element("DeviceID", self.device_id),
            element("Status", self.status),
        ]


@dataclass(frozen=True, slots=True)
class MediaStatus:
    """`notify_type` 121: a history file was sent to its end (§9.8, A.2.5.7)."""

    sn: int
    device_id: str
    notify_type: str

    def parts(self, edition: Edition) -> list[str]:
        """The elements of the body."""
        return [
            element("CmdType", "MediaStatus"),
            element("SN", self.sn),
            element("DeviceID", self.device_id),
            element("NotifyType", self.notify_type),
        ]


@dataclass(frozen=True, slots=True)
class OtherCommand:
    """A body whose command has no type of its own here: kept whole, so that nothing is lost."""

    root: str
    command: str
    sn: int
    device_id: str
    fields: Fields

    def parts(self, edition: Edition) -> list[str]:
        """The head of the body only; what we cannot read we do not repeat."""
        return [element("CmdType", self.command), element("SN", self.sn), element("DeviceID", self.device_id)]


Manscdp = (
    Keepalive
    | MediaStatus
    | CatalogueQuery
    | CatalogueAnswer
    | CatalogueNotification
    | SimpleQuery
    | ConfigQuery
    | DeviceInfo
    | DeviceStatus
    | BasicParameters
    | DeviceControl
    | ResultAnswer
    | PresetAnswer
    | OtherCommand
)
_ROOT_OF: Final[dict[type, str]] = {
    Keepalive: "Notify", MediaStatus: "Notify", CatalogueNotification: "Notify", CatalogueQuery: "Query", SimpleQuery: "Query",
    ConfigQuery: "Query", CatalogueAnswer: "Response", DeviceInfo: "Response", DeviceStatus: "Response",
    BasicParameters: "Response", ResultAnswer: "Response", PresetAnswer: "Response", DeviceControl: "Control",
}  # fmt: skip


def parse(body: bytes, *, charset: str | None = None) -> Manscdp:
    """Any edition's body as a typed value. Raises MalformedManscdp (RefusedXml for hostile XML)."""
    quick = _KEEPALIVE.match(body)
    if quick is not None:
        return Keepalive(int(quick[1]), quick[2].decode("ascii"), quick[3].decode("ascii").upper())
    root = parse_xml(body, charset)
    if root.tag not in _ROOTS:
        raise MalformedManscdp(f"root {root.tag[:40]!r} is none of {', '.join(sorted(_ROOTS))}")
    fields = Fields(root)
    command, sn, device_id = fields.text("CmdType"), fields.number("SN"), fields.text("DeviceID")
    if not command:
        raise MalformedManscdp("no CmdType")
    return _typed(root.tag, command, sn, device_id, fields)


def _typed(root: str, command: str, sn: int, device_id: str, fields: Fields) -> Manscdp:
    match root, command:
        case "Notify", "Keepalive":
            return Keepalive(sn, device_id, fields.text("Status").upper() or "OK")
        case "Notify", "MediaStatus":
            return MediaStatus(sn, device_id, fields.text("NotifyType"))
        case "Notify", "Catalog":
            return CatalogueNotification(sn, device_id, fields.number("SumNum"), read_items(fields))
        case "Response", "Catalog":
            return CatalogueAnswer(sn, device_id, fields.number("SumNum"), read_items(fields))
        case "Query", "Catalog":
            return CatalogueQuery(sn, device_id)
        case "Query", "ConfigDownload":
            return ConfigQuery(sn, device_id, tuple(part for part in fields.text("ConfigType").split("/") if part))
        case "Query", _ if command in _QUERIES:
            return SimpleQuery("PresetQuery" if command == "PersetQuery" else command, sn, device_id)
        case "Response", "DeviceInfo":
            return DeviceInfo.read(sn, device_id, fields)
        case "Response", "DeviceStatus":
            return DeviceStatus.read(sn, device_id, fields)
        case "Response", "ConfigDownload":
            return BasicParameters.read(sn, device_id, fields)
        case "Response", "PresetQuery" | "PersetQuery":
            return PresetAnswer.read(sn, device_id, fields)
        case "Response", _ if command in _RESULT_COMMANDS:
            return ResultAnswer(command, sn, device_id, fields.text("Result").upper() == "OK")
        case "Control", "DeviceControl":
            return DeviceControl.read(sn, device_id, fields)
        case _:
            return OtherCommand(root, command, sn, device_id, fields)


def encode(message: Manscdp, *, edition: Edition = Edition.V2016) -> bytes:
    """The body in the edition's charset and element order (its root follows from its type)."""
    root = message.root if isinstance(message, OtherCommand) else _ROOT_OF[type(message)]
    if isinstance(message, CatalogueNotification) and edition == Edition.V2011:
        root = "Response"
    return document(root, message.parts(edition), charset=edition.charset)
