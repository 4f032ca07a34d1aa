"""Shapes of the list of cameras and of edits of many."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from fengsui.features.access import CameraClass
from fengsui.features.camera_list.by_file import FileFilter
from fengsui.features.camera_list.model import NameHow, Outcome, Phase, Result
from fengsui.features.cameras import Status, Tag
from fengsui.features.device_files import FileState

ClassFilter = CameraClass | Literal["unsaid"]
Code = Annotated[str, Field(min_length=1, max_length=32)]


class CameraRow(BaseModel):
    """One line. `class_said`: somebody said the class, else it is by the node's setting. `file`: its state; null: there is none."""

    code: str
    name: str
    area: str
    area_name: str
    camera_class: CameraClass
    class_said: bool
    status: Status
    ptz_type: int
    device: str
    device_name: str
    tags: list[str]
    longitude: float | None
    latitude: float | None
    file: FileState | None
    file_waits: bool


class CameraRows(BaseModel):
    """Part of the list, from `offset`."""

    items: list[CameraRow]
    offset: int
    total: int


class Filter(BaseModel):
    """What a list is narrowed to, as its parameters say."""

    q: str = Field(default="", max_length=128)
    area: str = Field(default="", max_length=6)
    device: str = Field(default="", max_length=32)
    states: list[Status] = Field(default=[], max_length=4)
    tags: list[Tag] = Field(default=[], max_length=16)
    classes: list[ClassFilter] = Field(default=[], max_length=6)
    placed: bool | None = None
    files: list[FileFilter] = Field(default=[], max_length=10)


class Chosen(BaseModel):
    """These cameras, or all that match but some."""

    codes: list[Code] = []
    matching: Filter | None = None
    but: list[Code] = []


class NameOrder(BaseModel):
    """What is done to the name that is shown. `find`: what `text` replaces; `device`: the device's own word again."""

    how: NameHow
    text: str = Field(default="", max_length=64)
    find: str = Field(default="", max_length=64)


class EditOrder(BaseModel):
    """What changes; null and empty: that stays. `own_area` empty: the device's word; `camera_class` empty: by the node's setting.

    `file`: fields of the device file; an empty value takes one away.
    """

    name: NameOrder | None = None
    tags_add: list[Tag] = Field(default=[], max_length=16)
    tags_remove: list[Tag] = Field(default=[], max_length=16)
    own_area: str | None = Field(default=None, pattern=r"^(\d{2}|\d{4}|\d{6}|\d{8})?$")
    camera_class: CameraClass | Literal[""] | None = None
    file: dict[Annotated[str, Field(max_length=64)], Annotated[str, Field(max_length=1_000)]] = Field(default={}, max_length=40)


class NewEdit(BaseModel):
    """Which cameras, and what changes."""

    chosen: Chosen
    change: EditOrder


class ApplyOrder(BaseModel):
    """`reason`: for whoever approves what takes two persons; it goes into the records."""

    reason: str = Field(default="", max_length=500)


class FaultShape(BaseModel):
    """Why something is not done, and what to do."""

    code: str
    zh: str
    en: str
    remedy_zh: str
    remedy_en: str


class ChangeShape(BaseModel):
    """One value, old and new, in words. `two`: it takes two persons, and is asked for."""

    field: str
    zh: str
    en: str
    before_zh: str
    before_en: str
    after_zh: str
    after_en: str
    two: bool


class EditRow(BaseModel):
    """One camera of an edit. `result`: null before the edit is done."""

    code: str
    name: str
    outcome: Outcome
    result: Result | None
    changes: list[ChangeShape]
    problem: FaultShape | None


class EditShape(BaseModel):
    """An edit: how far it is, and a part of its rows."""

    number: int
    phase: Phase
    done: int
    total: int
    seconds_left: float | None
    took_s: float
    counts: dict[Outcome, int]
    results: dict[Result, int]
    stopped: bool
    problem: FaultShape | None
    rows: list[EditRow]
    found: int
    """Rows of the kind that is asked for, of which `rows` is a part."""


class EditList(BaseModel):
    """One's own edits that are kept, the newest first, without their rows."""

    items: list[EditShape]
