"""The permission in an endpoint's signature."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace

from fastapi import Request
from prometheus_client import Counter
from starlette.requests import HTTPConnection

from fengsui.errors import FengsuiError
from fengsui.features.access.actions import Access
from fengsui.features.access.credentials import ForeignSite, cookie_name, credential_of, refuse_foreign
from fengsui.features.access.decision import CameraFacts, Place, Scope
from fengsui.features.access.model import NotSignedIn, PersonsOnly, Principal
from fengsui.features.access.posts import Function
from fengsui.features.access.refusals import Refusal
from fengsui.features.access.screen_lock import ScreenLocked
from fengsui.features.access.workstation import OtherWorkstation, canonical
from fengsui.features.audit import NODE, Act, Audit, Result, Stranger, act_of

REFUSED = Counter(
    "fengsui_sign_ins_refused_total", "Tries to sign in, or to come in with a session, that proved nobody", ["reason"]
)


IN_PERSON = frozenset(
    (
        *("signOn", "acceptShift", "handOver", "openTicket", "openUseTicket", "changeTicket", "openEmergency"),
        *("approveRequest", "refuseRequest", "proposeReset", "proposeUserChange", "resetPassword", "resetFactor"),
        *("acknowledgeNotice", "judgeEmergency", "endShift", "sendTask", "proposeMaskLift"),
    )
)
"""Operations that stand for somebody who is there and answers for it: no program's token does them, whatever its functions."""


def address_of(request: HTTPConnection) -> str:
    """Where the request came from."""
    return canonical(request.client.host) if request.client is not None else ""


async def holder(request: Request) -> Principal:
    """Whoever or whatever is signed in. Raises NotSignedIn, ForeignSite, OtherWorkstation, ScreenLocked, PersonsOnly."""
    return await _holder(request, though_locked=False)


async def _holder(request: Request, *, though_locked: bool) -> Principal:
    access: Access = request.app.state.access
    try:
        found = await access.principal_of(credential_of(request), address_of(request), though_locked=though_locked)
    except (OtherWorkstation, ScreenLocked) as error:
        await turned_away(request, error)
        raise
    except (NotSignedIn, ForeignSite) as error:
        if isinstance(error, ForeignSite) or "authorization" in request.headers or cookie_name(request) in request.cookies:
            await refused_stranger(request, "", error, Result.REFUSED)
        raise
    request.state.principal = found
    if found.is_program and getattr(request.scope.get("route"), "operation_id", None) in IN_PERSON:
        alone = PersonsOnly()
        await refused_person(request, found, alone)
        raise alone
    return found


async def from_own_site(request: Request) -> None:
    """For who is not signed in yet: no page of another site signs anybody in. Raises ForeignSite."""
    try:
        refuse_foreign(request)
    except ForeignSite as error:
        await refused_stranger(request, "", error, Result.REFUSED)
        raise


async def turned_away(request: HTTPConnection, error: OtherWorkstation | ScreenLocked) -> None:
    """Records that a session was used elsewhere, and that it ended by that, or while it is locked. Raises AuditUnavailable."""
    audit: Audit = request.app.state.audit
    stranger = Stranger(error.name, address_of(request), request.headers.get("user-agent", ""), session=error.session)
    await audit.record_stranger(stranger, _act(request), result=Result.REFUSED, detail=error.code)
    if isinstance(error, OtherWorkstation) and error.ended:
        audit.record_end(NODE, Act.SESSION_REVOKE, error.name, detail=f"{error.code}: {error.session} from {stranger.address}")


async def refused_stranger(
    request: HTTPConnection, name: str, error: FengsuiError, result: Result = Result.FAILED, detail: str = ""
) -> None:
    """Records a try that proved nobody: `name` is what they claim, `detail` what else is known. Raises AuditUnavailable."""
    REFUSED.labels(error.code).inc()
    audit: Audit = request.app.state.audit
    act = _act(request) if result is Result.REFUSED else Act.SIGN_IN
    stranger = Stranger(name, address_of(request), request.headers.get("user-agent", ""))
    await audit.record_stranger(stranger, act, result=result, detail=f"{error.code}: {detail}" if detail else error.code)


async def refused_person(request: HTTPConnection, who: Principal, error: FengsuiError) -> None:
    """Records a refusal, once; the same again within a minute as a number. Raises AuditUnavailable."""
    under = who.ground
    if isinstance(error, Refusal):
        if error.recorded:
            return
        error.recorded, under = True, error.ground
    audit: Audit = request.app.state.audit
    target = next((str(value) for value in request.path_params.values()), "")
    await audit.record_refused(who, _act(request), target, operation=_operation(request), detail=error.code, under=under)


def _act(request: HTTPConnection) -> Act:
    return act_of(_operation(request))


def _operation(request: HTTPConnection) -> str:
    return getattr(request.scope.get("route"), "operation_id", None) or ""


