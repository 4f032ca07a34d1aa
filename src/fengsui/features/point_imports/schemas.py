"""Shapes of tables of alarm points."""

from __future__ import annotations

from pydantic import BaseModel

from fengsui.features.point_imports.model import Outcome, Phase


class PointRowShape(BaseModel):
    """A row and what it would do. `number`: in the file; `why_zh`, `why_en`: of one that is refused."""

    number: int
    account: str
    zone: str
    name: str
    outcome: Outcome
    why_zh: str
    why_en: str


class PointImportProblem(BaseModel):
    """Why it came to nothing."""

    code: str
    zh: str
    en: str
    remedy_zh: str
    remedy_en: str


class PointImportShape(BaseModel):
    """An import under way. `counts`: rows by what they do; `done`, `total`, `seconds_left`: of this phase; `rows`: a page."""

    number: int
    name: str
    phase: Phase
    done: int
    total: int
    seconds_left: float | None
    counts: dict[Outcome, int]
    problem: PointImportProblem | None
    rows: list[PointRowShape]
