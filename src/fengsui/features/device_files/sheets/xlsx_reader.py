"""The first sheet of an xlsx (ECMA-376), read within bounds. Pure.

A library would turn numbers into floats and formulas into their last results; here a cell keeps what the file says, so that a code
which a spreadsheet has made a number of can be named. No document type, no entities; sizes are looked at before unpacking.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from io import BytesIO
from posixpath import join, normpath
from typing import Final
from xml.parsers.expat import ExpatError, ParserCreate
from zipfile import BadZipFile, ZipFile

from fengsui.features.device_files.sheets.cells import EMPTY, LONGEST_CELL, MOST_COLUMNS, Bounds, Cell, CellKind, Sheet, unreadable

MOST_ENTRIES: Final = 500
MOST_UNPACKED: Final = 120 << 20
MOST_TEXTS: Final = 500_000
MOST_LETTERS: Final = 60_000_000
CHUNK: Final = 1 << 16
DATES: Final = frozenset((*range(14, 18), 22, *range(27, 32), 36, *range(50, 59)))
"""Number formats of a date without being described (ECMA-376 §18.8.30)."""
DATE_FORM: Final = re.compile(r"[yd年日]", re.IGNORECASE)
QUOTED: Final = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')
PLACE: Final = re.compile(r"([A-Z]{1,3})(\d{1,7})")
BEGUN, BEGUN_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)

Start = Callable[[str, Mapping[str, str]], None]
End = Callable[[str], None]


def read_xlsx(octets: bytes) -> Sheet:
    """Raises UnreadableSheet."""
    try:
        with ZipFile(BytesIO(octets)) as file:
            entries = file.infolist()
            if len(entries) > MOST_ENTRIES or sum(one.file_size for one in entries) > MOST_UNPACKED:
                raise unreadable("解压后过大", "it is too large when it is unpacked")
            return _Workbook(file).sheet()
    except (BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, KeyError, ValueError, IndexError) as error:
        raise unreadable("不是完整的 xlsx 文件", "it is no whole xlsx file") from error


def _short(name: str) -> str:
    return name.rpartition(" ")[2]


class _Workbook:
    def __init__(self, file: ZipFile) -> None:
        self._file = file
        self._names = set(file.namelist())

    def sheet(self) -> Sheet:
        path, since = self._first()
        reader = _SheetReader(self._texts(), self._dates(), since)
        self._parse(path, reader.start, reader.end, reader.letters)
        if not reader.rows:
            raise unreadable("没有内容", "there is nothing in it")
        return Sheet(reader.rows, "xlsx")

    def _parse(self, path: str, start: Start, end: End | None = None, letters: Callable[[str], None] | None = None) -> None:
        parser = ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = lambda name, attributes: start(_short(name), attributes)
        if end is not None:
            parser.EndElementHandler = lambda name: end(_short(name))
        if letters is not None:
            parser.CharacterDataHandler = letters

        def refuse(*_: object) -> None:
            raise unreadable("含有文档类型声明", "it declares a document type")

        parser.StartDoctypeDeclHandler = refuse
        try:
            with self._file.open(path) as stream:
                while chunk := stream.read(CHUNK):
                    parser.Parse(chunk)
            parser.Parse(b"", True)
        except ExpatError as error:
            raise unreadable("不是完整的 xlsx 文件", f"{path} is no XML") from error

    def _first(self) -> tuple[str, datetime]:
        """The first sheet's path, and when its days begin."""
        sheets: list[str] = []
        since = [BEGUN]

        def start(name: str, attributes: Mapping[str, str]) -> None:
            if name == "sheet":
                sheets.append(next((value for key, value in attributes.items() if _short(key) == "id" and " " in key), ""))
            if name == "workbookPr" and attributes.get("date1904") in ("1", "true"):
                since[0] = BEGUN_1904

        self._parse("xl/workbook.xml", start)
        targets: dict[str, str] = {}

        def relation(name: str, attributes: Mapping[str, str]) -> None:
            if name == "Relationship":
                targets[attributes.get("Id", "")] = attributes.get("Target", "")

        self._parse("xl/_rels/workbook.xml.rels", relation)
        target = targets.get(sheets[0] if sheets else "", "")
        path = target.lstrip("/") if target.startswith("/") else normpath(join("xl", target))
        if path not in self._names:
            raise unreadable("没有工作表", "there is no sheet in it")
        return path, since[0]

    def _texts(self) -> Sequence[str]:
        """The shared texts; phonetic readings beside them are left out."""
        found: list[str] = []
        parts: list[str] = []
        deep = {"t": 0, "rPh": 0}
        letters = 0

        def start(name: str, _: Mapping[str, str]) -> None:
            if name == "si":
                parts.clear()
            if name in deep:
                deep[name] += 1

        def end(name: str) -> None:
            nonlocal letters
            if name in deep:
                deep[name] -= 1
            if name == "si":
                text = "".join(parts)
                letters += len(text)
                if len(found) >= MOST_TEXTS or letters > MOST_LETTERS:
                    raise unreadable("文字过多", "there are too many texts in it")
                found.append(text)

        def said(text: str) -> None:
            if deep["t"] and not deep["rPh"]:
                parts.append(text)

        if "xl/sharedStrings.xml" in self._names:
            self._parse("xl/sharedStrings.xml", start, end, said)
        return found

    def _dates(self) -> set[int]:
        """Which cell formats show a date."""
        forms: dict[int, str] = {}
        cells: list[int] = []
        within = [False]

        def start(name: str, attributes: Mapping[str, str]) -> None:
            if name == "numFmt":
                forms[int(attributes["numFmtId"])] = QUOTED.sub("", attributes.get("formatCode", ""))
            elif name == "cellXfs":
                within[0] = True
            elif name == "xf" and within[0]:
                cells.append(int(attributes.get("numFmtId", "0")))

        def end(name: str) -> None:
            if name == "cellXfs":
                within[0] = False

        if "xl/styles.xml" in self._names:
            self._parse("xl/styles.xml", start, end)
        return {at for at, form in enumerate(cells) if form in DATES or DATE_FORM.search(forms.get(form, ""))}


