"""Footage beyond its time: for whom it is still there, and what was removed of it. Rules A52, A53."""

from __future__ import annotations

from datetime import datetime

from fengsui.errors import FengsuiError
from fengsui.features.access import Footage, HeldFootage, Person
from fengsui.features.completeness import Completeness
from fengsui.features.policy import DataClass, Policy
from fengsui.features.retention import queries
from fengsui.features.retention.holds import Holds
from fengsui.features.retention.model import DAY_S, NO_CASES, Bounds, FootageRemoved, cases_holding, cases_of
from fengsui.store import Store


class Beyond:
    """What whoever asks for footage is told beyond what there is."""

    def __init__(self, store: Store, policy: Policy, completeness: Completeness, holds: Holds) -> None:
        self._store = store
        self._policy = policy
        self._completeness = completeness
        self._holds = holds

    def held_of(self, camera: str, footage: Footage, person: Person) -> HeldFootage | None:
        """`access.ports.HeldOf`: what is beyond its time would be gone without its holds, so it is there for their cases alone;
        what is only older than the policy opens freely is open to a case as far as that holds it, and not a moment beyond.
        Either only by holds that this person or somebody of their unit asked for: who merely names the case has no part in them.
        """
        pack, holds = self._policy.effective, self._holds.of(camera)
        if pack is None or not holds:
            return None
        now = self._holds.now() if footage.aged_at is None else footage.aged_at
        zone = self._completeness.zone
        old_until = min(footage.until, now - pack.older_data.gate_days * DAY_S)
        bounds = Bounds.of(pack, DataClass.KEY_TARGET_VIDEO if camera in self._holds.key_targets else DataClass.VIDEO)
        before = min(bounds.over_before(now, zone), bounds.kept_from(now))
        mine = [one for one in holds if one.opens_to(person.name, person.unit)]
        there = cases_of(holds, footage.since, footage.until, before, mine=mine)
        if there is None:
            cases = cases_holding(mine, footage.since, max(footage.since, old_until)) if footage.since <= old_until else NO_CASES
        else:
            cases = there & cases_holding(mine, before, old_until) if before < old_until else there
        return None if there is None and not cases else HeldFootage(cases, there, self._told(before))

    async def removed(self, camera: str, stream: str, since: float, until: float) -> FengsuiError | None:
        """With the record of its removal; None: there is none of such a time. Raises StorageFault."""
        async with self._store.reading() as tx:
            found = await queries.removal_at(tx, f"{camera}/{stream}", since, until)
        return None if found is None else FootageRemoved.of(found, self._told(found.removed_at))

    def _told(self, at: float) -> str:
        return f"{datetime.fromtimestamp(at, self._completeness.zone):%Y-%m-%d %H:%M}"
