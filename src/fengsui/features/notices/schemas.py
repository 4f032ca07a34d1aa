"""Shapes of notices."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel


class OwnNotice(BaseModel):
    """A notice that one has not acknowledged. `place`: empty where the alarm's camera is of a protected class; `text`: what the
    rule says; `rule`: its name and version; `more`: alarms of the same rule and place that came in a storm and count with it;
    `may_open`: one may look at the alarm itself; `unit`: the unit in which one was told, empty: by one's post.
    """

    id: int
    alarm: int
    category: str
    priority: int
    area: str
    area_name: str
    place: str
    text: str
    rule: str
    at: datetime
    more: int
    may_open: bool
    unit: str


class OwnNoticeList(BaseModel):
    """The most urgent first, then the newest; a hundred at most."""

    items: list[OwnNotice]


class NoticePerson(BaseModel):
    """Who was told. `post`, `unit`: by which post or in which unit; `seen_at` null: it is not acknowledged."""

    name: str
    full_name: str
    post: str
    unit: str
    seen_at: datetime | None


class AlarmNotice(BaseModel):
    """What a rule told about an alarm, and whom."""

    rule: str
    text: str
    at: datetime
    more: int
    people: list[NoticePerson]


class AlarmNoticeList(BaseModel):
    """The oldest first."""

    items: list[AlarmNotice]
