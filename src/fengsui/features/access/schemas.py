"""Shapes of signing in."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field


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


class Session(BaseModel):
    """A fresh session."""

    token: str
    user: User
    expires_at: datetime


class PasswordChange(BaseModel):
    """Old and new password."""

    old: str = Field(max_length=256)
    new: str = Field(max_length=256)
