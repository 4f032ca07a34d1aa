"""New users and their posts over HTTP, for security administrators: the account at once, the posts by a second person."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import Depends, Request

from fengsui.features.access import (
    Function,
    NewAppointment,
    Order,
    People,
    PersonShape,
    Principal,
    Shapes,
    address_of,
    dates_of,
    mask_of,
    recorded,
    require,
)
from fengsui.features.appointments.actions import Appointments
from fengsui.features.appointments.kind import said
from fengsui.features.appointments.schemas import (
    AddedPerson,
    Appointed,
    OrderedAccount,
    OrderedAppointment,
    OrderedPerson,
    OrderedReset,
    WithGrounds,
)
from fengsui.features.approvals import Approvals, Document, RequestShape, request_shape
from fengsui.features.audit import Act, Audit
from fengsui.late_routes import LateRoutes


async def _keeper(request: Request, who: Annotated[Principal, Depends(require(Function.MANAGE_PEOPLE))]) -> Principal:
    """Whoever asks, with the address that this very request came from."""
    return replace(who, address=address_of(request))


Keeper = Annotated[Principal, Depends(_keeper)]


def _order(body: NewAppointment) -> Order:
    since = None if body.valid_from is None else body.valid_from.timestamp()
    until = None if body.valid_until is None else body.valid_until.timestamp()
    return Order(body.post, body.area, mask_of(body.classes), since, until, body.rank or "")


def _document(body: WithGrounds) -> Document | None:
    return None if body.document is None else Document(**body.document.model_dump(mode="json"))


def router(people: People, appointments: Appointments, approvals: Approvals, shapes: Shapes) -> LateRoutes:
    """The routes."""
    routes = LateRoutes(tags=["users"])

    @routes.post("/users", status_code=201, operation_id="addUser")
    async def add(request: Request, who: Keeper, body: OrderedPerson) -> AddedPerson:
        """A new user with a first password that is told once; what posts it shall have another administrator approves."""
        orders = [_order(one) for one in body.appointments]
        await people.may_place(who, body.unit, orders)
        await people.refuse_for(who, body.name, body.personnel_number, orders)
        if orders:
            await appointments.refuse_unready(who, body.reason, _document(body))
        audit: Audit = request.app.state.audit
        await audit.record(who, Act.USER_ADD, body.name, detail="; ".join(f"asked for: {said(order)}" for order in orders))
        facts = dates_of(body.model_dump(exclude={"name", "unit", "appointments", "reason", "document"}))
        made, password = await people.add(who, body.name, body.unit, **facts)
        row = await appointments.appoint(who, made.row.id, orders, body.reason, _document(body)) if orders else None
        shape = None if row is None else request_shape(approvals, who, row)
        return AddedPerson(user=shapes.person(await people.get(who, made.row.id)), password=password, request=shape)

    @routes.post("/users/{user}/appointments", status_code=202, operation_id="addAppointment")
    async def appoint(who: Keeper, user: int, body: OrderedAppointment) -> Appointed:
        """Ask for one more post; another security administrator approves."""
        row = await appointments.appoint(who, user, [_order(body)], body.reason, _document(body))
        shape = None if row is None else request_shape(approvals, who, row)
        return Appointed(user=shapes.person(await people.get(who, user)), request=shape)

    @routes.post("/users/{user}/appointments/{appointment}/acceptance", operation_id="acceptAppointment")
    async def accept(request: Request, who: Keeper, user: int, appointment: int, body: WithGrounds) -> PersonShape:
        """Accept an office, or a post that approves, which an identity provider's group gave: until then it opens nothing.

        It takes what a second person needs for an appointment: the rank, a reason, and the document where the pack wants one.
        """
        async with recorded(request, who, Act.APPOINTMENT_ADD, str(user)):
            name, said_of = await appointments.may_accept(who, user, appointment, body.reason, _document(body))
        audit: Audit = request.app.state.audit
        await audit.record(who, Act.APPOINTMENT_ADD, name, detail=said_of)
        return shapes.person(await people.accept(who, user, appointment))

    @routes.post("/users/{user}/reset", status_code=202, operation_id="proposeReset")
    async def reset(who: Keeper, user: int, body: OrderedReset) -> RequestShape:
        """Ask for a reset of who holds an office, approves or sees pictures; another person who approves decides.

        Once it is approved whoever asked gives the first password with `resetPassword`.
        """
        return request_shape(approvals, who, await appointments.ask_reset(who, user, body.way, body.reason, _document(body)))

    @routes.post("/users/{user}/change", status_code=202, operation_id="proposeUserChange")
    async def propose_change(who: Keeper, user: int, body: OrderedAccount) -> RequestShape:
        """Ask to enable an account of weight, or to set its dates of rule A9; another person who approves decides."""
        dates = dates_of(body.model_dump(exclude_unset=True, exclude={"enable", "reason", "document"}))
        facts = {**dates, **({"disabled": False} if body.enable else {})}
        return request_shape(approvals, who, await appointments.ask_account(who, user, facts, body.reason, _document(body)))

    return routes
