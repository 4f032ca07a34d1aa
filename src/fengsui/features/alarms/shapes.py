"""Alarms as a page shows them to somebody: without the cameras that their lists leave out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from fastapi import Request

from fengsui.features.access import Access, CameraFacts, Function, Principal, scope_for
from fengsui.features.alarms.model import Alarm
from fengsui.features.alarms.schemas import (
    AlarmOwner,
    AlarmPassedTo,
    AlarmShape,
    AlarmSilenceShape,
    AlarmWorkShape,
    SilentHostShape,
)
from fengsui.features.alarms.silence_queries import TABLE, Member, Silence
from fengsui.features.alarms.supervision import Supervision
from fengsui.features.areas import Divisions
from fengsui.features.cameras import Cameras, UnknownCamera

_TIMES: Final = ("claimed_at", "verified_at", "closed_at", "due_at", "folded_at", "queued_at")


def moment(seconds: float) -> datetime:
    """Of seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC)


class StandsIn(NamedTuple):
    """The protected place that an alarm comes from, as a list shows it."""

    kind: str
    longitude: float | None
    latitude: float | None


class AlarmShapes:
    """For one node."""

    def __init__(
        self,
        cameras: Cameras,
        divisions: Divisions,
        supervision: Supervision,
        stands_in: Callable[[Alarm], StandsIn | None] = lambda _: None,
        passed: Callable[[int], list[AlarmPassedTo]] = lambda _: [],
    ) -> None:
        self._cameras = cameras
        self._supervision = supervision
        self._divisions = divisions
        self._stands_in = stands_in
        self.passed = passed
        """By an alarm's number: the centres to which it was passed on."""

    async def seen_by(self, request: Request, who: Principal, codes: Collection[str]) -> Mapping[str, CameraFacts]:
        """Of these cameras, those that the caller's lists show, or showed when they left the catalogue."""
        scope = scope_for(request, who, Function.LOOK_AROUND)
        facts = await self._cameras.facts(asked := sorted(set(codes) - {""}))
        if missing := [code for code in asked if code not in facts]:
            facts |= {code: one.facts for code, one in (await self._cameras.kept.many(missing)).items()}
        return {code: one for code, one in facts.items() if scope.holds(one.area, one.camera_class)}

    async def named_to(self, request: Request, who: Principal, some: Collection[Alarm]) -> Collection[int]:
        """Those of these alarms whose camera may be named to the caller: a camera that moved by where it was while it alarmed."""
        codes = sorted({one.camera for one in some} - {""})
        seen, moved = await self.seen_by(request, who, codes), await self._cameras.kept.moved(codes)
        scope = scope_for(request, who, Function.LOOK_AROUND)

        def may(one: Alarm) -> bool:
            of = moved.get(one.camera)
            return one.camera in seen if of is None else of.is_within(scope, one.first_at, one.last_at)

        shown = await self._shown(request, who, {one.camera for one in some if one.owner_id == who.user_id} - {""})
        return {one.id for one in some if may(one) or (one.owner_id == who.user_id and one.camera in shown)}

    async def _shown(self, request: Request, who: Principal, codes: Collection[str]) -> Mapping[str, CameraFacts]:
        """Those that the caller is shown live though their lists leave them out."""
        access: Access = request.app.state.access
        facts = await self._cameras.facts(sorted(codes)) if codes else {}
        return {code: one for code, one in facts.items() if access.shown(who.person, one) is not None}

    async def seen_with(self, request: Request, who: Principal, one: Alarm, codes: Collection[str]) -> Mapping[str, CameraFacts]:
        """As `seen_by`, and those that an alarm shows to whoever sees to it."""
        seen = dict(await self.seen_by(request, who, codes))
        return seen | dict(await self._shown(request, who, set(codes))) if one.owner_id == who.user_id else seen

    async def period_of(self, request: Request, who: Principal, camera: str) -> tuple[float | None, float | None]:
        """From when on, and until when, this camera was where the caller's lists show or showed it; None: without an end.

        Seconds since 1970. Raises UnknownCamera.
        """
        of = (await self._cameras.kept.moved([camera])).get(camera)
        if of is None or of.now is None or of.then is None:
            if camera not in await self.seen_by(request, who, [camera]):
                raise UnknownCamera(camera=camera)
            return None, None
        scope = scope_for(request, who, Function.LOOK_AROUND)
        now, then = (scope.holds(one.area, one.camera_class) for one in (of.now, of.then))
        if not now and not then:
            raise UnknownCamera(camera=camera)
        return None if then else of.left_at, None if now else of.left_at

    async def silences_of(self, some: Iterable[Alarm]) -> Mapping[int, Silence]:
        """Of those that are about silent hosts."""
        return await self._supervision.silences([one.id for one in some if one.code_table == TABLE])

    async def of(self, request: Request, who: Principal, one: Alarm) -> AlarmShape:
        """One alarm, for whoever asks."""
        silent = (await self.silences_of([one])).get(one.id)
        found = self.shape(one, await self.named_to(request, who, [one]), silent)
        if found.silence is not None:
            found.silence.members = [_member_of(some) for some in await self._supervision.members(one.id)]
        return found

    def shape(self, one: Alarm, named: Collection[int], silent: Silence | None = None, *, work: bool = True) -> AlarmShape:
        """`named`: the alarms whose camera may be named; `work`: what is done about it may be told."""
        seen = one.id in named
        facts: dict[str, Any] = {name: getattr(one, name) for name in AlarmShape.model_fields if hasattr(one, name)}
        facts |= {"area_name": self._divisions.name_of(one.area), "camera": one.camera if seen else ""}
        facts |= {"zone": "" if one.is_user else one.number, "user": one.number if one.is_user else ""}
        if one.protocol == "gb28181" and not seen and one.camera:  # what it names is that camera, or leads to it
            facts |= {"zone": "", "point": "", **({"device": "", "site": ""} if one.device == one.camera else {})}
        facts |= {"sent_at": None if one.sent_at is None else moment(one.sent_at), "work": self.work_of(one) if work else None}
        facts |= {"silence": None if silent is None else _silence_of(silent)}
        if (place := self._stands_in(one)) is not None:
            facts["site_kind"] = place.kind
            if one.longitude is None and not facts["camera"]:
                facts |= {"longitude": place.longitude, "latitude": place.latitude}
        return AlarmShape.model_validate({**facts, "received_at": moment(one.first_at), "last_at": moment(one.last_at)})

    def work_of(self, one: Alarm) -> AlarmWorkShape | None:
        """None: nothing is to be done about it alone."""
        found = work_of(one)
        if found is not None and one.state != "closed":
            found.passed_to = self.passed(one.id)
        return found


def _silence_of(one: Silence) -> AlarmSilenceShape:
    return AlarmSilenceShape(hosts=one.hosts, still=one.still, since=moment(one.heard_at) if one.heard_at else None)


def _member_of(one: Member) -> SilentHostShape:
    heard, ended = (moment(at) if at else None for at in (one.heard_at, one.ended_at))
    return SilentHostShape(account=one.account, site=one.site, heard_at=heard, ended_at=ended)


def work_of(one: Alarm) -> AlarmWorkShape | None:
    """None: nothing is to be done about it alone."""
    if not one.state or one.state == "folded":
        return None
    times = {name: None if (at := getattr(one, name)) is None else moment(at) for name in _TIMES}
    facts = {
        name: getattr(one, name)
        for name in ("state", "note", "escalated", "escalated_most", "noted_by", "folded", "active", "version")
    }
    words: dict[str, Any] = {name: getattr(one, name) or None for name in ("result", "reason", "outcome")}
    owner = None if one.owner_id is None else AlarmOwner(id=one.owner_id, name=one.owner)
    words |= {"shelf": one.shelf_id if one.state == "shelved" else None, "opened_at": moment(one.first_at)}
    return AlarmWorkShape.model_validate({**facts, **times, **words, "owner": owner})
