"""The locked screen over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from fengsui.errors import FengsuiError
from fengsui.features.access.actions import Access
from fengsui.features.access.endpoints import origin_of
from fengsui.features.access.model import Principal
from fengsui.features.access.permissions import signed_in, signed_in_though_locked
from fengsui.features.access.schemas import Locking, PasskeyOptions, ScreenLockShape, Unlocking
from fengsui.features.access.screen_lock import ways_to_unlock
from fengsui.features.audit import Act, Audit, Result, Stranger
from fengsui.late_routes import LateRoutes

router = LateRoutes(tags=["access"])
Me = Annotated[Principal, Depends(signed_in)]
MeThoughLocked = Annotated[Principal, Depends(signed_in_though_locked)]


def _access(request: Request) -> Access:
    access: Access = request.app.state.access
    return access


def _audit(request: Request) -> Audit:
    audit: Audit = request.app.state.audit
    return audit


@router.get("/session/lock", operation_id="getScreenLock")
async def screen_lock(request: Request, me: MeThoughLocked) -> ScreenLockShape:
    """Whether the session is locked, whose it is, and how it is unlocked."""
    found = await _access(request).proofs.account(me)
    locked, ways = await _access(request).screens.is_locked(me), ways_to_unlock(found)
    return ScreenLockShape(locked=locked, name=me.name, full_name=found.full_name, ways=list(ways))


@router.post("/session/lock", status_code=204, operation_id="lockScreen")
async def lock_screen(request: Request, me: Me, body: Locking) -> None:
    """The session opens nothing until the person proves to be there; its pictures are closed now."""
    _audit(request).record_end(me, Act.SCREEN_LOCK, me.name, detail=body.why)
    await _access(request).screens.lock(me.session)


@router.post("/session/unlock/options", operation_id="beginPasskeyUnlock")
async def begin_passkey_unlock(request: Request, me: MeThoughLocked) -> PasskeyOptions:
    """What the browser needs to ask for one of this person's keys; the answer opens this session alone."""
    options = await _access(request).passkeys.begin_unlock(origin_of(request), me.user_id, me.session)
    return PasskeyOptions(options=options)


@router.post("/session/unlock", status_code=204, operation_id="unlockScreen")
async def unlock_screen(request: Request, me: MeThoughLocked, body: Unlocking) -> None:
    """The person is there again. No record, no act."""
    audit, proofs = _audit(request), _access(request).proofs
    try:
        if body.credential is None:
            await proofs.unlock(me, body.password, body.code)
        else:
            await proofs.unlock_by_passkey(me, origin_of(request), body.credential)
    except FengsuiError as error:
        who = Stranger(me.name, me.address, me.workstation, session=me.session)
        await audit.record_stranger(who, Act.SCREEN_UNLOCK, result=Result.FAILED, detail=error.code)
        raise
    await audit.record(me, Act.SCREEN_UNLOCK, me.name)
    await _access(request).screens.unlock(me)


@router.post("/session/work", status_code=204, operation_id="reportWork")
async def report_work(request: Request, me: Me) -> None:
    """Pointer or keyboard were used: what keeps the console open. Its own requests do not."""
    await _access(request).screens.work(me)
