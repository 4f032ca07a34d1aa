"""CSV (RFC 4180): UTF-8 with or without a mark, GB18030. What a spreadsheet would work out has an apostrophe before it. Pure."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import IO, Final

from fengsui.features.device_files.sheets.cells import LONGEST_CELL, Bounds, Cell, Sheet, unreadable

MARK: Final = codecs.BOM_UTF8
WORKED_OUT: Final = re.compile(r"[=+\-@\t\r]")
PLAIN_NUMBER: Final = re.compile(r"-\d+(\.\d+)?")
APOSTROPHE: Final = re.compile(r"'[=+\-@\t\r]")


def guarded(text: str) -> str:
    """So that no spreadsheet takes it for a formula."""
    return f"'{text}" if WORKED_OUT.match(text) and PLAIN_NUMBER.fullmatch(text) is None else text


def _plain(text: str) -> str:
    """The contrary of `guarded`."""
    return text[1:] if APOSTROPHE.match(text) else text


def _decoded(octets: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return octets.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise unreadable("既不是 UTF-8 也不是 GB18030 编码", "it is neither UTF-8 nor GB18030")


def read_csv(octets: bytes) -> Sheet:
    """Raises UnreadableSheet."""
    text = _decoded(octets)
    if "\x00" in text:
        raise unreadable("不是文本文件", "it is no text")
    bounds, rows, number = Bounds(), [], 0
    csv.field_size_limit(LONGEST_CELL * 4)
    try:
        for number, row in enumerate(csv.reader(StringIO(text, newline=""), strict=True), 1):
            cells = [Cell(_plain(one)) for one in row]
            bounds.row(number, cells)
            if any(cell.text for cell in cells):
                rows.append((number, cells))
    except csv.Error as error:
        raise unreadable(
            f"第 {number + 1} 行的引号或分隔符有误", f"a quote or comma of row {number + 1} is wrong: {error}"
        ) from error
    if not rows:
        raise unreadable("没有内容", "there is nothing in it")
    return Sheet(rows, "csv")


class CsvWriter:
    """Rows of texts to a file, in UTF-8 with a mark: so spreadsheets read Chinese."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        file.write(MARK)

    def write(self, rows: Iterable[Sequence[str]]) -> None:
        """More rows."""
        text = StringIO(newline="")
        csv.writer(text).writerows([guarded(one) for one in row] for row in rows)
        self._file.write(text.getvalue().encode())

    def close(self) -> None:
        """Nothing is left to be written."""
