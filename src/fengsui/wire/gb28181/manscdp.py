"""The one door to MANSCDP bodies: `parse` and `encode`. Source: GB/T 28181-2022 annex A."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from fengsui.wire.errors import MalformedManscdp, RefusedXml
from fengsui.wire.gb28181.alarm import AlarmNotification, AlarmQuery
from fengsui.wire.gb28181.broadcast import Broadcast
from fengsui.wire.gb28181.catalog import (
    CatalogueAnswer,
    CatalogueNotification,
    CatalogueQuery,
    CatalogueText,
    may_be_text,
    read_as_text,
    read_items,
)
from fengsui.wire.gb28181.configuration import ConfigAnswer, ConfigQuery, DeviceConfig
from fengsui.wire.gb28181.control import DeviceControl, PresetAnswer, ResultAnswer
from fengsui.wire.gb28181.device_facts import DeviceInfo, DeviceStatus, SimpleQuery
from fengsui.wire.gb28181.dome import (
    CruiseAnswer,
    CruiseListAnswer,
    CruiseQuery,
    DomePositionAnswer,
    DomePositionNotification,
    HomePositionAnswer,
    StorageCardsAnswer,
)
from fengsui.wire.gb28181.edition import Edition
from fengsui.wire.gb28181.position import PositionNotification, PositionQuery
from fengsui.wire.gb28181.records import RecordAnswer, RecordQuery
from fengsui.wire.gb28181.shape import read_rows
from fengsui.wire.gb28181.uploads import ReadyToSend, SnapshotsUploaded, UpgradeResult
from fengsui.wire.gb28181.xml_text import Fields, decode, document, element, parse_xml

CONTENT_TYPE: Final = "Application/MANSCDP+xml"
_KEEPALIVE: Final = re.compile(
    rb"^\s*(?:<\?xml[^>]*\?>)?\s*<Notify>\s*<CmdType>Keepalive</CmdType>\s*<SN>(\d{1,10})</SN>\s*"
    rb"<DeviceID>([0-9A-Za-z]{1,32})</DeviceID>\s*<Status>([A-Za-z]{1,8})</Status>"
)
_SALVAGE: Final = re.compile(r"<(Control|Query|Notify|Response)\b.{0,400}?<CmdType>\s*(\w{1,40})\s*</CmdType>", re.DOTALL)
_SALVAGED_SN: Final = re.compile(r"<SN>\s*(\d{1,10})\s*</SN>", re.ASCII)
_SALVAGED_ID: Final = re.compile(r"<DeviceID>\s*([0-9A-Za-z]{1,32})\s*</DeviceID>")
_ROOTS: Final = frozenset(("Control", "Query", "Notify", "Response"))
_RESULT_COMMANDS: Final = frozenset(("DeviceControl", "DeviceConfig", "Alarm", "Broadcast", "MobilePosition"))
"""MobilePosition only in the 200 to a SUBSCRIBE or NOTIFY, up to 2016; so is Catalog (`_catalogue_answer`)."""
_QUERIES: Final = frozenset(
    ("DeviceInfo", "DeviceStatus", "PresetQuery", "HomePositionQuery", "CruiseTrackListQuery", "PTZPosition", "SDCardStatus")
)
_OTHER_NAMES: Final = {"PersetQuery": "PresetQuery"}
"""Spellings of one edition (2014) that are read in all."""


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
    """A body whose command has no type of its own here, kept whole; or one too broken to read but for its head."""

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
    | CatalogueText
    | SimpleQuery
    | ConfigQuery
    | ConfigAnswer
    | DeviceConfig
    | DeviceInfo
    | DeviceStatus
    | DeviceControl
    | ResultAnswer
    | PresetAnswer
    | RecordQuery
    | RecordAnswer
    | AlarmNotification
    | AlarmQuery
    | PositionNotification
    | PositionQuery
    | Broadcast
    | HomePositionAnswer
    | CruiseListAnswer
    | CruiseQuery
    | CruiseAnswer
    | DomePositionAnswer
    | DomePositionNotification
    | StorageCardsAnswer
    | SnapshotsUploaded
    | UpgradeResult
    | ReadyToSend
    | OtherCommand
)
Read = Callable[[int, str, Fields], Manscdp]


def _by_rows(shape: Any) -> Read:
    """Of a body that is its head and its rows."""

    def read(sn: int, device_id: str, fields: Fields) -> Manscdp:
        found: Manscdp = read_rows(shape, fields, sn=sn, device_id=device_id)
        return found

    return read


def _result_of(command: str) -> Read:
    return lambda sn, device_id, fields: ResultAnswer(command, sn, device_id, fields.text("Result").upper() == "OK")


def _query_of(command: str) -> Read:
    return lambda sn, device_id, fields: SimpleQuery(command, sn, device_id)


def _catalogue_answer(sn: int, device_id: str, fields: Fields) -> Manscdp:
    """A result without a number is no list: a refusal, or what stands in the 200 to a NOTIFY. No catalogue is empty by it."""
    items = read_items(fields)
    if fields.text("Result") and not fields.text("SumNum") and not items:
        return ResultAnswer("Catalog", sn, device_id, fields.text("Result").upper() == "OK")
    return CatalogueAnswer(sn, device_id, fields.number("SumNum"), items)


READERS: Final[dict[tuple[str, str], Read]] = {
    ("Notify", "Keepalive"): lambda sn, who, fields: Keepalive(sn, who, fields.text("Status").upper() or "OK"),
    ("Notify", "MediaStatus"): lambda sn, who, fields: MediaStatus(sn, who, fields.text("NotifyType")),
    ("Notify", "Catalog"): lambda sn, who, fields: CatalogueNotification(sn, who, fields.number("SumNum"), read_items(fields)),
    ("Notify", "Alarm"): _by_rows(AlarmNotification),
    ("Notify", "MobilePosition"): PositionNotification.read,
    ("Notify", "PTZPosition"): _by_rows(DomePositionNotification),
    ("Notify", "Broadcast"): lambda sn, _, fields: Broadcast(sn, fields.text("SourceID"), fields.text("TargetID")),
    ("Notify", "UploadSnapShotFinished"): SnapshotsUploaded.read,
    ("Notify", "DeviceUpgradeResult"): _by_rows(UpgradeResult),
    ("Notify", "VideoUploadNotify"): _by_rows(ReadyToSend),
    ("Query", "Catalog"): lambda sn, who, fields: CatalogueQuery(sn, who, fields.text("StartTime"), fields.text("EndTime")),
    ("Query", "RecordInfo"): _by_rows(RecordQuery),
    ("Query", "Alarm"): _by_rows(AlarmQuery),
    ("Query", "MobilePosition"): _by_rows(PositionQuery),
    ("Query", "CruiseTrackQuery"): _by_rows(CruiseQuery),
    ("Query", "ConfigDownload"): lambda sn, who, fields: ConfigQuery(
        sn, who, tuple(part for part in fields.text("ConfigType").split("/") if part)
    ),
    **{("Query", command): _query_of(command) for command in _QUERIES},
    ("Response", "Catalog"): _catalogue_answer,
    ("Response", "DeviceInfo"): DeviceInfo.read,
    ("Response", "DeviceStatus"): DeviceStatus.read,
    ("Response", "ConfigDownload"): ConfigAnswer.read,
    ("Response", "PresetQuery"): PresetAnswer.read,
    ("Response", "RecordInfo"): _by_rows(RecordAnswer),
    ("Response", "HomePositionQuery"): _by_rows(HomePositionAnswer),
    ("Response", "CruiseTrackListQuery"): _by_rows(CruiseListAnswer),
    ("Response", "CruiseTrackQuery"): _by_rows(CruiseAnswer),
    ("Response", "PTZPosition"): _by_rows(DomePositionAnswer),
    ("Response", "SDCardStatus"): _by_rows(StorageCardsAnswer),
    **{("Response", command): _result_of(command) for command in _RESULT_COMMANDS},
    ("Control", "DeviceControl"): DeviceControl.read,
    ("Control", "DeviceConfig"): DeviceConfig.read,
}
"""Every body of annex A.2, by root and command."""
_ROOT_OF: Final[dict[type, str]] = {
    **dict.fromkeys(
        (Keepalive, MediaStatus, CatalogueNotification, AlarmNotification, PositionNotification, Broadcast, SnapshotsUploaded,
         UpgradeResult, ReadyToSend, DomePositionNotification), "Notify"),
    **dict.fromkeys(
        (CatalogueQuery, SimpleQuery, ConfigQuery, RecordQuery, AlarmQuery, PositionQuery, CruiseQuery), "Query"),
    **dict.fromkeys(
        (CatalogueAnswer, DeviceInfo, DeviceStatus, ConfigAnswer, ResultAnswer, PresetAnswer, RecordAnswer, HomePositionAnswer,
         CruiseListAnswer, CruiseAnswer, DomePositionAnswer, StorageCardsAnswer), "Response"),
    **dict.fromkeys((DeviceControl, DeviceConfig), "Control"),
}  # fmt: skip


_NOTIFIED: Final[dict[type, str]] = {
    CatalogueText: "Catalog",
    CatalogueNotification: "Catalog",
    AlarmNotification: "Alarm",
    PositionNotification: "MobilePosition",
}


def parse(body: bytes, *, charset: str | None = None, as_text: bool = False) -> Manscdp:
    """Any edition's body as a typed value; a catalogue as CatalogueText where that can be and is wanted (`as_text`).
    Raises MalformedManscdp (RefusedXml for hostile XML)."""
    quick = _KEEPALIVE.match(body)
    if quick is not None:
        return Keepalive(int(quick[1]), quick[2].decode("ascii"), quick[3].decode("ascii").upper())
    if may_be_text(body):
        found = read_as_text(body, charset)
        if found is not None:
            return found if as_text else found.read()
    try:
        root = parse_xml(body, charset)
    except RefusedXml:
        raise
    except MalformedManscdp:
        return _salvaged(body, charset)
    if root.tag not in _ROOTS:
        raise MalformedManscdp(f"root {root.tag[:40]!r} is none of {', '.join(sorted(_ROOTS))}")
    fields = Fields(root)
    command, sn, device_id = fields.text("CmdType"), fields.number("SN"), fields.text("DeviceID")
    if not command:
        raise MalformedManscdp("no CmdType")
    read = READERS.get((root.tag, _OTHER_NAMES.get(command, command)))
    return OtherCommand(root.tag, command, sn, device_id, fields) if read is None else read(sn, device_id, fields)


def _salvaged(body: bytes, charset: str | None) -> OtherCommand:
    """The head of a body that no repair makes XML: who sent what is still worth knowing (a list cut at the message limit)."""
    text = decode(body, charset)
    found = _SALVAGE.search(text)
    if found is None:
        raise MalformedManscdp("not XML even after repair, and no root with a CmdType in it")
    sn, who = _SALVAGED_SN.search(text), _SALVAGED_ID.search(text)
    return OtherCommand(found[1], found[2], int(sn[1]) if sn else 0, who[1] if who else "", Fields(ET.Element(found[1])))


def is_answer(message: Manscdp) -> bool:
    """Whether the body answers a request (root `Response`)."""
    if isinstance(message, CatalogueText):
        return not message.is_notification
    return message.root == "Response" if isinstance(message, OtherCommand) else _ROOT_OF[type(message)] == "Response"


def acknowledgement_of(message: Manscdp) -> ResultAnswer | None:
    """What the 200 to a NOTIFY with this body carries up to the 2016 edition; None for what those have no NOTIFY for."""
    command = _NOTIFIED.get(type(message))
    if command is None or isinstance(message, Broadcast) or is_answer(message):
        return None
    return ResultAnswer(command, message.sn, message.device_id, accepted=True)


def is_request(message: Manscdp) -> bool:
    """Whether the body asks for something or orders it (root `Query` or `Control`), as an upper platform does."""
    if isinstance(message, CatalogueText):
        return False
    root = message.root if isinstance(message, OtherCommand) else _ROOT_OF[type(message)]
    return root in ("Query", "Control")


def encode(message: Manscdp, *, edition: Edition = Edition.V2016) -> bytes:
    """The body in the edition's charset and element order (its root follows from its type)."""
    if isinstance(message, CatalogueText):
        message = message.read()
    root = message.root if isinstance(message, OtherCommand) else _ROOT_OF[type(message)]
    if isinstance(message, CatalogueNotification) and edition == Edition.V2011:
        root = "Response"
    return document(root, message.parts(edition), charset=edition.charset)
