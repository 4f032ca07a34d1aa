"""What a row of a table of alarm points says, what it would do, and why not. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from pydantic import ValidationError

from fengsui.errors import OperatorFault
from fengsui.features.alarms import (
    MOST_POINTS,
    AlarmHost,
    AlarmPoint,
    AlarmPointOrder,
    NewPoint,
    facts_of,
    new_point,
    with_hidden,
    zone_of,
)
from fengsui.features.device_files import Sheet

HEADINGS: Final[Mapping[str, tuple[str, str]]] = {
    "account": ("主机账号", "account"),
    "zone": ("防区号", "zone"),
    "name": ("名称", "name"),
    "kind": ("类型", "kind"),
    "camera": ("摄像机编码", "camera"),
    "preset": ("预置位", "preset"),
    "longitude": ("经度", "longitude"),
    "latitude": ("纬度", "latitude"),
}
"""Of columns, in both languages. The first two must be there."""
KINDS: Final = {"防区": "zone", "按钮": "button", "探测器": "detector"}
WHY: Final[Mapping[str, tuple[str, str]]] = {
    "zone": ("防区号须为 1 至 8 位字母或数字,且不为零", "a zone has 1 to 8 letters or digits, and is not nought"),
    "name": ("名称为空或过长", "the name is missing or too long"),
    "kind": ("类型须为防区、按钮或探测器", "the kind is zone, button or detector"),
    "camera": ("摄像机编码须为 20 位数字", "the code of a camera has 20 digits"),
    "preset": ("预置位须为 1 至 255", "a preset is 1 to 255"),
    "longitude": ("经度须在 -180 至 180 之间", "a longitude lies between -180 and 180"),
    "latitude": ("纬度须在 -90 至 90 之间", "a latitude lies between -90 and 90"),
}
NOT_WHOLE: Final = ("经纬度须成对,预置位须有摄像机", "longitude and latitude go together, and a preset needs a camera")


class Phase(StrEnum):
    """How far an import is."""

    READING = "reading"
    CHECKING = "checking"
    READY = "ready"
    """Nothing is written yet."""
    WRITING = "writing"
    DONE = "done"
    FAILED = "failed"


class Outcome(StrEnum):
    """What a row does."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    REFUSED = "refused"


class UnusableColumns(OperatorFault):
    """Without these nobody knows which point is meant."""

    code = "alarm_point.import_columns"
    status = 422
    zh = "表格缺少“主机账号”或“防区号”列,或有列重复"
    en = "The table lacks the column “account” or “zone”, or has one twice"
    remedy_zh = "请按模板的表头填写"
    remedy_en = "Use the headings of the template"


@dataclass(frozen=True, slots=True)
class Row:
    """`values`: what it says by column; an empty cell says nothing."""

    number: int
    values: Mapping[str, str]

    @property
    def account(self) -> str:
        """As hosts are known by it."""
        return self.values.get("account", "").upper()

    @property
    def camera(self) -> str:
        """Empty: it says none."""
        return self.values.get("camera", "")


@dataclass(frozen=True, slots=True)
class Judged:
    """`why`: of a row that is refused, in both languages."""

    row: Row
    outcome: Outcome
    name: str = ""
    why: tuple[str, str] = ("", "")
    point: NewPoint | None = None


@dataclass(slots=True)
class Known:
    """What the judging stands on. `hosts`: that whoever asks keeps, by account; `linkable`: cameras that they keep; `hidden`: of
    those that are linked already, what they do not see."""

    hosts: Mapping[str, AlarmHost]
    linkable: Collection[str]
    hidden: Collection[str]
    seen: dict[tuple[str, str], int] = field(default_factory=dict)
    added: dict[str, int] = field(default_factory=dict)


