"""XML bodies in GB2312, GB18030 or UTF-8, declared rightly or wrongly. Source: GB/T 28181-2022 §6.10 and field practice."""

from __future__ import annotations

import codecs
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from typing import Final
from xml.sax.saxutils import escape

from fengsui.wire.errors import MalformedManscdp, RefusedXml

MAX_XML_BYTES: Final = 8 * 1024 * 1024
MAX_DEPTH: Final = 32
MAX_TAGS: Final = 400_000  # bounds the tree's memory, not only the text's
_DECLARATION: Final = re.compile(rb"^[\s\x00]*<\?xml([^>]*)\?>")
_ENCODING: Final = re.compile(rb"encoding\s*=\s*[\"']?\s*([A-Za-z0-9_\-]+)")
_BARE_AMPERSAND: Final = re.compile(r"&(?!(?:#\d{1,7}|#x[0-9A-Fa-f]{1,6}|amp|lt|gt|quot|apos);)")
_BARE_LESS: Final = re.compile(
    r"<(?!/[A-Za-z_][\w.\-]*+\s*+>|[A-Za-z_][\w.\-]*+(?:\s++[\w:]++\s*+=\s*+(?:\"[^\"<]*+\"|'[^'<]*+'|[^\s\"'<>]++))*+\s*+/?>|[?!])"
)
"""A `<` that begins no whole tag. Possessive: it never looks past the next `<`, and never twice."""
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_TO_ESCAPE: Final = re.compile(r"[&<>\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_FIRST_TAG: Final = re.compile(r"<([A-Za-z_][\w.\-]*)")
_UNQUOTED: Final = re.compile(r"(<[A-Za-z]\w*\s+\w+=)([^\s\"'>]+)(\s*/?>)")
_GB_NAMES: Final = frozenset(("gb2312", "gbk", "gb18030", "gb_2312-80", "cp936", "gb2312-80"))


def decode(octets: bytes, charset: str | None = None) -> str:
    """The text without its declaration. `charset` overrides what the sender declares. Never raises on wrong bytes:
    GB18030 first where GB is declared or nothing is, UTF-8 where that is declared or where only that fits."""
    marked = octets.startswith(codecs.BOM_UTF8)
    octets = octets.removeprefix(codecs.BOM_UTF8)
    declaration = _DECLARATION.match(octets)
    declared = ""
    if declaration is not None:
        found = _ENCODING.search(declaration[1])
        declared = found[1].decode("ascii").lower() if found else ""
        octets = octets[declaration.end() :]
    octets = octets.removeprefix(codecs.BOM_UTF8)
    if octets.isascii():
        return octets.decode("ascii")
    told = (charset or declared).lower().replace("utf8", "utf-8")
    order = ("utf-8", "gb18030") if marked or told == "utf-8" else ("gb18030", "utf-8")
    if charset is None and declared in _GB_NAMES | {""} and _looks_like_utf8(octets):
        order = ("utf-8", "gb18030")
    for name in order:
        try:
            return octets.decode(name)
        except UnicodeDecodeError:
            continue
    return octets.decode("gb18030", "replace")


def _looks_like_utf8(octets: bytes) -> bool:
    """Valid UTF-8 whose characters are all common Chinese ones; GBK text is almost never valid UTF-8 of three octets each."""
    try:
        text = octets.decode("utf-8")
    except UnicodeDecodeError:
        return False
    foreign = [char for char in text if ord(char) > 0x7F]
    return bool(foreign) and all("\u3000" <= char <= "\u9fff" or "\uff00" <= char <= "\uffef" for char in foreign)


def parse_xml(octets: bytes, charset: str | None = None) -> ET.Element:
    """The root element; repaired where a known firmware writes bad XML. Raises RefusedXml, MalformedManscdp."""
    if len(octets) > MAX_XML_BYTES:
        raise RefusedXml(f"{len(octets)} bytes; at most {MAX_XML_BYTES} are read")
    text = decode(octets, charset)
    if "<!" in text and ("<!DOCTYPE" in text.upper() or "<!ENTITY" in text.upper()):
        raise RefusedXml("document types and entities are refused")
    if text.count("<") > MAX_TAGS:
        raise RefusedXml(f"more than {MAX_TAGS} tags")
    try:
        root = ET.fromstring(text)
    except ET.ParseError:
        root = _repaired(text)
    except ValueError as error:
        raise MalformedManscdp(str(error)) from error
    return _check_depth(root)


def _check_depth(root: ET.Element) -> ET.Element:
    """MANSCDP is at most six deep; what is much deeper is no body of a device."""
    level = [child for child in root if len(child)]
    for _ in range(MAX_DEPTH):
        if not level:
            return root
        level = [child for found in level for child in found if len(child)]
    raise RefusedXml(f"nested deeper than {MAX_DEPTH}")


def _repaired(text: str) -> ET.Element:
    first = _FIRST_TAG.search(text)
    if first is None:
        raise MalformedManscdp("no element")
    end = text.rfind(f"</{first[1]}>")  # what stands behind the root is junk of the sender's buffer
    cleaned = _CONTROL.sub("", text[first.start() : end + len(first[1]) + 3 if end >= 0 else len(text)])
    cleaned = _BARE_LESS.sub("&lt;", _BARE_AMPERSAND.sub("&amp;", cleaned))
    cleaned = _UNQUOTED.sub(r'\1"\2"\3', cleaned)
    try:
        return ET.fromstring(cleaned)
    except (ET.ParseError, ValueError) as error:
        raise MalformedManscdp(f"not XML even after repair: {error}") from error


def number(text: str, default: int = 0) -> int:
    """A lenient integer: empty or odd gives `default`."""
    if not text:
        return default
    digits = text.lstrip("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) + 1 >= len(text) and len(text) <= 10 else default


def decimal(text: str) -> float | None:
    """A lenient decimal, None when empty or odd."""
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if value == value and abs(value) < 1e12 else None


def texts_of(parent: ET.Element) -> dict[str, str]:
    """Attributes and children by lower-case name, as stripped text; the first child of a name counts."""
    texts = {name.lower(): value.strip() for name, value in parent.attrib.items()} if parent.attrib else {}
    texts.update((child.tag.lower(), (child.text or "").strip()) for child in reversed(parent))
    return texts


class Fields:
    """An element's children by name, read without regard to case; text is stripped, absent is empty."""

    __slots__ = ("_by_name", "element")

    def __init__(self, element: ET.Element) -> None:
        self.element = element
        self._by_name: dict[str, ET.Element] = {}
        for child in element:
            self._by_name.setdefault(child.tag.lower(), child)

    def text(self, name: str) -> str:
        """The child's text, or the attribute of that name (minimal firmwares), or an empty text."""
        child = self._by_name.get(name.lower())
        if child is None:
            return (self.element.get(name) or "").strip()
        return (child.text or "").strip()

    def number(self, name: str, default: int = 0) -> int:
        """A lenient integer: empty or odd gives `default`."""
        return number(self.text(name), default)

    def decimal(self, name: str) -> float | None:
        """A lenient decimal, None when empty or odd."""
        return decimal(self.text(name))

    def child(self, name: str) -> Fields | None:
        """The child element."""
        child = self._by_name.get(name.lower())
        return None if child is None else Fields(child)

    def children(self, name: str) -> list[Fields]:
        """Every child element of that name, in order."""
        wanted = name.lower()
        return [Fields(child) for child in self.element if child.tag.lower() == wanted]

    def items(self, list_name: str, item_name: str = "Item") -> list[Fields]:
        """The elements of a list child."""
        child = self._by_name.get(list_name.lower())
        if child is None:
            return []
        wanted = item_name.lower()
        return [Fields(found) for found in child if found.tag.lower() == wanted]


def optional(text: str, *, digits: int = 9) -> int | None:
    """A whole number that may be absent; None also for what is none."""
    return int(text) if text and len(text) <= digits and text.isascii() and text.isdigit() else None


def element(name: str, value: str | int | float | None) -> str:
    """`<name>value</name>` with a line end, or nothing when the value is None. Signs that no XML can carry are left out."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return f"<{name}>{value}</{name}>\r\n"
    if _TO_ESCAPE.search(value) is not None:
        value = escape(_CONTROL.sub("", value))
    return f"<{name}>{value}</{name}>\r\n"


def group(name: str, *inside: str) -> str:
    """An element of elements; nothing when there is nothing inside."""
    content = "".join(inside)
    return f"<{name}>\r\n{content}</{name}>\r\n" if content else ""


def listed(name: str, items: Iterable[str], item_name: str = "Item") -> str:
    """A list with its `Num`, each of `items` the inside of one `item_name`."""
    written = [f"<{item_name}>\r\n{item}</{item_name}>\r\n" for item in items]
    return f'<{name} Num="{len(written)}">\r\n{"".join(written)}</{name}>\r\n'


def head(command: str, sn: int, device_id: str) -> list[str]:
    """How every body but Broadcast begins."""
    return [element("CmdType", command), element("SN", sn), element("DeviceID", device_id)]


def document(root: str, parts: Iterable[str], *, charset: str) -> bytes:
    """The body with its declaration; GB18030 octets whatever the label, so that no character is lost (§6.10)."""
    text = f'<?xml version="1.0" encoding="{charset}"?>\r\n<{root}>\r\n{"".join(parts)}</{root}>\r\n'
    return text.encode("utf-8" if charset.upper() == "UTF-8" else "gb18030", "replace")
