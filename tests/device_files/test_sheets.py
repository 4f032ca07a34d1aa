"""Tables: what spreadsheets write is read letter by letter, what is doubtful is named, nothing brings the node down."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import date
from io import BytesIO

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fengsui.features.device_files.columns import WrongHeadings, columns_of, doubt, heading, rows_of
from fengsui.features.device_files.field_table import BY_KEY
from fengsui.features.device_files.sheets import Cell, CellKind, CsvWriter, Sheet, UnreadableSheet, XlsxWriter, read_sheet
from fengsui.features.device_files.sheets.cells import MOST_ROWS

TEXTS = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=30)
ROWS = st.lists(st.lists(TEXTS, min_size=1, max_size=5), min_size=1, max_size=8).filter(lambda rows: any(any(row) for row in rows))


def by_csv(rows: list[list[str]]) -> bytes:
    file = BytesIO()
    writer = CsvWriter(file)
    writer.write(rows)
    writer.close()
    return file.getvalue()


def by_xlsx(rows: list[list[str]]) -> bytes:
    file = BytesIO()
    writer = XlsxWriter(file, ["一", "二"])
    writer.write(rows)
    writer.next_sheet()
    writer.write([["second"]])
    writer.close()
    return file.getvalue()


def texts(sheet: Sheet) -> list[list[str]]:
    """Without empty rows, and without empty cells at the end."""
    found = [[cell.text for cell in cells] for _, cells in sheet.rows]
    return [row[: max(at for at, text in enumerate(row, 1) if text)] for row in found]


def trimmed(rows: list[list[str]]) -> list[list[str]]:
    return [row[: max(at for at, text in enumerate(row, 1) if text)] for row in rows if any(row)]


@given(rows=ROWS)
@settings(max_examples=60, deadline=None)
def test_what_is_written_is_read_again(rows: list[list[str]]) -> None:
    plain = [[text.replace("'", "") for text in row] for row in rows]  # an apostrophe before a sign is our own mark
    if any(any(row) for row in plain):
        assert texts(read_sheet(by_csv(plain))) == trimmed(plain)
    assert texts(read_sheet(by_xlsx(rows))) == trimmed(rows)


def test_no_spreadsheet_works_our_texts_out() -> None:
    said = by_csv([["=1+1", "+1", "-1", "-106.5", "@x", "-=x"]]).decode("utf-8-sig")
    assert said.strip() == "'=1+1,'+1,-1,-106.5,'@x,'-=x"
    book = openpyxl.load_workbook(BytesIO(by_xlsx([["=1+1", "52010200001320000001"]])))
    cells = next(iter(book.worksheets[0].iter_rows()))
    assert [cell.data_type for cell in cells] == ["s", "s"] and cells[0].number_format == "@"


def test_an_xlsx_of_another_program_is_read_as_its_cells_are() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["设备编码", "安装时间", "录像保存天数", "经度", "名称"])
    sheet.append(["52010200001320000001", date(2025, 6, 1), 30, 106.712345, "=A1&B1"])
    sheet.append([52010200001320000001, "2025-06-01", "030", "106.7123450", 7])
    octets = BytesIO()
    book.save(octets)
    read = read_sheet(octets.getvalue())
    assert [number for number, _ in read.rows] == [1, 2, 3]
    second, third = read.rows[1][1], read.rows[2][1]
    assert second[0] == Cell("52010200001320000001") and second[1] == Cell("2025-06-01", CellKind.DATE)
    assert second[2] == Cell("30", CellKind.NUMBER) and second[3] == Cell("106.712345", CellKind.NUMBER)
    assert second[4] == Cell("=A1&B1", CellKind.FORMULA)
    assert (third[0].kind, third[2], third[4]) == (CellKind.NUMBER, Cell("030"), Cell("7", CellKind.NUMBER))
    assert doubt(BY_KEY["device_code"], third[0]) == "value.scientific"
    assert doubt(BY_KEY["managing_contact"], Cell("85155512", CellKind.NUMBER)) == "value.bare_number"
    assert doubt(BY_KEY["lens"], Cell("2026-04-06", CellKind.DATE)) == "value.date_cell"
    assert doubt(BY_KEY["name"], second[4]) == "value.formula" and doubt(BY_KEY["retention_days"], second[2]) is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_in_each_encoding(encoding: str) -> None:
    read = read_sheet('设备编码,设备名称\r\n52010200001320000001,"南明区""解放""路,东"\r\n'.encode(encoding))
    assert texts(read)[1] == ["52010200001320000001", '南明区"解放"路,东']


def test_headings_by_any_of_their_names_and_no_others() -> None:
    for name in ("设备名称 [name]", "设备名称", "name", "SBMC", "Name", "sbmc"):
        assert columns_of(Sheet([(1, [Cell("SBBM"), Cell(name)])], "csv")) == {0: "device_code", 1: "name"}
    for wrong in (["设备名称"], ["设备编码", "口味"], ["设备编码", "SBBM"], ["设备编码", "密码"], ["设备编码", "Password"]):
        with pytest.raises(WrongHeadings):
            columns_of(Sheet([(1, [Cell(one) for one in wrong])], "csv"))
    sheet = Sheet([(1, [Cell(heading(BY_KEY["device_code"])), Cell("检查结果 [result]")]), (5, [Cell("1"), Cell("x")])], "csv")
    assert [(row.number, dict(row.values)) for row in rows_of(sheet, columns_of(sheet))] == [(5, {"device_code": "1"})]


def packed(**entries: bytes) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, octets in entries.items():
            made.writestr(name.replace("__", "/"), octets)
    return file.getvalue()


def bomb() -> bytes:
    """Packed when it is wanted: this takes a second."""
    return packed(xl__workbook=b"0" * (130 << 20))


def with_part(name: str, octets: bytes) -> bytes:
    """One of ours with this part in place of its own."""
    file = BytesIO()
    with zipfile.ZipFile(BytesIO(by_xlsx([["a"]]))) as ours, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for one in ours.namelist():
            made.writestr(one, octets if one == name else ours.read(one))
    return file.getvalue()


LAUGHS = (
    b'<!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    b"<worksheet><sheetData><row><c><v>&b;</v></c></row></sheetData></worksheet>"
)
SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"\x00\x01\x02",
        b"PK\x03\x04 and no more",
        b'a,"b\n',
        "一,二".encode("utf-16"),
        packed(x=b"y"),
        bomb,
        with_part(SHEET, LAUGHS),
        with_part(SHEET, b"<worksheet><sheetData><row>"),
        with_part(SHEET, b'<worksheet><sheetData><row r="x"><c/></row></sheetData></worksheet>'),
        with_part(SHEET, b'<worksheet><sheetData><row><c t="s"><v>99</v></c></row></sheetData></worksheet>'),
        with_part(SHEET, b'<worksheet><sheetData><row><c r="ZZZ1"><v>1</v></c></row></sheetData></worksheet>'),
        b"a\n" * (MOST_ROWS + 2),
        b"x" * 5_000,
    ],
    ids=[
        *(
            "nothing",
            "octets",
            "no zip",
            "open quote",
            "utf-16",
            "another zip",
            "bomb",
            "entities",
            "cut",
            "row",
            "text",
            "column",
            "rows",
        ),
        "cell",
    ],
)
def test_what_is_no_table_is_refused_by_name(octets: bytes | Callable[[], bytes]) -> None:
    with pytest.raises(UnreadableSheet):
        read_sheet(octets() if callable(octets) else octets)


@given(octets=st.binary(max_size=400))
@settings(max_examples=200, deadline=None)
def test_any_octets_are_a_table_or_refused(octets: bytes) -> None:
    for given_ in (octets, b"PK\x03\x04" + octets):
        try:
            read_sheet(given_)
        except UnreadableSheet:
            continue


@given(at=st.integers(0, 3000), by=st.integers(1, 255))
@settings(max_examples=150, deadline=None)
def test_a_broken_xlsx_is_read_or_refused(at: int, by: int) -> None:
    octets = bytearray(by_xlsx([["设备编码", "名称"], ["5" * 20, "南明区"]]))
    octets[at % len(octets)] ^= by
    try:
        read_sheet(bytes(octets))
    except UnreadableSheet:
        return
