"""Who reads the audit log: the audit office of the whole node, for a record says no area (rules A7, A32)."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from fengsui.features.access.actions import Access
from fengsui.features.access.decision import Place
from fengsui.features.access.model import Principal
from fengsui.features.access.permissions import refused_person, require
from fengsui.features.access.posts import Function
from fengsui.features.access.refusals import OutOfScope, Refusal


class WholeLogOnly(OutOfScope):
    """An audit office of one area: a wider appointment there is no way to the records of its own units either."""

    rule = "A32"
    zh = "审计日志由全节点的审计管理员查阅,您的任命限于部分区域"
    en = "The audit log is read by the audit office of the whole node; your appointment is for some areas"
    remedy_zh = "请向任命范围为全节点的审计管理员提出,由其出具本单位记录的签名摘录;本区域的紧急调看、审批和值班日志您可直接查阅"
    remedy_en = (
        "Ask an audit administrator appointed for the whole node for a signed extract with the records of your units; "
        "emergency accesses, requests and shift logs of your area are open to you"
    )


async def whole_log(request: Request, who: Annotated[Principal, Depends(require(Function.READ_AUDIT))]) -> Principal:
    """For a route's signature: an auditor of one area alone is refused, on record. Raises Refusal, AuditUnavailable."""
    access: Access = request.app.state.access
    try:
        access.check(who, Function.READ_AUDIT, Place("审计日志 audit log", ""))
    except OutOfScope as error:
        narrow = WholeLogOnly()
        await refused_person(request, who, narrow)
        raise narrow from error
    except Refusal as error:
        await refused_person(request, who, error)
        raise
    return who
