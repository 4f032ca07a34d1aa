"""What a person could do and see at a time: read from the audit log alone, for the audit office (rule A32)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Query
from pydantic import BaseModel

from fengsui.features.access.actions import Access
from fengsui.features.access.decision import Allowed, CameraFacts, Decision, Person, Refused, decide, scope_of
from fengsui.features.access.log_readers import whole_log
from fengsui.features.access.model import Principal
from fengsui.features.access.ports import PolicyThen
from fengsui.features.access.posts import CameraClass, Function, Post, classes_of
from fengsui.features.access.rights_log import read_state
from fengsui.features.access.standing_then import ShiftThen, StandingState, TicketThen
from fengsui.features.audit import ABSENT, NO_GROUND, Act, Audit, AuditRecord, Ground, Wanted, carried_from
from fengsui.late_routes import LateRoutes

MOST_CENTRES = 10_000
Auditor = Annotated[Principal, Depends(whole_log)]


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


class ShiftOpen(BaseModel):
    """The duty ticket under which live pictures of the centre's area were open."""

    ticket: str
    area: str
    area_name: str
    until: datetime


class TicketOpen(BaseModel):
    """A use ticket in force. `left_out`: so many cameras more than are named here."""

    ticket: str
    case: str
    purpose: str
    legal_basis: str
    opens: list[str]
    cameras: list[str]
    left_out: int
    area: str
    area_name: str
    expires_at: datetime


class LiftOpen(BaseModel):
    """Masks of a camera were lifted for the person."""

    camera: str
    ticket: str
    until: datetime


class DecisionThen(BaseModel):
    """How the door would have decided about the camera; where it lies and its class are those of today.

    `under`: the ticket that would have opened it, empty where the post alone did.
    """

    function: Function
    allowed: bool
    under: str
    rule: str
    zh: str
    en: str


class RightsThen(BaseModel):
    """`sequence` null: the log says nothing about this person before that time. `recorded_at`: of the record that says it."""

    person: str
    at: datetime
    sequence: int | None
    recorded_at: str
    readable: bool
    """Whether that record can be read; where it cannot, what follows says nothing."""
    unit: str
    disabled: bool
    closed_zh: str
    closed_en: str
    posts: list[PostThen]
    functions: list[FunctionThen]
    duty_kept: bool
    """Live pictures needed a shift or a ticket then."""
    shift: ShiftOpen | None
    tickets: list[TicketOpen]
    lifts: list[LiftOpen]
    policy: str
    """Name and version of the policy pack in force then; empty: none, and recorded functions were closed."""
    decisions: list[DecisionThen]


