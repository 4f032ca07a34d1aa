"""The accounts that a new node begins with."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import msgspec

from fengsui.features.access.posts import Post
from fengsui.features.access.ranks import Rank

FIRST_PEOPLE = "FENGSUI_FIRST_PEOPLE"
"""Variable of the environment with the first accounts of a demonstration (`to_text`)."""
FIRST_NAME = "security"
TRAINED_UNTIL = "2099-12-31"
SET_UP_DAYS = 30
"""So long the first account is open by the word of whoever set the node up; by then another administrator has entered its dates."""


class FirstPerson(msgspec.Struct, frozen=True):
    """An account made on an empty store. `prepared`: its password stays, and its training does not lapse (a demonstration)."""

    name: str
    password: str
    post: Post
    full_name: str = ""
    prepared: bool = False
    rank: str = ""


@dataclass(frozen=True, slots=True)
class Demonstrator:
    """One of the demonstration's accounts."""

    name: str
    full_name: str
    post: Post
    rank: str = ""


DEMONSTRATION = (
    Demonstrator("duty", "值班长", Post.DUTY_SUPERVISOR),
    Demonstrator("system", "系统管理员", Post.SYSTEM_ADMINISTRATOR),
    Demonstrator("security", "安全管理员", Post.SECURITY_ADMINISTRATOR, Rank.PROVINCE_HEAD),
    Demonstrator("security-2", "第二安全管理员", Post.SECURITY_ADMINISTRATOR, Rank.PROVINCE_HEAD),
    Demonstrator("audit", "审计管理员", Post.AUDIT_ADMINISTRATOR),
)
"""The first one sees pictures; no administrator does (rule A35)."""


def demonstration(passwords: Mapping[str, str]) -> list[FirstPerson]:
    """The demonstration's people with these passwords, by name."""
    return [
        FirstPerson(one.name, passwords[one.name], one.post, one.full_name, prepared=True, rank=one.rank) for one in DEMONSTRATION
    ]


def first_security_administrator() -> list[FirstPerson]:
    """Outside a demonstration: one account, which appoints the others; its generated password is told once."""
    return [FirstPerson(FIRST_NAME, secrets.token_urlsafe(9), Post.SECURITY_ADMINISTRATOR, rank=Rank.PROVINCE_HEAD)]


def dates_of(one: FirstPerson, today: date) -> dict[str, str]:
    """The dates of rule A9 that a first account begins with."""
    until = TRAINED_UNTIL if one.prepared else (today + timedelta(days=SET_UP_DAYS)).isoformat()
    return {"vetted_on": today.isoformat(), "undertaking_on": today.isoformat(), "training_until": until}


def to_text(people: list[FirstPerson]) -> str:
    """For the environment of a new node."""
    return msgspec.json.encode(people).decode()


def from_text(text: str) -> list[FirstPerson]:
    """Raises msgspec.DecodeError, msgspec.ValidationError."""
    return msgspec.json.decode(text, type=list[FirstPerson])
