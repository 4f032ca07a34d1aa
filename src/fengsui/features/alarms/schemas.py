"""Shapes of alarm hosts and alarms."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, StringConstraints, model_validator

from fengsui.alarm_settings import LONGEST_SUPERVISION_S
from fengsui.features.alarms.arming import Lapse
from fengsui.features.alarms.model import LONGEST_GRACE_MIN, MOST_HOURS, MOST_POINTS, USUAL_GRACE_MIN, PointKind, Protocol
from fengsui.features.alarms.point_tests import LONGEST_MINUTES, LONGEST_REASON
from fengsui.features.recording import HoursShape

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=128, pattern=r"^[^\x00-\x1f\x7f]*$")]
Account = Annotated[str, Field(pattern=r"^[0-9A-Fa-f]{3,16}$")]
Reporter = Annotated[str, Field(pattern=r"^([0-9A-Fa-f]{3,16}|[a-z][a-z0-9-]{1,15})$")]
"""The account of a host, or the name of a system that reports alarms."""
AreaCode = Annotated[str, Field(max_length=6, pattern=r"^([0-9]{2}){0,3}$")]
AlarmProtocol = Literal["dc09", "gb28181", "https", "cap", "phone", "panic"]
Change = Literal["new", "restored", "standing"]


Arms = Annotated[list[HoursShape], Field(min_length=1, max_length=MOST_HOURS)]


class ArmingShape(BaseModel):
    """When a host is to be armed: hours of the node's days (8: a holiday). `grace_min`: so much later, or opened so much earlier,
    nobody is told."""

    hours: Arms
    grace_min: Annotated[int, Field(ge=0, le=LONGEST_GRACE_MIN)] = USUAL_GRACE_MIN


class PointCameraOrder(BaseModel):
    """A camera that looks at a point too. `preset`: that it is to stand at, null: as it stands."""

    camera: Annotated[str, Field(pattern=r"^[0-9]{20}$")]
    preset: Annotated[int, Field(ge=1, le=255)] | None = None


class AlarmPointOrder(BaseModel):
    """A zone, a button or a detector. `zone`: its number in the host; `camera`: the code of the one that looks there; `arming`:
    when it is to be armed, null: as its host. `id`: of the point that it is, null: the one of its zone, or a new one."""

    id: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    zone: Annotated[str, Field(pattern=r"^[0-9A-Za-z]{1,8}$")]
    name: Line
    kind: PointKind = "zone"
    camera: Annotated[str, Field(pattern=r"^([0-9]{20})?$")] = ""
    preset: Annotated[int, Field(ge=1, le=255)] | None = None
    others: Annotated[list[PointCameraOrder], Field(max_length=8)] = []
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    arming: Arms | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        """A place has both degrees, and what stands behind the first camera needs a first one."""
        if (self.longitude is None) != (self.latitude is None):
            raise ValueError("a place has a longitude and a latitude")
        if not self.camera and (self.others or self.preset is not None):
            raise ValueError("a preset and further cameras need a first camera")
        return self


class AlarmHostChange(BaseModel):
    """A host as it is to be; account, key and area stay. `revision`: of the host as it was read.

    `points`: all of them; one whose `id` is said, or whose zone stays, is the same point, and keeps its alarms. `arming` null:
    nobody says when it is to be armed.
    """

    revision: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
    site: Line
    supervision_s: Annotated[int, Field(ge=0, le=LONGEST_SUPERVISION_S)] | None = None
    points: Annotated[list[AlarmPointOrder], Field(max_length=MOST_POINTS)]
    arming: ArmingShape | None = None


class AlarmHostTestOrder(BaseModel):
    """`points`: those whose alarms are for the record alone so long; none: all of the host."""

    points: Annotated[list[Annotated[int, Field(ge=1, le=2**31 - 1)]], Field(max_length=MOST_POINTS)] = []
    minutes: Annotated[int, Field(ge=1, le=LONGEST_MINUTES)]
    reason: Annotated[str, Field(min_length=1, max_length=LONGEST_REASON, pattern=r"\S")]


class AlarmHostOrder(BaseModel):
    """A host as it is set: `account` in hexadecimal digits. With a `key` it is heard encrypted alone; the key is never told again.

    `area`: whose people see its alarms; empty: the node's own. `supervision_s`: it is heard at least so often, by events or by link
    tests (NULL), or an alarm is raised; 0: it may be silent, null: as the node's settings have it.
    """

    account: Account
    protocol: Protocol = "dc09"
    key: Annotated[str, Field(min_length=16, max_length=64)] | None = None
    key_form: Literal["hex", "text"] = "hex"
    site: Line
    area: AreaCode = ""
    supervision_s: Annotated[int, Field(ge=0, le=LONGEST_SUPERVISION_S)] | None = None
    points: Annotated[list[AlarmPointOrder], Field(max_length=MOST_POINTS)] = []
    arming: ArmingShape | None = None


class PointCameraShape(BaseModel):
    """A camera that looks at a point too. `preset` null: as it stands."""

    camera: str
    preset: int | None


class PointTestShape(BaseModel):
    """Until when a point's alarms are for the record alone, since when, why, and who said so."""

    until: datetime
    begun_at: datetime
    reason: str
    by: str


