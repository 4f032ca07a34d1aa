"""What duty, tickets and policy together tell the door of one decision."""

from __future__ import annotations

from fengsui.features.access import CameraFacts, Function, Place, Standing
from fengsui.features.duty.actions import Duty
from fengsui.features.policy import Policy
from fengsui.features.tickets import Tickets


class Standings:
    """`access.ports.StandingOf` for a whole node."""

    def __init__(self, policy: Policy, tickets: Tickets, duty: Duty) -> None:
        self._policy = policy
        self._tickets = tickets
        self._duty = duty

    def __call__(self, user_id: int, function: Function, what: CameraFacts | Place | None) -> Standing:
        """Kept in memory: a few look-ups."""
        by_policy = self._policy.standing(user_id, function, what)
        on_duty = False if self._tickets.closed_to(user_id) else self._duty.on_duty(user_id, None if what is None else what.area)
        return by_policy._replace(on_duty=on_duty, ticket=self._tickets.standing(user_id, function, what))