async def signed_in(request: Request) -> Principal:
    """The person who is signed in, for what concerns only themselves. Raises NotSignedIn, ScreenLocked, PersonsOnly."""
    return await _person(request, await holder(request))


async def signed_in_though_locked(request: Request) -> Principal:
    """For the lock itself and for leaving: the session may be locked. Raises NotSignedIn, PersonsOnly."""
    return await _person(request, await _holder(request, though_locked=True))


async def _person(request: Request, principal: Principal) -> Principal:
    if principal.is_program:
        error = PersonsOnly()
        await refused_person(request, principal, error)
        raise error
    return principal


Door = Callable[[Request], Awaitable[Principal]]


def require(function: Function, *others: Function) -> Door:
    """A dependency that lets in only those who hold `function` somewhere (or one of `others`).

    Raises NotSignedIn, Refusal, MustChangePassword, MustEnrol.
    """

    async def door(request: Request) -> Principal:
        principal = await holder(request)
        return await refuse_unless(request, principal, nearest_of(request.app.state.access, principal, (function, *others)))

    return door


def nearest_of(access: Access, principal: Principal, asked: Sequence[Function]) -> Function:
    """Of functions any of which opens a door: one that is held now, else one that was, so that a refusal says what has ended."""
    held = access.functions(principal)
    ever = (one for one in asked if one in principal.person.grants)
    return next((one for one in asked if one in held), next(ever, asked[0]))


def require_camera(function: Function) -> Door:
    """Lets in only those who hold `function` for the camera of the path's `{code}`; an unknown one is left to the endpoint."""

    async def door(request: Request) -> Principal:
        principal = await holder(request)
        await refuse_unless(request, principal, function)
        access: Access = request.app.state.access
        assert access.directory is not None, "set at composition"
        facts = await access.directory.camera(request.path_params["code"])
        return principal if facts is None else await refuse_unless(request, principal, function, facts)

    return door


def require_camera_shown(function: Function) -> Door:
    """As `require_camera`, and also whoever is shown the camera live for what they are sent to do."""
    by_post = require_camera(function)

    async def door(request: Request) -> Principal:
        principal = await holder(request)
        access: Access = request.app.state.access
        assert access.directory is not None, "set at composition"
        facts = await access.directory.camera(request.path_params["code"])
        if facts is None or access.may(principal, function, facts) or access.shown(principal.person, facts) is None:
            return await by_post(request)
        try:
            return replace(principal, ground=access.check_live(principal, facts))
        except FengsuiError as error:
            await refused_person(request, principal, error)
            raise

    return door


def require_where_it_was(function: Function) -> Door:
    """As `require_camera`, and also those who hold it for the camera as it was before it left and came back elsewhere.

    The endpoint asks by the time of each thing that it tells or changes, and leaves out what was never theirs.
    """

    async def door(request: Request) -> Principal:
        principal = await holder(request)
        await refuse_unless(request, principal, function)
        access: Access = request.app.state.access
        assert access.directory is not None, "set at composition"
        places = await access.directory.places(request.path_params["code"])
        theirs = next((one for one in places if access.may(principal, function, one)), None)
        return principal if not places else await refuse_unless(request, principal, function, theirs or places[0])

    return door


def require_device(function: Function) -> Door:
    """Lets in only those who hold `function` where the device of the path's `{code}` lies."""

    async def door(request: Request) -> Principal:
        principal = await holder(request)
        access: Access = request.app.state.access
        assert access.directory is not None, "set at composition"
        return await refuse_unless(request, principal, function, access.directory.device(request.path_params["code"]))

    return door


def scope_for(request: Request, principal: Principal, function: Function) -> Scope:
    """Where a function is in force for the caller, for lists."""
    access: Access = request.app.state.access
    return access.scope(principal, function)


def desk_scopes(access: Access, principal: Principal, functions: Iterable[Function]) -> list[Scope]:
    """Where alarms are somebody's to see: by area, and those that were passed on to the centre where they are on shift."""
    asked = list(functions)
    scopes = [access.scope(principal, one) for one in asked]
    passed = access.passed_to(principal.person) if Function.TAKE_DUTY in asked else ()
    return [*scopes, Scope((), passed)] if passed else scopes


def desk_scopes_for(request: Request, principal: Principal, functions: Iterable[Function]) -> list[Scope]:
    """The same for the caller."""
    access: Access = request.app.state.access
    return desk_scopes(access, principal, functions)


async def refuse_unless(
    request: Request, principal: Principal, function: Function, what: CameraFacts | Place | None = None
) -> Principal:
    """Checks, and records a refusal: who asks, under what the door opened. Raises Refusal, MustChangePassword, MustEnrol."""
    access: Access = request.app.state.access
    try:
        ground = access.check(principal, function, what)
    except FengsuiError as error:
        await refused_person(request, principal, error)
        raise
    return replace(principal, ground=ground) if ground is not principal.ground else principal
