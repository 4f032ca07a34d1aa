"""What speaks against an act goes on record as its refusal, whoever finds it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Request

from fengsui.errors import FengsuiError, NodeFault
from fengsui.features.access.model import Principal
from fengsui.features.access.refusals import Refusal
from fengsui.features.audit import Act, Audit, Result


@asynccontextmanager
async def recorded(request: Request, who: Principal, act: Act, target: str = "") -> AsyncIterator[None]:
    """Around an act that records itself when it is allowed. Raises AuditUnavailable, and what the act raises."""
    audit: Audit = request.app.state.audit
    try:
        yield
    except NodeFault:
        raise
    except FengsuiError as error:
        if not (isinstance(error, Refusal) and error.recorded):
            under = error.ground if isinstance(error, Refusal) else None
            await audit.record(who, act, target, detail=error.code, result=Result.REFUSED, under=under)
        if isinstance(error, Refusal):
            error.recorded = True
        raise


@asynccontextmanager
async def foreign_recorded(
    request: Request, who: Principal, act: Act, target: str, foreign: type[FengsuiError]
) -> AsyncIterator[None]:
    """Around an act upon what is one's own: whoever reaches for another's (`foreign`) is on record.

    Raises AuditUnavailable, and what the act raises.
    """
    audit: Audit = request.app.state.audit
    try:
        yield
    except foreign as error:
        await audit.record(who, act, target, detail=f"{error.code}: not one's own", result=Result.REFUSED)
        raise