class AlarmPointShape(BaseModel):
    """A point. `camera`: the first one that the caller may see, empty: none; `others`: the further ones, in their order; `hidden`:
    how many there are besides. `signalled_at`: when it told something last. `test` null: its alarms ring. `arming`: its own hours,
    null: as its host. `armed`: as its host told last, and where that told nothing as it is to be now; null: nobody said when."""

    id: int
    host: int
    account: str
    site: str
    area: str
    area_name: str
    zone: str
    name: str
    kind: PointKind
    camera: str
    preset: int | None
    others: list[PointCameraShape]
    hidden: int
    longitude: float | None
    latitude: float | None
    signalled_at: datetime | None
    test: PointTestShape | None
    arming: list[HoursShape] | None
    armed: bool | None


class AlarmHostShape(BaseModel):
    """A host. `encrypted`: it has a key. `heard_at`: of its last right frame.

    `supervision_s`: its own interval, null where it has none; `interval_s`: the one that counts, null: it may be silent. `silent`:
    it was not heard for longer.

    `arming`: when it is to be armed, null: nobody said; `due`: whether now. `armed`: as it told last, all of its partitions
    together, `armed_since` then; null: it tells nothing of that. `lapse`: it is not armed in time (`LATE`), or was opened in the
    midst of its time (`OPEN`).

    `distrusted`: its row was changed past the node, and nothing of it is believed: its frames get no answer until it is removed and
    entered anew. Whoever keeps the devices of the node's own area sees it, for its area may not be its own.
    """

    id: int
    account: str
    protocol: Protocol
    encrypted: bool
    site: str
    area: str
    area_name: str
    made_at: datetime
    heard_at: datetime | None
    supervision_s: int | None
    interval_s: float | None
    silent: bool
    distrusted: bool = False
    revision: str
    points: list[AlarmPointShape]
    arming: ArmingShape | None
    due: bool | None
    armed: bool | None
    armed_since: datetime | None
    lapse: Lapse | None


class AlarmHostPage(BaseModel):
    """By account. `next`: of the page that follows."""

    items: list[AlarmHostShape]
    next: str | None
    total: int


class AlarmPointPage(BaseModel):
    """By account and zone."""

    items: list[AlarmPointShape]
    next: str | None
    total: int


class RingingPointShape(BaseModel):
    """A point with an open alarm: the most urgent one. `at`: its place in the columns; `taken`: somebody sees to it."""

    at: int
    alarm: int
    priority: int
    taken: bool


class AlarmPointMarks(BaseModel):
    """Every alarm point with a place, by columns of one length: its own place, else that of the protected place in which its host
    stands, in degrees of WGS 84.

    `states`: a digit each: 0 armed, 1 not armed, 2 in test, 3 its host is silent, 4 always watched (a button, or nobody said when
    it is to be armed). `unplaced`: how many more have no place. `points`: what the columns are known by; where whoever asks has
    them already they are empty.
    """

    points: str
    states: str
    unplaced: int
    ringing: list[RingingPointShape]
    ids: list[int]
    accounts: list[str]
    zones: list[str]
    names: list[str]
    sites: list[str]
    kinds: list[PointKind]
    longitudes: list[float]
    latitudes: list[float]


class WaitingAlarmHostShape(BaseModel):
    """An account that reports and that nobody has entered."""

    account: str
    address: str
    transport: str
    encrypted: bool
    first_seen_at: datetime
    last_seen_at: datetime
    attempts: int


class WaitingAlarmHostPage(BaseModel):
    """The newest first."""

    items: list[WaitingAlarmHostShape]


class AlarmOwner(BaseModel):
    """Who sees to an alarm."""

    id: int
    name: str


class AlarmPassedTo(BaseModel):
    """A duty centre that sees to an alarm of elsewhere, since `at`. `why`: nobody took it in time, or nobody was on shift there."""

    centre: int
    name: str
    at: datetime
    why: Literal["untaken", "nobody"]


