"""A rule about alarms: when it meets one, and what is done then; and what is refused about it. Pure. Times: seconds since 1970."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import Final, Literal

import msgspec

from fengsui.errors import OperatorFault
from fengsui.features.alarms import Alarm
from fengsui.features.incidents import IncidentKind

MOST_RULES: Final = 500
"""Of one node."""
MOST_SAID: Final = 300


class Window(msgspec.Struct, frozen=True, rename={"since": "from", "until": "to"}):
    """A time of day on some days of the week, in the node's zone. `days`: 1 is Monday; `since`, `until`: HH:MM. Where it ends no
    later than it begins, it ends on the day after."""

    days: tuple[int, ...]
    since: str
    until: str

    def holds(self, at: datetime) -> bool:
        """`at`: in the node's zone."""
        now, since, until = at.hour * 60 + at.minute, _minutes(self.since), _minutes(self.until)
        if since < until:
            return at.isoweekday() in self.days and since <= now < until
        if now >= since:
            return at.isoweekday() in self.days
        return now < until and (at - timedelta(days=1)).isoweekday() in self.days


def _minutes(clock: str) -> int:
    hours, _, minutes = clock.partition(":")
    return int(hours) * 60 + int(minutes)


class Repeats(msgspec.Struct, frozen=True):
    """So many of one source within so many seconds, the one that is looked at among them."""

    count: int
    within_s: int


class When(msgspec.Struct, frozen=True):
    """Which alarms a rule meets: all that is named must hold, of a list any one; an empty list leaves it open."""

    change: Literal["new", "restored", "standing"] = "new"
    protocols: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    methods: tuple[int, ...] = ()
    types: tuple[str, ...] = ()
    priorities: tuple[int, ...] = ()
    areas: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    points: tuple[int, ...] = ()
    accounts: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    windows: tuple[Window, ...] = ()
    repeats: Repeats | None = None
    armed: Literal["armed", "disarmed"] | None = None
    """As the host told last, else as it is to be; None: however it is."""

    def meets(self, alarm: Alarm, zone: tzinfo) -> bool:
        """But for the repeats and the armed state, which one alarm alone does not tell."""
        named = (
            (self.protocols, alarm.protocol),
            (self.categories, alarm.category),
            (self.codes, alarm.code),
            (self.methods, alarm.method),
            (self.types, alarm.alarm_type),
            (self.priorities, alarm.priority),
            (self.sites, alarm.site),
            (self.points, alarm.point_id),
            (self.accounts, alarm.account),
            (self.devices, alarm.device),
        )
        if alarm.change != self.change or any(wanted and value not in wanted for wanted, value in named):
            return False
        if self.areas and not alarm.area.startswith(self.areas):
            return False
        at = datetime.fromtimestamp(alarm.first_at, zone)
        return not self.windows or any(one.holds(at) for one in self.windows)


class RaisePriority(msgspec.Struct, frozen=True, tag_field="do", tag="raise"):
    """To this one, where it is less urgent."""

    to: int


class Protect(msgspec.Struct, frozen=True, tag_field="do", tag="protect"):
    """The recording of the alarm's camera and of these, from before it until after it, for some days."""

    before_s: int = 60
    after_s: int = 300
    days: int = 30
    cameras: tuple[str, ...] = ()


class OpenIncident(msgspec.Struct, frozen=True, tag_field="do", tag="incident"):
    """It waits for a person. `priority` None: the alarm's."""

    type: IncidentKind
    priority: int | None = None
    text: str = ""


class Shown(msgspec.Struct, frozen=True):
    """A camera, and the preset that it is to stand at; None: as it stands."""

    camera: str
    preset: int | None = None


class ShowCameras(msgspec.Struct, frozen=True, tag_field="do", tag="show"):
    """With the alarm, in this order."""

    cameras: tuple[Shown, ...]


class StartProcedure(msgspec.Struct, frozen=True, tag_field="do", tag="procedure"):
    """For the alarm; its steps wait for whoever takes that. `procedure`: its number."""

    procedure: int


class ForwardAlarm(msgspec.Struct, frozen=True, tag_field="do", tag="forward"):
    """To another system. `link`: the number of the link to it."""

    link: int


