"""What a catalogue item says beside name, place and status, by table. Source: GB/T 28181-2022 A.2.1.2, A.2.6.4; 2016 A.2.1.

One of 100,000 items: plain dictionaries, no `Fields`. What is empty is not said; what is no value of the standard is not said
either, and its element is named in `unreadable`. `Password` has no row: it is never read, kept or written (decision 0008).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, NamedTuple

from fengsui.wire.gb28181.edition import Edition
from fengsui.wire.gb28181.xml_text import decimal, element

LONGEST = 256
"""Signs of a text; what is longer is cut."""


class ItemDetails(NamedTuple):
    """Codes as the standard numbers them. None, an empty text and an empty tuple mean: not said."""

    owner: str = ""
    block: str = ""
    """Police organisation (GA/T 380)."""
    safety_way: int | None = None
    """0 none, 2 S/MIME signed, 3 signed and encrypted, 4 digest."""
    register_way: int | None = None
    """1 RFC 3261, 2 password both ways, 3 certificate both ways, 4 certificate one way."""
    certificate: str = ""
    certificate_valid: int | None = None
    """1 valid, 0 not."""
    certificate_fault: int | None = None
    """Why it is not valid."""
    certificate_end: str = ""
    security_level: str = ""
    """A, B or C of GB 35114."""
    secrecy: int | None = None
    """1 secret, 0 not."""
    ip_address: str = ""
    port: int | None = None
    imaging: tuple[int, ...] = ()
    """1 visible light, 2 thermal, 3 radar, 4 X-ray, 5 depth, 9 other."""
    capture_position: str = ""
    """Seven digits (annex O)."""
    position_kind: int | None = None
    """1 to 10: kind of the place (2016)."""
    room: int | None = None
    """1 outdoors, 2 indoors."""
    use: int | None = None
    """1 public order, 2 traffic, 3 key place (2016)."""
    light: int | None = None
    """1 none, 2 infrared, 3 white, 4 laser, 9 other."""
    direction: int | None = None
    """Where it looks: 1 east, 2 west, 3 south, 4 north, 5 south-east, 6 north-east, 7 south-west, 8 north-west."""
    resolution: str = ""
    """Codes of the f field or `WxH`, joined by `/`."""
    download_speeds: str = ""
    space_layers: int | None = None
    time_layers: int | None = None
    layer_ratios: str = ""
    mobile_kind: int | None = None
    """1 robot, 2 body-worn, 3 single-soldier unit, 4 vehicle, 5 unmanned aircraft, 9 other."""
    horizontal_angle: float | None = None
    vertical_angle: float | None = None
    """Degrees."""
    view_distance: float | None = None
    """Metres."""
    grassroots: str = ""
    """Township and village, three digits each."""
    point_class: int | None = None
    """1, 2, 3, or 9 other."""
    common_name: str = ""
    """What people call the place."""
    mac: str = ""
    functions: tuple[str, ...] = ()
    """Two digits each; inventory, never a filter (rule A66)."""
    video_codec: str = ""
    installed_at: str = ""
    managing_unit: str = ""
    contact: str = ""
    kept_days: int | None = None
    industry: str = ""
    """GB/T 4754."""
    unreadable: tuple[str, ...] = ()
    """Elements whose text was no value, by name."""


NOTHING_SAID: Final = ItemDetails()
_LEFT_OUT: Final = object()
"""Said, and yet nothing: a zero where zero is no code."""
Read = Callable[[str], Any]


class Detail(NamedTuple):
    """One element: `read` gives None for what is no value. `within`: whether it stands in `Info`."""

    attribute: str
    element: str
    read: Read
    within: bool
    since: Edition = Edition.V2011
    until: Edition = Edition.V2022


def _text(said: str) -> str:
    return said[:LONGEST]


def _matching(pattern: str) -> Read:
    fits = re.compile(pattern).fullmatch
    return lambda said: said if fits(said) is not None else None


def _whole(said: str) -> int | None:
    return int(said) if len(said) < 10 and said.isascii() and said.isdigit() else None


def _code(*known: int) -> Read:
    """One of the standard's numbers. Zero where it is none: what many write for nothing."""
    codes = frozenset(known)

    def read(said: str) -> Any:
        found = _whole(said)
        return found if found in codes else _LEFT_OUT if found == 0 else None

    return read


