"""What duty, tickets and lifts gave somebody at a time, as records of rights hold it, and the door's decision by that. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from fengsui.features.access.decision import CameraFacts, Footage
from fengsui.features.access.posts import CLASS_BIT, RECORDED, Function
from fengsui.features.access.refusals import Refusal
from fengsui.features.audit import Ground

MOST_CAMERAS = 400
"""Named in one record; of a ticket that finds no place for its own the number is there."""


class ShiftThen(msgspec.Struct, frozen=True, array_like=True):
    """A shift that had begun. `until`: when it runs out at the latest, seconds since 1970."""

    number: str
    area: str
    until: float


class TicketThen(msgspec.Struct, frozen=True, array_like=True):
    """A use ticket in force. Times: seconds since 1970; `left_out`: cameras that are not named for want of room."""

    number: str
    version: int
    case: str
    purpose: str
    legal_basis: str
    opens: tuple[str, ...]
    cameras: tuple[str, ...]
    area: str
    classes: int
    since: float
    until: float
    opened_at: float
    expires_at: float
    left_out: int = 0

    @property
    def ground(self) -> Ground:
        """As records of what it opened named it."""
        return Ground(self.number, self.case, self.purpose, self.legal_basis)

    def refusal(self, function: Function, what: CameraFacts, now: float, footage: Footage | None = None) -> Refusal | None:
        """Why it did not open this."""
        in_area = self.area != "" and what.area.startswith(self.area) and bool(self.classes & CLASS_BIT[what.camera_class])
        opened = self.opened_at <= now < self.expires_at and function.value in self.opens
        opened = opened and (function in RECORDED or self.since <= now < self.until)
        opened = opened and (footage is None or (self.since <= footage.since and footage.until <= self.until))
        return None if opened and (in_area or what.code in self.cameras) else NotByTicketThen(number=self.number)


class LiftThen(msgspec.Struct, frozen=True, array_like=True):
    """Masks of a camera were lifted for the person until then."""

    camera: str
    ticket: str
    until: float


class StandingState(msgspec.Struct, frozen=True, kw_only=True):
    """What was open to one person besides the posts. `closed_zh` not empty: nothing was, and why."""

    shift: ShiftThen | None = None
    tickets: tuple[TicketThen, ...] = ()
    lifts: tuple[LiftThen, ...] = ()
    closed_zh: str = ""
    closed_en: str = ""

    def at(self, now: float) -> StandingState:
        """Without what had run out by then."""
        shift = self.shift if self.shift is not None and now < self.shift.until else None
        tickets = tuple(one for one in self.tickets if now < one.expires_at)
        lifts = tuple(one for one in self.lifts if now < one.until)
        return msgspec.structs.replace(self, shift=shift, tickets=tickets, lifts=lifts)

    def by_purposes(self, purposes: Mapping[str, frozenset[str]] | None) -> StandingState:
        """As the pack of then left the tickets: tightened, it opened less than their own terms. None: there was none."""
        if purposes is None:
            return self
        tickets = tuple(
            one
            if Function.CONTROL.value in one.opens  # an emergency: no purpose opens that
            else msgspec.structs.replace(one, opens=tuple(f for f in one.opens if f in purposes.get(one.purpose, ())))
            for one in self.tickets
        )
        return msgspec.structs.replace(self, tickets=tickets)

    def ticket_for(self, function: Function, what: CameraFacts, now: float) -> TicketThen | None:
        """The one that opened this; else the newest, which did not."""
        mine = self.at(now).tickets
        return next((one for one in mine if one.refusal(function, what, now) is None), mine[-1] if mine else None)


def fitting(tickets: Iterable[TicketThen]) -> tuple[TicketThen, ...]:
    """With the cameras that one record has room for, the first tickets first."""
    kept, room = [], MOST_CAMERAS
    for one in tickets:
        if len(one.cameras) > room:
            one = msgspec.structs.replace(one, cameras=(), left_out=len(one.cameras))
        room -= len(one.cameras)
        kept.append(one)
    return tuple(kept)


def nothing(user_id: int) -> StandingState:
    """Neither duty nor tickets are kept."""
    return StandingState()


class NotByTicketThen(Refusal):
    """The ticket of that time did not hold the camera or the function."""

    code = "access.not_by_ticket_then"
    rule = "A2"
    zh = "当时的使用单 {number} 不含此项"
    en = "The use ticket of that time, {number}, did not hold this"
    remedy_zh = "见该使用单的记录"
    remedy_en = "See the records of that ticket"
