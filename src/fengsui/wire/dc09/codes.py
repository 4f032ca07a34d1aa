"""What the codes of Contact ID (DC-05) and of SIA blocks (DC-03) mean for whoever handles alarms. The categories are ours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from typing import Final


class Category(StrEnum):
    """What somebody has to do about it."""

    INTRUSION = "intrusion"
    PANIC = "panic"
    """Panic, hold-up, duress."""
    FIRE = "fire"
    FIRE_SUPERVISORY = "fire_supervisory"
    MEDICAL = "medical"
    GAS = "gas"
    """Gas and carbon monoxide: lives are at stake."""
    TECHNICAL = "technical"
    """Water, temperature, humidity."""
    TAMPER = "tamper"
    POWER = "power"
    COMMUNICATION = "communication"
    FAULT = "fault"
    """Supervision of detectors and modules."""
    OPEN_CLOSE = "open_close"
    BYPASS = "bypass"
    ACCESS = "access"
    TEST = "test"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Meaning:
    """`user`: its number names a user and not a zone. `known`: False where only the family of the code is known."""

    category: Category
    user: bool = False
    known: bool = True


_CONTACT_ID: Final = {
    Category.MEDICAL: "100-103 641 645-647",
    Category.FIRE: "110-118",
    Category.FIRE_SUPERVISORY: "200-206",
    Category.PANIC: "120-126 129",
    Category.INTRUSION: "130-136 138 139 140 146 155 374 423",
    Category.GAS: "151 162",
    Category.TECHNICAL: "150 152-154 157-161 163 168 169",
    Category.TAMPER: "137 144 145 316 317 341 383",
    Category.POWER: "301 302 309-312 314 337 338 342 384 926",
    Category.COMMUNICATION: "344 350-358 554 555 796 798 954 961",
    Category.FAULT: "141-143 147 156 300 320-327 330-336 339 343 370-373 375-378 380-382 385-389 391-394",
    Category.OPEN_CLOSE: "400-409 441-444 450-459 463 464",
    Category.BYPASS: "501 520-527 531 532 551-553 570-579 925",
    Category.ACCESS: "421 422 424-436 462 642 643",
    Category.TEST: "600-609 611-616",
    Category.SYSTEM: "303-308 313 315 345 411-416 461 465 466 621-632 651-655 703 704 750-789 900-904 910-924 927-929 962",
}
_USERS: Final = (
    "121 126 313 400-409 411-415 421 422 424 425 429-431 435 436 441-444 450-459 462-464 466 574 604 607 625 642 652 653 655 "
    "913-916 920 921 928 929"
)
"""Their number is a user's."""
_HUNDREDS: Final = {
    "1": Category.INTRUSION,
    "2": Category.FIRE_SUPERVISORY,
    "3": Category.FAULT,
    "4": Category.OPEN_CLOSE,
    "5": Category.BYPASS,
    "6": Category.TEST,
    "7": Category.SYSTEM,
    "9": Category.SYSTEM,
}

