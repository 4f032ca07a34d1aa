"""The 20-digit code of nodes, devices, cameras and alarm points. Source: GB/T 28181-2022 annex E."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from fengsui.wire.errors import WireError

CODE_DIGITS = 20
AREA_LENGTHS = frozenset((2, 4, 6, 8))


class MalformedGbCode(WireError):
    """Not 20 decimal digits."""

    code = "gb28181.malformed_code"

    def __init__(self, found: str) -> None:
        super().__init__(f"{found!r} is not a GB code: 20 decimal digits expected (GB/T 28181-2022 E.1)")


class CodeKind(StrEnum):
    """What digits 11 to 13 say the object is (E.1, table of types). A hint: never derive capability from it alone."""

    CAMERA = "camera"
    RECORDER = "recorder"
    PLATFORM = "platform"
    BUSINESS_GROUP = "business_group"
    VIRTUAL_ORGANISATION = "virtual_organisation"
    ALARM_POINT = "alarm_point"
    AUDIO = "audio"
    AREA = "area"
    OTHER = "other"


_KINDS: dict[str, CodeKind] = {
    **{str(code): CodeKind.RECORDER for code in (*range(111, 119), 130)},
    **{str(code): CodeKind.CAMERA for code in (131, 132)},
    **{str(code): CodeKind.ALARM_POINT for code in (134, 135, 140)},
    **{str(code): CodeKind.AUDIO for code in (136, 137)},
    **{str(code): CodeKind.PLATFORM for code in range(200, 215)},
    "215": CodeKind.BUSINESS_GROUP,
    "216": CodeKind.VIRTUAL_ORGANISATION,
}
_OLD_KINDS: dict[str, CodeKind] = {
    "01": CodeKind.RECORDER,
    **{str(code): CodeKind.PLATFORM for code in (20, 21, 22, 23)},
    "42": CodeKind.ALARM_POINT,
}
"""Rule B, last two digits. 00, an encoder without storage, is what a camera's channel has: OTHER, as an unknown one."""


@dataclass(frozen=True, slots=True)
class GbCode:
    """Exactly 20 decimal digits. Leading zeros count: never turn it into a number."""

    digits: str

    @classmethod
    def parse(cls, text: str) -> GbCode:
        """Raises MalformedGbCode unless `text` is exactly 20 decimal digits."""
        if not is_gb_code(text):
            raise MalformedGbCode(text)
        return cls(text)

    @property
    def domain(self) -> str:
        """The usual SIP domain: centre code and industry, 10 digits."""
        return self.digits[:10]

    @property
    def area(self) -> str:
        """The county's division code, 6 digits."""
        return self.digits[:6]

    def __str__(self) -> str:
        return self.digits


class CodeForm(StrEnum):
    """How a code is built. Input of any form is taken; all but STANDARD and AREA are flagged to the operator."""

    STANDARD = "standard"
    """20 digits (E.1)."""
    AREA = "area"
    """2, 4, 6 or 8 digits: an administrative division."""
    CENTRE = "centre"
    """10 digits: a domain, as alarm centres use it."""
    EIGHTEEN = "eighteen"
    """18 digits by the older rule B, which 2022 deleted: centre 8, industry 2, serial 6, type 2."""
    ODD = "odd"
    """Anything else: letters, other lengths."""
    EMPTY = "empty"

    @property
    def flagged(self) -> bool:
        """Whether the operator is told that the code follows no current rule."""
        return self not in (CodeForm.STANDARD, CodeForm.AREA)


def form_of(code: str) -> CodeForm:
    """The form of any text that stands where a code should."""
    if not code:
        return CodeForm.EMPTY
    if not (code.isascii() and code.isdigit()):
        return CodeForm.ODD
    if len(code) in AREA_LENGTHS:
        return CodeForm.AREA
    return {CODE_DIGITS: CodeForm.STANDARD, 10: CodeForm.CENTRE, 18: CodeForm.EIGHTEEN}.get(len(code), CodeForm.ODD)


def is_gb_code(text: str) -> bool:
    """Whether `text` is 20 ASCII decimal digits."""
    return len(text) == CODE_DIGITS and text.isascii() and text.isdigit()


def kind_of(code: str) -> CodeKind:
    """The kind that a code claims. Of 18 digits the last two say it (1.1 of the fact sheet); odd codes are OTHER."""
    if len(code) in AREA_LENGTHS and code.isascii() and code.isdigit():
        return CodeKind.AREA
    if not is_gb_code(code):
        return _OLD_KINDS.get(code[16:], CodeKind.OTHER) if form_of(code) is CodeForm.EIGHTEEN else CodeKind.OTHER
    return _KINDS.get(code[10:13], CodeKind.OTHER)
