"""Tables that go out: the template, what is on file, and the faulty rows of an import with what is wrong in each."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator, Sequence
from typing import IO, Final, Literal

from fengsui.features.access import CameraClass, Function, Principal
from fengsui.features.device_files import queries
from fengsui.features.device_files.actions import Files
from fengsui.features.device_files.check_texts import CHECKS, said
from fengsui.features.device_files.columns import RESULT, heading
from fengsui.features.device_files.field_table import BY_KEY, FIELDS
from fengsui.features.device_files.imports import Import, JudgedRow
from fengsui.features.device_files.shapes import visible
from fengsui.features.device_files.sheets import CsvWriter, XlsxWriter

Form = Literal["xlsx", "csv"]
KINDS: Final = {"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "csv": "text/csv; charset=utf-8"}
IN_MEMORY: Final = 4 << 20
HEADINGS: Final = tuple(heading(one) for one in FIELDS)


def _file() -> IO[bytes]:
    return tempfile.SpooledTemporaryFile(IN_MEMORY)


def template(form: Form) -> IO[bytes]:
    """Headings; with xlsx the lists of codes on a sheet of their own."""
    file = _file()
    if form == "csv":
        plain = CsvWriter(file)
        plain.write([HEADINGS])
        plain.close()
    else:
        writer = XlsxWriter(file, ["设备档案", "填写说明"])
        writer.write([HEADINGS])
        writer.next_sheet()
        writer.write([("列 Column", "必填 Mandatory", "说明 Meaning", "代码 Code", "名称 Word", "Word")])
        writer.write(list(_meanings()))
        writer.close()
    file.seek(0)
    return file


def _meanings() -> Iterator[Sequence[str]]:
    for one in FIELDS:
        yield (heading(one), "是 yes" if one.mandatory else "", f"{one.en} · {one.code}", "", "", "")
        for code, (zh, en) in (one.options or {}).items():
            yield (heading(one), "", "", code, zh, en)


async def exported(files: Files, who: Principal, wanted: queries.Wanted, form: Form) -> IO[bytes]:
    """All files that fit, with what this person may see of each."""
    file = _file()
    writer = XlsxWriter(file, ["设备档案"]) if form == "xlsx" else CsvWriter(file)
    scope = files.access.scope(who, Function.MANAGE_DEVICES)
    await asyncio.to_thread(writer.write, [HEADINGS])
    async with files.store.reading() as tx:
        async for rows in queries.each(tx, wanted):
            part = []
            for row in rows:
                known = files.judging.cameras.class_of(CameraClass(row.shown_class) if row.shown_class else None)
                values = visible(queries.fields_of(row), keeper=scope.holds(row.shown_area, known))
                part.append([values.get(key, "") for key in BY_KEY])
            await asyncio.to_thread(writer.write, part)
    await asyncio.to_thread(writer.close)
    file.seek(0)
    return file


def marked(one: Import) -> IO[bytes]:
    """The faulty rows as they came, with what is wrong in a column before them: to be mended and sent again."""
    assert one.sheet is not None, "an import that failed has no rows"
    file, keys = _file(), list(one.columns.values())
    headings = [RESULT, *(heading(BY_KEY[key]) for key in keys)]
    rows = [[_told(row), *(row.row.values.get(key, "") for key in keys)] for row in one.faulty()]
    if one.sheet.form == "csv":
        plain = CsvWriter(file)
        plain.write([headings, *rows])
        plain.close()
    else:
        wrong = {
            (at, 1 + keys.index(issue.field))
            for at, row in enumerate(one.faulty())
            for issue in row.checked.issues
            if issue.field in keys
        }
        writer = XlsxWriter(file, ["待改正"])
        writer.write([headings])
        writer.write(rows, wrong)
        writer.close()
    file.seek(0)
    return file


def _told(row: JudgedRow) -> str:
    lines = []
    for issue in row.checked.issues:
        zh, _, do_zh, _ = said(issue)
        lines.append(f"[{CHECKS[issue.check].severity}] {BY_KEY[issue.field].zh}:{zh};{do_zh}")
    return f"第 {row.row.number} 行 " + " | ".join(lines)
