"""What duty, tickets and policy together tell the door of one decision."""

from __future__ import annotations

from fengsui.features.access import (
    RECORDED,
    CameraFacts,
    Footage,
    Function,
    Place,
    ShiftThen,
    Standing,
    StandingState,
    TicketThen,
    fitting_tickets,
)
from fengsui.features.audit import NO_GROUND, Ground
from fengsui.features.duty.actions import Duty
from fengsui.features.duty.model import Shift
from fengsui.features.policy import Policy
from fengsui.features.tickets import Tickets, UseTicket


class Standings:
    """`access.ports.StandingOf` for a whole node."""

    def __init__(self, policy: Policy, tickets: Tickets, duty: Duty) -> None:
        self._policy = policy
        self._tickets = tickets
        self._duty = duty

    def __call__(
        self, user_id: int, function: Function, what: CameraFacts | Place | None, now: float, footage: Footage | None = None
    ) -> Standing:
        """Kept in memory: a few look-ups."""
        closed = self._tickets.closed_to(user_id)
        area = "" if what is None else what.area
        kept = self._duty.is_kept(area)
        no_centre = what is not None and not kept and not self._duty.is_free(area)
        shift = None if closed else self._duty.shift_for(user_id, None if what is None else what.area, now)
        return Standing(
            on_duty=shift is not None if closed or kept or no_centre else None,
            ticket=self._tickets.standing(user_id, function, what, now, footage),
            age_limit_s=self._policy.age_limit_for(function),
            closed=closed,
            shift=NO_GROUND if shift is None else self._ground(user_id, function, what, shift),
            no_centre=no_centre and not closed,
        )

    def _ground(self, user_id: int, function: Function, what: CameraFacts | Place | None, shift: Shift) -> Ground:
        """Of what is done on a shift: under the one use ticket that fits and names the camera, if any (A1)."""
        ticket = self._tickets.only_naming(user_id, function, what)
        return self._duty.ground(shift) if ticket is None else ticket.ground

    def state_of(self, user_id: int) -> StandingState:
        """For the record of what somebody could see: the same whether it is read from memory or after a restart."""
        shift, (closed_zh, closed_en) = self._duty.mine(user_id), self._tickets.closed_because(user_id)
        return StandingState(
            shift=None if shift is None else ShiftThen(shift.number, self._duty.centre(shift.centre).area, shift.until),
            tickets=fitting_tickets(_then(one, self._tickets.recorded_closed(one)) for one in self._tickets.held(user_id)),
            closed_zh=closed_zh,
            closed_en=closed_en,
        )


def _then(one: UseTicket, recorded_closed: bool) -> TicketThen:
    open_now = one.opens - {function.value for function in RECORDED} if recorded_closed else one.opens
    cameras, opens, held = tuple(sorted(one.bounds.cameras)), tuple(sorted(open_now)), one.bounds
    facts = (one.number, one.version, one.case_number, one.purpose.value, one.legal_basis, opens, cameras)
    return TicketThen(*facts, held.area, held.classes, held.since, held.until, one.opened_at, one.expires_at)
