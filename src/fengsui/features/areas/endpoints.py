"""The tree of divisions over HTTP: what an appointment or a unit can be for, and where a camera can be shown."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Depends, Request
from pydantic import BaseModel

from fengsui.features.access import Function, Principal, require, scope_for
from fengsui.features.areas.model import Divisions
from fengsui.late_routes import LateRoutes

KEEPING = Function.MANAGE_PEOPLE, Function.MANAGE_DEVICES
Keeper = Annotated[Principal, Depends(require(*KEEPING))]


class DivisionShape(BaseModel):
    """A province, city or county; `parent` empty at the top."""

    code: str
    name: str
    parent: str
    level: Literal["province", "city", "county"]


class DivisionList(BaseModel):
    """The tree as a list, by code. `whole`: the caller may also choose everywhere."""

    items: list[DivisionShape]
    whole: bool


def router(divisions: Divisions) -> LateRoutes:
    """The routes of divisions."""
    routes = LateRoutes(tags=["areas"])

    @routes.get("/divisions", operation_id="listDivisions")
    async def list_divisions(request: Request, who: Keeper) -> DivisionList:
        """The divisions where one keeps people or devices."""
        held = [scope_for(request, who, function) for function in KEEPING]

        def holds(code: str) -> bool:
            return any(scope.holds(code) for scope in held)

        items = [DivisionShape.model_validate(one, from_attributes=True) for one in divisions.all() if holds(one.code)]
        return DivisionList(items=items, whole=holds(""))

    return routes
