"""The meaning of SIP header values, read when asked. Sources: RFC 3261 §20, RFC 3581, GB/T 28181-2022 §9.10 (Date)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import Final

from fengsui.wire.errors import MalformedSip
from fengsui.wire.sip.message import Headers, SipRequest, SipResponse

BEIJING: Final = timezone(timedelta(hours=8), "UTC+8")
_URI: Final = re.compile(r"^(sips?|tel):(?:([^@;?>]*)@)?(\[[^\]]*\]|[^:;?>]*)(?::(\d{1,5}))?((?:;[^?>]*)?)", re.IGNORECASE)
_DATE: Final = re.compile(
    r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ]\s*(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,9}))?)?)?(?:Z|[+-]\d\d:?\d\d)?$",
    re.IGNORECASE | re.ASCII,
)
_TAG: Final = re.compile(r";\s*tag\s*=\s*([^;\s,>]+)", re.IGNORECASE)
_BRANCH: Final = re.compile(r";\s*branch\s*=\s*([^;\s,]+)", re.IGNORECASE)
REASONS: Final[Mapping[int, str]] = {
    100: "Trying", 180: "Ringing", 200: "OK", 302: "Moved Temporarily", 400: "Bad Request", 401: "Unauthorized",
    403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 408: "Request Timeout", 415: "Unsupported Media Type",
    423: "Interval Too Brief", 480: "Temporarily Unavailable", 481: "Call/Transaction Does Not Exist", 486: "Busy Here",
    487: "Request Terminated", 488: "Not Acceptable Here", 489: "Bad Event", 500: "Server Internal Error",
    501: "Not Implemented", 503: "Service Unavailable",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SipUri:
    """`sip:<user>@<host>[:port]`. The host may be digits only (a GB domain); match peers on `user` alone."""

    user: str
    host: str
    port: int | None = None

    @classmethod
    def parse(cls, text: str) -> SipUri:
        """Raises MalformedSip."""
        found = _URI.match(text.strip())
        if found is None:
            raise MalformedSip(f"{text[:80]!r} is not a SIP URI")
        port = int(found[4]) if found[4] else None
        if port is not None and port > 65535:
            raise MalformedSip(f"port {port} of {text[:80]!r} is above 65535")
        return cls((found[2] or "").partition(":")[0], found[3], port)

    def __str__(self) -> str:
        port = "" if self.port is None else f":{self.port}"
        return f"sip:{self.user}@{self.host}{port}" if self.user else f"sip:{self.host}{port}"


@dataclass(frozen=True, slots=True)
class NameAddr:
    """A From, To or Contact value: the URI and the tag (empty when there is none)."""

    uri: SipUri
    tag: str = ""

    @classmethod
    def parse(cls, text: str) -> NameAddr:
        """Display names are skipped, whatever bytes they hold. Raises MalformedSip."""
        start, end = text.find("<"), text.rfind(">")
        inside, after = (text[start + 1 : end], text[end + 1 :]) if 0 <= start < end else (text.partition(";")[0], text)
        tag = _TAG.search(after)
        return cls(SipUri.parse(inside), tag[1] if tag else "")

    def __str__(self) -> str:
        return f"<{self.uri}>;tag={self.tag}" if self.tag else f"<{self.uri}>"


@dataclass(frozen=True, slots=True)
class CSeq:
    """Number and method of a CSeq header."""

    number: int
    method: str

    @classmethod
    def parse(cls, text: str) -> CSeq:
        """Raises MalformedSip."""
        number, _, method = text.strip().partition(" ")
        if not (number.isascii() and number.isdigit()) or len(number) > 10 or not method.strip():
            raise MalformedSip(f"CSeq {text[:40]!r} is not a number and a method")
        return cls(int(number), method.strip().upper())

    def __str__(self) -> str:
        return f"{self.number} {self.method}"


def branch_of(headers: Headers) -> str:
    """The branch of the topmost Via; old devices send none (empty)."""
    found = _BRANCH.search(headers.get("via"))
    return found[1] if found else ""


def user_of(value: str) -> str:
    """The user part of a From/To/Contact value or URI, empty when unreadable. The logical id of GB/T 28181."""
    start = value.find("sip")
    at = value.find("@", start)
    colon = value.find(":", start)
    if start < 0 or at < 0 or not start < colon < at:
        return ""
    return value[colon + 1 : at]


def tag_of(value: str) -> str:
    """The tag of a From/To value, empty when there is none."""
    found = _TAG.search(value, value.rfind(">") + 1)
    return found[1] if found else ""


def via_with_received(via: str, host: str, port: int) -> str:
    """The topmost Via of an answer: where the request really came from (RFC 3581 §4)."""
    first, comma, rest = via.partition(",")
    first = re.sub(r";\s*(rport|received)(\s*=[^;]*)?(?=;|$)", "", first, flags=re.IGNORECASE)
    return f"{first};rport={port};received={host}{comma}{rest}"


def response_to(
    request: SipRequest,
    status: int,
    *,
    source: tuple[str, int],
    to_tag: str = "",
    extra: tuple[tuple[str, str], ...] = (),
    body: bytes = b"",
) -> SipResponse:
    """The answer to `request`: its Via lines, From, To (with `to_tag` unless it has one), Call-ID and CSeq, then `extra`."""
    lines: list[tuple[str, str]] = []
    top = True
    for name, value in request.headers:
        if name == "via":
            lines.append((name, via_with_received(value, *source) if top else value))
            top = False
        elif name == "to" and to_tag and ";tag=" not in value.lower():
            lines.append((name, f"{value};tag={to_tag}"))
        elif name in ("from", "to", "call-id", "cseq"):
            lines.append((name, value))
    lines.extend((name.lower(), value) for name, value in extra)
    return SipResponse(status, REASONS.get(status, "Unknown"), Headers.of_lowered(lines), body)


def gb_date(now: datetime) -> str:
    """The `Date` of a 200 to REGISTER: Beijing time with milliseconds, no zone. GB/T 28181-2022 §9.10."""
    return f"{_beijing_second(int(now.replace(microsecond=0).timestamp()))}.{now.microsecond // 1000:03d}"


@lru_cache(maxsize=4)
def _beijing_second(unix: int) -> str:
    """Thousands of answers are given within one second."""
    return datetime.fromtimestamp(unix, BEIJING).strftime("%Y-%m-%dT%H:%M:%S")


def parse_gb_date(text: str) -> datetime:
    """Reads `gb_date` and MANSCDP times: Beijing local whatever suffix a firmware adds. Raises MalformedSip."""
    found = _DATE.match(text.strip())
    if found is None:
        raise MalformedSip(f"{text[:40]!r} is not a date like 2024-05-01T10:00:00.000")
    year, month, day, hour, minute, second = (int(part) for part in found.groups("0")[:6])
    microsecond = int((found[7] or "").ljust(6, "0")[:6])
    try:
        return datetime(year, month, day, hour, minute, second, microsecond, BEIJING)
    except ValueError as error:
        raise MalformedSip(f"{text[:40]!r} is no date of the calendar") from error


def without_controls(text: str) -> str:
    """What of a header is kept: a quoted control octet is legal (RFC 3261 §25.1), and no database holds it."""
    return text if text.isprintable() else "".join(one for one in text if one >= " " and one != "\x7f")


def expires_of(headers: Headers) -> int | None:
    """Registration or subscription life in seconds: the Contact parameter wins over the header. None when absent or odd."""
    found = re.search(r";\s*expires\s*=\s*\"?(\d{1,9})", headers.get("contact"), re.IGNORECASE)
    value = found[1] if found else headers.get("expires").strip()
    return int(value) if value.isascii() and value.isdigit() and len(value) <= 9 else None
