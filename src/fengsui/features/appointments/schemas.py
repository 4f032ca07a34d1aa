"""Shapes of asking for posts."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from fengsui.features.access import MadePerson, NewAppointment, NewPerson, PersonShape, Prerequisites
from fengsui.features.appointments.reset_kind import Way
from fengsui.features.approvals import MAX_REASON, DocumentShape, RequestShape


class WithGrounds(BaseModel):
    """Why, and the paper where the policy pack wants one: whoever approves it reads both."""

    reason: str = Field(default="", max_length=MAX_REASON)
    document: DocumentShape | None = None


class OrderedAppointment(NewAppointment, WithGrounds):
    """One more post."""


class OrderedReset(WithGrounds):
    """What somebody lost."""

    way: Way


class OrderedAccount(Prerequisites, WithGrounds):
    """An account that is to come back, or dates of rule A9 that are to be set; what is not named stays."""

    model_config = ConfigDict(extra="forbid")

    enable: bool = False


class OrderedPerson(NewPerson, WithGrounds):
    """A user, and the posts that are asked for."""


class Appointed(BaseModel):
    """The person, and the request that waits for a second security administrator; none: it took effect at once (first set-up)."""

    user: PersonShape
    request: RequestShape | None


class AddedPerson(MadePerson):
    """A new user with the first password; what was asked for waits for a second security administrator."""

    request: RequestShape | None
