"""Signing in through an identity provider over HTTP.

The provider sends the browser back to the console's page `/sign-in/{provider}`, which needs no cookie; the page itself posts the
answer. So no cookie of ours is ever sent on the way from another site: all are `SameSite=Strict`, and nothing redirects anywhere.
"""

from __future__ import annotations

import secrets

from fastapi import Depends, Request, Response

from fengsui.errors import FengsuiError
from fengsui.features.access.credentials import cookie_name, is_secure, own_origin
from fengsui.features.access.endpoints import KNOWN, begin_session, recording, workstation_of
from fengsui.features.access.permissions import address_of, from_own_site, refused_stranger
from fengsui.features.access.refusals import Refusal
from fengsui.features.access.schemas import Code, ProviderAddress, ProviderAnswer, ProviderList, ProviderShape, Session
from fengsui.features.access.signing_in import SignedIn
from fengsui.features.access.single_sign_on import FLOW_LIFE_S, Attempt, SingleSignOn
from fengsui.features.audit import Result
from fengsui.late_routes import LateRoutes

FLOW = "sign-in"
"""The cookie of a sign-in that is on its way."""


def router(single_sign_on: SingleSignOn) -> LateRoutes:
    """The routes of signing in through a provider; open to whoever is not signed in."""
    routes = LateRoutes(tags=["access"], dependencies=[Depends(from_own_site)])

    def attempt_of(request: Request, provider: str) -> Attempt:
        return Attempt(
            provider,
            request.cookies.get(cookie_name(request, FLOW), ""),
            address_of(request),
            workstation_of(request),
            known=request.cookies.get(cookie_name(request, KNOWN), ""),
        )

    def told(attempt: Attempt) -> str:
        return f"provider {attempt.provider if attempt.provider in single_sign_on.providers else 'unknown'}"

    async def note(request: Request, attempt: Attempt, error: FengsuiError) -> None:
        result = Result.REFUSED if isinstance(error, Refusal) else Result.FAILED
        detail = told(attempt) + (f"; {attempt.detail}" if attempt.detail else "")
        await refused_stranger(request, attempt.name, error, result, detail)

    async def session(request: Request, response: Response, signed: SignedIn) -> Session:
        response.delete_cookie(cookie_name(request, FLOW), path="/", secure=is_secure(request), httponly=True, samesite="strict")
        return await begin_session(request, response, signed)

    @routes.get("/session/providers", operation_id="listProviders")
    async def providers() -> ProviderList:
        """Every identity provider and the text of its button."""
        found = single_sign_on.providers.values()
        return ProviderList(
            items=[ProviderShape(id=one.name, zh=one.settings.button_zh, en=one.settings.button_en) for one in found]
        )

    @routes.post("/session/providers/{provider}", status_code=201, operation_id="beginProviderSignIn")
    async def begin(request: Request, response: Response, provider: str) -> ProviderAddress:
        """Where the browser goes; what comes back is taken on this workstation and in this browser alone, for ten minutes."""
        attempt = attempt_of(request, provider)
        attempt.flow = secrets.token_urlsafe(32)
        try:
            address = await single_sign_on.begin(attempt, f"{own_origin(request)}/sign-in/{provider}")
        except FengsuiError as error:
            await note(request, attempt, error)
            raise
        response.set_cookie(
            cookie_name(request, FLOW),
            attempt.flow,
            max_age=int(FLOW_LIFE_S),
            httponly=True,
            samesite="strict",
            secure=is_secure(request),
            path="/",
        )
        return ProviderAddress(url=address)

    @routes.post("/session/providers/{provider}/answer", status_code=201, operation_id="finishProviderSignIn")
    async def finish(request: Request, response: Response, provider: str, body: ProviderAnswer) -> Session:
        """Begin a session with what the provider answered; 401 `access.second_factor_needed`: go on with `…/code`."""
        attempt = attempt_of(request, provider)
        try:
            signed = await single_sign_on.finish(
                attempt, recording(request, told(attempt)), state=body.state, code=body.code, error=body.error, issuer=body.iss
            )
        except FengsuiError as error:
            await note(request, attempt, error)
            raise
        return await session(request, response, signed)

    @routes.post("/session/providers/{provider}/code", status_code=201, operation_id="proveProviderSignIn")
    async def prove(request: Request, response: Response, provider: str, body: Code) -> Session:
        """The code of the own authenticator, after the provider's answer."""
        attempt = attempt_of(request, provider)
        try:
            signed = await single_sign_on.prove(attempt, recording(request, told(attempt)), body.code)
        except FengsuiError as error:
            await note(request, attempt, error)
            raise
        return await session(request, response, signed)

    return routes
