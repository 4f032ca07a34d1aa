"""What signing in yields, and how somebody signs in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from fengsui.features.access.earlier_sessions import EarlierSession
from fengsui.features.access.model import Principal

Record = Callable[[Principal], Awaitable[None]]
"""Puts a sign-in on record. Raises AuditUnavailable: then there is no session."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A fresh session. `token` and `cookie` are shown once and kept only as a hash."""

    token: str
    cookie: str
    principal: Principal
    must_change_password: bool
    expires_at: float
    cut: tuple[EarlierSession, ...] = ()
    """Sessions that ended by this sign-in."""


class NewFactor(NamedTuple):
    """A way to sign in that came lately. `added_at`: seconds since 1970."""

    kind: Literal["authenticator", "passkey"]
    name: str
    added_at: float


@dataclass(frozen=True, slots=True)
class Account:
    """How a user signs in. `policy`: off, optional or required."""

    policy: Literal["off", "optional", "required"]
    authenticator: bool
    passkeys: int
    must_enrol: bool
    full_name: str
    provider: str
    """The identity provider that the account comes from; empty for one of this node."""
    new_factors: tuple[NewFactor, ...] = ()
    """Of the last seven days: the person is told, for somebody else may have added them."""
