"""Shapes of signing in."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

Role = Literal["administrator", "operator"]


class SignIn(BaseModel):
    """Name and password."""

    name: str = Field(max_length=64)
    password: str = Field(max_length=256)
    otp: str | None = Field(default=None, max_length=16)


class User(BaseModel):
    """Who is signed in."""

    id: int
    name: str
    role: str
    must_change_password: bool


class PersonShape(BaseModel):
    """A user as the administrator sees one."""

    id: int
    name: str
    role: Role
    disabled: bool
    locked: bool
    must_change_password: bool
    created_at: datetime
    signed_in_at: datetime | None


class PersonList(BaseModel):
    """Every user."""

    items: list[PersonShape]


class NewPerson(BaseModel):
    """A user to be made; names are one word, so that they read well in the audit log."""

    name: str = Field(min_length=2, max_length=64, pattern=r"^[^\s<>\"'/\\]+$")
    role: Role = "operator"


class PersonChange(BaseModel):
    """What the administrator may set."""

    disabled: bool


class MadePerson(BaseModel):
    """The user and the first password: told once, kept nowhere, changed at the first sign-in."""

    user: PersonShape
    password: str


class Session(BaseModel):
    """A fresh session."""

    token: str
    user: User
    expires_at: datetime


class PasswordChange(BaseModel):
    """Old and new password."""

    old: str = Field(max_length=256)
    new: str = Field(max_length=256)
