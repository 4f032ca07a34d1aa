"""The shift log, standing orders and handovers over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import msgspec
from fastapi import Depends, Query, Request

from fengsui.features.access import Function, Principal, recorded, require
from fengsui.features.audit import Act
from fengsui.features.duty.log_model import Entry, Handover, Orders, ShiftFigures
from fengsui.features.duty.log_schemas import (
    DownShape,
    HandoverList,
    HandoverShape,
    LogEntry,
    LogOrder,
    LogPage,
    MatterShape,
    OrdersList,
    OrdersOrder,
    OrdersShape,
    PassingShape,
    ShiftFiguresShape,
)
from fengsui.features.duty.ports import Matter
from fengsui.features.duty.rooms import DutyRooms
from fengsui.features.duty.shift_log import PAGE
from fengsui.late_routes import LateRoutes

Worker = Annotated[Principal, Depends(require(Function.TAKE_DUTY))]
Supervisor = Annotated[Principal, Depends(require(Function.MANAGE_DUTY))]
Reader = Annotated[Principal, Depends(require(Function.TAKE_DUTY, Function.READ_DUTY_LOG))]


def _time(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def _entry(one: Entry, english: str = "") -> LogEntry:
    return LogEntry(
        number=one.number,
        shift=one.shift,
        user_id=one.user_id,
        name=one.name,
        at=_time(one.at),
        kind=one.kind,
        text=one.text,
        text_en=english,
        corrects=one.corrects,
    )


def _orders(one: Orders) -> OrdersShape:
    return OrdersShape(version=one.version, text=one.text, name=one.name, at=_time(one.at) if one.version else None)


def _figures(one: ShiftFigures) -> ShiftFiguresShape:
    told = msgspec.to_builtins(one)
    return ShiftFiguresShape(**{**told, "since": _time(one.since), "until": _time(one.until)})


def _handover(one: Handover) -> HandoverShape:
    down = [
        DownShape(code=device.code, name=device.name, state=device.state, since=_time(device.since) if device.since else None)
        for device in one.down
    ]
    return HandoverShape(
        id=one.id,
        seat=one.seat,
        from_name=one.from_name,
        to_name=one.to_name,
        orders=one.orders,
        entry=one.entry,
        down=down,
        down_in_all=one.down_in_all,
        matters=list(one.matters),
        remarks=one.remarks,
        offered_at=_time(one.offered_at),
        accepted_at=_time(one.accepted_at) if one.accepted_at else None,
        figures=None if one.figures is None else _figures(one.figures),
    )


def matter_shape(one: Matter) -> MatterShape:
    """As lists show it."""
    return MatterShape(id=one.id, zh=one.zh, en=one.en)


def router(rooms: DutyRooms) -> LateRoutes:
    """The routes of the shift log."""
    routes = LateRoutes()

    @routes.get("/duty/centres/{centre}/log", operation_id="listLog")
    async def list_log(who: Reader, centre: int, cursor: Annotated[int, Query(ge=0)] = 0) -> LogPage:
        """For whoever sits there or is offered a seat there, supervisors, inspectors and the audit office."""
        found = await rooms.log.entries(who, centre, cursor)
        more = len(found) == PAGE and found[-1].number > 1
        english = await rooms.log.in_english(centre, found)
        return LogPage(items=[_entry(one, english.get(one.number, "")) for one in found], next=found[-1].number if more else None)

    @routes.post("/duty/log", status_code=201, operation_id="addLogEntry")
    async def add_entry(request: Request, who: Worker, body: LogOrder) -> LogEntry:
        """Write something down on one's own shift; it is never changed, a correction is another entry."""
        async with recorded(request, who, Act.DUTY_LOG, ""):
            return _entry(await rooms.log.write(who, body.kind, body.text.strip(), body.corrects))

    @routes.get("/duty/centres/{centre}/orders", operation_id="listOrders")
    async def list_orders(who: Reader, centre: int) -> OrdersList:
        """Every version of a centre's standing orders."""
        return OrdersList(items=[_orders(one) for one in await rooms.log.orders(who, centre)])

    @routes.post("/duty/centres/{centre}/orders", status_code=201, operation_id="addOrders")
    async def add_orders(request: Request, who: Supervisor, centre: int, body: OrdersOrder) -> OrdersShape:
        """Another version; whoever takes a seat over acknowledges it."""
        async with recorded(request, who, Act.DUTY_ORDERS, str(centre)):
            return _orders(await rooms.log.order(who, centre, body.text.strip()))

    @routes.get("/duty/centres/{centre}/handovers", operation_id="listHandovers")
    async def list_handovers(who: Reader, centre: int) -> HandoverList:
        """Who handed which seat to whom, with what."""
        return HandoverList(items=[_handover(one) for one in await rooms.log.handovers(who, centre)])

    @routes.get("/duty/shifts/{shift}/handover", operation_id="getHandover")
    async def passing(who: Worker, shift: int) -> PassingShape:
        """What passes with a seat that is offered, for both who sign."""
        handover, orders, entries = await rooms.hand_overs.offered(who, shift)
        uses = [matter_shape(one) for one in rooms.hand_overs.left_by(handover.from_user)]
        english = await rooms.log.in_english(handover.centre, entries)
        log = [_entry(one, english.get(one.number, "")) for one in entries]
        return PassingShape(handover=_handover(handover), orders=_orders(orders), log=log, uses=uses)

    return routes
