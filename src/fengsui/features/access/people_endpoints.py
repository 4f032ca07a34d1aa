"""People, their appointments and units over HTTP, for security administrators. The record stands before the act."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import Depends, Request

from fengsui.clock import Clock
from fengsui.features.access.group_mapping import WAITS
from fengsui.features.access.model import Principal
from fengsui.features.access.people import Kept, People
from fengsui.features.access.people_schemas import (
    AppointmentShape,
    LapseList,
    LapseShape,
    MadePerson,
    NewUnit,
    PersonChange,
    PersonList,
    PersonShape,
    PostList,
    PostShape,
    UnitList,
    UnitShape,
)
from fengsui.features.access.permissions import require
from fengsui.features.access.posts import OFFICES, POSTS, Function, Post, classes_of, sees_footage
from fengsui.features.access.queries import Row
from fengsui.features.access.ranks import rank_in
from fengsui.features.access.units import Units
from fengsui.features.audit import Act, Audit, told_changes
from fengsui.late_routes import LateRoutes

Keeper = Annotated[Principal, Depends(require(Function.MANAGE_PEOPLE))]
Overseer = Annotated[Principal, Depends(require(Function.MANAGE_PEOPLE, Function.MANAGE_DUTY))]
NameOf = Callable[[str], str]


def _time(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def dates_of(facts: dict[str, Any]) -> dict[str, Any]:
    """The dates of rule A9 as they are stored."""
    days = ("vetted_on", "undertaking_on", "training_until")
    stored = {name: ("" if value is None else value.isoformat()) if name in days else value for name, value in facts.items()}
    return stored | ({"certificate_no": (facts["certificate_no"] or "").strip()} if "certificate_no" in facts else {})


class Shapes:
    """Rows as the API shows them. `name_of`: an area's name by its code."""

    def __init__(self, name_of: NameOf, clock: Clock) -> None:
        self._name_of = name_of
        self._clock = clock

    def appointment(self, row: Row) -> AppointmentShape:
        """One that is not withdrawn."""
        now = self._clock.now().timestamp()
        return AppointmentShape(
            id=row.id,
            post=Post(row.post),
            area=row.area,
            area_name=self._name_of(row.area) if row.area else "",
            classes=classes_of(row.classes),
            valid_from=_time(row.valid_from),
            valid_until=None if row.valid_until is None else _time(row.valid_until),
            in_force=row.valid_from <= now and (row.valid_until is None or now < row.valid_until),
            rank=rank_in(Post(row.post), row.rank),
            made_at=_time(row.made_at),
            made_by=row.made_by,
            approved_by=row.approved_by,
            group=row.given_by_group,
            waits=row.valid_from >= WAITS,
        )

    def person(self, kept: Kept) -> PersonShape:
        """A user."""
        row = kept.row
        return PersonShape(
            id=row.id,
            name=row.name,
            full_name=row.full_name,
            personnel_number=row.personnel_number,
            unit=row.unit_id,
            unit_name=row.unit_name,
            area=kept.area,
            area_name=self._name_of(kept.area) if kept.area else "",
            appointments=[self.appointment(one) for one in kept.appointments],
            vetted_on=_day(row.vetted_on),
            undertaking_on=_day(row.undertaking_on),
            training_until=_day(row.training_until),
            certificate_no=row.certificate_no,
            closed_zh=kept.closed[0],
            closed_en=kept.closed[1],
            disabled=bool(row.disabled),
            locked=kept.locked,
            must_change_password=bool(row.must_change_password),
            created_at=_time(row.created_at),
            signed_in_at=_time(row.signed_in_at) if row.signed_in_at else None,
            provider=row.provider,
        )


