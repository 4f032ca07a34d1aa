"""Units and tasks as they are told over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from fengsui.features.access import Named
from fengsui.features.areas import Divisions
from fengsui.features.dispatch.actions import Dispatch
from fengsui.features.dispatch.crews import Crews, OwnUnit
from fengsui.features.dispatch.model import Proposal, Task, TaskState, Unit, photos_of
from fengsui.features.dispatch.schemas import (
    CrewMember,
    HelpCall,
    OwnPatrol,
    PatrolUnitShape,
    ProposalShape,
    ReasonShape,
    TaskPlace,
    TaskShape,
)


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def member(one: Named) -> CrewMember:
    """Who somebody is."""
    return CrewMember(user_id=one.user_id, name=one.name, full_name=one.full_name, unit=one.unit)


class DispatchShapes:
    """With the names of areas, units and people."""

    def __init__(self, dispatch: Dispatch, crews: Crews, divisions: Divisions) -> None:
        self._dispatch = dispatch
        self._crews = crews
        self._divisions = divisions

    async def units(self, found: Sequence[Unit]) -> list[PatrolUnitShape]:
        """In the same order."""
        crews = await self._crews.of_units([one.id for one in found])
        return [
            PatrolUnitShape(
                id=one.id,
                call_sign=one.call_sign,
                kind=one.kind,
                members=list(one.members),
                area=one.area,
                area_name=self._divisions.name_of(one.area),
                status=one.status,
                longitude=one.longitude,
                latitude=one.latitude,
                position_at=_at(one.position_at) if one.longitude is not None else None,
                task=one.task or None,
                crew=[member(who) for who in crews[one.id]],
                locator="" if one.locator is None else one.locator.code,
            )
            for one in found
        ]

    async def unit(self, one: Unit) -> PatrolUnitShape:
        """A single one."""
        return (await self.units([one]))[0]

    async def proposals(self, found: Sequence[Proposal]) -> list[ProposalShape]:
        """In the same order."""
        units = await self.units([one.unit for one in found])
        return [
            ProposalShape(
                unit=unit,
                fits=one.fits,
                distance_m=one.distance_m,
                time_s=one.time_s,
                reasons=[ReasonShape(code=reason.code, zh=reason.zh, en=reason.en) for reason in one.reasons],
            )
            for one, unit in zip(found, units, strict=True)
        ]

    async def tasks(self, found: Sequence[Task]) -> list[TaskShape]:
        """In the same order."""
        names, now = await self._dispatch.call_signs(found), self._dispatch.now()
        return [
            TaskShape(
                id=one.id,
                incident=one.incident,
                unit=one.unit,
                call_sign=names.get(one.unit, ""),
                order=one.order,
                need_feedback=one.need_feedback,
                state=one.state,
                times={TaskState(state): _at(at) for state, at in one.stamps.items()},
                due_at=None if one.due_at is None else _at(one.due_at),
                overdue=one.due_at is not None and now >= one.due_at,
                sent_by=one.sent_by,
                reason=one.reason,
                feedback=one.feedback,
                photos=photos_of(one),
            )
            for one in found
        ]

    async def own(self, own: OwnUnit | None) -> OwnPatrol:
        """What somebody on patrol has before them."""
        if own is None:
            return OwnPatrol(unit=None, task=None, where=None, call=None)
        unit = await self.unit(own.unit)
        help_call = None
        if (call := own.call) is not None:
            help_call = HelpCall(alarm=call.id, received_at=_at(call.first_at), taken_by=call.owner or None)
        if own.task is None or own.incident is None:
            return OwnPatrol(unit=unit, task=None, where=None, call=help_call)
        one = own.incident
        where = TaskPlace(
            id=one.id,
            number=one.number,
            type=one.kind,
            priority=one.priority,
            area_name=self._divisions.name_of(one.area),
            place=one.place,
            longitude=one.longitude,
            latitude=one.latitude,
        )
        return OwnPatrol(unit=unit, task=(await self.tasks([own.task]))[0], where=where, call=help_call)