class AlarmWorkShape(BaseModel):
    """What is done about an alarm. `passed_to`: centres to which it was passed on, the last of them last.

    `due_at`: when it will have waited too long, as `escalated` says that it did (2: longer than anybody may let it wait);
    `escalated_most`: the most that it ever was, whoever took it since.
    `shelved`: it came while its source was shelved, and waits for nobody until `shelf` ends. `queued_at`: when it came back from
    there; its clock runs since then, and `opened_at` stays its age.
    `noted_by`: the supervisor who took note since then, empty: nobody did.
    `folded`: how many more came of its source while it was open. `active`: its source has not told that it is over.
    """

    state: Literal["open", "claimed", "verified", "closed", "shelved"]
    owner: AlarmOwner | None
    opened_at: datetime
    claimed_at: datetime | None
    verified_at: datetime | None
    closed_at: datetime | None
    due_at: datetime | None
    result: Literal["real", "false", "unclear"] | None
    reason: str | None
    outcome: str | None
    note: str
    escalated: int
    escalated_most: int
    noted_by: str = ""
    folded: int
    folded_at: datetime | None
    active: bool
    version: int
    shelf: int | None = None
    queued_at: datetime | None = None
    passed_to: list[AlarmPassedTo] = []


class SilentHostShape(BaseModel):
    """A host that was not heard after `heard_at`, null: never; `ended_at`: until then, null: it still is not."""

    account: str
    site: str
    heard_at: datetime | None
    ended_at: datetime | None


class AlarmSilenceShape(BaseModel):
    """What an alarm of the node is about: `hosts` alarm hosts were not heard, and `still` of them are not. The one that was
    heard longest ago was heard at `since`, null: never. `members`: of one alarm that is asked for, the hosts, those that are silent
    still first, up to 500.
    """

    hosts: int
    still: int
    since: datetime | None
    members: list[SilentHostShape] = []


class AlarmShape(BaseModel):
    """One event of a host or a device. `priority`: 1 (lives are at stake) to 4 (for the record).

    `sent_at` is the host's own time, the others are the node's; `repeats`: how often it was sent again. `zone` or `user`, as the
    code has it. `camera`: empty as well where one may not see it. `known`: whether the code stands in our tables.

    `work`: null where nothing is to be done about it alone: it is for the record, or counts with another (`folded_into`).

    Of a device (`protocol` `gb28181`): `device` and the `zone` that it names are codes; `method`, `alarm_type`, `event_type` and
    `told_priority` are as it says (GB/T 28181-2022 A.2.5.3), so is the position; `account` is empty.

    Of a registered source (`protocol` `https` or `cap`): `account` is its name, `alarm_type` and `event_type` are what it says, and
    `told_priority` is its own, which may be more urgent than its source may be.

    Of somebody on patrol (`protocol` `phone`): the `zone` is the unit, the `point` who pressed.

    `tested`: its point was in test when it came. `unarmed`: its point was not armed, and what it told means nothing then.

    Of the node itself (`code_table` `node`): `LOST`, an alarm host is silent; `MANY`, many of an area are; these have a `silence`.
    `LATE`: a host is not armed though it is to be; `OPEN`: it was opened in the midst of the time in which it is to be.

    `site_kind`: of the protected place in which its host stands, whose position it has where it has no other; empty: in none.
    """

    id: int
    protocol: AlarmProtocol
    account: str
    device: str
    site: str
    area: str
    area_name: str
    section: str
    zone: str
    user: str
    point: str
    point_kind: str
    camera: str
    code_table: Literal["cid", "sia", "gb", "node", "http", "cap"]
    code: str
    known: bool
    change: Change
    category: str
    priority: int
    text: str
    sequence: str
    encrypted: bool
    held_back: bool
    sent_at: datetime | None
    received_at: datetime
    last_at: datetime
    repeats: int
    method: int | None
    alarm_type: str
    event_type: str
    told_priority: int | None
    longitude: float | None
    latitude: float | None
    tested: bool
    unarmed: bool = False
    folded_into: int | None
    silence: AlarmSilenceShape | None = None
    work: AlarmWorkShape | None
    site_kind: str = ""


class AlarmPage(BaseModel):
    """The newest first. `next`: of the older ones that follow. Of a queue the most urgent first, and of these whichever waits
    longest; then `total` says how many there are.
    """

    items: list[AlarmShape]
    next: str | None
    total: int | None = None
