"""One's own account over HTTP: second factor, passkeys, sessions, tokens for programs. No record, no act."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Request, Response

from fengsui.errors import FengsuiError
from fengsui.features.access.actions import Access
from fengsui.features.access.api_tokens import ApiToken
from fengsui.features.access.endpoints import begin_session, origin_of, proof_of, recording, workstation_of
from fengsui.features.access.model import MustChangePassword, Principal
from fengsui.features.access.passkeys import Passkey
from fengsui.features.access.permissions import address_of, from_own_site, refused_stranger, signed_in
from fengsui.features.access.posts import Function
from fengsui.features.access.provider_errors import ProviderAccount
from fengsui.features.access.refused_acts import recorded
from fengsui.features.access.schemas import (
    AccountShape,
    ApiTokenList,
    ApiTokenShape,
    Code,
    EnrolmentShape,
    FreshProof,
    MadeApiToken,
    NewApiToken,
    NewPasskey,
    PasskeyAnswer,
    PasskeyList,
    PasskeyOptions,
    PasskeyShape,
    RecoveryCodes,
    Session,
    SessionList,
    SessionShape,
)
from fengsui.features.audit import Act, Audit
from fengsui.late_routes import LateRoutes

router = LateRoutes(tags=["account"])


async def own_password_set(me: Annotated[Principal, Depends(signed_in)]) -> Principal:
    """A person whose password is their own; a second factor may be still to come. Raises MustChangePassword."""
    if me.must_change_password:
        raise MustChangePassword()
    return me


Me = Annotated[Principal, Depends(own_password_set)]


def _access(request: Request) -> Access:
    access: Access = request.app.state.access
    return access


async def _keeps_passkeys(request: Request, me: Me) -> Principal:
    """Whose account is of this node: a passkey would open it while the provider says no. Raises ProviderAccount."""
    provider = (await _access(request).proofs.account(me)).provider
    if provider:
        raise ProviderAccount(provider=provider)
    return me


Keeper = Annotated[Principal, Depends(_keeps_passkeys)]


async def _note(request: Request, me: Principal, act: Act, target: str = "", detail: str = "") -> None:
    audit: Audit = request.app.state.audit
    await audit.record(me, act, target or me.name, detail=detail)


async def _prove(request: Request, me: Principal, act: Act, shown: FreshProof, target: str = "") -> None:
    """Before a way to sign in comes or goes; what is wrong is on record as the act's refusal."""
    async with recorded(request, me, act, target or me.name):
        await _access(request).proofs.fresh(me, proof_of(request, shown))


def _time(at: float) -> datetime | None:
    return datetime.fromtimestamp(at, UTC) if at else None


def _passkey(found: Passkey) -> PasskeyShape:
    return PasskeyShape(
        id=found.id, name=found.name, created_at=datetime.fromtimestamp(found.created_at, UTC), used_at=_time(found.used_at)
    )


def _token(found: ApiToken) -> ApiTokenShape:
    return ApiTokenShape(
        id=found.id,
        name=found.name,
        functions=[Function(word) for word in found.functions],
        area=found.area,
        networks=list(found.networks),
        created_at=datetime.fromtimestamp(found.created_at, UTC),
        expires_at=datetime.fromtimestamp(found.expires_at, UTC),
        used_at=_time(found.used_at),
    )


@router.get("/account", operation_id="getAccount")
async def account(request: Request, me: Me) -> AccountShape:
    """How one signs in."""
    found = await _access(request).proofs.account(me)
    left = await _access(request).second_factors.recovery_codes_left(me.user_id)
    return AccountShape(
        policy=found.policy,
        authenticator=found.authenticator,
        passkeys=found.passkeys,
        recovery_codes_left=left,
        must_enrol=found.must_enrol,
        provider=found.provider,
    )


@router.post("/account/authenticator", status_code=201, operation_id="beginAuthenticator")
async def begin_authenticator(request: Request, me: Me, body: FreshProof) -> EnrolmentShape:
    """A new secret for an authenticator app, with a proof that it is still the same person; in force with its first code."""
    await _prove(request, me, Act.SECOND_FACTOR_BEGIN, body)
    await _note(request, me, Act.SECOND_FACTOR_BEGIN)
    made = await _access(request).second_factors.begin(me.user_id, me.name)
    return EnrolmentShape(secret=made.secret, uri=made.uri)


@router.post("/account/authenticator/confirm", operation_id="confirmAuthenticator")
async def confirm_authenticator(request: Request, me: Me, body: Code) -> RecoveryCodes:
    """The first code; the recovery codes are told once."""
    await _note(request, me, Act.SECOND_FACTOR_CONFIRM)
    async with _access(request).proofs.counted(me):
        codes = await _access(request).second_factors.confirm(me.user_id, body.code)
    _access(request).forget_cached()
    return RecoveryCodes(codes=codes)


@router.post("/account/authenticator/end", status_code=204, operation_id="endAuthenticator")
async def end_authenticator(request: Request, me: Me, body: Code) -> None:
    """Give the authenticator up, with one more code of it."""
    await _note(request, me, Act.SECOND_FACTOR_END)
    await _access(request).end_factor(me, body.code)


