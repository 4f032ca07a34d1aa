"""Edits in words, for whoever reads them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fengsui.errors import FengsuiError
from fengsui.features.camera_list.edits import EditUnderWay
from fengsui.features.camera_list.model import Change, Edit, NameEdit, Outcome, Result, Row, class_words
from fengsui.features.camera_list.schemas import ChangeShape, EditOrder, EditRow, EditShape, FaultShape
from fengsui.features.device_files import FILE_FIELDS

FIELDS: Final = {
    "own_name": ("名称", "Name"),
    "tags": ("标签", "Tags"),
    "own_area": ("所列区划", "Area"),
    "camera_class": ("类别", "Class"),
}
Show = Outcome | Result | None


def fault_shape(error: FengsuiError | None) -> FaultShape | None:
    """With its sentences filled in."""
    if error is None:
        return None
    remedies = error.remedy_zh.format(**error.facts), error.remedy_en.format(**error.facts)
    return FaultShape(code=error.code, zh=error.text_zh, en=error.text_en, remedy_zh=remedies[0], remedy_en=remedies[1])


def edit_of(order: EditOrder) -> Edit:
    """As rooms have it."""
    name = NameEdit(order.name.how, order.name.text, order.name.find) if order.name is not None else None
    chosen = order.camera_class
    return Edit(
        name,
        tuple(dict.fromkeys(order.tags_add)),
        tuple(dict.fromkeys(order.tags_remove)),
        order.own_area,
        None if chosen is None else str(chosen),
        dict(order.file),
    )


def edit_shape(one: EditUnderWay, show: Show, offset: int, limit: int, area_name: Callable[[str], str]) -> EditShape:
    """`show`: rows of this outcome or result alone."""
    rows = one.rows if show is None else [row for row in one.rows if show in (row.outcome, row.result)]
    return EditShape(
        number=one.number,
        phase=one.phase,
        done=one.done,
        total=one.total,
        seconds_left=one.seconds_left(),
        took_s=round(one.step_s(), 2),
        counts=one.counts(),
        results=one.results(),
        stopped=one.stopped,
        problem=fault_shape(one.error),
        rows=[_row(row, area_name) for row in rows[offset : offset + limit]],
        found=len(rows),
    )


def _row(row: Row, area_name: Callable[[str], str]) -> EditRow:
    return EditRow(
        code=row.code,
        name=row.name,
        outcome=row.outcome,
        result=row.result,
        changes=[_change(one, area_name) for one in row.changes],
        problem=fault_shape(row.error),
    )


def _change(one: Change, area_name: Callable[[str], str]) -> ChangeShape:
    zh, en = FIELDS.get(one.field) or _file_words(one.field)
    (before_zh, before_en), (after_zh, after_en) = (_words(one.field, value, area_name) for value in (one.before, one.after))
    return ChangeShape(
        field=one.field,
        zh=zh,
        en=en,
        before_zh=before_zh,
        before_en=before_en,
        after_zh=after_zh,
        after_en=after_en,
        two=one.two,
    )


def _file_words(name: str) -> tuple[str, str]:
    field = FILE_FIELDS[name.removeprefix("file.")]
    return f"档案·{field.zh}", f"File · {field.en}"


def _words(name: str, value: str, area_name: Callable[[str], str]) -> tuple[str, str]:
    if name == "camera_class":
        return class_words(value)
    if name == "own_area":
        return (f"{area_name(value[:6])} {value}",) * 2 if value else ("", "")
    if name == "tags":
        return value.replace("\n", "、"), value.replace("\n", ", ")
    if name.startswith("file.") and (options := FILE_FIELDS[name.removeprefix("file.")].options) is not None:
        words = [options.get(part, (part, part)) for part in value.split("/")] if value else []
        return "、".join(one[0] for one in words), ", ".join(one[1] for one in words)
    return value, value
