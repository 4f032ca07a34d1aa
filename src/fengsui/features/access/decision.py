"""The decision at the door: person × post × area × camera class × function × age of footage × ticket × time. Pure.

A person's appointments are compiled once; a decision is then a few look-ups, whatever the number of appointments. Areas are
prefixes of GB/T 2260 codes: an appointment for `5201` holds everything whose shown area begins so; the empty one holds everything.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from math import inf
from typing import NamedTuple, Protocol

from fengsui.features.access.posts import (
    CLASS_BIT,
    EVERY_CLASS,
    FUNCTION_TEXTS,
    OFFICES,
    OWNERS_CLASSES,
    PICTURES,
    POST_TEXTS,
    POSTS,
    RECORDED,
    CameraClass,
    Function,
    Post,
    mask_of,
    posts_with,
)
from fengsui.features.access.refusals import (
    AccountClosed,
    AppointmentNotInForce,
    BeyondDuty,
    ClassWithheld,
    FootageHeld,
    FootageTooOld,
    NoCentre,
    NoPolicy,
    NotAllowed,
    NotOnDuty,
    OfficeSeesNothing,
    OutOfScope,
    Refusal,
    TicketNeeded,
)
from fengsui.features.audit import NO_GROUND, Ground

DAY_S = 86_400.0
CLASS_TEXTS: Mapping[CameraClass, tuple[str, str]] = {
    CameraClass.GOVERNMENT: ("政府公共区域", "government, public space"),
    CameraClass.OPERATING_UNIT: ("经营管理单位公共区域", "operating unit, public space"),
    CameraClass.PRIVATE: ("社会自建", "private"),
    CameraClass.POLICE_INTERNAL: ("公安内部", "police, internal"),
    CameraClass.RESTRICTED: ("特殊场所", "restricted place"),
}


@dataclass(frozen=True, slots=True)
class Appointment:
    """One post of one person. Times: seconds since 1970; `classes`: bits of `posts.CLASS_BIT`."""

    post: Post
    area: str = ""
    classes: int = EVERY_CLASS
    since: float = -inf
    until: float = inf
    id: int = 0
    rank: str = ""
    """As `ranks.Rank` has it; empty: what the post is worth."""

    @classmethod
    def of(cls, post: Post, area: str = "", classes: Iterable[CameraClass] | None = None) -> Appointment:
        """Without an end; every class when none is named."""
        return cls(post, area, EVERY_CLASS if classes is None else mask_of(classes))


class CameraFacts(NamedTuple):
    """What the door must know of a camera. `area`: where it is shown, at most a county, by the code in force."""

    code: str
    area: str
    camera_class: CameraClass


class Place(NamedTuple):
    """Something that lies in an area and has no class: a device, a person, a unit. `name` as the refusal shall call it."""

    name: str
    area: str


class HeldFootage(NamedTuple):
    """What is held of footage older than the policy opens freely. `cases`: two persons hold all that is so old for each (rule A8).

    `there`: of what is beyond its time, the cases for which it is there (rule A52); None: nothing of it is. `before`: what is
    younger is not beyond it, as text.
    """

    cases: frozenset[str]
    there: frozenset[str] | None
    before: str


class Footage(NamedTuple):
    """The span of recorded footage that is asked for. Times: seconds since 1970. `ticket`: the one that is to open it, by its
    number; empty: any. `held`: the door's own word. `aged_at`: it counts as no older than it was then; None: as old as it is.
    """

    since: float
    until: float
    ticket: str = ""
    held: HeldFootage | None = None
    aged_at: float | None = None


class Ticket(Protocol):
    """A use ticket as the door sees one (rules A1, A2)."""

    @property
    def ground(self) -> Ground:
        """As records of what it opens name it."""
        ...

    def refusal(self, function: Function, what: CameraFacts, now: float, footage: Footage | None = None) -> Refusal | None:
        """Why the ticket does not open this, and of recordings this span; None when it does."""
        ...


class _Grant(NamedTuple):
    classes: int
    since: float
    until: float
    post: Post


_Areas = Mapping[str, tuple[_Grant, ...]]


def _compiled(appointments: Iterable[Appointment], withheld: frozenset[Function]) -> dict[Function, _Areas]:
    found: dict[Function, dict[str, tuple[_Grant, ...]]] = {}
    for one in appointments:
        grant = _Grant(one.classes, one.since, one.until, one.post)
        for function in POSTS[one.post] - withheld:
            areas = found.setdefault(function, {})
            areas[one.area] = (*areas.get(one.area, ()), grant)
    return dict(found)


def _meet(one: str, other: str) -> bool:
    """Whether two areas have anything in common: then the longer code is it."""
    return one.startswith(other) or other.startswith(one)


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks, with what they are appointed to. `closes_at`: when a prerequisite lapses (rule A9)."""

    user_id: int
    name: str
    appointments: tuple[Appointment, ...] = ()
    unit: str = ""
    area: str = ""
    closes_at: float = inf
    closes_because: tuple[str, str] = ("", "")
    withheld: frozenset[Function] = frozenset()
    """Functions that a program's token leaves out."""
    within: str = ""
    """The area beyond which a program's token opens nothing."""
    personnel_number: str = ""
    """Of the human being; accounts with one number are one person where two are asked for."""
    given_by: int = 0
    """The user who made this account or last reset its password or second factor; 0 for the node."""
    grants: Mapping[Function, _Areas] = field(init=False, repr=False, compare=False)
    duty: _Areas = field(init=False, repr=False, compare=False)
    """Where the person may take duty, whatever a token leaves out."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "grants", _compiled(self.appointments, self.withheld))
        held = [one for one in self.appointments if Function.TAKE_DUTY in POSTS[one.post]]
        object.__setattr__(self, "duty", _compiled(held, frozenset(Function) - {Function.TAKE_DUTY}).get(Function.TAKE_DUTY, {}))

    def posts(self, now: float) -> list[Post]:
        """Posts in force, each once."""
        return sorted({one.post for one in self.appointments if one.since <= now < one.until}, key=list(Post).index)

    def functions(self, now: float) -> list[Function]:
        """Functions that some appointment in force gives."""
        if now >= self.closes_at:
            return []
        return [one for one in Function if any(_in_force(grants, now) for grants in self.grants.get(one, {}).values())]

    def restricted_to(self, functions: Iterable[Function], area: str = "") -> Person:
        """With these functions alone, and of what the appointments hold only what lies in `area`."""
        return self.bounded(frozenset(Function) - frozenset(functions), area)

    def bounded(self, withheld: frozenset[Function], within: str) -> Person:
        """As a token leaves it: without these functions, and nothing beyond `within`."""
        narrowed = (replace(one, area=max(one.area, within, key=len)) for one in self.appointments if _meet(one.area, within))
        return replace(self, appointments=tuple(narrowed), withheld=withheld, within=within)


@dataclass(frozen=True, slots=True)
class Allowed:
    """Go on. `ground`: what opened the door, or names the camera at least; empty where a post alone opens."""

    ground: Ground = NO_GROUND


@dataclass(frozen=True, slots=True)
class Refused:
    """No: which rule, and as an error the sentence and the lawful way."""

    error: Refusal

    @property
    def rule(self) -> str:
        """The rule's number, such as `A7`."""
        return self.error.rule