def router(access: Access, audit: Audit, name_of: Callable[[str], str], policies: PolicyThen) -> LateRoutes:
    """The route. `name_of`: an area's name by its code."""
    routes = LateRoutes(prefix="/audit/rights", tags=["audit"])

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

    def shift(one: ShiftThen) -> ShiftOpen:
        return ShiftOpen(ticket=one.number, area=one.area, area_name=named(one.area), until=moment(one.until))

    def ticket(one: TicketThen) -> TicketOpen:
        return TicketOpen(
            ticket=one.number,
            case=one.case,
            purpose=one.purpose,
            legal_basis=one.legal_basis,
            opens=list(one.opens),
            cameras=list(one.cameras),
            left_out=one.left_out,
            area=one.area,
            area_name=named(one.area),
            expires_at=moment(one.expires_at),
        )

    def functions(person: Person, now: float) -> list[FunctionThen]:
        found = []
        for function in person.functions(now):
            scope = scope_of(person, function, now=now)
            areas = [AreaThen(area=area, area_name=named(area), classes=classes_of(mask)) for area, mask in scope.areas]
            found.append(FunctionThen(function=function, areas=areas))
        return found

    async def newest(wanted: Wanted) -> AuditRecord | None:
        found = [one.record for one in await audit.index.page(wanted, 0, 2) if one.intact and one.record is not None]
        copied = carried_from(found[0]) if found else 0  # of a record that was removed for its age
        return found[1] if copied and found[1:] and found[1].sequence > copied else found[0] if found else None

    async def duty_kept(until: str, area: str | None) -> tuple[bool, bool]:
        """By the records of centres that were set up and given up: for an area that holds this one (None: any), and any at all."""
        centres: Counter[str] = Counter()
        for act, step in ((Act.DUTY_CENTRE_ADD, 1), (Act.DUTY_CENTRE_REMOVE, -1)):
            for one in await audit.index.page(Wanted(act=act, result="allowed", until=until), 0, MOST_CENTRES):
                if one.record is not None:
                    centres["" if one.record.range == ABSENT else one.record.range] += step
        left = [known for known, count in centres.items() if count > 0]
        return any(area is None or area.startswith(known) for known in left), bool(left)

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
        record = await newest(Wanted(object=person, act=Act.RIGHTS_STATE, until=until))
        last = await newest(Wanted(until=until))
        policy = "" if last is None or last.policy == ABSENT else last.policy
        state = read_state(record.detail) if record is not None else None
        then = Person(0, person) if state is None else state.person(person)
        now = asked.timestamp()
        open_then = state is not None and not state.disabled
        facts = await access.directory.camera(camera) if camera and access.directory is not None else None
        closed = open_then and now >= then.closes_at
        standing = StandingState() if state is None or not open_then else state.standing.at(now)
        standing = standing.by_purposes(await policies.purposes_then(policy)) if standing.tickets else standing
        kept, any_centre = await duty_kept(until, None if facts is None else facts.area)
        asked_about = None
        if facts is not None:
            no_centre = not kept and not await policies.opens_without_centre_then(policy, any_centre=any_centre)
            limits = await policies.age_limit_then(policy)
            asked_about = Asked(then, facts, now, standing, kept, no_centre, limits)
        return RightsThen(
            person=person,
            at=asked,
            sequence=None if record is None else record.sequence,
            recorded_at="" if record is None else record.at,
            readable=record is None or state is not None,
            unit=then.unit,
            disabled=state is not None and state.disabled,
            closed_zh=then.closes_because[0] if closed else standing.closed_zh,
            closed_en=then.closes_because[1] if closed else standing.closed_en,
            posts=posts(then, now),
            functions=functions(then, now) if open_then else [],
            duty_kept=kept,
            shift=None if standing.shift is None else shift(standing.shift),
            tickets=[ticket(one) for one in standing.tickets],
            lifts=[LiftOpen(camera=one.camera, ticket=one.ticket, until=moment(one.until)) for one in standing.lifts],
            policy=policy,
            decisions=_decisions(asked_about) if open_then and asked_about is not None else [],
        )

    return routes


@dataclass(frozen=True, slots=True)
class Asked:
    """Everything that the door's decision rested on then."""

    person: Person
    facts: CameraFacts
    now: float
    standing: StandingState
    duty_kept: bool
    no_centre: bool
    limits: dict[Function, float | None]

    def decide(self, function: Function) -> Decision:
        """As the door would have."""
        standing, facts = self.standing, self.facts
        shift = standing.shift if standing.shift is not None and facts.area.startswith(standing.shift.area) else None
        ground = NO_GROUND if shift is None else Ground(shift.number)
        on_duty = shift is not None and not standing.closed_zh if self.duty_kept or self.no_centre or standing.closed_zh else None
        held = None if standing.closed_zh else standing.ticket_for(function, facts, self.now)
        limit = self.limits.get(function)
        return decide(
            self.person,
            function,
            facts,
            now=self.now,
            age_limit_s=limit,
            ticket=held,
            on_duty=on_duty,
            shift=ground,
            no_centre=self.no_centre,
        )


def moment(at: float) -> datetime:
    """UTC."""
    return datetime.fromtimestamp(at, UTC)


def _decisions(asked: Asked) -> list[DecisionThen]:
    found = []
    for function in (Function.VIEW_LIVE, Function.CONTROL, Function.LISTEN, Function.VIEW_RECORDED, Function.EXPORT):
        said = asked.decide(function)
        no = said.error if isinstance(said, Refused) else None
        found.append(
            DecisionThen(
                function=function,
                allowed=no is None,
                under=said.ground.ticket if isinstance(said, Allowed) else "",
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
