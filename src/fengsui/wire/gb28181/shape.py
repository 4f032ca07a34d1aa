"""Bodies by table: which element holds which attribute, in the order of the edition's schema. Source: GB/T 28181-2022 annex A.

A class lists its rows in `ROWS`; `read_rows` fills it leniently from an element, `write_rows` writes it in the table's order.
Absent is None (numbers, flags, structures), an empty text or an empty tuple; what is absent is not written.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Protocol, TypeVar

from fengsui.wire.gb28181.edition import Edition
from fengsui.wire.gb28181.xml_text import Fields, element


class Shaped(Protocol):
    """A frozen dataclass whose attributes are the rows' attributes."""

    ROWS: ClassVar[tuple[Row, ...]]


S = TypeVar("S", bound=Shaped)


@dataclass(frozen=True, slots=True)
class Row:
    """One element: how it is read from its parent and written."""

    attribute: str
    names: tuple[str, ...]
    """The first is written; all are read."""
    read: Callable[[Fields, str], Any]
    write: Callable[[str, Any, Edition], str]
    absent: Any = None
    since: Edition = Edition.V2011
    until: Edition = Edition.V2022


def _names(spec: str) -> tuple[str, ...]:
    return tuple(spec.split("|"))


def text(attribute: str, names: str, **limits: Edition) -> Row:
    """A text; `names` with `|` between spellings that are met."""
    return Row(attribute, _names(names), lambda fields, name: fields.text(name), _plain, "", **limits)


def number(attribute: str, names: str, **limits: Edition) -> Row:
    """An integer or None."""

    def read(fields: Fields, name: str) -> int | None:
        found = fields.number(name, _NO_NUMBER)
        return None if found == _NO_NUMBER else found

    return Row(attribute, _names(names), read, _plain, **limits)


def decimal(attribute: str, names: str, **limits: Edition) -> Row:
    """A decimal or None."""
    return Row(attribute, _names(names), lambda fields, name: fields.decimal(name), _plain, **limits)


def flag(attribute: str, names: str, **limits: Edition) -> Row:
    """1 or 0, or None."""
    return Row(attribute, _names(names), lambda fields, name: _FLAGS.get(fields.text(name)), _flag, **limits)


def one(attribute: str, names: str, shape: type[S], **limits: Edition) -> Row:
    """A structure or None."""

    def read(fields: Fields, name: str) -> S | None:
        found = fields.child(name)
        return None if found is None else read_rows(shape, found)

    def write(name: str, value: S, edition: Edition) -> str:
        return f"<{name}>\r\n{write_rows(value, edition)}</{name}>\r\n"

    return Row(attribute, _names(names), read, write, **limits)


def many(attribute: str, names: str, shape: type[S], item: str = "Item", **limits: Edition) -> Row:
    """A list with its `Num`, of structures."""

    def read(fields: Fields, name: str) -> tuple[S, ...]:
        return tuple(read_rows(shape, found) for found in fields.items(name, item))

    def write(name: str, value: tuple[S, ...], edition: Edition) -> str:
        items = "".join(f"<{item}>\r\n{write_rows(one, edition)}</{item}>\r\n" for one in value)
        return f'<{name} Num="{len(value)}">\r\n{items}</{name}>\r\n'

    return Row(attribute, _names(names), read, write, (), **limits)


def repeated(attribute: str, names: str, shape: type[S], **limits: Edition) -> Row:
    """Structures that follow each other without a list around them."""

    def read(fields: Fields, name: str) -> tuple[S, ...]:
        wanted = name.lower()
        return tuple(read_rows(shape, Fields(found)) for found in fields.element if found.tag.lower() == wanted)

    def write(name: str, value: tuple[S, ...], edition: Edition) -> str:
        return "".join(f"<{name}>\r\n{write_rows(one, edition)}</{name}>\r\n" for one in value)

    return Row(attribute, _names(names), read, write, (), **limits)


_NO_NUMBER: Final = -(10**9)
_FLAGS: Final = {"1": True, "0": False}


def _plain(name: str, value: Any, _: Edition) -> str:
    return element(name, value)


def _flag(name: str, value: bool, _: Edition) -> str:
    return element(name, int(value))


def read_rows(shape: type[S], fields: Fields, **known: Any) -> S:
    """The structure in `fields`. Never raises; `known` are attributes that no row holds."""
    for row in shape.ROWS:
        found = row.absent
        for name in row.names:
            found = row.read(fields, name)
            if found != row.absent:
                break
        known[row.attribute] = found
    return shape(**known)


def write_rows(value: Shaped, edition: Edition) -> str:
    """The elements that are there and that the edition knows."""
    parts = []
    for row in value.ROWS:
        found = getattr(value, row.attribute)
        if found != row.absent and row.since <= edition <= row.until:
            parts.append(row.write(row.names[0], found, edition))
    return "".join(parts)


def head(command: str, sn: int, device_id: str) -> list[str]:
    """The first three elements of nearly every body (A.2.1)."""
    return [element("CmdType", command), element("SN", sn), element("DeviceID", device_id)]