@router.post("/account/recovery-codes", operation_id="renewRecoveryCodes")
async def renew_recovery_codes(request: Request, me: Me, body: Code) -> RecoveryCodes:
    """New recovery codes; the old ones end."""
    await _note(request, me, Act.RECOVERY_CODES)
    async with _access(request).proofs.counted(me):
        return RecoveryCodes(codes=await _access(request).second_factors.renew_recovery_codes(me.user_id, body.code))


@router.get("/account/passkeys", operation_id="listPasskeys")
async def list_passkeys(request: Request, me: Me) -> PasskeyList:
    """One's own passkeys."""
    return PasskeyList(items=[_passkey(found) for found in await _access(request).passkeys.of(me.user_id)])


@router.post("/account/passkeys/options", operation_id="beginPasskey")
async def begin_passkey(request: Request, me: Keeper, body: FreshProof) -> PasskeyOptions:
    """Options for `navigator.credentials.create`, with a proof that it is still the same person."""
    await _prove(request, me, Act.PASSKEY_ADD, body)
    options = await _access(request).passkeys.begin_registration(origin_of(request), me.user_id, me.name, me.session)
    return PasskeyOptions(options=options)


@router.post("/account/passkeys", status_code=201, operation_id="addPasskey")
async def add_passkey(request: Request, me: Keeper, body: NewPasskey) -> PasskeyShape:
    """Keep a new passkey: the answer to options that this session asked for with a proof."""
    await _note(request, me, Act.PASSKEY_ADD, body.name)
    keys = _access(request).passkeys
    made = await keys.finish_registration(origin_of(request), me.user_id, body.name, body.credential, me.session)
    _access(request).forget_cached()
    return _passkey(made)


@router.post("/account/passkeys/{passkey}/end", status_code=204, operation_id="removePasskey")
async def remove_passkey(request: Request, me: Me, passkey: int, body: FreshProof) -> None:
    """Give a passkey up, with a proof that it is still the same person; tokens for programs end with it."""
    await _prove(request, me, Act.PASSKEY_REMOVE, body, str(passkey))
    await _note(request, me, Act.PASSKEY_REMOVE, str(passkey))
    await _access(request).end_passkey(me, passkey)


@router.post("/session/passkey/options", operation_id="beginPasskeySignIn", dependencies=[Depends(from_own_site)])
async def begin_passkey_sign_in(request: Request) -> PasskeyOptions:
    """Options for `navigator.credentials.get`; open to whoever wants to sign in."""
    return PasskeyOptions(options=_access(request).passkeys.begin_sign_in(origin_of(request)))


@router.post("/session/passkey", status_code=201, operation_id="signInByPasskey", dependencies=[Depends(from_own_site)])
async def sign_in_by_passkey(request: Request, response: Response, body: PasskeyAnswer) -> Session:
    """Begin a session with a passkey."""
    try:
        signed = await _access(request).sign_in_by_passkey(
            origin_of(request), body.credential, address_of(request), workstation_of(request), record=recording(request)
        )
    except FengsuiError as error:
        await refused_stranger(request, "", error)
        raise
    return await begin_session(request, response, signed)


@router.get("/account/sessions", operation_id="listSessions")
async def list_sessions(request: Request, me: Me) -> SessionList:
    """Where one is signed in."""
    found = await _access(request).sessions(me.user_id)
    return SessionList(
        items=[
            SessionShape(
                id=one.id,
                address=one.address,
                workstation=one.workstation,
                created_at=datetime.fromtimestamp(one.created_at, UTC),
                used_at=datetime.fromtimestamp(one.used_at, UTC),
                current=one.id == me.session,
                locked=one.locked_at > 0,
            )
            for one in found
        ]
    )


@router.delete("/account/sessions/{session}", status_code=204, operation_id="endSession")
async def end_session(request: Request, me: Me, session: str) -> None:
    """End one session and every picture that it opened."""
    await _note(request, me, Act.SESSION_REVOKE, session)
    await _access(request).end_session(me.user_id, session)


@router.get("/account/tokens", operation_id="listTokens")
async def list_tokens(request: Request, me: Me) -> ApiTokenList:
    """One's own tokens for programs."""
    return ApiTokenList(items=[_token(found) for found in await _access(request).api_tokens.of(me.user_id)])


@router.post("/account/tokens", status_code=201, operation_id="addToken")
async def add_token(request: Request, me: Me, body: NewApiToken) -> MadeApiToken:
    """A token with some of one's own functions, until a day, where one wants for an area and from some networks alone.

    It takes a proof that it is still the same person, for it lasts longer than any session. Its text is told once.
    """
    access = _access(request)
    access.check_enrolled(me)
    async with recorded(request, me, Act.TOKEN_ADD, body.name):
        await access.proofs.again(me, body.proof)
    bounds = f"{'+'.join(sorted(body.functions))} in {body.area or '*'} from {'+'.join(body.networks) or '*'}, {body.days} days"
    await _note(request, me, Act.TOKEN_ADD, body.name, bounds)
    made, text = await access.api_tokens.make(me, body.name, body.functions, body.days, area=body.area, networks=body.networks)
    return MadeApiToken(token=_token(made), text=text)


@router.delete("/account/tokens/{token}", status_code=204, operation_id="removeToken")
async def remove_token(request: Request, me: Me, token: int) -> None:
    """It opens nothing from now on, and what it opened is closed."""
    await _note(request, me, Act.TOKEN_REMOVE, str(token))
    ended = await _access(request).api_tokens.remove(me.user_id, token)
    _access(request).forget_sessions([ended])
