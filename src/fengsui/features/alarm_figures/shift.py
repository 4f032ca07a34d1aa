"""Figures of one shift: what came and what was done where its centre answers, whoever did it. Kept as they were counted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fengsui.features.access import Access, Principal
from fengsui.features.alarm_figures import queries
from fengsui.features.alarm_figures.actions import MOST_TASKS
from fengsui.features.alarm_figures.model import ranked
from fengsui.features.alarm_figures.queries import Of
from fengsui.features.alarms import WATCHED_BY
from fengsui.features.dispatch import Dispatch, TaskState
from fengsui.features.duty import Centre, ShiftFigures, Took
from fengsui.features.incidents import Incidents
from fengsui.features.video_patrols import VideoPatrols
from fengsui.store import Store

BACK_S: Final = 86_400.0
"""What came so long before the shift, or is older, is not looked at: so the reading is bounded."""


class FiguresOfShift:
    """Reads what is stored; by what whoever hands over may see."""

    def __init__(self, store: Store, access: Access, incidents: Incidents, dispatch: Dispatch, patrols: VideoPatrols) -> None:
        self._store = store
        self._access = access
        self._incidents = incidents
        self._dispatch = dispatch
        self._patrols = patrols

    async def of_shift(self, who: Principal, centre: Centre, since: float, until: float) -> ShiftFigures:
        """Raises StorageFault."""
        scopes = [self._access.scope(who, one) for one in WATCHED_BY]
        of, back = Of(scopes, centre.area), since - BACK_S
        async with self._store.reading() as tx:
            alarms = await queries.of_shift(tx, of, back, since, until)
        opened, closed = await self._incidents.turned_over(scopes, centre.area, since, until)
        tasks = await self._dispatch.sent_since(scopes, centre.area, back, MOST_TASKS)
        return ShiftFigures(
            since=since,
            until=until,
            came=alarms.came,
            taken=sum(alarms.claims.values()),
            real=alarms.results.get("real", 0),
            false=alarms.results.get("false", 0),
            unclear=alarms.results.get("unclear", 0),
            claim=took_of(alarms.claims),
            verify=took_of(alarms.verdicts),
            opened=opened,
            closed=closed,
            sent=sum(since <= one.stamps[TaskState.SENT] < until for one in tasks),
            done=sum(since <= one.stamps.get(TaskState.DONE, 0.0) < until for one in tasks),
            watched=await self._patrols.cameras_watched(centre.id, back, since, until),
        )


def took_of(counted: Mapping[int, int]) -> Took | None:
    """From how often each wait (s) was; None: there was none. Pure."""
    return Took(ranked(counted, 0.5), ranked(counted, 0.95)) if counted else None
