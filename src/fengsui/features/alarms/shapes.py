"""Alarms as a page shows them to somebody: without the cameras that their lists leave out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from fastapi import Request

from fengsui.features.access import CameraFacts, Function, Principal, scope_for
from fengsui.features.alarms.model import Alarm
from fengsui.features.alarms.schemas import AlarmOwner, AlarmShape, AlarmWorkShape
from fengsui.features.areas import Divisions
from fengsui.features.cameras import Cameras

_TIMES: Final = ("claimed_at", "verified_at", "closed_at", "due_at", "folded_at")


def moment(seconds: float) -> datetime:
    """Of seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC)


class AlarmShapes:
    """For one node."""

    def __init__(self, cameras: Cameras, divisions: Divisions) -> None:
        self._cameras = cameras
        self._divisions = divisions

    async def seen_by(self, request: Request, who: Principal, codes: Collection[str]) -> Mapping[str, CameraFacts]:
        """Of these cameras, those that the caller's lists show, or showed when they left the catalogue."""
        scope = scope_for(request, who, Function.LOOK_AROUND)
        facts = await self._cameras.facts(asked := sorted(set(codes) - {""}))
        if missing := [code for code in asked if code not in facts]:
            facts |= {code: one.facts for code, one in (await self._cameras.kept.many(missing)).items()}
        return {code: one for code, one in facts.items() if scope.holds(one.area, one.camera_class)}

    async def of(self, request: Request, who: Principal, one: Alarm) -> AlarmShape:
        """One alarm, for whoever asks."""
        return self.shape(one, await self.seen_by(request, who, [one.camera]))

    def shape(self, one: Alarm, seen: Collection[str], *, work: bool = True) -> AlarmShape:
        """`seen`: the cameras that may be named; `work`: what is done about it may be told."""
        facts: dict[str, Any] = {name: getattr(one, name) for name in AlarmShape.model_fields if hasattr(one, name)}
        facts |= {"area_name": self._divisions.name_of(one.area), "camera": one.camera if one.camera in seen else ""}
        facts |= {"zone": "" if one.is_user else one.number, "user": one.number if one.is_user else ""}
        if one.protocol == "gb28181" and one.camera not in seen and one.camera:  # what it names is that camera, or leads to it
            facts |= {"zone": "", "point": "", **({"device": "", "site": ""} if one.device == one.camera else {})}
        facts |= {"sent_at": None if one.sent_at is None else moment(one.sent_at), "work": work_of(one) if work else None}
        return AlarmShape.model_validate({**facts, "received_at": moment(one.first_at), "last_at": moment(one.last_at)})


def work_of(one: Alarm) -> AlarmWorkShape | None:
    """None: nothing is to be done about it alone."""
    if not one.state or one.state == "folded":
        return None
    times = {name: None if (at := getattr(one, name)) is None else moment(at) for name in _TIMES}
    facts = {name: getattr(one, name) for name in ("state", "note", "escalated", "folded", "active", "version")}
    words = {name: getattr(one, name) or None for name in ("result", "reason", "outcome")}
    owner = None if one.owner_id is None else AlarmOwner(id=one.owner_id, name=one.owner)
    return AlarmWorkShape.model_validate({**facts, **times, **words, "owner": owner, "opened_at": moment(one.first_at)})
