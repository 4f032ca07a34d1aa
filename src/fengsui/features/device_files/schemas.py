"""Shapes of device files."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from fengsui.features.device_files.field_table import Group, Kind
from fengsui.features.device_files.imports import Mode, Outcome, Phase
from fengsui.features.device_files.model import FileAct, FileState, Severity

Value = Annotated[str, Field(max_length=4000)]
FileValues = Annotated[dict[Annotated[str, Field(max_length=64)], Value], Field(max_length=200)]
Note = Annotated[str, Field(max_length=500)]


class OptionShape(BaseModel):
    """A code and its words."""

    code: str
    zh: str
    en: str


class FieldShape(BaseModel):
    """One row of the table of fields. `keepers`: shown to who keeps devices there; `reviewed`: a change after approval waits.

    `many`: may be written to many files at once.
    """

    key: str
    code: str
    group: Group
    kind: Kind
    zh: str
    en: str
    mandatory: bool
    options: list[OptionShape]
    keepers: bool
    reviewed: bool
    many: bool
    longest: int


class WordShape(BaseModel):
    """A word of the field's in both languages."""

    code: str
    zh: str
    en: str


class CheckShape(WordShape):
    """A check: what it says when it fails, its facts left open."""

    severity: Severity


class FieldList(BaseModel):
    """What forms, tables and sheets are made by."""

    fields: list[FieldShape]
    groups: list[WordShape]
    checks: list[CheckShape]
    states: list[WordShape]
    acts: list[WordShape]


class IssueShape(BaseModel):
    """What is wrong with a field, and what to do."""

    check: str
    severity: Severity
    field: str
    zh: str
    en: str
    do_zh: str
    do_en: str


class DeviceWords(BaseModel):
    """What the device says of fields (`words`), and in which of them the file says something else (`differing`)."""

    words: dict[str, str]
    differing: list[str]


class CheckOrder(BaseModel):
    """Values as they are being typed; nothing is kept."""

    code: Annotated[str, Field(max_length=64)]
    values: FileValues


class CheckAnswer(DeviceWords):
    """Thousandths: mandatory fields filled, filled fields without an error. `exists`: there is a file of this code already."""

    issues: list[IssueShape]
    completeness: int
    correctness: int
    exists: bool


class NewFile(BaseModel):
    """A draft."""

    code: Annotated[str, Field(max_length=64)]
    values: FileValues
    note: Note = ""


class FileOrder(BaseModel):
    """Every field anew. `version`: which one was seen."""

    version: int
    values: FileValues
    note: Note = ""


class ActOrder(BaseModel):
    """`reason`: of a return or a removal."""

    act: FileAct
    version: int
    reason: Note = ""


class FileRow(BaseModel):
    """One line of the list."""

    code: str
    name: str
    area: str
    area_name: str
    state: FileState
    version: int
    completeness: int
    correctness: int
    errors: int
    warnings: int
    has_photo: bool
    change_waits: bool
    changed_by: str
    changed_at: datetime


class FilePage(BaseModel):
    """Files one may see, by code. `states`, `failing`: how many of each within the other filters; averages in thousandths."""

    items: list[FileRow]
    next: str | None
    total: int
    waiting: int
    states: dict[str, int]
    failing: dict[str, int]
    completeness: int
    correctness: int


class FileShape(DeviceWords):
    """A file. `withheld`: fields that are shown to keepers alone; `acts`: what the caller may do now.

    `whole`: as the node wrote it. `change`: what waits for a reviewer, an empty text takes the field away.
    """

    code: str
    area: str
    area_name: str
    state: FileState
    version: int
    values: dict[str, str]
    withheld: list[str]
    change: dict[str, str]
    change_name: str
    photo: str
    whole: bool
    issues: list[IssueShape]
    completeness: int
    correctness: int
    acts: list[FileAct]
    may_write: bool
    own: bool
    """The caller wrote in it, or asked for the change: somebody else reviews."""


class VersionChange(BaseModel):
    """One field of one version."""

    field: str
    old: str
    new: str


class VersionShape(BaseModel):
    """Who did what when; `changes`: against the version before, `photo`: of this one. `whole`: as the node wrote it."""

    version: int
    act: str
    state: FileState
    by: str
    at: datetime
    note: str
    changes: list[VersionChange]
    photo_changed: bool
    whole: bool


class VersionList(BaseModel):
    """The newest first."""

    items: list[VersionShape]


class ProblemShape(BaseModel):
    """Why a table was not read."""

    code: str
    zh: str
    en: str
    remedy_zh: str
    remedy_en: str


class RowIssue(IssueShape):
    """`column`: its heading in both languages; `value`: what the cell says."""

    column_zh: str
    column_en: str
    value: str


class RowShape(BaseModel):
    """One faulty row. `number`: in the table."""

    number: int
    code: str
    name: str
    issues: list[RowIssue]


class ImportShape(BaseModel):
    """An import under way. `counts`: rows by what they do; `seconds_left`: of this phase; `faulty`: a page of the faulty rows.

    `warnings`: rows that go in with hints; `written`: rows that are in the database.
    """

    number: int
    name: str
    phase: Phase
    done: int
    total: int
    seconds_left: float | None
    took_s: float
    counts: dict[Outcome, int]
    warnings: int
    written: int
    problem: ProblemShape | None
    faulty: list[RowShape]


class CommitOrder(BaseModel):
    """All rows or none, or the right ones."""

    mode: Mode