Decision = Allowed | Refused
ALLOWED = Allowed()
_LENGTHS = (0, 2, 4, 6, 8)
_LIVE = frozenset((Function.VIEW_LIVE, Function.LISTEN, Function.CONTROL))


def decide(
    person: Person,
    function: Function,
    what: CameraFacts | Place | None = None,
    *,
    now: float,
    footage: Footage | None = None,
    age_limit_s: float | None = None,
    ticket: Ticket | None = None,
    on_duty: bool | None = None,
    shift: Ground = NO_GROUND,
    no_centre: bool = False,
) -> Decision:
    """The one decision. `what` None: the function as such, anywhere. `age_limit_s` None: no policy pack is loaded.

    `on_duty` None: duty is not kept on this node; `shift`: the duty ticket that answers there;
    `no_centre`: nobody can be on duty there.
    `footage`: of recorded functions, what is asked for; None: any at all.
    """
    if now >= person.closes_at:
        why_zh, why_en = person.closes_because
        return Refused(AccountClosed(why_zh=why_zh, why_en=why_en))
    areas = person.grants.get(function)
    if areas is None or not _granted(areas, what, now):
        return Refused(_why(person, function, what, now))
    if function in RECORDED:
        return _recorded(function, what, now, footage, age_limit_s, ticket)
    if function not in _LIVE or (on_duty is None and ticket is None):
        return ALLOWED
    if on_duty and _on_duty_for(person, what, now):
        return Allowed(shift) if isinstance(what, CameraFacts) else ALLOWED
    freely = on_duty is None or _is_owners_own(areas, what, now)
    if ticket is None or isinstance(what, Place):
        return ALLOWED if freely else Refused(_no_duty(function, what, on_duty=bool(on_duty), no_centre=no_centre))
    by_ticket = _by_ticket(ticket, function, what, now)
    return ALLOWED if freely and isinstance(by_ticket, Refused) else by_ticket