def _codes(*known: int) -> Read:
    """Several of them, joined by `/`; None where one is none."""
    codes = frozenset(known)

    def read(said: str) -> Any:
        found = tuple(_whole(part) for part in said.replace(",", "/").split("/") if part)
        return (found if codes.issuperset(found) else _LEFT_OUT if found == (0,) else None) if found else _LEFT_OUT

    return read


_FUNCTION: Final = re.compile(r"[0-9]{1,2}").fullmatch


def _functions(said: str) -> tuple[str, ...] | None:
    parts = [part for part in said.replace(",", "/").split("/") if part]
    return tuple(part.zfill(2) for part in parts) if all(map(_FUNCTION, parts)) and len(parts) <= 16 else None


def _between(least: float, most: float) -> Read:
    def read(said: str) -> Any:
        found = decimal(said)
        return None if found is None or not least <= found <= most else _LEFT_OUT if found == 0 else found

    return read


def _number(least: int, most: int) -> Read:
    def read(said: str) -> Any:
        found = _whole(said)
        return None if found is None or found > most else _LEFT_OUT if found < least else found

    return read


_TIME: Final = re.compile(
    r"(\d{4})[-/.](0?[1-9]|1[0-2])[-/.](0?[1-9]|[12]\d|3[01])(?:[T ]{1,2}([01]?\d|2[0-3]):([0-5]?\d)(?::([0-5]?\d))?\S*)?", re.ASCII
).fullmatch
_NO_TIME: Final = frozenset(("0", "0000-00-00T00:00:00", "0000-00-00 00:00:00", "null"))


def _time(said: str) -> Any:
    """Local time as `YYYY-MM-DDThh:mm:ss`; a day alone begins at midnight."""
    found = _TIME(said)
    if found is None:
        return _LEFT_OUT if said in _NO_TIME else None
    year, month, day, hour, minute, second = (int(part) for part in found.groups("0"))
    return f"{year:04d}-{month:02d}-{day:02d}T{hour:02d}:{minute:02d}:{second:02d}"


_MAC: Final = re.compile(r"[0-9A-Fa-f]{2}(?:([-:.])?[0-9A-Fa-f]{2})(?:\1?[0-9A-Fa-f]{2}){4}").fullmatch


def _mac(said: str) -> str | None:
    if _MAC(said) is None:
        return None
    digits = re.sub(r"[-:.]", "", said).upper()
    return "-".join(digits[at : at + 2] for at in range(0, 12, 2))


