"""Who reads the audit log: the audit office of the whole node, for a record says no area (rules A7, A32)."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from fengsui.features.access.actions import Access
from fengsui.features.access.decision import Place
from fengsui.features.access.model import Principal
from fengsui.features.access.permissions import refused_person, require
from fengsui.features.access.posts import Function
from fengsui.features.access.refusals import Refusal


async def whole_log(request: Request, who: Annotated[Principal, Depends(require(Function.READ_AUDIT))]) -> Principal:
    """For a route's signature: an auditor of one area alone is refused, on record. Raises Refusal, AuditUnavailable."""
    access: Access = request.app.state.access
    try:
        access.check(who, Function.READ_AUDIT, Place("审计日志 audit log", ""))
    except Refusal as error:
        await refused_person(request, who, error)
        raise
    return who