_SIA_FAMILIES: Final = {
    "A": Category.POWER,
    "B": Category.INTRUSION,
    "C": Category.OPEN_CLOSE,
    "D": Category.ACCESS,
    "E": Category.FAULT,
    "F": Category.FIRE,
    "G": Category.GAS,
    "H": Category.PANIC,
    "I": Category.FAULT,
    "J": Category.SYSTEM,
    "K": Category.FIRE,
    "L": Category.COMMUNICATION,
    "M": Category.MEDICAL,
    "N": Category.COMMUNICATION,
    "O": Category.OPEN_CLOSE,
    "P": Category.PANIC,
    "Q": Category.PANIC,
    "R": Category.SYSTEM,
    "S": Category.FIRE,
    "T": Category.TAMPER,
    "U": Category.INTRUSION,
    "V": Category.SYSTEM,
    "W": Category.TECHNICAL,
    "X": Category.FAULT,
    "Y": Category.SYSTEM,
    "Z": Category.TECHNICAL,
}
_ZONED: Final = "BFGHKMPQSUWZ"
"""Families whose second letter says what happened to a zone."""
_SECOND: Final = {
    "T": Category.FAULT,
    "J": Category.FAULT,
    "S": Category.FAULT,
    "B": Category.BYPASS,
    "U": Category.BYPASS,
    "X": Category.TEST,
}
_SIA: Final = {
    Category.TAMPER: "TA TT TH TJ TR ES EJ XS XJ JA AA",
    Category.POWER: "AT AR YT YR YM YP YQ YI YJ XT XR",
    Category.COMMUNICATION: "YC YS YK LT LR NT NR NC XQ XH XL RT XX",
    Category.FAULT: "ET ER EM EN XE XF BZ UY UZ FY FZ YA YH IA IR AS AN YX YZ BD BE OU OV EX YU SC CO",
    Category.FIRE_SUPERVISORY: "FS FV FW FQ KS SS",
    Category.OPEN_CLOSE: "CL CA CG CP CQ CS CF CR CK CJ CZ NL NF NM OP OA OG OQ OS OR OK OJ OZ CI CT CD OI OT CE BC FC OC AB OH OL",
    Category.INTRUSION: "EA EE EZ DF DJ CM XM",
    Category.FIRE: "FL",
    Category.ACCESS: "DL DM DD DK DI DP DQ DV DW DZ DG DC DO DX DE DY DH DN DR DS DT",
    Category.TEST: "RP RX TX TS TE TP TC FI FK FX BX GX RY",
    Category.SYSTEM: "RR YW YF YG RB RS RU RD RN LB LS LX LU LD JS JT JD JV JX JY JL JO UX YN YO DU YY YB YD YE DA DB "
    "JH JK JP JR JZ CX MI RA RC RO LE LF TW TZ XI XA VI VO VR VT VX VY VZ",
    Category.BYPASS: "TB TU XW CW",
    Category.MEDICAL: "NA NS",
}
_NO_USERS: Final = "CA CD CI CJ CM CO CS CT CW CX CZ OA OG OI OS OU OV OZ"
"""Of closing and opening: their number is an area, a zone or a condition."""
_OTHER_USERS: Final = "BC DA DB EE JD JH JK JP JS JT JV JX JY JZ RX"
_RESTORES: Final = "AR YR XR LR NR ER IR TR TH TJ EJ EN XJ XH YQ YJ YK YH AN NS BE DH DR FQ FV OV VR YE"
"""Besides what the second letter says in the families of zones."""
MOST_KEPT: Final = 4_096
"""Meanings that are not looked up again: all codes of each kind."""


@cache
def _contact_id() -> dict[str, Category]:
    return {code: category for category, text in _CONTACT_ID.items() for code in _codes(text)}


@cache
def _users() -> frozenset[str]:
    return frozenset(_codes(_USERS))


def _codes(text: str) -> Iterator[str]:
    """Of `100-103 641`: each."""
    for part in text.split():
        first, _, last = part.partition("-")
        yield from map(str, range(int(first), int(last or first) + 1))


@cache
def _sia() -> dict[str, Category]:
    return {code: category for category, text in _SIA.items() for code in text.split()}


@lru_cache(MOST_KEPT)
def contact_id_meaning(code: str) -> Meaning:
    """Of three digits. One that stands in no table has the category of its hundreds."""
    category = _contact_id().get(code)
    if category is not None:
        return Meaning(category, user=code in _users())
    return Meaning(_HUNDREDS.get(code[:1], Category.SYSTEM), known=False)


@lru_cache(MOST_KEPT)
def sia_meaning(code: str) -> Meaning:
    """Of two upper-case letters. One that stands in no table has the category of its family."""
    family, second = code[:1], code[1:]
    users = code in _OTHER_USERS.split() or (family in "CO" and code not in _NO_USERS.split())
    category = _sia().get(code)
    if category is not None:
        return Meaning(category, user=users)
    known = family in _ZONED and second in "AHTJSBURXMVGC"
    if known and second in _SECOND:
        return Meaning(_SECOND[second])
    return Meaning(_SIA_FAMILIES.get(family, Category.SYSTEM), user=users, known=known)


@lru_cache(MOST_KEPT)
def sia_restores(code: str) -> bool:
    """It says that something is over: no new alarm."""
    return code in _RESTORES.split() or (code[:1] in _ZONED and code[1:] in "HJRU")
