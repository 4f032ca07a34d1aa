"""What a table holds, and how much of it is read. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, NamedTuple

from fengsui.errors import OperatorFault

MOST_ROWS: Final = 20_000
MOST_COLUMNS: Final = 256
MOST_CELLS: Final = 2_500_000
LONGEST_CELL: Final = 4_000


class CellKind(Enum):
    """How a cell holds its text."""

    TEXT = "text"
    NUMBER = "number"
    """`text` is the shortest that gives the number; digits beyond the seventeenth and leading zeros are gone already."""
    DATE = "date"
    FORMULA = "formula"
    """Not worked out: `text` is the formula, or the error in its place."""


class Cell(NamedTuple):
    """One cell."""

    text: str
    kind: CellKind = CellKind.TEXT


EMPTY: Final = Cell("")


@dataclass(frozen=True, slots=True)
class Sheet:
    """`rows`: (number in the file, cells); empty rows are left out. The first is the headings. `form`: `xlsx` or `csv`."""

    rows: Sequence[tuple[int, Sequence[Cell]]]
    form: str


class UnreadableSheet(OperatorFault):
    """Not a table that can be read."""

    code = "file.sheet"
    status = 422
    zh = "表格不能读取:{why_zh}"
    en = "The table cannot be read: {why_en}"
    remedy_zh = "请用下载的模板填写,另存为 xlsx 或 CSV(UTF-8 或 GB18030)后再上传"
    remedy_en = "Fill in the template and send it as xlsx, or as CSV in UTF-8 or GB18030"


def unreadable(why_zh: str, why_en: str) -> UnreadableSheet:
    """With the reason."""
    return UnreadableSheet(why_zh=why_zh, why_en=why_en)


class Bounds:
    """Counts what was read. Raises UnreadableSheet where it is too much."""

    def __init__(self) -> None:
        self._cells = 0

    def row(self, number: int, cells: Sequence[Cell]) -> None:
        """One more row, of this number."""
        self._cells += len(cells)
        if number > MOST_ROWS + 1:
            raise unreadable(f"超过 {MOST_ROWS} 行", f"more than {MOST_ROWS} rows")
        if len(cells) > MOST_COLUMNS:
            raise unreadable(f"第 {number} 行超过 {MOST_COLUMNS} 列", f"row {number} has more than {MOST_COLUMNS} columns")
        if self._cells > MOST_CELLS:
            raise unreadable(f"超过 {MOST_CELLS} 个单元格", f"more than {MOST_CELLS} cells")
        if any(len(cell.text) > LONGEST_CELL for cell in cells):
            raise unreadable(
                f"第 {number} 行有单元格超过 {LONGEST_CELL} 字", f"a cell of row {number} is longer than {LONGEST_CELL}"
            )
