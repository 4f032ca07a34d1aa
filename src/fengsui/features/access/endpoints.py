"""Sign-in, sign-out, password."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from fengsui.features.access.actions import Access
from fengsui.features.access.model import Principal
from fengsui.features.access.permissions import COOKIE, address_of, signed_in, token_of
from fengsui.features.access.schemas import PasswordChange, Session, SignIn, User
from fengsui.features.audit import Audit

router = APIRouter(tags=["access"])
Me = Annotated[Principal, Depends(signed_in)]


def _access(request: Request) -> Access:
    access: Access = request.app.state.access
    return access


def _audit(request: Request) -> Audit:
    audit: Audit = request.app.state.audit
    return audit


@router.post("/session", status_code=201, operation_id="signIn")
async def sign_in(request: Request, response: Response, body: SignIn) -> Session:
    """Begin a session."""
    signed = await _access(request).sign_in(body.name, body.password, address_of(request))
    await _audit(request).record(signed.principal.name, "session.begin", signed.principal.session, "ok", signed.principal.address)
    response.set_cookie(COOKIE, signed.token, httponly=True, samesite="strict", secure=request.url.scheme == "https", path="/")
    principal = signed.principal
    user = User(id=principal.user_id, name=principal.name, role=principal.role, must_change_password=signed.must_change_password)
    return Session(token=signed.token, user=user, expires_at=datetime.fromtimestamp(signed.expires_at, UTC))


@router.get("/session", operation_id="whoAmI")
async def who_am_i(request: Request, me: Me) -> User:
    """Who is signed in."""
    must_change = await _access(request).must_change_password(me)
    return User(id=me.user_id, name=me.name, role=me.role, must_change_password=must_change)


@router.delete("/session", status_code=204, operation_id="signOut")
async def sign_out(request: Request, response: Response, me: Me) -> None:
    """End the session and every picture that it opened."""
    await _access(request).sign_out(token_of(request), me)
    await _audit(request).record(me.name, "session.end", me.session, "ok", me.address)
    response.delete_cookie(COOKIE, path="/")


@router.post("/session/password", status_code=204, operation_id="changePassword")
async def change_password(request: Request, me: Me, body: PasswordChange) -> None:
    """Change one's own password."""
    await _access(request).change_password(me, body.old, body.new)
    await _audit(request).record(me.name, "password.change", me.name, "ok", me.address)
