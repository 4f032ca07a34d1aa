"""What a person could do and see at a time: read from the audit log alone, for the audit office (rule A32)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from fengsui.features.access.actions import Access
from fengsui.features.access.decision import CameraFacts, Person, Refused, decide, scope_of
from fengsui.features.access.model import Principal
from fengsui.features.access.permissions import require
from fengsui.features.access.posts import CameraClass, Function, Post, classes_of
from fengsui.features.access.rights_log import read_state
from fengsui.features.audit import Act, Audit, Wanted

Auditor = Annotated[Principal, Depends(require(Function.READ_AUDIT))]


class PostThen(BaseModel):
    """An appointment that was not withdrawn then. `in_force`: at that time."""

    post: Post
    area: str
    area_name: str
    classes: list[CameraClass]
    valid_from: datetime | None
    valid_until: datetime | None
    in_force: bool


class AreaThen(BaseModel):
    """Everything whose area begins so, of these classes; an empty one is everywhere."""

    area: str
    area_name: str
    classes: list[CameraClass]


class FunctionThen(BaseModel):
    """Where a function could be used."""

    function: Function
    areas: list[AreaThen]


class DecisionThen(BaseModel):
    """How the door would have decided about the camera; where it lies and its class are those of today."""

    function: Function
    allowed: bool
    rule: str
    zh: str
    en: str


class RightsThen(BaseModel):
    """`sequence` null: the log says nothing about this person before that time. `recorded_at`: of the record that says it."""

    person: str
    at: datetime
    sequence: int | None
    recorded_at: str
    unit: str
    disabled: bool
    closed_zh: str
    closed_en: str
    posts: list[PostThen]
    functions: list[FunctionThen]
    decisions: list[DecisionThen]


def router(access: Access, audit: Audit, name_of: Callable[[str], str]) -> APIRouter:
    """The route. `name_of`: an area's name by its code."""
    routes = APIRouter(prefix="/audit/rights", tags=["audit"])

    def named(area: str) -> str:
        return name_of(area) if area else ""

    def posts(person: Person, now: float) -> list[PostThen]:
        return [
            PostThen(
                post=one.post,
                area=one.area,
                area_name=named(one.area),
                classes=classes_of(one.classes),
                valid_from=_time(one.since),
                valid_until=_time(one.until),
                in_force=one.since <= now < one.until,
            )
            for one in person.appointments
        ]

    def functions(person: Person, now: float) -> list[FunctionThen]:
        found = []
        for function in person.functions(now):
            scope = scope_of(person, function, now=now)
            areas = [AreaThen(area=area, area_name=named(area), classes=classes_of(mask)) for area, mask in scope.areas]
            found.append(FunctionThen(function=function, areas=areas))
        return found

    @routes.get("", operation_id="readRightsThen")
    async def rights(
        who: Auditor,
        person: Annotated[str, Query(min_length=1, max_length=128)],
        at: datetime,
        camera: Annotated[str, Query(max_length=20)] = "",
    ) -> RightsThen:
        """What this person could do then, and whether the camera was open to them."""
        asked = _aware(at)
        await audit.record(who, Act.AUDIT_READ, "audit log", detail=f"rights of {person} at {asked.isoformat()} {camera}".rstrip())
        until = _after(asked)
        found = await audit.index.page(Wanted(object=person, act=Act.RIGHTS_STATE, until=until), 0, 1)
        record = found[0].record if found and found[0].intact else None
        state = read_state(record.detail) if record is not None else None
        then = Person(0, person) if state is None else state.person(person)
        now = asked.timestamp()
        open_then = state is not None and not state.disabled
        facts = await access.directory.camera(camera) if camera and access.directory is not None else None
        closed = open_then and now >= then.closes_at
        return RightsThen(
            person=person,
            at=asked,
            sequence=None if record is None else record.sequence,
            recorded_at="" if record is None else record.at,
            unit=then.unit,
            disabled=state is not None and state.disabled,
            closed_zh=then.closes_because[0] if closed else "",
            closed_en=then.closes_because[1] if closed else "",
            posts=posts(then, now),
            functions=functions(then, now) if open_then else [],
            decisions=_decisions(then, facts, now) if open_then and facts is not None else [],
        )

    return routes


def _decisions(person: Person, facts: CameraFacts, now: float) -> list[DecisionThen]:
    found = []
    for function in (Function.VIEW_LIVE, Function.CONTROL, Function.LISTEN, Function.VIEW_RECORDED, Function.EXPORT):
        said = decide(person, function, facts, now=now)
        no = said.error if isinstance(said, Refused) else None
        found.append(
            DecisionThen(
                function=function,
                allowed=no is None,
                rule="" if no is None else no.rule,
                zh="" if no is None else no.text_zh,
                en="" if no is None else no.text_en,
            )
        )
    return found


def _aware(at: datetime) -> datetime:
    """A time without a zone is UTC."""
    aware = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    try:
        return aware.astimezone(UTC)
    except OverflowError:  # the first or last day of all days, in a zone beyond it
        return aware.replace(tzinfo=UTC)


def _after(at: datetime) -> str:
    """As records write it, so that a record of that very microsecond counts."""
    return at.isoformat(timespec="microseconds").replace("+00:00", "") + "~"


def _time(at: float) -> datetime | None:
    """None for never."""
    return datetime.fromtimestamp(at, UTC) if -1e11 < at < 1e11 else None
