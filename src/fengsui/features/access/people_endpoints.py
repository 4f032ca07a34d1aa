"""Users over HTTP, for the administrator."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Request

from fengsui.features.access.model import Function, Principal
from fengsui.features.access.people import People, Person
from fengsui.features.access.permissions import require
from fengsui.features.access.schemas import MadePerson, NewPerson, PersonChange, PersonList, PersonShape, Role
from fengsui.features.audit import Act, Audit

Keeper = Annotated[Principal, Depends(require(Function.MANAGE_PEOPLE))]


def _shape(person: Person) -> PersonShape:
    return PersonShape(
        id=person.id,
        name=person.name,
        role=cast(Role, person.role),
        disabled=person.disabled,
        locked=person.locked,
        must_change_password=person.must_change_password,
        created_at=datetime.fromtimestamp(person.created_at, UTC),
        signed_in_at=datetime.fromtimestamp(person.signed_in_at, UTC) if person.signed_in_at else None,
    )


def router(people: People) -> APIRouter:
    """The routes of users."""
    routes = APIRouter(prefix="/users", tags=["users"])

    async def note(request: Request, who: Principal, act: Act, target: str, detail: str = "") -> None:
        audit: Audit = request.app.state.audit
        await audit.record(who, act, target, detail=detail)

    @routes.get("", operation_id="listUsers")
    async def list_users(who: Keeper) -> PersonList:
        """Every user."""
        return PersonList(items=[_shape(person) for person in await people.all()])

    @routes.post("", status_code=201, operation_id="addUser")
    async def add(request: Request, who: Keeper, body: NewPerson) -> MadePerson:
        """A new user with a first password that is told once."""
        await note(request, who, Act.USER_ADD, body.name, body.role)
        made, password = await people.add(body.name, body.role)
        return MadePerson(user=_shape(made), password=password)

    @routes.patch("/{user}", operation_id="changeUser")
    async def change(request: Request, who: Keeper, user: int, body: PersonChange) -> PersonShape:
        """Disable a user, which ends every session and picture of theirs, or enable one."""
        await note(request, who, Act.USER_DISABLE if body.disabled else Act.USER_ENABLE, (await people.get(user)).name)
        return _shape(await people.set_disabled(who, user, disabled=body.disabled))

    @routes.post("/{user}/password", operation_id="resetPassword")
    async def reset(request: Request, who: Keeper, user: int) -> MadePerson:
        """A new first password, told once; ends every session of the user."""
        await note(request, who, Act.USER_RESET_PASSWORD, (await people.get(user)).name)
        password = await people.reset_password(who, user)
        return MadePerson(user=_shape(await people.get(user)), password=password)

    @routes.post("/{user}/unlock", status_code=204, operation_id="unlockUser")
    async def unlock(request: Request, who: Keeper, user: int) -> None:
        """Forget the wrong passwords."""
        await note(request, who, Act.USER_UNLOCK, (await people.get(user)).name)
        await people.unlock(user)

    return routes