_16, _22 = Edition.V2016, Edition.V2022
_HOST: Final = r"[0-9A-Za-z.:%\-]{1,64}"
DETAILS: Final = (
    Detail("owner", "Owner", _text, within=False, until=_16),
    Detail("block", "Block", _text, within=False),
    Detail("safety_way", "SafetyWay", _code(0, 2, 3, 4), within=False, until=_16),
    Detail("register_way", "RegisterWay", _code(1, 2, 3, 4), within=False),
    Detail("certificate", "CertNum", _text, within=False, until=_16),
    Detail("certificate_valid", "Certifiable", _code(0, 1), within=False, until=_16),
    Detail("certificate_fault", "ErrCode", _number(0, 10**8), within=False, until=_16),
    Detail("certificate_end", "EndTime", _time, within=False, until=_16),
    Detail("security_level", "SecurityLevelCode", _matching("[ABC]"), within=False, since=_22),
    Detail("secrecy", "Secrecy", _code(0, 1), within=False),
    Detail("ip_address", "IPAddress", _matching(_HOST), within=False),
    Detail("port", "Port", _number(1, 65_535), within=False),
    Detail("imaging", "PhotoelectricImagingType", _codes(1, 2, 3, 4, 5, 9), within=True, since=_22),
    Detail("capture_position", "CapturePositionType", _matching("[0-9]{7}"), within=True, since=_22),
    Detail("position_kind", "PositionType", _code(*range(1, 11)), within=True, until=_16),
    Detail("room", "RoomType", _code(1, 2), within=True),
    Detail("use", "UseType", _code(1, 2, 3), within=True, until=_16),
    Detail("light", "SupplyLightType", _code(1, 2, 3, 4, 9), within=True),
    Detail("direction", "DirectionType", _code(*range(1, 9)), within=True),
    Detail("resolution", "Resolution", _text, within=True),
    Detail("download_speeds", "DownloadSpeed", _text, within=True),
    Detail("space_layers", "SVCSpaceSupportMode", _code(0, 1, 2, 3), within=True),
    Detail("time_layers", "SVCTimeSupportMode", _code(0, 1, 2, 3), within=True),
    Detail("layer_ratios", "SSVCRatioSupportList", _text, within=True, since=_22),
    Detail("mobile_kind", "MobileDeviceType", _code(1, 2, 3, 4, 5, 9), within=True, since=_22),
    Detail("horizontal_angle", "HorizontalFieldAngle", _between(0, 360), within=True, since=_22),
    Detail("vertical_angle", "VerticalFieldAngle", _between(0, 360), within=True, since=_22),
    Detail("view_distance", "MaxViewDistance", _between(0, 10**6), within=True, since=_22),
    Detail("grassroots", "GrassrootsCode", _matching("[0-9]{6}"), within=True, since=_22),
    Detail("point_class", "PointType", _code(1, 2, 3, 9), within=True, since=_22),
    Detail("common_name", "PointCommonName", _text, within=True, since=_22),
    Detail("mac", "MAC", _mac, within=True, since=_22),
    Detail("functions", "FunctionType", _functions, within=True, since=_22),
    Detail("video_codec", "EncodeType", _text, within=True, since=_22),
    Detail("installed_at", "InstallTime", _time, within=True, since=_22),
    Detail("managing_unit", "ManagementUnit", _text, within=True, since=_22),
    Detail("contact", "ContactInfo", _text, within=True, since=_22),
    Detail("kept_days", "RecordSaveDays", _number(0, 36_500), within=True, since=_22),
    Detail("industry", "IndustrialClassification", _text, within=True, since=_22),
)
"""Every element, in the order of `ItemDetails`."""
_BY_NAME: Final = {detail.element.lower(): (place, detail) for place, detail in enumerate(DETAILS)}
_OUTER: Final = frozenset(name for name, (_, detail) in _BY_NAME.items() if not detail.within)


def read_details(said: dict[str, str], info: dict[str, str]) -> ItemDetails:
    """From the texts of an item's elements and of those in its `Info`, by lower-case name. Never raises.

    What belongs into `Info` is also taken from the item itself, where it stands only there.
    """
    by_name = _BY_NAME
    texts = [(name, text) for name, text in said.items() if text and name in by_name]
    if info is not said:
        inner = [(name, text) for name, text in info.items() if text and name in by_name and name not in _OUTER]
        if inner:
            twice = {name for name, _ in inner}
            texts = [one for one in texts if one[0] not in twice] + inner
    return _of_texts(tuple(texts)) if texts else NOTHING_SAID


@lru_cache(maxsize=4096)
def _of_texts(texts: tuple[tuple[str, str], ...]) -> ItemDetails:
    """Kept: many of 100,000 items say the same."""
    values: list[Any] = list(NOTHING_SAID)
    unreadable: list[str] = []
    for name, text in texts:
        place, detail = _BY_NAME[name]
        value = detail.read(text)
        if value is None:
            unreadable.append(detail.element)
        elif value is not _LEFT_OUT:
            values[place] = value
    values[-1] = tuple(sorted(unreadable))
    return ItemDetails._make(values)


def write_details(details: ItemDetails, edition: Edition) -> dict[str, str]:
    """The elements that are said and that the edition has, by name."""
    if details is NOTHING_SAID:
        return {}
    written = {}
    for detail, value in zip(DETAILS, details, strict=False):
        if value is None or value in ("", ()) or not detail.since <= edition <= detail.until:
            continue
        written[detail.element] = element(detail.element, "/".join(map(str, value)) if isinstance(value, tuple) else value)
    return written
