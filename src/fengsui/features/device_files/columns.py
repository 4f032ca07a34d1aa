"""Which column of a table is which field, and what each cell says of it. Pure: nothing is mended, what is doubtful is named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from fengsui.features.device_files.field_table import BY_KEY, FIELDS, Field, Kind
from fengsui.features.device_files.model import Issue
from fengsui.features.device_files.sheets import Cell, CellKind, Sheet, UnreadableSheet
from fengsui.features.device_files.value_checks import SCIENTIFIC

RESULT: Final = "检查结果 [result]"
"""A column of our own answers: not read when it comes back."""
SECRETS: Final = ("密码", "口令", "password", "用户名", "user_name", "username")
DIGITS_LOST: Final = frozenset((Kind.CODE, Kind.DIGITS, Kind.PHONE))
"""A number that a spreadsheet holds has no leading zeros and fifteen digits that can be believed."""


class WrongHeadings(UnreadableSheet):
    """Columns that nobody knows, or none that says which point it is."""

    code = "file.headings"
    zh = "表头有误:{why_zh}"
    en = "The headings are wrong: {why_en}"
    remedy_zh = "第一行须为模板的表头,例如“设备编码 [device_code]”;请删除或改正所列的列"
    remedy_en = "The first row has the template's headings, such as “设备编码 [device_code]”; delete or correct these columns"


def heading(field: Field) -> str:
    """As templates and exports have it."""
    return f"{field.zh} [{field.key}]"


NAMES: Final[Mapping[str, str]] = {
    name.casefold(): one.key for one in FIELDS for name in (heading(one), one.key, one.code, one.zh, one.en)
}


def columns_of(sheet: Sheet) -> dict[int, str]:
    """Column → field. Raises WrongHeadings."""
    found: dict[int, str] = {}
    unknown: list[str] = []
    for at, cell in enumerate(sheet.rows[0][1]):
        name = " ".join(cell.text.split())
        if not name or name == RESULT:
            continue
        if any(word in name.casefold() for word in SECRETS):
            raise WrongHeadings(
                why_zh=f"“{name[:40]}”:档案不保存账号和密码", why_en=f"“{name[:40]}”: no file keeps a device's password"
            )
        key = NAMES.get(name.casefold())
        if key is None:
            unknown.append(name[:40])
        elif key in found.values():
            raise WrongHeadings(why_zh=f"“{name[:40]}”出现两次", why_en=f"“{name[:40]}” is there twice")
        else:
            found[at] = key
    if unknown:
        listed = "、".join(unknown[:5])
        raise WrongHeadings(why_zh=f"不认识的列:{listed}", why_en=f"columns that nobody knows: {listed}")
    if "device_code" not in found.values():
        raise WrongHeadings(why_zh="没有“设备编码”一列", why_en="there is no column of device codes")
    return found


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row as it came. `number`: in the file; `values`: what is written; `issues`: what is wrong with a cell as such."""

    number: int
    values: Mapping[str, str]
    issues: Sequence[Issue]

    @property
    def code(self) -> str:
        """Which point."""
        return self.values.get("device_code", "")


def rows_of(sheet: Sheet, columns: Mapping[int, str]) -> Iterator[SheetRow]:
    """Every row but the headings. A field with a column is always in `values`, empty where the cell is."""
    for number, cells in sheet.rows[1:]:
        values, issues = {}, []
        for at, key in columns.items():
            cell = cells[at] if at < len(cells) else Cell("")
            values[key] = cell.text
            if (check := doubt(BY_KEY[key], cell)) is not None:
                issues.append(Issue(check, key, {"value": cell.text[:60]}))
        if any(values.values()):
            yield SheetRow(number, values, issues)


def doubt(field: Field, cell: Cell) -> str | None:
    """The check that a cell fails whatever its text says."""
    if cell.kind is CellKind.FORMULA:
        return "value.formula"
    if cell.kind is CellKind.NUMBER and field.kind in DIGITS_LOST:
        return "value.scientific" if SCIENTIFIC.fullmatch(cell.text) or len(cell.text) > 15 else "value.bare_number"
    if cell.kind is CellKind.DATE and field.kind is not Kind.DATE:
        return "value.date_cell"
    return None
