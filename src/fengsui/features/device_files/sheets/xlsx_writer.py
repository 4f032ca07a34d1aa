"""Writes an xlsx, row by row: every cell a text, so that no digit is lost and nothing is worked out. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from typing import IO, Final
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

UNWRITABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udfff]")
"""What XML cannot hold."""
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
TEXT, HEADING, WRONG = 1, 2, 3
"""Styles of cells: as text; bold on grey; on red."""
_STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="4"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '<fill><patternFill patternType="solid"><fgColor rgb="FFE8EEF4"/></patternFill></fill>'
    '<fill><patternFill patternType="solid"><fgColor rgb="FFFFC7CE"/></patternFill></fill></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="4"><xf/>'
    '<xf numFmtId="49" applyNumberFormat="1"/><xf numFmtId="49" fontId="1" fillId="2" applyFont="1" applyFill="1"/>'
    '<xf numFmtId="49" fillId="3" applyNumberFormat="1" applyFill="1"/></cellXfs></styleSheet>'
)


class XlsxWriter:
    """`sheets`: their names; rows go to the first until `next_sheet`."""

    def __init__(self, file: IO[bytes], sheets: Sequence[str]) -> None:
        self._zip = ZipFile(file, "w", ZIP_DEFLATED)
        self._count = len(sheets)
        self._at = 0
        self._parts(sheets)
        self._sheet = self._begin()

    def _parts(self, sheets: Sequence[str]) -> None:
        every = range(1, self._count + 1)
        kinds = "".join(f'<Override PartName="/xl/worksheets/sheet{at}.xml" ContentType="{_TYPES}.worksheet+xml"/>' for at in every)
        listed = "".join(
            f'<sheet name="{escape(name)}" sheetId="{at}" r:id="rId{at}"/>' for at, name in zip(every, sheets, strict=True)
        )
        related = "".join(
            f'<Relationship Id="rId{at}" Type="{_OFFICE}/relationships/worksheet" Target="worksheets/sheet{at}.xml"/>'
            for at in every
        )
        self._zip.writestr(
            "[Content_Types].xml",
            f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPES}.sheet.main+xml"/>'
            f'<Override PartName="/xl/styles.xml" ContentType="{_TYPES}.styles+xml"/>{kinds}</Types>',
        )
        self._zip.writestr(
            "_rels/.rels",
            f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
            f'Type="{_OFFICE}/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        self._zip.writestr(
            "xl/workbook.xml",
            f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}/relationships"><sheets>{listed}</sheets></workbook>',
        )
        self._zip.writestr(
            "xl/_rels/workbook.xml.rels",
            f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{related}'
            f'<Relationship Id="rId{self._count + 1}" Type="{_OFFICE}/relationships/styles" Target="styles.xml"/></Relationships>',
        )
        self._zip.writestr("xl/styles.xml", _STYLES)

    def _begin(self) -> IO[bytes]:
        self._at += 1
        self._row = 0
        sheet = self._zip.open(f"xl/worksheets/sheet{self._at}.xml", "w", force_zip64=True)
        sheet.write(
            f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" '
            'activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
            f'<cols><col min="1" max="256" width="20" style="{TEXT}" customWidth="1"/></cols><sheetData>'.encode()
        )
        return sheet

    def write(self, rows: Iterable[Sequence[str]], wrong: Collection[tuple[int, int]] = ()) -> None:
        """More rows; the first of a sheet is its headings. `wrong`: (row of these, column), marked."""
        for at, row in enumerate(rows):
            self._row += 1
            plain = HEADING if self._row == 1 else TEXT
            cells = "".join(_cell(text, WRONG if (at, column) in wrong else plain) for column, text in enumerate(row))
            self._sheet.write(f"<row>{cells}</row>".encode())

    def next_sheet(self) -> None:
        """Rows go to the next one from now on."""
        self._finish()
        self._sheet = self._begin()

    def _finish(self) -> None:
        self._sheet.write(b"</sheetData></worksheet>")
        self._sheet.close()

    def close(self) -> None:
        """Writes what is owed."""
        self._finish()
        self._zip.close()


def _cell(text: str, style: int) -> str:
    if not text:
        return f'<c s="{style}"/>'
    return f'<c t="inlineStr" s="{style}"><is><t xml:space="preserve">{_written(text)}</t></is></c>'


def _written(text: str) -> str:
    return escape(UNWRITABLE.sub("�", text), {"\r": "&#13;"})
