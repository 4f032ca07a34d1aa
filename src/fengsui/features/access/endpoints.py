"""Sign-in, sign-out, password."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, get_args

from fastapi import Depends, Request, Response

from fengsui.errors import FengsuiError
from fengsui.features.access.actions import Access
from fengsui.features.access.credentials import cookie_name, credential_of, is_secure
from fengsui.features.access.model import Principal
from fengsui.features.access.passkeys import Origin
from fengsui.features.access.permissions import address_of, from_own_site, refused_stranger, signed_in, signed_in_though_locked
from fengsui.features.access.posts import Post
from fengsui.features.access.proofs import FactorProof
from fengsui.features.access.schemas import CutSession, FreshProof, NewFactorShape, PasswordChange, Session, SignIn, User
from fengsui.features.access.signing_in import Record, SignedIn
from fengsui.features.audit import NODE, Act, Audit
from fengsui.late_routes import LateRoutes
from fengsui.settings import Prerequisite

router = LateRoutes(tags=["access"])
KNOWN, KNOWN_LIFE_S = "workstation", 180 * 86_400
"""The cookie of a workstation on which somebody signed in: it opens nothing, see `guesses`."""
Me = Annotated[Principal, Depends(signed_in)]


def _access(request: Request) -> Access:
    access: Access = request.app.state.access
    return access


def _audit(request: Request) -> Audit:
    audit: Audit = request.app.state.audit
    return audit


def workstation_of(request: Request) -> str:
    """How the browser names itself: what a person recognises in the list of sessions."""
    return request.headers.get("user-agent", "")[:256]


def origin_of(request: Request) -> Origin:
    """The site the browser spoke to, which a passkey is bound to."""
    url = request.url
    return Origin(url.hostname or "", f"{url.scheme}://{url.netloc}")


def proof_of(request: Request, shown: FreshProof) -> FactorProof:
    """What is shown anew, with the site it was asked for on."""
    return FactorProof(shown.proof.strip() if shown.credential is None else "", shown.credential, origin_of(request))


def recording(request: Request, detail: str = "") -> Record:
    """Puts a sign-in on record, before its session begins."""

    async def record(principal: Principal) -> None:
        await _audit(request).record(principal, Act.SIGN_IN, principal.name, detail=detail)

    return record


async def begin_session(request: Request, response: Response, signed: SignedIn) -> Session:
    """Hands the token of a session out, as cookie and in the body."""
    principal = signed.principal
    secure = is_secure(request)
    response.set_cookie(cookie_name(request), signed.cookie, httponly=True, samesite="strict", secure=secure, path="/")
    response.set_cookie(
        cookie_name(request, KNOWN),
        _access(request).guesses.cookie_for(principal.name),
        max_age=KNOWN_LIFE_S,
        httponly=True,
        samesite="strict",
        secure=secure,
        path="/",
    )
    for one in signed.cut:
        told = f"one workstation: {one.id} from {one.address} ended by the sign-in from {principal.address}"
        _audit(request).record_end(NODE, Act.SESSION_REVOKE, principal.name, range=one.id, detail=told)
    if not signed.must_change_password:
        await begun(request, principal)
    user = await _user(request, principal, must_change=signed.must_change_password)
    cut = [
        CutSession(address=one.address, workstation=one.workstation, created_at=datetime.fromtimestamp(one.created_at, UTC))
        for one in signed.cut
    ]
    return Session(token=signed.token, user=user, expires_at=datetime.fromtimestamp(signed.expires_at, UTC), cut=cut)


async def begun(request: Request, principal: Principal) -> None:
    """Somebody has signed in and may work."""
    for act in _access(request).on_begin:
        await act(principal)


async def _user(request: Request, principal: Principal, *, must_change: bool) -> User:
    account = await _access(request).proofs.account(principal)
    return User(
        id=principal.user_id,
        name=principal.name,
        full_name=account.full_name,
        unit=principal.unit,
        posts=[Post(word) for word in principal.role.split()],
        functions=_access(request).functions(principal),
        must_change_password=must_change,
        must_enrol=principal.must_enrol,
        second_factor_policy=account.policy,
        has_second_factor=account.authenticator or account.passkeys > 0,
        not_required=[one for one in get_args(Prerequisite) if one not in _access(request).rules.prerequisites],
        lapses_on=_access(request).persons.lapses_on(principal.person),
        zone=request.app.state.zone,
        lock_after_s=_access(request).screens.limit_s,
        provider=account.provider,
        new_factors=[
            NewFactorShape(kind=one.kind, name=one.name, added_at=datetime.fromtimestamp(one.added_at, UTC))
            for one in account.new_factors
        ],
    )


@router.post("/session", status_code=201, operation_id="signIn", dependencies=[Depends(from_own_site)])
async def sign_in(request: Request, response: Response, body: SignIn) -> Session:
    """Begin a session."""
    try:
        signed = await _access(request).sign_in(
            body.name,
            body.password,
            address_of(request),
            record=recording(request),
            code=body.otp or "",
            workstation=workstation_of(request),
            known=request.cookies.get(cookie_name(request, KNOWN), ""),
        )
    except FengsuiError as error:
        await refused_stranger(request, await _access(request).proofs.name_on_record(body.name), error)
        raise
    return await begin_session(request, response, signed)


@router.get("/session", operation_id="whoAmI")
async def who_am_i(request: Request, me: Me) -> User:
    """Who is signed in."""
    return await _user(request, me, must_change=await _access(request).proofs.must_change_password(me))


@router.delete("/session", status_code=204, operation_id="signOut")
async def sign_out(request: Request, response: Response, me: Annotated[Principal, Depends(signed_in_though_locked)]) -> None:
    """End the session, a locked one too, and every picture that it opened."""
    _audit(request).record_end(me, Act.SIGN_OUT, me.name)
    await _access(request).sign_out(credential_of(request).secret, me)
    response.delete_cookie(cookie_name(request), path="/", secure=is_secure(request), httponly=True, samesite="strict")


@router.post("/session/password", status_code=204, operation_id="changePassword")
async def change_password(request: Request, me: Me, body: PasswordChange) -> None:
    """Change one's own password. Other sessions and tokens end; whoever has passkeys says whether they stay."""
    said = {None: "", True: "passkeys stay", False: "passkeys end"}[body.keep_passkeys]
    await _audit(request).record(me, Act.PASSWORD_CHANGE, me.name, detail=said)
    proof = proof_of(request, body)
    await _access(request).change_password(me, body.old, body.new, keep=body.keep_passkeys, proof=proof)
    await begun(request, replace(me, must_change_password=False))
