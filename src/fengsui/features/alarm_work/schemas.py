"""Shapes of work on alarms."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from fengsui.features.alarm_work.model import LONGEST_NOTE, Outcome, Reason, Result

Note = Annotated[str, Field(max_length=LONGEST_NOTE, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$")]
Version = Annotated[int, Field(ge=0, le=2**31 - 1)] | None


class Seen(BaseModel):
    """`version`: as whoever asks has seen the alarm; when it is another by now, nothing is done."""

    version: Version = None


class AlarmRelease(Seen):
    """Why somebody else is to see to it."""

    note: Note = ""


class AlarmHandOver(Seen):
    """`to`: the number of a person who takes duty there."""

    to: Annotated[int, Field(ge=1, le=2**31 - 1)]
    note: Note = ""


class Judged(Seen):
    """`folded`: how many like it had come (`work.folded`) as whoever asks has seen it; when more have by now, nothing is done."""

    folded: Version = None


class AlarmVerdict(Judged):
    """What is the matter. A false alarm has a `reason`."""

    result: Result
    reason: Reason | None = None
    note: Note = ""


class AlarmEnd(Judged):
    """What was done about it."""

    outcome: Outcome
    note: Note = ""


class AlarmStepShape(BaseModel):
    """One act. `who`: empty for the node itself; `was`, `became`: states."""

    at: datetime
    who: str
    act: str
    was: str
    became: str
    detail: str


class AlarmStepPage(BaseModel):
    """The oldest first."""

    items: list[AlarmStepShape]
