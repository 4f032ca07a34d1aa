"""CAP 1.2 messages, read and written. Source: OASIS Common Alerting Protocol Version 1.2, §3.2 and its schema.

Read more leniently than written: a `Z` for the zone, spaces around values, no namespace, elements in another order, and such as are
not ours, which are passed over. No document type and so no entities: such a document is refused at once. Positions are WGS-84.
"""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final, TypeVar
from xml.parsers import expat
from xml.sax.saxutils import escape

from fengsui.wire.cap.words import Category, Certainty, MessageType, ResponseType, Scope, Severity, Status, Urgency
from fengsui.wire.errors import MalformedCap

NAMESPACE: Final = "urn:oasis:names:tc:emergency:cap:1.2"
MOST_BYTES: Final = 1 << 20
MOST_ELEMENTS: Final = 5_000
MOST_DEPTH: Final = 8
LONGEST_NAME: Final = 256
"""Of an identifier or a sender."""
_NAME: Final = re.compile(r"[^\s,<&]{1,256}")
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[-+]\d\d:\d\d|Z)", re.ASCII)
_NUMBER: Final = re.compile(r"[-+]?\d{1,9}(?:\.\d{1,20})?", re.ASCII)
_UNFIT: Final = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Reference:
    """By what a message is known: sender, identifier and time together."""

    sender: str
    identifier: str
    sent: datetime

    def __post_init__(self) -> None:
        """Raises MalformedCap."""
        for name, value in (("sender", self.sender), ("identifier", self.identifier)):
            if not _NAME.fullmatch(value):
                raise MalformedCap(f"{name}: no blank, comma, < or &, and no more than {LONGEST_NAME} characters (§3.2.1)")
        if self.sent.utcoffset() is None or not EARLIEST <= self.sent < LATEST:
            raise MalformedCap("sent: a time with its zone, between the years 2000 and 2200 (§3.2.1)")


@dataclass(frozen=True, slots=True)
class Circle:
    """Degrees, kilometres."""

    latitude: float
    longitude: float
    radius_km: float


@dataclass(frozen=True, slots=True)
class Area:
    """`polygons`: (latitude, longitude) of their corners, the first again at the end."""

    description: str
    polygons: tuple[tuple[tuple[float, float], ...], ...] = ()
    circles: tuple[Circle, ...] = ()

    @property
    def middle(self) -> tuple[float, float] | None:
        """(latitude, longitude) of the first circle, else amid the corners of the first polygon; None: it has neither."""
        if self.circles:
            return self.circles[0].latitude, self.circles[0].longitude
        if not self.polygons:
            return None
        corners = self.polygons[0][:-1]
        return sum(one[0] for one in corners) / len(corners), sum(one[1] for one in corners) / len(corners)


@dataclass(frozen=True, slots=True)
class Info:
    """What a message says in one language."""

    categories: tuple[Category, ...]
    event: str
    urgency: Urgency
    severity: Severity
    certainty: Certainty
    language: str = "en-US"
    responses: tuple[ResponseType, ...] = ()
    sender_name: str = ""
    headline: str = ""
    description: str = ""
    parameters: tuple[tuple[str, str], ...] = ()
    areas: tuple[Area, ...] = ()


@dataclass(frozen=True, slots=True)
class CapMessage:
    """One `alert`. `restriction`: needed where the scope is Restricted; `addresses`: where it is Private."""

    own: Reference
    status: Status
    kind: MessageType
    scope: Scope
    infos: tuple[Info, ...] = ()
    references: tuple[Reference, ...] = ()
    restriction: str = ""
    addresses: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        """Raises MalformedCap."""
        if self.kind is not MessageType.ALERT and not self.references:
            raise MalformedCap(f"{self.kind.value} refers to no message (§3.2.1, references)")
        if self.scope is Scope.RESTRICTED and not self.restriction:
            raise MalformedCap("scope Restricted without a restriction (§3.2.1)")
        if self.scope is Scope.PRIVATE and not self.addresses:
            raise MalformedCap("scope Private without addresses (§3.2.1)")


_Word = TypeVar("_Word", bound=StrEnum)


