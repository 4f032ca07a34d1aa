"""Shapes of video patrols."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, Field, model_validator

from fengsui.features.video_patrols.model import (
    LEAST_TOLERANCE_S,
    LEAST_WATCH_S,
    MOST_LOOK_FOR,
    MOST_STOPS,
    MOST_TIMES,
    MOST_TOLERANCE_S,
    MOST_WATCH_S,
    FindingKind,
    Outcome,
    RoundState,
)

Said = Annotated[str, Field(min_length=2, max_length=1000)]
Digest = Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")]


class PatrolStop(BaseModel):
    """A camera to look at. `watch_s`: so long at least; `preset`: where it is turned first, 0: as it stands."""

    camera: Annotated[str, Field(pattern=r"^\d{20}$")]
    look_for: Annotated[str, Field(min_length=2, max_length=MOST_LOOK_FOR)]
    watch_s: Annotated[int, Field(ge=LEAST_WATCH_S, le=MOST_WATCH_S)]
    preset: Annotated[int, Field(ge=0, le=255)] = 0


class PatrolPlanOrder(BaseModel):
    """A plan to keep. Without `times` its rounds are begun by hand; `weekdays`: 1 is Monday."""

    name: Annotated[str, Field(min_length=2, max_length=60)]
    stops: Annotated[list[PatrolStop], Field(min_length=1, max_length=MOST_STOPS)]
    times: Annotated[list[Annotated[str, Field(pattern=r"^\d\d:\d\d$")]], Field(max_length=MOST_TIMES)] = []
    weekdays: Annotated[list[Annotated[int, Field(ge=1, le=7)]], Field(max_length=7)] = []
    tolerance_s: Annotated[int, Field(ge=LEAST_TOLERANCE_S, le=MOST_TOLERANCE_S)] = 1800
    """So long behind its time a round may be done."""


class NewPatrolPlan(PatrolPlanOrder):
    """For a centre."""

    centre: Annotated[int, Field(ge=1, le=2**31 - 1)]


class PatrolPlanChange(PatrolPlanOrder):
    """`version`: the one that is changed."""

    version: int


class PatrolPlanShape(BaseModel):
    """One version of a plan."""

    id: int
    version: int
    centre: int
    name: str
    stops: list[PatrolStop]
    times: list[str]
    weekdays: list[int]
    tolerance_s: int
    set_by: str
    set_at: datetime
    ended: bool
    next_due: datetime | None
    """Within half a day."""
    manages: bool
    """The caller may change it."""


class PatrolPlanList(BaseModel):
    """By centre and number; versions: the newest first."""

    items: list[PatrolPlanShape]


class StopResultShape(BaseModel):
    """What was seen at a stop. `watched_s`: seconds with the picture playing, as player and node agree."""

    stop: int
    camera: str
    opened_at: datetime | None
    watched_s: float
    outcome: Outcome
    kind: FindingKind | None
    text: str
    node_state: str
    snapshot: str
    entry: int
    name: str
    at: datetime | None


class RoundShape(BaseModel):
    """One round. `stops`: of the plan; `seen`, `findings`, `impossible`: of them. `mine`: the caller does it."""

    id: int
    plan: int
    version: int
    plan_name: str
    centre: int
    centre_name: str
    due_from: datetime
    due_until: datetime
    by_hand: bool
    state: RoundState
    in_time: bool
    name: str
    mine: bool
    alone: bool
    """Under way, and whoever did it is off duty: somebody else goes on."""
    started_at: datetime | None
    ended_at: datetime | None
    reason: str
    noted_by: str
    stops: int
    seen: int
    findings: int
    impossible: int
    watched_s: float


class RoundDetails(BaseModel):
    """With its plan and everything that was seen."""

    round: RoundShape
    plan: PatrolPlanShape
    results: list[StopResultShape]


class RoundPage(BaseModel):
    """The newest first. `next`: what to ask for as `cursor`."""

    items: list[RoundShape]
    next: int | None


class ComingShape(BaseModel):
    """A round that is due within half a day."""

    plan: int
    plan_name: str
    centre: int
    due: datetime
    stops: int


class DueShape(BaseModel):
    """What is due, under way and coming at the centres that the caller reads; what was missed, for who supervises them."""

    open: list[RoundShape]
    coming: list[ComingShape]
    untold: list[RoundShape]


class WatchOrder(BaseModel):
    """The picture of a live session of one's own plays: so many seconds of it since the stop was opened."""

    session: Annotated[str, Field(min_length=1, max_length=64)]
    played_s: Annotated[float, Field(ge=0, le=86_400)]


class WatchShape(BaseModel):
    """What counts so far, of so much. `at`: the node's time, for a snapshot."""

    watched_s: float
    needed_s: int
    at: datetime


class Settlement(BaseModel):
    """A stop's outcome. A finding has a kind and words; what was not possible has a reason."""

    outcome: Literal[Outcome.CONFIRMED, Outcome.FINDING, Outcome.NOT_POSSIBLE]
    kind: FindingKind | None = None
    text: Annotated[str, Field(max_length=1000)] = ""
    snapshot: Digest = ""

    @model_validator(mode="after")
    def _whole(self) -> Settlement:
        if self.outcome is not Outcome.CONFIRMED and len(self.text.strip()) < 2:
            raise ValueError("a finding, and what was not possible, is said in words")
        if (self.kind is not None) != (self.outcome is Outcome.FINDING):
            raise ValueError("a finding has a kind, and nothing else has one")
        if self.snapshot and self.outcome is not Outcome.FINDING:
            raise ValueError("a snapshot goes with a finding")
        return self


class BreakOff(BaseModel):
    """Why a round ends before its last stop."""

    reason: Said


class SnapshotShape(BaseModel):
    """SHA-256 of what was kept."""

    digest: str


class OnFoot(BaseModel):
    """Where and when somebody went, and what they saw."""

    place: Annotated[str, Field(min_length=2, max_length=120)]
    at: AwareDatetime
    text: Said


class EntryNumber(BaseModel):
    """Of the shift's log."""

    entry: int


class PatrolLine(BaseModel):
    """One line of the joint log. `entry`: its number in the shift's log, 0 for a round that nobody began.

    `text_en`: of what the node wrote; empty where `text` is all there is.
    """

    kind: Literal["finding", "round", "foot", "missed"]
    at: datetime
    entry: int
    name: str
    text: str
    text_en: str
    place: str
    round: int
    stop: int
    camera: str
    finding: FindingKind | None
    snapshot: str


class PatrolLog(BaseModel):
    """The newest first. `next`: what to ask for as `cursor`."""

    items: list[PatrolLine]
    next: int | None


class PatrolMonth(BaseModel):
    """Rounds that plans were due for. `share`: done in time, of the planned ones (M25)."""

    month: str
    centre: int
    planned: int
    in_time: int
    late: int
    broken_off: int
    missed: int
    share: float


class PatrolFigures(BaseModel):
    """The oldest month first."""

    items: list[PatrolMonth]
