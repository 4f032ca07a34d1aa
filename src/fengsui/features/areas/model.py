"""The tree of administrative divisions. Pure. Source: GB/T 2260; names see NOTICE."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

TABLE = Path(__file__).parent / "divisions" / "divisions.csv"
MOVED: Mapping[str, str] = {"520522": "520581"}
"""Old codes that devices in the field still carry: 黔西县 became 黔西市 in 2021."""
LEVELS = {2: "province", 4: "city", 6: "county", 8: "unit"}
"""By digits of the code; below the county the access units of GB/T 28181-2022 annex E (基层接入单位), which catalogues name."""


@dataclass(frozen=True, slots=True)
class Division:
    """A province, city or county; `parent` empty at the top."""

    code: str
    name: str
    parent: str
    level: str


@dataclass(frozen=True, slots=True)
class Area:
    """One division, or an access unit of a county; `parent` empty at the top. An empty name: of a unit that nobody names."""

    code: str
    name: str
    parent: str
    level: str
    cameras_total: int
    cameras_online: int
    cameras_here: int
    """Cameras of which no smaller area is known."""


class Divisions:
    """Names by code."""

    def __init__(self) -> None:
        with TABLE.open(encoding="utf-8", newline="") as file:
            self._names = {row["code"]: row["name"] for row in csv.DictReader(file)}

    def name_of(self, code: str) -> str:
        """The name, or the code itself where we have none."""
        return self._names.get(self.current(code), code)

    def _shown_name(self, code: str, unit_names: Mapping[str, str]) -> str:
        return unit_names.get(code, "") if LEVELS[len(code)] == "unit" else self.name_of(code)

    def all(self) -> list[Division]:
        """Every division in force, by code."""
        codes = sorted(code for code in self._names if len(code) in LEVELS)
        return [Division(code, self._names[code], code[:-2], LEVELS[len(code)]) for code in codes]

    @staticmethod
    def current(code: str) -> str:
        """The code that is in force now."""
        return MOVED.get(code, code)

    def tree(
        self,
        counts: Mapping[str, tuple[int, int]],
        always: Iterable[str] = (),
        unit_names: Mapping[str, str] = MappingProxyType({}),
    ) -> list[Area]:
        """Every area with cameras and those in `always`, with their parents up to the province; sums included.

        `counts`: area → (cameras, online). A county that only its city or province is known of stands there.
        """
        sums: dict[str, list[int]] = {}
        for code in always:
            for length in (2, 4, 6):
                if len(code) >= length:
                    sums.setdefault(self.current(code)[:length], [0, 0, 0])
        for code, (total, online) in counts.items():
            current = self.current(code)
            for length in LEVELS:
                if len(current) >= length:
                    found = sums.setdefault(current[:length], [0, 0, 0])
                    found[0] += total
                    found[1] += online
                    if current == current[:length]:
                        found[2] += total
        return [
            Area(code, self._shown_name(code, unit_names), code[:-2], LEVELS[len(code)], total, online, here)
            for code, (total, online, here) in sorted(sums.items())
        ]
