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
    **{str(code): CodeKind.RECORDER for code in (111, 112, 113, 117, 118, 130)},
    **{str(code): CodeKind.CAMERA for code in (131, 132)},
    **{str(code): CodeKind.ALARM_POINT for code in (134, 135, 140)},
    **{str(code): CodeKind.AUDIO for code in (136, 137)},
    **{str(code): CodeKind.PLATFORM for code in range(200, 215)},
    "215": CodeKind.BUSINESS_GROUP,
    "216": CodeKind.VIRTUAL_ORGANISATION,
}


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


def is_gb_code(text: str) -> bool:
    """Whether `text` is 20 ASCII decimal digits."""
    return len(text) == CODE_DIGITS and text.isascii() and text.isdigit()


def kind_of(code: str) -> CodeKind:
    """The kind that a code claims; codes of other lengths than 20 (and area lengths) are OTHER."""
    if len(code) in AREA_LENGTHS and code.isascii() and code.isdigit():
        return CodeKind.AREA
    if not is_gb_code(code):
        return CodeKind.OTHER
    return _KINDS.get(code[10:13], CodeKind.OTHER)