def rows_of(sheet: Sheet) -> list[Row]:
    """Raises UnusableColumns."""
    (_, headings), *rest = sheet.rows
    known = {text: key for key, both in HEADINGS.items() for text in both}
    columns = {at: known[text] for at, cell in enumerate(headings) if (text := cell.text.strip().casefold()) in known}
    if len(set(columns.values())) < len(columns) or not {"account", "zone"} <= set(columns.values()):
        raise UnusableColumns()
    return [
        Row(number, {columns[at]: text for at, cell in enumerate(cells) if at in columns and (text := cell.text.strip())})
        for number, cells in rest
    ]


def judged(row: Row, known: Known) -> Judged:
    """What a row would do."""
    host = known.hosts.get(row.account)
    if host is None:
        return _refused(row, "没有这台报警主机,或不归你管理", "there is no such alarm host, or you do not keep it")
    zone = zone_of(row.values.get("zone", ""))
    if not zone:
        return _refused(row, *WHY["zone"])
    if (first := known.seen.setdefault((row.account, zone), row.number)) != row.number:
        return _refused(row, f"与第 {first} 行是同一防区", f"row {first} is of the same zone")
    before = host.points.get(zone)
    if row.camera and row.camera not in known.linkable and (before is None or row.camera not in _codes(before)):
        return _refused(row, "没有这台摄像机,或不归你管理", "there is no such camera, or you do not keep it")
    try:
        order = AlarmPointOrder.model_validate(_merged(row, before, known.hidden))
    except ValidationError as error:
        where = error.errors()[0]["loc"]
        return _refused(row, *WHY.get(str(where[0]) if where else "", NOT_WHOLE))
    point = new_point(order)
    if before is None:
        known.added[row.account] = known.added.get(row.account, 0) + 1
        if len(host.points) + known.added[row.account] > MOST_POINTS:
            return _refused(row, f"一台主机最多 {MOST_POINTS} 个点", f"{MOST_POINTS} points a host at most")
        return Judged(row, Outcome.NEW, point.name, point=point)
    point = point._replace(cameras=with_hidden(before.cameras, point.cameras, known.hidden), arming=before.arming)
    return Judged(row, Outcome.SAME if point == facts_of(before) else Outcome.CHANGED, point.name, point=point)


def _refused(row: Row, zh: str, en: str) -> Judged:
    return Judged(row, Outcome.REFUSED, row.values.get("name", "")[:128], (zh, en))


def _codes(point: AlarmPoint) -> list[str]:
    return [one.camera for one in point.cameras]


def _merged(row: Row, before: AlarmPoint | None, hidden: Collection[str]) -> dict[str, Any]:
    """As somebody would enter it who sees what whoever asks sees: where the row says nothing, it stays."""
    told = {name: text for name, text in row.values.items() if name not in ("account", "camera", "preset")}
    if "kind" in told:
        told["kind"] = KINDS.get(told["kind"], told["kind"])
    looks = [] if before is None else [one._asdict() for one in before.cameras if one.camera not in hidden]
    first: dict[str, Any] = looks[0] if looks else {}
    if row.camera and row.camera != first.get("camera"):
        first = {"camera": row.camera, "preset": None}
    first = first | {name: text for name, text in row.values.items() if name == "preset"}
    others = [one for one in looks[1:] if one["camera"] != first.get("camera")]
    is_there = {} if before is None else {name: getattr(before, name) for name in ("name", "kind", "longitude", "latitude")}
    zone = {} if before is None else {"zone": before.zone}
    return {**is_there, **told, **zone, **first, "others": others}


def changes_of(rows: Sequence[Judged], hosts: Mapping[str, AlarmHost]) -> dict[str, tuple[NewPoint, ...]]:
    """All points of each host of which a row makes or changes one, by account; the new ones last, in their order."""
    wanted: dict[str, dict[str, NewPoint]] = {}
    for one in rows:
        if one.point is not None and one.outcome in (Outcome.NEW, Outcome.CHANGED):
            wanted.setdefault(one.row.account, {})[zone_of(one.point.zone)] = one.point
    found = {}
    for account, points in wanted.items():
        there = {zone: facts_of(one) for zone, one in hosts[account].points.items()}
        found[account] = tuple({**there, **points}.values())
    return found