def _tree(octets: bytes) -> ET.Element:
    """Without namespaces in its names. Raises MalformedCap."""
    if len(octets) > MOST_BYTES:
        raise MalformedCap(f"more than {MOST_BYTES} octets")
    builder, depth, count = ET.TreeBuilder(), 0, 0

    def begin(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, count
        depth, count = depth + 1, count + 1
        if depth > MOST_DEPTH or count > MOST_ELEMENTS:
            raise MalformedCap(f"more than {MOST_ELEMENTS} elements, or deeper than {MOST_DEPTH}")
        builder.start(name.removeprefix(f"{NAMESPACE} "), {})

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(name.removeprefix(f"{NAMESPACE} "))

    def refuse(*_: object) -> None:
        raise MalformedCap("document types and entities are refused")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = begin, end, builder.data
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    parser.buffer_text = True
    try:
        parser.Parse(octets, True)
        root = builder.close()
    except (expat.ExpatError, ValueError, LookupError, AssertionError) as error:
        if isinstance(error, MalformedCap):
            raise
        raise MalformedCap(f"no XML: {error}") from error
    if root.tag != "alert":
        raise MalformedCap(f"no alert of {NAMESPACE}")
    return root


def _text(of: ET.Element, name: str) -> str:
    """Of the first element of this name; empty: there is none."""
    return (of.findtext(name) or "").strip()


def _needed(of: ET.Element, name: str) -> str:
    found = _text(of, name)
    if not found:
        raise MalformedCap(f"{name} is missing (§3.2)")
    return found


def _word(kind: type[_Word], name: str, said: str) -> _Word:
    try:
        return kind(said)
    except ValueError as error:
        raise MalformedCap(f"{name}: none of {', '.join(kind)} (§3.2)") from error


def time_of(said: str) -> datetime:
    """With its zone. Raises MalformedCap."""
    if not _TIME.fullmatch(said):
        raise MalformedCap("a time is written as 2026-03-02T08:15:30+08:00 (§3.3.2)")
    try:
        return datetime.fromisoformat(said)
    except ValueError as error:
        raise MalformedCap("no such time") from error


def _number(said: str, least: float, most: float) -> float:
    if not _NUMBER.fullmatch(said) or not least <= (found := float(said)) <= most:
        raise MalformedCap("no number within its bounds in an area (§3.2.4)")
    return found


def _position(said: str) -> tuple[float, float]:
    parts = said.split(",")
    if len(parts) != 2:
        raise MalformedCap("a position is written as latitude,longitude (§3.2.4)")
    return _number(parts[0], -90, 90), _number(parts[1], -180, 180)


def _polygon(said: str) -> tuple[tuple[float, float], ...]:
    corners = tuple(_position(one) for one in said.split())
    if len(corners) < 4 or corners[0] != corners[-1]:
        raise MalformedCap("a polygon has four corners at least, the last of which is the first (§3.2.4)")
    return corners


def _circle(said: str) -> Circle:
    parts = said.split()
    if len(parts) != 2:
        raise MalformedCap("a circle is written as latitude,longitude radius (§3.2.4)")
    return Circle(*_position(parts[0]), _number(parts[1], 0, 50_000))


def _texts(of: ET.Element, name: str) -> Iterator[str]:
    return ((one.text or "").strip() for one in of.findall(name))


def _area(of: ET.Element) -> Area:
    polygons = tuple(_polygon(one) for one in _texts(of, "polygon"))
    return Area(_needed(of, "areaDesc"), polygons, tuple(_circle(one) for one in _texts(of, "circle")))


def _info(of: ET.Element) -> Info:
    categories = tuple(_word(Category, "category", one) for one in _texts(of, "category"))
    if not categories:
        raise MalformedCap("category is missing (§3.2.2)")
    return Info(
        categories=categories,
        event=_needed(of, "event"),
        urgency=_word(Urgency, "urgency", _needed(of, "urgency")),
        severity=_word(Severity, "severity", _needed(of, "severity")),
        certainty=_word(Certainty, "certainty", _needed(of, "certainty")),
        language=_text(of, "language") or "en-US",
        responses=tuple(_word(ResponseType, "responseType", one) for one in _texts(of, "responseType")),
        sender_name=_text(of, "senderName"),
        headline=_text(of, "headline"),
        description=_text(of, "description"),
        parameters=tuple((_needed(one, "valueName"), _text(one, "value")) for one in of.findall("parameter")),
        areas=tuple(_area(one) for one in of.findall("area")),
    )


def _references(said: str) -> Iterator[Reference]:
    for one in said.split():
        parts = one.split(",")
        if len(parts) != 3:
            raise MalformedCap("a reference is written as sender,identifier,sent (§3.2.1)")
        yield Reference(parts[0], parts[1], time_of(parts[2]))


def parse(octets: bytes) -> CapMessage:
    """Raises MalformedCap."""
    root = _tree(octets)
    return CapMessage(
        own=Reference(_needed(root, "sender"), _needed(root, "identifier"), time_of(_needed(root, "sent"))),
        status=_word(Status, "status", _needed(root, "status")),
        kind=_word(MessageType, "msgType", _needed(root, "msgType")),
        scope=_word(Scope, "scope", _needed(root, "scope")),
        infos=tuple(_info(one) for one in root.findall("info")),
        references=tuple(_references(_text(root, "references"))),
        restriction=_text(root, "restriction"),
        addresses=_text(root, "addresses"),
        note=_text(root, "note"),
    )


def written_time(at: datetime) -> str:
    """With a numeric offset, of whole seconds and minutes; never `Z` (§3.3.2)."""
    offset = at.utcoffset() or timedelta()
    minutes = round(offset.total_seconds() / 60)
    sign = "-" if minutes <= 0 else "+"  # -00:00 is UTC (§3.3.2)
    return f"{at.replace(microsecond=0, tzinfo=None).isoformat()}{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def _element(name: str, value: str) -> str:
    return f"<{name}>{_plain(value)}</{name}>" if value else ""


def _plain(value: str) -> str:
    return escape(_UNFIT.sub("\ufffd", value), {"\r": "&#13;"})


def _degrees(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".") if math.isfinite(value) else "0"


def _written_area(one: Area) -> str:
    polygons = (" ".join(f"{_degrees(lat)},{_degrees(lon)}" for lat, lon in corners) for corners in one.polygons)
    circles = (f"{_degrees(of.latitude)},{_degrees(of.longitude)} {_degrees(of.radius_km)}" for of in one.circles)
    inner = _element("areaDesc", one.description) + _each("polygon", polygons) + _each("circle", circles)
    return f"<area>{inner}</area>"


def _each(name: str, values: Iterable[str]) -> str:
    return "".join(_element(name, one) for one in values)


def _written_info(one: Info) -> str:
    parameters = (f"<parameter>{_element('valueName', n)}<value>{_plain(v)}</value></parameter>" for n, v in one.parameters)
    return "".join(
        (
            "<info>",
            _element("language", one.language),
            _each("category", (of.value for of in one.categories)),
            _element("event", one.event),
            _each("responseType", (of.value for of in one.responses)),
            _element("urgency", one.urgency.value),
            _element("severity", one.severity.value),
            _element("certainty", one.certainty.value),
            _element("senderName", one.sender_name),
            _element("headline", one.headline),
            _element("description", one.description),
            *parameters,
            *(_written_area(of) for of in one.areas),
            "</info>",
        )
    )


def write(message: CapMessage) -> bytes:
    """In the order of the schema."""
    references = " ".join(f"{one.sender},{one.identifier},{written_time(one.sent)}" for one in message.references)
    whole = (
        f'<alert xmlns="{NAMESPACE}">',
        _element("identifier", message.own.identifier),
        _element("sender", message.own.sender),
        _element("sent", written_time(message.own.sent)),
        _element("status", message.status.value),
        _element("msgType", message.kind.value),
        _element("scope", message.scope.value),
        _element("restriction", message.restriction),
        _element("addresses", message.addresses),
        _element("note", message.note),
        _element("references", references),
        *(_written_info(one) for one in message.infos),
        "</alert>",
    )
    return ('<?xml version="1.0" encoding="UTF-8"?>\n' + "".join(whole)).encode("utf-8")