def router(people: People, units: Units, name_of: NameOf, clock: Clock) -> LateRoutes:
    """The routes of people and units. `name_of`: an area's name by its code."""
    routes = LateRoutes(tags=["users"])
    shape = Shapes(name_of, clock).person

    async def note(request: Request, who: Principal, act: Act, target: str, detail: str = "") -> None:
        audit: Audit = request.app.state.audit
        await audit.record(who, act, target, detail=detail)

    def unit_shape(row: Row) -> UnitShape:
        return UnitShape(
            id=row.id, name=row.name, area=row.area, area_name=name_of(row.area) if row.area else "", people=row.people
        )

    @routes.get("/posts", operation_id="listPosts")
    async def list_posts(who: Keeper) -> PostList:
        """Every post and the functions it gives."""
        return PostList(
            items=[
                PostShape(post=post, functions=sorted(functions), office=post in OFFICES, sees_footage=sees_footage(post))
                for post, functions in POSTS.items()
            ]
        )

    @routes.get("/organisations", operation_id="listOrganisations")
    async def list_units(who: Keeper) -> UnitList:
        """The units of one's own area."""
        return UnitList(items=[unit_shape(row) for row in await units.all(who)])

    @routes.post("/organisations", status_code=201, operation_id="addOrganisation")
    async def add_unit(request: Request, who: Keeper, body: NewUnit) -> UnitShape:
        """A new unit in the area tree."""
        await note(request, who, Act.UNIT_ADD, body.name, body.area)
        return unit_shape(await units.add(who, body.name, body.area))

    @routes.put("/organisations/{unit}", operation_id="changeOrganisation")
    async def change_unit(request: Request, who: Keeper, unit: int, body: NewUnit) -> UnitShape:
        """Another name or area; its people move with it."""
        found = await units.get(who, unit)
        await note(request, who, Act.UNIT_CHANGE, found.name, told_changes(dict(found._mapping), body.model_dump()))
        return unit_shape(await units.change(who, unit, body.name, body.area))

    @routes.delete("/organisations/{unit}", status_code=204, operation_id="removeOrganisation")
    async def remove_unit(request: Request, who: Keeper, unit: int) -> None:
        """An empty unit."""
        found = await units.get(who, unit)
        await note(request, who, Act.UNIT_REMOVE, found.name)
        await units.remove(who, unit)

    @routes.get("/users", operation_id="listUsers")
    async def list_users(who: Keeper) -> PersonList:
        """The users of one's own area."""
        return PersonList(items=[shape(kept) for kept in await people.all(who)])

    @routes.get("/lapsing-people", operation_id="listLapsing")
    async def list_lapsing(who: Overseer) -> LapseList:
        """Whose vetting, undertaking or training is missing, has lapsed or does so within thirty days, in one's own area (A9)."""
        found = [
            LapseShape(
                user_id=row.id,
                name=row.name,
                full_name=row.full_name,
                unit=row.unit_name,
                what=one.what,
                state=one.state,
                until=_day(one.until),
                certificate_no=row.certificate_no if one.what == "training" else "",
            )
            for row, one in await people.lapsing(who)
        ]
        return LapseList(items=found)

    @routes.get("/users/{user}", operation_id="getUser")
    async def get(who: Keeper, user: int) -> PersonShape:
        """One user."""
        return shape(await people.get(who, user))

    @routes.patch("/users/{user}", operation_id="changeUser")
    async def change(request: Request, who: Keeper, user: int, body: PersonChange) -> PersonShape:
        """Unit, name, the dates of rule A9; disable a user, which ends every session and picture of theirs, or enable one."""
        before = (await people.get(who, user)).row
        facts = dates_of(body.model_dump(exclude_unset=True))
        if facts.get("disabled") is None:
            facts.pop("disabled", None)
            act = Act.USER_CHANGE
        else:
            act = Act.USER_DISABLE if facts["disabled"] else Act.USER_ENABLE
        facts |= {text: (facts[text] or "").strip() for text in ("full_name", "personnel_number") if text in facts}
        if "unit" in facts:
            facts["unit_id"] = facts.pop("unit")
        await note(request, who, act, before.name, told_changes(dict(before._mapping), facts))
        return shape(await people.change(who, user, **facts)) if facts else shape(await people.get(who, user))

    @routes.delete("/users/{user}/appointments/{appointment}", operation_id="endAppointment")
    async def withdraw(request: Request, who: Keeper, user: int, appointment: int) -> PersonShape:
        """Withdraw an appointment; pictures that only it opens end at once."""
        found = await people.appointment(who, user, appointment)
        name = (await people.get(who, user)).row.name
        await note(request, who, Act.APPOINTMENT_END, name, f"{found.post} in {found.area or '*'}")
        return shape(await people.withdraw(who, user, appointment))

    @routes.post("/users/{user}/password", operation_id="resetPassword")
    async def reset(request: Request, who: Keeper, user: int) -> MadePerson:
        """A new first password, told once; ends every session and token. Of who holds more than lists: after `proposeReset`."""
        found, why = await people.may_reset(who, user, password=True)
        await note(request, who, Act.USER_RESET_PASSWORD, found.row.name, why)
        password = await people.reset_password(who, user)
        return MadePerson(user=shape(await people.get(who, user)), password=password)

    @routes.delete("/users/{user}/second-factor", status_code=204, operation_id="resetFactor")
    async def reset_factor(request: Request, who: Keeper, user: int) -> None:
        """Take authenticator, recovery codes and passkeys away from whoever lost them; ends every session of the user."""
        found, why = await people.may_reset(who, user, password=False)
        await note(request, who, Act.USER_RESET_FACTOR, found.row.name, why)
        await people.reset_factor(who, user)

    @routes.post("/users/{user}/unlock", status_code=204, operation_id="unlockUser")
    async def unlock(request: Request, who: Keeper, user: int) -> None:
        """Forget the wrong passwords."""
        await note(request, who, Act.USER_UNLOCK, (await people.get(who, user)).row.name)
        await people.unlock(who, user)

    return routes