def _by_ticket(
    ticket: Ticket, function: Function, what: CameraFacts | None, now: float, footage: Footage | None = None
) -> Decision:
    """What a ticket refuses is recorded under it too."""
    if what is None:
        return ALLOWED
    beyond = ticket.refusal(function, what, now, footage)
    if beyond is None:
        return Allowed(ticket.ground)
    beyond.ground = ticket.ground
    return Refused(beyond)


def _granted(areas: _Areas, what: CameraFacts | Place | None, now: float) -> bool:
    if what is None:
        return any(_in_force(grants, now) for grants in areas.values())
    area = what.area
    bit = CLASS_BIT[what.camera_class] if isinstance(what, CameraFacts) else EVERY_CLASS
    for length in _LENGTHS:
        if length > len(area):
            return False
        for classes, since, until, _ in areas.get(area[:length], ()):
            if classes & bit and since <= now < until:
                return True
    return False


def _is_owners_own(areas: _Areas, what: CameraFacts | Place | None, now: float) -> bool:
    """Whether a partner owner looks at what is theirs: the public room's duty is not about it (Order 799 articles 16, 20)."""
    if isinstance(what, CameraFacts) and what.camera_class not in OWNERS_CLASSES:
        return False
    theirs = {area: tuple(one for one in grants if one.post is Post.PARTNER_OWNER) for area, grants in areas.items()}
    return _granted(theirs, what, now)


def _on_duty_for(person: Person, what: CameraFacts | Place | None, now: float) -> bool:
    """A shift answers for what the post that takes it holds: its area and its classes of cameras."""
    return what is None or _granted(person.duty, what, now)


def _no_duty(function: Function, what: CameraFacts | Place | None, *, on_duty: bool, no_centre: bool) -> Refusal:
    if no_centre and what is not None:
        return NoCentre(area=what.area or "*", **_words(function))
    if not on_duty or not isinstance(what, CameraFacts):
        return NotOnDuty(**_words(function))
    zh, en = CLASS_TEXTS[what.camera_class]
    return BeyondDuty(class_zh=zh, class_en=en, **_words(function))


def classes_of_function(person: Person, function: Function, area: str, *, now: float) -> int:
    """The classes of cameras for which some appointment gives the function in all of `area`, as bits."""
    found = 0
    for prefix, grants in person.grants.get(function, {}).items():
        if area.startswith(prefix):
            for one in grants:
                found |= one.classes if one.since <= now < one.until else 0
    return found


def _in_force(grants: Iterable[_Grant], now: float) -> bool:
    return any(grant.since <= now < grant.until for grant in grants)


