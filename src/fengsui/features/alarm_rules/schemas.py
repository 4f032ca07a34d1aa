"""Shapes of rules."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from fengsui.features.alarm_rules.model import Definition
from fengsui.features.alarms import AlarmShape, NodeCategory, SceneCategory
from fengsui.features.incidents import IncidentKind
from fengsui.wire.dc09.codes import Category

_PLAIN = r"^[^\x00-\x1f\x7f]*$"
AreaCode = Annotated[str, Field(max_length=6, pattern=r"^([0-9]{2}){0,3}$")]
SubArea = Annotated[str, Field(pattern=r"^([0-9]{2}){1,3}$")]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64, pattern=_PLAIN)]
Site = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=128, pattern=_PLAIN)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500, pattern=_PLAIN)]
CameraCode = Annotated[str, Field(pattern=r"^[0-9]{20}$")]
Number = Annotated[int, Field(ge=1, le=2**31 - 1)]
Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
NoticePost = Literal["operator", "duty-supervisor", "commander", "inspector"]
"""Those who may look at alarms where they are appointed."""
Day = Annotated[int, Field(ge=1, le=7)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class RuleWindow(_Strict):
    """A time of day on some days of the week (1: Monday), in the node's zone. Where it ends no later than it begins, it ends on the
    day after."""

    days: Annotated[list[Day], Field(min_length=1, max_length=7)]
    since: Annotated[Clock, Field(alias="from")]
    until: Annotated[Clock, Field(alias="to")]


class RuleRepeats(_Strict):
    """So many of one source within so many seconds."""

    count: Annotated[int, Field(ge=2, le=100)]
    within_s: Annotated[int, Field(ge=1, le=3600)]


class RuleWhen(_Strict):
    """Which alarms a rule meets: all that is named must hold, of a list any one; an empty list leaves it open.

    `change`: what the alarm tells; `methods`, `types`: of GB/T 28181 (A.2.5.3); `codes`: of SIA or Contact ID; `areas`: within the
    rule's own; `points`: their numbers; `accounts`: of alarm hosts, or names of sources; `armed`: as the
    host told last by its openings and closings, else as the point is to be armed; where neither is known it is not met.
    """

    change: Literal["new", "restored", "standing"] = "new"
    protocols: Annotated[list[Literal["dc09", "gb28181", "https", "cap", "phone", "panic"]], Field(max_length=6)] = []
    categories: Annotated[list[Category | SceneCategory | NodeCategory], Field(max_length=25)] = []
    codes: Annotated[list[Annotated[str, Field(pattern=r"^[0-9A-Z]{2,4}$")]], Field(max_length=50)] = []
    methods: Annotated[list[Annotated[int, Field(ge=1, le=7)]], Field(max_length=7)] = []
    types: Annotated[list[Annotated[str, Field(pattern=r"^[0-9A-Za-z]{1,16}$")]], Field(max_length=50)] = []
    priorities: Annotated[list[Annotated[int, Field(ge=1, le=4)]], Field(max_length=4)] = []
    areas: Annotated[list[SubArea], Field(max_length=100)] = []
    sites: Annotated[list[Site], Field(max_length=100)] = []
    points: Annotated[list[Number], Field(max_length=500)] = []
    accounts: Annotated[list[Annotated[str, Field(pattern=r"^([0-9A-F]{3,16}|[a-z][a-z0-9-]{1,15})$")]], Field(max_length=500)] = []
    devices: Annotated[list[CameraCode], Field(max_length=500)] = []
    windows: Annotated[list[RuleWindow], Field(max_length=20)] = []
    repeats: RuleRepeats | None = None
    armed: Literal["armed", "disarmed"] | None = None


class RaisePriorityAction(_Strict):
    """Make it this urgent, where it is less."""

    do: Literal["raise"]
    to: Annotated[int, Field(ge=1, le=3)]


class ProtectAction(_Strict):
    """Keep the recording of the alarm's camera and of these from being removed for lack of room, for some days, and no longer than
    the policy lets footage be kept at all."""

    do: Literal["protect"]
    before_s: Annotated[int, Field(ge=0, le=600)] = 60
    after_s: Annotated[int, Field(ge=0, le=3600)] = 300
    days: Annotated[int, Field(ge=1, le=90)] = 30
    cameras: Annotated[list[CameraCode], Field(max_length=16)] = []


class IncidentAction(_Strict):
    """Open an incident, which waits for a person. `priority` null: the alarm's."""

    do: Literal["incident"]
    type: IncidentKind
    priority: Annotated[int, Field(ge=1, le=4)] | None = None
    text: Words = ""


class ShownCamera(_Strict):
    """A camera with the alarm. `preset` null: as it stands."""

    camera: CameraCode
    preset: Annotated[int, Field(ge=1, le=255)] | None = None


class ShowAction(_Strict):
    """Show these cameras with the alarm, in this order."""

    do: Literal["show"]
    cameras: Annotated[list[ShownCamera], Field(min_length=1, max_length=16)]