class NotifyPeople(msgspec.Struct, frozen=True, tag_field="do", tag="notify"):
    """Whoever holds one of these posts where the alarm is, and with `units` whoever is in a unit on duty there.

    `text`: what else they are to know.
    """

    posts: tuple[str, ...] = ()
    units: bool = False
    text: str = ""


class SwitchOutput(msgspec.Struct, frozen=True, tag_field="do", tag="output"):
    """On for so many seconds, then off. `output`: the number of the output."""

    output: int
    seconds: int = 10


Action = RaisePriority | Protect | OpenIncident | ShowCameras | StartProcedure | ForwardAlarm | NotifyPeople | SwitchOutput


def do_of(action: Action) -> str:
    """Its name; no rule has two of one."""
    return str(action.__struct_config__.tag)


class Definition(msgspec.Struct, frozen=True):
    """What a rule says."""

    when: When
    then: tuple[Action, ...]

    @property
    def cameras(self) -> list[str]:
        """Codes of all that it names."""
        found = set[str]()
        for one in self.then:
            if isinstance(one, Protect):
                found.update(one.cameras)
            elif isinstance(one, ShowCameras):
                found.update(shown.camera for shown in one.cameras)
        return sorted(found)

    @property
    def procedure(self) -> int | None:
        """The number of the one that it starts."""
        return next((one.procedure for one in self.then if isinstance(one, StartProcedure)), None)

    @property
    def link(self) -> int | None:
        """The number of the one over which it forwards."""
        return next((one.link for one in self.then if isinstance(one, ForwardAlarm)), None)

    @property
    def output(self) -> int | None:
        """The number of the one that it switches on."""
        return next((one.output for one in self.then if isinstance(one, SwitchOutput)), None)


@dataclass(frozen=True, slots=True)
class Rule:
    """As it stands. It holds for alarms of its area and what lies within. `position`: lower ones have their turn first."""

    id: int
    name: str
    area: str
    is_on: bool
    position: int
    definition: Definition
    version: int = 1
    changed_at: float = 0.0
    changed_by: str = ""

    @property
    def by(self) -> str:
        """As it stands wherever it acts, in both languages: what is shown there is kept as text."""
        return f"规则 / rule “{self.name}” v{self.version}"

    @property
    def said(self) -> str:
        """For the record: its digest is of all that it says."""
        text = msgspec.json.encode(self.definition)
        digest = hashlib.sha256(text).hexdigest()
        state = "on" if self.is_on else "off"
        does = ", ".join(do_of(one) for one in self.definition.then)
        return f"{self.name[:MOST_SAID]}; version {self.version}; {state}; {does}; sha256 {digest}"

    def meets(self, alarm: Alarm, zone: tzinfo) -> bool:
        """But for the repeats and the armed state."""
        return self.is_on and alarm.area.startswith(self.area) and self.definition.when.meets(alarm, zone)

    def changed(self, draft: Rule, at: float, by: str) -> Rule:
        """The next version, which says what the draft does."""
        return replace(draft, id=self.id, version=self.version + 1, changed_at=at, changed_by=by)


class UnknownRule(OperatorFault):
    """No such rule, or none that one may see."""

    code = "alarm_rule.unknown"
    status = 404
    zh = "没有这条联动规则"
    en = "There is no such rule"
    remedy_zh = "请刷新列表"
    remedy_en = "Load the list again"


class RuleChanged(OperatorFault):
    """Somebody was first."""

    code = "alarm_rule.changed"
    status = 409
    zh = "联动规则“{name}”刚被他人更改"
    en = "Somebody has just changed the rule “{name}”"
    remedy_zh = "请刷新后再修改"
    remedy_en = "Load it again, then change it"


class RuleNameTaken(OperatorFault):
    """A rule is told apart by its name wherever it acts."""

    code = "alarm_rule.name_taken"
    status = 409
    zh = "已有名为“{name}”的联动规则"
    en = "There is a rule “{name}” already"
    remedy_zh = "请换一个名称"
    remedy_en = "Choose another name"


class UnusableRule(OperatorFault):
    """No such rule can be kept."""

    code = "alarm_rule.unusable"
    status = 422
    zh = "联动规则无效:{why_zh}"
    en = "The rule cannot be kept: {why_en}"
    remedy_zh = "请按提示修改"
    remedy_en = "Change what is said"
