"""What can be said of one value alone. Pure: (field, value, today) → issues. Nothing is mended: a space is told, not taken away."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Final

from fengsui.features.device_files.field_table import Field, Kind
from fengsui.features.device_files.model import Issue

Values = Iterator[Issue]
SCIENTIFIC: Final = re.compile(r"[+-]?\d+(\.\d+)?[eE][+-]?\d+")
NUMBER: Final = re.compile(r"-?\d{1,12}(\.\d{1,12})?")
INTEGER: Final = re.compile(r"-?\d{1,12}")
DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
MAC: Final = re.compile(r"[0-9A-F]{2}(-[0-9A-F]{2}){5}")
PHONE: Final = re.compile(r"1[3-9]\d{9}|0\d{2,3}-?\d{7,8}(-\d{1,6})?|[48]00-?\d{3}-?\d{4}|1\d{2}|1\d{4}|\d{7,8}(-\d{1,6})?")
DIGITS: Final[Mapping[str, tuple[int, ...]]] = {
    "police_org": (12,),
    "parent": (20,),
    "business_group": (20,),
    "capture_position": (7,),
    "grassroots": (6,),
    "old_code": (18, 20),
    "encoder_code": (20,),
    "recorder_code": (20,),
}
"""How many digits each has; `capture_position` by annex O, `grassroots` three and three, `old_code` of two editions."""
SHOWN: Final = 60


def value_issues(field: Field, value: str, today: date) -> Values:
    """Of a value that is not empty."""
    if value != value.strip():
        yield _issue(field, "value.space")
    if any(not letter.isprintable() and not (field.kind is Kind.LONG and letter == "\n") for letter in value):
        yield _issue(field, "value.control")
        return
    if len(value) > field.longest:
        yield _issue(field, "value.long", most=field.longest, length=len(value))
        return
    if (look := _BY_KIND.get(field.kind)) is not None and value == value.strip():
        yield from look(field, value, today)


def _issue(field: Field, check: str, **facts: object) -> Issue:
    return Issue(check, field.key, facts)


def _shown(value: str) -> str:
    return value if len(value) <= SHOWN else f"{value[:SHOWN]}…"


def _scientific(field: Field, value: str) -> Issue | None:
    return _issue(field, "value.scientific", value=_shown(value)) if SCIENTIFIC.fullmatch(value) else None


def _choice(field: Field, value: str, _: date) -> Values:
    options = field.options or {}
    if value in options:
        return
    by_word = next((code for code, words in options.items() if value in words), None)
    if by_word is not None:
        yield _issue(field, "value.word", value=_shown(value), option=by_word)
        return
    first = list(options.items())[:3]
    known_zh = "、".join(f"{code}({words[0]})" if code != words[0] else code for code, words in first)
    known_en = ", ".join(f"{code} ({words[1]})" if code != words[0] else code for code, words in first)
    yield _issue(field, "value.option", value=_shown(value), known_zh=known_zh, known_en=known_en)


def _choices(field: Field, value: str, today: date) -> Values:
    seen: set[str] = set()
    for part in value.split("/"):
        if part in seen:
            yield _issue(field, "value.twice", value=_shown(part))
            return
        seen.add(part)
        found = next(_choice(field, part, today), None)
        if found is not None:
            yield found
            return


def _number(field: Field, value: str, _: date) -> Values:
    if (lost := _scientific(field, value)) is not None:
        yield lost
        return
    form = INTEGER if field.kind is Kind.INTEGER else NUMBER
    if not value.isascii() or form.fullmatch(value) is None:
        yield _issue(field, "value.number", value=_shown(value), example="30" if field.kind is Kind.INTEGER else "12.5")
        return
    least, most = field.least, field.most
    if (least is not None and float(value) < least) or (most is not None and float(value) > most):
        yield _issue(field, "value.range", value=value, least=f"{least:g}", most=f"{most:g}")
    elif field.key in ("lon", "lat"):
        decimals = len(value.partition(".")[2])
        if decimals < 6:
            yield _issue(field, "place.digits", length=decimals)


def _date(field: Field, value: str, today: date) -> Values:
    try:
        day = date.fromisoformat(value) if value.isascii() and DATE.fullmatch(value) else None
    except ValueError:
        day = None
    if day is None:
        yield _issue(field, "value.date", value=_shown(value))
    elif field.past and day > today:
        yield _issue(field, "date.future", value=value)


def _digits(field: Field, value: str, _: date) -> Values:
    if (lost := _scientific(field, value)) is not None:
        yield lost
        return
    due = DIGITS[field.key]
    if not (value.isascii() and value.isdigit() and len(value) in due):
        yield _issue(field, "value.digits", due="/".join(map(str, due)))


def _code(field: Field, value: str, _: date) -> Values:
    if (lost := _scientific(field, value)) is not None:
        yield lost
    elif not (value.isascii() and value.isdigit() and len(value) == 20):
        yield _issue(field, "code.digits", length=len(value))


def _mac(field: Field, value: str, _: date) -> Values:
    if not value.isascii() or MAC.fullmatch(value) is None:
        yield _issue(field, "mac.form")
    elif int(value[:2], 16) & 1 or value == "00-00-00-00-00-00":
        yield _issue(field, "mac.group", value=value)


def _address(field: Field, value: str, _: date) -> Values:
    four = field.kind is Kind.IPV4
    try:
        address = IPv4Address(value) if four else IPv6Address(value)
    except AddressValueError:
        yield _issue(field, "ip.form", value=_shown(value), kind="IPv4" if four else "IPv6")
        return
    if address.is_loopback or address.is_multicast or address.is_unspecified or address.is_link_local or address.is_reserved:
        yield _issue(field, "ip.unusable", value=value)


def _phone(field: Field, value: str, _: date) -> Values:
    if (lost := _scientific(field, value)) is not None:
        yield lost
    elif not value.isascii() or PHONE.fullmatch(value) is None:
        yield _issue(field, "phone.form", value=_shown(value))


_BY_KIND: Final[Mapping[Kind, Callable[[Field, str, date], Values]]] = {
    Kind.CHOICE: _choice,
    Kind.CHOICES: _choices,
    Kind.INTEGER: _number,
    Kind.DECIMAL: _number,
    Kind.DATE: _date,
    Kind.DIGITS: _digits,
    Kind.CODE: _code,
    Kind.MAC: _mac,
    Kind.IPV4: _address,
    Kind.IPV6: _address,
    Kind.PHONE: _phone,
}
