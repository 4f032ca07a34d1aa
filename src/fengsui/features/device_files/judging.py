"""What the checks say of device files, and where each lies: what is asked, written or brought in is judged here."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.clock import Clock
from fengsui.features.access import CameraFacts, Place
from fengsui.features.areas import Divisions
from fengsui.features.cameras import Cameras, UnknownCamera
from fengsui.features.device_files import queries
from fengsui.features.device_files.boundaries import Boundaries
from fengsui.features.device_files.check_texts import is_error
from fengsui.features.device_files.checks import KEY_FLOOR_DAYS, LEGAL_FLOOR_DAYS, Duty, Judge, Others, score_of
from fengsui.features.device_files.field_table import BY_KEY
from fengsui.features.device_files.model import Issue, UnknownField, Values
from fengsui.features.device_files.offers import words_of
from fengsui.features.policy import Policy
from fengsui.store import Store

AT_ONCE: Final = 2_000
"""So many other files are judged anew after one was written; more wait for their own next change."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What the checks say of values that may not be stored."""

    issues: list[Issue]
    completeness: int
    correctness: int


class Judging:
    """`place_of` for the door."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        cameras: Cameras,
        divisions: Divisions,
        policy: Policy,
        zone: tzinfo,
    ) -> None:
        self.store = store
        self.cameras = cameras
        self._clock = clock
        self._divisions = divisions
        self._policy = policy
        self._zone = zone
        self._boundaries = Boundaries()
        self._counties = frozenset(one.code for one in divisions.all())

    def today(self) -> date:
        """By the node's clock and zone."""
        return self._clock.now().astimezone(self._zone).date()

    def now(self) -> float:
        """Seconds since 1970."""
        return self._clock.now().timestamp()

    def monotonic(self) -> float:
        """Seconds that only grow."""
        return self._clock.monotonic_s()

    def judge(self) -> Judge:
        """What checks go by now."""
        pack = self._policy.effective
        duties = {"1": Duty(LEGAL_FLOOR_DAYS, None, "Order 799 §17"), "2": Duty(KEY_FLOOR_DAYS, None, "CTL §32")}
        if pack is not None:
            by_class = {one.value: bounds for one, bounds in pack.retention.items()}
            for key, name in (("1", "video"), ("2", "key-target-video")):
                bounds = by_class[name]
                duties[key] = Duty(bounds.floor_days, bounds.ceiling_days, bounds.basis)
        return Judge(self._divisions, self._boundaries, self.today(), duties, self._counties)

    def area_of(self, code: str, values: Values) -> str:
        """Where a file lies whose point no device lists: its division, else that of its code."""
        for text in (values.get("civil_code", ""), code):
            digits = text[:6]
            if len(digits) == 6 and digits.isascii() and digits.isdigit():
                return self._divisions.current(digits)
        return ""

    def name_of(self, area: str) -> str:
        """Of a division."""
        return self._divisions.name_of(area)

    async def place_of(self, code: str, values: Values | None = None) -> CameraFacts | Place:
        """For the door: a camera as its directory has it, else where the file says that it is."""
        return (await self.places_of([code], {} if values is None else {code: values}))[code]

    async def places_of(self, codes: Sequence[str], values: Mapping[str, Values]) -> dict[str, CameraFacts | Place]:
        """As `place_of`; `values`: of files that are not stored yet."""
        facts = await self.cameras.facts(codes)
        async with self.store.reading() as tx:
            rows = await queries.several(tx, [code for code in codes if code not in facts])
        areas = {code: row.area for code, row in rows.items()}
        return {code: facts.get(code) or Place(code, areas.get(code) or self.area_of(code, values.get(code, {}))) for code in codes}

    async def words(self, code: str) -> dict[str, str]:
        """What the device says of this point; nothing where none lists it."""
        try:
            return words_of(await self.cameras.get(code))
        except UnknownCamera:
            return {}

    async def check(self, code: str, values: Values) -> Checked:
        """Values as somebody types them."""
        refuse_unknown(values)
        keys = queries.keys_of(values)
        async with self.store.reading() as tx:
            found = await queries.alike(tx, [keys])
        return self.checked({**values, "device_code": code}, queries.others_of(code, keys, found))

    def checked(self, values: Values, others: Others, judge: Judge | None = None) -> Checked:
        """`judge` None: of now."""
        issues = (judge or self.judge()).issues(values, others)
        score = score_of(values, issues)
        return Checked(issues, score.completeness, score.correctness)

    async def judge_anew(self, tx: AsyncConnection, codes: Collection[str], keys: Sequence[Mapping[str, str]]) -> None:
        """What the checks say of these files, and of others that are like them by `keys`, old and new."""
        found = await queries.alike(tx, keys)
        alike = [code for by_value in found.values() for same in by_value.values() for code in same]
        wanted = list(dict.fromkeys([*codes, *alike[:AT_ONCE]]))
        rows = await queries.several(tx, wanted)
        judge, failings = self.judge(), {}
        others = await queries.alike(tx, [queries.keys_of(queries.fields_of(row)) for row in rows.values()])
        for code, row in rows.items():
            values = queries.fields_of(row)
            checked = self.checked(values, queries.others_of(code, queries.keys_of(values), others), judge)
            failings[code] = {issue.check for issue in checked.issues}
            await queries.score(tx, code, scored(checked))
        await queries.set_failings(tx, failings)


def scored(checked: Checked) -> dict[str, int]:
    """As columns."""
    errors = sum(is_error(one) for one in checked.issues)
    warnings = len(checked.issues) - errors
    return {"completeness": checked.completeness, "correctness": checked.correctness, "errors": errors, "warnings": warnings}


def refuse_unknown(values: Values) -> None:
    """Raises UnknownField."""
    for key in values:
        if key not in BY_KEY:
            raise UnknownField(field=key[:64])
