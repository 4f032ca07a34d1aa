"""Access units (基层接入单位): the level below the county, digits 7 and 8 of a code. Pure. Source: GB/T 28181-2022 annex E.

The tree shows them; rights and duty are given for counties and above, so no right hangs on what a device says here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fengsui.features.areas import Divisions
from fengsui.wire.gb28181.catalog import CatalogueItem
from fengsui.wire.gb_code import CODE_DIGITS, CodeKind

UNIT, COUNTY, NONE = 8, 6, "00"
"""Digits of a unit's code, of its county's; what the digits of no unit are."""


def unit_code(text: str) -> str:
    """The unit that a code names, its county's code as it is in force; empty: none."""
    digits = text[:UNIT]
    if len(digits) < UNIT or not (digits.isascii() and digits.isdigit()) or digits.endswith(NONE):
        return ""
    return Divisions.current(digits[:COUNTY]) + digits[COUNTY:]


def reported_unit(item: CatalogueItem) -> str:
    """By its CivilCode where that goes so far, else by the division it hangs in, else by its own code."""
    inside = [parent for parent in item.parents if len(parent) == UNIT]
    own = [item.device_id] if len(item.device_id) == CODE_DIGITS else []
    return next((unit for text in (item.civil_code, *inside, *own) if (unit := unit_code(text))), "")


def place_in_tree(shown_area: str, unit: str) -> str:
    """The unit where it lies in the county that the camera is shown in; else that area itself."""
    return unit if unit and unit[:COUNTY] == shown_area else shown_area


def names_of(rows: Iterable[Any]) -> dict[str, str]:
    """Names of units, by code, as catalogues tell them: a division of eight digits names itself, else a unit's only business group
    does. `rows`: (device, code, name, kind, home) of such items by device; `home`: beyond it the device names nothing.
    """
    divisions: dict[str, str] = {}
    groups: dict[str, set[str]] = {}
    for device, code, name, kind, home in rows:
        unit = unit_code(code)
        if not unit or not unit.startswith(home) or not name or name in (code, device):
            continue
        if kind == CodeKind.AREA and len(code) == UNIT:
            divisions.setdefault(unit, name)
        elif kind == CodeKind.BUSINESS_GROUP:
            groups.setdefault(unit, set()).add(name)
    return {unit: next(iter(names)) for unit, names in groups.items() if len(names) == 1} | divisions
