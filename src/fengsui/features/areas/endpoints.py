"""The tree of divisions over HTTP: what an appointment or a unit can be for."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel

from fengsui.features.access import Function, Principal, require
from fengsui.features.access.permissions import scope_for
from fengsui.features.areas.model import Divisions


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


def router(divisions: Divisions) -> APIRouter:
    """The routes of divisions."""
    routes = APIRouter(tags=["areas"])

    @routes.get("/divisions", operation_id="listDivisions")
    async def list_divisions(request: Request, who: Annotated[Principal, Depends(require(Function.MANAGE_PEOPLE))]) -> DivisionList:
        """The divisions of one's own area."""
        holds = scope_for(request, who, Function.MANAGE_PEOPLE).holds
        items = [DivisionShape.model_validate(one, from_attributes=True) for one in divisions.all() if holds(one.code)]
        return DivisionList(items=items, whole=holds(""))

    return routes
