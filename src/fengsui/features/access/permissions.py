"""The permission in an endpoint's signature."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import Request

from fengsui.features.access.actions import Access
from fengsui.features.access.model import Function, NotSignedIn, PersonsOnly, Principal

COOKIE = "fengsui_session"


def token_of(request: Request) -> str:
    """The bearer token or cookie. Raises NotSignedIn."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    token = value.strip() if scheme.lower() == "bearer" else request.cookies.get(COOKIE, "")
    if not token:
        raise NotSignedIn()
    return token


def address_of(request: Request) -> str:
    """Where the request came from."""
    return request.client.host if request.client is not None else ""


async def holder(request: Request) -> Principal:
    """Whoever or whatever is signed in. Raises NotSignedIn."""
    access: Access = request.app.state.access
    return await access.principal_of(token_of(request), address_of(request))


async def signed_in(request: Request) -> Principal:
    """The person who is signed in, for what concerns only themselves. Raises NotSignedIn, PersonsOnly."""
    principal = await holder(request)
    if principal.is_program:
        raise PersonsOnly()
    return principal


def require(function: Function) -> Callable[[Request], Awaitable[Principal]]:
    """A dependency that lets in only those who hold `function`. Raises NotSignedIn, NotAllowed, MustChangePassword, MustEnrol."""

    async def door(request: Request) -> Principal:
        principal = await holder(request)
        access: Access = request.app.state.access
        access.check(principal, function)
        return principal

    return door