class _SheetReader:
    """Rows as they come."""

    def __init__(self, texts: Sequence[str], dates: set[int], since: datetime) -> None:
        self.rows: list[tuple[int, list[Cell]]] = []
        self._texts = texts
        self._dates = dates
        self._since = since
        self._bounds = Bounds()
        self._number = 0
        self._cells: list[Cell] = []
        self._cell: Mapping[str, str] = {}
        self._said: dict[str, list[str]] = {}
        self._in = ""
        self._phonetic = 0

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "c":
            self._cell, self._said = attributes, {}
        elif name in ("v", "t", "f"):
            self._in = name
            self._said.setdefault(name, [])
        elif name == "rPh":
            self._phonetic += 1
        elif name == "row":
            self._number = int(attributes.get("r") or self._number + 1)
            self._cells = []

    def letters(self, text: str) -> None:
        if self._in and not self._phonetic:
            self._said[self._in].append(text)

    def end(self, name: str) -> None:
        if name in ("v", "t", "f"):
            self._in = ""
        elif name == "rPh":
            self._phonetic -= 1
        elif name == "c":
            self._put()
        elif name == "row":
            self._bounds.row(self._number, self._cells)
            if any(cell.text for cell in self._cells):
                self.rows.append((self._number, self._cells))

    def _put(self) -> None:
        place = PLACE.fullmatch(self._cell.get("r", ""))
        column = _column(place[1]) if place is not None else len(self._cells)
        if column >= MOST_COLUMNS:
            if not any(self._said.values()):
                return  # a format without a text, far out
            raise unreadable(f"超过 {MOST_COLUMNS} 列", f"more than {MOST_COLUMNS} columns")
        while len(self._cells) <= column:
            self._cells.append(EMPTY)
        self._cells[column] = self._read()

    def _read(self) -> Cell:
        kind, said = self._cell.get("t", "n"), {name: "".join(parts) for name, parts in self._said.items()}
        value = said.get("v", "")
        if "f" in said or kind == "e":
            return Cell(f"={said['f']}"[:LONGEST_CELL] if "f" in said else value, CellKind.FORMULA)
        if kind == "s":
            return Cell(self._texts[int(value)]) if value else EMPTY
        if kind == "inlineStr":
            return Cell(said.get("t", ""))
        if kind == "b":
            return Cell("TRUE" if value == "1" else "FALSE")
        if kind in ("str", "d") or value == "":
            return Cell(value)
        return self._number_of(value)

    def _number_of(self, value: str) -> Cell:
        number = float(value)
        if int(self._cell.get("s", "0")) in self._dates and 0 < number < 2_958_466:
            day = self._since + timedelta(days=number)
            return Cell(
                day.date().isoformat() if number == int(number) else day.isoformat(sep=" ", timespec="seconds"), CellKind.DATE
            )
        short = repr(number).removesuffix(".0")
        return Cell(value if "E" in value.upper() else short, CellKind.NUMBER)


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1