def _recorded(
    function: Function,
    what: CameraFacts | Place | None,
    now: float,
    footage: Footage | None,
    age_limit_s: float | None,
    ticket: Ticket | None,
) -> Decision:
    if age_limit_s is None:
        return Refused(NoPolicy())
    if ticket is None or isinstance(what, Place):
        return Refused(TicketNeeded(**_words(function)))
    by_ticket = _by_ticket(ticket, function, what, now, footage)
    if isinstance(by_ticket, Refused) or footage is None:
        return by_ticket
    held, case = footage.held, ticket.ground.case
    # Two persons have held it for this case, the second of the rank that the policy names: that is the higher approver (A8).
    if held is not None and case in held.cases:
        return by_ticket
    beyond: Refusal
    if held is not None and held.there is not None and case not in held.there:
        beyond = FootageHeld(before=held.before)
    elif (now if footage.aged_at is None else footage.aged_at) - footage.since > age_limit_s:
        beyond = FootageTooOld(days=int(age_limit_s // DAY_S))
    else:
        return by_ticket
    beyond.ground = ticket.ground
    return Refused(beyond)


@cache
def _words(function: Function) -> Mapping[str, object]:
    zh, en = FUNCTION_TEXTS[function]
    posts = [POST_TEXTS[post] for post in posts_with(function)]
    return {
        "function": function.value,
        "function_zh": zh,
        "function_en": en,
        "posts_zh": "、".join(one[0] for one in posts),
        "posts_en": ", ".join(one[1] for one in posts),
    }


def _why(person: Person, function: Function, what: CameraFacts | Place | None, now: float) -> Refusal:
    words = _words(function)
    areas = person.grants.get(function)
    if areas is None:
        held = [one.post for one in person.appointments if one.post in OFFICES and one.since <= now < one.until]
        others = (POSTS[post] for post in OFFICES)
        if (
            held
            and (function in PICTURES or any(function in functions for functions in others))
            and function not in person.withheld
        ):
            zh, en = POST_TEXTS[held[0]]
            return OfficeSeesNothing(post_zh=zh, post_en=en, **words)
        return NotAllowed(**words)
    here = list(_holding(areas, what))
    if what is not None and not here:
        return OutOfScope(what=what.code if isinstance(what, CameraFacts) else what.name, **words)
    fitting = [one for one in here if not isinstance(what, CameraFacts) or one.classes & CLASS_BIT[what.camera_class]]
    if not fitting and isinstance(what, CameraFacts):
        zh, en = CLASS_TEXTS[what.camera_class]
        return ClassWithheld(class_zh=zh, class_en=en, **words)
    zh, en = POST_TEXTS[fitting[0].post]
    return AppointmentNotInForce(post_zh=zh, post_en=en, **words)


def out_of_scope(what: str, function: Function) -> OutOfScope:
    """The refusal for something that lies outside; `what` as the sentence shall call it."""
    return OutOfScope(what=what, **_words(function))


def _holding(areas: _Areas, what: CameraFacts | Place | None) -> Iterator[_Grant]:
    if what is None:
        for grants in areas.values():
            yield from grants
        return
    for length in _LENGTHS:
        if length <= len(what.area):
            yield from areas.get(what.area[:length], ())


class Scope(NamedTuple):
    """Where a function may be used, for lists: area prefixes with the classes allowed below each. Empty: nowhere."""

    areas: tuple[tuple[str, int], ...]
    passed: tuple[tuple[int, int], ...] = ()
    """Beside the areas, what was passed on to these duty centres, of these classes: for alarms alone (see `desk_scopes`)."""

    @property
    def everything(self) -> bool:
        """No camera is left out."""
        return ("", EVERY_CLASS) in self.areas

    def holds(self, area: str, camera_class: CameraClass | None = None) -> bool:
        """Whether something in `area` (of that class) is inside."""
        bit = EVERY_CLASS if camera_class is None else CLASS_BIT[camera_class]
        return any(area.startswith(prefix) and classes & bit for prefix, classes in self.areas)

    def touches(self, area: str) -> bool:
        """Whether anything in or below `area`, or above it, is inside: a list of that area is worth asking for."""
        return any(area.startswith(prefix) or prefix.startswith(area) for prefix, _ in self.areas)

    def classes_at(self, area: str) -> int:
        """The classes of cameras that it holds in all of `area`, as bits."""
        found = 0
        for prefix, classes in self.areas:
            found |= classes if area.startswith(prefix) else 0
        return found

    def holds_passed(self, centres: Collection[int], camera_class: CameraClass | None = None) -> bool:
        """Whether something of that class that was passed on to these centres is inside."""
        bit = EVERY_CLASS if camera_class is None else CLASS_BIT[camera_class]
        return any(centre in centres and classes & bit for centre, classes in self.passed)


EVERYWHERE = Scope((("", EVERY_CLASS),))


def scope_of(person: Person, function: Function, *, now: float) -> Scope:
    """Every area where the function is in force; what a wider area holds already is left out."""
    if now >= person.closes_at:
        return Scope(())
    sums: dict[str, int] = {}
    for prefix, grants in person.grants.get(function, {}).items():
        mask = 0
        for grant in grants:
            if grant.since <= now < grant.until:
                mask |= grant.classes
        if mask:
            sums[prefix] = mask
    kept: dict[str, int] = {}
    for prefix in sorted(sums, key=len):
        above = 0
        for length in range(0, len(prefix), 2):
            above |= kept.get(prefix[:length], 0)
        if sums[prefix] & ~above:
            kept[prefix] = sums[prefix] | above
    return Scope(tuple(sorted(kept.items())))
