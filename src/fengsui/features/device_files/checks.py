"""All checks of one file: each value, values beside each other, the place, and other files. Pure. Source: appraisal §4."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from fengsui.features.areas import Divisions
from fengsui.features.device_files.boundaries import Boundaries, Lies
from fengsui.features.device_files.check_texts import is_error
from fengsui.features.device_files.field_table import BY_KEY, FIELDS, MANDATORY
from fengsui.features.device_files.model import Issue, Values
from fengsui.features.device_files.value_checks import value_issues

LEGAL_FLOOR_DAYS: Final = 30
KEY_FLOOR_DAYS: Final = 90
"""Of key targets (Counter-terrorism Law, article 32); 30 days by Order 799, article 17."""
CROWD: Final = 3
"""So many others may have the very same place."""
ROADS: Final = tuple("路街道巷桥隧口站场园弄坊村镇乡")
SIDES: Final = ("东", "南", "西", "北", "出口", "入口", "全向", "进口", "出城", "进城")
FORBIDDEN: Final = ("更衣室", "浴室", "淋浴", "卫生间", "厕所", "哺乳室", "母婴室", "试衣间", "客房", "宿舍", "值班休息室")
"""Order 799, article 8: nothing may look in there."""


@dataclass(frozen=True, slots=True)
class Duty:
    """How long recordings are kept: `floor`, `ceiling` (None: nobody says) and whose word it is."""

    floor: int
    ceiling: int | None
    basis: str


@dataclass(frozen=True, slots=True)
class Others:
    """What other files say: each with the code of one of them, `crowd` with how many are at the very same place."""

    name: str = ""
    mac: str = ""
    address: str = ""
    crowd: int = 0


@dataclass(frozen=True, slots=True)
class Judge:
    """What checks go by. `duties`: by retention class, "1" plain, "2" key targets."""

    divisions: Divisions
    boundaries: Boundaries
    today: date
    duties: Mapping[str, Duty]
    counties: frozenset[str] = field(default_factory=frozenset)
    """Divisions in force, by code."""

    def issues(self, values: Values, others: Others | None = None) -> list[Issue]:
        """Everything that is wrong, in the order of the fields; of a field what is gravest first."""
        found: dict[str, list[Issue]] = {}
        for issue in self._all(values, others):
            found.setdefault(issue.field, []).append(issue)
        order = (one.key for one in FIELDS)
        return [issue for key in order for issue in sorted(found.get(key, ()), key=lambda one: not is_error(one))]

    def _all(self, values: Values, others: Others | None) -> Iterator[Issue]:
        faulty: set[str] = set()
        for key in MANDATORY:
            if not values.get(key):
                yield Issue("value.missing", key, {})
        for key, value in values.items():
            if value:
                for issue in value_issues(BY_KEY[key], value, self.today):
                    faulty.add(key)
                    yield issue
        sound = {key: value for key, value in values.items() if value and key not in faulty}
        yield from self._code(sound)
        yield from self._division(sound)
        yield from self._name(sound, values)
        yield from self._place(values, sound)
        yield from self._retention(sound)
        yield from _beside(values, sound)
        if others is not None:
            yield from _by_others(sound, others)

    def _code(self, sound: Values) -> Iterator[Issue]:
        code = sound.get("device_code", "")
        if not code:
            return
        county = code[:6]
        current = self.divisions.current(county)
        if current != county:
            yield Issue("code.old_district", "device_code", self._moved(county))
        elif self._known(county) is False:
            yield Issue("code.district", "device_code", {"county": county})
        if code[10:13] not in ("131", "132"):
            yield Issue("code.kind", "device_code", {"kind": code[10:13]})

    def _moved(self, county: str) -> dict[str, object]:
        new = self.divisions.current(county)
        return {"old": county, "new": new, "name": self.divisions.name_of(new)}

    def _known(self, county: str) -> bool | None:
        """None: of its city no counties are known here."""
        if county in self.counties:
            return True
        if county[:4] not in self.counties and not county.endswith("00"):
            return False
        if county.endswith("00"):
            return county.rstrip("0") in self.counties or county[:4] in self.counties
        return None if not any(len(one) == 6 and one.startswith(county[:4]) for one in self.counties) else False

    def _division(self, sound: Values) -> Iterator[Issue]:
        civil, code = sound.get("civil_code", ""), sound.get("device_code", "")
        if not civil:
            return
        county = civil[:6]
        if not (civil.isascii() and civil.isdigit() and 6 <= len(civil) <= 12):
            yield Issue("civil.unknown", "civil_code", {"value": civil})
            return
        if self.divisions.current(county) != county:
            yield Issue("civil.old", "civil_code", self._moved(county))
            return
        known = self._known(county)
        if known is False:
            yield Issue("civil.unknown", "civil_code", {"value": civil})
        elif known is None:
            yield Issue("civil.unchecked", "civil_code", {"city": self.divisions.name_of(county[:4])})
        if code and self.divisions.current(code[:6]) != county:
            yield Issue("civil.prefix", "civil_code", {"county": code[:6]})

    def _name(self, sound: Values, values: Values) -> Iterator[Issue]:
        name, county = sound.get("name", ""), values.get("civil_code", "")[:6]
        for key in ("name", "address"):
            if (word := next((one for one in FORBIDDEN if one in values.get(key, "")), "")) and not values.get("necessity"):
                yield Issue("place.forbidden", key, {"word": word})
        if not name:
            return
        district = self.divisions.name_of(county) if county in self.counties else ""
        short = district.removesuffix("区").removesuffix("县").removesuffix("市")
        missing = []
        if district and not name.startswith((district, short)):
            missing.append((f"区县({district})", f"district ({district})"))
        if not any(word in name.removeprefix(district) for word in ROADS):
            missing.append(("道路或位置", "road or position"))
        if not any(word in name[-6:] for word in SIDES) and not name[-1].isdigit():
            missing.append(("方向", "direction"))
        if missing:
            zh, en = "、".join(one[0] for one in missing), ", ".join(one[1] for one in missing)
            yield Issue("name.pattern", "name", {"missing_zh": zh, "missing_en": en, "district": district or "南明区"})

    def _place(self, values: Values, sound: Values) -> Iterator[Issue]:
        for one, other in (("lon", "lat"), ("lat", "lon")):
            if values.get(one) and not values.get(other):
                yield Issue("place.half", other, {})
        county = sound.get("civil_code", "")[:6]
        if not ("lon" in sound and "lat" in sound) or county not in self.counties:
            return
        lies = self.boundaries.place(county, float(sound["lon"]), float(sound["lat"]))
        facts = {"name": self.divisions.name_of(county), "county": county}
        if lies is Lies.OUTSIDE:
            yield Issue("place.outside", "lon", facts)
        elif lies is Lies.NEAR_BORDER:
            yield Issue("place.border", "lon", facts)
        elif lies is Lies.UNKNOWN:
            yield Issue("place.unchecked", "lon", facts)

    def _retention(self, sound: Values) -> Iterator[Issue]:
        if "retention_days" not in sound:
            return
        days, duty = int(sound["retention_days"]), self.duties[sound.get("retention_class", "1")]
        if days < duty.floor:
            yield Issue("retention.floor", "retention_days", {"floor": duty.floor, "basis": duty.basis})
        if duty.ceiling is not None and days > duty.ceiling:
            yield Issue("retention.ceiling", "retention_days", {"ceiling": duty.ceiling})


def _beside(values: Values, sound: Values) -> Iterator[Issue]:
    if not values.get("ipv4") and not values.get("ipv6"):
        yield Issue("ip.none", "ipv4", {})
    installed = sound.get("installed_on", "")
    for key in ("enabled_on", "scrapped_on"):
        if installed and key in sound and sound[key] < installed:
            yield Issue("date.order", key, {"installed": installed})
    if sound.get("scrapped_on") and sound.get("status", "3") != "3":
        yield Issue("status.scrapped", "status", {})
    if sound.get("camera_type") == "1" and sound.get("direction", "9") != "9":
        yield Issue("direction.dome", "direction", {})
    for one, other in (("horizontal_angle", "vertical_angle"), ("vertical_angle", "horizontal_angle")):
        if sound.get(one) and not values.get(other):
            yield Issue("angle.pair", other, {})
    if sound.get("regime") in ("1", "2") and not values.get("necessity"):
        yield Issue("regime.necessity", "necessity", {})
    for one, other in (("filing_number", "filed_on"), ("filed_on", "filing_number")):
        if values.get(one) and not values.get(other):
            yield Issue("filing.number", other, {})


def _by_others(sound: Values, others: Others) -> Iterator[Issue]:
    for key, other in (("name", others.name), ("mac", others.mac)):
        if other and key in sound:
            yield Issue(f"{key}.twice", key, {"other": other})
    if others.address:
        yield Issue("ip.twice", "ipv4" if "ipv4" in sound else "ipv6", {"other": others.address})
    if others.crowd > CROWD:
        yield Issue("place.crowd", "lon", {"count": others.crowd})


@dataclass(frozen=True, slots=True)
class Score:
    """Thousandths: mandatory fields that are filled, filled fields without an error."""

    completeness: int
    correctness: int


def score_of(values: Values, issues: list[Issue]) -> Score:
    """How whole and how right a file is."""
    filled = [key for key, value in values.items() if value]
    wrong = {issue.field for issue in issues if is_error(issue) and values.get(issue.field)}
    present = sum(bool(values.get(key)) for key in MANDATORY)
    correct = (len(filled) - len(wrong)) * 1000 // len(filled) if filled else 0
    return Score(present * 1000 // len(MANDATORY), correct)