class ProcedureAction(_Strict):
    """Start this procedure for the alarm, where none of it is under way; its steps wait for whoever takes the alarm. It is on and
    holds in the whole area of the rule."""

    do: Literal["procedure"]
    procedure: Number


class ForwardAction(_Strict):
    """Forward the alarm over this link, once, however urgent it is; the link carries alarms, is on and lies over the whole area of
    the rule."""

    do: Literal["forward"]
    link: Number


class NotifyAction(_Strict):
    """Tell whoever holds one of these posts where the alarm is, for its class of camera, and with `units` whoever is in a unit on
    duty there: it stands in their console or on their phone until each has acknowledged it. `text`: what else they are to know.
    """

    do: Literal["notify"]
    posts: Annotated[list[NoticePost], Field(max_length=4)] = []
    units: bool = False
    text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=_PLAIN)] = ""

    @model_validator(mode="after")
    def _somebody_once(self) -> NotifyAction:
        if not self.posts and not self.units:
            raise ValueError("somebody is to be told")
        if len(set(self.posts)) < len(self.posts):
            raise ValueError("a post is named once")
        return self


class OutputAction(_Strict):
    """Switch this output on for so many seconds, then off, once for an alarm; it lies within the area of the rule."""

    do: Literal["output"]
    output: Number
    seconds: Annotated[int, Field(ge=1, le=600)] = 10


RuleAction = Annotated[
    RaisePriorityAction
    | ProtectAction
    | IncidentAction
    | ShowAction
    | ProcedureAction
    | ForwardAction
    | NotifyAction
    | OutputAction,
    Field(discriminator="do"),
]


class AlarmRuleOrder(_Strict):
    """A rule as somebody writes it. `area`: whose alarms it is about; empty: the node's own. `position`: lower ones first."""

    name: Name
    area: AreaCode = ""
    on: bool = True
    position: Annotated[int, Field(ge=0, le=9999)] = 100
    when: RuleWhen = RuleWhen()
    then: Annotated[list[RuleAction], Field(min_length=1, max_length=8)]

    @model_validator(mode="after")
    def _each_once(self) -> AlarmRuleOrder:
        if len({one.do for one in self.then}) < len(self.then):
            raise ValueError("an action is named once")
        return self

    @property
    def definition(self) -> Definition:
        """As the rule keeps it."""
        told = {
            "when": self.when.model_dump(mode="json", by_alias=True),
            "then": [one.model_dump(mode="json") for one in self.then],
        }
        return msgspec.convert(told, Definition)


class AlarmRuleChange(AlarmRuleOrder):
    """`version`: as whoever asks has seen it; when it is another by now, nothing is changed."""

    version: Annotated[int, Field(ge=1, le=2**31 - 1)]


class AlarmRuleShape(BaseModel):
    """A rule. `when`, `then`: as they were written, without cameras that one does not see. `failures`: of this version."""

    id: int
    name: str
    area: str
    area_name: str
    on: bool
    position: int
    version: int
    changed_at: datetime
    changed_by: str
    when: RuleWhen
    then: list[RuleAction]
    hidden_cameras: int
    failures: int = 0
    last_error: str | None = None
    failed_at: datetime | None = None


class AlarmRuleList(BaseModel):
    """In the order in which they have their turn."""

    items: list[AlarmRuleShape]


class AlarmRuleLink(BaseModel):
    """A link over which a rule may forward alarms of this area and what lies within."""

    id: int
    title: str
    area: str
    area_name: str


class AlarmRuleLinkList(BaseModel):
    """By title."""

    items: list[AlarmRuleLink]


class AlarmRuleVersion(BaseModel):
    """A rule as it was. `removed`: by this act."""

    rule: AlarmRuleShape
    removed: bool


class AlarmRuleVersionList(BaseModel):
    """The newest first."""

    items: list[AlarmRuleVersion]


class AlarmRuleTrial(_Strict):
    """A rule as it would be, and when: within the last seven days. `to` null: until now."""

    rule: AlarmRuleOrder
    since: Annotated[AwareDatetime, Field(alias="from")]
    until: Annotated[AwareDatetime | None, Field(alias="to")] = None


class RuleSaid(BaseModel):
    """What a rule does, in both languages."""

    zh: str
    en: str


class TriedAlarm(BaseModel):
    """An alarm that the rule would have met. `would`: what it would have done; empty: nothing, or that was done for the one that it
    counts with."""

    alarm: AlarmShape
    would: list[RuleSaid]


class AlarmRuleTried(BaseModel):
    """`looked`, `met`: how many alarms; `items`: the first hundred that it met. `upto`: it took too long, and was given up at an
    alarm of that time; null: all were looked at."""

    looked: int
    met: int
    items: list[TriedAlarm]
    upto: datetime | None


class AlarmCamera(BaseModel):
    """A camera that a rule shows with an alarm. `preset` null: as it stands. `version` 0: no rule does; `rule` is then the alarm's
    point, at which it looks, or who reported the alarm.
    """

    camera: str
    preset: int | None
    rule: str
    version: int


class AlarmCameraList(BaseModel):
    """Those that look at the alarm's point in their order, then those of rules as they were named; only what one sees."""

    items: list[AlarmCamera]
