"""Everything about duty of one node, made together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo

from fengsui.bus import Bus
from fengsui.clock import Clock
from fengsui.features.access import Access
from fengsui.features.audit import Audit
from fengsui.features.duty.actions import Duty
from fengsui.features.duty.emergency import Emergencies
from fengsui.features.duty.handover import HandOvers
from fengsui.features.duty.left_uses import LeftUses
from fengsui.features.duty.next_centres import NextCentres
from fengsui.features.duty.permits import Permits
from fengsui.features.duty.rosters import Rosters
from fengsui.features.duty.shift_ends import ShiftEnds
from fengsui.features.duty.shift_log import ShiftLog
from fengsui.features.duty.swaps import Swaps
from fengsui.features.duty.vacancies import Vacancies
from fengsui.features.policy import Policy
from fengsui.features.tickets import Tickets
from fengsui.store import Store


@dataclass(frozen=True, slots=True)
class Ground:
    """What they all stand on. `clock`: one that does not go back; `zone`: the node's."""

    store: Store
    clock: Clock
    bus: Bus
    access: Access
    audit: Audit
    zone: tzinfo


class DutyRooms:
    """The objects of duty; each knows `Duty`, which knows none of them."""

    def __init__(self, on: Ground, policy: Policy, tickets: Tickets, *, at_sign_in: bool) -> None:
        parts = (on.store, on.clock, on.bus, on.access, on.audit)
        self.on = on
        self.duty = duty = Duty(*parts, policy, at_sign_in=at_sign_in, zone=on.zone)
        self.emergencies = Emergencies(*parts, policy, tickets)
        duty.matters.append(self.emergencies)
        self.rosters = Rosters(*parts, duty)
        self.swaps = Swaps(on.store, on.bus, on.access, on.audit, duty, self.rosters)
        self.vacancies = Vacancies(*parts, duty)
        self.hand_overs = HandOvers(on.store, on.access, on.audit, duty)
        self.hand_overs.uses = LeftUses(tickets, on.zone)
        self.log = ShiftLog(on.store, on.bus, on.access, on.audit, duty)
        self.following = NextCentres(on.store, on.access, on.audit, duty)
        self.permits = Permits(on.store, on.access, on.audit, duty)
        self.ends = ShiftEnds(on.store, on.access, on.audit, duty)

    async def start(self) -> None:
        """Shifts, emergencies and what watches over them go on over a restart."""
        for room in (self.duty, self.permits, self.swaps, self.ends, self.vacancies, self.emergencies):
            await room.start()

    async def stop(self) -> None:
        """In the other order."""
        for room in (self.emergencies, self.vacancies, self.ends):
            await room.stop()
