"""Shapes of procedures and their runs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from fengsui.features.alarms import NodeCategory, SceneCategory
from fengsui.features.incidents import IncidentKind
from fengsui.features.procedures.model import MOST_ANSWERS, MOST_STEPS, Definition, StepKind
from fengsui.features.procedures.run_model import Outcome
from fengsui.wire.dc09.codes import Category

_PLAIN = r"^[^\x00-\x1f\x7f]*$"
_LINES = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
AreaCode = Annotated[str, Field(max_length=6, pattern=r"^([0-9]{2}){0,3}$")]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64, pattern=_PLAIN)]
StepId = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,16}$")]
Task = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=_LINES)]
Choice = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60, pattern=_PLAIN)]
Place = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=32, pattern=_PLAIN)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500, pattern=_LINES)]
Why = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=500, pattern=_LINES)]
Seconds = Annotated[int, Field(ge=5, le=86_400)]
Number = Annotated[int, Field(ge=1, le=2**31 - 1)]
Way = Annotated[int, Field(ge=1, le=MOST_ANSWERS)]
Count = Annotated[int, Field(ge=0, le=2**31 - 1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ProcedureAnswer(_Strict):
    """An answer and where it leads; `next` null: to the end. `at_most`: so often in one run; an answer that leads back needs it."""

    text: Choice
    next: StepId | None = None
    at_most: Annotated[int, Field(ge=1, le=9)] | None = None


class ProcedureStep(_Strict):
    """What is to be done. `question`: answers lead on; `act`: to be ticked; `note`: to be written down. `next` null: the end."""

    id: StepId
    text: Task
    kind: StepKind
    target_s: Seconds | None = None
    answers: Annotated[list[ProcedureAnswer], Field(max_length=MOST_ANSWERS)] = []
    next: StepId | None = None


class ProcedureOffer(_Strict):
    """For what it is proposed: alarms of these kinds, incidents of these types (empty: none), where the name of the site or place
    has one of the words in `places` (empty: everywhere)."""

    alarms: Annotated[list[Category | SceneCategory | NodeCategory], Field(max_length=25)] = []
    incidents: Annotated[list[IncidentKind], Field(max_length=12)] = []
    places: Annotated[list[Place], Field(max_length=20)] = []


class ProcedureOrder(_Strict):
    """A procedure as somebody writes it; its first step is where one begins. `area`: where it holds, and within; empty: the
    node's own. `mandatory`: what it is proposed for is not closed before it is done, or skipped with reasons."""

    name: Name
    area: AreaCode = ""
    on: bool = True
    mandatory: bool = False
    offer: ProcedureOffer = ProcedureOffer()
    steps: Annotated[list[ProcedureStep], Field(min_length=1, max_length=MOST_STEPS)]

    @property
    def definition(self) -> Definition:
        """As the procedure keeps it."""
        told = {"offer": self.offer.model_dump(mode="json"), "steps": [one.model_dump(mode="json") for one in self.steps]}
        return msgspec.convert(told, Definition)


class ProcedureChange(ProcedureOrder):
    """`version`: as whoever asks has seen it; when it is another by now, nothing is changed."""

    version: Number


class ProcedureShape(BaseModel):
    """A procedure. `editable`: by whoever asks."""

    id: int
    name: str
    area: str
    area_name: str
    on: bool
    mandatory: bool
    version: int
    changed_at: datetime
    changed_by: str
    offer: ProcedureOffer
    steps: list[ProcedureStep]
    editable: bool


class ProcedureList(BaseModel):
    """By name."""

    items: list[ProcedureShape]


class ProcedureVersion(BaseModel):
    """A procedure as it was. `removed`: by this act."""

    procedure: ProcedureShape
    removed: bool


class ProcedureVersionList(BaseModel):
    """The newest first."""

    items: list[ProcedureVersion]


class ProcedureStart(_Strict):
    """Which procedure."""

    procedure: Number


class StepAnswer(_Strict):
    """What was done about the step at which a run stands. `answer`: of a question, from 1; `note`: words, where the step asks
    for them; `seen`: how many entries the run had on one's screen: where there are more by now, it is refused (409)."""

    seen: Count
    answer: Way | None = None
    note: Words = ""


class StepSkip(_Strict):
    """Why a step is skipped; a supervisor is told. `answer`: of a question, the answer by which to go on; `rest`: this step and all
    that may follow."""

    seen: Count
    reason: Why
    answer: Way | None = None
    rest: bool = False

    @model_validator(mode="after")
    def _one(self) -> StepSkip:
        if self.rest and self.answer is not None:
            raise ValueError("no answer is chosen where the rest is skipped")
        return self


class SkipReview(_Strict):
    """`seen`: how many entries the run had on one's screen: where there are more by now, it is refused (409)."""

    seen: Count


class ProcedureEntry(BaseModel):
    """A step that was done or skipped. `note`: words, or why it was skipped; `took_s`: since the one before; `late`: longer than
    its target."""

    ordinal: int
    step: str
    outcome: Outcome
    text: str
    answer: str
    note: str
    at: datetime
    took_s: float
    late: bool
    by: str


class ProcedureRunShape(BaseModel):
    """A run, with the steps of the version that it began with. `step`: where it stands, null: it is over; `due_at`: by when that
    step should be done; `left`: its answers that may be given yet, from 1. `skipped`: how many steps; `reviewed_at`: when a
    supervisor saw that."""

    id: int
    procedure: int
    version: int
    name: str
    mandatory: bool
    alarm: int | None
    incident: int | None
    area: str
    area_name: str
    started_at: datetime
    started_by: str
    ended_at: datetime | None
    step: str | None
    step_at: datetime
    due_at: datetime | None
    left: list[int]
    steps: list[ProcedureStep]
    entries: list[ProcedureEntry]
    skipped: int
    reviewed_at: datetime | None
    reviewed_by: str


class OfferedProcedure(BaseModel):
    """One that may be begun here. `proposed`: by what and where it is about; others that hold here may be begun as well."""

    id: int
    name: str
    mandatory: bool
    proposed: bool


class SubjectProcedures(BaseModel):
    """Of an alarm or an incident: what may be begun, the proposed ones first, and what was, the newest first."""

    offered: list[OfferedProcedure]
    runs: list[ProcedureRunShape]


class ProcedureRunPage(BaseModel):
    """The newest first. `next`: what to ask for as `before`; null: that was all."""

    items: list[ProcedureRunShape]
    next: int | None


Shown = Literal["all", "open", "skipped"]
