"""Shapes of duty and emergency access."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, Field

from fengsui.features.access import CameraClass
from fengsui.features.duty.emergency import Danger, Verdict
from fengsui.features.duty.log_schemas import MatterShape
from fengsui.features.duty.model import MAX_SEATS, ShiftState

Area = Annotated[str, Field(pattern=r"^(\d\d){0,4}$")]
Seat = Annotated[int, Field(ge=1, le=MAX_SEATS)]
Text = Annotated[str, Field(max_length=1000)]
Said = Annotated[str, Field(min_length=2, max_length=1000)]


class CentreOrder(BaseModel):
    """A centre to set up."""

    name: Annotated[str, Field(min_length=1, max_length=128)]
    area: Area
    seats: Seat
    min_staff: Annotated[int, Field(ge=0, le=MAX_SEATS)] = 1


class NextCentreOrder(BaseModel):
    """Where a centre's alarms go that nobody takes there, after so many minutes; `centre` null: they stay."""

    centre: Annotated[int, Field(ge=1, le=2**31 - 1)] | None
    minutes: Annotated[int, Field(ge=1, le=1440)] = 5


class NextCentreShape(BaseModel):
    """The centre to which alarms pass on after so many minutes."""

    centre: int
    name: str
    minutes: int


class RemovalOrder(BaseModel):
    """Why the only centre of an area shall go."""

    reason: Said


class ExtensionShape(BaseModel):
    """Why a shift goes on behind its end. `by`: the supervisor who said so; empty: nobody has come, `late` should have."""

    by: str
    late: str
    until: datetime
    reason: str


class ExtensionOrder(BaseModel):
    """Until when a shift goes on, and why."""

    until: AwareDatetime
    reason: Said


class PermitOrder(ExtensionOrder):
    """Who may sign on before their rest is over."""

    user_id: int


class PermitShape(BaseModel):
    """Somebody who may sign on although the rest is not over. `by`: the supervisor's name."""

    user_id: int
    person: str
    by: str
    until: datetime
    reason: str


class ShiftShape(BaseModel):
    """Who sits where. `name`: of the account; `full_name`: the person's, as the roster says it."""

    id: int
    centre: int
    seat: int
    user_id: int
    name: str
    full_name: str
    since: datetime
    until: datetime
    state: ShiftState
    successor: int
    successor_name: str
    successor_full_name: str
    remarks: str
    due: datetime
    """When it should end; `until`: when it ends by itself."""
    extensions: list[ExtensionShape]


class AbsentShape(BaseModel):
    """Whom the roster has at a seat since ten minutes or longer, and who has not come; or whose shift somebody else ended."""

    seat: int
    name: str
    full_name: str
    since: datetime
    taken_away: bool
    """The shift was ended, by a supervisor or because the account may not be on duty any more."""


class CentreShape(BaseModel):
    """A centre with whoever sits there now. `short`: fewer than there should be.

    `last`: without it live pictures of its area would need no shift.
    """

    id: int
    name: str
    area: str
    seats: int
    min_staff: int
    short: bool
    last: bool
    shifts: list[ShiftShape]
    permits: list[PermitShape]
    absent: list[AbsentShape]
    matters: list[MatterShape]
    following: NextCentreShape | None


class EndedShape(BaseModel):
    """A shift that its person did not end. `by`: the supervisor; empty: the node, for they may not be on duty there any more."""

    shift: int
    centre: str
    seat: int
    by: str
    reason: str
    at: datetime


class DutyShape(BaseModel):
    """`kept`: live pictures of some area need a shift or a ticket. `offered`: a seat that waits for the caller to take it over.

    `at_sign_in`: signing in takes a free seat. `factor`: signing on and taking over take the second factor anew.
    """

    kept: bool
    free: bool
    """Live pictures of areas without a centre are open by the post alone; else they take a use ticket."""
    at_sign_in: bool
    factor: bool
    swaps: int
    """Swaps of slots that wait for the caller's answer or decision."""
    mine: ShiftShape | None
    ended: EndedShape | None
    """The caller's last shift, where somebody else ended it within a day."""
    uses: list[MatterShape]
    """The caller's use tickets that pass with their seat by name, and stay theirs."""
    offered: ShiftShape | None
    centres: list[CentreShape]


class DutyProof(BaseModel):
    """The second factor anew, where the policy pack asks for it at signing on: a code, or the answer of a passkey."""

    code: Annotated[str, Field(max_length=32)] = ""
    credential: dict[str, Any] | None = None


class SignOn(DutyProof):
    """A seat."""

    centre: int
    seat: Seat


class HandOver(BaseModel):
    """To whom, with which remarks."""

    successor: int
    remarks: Text = ""


class Accept(DutyProof):
    """Each open matter by its id, and what else was read."""

    matters: Annotated[list[Annotated[str, Field(max_length=64)]], Field(max_length=10_000)]
    orders: int = 0
    """The version of the standing orders that was read."""
    entry: int = 0
    """The newest entry of the log that was read."""
    down: Annotated[list[Annotated[str, Field(max_length=32)]], Field(max_length=1000)] = []
    """The devices that are not in order, by code."""


class SignOff(BaseModel):
    """Why nobody follows."""

    reason: Said


class EndOrder(BaseModel):
    """Why somebody else's shift ends now."""

    reason: Said


class EmergencyOrder(BaseModel):
    """Danger to life. `proof`: a code of the second factor, or the password of whoever has none."""

    area: Annotated[str, Field(pattern=r"^(\d\d){1,4}$")]
    danger: Danger
    said: Said
    proof: Annotated[str, Field(min_length=1, max_length=256)]


class EmergencyReport(BaseModel):
    """What happened."""

    report: Annotated[str, Field(min_length=10, max_length=4000)]


class EmergencyVerdict(BaseModel):
    """What somebody else found."""

    verdict: Verdict
    note: Said


class Restoration(BaseModel):
    """What followed from an access that was not justified: the decision, and where it stands."""

    note: Said


class EmergencyShape(BaseModel):
    """One access. `classes`: of the cameras it opens. `state`: `open`, `report-due`, `verdict-due`, `judged`."""

    id: int
    name: str
    area: str
    classes: list[CameraClass]
    danger: str
    said: str
    ticket: str
    opened_at: datetime
    ends_at: datetime
    report: str
    verdict: str
    note: str
    judge: str
    state: str
    report_due: datetime
    verdict_due: datetime
    late: bool
    """The report or the verdict is overdue: pictures are closed to the person until it is there (rule A59)."""
    mine: bool
    suspends: bool
    """Not justified: pictures are closed to the person until what followed is entered (rule A57)."""
    restored_by: str
    restored_at: datetime | None
    restored_note: str


class EmergencyList(BaseModel):
    """The newest first."""

    items: list[EmergencyShape]
