"""What a frame reports: one event of Contact ID (DC-05), or those of its SIA blocks (DC-03 in DC-04)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import Final

from fengsui.wire.dc09.codes import Category, Meaning, contact_id_meaning, sia_meaning, sia_restores
from fengsui.wire.dc09.content import Content

MOST: Final = 64
"""Events of one frame; what is above them is named in the text of the last."""
SHORT, MOST_KEPT = 64, 4_096
"""So many events of so few characters are not read again when they come again: what hosts say is much the same."""
_CONTACT_ID: Final = re.compile(r"(?:#([0-9A-Fa-f]{3,16}))?\|?([136])([0-9A-F]{3}) ?([0-9A-Fa-f]{2}) ?([0-9A-Fa-f]{3,4}) *")
_ACCOUNT: Final = re.compile(r"#[0-9A-Fa-f]{3,16}")
_ONLY_ACCOUNT: Final = re.compile(r"(?:#[0-9A-Fa-f]{3,16})?[| ]*")
_PART: Final = re.compile(r"(?:\^[^^]*(?:\^|$)|[^/^])+")
"""Of a block, between slashes; those within text do not count."""
_MODIFIER: Final = re.compile(r"([a-z]{2})([^^]*)")
"""Of any value: `idJOHN DOE`, `ph+8613900000000`."""
_UNPARTED: Final = re.compile(r"([a-z]{2})([0-9:-]+)([A-Z]{2}.*)", re.DOTALL)
"""A modifier that runs into the code behind it, seen with some panels: `ri1BA503`."""
_CODE: Final = re.compile(r"([A-Z]{2})([^^]*)(?:\^([^^]*)\^?)?(.*)", re.DOTALL)


class Change(StrEnum):
    """What has become of the condition."""

    NEW = "new"
    RESTORED = "restored"
    STANDING = "standing"
    """It is still so: a report of state, and no new alarm."""


@dataclass(frozen=True, slots=True)
class Report:
    """One event. `area` and `number` are as the host writes them, empty if it names none; by `meaning` it is a zone or a user."""

    table: str
    """`cid` or `sia`."""
    code: str
    """Three digits, or two letters; empty: the host said something that we cannot read, which stands in `text`."""
    change: Change
    meaning: Meaning
    area: str = ""
    number: str = ""
    text: str = ""
    modifiers: tuple[tuple[str, str], ...] = ()
    """Of SIA, in order: `ti` time, `da` date, `id` user, `pi` peripheral …"""
    old: bool = False
    """The host had kept it back."""


def reports(token: str, content: Content) -> tuple[Report, ...]:
    """In order; none of a heartbeat and of an empty event. What cannot be read is told as text: no alarm is lost for its form."""
    if token in {"NULL", "XNM"} or _ONLY_ACCOUNT.fullmatch(content.data):
        return ()
    found = (_contact_id(content.data),) if token == "ADM-CID" else tuple(_sia(content.data))
    note = content.extension("I")
    return tuple(replace(one, text=one.text or note) for one in found) if note else found


def _contact_id(data: str) -> Report:
    found = _CONTACT_ID.fullmatch(data)
    if found is None:
        return _unread("cid", data)
    return _contact_id_event(*found.groups()[1:])


@lru_cache(MOST_KEPT)
def _contact_id_event(qualifier: str, code: str, area: str, number: str) -> Report:
    change = {"1": Change.NEW, "3": Change.RESTORED, "6": Change.STANDING}[qualifier]
    area, number = (text if text.strip("0") else "" for text in (area, number))
    return Report("cid", code, change, contact_id_meaning(code), area, number)


def _unread(table: str, text: str) -> Report:
    return Report(table, "", Change.NEW, Meaning(Category.SYSTEM, known=False), text=text)


def _sia(data: str) -> list[Report]:
    blocks = data.split("|")
    if _ACCOUNT.fullmatch(blocks[0]) or not blocks[0]:
        del blocks[0]
    found, odd = list[Report](), list[str]()
    for block in blocks:
        kind, rest = block[:1], block[1:]
        if kind in {"N", "O"}:
            of_block, odd_ones = (_kept if len(rest) <= SHORT else _events)(rest, kind == "O")
            found += of_block
            odd += odd_ones
        elif kind == "A" and found and not found[-1].text:
            found[-1] = replace(found[-1], text=rest.strip())
    if len(found) > MOST:
        found[MOST - 1 :] = [_unread("sia", " ".join(f"{one.code}{one.number}" for one in found[MOST - 1 :]))]
    if not found:
        return [_unread("sia", data)]
    if odd:
        found[-1] = replace(found[-1], text=" ".join((found[-1].text, *odd)).strip())
    return found


def _events(block: str, old: bool) -> tuple[tuple[Report, ...], tuple[str, ...]]:
    """A modifier holds for all codes behind it. What is neither that nor a code stands in the second."""
    events, odd, modifiers = list[Report](), list[str](), dict[str, str]()
    for part in _PART.findall(block):
        unparted = _UNPARTED.fullmatch(part)
        if unparted is not None:
            modifiers[unparted[1]] = unparted[2]
            part = unparted[3]
        elif (modifier := _MODIFIER.fullmatch(part)) is not None:
            modifiers[modifier[1]] = modifier[2]
            continue
        found = _CODE.fullmatch(part)
        if found is None:
            odd.append(part.strip())
            continue
        code, number, text, behind = found.groups()
        change = Change.RESTORED if sia_restores(code) else Change.NEW
        words = f"{text or ''}{behind}".strip()
        area = modifiers.get("ri", "")
        events.append(Report("sia", code, change, sia_meaning(code), area, number.strip(), words, tuple(modifiers.items()), old))
    return tuple(events), tuple(odd)


_kept: Final = lru_cache(MOST_KEPT)(_events)
