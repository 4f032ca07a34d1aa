"""The permission in an endpoint's signature."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import Request

from fengsui.errors import FengsuiError
from fengsui.features.access.actions import Access
from fengsui.features.access.model import Function, NotSignedIn, PersonsOnly, Principal
from fengsui.features.audit import Audit, Result
from fengsui.features.audit.model import Act, Stranger
from fengsui.features.audit.operations import act_of

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
    token, address = token_of(request), address_of(request)
    try:
        return await access.principal_of(token, address)
    except NotSignedIn as error:
        await refused_stranger(request, "", error, Result.REFUSED)
        raise


async def refused_stranger(request: Request, name: str, error: FengsuiError, result: Result = Result.FAILED) -> None:
    """Records a try that proved nobody: `name` is what they claim. Raises AuditUnavailable."""
    audit: Audit = request.app.state.audit
    act = _act(request) if result is Result.REFUSED else Act.SIGN_IN
    stranger = Stranger(name, address_of(request), request.headers.get("user-agent", ""))
    await audit.record_stranger(stranger, act, result=result, detail=error.code)


async def refused_person(request: Request, who: Principal, error: FengsuiError) -> None:
    """Records a refusal at the door. Raises AuditUnavailable."""
    audit: Audit = request.app.state.audit
    target = next((str(value) for value in request.path_params.values()), "")
    await audit.record(who, _act(request), target, detail=error.code, result=Result.REFUSED)


def _act(request: Request) -> Act:
    return act_of(getattr(request.scope.get("route"), "operation_id", None) or "")


async def signed_in(request: Request) -> Principal:
    """The person who is signed in, for what concerns only themselves. Raises NotSignedIn, PersonsOnly."""
    principal = await holder(request)
    if principal.is_program:
        error = PersonsOnly()
        await refused_person(request, principal, error)
        raise error
    return principal


def require(function: Function) -> Callable[[Request], Awaitable[Principal]]:
    """A dependency that lets in only those who hold `function`. Raises NotSignedIn, NotAllowed, MustChangePassword, MustEnrol."""

    async def door(request: Request) -> Principal:
        principal = await holder(request)
        access: Access = request.app.state.access
        try:
            access.check(principal, function)
        except FengsuiError as error:
            await refused_person(request, principal, error)
            raise
        return principal

    return door
